/* The studio's pure parts. */
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "media/studio/delay.h"
#include "media/studio/frames.h"
#include "media/studio/lateness.h"
#include "media/studio/layout.h"
#include "media/studio/mixer.h"
#include "media/studio/timeline.h"
#include "media/studio/voice.h"

enum { MS = CLOCK_NS_PER_MS };

/* ---- reorder ---- */

static size_t make_packet(uint8_t out[static LOCAL_PACKET_MAX], uint16_t seq)
{
    const struct rtp_header header = {.payload_type = SDP_OPUS, .seq = seq, .ssrc = 1};
    size_t len = rtp_write_header(out, LOCAL_PACKET_MAX, &header, NULL, 0);

    out[len] = 1;
    return len + 1;
}

static void put(struct reorder *reorder, uint16_t seq, int64_t now_ms)
{
    uint8_t bytes[LOCAL_PACKET_MAX];

    reorder_put(reorder, bytes, make_packet(bytes, seq), now_ms * MS);
}

/* The number of the next packet; -1: nothing for now, -2: lost. */
static int take(struct reorder *reorder, int64_t now_ms)
{
    const struct reorder_packet *packet = NULL;

    switch (reorder_take(reorder, now_ms * MS, &packet)) {
    case REORDER_NOTHING:
        return -1;
    case REORDER_LOST:
        return -2;
    case REORDER_PACKET:
        break;
    }
    return packet->header.seq;
}

static void puts_packets_into_order_across_the_end_of_numbers(void **state)
{
    struct reorder reorder;

    (void)state;
    reorder_init(&reorder, 8, 50 * MS);
    put(&reorder, 65534, 0);
    put(&reorder, 0, 1);
    assert_int_equal(take(&reorder, 1), 65534);
    assert_int_equal(take(&reorder, 1), -1);
    put(&reorder, 65535, 2);
    put(&reorder, 65535, 2); /* again */
    assert_int_equal(take(&reorder, 2), 65535);
    assert_int_equal(take(&reorder, 2), 0);
    put(&reorder, 65535, 3); /* too late */
    assert_int_equal(take(&reorder, 100), -1);
    reorder_done(&reorder);
}

static void gives_up_what_is_missing_after_a_while(void **state)
{
    struct reorder reorder;

    (void)state;
    reorder_init(&reorder, 8, 50 * MS);
    put(&reorder, 1, 0);
    put(&reorder, 4, 10);
    assert_int_equal(take(&reorder, 10), 1);
    assert_int_equal(take(&reorder, 59), -1);
    assert_int_equal(take(&reorder, 60), -2);
    assert_int_equal(take(&reorder, 60), 4);
    put(&reorder, 30000, 70); /* a jump begins anew */
    assert_int_equal(take(&reorder, 70), 30000);
    reorder_done(&reorder);
}

/* ---- timeline ---- */

static void finds_the_time_that_packets_waited_nowhere(void **state)
{
    struct timeline timeline;

    (void)state;
    timeline_init(&timeline, SDP_VP8_CLOCK);
    assert_int_equal(timeline_take(&timeline, 4294967000U, 1000 * (int64_t)MS), 0);
    assert_int_equal(timeline_take(&timeline, 4294967000U + 9000, 1150 * (int64_t)MS), 100 * MS);
    assert_int_equal(timeline_shift(&timeline, NULL), 1000 * (int64_t)MS);
    timeline_take(&timeline, 4294967000U + 18000, 1190 * (int64_t)MS);
    assert_int_equal(timeline_shift(&timeline, NULL), 990 * (int64_t)MS);
    int64_t far = timeline_take(&timeline, 1000000077, 1300 * (int64_t)MS); /* a jump */
    assert_int_equal(timeline_shift(&timeline, NULL), 1300 * (int64_t)MS - far);
}

