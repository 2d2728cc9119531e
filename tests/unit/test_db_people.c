/*
 * People are found by number: when a record that names them takes effect, by whom, and that they
 * learn of it; against a real PostgreSQL.
 */
#include "access_fixture.h"

#include "base/person_key.h"

#define ANNA "repeat('a', 72)::bytea"
#define BINH "repeat('b', 72)::bytea"

static uint8_t anna[PERSON_SEARCH_BYTES], binh[PERSON_SEARCH_BYTES];

static void name(const char *source, const char *key, int seq, int entity, const char *whom)
{
    sql("SELECT person_name('%s', '%s', %d, '" ENTITY "%d', %s)", source, key, seq, entity, whom);
}

/* Anna is a party of a case at one court and of one at another, Binh of the first. */
static void make_cases(void)
{
    record(COURT, "a", "case_file", 1, 1, "one");
    card(COURT, "a", "VN:TAND.01:2026:5-TLST-HS", "accepted", 1);
    record(COURT, "a", "party", 2, 2, "anna then");
    name(COURT, "a", 2, 2, ANNA);
    record(COURT, "a", "party", 3, 3, "binh");
    name(COURT, "a", 3, 3, BINH);
    record("TAND48", "c", "case_file", 1, 1, "two");
    card("TAND48", "c", "VN:TAND.48:2026:7-TLST-HS", "accepted", 1);
    record("TAND48", "c", "party", 2, 9, "anna now");
    name("TAND48", "c", 9, 2, ANNA);
}

/* ---- searching ---- */

/* How many cases are found; -1 when it is refused. */
static int found(struct case_search search)
{
    search.most = CASE_FOUND_MAX;
    answer.told = false;
    case_store_search(client.db, &agency, &search, take_answer, NULL);
    Assize__Cases__V1__SearchResponse *told =
        wait_answer(&assize__cases__v1__search_response__descriptor);
    int count = told ? (int)told->n_cases : -1;
    if (told)
        release(told);
    return count;
}

static void somebody_is_found_in_all_their_cases(void **state)
{
    const uint8_t nobody[PERSON_SEARCH_BYTES] = {0};

    (void)state;
    make_cases();
    grant("'case_file', 'party'", "enforcement");
    assert_int_equal(found((struct case_search){.person = anna}), 2);
    assert_int_equal(found((struct case_search){.person = binh}), 1);
    assert_int_equal(found((struct case_search){.person = nobody}), 0);
    assert_int_equal(found((struct case_search){.person = anna, .court = "TAND.48"}), 1);
    assert_int_equal(found((struct case_search){.person = binh, .court = "TAND.48"}), 0);
    assert_int_equal(found((struct case_search){.person = anna, .number = "2026:5-TLST-HS"}), 1);
}

static void without_a_right_to_parties_nobody_is_found(void **state)
{
    (void)state;
    make_cases();
    grant("'case_file'", "enforcement");
    assert_int_equal(found((struct case_search){.person = anna}), -1);
    assert_int_equal(answer.refusal, REFUSAL_ACCESS_NO_RIGHT);
    assert_int_equal(found((struct case_search){.court = "TAND.01"}), 1);
}

static void who_was_named_by_mistake_is_found_no_more(void **state)
{
    (void)state;
    make_cases();
    grant("'case_file', 'party'", "enforcement");
    sql("SELECT case_put('" COURT "', 'a', 'party', '" ENTITY "2', 4, gen_random_uuid(), 2,"
        " tstzrange('2026-01-01', NULL))");
    name(COURT, "a", 4, 2, BINH);
    assert_int_equal(found((struct case_search){.person = anna}), 1);
    assert_int_equal(found((struct case_search){.person = binh}), 1);
}

/* ---- taking effect at a centre ---- */

