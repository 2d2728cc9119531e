/*
 * Every command, asked by every role, in every status, by someone of every standing: one row a
 * command. Each letter is the outcome when all else is right; what is checked first hides the rest.
 */
#include "hearing_fixture.h"

#include <string.h>

#include "base/sha256.h"

enum { STATUSES = 5, STANDINGS = 4 };

/* What the row's command is about, beyond its asker. */
enum target {
    TARGET_NONE,
    TARGET_PERSON,
    TARGET_ENDPOINT,
    TARGET_CLOCK,
    TARGET_HEAD,
    TARGET_DELAY
};

struct row {
    const char *name;
    Assize__Hearing__V1__Command__BodyCase command;
    enum target target;
    /* By role: presiding, panel, lay, clerk | procurator ... site official | attendee, journalist;
     * then the server. */
    const char *roles;
    /* Asker's standing: not signed in, waiting, in hearing, left. */
    const char *standings;
    /* Scheduled, in session, recess, suspended, closed. */
    const char *statuses;
    /* What is asked first: r the role, p the place one stands at, s the status; NULL: rps. */
    const char *order;
    Assize__Hearing__V1__Standing other; /* standing of the person it is about, or 0 */
    bool muted;                          /* the microphone in question */
    bool queued;                         /* the asker, or the person it is about */
    bool holds;                          /* the person it is about has the floor */
    bool recording;
    bool gallery_open;
    bool is_private;
};

#define CASE(what) .name = #what, .command = HEARING_COMMAND(what)

