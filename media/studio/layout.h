/* Where each tile of a scene stands on the programme's picture. Pure. Used by canvas and programme.
 */
#ifndef ASSIZE_MEDIA_STUDIO_LAYOUT_H
#define ASSIZE_MEDIA_STUDIO_LAYOUT_H

#include "media/studio/scene.h"
#include "media/studio/yuv.h"

struct layout_tile {
    struct yuv_area area;    /* the whole tile */
    struct yuv_area picture; /* in it; the rest is the strip with the name */
    bool large;
};

struct layout {
    int width; /* of the whole picture */
    int height;
    int header;                                 /* height of the line at the top */
    struct layout_tile tiles[STUDIO_TILES_MAX]; /* by index in the scene */
};

/*
 * Nobody speaking: all alike, in the scene's order. Who speaks stands large on the left (several
 * share that place), the others beside and below; with up to five of them each has at least a
 * quarter of a speaker's area. What is shared has the large place alone, and who speaks stands with
 * the others. All numbers are even.
 */
void layout_make(const struct scene *scene, int width, int height, struct layout *ret_layout);

#endif