static void sound_waits_for_a_picture_that_came_later(void **state)
{
    struct timeline sound;
    struct timeline picture;

    (void)state;
    timeline_init(&sound, SDP_OPUS_CLOCK);
    timeline_init(&picture, SDP_VP8_CLOCK);
    int64_t heard = timeline_take(&sound, 48000, 2000 * (int64_t)MS);
    int64_t seen = timeline_take(&picture, 500, 2200 * (int64_t)MS);
    timeline_report(&sound, 48000, 7000 * (int64_t)MS); /* the same moment */
    timeline_report(&picture, 500, 7000 * (int64_t)MS);
    assert_int_equal(heard + timeline_shift(&sound, &picture),
                     seen + timeline_shift(&picture, &sound));
    assert_int_equal(heard + timeline_shift(&sound, &picture), 2200 * (int64_t)MS);
}

static void one_late_picture_changes_nothing_and_many_do(void **state)
{
    struct lateness lateness = {0};

    (void)state;
    lateness_note(&lateness, 300 * MS, 0);
    lateness_note(&lateness, -1, 1);
    assert_int_equal(lateness.late_ns, 0);
    for (int i = 0; i < 5; i++)
        lateness_note(&lateness, (40 + i) * (int64_t)MS, i);
    assert_int_equal(lateness.late_ns, 40 * MS);
    lateness_note(&lateness, -1, 20 * CLOCK_NS_PER_S);
    assert_int_equal(lateness.late_ns, 20 * MS);
}

/* ---- frames ---- */

struct frames_fixture {
    struct frames frames;
    size_t whole;
    size_t len;
    unsigned leave_out; /* the packet with this number, from 1 */
    unsigned number;
};

static void take_frame_packet(void *context, const struct packet_out *out)
{
    struct frames_fixture *fixture = context;
    struct reorder_packet packet = {.len = (uint16_t)out->len};

    if (++fixture->number == fixture->leave_out) {
        frames_lose(&fixture->frames);
        return;
    }
    memcpy(packet.bytes, out->data, out->len);
    assert_int_equal(rtp_parse_header(packet.bytes, packet.len, &packet.header), 0);
    if (frames_take(&fixture->frames, &packet)) {
        fixture->whole++;
        fixture->len = fixture->frames.len;
    }
}

static void send_frame(struct frames_fixture *fixture, struct packetizer *packetizer, bool key,
                       uint16_t width, size_t len)
{
    uint8_t *vp8 = calloc(1, len);

    assert_non_null(vp8);
    memcpy(vp8, (const uint8_t[]){key ? 0x10 : 0x11, 0, 0, 0x9d, 0x01, 0x2a}, 6);
    vp8[6] = (uint8_t)width;
    vp8[7] = (uint8_t)(width >> 8);
    vp8[8] = 100;
    packetizer_picture(packetizer, vp8, len, 0, key, take_frame_packet, fixture);
    free(vp8);
}

static void holds_back_what_follows_a_loss_until_a_key_frame(void **state)
{
    struct frames_fixture fixture = {0};
    struct packetizer packetizer;

    (void)state;
    frames_init(&fixture.frames);
    packetizer_init(&packetizer);
    send_frame(&fixture, &packetizer, false, 0, 3000); /* nothing to build upon */
    assert_int_equal(fixture.whole, 0);
    send_frame(&fixture, &packetizer, true, 640, 3000);
    assert_int_equal(fixture.whole, 1);
    assert_int_equal(fixture.len, 3000);
    fixture.leave_out = fixture.number + 2;
    send_frame(&fixture, &packetizer, false, 0, 3000);
    send_frame(&fixture, &packetizer, false, 0, 100);
    assert_int_equal(fixture.whole, 1);
    send_frame(&fixture, &packetizer, true, 640, 100);
    assert_int_equal(fixture.whole, 2);
    frames_done(&fixture.frames);
}

