/* The live studio of a hearing: programme feed, gallery feed, the record read back. Run by main. */
#ifndef ASSIZE_MEDIA_STUDIO_LIVE_H
#define ASSIZE_MEDIA_STUDIO_LIVE_H

#include "base/config.h"

/* Until told to stop, left alone or failed; the program's exit status. */
int live_run(const struct config *config, const char *hearing);

#endif
