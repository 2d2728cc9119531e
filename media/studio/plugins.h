/* GStreamer with the few plugins the studio uses, loaded by name: no registry is read or written,
 * no helper is started, and nothing is opened later, in the sandbox. Called once, before the
 * sandbox, by live and render. */
#ifndef ASSIZE_MEDIA_STUDIO_PLUGINS_H
#define ASSIZE_MEDIA_STUDIO_PLUGINS_H

#include <stddef.h>

/* names is like "vpx", for libgstvpx.so. 0, or -ENOENT for a plugin that cannot be loaded, which is
 * logged. */
int plugins_load(const char *const *names, size_t count) __attribute__((warn_unused_result));

#endif
