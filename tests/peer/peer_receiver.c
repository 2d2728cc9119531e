#include "tests/peer/peer_receiver.h"

#include <string.h>

#include "base/clock.h"

enum { TRIES_MAX = 6, RETRY_MS = 40, KEY_FRAME_MS = 500, AUDIO_HZ = 48000, VIDEO_HZ = 90000 };

static void add_missing(struct peer_receiver *r, uint16_t from, int count, int64_t now_ns)
{
    r->gaps++;
    r->missed += (uint64_t)count;
    if ((size_t)count > PEER_MISSING_MAX - r->missing_count) {
        r->missing_count = 0;
        r->wants_key_frame = r->medium == PEER_VIDEO;
        return;
    }
    for (int i = 0; i < count; i++)
        r->missing[r->missing_count++] =
            (struct peer_missing){.sequence = (uint16_t)(from + i), .next_ns = now_ns};
}

static void remove_missing(struct peer_receiver *r, size_t at)
{
    memmove(&r->missing[at], &r->missing[at + 1],
            (r->missing_count - at - 1) * sizeof(r->missing[0]));
    r->missing_count--;
}

/* A packet from before the highest: one that was missing, or a repetition. */
static void take_late(struct peer_receiver *r, uint16_t sequence)
{
    for (size_t i = 0; i < r->missing_count; i++) {
        if (r->missing[i].sequence == sequence) {
            remove_missing(r, i);
            r->recovered++;
            return;
        }
    }
    r->duplicates++;
}

static void track_sequence(struct peer_receiver *r, uint16_t sequence, int64_t now_ns)
{
    if (!r->packets) {
        r->first = r->highest = sequence;
        return;
    }
    int ahead = peer_sequence_diff(sequence, r->highest);
    if (ahead <= 0) {
        take_late(r, sequence);
        return;
    }
    if (ahead > 1)
        add_missing(r, (uint16_t)(r->highest + 1), ahead - 1, now_ns);
    if (sequence < r->highest)
        r->cycles++;
    r->highest = sequence;
}

static void track_frames(struct peer_receiver *r, const struct peer_rtp_in *rtp, int64_t now_ns)
{
    if (r->medium == PEER_VIDEO && peer_vp8_starts_key_frame(rtp->payload, rtp->len)) {
        r->key_frames++;
        r->in_key_frame = true;
        r->wants_key_frame = false;
    }
    bool frame_ends = r->medium == PEER_AUDIO || rtp->marker;
    if (!frame_ends)
        return;
    r->frames++;
    if (!r->first_frame_ns && (r->medium == PEER_AUDIO || r->in_key_frame))
        r->first_frame_ns = now_ns;
    r->in_key_frame = false;
}

static void track_jitter(struct peer_receiver *r, uint32_t timestamp, int64_t now_ns)
{
    uint64_t hz = r->medium == PEER_VIDEO ? VIDEO_HZ : AUDIO_HZ;
    uint32_t arrival = (uint32_t)((uint64_t)(now_ns / 1000) * hz / 1000000);
    uint32_t transit = arrival - timestamp;

    if (r->packets) {
        int32_t change = (int32_t)(transit - r->transit);
        uint32_t size = change < 0 ? 0U - (uint32_t)change : (uint32_t)change;
        r->jitter_16 += size - (r->jitter_16 + 8) / 16;
    }
    r->transit = transit;
}

void peer_receiver_take(struct peer_receiver *r, const struct peer_rtp_in *rtp, int64_t now_ns)
{
    if (!r->packets)
        r->first_packet_ns = now_ns;
    r->last_packet_ns = now_ns;
    track_sequence(r, rtp->sequence, now_ns);
    track_frames(r, rtp, now_ns);
    track_jitter(r, rtp->timestamp, now_ns);
    r->packets++;
}

size_t peer_receiver_lost(struct peer_receiver *r, int64_t now_ns,
                          uint16_t out[static PEER_NACK_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < r->missing_count && count < PEER_NACK_MAX;) {
        struct peer_missing *missing = &r->missing[i];
        if (missing->next_ns > now_ns) {
            i++;
            continue;
        }
        if (missing->tries == TRIES_MAX) {
            r->wants_key_frame = r->medium == PEER_VIDEO;
            remove_missing(r, i);
            continue;
        }
        missing->tries++;
        missing->next_ns = now_ns + (int64_t)RETRY_MS * CLOCK_NS_PER_MS;
        out[count++] = missing->sequence;
        i++;
    }
    return count;
}

bool peer_receiver_needs_key_frame(struct peer_receiver *r, int64_t now_ns)
{
    bool never_had_one = r->medium == PEER_VIDEO && r->packets && !r->key_frames;

    if ((!never_had_one && !r->wants_key_frame) ||
        now_ns - r->key_frame_asked_ns < (int64_t)KEY_FRAME_MS * CLOCK_NS_PER_MS)
        return false;
    r->key_frame_asked_ns = now_ns;
    return true;
}

void peer_receiver_report(struct peer_receiver *r, int64_t now_ns,
                          struct peer_report_block *ret_block)
{
    uint32_t highest = r->cycles << 16 | r->highest;
    uint64_t expected = r->packets ? (uint64_t)(highest - r->first) + 1 : 0;
    uint64_t unique = r->packets - r->duplicates;
    uint64_t due = expected - r->reported_expected;
    uint64_t got = unique - r->reported_packets;

    *ret_block = (struct peer_report_block){
        .ssrc = r->ssrc,
        .fraction_lost = (uint8_t)(due > got ? (due - got) * 255 / due : 0),
        .lost = (uint32_t)(expected > unique ? expected - unique : 0),
        .highest = highest,
        .jitter = r->jitter_16 / 16,
        .last_sr = (uint32_t)(r->sr_ntp >> 16),
        .delay = r->sr_ntp ? (uint32_t)((uint64_t)(now_ns - r->sr_ns) * 65536 / CLOCK_NS_PER_S) : 0,
    };
    r->reported_expected = expected;
    r->reported_packets = unique;
}
