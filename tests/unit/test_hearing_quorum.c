/* Who must be there: each condition, named site by site; the pause when one breaks; incidents. */
#include "law_fixture.h"

/* Procedures of one condition, on the shortest trial that can be. */
#define PROCEDURE(conditions)                                                                      \
    "name = \"short\"; version = 1; title = { vi = \"Phiên\"; en = \"Trial\"; }; roles = "        \
    "\"all\";\n"                                                                                   \
    "may_close_doors = true;\n"                                                                    \
    "phases = ( { id = \"before\"; title = { vi = \"Trước\"; en = \"Before\"; }; article = "    \
    "\"1\"; },\n"                                                                                  \
    "  { id = \"trial\"; title = { vi = \"Phiên\"; en = \"Trial\"; }; article = \"2\";\n"         \
    "    floor = \"all\"; hands = \"all\"; share = \"all\"; may_end = true; } );\n"                \
    "quorum = (" conditions ");\n"                                                                 \
    "suspension = { days = 0; };\n"
#define CONDITION(what)                                                                            \
    "{ id = \"it\"; article = \"A 1\"; unmet = { vi = \"thiếu\"; en = \"missing\"; }; " what " }"

/* Nobody is missing of those in `inside`, a mask of people's numbers. */
static struct law *gathered(const char *procedure, unsigned inside, bool under_18)
{
    struct law *law = law_open_with(procedure, under_18);

    law_gather(law, ~(inside | 1u << JUDGE));
    return law;
}

#define ALL       (~0u)
#define BUT(who)  (~(1u << (who)))
#define ONLY(who) (1u << (who))

static const struct row {
    const char *name;
    const char *condition;
    unsigned inside;
    bool under_18;
    const char *told; /* "site:met:missing ..." */
} ROWS[] = {
    {"somebody of the role, anywhere", CONDITION("roles = [ \"clerk\" ];"), ALL, false, "0:1:0"},
    {"nobody of the role inside", CONDITION("roles = [ \"clerk\" ];"), BUT(CLERK), false, "0:0:8"},
    {"one of two roles is enough", CONDITION("roles = [ \"clerk\", \"procurator\" ];"), BUT(CLERK),
     false, "0:1:0"},
    {"nobody of the role on the roster", CONDITION("roles = [ \"interpreter\" ];"), ALL, false,
     "0:0:0"},
    {"so many of them", CONDITION("roles = [ \"panel_judge\", \"lay_judge\" ]; at_least = 2;"), ALL,
     false, "0:1:0"},
    {"not so many of them", CONDITION("roles = [ \"panel_judge\", \"lay_judge\" ]; at_least = 2;"),
     BUT(LAY), false, "0:0:4"},
    {"everyone of them", CONDITION("roles = [ \"panel_judge\", \"lay_judge\" ]; everyone = true;"),
     ALL, false, "0:1:0"},
    {"everyone but one", CONDITION("roles = [ \"panel_judge\", \"lay_judge\" ]; everyone = true;"),
     BUT(PANEL), false, "0:0:2"},
    {"everyone of nobody", CONDITION("roles = [ \"interpreter\" ]; everyone = true;"), ALL, false,
     "0:0:0"},
    {"asked only of those on the roster, of whom there is none",
     CONDITION("roles = [ \"interpreter\" ]; everyone = true; if_listed = true;"), ALL, false, ""},
    {"asked only of those on the roster, of whom there is one",
     CONDITION("roles = [ \"defence_counsel\" ]; everyone = true; if_listed = true;"), BUT(COUNSEL),
     false, "0:0:20"},
    {"at the site where they belong",
     CONDITION("roles = [ \"detention_officer\" ]; sites = [ \"detention_facility\" ];"), ALL,
     false, "2:1:0"},
    {"at the wrong site", CONDITION("roles = [ \"procurator\" ]; sites = [ \"component_point\" ];"),
     ALL, false, "3:0:0"},
    {"at each site of the kinds",
     CONDITION("roles = [ \"detention_officer\", \"site_official\" ];"
               "sites = [ \"detention_facility\", \"component_point\" ];"),
     BUT(OFFICIAL), false, "2:1:0 3:0:200"},
    {"listed there and nowhere else",
     CONDITION("roles = [ \"victim\" ]; sites = [ \"central_point\", \"component_point\" ];"
               "if_listed = true;"),
     BUT(VICTIM), false, "3:0:400"},
    {"a child's representative, with no child",
     CONDITION("roles = [ \"lawful_representative\" ]; if_under_18 = true;"), ALL, false, ""},
    {"a child's representative, with a child",
     CONDITION("roles = [ \"lawful_representative\" ]; if_under_18 = true;"), ALL, true, "0:0:0"},
};

