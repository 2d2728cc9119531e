/* What the programme shows, as assized says it (studio.proto, Scene): copied, cut to size. Used by
 * layout, canvas and programme. */
#ifndef ASSIZE_MEDIA_STUDIO_SCENE_H
#define ASSIZE_MEDIA_STUDIO_SCENE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "assize/media/v1/studio.pb-c.h"
#include "media/studio/limits.h"

enum scene_card {
    SCENE_TILES, /* no card: the people */
    SCENE_BEFORE,
    SCENE_RECESS,
    SCENE_SUSPENDED,
    SCENE_PRIVATE,
    SCENE_CLOSED,
};

enum { SCENE_TEXT_SIZE = 256, SCENE_NO_SLOT = -1 };

struct scene_tile {
    uint32_t endpoint;
    uint32_t site;
    char site_name[SCENE_TEXT_SIZE];
    char name[SCENE_TEXT_SIZE];
    char role[SCENE_TEXT_SIZE];
    int audio_slot; /* or SCENE_NO_SLOT */
    int video_slot;
    bool speaking;
    bool muted;
    bool link_lost;
    bool share; /* not a person but what somebody shows */
};

struct scene {
    enum scene_card card;
    char court[SCENE_TEXT_SIZE];
    char case_number[SCENE_TEXT_SIZE];
    char title[SCENE_TEXT_SIZE];
    int64_t since_ms; /* Unix time; 0: not said */
    bool recording;
    size_t tile_count;
    struct scene_tile tiles[STUDIO_TILES_MAX];
};

/* Tiles come out ordered by site, then endpoint. A card that is not known is the most silent one.
 */
void scene_read(const Assize__Media__V1__Scene *message, struct scene *ret_scene);

#endif
