/*
 * The index of a hearing's files, as the renderer writes it (media/studio/render.h), and how the
 * files stand on the disk. Reads in whatever thread asks; the parsing is pure, and is not trusting:
 * the renderer reads what strangers sent.
 */
#ifndef ASSIZE_SERVER_RECORDING_INDEX_H
#define ASSIZE_SERVER_RECORDING_INDEX_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "assize/record/v1/recording.pb-c.h"
#include "base/arena.h"

/* What changes when the bytes of a file change. */
struct file_identity {
    dev_t device;
    ino_t inode;
    uint64_t size;
    int64_t modified_ns;
    int64_t changed_ns;
};

/* What there is of a hearing. */
struct recorded {
    bool on_record; /* there is a journal */
    bool made;      /* and files; what follows is theirs */
    bool damaged;   /* their index cannot be read */
    int64_t made_ms;
    int64_t start_ms;
    uint64_t duration_ms;
    uint32_t findings;
    size_t file_count;
    Assize__Record__V1__RecordedFile **files; /* the programme first */
    struct file_identity *identities;         /* of each; size 0: it is missing */
    size_t gap_count;
    Assize__Record__V1__Gap **gaps;
};

/* "e4.webm", as the renderer names files. */
bool index_is_file(const char *name);

/* 0, or -EBADMSG for what is no index of this version. made_ms and identities stay as they are. */
int index_parse(const char *json, size_t len, struct arena *arena, struct recorded *ret)
    __attribute__((warn_unused_result));
/* The levels in the details of one file, at most RECORDING_LEVELS_MAX of them. 0 or -EBADMSG. */
int index_parse_levels(const char *json, size_t len, struct arena *arena,
                       Assize__Record__V1__LevelsResponse *ret) __attribute__((warn_unused_result));

/* All of it. with_files: also how the files stand on the disk. */
void index_read(const char *record, const char *files, const char *hearing, bool with_files,
                struct arena *arena, struct recorded *ret);
/* 0 or -errno; -ENOENT when nothing is known of this file. */
int index_read_levels(const char *files, const char *hearing, const char *file, struct arena *arena,
                      Assize__Record__V1__LevelsResponse *ret) __attribute__((warn_unused_result));
/* A descriptor to read the file by, or -errno. */
int index_open(const char *files, const char *hearing, const char *file,
               struct file_identity *ret_identity) __attribute__((warn_unused_result));

#endif
