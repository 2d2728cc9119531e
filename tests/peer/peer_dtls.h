/*
 * A DTLS 1.2 client (RFC 6347, 5763, 5764) over datagrams that somebody else carries. Used by
 * peer_media, which feeds it what arrives, sends what it makes, and calls peer_dtls_tick when its
 * timer is due.
 */
#ifndef ASSIZE_TESTS_PEER_DTLS_H
#define ASSIZE_TESTS_PEER_DTLS_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/sha256.h"
#include "tests/peer/peer_srtp.h"

/* The self-signed P-256 certificate of this process; peers may share one. */
struct peer_identity {
    SSL_CTX *ctx;
    uint8_t fingerprint[SHA256_BYTES];
};
/* 0, or -EIO when OpenSSL cannot. */
int peer_identity_init(struct peer_identity *identity) __attribute__((warn_unused_result));
void peer_identity_done(struct peer_identity *identity);

enum peer_dtls_state {
    PEER_DTLS_SHAKING,
    PEER_DTLS_UP,     /* the server's certificate has the offered fingerprint and keys are there */
    PEER_DTLS_FAILED, /* alert, wrong fingerprint, no SRTP profile, or closed by the server */
};

struct peer_dtls {
    SSL *ssl;
    enum peer_dtls_state state;
    void (*send)(void *context, const uint8_t *data, size_t len);
    void *context;
    const uint8_t *pending; /* the datagram being fed */
    size_t pending_len;
    uint8_t expected[SHA256_BYTES];
    enum peer_srtp_profile profile; /* agreed, once up */
    uint8_t master[PEER_SRTP_MASTER_MAX];
};

/* expected: the server's fingerprint; profiles: as OpenSSL lists them. 0 or -EIO. */
int peer_dtls_init(struct peer_dtls *dtls, const struct peer_identity *identity,
                   const uint8_t expected[static SHA256_BYTES], const char *profiles,
                   void (*send)(void *context, const uint8_t *data, size_t len), void *context)
    __attribute__((warn_unused_result));
/* With a close_notify when it is up. */
void peer_dtls_done(struct peer_dtls *dtls);

/* Sends the ClientHello. */
void peer_dtls_start(struct peer_dtls *dtls);
void peer_dtls_feed(struct peer_dtls *dtls, const uint8_t *data, size_t len);
/* Resends what is due. */
void peer_dtls_tick(struct peer_dtls *dtls);

#endif
