/*
 * What one viewer may be told of a hearing, as protobuf messages drawn from an arena. Pure. Someone
 * outside the courtroom learns of the status, the sites, who is connected and their own standing;
 * names of others, microphones, floor and queue stay inside. Used by room.c and gallery.c.
 */
#ifndef ASSIZE_SERVER_SESSION_VIEW_H
#define ASSIZE_SERVER_SESSION_VIEW_H

#include "assize/signal/v1/signal.pb-c.h"
#include "db/hearing_store.h"
#include "server/hearing/hearing.h"

/* Bytes that the views of one message take at most. */
enum { VIEW_ARENA_MAX = 8 << 20 };

struct view {
    const struct hearing *state;         /* shadow included: what is in force */
    const struct hearing_record *record; /* names and dates */
    uint32_t viewer;                     /* participant */
    int64_t now_ms;                      /* Unix milliseconds: what a draft is dated */
    struct arena *arena;
    Assize__Signal__V1__RecordLamp lamp;
    Assize__Hearing__V1__RecordFault fault;
    Assize__Signal__V1__ProgrammeState programme;
    uint32_t gallery_viewers;
    /* What somebody wrote with the event of this number, or NULL; words may be NULL. */
    const char *(*words)(const void *context, uint64_t seq);
    const void *words_context;
};

/* Which views a list of events changed; bit i is the row i + 1. */
struct view_touched {
    uint64_t endpoints;
    uint64_t participants;
    bool drafts; /* of decisions */
};
void view_touch(struct view_touched *touched, const struct hearing *state,
                const Assize__Hearing__V1__Event *event);
extern const struct view_touched view_everything;

/* All that a viewer of the gallery is told; playing and server_ms are the caller's to fill. */
Assize__Signal__V1__GalleryView *view_gallery(const struct view *view);

/* The whole state, but you, rights, saving and leg, which the caller knows; of the events, what was
 * written with them. */
Assize__Signal__V1__Snapshot *
view_snapshot(const struct view *view, Assize__Hearing__V1__Event *const *events, size_t count);

/* The events and what they touched; events the viewer may not know keep seq and time only. */
Assize__Signal__V1__Events *view_events(const struct view *view,
                                        Assize__Hearing__V1__Event *const *events, size_t count,
                                        struct view_touched touched);

/* Why the actor, who is the viewer, is refused: with the rule of the procedure, and the conditions
 * that fail as far as the viewer may know them. */
Assize__Signal__V1__Refusal *view_refusal(const struct view *view, enum refusal refusal,
                                          const Assize__Hearing__V1__Command *command,
                                          struct hearing_actor actor);

#endif
