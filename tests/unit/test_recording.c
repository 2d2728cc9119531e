/* Tickets to watch, and the index of a hearing's files as a renderer, or somebody else, wrote it.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "server/recording/recording_internal.h"

#define SUM               "\"sha256\": \"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\""
#define FILE_(name, rest) "{\"name\": \"" name "\", \"bytes\": 5, " SUM rest "}"
#define INDEX(files)                                                                               \
    "{\"version\": 1, \"start_ms\": 1000, \"duration_ms\": 60000, \"files\": [" files "], "        \
    "\"gaps\": [{\"from_ms\": 5, \"to_ms\": 9}], \"findings\": [{}, {}]}"

static int parse(const char *json, struct arena *arena, struct recorded *ret)
{
    arena_init(arena, 1 << 20);
    *ret = (struct recorded){0};
    return index_parse(json, strlen(json), arena, ret);
}

static void reads_what_the_renderer_writes(void **state)
{
    struct recorded recorded;
    struct arena arena;

    (void)state;
    assert_int_equal(
        parse(INDEX(FILE_(
                  "e4.webm",
                  ", \"audio\": {\"packets\": 3}, \"gaps\": [{\"medium\": "
                  "\"audio\", \"from_ms\": 1, \"to_ms\": 2}]") ", " FILE_("programme.webm",
                                                                          ", \"video\": "
                                                                          "{\"packets\": 1}")),
              &arena, &recorded),
        0);
    assert_int_equal(recorded.file_count, 2);
    assert_int_equal(recorded.files[0]->endpoint, 0); /* the programme comes first */
    assert_true(recorded.files[0]->video);
    assert_int_equal(recorded.files[1]->endpoint, 4);
    assert_true(recorded.files[1]->audio);
    assert_false(recorded.files[1]->video);
    assert_int_equal(recorded.files[1]->gaps[0]->medium, ASSIZE__RECORD__V1__MEDIUM__MEDIUM_AUDIO);
    assert_int_equal(recorded.duration_ms, 60000);
    assert_int_equal(recorded.gap_count, 1);
    assert_int_equal(recorded.findings, 2);
    arena_done(&arena);
}

