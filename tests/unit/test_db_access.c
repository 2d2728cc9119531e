/*
 * Who may ask for case records, what they get, and that it is in the log first; against a real
 * PostgreSQL.
 */
#include "access_fixture.h"

#define GOT(type) assize__cases__v1__##type##_response__descriptor

static const struct case_wish its_case = {.source = COURT, .case_key = "a"};

static Assize__Cases__V1__GetResponse *ask_get(const struct access_caller *caller,
                                               const struct case_wish *wish)
{
    answer.told = false;
    case_store_get(client.db, caller, wish, take_answer, NULL);
    return wait_answer(&GOT(get));
}

static Assize__Cases__V1__HistoryResponse *ask_history(const struct case_wish *wish)
{
    answer.told = false;
    case_store_history(client.db, &agency, wish, take_answer, NULL);
    return wait_answer(&GOT(history));
}

static void refuses(const struct access_caller *caller, const struct case_wish *wish,
                    enum refusal refusal)
{
    assert_null(ask_get(caller, wish));
    assert_int_equal(answer.error, 0);
    assert_int_equal(answer.refusal, refusal);
}

/* ---- rights ---- */

static void without_a_right_nothing_is_told(void **state)
{
    (void)state;
    record(COURT, "a", "party", 1, 1, "words");
    refuses(&agency, &its_case, REFUSAL_ACCESS_NO_RIGHT);
    grant("'party'", "statistics");
    refuses(&agency, &its_case, REFUSAL_ACCESS_NO_RIGHT);
    assert_int_equal(number("SELECT count(*) FROM access_log"), 0);
}

static void record_types_without_a_right_are_left_out(void **state)
{
    (void)state;
    record(COURT, "a", "party", 1, 1, "a name");
    record(COURT, "a", "decision", 2, 2, "an outcome");
    grant("'decision', 'appeal'", "enforcement");
    Assize__Cases__V1__GetResponse *told = ask_get(&agency, &its_case);
    assert_int_equal(told->n_records, 1);
    assert_string_equal(told->records[0]->record_type, "decision");
    assert_memory_equal(told->records[0]->record.data, "an outcome", 10);
    assert_int_equal(told->records[0]->recorded_ms, 1002);
    assert_null(told->page_token);
    release(told);
}

static void when_all_types_are_left_out_the_answer_is_a_refusal(void **state)
{
    (void)state;
    record(COURT, "a", "party", 1, 1, "a name");
    grant("'decision'", "enforcement");
    refuses(&agency, &its_case, REFUSAL_ACCESS_NO_RIGHT);
}

static void a_right_ends_by_time_and_by_withdrawal(void **state)
{
    (void)state;
    record(COURT, "a", "party", 1, 1, "a name");
    grant("'party'", "enforcement");
    release(ask_get(&agency, &its_case));
    assert_int_equal(answer.refusal, 0);
    sql("UPDATE grant_right SET until = now()");
    refuses(&agency, &its_case, REFUSAL_ACCESS_NO_RIGHT);
    grant("'party'", "enforcement");
    release(ask_get(&agency, &its_case));
    assert_int_equal(answer.refusal, 0);
    sql("SELECT access_revoke('" AGENCY "', 'case', '{}', 'enforcement', 'test')");
    refuses(&agency, &its_case, REFUSAL_ACCESS_NO_RIGHT);
    assert_int_equal(number("SELECT count(*) FROM grant_right"), 2);
}

static void another_key_is_another_organisation(void **state)
{
    uint8_t key[SHA256_BYTES] = {0};
    struct access_caller other = agency;

    (void)state;
    record(COURT, "a", "party", 1, 1, "a name");
    grant("'party'", "enforcement");
    other.spki = key;
    refuses(&other, &its_case, REFUSAL_ORGANISATION_UNKNOWN);
    sql("UPDATE organisation SET withdrawn_at = now() WHERE code = '" AGENCY "'");
    refuses(&agency, &its_case, REFUSAL_ORGANISATION_UNKNOWN);
}

