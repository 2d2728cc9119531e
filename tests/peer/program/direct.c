/*
 * assize-peer direct --url URL --token TOKEN ACTION... [--seconds N] [--cert FILE | --insecure]
 *
 * A person without media who does things, in the order of the options; meant for the presiding
 * judge. `--admit 5,8` waits until each of them waits, and passes over who is in already;
 * `--enter-phase 5,6` goes through these phases of the procedure, and
 * passes over those that have begun.
 * `--seconds` is how long to stay afterwards. Exit status 0 when everything was done.
 */
#include "tests/peer/program/action.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum { ACTIONS_MAX = 64, PARTICIPANT_MAX = 1000, JOIN_MS = 15000, WAITING_MS = 30000 };

struct direct {
    struct program program;
    struct peer peer;
    struct action actions[ACTIONS_MAX];
    size_t action_count;
    uint32_t waited_for;
};

static void add_action(struct direct *direct, struct action action)
{
    if (direct->action_count == ACTIONS_MAX)
        usage("too many actions", "");
    direct->actions[direct->action_count++] = action;
}

/* One action for each participant of "5,8". */
static void add_for_each(struct direct *direct, struct action action, const char *list)
{
    char *copy = strdup(list);
    char *rest = copy;
    char *item;

    while ((item = strsep(&rest, ",")) != NULL) {
        action.who = (uint32_t)option_number(item, PARTICIPANT_MAX);
        add_action(direct, action);
    }
    free(copy);
}

static void parse_action(struct direct *direct, int argc, char **argv, int *at)
{
    bool lock = strcmp(argv[*at], "--mute-lock") == 0;
    const char *name = lock ? action_option(ACTION_MUTE) : argv[*at];

    for (int kind = 0; kind < ACTION_COUNT; kind++) {
        struct action action = {.kind = (enum action_kind)kind, .lock = lock};
        if (strcmp(action_option(action.kind), name) != 0)
            continue;
        if (kind < ACTION_FIRST_ALONE)
            add_for_each(direct, action, option_value(argc, argv, at));
        else
            add_action(direct, action), ++*at;
        return;
    }
    usage("direct does not know ", argv[*at]);
}

static void on_event(void *context, enum peer_event event)
{
    struct direct *direct = context;

    if (event == PEER_EVICTED || event == PEER_REFUSED) {
        json_t *line = event_line(&direct->program, event == PEER_EVICTED ? "evicted" : "refused");
        json_object_set_new(line, "reason", json_string(direct->peer.reason));
        print_line(line);
        peer_loop_stop(&direct->program.loop);
    }
}

/* Told where things stand, and in the courtroom already as the court is. */
static bool joined(const void *context)
{
    const struct direct *direct = context;

    return direct->peer.standing >= ASSIZE__HEARING__V1__STANDING__STANDING_WAITING;
}

static bool is_waiting_or_in(const void *context)
{
    const struct direct *direct = context;
    const struct peer_person *person =
        peer_room_person(&direct->peer.signal.room, direct->waited_for);

    return person && (person->standing == ASSIZE__HEARING__V1__STANDING__STANDING_WAITING ||
                      person->standing == ASSIZE__HEARING__V1__STANDING__STANDING_IN_HEARING);
}

/* What the action is for is so already. */
static bool is_done(const struct direct *direct, const struct action *action)
{
    const struct peer_room *room = &direct->peer.signal.room;
    const struct peer_person *person = peer_room_person(room, action->who);

    if (action->kind == ACTION_ADMIT)
        return person && person->standing == ASSIZE__HEARING__V1__STANDING__STANDING_IN_HEARING;
    if (action->kind == ACTION_ENTER_PHASE)
        return room->phase >= action->who;
    return action->kind == ACTION_START &&
           room->status == ASSIZE__HEARING__V1__STATUS__STATUS_IN_SESSION;
}

/* "done", "already", the code of the refusal, or why there was none. */
static const char *perform(struct direct *direct, const struct action *action)
{
    direct->waited_for = action->who;
    if (action->kind == ACTION_ADMIT &&
        !peer_loop_wait(&direct->program.loop, is_waiting_or_in, direct, WAITING_MS))
        return "not_there";
    if (is_done(direct, action))
        return "already";
    return action_perform(&direct->program, &direct->peer, 0, action);
}

static bool perform_all(struct direct *direct)
{
    bool good = true;

    for (size_t i = 0; i < direct->action_count && !direct->program.loop.stopped; i++) {
        const struct action *action = &direct->actions[i];
        const char *result = perform(direct, action);
        json_t *line = event_line(&direct->program, action_option(action->kind) + 2);
        json_object_set_new(line, "participant", json_integer(action->who));
        json_object_set_new(line, "result", json_string(result));
        print_line(line);
        good &= action_is_good(result);
    }
    return good && !direct->program.loop.stopped;
}

int direct_main(int argc, char **argv)
{
    static struct direct direct;
    struct person_options options = {.seconds = 0};

    for (int at = 1; at < argc;) {
        if (!person_option(&options, argc, argv, &at))
            parse_action(&direct, argc, argv, &at);
    }
    program_open(&direct.program, &options);
    struct peer_options peer_options = program_peer_options(&direct.program, &options);
    peer_options.media = false;
    if (peer_init(&direct.peer, &direct.program.loop, &peer_options, on_event, &direct))
        usage("there is no such media: ", options.media_name);
    peer_start(&direct.peer);
    bool good =
        peer_loop_wait(&direct.program.loop, joined, &direct, JOIN_MS) && perform_all(&direct);
    peer_loop_wait(&direct.program.loop, NULL, NULL, options.seconds * CLOCK_MS_PER_S);
    const ProtobufCEnumValue *status = protobuf_c_enum_descriptor_get_value(
        &assize__hearing__v1__status__descriptor, (int)direct.peer.signal.room.status);
    print_line(json_pack("{s:s, s:b, s:s, s:I}", "event", "summary", "ok", good, "status",
                         status ? status->name : "unknown", "seq",
                         (json_int_t)direct.peer.signal.room.seq));
    peer_done(&direct.peer);
    program_close(&direct.program);
    return good ? EXIT_GOOD : EXIT_BAD;
}
