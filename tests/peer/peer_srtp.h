/* SRTP by libsrtp2 under keys from DTLS (RFC 3711, 5764, 7714). Used by peer_media. */
#ifndef ASSIZE_TESTS_PEER_SRTP_H
#define ASSIZE_TESTS_PEER_SRTP_H

#include <srtp2/srtp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum peer_srtp_profile { PEER_SRTP_GCM, PEER_SRTP_CM };

enum { PEER_SRTP_MASTER_MAX = 2 * (16 + 14), PEER_SRTP_TRAILER_MAX = 32 };

struct peer_srtp {
    srtp_t out;
    srtp_t in;
};

/* How a profile is called in DTLS. */
const char *peer_srtp_name(enum peer_srtp_profile profile);
/* Bytes of key and salt for both sides together. */
size_t peer_srtp_master_len(enum peer_srtp_profile profile);

/*
 * master: client key, server key, client salt, server salt; we are the DTLS client. 0 or -EINVAL.
 */
int peer_srtp_init(struct peer_srtp *srtp, enum peer_srtp_profile profile, const uint8_t *master)
    __attribute__((warn_unused_result));
void peer_srtp_done(struct peer_srtp *srtp);
/* Gives back what the library holds for the process; nothing of SRTP may be used after it. */
void peer_srtp_library_done(void);

/* In place, with PEER_SRTP_TRAILER_MAX bytes of room behind; the new length, or 0 when it failed.
 */
size_t peer_srtp_protect(struct peer_srtp *srtp, uint8_t *packet, size_t len);
size_t peer_srtp_protect_rtcp(struct peer_srtp *srtp, uint8_t *packet, size_t len);
/* In place; the new length, -EALREADY for a packet that came before (or is too old to tell),
 * -EBADMSG for a forged one. */
ssize_t peer_srtp_unprotect(struct peer_srtp *srtp, uint8_t *packet, size_t len);
ssize_t peer_srtp_unprotect_rtcp(struct peer_srtp *srtp, uint8_t *packet, size_t len);

#endif