static void rights_are_granted_listed_and_withdrawn(void **state)
{
    char agency_code[] = AGENCY, nobody[] = "NOBODY", party[] = "party", *types[] = {party};
    Assize__Access__V1__GrantRequest request = ASSIZE__ACCESS__V1__GRANT_REQUEST__INIT;
    Assize__Access__V1__RevokeRequest back = ASSIZE__ACCESS__V1__REVOKE_REQUEST__INIT;

    (void)state;
    request.client = back.client = agency_code;
    request.service = back.service = ASSIZE__ACCESS__V1__SERVICE__SERVICE_CASE;
    request.purpose = back.purpose = PURPOSE(STATISTICS);
    request.record_types = types;
    request.n_record_types = 1;
    request.until_ms = 4000000000000;
    access_store_grant(client.db, &request, "CENTER", take_answer, NULL);
    assert_null(wait_answer(NULL));
    assert_int_equal(answer.refusal, 0);
    answer.told = false;
    access_store_rights(client.db, NULL, take_answer, NULL);
    Assize__Access__V1__ListRightsResponse *told =
        wait_answer(&assize__access__v1__list_rights_response__descriptor);
    assert_int_equal(told->n_rights, 1);
    assert_string_equal(told->rights[0]->record_type, "party");
    assert_int_equal(told->rights[0]->purpose, PURPOSE(STATISTICS));
    assert_int_equal(told->rights[0]->until_ms, 4000000000000);
    assert_string_equal(told->rights[0]->granted_by, "CENTER");
    release(told);
    answer.told = false;
    access_store_revoke(client.db, &back, "CENTER", take_answer, NULL);
    assert_null(wait_answer(NULL));
    assert_int_equal(answer.refusal, 0);
    answer.told = false;
    access_store_revoke(client.db, &back, "CENTER", take_answer, NULL);
    assert_null(wait_answer(NULL));
    assert_int_equal(answer.refusal, REFUSAL_RIGHT_UNKNOWN);
    answer.told = false;
    request.client = nobody;
    access_store_grant(client.db, &request, "CENTER", take_answer, NULL);
    assert_null(wait_answer(NULL));
    assert_int_equal(answer.refusal, REFUSAL_CLIENT_UNKNOWN);
}

/* ---- times ---- */

static void tells_what_was_known_at_a_time_of_a_time(void **state)
{
    struct case_wish wish = its_case;

    (void)state;
    record(COURT, "a", "event", 1, 1, "first");
    grant("'event'", "enforcement");
    int64_t before = number("SELECT case_ms(clock_timestamp())");
    sql("SELECT pg_sleep(0.01)");
    record(COURT, "a", "event", 1, 2, "second");
    wish.has_known_at = true;
    wish.known_at_ms = before;
    Assize__Cases__V1__GetResponse *told = ask_get(&agency, &wish);
    assert_int_equal(told->n_records, 1);
    assert_memory_equal(told->records[0]->record.data, "first", 5);
    assert_true(told->records[0]->has_known_to_ms);
    release(told);
    told = ask_get(&agency, &its_case);
    assert_int_equal(told->n_records, 1);
    assert_memory_equal(told->records[0]->record.data, "second", 6);
    assert_false(told->records[0]->has_known_to_ms);
    release(told);
    wish = its_case;
    wish.has_valid_at = true;
    wish.valid_at_ms = 0; /* the year 1970: nothing held then */
    told = ask_get(&agency, &wish);
    assert_int_equal(told->n_records, 0);
    release(told);
}

