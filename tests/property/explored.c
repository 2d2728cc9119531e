#include "tests/property/explored.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum {
    ARENA = 1 << 16,
    SOME_SEQ = 1000,
    SOME_MS = 1000000,
    FILE_SIZE = 1 << 16,
    NONE = UINT32_MAX
};

/* ---- the trial ---- */

const struct procedure *explored_procedure(void)
{
    static struct procedure procedure;
    static char text[FILE_SIZE];
    char error[PROCEDURE_ERROR_SIZE];

    if (procedure.version)
        return &procedure;
    FILE *file = fopen(EXPLORED_PROCEDURE, "r");
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof(text) - 1, file);
    text[len] = '\0';
    fclose(file);
    if (procedure_read(text, &procedure, error))
        fail_msg("%s", error);
    return &procedure;
}

static const uint32_t SITES[] = {HEARING_SITE(CENTRAL_POINT), HEARING_SITE(DETENTION_FACILITY),
                                 HEARING_SITE(COMPONENT_POINT)};
static const struct hearing_endpoint DEVICE[] = {
    {BENCH, .site = 1, .kind = HEARING_ENDPOINT(PERSONAL)},
    {ROOM, .site = 2, .kind = HEARING_ENDPOINT(ROOM)},
    {WITNESS_DEVICE, .site = 3, .kind = HEARING_ENDPOINT(PERSONAL)},
    {COUNSEL_DEVICE, .site = 1, .kind = HEARING_ENDPOINT(PERSONAL)},
    {LAPTOP, .site = 2, .kind = HEARING_ENDPOINT(COMPANION)},
};
static const struct hearing_participant PERSON[] = {
    {JUDGE, HEARING_ROLE(PRESIDING_JUDGE), .endpoint = BENCH},
    {DEFENDANT, HEARING_ROLE(DEFENDANT), .endpoint = ROOM},
    {OFFICER, HEARING_ROLE(DETENTION_OFFICER), .endpoint = ROOM, .companion = LAPTOP},
    {WITNESS, HEARING_ROLE(WITNESS), .endpoint = WITNESS_DEVICE},
    {COUNSEL, HEARING_ROLE(DEFENCE_COUNSEL), .endpoint = COUNSEL_DEVICE},
};

struct roster {
    Assize__Hearing__V1__Opened opened;
    Assize__Hearing__V1__Site site[3], *sites[3];
    Assize__Hearing__V1__Endpoint endpoint[DEVICES], *endpoints[DEVICES];
    Assize__Hearing__V1__Participant person[PEOPLE], *people[PEOPLE];
};

static void make_roster(struct roster *roster)
{
    *roster = (struct roster){.opened = ASSIZE__HEARING__V1__OPENED__INIT};
    for (uint32_t i = 0; i < 3; i++) {
        Assize__Hearing__V1__Site *site = roster->sites[i] = &roster->site[i];
        *site = (Assize__Hearing__V1__Site)ASSIZE__HEARING__V1__SITE__INIT;
        site->has_id = site->has_kind = true;
        site->id = i + 1;
        site->kind = (Assize__Hearing__V1__SiteKind)SITES[i];
    }
    for (uint32_t i = 0; i < DEVICES; i++) {
        Assize__Hearing__V1__Endpoint *device = roster->endpoints[i] = &roster->endpoint[i];
        *device = (Assize__Hearing__V1__Endpoint)ASSIZE__HEARING__V1__ENDPOINT__INIT;
        device->has_id = device->has_site = device->has_kind = true;
        device->id = DEVICE[i].id;
        device->site = DEVICE[i].site;
        device->kind = DEVICE[i].kind;
    }
    for (uint32_t i = 0; i < PEOPLE; i++) {
        Assize__Hearing__V1__Participant *person = roster->people[i] = &roster->person[i];
        *person = (Assize__Hearing__V1__Participant)ASSIZE__HEARING__V1__PARTICIPANT__INIT;
        person->has_id = person->has_role = person->has_endpoint = person->has_companion = true;
        person->id = PERSON[i].id;
        person->role = PERSON[i].role;
        person->endpoint = PERSON[i].endpoint;
        person->companion = PERSON[i].companion;
    }
    roster->opened.procedure = (char *)(uintptr_t) "explored";
    roster->opened.n_sites = 3;
    roster->opened.n_endpoints = DEVICES;
    roster->opened.n_participants = PEOPLE;
    roster->opened.sites = roster->sites;
    roster->opened.endpoints = roster->endpoints;
    roster->opened.participants = roster->people;
}

static void open_hearing(struct hearing *hearing)
{
    static struct roster roster;
    struct hearing_events events;
    struct arena arena;

    make_roster(&roster);
    arena_init(&arena, ARENA);
    hearing_init(hearing, explored_procedure());
    assert_int_equal(hearing_decide_opening(&roster.opened, SOME_MS, &arena, &events), 0);
    assert_int_equal(hearing_apply(hearing, events.items[0]), 0);
    arena_done(&arena);
}

