#include "base/person_key.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/id.h"
#include "base/str.h"

enum { SECRET_BYTES = 32, TEXT_SIZE = 2 * SECRET_BYTES + 1, NONCE_BYTES = 12, TAG_BYTES = 16 };
enum { DIGITS = PERSON_NUMBER_SIZE - 1 };

static const char number_kind[] = "personal_number";

/* ---- the file: 64 hex digits and the end of a line ---- */

int person_key_make(const char *path)
{
    uint8_t secret[SECRET_BYTES];
    char text[TEXT_SIZE + 1];

    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno == EEXIST ? 0 : -errno;
    id_random(secret, sizeof(secret));
    str_hex(secret, sizeof(secret), text);
    text[TEXT_SIZE - 1] = '\n';
    int result = write(fd, text, TEXT_SIZE) == TEXT_SIZE && fsync(fd) == 0 ? 0 : -EIO;
    close(fd);
    if (result)
        unlink(path);
    return result;
}

static void derive(const uint8_t *secret, const char *use, uint8_t out[static 32])
{
    unsigned len = 32;

    if (!HMAC(EVP_sha256(), secret, SECRET_BYTES, (const uint8_t *)use, strlen(use), out, &len))
        abort();
}

int person_key_load(const char *path, struct person_key *ret_key)
{
    uint8_t secret[SECRET_BYTES];
    char text[TEXT_SIZE + 1];

    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    ssize_t len = read(fd, text, sizeof(text));
    close(fd);
    if (len != TEXT_SIZE || text[TEXT_SIZE - 1] != '\n')
        return -EBADMSG;
    text[TEXT_SIZE - 1] = '\0';
    if (str_from_hex(text, secret, sizeof(secret)))
        return -EBADMSG;
    derive(secret, "assize person search", ret_key->search);
    derive(secret, "assize person seal", ret_key->seal);
    return 0;
}

/* ---- numbers ---- */

bool person_number_is_good(const char *number)
{
    return strlen(number) == DIGITS && strspn(number, "0123456789") == DIGITS;
}

void person_key_search(const struct person_key *key, const char *number,
                       uint8_t out[static PERSON_SEARCH_BYTES])
{
    unsigned len = PERSON_SEARCH_BYTES;

    if (!HMAC(EVP_sha256(), key->search, sizeof(key->search), (const uint8_t *)number,
              strlen(number), out, &len))
        abort();
}

/* AES-256-GCM over what a number is, with the nonce given. Aborts when the library fails, which it
 * has no reason to but for a tag that is wrong: false. */
static bool run(const struct person_key *key, bool seal, const uint8_t *nonce, const uint8_t *in,
                uint8_t *out, uint8_t *tag)
{
    const uint8_t *kind = (const uint8_t *)number_kind;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int len = 0, last = 0;

    bool good = context &&
                EVP_CipherInit_ex(context, EVP_aes_256_gcm(), NULL, key->seal, nonce, seal) == 1 &&
                EVP_CipherUpdate(context, NULL, &len, kind, (int)strlen(number_kind)) == 1 &&
                EVP_CipherUpdate(context, out, &len, in, DIGITS) == 1 &&
                (seal || EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, TAG_BYTES, tag) == 1);
    if (!good)
        abort();
    good = EVP_CipherFinal_ex(context, out + len, &last) == 1;
    if (seal && (!good || EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, tag) != 1))
        abort();
    EVP_CIPHER_CTX_free(context);
    return good;
}

void person_key_ident(const struct person_key *key, const char *number,
                      uint8_t out[static PERSON_IDENT_BYTES])
{
    uint8_t *sealed = out + PERSON_SEARCH_BYTES;

    if (!person_number_is_good(number))
        abort(); /* whoever asks has looked */
    person_key_search(key, number, out);
    id_random(sealed, NONCE_BYTES);
    run(key, true, sealed, (const uint8_t *)number, sealed + NONCE_BYTES,
        sealed + NONCE_BYTES + DIGITS);
}

bool person_key_open(const struct person_key *key, const uint8_t sealed[static PERSON_SEALED_BYTES],
                     char number[static PERSON_NUMBER_SIZE])
{
    uint8_t tag[TAG_BYTES];

    memcpy(tag, sealed + NONCE_BYTES + DIGITS, TAG_BYTES);
    bool good = run(key, false, sealed, sealed + NONCE_BYTES, (uint8_t *)number, tag);
    number[good ? DIGITS : 0] = '\0';
    return good;
}
