/* The sidecar's lines and the hash they carry, and the names of files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "media/journal/chain.h"
#include "tests/unit/journal_fixture.h"

static const struct chain_head some_head = {
    .hearing = RECORD_HEARING,
    .group = "ep4",
    .stem = "20261121T094200Z",
    .previous = {.stem = "20261121T094100Z",
                 .hash = {1, 2, 0xab},
                 .tail_bytes = 5,
                 .tail_chain_bytes = 7,
                 .tail_hash = {9}},
};

static void reads_back_the_header_it_wrote(void **state)
{
    (void)state;
    char text[CHAIN_HEAD_MAX];
    struct chain_head first = some_head;
    struct chain_head head;
    size_t taken = 0;

    size_t len = chain_write_head(&some_head, text);
    assert_int_equal(chain_parse_head(text, len, &head, &taken).verdict, FIT_GOOD);
    assert_int_equal(taken, len);
    assert_memory_equal(&head, &some_head, sizeof(head));
    first.previous = (struct chain_link){0};
    len = chain_write_head(&first, text);
    assert_int_equal(chain_parse_head(text, len, &head, &taken).verdict, FIT_GOOD);
    assert_string_equal(head.previous.stem, "");
}

static void refuses_every_cut_and_finds_every_flipped_byte_of_a_header(void **state)
{
    (void)state;
    char text[CHAIN_HEAD_MAX];
    size_t len = chain_write_head(&some_head, text);
    struct chain_head head;
    size_t taken;

    for (size_t cut = 0; cut < len; cut++)
        assert_int_equal(chain_parse_head(text, cut, &head, &taken).verdict, FIT_BAD);
    for (size_t i = 0; i < len; i++) {
        for (int bit = 0; bit < 8; bit++) {
            text[i] = (char)(text[i] ^ 1 << bit);
            if (chain_parse_head(text, len, &head, &taken).verdict == FIT_GOOD)
                assert_memory_not_equal(&head, &some_head, sizeof(head));
            text[i] = (char)(text[i] ^ 1 << bit);
        }
    }
}

static void reads_back_a_step_and_finds_every_flipped_byte_of_it(void **state)
{
    (void)state;
    const struct chain_step step = {
        .is_end = true, .end = 123456, .packets = 78, .wall_ns = RECORD_START, .hash = {0xfe, 1}};
    char text[CHAIN_STEP_MAX];
    size_t len = chain_write_step(&step, text);
    struct chain_step again;
    size_t taken = 0;

    assert_int_equal(chain_parse_step(text, len, &again, &taken).verdict, FIT_GOOD);
    assert_int_equal(taken, len);
    assert_int_equal(again.end, 123456);
    assert_int_equal(again.packets, 78);
    assert_int_equal(again.wall_ns, RECORD_START);
    assert_true(again.is_end);
    assert_memory_equal(again.hash, step.hash, SHA256_BYTES);
    for (size_t i = 0; i < len; i++) {
        for (int bit = 0; bit < 8; bit++) {
            text[i] = (char)(text[i] ^ 1 << bit);
            if (chain_parse_step(text, len, &again, &taken).verdict == FIT_GOOD)
                assert_true(again.end != step.end || again.packets != step.packets ||
                            again.wall_ns != step.wall_ns ||
                            memcmp(again.hash, step.hash, SHA256_BYTES) != 0);
            text[i] = (char)(text[i] ^ 1 << bit);
        }
    }
}

static void calls_a_line_without_its_end_torn(void **state)
{
    (void)state;
    static const char garbage[CHAIN_STEP_MAX + 1] = "step 1";
    const struct chain_step step = {.end = 1, .packets = 2, .wall_ns = 3};
    char text[CHAIN_STEP_MAX];
    size_t len = chain_write_step(&step, text);
    struct chain_step again;
    size_t taken;

    assert_int_equal(chain_parse_step(text, 0, &again, &taken).verdict, FIT_END);
    for (size_t cut = 1; cut < len; cut++)
        assert_int_equal(chain_parse_step(text, cut, &again, &taken).verdict, FIT_TORN);
    assert_int_equal(chain_parse_step(garbage, sizeof(garbage), &again, &taken).verdict, FIT_BAD);
    assert_int_equal(chain_parse_step("\n", 1, &again, &taken).verdict, FIT_BAD);
    assert_int_equal(chain_parse_step("step 1 2 3\n", 11, &again, &taken).verdict, FIT_BAD);
}

/* As anyone can do it with sha256sum. */
static void hashes_the_hash_before_the_bytes_and_the_line(void **state)
{
    (void)state;
    static const char line[] = "step 300 4 5 ";
    uint8_t before[SHA256_BYTES];
    uint8_t expected[SHA256_BYTES];
    struct chain chain;
    struct chain_step step = {.end = 300, .packets = 4, .wall_ns = 5};

    chain_init(&chain);
    chain_add(&chain, "left over", 9);
    chain_start(&chain, "header\n", 7, before);
    sha256("header\n", 7, expected);
    assert_memory_equal(before, expected, SHA256_BYTES);
    for (int i = 0; i < 2; i++) {
        chain_add(&chain, "by", 2);
        chain_add(&chain, "tes", 3);
        chain_seal(&chain, &step);
        const struct sha256_part parts[] = {{before, SHA256_BYTES}, {"bytes", 5}, {line, 13}};
        sha256_parts(parts, 3, expected);
        assert_memory_equal(step.hash, expected, SHA256_BYTES);
        memcpy(before, expected, SHA256_BYTES);
    }
    chain_done(&chain);
}

