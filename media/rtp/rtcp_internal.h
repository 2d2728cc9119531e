/* The layout of RTCP packets, shared by the reader and the writer in this folder. Offsets are in a
 * packet's body. */
#ifndef ASSIZE_MEDIA_RTP_RTCP_INTERNAL_H
#define ASSIZE_MEDIA_RTP_RTCP_INTERNAL_H

enum {
    RTCP_HEADER_BYTES = 4,
    COUNT_MASK = 0x1f,
    PADDING_BIT = 0x20,

    RTCP_TYPE_SR = 200,
    RTCP_TYPE_RR = 201,
    RTCP_TYPE_SDES = 202,
    RTCP_TYPE_BYE = 203,
    RTCP_TYPE_RTPFB = 205,
    RTCP_TYPE_PSFB = 206,

    RTPFB_NACK = 1,
    RTPFB_TRANSPORT_CC = 15,
    PSFB_PLI = 1,
    PSFB_FIR = 4,
    PSFB_AFB = 15,

    SR_REPORTS = 24,
    RR_REPORTS = 4,
    REPORT_BYTES = 24,
    FEEDBACK_ITEMS = 8,
    NACK_BYTES = 4,
    FIR_BYTES = 8,

    REMB_NAME = 8,
    REMB_COUNT = 12,
    REMB_RATE = 13,
    REMB_SOURCES = 16,
};

#endif