/* . good, r role not allowed, w wrong status, h not in hearing, a already so */
static const struct row ROWS[] = {
    {CASE(CHECK_IN), TARGET_NONE, "....................... r", ".aa.", "....w", .order = "rsp"},
    {CASE(ADMIT), TARGET_PERSON, ".rr.rrrrrrrrrrrrrrrrrrr r", "hh.h", "....w",
     .other = HEARING_STANDING(WAITING)},
    {CASE(SEND_BACK), TARGET_PERSON, ".rr.rrrrrrrrrrrrrrrrrrr r", "hh.h", "....w",
     .other = HEARING_STANDING(IN_HEARING)},
    {CASE(START), TARGET_NONE, ".rrrrrrrrrrrrrrrrrrrrrr r", "hh.h", ".awww"},
    {CASE(RECESS), TARGET_NONE, ".rrrrrrrrrrrrrrrrrrrrrr r", "hh.h", "w.aww"},
    {CASE(RESUME), TARGET_NONE, ".rrrrrrrrrrrrrrrrrrrrrr r", "hh.h", "wa..w"},
    {CASE(SUSPEND), TARGET_NONE, ".rrrrrrrrrrrrrrrrrrrrrr r", "hh.h", "w..aw"},
    {CASE(CLOSE), TARGET_NONE, ".rrrrrrrrrrrrrrrrrrrrrr r", "hh.h", "w...a"},
    {CASE(MUTE), TARGET_NONE, "....................... r", "h..h", "....w", .order = "rsp"},
    {CASE(MUTE), TARGET_PERSON, ".rr.rrrrrrrrrrrrrrrrrrr r", "hh.h", "....w", .order = "srp",
     .other = HEARING_STANDING(IN_HEARING)},
    {CASE(UNMUTE), TARGET_NONE, "....................... r", "h..h", "....w", .order = "rsp",
     .muted = true},
    {CASE(UNMUTE), TARGET_PERSON, ".rr.rrrrrrrrrrrrrrrrrrr r", "hh.h", "....w", .order = "srp",
     .other = HEARING_STANDING(IN_HEARING), .muted = true},
    {CASE(RAISE_HAND), TARGET_NONE, "r....................rr r", "hh.h", "w.www"},
    {CASE(LOWER_HAND), TARGET_NONE, "....................... r", "hh.h", "w.www", .queued = true},
    {CASE(LOWER_HAND), TARGET_PERSON, ".rrrrrrrrrrrrrrrrrrrrrr r", "hh.h", "w.www", .order = "psr",
     .other = HEARING_STANDING(IN_HEARING), .queued = true},
    {CASE(GRANT_FLOOR), TARGET_PERSON, ".rrrrrrrrrrrrrrrrrrrrrr r", "hh.h", "w.www",
     .other = HEARING_STANDING(IN_HEARING), .queued = true},
    {CASE(TAKE_BACK_FLOOR), TARGET_NONE, ".rrrrrrrrrrrrrrrrrrrrrr r", "hh.h", "w.www",
     .order = "psr", .other = HEARING_STANDING(IN_HEARING), .holds = true},
    {CASE(LEAVE), TARGET_NONE, "....................... r", "a..a", ".....", .order = "rsp"},
    {CASE(LINK_LOST), TARGET_ENDPOINT, "rrrrrrrrrrrrrrrrrrrrrrr .", "....", ".....",
     .other = HEARING_STANDING(IN_HEARING)},
    {CASE(LINK_RESTORED), TARGET_ENDPOINT, "rrrrrrrrrrrrrrrrrrrrrrr .", "....", ".....",
     .other = HEARING_STANDING(IN_HEARING)},
    {CASE(CLOCK_JUMP), TARGET_CLOCK, "rrrrrrrrrrrrrrrrrrrrrrr .", "....", "....w"},
    {CASE(RECORD_ON), TARGET_NONE, ".rr.rrrrrrrrrrrrrrrrrrr r", "hh.h", "w.www"},
    {CASE(RECORD_OFF), TARGET_NONE, ".rr.rrrrrrrrrrrrrrrrrrr r", "hh.h", "w.www",
     .recording = true},
    {CASE(RECORD_GAP), TARGET_ENDPOINT, "rrrrrrrrrrrrrrrrrrrrrrr .", "....", "....."},
    {CASE(RECORD_HEAD), TARGET_HEAD, "rrrrrrrrrrrrrrrrrrrrrrr .", "....", "....."},
    {CASE(OPEN_GALLERY), TARGET_NONE, ".rrrrrrrrrrrrrrrrrrrrrr r", "hh.h", "....w"},
    {CASE(CLOSE_GALLERY), TARGET_NONE, ".rr.rrrrrrrrrrrrrrrrrrr r", "hh.h", "....w",
     .gallery_open = true},
    {CASE(SET_GALLERY_DELAY), TARGET_DELAY, ".rrrrrrrrrrrrrrrrrrrrrr r", "hh.h", "....w"},
    {CASE(GO_PRIVATE), TARGET_NONE, ".rrrrrrrrrrrrrrrrrrrrrr r", "hh.h", "....w",
     .gallery_open = true},
    {CASE(GO_PUBLIC), TARGET_NONE, ".rrrrrrrrrrrrrrrrrrrrrr r", "hh.h", "....w",
     .is_private = true},
};

static enum refusal refusal_of(char letter)
{
    switch (letter) {
    case '.':
        return REFUSAL_NONE;
    case 'r':
        return REFUSAL_ROLE_NOT_ALLOWED;
    case 'w':
        return REFUSAL_WRONG_STATUS;
    case 'h':
        return REFUSAL_NOT_IN_HEARING;
    case 'a':
        return REFUSAL_ALREADY_SO;
    default:
        fail_msg("no such letter: %c", letter);
        return REFUSAL_INTERNAL;
    }
}

/* The server has no standing, and its commands are told from people's before all else. */
static enum refusal expected_of_server(const struct row *row, unsigned status)
{
    enum refusal role = refusal_of(row->roles[ROLES + 1]);

    return role ? role : refusal_of(row->statuses[status]);
}

static enum refusal expected(const struct row *row, uint32_t asker, unsigned status,
                             unsigned standing)
{
    enum refusal refusal = REFUSAL_NONE;

    if (asker == HEARING_SERVER)
        return expected_of_server(row, status);
    if (row->roles[ROLES + 1] == '.')
        return REFUSAL_ROLE_NOT_ALLOWED;
    for (const char *what = row->order ? row->order : "rps"; !refusal && *what; what++) {
        if (*what == 'r')
            refusal = refusal_of(row->roles[asker - 1]);
        else if (*what == 'p')
            refusal = refusal_of(row->standings[standing]);
        else
            refusal = refusal_of(row->statuses[status]);
    }
    return refusal;
}

