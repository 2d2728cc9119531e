#include "server/media/scene.h"

#include <stdio.h>
#include <string.h>

#include "server/hearing/names.h"
#include "server/hearing/title.h"

#define CARD(name) ASSIZE__MEDIA__V1__SCENE__CARD__CARD_##name

enum { NAMES_MAX = HEARING_OCCUPANTS_MAX * (HEARING_NAME_SIZE + 2) };

/* Texts outlive the message, which is packed at once. */
static char *text(const char *from)
{
    union {
        const char *in;
        char *out;
    } borrowed = {.in = from};

    return borrowed.out;
}

static Assize__Media__V1__Scene__Card card_of(const struct hearing *hearing)
{
    switch (hearing->status) {
    case HEARING_STATUS(SCHEDULED):
        return CARD(BEFORE);
    case HEARING_STATUS(RECESS):
    case HEARING_STATUS(DELIBERATING):
        return CARD(RECESS);
    case HEARING_STATUS(SUSPENDED):
        return CARD(SUSPENDED);
    case HEARING_STATUS(CLOSED):
    case HEARING_STATUS(ADJOURNED):
        return CARD(CLOSED);
    case HEARING_STATUS(IN_SESSION):
        return hearing->is_private ? CARD(PRIVATE) : CARD(UNSPECIFIED);
    case HEARING_STATUS(UNSPECIFIED):
    case _ASSIZE__HEARING__V1__STATUS_IS_INT_SIZE:
        break;
    }
    return CARD(BEFORE);
}

/* Names of all who sit at the endpoint, and the role that comes first in the roster's order. */
static bool fill_people(const struct scene_source *source, Assize__Media__V1__SceneTile *tile,
                        struct arena *arena)
{
    const struct hearing *hearing = source->shadow;
    Assize__Hearing__V1__Role first = HEARING_ROLE(UNSPECIFIED);
    char *names = arena_alloc(arena, NAMES_MAX);
    size_t len = 0;

    if (!names)
        return false;
    for (uint32_t i = 0; i < hearing->participant_count; i++) {
        const struct hearing_participant *person = &hearing->participants[i];
        if (person->endpoint != tile->endpoint)
            continue;
        len += (size_t)snprintf(names + len, NAMES_MAX - len, "%s%s", len ? ", " : "",
                                source->names->participants[i].name);
        if (!first || person->role < first)
            first = person->role;
        tile->speaking |= hearing->floor_holder == person->id;
    }
    tile->name = names;
    tile->role_vi = text(hearing_role_title(first));
    return true;
}

static void fill_slots(const struct scene_source *source, Assize__Media__V1__SceneTile *tile)
{
    for (size_t i = 0; i < source->matrix->count; i++) {
        const struct matrix_cell *cell = &source->matrix->cells[i];
        if (cell->subscriber != source->leg || cell->source_endpoint != tile->endpoint)
            continue;
        if (cell->medium == ASSIZE__MEDIA__V1__MEDIUM__MEDIUM_AUDIO) {
            tile->has_audio = tile->has_audio_slot = tile->audio = true;
            tile->audio_slot = cell->slot;
        } else {
            tile->has_video = tile->has_video_slot = tile->video = true;
            tile->video_slot = cell->slot;
        }
    }
}

static Assize__Media__V1__SceneTile *make_tile(const struct scene_source *source,
                                               const struct hearing_endpoint *endpoint,
                                               struct arena *arena)
{
    Assize__Media__V1__SceneTile *tile = arena_alloc(arena, sizeof(*tile));

    if (!tile)
        return NULL;
    assize__media__v1__scene_tile__init(tile);
    tile->has_endpoint = tile->has_site = tile->has_speaking = tile->has_muted = true;
    tile->has_link_lost = true;
    tile->endpoint = endpoint->id;
    tile->site = endpoint->site;
    tile->site_name = text(source->names->sites[endpoint->site - 1].name);
    tile->muted = endpoint->muted;
    tile->link_lost = endpoint->link_lost_ms != 0;
    fill_slots(source, tile);
    return fill_people(source, tile, arena) ? tile : NULL;
}

static bool fill_tiles(const struct scene_source *source, Assize__Media__V1__Scene *scene,
                       struct arena *arena)
{
    const struct hearing *hearing = source->shadow;

    scene->tiles =
        arena_alloc(arena, HEARING_ENDPOINTS_MAX * sizeof(Assize__Media__V1__SceneTile *));
    for (uint32_t i = 0; scene->tiles && i < hearing->endpoint_count; i++) {
        const struct hearing_endpoint *endpoint = &hearing->endpoints[i];
        if (!(hearing_programme(source->state, endpoint->id) &
              hearing_programme(hearing, endpoint->id)))
            continue;
        Assize__Media__V1__SceneTile *tile = make_tile(source, endpoint, arena);
        if (!tile)
            return false;
        scene->tiles[scene->n_tiles++] = tile;
    }
    return scene->tiles != NULL;
}

Assize__Media__V1__Scene *scene_make(const struct scene_source *source, struct arena *arena)
{
    Assize__Media__V1__Scene *scene = arena_alloc(arena, sizeof(*scene));

    if (!scene)
        return NULL;
    assize__media__v1__scene__init(scene);
    scene->has_card = scene->has_since_ms = scene->has_recording = true;
    scene->card = card_of(source->shadow);
    scene->court = text(source->names->court);
    scene->case_number = text(source->names->case_number);
    scene->title = text(source->names->title);
    scene->since_ms = source->shadow->status_since_ms;
    scene->recording = source->shadow->recording;
    return fill_tiles(source, scene, arena) ? scene : NULL;
}
