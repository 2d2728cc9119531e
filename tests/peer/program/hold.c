/*
 * assize-peer hold --pid PID --thread NAME
 *
 * Stops one thread of a process, and no other, until it is told to end: what SIGSTOP does to the
 * whole. Prints {"event":"held"} once it stands.
 */
#include "tests/peer/program/program.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

enum { NAME_SIZE = 16, PATH_SIZE = 300 };

static bool has_name(const char *pid, const char *thread, const char *wanted)
{
    char path[PATH_SIZE];
    char name[NAME_SIZE + 1] = "";

    snprintf(path, sizeof(path), "/proc/%s/task/%s/comm", pid, thread);
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    bool found = fgets(name, sizeof(name), file) && strcspn(name, "\n") == strlen(wanted) &&
                 strncmp(name, wanted, strlen(wanted)) == 0;
    fclose(file);
    return found;
}

/* 0 when there is none. */
static pid_t find_thread(const char *pid, const char *name)
{
    char path[PATH_SIZE];
    pid_t found = 0;

    snprintf(path, sizeof(path), "/proc/%s/task", pid);
    DIR *tasks = opendir(path);
    const struct dirent *entry;
    while (tasks && !found && (entry = readdir(tasks))) {
        if (has_name(pid, entry->d_name, name))
            found = (pid_t)strtol(entry->d_name, NULL, 10);
    }
    if (tasks)
        closedir(tasks);
    return found;
}

static void hold(pid_t thread)
{
    int status;

    if (ptrace(PTRACE_SEIZE, thread, NULL, NULL) || ptrace(PTRACE_INTERRUPT, thread, NULL, NULL) ||
        waitpid(thread, &status, __WALL) != thread)
        usage("the thread cannot be held", "");
    json_t *line = json_pack("{s:s}", "event", "held");
    print_line(line);
}

int hold_main(int argc, char **argv)
{
    const char *pid = NULL;
    const char *name = NULL;
    sigset_t signals;
    int signal;

    for (int at = 1; at < argc;) {
        const char *option = argv[at];
        const char *value = option_value(argc, argv, &at);
        if (strcmp(option, "--pid") == 0)
            pid = value;
        else if (strcmp(option, "--thread") == 0)
            name = value;
        else
            usage("hold does not know ", option);
    }
    pid_t thread = pid && name ? find_thread(pid, name) : 0;
    if (!thread)
        usage("there is no such thread", "");
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    hold(thread);
    sigwait(&signals, &signal);
    ptrace(PTRACE_DETACH, thread, NULL, NULL);
    return EXIT_GOOD;
}
