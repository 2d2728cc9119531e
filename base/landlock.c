#include "base/landlock.h"

#include <errno.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    READ = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
    WRITE = READ | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
            LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE,
    /* All that the first version of Landlock knows, which all later ones do. */
    ALL = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1,
};

static int allow(int ruleset, const struct landlock_folder *folder)
{
    struct landlock_path_beneath_attr rule = {.allowed_access = folder->write ? WRITE : READ,
                                              .parent_fd = folder->fd};

    return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) ? -errno
                                                                                         : 0;
}

int landlock_enter(const struct landlock_folder *folders, size_t count)
{
    const struct landlock_ruleset_attr attributes = {.handled_access_fs = ALL};
    int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0);
    int result = 0;

    if (ruleset < 0)
        return errno == EOPNOTSUPP ? -ENOSYS : -errno; /* built in, but turned off */
    for (size_t i = 0; !result && i < count; i++)
        result = allow(ruleset, &folders[i]);
    if (!result && syscall(SYS_landlock_restrict_self, ruleset, 0))
        result = -errno;
    close(ruleset);
    return result;
}
