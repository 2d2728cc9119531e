/* Files of a hearing's record: STATE/record/HEARING -> STATE/files/HEARING. Run by main with
 * --render. */
#ifndef ASSIZE_MEDIA_STUDIO_RENDER_H
#define ASSIZE_MEDIA_STUDIO_RENDER_H

#include "base/config.h"

/* Until done, told to stop, or failed; the program's exit status. */
int render_run(const struct config *config, const char *hearing);

#endif
