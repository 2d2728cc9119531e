#include "tests/peer/peer_ivf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_HEADER_BYTES = 32, FRAME_HEADER_BYTES = 12, FILE_MAX = 64 << 20 };

static uint32_t get_le32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* How many frames the bytes hold; 0 when one is cut off or empty. */
static size_t count_frames(const uint8_t *bytes, size_t len)
{
    size_t count = 0;
    size_t at = FILE_HEADER_BYTES;

    while (at < len) {
        if (len - at <= FRAME_HEADER_BYTES)
            return 0;
        size_t frame = get_le32(bytes + at);
        if (!frame || frame > len - at - FRAME_HEADER_BYTES)
            return 0;
        at += FRAME_HEADER_BYTES + frame;
        count++;
    }
    return count;
}

int peer_ivf_parse(const uint8_t *bytes, size_t len, struct peer_ivf *ret_ivf)
{
    if (len < FILE_HEADER_BYTES || memcmp(bytes, "DKIF", 4) != 0)
        return -EINVAL;
    size_t count = count_frames(bytes, len);
    uint32_t rate = get_le32(bytes + 16);
    if (!count || !rate || get_le32(bytes + 20) != 1)
        return -EINVAL;
    struct peer_ivf ivf = {.rate = rate, .frame_count = count};
    ivf.bytes = malloc(len);
    ivf.frames = calloc(count, sizeof(*ivf.frames));
    if (!ivf.bytes || !ivf.frames)
        abort();
    memcpy(ivf.bytes, bytes, len);
    memcpy(ivf.fourcc, bytes + 8, 4);
    size_t at = FILE_HEADER_BYTES;
    for (size_t i = 0; i < count; i++) {
        ivf.frames[i].len = get_le32(ivf.bytes + at);
        ivf.frames[i].data = ivf.bytes + at + FRAME_HEADER_BYTES;
        at += FRAME_HEADER_BYTES + ivf.frames[i].len;
    }
    *ret_ivf = ivf;
    return 0;
}

int peer_ivf_load(const char *path, struct peer_ivf *ret_ivf)
{
    FILE *file = fopen(path, "rb");

    if (!file)
        return -errno;
    uint8_t *bytes = malloc(FILE_MAX);
    if (!bytes)
        abort();
    size_t len = fread(bytes, 1, FILE_MAX, file);
    fclose(file);
    int result = peer_ivf_parse(bytes, len, ret_ivf);
    free(bytes);
    return result;
}

void peer_ivf_done(struct peer_ivf *ivf)
{
    free(ivf->bytes);
    free(ivf->frames);
    *ivf = (struct peer_ivf){0};
}
