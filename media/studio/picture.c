#include "media/studio/picture.h"

#include <stdlib.h>

#include "base/clock.h"
#include "media/rtp/sdp.h"
#include "media/studio/decoder.h"
#include "media/studio/frames.h"
#include "media/studio/limits.h"
#include "media/studio/reorder.h"

enum { NUMBERS = 32 }; /* pictures in the decoder at most, with room to spare */

static const int64_t wait_ns = 250 * CLOCK_NS_PER_MS;
static const int64_t stale_ns =
    3 * CLOCK_NS_PER_S; /* a picture that stands still longer is taken away */
static const int64_t stuck_ns =
    3 * CLOCK_NS_PER_S; /* a decoder that hands out nothing is made anew */
static const int64_t key_frame_ns = STUDIO_KEY_FRAME_MS * (int64_t)CLOCK_NS_PER_MS;
/* What is to be seen further away than this is not waited for: the sender's time has jumped. */
static const int64_t ahead_max_ns = 2 * CLOCK_NS_PER_S;

struct picture {
    struct reorder reorder;
    struct timeline timeline;
    struct frames frames;
    struct decoder *decoder; /* NULL until there is something to decode */
    int width;
    int height;
    uint64_t number;           /* of the next picture that goes in */
    int64_t media_ns[NUMBERS]; /* of those that went in, by number */
    int64_t put_ns;            /* when the first went in that nothing came out for; 0: none */
    bool waits;                /* for a key frame */
    int64_t asked_ns;
    struct decoded *shown;
    struct decoded *next;
    int64_t next_media_ns;
    int64_t shown_ns; /* when it was first seen */
};

struct picture *picture_new(void)
{
    struct picture *picture = calloc(1, sizeof(*picture));

    if (!picture)
        abort();
    reorder_init(&picture->reorder, STUDIO_PICTURE_PACKETS, wait_ns);
    timeline_init(&picture->timeline, SDP_VP8_CLOCK);
    frames_init(&picture->frames);
    picture->width = 2;
    picture->height = 2;
    return picture;
}

/* Without decoder and without anything that came out of it. */
static void empty(struct picture *picture)
{
    decoded_free(picture->shown);
    decoded_free(picture->next);
    decoder_free(picture->decoder);
    picture->shown = NULL;
    picture->next = NULL;
    picture->decoder = NULL;
    picture->put_ns = 0;
}

void picture_free(struct picture *picture)
{
    if (!picture)
        return;
    empty(picture);
    reorder_done(&picture->reorder);
    frames_done(&picture->frames);
    free(picture);
}

void picture_reset(struct picture *picture)
{
    empty(picture);
    reorder_reset(&picture->reorder);
    timeline_reset(&picture->timeline);
    frames_reset(&picture->frames);
    picture->waits = true;
    picture->asked_ns = 0;
}

void picture_resize(struct picture *picture, int width, int height)
{
    if (picture->width == width && picture->height == height)
        return;
    picture->width = width;
    picture->height = height;
    if (picture->decoder)
        decoder_resize(picture->decoder, width, height);
}

void picture_put(struct picture *picture, const uint8_t *packet, size_t len, int64_t now_ns)
{
    reorder_put(&picture->reorder, packet, len, now_ns);
}

void picture_report(struct picture *picture, uint32_t timestamp, int64_t unix_ns)
{
    timeline_report(&picture->timeline, timestamp, unix_ns);
}

/* ---- in ---- */

static void wait_for_key_frame(struct picture *picture)
{
    frames_lose(&picture->frames);
    picture->waits = true;
}

static void decode(struct picture *picture, int64_t media_ns, int64_t now_ns)
{
    if (!picture->decoder)
        picture->decoder = decoder_new(picture->width, picture->height);
    if (!decoder_put(picture->decoder, picture->frames.data, picture->frames.len,
                     picture->number)) {
        wait_for_key_frame(picture);
        return;
    }
    picture->waits = false;
    picture->media_ns[picture->number++ % NUMBERS] = media_ns;
    if (!picture->put_ns)
        picture->put_ns = now_ns;
}

static void take_packet(struct picture *picture, const struct reorder_packet *packet,
                        int64_t now_ns)
{
    int64_t media = timeline_take(&picture->timeline, packet->header.timestamp, packet->arrival_ns);

    if (frames_take(&picture->frames, packet))
        decode(picture, media, now_ns);
    else if (picture->frames.broken)
        picture->waits = true;
    if (picture->frames.too_large) {
        empty(picture);
        picture->waits = false; /* another key frame would be as large */
    }
}

void picture_turn(struct picture *picture, int64_t now_ns)
{
    const struct reorder_packet *packet;
    enum reorder_answer answer;

    while ((answer = reorder_take(&picture->reorder, now_ns, &packet)) != REORDER_NOTHING) {
        if (answer == REORDER_PACKET)
            take_packet(picture, packet, now_ns);
        else
            wait_for_key_frame(picture);
    }
    if (picture->decoder && (decoder_failed(picture->decoder) ||
                             (picture->put_ns && now_ns - picture->put_ns > stuck_ns))) {
        decoder_free(picture->decoder);
        picture->decoder = NULL;
        picture->put_ns = 0;
        wait_for_key_frame(picture);
    }
}

bool picture_wants_key_frame(struct picture *picture, int64_t now_ns)
{
    if (!picture->waits || now_ns - picture->asked_ns < key_frame_ns)
        return false;
    picture->asked_ns = now_ns;
    return true;
}

/* ---- out ---- */

static void take_next(struct picture *picture)
{
    uint64_t number = 0;

    if (picture->next || !picture->decoder)
        return;
    picture->next = decoder_take(picture->decoder, &number);
    if (picture->next) {
        picture->next_media_ns = picture->media_ns[number % NUMBERS];
        picture->put_ns = 0;
    }
}

static bool is_due(const struct picture *picture, int64_t shift_ns, int64_t at_ns)
{
    int64_t ahead = picture->next_media_ns + shift_ns - at_ns;

    return ahead <= 0 || ahead > ahead_max_ns;
}

bool picture_show(struct picture *picture, const struct timeline *partner, int64_t delay_ns,
                  int64_t at_ns, struct yuv *canvas, struct yuv_area area)
{
    int64_t shift = timeline_shift(&picture->timeline, partner) + delay_ns;

    take_next(picture);
    while (picture->next && is_due(picture, shift, at_ns)) {
        decoded_free(picture->shown);
        picture->shown = picture->next;
        picture->shown_ns = at_ns;
        picture->next = NULL;
        take_next(picture);
    }
    if (!picture->shown || at_ns - picture->shown_ns > stale_ns)
        return false;
    yuv_draw(canvas, area, decoded_yuv(picture->shown));
    return true;
}

const struct timeline *picture_timeline(const struct picture *picture)
{
    return &picture->timeline;
}
