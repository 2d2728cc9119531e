#include "media/studio/sandbox.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/landlock.h"
#include "base/nobody.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

#ifndef SANITIZED
/* Landlock binds the calling thread and those it starts. */
static int check_alone(void)
{
    struct stat tasks;

    if (stat("/proc/self/task", &tasks))
        return -errno;
    return tasks.st_nlink == 3 ? 0 : -EBUSY; /* ".", ".." and one thread */
}

static int lock_files(int read_folder, int write_folder)
{
    struct landlock_folder folders[2];
    size_t count = 0;

    if (read_folder >= 0)
        folders[count++] = (struct landlock_folder){.fd = read_folder};
    if (write_folder >= 0)
        folders[count++] = (struct landlock_folder){.fd = write_folder, .write = true};
    return landlock_enter(folders, count);
}

/* Loops, threads, clocks, memory, the sockets that are open, files by descriptor as far as Landlock
 * allows. Nothing opens a socket, executes or looks into another process. */
static const int allowed[] = {
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_create1),
    SCMP_SYS(eventfd2),
    SCMP_SYS(pipe2),
    SCMP_SYS(timerfd_create),
    SCMP_SYS(timerfd_settime),
    SCMP_SYS(recvmsg),
    SCMP_SYS(recvmmsg),
    SCMP_SYS(recvfrom),
    SCMP_SYS(sendmsg),
    SCMP_SYS(sendto),
    SCMP_SYS(getsockopt),
    SCMP_SYS(read),
    SCMP_SYS(readv),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(close),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(getrandom),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(getuid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getegid),
    SCMP_SYS(tgkill),
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
    SCMP_SYS(sched_getparam),
    SCMP_SYS(sched_getscheduler),
    SCMP_SYS(sched_get_priority_min),
    SCMP_SYS(sched_get_priority_max),
    SCMP_SYS(sysinfo),
    SCMP_SYS(getcpu),
    SCMP_SYS(getrusage),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(openat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(fstat),
    SCMP_SYS(statx),
    SCMP_SYS(getdents64),
    SCMP_SYS(lseek),
    SCMP_SYS(pread64),
    SCMP_SYS(pwrite64),
    SCMP_SYS(fcntl),
    SCMP_SYS(flock),
    SCMP_SYS(renameat),
    SCMP_SYS(unlinkat),
    SCMP_SYS(ftruncate),
    SCMP_SYS(fsync),
    SCMP_SYS(fdatasync),
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

/* Two ends that only this process holds, as GStreamer's message buses are made of. */
static int allow_pairs(scmp_filter_ctx filter)
{
    const struct scmp_arg_cmp local = SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0);

    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(socketpair), 1, &local);
}

/* A thread may have a name; nothing else of prctl. */
static int allow_thread_names(scmp_filter_ctx filter)
{
    const struct scmp_arg_cmp name = SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME, 0);

    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, &name);
}

/* What is not allowed fails with EPERM: a call nobody thought of must not end a hearing's feed, and
 * gives an attacker nothing. */
static int filter_calls(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int result = filter ? allow_threads(filter) : -ENOMEM;

    if (!result)
        result = allow_pairs(filter);
    if (!result)
        result = allow_thread_names(filter);
    for (size_t i = 0; !result && i < sizeof(allowed) / sizeof(allowed[0]); i++)
        result = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
    if (!result)
        result = seccomp_load(filter);
    seccomp_release(filter);
    return result;
}

static int lock_down(int read_folder, int write_folder)
{
    int result = check_alone();

    if (!result)
        result = lock_files(read_folder, write_folder);
    return result ? result : filter_calls();
}
#else
static int lock_down(int read_folder, int write_folder)
{
    (void)read_folder;
    (void)write_folder;
    return 0; /* a sanitizer reads /proc and starts threads and processes */
}
#endif

int sandbox_enter(int read_folder, int write_folder)
{
    const struct rlimit no_core = {0, 0}; /* a core file would hold what people said */
    int result = nobody_become();

    if (result)
        return result;
    if (setrlimit(RLIMIT_CORE, &no_core) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return -errno;
    return lock_down(read_folder, write_folder);
}
