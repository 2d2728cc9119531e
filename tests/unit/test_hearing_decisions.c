/*
 * Every command, asked by every role in every situation of a criminal trial: what comes of it, in
 * data/decisions.tsv. Each row is a command, who asks, in which situations, and the events or the
 * refusal; a star stands for all others. UPDATE=1 writes the file anew, to be read against the law.
 */
#include "hearing_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

enum {
    CENTRAL = 1,
    COMPONENT,
    DETENTION,          /* sites */
    ASKERS = ROLES + 1, /* the server, then role by role */
    SITUATIONS_MAX = 24,
    OUTCOMES_MAX = 65536,
    FILE_MAX = 1 << 20,
    NEXT_PHASE = 99,
};

/* ---- the trial ---- */

struct request {
    const char *name; /* NULL: the command's own */
    Assize__Hearing__V1__Command__BodyCase command;
    uint32_t about;
    bool override; /* whatever stands in the way */
};

#define ASK(what, ...)                                                                             \
    {                                                                                              \
        .command = HEARING_COMMAND(what), ##__VA_ARGS__                                            \
    }
#define ABOUT(what, whom)                                                                          \
    {                                                                                              \
        .command = HEARING_COMMAND(what), .about = (whom)                                          \
    }

static const struct request REQUESTS[] = {
    ASK(CHECK_IN),
    ABOUT(ADMIT, ATTENDEE),
    {"admit the witness", HEARING_COMMAND(ADMIT), WITNESS, false},
    ABOUT(SEND_BACK, COUNSEL),
    ASK(START),
    ASK(RECESS),
    ASK(RESUME),
    ASK(SUSPEND),
    ASK(ADJOURN),
    ASK(CLOSE),
    {"close, overriding", HEARING_COMMAND(CLOSE), 0, true},
    ASK(MUTE),
    {"mute counsel", HEARING_COMMAND(MUTE), COUNSEL, false},
    ASK(UNMUTE),
    ASK(RAISE_HAND),
    ASK(LOWER_HAND),
    {"grant_floor to counsel", HEARING_COMMAND(GRANT_FLOOR), COUNSEL, false},
    {"grant_floor to counsel, overriding", HEARING_COMMAND(GRANT_FLOOR), COUNSEL, true},
    {"grant_floor to the defendant", HEARING_COMMAND(GRANT_FLOOR), DEFENDANT, false},
    ASK(TAKE_BACK_FLOOR),
    ASK(LEAVE),
    ABOUT(LINK_LOST, COUNSEL),
    {"link_lost of the room", HEARING_COMMAND(LINK_LOST), ROOM, false},
    ABOUT(LINK_RESTORED, ROOM),
    ABOUT(CLOCK_JUMP, 5),
    ASK(RECORD_ON),
    ASK(RECORD_OFF),
    ABOUT(RECORD_GAP, COUNSEL),
    ABOUT(RECORD_HEAD, COUNSEL),
    ASK(OPEN_GALLERY),
    ASK(CLOSE_GALLERY),
    ABOUT(SET_GALLERY_DELAY, 30),
    ASK(GO_PRIVATE),
    ASK(GO_PUBLIC),
    {"enter_phase, the next", HEARING_COMMAND(ENTER_PHASE), NEXT_PHASE, false},
    {"enter_phase, the next, overriding", HEARING_COMMAND(ENTER_PHASE), NEXT_PHASE, true},
    {"enter_phase, back to questioning", HEARING_COMMAND(ENTER_PHASE), 4, false},
    ABOUT(CALL_WITNESS, WITNESS),
    {"call_witness, overriding", HEARING_COMMAND(CALL_WITNESS), WITNESS, true},
    {"call_witness, the defendant", HEARING_COMMAND(CALL_WITNESS), DEFENDANT, false},
    ABOUT(ASK_UNDERTAKING, WITNESS),
    ABOUT(GIVE_UNDERTAKING, WITNESS),
    ABOUT(RELEASE_WITNESS, WITNESS),
    ABOUT(SEQUESTER, EXPERT),
    ABOUT(CUT_OFF, DEFENDANT),
    {"cut_off, overriding, the victim", HEARING_COMMAND(CUT_OFF), VICTIM, true},
    ABOUT(BRING_BACK, DEFENDANT),
    ABOUT(TELL_SUMMARY, DEFENDANT),
    ABOUT(SCREEN, VICTIM),
    ABOUT(UNSCREEN, VICTIM),
    ASK(START_SHARE),
    {"start_share, overriding", HEARING_COMMAND(START_SHARE), 0, true},
    ASK(STOP_SHARE),
    ASK(TAKE_NOTE),
    ABOUT(ATTEST_IDENTITY, ATTENDEE),
    ABOUT(REPLACE_PERSON, ATTENDEE),
    ABOUT(REMIND, 5),
    ASK(LAPSE),
};

