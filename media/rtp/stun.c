#include "media/rtp/stun.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

#include "media/rtp/bytes.h"
#include "media/rtp/stun_internal.h"

void stun_hmac(const uint8_t *data, size_t len, const char *password,
               uint8_t out[static STUN_HMAC_BYTES])
{
    if (!HMAC(EVP_sha1(), password, (int)strlen(password), data, len, out, NULL))
        abort();
}

uint32_t stun_fingerprint(const uint8_t *data, size_t len)
{
    /* CRC-32 of ITU V.42, reflected, four bits at a time. */
    static const uint32_t table[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
        0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
        0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    uint32_t crc = UINT32_MAX;

    for (size_t i = 0; i < len; i++) {
        crc = table[(crc ^ data[i]) & 15] ^ crc >> 4;
        crc = table[(crc ^ data[i] >> 4) & 15] ^ crc >> 4;
    }
    return ~crc ^ STUN_FINGERPRINT_XOR;
}

/* One attribute as it stands in the message. */
struct attribute {
    uint16_t type;
    uint16_t len;
    uint16_t offset; /* of its header */
    const uint8_t *value;
};

static int parse_username(struct stun_message *message, const struct attribute *attribute)
{
    if (attribute->len > STUN_USERNAME_MAX)
        return -EBADMSG;
    message->username = (const char *)attribute->value;
    message->username_len = attribute->len;
    return 0;
}

static int parse_priority(struct stun_message *message, const struct attribute *attribute)
{
    if (attribute->len != 4)
        return -EBADMSG;
    message->has_priority = true;
    message->priority = bytes_get32(attribute->value);
    return 0;
}

static int parse_role(struct stun_message *message, const struct attribute *attribute)
{
    if (attribute->len != 8 || message->role != STUN_ROLE_NONE)
        return -EBADMSG;
    message->role =
        attribute->type == STUN_ICE_CONTROLLING ? STUN_ROLE_CONTROLLING : STUN_ROLE_CONTROLLED;
    message->tie_breaker = bytes_get64(attribute->value);
    return 0;
}

static int parse_error(struct stun_message *message, const struct attribute *attribute)
{
    if (attribute->len < 4)
        return -EBADMSG;
    message->error = (uint16_t)((attribute->value[2] & 7) * 100 + attribute->value[3]);
    return 0;
}

/* The address is XORed with the cookie and, for IPv6, the transaction that follows it in the header
 * (14.2). */
static int parse_mapped(struct stun_message *message, const struct attribute *attribute)
{
    const uint8_t *value = attribute->value;
    const uint8_t *mask = message->transaction - 4;
    bool v6 = attribute->len == 20 && value[1] == STUN_FAMILY_IPV6;
    uint8_t plain[16];

    if (!v6 && (attribute->len != 8 || value[1] != STUN_FAMILY_IPV4))
        return -EBADMSG;
    in_port_t port = htons(bytes_get16(value + 2) ^ bytes_get16(mask));
    for (size_t i = 0; i < attribute->len - 4u; i++)
        plain[i] = value[4 + i] ^ mask[i];
    if (v6) {
        message->mapped.v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = port};
        memcpy(&message->mapped.v6.sin6_addr, plain, 16);
    } else {
        message->mapped.v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = port};
        memcpy(&message->mapped.v4.sin_addr, plain, 4);
    }
    return 0;
}