static const char *told(const struct hearing *hearing)
{
    static char text[256];
    struct hearing_check checks[HEARING_CHECKS_MAX];
    size_t count = hearing_quorum(hearing, checks);
    size_t len = 0;

    text[0] = '\0';
    for (size_t i = 0; i < count; i++)
        len +=
            (size_t)snprintf(text + len, sizeof(text) - len, "%s%u:%d:%llx", i ? " " : "",
                             checks[i].site, checks[i].met, (unsigned long long)checks[i].missing);
    return text;
}

static void checks_every_kind_of_condition(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(*ROWS); i++) {
        char text[2048];
        snprintf(text, sizeof(text), PROCEDURE("%s"), ROWS[i].condition);
        struct law *law = gathered(text, ROWS[i].inside, ROWS[i].under_18);
        /* Defendant and officer share a room; missing is in hexadecimal, bit id - 1. */
        if (strcmp(told(&law->hearing), ROWS[i].told) != 0)
            fail_msg("%s: %s instead of %s", ROWS[i].name, told(&law->hearing), ROWS[i].told);
        bool met = !strstr(ROWS[i].told, ":0:");
        assert_int_equal(hearing_quorum_met(&law->hearing), met);
        assert_int_equal(law_asks(law, JUDGE, START), met ? REFUSAL_NONE : REFUSAL_QUORUM_NOT_MET);
        free(law);
    }
}

static void who_waits_or_has_lost_the_link_is_not_present(void **state)
{
    struct law *law = gathered(PROCEDURE(CONDITION("roles = [ \"victim\" ];")), ONLY(CLERK), false);

    (void)state;
    assert_law(NONE, law, VICTIM, CHECK_IN);
    assert_false(hearing_quorum_met(&law->hearing));
    assert_law(NONE, law, JUDGE, ADMIT, .about = VICTIM);
    assert_true(hearing_quorum_met(&law->hearing));
    assert_law(NONE, law, HEARING_SERVER, LINK_LOST, .about = 10);
    assert_false(hearing_quorum_met(&law->hearing));
    free(law);
}

static void a_start_without_quorum_names_the_condition_and_can_be_overridden(void **state)
{
    struct law *law = law_open();

    (void)state;
    law_gather(law, 1u << PROCURATOR | 1u << OFFICIAL);
    assert_ruled(QUORUM_NOT_MET, "quorum.procurator", "BLTTHS 289", law, JUDGE, START);
    assert_true(law->reason.can_override);
    assert_ruled(QUORUM_NOT_MET, "quorum.site_official", "TTLT 05/2021, 10", law, JUDGE, START,
                 .overrides = "quorum.procurator", .words = "Kiểm sát viên đến muộn");
    assert_law_events("rule_overridden:quorum.procurator rule_overridden:quorum.site_official "
                      "started phase_entered:2 record_on",
                      law, JUDGE, START, .overrides = "quorum.procurator quorum.site_official",
                      .words = "Kiểm sát viên đến muộn");
    free(law);
}

static void a_condition_unmet_at_two_sites_is_set_aside_once(void **state)
{
    struct law *law =
        gathered(PROCEDURE(CONDITION("roles = [ \"detention_officer\", \"site_official\" ];"
                                     "sites = [ \"detention_facility\", \"component_point\" ];")),
                 ONLY(CLERK), false);

    (void)state;
    assert_law_events("rule_overridden:quorum.it started phase_entered:2 record_on", law, JUDGE,
                      START, .overrides = "quorum.it", .words = "Diễn tập");
    free(law);
}

/* ---- the pause ---- */

static void the_loss_of_a_required_person_pauses_the_session(void **state)
{
    struct law *law = law_begin_at("questioning");

    (void)state;
    assert_law(NONE, law, JUDGE, GRANT_FLOOR, .about = PROCURATOR);
    assert_law(NONE, law, VICTIM, RAISE_HAND);
    assert_law_events("endpoint_link_lost:6 floor_taken_back:5 muted:5 hand_lowered:11 record_off "
                      "paused:6 recessed",
                      law, HEARING_SERVER, LINK_LOST, .about = 6);
    assert_int_equal(law->hearing.status, HEARING_STATUS(RECESS));
    assert_int_equal(law->hearing.paused_by, 6);
    assert_int_equal(law->hearing.pause_cause, HEARING_PAUSE(LINK_LOST));
    assert_ruled(QUORUM_NOT_MET, "quorum.defence_counsel", "BLTTHS 291", law, JUDGE, RESUME);
    assert_law(NONE, law, HEARING_SERVER, LINK_RESTORED, .about = 6);
    assert_int_equal(law->hearing.status, HEARING_STATUS(RECESS));
    assert_int_equal(law->hearing.paused_by, 6);
    assert_law_events("resumed record_on", law, JUDGE, RESUME);
    assert_int_equal(law->hearing.paused_by, 0);
    free(law);
}

static void who_leaves_and_is_required_pauses_the_session_too(void **state)
{
    struct law *law = law_begin_at("questioning");

    (void)state;
    assert_law(NONE, law, JUDGE, GRANT_FLOOR, .about = DEFENDANT);
    assert_law_events("floor_taken_back:8 record_off left:8 left:9 paused:8 recessed", law, GUARD,
                      LEAVE);
    assert_int_equal(law->hearing.pause_cause, HEARING_PAUSE(LEFT));
    free(law);
}

