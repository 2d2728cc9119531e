#include "tests/peer/peer_sender.h"

#include <stdlib.h>
#include <string.h>

#include "base/id.h"

void peer_sender_init(struct peer_sender *sender, enum peer_medium medium,
                      const struct peer_offer *offer)
{
    *sender = (struct peer_sender){0};
    id_random(&sender->ssrc, sizeof(sender->ssrc));
    id_random(&sender->sequence, sizeof(sender->sequence));
    for (size_t i = 0; i < offer->mline_count && !sender->enabled; i++) {
        const struct peer_mline *mline = &offer->mlines[i];
        if (mline->medium == medium && mline->direction == PEER_RECVONLY) {
            sender->mline = mline;
            sender->enabled = true;
        }
    }
}

void peer_sender_done(struct peer_sender *sender)
{
    free(sender->cache);
    sender->cache = NULL;
}

static size_t write_clear(struct peer_sender *sender, const struct peer_payload *payload,
                          int64_t now_ns, uint8_t *out)
{
    struct peer_rtp_out rtp = {
        .payload_type = sender->mline->payload_type,
        .marker = payload->marker,
        .sequence = sender->sequence,
        .timestamp = payload->timestamp,
        .ssrc = sender->ssrc,
        .mid = sender->mline->mid,
        .mid_id = sender->mline->mid_id,
        .level_id = sender->mline->medium == PEER_AUDIO ? sender->mline->level_id : 0,
        .level = payload->level,
        .send_time_id = sender->mline->send_time_id,
        .now_ns = now_ns,
    };
    size_t len = peer_rtp_write_header(out, &rtp);

    if (payload->prefix_len)
        memcpy(out + len, payload->prefix, payload->prefix_len);
    len += payload->prefix_len;
    memcpy(out + len, payload->data, payload->len);
    return len + payload->len;
}

const struct peer_packet *peer_sender_pack(struct peer_sender *sender, struct peer_srtp *srtp,
                                           const struct peer_payload *payload, int64_t now_ns)
{
    if (payload->prefix_len + payload->len > PEER_RTP_PAYLOAD_MAX + PEER_VP8_DESCRIPTOR_BYTES)
        return NULL;
    if (!sender->cache && !(sender->cache = calloc(PEER_CACHE_PACKETS, sizeof(*sender->cache))))
        abort();
    struct peer_packet *packet = &sender->cache[sender->sequence % PEER_CACHE_PACKETS];
    size_t clear = write_clear(sender, payload, now_ns, packet->data);
    packet->sequence = sender->sequence;
    packet->len = (uint16_t)peer_srtp_protect(srtp, packet->data, clear);
    if (!packet->len)
        return NULL;
    sender->sequence++;
    sender->timestamp = payload->timestamp;
    sender->timestamp_ns = now_ns;
    sender->packets++;
    sender->octets += payload->prefix_len + payload->len;
    return packet;
}

const struct peer_packet *peer_sender_find(const struct peer_sender *sender, uint16_t sequence)
{
    if (!sender->cache)
        return NULL;
    const struct peer_packet *packet = &sender->cache[sequence % PEER_CACHE_PACKETS];
    return packet->len && packet->sequence == sequence ? packet : NULL;
}
