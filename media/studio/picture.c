#include "media/studio/picture.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "media/rtp/sdp.h"
#include "media/studio/decoder.h"
#include "media/studio/frames.h"
#include "media/studio/lateness.h"
#include "media/studio/limits.h"
#include "media/studio/reorder.h"

enum {
    NUMBERS = 32, /* pictures in the decoder at most, with room to spare */
    QUEUE = 8,    /* decoded, and not yet to be seen */
};

static const int64_t wait_ns = 250 * CLOCK_NS_PER_MS;
static const int64_t stale_ns =
    3 * CLOCK_NS_PER_S; /* a picture that stands still longer is taken away */
static const int64_t stuck_ns =
    3 * CLOCK_NS_PER_S; /* a decoder that hands out nothing is made anew */
static const int64_t key_frame_ns = STUDIO_KEY_FRAME_MS * (int64_t)CLOCK_NS_PER_MS;
static const int64_t large_ns =
    5 * CLOCK_NS_PER_S; /* until who sends too large a picture is asked again */
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
    struct {
        struct decoded *decoded;
        int64_t at_ns; /* when it is to be seen */
    } queue[QUEUE];
    size_t queued;
    int64_t shown_ns; /* when it was first seen */
    int64_t shift_ns; /* from media time to when it is to be seen */
    struct lateness lateness;
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
    for (size_t i = 0; i < picture->queued; i++)
        decoded_free(picture->queue[i].decoded);
    decoder_free(picture->decoder);
    picture->shown = NULL;
    picture->queued = 0;
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
    picture->lateness = (struct lateness){0};
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
        picture->waits = true; /* for a smaller one */
    }
}

static void mend(struct picture *picture, int64_t now_ns)
{
    if (!picture->decoder || (!decoder_failed(picture->decoder) &&
                              (!picture->put_ns || now_ns - picture->put_ns <= stuck_ns)))
        return;
    decoder_free(picture->decoder);
    picture->decoder = NULL;
    picture->put_ns = 0;
    wait_for_key_frame(picture);
}

/* Takes out of the decoder what is there, and says when it is to be seen. */
static void take_decoded(struct picture *picture, int64_t now_ns)
{
    struct decoded *decoded;
    uint64_t number = 0;

    while (picture->decoder && picture->queued < QUEUE &&
           (decoded = decoder_take(picture->decoder, &number))) {
        int64_t at_ns = picture->media_ns[number % NUMBERS] + picture->shift_ns;
        if (at_ns - now_ns > ahead_max_ns)
            at_ns = now_ns;
        lateness_note(&picture->lateness, now_ns - at_ns, now_ns);
        picture->queue[picture->queued].decoded = decoded;
        picture->queue[picture->queued++].at_ns = at_ns;
        picture->put_ns = 0;
    }
}

void picture_turn(struct picture *picture, const struct timeline *partner, int64_t delay_ns,
                  int64_t now_ns)
{
    const struct reorder_packet *packet;
    enum reorder_answer answer;

    while ((answer = reorder_take(&picture->reorder, now_ns, &packet)) != REORDER_NOTHING) {
        if (answer == REORDER_PACKET)
            take_packet(picture, packet, now_ns);
        else
            wait_for_key_frame(picture);
    }
    mend(picture, now_ns);
    picture->shift_ns =
        timeline_shift(&picture->timeline, partner) + delay_ns + picture->lateness.late_ns;
    take_decoded(picture, now_ns);
}

bool picture_wants_key_frame(struct picture *picture, int64_t now_ns)
{
    int64_t pause_ns = picture->frames.too_large ? large_ns : key_frame_ns;

    if (!picture->waits || now_ns - picture->asked_ns < pause_ns)
        return false;
    picture->asked_ns = now_ns;
    return true;
}

/* ---- out ---- */

static void show_next(struct picture *picture, int64_t at_ns)
{
    decoded_free(picture->shown);
    picture->shown = picture->queue[0].decoded;
    picture->shown_ns = at_ns;
    picture->queued--;
    memmove(&picture->queue[0], &picture->queue[1], picture->queued * sizeof(picture->queue[0]));
}

bool picture_show(struct picture *picture, int64_t at_ns, struct yuv *canvas, struct yuv_area area)
{
    while (picture->queued && picture->queue[0].at_ns <= at_ns)
        show_next(picture, at_ns);
    if (!picture->shown || at_ns - picture->shown_ns > stale_ns)
        return false;
    yuv_draw(canvas, area, decoded_yuv(picture->shown));
    return true;
}

int64_t picture_late_ns(const struct picture *picture)
{
    return picture->lateness.late_ns;
}

const struct timeline *picture_timeline(const struct picture *picture)
{
    return &picture->timeline;
}
