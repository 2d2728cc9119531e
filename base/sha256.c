#include "base/sha256.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>

/* Looked up once: EVP_sha256 would be looked up by its name at each use. */
static EVP_MD *algorithm;
static pthread_once_t looked_up = PTHREAD_ONCE_INIT;

static void forget(void)
{
    EVP_MD_free(algorithm);
}

static void look_up(void)
{
    algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (!algorithm || atexit(forget))
        abort();
}

static void begin(EVP_MD_CTX *context)
{
    pthread_once(&looked_up, look_up);
    if (!context || !EVP_DigestInit_ex2(context, algorithm, NULL))
        abort();
}

void sha256_parts(const struct sha256_part *parts, size_t count, uint8_t out[static SHA256_BYTES])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int good = 1;

    begin(context);
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

struct sha256_stream *sha256_stream_new(void)
{
    struct sha256_stream *stream = calloc(1, sizeof(*stream));

    if (!stream)
        abort();
    stream->context = EVP_MD_CTX_new();
    begin(stream->context);
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
    begin(stream->context);
}
