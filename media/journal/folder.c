#include "media/journal/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDER_MODE = 0750 };

int folder_open(int parent, const char *name)
{
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    return fd < 0 ? -errno : fd;
}

int folder_make(int parent, const char *name)
{
    if (mkdirat(parent, name, FOLDER_MODE)) {
        if (errno != EEXIST)
            return -errno;
    } else if (fsync(parent)) {
        return -errno;
    }
    return folder_open(parent, name);
}

int folder_open_file(int folder, const char *name)
{
    struct stat info;
    /* Without waiting: a pipe of that name must not stop us. */
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0)
        return -errno;
    int result = fstat(fd, &info) ? -errno : S_ISREG(info.st_mode) ? 0 : -EINVAL;
    if (result)
        folder_close(&fd);
    return result ? result : fd;
}

static int is_entry(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

int folder_list(int folder, struct folder_list *ret_list)
{
    *ret_list = (struct folder_list){0};
    int count = scandirat(folder, ".", &ret_list->entries, is_entry, by_bytes);
    if (count < 0)
        return -errno;
    ret_list->count = count;
    return 0;
}

void folder_list_done(struct folder_list *list)
{
    for (int i = 0; i < list->count; i++)
        free(list->entries[i]);
    free(list->entries);
    *list = (struct folder_list){0};
}

int folder_write(int fd, const void *data, size_t len)
{
    const uint8_t *from = data;

    while (len) {
        ssize_t wrote = write(fd, from, len);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return -errno;
        from += wrote;
        len -= (size_t)wrote;
    }
    return 0;
}

void folder_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}
