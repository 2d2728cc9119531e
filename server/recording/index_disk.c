#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/config.h"
#include "db/recording_store.h"
#include "server/recording/index.h"
#include "server/recording/recording.h"

#define INDEX  "index.json"
#define SUFFIX ".webm"

enum { PATH_SIZE = CONFIG_TEXT_SIZE + 160 };

static int64_t in_ns(struct timespec time)
{
    return (int64_t)time.tv_sec * CLOCK_NS_PER_S + time.tv_nsec;
}

static int open_plain(const char *files, const char *hearing, const char *name,
                      struct stat *ret_about)
{
    char path[PATH_SIZE];

    snprintf(path, sizeof(path), "%s/%s/%s", files, hearing, name);
    /* Without O_NONBLOCK a pipe of this name would hold the thread. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return -errno;
    if (fstat(fd, ret_about) || !S_ISREG(ret_about->st_mode)) {
        close(fd);
        return -EINVAL;
    }
    return fd;
}

int index_open(const char *files, const char *hearing, const char *file,
               struct file_identity *ret_identity)
{
    struct stat about;
    int fd = open_plain(files, hearing, file, &about);

    if (fd < 0)
        return fd;
    *ret_identity = (struct file_identity){
        .device = about.st_dev,
        .inode = about.st_ino,
        .size = (uint64_t)about.st_size,
        .modified_ns = in_ns(about.st_mtim),
        .changed_ns = in_ns(about.st_ctim),
    };
    return fd;
}

/* A whole small file, for the caller to free; NULL with ret_error. */
static char *read_small(const char *files, const char *hearing, const char *name, size_t max,
                        struct stat *ret_about, int *ret_error)
{
    int fd = open_plain(files, hearing, name, ret_about);
    size_t len = fd < 0 ? 0 : (size_t)ret_about->st_size;
    char *text = NULL;
    size_t done = 0;
    ssize_t n = 1;

    *ret_error = fd < 0 ? fd : len > max ? -EFBIG : 0;
    if (!*ret_error) {
        text = malloc(len + 1);
        if (!text)
            abort();
        while (done < len && (n = read(fd, text + done, len - done)) > 0)
            done += (size_t)n;
        if (done < len) {
            *ret_error = -EIO;
            free(text);
            text = NULL;
        }
    }
    if (fd >= 0)
        close(fd);
    return text;
}

static void read_identities(const char *files, const char *hearing, struct arena *arena,
                            struct recorded *ret)
{
    ret->identities = arena_alloc(arena, ret->file_count * sizeof(*ret->identities) + 1);
    for (size_t i = 0; ret->identities && i < ret->file_count; i++) {
        int fd = index_open(files, hearing, ret->files[i]->name, &ret->identities[i]);
        if (fd >= 0)
            close(fd);
    }
}

void index_read(const char *record, const char *files, const char *hearing, bool with_files,
                struct arena *arena, struct recorded *ret)
{
    char path[PATH_SIZE];
    struct stat about;
    int error;

    *ret = (struct recorded){0};
    snprintf(path, sizeof(path), "%s/%s", record, hearing);
    ret->on_record = access(path, F_OK) == 0;
    char *json = read_small(files, hearing, INDEX, RECORDING_INDEX_MAX, &about, &error);
    if (error == -ENOENT)
        return;
    if (!json || index_parse(json, (size_t)about.st_size, arena, ret)) {
        ret->damaged = true;
    } else {
        ret->made = true;
        ret->made_ms = in_ns(about.st_mtim) / CLOCK_NS_PER_MS;
        if (with_files)
            read_identities(files, hearing, arena, ret);
    }
    free(json);
}

int index_read_levels(const char *files, const char *hearing, const char *file, struct arena *arena,
                      Assize__Record__V1__LevelsResponse *ret)
{
    char name[RECORDING_FILE_SIZE + 8];
    struct stat about;
    int error;

    snprintf(name, sizeof(name), "%.*s.json", (int)(strlen(file) - strlen(SUFFIX)), file);
    char *json = read_small(files, hearing, name, RECORDING_DETAILS_MAX, &about, &error);
    if (json)
        error = index_parse_levels(json, (size_t)about.st_size, arena, ret);
    free(json);
    return error;
}
