/* Procedure files: what the two that are shipped say, and every kind of mistake with its line. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "server/hearing/names.h"
#include "server/hearing/procedure.h"

#define ROLES(a)   HEARING_BIT(HEARING_ROLE(a))
#define COUNT(all) (sizeof(all) / sizeof(*(all)))

static struct procedure procedure;
static char error[PROCEDURE_ERROR_SIZE];

/* A right one. Its lines are counted below, so nothing may be put in between. */
static const char GOOD[] =
    /* 1 */
    "name = \"plain\";\n"
    /* 2 */ "version = 3;\n"
    /* 3 */ "title = { vi = \"Xét xử\"; en = \"Trial\"; };\n"
    /* 4 */ "roles = [ \"presiding_judge\", \"clerk\", \"defendant\", \"witness\" ];\n"
    /* 5 */ "undertakes = [ \"witness\" ]; undertakings = ( { roles = [ \"witness\" ]; text = { vi "
    "= "
    "\"Tôi cam đoan\"; en = \"I undertake\"; }; article = \"A 0\"; } );\n"
    /* 6 */ "may_close_doors = true;\n"
    /* 7 */ "phases = (\n"
    /* 8 */ "  { id = \"before\"; title = { vi = \"Trước\"; en = \"Before\"; }; article = \"A 1\"; "
    "},\n"
    /* 9 */ "  { id = \"session\"; title = { vi = \"Phiên\"; en = \"Session\"; }; article = \"A "
    "2\";\n"
    /* 10 */ "    floor = \"all\"; hands = [ \"defendant\" ]; call = [ \"witness\" ];\n"
    /* 11 */ "    cut_off = [ \"defendant\" ]; speech_s = 60; order = [ \"defendant\" ]; },\n"
    /* 12 */ "  { id = \"secret\"; title = { vi = \"Nghị án\"; en = \"Secret\"; }; article = \"A "
    "3\";\n"
    /* 13 */ "    deliberation = true; back = [ \"session\" ]; },\n"
    /* 14 */ "  { id = \"end\"; title = { vi = \"Cuối\"; en = \"End\"; }; article = \"A 4\";\n"
    /* 15 */ "    may_end = true; }\n"
    /* 16 */ ");\n"
    /* 17 */ "quorum = (\n"
    /* 18 */ "  { id = \"clerk\"; sites = [ \"central_point\" ]; roles = [ \"clerk\" ]; article = "
    "\"A 5\";\n"
    /* 19 */ "    unmet = { vi = \"thiếu\"; en = \"missing\"; }; at_least = 2; },\n"
    /* 20 */ "  { id = \"all\"; roles = [ \"defendant\" ]; everyone = true; article = \"A 6\";\n"
    /* 21 */ "    unmet = { vi = \"thiếu\"; en = \"missing\"; }; pauses = true; }\n"
    /* 22 */ ");\n"
    /* 23 */ "suspension = { days = 5; article = \"A 7\";\n"
    /* 24 */ "  reminder_hours = [ 48, 4 ]; };\n";

static void read_good(const char *text)
{
    error[0] = '\0';
    if (procedure_read(text, &procedure, error))
        fail_msg("%s", error);
}

static void read_shipped(const char *name)
{
    static char text[PROCEDURE_FILE_MAX + 1];
    char path[512];

    snprintf(path, sizeof(path), PROCEDURES "/%s.conf", name);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    assert_int_equal(fclose(file), 0);
    read_good(text);
    assert_string_equal(procedure.name, name);
}

static void reads_what_a_file_says(void **state)
{
    (void)state;
    read_good(GOOD);
    assert_string_equal(procedure.name, "plain");
    assert_int_equal(procedure.version, 3);
    assert_string_equal(procedure.title.vi, "Xét xử");
    assert_int_equal(procedure.undertaking_count, 1);
    assert_int_equal(procedure.undertakings[0].roles, ROLES(WITNESS));
    assert_string_equal(procedure.undertakings[0].vi, "Tôi cam đoan");
    assert_string_equal(procedure.undertakings[0].article, "A 0");
    assert_int_equal(procedure.phase_count, 4);
    const struct procedure_phase *session = procedure_phase(&procedure, 2);
    assert_int_equal(session->floor, procedure.roles);
    assert_int_equal(session->hands, ROLES(DEFENDANT));
    assert_int_equal(session->order_count, 1);
    assert_int_equal(session->order[0], HEARING_ROLE(DEFENDANT));
    assert_int_equal(session->speech_s, 60);
    assert_int_equal(procedure_phase(&procedure, 3)->back, HEARING_BIT(2));
    assert_int_equal(procedure.conditions[0].at_least, 2);
    assert_int_equal(procedure.conditions[0].sites, HEARING_BIT(HEARING_SITE(CENTRAL_POINT)));
    assert_int_equal(procedure.conditions[1].at_least, 0);
    assert_true(procedure.conditions[1].pauses);
    assert_int_equal(procedure.suspension_days, 5);
    assert_int_equal(procedure.reminder_count, 2);
    assert_int_equal(procedure.reminder_hours[1], 4);
}

