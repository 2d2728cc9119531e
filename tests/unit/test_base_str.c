/* Text, identifiers, digests, log values and the table of refusals. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/date.h"
#include "base/errors.h"
#include "base/id.h"
#include "base/log.h"
#include "base/sha256.h"
#include "base/str.h"

static void knows_well_formed_utf8(void **state)
{
    (void)state;
    assert_true(str_utf8_valid("", 0));
    assert_true(str_utf8_valid("Tòa án", strlen("Tòa án")));
    assert_true(str_utf8_valid("\xf0\x9f\x98\x80", 4));
    assert_false(str_utf8_valid("a\0b", 3));
    assert_false(str_utf8_valid("\xc3", 1));             /* cut off */
    assert_false(str_utf8_valid("\xc0\xaf", 2));         /* overlong */
    assert_false(str_utf8_valid("\xed\xa0\x80", 3));     /* a surrogate */
    assert_false(str_utf8_valid("\xf4\x90\x80\x80", 4)); /* over U+10FFFF */
    assert_false(str_utf8_valid("\xff", 1));
}

static void composes_vietnamese_to_nfc(void **state)
{
    char *nfc = NULL;

    (void)state;
    /* e, circumflex, tilde: three code points become one. */
    assert_int_equal(str_nfc("Nguye\xcc\x82\xcc\x83n", 64, &nfc), 0);
    assert_string_equal(nfc, "Nguy\xe1\xbb\x85n");
    free(nfc);
    assert_int_equal(str_nfc("", 0, &nfc), 0);
    assert_string_equal(nfc, "");
    free(nfc);
}

static void measures_a_text_after_it_was_composed(void **state)
{
    char *nfc = NULL;

    (void)state;
    assert_int_equal(str_nfc("e\xcc\x82\xcc\x83", 3, &nfc), 0);
    free(nfc);
    assert_int_equal(str_nfc("abcd", 3, &nfc), -ENOBUFS);
    assert_int_equal(str_nfc("\xff", 64, &nfc), -EILSEQ);
}

