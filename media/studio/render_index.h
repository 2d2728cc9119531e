/* What is written beside the files, as render.h describes it. Private to render*. */
#ifndef ASSIZE_MEDIA_STUDIO_RENDER_INDEX_H
#define ASSIZE_MEDIA_STUDIO_RENDER_INDEX_H

#include <jansson.h>

#include "media/studio/render_file.h"

/* What the index says of a file, read from GROUP.json: a new reference. NULL when there is no file
 * that was made from this journal. */
json_t *render_index_kept(int files, const struct render_group *group);
/* The same of a file that was just made; GROUP.json is durable then. 0 or -errno. */
int render_index_made(int files, const struct render_plan *plan, const struct render_group *group,
                      const struct render_made *made, json_t **ret_entry)
    __attribute__((warn_unused_result));

/* No file of the index is to be relied on from now on. 0 or -errno. */
int render_index_remove(int files) __attribute__((warn_unused_result));
/* Writes the index; entries is an array of what the above gave, and stays the caller's. 0 or
 * -errno. */
int render_index_write(int files, const struct render_plan *plan, json_t *entries)
    __attribute__((warn_unused_result));

#endif
