/*
 * Whom the renderer tells how far it is: assized, by the frames of studio.proto, when that listens
 * at STATE/run/studio.sock, and whoever reads its standard output when that does not, or when it is
 * a terminal. Telling never holds it up: when assized goes away or does not read, it goes on in
 * silence. Used by render.c.
 */
#ifndef ASSIZE_MEDIA_STUDIO_RENDER_TELL_H
#define ASSIZE_MEDIA_STUDIO_RENDER_TELL_H

#include "base/config.h"
#include "media/studio/render_make.h"

struct render_tell;

/* Connects and says hello. To be called while sockets may still be made. */
struct render_tell *render_tell_open(const struct config *config, const char *hearing);

void render_tell_progress(struct render_tell *tell, uint64_t done, uint64_t total);
void render_tell_file(struct render_tell *tell, const struct render_file *file);
/* The last word; frees it. why is empty when all went well. */
void render_tell_end(struct render_tell *tell, const char *why);

#endif