/* ---- states by value ---- */

static void pack_people(const struct hearing *hearing, struct spot *spot)
{
    for (size_t i = 0; i < DEVICES; i++) {
        const struct hearing_endpoint *device = &hearing->endpoints[i];
        spot->endpoints[i].connected = device->connected;
        spot->endpoints[i].muted = device->muted;
        spot->endpoints[i].mute_locked = device->mute_locked;
        spot->endpoints[i].lost = device->link_lost_ms != 0;
    }
    for (size_t i = 0; i < PEOPLE; i++) {
        const struct hearing_participant *person = &hearing->participants[i];
        spot->people[i].standing = (uint8_t)person->standing;
        spot->people[i].stand = (uint8_t)person->stand;
        spot->people[i].sworn = person->sworn;
        spot->people[i].cut_off = person->cut_off;
        spot->people[i].kept_apart = person->kept_apart;
        spot->people[i].summary_due = person->summary_due;
        spot->people[i].attested = (uint8_t)person->attested;
    }
}

static void pack(const struct hearing *hearing, struct spot *spot)
{
    memset(spot, 0, sizeof(*spot));
    spot->status = (uint8_t)hearing->status;
    spot->phase = (uint8_t)hearing->phase;
    spot->floor_holder = (uint8_t)hearing->floor_holder;
    for (size_t i = 0; i < PEOPLE; i++)
        spot->queue[i] = (uint8_t)hearing->floor_queue[i];
    spot->recording = hearing->recording;
    spot->gallery_open = hearing->gallery_open;
    spot->is_private = hearing->is_private;
    spot->spoken = (uint8_t)hearing->spoken;
    spot->witness = (uint8_t)hearing->witness;
    spot->sharer = (uint8_t)hearing->sharer;
    spot->sharer_participant = (uint8_t)hearing->sharer_participant;
    spot->share_kind = (uint8_t)hearing->share_kind;
    spot->paused_by = (uint8_t)hearing->paused_by;
    spot->pause_cause = (uint8_t)hearing->pause_cause;
    spot->screen_count = (uint8_t)hearing->screen_count;
    assert_true(hearing->screen_count <= PAIRS_MAX);
    for (size_t i = 0; i < hearing->screen_count; i++) {
        spot->screens[i].participant = (uint8_t)hearing->screens[i].participant;
        spot->screens[i].from = (uint8_t)hearing->screens[i].from;
        spot->screens[i].sound = hearing->screens[i].sound;
    }
    pack_people(hearing, spot);
}

static void unpack_people(const struct spot *spot, struct hearing *hearing)
{
    for (size_t i = 0; i < DEVICES; i++) {
        struct hearing_endpoint *device = &hearing->endpoints[i];
        device->connected = spot->endpoints[i].connected;
        device->muted = spot->endpoints[i].muted;
        device->mute_locked = spot->endpoints[i].mute_locked;
        device->link_lost_ms = spot->endpoints[i].lost ? SOME_MS : 0;
    }
    for (size_t i = 0; i < PEOPLE; i++) {
        struct hearing_participant *person = &hearing->participants[i];
        person->standing = (Assize__Hearing__V1__Standing)spot->people[i].standing;
        person->stand = (Assize__Hearing__V1__Stand)spot->people[i].stand;
        person->sworn = spot->people[i].sworn;
        person->cut_off = spot->people[i].cut_off;
        person->kept_apart = spot->people[i].kept_apart;
        person->summary_due = spot->people[i].summary_due;
        person->attested = spot->people[i].attested;
    }
}

/* Into a hearing that has been opened; as if all had happened at one time, and been seen. */
static void unpack(const struct spot *spot, const struct hearing *opened, struct hearing *hearing)
{
    memcpy(hearing, opened, sizeof(*hearing));
    hearing->seq = SOME_SEQ;
    hearing->at_ms = SOME_MS;
    hearing->status = (Assize__Hearing__V1__Status)spot->status;
    hearing->phase = spot->phase;
    hearing->floor_holder = spot->floor_holder;
    hearing->floor_queue_count = 0;
    for (size_t i = 0; i < PEOPLE && spot->queue[i]; i++)
        hearing->floor_queue[hearing->floor_queue_count++] = spot->queue[i];
    hearing->recording = spot->recording;
    hearing->gallery_open = spot->gallery_open;
    hearing->is_private = spot->is_private;
    hearing->spoken = spot->spoken;
    hearing->witness = spot->witness;
    hearing->sharer = spot->sharer;
    hearing->sharer_participant = spot->sharer_participant;
    hearing->share_kind = (Assize__Hearing__V1__ShareKind)spot->share_kind;
    hearing->paused_by = spot->paused_by;
    hearing->pause_cause = (Assize__Hearing__V1__PauseCause)spot->pause_cause;
    hearing->screen_count = spot->screen_count;
    for (size_t i = 0; i < spot->screen_count; i++) {
        hearing->screens[i].participant = spot->screens[i].participant;
        hearing->screens[i].from = spot->screens[i].from;
        hearing->screens[i].sound = spot->screens[i].sound;
    }
    unpack_people(spot, hearing);
}

