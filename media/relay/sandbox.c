#include "media/relay/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/landlock.h"
#include "base/log.h"
#include "base/nobody.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

#ifndef SANITIZED
/* The loop, its sockets, the clock, randomness for keys, memory, and a clean end. Nothing opens a
 * socket any more; files are opened by the record's writer only. */
static const int allowed[] = {
    SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(recvmmsg),
    SCMP_SYS(recvmsg),
    SCMP_SYS(recvfrom),
    SCMP_SYS(sendmsg),
    SCMP_SYS(sendto),
    SCMP_SYS(accept4),
    SCMP_SYS(getsockopt),
    SCMP_SYS(getsockname),
    SCMP_SYS(shutdown),
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(close),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(getrandom),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(tgkill),
    SCMP_SYS(brk),
    SCMP_SYS(mmap),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(mprotect),
    SCMP_SYS(futex),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    /* The record's writer, whose thread may still be starting. */
    SCMP_SYS(rseq),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(poll),
    SCMP_SYS(openat),
    SCMP_SYS(mkdirat),
    SCMP_SYS(renameat),
    SCMP_SYS(unlinkat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(fstat),
    SCMP_SYS(fstatfs),
    SCMP_SYS(getdents64),
    SCMP_SYS(lseek),
    SCMP_SYS(pread64),
    SCMP_SYS(fcntl),
    SCMP_SYS(flock),
    SCMP_SYS(ftruncate),
    SCMP_SYS(fsync),
    SCMP_SYS(fdatasync),
};

/* What is not allowed fails with EPERM: a call nobody thought of must not end a hearing, and gives
 * an attacker nothing. */
static int filter_calls(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int result = filter ? 0 : -ENOMEM;

    if (!result)
        result = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    for (size_t i = 0; !result && i < sizeof(allowed) / sizeof(allowed[0]); i++)
        result = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
    /* A thread's name, and nothing else of prctl; a local link's buffer, and nothing else of a
     * socket. */
    if (!result)
        result = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
                                  SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME, 0));
    if (!result)
        result = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(setsockopt), 2,
                                  SCMP_A1(SCMP_CMP_EQ, SOL_SOCKET, 0),
                                  SCMP_A2(SCMP_CMP_EQ, SO_SNDBUF, 0));
    if (!result)
        result = seccomp_load(filter);
    seccomp_release(filter);
    return result;
}

static int lock_files(int folder)
{
    const struct landlock_folder record = {.fd = folder, .write = true};
    int result = landlock_enter(&record, 1);

    if (result != -ENOSYS)
        return result;
    log_warn("sandbox.landlock", "error=%s", log_errno(result).text);
    return 0;
}
#else
static int filter_calls(void)
{
    return 0; /* a sanitizer reads /proc and starts threads */
}

static int lock_files(int folder)
{
    (void)folder;
    return 0;
}
#endif

int sandbox_close_files(const char *folder)
{
    const struct rlimit no_core = {0, 0}; /* a core file would hold the keys of a hearing */
    int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0)
        return -errno;
    int result = nobody_become();
    if (!result && (setrlimit(RLIMIT_CORE, &no_core) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)))
        result = -errno;
    if (!result)
        result = lock_files(fd);
    close(fd);
    return result;
}

int sandbox_close_calls(void)
{
    return filter_calls();
}