static void set_standing(struct hearing *hearing, uint32_t endpoint,
                         Assize__Hearing__V1__Standing standing)
{
    for (uint32_t i = 0; i < hearing->participant_count; i++) {
        if (hearing->participants[i].endpoint == endpoint)
            hearing->participants[i].standing = standing;
    }
    hearing->endpoints[endpoint - 1].connected =
        standing == HEARING_STANDING(WAITING) || standing == HEARING_STANDING(IN_HEARING);
}

/* A state in which the row's command is good but for its asker, and the status. */
static void prepare(struct hearing *hearing, const struct row *row, uint32_t asker, uint32_t other)
{
    bool of_asker = row->target == TARGET_NONE || row->target == TARGET_DELAY;
    uint32_t about = of_asker ? asker : other;

    if (row->other)
        set_standing(hearing, other, row->other);
    if (row->target == TARGET_ENDPOINT)
        hearing->endpoints[other - 1].connected = row->command == HEARING_COMMAND(LINK_LOST);
    if (about && row->muted)
        hearing->endpoints[hearing->participants[about - 1].endpoint - 1].muted = true;
    if (about && row->queued)
        hearing->floor_queue[hearing->floor_queue_count++] = about;
    if (row->holds)
        hearing->floor_holder = other;
    hearing->phase = hearing->status == HEARING_STATUS(SCHEDULED) ? 1 : 2;
    hearing->recording = row->recording;
    hearing->gallery_open = row->gallery_open;
    hearing->is_private = row->is_private;
}

static void check_cell(const struct hearing *opened, const struct row *row, uint32_t asker,
                       unsigned status, unsigned standing)
{
    struct hearing hearing = *opened;
    struct fixture_command command;
    struct hearing_events events = {.count = 0};
    struct arena arena;
    uint32_t other = asker == PLAINTIFF ? VICTIM : PLAINTIFF;
    bool named = row->target == TARGET_PERSON || row->target == TARGET_ENDPOINT ||
                 row->target == TARGET_HEAD;
    char stem[] = "20261121T094200Z";
    uint8_t hash[SHA256_BYTES] = {1};

    hearing.status = (Assize__Hearing__V1__Status)(status + 1);
    if (asker)
        set_standing(&hearing, hearing.participants[asker - 1].endpoint,
                     (Assize__Hearing__V1__Standing)(standing + 1));
    prepare(&hearing, row, asker, other);
    fixture_make_command(&hearing, row->command, named ? other : 0, &command);
    if (row->target == TARGET_CLOCK)
        command.arm.clock_jump.delta_ms = 5000;
    if (row->target == TARGET_DELAY) {
        command.arm.set_gallery_delay.has_delay_s = true;
        command.arm.set_gallery_delay.delay_s = 30;
    }
    if (row->target == TARGET_HEAD) {
        command.arm.record_head.stem = stem;
        command.arm.record_head.hash = (ProtobufCBinaryData){sizeof(hash), hash};
    }
    arena_init(&arena, FIXTURE_ARENA);
    enum refusal refusal =
        fixture_run(&hearing, &command.command, fixture_actor(&hearing, asker), &arena, &events);
    enum refusal wanted = expected(row, asker, status, standing);
    if (refusal != wanted || !refusal != !!events.count)
        fail_msg("%s by %u, status %u, standing %u: refusal %d, not %d, and %u events", row->name,
                 asker, status + 1, standing + 1, refusal, wanted, events.count);
    arena_done(&arena);
}

static void answers_every_command_by_role_status_and_standing(void **state)
{
    struct hearing opened;

    (void)state;
    fixture_open(&opened);
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(*ROWS); i++) {
        assert_int_equal(strlen(ROWS[i].roles), ROLES + 2);
        for (uint32_t asker = 0; asker <= ROLES; asker++) {
            for (unsigned status = 0; status < STATUSES; status++) {
                for (unsigned standing = 0; standing < STANDINGS; standing++)
                    check_cell(&opened, &ROWS[i], asker, status, standing);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_every_command_by_role_status_and_standing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
