#include "base/nobody.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <unistd.h>

/* The kernel forgets the death signal when the user changes. */
int nobody_become(void)
{
    int death_signal = 0;

    if (geteuid() != 0)
        return 0;
    const struct passwd *nobody = getpwnam("nobody");
    if (!nobody)
        return -ENOENT;
    if (prctl(PR_GET_PDEATHSIG, &death_signal) || setgroups(0, NULL) ||
        setresgid(nobody->pw_gid, nobody->pw_gid, nobody->pw_gid) ||
        setresuid(nobody->pw_uid, nobody->pw_uid, nobody->pw_uid) ||
        prctl(PR_SET_PDEATHSIG, death_signal))
        return -errno;
    return 0;
}

int nobody_give(int fd)
{
    if (geteuid() != 0)
        return 0;
    const struct passwd *nobody = getpwnam("nobody");
    if (!nobody)
        return -ENOENT;
    return fchown(fd, nobody->pw_uid, nobody->pw_gid) ? -errno : 0;
}