static void reads_whole_numbers_and_nothing_else(void **state)
{
    uint64_t value = 7;

    (void)state;
    assert_int_equal(str_to_u64("0", 10, &value), 0);
    assert_int_equal(value, 0);
    assert_int_equal(str_to_u64("18446744073709551615", UINT64_MAX, &value), 0);
    assert_true(value == UINT64_MAX);
    assert_int_equal(str_to_u64("18446744073709551616", UINT64_MAX, &value), -ERANGE);
    assert_int_equal(str_to_u64("11", 10, &value), -ERANGE);
    static const char *const wrong[] = {"", "-1", "+1", " 1", "1 ", "01", "1x", "0x1", "1.0", "00"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(str_to_u64(wrong[i], UINT64_MAX, &value), -EINVAL);
}

static void writes_and_reads_hex(void **state)
{
    char hex[9];
    uint8_t raw[4];

    (void)state;
    str_hex((const uint8_t *)"\x00\x1f\xab\xff", 4, hex);
    assert_string_equal(hex, "001fabff");
    assert_int_equal(str_from_hex("001FabFF", raw, 4), 0);
    assert_memory_equal(raw, "\x00\x1f\xab\xff", 4);
    assert_int_equal(str_from_hex("001fab", raw, 4), -EINVAL);
    assert_int_equal(str_from_hex("001fabff0", raw, 4), -EINVAL);
    assert_int_equal(str_from_hex("001fabfg", raw, 4), -EINVAL);
}

static void writes_base64url_without_padding(void **state)
{
    char out[12];

    (void)state;
    str_base64url((const uint8_t *)"", 0, out);
    assert_string_equal(out, "");
    str_base64url((const uint8_t *)"f", 1, out); /* RFC 4648, section 10 */
    assert_string_equal(out, "Zg");
    str_base64url((const uint8_t *)"foobar", 6, out);
    assert_string_equal(out, "Zm9vYmFy");
    str_base64url((const uint8_t *)"\xfb\xff\xfe", 3, out);
    assert_string_equal(out, "-__-");
}

static void tells_a_line_from_what_ends_one(void **state)
{
    (void)state;
    assert_true(str_is_line(""));
    assert_true(str_is_line("Ng\u00f4 \u0110\u1ee9c ~"));
    assert_false(str_is_line("a\nb"));
    assert_false(str_is_line("\x1b[31m"));
    assert_false(str_is_line("a\x7f"));
    assert_true(str_is_control('\0') && str_is_control('\t') && !str_is_control(' '));
}

static void cuts_a_copy_to_fit_and_says_so(void **state)
{
    char out[4];

    (void)state;
    assert_true(str_copy(out, sizeof(out), "abc"));
    assert_string_equal(out, "abc");
    assert_false(str_copy(out, sizeof(out), "abcd"));
    assert_string_equal(out, "abc");
}

static void makes_uuids_that_sort_by_time_and_never_repeat(void **state)
{
    char first[ID_UUID_SIZE];
    char second[ID_UUID_SIZE];

    (void)state;
    id_uuid(first);
    id_uuid(second);
    assert_true(str_is_uuid(first));
    assert_int_equal(first[14], '7');
    assert_string_not_equal(first, second);
    assert_true(strncmp(first, second, 13) <= 0); /* 48 bits of milliseconds */
}

static void tells_a_uuid_from_other_text(void **state)
{
    (void)state;
    assert_true(str_is_uuid("01890a5d-ac96-774b-bcce-b302099a8057"));
    assert_false(str_is_uuid("01890A5D-ac96-774b-bcce-b302099a8057"));
    assert_false(str_is_uuid("01890a5d-ac96-774b-bcce-b302099a805"));
    assert_false(str_is_uuid("01890a5d-ac96-774b-bcce-b302099a80577"));
    assert_false(str_is_uuid("01890a5dxac96-774b-bcce-b302099a8057"));
    assert_false(str_is_uuid(""));
}

static void makes_tokens_of_256_bits(void **state)
{
    char first[ID_TOKEN_SIZE];
    char second[ID_TOKEN_SIZE];

    (void)state;
    id_token(first);
    id_token(second);
    assert_int_equal(strlen(first), 43);
    assert_string_not_equal(first, second);
    for (int i = 0; i < 1000; i++) {
        uint64_t number = id_number();
        assert_true(number > 0 && number < UINT64_C(1) << 53);
    }
}

static void digests_as_fips_180_says(void **state)
{
    uint8_t digest[SHA256_BYTES];
    char hex[SHA256_HEX_SIZE];

    (void)state;
    const struct sha256_part parts[] = {{"a", 1}, {"", 0}, {"bc", 2}};
    sha256_parts(parts, 3, digest);
    str_hex(digest, sizeof(digest), hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void lets_no_value_forge_a_log_line(void **state)
{
    char longest[500];

    (void)state;
    assert_string_equal(log_quote("a\n\"b\\\x7f").text, "\"a??b??\"");
    assert_string_equal(log_quote(NULL).text, "\"\"");
    memset(longest, 'a', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    assert_int_equal(strlen(log_quote(longest).text), sizeof(struct log_quoted) - 1);
}

static void prints_times_of_vietnam_whatever_the_zone_of_the_machine(void **state)
{
    char text[CLOCK_TEXT_SIZE];

    (void)state;
    assert_int_equal(setenv("TZ", "America/New_York", 1), 0);
    clock_text(1770078600999, text);
    assert_string_equal(text, "2026-02-03T07:30:00+07:00");
    clock_text(253402300799999 - 7 * 3600 * CLOCK_MS_PER_S, text);
    assert_string_equal(text, "9999-12-31T23:59:59+07:00");
}

static void reads_a_date_or_a_time_with_its_offset(void **state)
{
    const char *wrong[] = {"",           "2026-02-30",       "2026-02-03 ",
                           "3.2.2026",   "2026-02-03T07:30", "2026-02-03T07:30:00",
                           "10000-01-01"};
    int64_t ms;

    (void)state;
    assert_true(clock_parse("2026-02-03", &ms));
    assert_int_equal(ms, 1770051600000);
    assert_true(clock_parse("2026-02-03T07:30:00+07:00", &ms));
    assert_int_equal(ms, 1770078600000);
    assert_true(clock_parse("2026-02-03T00:30:00Z", &ms));
    assert_int_equal(ms, 1770078600000);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
        assert_false(clock_parse(wrong[i], &ms));
}

static void a_day_begins_at_midnight_in_vietnam(void **state)
{
    static const char *const days[] = {"1900-01-01", "1970-01-01", "1999-12-31", "2000-02-29",
                                       "2000-03-01", "2026-02-03", "2026-11-22", "2028-02-29",
                                       "2028-03-01", "2099-12-31"};
    int64_t ms;

    (void)state;
    for (size_t i = 0; i < sizeof(days) / sizeof(*days); i++) {
        assert_true(clock_parse(days[i], &ms));
        assert_true(date_has_begun(days[i], ms));
        assert_false(date_has_begun(days[i], ms - 1));
    }
    assert_true(date_has_begun("2099-12-31", INT64_MAX));
    assert_false(date_has_begun("1900-01-01", INT64_MIN));
}

/* connectrpc.com/docs/protocol, Error Codes. */
static int status_of(const char *connect_code)
{
    static const struct {
        const char *code;
        int status;
    } statuses[] = {
        {"invalid_argument", 400},  {"deadline_exceeded", 504},
        {"not_found", 404},         {"already_exists", 409},
        {"permission_denied", 403}, {"resource_exhausted", 429},
        {"aborted", 409},           {"failed_precondition", 400},
        {"out_of_range", 400},      {"unimplemented", 501},
        {"internal", 500},          {"unavailable", 503},
        {"data_loss", 500},         {"unauthenticated", 401},
    };

    for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++) {
        if (strcmp(statuses[i].code, connect_code) == 0)
            return statuses[i].status;
    }
    return 0;
}

static bool is_of_http(enum refusal refusal)
{
    return refusal == REFUSAL_TOO_LARGE || refusal == REFUSAL_TIMED_OUT ||
           refusal == REFUSAL_NOT_FOUND || refusal == REFUSAL_METHOD_NOT_ALLOWED ||
           refusal == REFUSAL_UNSUPPORTED_TYPE || refusal == REFUSAL_HEADERS_TOO_LARGE ||
           refusal == REFUSAL_TOO_MANY_CONNECTIONS;
}

static void answers_with_the_status_of_the_connect_code(void **state)
{
    (void)state;
    for (int i = REFUSAL_NONE + 1; i < REFUSAL_COUNT; i++) {
        const struct refusal_info *info = refusal_info((enum refusal)i);
        int status = status_of(info->connect_code);
        assert_int_not_equal(status, 0);
        if (!is_of_http((enum refusal)i))
            assert_int_equal(info->http_status, status);
    }
}

static void says_of_each_rejection_the_field_and_the_connect_code(void **state)
{
    static const char *const wrong[][3] = {
        {"damaged", "hash", "invalid_argument"},
        {"equivocation", "seq", "already_exists"},
        {"chain", "prev_hash", "failed_precondition"},
        {"schema", "schema_version", "unimplemented"},
        {"future", "recorded_ms", "out_of_range"},
        {"access_no_right", "record_type", "permission_denied"},
        {"unreadable", "payload", "invalid_argument"},
        {"party.person.sex", "party.person.sex", "invalid_argument"},
        {"futures", "futures", "invalid_argument"},
        {"future:decision.issued_on", "decision.issued_on", "out_of_range"},
        {"fut:decision", "fut:decision", "invalid_argument"},
        {"", "", "invalid_argument"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        struct rejection_info info = rejection_info(wrong[i][0]);
        assert_string_equal(info.field, wrong[i][1]);
        assert_string_equal(info.connect_code, wrong[i][2]);
        assert_int_not_equal(status_of(info.connect_code), 0);
    }
}

static void says_what_a_refusal_is_always_about(void **state)
{
    (void)state;
    assert_string_equal(refusal_field(REFUSAL_ORGANISATION_UNKNOWN), "certificate");
    assert_string_equal(refusal_field(REFUSAL_CERTIFICATE_REVOKED), "certificate");
    assert_null(refusal_field(REFUSAL_MALFORMED));
    assert_null(refusal_field(REFUSAL_NONE));
}

static void finds_every_refusal_by_its_code(void **state)
{
    (void)state;
    for (int i = REFUSAL_NONE + 1; i < REFUSAL_COUNT; i++) {
        const struct refusal_info *info = refusal_info((enum refusal)i);
        assert_int_equal(refusal_from_code(info->code), i);
        assert_in_range(info->http_status, 400, 599);
        assert_true(str_utf8_valid(info->vi, strlen(info->vi)));
        assert_true(strlen(info->vi) > 10 && strlen(info->en) > 10);
    }
    assert_int_equal(refusal_from_code("no such code"), REFUSAL_INTERNAL);
    assert_int_equal(refusal_from_code(NULL), REFUSAL_INTERNAL);
    assert_ptr_equal(refusal_info(REFUSAL_NONE), refusal_info(REFUSAL_INTERNAL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_well_formed_utf8),
        cmocka_unit_test(composes_vietnamese_to_nfc),
        cmocka_unit_test(measures_a_text_after_it_was_composed),
        cmocka_unit_test(reads_whole_numbers_and_nothing_else),
        cmocka_unit_test(writes_and_reads_hex),
        cmocka_unit_test(writes_base64url_without_padding),
        cmocka_unit_test(cuts_a_copy_to_fit_and_says_so),
        cmocka_unit_test(makes_uuids_that_sort_by_time_and_never_repeat),
        cmocka_unit_test(tells_a_uuid_from_other_text),
        cmocka_unit_test(makes_tokens_of_256_bits),
        cmocka_unit_test(tells_a_line_from_what_ends_one),
        cmocka_unit_test(digests_as_fips_180_says),
        cmocka_unit_test(lets_no_value_forge_a_log_line),
        cmocka_unit_test(prints_times_of_vietnam_whatever_the_zone_of_the_machine),
        cmocka_unit_test(reads_a_date_or_a_time_with_its_offset),
        cmocka_unit_test(a_day_begins_at_midnight_in_vietnam),
        cmocka_unit_test(answers_with_the_status_of_the_connect_code),
        cmocka_unit_test(says_of_each_rejection_the_field_and_the_connect_code),
        cmocka_unit_test(says_what_a_refusal_is_always_about),
        cmocka_unit_test(finds_every_refusal_by_its_code),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
