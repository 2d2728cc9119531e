#include "media/studio/scene.h"

#include <stdlib.h>

#include "base/str.h"

/* Cuts a text that is too long between two characters. */
static void copy_text(char out[static SCENE_TEXT_SIZE], const char *text)
{
    size_t len = 0;

    while (text && text[len] && len < SCENE_TEXT_SIZE - 1) {
        out[len] = text[len];
        len++;
    }
    while (text && len && (text[len] & 0xc0) == 0x80)
        len--; /* the character goes on behind the cut */
    out[len] = '\0';
}

static enum scene_card read_card(Assize__Media__V1__Scene__Card card)
{
    switch (card) {
    case ASSIZE__MEDIA__V1__SCENE__CARD__CARD_UNSPECIFIED:
        return SCENE_TILES;
    case ASSIZE__MEDIA__V1__SCENE__CARD__CARD_BEFORE:
        return SCENE_BEFORE;
    case ASSIZE__MEDIA__V1__SCENE__CARD__CARD_RECESS:
        return SCENE_RECESS;
    case ASSIZE__MEDIA__V1__SCENE__CARD__CARD_SUSPENDED:
        return SCENE_SUSPENDED;
    case ASSIZE__MEDIA__V1__SCENE__CARD__CARD_CLOSED:
        return SCENE_CLOSED;
    case ASSIZE__MEDIA__V1__SCENE__CARD__CARD_PRIVATE:
    case _ASSIZE__MEDIA__V1__SCENE__CARD_IS_INT_SIZE:
        break;
    }
    return SCENE_PRIVATE;
}

static int read_slot(bool has, uint32_t slot)
{
    return has && slot < STUDIO_SLOTS_MAX ? (int)slot : SCENE_NO_SLOT;
}

static void read_tile(const Assize__Media__V1__SceneTile *message, struct scene_tile *tile)
{
    tile->endpoint = message->endpoint;
    tile->site = message->site;
    copy_text(tile->site_name, message->site_name);
    copy_text(tile->name, message->name);
    copy_text(tile->role, message->role_vi);
    tile->audio_slot = read_slot(message->audio && !message->muted, message->audio_slot);
    tile->video_slot = read_slot(message->video, message->video_slot);
    tile->speaking = message->speaking;
    tile->muted = message->muted;
    tile->link_lost = message->link_lost;
    tile->share = message->share;
}

static int compare(const void *a, const void *b)
{
    const struct scene_tile *left = a;
    const struct scene_tile *right = b;

    if (left->site != right->site)
        return left->site < right->site ? -1 : 1;
    return left->endpoint < right->endpoint ? -1 : left->endpoint > right->endpoint;
}

void scene_read(const Assize__Media__V1__Scene *message, struct scene *ret_scene)
{
    *ret_scene = (struct scene){
        .card = read_card(message->card),
        .since_ms = message->since_ms,
        .recording = message->recording,
    };
    copy_text(ret_scene->court, message->court);
    copy_text(ret_scene->case_number, message->case_number);
    copy_text(ret_scene->title, message->title);
    for (size_t i = 0; i < message->n_tiles && i < STUDIO_TILES_MAX; i++)
        read_tile(message->tiles[i], &ret_scene->tiles[ret_scene->tile_count++]);
    qsort(ret_scene->tiles, ret_scene->tile_count, sizeof(ret_scene->tiles[0]), compare);
}