static void names_files_by_the_second(void **state)
{
    (void)state;
    char stem[NAME_STEM_SIZE];
    char file[NAME_FILE_SIZE];
    int64_t wall_s = 0;

    name_write_stem(RECORD_START / CLOCK_NS_PER_S, stem);
    assert_string_equal(stem, "20261121T094210Z");
    assert_int_equal(name_read_stem(stem, &wall_s), 0);
    assert_int_equal(wall_s, RECORD_START / CLOCK_NS_PER_S);
    name_write_file(stem, NAME_PCAPNG_SUFFIX, file);
    assert_int_equal(name_read_file(file, stem), NAME_PCAPNG);
    assert_int_equal(name_read_file("20261121T094210Z.chain", stem), NAME_CHAIN);
    assert_int_equal(name_read_file("next.chain", stem), NAME_NEXT);
}

static void knows_what_is_no_name_of_the_record(void **state)
{
    (void)state;
    static const char *const files[] = {"20261121T094210Z",
                                        "20261121T094210Z.pcap",
                                        "20261321T094210Z.pcapng",
                                        "20261121T094260Z.pcapng",
                                        "20261121T094210z.pcapng",
                                        "20261121T094210Z.pcapng.bak",
                                        "20261121T09421 Z.pcapng",
                                        "19691231T235959Z.pcapng",
                                        "notes.txt",
                                        "",
                                        ".chain",
                                        "20260230T094210Z.pcapng"};
    char stem[NAME_STEM_SIZE];
    char longest[NAME_SIZE + 1] = "";

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        assert_int_equal(name_read_file(files[i], stem), NAME_FOREIGN);
    memset(longest, 'x', JOURNAL_NAME_MAX);
    assert_true(name_is_valid(longest));
    longest[JOURNAL_NAME_MAX] = 'x';
    assert_false(name_is_valid(longest));
    assert_false(name_is_valid(""));
    assert_false(name_is_valid(".."));
    assert_false(name_is_valid("a/b"));
    assert_false(name_is_valid("A"));
    assert_false(name_is_valid("a\nb"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_back_the_header_it_wrote),
        cmocka_unit_test(refuses_every_cut_and_finds_every_flipped_byte_of_a_header),
        cmocka_unit_test(reads_back_a_step_and_finds_every_flipped_byte_of_it),
        cmocka_unit_test(calls_a_line_without_its_end_torn),
        cmocka_unit_test(hashes_the_hash_before_the_bytes_and_the_line),
        cmocka_unit_test(names_files_by_the_second),
        cmocka_unit_test(knows_what_is_no_name_of_the_record),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
