#include "server/net/coding.h"

#include <errno.h>
#include <stdlib.h>
#include <zstd.h>

enum { LEVEL = 1, WINDOW_LOG_MAX = 22 /* 4 MiB: more than any body */, STEP = 64 << 10 };

/* One step: 0 when there is more, 1 at the end of a frame, or -errno. */
static int open_some(ZSTD_DStream *stream, ZSTD_inBuffer *in, struct buf *out)
{
    size_t room = out->max - out->len < STEP ? out->max - out->len : STEP;
    uint8_t *to = buf_reserve(out, room);
    ZSTD_outBuffer piece = {to, room, 0};
    size_t before = in->pos;

    size_t left = ZSTD_decompressStream(stream, &piece, in);
    if (ZSTD_isError(left))
        return -EBADMSG;
    out->len += piece.pos;
    if (!left)
        return 1;
    if (!piece.pos && in->pos == before)
        return out->len == out->max ? -ENOBUFS : -EBADMSG; /* no room; or it is cut off */
    return 0;
}

int coding_open(const uint8_t *data, size_t len, struct buf *out)
{
    ZSTD_DStream *stream = ZSTD_createDStream();
    ZSTD_inBuffer in = {data, len, 0};
    int result = 0;

    if (!stream ||
        ZSTD_isError(ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, WINDOW_LOG_MAX)))
        abort();
    while (result >= 0 && (in.pos < len || !result))
        result = open_some(stream, &in, out);
    ZSTD_freeDStream(stream);
    return result < 0 ? result : 0;
}

int coding_pack(const uint8_t *data, size_t len, struct buf *out)
{
    size_t room = ZSTD_compressBound(len);
    uint8_t *to = buf_reserve(out, room);

    if (!to)
        return -ENOBUFS;
    size_t packed = ZSTD_compress(to, room, data, len, LEVEL);
    if (ZSTD_isError(packed))
        return -ENOBUFS;
    out->len += packed;
    return 0;
}
