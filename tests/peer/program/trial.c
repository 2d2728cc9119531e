/*
 * assize-peer trial --url URL --links FILE [--accounts FILE] [--seconds N] [--cert FILE |
 * --insecure] [--media-dir DIR]
 *
 * Everybody of the demonstration's hearing in one process: they come, and lead the criminal trial
 * into the questioning. Two send picture and sound. Who opens one of the links takes that seat;
 * when they are gone again, and a while has passed, it is filled as before. A pause by rule is
 * ended as soon as the law lets it, if the presiding judge is still one of these.
 *
 * FILE of links is what `assize demo seed` prints, that of accounts what `assize demo accounts`
 * does. Prints {"event":"ready"} when the trial is under way, and each second what came in.
 */
#include "tests/peer/program/trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"

enum {
    TEND_MS = 1000,
    RETURN_MS = 10000, /* a page that is loaded again is back by then */
    SECONDS_DEFAULT = 365 * 24 * 3600,
    LINE_SIZE = 1024,
    WORDS_MAX = 3,
};

static const struct {
    const char *role;
    const char *media; /* or NULL: neither sends nor gets any */
} parts[] = {
    [TRIAL_JUDGE] = {"presiding_judge", NULL},
    [TRIAL_CLERK] = {"clerk", NULL},
    [TRIAL_COUNSEL] = {"defence_counsel", NULL},
    [TRIAL_OFFICER] = {"detention_officer", "detention"},
    [TRIAL_WITNESS] = {"witness", NULL},
    [TRIAL_PROCURATOR] = {"procurator", NULL},
    [TRIAL_VICTIM] = {"victim", "victim"},
    [TRIAL_OFFICIAL] = {"site_official", NULL},
};

static json_t *actor_line(const struct actor *actor, const char *event)
{
    json_t *line = event_line(&actor->trial->program, event);

    json_object_set_new(line, "role", json_string(actor->role));
    return line;
}

bool trial_is_up(const struct actor *actor)
{
    return actor->peer.phase == PEER_UP;
}

const char *trial_act(struct actor *actor, const struct action *action)
{
    struct trial *trial = actor->trial;
    const char *result = trial_is_up(actor)
                             ? action_perform(&trial->program, &actor->peer, trial->seen, action)
                             : "not_there";

    if (actor->peer.signal.room.seq > trial->seen)
        trial->seen = actor->peer.signal.room.seq;
    if (!action_is_good(result)) {
        json_t *line = actor_line(actor, action_option(action->kind) + 2);
        json_object_set_new(line, "result", json_string(result));
        print_line(line);
    }
    return result;
}

static void on_event(void *context, enum peer_event event)
{
    struct actor *actor = context;

    if (event != PEER_EVICTED && event != PEER_REFUSED)
        return;
    json_t *line = actor_line(actor, event == PEER_EVICTED ? "evicted" : "refused");
    json_object_set_new(line, "reason", json_string(actor->peer.reason));
    print_line(line);
    actor->free_since_ms = 0;
    if (event == PEER_REFUSED) {
        actor->trial->refused = true;
        peer_loop_stop(&actor->trial->program.loop);
    }
}

/* ---- while it goes on ---- */

/* Somebody else of these sees no device in the seat. */
static bool seat_is_free(const struct trial *trial, const struct actor *actor)
{
    for (int i = 0; i < TRIAL_PARTS; i++) {
        const struct peer *peer = &trial->actors[i].peer;
        const struct peer_endpoint *endpoint =
            peer_room_endpoint(&peer->signal.room, actor->peer.signal.room.your_endpoint);
        if (trial_is_up(&trial->actors[i]) && endpoint)
            return !endpoint->connected;
    }
    return false;
}

static void tend_seat(struct actor *actor)
{
    int64_t now = clock_monotonic_ms();

    if (strcmp(actor->peer.reason, "other_device") != 0 || !seat_is_free(actor->trial, actor)) {
        actor->free_since_ms = 0;
    } else if (!actor->free_since_ms) {
        actor->free_since_ms = now;
    } else if (now - actor->free_since_ms >= RETURN_MS) {
        actor->free_since_ms = 0;
        print_line(actor_line(actor, "returns"));
        peer_return(&actor->peer);
    }
}

static void tend_session(struct trial *trial)
{
    struct actor *judge = &trial->actors[TRIAL_JUDGE];
    const struct peer_room *room = &judge->peer.signal.room;

    if (!trial_is_up(judge))
        return;
    trial_admit(trial);
    if (room->status == TRIAL_STATUS(RECESS) && room->paused_by)
        trial_act(judge, &(struct action){.kind = ACTION_RESUME});
}

