#include "base/password/signing_key.h"

#include <assert.h>
#include <errno.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/password/password.h"

enum { KEY_BYTES = 32, NONCE_BYTES = 12, TAG_BYTES = 16, PRIVATE_MAX = 256 };

/* The library has no reason to fail; what it then leaves is not to be signed with. */
static void must(bool good)
{
    if (!good)
        abort();
}

static int derive(const char *prepared, const uint8_t salt[static SIGNING_SALT_BYTES],
                  uint8_t out[static KEY_BYTES])
{
    _Static_assert(SIGNING_SALT_BYTES == crypto_pwhash_SALTBYTES, "libsodium's own size");
    must(sodium_init() >= 0);
    return crypto_pwhash(out, KEY_BYTES, prepared, strlen(prepared), salt, PASSWORD_HASH_PASSES,
                         PASSWORD_HASH_BYTES, crypto_pwhash_ALG_ARGON2ID13)
               ? -ENOMEM
               : 0;
}

/* ---- sealing: nonce | private key | tag, bound to the public key ---- */

static void seal(struct signing_key *key, const uint8_t wrap[static KEY_BYTES],
                 const uint8_t *private_key, size_t len)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int done = 0;
    uint8_t *body = key->sealed + NONCE_BYTES;

    assert(NONCE_BYTES + len + TAG_BYTES <= sizeof(key->sealed));
    id_random(key->sealed, NONCE_BYTES);
    must(context && EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, wrap, key->sealed) &&
         EVP_EncryptUpdate(context, NULL, &done, key->public_key, (int)key->public_len) &&
         EVP_EncryptUpdate(context, body, &done, private_key, (int)len) &&
         EVP_EncryptFinal_ex(context, body + done, &done) &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, body + len));
    EVP_CIPHER_CTX_free(context);
    key->sealed_len = NONCE_BYTES + len + TAG_BYTES;
}

/* The length of the private key, or 0: sealed under another password, or changed since. */
static size_t unseal(const struct signing_key *key, const uint8_t wrap[static KEY_BYTES],
                     uint8_t out[static PRIVATE_MAX])
{
    uint8_t tag[TAG_BYTES];
    int done = 0;

    if (key->sealed_len <= NONCE_BYTES + TAG_BYTES ||
        key->sealed_len > NONCE_BYTES + TAG_BYTES + PRIVATE_MAX)
        return 0;
    size_t len = key->sealed_len - NONCE_BYTES - TAG_BYTES;
    const uint8_t *body = key->sealed + NONCE_BYTES;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    memcpy(tag, body + len, TAG_BYTES);
    must(context && EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, wrap, key->sealed) &&
         EVP_DecryptUpdate(context, NULL, &done, key->public_key, (int)key->public_len) &&
         EVP_DecryptUpdate(context, out, &done, body, (int)len) &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, TAG_BYTES, tag));
    bool good = EVP_DecryptFinal_ex(context, out + done, &done) == 1;
    EVP_CIPHER_CTX_free(context);
    return good ? len : 0;
}

/* ---- keys ---- */

/* The private key in the clear, which the caller frees; NULL when the password is another. */
static int open_key(const struct signing_key *key, const char *prepared, EVP_PKEY **ret_private)
{
    uint8_t wrap[KEY_BYTES], bytes[PRIVATE_MAX];
    const uint8_t *at = bytes;

    *ret_private = NULL;
    if (!key->public_len)
        return 0;
    int result = derive(prepared, key->salt, wrap);
    if (result)
        return result;
    size_t len = unseal(key, wrap, bytes);
    if (len)
        *ret_private = d2i_PrivateKey(EVP_PKEY_EC, NULL, &at, (long)len);
    password_wipe(wrap, sizeof(wrap));
    password_wipe(bytes, sizeof(bytes));
    return 0;
}

static int make_key(struct signing_key *ret_key, const char *prepared, EVP_PKEY **ret_private)
{
    struct signing_key key = {0};
    uint8_t wrap[KEY_BYTES];
    uint8_t *public_der = NULL, *private_der = NULL;

    id_random(key.salt, sizeof(key.salt));
    int result = derive(prepared, key.salt, wrap);
    if (result)
        return result;
    EVP_PKEY *made = EVP_EC_gen("P-256");
    int public_len = made ? i2d_PUBKEY(made, &public_der) : 0;
    int private_len = made ? i2d_PrivateKey(made, &private_der) : 0;
    must(public_len > 0 && public_len <= SIGNING_PUBLIC_MAX && private_len > 0 &&
         private_len <= PRIVATE_MAX);
    memcpy(key.public_key, public_der, (size_t)public_len);
    key.public_len = (size_t)public_len;
    seal(&key, wrap, private_der, (size_t)private_len);
    password_wipe(wrap, sizeof(wrap));
    password_wipe(private_der, (size_t)private_len);
    OPENSSL_free(private_der);
    OPENSSL_free(public_der);
    *ret_key = key;
    *ret_private = made;
    return 0;
}

/* ---- signing ---- */

int signing_key_sign(struct signing_key *key, const char *prepared, const void *message, size_t len,
                     struct signature *ret_signature, bool *ret_fresh)
{
    EVP_PKEY *private_key = NULL;

    int result = open_key(key, prepared, &private_key);
    bool fresh = !result && !private_key;
    if (fresh)
        result = make_key(key, prepared, &private_key);
    if (result)
        return result;
    const struct sha256_part signed_parts[] = {{message, len}, {key->public_key, key->public_len}};
    ret_signature->len = p256_sign(private_key, signed_parts, 2, ret_signature->bytes);
    EVP_PKEY_free(private_key);
    *ret_fresh = fresh;
    return 0;
}

bool signing_key_verify(const uint8_t *public_key, size_t public_len, const void *message,
                        size_t len, const uint8_t *signature, size_t signature_len)
{
    const struct sha256_part parts[] = {{message, len}, {public_key, public_len}};

    return p256_verify(public_key, public_len, parts, 2, signature, signature_len);
}
