/*
 * What came in of one group, packet by packet, written down by a test; what the renderer makes of
 * it in memory; and a journal of it. Used by test_render*, property_render and fuzz_render.
 */
#ifndef ASSIZE_TESTS_UNIT_RENDER_FIXTURE_H
#define ASSIZE_TESTS_UNIT_RENDER_FIXTURE_H

#include "media/studio/render_mix.h"
#include "media/studio/render_packet.h"

enum { SCENE_NO_LEVEL = 255 };

struct scene_packet {
    struct render_packet packet; /* its data are in bytes */
    size_t number;               /* in which it was written down */
    uint8_t bytes[JOURNAL_PACKET_MAX];
};

struct scene {
    struct scene_packet *list;
    size_t count;
    size_t cap;
};

void scene_done(struct scene *scene);

/* One packet on its own: of a source, with a number and a timestamp, come in at a time. */
struct scene_rtp {
    enum render_medium medium;
    int64_t at_ns;
    uint32_t ssrc;
    uint16_t seq;
    uint32_t timestamp;
    bool marker;
    uint8_t level; /* SCENE_NO_LEVEL: none */
};
void scene_add(struct scene *scene, const struct scene_rtp *rtp, const void *payload, size_t len);
/* A sender report: that timestamp was taken at that time of the sender's clock (Unix). */
void scene_report(struct scene *scene, const struct scene_rtp *rtp, int64_t sender_ns);
/* Bytes that are no packet. */
void scene_junk(struct scene *scene, enum render_medium medium, int64_t at_ns, const void *data,
                size_t len);

/* A VP8 frame in as many packets as it takes, all come in at once; the next number. */
uint16_t scene_frame(struct scene *scene, struct scene_rtp rtp, const uint8_t *frame, size_t len);
/* The least a decoder's header takes: a key frame of 320 by 180, or one that follows. Returns the
 * length; the bytes are made from the number. */
size_t scene_make_frame(bool key, unsigned number, uint8_t out[static 64]);

/* 20 ms packets, or pictures of one packet each, at this rate from a time on, as a good sender on a
 * good line sends them. Returns the one that would be next. */
struct scene_rtp scene_sound(struct scene *scene, struct scene_rtp from, size_t count);
struct scene_rtp scene_pictures(struct scene *scene, struct scene_rtp from, size_t count,
                                unsigned per_second, size_t key_every);

/* Puts what was written down in the order in which it came in. */
void scene_sort(struct scene *scene);

/* What the renderer makes of a scene. */
struct shown_block {
    enum render_medium medium;
    int64_t time_ns;
    bool key;
    bool black;
    size_t len;
    uint8_t data[64]; /* the first bytes */
};
struct shown {
    struct shown_block *list;
    size_t count;
    size_t cap;
    struct render_counts counts[RENDER_MEDIA];
    struct render_gap *gaps;
    size_t gap_count;
    uint8_t *levels;
    size_t level_count;
};
struct shown scene_show(const struct scene *scene, int64_t duration_ns);
void shown_done(struct shown *shown);

/* Fails when the blocks are not in order, when sound has a hole or another length than the file, or
 * when the picture does not begin with a key frame. Aborts rather than asserts: fuzzing uses it. */
void shown_check(const struct shown *shown, int64_t duration_ns);

/* Writes a journal of a scene (sorted) whose time 0 is this moment of the wall clock, in order and
 * durably, a step every 700 ms. record is the folder. */
void scene_record(const struct scene *scene, int record, const char *hearing, const char *group,
                  int64_t start_ns);

#endif
