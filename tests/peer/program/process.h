/* What /proc tells of a process. Used by the load client and the benchmark. */
#ifndef ASSIZE_TESTS_PEER_PROCESS_H
#define ASSIZE_TESTS_PEER_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

/* Nanoseconds that all its threads have run, or -1. */
int64_t process_cpu_ns(pid_t pid);
/* A number of /proc/PID/status, for example "VmRSS:" (kB) or "Threads:"; -1 when it is not there.
 */
int64_t process_status(pid_t pid, const char *key);

#endif
