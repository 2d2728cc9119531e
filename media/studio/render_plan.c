#include "media/studio/render_plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "media/journal/folder.h"

enum { FINDINGS_MAX = 4096 };

/* Changes whenever the same journal is to give another file. */
static const char made_how[] = "assize files 1";

#define HOUR_NS       (INT64_C(3600) * CLOCK_NS_PER_S)
#define TIME_MAX      (INT64_MAX / 2)
#define NO_BOOT       SIZE_MAX
#define LAST_FRAME_NS RENDER_MS(20) /* sound goes on so long after the last packet came in */

struct making {
    struct render_plan *plan;
    void (*alive)(void *context);
    void *context;
};

static void *grow(void *list, size_t count, size_t size)
{
    list = realloc(list, (count + 1) * size);
    if (!list)
        abort();
    return list;
}

/* ---- what verify says ---- */

static void add_finding(struct render_plan *plan, const char *path, const struct fit *fit)
{
    if (plan->finding_count == FINDINGS_MAX)
        return;
    plan->findings = grow(plan->findings, plan->finding_count, sizeof(*plan->findings));
    struct render_finding *finding = &plan->findings[plan->finding_count++];
    finding->fit = *fit;
    str_copy(finding->path, sizeof(finding->path), path);
}

static void take_finding(void *context, const char *path, const struct fit *fit)
{
    const struct making *making = context;

    add_finding(making->plan, path, fit);
    making->alive(making->context);
}

static struct render_group *find_group(struct render_plan *plan, const char *name)
{
    struct render_group *last = plan->group_count ? &plan->groups[plan->group_count - 1] : NULL;

    if (last && strcmp(last->name, name) == 0)
        return last;
    if (plan->group_count == RENDER_GROUPS_MAX)
        return NULL;
    plan->groups = grow(plan->groups, plan->group_count, sizeof(*plan->groups));
    last = &plan->groups[plan->group_count++];
    *last = (struct render_group){0};
    str_copy(last->name, sizeof(last->name), name);
    return last;
}

/* Steps come in the order of the chain: the last one of a file says what of it can be used. */
static void take_step(void *context, const char *group_name, const char *stem,
                      const struct chain_step *step)
{
    const struct making *making = context;
    struct render_group *group = find_group(making->plan, group_name);

    making->alive(making->context);
    if (!group)
        return;
    if (!group->source_count || strcmp(group->sources[group->source_count - 1].stem, stem) != 0) {
        group->sources = grow(group->sources, group->source_count, sizeof(*group->sources));
        group->sources[group->source_count] = (struct render_source){0};
        str_copy(group->sources[group->source_count++].stem, NAME_STEM_SIZE, stem);
    }
    struct render_source *source = &group->sources[group->source_count - 1];
    source->end = step->end;
    memcpy(source->hash, step->hash, sizeof(source->hash));
}

/* ---- the clock ---- */

static size_t find_boot(struct render_plan *plan, const struct pcapng_head *head)
{
    size_t i = 0;

    while (i < plan->boot_count && strcmp(plan->boots[i].name, head->boot) != 0)
        i++;
    if (i == plan->boot_count) {
        plan->boots = grow(plan->boots, i, sizeof(*plan->boots));
        plan->boots[i] =
            (struct render_boot){.wall_ns = head->wall_ns, .monotonic_ns = head->monotonic_ns};
        str_copy(plan->boots[i].name, NAME_SIZE, head->boot);
        plan->boot_count++;
    } else if (head->monotonic_ns < plan->boots[i].monotonic_ns) {
        plan->boots[i].wall_ns = head->wall_ns;
        plan->boots[i].monotonic_ns = head->monotonic_ns;
    }
    return i;
}

static int open_source(const struct render_plan *plan, const struct render_group *group,
                       const struct render_source *source, struct reader *reader)
{
    char name[NAME_FILE_SIZE];
    int folder = folder_open(plan->folder, group->name);

    if (folder < 0)
        return folder;
    name_write_file(source->stem, NAME_PCAPNG_SUFFIX, name);
    int fd = folder_open_file(folder, name);
    folder_close(&folder);
    if (fd >= 0 && reader_open(reader, fd).verdict != FIT_GOOD) {
        folder_close(&fd);
        return -ESTALE;
    }
    return fd;
}

static int read_clock(struct render_plan *plan, const struct render_group *group,
                      struct render_source *source, struct reader *reader)
{
    int fd = open_source(plan, group, source, reader);

