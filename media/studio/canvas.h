/*
 * What the programme shows besides pictures: the line at the top, tiles with names, cards. Drawn
 * when a scene changes and once a second for the clock; the pictures are laid upon it. Used by
 * programme.
 */
#ifndef ASSIZE_MEDIA_STUDIO_CANVAS_H
#define ASSIZE_MEDIA_STUDIO_CANVAS_H

#include <stdint.h>

#include "media/studio/layout.h"
#include "media/studio/letters.h"
#include "media/studio/scene.h"
#include "media/studio/yuv.h"

struct canvas;

/* The letters stay the caller's. */
struct canvas *canvas_new(struct letters *letters, int width, int height);
void canvas_free(struct canvas *canvas);
/* wall_ms is Unix time; the clock shows that of Vietnam. The picture is good until the next call.
 */
const struct yuv *canvas_draw(struct canvas *canvas, const struct scene *scene,
                              const struct layout *layout, int64_t wall_ms);

#endif
