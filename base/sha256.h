/* SHA-256 (FIPS 180-4) by OpenSSL. */
#ifndef ASSIZE_BASE_SHA256_H
#define ASSIZE_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { SHA256_BYTES = 32, SHA256_HEX_SIZE = 65 };

struct sha256_part {
    const void *data;
    size_t len;
};

/* The digest of the parts one after another; aborts when the library fails, which it has no reason
 * to. */
void sha256_parts(const struct sha256_part *parts, size_t count, uint8_t out[static SHA256_BYTES]);
void sha256(const void *data, size_t len, uint8_t out[static SHA256_BYTES]);

/* A digest of bytes that come bit by bit. */
struct sha256_stream;
struct sha256_stream *sha256_stream_new(void);
void sha256_stream_free(struct sha256_stream *stream);
void sha256_stream_add(struct sha256_stream *stream, const void *data, size_t len);
/* The digest of all that was added since it was made or last asked for. */
void sha256_stream_take(struct sha256_stream *stream, uint8_t out[static SHA256_BYTES]);

#endif