/* One record in a batch of its own; whom it names, or NULL. */
static void push(int batch, int seq, const char *fault, int corrects, const char *whom)
{
    const int plain = strcmp(fault, "NULL") == 0 && !corrects;

    sql("WITH one AS (SELECT %d::bigint AS seq, sha256('x%d') AS hash,"
        "     CASE WHEN %d = 1 THEN decode(repeat('00', 32), 'hex') ELSE sha256('x%d') END AS prev)"
        "SELECT exchange_apply('" COURT "', sha256('1'), %d, sha256('h%d'), sha256('r%d'),"
        " CASE WHEN %d = 1 THEN decode(repeat('00', 32), 'hex') ELSE sha256('r%d') END,"
        " ARRAY['x'], ARRAY[seq], ARRAY[prev], ARRAY[seq], ARRAY[hash], ARRAY[NULL]::text[],"
        " ARRAY[%d], ARRAY[1], ARRAY['x'], ARRAY[seq], ARRAY[prev],"
        " ARRAY[gen_random_uuid()], ARRAY[%d], ARRAY['party'], ARRAY[1], ARRAY[1000::bigint],"
        " ARRAY['p'::bytea], ARRAY[''::bytea], ARRAY[hash], ARRAY[%s]::text[],"
        " ARRAY['" ENTITY "1'::uuid], ARRAY[0], ARRAY[NULL]::bigint[], ARRAY[NULL]::bigint[],"
        " ARRAY[nullif(%d, 0)]::bigint[], ARRAY[NULL]::text[], ARRAY[NULL]::text[], "
        "ARRAY[NULL]::text[],"
        " ARRAY[NULL]::bigint[], ARRAY[NULL]::text[], ARRAY[%s]::bytea[], ARRAY[NULL]::bytea[],"
        " 500)"
        " FROM one",
        seq, seq, seq, seq - 1, batch, batch, batch, batch, batch - 1, plain, corrects ? 2 : 1,
        fault, corrects, whom ? whom : "NULL");
}

static void a_record_names_when_it_takes_effect(void **state)
{
    (void)state;
    push(1, 2, "NULL", 0, BINH); /* waits for the one before it */
    assert_int_equal(number("SELECT count(*) FROM person_ident"), 0);
    push(2, 1, "NULL", 0, ANNA);
    assert_int_equal(number("SELECT count(*) FROM person_ident"), 2);
    push(3, 3, "NULL", 0, ANNA); /* the way of those in which nothing is out of the ordinary */
    assert_int_equal(number("SELECT count(*) FROM person_ident"), 3);
    push(4, 4, "NULL", 0, NULL);
    assert_int_equal(number("SELECT count(*) FROM person_ident"), 3);
    assert_int_equal(number("SELECT count(*) FROM person_ident WHERE seq = 3 AND entity = '" ENTITY
                            "1' AND value_hmac = repeat('a', 32)::bytea"
                            " AND value_enc = repeat('a', 40)::bytea"),
                     1);
}

static void of_a_rejected_record_its_correction_names(void **state)
{
    (void)state;
    push(1, 1, "'party.role'", 0, ANNA);
    assert_int_equal(number("SELECT count(*) FROM person_ident"), 0);
    push(2, 2, "NULL", 1, BINH);
    assert_int_equal(number("SELECT count(*) FROM person_ident"), 1);
    assert_int_equal(number("SELECT count(*) FROM person_ident WHERE seq = 2"
                            " AND value_hmac = repeat('b', 32)::bytea"),
                     1);
    assert_int_equal(number("SELECT count(*) FROM person_known(repeat('b', 32)::bytea)"), 1);
}

/* ---- who has read me ---- */

static int readers(const uint8_t *person)
{
    answer.told = false;
    access_store_who(client.db, &agency, &(struct access_subject){.person = person}, 0, take_answer,
                     NULL);
    Assize__Access__V1__WhoReadMeResponse *told =
        wait_answer(&assize__access__v1__who_read_me_response__descriptor);
    int count = told ? (int)told->n_accesses : -1;
    if (told)
        release(told);
    return count;
}

static void somebody_is_told_of_every_record_of_theirs_that_was_told(void **state)
{
    const struct case_wish wish = {.source = COURT, .case_key = "a"};

    (void)state;
    make_cases();
    sql("SELECT access_grant('" AGENCY
        "', 'access', ARRAY['access'], 'enforcement', 4000000000000, 't')");
    grant("'case_file'", "enforcement");
    answer.told = false;
    case_store_get(client.db, &agency, &wish, take_answer, NULL);
    release(wait_answer(&assize__cases__v1__get_response__descriptor));
    assert_int_equal(readers(anna), 0); /* the party was left out */
    grant("'party'", "enforcement");
    answer.told = false;
    case_store_get(client.db, &agency, &wish, take_answer, NULL);
    release(wait_answer(&assize__cases__v1__get_response__descriptor));
    assert_int_equal(readers(anna), 2); /* and the question before */
    assert_int_equal(readers(binh), 1);
    found((struct case_search){.person = anna});
    assert_int_equal(readers(anna), 4);
    assert_int_equal(readers(binh), 2);
}

