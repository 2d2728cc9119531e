/*
 * RTP headers (RFC 3550) and their extensions (RFC 8285): read as offsets into the caller's packet,
 * rewritten in place. The header of an SRTP packet is in the clear, so rtp_parse_header is for
 * packets before and after decryption alike. Nothing is owned, nothing is allocated. For
 * media/relay.
 */
#ifndef ASSIZE_MEDIA_RTP_RTP_H
#define ASSIZE_MEDIA_RTP_RTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RTP_HEADER_MIN = 12,
    RTP_EXTENSION_ONE_BYTE = 0xbede,
    RTP_EXTENSION_TWO_BYTE = 0x1000, /* the low four bits are the application's */
};

/* A packet's header. What has an offset is in the packet from there. */
struct rtp_header {
    uint8_t payload_type;
    bool marker;
    bool padding; /* the last byte of the payload counts the padding */
    uint16_t seq;
    uint32_t timestamp;
    uint32_t ssrc;
    uint16_t len;               /* of the whole header: the payload starts here */
    uint16_t extension_profile; /* 0 without an extension */
    uint16_t extension_offset;  /* of the first element */
    uint16_t extension_len;
};

/* 0, or -EBADMSG for a packet that is not RTP version 2 or whose header is longer than the packet.
 */
int rtp_parse_header(const uint8_t *packet, size_t len, struct rtp_header *ret_header)
    __attribute__((warn_unused_result));

/* The length of the payload of a decrypted packet, without padding. 0, or -EBADMSG for a wrong
 * padding count. */
int rtp_payload_len(const uint8_t *packet, size_t len, const struct rtp_header *header,
                    size_t *ret_len) __attribute__((warn_unused_result));

/* One header extension element; what to write, or (found) where it is in the packet. */
struct rtp_element {
    uint8_t id; /* 1 to 14 */
    uint8_t len;
    const uint8_t *data;
};

/* The element with this id; false when there is none before the first malformed one. */
bool rtp_find_extension(const uint8_t *packet, const struct rtp_header *header, uint8_t id,
                        struct rtp_element *ret_element);
/* Overwrites an element's value; false when there is none with this id and length. */
bool rtp_patch_extension(uint8_t *packet, const struct rtp_header *header, uint8_t id,
                         const uint8_t *value, size_t len);
/* Turns an element into padding, so that it does not travel on; nothing happens when there is none.
 */
void rtp_blank_extension(uint8_t *packet, const struct rtp_header *header, uint8_t id);

/* RFC 6464: level in -dBov (0 loudest, 127 silence). False when the packet has none. */
bool rtp_read_audio_level(const uint8_t *packet, const struct rtp_header *header, uint8_t id,
                          uint8_t *ret_level, bool *ret_voice);
/* abs-send-time: seconds in 6.18 fixed point, modulo 64. */
uint32_t rtp_abs_send_time(int64_t ns);

/* These rewrite a packet that rtp_parse_header accepted. */
void rtp_set_payload_type(uint8_t *packet, uint8_t payload_type); /* keeps the marker */
void rtp_set_seq(uint8_t *packet, uint16_t seq);
void rtp_set_timestamp(uint8_t *packet, uint32_t timestamp);
void rtp_set_ssrc(uint8_t *packet, uint32_t ssrc);

/*
 * Writes a header with one-byte extension elements (each 1 to 16 bytes; count may be 0). Of the
 * header only payload type, marker, seq, timestamp and ssrc are used. The length written, or 0 when
 * it does not fit into size.
 */
size_t rtp_write_header(uint8_t *out, size_t size, const struct rtp_header *header,
                        const struct rtp_element *elements, size_t count);

/* True when a is later than b, modulo 2^16. */
static inline bool rtp_seq_newer(uint16_t a, uint16_t b)
{
    return (int16_t)(uint16_t)(a - b) > 0;
}

/*
 * A 16-bit sequence number made 48-bit (RFC 3711, 3.3.1: the rollover counter is the upper part).
 * Guess first; advance once the packet has proved authentic. A fresh one starts in rollover 0.
 */
struct rtp_sequence {
    bool started;
    int64_t highest;
};

/* The nearest to the highest so far; negative for a packet from before the first rollover, to be
 * dropped. */
int64_t rtp_sequence_guess(const struct rtp_sequence *sequence, uint16_t seq);
/* Counts it in; an older one changes nothing. */
void rtp_sequence_advance(struct rtp_sequence *sequence, int64_t extended);

#endif
