/* What the relay counts: one table gives the fields, their names in Report.stats and the debug log
 * line. */
#ifndef ASSIZE_MEDIA_RELAY_COUNTERS_H
#define ASSIZE_MEDIA_RELAY_COUNTERS_H

#include <stdint.h>

#define RELAY_COUNTERS(C)                                                                          \
    C(datagrams_in)                                                                                \
    C(datagrams_out)                                                                               \
    C(datagrams_unsent) /* the kernel's send buffer was full */                                    \
    C(junk)             /* no STUN, DTLS, RTP or RTCP, or longer than RELAY_DATAGRAM_MAX */        \
    C(unknown_address)  /* DTLS or media from where no check came */                               \
    C(stun_malformed)                                                                              \
    C(stun_unauthenticated) /* unknown leg or wrong message integrity */                           \
    C(stun_answered)                                                                               \
    C(early_media) /* before the fingerprint was verified */                                       \
    C(rtp_in)                                                                                      \
    C(rtp_out)                                                                                     \
    C(rtp_malformed)                                                                               \
    C(rtp_undeclared) /* an SSRC the answer does not declare */                                    \
    C(srtp_bad)       /* authentication failed */                                                  \
    C(srtp_replayed)                                                                               \
    C(rtcp_in)                                                                                     \
    C(rtcp_out)                                                                                    \
    C(rtcp_malformed)                                                                              \
    C(denied)   /* packets and requests the matrix did not let through */                          \
    C(nacks_in) /* sequence numbers asked for by subscribers */                                    \
    C(resent)                                                                                      \
    C(resends_missed) /* not in the cache any more */                                              \
    C(resends_limited)                                                                             \
    C(nacks_out) /* sequence numbers asked of publishers */                                        \
    C(key_frames_asked)                                                                            \
    C(legs_opened)                                                                                 \
    C(legs_connected)                                                                              \
    C(fingerprints_wrong)                                                                          \
    C(control_malformed)                                                                           \
    C(control_refused) /* peers of another user */                                                 \
    C(local_refused)   /* local connections without a good hello, or too many */                   \
    C(local_malformed) /* what a process of a local leg must not send */                           \
    C(local_unsent)    /* the process did not read in time */

struct relay_counters {
#define C(name) uint64_t name;
    RELAY_COUNTERS(C)
#undef C
};

#endif
