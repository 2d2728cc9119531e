#include "server/exchange/signer.h"

#include <openssl/pem.h>
#include <stdlib.h>

struct signer {
    EVP_PKEY *key;
    uint8_t id[SHA256_BYTES];
};

static bool is_p256(const EVP_PKEY *key)
{
    return key && EVP_PKEY_get_base_id(key) == EVP_PKEY_EC && EVP_PKEY_get_bits(key) == 256;
}

struct signer *signer_load(const char *path)
{
    FILE *file = fopen(path, "re");
    EVP_PKEY *key = file ? PEM_read_PrivateKey(file, NULL, NULL, NULL) : NULL;
    unsigned char *spki = NULL;
    struct signer *signer = NULL;

    if (file)
        fclose(file);
    int len = is_p256(key) ? i2d_PUBKEY(key, &spki) : 0;
    if (len > 0) {
        signer = malloc(sizeof(*signer));
        if (!signer)
            abort();
        signer->key = key;
        sha256(spki, (size_t)len, signer->id);
    } else {
        EVP_PKEY_free(key);
    }
    OPENSSL_free(spki);
    return signer;
}

void signer_free(struct signer *signer)
{
    if (!signer)
        return;
    EVP_PKEY_free(signer->key);
    free(signer);
}

const uint8_t *signer_key_id(const struct signer *signer)
{
    return signer->id;
}

size_t signer_sign(const struct signer *signer, const void *message, size_t len,
                   uint8_t signature[static SIGNER_SIGNATURE_MAX])
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    size_t signature_len = SIGNER_SIGNATURE_MAX;

    if (!context || EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, signer->key) != 1 ||
        EVP_DigestSign(context, signature, &signature_len, message, len) != 1)
        abort();
    EVP_MD_CTX_free(context);
    return signature_len;
}

bool signer_verify(const uint8_t *key, size_t key_len, const void *message, size_t len,
                   const uint8_t *signature, size_t signature_len)
{
    EVP_PKEY *public_key = d2i_PUBKEY(NULL, &key, (long)key_len);
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    bool good = is_p256(public_key) && context &&
                EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, public_key) == 1 &&
                EVP_DigestVerify(context, signature, signature_len, message, len) == 1;
    EVP_MD_CTX_free(context);
    EVP_PKEY_free(public_key);
    return good;
}
