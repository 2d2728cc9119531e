/* EVP allocates for every HMAC (OpenSSL 3.0); the plain SHA-1 functions, deprecated for new uses,
 * do not. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "media/relay/srtp.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <string.h>

#include "media/rtp/bytes.h"

enum {
    AES_BLOCK = 16,
    GCM_SALT = 12,
    GCM_TAG = 16,
    CM_TAG = 10,
    SHA1_BYTES = 20,
    SHA1_BLOCK = 64,
    RTCP_HEADER = 8,      /* stays in the clear, the sender's SSRC included */
    RTCP_INDEX_BYTES = 4, /* E flag and index */
};

#define RTCP_ENCRYPTED UINT32_C(0x80000000)

/* RFC 3711, 4.3.1 and 4.3.2 */
enum key_label {
    LABEL_RTP_KEY = 0,
    LABEL_RTP_AUTH = 1,
    LABEL_RTP_SALT = 2,
    LABEL_RTCP_KEY = 3,
    LABEL_RTCP_AUTH = 4,
    LABEL_RTCP_SALT = 5,
};

size_t srtp_salt_len(enum srtp_suite suite)
{
    return suite == SRTP_SUITE_GCM ? GCM_SALT : SRTP_SALT_MAX;
}

static size_t tag_len(enum srtp_suite suite)
{
    return suite == SRTP_SUITE_GCM ? GCM_TAG : CM_TAG;
}

/* ---- keys ---- */

/* The key derivation function: AES in counter mode from (salt xor label), RFC 3711, 4.3.3. */
static int derive(const struct srtp_master *master, enum key_label label, uint8_t *out, size_t len)
{
    static const uint8_t zeros[32];
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    uint8_t counter[AES_BLOCK] = {0};
    int written;

    memcpy(counter, master->salt, srtp_salt_len(master->suite));
    counter[7] ^= (uint8_t)label;
    int good = cipher &&
               EVP_EncryptInit_ex(cipher, EVP_aes_128_ctr(), NULL, master->key, counter) &&
               EVP_EncryptUpdate(cipher, out, &written, zeros, (int)len);
    EVP_CIPHER_CTX_free(cipher);
    return good ? 0 : -EIO;
}

/* The state of SHA-1 after one block of the key under a mask. */
static int start_hmac(SHA_CTX *state, const uint8_t *key, uint8_t mask)
{
    uint8_t block[SHA1_BLOCK];

    memset(block, mask, sizeof(block));
    for (size_t i = 0; i < SHA1_BYTES; i++)
        block[i] ^= key[i];
    int good = SHA1_Init(state) && SHA1_Update(state, block, sizeof(block));
    OPENSSL_cleanse(block, sizeof(block));
    return good ? 0 : -EIO;
}

static int derive_hmac(struct srtp_keys *keys, const struct srtp_master *master,
                       enum key_label label)
{
    uint8_t key[SHA1_BYTES];
    int result = derive(master, label, key, sizeof(key));

    if (!result)
        result = start_hmac(&keys->inner, key, 0x36);
    if (!result)
        result = start_hmac(&keys->outer, key, 0x5c);
    OPENSSL_cleanse(key, sizeof(key));
    return result;
}

/* label is that of the key; those of authentication and salt follow it. */
static int derive_keys(struct srtp_keys *keys, const struct srtp_master *master,
                       enum key_label label)
{
    const EVP_CIPHER *type =
        master->suite == SRTP_SUITE_GCM ? EVP_aes_128_gcm() : EVP_aes_128_ctr();
    uint8_t key[SRTP_KEY_BYTES];
    int result = derive(master, label, key, sizeof(key));

    if (!result)
        result = derive_hmac(keys, master, label + 1);
    if (!result)
        result = derive(master, label + 2, keys->salt, srtp_salt_len(master->suite));
    keys->cipher = EVP_CIPHER_CTX_new();
    if (!result && (!keys->cipher || !EVP_EncryptInit_ex(keys->cipher, type, NULL, key, NULL)))
        result = -EIO;
    OPENSSL_cleanse(key, sizeof(key));
    return result;
}

int srtp_context_init(struct srtp_context *context, const struct srtp_master *master)
{
    *context = (struct srtp_context){.suite = master->suite};
    int result = derive_keys(&context->rtp, master, LABEL_RTP_KEY);
    if (!result)
        result = derive_keys(&context->rtcp, master, LABEL_RTCP_KEY);
    if (result)
        srtp_context_done(context);
    return result;
}

