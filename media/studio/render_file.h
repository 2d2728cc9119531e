/* Makes the file of one group. Private to render*. */
#ifndef ASSIZE_MEDIA_STUDIO_RENDER_FILE_H
#define ASSIZE_MEDIA_STUDIO_RENDER_FILE_H

#include "media/studio/render_make.h"
#include "media/studio/render_mix.h"
#include "media/studio/render_plan.h"

/* What is known of a file that was made. */
struct render_made {
    uint64_t bytes;
    uint8_t sha256[SHA256_BYTES];
    struct render_counts counts[RENDER_MEDIA];
    struct render_gaps gaps;
    uint8_t *levels;
    size_t level_count;
    uint16_t width; /* 0: no picture was seen */
    uint16_t height;
};

/* Makes GROUP.webm in a folder, durably, and tells of the bytes read of the journal, up to half the
 * group's for each of two looks at it. 0 or -errno. To be done in either case. */
int render_file_make(const struct render_plan *plan, const struct render_group *group, int files,
                     void (*read)(void *context, uint64_t bytes), void *context,
                     struct render_made *ret_made) __attribute__((warn_unused_result));
void render_made_done(struct render_made *made);

#endif
