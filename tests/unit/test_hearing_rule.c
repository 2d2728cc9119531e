/* Rules that are set aside, what is written with a command, and the time of a suspension. */
#include "base/sha256.h"
#include "law_fixture.h"

enum { OPENING = 2, QUESTIONING = 4 }; /* phases of the trial */

/* ---- overriding ---- */

static void an_override_that_nothing_needs_is_refused(void **state)
{
    struct law *law = law_begin_at("debate");

    (void)state;
    assert_law(OVERRIDE_NOT_NEEDED, law, JUDGE, GRANT_FLOOR, .about = COUNSEL,
               .overrides = "phase.debate.floor", .words = "Cho chắc");
    assert_law(OVERRIDE_NOT_NEEDED, law, JUDGE, RECESS, .overrides = "phase.debate.free_speech",
               .words = "Nghỉ");
    assert_int_equal(law->hearing.status, HEARING_STATUS(IN_SESSION));
    free(law);
}

static void only_the_presiding_judge_overrides(void **state)
{
    struct law *law = law_begin_at("last_words");

    (void)state;
    assert_law(NONE, law, JUDGE, GRANT_FLOOR, .about = DEFENDANT);
    assert_law(ROLE_NOT_ALLOWED, law, CLERK, MUTE, .about = DEFENDANT,
               .overrides = "phase.last_words.free_speech", .words = "Ồn");
    assert_law(ROLE_NOT_ALLOWED, law, COUNSEL, RAISE_HAND, .overrides = "phase.last_words.hands",
               .words = "Xin nói");
    assert_law(HANDS_NOT_NOW, law, COUNSEL, RAISE_HAND);
    assert_false(law->reason.can_override);
    free(law);
}

static void an_override_has_its_reason(void **state)
{
    struct law *law = law_begin_at("indictment");

    (void)state;
    assert_law(WORDS_NEEDED, law, JUDGE, GRANT_FLOOR, .about = COUNSEL,
               .overrides = "phase.indictment.floor");
    assert_law(WORDS_NEEDED, law, JUDGE, GRANT_FLOOR, .about = COUNSEL,
               .overrides = "phase.indictment.floor", .words = "");
    assert_law(WORDS_NEEDED, law, JUDGE, GRANT_FLOOR, .about = COUNSEL,
               .overrides = "phase.indictment.floor", .words = " \t\r\n ");
    free(law);
}

/* To questioning, past the indictment, with somebody whose identity nobody vouches for. */
static struct law *at_odds_with_two_rules(void)
{
    struct law *law = law_begin_at("opening");

    law->hearing.participants[VICTIM - 1].attested = 0;
    return law;
}

static void a_rule_that_is_not_named_still_stands(void **state)
{
    struct law *law = at_odds_with_two_rules();

    (void)state;
    assert_ruled(PHASE_NOT_NEXT, "phase.opening.order", "BLTTHS 301-305", law, JUDGE, ENTER_PHASE,
                 .about = QUESTIONING);
    assert_ruled(IDENTITY_NEEDED, "phase.opening.identity", "BLTTHS 301-305", law, JUDGE,
                 ENTER_PHASE, .about = QUESTIONING, .overrides = "phase.opening.order",
                 .words = "Cáo trạng đã công bố ở phiên trước");
    assert_true(law->reason.can_override);
    assert_ruled(PHASE_NOT_NEXT, "phase.opening.order", "BLTTHS 301-305", law, JUDGE, ENTER_PHASE,
                 .about = QUESTIONING, .overrides = "phase.opening.identity",
                 .words = "Có mặt, xác nhận sau");
    assert_int_equal(law->hearing.phase, OPENING);
    free(law);
}

static void two_rules_are_set_aside_by_naming_both(void **state)
{
    struct law *law = at_odds_with_two_rules();

    (void)state;
    assert_law_events("rule_overridden:phase.opening.order rule_overridden:phase.opening.identity "
                      "phase_entered:4 sequestered:12",
                      law, JUDGE, ENTER_PHASE, .about = QUESTIONING,
                      .overrides = "phase.opening.identity phase.opening.order",
                      .words = "Cáo trạng đã công bố, xác nhận sau");
    free(law);
}

