/* Shared by the two files of peer_media: the connection (peer_media.c) and what flows on it
 * (peer_media_rtp.c). */
#ifndef ASSIZE_TESTS_PEER_MEDIA_INTERNAL_H
#define ASSIZE_TESTS_PEER_MEDIA_INTERNAL_H

#include "tests/peer/peer_media.h"

void peer_media_take_rtp(struct peer_media *media, uint8_t *data, size_t len, int64_t now_ns);
void peer_media_take_rtcp(struct peer_media *media, uint8_t *data, size_t len);
/* Sender or receiver reports for everything, once a second. */
void peer_media_report(struct peer_media *media);
/* Asks again for what is still missing. */
void peer_media_ask_lost(struct peer_media *media);

#endif
