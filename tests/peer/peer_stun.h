/*
 * STUN as an ICE client needs it (RFC 8489, RFC 8445): binding requests and responses with
 * MESSAGE-INTEGRITY and FINGERPRINT. Pure. Used by peer_media. The relay is ICE-lite and sends no
 * checks, so there are none to answer.
 */
#ifndef ASSIZE_TESTS_PEER_STUN_H
#define ASSIZE_TESTS_PEER_STUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PEER_STUN_MAX = 768, PEER_STUN_ID_BYTES = 12, PEER_STUN_HEADER_BYTES = 20 };

enum peer_stun_type {
    PEER_STUN_REQUEST = 0x0001,
    PEER_STUN_SUCCESS = 0x0101,
    PEER_STUN_ERROR = 0x0111,
};

struct peer_stun {
    unsigned type;
    uint8_t id[PEER_STUN_ID_BYTES];
    bool authentic; /* MESSAGE-INTEGRITY is there and right under the key */
};

struct peer_stun_check {
    uint8_t id[PEER_STUN_ID_BYTES];
    const char *username; /* THEIRS:OURS */
    const char *password; /* theirs */
    uint64_t tie_breaker;
};

/* A check with PRIORITY, ICE-CONTROLLING and USE-CANDIDATE; returns its bytes. */
size_t peer_stun_write_check(uint8_t out[static PEER_STUN_MAX],
                             const struct peer_stun_check *check);
/* False for what is not a STUN message. password: what its integrity is checked with. */
bool peer_stun_parse(const uint8_t *data, size_t len, const char *password,
                     struct peer_stun *ret_stun);

#endif