static void each_rule_that_is_named_stands_in_the_way(void **state)
{
    struct law *law = at_odds_with_two_rules();

    (void)state;
    assert_law(OVERRIDE_NOT_NEEDED, law, JUDGE, ENTER_PHASE, .about = QUESTIONING,
               .overrides = "phase.opening.order phase.opening.identity phase.opening.leave",
               .words = "Cho chắc");
    assert_law(OVERRIDE_NOT_NEEDED, law, JUDGE, ENTER_PHASE, .about = QUESTIONING,
               .overrides = "phase.opening.order phase.opening.identity phase.opening.order",
               .words = "Hai lần");
    assert_int_equal(law->hearing.phase, OPENING);
    free(law);
}

static void names_no_more_rules_than_there_can_be(void **state)
{
    char many[2 * (HEARING_OVERRIDES_MAX + 1)];
    char name[HEARING_RULE_MAX + 2];
    struct law *law = law_begin_at("opening");

    (void)state;
    for (size_t i = 0; i < sizeof(many); i++)
        many[i] = i % 2 ? ' ' : 'x';
    memset(name, 'x', sizeof(name));
    many[sizeof(many) - 1] = name[sizeof(name) - 1] = '\0';
    assert_law(MALFORMED, law, JUDGE, RECESS, .overrides = many, .words = "Nghỉ");
    many[sizeof(many) - 3] = '\0';
    assert_law(OVERRIDE_NOT_NEEDED, law, JUDGE, RECESS, .overrides = many, .words = "Nghỉ");
    assert_law(MALFORMED, law, JUDGE, RECESS, .overrides = name, .words = "Nghỉ");
    name[HEARING_RULE_MAX] = '\0';
    assert_law(OVERRIDE_NOT_NEEDED, law, JUDGE, RECESS, .overrides = name, .words = "Nghỉ");
    free(law);
}

static void facts_are_not_overridden(void **state)
{
    struct law *law = law_begin_at("debate");

    (void)state;
    assert_law(ALREADY_SO, law, JUDGE, RESUME, .overrides = "phase.debate.floor", .words = "Lý do");
    assert_law(NOT_IN_HEARING, law, JUDGE, GRANT_FLOOR, .about = WITNESS,
               .overrides = "phase.debate.floor", .words = "Lý do");
    assert_string_equal(law->reason.rule, "");
    assert_law(PARTICIPANT_UNKNOWN, law, JUDGE, GRANT_FLOOR, .about = 40,
               .overrides = "phase.debate.floor", .words = "Lý do");
    free(law);
}

static void a_procedure_may_keep_the_doors_open(void **state)
{
    struct law *law = law_open_with(fixture_procedure_text("rehearsal"), false);

    (void)state;
    law_bring_in(law, JUDGE);
    assert_ruled(DOORS_STAY_OPEN, "phase.preparation.public", "TTLT 05/2021, 3", law, JUDGE,
                 GO_PRIVATE);
    assert_law_events("rule_overridden:phase.preparation.public went_private", law, JUDGE,
                      GO_PRIVATE, .overrides = "phase.preparation.public",
                      .words = "Bí mật nhà nước");
    free(law);
}

/* ---- the declaration ---- */

static void everyone_but_the_court_declares_to_keep_the_rules(void **state)
{
    struct law *law = law_open();

    (void)state;
    assert_law(NONE, law, JUDGE, CHECK_IN);
    assert_law(NONE, law, CLERK, CHECK_IN);
    assert_ruled(DECLARATION_NEEDED, "declaration", "", law, VICTIM, CHECK_IN);
    assert_false(law->reason.can_override);
    assert_law_events("checked_in:11", law, VICTIM, CHECK_IN, .about = RULES_READ);
    assert_law(NONE, law, PROCURATOR, CHECK_IN, .about = RULES_READ + 1);
    free(law);
}