static void finds_phases_by_id_and_number(void **state)
{
    (void)state;
    read_good(GOOD);
    assert_int_equal(procedure_phase_by_id(&procedure, "secret"), 3);
    assert_int_equal(procedure_phase_by_id(&procedure, "nowhere"), 0);
    assert_string_equal(procedure_phase(&procedure, 4)->id, "end");
    assert_null(procedure_phase(&procedure, 0));
    assert_null(procedure_phase(&procedure, 5));
}

static void the_criminal_trial_that_is_shipped_is_right(void **state)
{
    (void)state;
    read_shipped("criminal_first_instance");
    assert_int_equal(procedure.phase_count, 8);
    assert_int_equal(procedure_phase_by_id(&procedure, "judgment"), 8);
    assert_true(procedure_phase(&procedure, 7)->deliberation);
    assert_true(procedure_phase(&procedure, 6)->free_speech);
    assert_int_equal(procedure.declaration, 1);
    assert_int_equal(procedure.undertaking_count, 3);
    assert_int_equal(procedure.undertakings[1].roles, ROLES(EXPERT) | ROLES(VALUER));
    assert_int_equal(procedure.condition_count, 9);
    assert_true(procedure.conditions[8].if_under_18);
    assert_int_equal(procedure.suspension_days, 5);
}

static void the_rehearsal_that_is_shipped_is_right(void **state)
{
    (void)state;
    read_shipped("rehearsal");
    assert_int_equal(procedure.phase_count, 3);
    assert_false(procedure.may_close_doors);
    assert_int_equal(procedure.suspension_days, 0);
}

