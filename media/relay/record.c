#include "media/relay/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

struct hearing_row {
    char name[NAME_SIZE]; /* empty: free */
    enum record_state told;
    enum record_fault told_fault;
};

struct group_row {
    struct hearing_row *hearing; /* NULL: free */
    char name[NAME_SIZE];
    bool wanted;
    bool opened;      /* the writer was told to */
    unsigned closing; /* closes the writer has not confirmed */
    bool durable;     /* something is, since it was opened */
    bool failed;      /* by the writer's word; until something is durable again */
    bool dropping;    /* the ring was full and nothing has fitted since */
    enum record_fault fault;
    int64_t dropped_ns;  /* wall clock, of the first packet that did not fit */
    int64_t waiting_ns;  /* monotonic: the oldest packet that is not durable is no older; 0: none */
    int64_t last_put_ns; /* monotonic */
};

struct record {
    struct writer *writer;
    const struct record_ops *ops;
    void *context;
    int64_t wall_offset_ns; /* wall clock minus monotonic, as of the last tick */
    struct hearing_row hearings[RELAY_HEARINGS_MAX];
    struct group_row groups[RELAY_RECORD_GROUPS_MAX];
};

/* ---- rows ---- */

static struct hearing_row *find_hearing(struct record *record, const char *name)
{
    for (size_t i = 0; i < RELAY_HEARINGS_MAX; i++) {
        if (strcmp(record->hearings[i].name, name) == 0)
            return &record->hearings[i];
    }
    return NULL;
}

static struct group_row *find_group(struct record *record, const struct hearing_row *hearing,
                                    const char *name)
{
    for (size_t i = 0; hearing && i < RELAY_RECORD_GROUPS_MAX; i++) {
        struct group_row *group = &record->groups[i];
        if (group->hearing == hearing && strcmp(group->name, name) == 0)
            return group;
    }
    return NULL;
}

static struct group_row *free_group(struct record *record)
{
    for (size_t i = 0; i < RELAY_RECORD_GROUPS_MAX; i++) {
        if (!record->groups[i].hearing)
            return &record->groups[i];
    }
    return NULL;
}

/* ---- the writer's orders: repeated at every tick until the ring took them ---- */

static bool order(struct record *record, struct group_row *group, enum writer_entry_kind kind)
{
    const struct writer_entry entry = {
        .kind = kind,
        .group = (uint16_t)(group - record->groups),
        .wall_ns = clock_wall_ns(),
        .monotonic_ns = clock_monotonic_ns(),
    };
    struct writer_names names = {{0}, {0}};

    str_copy(names.hearing, sizeof(names.hearing), group->hearing->name);
    str_copy(names.group, sizeof(names.group), group->name);
    return writer_put(record->writer, &entry, &names, kind == WRITER_OPEN ? sizeof(names) : 0);
}

static void end_drop(struct record *record, struct group_row *group, int64_t wall_ns)
{
    const struct record_tiding tiding = {
        .kind = RECORD_TIDING_GAP,
        .hearing = group->hearing->name,
        .group = group->name,
        .fault = RECORD_FAULT_DISK_SLOW,
        .from_ns = group->dropped_ns,
        .to_ns = wall_ns,
    };

    if (!group->dropping)
        return;
    group->dropping = false;
    record->ops->tell(record->context, &tiding);
}

static void follow_wish(struct record *record, struct group_row *group)
{
    if (group->wanted && !group->opened && order(record, group, WRITER_OPEN)) {
        group->opened = true;
        group->durable = group->failed = false;
        group->waiting_ns = 0;
    } else if (!group->wanted && group->opened && order(record, group, WRITER_CLOSE)) {
        group->opened = false;
        group->closing++;
        end_drop(record, group, clock_wall_ns());
    }
}

/* ---- the state of a hearing ---- */

static bool is_late(const struct group_row *group, int64_t now_ns)
{
    return group->waiting_ns && now_ns - group->waiting_ns >= NS_OF_MS(RELAY_RECORD_STALL_MS);
}

static enum record_state state_of(const struct record *record, const struct hearing_row *hearing,
                                  int64_t now_ns, enum record_fault *ret_fault)
{
    enum record_state state = RECORD_STATE_OFF;

    *ret_fault = RECORD_FAULT_NONE;
    for (size_t i = 0; i < RELAY_RECORD_GROUPS_MAX; i++) {
        const struct group_row *group = &record->groups[i];
        if (group->hearing != hearing || !group->wanted)
            continue;
        if (group->failed || group->dropping || is_late(group, now_ns)) {
            *ret_fault = group->failed ? group->fault : RECORD_FAULT_DISK_SLOW;
            return RECORD_STATE_FAILED;
        }
        if (group->durable)
            state = RECORD_STATE_WRITING;
        else if (state == RECORD_STATE_OFF)
            state = RECORD_STATE_STARTING;
    }
    return state;
}