static void a_room_declares_together_and_a_lost_link_does_not_ask_again(void **state)
{
    struct law *law = law_open();

    (void)state;
    assert_law(DECLARATION_NEEDED, law, GUARD, CHECK_IN);
    assert_law_events("checked_in:8 checked_in:9", law, GUARD, CHECK_IN, .about = RULES_READ);
    assert_law(NONE, law, HEARING_SERVER, LINK_LOST, .about = CELL);
    assert_law_events("endpoint_link_restored:8", law, GUARD, CHECK_IN);
    free(law);
}

static void a_procedure_without_a_declaration_asks_for_none(void **state)
{
    struct law *law = law_open_with(fixture_procedure_text("plain"), false);

    (void)state;
    assert_law(NONE, law, VICTIM, CHECK_IN);
    free(law);
}

/* ---- words ---- */

static void the_event_carries_the_hash_of_what_was_written(void **state)
{
    struct law *law = law_begin_at("debate");
    const char *decision = "Tạm ngừng phiên tòa để thu thập thêm chứng cứ.";
    uint8_t hash[SHA256_BYTES];

    (void)state;
    sha256(decision, strlen(decision), hash);
    assert_law_events("record_off suspended", law, JUDGE, SUSPEND, .words = decision);
    assert_true(law->has_words_hash);
    assert_memory_equal(law->words_hash, hash, sizeof(hash));
    free(law);
}

static void words_are_limited_and_in_one_form(void **state)
{
    static char longest[HEARING_WORDS_MAX + 2];
    struct law *law = law_begin_at("debate");

    (void)state;
    memset(longest, 'x', HEARING_WORDS_MAX + 1);
    assert_law(WORDS_TOO_LONG, law, JUDGE, SUSPEND, .words = longest);
    assert_law(MALFORMED, law, JUDGE, SUSPEND, .words = "nghi\xcc\x89"); /* ỉ, not composed */
    assert_law(MALFORMED, law, JUDGE, SUSPEND, .words = "\xc3\x28");
    longest[HEARING_WORDS_MAX] = '\0';
    assert_law(NONE, law, JUDGE, SUSPEND, .words = longest);
    free(law);
}

static void what_needs_no_words_keeps_none(void **state)
{
    struct law *law = law_begin_at("debate");

    (void)state;
    assert_law_events("record_off recessed", law, JUDGE, RECESS);
    assert_false(law->has_words_hash);
    free(law);
}

/* ---- suspending and adjourning ---- */

static void a_suspension_is_a_decision_in_writing_where_the_law_limits_it(void **state)
{
    struct law *law = law_begin_at("debate");

    (void)state;
    assert_law(WORDS_NEEDED, law, JUDGE, SUSPEND);
    assert_law(NONE, law, JUDGE, SUSPEND, .words = "Mất kết nối với trại tạm giam");
    assert_int_equal(law->hearing.status, HEARING_STATUS(SUSPENDED));
    free(law);
    law = law_open_with(fixture_procedure_text("plain"), false);
    law_bring_in(law, JUDGE);
    assert_law(NONE, law, JUDGE, START);
    assert_law(NONE, law, JUDGE, SUSPEND);
    assert_int_equal(law->hearing.suspended_until_ms, 0);
    assert_int_equal(hearing_next_alarm(&law->hearing), 0);
    free(law);
}

enum { HOUR_MS = 3600000 };
#define DAY_MS (24LL * HOUR_MS)
/* Midnight in Viet Nam at the beginning of 21 November 2025. */
#define MIDNIGHT_MS INT64_C(1763658000000)

