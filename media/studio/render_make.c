#include "media/studio/render_make.h"

#include <errno.h>
#include <stdlib.h>

#include "base/str.h"
#include "media/studio/render_index.h"

struct making {
    int files;
    const struct render_ops *ops;
    void *context;
    struct render_plan plan;
    uint64_t done; /* bytes of the journal, of groups that are finished */
    json_t *entries;
    bool changed; /* a file was made anew: the index is removed */
};

static void tell_alive(void *context)
{
    const struct making *making = context;

    making->ops->progress(making->context, 0, 0);
}

static void tell_read(void *context, uint64_t bytes)
{
    const struct making *making = context;

    making->ops->progress(making->context, making->done + bytes, making->plan.bytes);
}

static void tell_file(const struct making *making, const struct render_group *group, json_t *entry)
{
    struct render_file file = {
        .group = group->name,
        .name = json_string_value(json_object_get(entry, "name")),
        .bytes = (uint64_t)json_integer_value(json_object_get(entry, "bytes")),
        .start_ms = making->plan.start_ns / CLOCK_NS_PER_MS,
        .duration_ms = making->plan.duration_ns / CLOCK_NS_PER_MS,
    };
    const char *sha256 = json_string_value(json_object_get(entry, "sha256"));

    if (file.name && sha256 && str_from_hex(sha256, file.sha256, SHA256_BYTES) == 0)
        making->ops->file(making->context, &file);
}

static int make_anew(struct making *making, const struct render_group *group, json_t **ret_entry)
{
    struct render_made made = {0};
    int result = making->changed ? 0 : render_index_remove(making->files);

    making->changed = true;
    if (!result)
        result = render_file_make(&making->plan, group, making->files, tell_read, making, &made);
    if (!result)
        result = render_index_made(making->files, &making->plan, group, &made, ret_entry);
    render_made_done(&made);
    return result;
}

static int make_group(struct making *making, const struct render_group *group)
{
    json_t *entry = render_index_kept(making->files, group);
    int result = entry ? 0 : make_anew(making, group, &entry);

    if (result)
        return result;
    making->done += group->bytes;
    making->ops->progress(making->context, making->done, making->plan.bytes);
    tell_file(making, group, entry);
    json_array_append_new(making->entries, entry);
    return 0;
}

int render_make(int record, int files, const char *hearing, const struct render_ops *ops,
                void *context)
{
    struct making making = {
        .files = files, .ops = ops, .context = context, .entries = json_array()};
    int result = render_plan_make(&making.plan, record, hearing, tell_alive, &making);

    for (size_t i = 0; i < making.plan.group_count && !result; i++) {
        if (making.plan.groups[i].source_count)
            result = make_group(&making, &making.plan.groups[i]);
    }
    if (!result)
        result = render_index_write(files, &making.plan, making.entries);
    json_decref(making.entries);
    render_plan_done(&making.plan);
    return result;
}
