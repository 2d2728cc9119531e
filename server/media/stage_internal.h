/*
 * What the files of a stage share: stage.c (the matrix), stage_legs.c (legs at the relay),
 * stage_record.c (what is on record), stage_programme.c (the studio). Included only there.
 */
#ifndef ASSIZE_SERVER_MEDIA_STAGE_INTERNAL_H
#define ASSIZE_SERVER_MEDIA_STAGE_INTERNAL_H

#include "base/id.h"
#include "server/media/matrix.h"
#include "server/media/stage.h"
#include "server/media/tracks.h"

enum {
    STAGE_LEGS_MAX = (HEARING_ENDPOINTS_MAX + MATRIX_FEEDS) * 2 + STAGE_VIEWERS_MAX,
    STAGE_TOKEN_BYTES = 16,
};

/* Whose leg it is: endpoint of a device, viewer of a viewer, otherwise both 0. */
struct stage_party {
    enum matrix_part part;
    uint32_t endpoint;
    uint64_t viewer;
};

struct stage_leg {
    uint64_t leg;   /* 0: free */
    uint64_t order; /* later legs have higher ones */
    struct stage_party party;
    uint32_t audio_slots;
    uint32_t video_slots;
    enum stage_leg_state state;
    bool touched; /* its slots changed since they were last told */
    char session[ID_UUID_SIZE];
    uint8_t token[STAGE_TOKEN_BYTES]; /* of a local leg */
};

struct programme {
    bool needed;
    bool asked;     /* the supervisor was asked for a studio, and not to stop it */
    bool failed;    /* it gave up */
    bool feeds;     /* the studio said that its feed is out */
    bool greeted;   /* the studio that is there was told everything */
    bool setup_due; /* the studio must be told its legs */
    bool gallery_open;
    uint32_t delay_s;
    bool listening;
    bool on_record;      /* it is there to be recorded, or was and should be */
    int64_t missed_ms;   /* since when it is not there, Unix milliseconds; 0: it is */
    int64_t unneeded_ms; /* since when, monotonic; 0: it is needed */
    int64_t retry_ms;    /* when to ask again after a refusal, monotonic; 0: not */
    struct buf scene;    /* as the studio was last told, packed */
    Assize__Signal__V1__ProgrammeState told; /* upwards */
    bool told_gallery;
};

struct stage {
    struct stage_options options;
    const struct stage_ops *ops;
    void *context;
    char hearing[ID_UUID_SIZE];
    struct stage_leg legs[STAGE_LEGS_MAX];
    uint64_t next_order;
    bool thin[HEARING_ENDPOINTS_MAX]; /* by endpoint - 1 */
    bool listens[HEARING_ENDPOINTS_MAX];
    struct matrix sent;    /* what the relay was last sent */
    struct matrix scratch; /* what it is to be sent */
    struct matrix_cell revokes[MATRIX_CELLS_MAX];
    struct matrix_cell grants[MATRIX_CELLS_MAX];
    uint64_t epoch;        /* of `sent` */
    uint64_t applied;      /* the last epoch the relay acknowledged */
    uint64_t revoke_epoch; /* the last epoch that took something away */
    bool reset;            /* the next matrix is sent whole */
    struct tracks tracks;  /* on record, as the relay was last told */
    bool record_due;       /* it must be told anew */
    Assize__Media__V1__RecordState__State record_state; /* as the relay last told */
    Assize__Media__V1__RecordFault record_fault;
    struct programme programme;
    struct hearing state; /* of the last update */
    struct hearing shadow;
    uv_timer_t watchdog; /* runs while a revoke is not acknowledged */
};

/* stage_legs.c */
struct stage_leg *stage_find_leg(struct stage *stage, uint64_t leg);
/* The party's newest leg; with media, the newest that can carry it. */
const struct stage_leg *stage_newest_leg(const struct stage *stage, struct stage_party party,
                                         bool media);
void stage_close_party(struct stage *stage, struct stage_party party, uint64_t keep);
/* A leg for the studio. Its number, or 0 when the relay is away. */
uint64_t stage_open_local(struct stage *stage, enum matrix_part part, uint32_t slots);
/* Who is in the slots of these legs changed, and the relay has applied it. */
void stage_tell_touched(struct stage *stage);

/* stage_record.c */
void stage_update_record(struct stage *stage, const struct hearing *state,
                         const struct hearing *shadow, const struct matrix_leg *legs,
                         size_t leg_count);
void stage_forget_record_state(struct stage *stage);

/* stage_programme.c */
void programme_init(struct stage *stage);
void programme_done(struct stage *stage);
/* Before the legs are looked at: is a studio needed, and are its legs open? */
void programme_follow(struct stage *stage);
/* What the record misses of the feed is told when it is back, or the record ends. */
void programme_watch_record(struct stage *stage);
/* Tells the studio what to show, once the relay has applied what it was sent. */
void programme_show(struct stage *stage);
/* A leg of the studio changed. */
void programme_leg_changed(struct stage *stage, enum matrix_part part);
/* Says upwards what is new. */
void programme_tell(struct stage *stage);
void programme_end(struct stage *stage);

#endif