static void a_suspension_ends_with_its_last_day_in_viet_nam(void **state)
{
    static const struct {
        int64_t decided_ms;
        int64_t until_ms;
    } ROWS[] = {
        {MIDNIGHT_MS, MIDNIGHT_MS + 6 * DAY_MS - 1},
        {MIDNIGHT_MS - 1, MIDNIGHT_MS + 5 * DAY_MS - 1},
        {MIDNIGHT_MS + 7 * HOUR_MS - 1, MIDNIGHT_MS + 6 * DAY_MS - 1}, /* still yesterday in UTC */
        {MIDNIGHT_MS + 7 * HOUR_MS, MIDNIGHT_MS + 6 * DAY_MS - 1},
        {MIDNIGHT_MS + DAY_MS - 1, MIDNIGHT_MS + 6 * DAY_MS - 1},
        {MIDNIGHT_MS + DAY_MS, MIDNIGHT_MS + 7 * DAY_MS - 1},
    };
    struct procedure procedure = {.suspension_days = 5};

    (void)state;
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(*ROWS); i++)
        assert_true(hearing_suspension_end(&procedure, ROWS[i].decided_ms) == ROWS[i].until_ms);
    procedure.suspension_days = 0;
    assert_true(hearing_suspension_end(&procedure, MIDNIGHT_MS) == 0);
}

static struct law *suspended_at(int64_t now_ms)
{
    struct law *law = law_begin_at("debate");

    law->now_ms = now_ms;
    assert_law(NONE, law, JUDGE, SUSPEND, .words = "Mất kết nối với trại tạm giam");
    return law;
}

static void reminders_come_before_the_end_and_then_the_end(void **state)
{
    struct law *law = suspended_at(MIDNIGHT_MS + 3 * DAY_MS);
    int64_t until_ms = law->hearing.suspended_until_ms;
    static const int HOURS[] = {48, 24, 4};

    (void)state;
    for (size_t i = 0; i < sizeof(HOURS) / sizeof(*HOURS); i++) {
        int64_t at_ms = until_ms - HOURS[i] * (int64_t)HOUR_MS;
        assert_true(hearing_next_alarm(&law->hearing) == at_ms);
        law->now_ms = at_ms - 1;
        assert_law(WRONG_STATUS, law, HEARING_SERVER, REMIND);
        law->now_ms = at_ms;
        assert_law_events("reminded", law, HEARING_SERVER, REMIND);
        assert_law(WRONG_STATUS, law, HEARING_SERVER, REMIND);
    }
    assert_true(hearing_next_alarm(&law->hearing) == until_ms);
    law->now_ms = until_ms - 1;
    assert_law(WRONG_STATUS, law, HEARING_SERVER, LAPSE);
    law->now_ms = until_ms;
    assert_law(ROLE_NOT_ALLOWED, law, JUDGE, LAPSE);
    assert_law_events("lapsed", law, HEARING_SERVER, LAPSE);
    assert_law(ALREADY_SO, law, HEARING_SERVER, LAPSE);
    assert_int_equal(hearing_next_alarm(&law->hearing), 0);
    assert_int_equal(law->hearing.status, HEARING_STATUS(SUSPENDED));
    free(law);
}

static void reminders_that_were_missed_are_given_once(void **state)
{
    struct law *law = suspended_at(MIDNIGHT_MS + 3 * DAY_MS);
    int64_t until_ms = law->hearing.suspended_until_ms;

    (void)state;
    law->now_ms = until_ms - 10LL * HOUR_MS; /* two of three have passed */
    assert_true(hearing_next_alarm(&law->hearing) < law->now_ms);
    assert_law(NONE, law, HEARING_SERVER, REMIND);
    assert_true(hearing_next_alarm(&law->hearing) == until_ms - 4LL * HOUR_MS);
    law->now_ms = until_ms + DAY_MS; /* the last passed with the end itself */
    assert_law(WRONG_STATUS, law, HEARING_SERVER, REMIND);
    assert_law(NONE, law, HEARING_SERVER, LAPSE);
    free(law);
}

