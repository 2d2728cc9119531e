/* What people write with their commands, the law a hearing goes by, and what becomes of its case.
 */
#include "court_fixture.h"

/* ---- words ---- */

/* A note of the clerk: "Bị cáo vắng mặt.", typed with composed letters or with marks of their own.
 */
static const char COMPOSED[] = "B\xe1\xbb\x8b c\xc3\xa1o v\xe1\xba\xafng m\xe1\xba\xb7t.";
static const char DECOMPOSED[] = "Bi\xcc\xa3 ca\xcc\x81o va\xcc\x86\xcc\x81ng ma\xcc\xa3\xcc\x86t.";

static void write_note(unsigned number, const char *words)
{
    Assize__Hearing__V1__Command command = ASSIZE__HEARING__V1__COMMAND__INIT;
    Assize__Hearing__V1__TakeNote take = ASSIZE__HEARING__V1__TAKE_NOTE__INIT;
    char text[2 * HEARING_WORDS_MAX], id[ID_UUID_SIZE];

    str_copy(text, sizeof(text), words);
    snprintf(id, sizeof(id), "0199a000-0000-7000-8000-%012u", number);
    command.command_id = id;
    command.words = text;
    command.body_case = HEARING_COMMAND(TAKE_NOTE);
    command.take_note = &take;
    court_submit(court, hearing, fixture_actor(court_state(hearing), CLERK), &command, on_outcome,
                 NULL, number);
    store_run();
}

static void begin_session(void)
{
    SUBMIT(PRESIDING, 901, CHECK_IN, 0);
    SUBMIT(CLERK, 902, CHECK_IN, 0);
    SUBMIT(PRESIDING, 903, START, 0);
    store_run();
    assert_int_equal(court_state(hearing)->status, HEARING_STATUS(IN_SESSION));
    told[0] = '\0';
}

static void keeps_words_beside_their_event_in_one_form(void **state)
{
    uint8_t hash[SHA256_BYTES];
    Assize__Hearing__V1__Event *const *events;
    size_t count;

    (void)state;
    begin_session();
    write_note(1, DECOMPOSED);
    assert_told("changed:1 done:1");
    uint64_t seq = court_state(hearing)->seq;
    assert_string_equal(court_words(hearing, seq), COMPOSED);
    assert_string_equal(store.words[0].words, COMPOSED);
    assert_null(court_words(hearing, seq - 1));
    assert_int_equal(court_events_since(hearing, seq - 1, &events, &count), 0);
    sha256(COMPOSED, strlen(COMPOSED), hash);
    assert_memory_equal(events[0]->words_hash.data, hash, SHA256_BYTES);
}

static void takes_the_same_words_again_for_a_retry_and_others_for_a_fault(void **state)
{
    (void)state;
    begin_session();
    write_note(1, COMPOSED);
    write_note(1, DECOMPOSED);
    write_note(1, "Bị cáo có mặt.");
    assert_told("changed:1 done:1 done:1 command_id_reused:1");
    assert_int_equal(store.words_count, 1);
}

static void refuses_words_that_are_too_long(void **state)
{
    char words[HEARING_WORDS_MAX + 2];

    (void)state;
    begin_session();
    memset(words, 'x', sizeof(words));
    words[HEARING_WORDS_MAX + 1] = '\0';
    write_note(1, words);
    assert_told("words_too_long:1");
    words[HEARING_WORDS_MAX] = '\0';
    write_note(2, words);
    assert_told("changed:1 done:2");
}

static void knows_the_words_after_a_restart(void **state)
{
    (void)state;
    begin_session();
    write_note(1, COMPOSED);
    uint64_t seq = court_state(hearing)->seq;
    court_free(court);
    court = court_new(NULL, procedures, &OPS, NULL);
    court_database_up(court);
    court_open(court, HEARING_ID, on_opened, NULL);
    store_run();
    assert_string_equal(court_words(hearing, seq), COMPOSED);
    told[0] = '\0';
}

static void forgets_the_oldest_words_first(void **state)
{
    (void)state;
    begin_session();
    for (unsigned i = 1; i <= HEARING_STORE_WORDS_MAX + 1; i++) {
        store.words_count = 0; /* they are not asked for again; the fixture frees what is left */
        free((void *)(uintptr_t)store.words[0].words);
        store.words[0].words = NULL;
        write_note(i, "ghi chú");
        told[0] = '\0';
    }
    uint64_t seq = court_state(hearing)->seq;
    assert_non_null(court_words(hearing, seq - HEARING_STORE_WORDS_MAX + 1));
    assert_null(court_words(hearing, seq - HEARING_STORE_WORDS_MAX));
}

/* ---- the law a hearing goes by ---- */

static void goes_by_the_version_it_was_opened_with(void **state)
{
    char error[PROCEDURES_ERROR_SIZE], text[PROCEDURE_FILE_MAX];
    const char *plain = fixture_procedure_text("plain");
    char *version;

    (void)state;
    assert_int_equal(court_state(hearing)->procedure->version, 1);
    str_copy(text, sizeof(text), plain);
    version = strstr(text, "version = 1");
    assert_non_null(version);
    version[strlen("version = ")] = '2';
    assert_int_equal(procedures_add(procedures, "newer", text, error), 0);
    struct court *other = court_new(NULL, procedures, &OPS, NULL);
    court_open(other, HEARING_ID, on_opened, NULL);
    store_run();
    assert_int_equal(court_state(court_find(other, HEARING_ID))->procedure->version, 1);
    court_free(other);
    told[0] = '\0';
}

static void refuses_a_hearing_whose_procedure_is_not_known(void **state)
{
    struct procedures *none = procedures_new();
    struct court *other = court_new(NULL, none, &OPS, NULL);

    (void)state;
    court_open(other, HEARING_ID, on_opened, NULL);
    store_run();
    assert_told("procedure_unknown");
    court_free(other);
    procedures_free(none);
}

/* ---- the case ---- */

static void tells_the_case_of_a_suspension_and_its_end(void **state)
{
    (void)state;
    begin_session();
    SUBMIT(PRESIDING, 1, RECESS, 0);
    SUBMIT(PRESIDING, 2, RESUME, 0);
    store_run();
    assert_string_equal(store.status, "");
    SUBMIT(PRESIDING, 3, SUSPEND, 0);
    store_run();
    assert_string_equal(store.status, "suspended");
    SUBMIT(PRESIDING, 4, RESUME, 0);
    store_run();
    assert_string_equal(store.status, "scheduled");
    SUBMIT(PRESIDING, 5, CLOSE, 0);
    store_run();
    assert_string_equal(store.status, "tried");
    told[0] = '\0';
}

#define OPENED(test) cmocka_unit_test_setup_teardown(test, court_fixture_open, court_fixture_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OPENED(keeps_words_beside_their_event_in_one_form),
        OPENED(takes_the_same_words_again_for_a_retry_and_others_for_a_fault),
        OPENED(refuses_words_that_are_too_long),
        OPENED(knows_the_words_after_a_restart),
        OPENED(forgets_the_oldest_words_first),
        OPENED(goes_by_the_version_it_was_opened_with),
        OPENED(refuses_a_hearing_whose_procedure_is_not_known),
        OPENED(tells_the_case_of_a_suspension_and_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
