#include "tests/peer/program/action.h"

#include <stdlib.h>
#include <string.h>

enum { SEEN_MS = 15000, REPLY_MS = 15000 };

static const char *const options[] = {
#define X(option, lower, type, upper) [ACTION_##upper] = option,
    ACTIONS_WITH_PERSON(X) ACTIONS_WITH_PHASE(X) ACTIONS_ALONE(X)
#undef X
};

union body {
#define X(option, lower, type, upper) Assize__Hearing__V1__##type lower;
    ACTIONS_WITH_PERSON(X) ACTIONS_WITH_PHASE(X) ACTIONS_ALONE(X)
#undef X
};

/* What is waited for; the loop asks again and again. */
struct wait {
    const struct peer *peer;
    uint64_t seen;
    uint64_t request;
};

const char *action_option(enum action_kind kind)
{
    return options[kind];
}

/* Makes the command; body is where its arm lives. */
static void fill(Assize__Hearing__V1__Command *command, union body *body,
                 const struct action *action)
{
    switch (action->kind) {
#define ARM(lower, type, upper)                                                                    \
    body->lower = (Assize__Hearing__V1__##type)ASSIZE__HEARING__V1__##upper##__INIT;               \
    command->body_case = ASSIZE__HEARING__V1__COMMAND__BODY_##upper;                               \
    command->lower = &body->lower
#define X(option, lower, type, upper)                                                              \
    case ACTION_##upper:                                                                           \
        ARM(lower, type, upper);                                                                   \
        body->lower.has_participant = action->who != 0;                                            \
        body->lower.participant = action->who;                                                     \
        break;
        ACTIONS_WITH_PERSON(X)
#undef X
#define X(option, lower, type, upper)                                                              \
    case ACTION_##upper:                                                                           \
        ARM(lower, type, upper);                                                                   \
        body->lower.has_phase = true;                                                              \
        body->lower.phase = action->who;                                                           \
        break;
        ACTIONS_WITH_PHASE(X)
#undef X
#define X(option, lower, type, upper)                                                              \
    case ACTION_##upper:                                                                           \
        ARM(lower, type, upper);                                                                   \
        break;
        ACTIONS_ALONE(X)
#undef X
#undef ARM
    case ACTION_COUNT:
        abort();
    }
    if (action->lock) {
        body->mute.has_lock = true;
        body->mute.lock = true;
    }
    /* protobuf-c wants texts it may write to, and does not. */
    command->words = (char *)(uintptr_t)action->words;
    command->n_overrides = action->rule != NULL;
    command->overrides = (char **)(uintptr_t)&action->rule;
}

static bool has_seen(const void *context)
{
    const struct wait *wait = context;

    return wait->peer->signal.room.seq >= wait->seen || wait->peer->phase == PEER_ENDED;
}

static bool has_reply(const void *context)
{
    const struct wait *wait = context;

    return peer_signal_reply(&wait->peer->signal, wait->request) || wait->peer->phase == PEER_ENDED;
}

const char *action_perform(struct program *program, struct peer *peer, uint64_t seen,
                           const struct action *action)
{
    Assize__Hearing__V1__Command command = ASSIZE__HEARING__V1__COMMAND__INIT;
    struct wait wait = {.peer = peer, .seen = seen};
    union body body;

    peer_loop_wait(&program->loop, has_seen, &wait, SEEN_MS);
    fill(&command, &body, action);
    wait.request = peer_signal_command(&peer->signal, &command);
    if (!wait.request || !peer_loop_wait(&program->loop, has_reply, &wait, REPLY_MS))
        return "no_reply";
    const struct peer_reply *reply = peer_signal_reply(&peer->signal, wait.request);
    if (!reply)
        return "no_reply";
    if (*reply->code)
        return reply->code;
    wait.seen = reply->seq;
    peer_loop_wait(&program->loop, has_seen, &wait, SEEN_MS);
    return "done";
}

bool action_is_good(const char *result)
{
    return strcmp(result, "done") == 0 || strcmp(result, "already") == 0;
}