static void history_tells_every_version_in_the_order_it_became_known(void **state)
{
    struct case_wish wish = its_case;

    (void)state;
    record(COURT, "a", "event", 1, 1, "first");
    record(COURT, "a", "event", 2, 2, "other");
    record(COURT, "a", "event", 1, 3, "third");
    grant("'event'", "enforcement");
    Assize__Cases__V1__HistoryResponse *told = ask_history(&wish);
    assert_int_equal(told->n_versions, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(told->versions[i]->seq, i + 1);
    assert_true(told->versions[0]->has_known_to_ms);
    assert_false(told->versions[1]->has_known_to_ms);
    release(told);
    wish.entity = ENTITY "1";
    told = ask_history(&wish);
    assert_int_equal(told->n_versions, 2);
    assert_int_equal(told->versions[1]->seq, 3);
    release(told);
}

static void a_long_answer_comes_in_pages(void **state)
{
    struct case_wish wish = its_case;
    size_t seen = 0;
    int pages = 0;

    (void)state;
    sql("INSERT INTO inbox SELECT '" COURT
        "', 'a', n, '', gen_random_uuid(), 1, 'event', 1, n, 'x', '',"
        " '', gen_random_uuid(), NULL FROM generate_series(1, 1203) AS n;"
        "INSERT INTO case_record SELECT '" COURT "', 'a', 'event', gen_random_uuid(), n,"
        " gen_random_uuid(), '[2026-01-01,)', '[2026-01-01,)' FROM generate_series(1, 1203) AS n");
    grant("'event'", "enforcement");
    for (;; pages++) {
        Assize__Cases__V1__GetResponse *told = ask_get(&agency, &wish);
        seen += told->n_records;
        wish.skip = seen;
        bool more = told->page_token;
        if (more)
            assert_int_equal(strtol(told->page_token, NULL, 10), seen);
        release(told);
        if (!more)
            break;
        assert_true(pages < 4);
    }
    assert_int_equal(pages, 2);
    assert_int_equal(seen, 1203);
}

static void large_records_come_one_by_one(void **state)
{
    (void)state;
    sql("INSERT INTO inbox SELECT '" COURT "', 'a', n, '', gen_random_uuid(), 1, 'event', 1, n,"
        " convert_to(repeat('x', 1 << 20), 'UTF8'), '', '', gen_random_uuid(), NULL"
        " FROM generate_series(1, 3) AS n;"
        "INSERT INTO case_record SELECT '" COURT "', 'a', 'event', gen_random_uuid(), n,"
        " gen_random_uuid(), '[2026-01-01,)', '[2026-01-01,)' FROM generate_series(1, 3) AS n");
    grant("'event'", "enforcement");
    Assize__Cases__V1__GetResponse *told = ask_get(&agency, &its_case);
    assert_int_equal(told->n_records, CASE_RECORDS_BYTES >> 20);
    assert_non_null(told->page_token);
    release(told);
}

/* ---- which case ---- */

static void a_case_is_found_by_its_public_identifier_when_it_is_one(void **state)
{
    const struct case_wish wish = {.public_id = "VN:TAND.01:2026:5-HS-ST"};

    (void)state;
    grant("'event'", "enforcement");
    refuses(&agency, &wish, REFUSAL_CASE_UNKNOWN);
    record(COURT, "a", "event", 1, 1, "first");
    card(COURT, "a", wish.public_id, "accepted", 1);
    Assize__Cases__V1__GetResponse *told = ask_get(&agency, &wish);
    assert_int_equal(told->n_records, 1);
    assert_string_equal(told->records[0]->case_key, "a");
    release(told);
    card("TAND48", "b", wish.public_id, "accepted", 1);
    refuses(&agency, &wish, REFUSAL_CASE_NOT_ONE);
    refuses(&agency, &(struct case_wish){.source = COURT, .case_key = "z"}, REFUSAL_CASE_UNKNOWN);
}

static void staff_ask_of_the_cases_of_their_own_court(void **state)
{
    const struct case_wish foreign = {.source = "TAND48", .case_key = "b"};
    struct access_caller clerk = agency;
    char hearing[ID_UUID_SIZE], account[ID_UUID_SIZE] = "0192f0c1-2b3c-7d4e-8f50-0000000000aa";

    (void)state;
    cluster_hearing(&cluster, hearing);
    sql("INSERT INTO account (id, login, person, role, password, must_change) SELECT '%s', "
        "'clerk.a', id,"
        " 'clerk', '$argon2id$', false FROM person LIMIT 1 ON CONFLICT DO NOTHING",
        account);
    clerk.organisation = COURT;
    clerk.account = account;
    record(COURT, "a", "party", 1, 1, "a name");
    record("TAND48", "b", "party", 1, 1, "a name");
    release(ask_get(&clerk, &its_case));
    assert_int_equal(answer.refusal, 0);
    refuses(&clerk, &foreign, REFUSAL_CASE_UNKNOWN);
    assert_int_equal(number("SELECT count(*) FROM access_log WHERE account IS NOT NULL"), 1);
}

/* ---- searching ---- */

static Assize__Cases__V1__SearchResponse *ask_search(struct case_search search)
{
    if (!search.most)
        search.most = CASE_FOUND_MAX;
    answer.told = false;
    case_store_search(client.db, &agency, &search, take_answer, NULL);
    return wait_answer(&GOT(search));
}

static size_t found(struct case_search search)
{
    Assize__Cases__V1__SearchResponse *told = ask_search(search);

    assert_non_null(told);
    size_t count = told->n_cases;
    release(told);
    return count;
}

static void make_cases(void)
{
    record(COURT, "a", "case_file", 1, 1, "one");
    card(COURT, "a", "VN:TAND.01:2026:5-TLST-HS", "accepted", 1);
    record(COURT, "b", "case_file", 1, 1, "two");
    card(COURT, "b", "VN:TAND.01:2026:6-TLST-HS", "tried", 1);
    record("TAND48", "c", "case_file", 1, 1, "three");
    card("TAND48", "c", "VN:TAND.48:2026:5-TLST-HS", "accepted", 1);
}

static void cases_are_found_by_number_identifier_court_and_status(void **state)
{
    const Assize__Exchange__V1__CaseStatus tried =
        ASSIZE__EXCHANGE__V1__CASE_STATUS__CASE_STATUS_TRIED;

    (void)state;
    make_cases();
    assert_null(ask_search((struct case_search){.court = "TAND.01"}));
    assert_int_equal(answer.refusal, REFUSAL_ACCESS_NO_RIGHT);
    grant("'party'", "enforcement");
    assert_null(ask_search((struct case_search){.court = "TAND.01"}));
    assert_int_equal(answer.refusal, REFUSAL_ACCESS_NO_RIGHT);
    grant("'case_file'", "enforcement");
    assert_int_equal(found((struct case_search){.number = "2026:5-TLST-HS"}), 2);
    assert_int_equal(found((struct case_search){.number = "2026:5-TLST-HS", .court = "TAND.48"}),
                     1);
    assert_int_equal(found((struct case_search){.number = "2026:7-TLST-HS"}), 0);
    assert_int_equal(found((struct case_search){.public_id = "VN:TAND.01:2026:6-TLST-HS"}), 1);
    assert_int_equal(found((struct case_search){.court = "TAND.01"}), 2);
    assert_int_equal(found((struct case_search){.court = "TAND.0"}), 0);
    assert_int_equal(found((struct case_search){.court = "TAND.01", .status = tried}), 1);
    Assize__Cases__V1__SearchResponse *told = ask_search((struct case_search){.court = "TAND.48"});
    assert_string_equal(told->cases[0]->source, "TAND48");
    assert_string_equal(told->cases[0]->case_key, "c");
    assert_string_equal(told->cases[0]->public_id, "VN:TAND.48:2026:5-TLST-HS");
    assert_memory_equal(told->cases[0]->record.data, "three", 5);
    release(told);
}

static void a_list_of_cases_goes_on_after_its_last(void **state)
{
    struct case_search search = {.court = "TAND.01", .most = 1};

    (void)state;
    make_cases();
    grant("'case_file'", "enforcement");
    Assize__Cases__V1__SearchResponse *told = ask_search(search);
    assert_int_equal(told->n_cases, 1);
    assert_string_equal(told->page_token, "VN:TAND.01:2026:5-TLST-HS " COURT " a");
    release(told);
    search.after_id = "VN:TAND.01:2026:5-TLST-HS";
    search.after_source = COURT;
    search.after_case = "a";
    told = ask_search(search);
    assert_int_equal(told->n_cases, 1);
    assert_string_equal(told->cases[0]->case_key, "b");
    assert_null(told->page_token);
    release(told);
}

/* ---- the log ---- */

static void an_access_is_in_the_log_with_its_case(void **state)
{
    (void)state;
    make_cases();
    grant("'case_file'", "enforcement");
    release(ask_get(&agency, &its_case));
    assert_int_equal(
        number("SELECT count(*) FROM access_log l JOIN access_subject s ON s.access = l.id"
               " WHERE l.organisation = '" AGENCY "' AND l.method = 'Get'"
               " AND l.purpose = 'enforcement' AND l.legal_basis = 'Điều 1'"
               " AND s.source = '" COURT "' AND s.case_key = 'a'"),
        1);
    found((struct case_search){.number = "2026:5-TLST-HS"});
    assert_int_equal(
        number("SELECT count(*) FROM access_log l JOIN access_subject s ON s.access = l.id"
               " WHERE l.method = 'Search'"),
        2);
    found((struct case_search){.number = "2026:7-TLST-HS"});
    assert_int_equal(number("SELECT count(*) FROM access_log"), 3);
}

/* Nothing of the answer gets out when the log does not take it, at once or at the commit. */
#define BROKEN_LATER                                                                               \
    "CREATE CONSTRAINT TRIGGER broken AFTER INSERT ON access_log DEFERRABLE INITIALLY DEFERRED"    \
    " FOR EACH ROW EXECUTE FUNCTION refuse_change()"

static void without_a_log_nothing_is_told(void **state)
{
    static const char *const triggers[] = {
        "CREATE TRIGGER broken BEFORE INSERT ON access_log EXECUTE FUNCTION refuse_change()",
        "CREATE TRIGGER broken BEFORE INSERT ON access_subject EXECUTE FUNCTION refuse_change()",
        BROKEN_LATER,
    };

    (void)state;
    make_cases();
    grant("'case_file'", "enforcement");
    for (size_t i = 0; i < sizeof(triggers) / sizeof(*triggers); i++) {
        sql("%s", triggers[i]);
        assert_null(ask_get(&agency, &its_case));
        assert_int_not_equal(answer.error, 0);
        assert_null(ask_history(&its_case));
        assert_int_not_equal(answer.error, 0);
        assert_null(ask_search((struct case_search){.court = "TAND.01"}));
        assert_int_not_equal(answer.error, 0);
        sql("DROP TRIGGER broken ON %s", i == 1 ? "access_subject" : "access_log");
    }
    assert_int_equal(number("SELECT count(*) FROM access_log"), 0);
    release(ask_get(&agency, &its_case));
    assert_int_equal(answer.error, 0);
}

static void nobody_changes_the_log(void **state)
{
    (void)state;
    make_cases();
    grant("'case_file'", "enforcement");
    release(ask_get(&agency, &its_case));
    assert_int_not_equal(cluster_script(&cluster, "DELETE FROM access_log"), 0);
    assert_int_not_equal(cluster_script(&cluster, "UPDATE access_log SET purpose = 'intake'"), 0);
    assert_int_not_equal(cluster_script(&cluster, "DELETE FROM access_subject"), 0);
    assert_int_equal(number("SELECT count(*) FROM access_log"), 1);
}

static Assize__Access__V1__WhoReadMeResponse *ask_who(const char *key, uint64_t before)
{
    answer.told = false;
    access_store_who(client.db, &agency, &(struct access_subject){.source = COURT, .case_key = key},
                     before, take_answer, NULL);
    return wait_answer(&assize__access__v1__who_read_me_response__descriptor);
}

static void who_read_a_case_is_told_newest_first(void **state)
{
    (void)state;
    make_cases();
    grant("'case_file'", "enforcement");
    assert_null(ask_who("a", 0));
    assert_int_equal(answer.refusal, REFUSAL_ACCESS_NO_RIGHT);
    sql("SELECT access_grant('" AGENCY
        "', 'access', ARRAY['access'], 'enforcement', 4000000000000, 't')");
    release(ask_get(&agency, &its_case));
    release(ask_history(&its_case));
    Assize__Access__V1__WhoReadMeResponse *told = ask_who("a", 0);
    assert_int_equal(told->n_accesses, 2);
    assert_string_equal(told->accesses[0]->method, "History");
    assert_string_equal(told->accesses[1]->method, "Get");
    assert_string_equal(told->accesses[1]->organisation, AGENCY);
    assert_null(told->accesses[1]->name);
    assert_string_equal(told->accesses[1]->purpose_vi, "Thi hành án");
    assert_string_equal(told->accesses[1]->legal_basis, "Điều 1");
    release(told);
    told = ask_who("a", 0); /* the question before is an access too */
    assert_int_equal(told->n_accesses, 3);
    assert_string_equal(told->accesses[0]->method, "WhoReadMe");
    release(told);
    told = ask_who("b", 0);
    assert_int_equal(told->n_accesses, 0);
    release(told);
    assert_null(ask_who("z", 0));
    assert_int_equal(answer.refusal, REFUSAL_CASE_UNKNOWN);
}

static void a_long_list_of_readers_goes_on(void **state)
{
    (void)state;
    make_cases();
    sql("SELECT access_grant('" AGENCY
        "', 'access', ARRAY['access'], 'enforcement', 4000000000000, 't')");
    sql("SELECT access_note(ROW('" AGENCY "', NULL, NULL, 'enforcement', 'x', NULL), 'case', 'Get',"
        " ARRAY['" COURT "'], ARRAY['a']) FROM generate_series(1, %d)",
        ACCESS_WHO_MAX + 5);
    Assize__Access__V1__WhoReadMeResponse *told = ask_who("a", 0);
    assert_int_equal(told->n_accesses, ACCESS_WHO_MAX);
    uint64_t before = strtoull(told->page_token, NULL, 10);
    release(told);
    told = ask_who("a", before);
    assert_int_equal(told->n_accesses, 5);
    assert_null(told->page_token);
    release(told);
}

#define TEST(name) cmocka_unit_test_setup(name, begin_test)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_a_right_nothing_is_told),
        TEST(record_types_without_a_right_are_left_out),
        TEST(when_all_types_are_left_out_the_answer_is_a_refusal),
        TEST(a_right_ends_by_time_and_by_withdrawal),
        TEST(another_key_is_another_organisation),
        TEST(rights_are_granted_listed_and_withdrawn),
        TEST(tells_what_was_known_at_a_time_of_a_time),
        TEST(history_tells_every_version_in_the_order_it_became_known),
        TEST(a_long_answer_comes_in_pages),
        TEST(large_records_come_one_by_one),
        TEST(a_case_is_found_by_its_public_identifier_when_it_is_one),
        TEST(staff_ask_of_the_cases_of_their_own_court),
        TEST(cases_are_found_by_number_identifier_court_and_status),
        TEST(a_list_of_cases_goes_on_after_its_last),
        TEST(an_access_is_in_the_log_with_its_case),
        TEST(without_a_log_nothing_is_told),
        TEST(nobody_changes_the_log),
        TEST(who_read_a_case_is_told_newest_first),
        TEST(a_long_list_of_readers_goes_on),
    };

    return cmocka_run_group_tests(tests, make_center, end_center);
}