void srtp_context_done(struct srtp_context *context)
{
    EVP_CIPHER_CTX_free(context->rtp.cipher);
    EVP_CIPHER_CTX_free(context->rtcp.cipher);
    OPENSSL_cleanse(context, sizeof(*context));
}

/* ---- AEAD_AES_128_GCM ---- */

/* RFC 7714, 8.1: SSRC, rollover counter and sequence number in a 12 byte block, xor salt. */
static void gcm_rtp_nonce(uint8_t nonce[static GCM_SALT], const uint8_t *salt, const uint8_t *ssrc,
                          int64_t index)
{
    memset(nonce, 0, 2);
    memcpy(nonce + 2, ssrc, 4);
    bytes_put16(nonce + 6, (uint16_t)(index >> 32));
    bytes_put32(nonce + 8, (uint32_t)index);
    for (int i = 0; i < GCM_SALT; i++)
        nonce[i] ^= salt[i];
}

/* RFC 7714, 9.1. */
static void gcm_rtcp_nonce(uint8_t nonce[static GCM_SALT], const uint8_t *salt, const uint8_t *ssrc,
                           uint32_t index)
{
    gcm_rtp_nonce(nonce, salt, ssrc, index);
}

struct gcm_text {
    const uint8_t *first; /* authenticated, not encrypted */
    size_t first_len;
    const uint8_t *second; /* the same, following on the first; may be empty */
    size_t second_len;
};

static int gcm_begin(EVP_CIPHER_CTX *cipher, const uint8_t *nonce, const struct gcm_text *clear,
                     int encrypt)
{
    int n;

    return EVP_CipherInit_ex(cipher, NULL, NULL, NULL, nonce, encrypt) &&
           EVP_CipherUpdate(cipher, NULL, &n, clear->first, (int)clear->first_len) &&
           (!clear->second_len ||
            EVP_CipherUpdate(cipher, NULL, &n, clear->second, (int)clear->second_len));
}

/* Writes len bytes of ciphertext and the tag, which is asked for as EVP_CIPHER_CTX_ctrl does it in
 * the end. */
static int gcm_seal(EVP_CIPHER_CTX *cipher, const uint8_t *nonce, const struct gcm_text *clear,
                    uint8_t *out, const uint8_t *in, size_t len)
{
    OSSL_PARAM tag[] = {
        OSSL_PARAM_construct_octet_string(OSSL_CIPHER_PARAM_AEAD_TAG, out + len, GCM_TAG),
        OSSL_PARAM_construct_end()};
    int n;

    if (!gcm_begin(cipher, nonce, clear, 1) ||
        (len && !EVP_EncryptUpdate(cipher, out, &n, in, (int)len)) ||
        !EVP_EncryptFinal_ex(cipher, out + len, &n) || !EVP_CIPHER_CTX_get_params(cipher, tag))
        return -EIO;
    return 0;
}

/* In place: len bytes of ciphertext at text. */
static int gcm_open(EVP_CIPHER_CTX *cipher, const uint8_t *nonce, const struct gcm_text *clear,
                    uint8_t *text, size_t len, uint8_t *tag)
{
    uint8_t none[AES_BLOCK];
    int n;

    if (!gcm_begin(cipher, nonce, clear, 0) ||
        (len && !EVP_DecryptUpdate(cipher, text, &n, text, (int)len)) ||
        !EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, GCM_TAG, tag) ||
        EVP_DecryptFinal_ex(cipher, none, &n) <= 0)
        return -EBADMSG;
    return 0;
}

/* ---- AES128_CM_HMAC_SHA1_80 ---- */

/* RFC 3711, 4.1.1: the counter block starts as (salt << 16) xor (SSRC << 64) xor (index << 16). */
static int cm_crypt(struct srtp_keys *keys, const uint8_t *ssrc, int64_t index, uint8_t *out,
                    const uint8_t *in, size_t len)
{
    uint8_t counter[AES_BLOCK] = {0};
    int n;

    memcpy(counter, keys->salt, SRTP_SALT_MAX);
    for (int i = 0; i < 4; i++)
        counter[4 + i] ^= ssrc[i];
    for (int i = 0; i < 6; i++)
        counter[8 + i] ^= (uint8_t)(index >> (40 - 8 * i));
    if (!EVP_EncryptInit_ex(keys->cipher, NULL, NULL, NULL, counter) ||
        (len && !EVP_EncryptUpdate(keys->cipher, out, &n, in, (int)len)))
        return -EIO;
    return 0;
}