static void print_stats(const struct trial *trial)
{
    uint64_t packets = 0;

    for (int i = 0; i < TRIAL_PARTS; i++)
        packets += peer_totals(&trial->actors[i].peer).packets_in;
    json_t *line = event_line(&trial->program, "stats");
    json_object_set_new(line, "packets_in", json_integer((json_int_t)packets));
    print_line(line);
}

static void tend(struct trial *trial, int64_t seconds)
{
    int64_t until = clock_monotonic_ms() + seconds * CLOCK_MS_PER_S;

    while (!trial->program.loop.stopped && clock_monotonic_ms() < until) {
        peer_loop_wait(&trial->program.loop, NULL, NULL, TEND_MS);
        print_stats(trial);
        for (int i = 0; i < TRIAL_PARTS; i++) {
            if (trial->actors[i].peer.phase == PEER_ENDED)
                tend_seat(&trial->actors[i]);
        }
        tend_session(trial);
    }
}

/* ---- what it is told ---- */

/* The words of each line of a file. */
static void read_table(const char *path, void (*take)(struct trial *trial, const char **words),
                       struct trial *trial)
{
    char line[LINE_SIZE];
    FILE *file = fopen(path, "re");

    if (!file)
        usage("this cannot be read: ", path);
    while (fgets(line, sizeof(line), file)) {
        char *rest = line;
        const char *words[WORDS_MAX] = {"", "", ""};
        char *word;
        for (int i = 0; i < WORDS_MAX && (word = strsep(&rest, " \n"));) {
            if (*word)
                words[i++] = word;
        }
        take(trial, words);
    }
    fclose(file);
}

static void take_link(struct trial *trial, const char **words)
{
    const char *token = strchr(words[1], '#');

    for (int i = 0; token && i < TRIAL_PARTS; i++) {
        if (strcmp(parts[i].role, words[0]) == 0)
            str_copy(trial->actors[i].token, sizeof(trial->actors[i].token), token + 1);
    }
}

static void take_account(struct trial *trial, const char **words)
{
    struct trial_account *account = strcmp(words[0], "clerk") == 0     ? &trial->clerk
                                    : strcmp(words[0], "officer") == 0 ? &trial->officer
                                                                       : NULL;

    if (!account)
        return;
    str_copy(account->login, sizeof(account->login), words[1]);
    str_copy(account->password, sizeof(account->password), words[2]);
}

static void cast_actor(struct trial *trial, enum trial_part part, struct person_options options)
{
    struct actor *actor = &trial->actors[part];

    actor->trial = trial;
    actor->role = parts[part].role;
    if (!*actor->token)
        usage("there is no link for: ", actor->role);
    options.token = actor->token;
    options.media_name = parts[part].media;
    struct peer_options peer_options = program_peer_options(&trial->program, &options);
    peer_options.media = options.media_name != NULL;
    peer_options.accept_unmute = true;
    if (peer_init(&actor->peer, &trial->program.loop, &peer_options, on_event, actor))
        usage("there is no such media: ", options.media_name);
    peer_start(&actor->peer);
}

int trial_main(int argc, char **argv)
{
    static struct trial trial;
    struct person_options options = {.seconds = SECONDS_DEFAULT};
    const char *links = NULL;

    for (int at = 1; at < argc;) {
        if (person_option(&options, argc, argv, &at))
            continue;
        if (strcmp(argv[at], "--links") == 0)
            links = option_value(argc, argv, &at);
        else if (strcmp(argv[at], "--accounts") == 0)
            read_table(option_value(argc, argv, &at), take_account, &trial);
        else
            usage("trial does not know ", argv[at]);
    }
    if (!links)
        usage("--links is needed", "");
    read_table(links, take_link, &trial);
    program_open(&trial.program, &options);
    for (int i = 0; i < TRIAL_PARTS; i++)
        cast_actor(&trial, (enum trial_part)i, options);
    const char *problem = trial_open(&trial);
    json_t *line = event_line(&trial.program, problem ? "failed" : "ready");
    json_object_set_new(line, "problem", json_string(problem));
    print_line(line);
    if (!problem)
        tend(&trial, options.seconds);
    for (int i = 0; i < TRIAL_PARTS; i++)
        peer_done(&trial.actors[i].peer);
    program_close(&trial.program);
    return problem || trial.refused ? EXIT_BAD : EXIT_GOOD;
}