/* Clocks, sequence numbers and the list of incidents are history: they decide nothing here. */
static void forget_history(struct hearing *hearing)
{
    hearing->seq = hearing->status_seq = hearing->floor_seq = hearing->phase_seq = 0;
    hearing->witness_seq = 0;
    hearing->at_ms = hearing->status_since_ms = hearing->floor_since_ms = 0;
    hearing->phase_since_ms = hearing->suspended_until_ms = hearing->reminded_ms = 0;
    memset(hearing->floor_asked_ms, 0, sizeof(hearing->floor_asked_ms));
    hearing->incident_count = 0;
    memset(hearing->incidents, 0, sizeof(hearing->incidents));
    for (size_t i = 0; i < DEVICES; i++)
        hearing->endpoints[i].link_lost_ms = hearing->endpoints[i].link_lost_ms != 0;
    for (size_t i = 0; i < PEOPLE; i++)
        hearing->participants[i].standing_seq = 0;
}

/* ---- what has been found ---- */

struct found {
    struct spot spot;
    uint32_t parent;
    uint32_t move;
};

static struct {
    struct found *states;
    size_t count, max;
    uint32_t *index; /* by hash; NONE: free */
    size_t index_mask;
    size_t visiting;
    const struct explorer *explorer;
} found;

static void found_init(const struct explorer *explorer)
{
    size_t size = 1;

    while (size < explorer->states_max * 2)
        size *= 2;
    found.explorer = explorer;
    found.max = explorer->states_max;
    found.count = 0;
    found.states = calloc(found.max, sizeof(*found.states));
    found.index = malloc(size * sizeof(*found.index));
    assert_true(found.states && found.index);
    memset(found.index, 0xff, size * sizeof(*found.index));
    found.index_mask = size - 1;
}

static void found_done(void)
{
    free(found.states);
    free(found.index);
    found.states = NULL;
    found.index = NULL;
}

/* FNV-1a. */
static size_t hash_of(const struct spot *spot)
{
    const uint8_t *bytes = (const uint8_t *)spot;
    uint64_t hash = 14695981039346656037u;

    for (size_t i = 0; i < sizeof(*spot); i++)
        hash = (hash ^ bytes[i]) * 1099511628211u;
    return (size_t)(hash ^ (hash >> 29));
}

/* False when the state is known; when there is no room for it, it is left out and counted. */
static bool add(const struct spot *spot, uint32_t parent, uint32_t move, bool *full)
{
    size_t at = hash_of(spot) & found.index_mask;

    while (found.index[at] != NONE) {
        if (!memcmp(&found.states[found.index[at]].spot, spot, sizeof(*spot)))
            return false;
        at = (at + 1) & found.index_mask;
    }
    if (found.count == found.max) {
        *full = true;
        return false;
    }
    found.index[at] = (uint32_t)found.count;
    found.states[found.count++] = (struct found){*spot, parent, move};
    return true;
}

static void tell_move(const struct move *move)
{
    const ProtobufCFieldDescriptor *arm = protobuf_c_message_descriptor_get_field(
        &assize__hearing__v1__command__descriptor, move->command);

    fprintf(stderr, "  %u: %s %u%s\n", move->who, arm->name, move->about,
            move->strong ? " (strong)" : "");
}

static void tell_path_to(size_t state)
{
    if (found.states[state].parent == NONE)
        return;
    tell_path_to(found.states[state].parent);
    tell_move(&found.explorer->moves[found.states[state].move]);
}

void explored_tell_path(void)
{
    tell_path_to(found.visiting);
}

/* ---- commands ---- */

struct asked {
    Assize__Hearing__V1__Command command;
    union {
        ProtobufCMessage base;
        Assize__Hearing__V1__Admit about; /* field 1 lies at the same place in all of them */
        Assize__Hearing__V1__Mute mute;
        Assize__Hearing__V1__Screen screen;
        Assize__Hearing__V1__Unscreen unscreen;
        Assize__Hearing__V1__StartShare start_share;
        Assize__Hearing__V1__TakeNote take_note;
        Assize__Hearing__V1__RecordHead record_head;
    } arm;
    struct hearing_actor actor;
};