static int cm_tag(const struct srtp_keys *keys, const uint8_t *data, size_t len,
                  const uint8_t *more, size_t more_len, uint8_t tag[static SHA1_BYTES])
{
    SHA_CTX inner = keys->inner;
    SHA_CTX outer = keys->outer;

    if (!SHA1_Update(&inner, data, len) || !SHA1_Update(&inner, more, more_len) ||
        !SHA1_Final(tag, &inner) || !SHA1_Update(&outer, tag, SHA1_BYTES) ||
        !SHA1_Final(tag, &outer))
        return -EIO;
    return 0;
}

/* The tag of an RTP packet also covers the rollover counter (RFC 3711, 4.2). */
static int cm_rtp_tag(const struct srtp_context *context, int64_t index, const uint8_t *packet,
                      size_t len, uint8_t tag[static SHA1_BYTES])
{
    uint8_t rollover[4];

    bytes_put32(rollover, (uint32_t)(index >> 16));
    return cm_tag(&context->rtp, packet, len, rollover, sizeof(rollover), tag);
}

/* ---- RTP ---- */

int srtp_seal_rtp(struct srtp_context *context, int64_t index, uint8_t *out, size_t header_len,
                  const uint8_t *payload, size_t payload_len)
{
    size_t len = header_len + payload_len;
    uint8_t nonce[GCM_SALT];
    uint8_t tag[SHA1_BYTES];

    if (context->suite == SRTP_SUITE_GCM) {
        struct gcm_text clear = {.first = out, .first_len = header_len};
        gcm_rtp_nonce(nonce, context->rtp.salt, out + 8, index);
        if (gcm_seal(context->rtp.cipher, nonce, &clear, out + header_len, payload, payload_len))
            return -EIO;
        return (int)(len + GCM_TAG);
    }
    if (cm_crypt(&context->rtp, out + 8, index, out + header_len, payload, payload_len) ||
        cm_rtp_tag(context, index, out, len, tag))
        return -EIO;
    memcpy(out + len, tag, CM_TAG);
    return (int)(len + CM_TAG);
}

static bool window_has(const struct srtp_window *window, int64_t index)
{
    if (!window->sequence.started || index > window->sequence.highest)
        return false;
    if (index <= window->sequence.highest - SRTP_WINDOW)
        return true;
    return window->seen[index % SRTP_WINDOW / 64] >> (index % 64) & 1;
}

static void window_add(struct srtp_window *window, int64_t index)
{
    int64_t next = window->sequence.started ? window->sequence.highest + 1 : index;

    if (index - next >= SRTP_WINDOW)
        next = index - SRTP_WINDOW + 1;
    for (int64_t i = next; i < index; i++)
        window->seen[i % SRTP_WINDOW / 64] &= ~(UINT64_C(1) << (i % 64));
    window->seen[index % SRTP_WINDOW / 64] |= UINT64_C(1) << (index % 64);
    rtp_sequence_advance(&window->sequence, index);
}

static int open_rtp(struct srtp_context *context, int64_t index, uint8_t *packet, size_t header_len,
                    size_t text_len)
{
    uint8_t *text = packet + header_len;
    uint8_t nonce[GCM_SALT];
    uint8_t tag[SHA1_BYTES];

    if (context->suite == SRTP_SUITE_GCM) {
        struct gcm_text clear = {.first = packet, .first_len = header_len};
        gcm_rtp_nonce(nonce, context->rtp.salt, packet + 8, index);
        return gcm_open(context->rtp.cipher, nonce, &clear, text, text_len, text + text_len);
    }
    if (cm_rtp_tag(context, index, packet, header_len + text_len, tag) ||
        CRYPTO_memcmp(tag, text + text_len, CM_TAG) != 0 ||
        cm_crypt(&context->rtp, packet + 8, index, text, text, text_len))
        return -EBADMSG;
    return 0;
}

