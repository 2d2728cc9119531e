#include <assert.h>
#include <string.h>

#include "media/rtp/bytes.h"
#include "media/rtp/stun.h"
#include "media/rtp/stun_internal.h"

/* A message under way: out is STUN_WRITE_MAX bytes, enough for anything written here. */
struct draft {
    uint8_t *out;
    size_t len;
};

static struct draft begin(uint8_t *out, enum stun_class class, const uint8_t *transaction)
{
    bytes_put16(out, (uint16_t)(STUN_METHOD_BINDING | (class & 2) << 7 | (class & 1) << 4));
    bytes_put16(out + 2, 0);
    bytes_put32(out + 4, STUN_COOKIE);
    memcpy(out + 8, transaction, STUN_TRANSACTION_BYTES);
    return (struct draft){out, STUN_HEADER_BYTES};
}

/* Appends an attribute, counted in the header, and gives its value, zeroed, to be filled in. */
static uint8_t *add(struct draft *draft, uint16_t type, size_t len)
{
    size_t padded = (len + 3) & ~(size_t)3;
    uint8_t *attribute = draft->out + draft->len;

    assert(draft->len + STUN_ATTRIBUTE_HEADER_BYTES + padded <= STUN_WRITE_MAX);
    memset(attribute, 0, STUN_ATTRIBUTE_HEADER_BYTES + padded);
    bytes_put16(attribute, type);
    bytes_put16(attribute + 2, (uint16_t)len);
    draft->len += STUN_ATTRIBUTE_HEADER_BYTES + padded;
    bytes_put16(draft->out + 2, (uint16_t)(draft->len - STUN_HEADER_BYTES));
    return attribute + STUN_ATTRIBUTE_HEADER_BYTES;
}

static size_t finish(struct draft *draft, const char *password)
{
    size_t covered = draft->len;

    if (password) {
        uint8_t *hmac = add(draft, STUN_MESSAGE_INTEGRITY, STUN_HMAC_BYTES);
        stun_hmac(draft->out, covered, password, hmac);
    }
    covered = draft->len;
    uint8_t *fingerprint = add(draft, STUN_FINGERPRINT, STUN_FINGERPRINT_BYTES);
    bytes_put32(fingerprint, stun_fingerprint(draft->out, covered));
    return draft->len;
}

static void add_mapped(struct draft *draft, const uint8_t *address, size_t len, in_port_t port)
{
    const uint8_t *mask = draft->out + 4;
    uint8_t *value = add(draft, STUN_XOR_MAPPED_ADDRESS, 4 + len);

    value[1] = len == 4 ? STUN_FAMILY_IPV4 : STUN_FAMILY_IPV6;
    bytes_put16(value + 2, ntohs(port) ^ bytes_get16(mask));
    for (size_t i = 0; i < len; i++)
        value[4 + i] = address[i] ^ mask[i];
}

size_t stun_write_success(uint8_t out[static STUN_WRITE_MAX], const struct stun_message *request,
                          const union stun_address *from, const char *password)
{
    struct draft draft = begin(out, STUN_SUCCESS, request->transaction);
    const uint8_t *v6 = from->v6.sin6_addr.s6_addr;

    if (from->any.sa_family == AF_INET)
        add_mapped(&draft, (const uint8_t *)&from->v4.sin_addr, 4, from->v4.sin_port);
    else if (IN6_IS_ADDR_V4MAPPED(&from->v6.sin6_addr))
        /* What a socket for both families makes of an IPv4 peer. */
        add_mapped(&draft, v6 + 12, 4, from->v6.sin6_port);
    else
        add_mapped(&draft, v6, 16, from->v6.sin6_port);
    return finish(&draft, password);
}

static const char *reason_of(enum stun_error error)
{
    switch (error) {
    case STUN_BAD_REQUEST:
        return "Bad Request";
    case STUN_UNAUTHENTICATED:
        return "Unauthenticated";
    case STUN_UNKNOWN_ATTRIBUTE:
        return "Unknown Attribute";
    case STUN_ROLE_CONFLICT:
        return "Role Conflict";
    }
    return "";
}

size_t stun_write_error(uint8_t out[static STUN_WRITE_MAX], const struct stun_message *request,
                        enum stun_error error, const char *password)
{
    struct draft draft = begin(out, STUN_ERROR, request->transaction);
    const char *reason = reason_of(error);
    uint8_t *value = add(&draft, STUN_ERROR_CODE, 4 + strlen(reason));

    value[2] = (uint8_t)(error / 100);
    value[3] = (uint8_t)(error % 100);
    memcpy(value + 4, reason, strlen(reason));
    if (error == STUN_UNKNOWN_ATTRIBUTE) {
        value = add(&draft, STUN_UNKNOWN_ATTRIBUTES, 2u * request->unknown_count);
        for (size_t i = 0; i < request->unknown_count; i++)
            bytes_put16(value + 2 * i, request->unknown[i]);
    }
    return finish(&draft, password);
}

size_t stun_write_request(uint8_t out[static STUN_WRITE_MAX], const struct stun_request *request)
{
    struct draft draft = begin(out, STUN_REQUEST, request->transaction);
    size_t username_len = strlen(request->username);

    assert(username_len <= STUN_USERNAME_MAX);
    memcpy(add(&draft, STUN_USERNAME, username_len), request->username, username_len);
    bytes_put32(add(&draft, STUN_PRIORITY, 4), request->priority);
    if (request->use_candidate)
        add(&draft, STUN_USE_CANDIDATE, 0);
    if (request->role != STUN_ROLE_NONE) {
        uint16_t type =
            request->role == STUN_ROLE_CONTROLLING ? STUN_ICE_CONTROLLING : STUN_ICE_CONTROLLED;
        bytes_put64(add(&draft, type, 8), request->tie_breaker);
    }
    return finish(&draft, request->password);
}