static void tell_state(struct record *record, struct hearing_row *hearing, int64_t now_ns,
                       bool always)
{
    struct record_tiding tiding = {.kind = RECORD_TIDING_STATE, .hearing = hearing->name};

    tiding.state = state_of(record, hearing, now_ns, &tiding.fault);
    if (!always && tiding.state == hearing->told && tiding.fault == hearing->told_fault)
        return;
    hearing->told = tiding.state;
    hearing->told_fault = tiding.fault;
    record->ops->tell(record->context, &tiding);
}

/* ---- what is asked for ---- */

static void forget_legs(struct legs *legs, const char *hearing)
{
    struct party *party;
    struct party *next;

    HASH_ITER(by_id, legs->router.parties, party, next)
    {
        struct leg *leg = (struct leg *)party;
        if (!hearing || strcmp(party->room->hearing, hearing) == 0)
            memset(leg->on_record, 0, sizeof(leg->on_record));
    }
}

/* Whether all of it has a place. */
static int check_tracks(struct record *record, const struct hearing_row *hearing,
                        const struct record_track *tracks, size_t count)
{
    size_t room = 0;
    size_t fresh = 0;

    for (size_t i = 0; i < count; i++) {
        if (!name_is_valid(tracks[i].group))
            return -EINVAL;
        fresh += !find_group(record, hearing, tracks[i].group);
    }
    for (size_t i = 0; i < RELAY_RECORD_GROUPS_MAX; i++)
        room += !record->groups[i].hearing;
    return fresh <= room ? 0 : -ENOSPC;
}

/* A picture that goes on record begins with a key frame, or nobody could see it until the next. */
static void want_key_frames(const struct record_track *tracks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct leg *leg = tracks[i].leg;
        for (int medium = SDP_VIDEO; medium < ROUTER_SOURCES; medium++) {
            if (tracks[i].wanted[medium] && !leg->on_record[medium])
                source_want_key_frame(&leg->party.sources[medium]);
        }
    }
}

static void want(struct record *record, struct hearing_row *hearing,
                 const struct record_track *track)
{
    struct group_row *group = find_group(record, hearing, track->group);

    if (!group) {
        group = free_group(record);
        *group = (struct group_row){.hearing = hearing};
        str_copy(group->name, sizeof(group->name), track->group);
    }
    group->wanted = true;
    for (int medium = 0; medium < ROUTER_SOURCES; medium++) {
        if (!track->wanted[medium])
            continue;
        track->leg->on_record[medium] = true;
        track->leg->record_group[medium] = (uint16_t)(group - record->groups);
    }
}

static void set_groups(struct record *record, struct hearing_row *hearing,
                       const struct record_track *tracks, size_t count)
{
    for (size_t i = 0; i < RELAY_RECORD_GROUPS_MAX; i++) {
        if (record->groups[i].hearing == hearing)
            record->groups[i].wanted = false;
    }
    for (size_t i = 0; i < count; i++)
        want(record, hearing, &tracks[i]);
    for (size_t i = 0; i < RELAY_RECORD_GROUPS_MAX; i++) {
        if (record->groups[i].hearing == hearing)
            follow_wish(record, &record->groups[i]);
    }
}

int record_set(struct record *record, struct legs *legs, const char *name,
               const struct record_track *tracks, size_t count)
{
    if (!name_is_valid(name))
        return -EINVAL;
    struct hearing_row *hearing = find_hearing(record, name);
    if (!hearing)
        hearing = find_hearing(record, "");
    if (!hearing)
        return -ENOSPC;
    int result = check_tracks(record, hearing, tracks, count);
    if (result)
        return result;
    str_copy(hearing->name, sizeof(hearing->name), name);
    want_key_frames(tracks, count);
    forget_legs(legs, name);
    set_groups(record, hearing, tracks, count);
    tell_state(record, hearing, legs->now_ns, true);
    return 0;
}

void record_cut(struct record *record, struct legs *legs)
{
    forget_legs(legs, NULL);
    for (size_t i = 0; i < RELAY_RECORD_GROUPS_MAX; i++) {
        struct group_row *group = &record->groups[i];
        if (!group->hearing)
            continue;
        group->wanted = false;
        follow_wish(record, group);
    }
}

/* ---- packets ---- */

