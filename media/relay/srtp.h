/*
 * SRTP and SRTCP (RFC 3711, RFC 7714) on OpenSSL EVP. A context is one direction of one leg: it
 * owns cipher contexts that are keyed once, so that a packet costs no allocation. Sequence numbers
 * are 48-bit indexes throughout; the rollover counter is their upper part. Owned by the leg.
 *
 * A nonce must never carry two plaintexts (RFC 7714, section 8): the caller may seal one index
 * twice only with the same bytes.
 */
#ifndef ASSIZE_MEDIA_RELAY_SRTP_H
#define ASSIZE_MEDIA_RELAY_SRTP_H

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stddef.h>
#include <stdint.h>

#include "media/relay/limits.h"
#include "media/rtp/rtp.h"

enum srtp_suite {
    SRTP_SUITE_GCM, /* AEAD_AES_128_GCM */
    SRTP_SUITE_CM,  /* AES128_CM_HMAC_SHA1_80 */
};

enum {
    SRTP_KEY_BYTES = 16,
    SRTP_SALT_MAX = 14,
    SRTP_RTP_GROWTH_MAX = 16,  /* bytes sealing adds to an RTP packet */
    SRTP_RTCP_GROWTH_MAX = 20, /* and to an RTCP packet */
    SRTP_WINDOW = 1024,        /* packets back that may still arrive */
};

struct srtp_master {
    enum srtp_suite suite;
    uint8_t key[SRTP_KEY_BYTES];
    uint8_t salt[SRTP_SALT_MAX]; /* GCM uses the first 12 */
};

/* Length of a suite's master salt in bytes. */
size_t srtp_salt_len(enum srtp_suite suite);

struct srtp_keys {
    EVP_CIPHER_CTX *cipher;
    uint8_t salt[SRTP_SALT_MAX];
    SHA_CTX inner; /* HMAC (RFC 2104) after the masked key; CM only */
    SHA_CTX outer;
};

struct srtp_context {
    enum srtp_suite suite;
    struct srtp_keys rtp;
    struct srtp_keys rtcp;
};

/* Derives the session keys (RFC 3711, 4.3). 0 or -EIO when the library fails. */
int srtp_context_init(struct srtp_context *context, const struct srtp_master *master)
    __attribute__((warn_unused_result));
void srtp_context_done(struct srtp_context *context);

/*
 * Seals an RTP packet whose header (header_len bytes) the caller has written to out, with the low
 * 16 bits of index as its sequence number; the payload is read from elsewhere. out has room for
 * SRTP_RTP_GROWTH_MAX more. The packet's length, or -EIO.
 */
int srtp_seal_rtp(struct srtp_context *context, int64_t index, uint8_t *out, size_t header_len,
                  const uint8_t *payload, size_t payload_len);
/* Seals in place an RTCP packet of len bytes under the 31-bit index. Its new length, or -EIO. */
int srtp_seal_rtcp(struct srtp_context *context, uint32_t index, uint8_t *packet, size_t len);

/* Which indexes of one SSRC have arrived (RFC 3711, 3.3.2). Starts zeroed. */
struct srtp_window {
    struct rtp_sequence sequence;
    uint64_t seen[SRTP_WINDOW / 64]; /* bit index % SRTP_WINDOW */
};

/*
 * Opens a packet in place. The length of the RTP packet, and its index; -EBADMSG when it is not
 * authentic, -EALREADY when it came before or is too old to tell.
 */
int srtp_open_rtp(struct srtp_context *context, struct srtp_window *window, uint8_t *packet,
                  size_t len, const struct rtp_header *header, int64_t *ret_index);
/*
 * Opens a packet in place; highest is that SSRC's last index (starts at -1) and is moved on: RTCP
 * that comes out of order is dropped. The length of the RTCP packet, -EBADMSG or -EALREADY.
 */
int srtp_open_rtcp(struct srtp_context *context, int64_t *highest, uint8_t *packet, size_t len);

#endif
