#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "db/private_internal.h"

const struct passwd *private_owner(void)
{
    return geteuid() == 0 ? getpwnam("postgres") : getpwuid(geteuid());
}

/* Where the capability may not be kept (a container without it) we go on: it matters below closed
 * directories only. */
static void keep_search_right(void)
{
    const unsigned search = CAP_DAC_READ_SEARCH;
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    const struct __user_cap_data_struct data[2] = {
        {.effective = 1u << search, .permitted = 1u << search, .inheritable = 1u << search}};

    if (syscall(SYS_capset, &header, data) == 0)
        prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, search, 0, 0);
}

int private_become_owner(void)
{
    const struct passwd *owner = private_owner();

    if (!owner)
        return -ENOENT;
    if (geteuid() == 0) {
        prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
        if (initgroups(owner->pw_name, owner->pw_gid) ||
            setresgid(owner->pw_gid, owner->pw_gid, owner->pw_gid) ||
            setresuid(owner->pw_uid, owner->pw_uid, owner->pw_uid))
            return -errno;
        keep_search_right();
    }
    /* Nothing of ours leaks in, and no PG* variable turns PostgreSQL's head. */
    if (clearenv() || setenv("PATH", POSTGRES_BIN ":/usr/bin:/bin", 1) ||
        setenv("LC_ALL", "C.UTF-8", 1) || chdir("/"))
        return -errno;
    return 0;
}
