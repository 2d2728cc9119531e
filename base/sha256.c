#include "base/sha256.h"

#include <openssl/evp.h>
#include <stdlib.h>

void sha256_parts(const struct sha256_part *parts, size_t count, uint8_t out[static SHA256_BYTES])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int good = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL);

    for (size_t i = 0; good && i < count; i++)
        good = EVP_DigestUpdate(context, parts[i].data, parts[i].len);
    if (!good || !EVP_DigestFinal_ex(context, out, NULL))
        abort();
    EVP_MD_CTX_free(context);
}

void sha256(const void *data, size_t len, uint8_t out[static SHA256_BYTES])
{
    sha256_parts(&(struct sha256_part){data, len}, 1, out);
}

struct sha256_stream {
    EVP_MD_CTX *context;
};

static void start(struct sha256_stream *stream)
{
    if (!stream->context || !EVP_DigestInit_ex(stream->context, EVP_sha256(), NULL))
        abort();
}

struct sha256_stream *sha256_stream_new(void)
{
    struct sha256_stream *stream = calloc(1, sizeof(*stream));

    if (!stream)
        abort();
    stream->context = EVP_MD_CTX_new();
    start(stream);
    return stream;
}

void sha256_stream_free(struct sha256_stream *stream)
{
    if (!stream)
        return;
    EVP_MD_CTX_free(stream->context);
    free(stream);
}

void sha256_stream_add(struct sha256_stream *stream, const void *data, size_t len)
{
    if (!EVP_DigestUpdate(stream->context, data, len))
        abort();
}

void sha256_stream_take(struct sha256_stream *stream, uint8_t out[static SHA256_BYTES])
{
    if (!EVP_DigestFinal_ex(stream->context, out, NULL))
        abort();
    start(stream);
}
