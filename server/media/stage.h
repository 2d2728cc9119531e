/*
 * The media of one hearing: its legs at the relay and the matrix the relay was sent. The matrix is
 * always computed anew from the hearing's state and the legs, never patched by callbacks; what is
 * sent is the difference. A revoke that the relay does not acknowledge in RELAY_REVOKE_MS kills the
 * relay: closed, not open.
 *
 * Owned by server/session's room; lives until the process ends.
 */
#ifndef ASSIZE_SERVER_MEDIA_STAGE_H
#define ASSIZE_SERVER_MEDIA_STAGE_H

#include <uv.h>

#include "assize/signal/v1/signal.pb-c.h"
#include "db/hearing_store.h"
#include "server/hearing/hearing.h"
#include "server/media/limits.h"
#include "server/media/relay_client.h"
#include "server/media/studio_client.h"

struct stage;

enum stage_leg_state {
    STAGE_LEG_STATE_OPENING,   /* the relay was asked for an offer */
    STAGE_LEG_STATE_OFFERED,   /* the offer is with the device */
    STAGE_LEG_STATE_CONNECTED, /* media may flow as the matrix says */
    STAGE_LEG_STATE_LOST,      /* no sign of life for 5 s; may come back */
};

struct stage_ops {
    void (*offered)(void *context, uint32_t endpoint, uint64_t leg, const char *sdp);
    /* The leg's state changed; gone: the relay has it no more. */
    void (*leg_changed)(void *context, uint32_t endpoint, uint64_t leg, bool gone);
    /* Who is in the slots of this leg changed, and the relay has applied it. */
    void (*slots_changed)(void *context, uint32_t endpoint, uint64_t leg);
    /* stage_record_state says something else. */
    void (*record_changed)(void *context);
    /* stage_programme_state or stage_gallery_plays says something else. */
    void (*programme_changed)(void *context);
    /* From and to, Unix milliseconds, the programme feed should have been on record and was not
     * there. */
    void (*programme_missed)(void *context, int64_t from_ms, int64_t to_ms);
    /* How loud what was written is; comes while somebody listens to the record. */
    void (*record_levels)(void *context, const Assize__Media__V1__WrittenLevels *levels);
    /* The same as offered, leg_changed and slots_changed, of a viewer of the gallery. */
    void (*viewer_offered)(void *context, uint64_t viewer, uint64_t leg, const char *sdp);
    void (*viewer_changed)(void *context, uint64_t viewer, uint64_t leg, bool gone);
    void (*viewer_slots_changed)(void *context, uint64_t viewer, uint64_t leg);
    /* No revoke waits for its acknowledgement any more. */
    void (*settled)(void *context);
};

struct stage_options {
    uv_loop_t *loop;
    struct relay_client *relay;
    struct studio_client *studio; /* NULL: there is no programme feed */
    const char *hearing;
    const struct hearing_record *names; /* for the programme feed, NULL without one; outlives the
                                           last stage_update */
    bool record_programme;              /* it runs, and is on record, while the record is on */
    bool high;                          /* 720 lines instead of 360 */
};

struct stage *stage_new(const struct stage_options *options, const struct stage_ops *ops,
                        void *context);
/* Once the relay client is freed; frees when the loop has turned. */
void stage_free(struct stage *stage);

/* Asks the relay for a leg; ->offered follows. Every device may send a second picture by it, which
 * goes nowhere while nothing is shared. The leg's number, or 0 when the relay is away. */
uint64_t stage_open_leg(struct stage *stage, uint32_t endpoint, const char *session, bool sends,
                        uint32_t audio_slots, uint32_t video_slots);
/* REFUSAL_NONE through the callback once the relay took the answer. */
typedef void (*stage_answer_callback)(void *context, uint64_t asker, enum refusal refusal);
void stage_answer(struct stage *stage, uint32_t endpoint, uint64_t leg, const char *sdp,
                  stage_answer_callback callback, void *context, uint64_t asker);
/* Closes every leg of the endpoint but `keep` (0: all). */
void stage_close_legs(struct stage *stage, uint32_t endpoint, uint64_t keep);

