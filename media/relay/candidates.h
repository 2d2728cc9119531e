/* The addresses clients are offered: those that are advertised, else the one listened at, else
 * every one of the machine. */
#ifndef ASSIZE_MEDIA_RELAY_CANDIDATES_H
#define ASSIZE_MEDIA_RELAY_CANDIDATES_H

#include "media/relay/leg.h"

/* advertise: numeric addresses separated by commas, or "". 0, or -EINVAL for what is no address. */
int candidates_list(const char *listen, const char *advertise, uint16_t port,
                    struct sdp_candidate (*ret_candidates)[LEGS_CANDIDATES_MAX], size_t *ret_count)
    __attribute__((warn_unused_result));

#endif
