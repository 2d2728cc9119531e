#include "server/exchange/signer.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/spki.h"

struct signer {
    EVP_PKEY *key;
    uint8_t id[SHA256_BYTES];
    unsigned version; /* of the credentials it was made of */
};

struct signer *signer_new(EVP_PKEY *key)
{
    uint8_t id[SHA256_BYTES];
    struct signer *signer;

    if (!p256_is(key) || !spki_digest(key, id))
        return NULL;
    signer = calloc(1, sizeof(*signer));
    if (!signer || EVP_PKEY_up_ref(key) != 1)
        abort();
    signer->key = key;
    memcpy(signer->id, id, sizeof(id));
    return signer;
}

bool signer_follow(struct signer **signer, struct credentials *credentials)
{
    unsigned version = credentials_version(credentials);

    if (!version || (*signer && (*signer)->version == version))
        return *signer;
    struct signer *made = signer_new(credentials_key(credentials));
    if (made) {
        made->version = version;
        signer_free(*signer);
        *signer = made;
    }
    return *signer;
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
