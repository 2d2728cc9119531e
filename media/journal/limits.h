/* The record's rows of the table of limits: what one file, group or sidecar may hold. */
#ifndef ASSIZE_MEDIA_JOURNAL_LIMITS_H
#define ASSIZE_MEDIA_JOURNAL_LIMITS_H

#include "base/limits.h"

/* clang-format off */
#define JOURNAL_LIMITS(L) \
    L(JOURNAL_NAME_MAX, 64, "bytes", "the name of a hearing, a group or a track on record") \
    L(JOURNAL_TRACKS_MAX, 16, "tracks", "recorded as one group") \
    L(JOURNAL_PACKET_MAX, 1500, "bytes", "one packet on record") \
    L(JOURNAL_BUFFER_BYTES, 65536, "bytes", "of one group held between two writes to its file") \
    L(JOURNAL_STEPS_MAX, 4096, "steps", "made durable one by one in one file; the next step opens another")
/* clang-format on */
LIMITS(JOURNAL_LIMITS);

#endif