    if (fd < 0)
        return fd;
    source->boot = NO_BOOT;
    if (reader->head.wall_ns < TIME_MAX && reader->head.monotonic_ns < TIME_MAX)
        source->boot = find_boot(plan, &reader->head);
    source->wall_ns = reader->head.wall_ns;
    source->monotonic_ns = reader->head.monotonic_ns;
    folder_close(&fd);
    return 0;
}

static int read_clocks(struct render_plan *plan)
{
    struct reader *reader = malloc(sizeof(*reader));
    int result = 0;

    if (!reader)
        abort();
    for (size_t i = 0; i < plan->group_count; i++) {
        struct render_group *group = &plan->groups[i];
        for (size_t j = 0; j < group->source_count && !result; j++)
            result = read_clock(plan, group, &group->sources[j], reader);
    }
    free(reader);
    plan->start_ns = plan->boot_count ? plan->boots[0].wall_ns : 0;
    for (size_t i = 1; i < plan->boot_count; i++) {
        if (plan->boots[i].wall_ns < plan->start_ns)
            plan->start_ns = plan->boots[i].wall_ns;
    }
    return result;
}

static void leave_out(struct render_plan *plan, const struct render_group *group,
                      const struct render_source *source)
{
    const struct fit fit = fit_bad(0, "of another time than the hearing");
    char path[NAME_SIZE + NAME_FILE_SIZE];

    snprintf(path, sizeof(path), "%s/%s%s", group->name, source->stem, NAME_PCAPNG_SUFFIX);
    add_finding(plan, path, &fit);
}

/* Below zero without a clock. */
static int64_t place_of(const struct render_plan *plan, const struct render_source *source)
{
    if (source->boot == NO_BOOT)
        return -1;
    const struct render_boot *boot = &plan->boots[source->boot];
    return boot->wall_ns - plan->start_ns + source->monotonic_ns - boot->monotonic_ns;
}

/* Puts the sources of a group on the hearing's clock. */
static void place_sources(struct render_plan *plan, struct render_group *group)
{
    size_t kept = 0;

    for (size_t i = 0; i < group->source_count; i++) {
        struct render_source *source = &group->sources[i];
        source->at_ns = place_of(plan, source);
        if (source->at_ns < 0 || source->at_ns > RENDER_HOURS_MAX * HOUR_NS) {
            leave_out(plan, group, source);
            continue;
        }
        group->bytes += source->end;
        group->sources[kept++] = *source;
    }
    group->source_count = kept;
    plan->bytes += group->bytes;
}

/* ---- the length ---- */

static const struct render_source *last_source(const struct render_group *group)
{
    const struct render_source *last = NULL;

    for (size_t i = 0; i < group->source_count; i++) {
        if (!last || group->sources[i].at_ns > last->at_ns)
            last = &group->sources[i];
    }
    return last;
}

static int measure(struct render_plan *plan, struct render_feed *feed,
                   const struct render_group *group)
{
    const struct render_source *last = last_source(group);
    struct render_packet packet;
    int result;

    if (!last)
        return 0;
    render_feed_init(feed, plan, group);
    feed->next = (size_t)(last - group->sources);
    while ((result = render_feed_next(feed, &packet)) > 0 && feed->source == last) {
        if (packet.at_ns + LAST_FRAME_NS > plan->duration_ns)
            plan->duration_ns = packet.at_ns + LAST_FRAME_NS;
    }
    render_feed_done(feed);
    return result < 0 ? result : 0;
}

static int measure_all(struct render_plan *plan)
{
    struct render_feed *feed = malloc(sizeof(*feed));
    int result = 0;

    if (!feed)
        abort();
    for (size_t i = 0; i < plan->group_count && !result; i++)
        result = measure(plan, feed, &plan->groups[i]);
    free(feed);
    /* Whole milliseconds: a file knows no others. */
    plan->duration_ns =
        (plan->duration_ns + CLOCK_NS_PER_MS - 1) / CLOCK_NS_PER_MS * CLOCK_NS_PER_MS;
    return result;
}