enum { REQUEST_COUNT = sizeof(REQUESTS) / sizeof(*REQUESTS) };

static struct situation {
    const char *name;
    struct hearing hearing;
} situations[SITUATIONS_MAX];
static size_t situation_count;

static const struct procedure *trial_procedure(void)
{
    static struct procedure procedure;

    if (!procedure.version)
        fixture_read_procedure("criminal_first_instance", &procedure);
    return &procedure;
}

/* Everyone at the central point but the defendant and those who watch over other sites. */
static void open_trial(struct hearing *hearing)
{
    static struct fixture_roster roster;
    struct hearing_events events;
    struct arena arena;

    fixture_make_roster(&roster);
    for (uint32_t i = 0; i < ENDPOINTS; i++)
        roster.endpoint[i].site = CENTRAL;
    roster.endpoint[ROOM - 1].site = roster.endpoint[COMPANION - 1].site = DETENTION;
    roster.endpoint[OFFICERS_COMPANION - 1].site = DETENTION;
    roster.endpoint[OFFICIAL - 1].site = COMPONENT;
    arena_init(&arena, FIXTURE_ARENA);
    hearing_init(hearing, trial_procedure());
    assert_int_equal(hearing_decide_opening(&roster.opened, SOME_TIME_MS, &arena, &events), 0);
    assert_int_equal(hearing_apply(hearing, events.items[0]), 0);
    arena_done(&arena);
}

static void fill_command(const struct hearing *hearing, const struct request *request,
                         struct fixture_command *out)
{
    static char words[] = "Lý do, được ghi lại.";
    static char record[] = "00000000-0000-0000-0000-000000000001";
    static char stem[] = "20261121T094200Z";
    static uint8_t hash[32];
    const ProtobufCBinaryData digest = {sizeof(hash), hash};

    fixture_make_command(hearing, request->command,
                         request->about == NEXT_PHASE ? hearing->phase + 1 : request->about, out);
    out->command.words = words;
    if (request->command == HEARING_COMMAND(CHECK_IN))
        out->arm.check_in.has_rules = out->arm.check_in.rules = 1;
    if (request->command == HEARING_COMMAND(CLOCK_JUMP))
        out->arm.clock_jump.delta_ms = 5;
    if (request->command == HEARING_COMMAND(RECORD_GAP)) {
        out->arm.record_gap.from_ms = SOME_TIME_MS;
        out->arm.record_gap.to_ms = SOME_TIME_MS + 1;
        out->arm.record_gap.why = ASSIZE__HEARING__V1__RECORD_FAULT__RECORD_FAULT_DISK;
    }
    if (request->command == HEARING_COMMAND(RECORD_HEAD)) {
        out->arm.record_head.stem = stem;
        out->arm.record_head.hash = digest;
    }
    if (request->command == HEARING_COMMAND(SCREEN))
        out->arm.screen.from = DEFENDANT;
    if (request->command == HEARING_COMMAND(UNSCREEN))
        out->arm.unscreen.from = DEFENDANT;
    if (request->command == HEARING_COMMAND(START_SHARE))
        out->arm.start_share.kind = HEARING_SHARE(SCREEN);
    if (request->command == HEARING_COMMAND(ATTEST_IDENTITY)) {
        out->arm.attest_identity.by = CLERK;
        out->arm.attest_identity.as = HEARING_ATTESTER(CLERK);
        out->arm.attest_identity.record = record;
        out->arm.attest_identity.hash = digest;
    }
    if (request->command == HEARING_COMMAND(REMIND))
        out->arm.remind.until_ms = hearing->suspended_until_ms;
}

static enum refusal try_request(struct hearing *hearing, uint32_t who,
                                const struct request *request, struct arena *arena,
                                struct hearing_events *ret_events)
{
    struct fixture_command command;

    fill_command(hearing, request, &command);
    if (request->override)
        fixture_override(hearing, &command.command, fixture_actor(hearing, who));
    return fixture_run(hearing, &command.command, fixture_actor(hearing, who), arena, ret_events);
}

static void go(struct hearing *hearing, uint32_t who, struct request request)
{
    struct arena arena;

    arena_init(&arena, FIXTURE_ARENA);
    enum refusal refusal = try_request(hearing, who, &request, &arena, NULL);
    if (refusal)
        fail_msg("%d by %u: %s", (int)request.command, who, refusal_info(refusal)->code);
    arena_done(&arena);
}

