/*
 * DTLS 1.2 as the server's half of DTLS-SRTP (RFC 5763, RFC 5764) on OpenSSL. Datagrams are handed
 * in and out, there is no socket here. The peer's certificate is taken whatever it is: its
 * fingerprint is compared by the leg, once the answer is there too. An identity is one key for the
 * life of the process; a dtls is one association, owned by its leg.
 */
#ifndef ASSIZE_MEDIA_RELAY_DTLS_H
#define ASSIZE_MEDIA_RELAY_DTLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sha256.h"
#include "media/relay/srtp.h"

struct dtls_identity;

/* Makes an ECDSA P-256 key and a certificate of its own. 0 or -EIO. */
int dtls_identity_new(struct dtls_identity **ret_identity) __attribute__((warn_unused_result));
void dtls_identity_free(struct dtls_identity *identity);
const uint8_t *dtls_identity_fingerprint(const struct dtls_identity *identity);

enum dtls_state {
    DTLS_STATE_HANDSHAKE,   /* the client has not finished */
    DTLS_STATE_ESTABLISHED, /* keys and the client's fingerprint are there */
    DTLS_STATE_CLOSED,      /* close_notify came */
    DTLS_STATE_FAILED,      /* fatal alert, no common SRTP suite, no certificate */
};

struct dtls;

typedef void (*dtls_send)(void *context, const uint8_t *data, size_t len);

struct dtls *dtls_new(const struct dtls_identity *identity, dtls_send send, void *context);
/* Says goodbye when it is established. */
void dtls_free(struct dtls *dtls);

enum dtls_state dtls_state(const struct dtls *dtls);
/* Takes a datagram, which may answer. */
void dtls_take(struct dtls *dtls, const uint8_t *data, size_t len);
/* Sends again what was lost; every 100 ms. */
void dtls_tick(struct dtls *dtls);

/* These two only when it is established. SHA-256 of the client's certificate: */
const uint8_t *dtls_peer_fingerprint(const struct dtls *dtls);
/* The master keys for what the client sends and what we send. 0 or -EIO. */
int dtls_export(const struct dtls *dtls, struct srtp_master *ret_client,
                struct srtp_master *ret_server) __attribute__((warn_unused_result));

#endif