static void refuses_pictures_that_are_too_large(void **state)
{
    struct frames_fixture fixture = {0};
    struct packetizer packetizer;

    (void)state;
    frames_init(&fixture.frames);
    packetizer_init(&packetizer);
    send_frame(&fixture, &packetizer, true, 3840, 3000);
    assert_int_equal(fixture.whole, 0);
    assert_true(fixture.frames.too_large);
    send_frame(&fixture, &packetizer, true, 640, STUDIO_FRAME_BYTES_MAX + 1);
    assert_int_equal(fixture.whole, 0);
    send_frame(&fixture, &packetizer, true, 640, 3000);
    assert_int_equal(fixture.whole, 1);
    frames_done(&fixture.frames);
}

/* ---- delay ---- */

static void delay_in(struct delay *delay, bool key, uint8_t value, int64_t now_ms)
{
    const struct packet_out packet = {SDP_VIDEO, key, &value, 1};

    delay_put(delay, &packet, now_ms * MS);
}

/* The value of the next packet that is due, or -1. */
static int delay_out(struct delay *delay, int64_t now_ms)
{
    uint8_t bytes[LOCAL_PACKET_MAX];
    struct packet_out packet;

    return delay_take(delay, now_ms * MS, &packet, bytes) ? packet.data[0] : -1;
}

static void is_never_younger_than_asked_and_begins_with_a_key_frame(void **state)
{
    struct delay delay;

    (void)state;
    delay_init(&delay);
    delay_in(&delay, true, 1, 0); /* closed: forgotten */
    delay_set(&delay, true, 1000 * (int64_t)MS, 0);
    delay_in(&delay, false, 2, 10);
    delay_in(&delay, true, 3, 20);
    delay_in(&delay, false, 4, 30);
    assert_int_equal(delay_out(&delay, 1019), -1);
    assert_int_equal(delay_out(&delay, 1020), 3);
    assert_int_equal(delay_out(&delay, 1020), -1);
    delay_set(&delay, true, 2000 * (int64_t)MS, 1025 * (int64_t)MS); /* longer: it stands still */
    assert_int_equal(delay_out(&delay, 1100), -1);
    assert_int_equal(delay_out(&delay, 2030), 4);
    delay_set(&delay, false, 0, 2040);
    delay_set(&delay, true, 0, 2040);
    assert_int_equal(delay_out(&delay, 9999), -1);
    delay_done(&delay);
}

static void a_shorter_delay_leaves_out_what_lies_between(void **state)
{
    struct delay delay;

    (void)state;
    delay_init(&delay);
    delay_set(&delay, true, 5000 * (int64_t)MS, 0);
    delay_in(&delay, true, 1, 0);
    delay_in(&delay, true, 2, 1000);
    delay_in(&delay, false, 3, 2500);
    delay_in(&delay, true, 4, 3500);
    delay_set(&delay, true, 1000 * (int64_t)MS, 4000 * (int64_t)MS);
    assert_int_equal(delay_out(&delay, 4000), -1);
    assert_int_equal(delay_out(&delay, 4500), 4);
    delay_done(&delay);
}

static void keeps_a_bounded_part_of_a_long_feed(void **state)
{
    static uint8_t bytes[1400];
    struct packet_out packet = {SDP_VIDEO, true, bytes, sizeof(bytes)};
    size_t count = STUDIO_GALLERY_BYTES_MAX / sizeof(bytes) * 2;
    struct delay delay;

    (void)state;
    delay_init(&delay);
    delay_set(&delay, true, 1000 * (int64_t)MS, 0);
    for (size_t i = 0; i < count; i++) {
        memcpy(bytes, &i, sizeof(i));
        delay_put(&delay, &packet, 0);
    }
    size_t kept = 0;
    size_t last = 0;
    uint8_t out[LOCAL_PACKET_MAX];
    while (delay_take(&delay, CLOCK_NS_PER_S, &packet, out)) {
        memcpy(&last, out, sizeof(last));
        kept++;
    }
    assert_int_equal(last, count - 1);
    assert_in_range(kept, count / 3, count / 2);
    delay_done(&delay);
}

