/*
 * STUN (RFC 8489) as ICE connectivity checks use it (RFC 8445): binding requests and their answers,
 * short-term credentials. Messages are parsed in place and written into the caller's buffer. For
 * media/relay.
 *
 * Order for a server: stun_parse, find the leg by the first half of the user name, stun_verify with
 * that leg's password, and only then act or answer.
 */
#ifndef ASSIZE_MEDIA_RTP_STUN_H
#define ASSIZE_MEDIA_RTP_STUN_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/limits.h"

/* clang-format off */
#define STUN_LIMITS(L) \
    L(STUN_BYTES_MAX, 1280, "bytes", "one STUN message") \
    L(STUN_ATTRIBUTES_MAX, 32, "attributes", "one STUN message") \
    L(STUN_USERNAME_MAX, 508, "bytes", "a STUN user name (both halves and the colon)")
/* clang-format on */
LIMITS(STUN_LIMITS);

enum {
    STUN_TRANSACTION_BYTES = 12,
    STUN_UNKNOWN_MAX = 4,
    STUN_WRITE_MAX = 640, /* the longest message we write */
};

enum stun_class {
    STUN_REQUEST,
    STUN_INDICATION,
    STUN_SUCCESS,
    STUN_ERROR,
};

enum stun_role {
    STUN_ROLE_NONE,
    STUN_ROLE_CONTROLLING,
    STUN_ROLE_CONTROLLED,
};

/* The errors we answer. */
enum stun_error {
    STUN_BAD_REQUEST = 400,
    STUN_UNAUTHENTICATED = 401,
    STUN_UNKNOWN_ATTRIBUTE = 420,
    STUN_ROLE_CONFLICT = 487,
};

union stun_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* A binding message, valid as long as the caller's bytes. Pointers are NULL for what is not there.
 */
struct stun_message {
    enum stun_class class;
    const uint8_t *transaction; /* STUN_TRANSACTION_BYTES */
    const char *username;       /* not NUL-terminated */
    size_t username_len;
    bool has_priority;
    uint32_t priority;
    bool use_candidate;
    enum stun_role role;
    uint64_t tie_breaker;
    bool has_fingerprint;      /* and it is right */
    uint16_t integrity_offset; /* of the MESSAGE-INTEGRITY attribute; 0 without one */
    uint16_t error;            /* of an error answer, else 0 */
    union stun_address mapped; /* of a success answer; any.sa_family AF_UNSPEC without one */
    uint8_t unknown_count; /* of attributes that must be understood and are not; a request with any
                              is answered */
    uint16_t unknown[STUN_UNKNOWN_MAX]; /* with STUN_UNKNOWN_ATTRIBUTE; the first few of them */
};

/*
 * 0; -EBADMSG for what is no well-formed STUN binding message (a wrong fingerprint and an over-long
 * user name included), which gets no answer. What follows the message integrity is ignored, but for
 * the fingerprint.
 */
int stun_parse(const uint8_t *data, size_t len, struct stun_message *ret_message)
    __attribute__((warn_unused_result));

/* True when there is a message integrity and it is by this password; in constant time. data as
 * parsed. */
bool stun_verify(const uint8_t *data, const struct stun_message *message, const char *password);

/* Each writes one message, signed by the password and with a fingerprint, and returns its length.
 */

/* The answer to a good request, with the address it came from (IPv4 or IPv6; mapped ones are
 * written as IPv4). */
size_t stun_write_success(uint8_t out[static STUN_WRITE_MAX], const struct stun_message *request,
                          const union stun_address *from, const char *password);
/* password NULL: not signed, since the request was not authenticated (400 and 401). */
size_t stun_write_error(uint8_t out[static STUN_WRITE_MAX], const struct stun_message *request,
                        enum stun_error error, const char *password);

/* What a client asks; the tests of whoever answers write it. */
struct stun_request {
    uint8_t transaction[STUN_TRANSACTION_BYTES];
    const char *username; /* the answerer's ufrag first; at most STUN_USERNAME_MAX bytes */
    const char *password; /* of the answerer */
    uint32_t priority;
    bool use_candidate;
    enum stun_role role;
    uint64_t tie_breaker;
};
size_t stun_write_request(uint8_t out[static STUN_WRITE_MAX], const struct stun_request *request);

#endif