void record_take(struct record *record, const struct leg *leg, enum sdp_medium medium,
                 enum writer_entry_kind kind, const uint8_t *data, size_t len)
{
    struct group_row *group = &record->groups[leg->record_group[medium]];
    const struct writer_entry entry = {
        .kind = kind,
        .group = leg->record_group[medium],
        .track = medium == SDP_AUDIO ? WRITER_AUDIO : WRITER_VIDEO,
        .wall_ns = leg->legs->now_ns + record->wall_offset_ns,
        .monotonic_ns = leg->legs->now_ns,
    };

    if (!group->opened || !writer_put(record->writer, &entry, data, len)) {
        if (!group->dropping)
            group->dropped_ns = entry.wall_ns;
        group->dropping = true;
        return;
    }
    end_drop(record, group, entry.wall_ns);
    if (!group->waiting_ns)
        group->waiting_ns = entry.monotonic_ns;
    group->last_put_ns = entry.monotonic_ns;
}

/* ---- what the writer says ---- */

static void forget_closed(struct record *record, struct group_row *group)
{
    if (group->closing)
        group->closing--;
    if (!group->wanted && !group->opened && !group->closing)
        *group = (struct group_row){.hearing = NULL};
    (void)record;
}

static void pass_on(struct record *record, const struct group_row *group,
                    const struct writer_word *word)
{
    const struct record_tiding tiding = {
        .kind = word->kind == WRITER_GAP ? RECORD_TIDING_GAP : RECORD_TIDING_HEAD,
        .hearing = group->hearing->name,
        .group = group->name,
        .fault = word->fault,
        .from_ns = word->from_ns,
        .to_ns = word->to_ns,
        .head = word->head,
    };

    record->ops->tell(record->context, &tiding);
}

static void hear(struct record *record, const struct writer_word *word)
{
    struct group_row *group = &record->groups[word->group];

    if (!group->hearing)
        return;
    switch (word->kind) {
    case WRITER_DURABLE:
        if (group->closing)
            break; /* of what it was before it was closed */
        group->durable = true;
        group->failed = false;
        group->waiting_ns = group->last_put_ns > word->monotonic_ns ? word->monotonic_ns : 0;
        break;
    case WRITER_FAILED:
        if (!group->failed)
            log_error("record.failed", "hearing=%s group=%s fault=%d", group->hearing->name,
                      group->name, (int)word->fault);
        group->failed = true;
        group->fault = word->fault;
        break;
    case WRITER_GAP:
    case WRITER_HEAD:
        pass_on(record, group, word);
        break;
    case WRITER_CLOSED:
        forget_closed(record, group);
        break;
    }
}

static bool is_in_use(const struct record *record, const struct hearing_row *hearing)
{
    for (size_t i = 0; i < RELAY_RECORD_GROUPS_MAX; i++) {
        if (record->groups[i].hearing == hearing)
            return true;
    }
    return false;
}

static void hear_all(struct record *record)
{
    struct writer_word word;

    while (writer_take(record->writer, &word))
        hear(record, &word);
}

void record_tick(struct record *record, int64_t now_ns)
{
    record->wall_offset_ns = clock_wall_ns() - now_ns;
    hear_all(record);
    for (size_t i = 0; i < RELAY_RECORD_GROUPS_MAX; i++) {
        if (record->groups[i].hearing)
            follow_wish(record, &record->groups[i]);
    }
    for (size_t i = 0; i < RELAY_HEARINGS_MAX; i++) {
        struct hearing_row *hearing = &record->hearings[i];
        if (!hearing->name[0])
            continue;
        tell_state(record, hearing, now_ns, false);
        if (!is_in_use(record, hearing))
            *hearing = (struct hearing_row){.name = ""};
    }
}

/* ---- life ---- */

int record_new(int folder, uint64_t spare, const struct writer_disk *disk,
               const struct record_ops *ops, void *context, struct record **ret_record)
{
    struct record *record = calloc(1, sizeof(*record));

    if (!record)
        abort();
    record->ops = ops;
    record->context = context;
    record->wall_offset_ns = clock_wall_ns() - clock_monotonic_ns();
    int result = writer_new(folder, spare, disk, &record->writer);
    if (result)
        free(record);
    else
        *ret_record = record;
    return result;
}

int record_start(struct record *record)
{
    return writer_start(record->writer);
}

void record_free(struct record *record)
{
    if (!record)
        return;
    writer_stop(record->writer);
    hear_all(record);
    writer_free(record->writer);
    free(record);
}

uint64_t record_free_bytes(const struct record *record)
{
    return writer_free_bytes(record->writer);
}

void record_each(const struct record *record, void (*visit)(void *context, const char *hearing),
                 void *context)
{
    for (size_t i = 0; i < RELAY_HEARINGS_MAX; i++) {
        const struct hearing_row *hearing = &record->hearings[i];
        if (hearing->name[0])
            visit(context, hearing->name);
    }
}