static void make_command(const struct move *move, struct asked *asked)
{
    const ProtobufCMessageDescriptor *type =
        protobuf_c_message_descriptor_get_field(&assize__hearing__v1__command__descriptor,
                                                move->command)
            ->descriptor;

    *asked = (struct asked){.command = ASSIZE__HEARING__V1__COMMAND__INIT};
    protobuf_c_message_init(type, &asked->arm.base);
    asked->command.body_case = move->command;
    asked->command.admit = &asked->arm.about;
    asked->command.has_seen_seq = true;
    if (move->command == HEARING_COMMAND(TELL_SUMMARY))
        asked->command.words = (char *)(uintptr_t) "Lời của tòa.";
    if (move->command == HEARING_COMMAND(START_SHARE)) {
        asked->arm.start_share.has_kind = true;
        asked->arm.start_share.kind = HEARING_SHARE(SCREEN);
    } else if (move->about) {
        asked->arm.about.has_participant = true;
        asked->arm.about.participant = move->about;
    }
    if (move->command == HEARING_COMMAND(MUTE))
        asked->arm.mute.has_lock = asked->arm.mute.lock = move->strong;
    if (move->command == HEARING_COMMAND(UNSCREEN))
        asked->arm.unscreen.has_from = asked->arm.unscreen.from = move->more;
    if (move->command == HEARING_COMMAND(SCREEN)) {
        asked->arm.screen.has_from = asked->arm.screen.has_sound = true;
        asked->arm.screen.from = move->more;
        asked->arm.screen.sound = move->strong;
    }
    if (move->who) {
        const struct hearing_participant *who = &PERSON[move->who - 1];
        asked->actor =
            (struct hearing_actor){move->who, move->companion ? who->companion : who->endpoint};
    }
}

/* Tries a move; true when it was accepted, and ret_after is where it led. */
static bool try_move(const struct hearing *before, const struct move *move,
                     struct hearing *ret_after)
{
    struct hearing_events events = {.count = 0};
    struct asked asked;
    struct arena arena;

    make_command(move, &asked);
    asked.command.seen_seq = before->seq;
    arena_init(&arena, ARENA);
    enum refusal refusal =
        hearing_decide(before, &asked.command, asked.actor, SOME_MS, &arena, &events);
    assert_true(refusal != REFUSAL_INTERNAL && refusal != REFUSAL_MALFORMED);
    assert_int_equal(refusal == REFUSAL_NONE, events.count > 0);
    if (!refusal) {
        memcpy(ret_after, before, sizeof(*ret_after));
        for (uint32_t i = 0; i < events.count; i++)
            assert_int_equal(hearing_apply(ret_after, events.items[i]), 0);
        if (found.explorer->stepped)
            found.explorer->stepped(found.explorer->context,
                                    &(struct step){before, ret_after, &asked.command, &events});
    }
    arena_done(&arena);
    return refusal == REFUSAL_NONE;
}

/* A state that was kept by value is the same state: nothing of it is lost. */
static void check_kept(const struct hearing *opened, struct hearing *reached)
{
    static struct hearing kept;
    struct spot spot;

    pack(reached, &spot);
    unpack(&spot, opened, &kept);
    forget_history(&kept);
    forget_history(reached);
    assert_memory_equal(&kept, reached, sizeof(kept));
}

static void expand(const struct hearing *opened, size_t state, struct explored *sum)
{
    static struct hearing before, after;
    struct spot spot;

    unpack(&found.states[state].spot, opened, &before);
    for (size_t i = 0; i < found.explorer->move_count; i++) {
        sum->asked++;
        if (!try_move(&before, &found.explorer->moves[i], &after))
            continue;
        sum->accepted++;
        pack(&after, &spot);
        bool full = false;
        if (add(&spot, (uint32_t)state, (uint32_t)i, &full))
            check_kept(opened, &after);
        sum->complete &= !full;
    }
}

struct explored explore(const struct explorer *explorer, const struct move *first,
                        size_t first_count)
{
    static struct hearing opened, hearing, after;
    struct explored sum = {.complete = true};
    struct spot spot;
    bool full = false;

    found_init(explorer);
    open_hearing(&opened);
    memcpy(&hearing, &opened, sizeof(hearing));
    for (size_t i = 0; i < first_count; i++) {
        assert_true(try_move(&hearing, &first[i], &after));
        memcpy(&hearing, &after, sizeof(hearing));
    }
    pack(&hearing, &spot);
    add(&spot, NONE, 0, &full);
    for (size_t i = 0; i < found.count; i++) {
        found.visiting = i;
        unpack(&found.states[i].spot, &opened, &hearing);
        if (!explorer->visit(explorer->context, &hearing)) {
            sum.complete = false;
            break;
        }
        expand(&opened, i, &sum);
    }
    sum.states = found.count;
    found_done();
    return sum;
}
