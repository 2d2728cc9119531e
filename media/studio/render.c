#include "media/studio/render.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/nobody.h"
#include "media/journal/folder.h"
#include "media/studio/render_make.h"
#include "media/studio/render_tell.h"
#include "media/studio/sandbox.h"

enum { TELL_MS = 500, FOLDER_MODE = 0750 };

struct folders {
    int record; /* STATE/record */
    int source; /* the hearing's in it: all that may be read */
    int files;  /* STATE/files/HEARING: all that may be written */
};

struct run {
    struct render_tell *tell;
    int64_t told_ms;
};

/* ---- folders ---- */

static int open_folder(const struct config *config, const char *name)
{
    char path[CONFIG_TEXT_SIZE];

    if (config_state_path(config, name, path, sizeof(path)))
        return -ENAMETOOLONG;
    if (mkdir(path, FOLDER_MODE) && errno != EEXIST)
        return -errno;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

/* The lock is for two renderers that were started by hand: the supervisor starts one. */
static int make_files_folder(const struct config *config, const char *hearing)
{
    int parent = open_folder(config, "files");
    int fd = parent < 0 ? parent : folder_make(parent, hearing);

    folder_close(&parent);
    int result = fd < 0 ? fd : nobody_give(fd);
    if (!result && flock(fd, LOCK_EX | LOCK_NB))
        result = errno == EWOULDBLOCK ? -EBUSY : -errno;
    if (result)
        folder_close(&fd);
    return result ? result : fd;
}

static int open_folders(const struct config *config, const char *hearing, struct folders *folders)
{
    *folders = (struct folders){-1, -1, -1};
    folders->record = open_folder(config, "record");
    if (folders->record < 0)
        return folders->record;
    folders->source = folder_open(folders->record, hearing);
    if (folders->source < 0)
        return folders->source;
    folders->files = make_files_folder(config, hearing);
    return folders->files < 0 ? folders->files : 0;
}

static void close_folders(struct folders *folders)
{
    folder_close(&folders->record);
    folder_close(&folders->source);
    folder_close(&folders->files);
}

/* ---- what is told ---- */

static void tell_progress(void *context, uint64_t done, uint64_t total)
{
    struct run *run = context;
    int64_t now_ms = clock_monotonic_ms();

    if (now_ms - run->told_ms < TELL_MS)
        return;
    run->told_ms = now_ms;
    render_tell_progress(run->tell, done, total);
}

static void tell_file(void *context, const struct render_file *file)
{
    const struct run *run = context;

    render_tell_file(run->tell, file);
}

/* Static text where the cause has a name of its own. */
static const char *say_why(int error, struct log_quoted *room)
{
    switch (-error) {
    case ENOENT:
        return "nothing of this hearing is on record";
    case ENOSPC:
    case EDQUOT:
        return "the disk is full";
    case EBUSY:
        return "another renderer is at work on this hearing";
    case ESTALE:
        return "the record changed while it was read";
    default:
        *room = log_errno(error);
        return room->text;
    }
}

int render_run(const struct config *config, const char *hearing)
{
    static const struct render_ops ops = {tell_progress, tell_file};
    struct run run = {.tell = render_tell_open(config, hearing)};
    struct folders folders;
    struct log_quoted room;
    int result = open_folders(config, hearing, &folders);

    if (!result)
        result = sandbox_enter(folders.source, folders.files);
    if (!result)
        result = render_make(folders.record, folders.files, hearing, &ops, &run);
    close_folders(&folders);
    const char *why = result ? say_why(result, &room) : "";
    if (result)
        log_error("render.failed", "hearing=%s why=%s", hearing, log_quote(why).text);
    render_tell_end(run.tell, why);
    return result ? 1 : 0;
}
