/* Reads an IVF file, as the build makes them for both video (VP80) and audio (OPUS). Used by
 * peer_play. */
#ifndef ASSIZE_TESTS_PEER_IVF_H
#define ASSIZE_TESTS_PEER_IVF_H

#include <stddef.h>
#include <stdint.h>

struct peer_ivf_frame {
    const uint8_t *data; /* in the file's bytes */
    size_t len;
};

struct peer_ivf {
    uint8_t *bytes;
    char fourcc[5];
    uint32_t rate; /* frames a second */
    size_t frame_count;
    struct peer_ivf_frame *frames;
};

/* Takes a copy of the bytes apart. 0, or -EINVAL for what is not an IVF file of at least one whole
 * frame. */
int peer_ivf_parse(const uint8_t *bytes, size_t len, struct peer_ivf *ret_ivf)
    __attribute__((warn_unused_result));
/* 0 or -errno. */
int peer_ivf_load(const char *path, struct peer_ivf *ret_ivf) __attribute__((warn_unused_result));
void peer_ivf_done(struct peer_ivf *ivf);

#endif
