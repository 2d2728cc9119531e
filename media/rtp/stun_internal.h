/* Numbers of the STUN format (RFC 8489, section 5 and 14; RFC 8445, 16.1), and its two checksums.
 * For this folder. */
#ifndef ASSIZE_MEDIA_RTP_STUN_INTERNAL_H
#define ASSIZE_MEDIA_RTP_STUN_INTERNAL_H

#include <stddef.h>
#include <stdint.h>

enum {
    STUN_HEADER_BYTES = 20,
    STUN_ATTRIBUTE_HEADER_BYTES = 4,
    STUN_COOKIE = 0x2112a442,
    STUN_FINGERPRINT_XOR = 0x5354554e,

    STUN_METHOD_MASK = 0x3eef,
    STUN_METHOD_BINDING = 0x0001,

    STUN_USERNAME = 0x0006,
    STUN_MESSAGE_INTEGRITY = 0x0008,
    STUN_ERROR_CODE = 0x0009,
    STUN_UNKNOWN_ATTRIBUTES = 0x000a,
    STUN_XOR_MAPPED_ADDRESS = 0x0020,
    STUN_PRIORITY = 0x0024,
    STUN_USE_CANDIDATE = 0x0025,
    STUN_FINGERPRINT = 0x8028,
    STUN_ICE_CONTROLLED = 0x8029,
    STUN_ICE_CONTROLLING = 0x802a,
    STUN_MUST_UNDERSTAND_MAX = 0x7fff,

    STUN_FAMILY_IPV4 = 1,
    STUN_FAMILY_IPV6 = 2,
    STUN_HMAC_BYTES = 20,
    STUN_FINGERPRINT_BYTES = 4,
};

/* HMAC-SHA1 over a whole message up to its integrity attribute, its header already counting that
 * attribute. */
void stun_hmac(const uint8_t *data, size_t len, const char *password,
               uint8_t out[static STUN_HMAC_BYTES]);
/* The value of the fingerprint of a message whose header already counts it. */
uint32_t stun_fingerprint(const uint8_t *data, size_t len);

#endif