static int parse_attribute(struct stun_message *message, const struct attribute *attribute)
{
    switch (attribute->type) {
    case STUN_USERNAME:
        return parse_username(message, attribute);
    case STUN_MESSAGE_INTEGRITY:
        if (attribute->len != STUN_HMAC_BYTES)
            return -EBADMSG;
        message->integrity_offset = attribute->offset;
        return 0;
    case STUN_PRIORITY:
        return parse_priority(message, attribute);
    case STUN_USE_CANDIDATE:
        message->use_candidate = true;
        return attribute->len ? -EBADMSG : 0;
    case STUN_ICE_CONTROLLED:
    case STUN_ICE_CONTROLLING:
        return parse_role(message, attribute);
    case STUN_ERROR_CODE:
        return parse_error(message, attribute);
    case STUN_XOR_MAPPED_ADDRESS:
        return parse_mapped(message, attribute);
    case STUN_UNKNOWN_ATTRIBUTES:
        return 0;
    default:
        if (attribute->type <= STUN_MUST_UNDERSTAND_MAX &&
            message->unknown_count < STUN_UNKNOWN_MAX)
            message->unknown[message->unknown_count++] = attribute->type;
        return 0;
    }
}

static int check_fingerprint(const uint8_t *data, size_t len, const struct attribute *attribute)
{
    size_t end = (size_t)attribute->offset + STUN_ATTRIBUTE_HEADER_BYTES + STUN_FINGERPRINT_BYTES;

    if (attribute->len != STUN_FINGERPRINT_BYTES || end != len)
        return -EBADMSG;
    return bytes_get32(attribute->value) == stun_fingerprint(data, attribute->offset) ? 0
                                                                                      : -EBADMSG;
}

static int parse_attributes(const uint8_t *data, size_t len, struct stun_message *message)
{
    size_t at = STUN_HEADER_BYTES;

    for (int i = 0; at < len; i++) {
        if (i == STUN_ATTRIBUTES_MAX || at + STUN_ATTRIBUTE_HEADER_BYTES > len)
            return -EBADMSG;
        struct attribute attribute = {
            .type = bytes_get16(data + at),
            .len = bytes_get16(data + at + 2),
            .offset = (uint16_t)at,
            .value = data + at + STUN_ATTRIBUTE_HEADER_BYTES,
        };
        at += STUN_ATTRIBUTE_HEADER_BYTES + ((attribute.len + 3u) & ~3u);
        if (at > len)
            return -EBADMSG;
        if (attribute.type == STUN_FINGERPRINT) {
            if (check_fingerprint(data, len, &attribute))
                return -EBADMSG;
            message->has_fingerprint = true;
        } else if (!message->integrity_offset && parse_attribute(message, &attribute)) {
            return -EBADMSG;
        }
    }
    return 0;
}

int stun_parse(const uint8_t *data, size_t len, struct stun_message *ret_message)
{
    if (len < STUN_HEADER_BYTES || len > STUN_BYTES_MAX || len % 4 || data[0] & 0xc0)
        return -EBADMSG;
    uint16_t type = bytes_get16(data);
    if ((type & STUN_METHOD_MASK) != STUN_METHOD_BINDING ||
        bytes_get16(data + 2) != len - STUN_HEADER_BYTES || bytes_get32(data + 4) != STUN_COOKIE)
        return -EBADMSG;
    struct stun_message message = {
        .class = (enum stun_class)((type >> 7 & 2) | (type >> 4 & 1)),
        .transaction = data + 8,
        .mapped.any.sa_family = AF_UNSPEC,
    };
    if (parse_attributes(data, len, &message))
        return -EBADMSG;
    *ret_message = message;
    return 0;
}

bool stun_verify(const uint8_t *data, const struct stun_message *message, const char *password)
{
    uint8_t signed_part[STUN_BYTES_MAX];
    uint8_t hmac[STUN_HMAC_BYTES];
    size_t len = message->integrity_offset;

    if (!len)
        return false;
    /* The signature was made when it was the last attribute: the header counts up to its end
     * (14.5). */
    memcpy(signed_part, data, len);
    bytes_put16(signed_part + 2, (uint16_t)(len + STUN_ATTRIBUTE_HEADER_BYTES + STUN_HMAC_BYTES -
                                            STUN_HEADER_BYTES));
    stun_hmac(signed_part, len, password, hmac);
    return !CRYPTO_memcmp(hmac, data + len + STUN_ATTRIBUTE_HEADER_BYTES, STUN_HMAC_BYTES);
}