int srtp_open_rtp(struct srtp_context *context, struct srtp_window *window, uint8_t *packet,
                  size_t len, const struct rtp_header *header, int64_t *ret_index)
{
    size_t tag = tag_len(context->suite);

    if (len < header->len + tag)
        return -EBADMSG;
    int64_t index = rtp_sequence_guess(&window->sequence, header->seq);
    if (index < 0 || window_has(window, index))
        return -EALREADY;
    if (open_rtp(context, index, packet, header->len, len - header->len - tag))
        return -EBADMSG;
    window_add(window, index);
    *ret_index = index;
    return (int)(len - tag);
}

/* ---- RTCP ---- */

int srtp_seal_rtcp(struct srtp_context *context, uint32_t index, uint8_t *packet, size_t len)
{
    uint8_t word[RTCP_INDEX_BYTES];
    uint8_t *text = packet + RTCP_HEADER;
    uint8_t tag[SHA1_BYTES];
    uint8_t nonce[GCM_SALT];

    bytes_put32(word, index | RTCP_ENCRYPTED);
    if (context->suite == SRTP_SUITE_GCM) {
        struct gcm_text clear = {packet, RTCP_HEADER, word, sizeof(word)};
        gcm_rtcp_nonce(nonce, context->rtcp.salt, packet + 4, index);
        if (gcm_seal(context->rtcp.cipher, nonce, &clear, text, text, len - RTCP_HEADER))
            return -EIO;
        memcpy(packet + len + GCM_TAG, word, sizeof(word));
        return (int)(len + GCM_TAG + sizeof(word));
    }
    if (cm_crypt(&context->rtcp, packet + 4, index, text, text, len - RTCP_HEADER) ||
        cm_tag(&context->rtcp, packet, len, word, sizeof(word), tag))
        return -EIO;
    memcpy(packet + len, word, sizeof(word));
    memcpy(packet + len + sizeof(word), tag, CM_TAG);
    return (int)(len + sizeof(word) + CM_TAG);
}

/* What is not encrypted (E flag 0) is authenticated all the same. */
static int gcm_open_rtcp(struct srtp_context *context, uint8_t *packet, size_t len,
                         const uint8_t *word)
{
    bool encrypted = bytes_get32(word) & RTCP_ENCRYPTED;
    size_t clear_len = encrypted ? RTCP_HEADER : len;
    struct gcm_text clear = {packet, clear_len, word, RTCP_INDEX_BYTES};
    uint8_t nonce[GCM_SALT];

    gcm_rtcp_nonce(nonce, context->rtcp.salt, packet + 4, bytes_get32(word) & ~RTCP_ENCRYPTED);
    return gcm_open(context->rtcp.cipher, nonce, &clear, packet + clear_len, len - clear_len,
                    packet + len);
}

static int cm_open_rtcp(struct srtp_context *context, uint8_t *packet, size_t len,
                        const uint8_t *word)
{
    uint8_t tag[SHA1_BYTES];

    if (cm_tag(&context->rtcp, packet, len, word, RTCP_INDEX_BYTES, tag) ||
        CRYPTO_memcmp(tag, packet + len + RTCP_INDEX_BYTES, CM_TAG) != 0)
        return -EBADMSG;
    if (!(bytes_get32(word) & RTCP_ENCRYPTED))
        return 0;
    uint8_t *text = packet + RTCP_HEADER;
    return cm_crypt(&context->rtcp, packet + 4, bytes_get32(word) & ~RTCP_ENCRYPTED, text, text,
                    len - RTCP_HEADER);
}

int srtp_open_rtcp(struct srtp_context *context, int64_t *highest, uint8_t *packet, size_t len)
{
    size_t growth = tag_len(context->suite) + RTCP_INDEX_BYTES;

    if (len < RTCP_HEADER + growth)
        return -EBADMSG;
    size_t plain_len = len - growth;
    /* GCM: text, tag, index. CM: text, index, tag. */
    const uint8_t *word = packet + plain_len + (context->suite == SRTP_SUITE_GCM ? GCM_TAG : 0);
    int64_t index = bytes_get32(word) & ~RTCP_ENCRYPTED;
    if (index <= *highest)
        return -EALREADY;
    int result = context->suite == SRTP_SUITE_GCM ? gcm_open_rtcp(context, packet, plain_len, word)
                                                  : cm_open_rtcp(context, packet, plain_len, word);
    if (result)
        return -EBADMSG;
    *highest = index;
    return (int)plain_len;
}
