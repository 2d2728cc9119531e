#include "media/studio/render_index.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "media/journal/folder.h"

#define INDEX_NAME "index.json"

enum { FILE_MODE = 0640, VERSION = 1 };

/* ---- files ---- */

/* Writes a file of a folder, durably and at once. */
static int store(int files, const char *name, const json_t *json)
{
    char part[RENDER_NAME_SIZE];
    char *text = json_dumps(json, JSON_COMPACT);

    if (!text)
        abort();
    snprintf(part, sizeof(part), "%s.part", name);
    int fd = openat(files, part, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
    int result = fd < 0 ? -errno : folder_write(fd, text, strlen(text));
    if (!result && fsync(fd))
        result = -errno;
    if (fd >= 0)
        folder_close(&fd);
    if (!result && (renameat(files, part, files, name) || fsync(files)))
        result = -errno;
    if (result)
        unlinkat(files, part, 0);
    free(text);
    return result;
}

static bool has_size(int files, const char *name, json_int_t bytes)
{
    struct stat info;

    return !fstatat(files, name, &info, AT_SYMLINK_NOFOLLOW) && S_ISREG(info.st_mode) &&
           info.st_size == bytes;
}

/* ---- a file's entry ---- */

static json_t *pack_counts(const struct render_counts *counts)
{
    return json_pack("{sI sI sI sI}", "packets", (json_int_t)counts->packets, "lost",
                     (json_int_t)counts->lost, "late", (json_int_t)counts->late, "refused",
                     (json_int_t)counts->refused);
}

static json_t *pack_gap(int64_t from_ms, int64_t to_ms)
{
    return json_pack("{sI sI}", "from_ms", (json_int_t)from_ms, "to_ms", (json_int_t)to_ms);
}

static json_t *pack_gaps(const struct render_gaps *gaps)
{
    json_t *list = json_array();

    for (size_t i = 0; i < gaps->count; i++) {
        const struct render_gap *gap = &gaps->list[i];
        json_t *entry = pack_gap(gap->from_ns / CLOCK_NS_PER_MS, gap->to_ns / CLOCK_NS_PER_MS);
        json_object_set_new(entry, "medium",
                            json_string(gap->medium == RENDER_AUDIO ? "audio" : "video"));
        json_array_append_new(list, entry);
    }
    return list;
}

static json_t *pack_levels(const struct render_made *made)
{
    json_t *values = json_array();

    for (size_t i = 0; i < made->level_count; i++)
        json_array_append_new(values, made->levels[i] == RENDER_NO_LEVEL
                                          ? json_null()
                                          : json_integer(made->levels[i]));
    return json_pack("{si so}", "every_ms", RENDER_LEVEL_MS, "values", values);
}

static json_t *pack_entry(const struct render_group *group, const struct render_made *made)
{
    char name[RENDER_NAME_SIZE];
    char details[RENDER_NAME_SIZE];
    char sha256[SHA256_HEX_SIZE];
    json_t *video = pack_counts(&made->counts[RENDER_VIDEO]);

    snprintf(name, sizeof(name), "%s.webm", group->name);
    snprintf(details, sizeof(details), "%s.json", group->name);
    str_hex(made->sha256, SHA256_BYTES, sha256);
    if (made->width) {
        json_object_set_new(video, "width", json_integer(made->width));
        json_object_set_new(video, "height", json_integer(made->height));
    }
    return json_pack("{ss ss ss sI ss so so so}", "group", group->name, "name", name, "details",
                     details, "bytes", (json_int_t)made->bytes, "sha256", sha256, "audio",
                     pack_counts(&made->counts[RENDER_AUDIO]), "video", video, "gaps",
                     pack_gaps(&made->gaps));
}

static void add_times(json_t *json, const struct render_plan *plan)
{
    json_object_set_new(json, "version", json_integer(VERSION));
    json_object_set_new(json, "hearing", json_string(plan->hearing));
    json_object_set_new(json, "start_ms", json_integer(plan->start_ns / CLOCK_NS_PER_MS));
    json_object_set_new(json, "duration_ms", json_integer(plan->duration_ns / CLOCK_NS_PER_MS));
}

/* What GROUP.json has and the index has not. */
static const char *const details_only[] = {"version",     "hearing",   "start_ms",
                                           "duration_ms", "made_from", "levels"};

static void remove_details(json_t *json)
{
    for (size_t i = 0; i < sizeof(details_only) / sizeof(details_only[0]); i++)
        json_object_del(json, details_only[i]);
}

int render_index_made(int files, const struct render_plan *plan, const struct render_group *group,
                      const struct render_made *made, json_t **ret_entry)
{
    json_t *json = pack_entry(group, made);
    char made_from[SHA256_HEX_SIZE];

    add_times(json, plan);
    str_hex(group->made_from, SHA256_BYTES, made_from);
    json_object_set_new(json, "made_from", json_string(made_from));
    json_object_set_new(json, "levels", pack_levels(made));
    int result = store(files, json_string_value(json_object_get(json, "details")), json);
    remove_details(json);
    if (result)
        json_decref(json);
    else
        *ret_entry = json;
    return result;
}

static bool is_made_from(json_t *json, const struct render_group *group, int files)
{
    char made_from[SHA256_HEX_SIZE];
    const char *from;
    const char *name;
    json_int_t bytes;

    str_hex(group->made_from, SHA256_BYTES, made_from);
    return json_unpack(json, "{ss ss sI}", "made_from", &from, "name", &name, "bytes", &bytes) ==
               0 &&
           strcmp(from, made_from) == 0 && has_size(files, name, bytes);
}

json_t *render_index_kept(int files, const struct render_group *group)
{
    char name[RENDER_NAME_SIZE];
    json_error_t error;

    snprintf(name, sizeof(name), "%s.json", group->name);
    int fd = folder_open_file(files, name);
    if (fd < 0)
        return NULL;
    json_t *json = json_loadfd(fd, JSON_REJECT_DUPLICATES, &error);
    folder_close(&fd);
    if (!json || !is_made_from(json, group, files)) {
        json_decref(json);
        return NULL;
    }
    remove_details(json);
    return json;
}

/* ---- the index ---- */

/* An edge of a gap: one track more or fewer that has nothing. */
struct edge {
    int64_t at_ms;
    int step;
};

static int by_time(const void *left, const void *right)
{
    const struct edge *a = left;
    const struct edge *b = right;

    return a->at_ms != b->at_ms ? (a->at_ms > b->at_ms) - (a->at_ms < b->at_ms) : b->step - a->step;
}

static size_t add_edges(struct edge **edges, size_t count, const json_t *gaps)
{
    size_t gap_count = json_array_size(gaps);

    *edges = realloc(*edges, (count + 2 * gap_count + 1) * sizeof(**edges));
    if (!*edges)
        abort();
    for (size_t i = 0; i < gap_count; i++) {
        const json_t *gap = json_array_get(gaps, i);
        (*edges)[count++] = (struct edge){json_integer_value(json_object_get(gap, "from_ms")), 1};
        (*edges)[count++] = (struct edge){json_integer_value(json_object_get(gap, "to_ms")), -1};
    }
    return count;
}

/* Where every track of every file has a gap. */
static json_t *find_common_gaps(json_t *entries)
{
    const int tracks = RENDER_MEDIA * (int)json_array_size(entries);
    json_t *list = json_array();
    struct edge *edges = NULL;
    size_t count = 0;
    int empty = 0;

    for (size_t i = 0; i < json_array_size(entries); i++)
        count = add_edges(&edges, count, json_object_get(json_array_get(entries, i), "gaps"));
    if (count)
        qsort(edges, count, sizeof(*edges), by_time);
    for (size_t i = 0; i < count; i++) {
        /* The edge after the one that makes them all empty ends that. */
        if (empty == tracks && edges[i].at_ms - edges[i - 1].at_ms >= RENDER_GAP_MS)
            json_array_append_new(list, pack_gap(edges[i - 1].at_ms, edges[i].at_ms));
        empty += edges[i].step;
    }
    free(edges);
    return list;
}

static json_t *pack_findings(const struct render_plan *plan)
{
    json_t *list = json_array();

    for (size_t i = 0; i < plan->finding_count; i++) {
        const struct render_finding *finding = &plan->findings[i];
        json_array_append_new(list,
                              json_pack("{ss ss sI ss}", "path", finding->path, "verdict",
                                        finding->fit.verdict == FIT_TORN ? "torn" : "bad", "offset",
                                        (json_int_t)finding->fit.offset, "why", finding->fit.why));
    }
    return list;
}

int render_index_remove(int files)
{
    return unlinkat(files, INDEX_NAME, 0) && errno != ENOENT ? -errno : 0;
}

int render_index_write(int files, const struct render_plan *plan, json_t *entries)
{
    json_t *json = json_pack("{sO so so}", "files", entries, "gaps", find_common_gaps(entries),
                             "findings", pack_findings(plan));

    add_times(json, plan);
    int result = store(files, INDEX_NAME, json);
    json_decref(json);
    return result;
}