/* In GOOD, `from` becomes `to`, and this is what is told. */
static const struct mistake {
    const char *from;
    const char *to;
    const char *told;
} MISTAKES[] = {
    /* the text */
    {"version = 3;", "version = ;", "line 2: syntax error"},
    {"version = 3;", "version = 3; version = 4;", "line 2: duplicate setting name"},
    {"Xét", "X\xc3\x28t", "line 3: not UTF-8"},
    {"version = 3;", "@include \"/etc/passwd\"", "line 2: a procedure is one file"},
    {"Xét", "Xe\xcc\x81t", "line 3: vi: the text is not in Unicode's form NFC"},
    {"Trial", "\\xff\\xfe", "line 3: en: the text is not UTF-8"},
    {"Trial", "Tri\\nal", "line 3: en: the text holds a control character"},
    /* keys */
    {"undertakes", "undertook", "line 5: undertook: there is no such key here"},
    {"text =", "words =", "line 5: words: there is no such key here"},
    {"speech_s", "speech", "line 11: speech: there is no such key here"},
    {"everyone", "every", "line 20: every: there is no such key here"},
    {"days", "weeks", "line 23: weeks: there is no such key here"},
    {"en = \"Trial\"", "fr = \"x\"", "line 3: fr: there is no such key here"},
    {"name = \"plain\";", "", "line 1: name is missing"},
    {"version = 3;", "", "line 1: version is missing"},
    {"may_close_doors = true;", "", "line 1: may_close_doors is missing"},
    {"suspension = {", "undertook = {", "line 23: undertook: there is no such key here"},
    {"en = \"Trial\";", "", "line 3: en is missing"},
    {"id = \"end\";", "", "line 14: id is missing"},
    {"article = \"A 0\";", "", "line 5: article is missing"},
    {"en = \"I undertake\";", "", "line 5: en is missing"},
    {"article = \"A 2\";", "", "line 9: article is missing"},
    {"roles = [ \"clerk\" ];", "", "line 18: roles is missing"},
    {"days = 5;", "", "line 23: days is missing"},
    /* types */
    {"name = \"plain\"", "name = 7", "line 1: name: at most 47 of a-z"},
    {"name = \"plain\"", "name = \"Plain trial\"", "line 1: name: at most 47 of a-z"},
    {"version = 3", "version = \"3\"", "line 2: version: a whole number from 1"},
    {"version = 3", "version = 3.5", "line 2: version: a whole number from 1"},
    {"version = 3", "version = 0", "line 2: version: a whole number from 1"},
    {"version = 3", "version = 9999999999L", "line 2: version: a whole number from 1"},
    {"title = { vi = \"Xét xử\"; en = \"Trial\"; }", "title = \"Trial\"",
     "line 3: title: a group { } is wanted"},
    {"\"Trial\"", "\"\"", "line 3: en: a text is wanted"},
    {"\"Trial\"", "5", "line 3: en: a text is wanted"},
    {"may_close_doors = true", "may_close_doors = 1", "line 6: may_close_doors: true or false"},
    {"speech_s = 60", "speech_s = 0", "line 11: speech_s: a whole number from 1 to 86400"},
    {"hands = [ \"defendant\" ]", "hands = \"defendant\"", "line 10: hands: a list [ ]"},
    {"\"I undertake\"", "5", "line 5: en: a text is wanted"},
    {"Tôi cam", "Tôi\\ncam", "line 5: vi: the text holds a control character"},
    {"undertakings = (", "undertakings = [ 1 ]; undertakings2 = (",
     "line 5: undertakings2: there is"},
    {"hands = [ \"defendant\" ]", "hands = []", "line 10: hands: a list [ ]"},
    {"hands = [ \"defendant\" ]", "hands = [ 6 ]", "line 10: hands: \"\" is unknown"},
    {"\n    deliberation = true;", " }, { deliberation = true;", "id is missing"},
    {"quorum = (", "quorum = \"none\"; more = (", "line 17: more: there is no such key here"},
    {"suspension = {", "suspension = ( {} ); more = {", "line 23: more: there is no such key"},
    {"at_least = 2", "at_least = 0", "line 19: at_least: a whole number from 1 to 48"},
    {"reminder_hours = [ 48, 4 ]", "reminder_hours = 48", "line 24: reminder_hours: a list [ ]"},
    {"[ 48, 4 ]", "[ 48, 0 ]", "line 24: reminder_hours: a whole number from 1"},
    /* names */
    {"[ \"defendant\" ]; call", "[ \"accused\" ]; call", "line 10: hands: \"accused\" is unknown"},
    {"[ \"defendant\" ]; call", "[ \"Defendant\" ]; call",
     "line 10: hands: \"Defendant\" is unknown"},
    {"[ \"defendant\" ]; call", "[ \"unspecified\" ]; call", "is unknown"},
    {"[ \"defendant\" ]; call", "[ \"clerk\\n;\\x7f\" ]; call",
     "line 10: hands: \"clerk?;?\" is unknown"},
    {"[ \"defendant\" ]; call", "[ \"expert\" ]; call",
     "line 10: hands: a role that the procedure"},
    {"order = [ \"defendant\" ]", "order = [ \"judge\" ]", "line 11: order: \"judge\" is unknown"},
    {"\"central_point\"", "\"court\"", "line 18: sites: \"court\" is unknown"},
    {"back = [ \"session\" ]", "back = [ \"debate\" ]",
     "line 13: back: \"debate\" is no phase before"},
    {"back = [ \"session\" ]", "back = [ \"end\" ]", "line 13: back: \"end\" is no phase before"},
    {"back = [ \"session\" ]", "back = [ \"secret\" ]", "line 13: back: \"secret\" is no phase"},
    /* doubles */
    {"id = \"end\"", "id = \"before\"", "line 14: a second phase with the id \"before\""},
    {"id = \"all\"", "id = \"clerk\"", "line 20: a second condition with the id \"clerk\""},
    {"\"clerk\", \"defendant\",", "\"clerk\", \"clerk\",",
     "line 4: roles: \"clerk\" stands there twice"},
    {"undertakings = (",
     "undertakings = ( { roles = [ \"witness\" ]; text = { vi = \"a\"; en = \"a\"; };"
     " article = \"A\"; },",
     "line 5: a second undertaking for the same role"},
    {"order = [ \"defendant\" ]", "order = [ \"witness\", \"witness\" ]",
     "line 11: order: \"witness\""},
    {"[ \"session\" ]", "[ \"session\", \"session\" ]", "line 13: back: \"session\" stands there"},
    /* contradictions */
    {"\"presiding_judge\", ", "", "line 4: roles: presiding_judge is missing"},
    {"floor = \"all\"", "floor = [ \"witness\" ]",
     "line 9: order names a role that is not in floor"},
    {"floor = \"all\"", "floor = [ \"defendant\" ]",
     "line 9: call names a role that is not in floor"},
    {"call = [ \"witness\" ];", "", "line 9: cut_off is for while somebody testifies"},
    {"speech_s = 60;", "speech_s = 60; free_speech = true;", "line 9: free_speech and speech_s"},
    {"may_end = true;", "may_end = true; free_speech = true;", "line 14: free_speech is for"},
    {"deliberation = true;", "deliberation = true; floor = \"all\";",
     "line 12: a deliberation has no"},
    {"article = \"A 1\";", "article = \"A 1\"; deliberation = true;",
     "line 8: the first phases are"},
    {"article = \"A 1\";", "article = \"A 1\"; may_end = true;",
     "line 8: the first phase is before"},
    {"back = [ \"session\" ]", "back = [ \"before\" ]", "line 12: nothing goes back to the first"},
    {"undertakes = [ \"witness\" ]", "undertakes = [ \"defendant\" ]",
     "line 5: an undertaking for a role that is not in undertakes"},
    {"undertakes = [ \"witness\" ]", "undertakes = [ \"witness\", \"defendant\" ]",
     "line 5: a role of undertakes has no undertaking"},
    {"may_end = true;", "", "line 7: no phase has may_end"},
    {"may_end = true;", "deliberation = true;", "line 7: the last phase is a deliberation"},
    {"may_end = true;", "may_end = true; muted = \"all\";", "line 14: the court is not muted"},
    {"at_least = 2", "everyone = true; at_least = 2", "line 19: everyone and at_least contradict"},
    {"days = 5", "days = 0", "line 23: reminder_hours without days"},
    {"days = 5", "days = 1", "line 23: a reminder before the suspension itself"},
    {"article = \"A 7\";", "", "line 23: days without their article"},
    {"[ 48, 4 ]", "[ 4, 48 ]", "line 23: reminder_hours are wanted from the greatest"},
};

