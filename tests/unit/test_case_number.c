/* Numbers of cases, codes of courts, and the identifier a case is cited by. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "server/cases/case_number.h"

static void reads_a_number_as_courts_write_it(void **state)
{
    struct case_number number;

    (void)state;
    assert_true(case_number_parse("34/2025/HS-ST", &number));
    assert_int_equal(number.number, 34);
    assert_int_equal(number.year, 2025);
    assert_string_equal(number.type, "HS-ST");
    assert_true(case_number_parse("05/2026/QĐST-HNGĐ", &number));
    assert_int_equal(number.number, 5);
    assert_string_equal(number.type, "QĐST-HNGĐ");
    assert_true(case_number_parse("12/2026/TLST-HS", &number));
    assert_true(case_number_parse("999999/2199/KDTM", &number));
}

static void refuses_what_is_no_number(void **state)
{
    static const char *const wrong[] = {
        "",
        "34",
        "34/2025",
        "34/2025/",
        "0/2025/HS",
        "34/25/HS",
        "34/1944/HS",
        "34/2200/HS",
        "34/20255/HS",
        "/2025/HS",
        "34/2025/hs",
        "34/2025/H S",
        "34/2025/-HS",
        "34/2025/HS-",
        "34/2025/HS--ST",
        "34/2025/đ",
        "34/2025/HS/",
        " 34/2025/HS",
        "1000000/2025/HS",
        "-34/2025/HS",
        "34/2025/\xc4",
        "34/2025/\xc4\x91",
        "34/2025/ABCDEFGHIJKLMNOPQRSTUVWXY",
    };
    struct case_number number;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
        assert_false(case_number_parse(wrong[i], &number));
}

static void knows_the_courts_and_which_is_above_which(void **state)
{
    char above[CASE_COURT_SIZE];
    struct case_court court;

    (void)state;
    assert_true(case_court_parse("TAND.01.KV2", &court));
    assert_int_equal(court.level, CASE_COURT_REGIONAL);
    assert_int_equal(court.region, 2);
    case_court_above(&court, above);
    assert_string_equal(above, "TAND.01");
    assert_true(case_court_parse(above, &court));
    assert_int_equal(court.level, CASE_COURT_PROVINCIAL);
    case_court_above(&court, above);
    assert_string_equal(above, "TANDTC");
    assert_true(case_court_parse(above, &court));
    assert_int_equal(court.level, CASE_COURT_SUPREME);
    case_court_above(&court, above);
    assert_string_equal(above, "");
}

static void refuses_courts_there_are_not(void **state)
{
    static const char *const wrong[] = {"",
                                        "TAND",
                                        "TAND.",
                                        "TAND.1",
                                        "TAND.00",
                                        "TAND.02",
                                        "TAND.001",
                                        "TAND.01.",
                                        "TAND.01.KV",
                                        "TAND.01.KV0",
                                        "TAND.01.KV01",
                                        "TAND.01.KV100",
                                        "TAND.01.KX1",
                                        "TAND.01.KV1.",
                                        "tand.01",
                                        "TANDTC.01"};
    struct case_court court;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
        assert_false(case_court_parse(wrong[i], &court));
}

static void there_are_thirty_four_provincial_courts(void **state)
{
    struct case_court court;
    int count = 0;
    char code[] = "TAND.00";

    (void)state;
    for (int i = 0; i < 100; i++) {
        code[5] = (char)('0' + i / 10);
        code[6] = (char)('0' + i % 10);
        count += case_court_parse(code, &court);
    }
    assert_int_equal(count, 34);
}

static void cites_a_case_in_plain_letters(void **state)
{
    struct case_number number;
    char id[CASE_PUBLIC_ID_SIZE];

    (void)state;
    assert_true(case_number_parse("05/2026/QĐST-HNGĐ", &number));
    case_public_id("TAND.01.KV2", &number, id);
    assert_string_equal(id, "VN:TAND.01.KV2:2026:5-QDST-HNGD");
    assert_true(case_public_id_is_good(id));
    assert_false(case_public_id_is_good("VN:TAND.01.KV2:2026:05-QDST-HNGD"));
    assert_false(case_public_id_is_good("VN:TAND.02:2026:5-HS"));
    assert_false(case_public_id_is_good("VN:TAND.01:2026:5-QĐ"));
    assert_false(case_public_id_is_good("VN:TAND.01:2026:5"));
    assert_false(case_public_id_is_good("VN:TAND.01"));
    assert_false(case_public_id_is_good("ECLI:TAND.01:2026:5-HS"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_number_as_courts_write_it),
        cmocka_unit_test(refuses_what_is_no_number),
        cmocka_unit_test(knows_the_courts_and_which_is_above_which),
        cmocka_unit_test(refuses_courts_there_are_not),
        cmocka_unit_test(there_are_thirty_four_provincial_courts),
        cmocka_unit_test(cites_a_case_in_plain_letters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
