/*
 * What the programme feed shows: a card, or a tile for each device that hearing_programme lets
 * through, with the slot the relay puts it in. Pure. Used by stage_programme.c.
 */
#ifndef ASSIZE_SERVER_MEDIA_SCENE_H
#define ASSIZE_SERVER_MEDIA_SCENE_H

#include "assize/media/v1/studio.pb-c.h"
#include "base/arena.h"
#include "db/hearing_store.h"
#include "server/media/matrix.h"

struct scene_source {
    const struct hearing *state;
    const struct hearing *shadow; /* may be the same; nothing is shown that either forbids */
    const struct hearing_record *names;
    const struct matrix *matrix; /* as the relay has it */
    uint64_t leg;                /* the programme's */
};

/* Drawn from the arena; NULL when it is full. Texts are those of names. */
Assize__Media__V1__Scene *scene_make(const struct scene_source *source, struct arena *arena);

#endif
