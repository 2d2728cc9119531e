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
