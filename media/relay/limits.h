/* The relay's rows of the table of limits. Everything a peer or the controller sizes is bounded
 * here. */
#ifndef ASSIZE_MEDIA_RELAY_LIMITS_H
#define ASSIZE_MEDIA_RELAY_LIMITS_H

#include "base/limits.h"

/* clang-format off */
#define RELAY_LIMITS(L) \
    L(RELAY_LEGS_MAX, 1024, "legs", "one relay") \
    L(RELAY_HEARINGS_MAX, 256, "hearings", "with a matrix on one relay") \
    L(RELAY_SLOTS_MAX, 32, "slots", "of one medium on one leg") \
    L(RELAY_CELLS_MAX, 8192, "cells", "the matrix of one hearing") \
    L(RELAY_PATHS_MAX, 4, "addresses", "of one leg that passed an authenticated check") \
    L(RELAY_DATAGRAM_MAX, 1500, "bytes", "one datagram on the media port; longer ones are dropped") \
    L(RELAY_RECEIVE_BATCH, 64, "datagrams", "read at once") \
    L(RELAY_SEND_BATCH, 1024, "datagrams", "written at once") \
    L(RELAY_CACHE_PACKETS, 256, "packets", "of one video source kept for resends") \
    L(RELAY_MISSING_MAX, 64, "packets", "of one source that are asked for again") \
    L(RELAY_ASKS_MAX, 5, "times", "one missing packet is asked for") \
    L(RELAY_RESENDS_PER_S, 1000, "packets", "resent into one slot") \
    L(RELAY_RTCP_SENDERS_MAX, 80, "SSRCs", "one leg sends RTCP by") \
    L(RELAY_KEY_FRAME_MS, 500, "ms", "between two key frame requests to one source") \
    L(RELAY_REPORT_MS, 1000, "ms", "between two RTCP reports, and two LegQuality reports of one leg") \
    L(RELAY_BITRATE_MIN, 150000, "bit/s", "the least one video source is told to send") \
    L(RELAY_BITRATE_START, 1000000, "bit/s", "what it is told before anyone estimates") \
    L(RELAY_BITRATE_MAX, 2500000, "bit/s", "the most it is told to send") \
    L(RELAY_LOST_MS, 5000, "ms", "without an authenticated check until a leg is called lost") \
    L(RELAY_CONSENT_MS, 30000, "ms", "without an authenticated check until a leg is closed (RFC 7675)") \
    L(RELAY_HANDSHAKE_MS, 30000, "ms", "from opening a leg until it is connected") \
    L(RELAY_HOLD_MS, 15000, "ms", "legs and matrix are kept without control") \
    L(RELAY_CONTROLLERS_MAX, 4, "connections", "on the control socket") \
    L(RELAY_REPORTS_MAX, 4 << 20, "bytes", "waiting to be written to a controller") \
    L(RELAY_LOCAL_LINKS_MAX, 256, "connections", "of processes of this machine on the local socket") \
    L(RELAY_LOCAL_GREETING_MAX, 16, "connections", "of them that have not said hello") \
    L(RELAY_LOCAL_HELLO_MS, 2000, "ms", "from the connection until the hello") \
    L(RELAY_LOCAL_BATCH, 64, "datagrams", "read at once from one process") \
    L(RELAY_LOCAL_BUFFER_BYTES, 1 << 20, "bytes", "asked of the kernel for what a process has not read yet") \
    L(RELAY_RECORD_GROUPS_MAX, 512, "groups", "of tracks on record on one relay") \
    L(RELAY_RECORD_RING_BYTES, 16 << 20, "bytes", "of the record waiting to be written; what comes in on top is a gap") \
    L(RELAY_RECORD_SYNC_MS, 700, "ms", "between two times the record is made durable") \
    L(RELAY_RECORD_KEY_FRAME_MS, 10000, "ms", "between two key frames of a picture on record") \
    L(RELAY_RECORD_STALL_MS, 2400, "ms", "until a packet is durable, or the record has failed") \
    L(RELAY_RECORD_RETRY_MS, 1000, "ms", "after a disk's error until it is tried again") \
    L(RELAY_RECORD_SPACE_MS, 1000, "ms", "between two reports on the space for the record, which are its sign of life") \
    L(RELAY_RECORD_TIDINGS_MAX, 256, "reports", "on gaps and heads kept for a controller that is away")
/* clang-format on */
LIMITS(RELAY_LIMITS);

#endif
