#include "tests/peer/peer_stun.h"

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <string.h>

enum {
    COOKIE = 0x2112a442,
    ATTRIBUTE_HEADER_BYTES = 4,
    INTEGRITY_BYTES = 20,
    FINGERPRINT_BYTES = 4,
    ATTR_USERNAME = 0x0006,
    ATTR_INTEGRITY = 0x0008,
    ATTR_PRIORITY = 0x0024,
    ATTR_USE_CANDIDATE = 0x0025,
    ATTR_FINGERPRINT = 0x8028,
    ATTR_CONTROLLING = 0x802a,
    FINGERPRINT_XOR = 0x5354554e,
    /* A host candidate's: RFC 8445 section 5.1.2.1 with type preference 126, local preference
       65535, component 1. */
    PRIORITY_HOST = 126 << 24 | 65535 << 8 | 255,
};

struct writer {
    uint8_t *data;
    size_t len;
};

static void put(uint8_t *at, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
}

static unsigned get16(const uint8_t *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

/* The length field counts what follows the header. */
static void set_length(uint8_t *message, size_t total)
{
    put(message + 2, total - PEER_STUN_HEADER_BYTES, 2);
}

static void begin(struct writer *w, uint8_t *out, unsigned type, const uint8_t *id)
{
    *w = (struct writer){.data = out, .len = PEER_STUN_HEADER_BYTES};
    put(out, type, 2);
    put(out + 4, COOKIE, 4);
    memcpy(out + 8, id, PEER_STUN_ID_BYTES);
}

static void attribute(struct writer *w, unsigned type, const void *value, size_t len)
{
    uint8_t *at = w->data + w->len;
    size_t padded = (len + 3) & ~(size_t)3;

    put(at, type, 2);
    put(at + 2, len, 2);
    memset(at + ATTRIBUTE_HEADER_BYTES, 0, padded);
    if (len)
        memcpy(at + ATTRIBUTE_HEADER_BYTES, value, len);
    w->len += ATTRIBUTE_HEADER_BYTES + padded;
}

static void integrity(const uint8_t *message, size_t len, const char *password,
                      uint8_t out[static INTEGRITY_BYTES])
{
    HMAC(EVP_sha1(), password, (int)strlen(password), message, len, out, NULL);
}

/* CRC-32 of ITU V.42. */
static uint32_t crc32_of(const uint8_t *data, size_t len)
{
    uint32_t crc = UINT32_MAX;

    for (size_t i = 0; i < len; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320U : 0);
    }
    return ~crc;
}

/* Each covers everything before it, under a length that counts it already. */
static size_t finish(struct writer *w, const char *password)
{
    uint8_t mac[INTEGRITY_BYTES];
    uint8_t fingerprint[FINGERPRINT_BYTES];

    set_length(w->data, w->len + ATTRIBUTE_HEADER_BYTES + INTEGRITY_BYTES);
    integrity(w->data, w->len, password, mac);
    attribute(w, ATTR_INTEGRITY, mac, sizeof(mac));
    set_length(w->data, w->len + ATTRIBUTE_HEADER_BYTES + FINGERPRINT_BYTES);
    put(fingerprint, crc32_of(w->data, w->len) ^ FINGERPRINT_XOR, sizeof(fingerprint));
    attribute(w, ATTR_FINGERPRINT, fingerprint, sizeof(fingerprint));
    return w->len;
}

size_t peer_stun_write_check(uint8_t out[static PEER_STUN_MAX], const struct peer_stun_check *check)
{
    struct writer w;
    uint8_t number[8];

    begin(&w, out, PEER_STUN_REQUEST, check->id);
    attribute(&w, ATTR_USERNAME, check->username, strlen(check->username));
    put(number, PRIORITY_HOST, 4);
    attribute(&w, ATTR_PRIORITY, number, 4);
    put(number, check->tie_breaker, 8);
    attribute(&w, ATTR_CONTROLLING, number, 8);
    attribute(&w, ATTR_USE_CANDIDATE, NULL, 0);
    return finish(&w, check->password);
}

/* Where the attribute's header starts, or 0. */
static size_t find(const uint8_t *data, size_t len, unsigned type)
{
    size_t at = PEER_STUN_HEADER_BYTES;

    while (at + ATTRIBUTE_HEADER_BYTES <= len) {
        size_t value_len = get16(data + at + 2);
        if (at + ATTRIBUTE_HEADER_BYTES + value_len > len)
            return 0;
        if (get16(data + at) == type)
            return at;
        at += ATTRIBUTE_HEADER_BYTES + ((value_len + 3) & ~(size_t)3);
    }
    return 0;
}

static bool authentic(const uint8_t *data, size_t len, const char *password)
{
    uint8_t copy[PEER_STUN_MAX];
    uint8_t mac[INTEGRITY_BYTES];
    size_t at = find(data, len, ATTR_INTEGRITY);

    if (!at || len > sizeof(copy) || get16(data + at + 2) != INTEGRITY_BYTES)
        return false;
    memcpy(copy, data, at);
    set_length(copy, at + ATTRIBUTE_HEADER_BYTES + INTEGRITY_BYTES);
    integrity(copy, at, password, mac);
    return CRYPTO_memcmp(mac, data + at + ATTRIBUTE_HEADER_BYTES, sizeof(mac)) == 0;
}

bool peer_stun_parse(const uint8_t *data, size_t len, const char *password,
                     struct peer_stun *ret_stun)
{
    uint8_t cookie[4];

    put(cookie, COOKIE, sizeof(cookie));
    if (len < PEER_STUN_HEADER_BYTES || memcmp(data + 4, cookie, sizeof(cookie)) != 0 ||
        PEER_STUN_HEADER_BYTES + get16(data + 2) != len)
        return false;
    ret_stun->type = get16(data);
    memcpy(ret_stun->id, data + 8, PEER_STUN_ID_BYTES);
    ret_stun->authentic = authentic(data, len, password);
    return true;
}
