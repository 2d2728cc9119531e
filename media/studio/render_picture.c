#include "media/studio/render_picture.h"

#include <string.h>

#include "media/rtp/vp8.h"
#include "media/studio/render_black.h"
#include "media/studio/render_vp8.h"

#define BLACK_AGAIN_NS RENDER_MS(1000)
#define NEXT_NS        RENDER_MS(1) /* what a file can tell apart */

void render_picture_init(struct render_picture *picture, struct render_gaps *gaps)
{
    *picture = (struct render_picture){.gaps = gaps, .shown_ns = -1};
    render_hold_init(&picture->hold);
    render_tracker_init(&picture->tracker, RENDER_VIDEO);
    buf_init(&picture->frame, RENDER_FRAME_BYTES_MAX);
}

void render_picture_done(struct render_picture *picture)
{
    render_hold_done(&picture->hold);
    buf_done(&picture->frame);
}

/* A packet of nothing but padding probes the sender's line; it has a number and no picture. */
void render_picture_put(struct render_picture *picture, const struct render_survey *survey,
                        const struct render_packet *packet)
{
    struct render_held held = {0};
    struct vp8_payload vp8 = {0};
    struct rtp_header header;
    const uint8_t *payload;
    size_t len;

    if (!render_read_header(packet, &header, &payload, &len) ||
        !render_tracker_place(&picture->tracker, &header, packet->at_ns, &held.place) ||
        (len && vp8_parse(payload, len, &vp8))) {
        picture->counts.refused++;
        return;
    }
    held.time_ns = render_survey_time(survey, RENDER_VIDEO, &held.place, packet->at_ns);
    held.ssrc = header.ssrc;
    held.marker = header.marker;
    held.start = vp8.start;
    held.key = vp8.key_frame;
    held.len = len - vp8.header_len;
    render_hold_put(&picture->hold, &held, payload + vp8.header_len, &picture->counts);
}

/* The packets at the front that belong to one frame. */
static size_t count_frame(const struct render_hold *hold)
{
    const struct render_held *first = render_hold_at(hold, 0);
    size_t count = 1;

    while (count < render_hold_count(hold)) {
        const struct render_held *held = render_hold_at(hold, count);
        if (held->place.run != first->place.run || held->place.media_ns != first->place.media_ns)
            break;
        count++;
    }
    return count;
}

/* Whether a packet comes right behind the last one. */
static bool follows(const struct render_picture *picture, const struct render_held *held)
{
    return picture->started && held->ssrc == picture->ssrc &&
           (uint16_t)held->place.seq == (uint16_t)(picture->seq + 1);
}

/* Goes on to the next packet in order, and notices when some are missing. */
static void step_to(struct render_picture *picture, const struct render_held *held)
{
    if (!follows(picture, held)) {
        if (picture->started && held->place.run == picture->run && held->place.seq > picture->seq)
            picture->counts.lost += (uint64_t)(held->place.seq - picture->seq - 1);
        picture->whole = false;
    }
    picture->started = true;
    picture->ssrc = held->ssrc;
    picture->run = held->place.run;
    picture->seq = held->place.seq;
}

/* Puts the packets of a frame together; whether that gives one to be decoded after the last. */
static bool join(struct render_picture *picture, size_t count, bool *ret_key)
{
    bool started = false;
    bool ended = false;
    bool key = false;
    bool fits = true;

    buf_clear(&picture->frame);
    for (size_t i = 0; i < count; i++) {
        const struct render_held *held = render_hold_at(&picture->hold, i);
        bool gap = !follows(picture, held);
        if (held->len || !gap)
            step_to(picture, held);
        if (!held->len)
            continue;
        if (held->start == started || (started && gap))
            fits = false;
        key = key || held->key;
        started = true;
        ended = held->marker;
        fits = !buf_append(&picture->frame, held->data, held->len) && fits;
    }
    *ret_key = key;
    if (!picture->frame.len)
        return false; /* padding alone */
    bool taken = render_vp8_is_frame(picture->frame.data, picture->frame.len, key);
    if (ended && fits && !taken)
        picture->counts.refused += count;
    if (!ended || !fits || !taken) {
        picture->whole = false;
        return false;
    }
    return key || (picture->whole && !picture->black);
}

static void show(struct render_picture *picture, int64_t time_ns, bool key,
                 struct render_block *block)
{
    if (picture->black)
        render_gaps_add(picture->gaps, RENDER_VIDEO, picture->seen_ns, time_ns);
    *block =
        (struct render_block){RENDER_VIDEO, time_ns, key, picture->frame.data, picture->frame.len};
    picture->shown_ns = picture->seen_ns = time_ns;
    picture->black = false;
    picture->whole = true;
}

static void show_black(struct render_picture *picture, int64_t time_ns, struct render_block *block)
{
    *block = (struct render_block){RENDER_VIDEO, time_ns, true, render_black, sizeof(render_black)};
    picture->shown_ns = time_ns;
    picture->black = true;
}

static int64_t black_due(const struct render_picture *picture)
{
    if (picture->shown_ns < 0)
        return 0;
    return picture->shown_ns + (picture->black ? BLACK_AGAIN_NS : RENDER_MS(RENDER_BLACK_MS));
}

/* Where a frame would stand in the file: one that comes too late is shown as soon as it can be, so
 * that those after it can be decoded. */
static int64_t place_of(const struct render_picture *picture, const struct render_held *held)
{
    int64_t least_ns = picture->shown_ns + NEXT_NS;

    if (least_ns < picture->passed_ns)
        least_ns = picture->passed_ns;
    return held->time_ns < least_ns ? least_ns : held->time_ns;
}

/* Takes the frame at the front off; whether it is shown. */
static bool take_frame(struct render_picture *picture, struct render_block *block)
{
    size_t count = count_frame(&picture->hold);
    int64_t time_ns = place_of(picture, render_hold_at(&picture->hold, 0));
    bool key;
    bool shown = join(picture, count, &key);

    if (shown)
        show(picture, time_ns, key, block);
    render_hold_drop(&picture->hold, count);
    return shown;
}

static const struct render_held *next_packet(struct render_picture *picture)
{
    while (render_hold_count(&picture->hold)) {
        const struct render_held *held = render_hold_at(&picture->hold, 0);
        if (!picture->started || held->place.run != picture->run || held->place.seq > picture->seq)
            return held;
        picture->counts.late++;
        render_hold_drop(&picture->hold, 1);
    }
    return NULL;
}

bool render_picture_take(struct render_picture *picture, int64_t until_ns,
                         struct render_block *ret_block)
{
    for (;;) {
        const struct render_held *next = next_packet(picture);
        int64_t next_ns = next ? place_of(picture, next) : until_ns;
        if (next_ns > until_ns)
            next_ns = until_ns;
        if (black_due(picture) < until_ns && black_due(picture) <= next_ns) {
            show_black(picture, black_due(picture), ret_block);
            return true;
        }
        if (next_ns == until_ns) {
            picture->passed_ns = until_ns;
            return false;
        }
        if (take_frame(picture, ret_block))
            return true;
    }
}

void render_picture_close(struct render_picture *picture, int64_t duration_ns)
{
    if (picture->black)
        render_gaps_add(picture->gaps, RENDER_VIDEO, picture->seen_ns, duration_ns);
}
