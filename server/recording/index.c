#include "server/recording/index.h"

#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/record_group.h"
#include "base/sha256.h"
#include "base/str.h"
#include "db/recording_store.h"
#include "server/recording/recording.h"

enum { VERSION = 1, SILENCE = 127, NOT_RECORDED = 255 };

#define SUFFIX ".webm"

bool index_is_file(const char *name)
{
    const char *dot = strchr(name, '.');

    if (!dot || dot == name || strcmp(dot, SUFFIX) != 0 || strlen(name) >= RECORDING_FILE_SIZE)
        return false;
    for (const char *p = name; p < dot; p++) {
        if (!islower((unsigned char)*p) && !isdigit((unsigned char)*p) && *p != '-' && *p != '_')
            return false;
    }
    return true;
}

/* A number that is not negative; -1 for anything else. */
static int64_t number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    return json_is_integer(value) && json_integer_value(value) >= 0 ? json_integer_value(value)
                                                                    : -1;
}

static Assize__Record__V1__Medium read_medium(const json_t *gap)
{
    const char *medium = json_string_value(json_object_get(gap, "medium"));

    if (medium && strcmp(medium, "audio") == 0)
        return ASSIZE__RECORD__V1__MEDIUM__MEDIUM_AUDIO;
    if (medium && strcmp(medium, "video") == 0)
        return ASSIZE__RECORD__V1__MEDIUM__MEDIUM_VIDEO;
    return ASSIZE__RECORD__V1__MEDIUM__MEDIUM_UNSPECIFIED;
}

static int parse_gaps(const json_t *list, struct arena *arena, size_t *ret_count,
                      Assize__Record__V1__Gap ***ret_gaps)
{
    size_t count = json_array_size(list);

    if (count > RECORDING_GAPS_MAX)
        count = RECORDING_GAPS_MAX;
    Assize__Record__V1__Gap *gaps = arena_alloc(arena, count * sizeof(*gaps) + 1);
    *ret_gaps = arena_alloc(arena, count * sizeof(**ret_gaps) + 1);
    if (!gaps || !*ret_gaps)
        return -EBADMSG;
    for (size_t i = 0; i < count; i++) {
        const json_t *gap = json_array_get(list, i);
        int64_t from_ms = number(gap, "from_ms");
        int64_t to_ms = number(gap, "to_ms");
        if (from_ms < 0 || to_ms < from_ms)
            return -EBADMSG;
        assize__record__v1__gap__init(&gaps[i]);
        gaps[i].has_from_ms = gaps[i].has_to_ms = gaps[i].has_medium = true;
        gaps[i].from_ms = (uint64_t)from_ms;
        gaps[i].to_ms = (uint64_t)to_ms;
        gaps[i].medium = read_medium(gap);
        (*ret_gaps)[i] = &gaps[i];
    }
    *ret_count = count;
    return 0;
}

/* Whose "e4.webm" is; false for what this build does not know. */
static bool read_name(const char *name, struct record_group *ret_group)
{
    char group[RECORDING_FILE_SIZE];

    snprintf(group, sizeof(group), "%.*s", (int)(strlen(name) - strlen(SUFFIX)), name);
    return record_group_read(group, ret_group);
}

static bool has_packets(const json_t *file, const char *medium)
{
    return number(json_object_get(file, medium), "packets") > 0;
}

/* 0, -EBADMSG, or -ENOENT for a file of a kind that this build does not know. */
static int parse_file(const json_t *json, struct arena *arena,
                      Assize__Record__V1__RecordedFile *file)
{
    const char *name = json_string_value(json_object_get(json, "name"));
    const char *sum = json_string_value(json_object_get(json, "sha256"));
    int64_t bytes = number(json, "bytes");
    struct record_group group;

    if (!name || !index_is_file(name) || !sum || bytes < 0)
        return -EBADMSG;
    if (!read_name(name, &group))
        return -ENOENT;
    assize__record__v1__recorded_file__init(file);
    file->name = arena_copy(arena, name, strlen(name));
    file->sha256.data = arena_alloc(arena, SHA256_BYTES);
    file->sha256.len = SHA256_BYTES;
    if (!file->name || !file->sha256.data || strlen(sum) != SHA256_HEX_SIZE - 1 ||
        str_from_hex(sum, file->sha256.data, SHA256_BYTES))
        return -EBADMSG;
    file->has_endpoint = file->has_bytes = file->has_sha256 = file->has_audio = file->has_video =
        file->has_check = file->has_share = true;
    file->endpoint = group.endpoint;
    file->share = group.share;
    file->bytes = (uint64_t)bytes;
    file->audio = has_packets(json, "audio");
    file->video = has_packets(json, "video");
    return parse_gaps(json_object_get(json, "gaps"), arena, &file->n_gaps, &file->gaps);
}