/* GOOD with one thing changed; the first place where it stands. */
static char *changed(const char *from, const char *to)
{
    const char *at = strstr(GOOD, from);
    size_t size = sizeof(GOOD) + strlen(to);
    char *text = calloc(1, size);

    assert_non_null(text);
    if (!at)
        fail_msg("\"%s\" does not stand in the text", from);
    snprintf(text, size, "%.*s%s%s", (int)(at - GOOD), GOOD, to, at + strlen(from));
    return text;
}

static void tells_the_line_and_the_reason_of_every_mistake(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(MISTAKES); i++) {
        char *text = changed(MISTAKES[i].from, MISTAKES[i].to);
        memset(error, 0, sizeof(error));
        if (procedure_read(text, &procedure, error) != -EINVAL || !strstr(error, MISTAKES[i].told))
            fail_msg("%s -> %s: \"%s\" instead of \"%s\"", MISTAKES[i].from, MISTAKES[i].to, error,
                     MISTAKES[i].told);
        assert_int_equal(strncmp(error, "line ", strlen("line ")), 0);
        free(text);
    }
}

static void refuses_what_is_too_long_or_too_many(void **state)
{
    char article[PROCEDURE_TEXT_MAX + 2];
    static char text[PROCEDURE_FILE_MAX + 2];
    size_t len = 0;

    (void)state;
    memset(article, 'x', sizeof(article) - 1);
    article[sizeof(article) - 1] = '\0';
    char *longer = changed("A 1", article);
    assert_int_equal(procedure_read(longer, &procedure, error), -EINVAL);
    assert_string_equal(error, "line 8: article: a text of at most 255 bytes is wanted");
    free(longer);

    len += (size_t)snprintf(text, sizeof(text), "%.*s", (int)(strstr(GOOD, "phases") - GOOD), GOOD);
    len += (size_t)snprintf(text + len, sizeof(text) - len, "phases = (\n{ }");
    for (int i = 0; i < PROCEDURE_PHASES_MAX; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, ", { }");
    snprintf(text + len, sizeof(text) - len, "); suspension = { days = 0; };");
    assert_int_equal(procedure_read(text, &procedure, error), -EINVAL);
    assert_string_equal(error, "line 7: phases: at most 16 are possible");

    memset(text, '\n', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(procedure_read(text, &procedure, error), -EINVAL);
    assert_string_equal(error, "line 1: a file of at most 65536 bytes is wanted");
}

static void refuses_a_file_with_nothing_in_it(void **state)
{
    (void)state;
    assert_int_equal(procedure_read("", &procedure, error), -EINVAL);
    assert_string_equal(error, "line 1: name is missing");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_a_file_says),
        cmocka_unit_test(finds_phases_by_id_and_number),
        cmocka_unit_test(the_criminal_trial_that_is_shipped_is_right),
        cmocka_unit_test(the_rehearsal_that_is_shipped_is_right),
        cmocka_unit_test(tells_the_line_and_the_reason_of_every_mistake),
        cmocka_unit_test(refuses_what_is_too_long_or_too_many),
        cmocka_unit_test(refuses_a_file_with_nothing_in_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