/* ---- declaring once ---- */

static struct {
    bool told;
    int error;
    enum refusal refusal;
    size_t count;
    char newest[32], source[32];
} said;

static void take_said(void *context, int error, enum refusal refusal, const struct case_said *rows,
                      size_t count)
{
    (void)context;
    said.told = true;
    said.error = error;
    said.refusal = refusal;
    said.count = count;
    if (count) {
        snprintf(said.newest, sizeof(said.newest), "%.*s", (int)rows[0].len,
                 (const char *)rows[0].payload);
        snprintf(said.source, sizeof(said.source), "%s", rows[0].source);
    }
}

static void ask_said(const uint8_t *person)
{
    said.told = false;
    client_awake(&client);
    case_store_prefill(client.db, &agency, person, "0192-of-theirs", take_said, NULL);
    client_wait(&client, &said.told);
}

static void what_is_known_of_somebody_comes_newest_first(void **state)
{
    (void)state;
    make_cases();
    ask_said(anna);
    assert_int_equal(said.refusal, REFUSAL_ACCESS_NO_RIGHT);
    assert_int_equal(said.count, 0);
    grant("'party'", "enforcement");
    ask_said(anna);
    assert_int_equal(said.refusal, 0);
    assert_int_equal(said.count, 2);
    assert_string_equal(said.newest, "anna now");
    assert_string_equal(said.source, "TAND48");
    assert_int_equal(
        number("SELECT count(*) FROM access_log l JOIN access_subject s ON s.access = l.id"
               " JOIN access_asker a ON a.access = l.id AND a.asker = '0192-of-theirs'"
               " WHERE l.method = 'Prefill' AND s.person = repeat('a', 32)::bytea"),
        1);
}

static void of_the_records_of_somebody_the_newest_are_looked_at(void **state)
{
    (void)state;
    for (int i = 1; i <= CASE_PREFILL_RECORDS + 3; i++) {
        char key[16];
        snprintf(key, sizeof(key), "k%d", i);
        record(COURT, key, "party", 1, i, "anna");
        name(COURT, key, i, 1, ANNA);
    }
    grant("'party'", "enforcement");
    ask_said(anna);
    assert_int_equal(said.count, CASE_PREFILL_RECORDS);
}

static void without_a_log_nobody_is_found(void **state)
{
    (void)state;
    make_cases();
    grant("'case_file', 'party'", "enforcement");
    sql("CREATE TRIGGER broken BEFORE INSERT ON access_log EXECUTE FUNCTION refuse_change()");
    ask_said(anna);
    assert_int_not_equal(said.error, 0);
    assert_int_equal(said.count, 0);
    assert_int_equal(found((struct case_search){.person = anna}), -1);
    assert_int_not_equal(answer.error, 0);
    sql("DROP TRIGGER broken ON access_log");
    assert_int_equal(found((struct case_search){.person = anna}), 2);
}

static int make_people(void **state)
{
    memset(anna, 'a', sizeof(anna));
    memset(binh, 'b', sizeof(binh));
    return make_center(state);
}

#define TEST(name) cmocka_unit_test_setup(name, begin_test)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(somebody_is_found_in_all_their_cases),
        TEST(without_a_right_to_parties_nobody_is_found),
        TEST(who_was_named_by_mistake_is_found_no_more),
        TEST(a_record_names_when_it_takes_effect),
        TEST(of_a_rejected_record_its_correction_names),
        TEST(somebody_is_told_of_every_record_of_theirs_that_was_told),
        TEST(what_is_known_of_somebody_comes_newest_first),
        TEST(of_the_records_of_somebody_the_newest_are_looked_at),
        TEST(without_a_log_nobody_is_found),
    };

    return cmocka_run_group_tests(tests, make_people, end_center);
}