static void a_suspension_that_lapsed_is_resumed_only_with_a_reason(void **state)
{
    struct law *law = suspended_at(MIDNIGHT_MS + 3 * DAY_MS);

    (void)state;
    law->now_ms = law->hearing.suspended_until_ms;
    assert_law(NONE, law, HEARING_SERVER, LAPSE);
    assert_ruled(SUSPENSION_LAPSED, "suspension.days", "BLTTHS 251", law, JUDGE, RESUME);
    assert_law_events("rule_overridden:suspension.days resumed record_on", law, JUDGE, RESUME,
                      .overrides = "suspension.days", .words = "Các bên đồng ý tiếp tục");
    assert_false(law->hearing.lapsed);
    assert_int_equal(law->hearing.suspended_until_ms, 0);
    free(law);
}

static void an_adjournment_is_the_end_of_this_session(void **state)
{
    struct law *law = suspended_at(MIDNIGHT_MS + 3 * DAY_MS);

    (void)state;
    assert_law(WORDS_NEEDED, law, JUDGE, ADJOURN);
    assert_law(ROLE_NOT_ALLOWED, law, CLERK, ADJOURN, .words = "Hoãn");
    assert_law_events("adjourned", law, JUDGE, ADJOURN, .words = "Hoãn phiên tòa");
    assert_true(law->has_words_hash);
    assert_int_equal(hearing_next_alarm(&law->hearing), 0);
    assert_law(NONE, law, VICTIM, LEAVE);
    assert_law(WRONG_STATUS, law, VICTIM, CHECK_IN, .about = RULES_READ);
    assert_law(WRONG_STATUS, law, JUDGE, RESUME);
    assert_law(WRONG_STATUS, law, JUDGE, OPEN_GALLERY);
    assert_law(ALREADY_SO, law, JUDGE, ADJOURN, .words = "Hoãn phiên tòa");
    free(law);
}

static void an_adjournment_closes_the_gallery_and_ends_the_record(void **state)
{
    struct law *law = law_begin_at("debate");

    (void)state;
    assert_law(NONE, law, JUDGE, OPEN_GALLERY);
    assert_law(NONE, law, JUDGE, GRANT_FLOOR, .about = COUNSEL);
    assert_law_events("floor_taken_back:6 muted:6 record_off gallery_closed adjourned", law, JUDGE,
                      ADJOURN, .words = "Hoãn phiên tòa");
    free(law);
    law = law_open();
    law_bring_in(law, JUDGE);
    assert_law_events("adjourned", law, JUDGE, ADJOURN, .words = "Bị cáo ốm");
    free(law);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_override_that_nothing_needs_is_refused),
        cmocka_unit_test(only_the_presiding_judge_overrides),
        cmocka_unit_test(an_override_has_its_reason),
        cmocka_unit_test(a_rule_that_is_not_named_still_stands),
        cmocka_unit_test(two_rules_are_set_aside_by_naming_both),
        cmocka_unit_test(each_rule_that_is_named_stands_in_the_way),
        cmocka_unit_test(names_no_more_rules_than_there_can_be),
        cmocka_unit_test(facts_are_not_overridden),
        cmocka_unit_test(a_procedure_may_keep_the_doors_open),
        cmocka_unit_test(everyone_but_the_court_declares_to_keep_the_rules),
        cmocka_unit_test(a_room_declares_together_and_a_lost_link_does_not_ask_again),
        cmocka_unit_test(a_procedure_without_a_declaration_asks_for_none),
        cmocka_unit_test(the_event_carries_the_hash_of_what_was_written),
        cmocka_unit_test(words_are_limited_and_in_one_form),
        cmocka_unit_test(what_needs_no_words_keeps_none),
        cmocka_unit_test(a_suspension_is_a_decision_in_writing_where_the_law_limits_it),
        cmocka_unit_test(a_suspension_ends_with_its_last_day_in_viet_nam),
        cmocka_unit_test(reminders_come_before_the_end_and_then_the_end),
        cmocka_unit_test(reminders_that_were_missed_are_given_once),
        cmocka_unit_test(a_suspension_that_lapsed_is_resumed_only_with_a_reason),
        cmocka_unit_test(an_adjournment_is_the_end_of_this_session),
        cmocka_unit_test(an_adjournment_closes_the_gallery_and_ends_the_record),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
