#include "base/p256.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

static void must(bool done)
{
    if (!done)
        abort(); /* memory, or a library that is broken */
}

bool p256_is(const EVP_PKEY *key)
{
    char group[32] = "";

    return key && EVP_PKEY_is_a(key, "EC") &&
           EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) == 1 &&
           strcmp(group, "prime256v1") == 0;
}

size_t p256_sign(EVP_PKEY *key, const struct sha256_part *parts, size_t count,
                 uint8_t signature[static P256_SIGNATURE_MAX])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t len = P256_SIGNATURE_MAX;

    must(context && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1);
    for (size_t i = 0; i < count; i++)
        must(EVP_DigestSignUpdate(context, parts[i].data, parts[i].len) == 1);
    must(EVP_DigestSignFinal(context, signature, &len) == 1);
    EVP_MD_CTX_free(context);
    return len;
}

/* NULL for what is no point on P-256. */
static EVP_PKEY *read_public(const uint8_t *der, size_t len)
{
    const uint8_t *at = der;

    EVP_PKEY *key = len <= P256_PUBLIC_MAX ? d2i_PUBKEY(NULL, &at, (long)len) : NULL;
    if (p256_is(key) && at == der + len)
        return key;
    EVP_PKEY_free(key);
    return NULL;
}

static bool verify(EVP_PKEY *key, const struct sha256_part *parts, size_t count,
                   const uint8_t *signature, size_t signature_len)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    must(context && EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1);
    for (size_t i = 0; i < count; i++)
        must(EVP_DigestVerifyUpdate(context, parts[i].data, parts[i].len) == 1);
    bool good = EVP_DigestVerifyFinal(context, signature, signature_len) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

bool p256_verify(const uint8_t *public_key, size_t public_len, const struct sha256_part *parts,
                 size_t count, const uint8_t *signature, size_t signature_len)
{
    EVP_PKEY *key = read_public(public_key, public_len);
    bool good = key && verify(key, parts, count, signature, signature_len);

    EVP_PKEY_free(key);
    ERR_clear_error();
    return good;
}
