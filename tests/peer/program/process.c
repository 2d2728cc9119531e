#include "tests/peer/program/process.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_SIZE = 128, LINE_SIZE = 256 };

/* The first number of a thread's schedstat is the time it has run. */
static int64_t thread_cpu_ns(pid_t pid, const char *thread)
{
    char path[PATH_SIZE];
    char line[LINE_SIZE] = "";

    snprintf(path, sizeof(path), "/proc/%d/task/%.20s/schedstat", pid, thread);
    FILE *file = fopen(path, "r");
    if (!file)
        return 0;
    if (!fgets(line, sizeof(line), file))
        line[0] = '\0';
    fclose(file);
    return strtoll(line, NULL, 10);
}

int64_t process_cpu_ns(pid_t pid)
{
    char path[PATH_SIZE];
    int64_t sum = 0;

    snprintf(path, sizeof(path), "/proc/%d/task", pid);
    DIR *dir = opendir(path);
    if (!dir)
        return -1;
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        if (entry->d_name[0] != '.')
            sum += thread_cpu_ns(pid, entry->d_name);
    }
    closedir(dir);
    return sum;
}

int64_t process_status(pid_t pid, const char *key)
{
    char path[PATH_SIZE];
    char line[LINE_SIZE];
    int64_t value = -1;

    snprintf(path, sizeof(path), "/proc/%d/status", pid);
    FILE *file = fopen(path, "r");
    if (!file)
        return -1;
    while (value < 0 && fgets(line, sizeof(line), file)) {
        if (strncmp(line, key, strlen(key)) == 0)
            value = strtoll(line + strlen(key), NULL, 10);
    }
    fclose(file);
    return value;
}
