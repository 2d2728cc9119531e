#include "press/sandbox.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "base/landlock.h"
#include "base/nobody.h"
#include "press/limits.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

#ifndef SANITIZED
/* Memory, clocks, pango's threads, what is open, and files as far as Landlock allows. */
static const int allowed[] = {
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(pread64),
    SCMP_SYS(close),
    SCMP_SYS(openat),
    SCMP_SYS(access),
    SCMP_SYS(faccessat2),
    SCMP_SYS(newfstatat),
    SCMP_SYS(fstat),
    SCMP_SYS(fstatfs),
    SCMP_SYS(lseek),
    SCMP_SYS(fcntl),
    SCMP_SYS(brk),
    SCMP_SYS(mmap),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(mprotect),
    SCMP_SYS(futex),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(getrandom),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(tgkill),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

/* Threads, and nothing else that makes a process: glibc falls back to clone when clone3 is not
 * there. */
static int allow_threads(scmp_filter_ctx filter)
{
    const struct scmp_arg_cmp thread = SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD);
    int result = seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0, NULL);

    return result ? result
                  : seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1, &thread);
}

static int filter_calls(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int result = filter ? allow_threads(filter) : -ENOMEM;

    for (size_t i = 0; !result && i < sizeof(allowed) / sizeof(allowed[0]); i++)
        result = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
    if (!result)
        result = seccomp_load(filter);
    seccomp_release(filter);
    return result;
}

static int lock_down(int font_folder)
{
    const struct landlock_folder folder = {.fd = font_folder};
    int result = landlock_enter(&folder, 1);

    return result ? result : filter_calls();
}
#else
static int lock_down(int font_folder)
{
    (void)font_folder;
    return 0; /* a sanitizer reads /proc and starts threads and processes */
}
#endif

int sandbox_enter(int font_folder)
{
    const struct rlimit no_core = {0, 0}; /* a core file would hold what people said */
    const struct rlimit processor = {PRESS_CPU_S, PRESS_CPU_S};
    int result = nobody_become();

    if (result)
        return result;
    if (setrlimit(RLIMIT_CORE, &no_core) || setrlimit(RLIMIT_CPU, &processor) ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return -errno;
    return lock_down(font_folder);
}