#define GO(who, what, ...) go(&hearing, who, (struct request)ASK(what, ##__VA_ARGS__))

static void keep(const char *name, const struct hearing *hearing)
{
    assert_true(situation_count < SITUATIONS_MAX);
    situations[situation_count].name = name;
    situations[situation_count++].hearing = *hearing;
}

/* Everyone is there and known, but for the attendee, who waits. */
static void gather(struct hearing *hearing)
{
    struct fixture_command command;

    for (uint32_t person = PRESIDING; person <= ROLES; person++) {
        if (person != DEFENDANT)
            go(hearing, person, (struct request)ASK(CHECK_IN));
    }
    for (uint32_t person = PRESIDING; person <= ROLES; person++) {
        struct arena arena;
        const struct request attest = ABOUT(ATTEST_IDENTITY, person);
        if (person != ATTENDEE && !hearing_is_inside(hearing, person))
            go(hearing, PRESIDING, (struct request)ABOUT(ADMIT, person));
        if (person == ATTENDEE || hearing_is_identified(hearing, person))
            continue;
        go(hearing, HEARING_SERVER, attest);
        if (person != DEFENDANT)
            continue;
        fill_command(hearing, &attest, &command);
        command.arm.attest_identity.by = OFFICER;
        command.arm.attest_identity.as = HEARING_ATTESTER(SITE_OFFICER);
        arena_init(&arena, FIXTURE_ARENA);
        assert_int_equal(fixture_run(hearing, &command.command,
                                     fixture_actor(hearing, HEARING_SERVER), &arena, NULL),
                         0);
        arena_done(&arena);
    }
}

static void hear_a_witness(struct hearing *trial)
{
    struct hearing hearing = *trial;

    GO(PRESIDING, CALL_WITNESS, .about = WITNESS);
    keep("called", &hearing);
    GO(CLERK, ASK_UNDERTAKING, .about = WITNESS);
    keep("undertaking", &hearing);
    GO(WITNESS, GIVE_UNDERTAKING);
    keep("testifying", &hearing);
    GO(PRESIDING, CUT_OFF, .about = DEFENDANT);
    keep("cut off", &hearing);
    GO(PRESIDING, BRING_BACK, .about = DEFENDANT);
    keep("brought back", &hearing);
    GO(PRESIDING, TELL_SUMMARY, .about = DEFENDANT);
    GO(PRESIDING, RELEASE_WITNESS, .about = WITNESS);
    keep("heard", &hearing);
    *trial = hearing;
}

static void hold_trial(void)
{
    struct hearing hearing;

    open_trial(&hearing);
    gather(&hearing);
    keep("preparation", &hearing);
    GO(PRESIDING, START);
    keep("opening", &hearing);
    GO(PRESIDING, ENTER_PHASE, .about = 3);
    keep("indictment", &hearing);
    GO(PRESIDING, ENTER_PHASE, .about = 4);
    keep("questioning", &hearing);
    hear_a_witness(&hearing);
    GO(PRESIDING, RECESS);
    keep("recess", &hearing);
    GO(PRESIDING, RESUME);
    GO(PRESIDING, SUSPEND);
    hearing.at_ms = hearing.suspended_until_ms - 1;
    keep("suspended", &hearing);
    GO(PRESIDING, RESUME);
    GO(PRESIDING, ENTER_PHASE, .about = 5);
    keep("debate", &hearing);
    GO(PRESIDING, ENTER_PHASE, .about = 6);
    GO(PRESIDING, GRANT_FLOOR, .about = DEFENDANT);
    keep("last words", &hearing);
    GO(PRESIDING, TAKE_BACK_FLOOR, .override = true);
    GO(PRESIDING, ENTER_PHASE, .about = 7);
    keep("deliberation", &hearing);
    GO(PRESIDING, ENTER_PHASE, .about = 8);
    keep("judgment", &hearing);
    GO(PRESIDING, CLOSE);
    keep("closed", &hearing);
}