/* ---- layout ---- */

static bool overlap(const struct yuv_area *a, const struct yuv_area *b)
{
    return a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height &&
           b->y < a->y + a->height;
}

static void expect_fit(const struct layout *layout, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct yuv_area *area = &layout->tiles[i].area;
        const struct yuv_area *picture = &layout->tiles[i].picture;
        assert_true(area->x >= 0 && area->y >= layout->header);
        assert_true(area->x + area->width <= layout->width);
        assert_true(area->y + area->height <= layout->height);
        assert_true(picture->width > 0 && picture->height > 0);
        assert_false((picture->x | picture->y | picture->width | picture->height) & 1);
        for (size_t j = 0; j < i; j++)
            assert_false(overlap(area, &layout->tiles[j].area));
    }
}

static void every_number_of_tiles_and_speakers_has_its_place(void **state)
{
    struct scene scene = {0};
    struct layout layout;

    (void)state;
    for (size_t count = 0; count <= STUDIO_TILES_MAX; count++) {
        for (size_t speakers = 0; speakers <= count; speakers++) {
            scene.tile_count = count;
            for (size_t i = 0; i < count; i++)
                scene.tiles[i].speaking = i < speakers;
            layout_make(&scene, 640, 360, &layout);
            expect_fit(&layout, count);
            layout_make(&scene, 1280, 720, &layout);
            expect_fit(&layout, count);
        }
    }
}

static void the_speaker_is_larger_and_nobody_less_than_a_quarter(void **state)
{
    struct scene scene = {.tile_count = 6};
    struct layout layout;

    (void)state;
    scene.tiles[2].speaking = true;
    layout_make(&scene, 640, 360, &layout);
    int speaker = layout.tiles[2].area.width * layout.tiles[2].area.height;
    for (size_t i = 0; i < scene.tile_count; i++) {
        int area = layout.tiles[i].area.width * layout.tiles[i].area.height;
        assert_true(i == 2 || (area < speaker && area * 9 >= speaker * 2));
    }
}

/* ---- sound ---- */

static void keep_packet(void *context, const struct packet_out *out)
{
    struct reorder_packet *packet = context;

    memcpy(packet->bytes, out->data, out->len);
    packet->len = (uint16_t)out->len;
}

static void a_voice_is_heard_where_it_belongs_without_clipping(void **state)
{
    struct mixer *mixer = mixer_new();
    struct voice *voice = voice_new(100 * MS);
    struct reorder_packet packet;
    float loudest = 0;
    int64_t first = -1;

    (void)state;
    for (int64_t i = 0; i < 50; i++) {
        float sound[SOUND_FRAME];
        for (int j = 0; j < SOUND_FRAME; j++)
            sound[j] = 3 * sinf((float)j * 0.1309F); /* three people's worth */
        mixer_send(mixer, sound, i * SOUND_FRAME, keep_packet, &packet);
        int64_t now_ns = i * 20 * MS;
        voice_put(voice, packet.bytes, packet.len, now_ns);
        voice_turn(voice, &(const struct voice_pace){.heard = i * SOUND_FRAME, .now_ns = now_ns});
        float heard[SOUND_FRAME] = {0};
        voice_mix(voice, i * SOUND_FRAME, heard);
        for (int j = 0; j < SOUND_FRAME; j++) {
            loudest = fmaxf(loudest, fabsf(heard[j]));
            if (first < 0 && fabsf(heard[j]) > 0.1F)
                first = i * SOUND_FRAME + j;
        }
    }
    assert_in_range(first, 4800, 4800 + 1000); /* 100 ms, and what Opus takes */
    assert_true(loudest > 0.8F && loudest < 1.2F);
    voice_free(voice);
    mixer_free(mixer);
}