static void the_loss_of_others_pauses_nothing(void **state)
{
    struct law *law = law_begin_at("questioning");

    (void)state;
    assert_law_events("endpoint_link_lost:10", law, HEARING_SERVER, LINK_LOST, .about = 10);
    assert_law_events("endpoint_link_lost:4", law, HEARING_SERVER, LINK_LOST, .about = 4);
    assert_int_equal(law->hearing.status, HEARING_STATUS(IN_SESSION));
    free(law);
}

static void what_was_set_aside_does_not_pause_again(void **state)
{
    struct law *law = law_open();

    (void)state;
    law_gather(law, 1u << COUNSEL);
    assert_law(NONE, law, JUDGE, START, .overrides = "quorum.defence_counsel",
               .words = "Bị cáo đồng ý");
    assert_law_events("endpoint_link_lost:10", law, HEARING_SERVER, LINK_LOST, .about = 10);
    assert_int_equal(law->hearing.status, HEARING_STATUS(IN_SESSION));
    free(law);
}

static void nothing_pauses_but_a_session_that_goes_on(void **state)
{
    struct law *law = law_begin_at("questioning");

    (void)state;
    assert_law(NONE, law, JUDGE, RECESS);
    assert_law_events("endpoint_link_lost:6", law, HEARING_SERVER, LINK_LOST, .about = 6);
    assert_int_equal(law->hearing.paused_by, 0);
    free(law);
}

/* ---- incidents ---- */

static void incidents_are_kept_with_their_times(void **state)
{
    struct law *law = law_begin_at("questioning");
    const struct hearing_incident *incidents = law->hearing.incidents;
    int64_t lost_ms = law->now_ms += 1000;

    (void)state;
    assert_law(NONE, law, HEARING_SERVER, LINK_LOST, .about = 10);
    law->now_ms += 2000;
    assert_law(NONE, law, HEARING_SERVER, LINK_RESTORED, .about = 10);
    law->now_ms += 3000;
    assert_law(NONE, law, HEARING_SERVER, LINK_LOST, .about = 6);
    assert_int_equal(law->hearing.incident_count, 2);
    assert_int_equal(incidents[0].endpoint, 10);
    assert_int_equal(incidents[0].from_ms, lost_ms);
    assert_int_equal(incidents[0].to_ms, lost_ms + 2000);
    assert_false(incidents[0].paused);
    assert_int_equal(incidents[1].from_ms, lost_ms + 5000);
    assert_int_equal(incidents[1].to_ms, 0);
    assert_true(incidents[1].paused);
    free(law);
}

static void the_newest_incidents_are_kept(void **state)
{
    struct law *law = law_begin_at("questioning");
    int64_t first_ms = law->now_ms;

    (void)state;
    for (int i = 0; i < HEARING_INCIDENTS_MAX + 3; i++) {
        law->now_ms += 10;
        assert_law(NONE, law, HEARING_SERVER, LINK_LOST, .about = 10);
        law->now_ms += 10;
        assert_law(NONE, law, HEARING_SERVER, LINK_RESTORED, .about = 10);
    }
    assert_int_equal(law->hearing.incident_count, HEARING_INCIDENTS_MAX);
    assert_int_equal(law->hearing.incidents[0].from_ms, first_ms + 10 + 3 * 20);
    assert_int_equal(law->hearing.incidents[HEARING_INCIDENTS_MAX - 1].to_ms, law->now_ms);
    free(law);
}

static void leaving_ends_an_incident(void **state)
{
    struct law *law = law_begin_at("questioning");

    (void)state;
    assert_law(NONE, law, HEARING_SERVER, LINK_LOST, .about = 10);
    law->now_ms += 500;
    assert_law(NONE, law, VICTIM, LEAVE);
    assert_int_equal(law->hearing.incidents[0].to_ms, law->now_ms);
    free(law);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checks_every_kind_of_condition),
        cmocka_unit_test(who_waits_or_has_lost_the_link_is_not_present),
        cmocka_unit_test(a_start_without_quorum_names_the_condition_and_can_be_overridden),
        cmocka_unit_test(a_condition_unmet_at_two_sites_is_set_aside_once),
        cmocka_unit_test(the_loss_of_a_required_person_pauses_the_session),
        cmocka_unit_test(who_leaves_and_is_required_pauses_the_session_too),
        cmocka_unit_test(the_loss_of_others_pauses_nothing),
        cmocka_unit_test(what_was_set_aside_does_not_pause_again),
        cmocka_unit_test(nothing_pauses_but_a_session_that_goes_on),
        cmocka_unit_test(incidents_are_kept_with_their_times),
        cmocka_unit_test(the_newest_incidents_are_kept),
        cmocka_unit_test(leaving_ends_an_incident),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
