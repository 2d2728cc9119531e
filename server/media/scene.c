#include "server/media/scene.h"

#include <stdio.h>
#include <string.h>

#include "proto/codec.h"
#include "server/hearing/names.h"
#include "server/hearing/title.h"

#define CARD(name) ASSIZE__MEDIA__V1__SCENE__CARD__CARD_##name

enum { NAMES_MAX = HEARING_OCCUPANTS_MAX * (HEARING_NAME_SIZE + 2) };

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
    tile->role_vi = codec_text(hearing_role_title(first));
    return true;
}

/* The share's tile has its picture, the others all else of their endpoint. */
static void fill_slots(const struct scene_source *source, Assize__Media__V1__SceneTile *tile)
{
    for (size_t i = 0; i < source->matrix->count; i++) {
        const struct matrix_cell *cell = &source->matrix->cells[i];
        bool share = cell->medium == ASSIZE__MEDIA__V1__MEDIUM__MEDIUM_SHARE;
        if (cell->subscriber != source->leg || cell->source_endpoint != tile->endpoint ||
            share != (bool)tile->share)
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

static Assize__Media__V1__SceneTile *begin_tile(const struct scene_source *source,
                                                const struct hearing_endpoint *endpoint, bool share,
                                                struct arena *arena)
{
    Assize__Media__V1__SceneTile *tile = arena_alloc(arena, sizeof(*tile));

    if (!tile)
        return NULL;
    assize__media__v1__scene_tile__init(tile);
    tile->has_endpoint = tile->has_site = tile->has_speaking = tile->has_muted = true;
    tile->has_link_lost = tile->has_share = true;
    tile->share = share;
    tile->endpoint = endpoint->id;
    tile->site = endpoint->site;
    tile->site_name = codec_text(source->names->sites[endpoint->site - 1].name);
    tile->link_lost = endpoint->link_lost_ms != 0;
    fill_slots(source, tile);
    return tile;
}

static Assize__Media__V1__SceneTile *make_tile(const struct scene_source *source,
                                               const struct hearing_endpoint *endpoint,
                                               struct arena *arena)
{
    Assize__Media__V1__SceneTile *tile = begin_tile(source, endpoint, false, arena);

    if (!tile || !fill_people(source, tile, arena))
        return NULL;
    tile->muted = endpoint->muted;
    return tile;
}

static const char *share_words(const struct hearing *hearing)
{
    return hearing->share_kind == ASSIZE__HEARING__V1__SHARE_KIND__SHARE_KIND_SCREEN
               ? "Màn hình được chia sẻ"
               : "Máy chiếu tài liệu";
}

/* "Tài liệu: Lê Văn A" */
static Assize__Media__V1__SceneTile *make_share_tile(const struct scene_source *source,
                                                     const struct hearing_endpoint *endpoint,
                                                     struct arena *arena)
{
    const struct hearing *hearing = source->shadow;
    Assize__Media__V1__SceneTile *tile = begin_tile(source, endpoint, true, arena);
    char *caption = arena_alloc(arena, NAMES_MAX);

    if (!tile || !caption || !hearing_participant(hearing, hearing->sharer_participant))
        return NULL;
    snprintf(caption, NAMES_MAX, "Tài liệu: %s",
             source->names->participants[hearing->sharer_participant - 1].name);
    tile->name = caption;
    tile->role_vi = codec_text(share_words(hearing));
    return tile;
}

/* What of an endpoint both states let the programme show. */
static unsigned shown(const struct scene_source *source, uint32_t endpoint)
{
    return hearing_programme(source->state, endpoint) & hearing_programme(source->shadow, endpoint);
}

static bool add_tile(Assize__Media__V1__Scene *scene, Assize__Media__V1__SceneTile *tile)
{
    if (tile)
        scene->tiles[scene->n_tiles++] = tile;
    return tile;
}

static bool fill_tiles(const struct scene_source *source, Assize__Media__V1__Scene *scene,
                       struct arena *arena)
{
    const struct hearing *hearing = source->shadow;

    scene->tiles =
        arena_alloc(arena, 2 * HEARING_ENDPOINTS_MAX * sizeof(Assize__Media__V1__SceneTile *));
    for (uint32_t i = 0; scene->tiles && i < hearing->endpoint_count; i++) {
        const struct hearing_endpoint *endpoint = &hearing->endpoints[i];
        unsigned flow = shown(source, endpoint->id);
        if ((flow & HEARING_FLOW_SHARE) &&
            !add_tile(scene, make_share_tile(source, endpoint, arena)))
            return false;
        if ((flow & (HEARING_FLOW_AUDIO | HEARING_FLOW_VIDEO)) &&
            !add_tile(scene, make_tile(source, endpoint, arena)))
            return false;
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
    scene->court = codec_text(source->names->court);
    scene->case_number = codec_text(source->names->case_number);
    scene->title = codec_text(source->names->title);
    scene->since_ms = source->shadow->status_since_ms;
    scene->recording = source->shadow->recording;
    return fill_tiles(source, scene, arena) ? scene : NULL;
}