static void refuses_what_is_no_index(void **state)
{
    static const char *const junk[] = {
        "",
        "[]",
        "{}",
        "{\"version\": 2, \"start_ms\": 1, \"duration_ms\": 1}",
        "{\"version\": 1, \"start_ms\": -1, \"duration_ms\": 1}",
        "{\"version\": 1, \"start_ms\": \"1\", \"duration_ms\": 1}",
        "{\"version\": 1, \"version\": 1, \"start_ms\": 1, \"duration_ms\": 1}",
        INDEX("{}"),
        INDEX("7"),
        INDEX(FILE_("../e4.webm", "")),
        INDEX(FILE_("e4.mp4", "")),
        INDEX(FILE_("e4.webm", ", \"gaps\": [{\"from_ms\": 9, \"to_ms\": 2}]")),
        INDEX("{\"name\": \"e4.webm\", \"bytes\": 5, \"sha256\": \"9f\"}"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(junk) / sizeof(junk[0]); i++) {
        struct recorded recorded;
        struct arena arena;
        assert_int_equal(parse(junk[i], &arena, &recorded), -EBADMSG);
        arena_done(&arena);
    }
}

static void leaves_out_files_of_a_kind_it_does_not_know(void **state)
{
    struct recorded recorded;
    struct arena arena;

    (void)state;
    assert_int_equal(
        parse(INDEX(FILE_("x4.webm", "") ", " FILE_("e1.webm", "")), &arena, &recorded), 0);
    assert_int_equal(recorded.file_count, 1);
    assert_string_equal(recorded.files[0]->name, "e1.webm");
    arena_done(&arena);
}

static void knows_the_names_of_files(void **state)
{
    (void)state;
    assert_true(index_is_file("e4.webm"));
    assert_true(index_is_file("programme.webm"));
    assert_false(index_is_file(".webm"));
    assert_false(index_is_file("e4.webm.part"));
    assert_false(index_is_file("../e4.webm"));
    assert_false(index_is_file("a/e4.webm"));
    assert_false(index_is_file("E4.webm"));
}

static void draws_long_levels_together_by_the_loudest(void **state)
{
    Assize__Record__V1__LevelsResponse levels = ASSIZE__RECORD__V1__LEVELS_RESPONSE__INIT;
    static char json[1 << 20];
    struct arena arena;
    size_t len = (size_t)snprintf(json, sizeof(json),
                                  "{\"levels\": {\"every_ms\": 250, \"values\": [null, 200, 40");

    (void)state;
    for (int i = 0; i < 2 * RECORDING_LEVELS_MAX; i++)
        len += (size_t)snprintf(json + len, sizeof(json) - len, ", 127");
    snprintf(json + len, sizeof(json) - len, "]}}");
    arena_init(&arena, 1 << 20);
    assert_int_equal(index_parse_levels(json, strlen(json), &arena, &levels), 0);
    assert_int_equal(levels.step_ms, 750);
    assert_in_range(levels.levels.len, 1, RECORDING_LEVELS_MAX);
    assert_int_equal(levels.levels.data[0], 40);
    assert_int_equal(levels.levels.data[1], 127);
    assert_int_equal(index_parse_levels("{}", 2, &arena, &levels), -EBADMSG);
    arena_done(&arena);
}

/* ---- tickets ---- */

static struct recordings recordings;

static struct ask ask_of(uint8_t session, const char *file)
{
    struct ask ask = {.recordings = &recordings};

    memset(ask.who.session, session, sizeof(ask.who.session));
    str_copy(ask.hearing, sizeof(ask.hearing), "0193b3f0-0000-7000-8000-000000000001");
    str_copy(ask.file, sizeof(ask.file), file);
    return ask;
}

static int forget_tickets(void **state)
{
    (void)state;
    tickets_free(&recordings);
    return 0;
}

static void ends_a_ticket_that_is_not_used(void **state)
{
    struct ask watching = ask_of(1, ""), wants = ask_of(1, "e4.webm");
    char token[ID_TOKEN_SIZE];

    (void)state;
    ticket_make(&watching, token);
    assert_non_null(ticket_use(&wants, token));
    recordings.tickets->used_ms -= RECORDING_TICKET_MS + 1;
    assert_null(ticket_use(&wants, token));
}

static void ends_a_ticket_that_is_used_for_too_long(void **state)
{
    struct ask watching = ask_of(1, ""), wants = ask_of(1, "e4.webm");
    char token[ID_TOKEN_SIZE];

    (void)state;
    ticket_make(&watching, token);
    recordings.tickets->made_ms -= RECORDING_TICKET_LIFE_MS + 1;
    assert_null(ticket_use(&wants, token));
}

static void keeps_a_ticket_in_use(void **state)
{
    struct ask watching = ask_of(1, ""), wants = ask_of(1, "e4.webm");
    char token[ID_TOKEN_SIZE];

    (void)state;
    ticket_make(&watching, token);
    for (int i = 0; i < 10; i++) {
        recordings.tickets->used_ms -= RECORDING_TICKET_MS / 2;
        assert_non_null(ticket_use(&wants, token));
    }
}

static void makes_room_among_the_tickets_of_the_same_session(void **state)
{
    struct ask watching = ask_of(1, ""), other = ask_of(2, ""), wants = ask_of(2, "e4.webm");
    char first[ID_TOKEN_SIZE], of_other[ID_TOKEN_SIZE], token[ID_TOKEN_SIZE];

    (void)state;
    ticket_make(&other, of_other);
    ticket_make(&watching, first);
    for (int i = 0; i < RECORDING_TICKETS_PER_SESSION; i++)
        ticket_make(&watching, token);
    assert_int_equal(HASH_COUNT(recordings.tickets), RECORDING_TICKETS_PER_SESSION + 1);
    assert_non_null(ticket_use(&wants, of_other));
    wants = ask_of(1, "e4.webm");
    assert_null(ticket_use(&wants, first));
    assert_non_null(ticket_use(&wants, token));
}

static void makes_room_for_a_further_session(void **state)
{
    struct ask watching = ask_of(0, "");
    char token[ID_TOKEN_SIZE];

    (void)state;
    for (unsigned i = 0; i <= RECORDING_TICKETS_MAX; i++) {
        memcpy(watching.who.session, &i, sizeof(i));
        ticket_make(&watching, token);
    }
    assert_int_equal(HASH_COUNT(recordings.tickets), RECORDING_TICKETS_MAX);
    assert_non_null(ticket_use(&watching, token));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_the_renderer_writes),
        cmocka_unit_test(refuses_what_is_no_index),
        cmocka_unit_test(leaves_out_files_of_a_kind_it_does_not_know),
        cmocka_unit_test(knows_the_names_of_files),
        cmocka_unit_test(draws_long_levels_together_by_the_loudest),
        cmocka_unit_test_teardown(ends_a_ticket_that_is_not_used, forget_tickets),
        cmocka_unit_test_teardown(ends_a_ticket_that_is_used_for_too_long, forget_tickets),
        cmocka_unit_test_teardown(keeps_a_ticket_in_use, forget_tickets),
        cmocka_unit_test_teardown(makes_room_among_the_tickets_of_the_same_session, forget_tickets),
        cmocka_unit_test_teardown(makes_room_for_a_further_session, forget_tickets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
