/*
 * Makes the files of a hearing, or keeps those that are there and made from the same journal. Pure
 * of processes and sockets; used by render.c and tests. What the files are like is in render.h.
 */
#ifndef ASSIZE_MEDIA_STUDIO_RENDER_MAKE_H
#define ASSIZE_MEDIA_STUDIO_RENDER_MAKE_H

#include "base/sha256.h"
#include "media/studio/render_packet.h"

enum { RENDER_NAME_SIZE = NAME_SIZE + sizeof(".webm.part") };

/* A file that is there, whole and durable. */
struct render_file {
    const char *group;
    const char *name;
    uint64_t bytes;
    uint8_t sha256[SHA256_BYTES];
    int64_t start_ms; /* Unix time */
    int64_t duration_ms;
};

struct render_ops {
    /* Bytes of the journal; called often. total is 0 while the journal is still being verified. */
    void (*progress)(void *context, uint64_t done, uint64_t total);
    void (*file)(void *context, const struct render_file *file);
};

/*
 * record is STATE/record, files the open folder STATE/files/HEARING. 0; -ENOENT when nothing is on
 * record; -ENOSPC; -ESTALE when the record changed meanwhile; or -errno. After an error what was
 * finished stays; nothing half made does.
 */
int render_make(int record, int files, const char *hearing, const struct render_ops *ops,
                void *context) __attribute__((warn_unused_result));

#endif
