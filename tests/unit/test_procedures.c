/* The registry of procedures: what is offered, what the database keeps, what is refused at start.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "db/procedure_store.h"
#include "procedure_fixture.h"
#include "server/court/procedures.h"

enum { TEXT_SIZE = PROCEDURE_FILE_MAX + 1 };

static char error[PROCEDURES_ERROR_SIZE];

/* ---- the store: says what the test puts into it ---- */

static struct procedure_store_text stored[4];
static size_t stored_count;
static size_t offered_count;
static int answer;

void procedure_store_register(struct db *db, const struct procedure_store_text *offered,
                              size_t count, procedure_store_callback callback, void *context)
{
    (void)db;
    (void)offered;
    offered_count = count;
    callback(context, answer, stored, answer ? 0 : stored_count);
}

static int told;
static char told_why[PROCEDURES_ERROR_SIZE];

static void take(void *context, int result, const char *why)
{
    (void)context;
    told = result;
    snprintf(told_why, sizeof(told_why), "%s", why);
}

static int register_all(struct procedures *procedures)
{
    told = 1;
    procedures_register(procedures, NULL, take, NULL);
    return told;
}

/* plain with another version, and another title when it is to differ. */
static const char *plain_of(int version, const char *title)
{
    static char text[TEXT_SIZE];
    const char *plain = fixture_procedure_text("plain");
    const char *at = strstr(plain, "version = 1;");
    const char *rest = strstr(plain, "roles =");

    assert_non_null(at);
    assert_non_null(rest);
    snprintf(text, sizeof(text), "%.*sversion = %d;\ntitle = { vi = \"%s\"; en = \"%s\"; };\n%s",
             (int)(at - plain), plain, version, title, title, rest);
    return text;
}

static int set_up(void **state)
{
    stored_count = 0;
    answer = 0;
    *state = procedures_new();
    assert_int_equal(procedures_read(*state, "", error), 0);
    return 0;
}

static int tear_down(void **state)
{
    procedures_free(*state);
    return 0;
}

static void has_the_procedures_of_the_program(void **state)
{
    const struct procedure *trial = procedures_find(*state, "criminal_first_instance", 0);

    assert_non_null(trial);
    assert_non_null(procedures_find(*state, "rehearsal", 0));
    assert_ptr_equal(procedures_find(*state, "criminal_first_instance", trial->version), trial);
    assert_null(procedures_find(*state, "criminal_first_instance", trial->version + 1));
    assert_null(procedures_find(*state, "trial_by_combat", 0));
}

static void offers_the_latest_version_and_keeps_the_others(void **state)
{
    assert_int_equal(procedures_add(*state, "a", plain_of(3, "ba"), error), 0);
    assert_int_equal(procedures_add(*state, "b", plain_of(2, "hai"), error), 0);
    assert_int_equal(procedures_find(*state, "plain", 0)->version, 3);
    assert_string_equal(procedures_find(*state, "plain", 2)->title.vi, "hai");
}

static void refuses_another_text_under_a_version_that_is_known(void **state)
{
    assert_int_equal(procedures_add(*state, "a.conf", plain_of(1, "một"), error), 0);
    assert_int_equal(procedures_add(*state, "a.conf", plain_of(1, "một"), error), 0);
    assert_int_equal(procedures_add(*state, "b.conf", plain_of(1, "khác"), error), -EEXIST);
    assert_string_equal(error,
                        "b.conf: version 1 of plain is known with another text; raise the version");
}

static void names_the_file_and_the_line_of_a_mistake(void **state)
{
    char folder[] = "/tmp/assize-procedures-XXXXXX";
    char path[64], wanted[128];

    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/bad.conf", folder);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs("name = \"bad\";\nversion = 0;\n", file);
    fclose(file);
    assert_int_not_equal(procedures_read(*state, folder, error), 0);
    snprintf(wanted, sizeof(wanted), "%s: line 2: version", path);
    assert_memory_equal(error, wanted, strlen(wanted));
    unlink(path);
    assert_int_equal(procedures_read(*state, folder, error), -ENOENT);
    rmdir(folder);
    assert_int_equal(procedures_read(*state, folder, error), -ENOENT);
}

static void takes_older_versions_from_the_database(void **state)
{
    static char old[TEXT_SIZE];

    snprintf(old, sizeof(old), "%s", plain_of(1, "cũ"));
    assert_int_equal(procedures_add(*state, "a", plain_of(2, "mới"), error), 0);
    stored[0] = (struct procedure_store_text){"plain", 1, old};
    stored_count = 1;
    assert_int_equal(register_all(*state), 0);
    assert_int_equal(offered_count, 3);
    assert_string_equal(procedures_find(*state, "plain", 1)->title.vi, "cũ");
    assert_int_equal(procedures_find(*state, "plain", 0)->version, 2);
    /* What only the database has is not offered in place of what the program has. */
    snprintf(old, sizeof(old), "%s", plain_of(9, "của bản sau"));
    stored[0].version = 9;
    assert_int_equal(register_all(*state), 0);
    assert_int_equal(procedures_find(*state, "plain", 0)->version, 2);
    assert_int_equal(procedures_find(*state, "plain", 9)->version, 9);
}

static void refuses_to_start_with_a_version_that_was_changed(void **state)
{
    static char old[TEXT_SIZE];

    snprintf(old, sizeof(old), "%s", plain_of(1, "cũ"));
    assert_int_equal(procedures_add(*state, "a", plain_of(1, "đã sửa"), error), 0);
    stored[0] = (struct procedure_store_text){"plain", 1, old};
    stored_count = 1;
    assert_int_equal(register_all(*state), -EEXIST);
    assert_non_null(strstr(told_why, "raise the version"));
}

static void asks_again_when_the_database_is_away(void **state)
{
    answer = -EAGAIN;
    assert_int_equal(register_all(*state), -EAGAIN);
    answer = 0;
    assert_int_equal(register_all(*state), 0);
}

static void count_offered(void *context, const struct procedure *procedure)
{
    int *count = context;

    *count += strcmp(procedure->name, "plain") != 0 || procedure->version == 2;
}

static void lists_each_procedure_once(void **state)
{
    int count = 0;

    assert_int_equal(procedures_add(*state, "a", plain_of(1, "một"), error), 0);
    assert_int_equal(procedures_add(*state, "b", plain_of(2, "hai"), error), 0);
    procedures_each(*state, count_offered, &count);
    assert_int_equal(count, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(has_the_procedures_of_the_program),
        TEST(offers_the_latest_version_and_keeps_the_others),
        TEST(refuses_another_text_under_a_version_that_is_known),
        TEST(names_the_file_and_the_line_of_a_mistake),
        TEST(takes_older_versions_from_the_database),
        TEST(refuses_to_start_with_a_version_that_was_changed),
        TEST(asks_again_when_the_database_is_away),
        TEST(lists_each_procedure_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
