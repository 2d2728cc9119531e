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
#include "server/hearing/hearing.h"
#include "server/media/relay_client.h"

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
    /* No revoke waits for its acknowledgement any more. */
    void (*settled)(void *context);
};

struct stage *stage_new(uv_loop_t *loop, struct relay_client *relay, const char *hearing,
                        const struct stage_ops *ops, void *context);
/* Once the relay client is freed; frees when the loop has turned. */
void stage_free(struct stage *stage);

/* Asks the relay for a leg; ->offered follows. The leg's number, or 0 when the relay is away. */
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

/* Computes matrix and record from these states and sends the relay what differs. */
void stage_update(struct stage *stage, const struct hearing *state, const struct hearing *shadow);
/* False while a revoke is not acknowledged: what it takes away must not be announced yet. */
bool stage_is_settled(const struct stage *stage);
/* The mapping of a leg's slots; mids and list are drawn from the arena. */
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