/* True when this leg of this session is there; then it goes on. */
bool stage_has_leg(const struct stage *stage, uint32_t endpoint, uint64_t leg, const char *session);
/* The endpoint's newest leg, or 0. */
uint64_t stage_leg_of(const struct stage *stage, uint32_t endpoint);
bool stage_is_connected(const struct stage *stage, uint32_t endpoint);
bool stage_is_lost(const struct stage *stage, uint32_t endpoint);
/* The endpoint a leg belongs to, or 0. */
uint32_t stage_endpoint_of(const struct stage *stage, uint64_t leg);

/*
 * Viewers of the gallery: each a leg that receives one sound and one picture, and nothing but the
 * gallery feed while hearing_gallery allows it. A viewer is a number of the caller's, not 0. The
 * matrix follows with the next stage_update. Legs of viewers do not outlive the server: after a
 * restart they are closed, and viewers ask again.
 */
/* ->viewer_offered follows. The leg's number; 0 when the relay is away or STAGE_VIEWERS_MAX are
 * there. A leg that the viewer had is closed. */
uint64_t stage_open_viewer(struct stage *stage, uint64_t viewer, const char *session);
void stage_answer_viewer(struct stage *stage, uint64_t viewer, uint64_t leg, const char *sdp,
                         stage_answer_callback callback, void *context, uint64_t asker);
void stage_close_viewer(struct stage *stage, uint64_t viewer);
/* The viewer's leg, or 0. */
uint64_t stage_viewer_leg(const struct stage *stage, uint64_t viewer);
bool stage_viewer_is_connected(const struct stage *stage, uint64_t viewer);

/*
 * For a device on a thin line: one picture and one sound, the programme feed, instead of everybody;
 * where the feed has nothing (before the session, behind closed doors, while it starts) everybody's
 * sound and the most important picture. Whoever is not muted hears the others directly, lest they
 * hear themselves. Remembered until turned off; in force with the next stage_update.
 */
void stage_use_programme(struct stage *stage, uint32_t endpoint, bool on);
/* The sound of what is being written in place of the live sound, for a device before which someone
 * with HEARING_RIGHT_RECORD sits; of others it is ignored. */
void stage_listen(struct stage *stage, uint32_t endpoint, bool on);

/* Twice a second: what is due by time. */
void stage_tick(struct stage *stage, int64_t now_ms);
/* The hearing is gone: closes every leg and stops the studio. */
void stage_end(struct stage *stage);

/* Told by the owner of the studio client, of this hearing's live studio. */
void stage_studio_there(struct stage *stage);
void stage_studio_report(struct stage *stage, const Assize__Media__V1__StudioReport *report);
void stage_studio_gone(struct stage *stage);
void stage_studio_told(struct stage *stage, enum ward_word word);

/* The studio of this hearing. */
Assize__Signal__V1__ProgrammeState stage_programme_state(const struct stage *stage);
/* Viewers of the gallery get the feed now: it may be followed, and it is there. */
bool stage_gallery_plays(const struct stage *stage);

/* Computes matrix and record from these states and sends the relay what differs. */
void stage_update(struct stage *stage, const struct hearing *state, const struct hearing *shadow);
/* False while a revoke is not acknowledged: what it takes away must not be announced yet. */
bool stage_is_settled(const struct stage *stage);
/* The mapping of a leg's slots, to endpoints or feeds; mids and list are drawn from the arena. */
void stage_slots(const struct stage *stage, uint64_t leg, struct arena *arena,
                 Assize__Signal__V1__MediaSlots *ret_slots);

/* How the relay says the record is; UNSPECIFIED while it has not said, or is away. */
Assize__Media__V1__RecordState__State stage_record_state(const struct stage *stage);
Assize__Media__V1__RecordFault stage_record_fault(const struct stage *stage);

/* Told by the owner of the relay client. After stage_relay_up the owner calls stage_update. */
void stage_relay_up(struct stage *stage, const Assize__Media__V1__Attached *attached);
void stage_relay_down(struct stage *stage);
/* Of this hearing's record. */
void stage_take_record_state(struct stage *stage, const Assize__Media__V1__RecordState *state);
/* false: not a leg of this stage. The owner calls stage_update when it is true. */
bool stage_leg_state(struct stage *stage, const Assize__Media__V1__LegState *state);

#endif
