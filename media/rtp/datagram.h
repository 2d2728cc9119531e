/*
 * What a datagram on the media port is, by its first bytes (RFC 7983, and RFC 5761 for RTP against
 * RTCP). Says nothing about whether it is well-formed. For whoever owns a media socket.
 */
#ifndef ASSIZE_MEDIA_RTP_DATAGRAM_H
#define ASSIZE_MEDIA_RTP_DATAGRAM_H

#include <stddef.h>
#include <stdint.h>

enum datagram_kind {
    DATAGRAM_JUNK,
    DATAGRAM_STUN,
    DATAGRAM_DTLS,
    DATAGRAM_RTP,
    DATAGRAM_RTCP,
};

enum datagram_kind datagram_classify(const uint8_t *data, size_t len);

#endif