/* Where the trial turns another way. */
static void hold_other_trials(void)
{
    struct hearing hearing = situations[3].hearing;

    assert_string_equal(situations[3].name, "questioning");
    GO(HEARING_SERVER, LINK_LOST, .about = ROOM);
    keep("paused", &hearing);
    GO(PRESIDING, SUSPEND);
    hearing.at_ms = hearing.suspended_until_ms;
    GO(HEARING_SERVER, LAPSE);
    keep("lapsed", &hearing);
    GO(PRESIDING, ADJOURN);
    keep("adjourned", &hearing);
    hearing = situations[3].hearing;
    GO(PRESIDING, OPEN_GALLERY);
    GO(PRESIDING, SCREEN, .about = VICTIM);
    GO(COUNSEL, START_SHARE);
    GO(PROCURATOR, RAISE_HAND);
    GO(PRESIDING, GRANT_FLOOR, .about = COUNSEL);
    GO(PRESIDING, RECORD_OFF);
    GO(COUNSEL, MUTE);
    keep("in public", &hearing);
    GO(PRESIDING, GO_PRIVATE);
    keep("behind closed doors", &hearing);
}

/* ---- outcomes ---- */

static char *outcomes[REQUEST_COUNT][SITUATIONS_MAX][ASKERS];

static void add_event(struct buf *text, const char *name, uint32_t times)
{
    char line[96];
    const char *before = text->len ? ", " : "";
    int len = times > 1 ? snprintf(line, sizeof(line), "%s%s x%u", before, name, times)
                        : snprintf(line, sizeof(line), "%s%s", before, name);

    assert_int_equal(buf_append(text, line, (size_t)len), 0);
}

static void list_events(struct buf *text, const struct hearing_events *events)
{
    for (uint32_t i = 0; i < events->count;) {
        uint32_t run = 1;
        while (i + run < events->count &&
               events->items[i + run]->body_case == events->items[i]->body_case)
            run++;
        add_event(text,
                  protobuf_c_message_descriptor_get_field(&assize__hearing__v1__event__descriptor,
                                                          events->items[i]->body_case)
                      ->name,
                  run);
        i += run;
    }
}

static char *outcome_of(const struct request *request, const struct situation *situation,
                        uint32_t who)
{
    static struct hearing hearing;
    struct hearing_events events;
    struct arena arena;
    struct buf text;

    memcpy(&hearing, &situation->hearing, sizeof(hearing));
    arena_init(&arena, FIXTURE_ARENA);
    buf_init(&text, FILE_MAX);
    enum refusal refusal = try_request(&hearing, who, request, &arena, &events);
    if (refusal) {
        assert_int_equal(buf_append(&text, "- ", 2), 0);
        const char *code = refusal_info(refusal)->code;
        assert_int_equal(buf_append(&text, code, strlen(code)), 0);
    } else {
        list_events(&text, &events);
    }
    char *copy = strndup((const char *)text.data, text.len);
    assert_non_null(copy);
    buf_done(&text);
    arena_done(&arena);
    return copy;
}

static void decide_all(void)
{
    for (size_t r = 0; r < REQUEST_COUNT; r++) {
        for (size_t s = 0; s < situation_count; s++) {
            for (uint32_t who = 0; who < ASKERS; who++)
                outcomes[r][s][who] = outcome_of(&REQUESTS[r], &situations[s], who);
        }
    }
}

/* ---- the table ---- */

static void write_text(struct buf *table, const char *text)
{
    assert_int_equal(buf_append(table, text, strlen(text)), 0);
}

static void write_name(struct buf *table, bool *first, const char *name)
{
    if (!*first)
        write_text(table, ", ");
    write_text(table, name);
    *first = false;
}

static bool same_everywhere(char *const (*row)[ASKERS], uint32_t one, uint32_t other)
{
    for (size_t s = 0; s < situation_count; s++) {
        if (strcmp(row[s][one], row[s][other]) != 0)
            return false;
    }
    return true;
}

/* The role's name in small letters, without ROLE_. */
static void write_asker(struct buf *table, bool *first, uint32_t who)
{
    char name[64] = "server";

    if (who) {
        const char *role =
            protobuf_c_enum_descriptor_get_value(&assize__hearing__v1__role__descriptor, (int)who)
                ->name +
            strlen("ROLE_");
        size_t i = 0;
        for (; role[i] && i + 1 < sizeof(name); i++)
            name[i] = (char)(role[i] == '_' ? '_' : role[i] | 0x20);
        name[i] = '\0';
    }
    write_name(table, first, name);
}

/* Groups of equals: of[i] is the first that i equals. Returns the greatest group's first. */
static uint32_t greatest(const uint32_t *of, uint32_t count)
{
    uint32_t sizes[ASKERS + SITUATIONS_MAX] = {0};
    uint32_t best = 0;

    for (uint32_t i = 0; i < count; i++)
        sizes[of[i]]++;
    for (uint32_t i = 0; i < count; i++) {
        if (sizes[i] > sizes[best])
            best = i;
    }
    return best;
}