static int by_endpoint(const void *left, const void *right)
{
    const Assize__Record__V1__RecordedFile *const *a = left, *const *b = right;

    if ((*a)->endpoint == (*b)->endpoint)
        return (*a)->share - (*b)->share;
    return ((*a)->endpoint > (*b)->endpoint) - ((*a)->endpoint < (*b)->endpoint);
}

static int parse_files(const json_t *list, struct arena *arena, struct recorded *ret)
{
    size_t count = json_array_size(list);

    if (count > RECORDING_FILES_MAX)
        return -EBADMSG;
    Assize__Record__V1__RecordedFile *files = arena_alloc(arena, count * sizeof(*files) + 1);
    ret->files = arena_alloc(arena, count * sizeof(*ret->files) + 1);
    if (!files || !ret->files)
        return -EBADMSG;
    ret->file_count = 0;
    for (size_t i = 0; i < count; i++) {
        int error = parse_file(json_array_get(list, i), arena, &files[i]);
        if (error == -EBADMSG)
            return error;
        if (!error)
            ret->files[ret->file_count++] = &files[i];
    }
    qsort(ret->files, ret->file_count, sizeof(*ret->files), by_endpoint);
    return 0;
}

static int parse_index(const json_t *root, struct arena *arena, struct recorded *ret)
{
    int64_t start_ms = number(root, "start_ms");
    int64_t duration_ms = number(root, "duration_ms");

    if (number(root, "version") != VERSION || start_ms < 0 || duration_ms < 0)
        return -EBADMSG;
    ret->start_ms = start_ms;
    ret->duration_ms = (uint64_t)duration_ms;
    ret->findings = (uint32_t)json_array_size(json_object_get(root, "findings"));
    int error = parse_files(json_object_get(root, "files"), arena, ret);
    return error ? error
                 : parse_gaps(json_object_get(root, "gaps"), arena, &ret->gap_count, &ret->gaps);
}

int index_parse(const char *json, size_t len, struct arena *arena, struct recorded *ret)
{
    json_t *root = json_loadb(json, len, JSON_REJECT_DUPLICATES, NULL);
    int error = root ? parse_index(root, arena, ret) : -EBADMSG;

    json_decref(root);
    return error;
}

/* The loudest of the values of one step. */
static uint8_t loudest(const json_t *values, size_t from, size_t to)
{
    uint8_t level = NOT_RECORDED;

    for (size_t i = from; i < to; i++) {
        const json_t *value = json_array_get(values, i);
        json_int_t number_value = json_integer_value(value);
        if (json_is_integer(value) && number_value >= 0 && number_value <= SILENCE &&
            number_value < level)
            level = (uint8_t)number_value;
    }
    return level;
}

static int parse_levels(const json_t *levels, struct arena *arena,
                        Assize__Record__V1__LevelsResponse *ret)
{
    const json_t *values = json_object_get(levels, "values");
    int64_t every_ms = number(levels, "every_ms");
    size_t count = json_array_size(values);

    if (every_ms <= 0 || every_ms > CLOCK_MS_PER_S)
        return -EBADMSG;
    size_t together = count / RECORDING_LEVELS_MAX + 1;
    size_t steps = (count + together - 1) / together;
    ret->has_step_ms = ret->has_levels = true;
    ret->step_ms = (uint32_t)((size_t)every_ms * together);
    ret->levels.data = arena_alloc(arena, steps + 1);
    ret->levels.len = steps;
    if (!ret->levels.data)
        return -EBADMSG;
    for (size_t i = 0; i < steps; i++) {
        size_t to = (i + 1) * together;
        ret->levels.data[i] = loudest(values, i * together, to < count ? to : count);
    }
    return 0;
}

int index_parse_levels(const char *json, size_t len, struct arena *arena,
                       Assize__Record__V1__LevelsResponse *ret)
{
    json_t *root = json_loadb(json, len, JSON_REJECT_DUPLICATES, NULL);
    int error = root ? parse_levels(json_object_get(root, "levels"), arena, ret) : -EBADMSG;

    json_decref(root);
    return error;
}