static void junk_is_silence(void **state)
{
    struct voice *voice = voice_new(20 * MS);
    uint8_t bytes[LOCAL_PACKET_MAX];
    float heard[SOUND_FRAME] = {0};

    (void)state;
    for (int i = 0; i < 2000; i++) {
        size_t len = make_packet(bytes, (uint16_t)i);
        for (size_t j = len; j < 200; j++)
            bytes[j] = (uint8_t)(rand() >> 4);
        voice_put(voice, bytes, 200, i * 20 * (int64_t)MS);
        voice_turn(voice, &(const struct voice_pace){.heard = (int64_t)i * SOUND_FRAME,
                                                     .now_ns = i * 20 * (int64_t)MS});
        voice_mix(voice, (int64_t)i * SOUND_FRAME, heard);
    }
    for (int j = 0; j < SOUND_FRAME; j++)
        assert_false(isnan(heard[j]));
    voice_free(voice);
}

static void says_how_loud_it_is_as_rfc_6464_does(void **state)
{
    float full[SOUND_FRAME];
    float tenth[SOUND_FRAME];
    float nothing[SOUND_FRAME] = {0};

    (void)state;
    for (int i = 0; i < SOUND_FRAME; i++) {
        full[i] = i % 2 ? 1 : -1;
        tenth[i] = full[i] / 10;
    }
    assert_int_equal(sound_level(full, SOUND_FRAME), 0);
    assert_int_equal(sound_level(tenth, SOUND_FRAME), 20);
    assert_int_equal(sound_level(nothing, SOUND_FRAME), 127);
}

/* ---- scene ---- */

static void cuts_a_long_name_between_characters(void **state)
{
    Assize__Media__V1__SceneTile tile = ASSIZE__MEDIA__V1__SCENE_TILE__INIT;
    Assize__Media__V1__SceneTile *tiles[] = {&tile};
    Assize__Media__V1__Scene message = ASSIZE__MEDIA__V1__SCENE__INIT;
    char name[400];
    struct scene scene;

    (void)state;
    for (size_t i = 0; i + 2 < sizeof(name); i += 2)
        memcpy(name + i, "Đ", 2);
    name[398] = '\0';
    memmove(name + 1, name, 399);
    name[0] = 'x';
    name[399] = '\0';
    tile.name = name;
    message.tiles = tiles;
    message.n_tiles = 1;
    message.card = (Assize__Media__V1__Scene__Card)99;
    scene_read(&message, &scene);
    assert_int_equal(strlen(scene.tiles[0].name) % 2, 1);
    assert_int_equal(scene.card, SCENE_PRIVATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(puts_packets_into_order_across_the_end_of_numbers),
        cmocka_unit_test(gives_up_what_is_missing_after_a_while),
        cmocka_unit_test(finds_the_time_that_packets_waited_nowhere),
        cmocka_unit_test(sound_waits_for_a_picture_that_came_later),
        cmocka_unit_test(one_late_picture_changes_nothing_and_many_do),
        cmocka_unit_test(holds_back_what_follows_a_loss_until_a_key_frame),
        cmocka_unit_test(refuses_pictures_that_are_too_large),
        cmocka_unit_test(is_never_younger_than_asked_and_begins_with_a_key_frame),
        cmocka_unit_test(a_shorter_delay_leaves_out_what_lies_between),
        cmocka_unit_test(keeps_a_bounded_part_of_a_long_feed),
        cmocka_unit_test(every_number_of_tiles_and_speakers_has_its_place),
        cmocka_unit_test(the_speaker_is_larger_and_nobody_less_than_a_quarter),
        cmocka_unit_test(a_voice_is_heard_where_it_belongs_without_clipping),
        cmocka_unit_test(junk_is_silence),
        cmocka_unit_test(says_how_loud_it_is_as_rfc_6464_does),
        cmocka_unit_test(cuts_a_long_name_between_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