static void write_group(struct buf *table, size_t request, uint32_t who, const uint32_t *askers,
                        bool others)
{
    char *const(*row)[ASKERS] = (char *const(*)[ASKERS])outcomes[request];
    uint32_t of[SITUATIONS_MAX];

    for (uint32_t s = 0; s < situation_count; s++) {
        of[s] = 0;
        while (strcmp(row[of[s]][who], row[s][who]) != 0)
            of[s]++;
    }
    uint32_t most = greatest(of, (uint32_t)situation_count);
    for (uint32_t s = 0; s < situation_count; s++) {
        bool first = true;
        if (of[s] != s)
            continue;
        const struct request *asked = &REQUESTS[request];
        write_text(table, asked->name
                              ? asked->name
                              : protobuf_c_message_descriptor_get_field(
                                    &assize__hearing__v1__command__descriptor, asked->command)
                                    ->name);
        write_text(table, "\t");
        for (uint32_t other = 0; other < ASKERS && !others; other++) {
            if (askers[other] == who)
                write_asker(table, &first, other);
        }
        write_text(table, others ? "*\t" : "\t");
        first = true;
        for (uint32_t other = 0; other < situation_count && s != most; other++) {
            if (of[other] == s)
                write_name(table, &first, situations[other].name);
        }
        write_text(table, s == most ? "*\t" : "\t");
        write_text(table, row[s][who]);
        write_text(table, "\n");
    }
}

static void write_request(struct buf *table, size_t request)
{
    char *const(*row)[ASKERS] = (char *const(*)[ASKERS])outcomes[request];
    uint32_t of[ASKERS];

    for (uint32_t who = 0; who < ASKERS; who++) {
        of[who] = 0;
        while (!same_everywhere(row, of[who], who))
            of[who]++;
    }
    uint32_t most = greatest(of, ASKERS);
    for (uint32_t who = 0; who < ASKERS; who++) {
        if (of[who] == who && who != most)
            write_group(table, request, who, of, false);
    }
    write_group(table, request, most, of, true);
}

static void save(const struct buf *table)
{
    FILE *file = fopen(DECISIONS, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(table->data, 1, table->len, file), table->len);
    assert_int_equal(fclose(file), 0);
}

/* Shows the first row that is not as it was. */
static void compare(const struct buf *table)
{
    static char kept[FILE_MAX];
    FILE *file = fopen(DECISIONS, "r");

    assert_non_null(file);
    size_t len = fread(kept, 1, sizeof(kept), file);
    fclose(file);
    size_t same = 0, row = 0;
    while (same < len && same < table->len && (uint8_t)kept[same] == table->data[same]) {
        same++;
        if (kept[same - 1] == '\n')
            row = same;
    }
    if (same == len && same == table->len)
        return;
    fail_msg("kept:    %.*s\ndecided: %.*s", (int)strcspn(kept + row, "\n"), kept + row,
             (int)((uint8_t *)memchr(table->data + row, '\n', table->len - row) - table->data -
                   (ptrdiff_t)row),
             (const char *)table->data + row);
}

static void decides_every_command_of_every_role_in_every_situation_as_written(void **state)
{
    struct buf table;

    (void)state;
    hold_trial();
    hold_other_trials();
    decide_all();
    buf_init(&table, FILE_MAX);
    write_text(&table, "command\trole\tsituation\toutcome\n");
    for (size_t r = 0; r < REQUEST_COUNT; r++)
        write_request(&table, r);
    if (getenv("UPDATE"))
        save(&table);
    compare(&table);
    buf_done(&table);
    for (size_t r = 0; r < REQUEST_COUNT; r++) {
        for (size_t s = 0; s < situation_count; s++) {
            for (uint32_t who = 0; who < ASKERS; who++)
                free(outcomes[r][s][who]);
        }
    }
}

static void has_a_row_for_every_command(void **state)
{
    const ProtobufCMessageDescriptor *type = &assize__hearing__v1__command__descriptor;

    (void)state;
    for (unsigned i = 0; i < type->n_fields; i++) {
        bool found = !(type->fields[i].flags & PROTOBUF_C_FIELD_FLAG_ONEOF);
        for (size_t k = 0; k < REQUEST_COUNT; k++)
            found = found || REQUESTS[k].command == type->fields[i].id;
        if (!found)
            fail_msg("no row for %s", type->fields[i].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_a_row_for_every_command),
        cmocka_unit_test(decides_every_command_of_every_role_in_every_situation_as_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
