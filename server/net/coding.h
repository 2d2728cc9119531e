/* Bodies in zstd (RFC 8878), as Content-Encoding names it: between organisations, where a batch is
 * large. */
#ifndef ASSIZE_SERVER_NET_CODING_H
#define ASSIZE_SERVER_NET_CODING_H

#include "base/buf.h"

#define CODING_NAME "zstd"

/* A body shorter than this is sent as it is. */
enum { CODING_LEAST = 1024 };

/* Appends what was packed. 0; -EBADMSG when it is not one or more whole frames, or asks for a
 * larger window than ours; -ENOBUFS over out's maximum, without having made more of it. */
int coding_open(const uint8_t *data, size_t len, struct buf *out)
    __attribute__((warn_unused_result));
/* Appends it packed. 0 or -ENOBUFS. */
int coding_pack(const uint8_t *data, size_t len, struct buf *out)
    __attribute__((warn_unused_result));

#endif
