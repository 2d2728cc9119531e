/* The rows of the table of limits for the media of one hearing. */
#ifndef ASSIZE_SERVER_MEDIA_LIMITS_H
#define ASSIZE_SERVER_MEDIA_LIMITS_H

#include "base/limits.h"

/* clang-format off */
#define STAGE_LIMITS(L) \
    L(STAGE_VIEWERS_MAX, 128, "viewers", "of the gallery of one hearing") \
    L(STAGE_STUDIO_GRACE_MS, 5000, "ms", "a studio runs on when nobody needs it any more") \
    L(STAGE_STUDIO_RETRY_MS, 30000, "ms", "until a studio is asked for again when too many ran")
/* clang-format on */
LIMITS(STAGE_LIMITS);

#endif
