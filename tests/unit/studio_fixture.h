/*
 * A real assize-studio, live, with this process in the places of assized and the relay: it listens
 * on both sockets, makes the legs, feeds the programme leg and takes what comes out. Used by the
 * test_studio_* programs and the programme's benchmark.
 */
#ifndef ASSIZE_TESTS_UNIT_STUDIO_FIXTURE_H
#define ASSIZE_TESTS_UNIT_STUDIO_FIXTURE_H

#include <stdbool.h>
#include <sys/types.h>

#include "assize/media/v1/studio.pb-c.h"
#include "base/frame.h"
#include "media/rtp/local.h"
#include "media/rtp/rtp.h"
#include "media/studio/packetizer.h"

#define STUDIO_HEARING "019a0000-0000-7000-8000-000000000001"

enum studio_leg { LEG_PROGRAMME, LEG_GALLERY, LEG_RECORD, LEG_COUNT };
enum { STUDIO_DIR_SIZE = 48, STUDIO_PATH_SIZE = 96, STUDIO_FEEDS_MAX = 16, STUDIO_NOBODY = 65534 };

/* A packet the studio sent; the header is read already. */
struct studio_packet {
    enum studio_leg leg;
    enum local_kind kind;
    enum sdp_medium medium;
    uint8_t slot;
    const uint8_t *data;
    size_t len;
    struct rtp_header header; /* of RTP */
    int64_t read_ns;          /* monotonic; it was sent between */
    int64_t after_ns;         /* this, when nothing was there, and that */
};

struct studio {
    pid_t pid; /* 0: ended */
    char dir[STUDIO_DIR_SIZE];
    int listeners[2];
    int control;
    int legs[LEG_COUNT];
    int64_t empty_ns[LEG_COUNT]; /* when nothing was there to be read */
    struct frame_reader in;
    int64_t started_ns;
    bool said_hello;
    bool first_frame_told;
    uint32_t first_frame_ms;
    size_t beats;
    int64_t next_beat_ms; /* to the studio */
    size_t levels;        /* reports with levels */
    char level_group[64];
    uint8_t loudest; /* of that group */
    void (*packet)(void *context, const struct studio_packet *packet);
    void (*turn)(void *context, int64_t now_ns); /* every few milliseconds; feeds */
    void *context;
};

/* Starts it, gives it its setup, and takes its legs; what follows is empty scene. */
void studio_start(struct studio *studio, bool high);
/* Ends it, and expects it to end in order. */
void studio_stop(struct studio *studio);
/* Sends SIGTERM and waits for the exit status. */
int studio_end(struct studio *studio);

/* Runs until done says so; false when wait_ms have passed before. */
bool studio_run(struct studio *studio, bool (*done)(void *context), int wait_ms);
void studio_run_for(struct studio *studio, int ms);

void studio_ask(struct studio *studio, const Assize__Media__V1__StudioRequest *request);
void studio_gallery(struct studio *studio, bool open, uint32_t delay_ms);
void studio_listening(struct studio *studio, bool on);
/* A tile for each of count people, each with sound and picture in the slots of its number; speaker
 * is the number of who speaks, or -1. */
void studio_scene(struct studio *studio, Assize__Media__V1__Scene__Card card, int count,
                  int speaker);

/* What the relay sends on the programme leg. */
void studio_feed(struct studio *studio, enum local_kind kind, enum sdp_medium medium, uint8_t slot,
                 uint8_t flags, const uint8_t *packet, size_t len);

#endif