static void digest(const struct render_plan *plan, struct render_group *group)
{
    struct sha256_stream *stream = sha256_stream_new();

    sha256_stream_add(stream, made_how, sizeof(made_how));
    sha256_stream_add(stream, plan->hearing, strlen(plan->hearing) + 1);
    sha256_stream_add(stream, group->name, strlen(group->name) + 1);
    sha256_stream_add(stream, &plan->start_ns, sizeof(plan->start_ns));
    sha256_stream_add(stream, &plan->duration_ns, sizeof(plan->duration_ns));
    for (size_t i = 0; i < group->source_count; i++) {
        const struct render_source *source = &group->sources[i];
        sha256_stream_add(stream, source->stem, sizeof(source->stem));
        sha256_stream_add(stream, &source->end, sizeof(source->end));
        sha256_stream_add(stream, &source->at_ns, sizeof(source->at_ns));
        sha256_stream_add(stream, source->hash, sizeof(source->hash));
    }
    sha256_stream_take(stream, group->made_from);
    sha256_stream_free(stream);
}

int render_plan_make(struct render_plan *plan, int record, const char *hearing,
                     void (*alive)(void *context), void *context)
{
    static const struct verify_ops ops = {take_step, take_finding};
    struct making making = {plan, alive, context};
    struct verify_totals totals;

    *plan = (struct render_plan){.hearing = hearing, .folder = folder_open(record, hearing)};
    if (plan->folder < 0)
        return plan->folder;
    int result = verify_hearing(record, hearing, &ops, &making, &totals);
    if (!result)
        result = read_clocks(plan);
    if (result)
        return result;
    for (size_t i = 0; i < plan->group_count; i++)
        place_sources(plan, &plan->groups[i]);
    result = measure_all(plan);
    for (size_t i = 0; i < plan->group_count; i++)
        digest(plan, &plan->groups[i]);
    return result ? result : plan->duration_ns ? 0 : -ENOENT;
}

void render_plan_done(struct render_plan *plan)
{
    for (size_t i = 0; i < plan->group_count; i++)
        free(plan->groups[i].sources);
    free(plan->groups);
    free(plan->boots);
    free(plan->findings);
    folder_close(&plan->folder);
    *plan = (struct render_plan){.folder = -1};
}

/* ---- packets ---- */

void render_feed_init(struct render_feed *feed, const struct render_plan *plan,
                      const struct render_group *group)
{
    feed->plan = plan;
    feed->group = group;
    feed->next = 0;
    feed->source = NULL;
    feed->fd = -1;
    feed->read = 0;
}

void render_feed_done(struct render_feed *feed)
{
    folder_close(&feed->fd);
}

/* 1, 0 when there is no other, or -errno. */
static int next_source(struct render_feed *feed)
{
    folder_close(&feed->fd);
    feed->source = NULL;
    if (feed->next == feed->group->source_count)
        return 0;
    feed->source = &feed->group->sources[feed->next++];
    feed->fd = open_source(feed->plan, feed->group, feed->source, &feed->reader);
    feed->last_wall_ns = feed->source->wall_ns;
    feed->set_back_ns = 0;
    return feed->fd < 0 ? feed->fd : 1;
}

static bool find_medium(const struct pcapng_head *head, size_t track,
                        enum render_medium *ret_medium)
{
    bool is_audio = strcmp(head->tracks[track], "audio") == 0;

    *ret_medium = is_audio ? RENDER_AUDIO : RENDER_VIDEO;
    return is_audio || strcmp(head->tracks[track], "video") == 0;
}

/* A packet cannot have come in before the one ahead of it: the clock was set back. */
static int64_t time_of(struct render_feed *feed, int64_t wall_ns)
{
    if (wall_ns < feed->last_wall_ns)
        feed->set_back_ns += feed->last_wall_ns - wall_ns;
    feed->last_wall_ns = wall_ns;
    return feed->source->at_ns + wall_ns - feed->source->wall_ns + feed->set_back_ns;
}

int render_feed_next(struct render_feed *feed, struct render_packet *ret_packet)
{
    struct pcapng_packet packet;
    int result;

    for (;;) {
        while (!feed->source || feed->reader.offset >= feed->source->end) {
            result = next_source(feed);
            if (result <= 0)
                return result;
        }
        if (reader_next(&feed->reader, &packet).verdict != FIT_GOOD)
            return -ESTALE;
        feed->read += feed->reader.block_len;
        if (packet.wall_ns - feed->source->wall_ns > RENDER_HOURS_MAX * HOUR_NS)
            continue;
        int64_t at_ns = time_of(feed, packet.wall_ns);
        enum render_medium medium;
        if (at_ns > RENDER_HOURS_MAX * HOUR_NS ||
            !find_medium(&feed->reader.head, packet.track, &medium))
            continue;
        *ret_packet = (struct render_packet){medium, packet.kind, at_ns, packet.data, packet.len};
        return 1;
    }
}
