#include "server/exchange/signer.h"

#include <openssl/pem.h>
#include <stdlib.h>

struct signer {
    EVP_PKEY *key;
    uint8_t id[SHA256_BYTES];
};

struct signer *signer_load(const char *path)
{
    FILE *file = fopen(path, "re");
    EVP_PKEY *key = file ? PEM_read_PrivateKey(file, NULL, NULL, NULL) : NULL;
    unsigned char *spki = NULL;
    struct signer *signer = NULL;

    if (file)
        fclose(file);
    int len = p256_is(key) ? i2d_PUBKEY(key, &spki) : 0;
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
                   uint8_t signature[static P256_SIGNATURE_MAX])
{
    const struct sha256_part part = {message, len};

    return p256_sign(signer->key, &part, 1, signature);
}
