/* Verify finds whatever was done to a record. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"
#include "media/journal/reader.h"
#include "tests/unit/journal_fixture.h"

#define FIRST  "ep4/20261121T094210Z"
#define SECOND "ep4/20261121T094310Z"
#define THIRD  "ep4/20261121T094410Z"

static uint8_t bytes[RECORD_FILE_MAX];

static void write_minutes(const struct record *record, const char *group, size_t first_packet)
{
    struct journal *journal = record_open(record, group);

    for (size_t i = 0; i < 7; i++) {
        int64_t wall_ns = RECORD_START + SECONDS(20 * (int64_t)i);
        assert_int_equal(record_append(journal, first_packet + i, wall_ns), 0);
        assert_int_equal(journal_sync(journal, wall_ns), 0);
    }
    assert_int_equal(journal_end(journal, RECORD_START + SECONDS(140)), 0);
    journal_free(journal);
}

/* Three minutes of a group, in order. */
static int set_up_minutes(void **state)
{
    record_set_up(state);
    write_minutes(*state, "ep4", 0);
    struct verified verified = record_verify(*state);
    assert_int_equal(verified.count, 0);
    assert_int_equal(verified.totals.files, 3);
    assert_int_equal(verified.totals.packets, 7);
    return 0;
}

/* Exactly one finding, and it is this one. */
static void finds(const struct record *record, enum fit_verdict verdict, const char *path,
                  uint64_t offset)
{
    struct verified verified = record_verify(record);

    assert_int_equal(verified.count, 1);
    assert_string_equal(verified.findings[0].path, path);
    assert_int_equal(verified.findings[0].fit.verdict, verdict);
    assert_int_equal(verified.findings[0].fit.offset, offset);
}

static void finds_every_flipped_byte(void **state)
{
    static const char *const files[] = {FIRST ".pcapng", FIRST ".chain",  SECOND ".pcapng",
                                        SECOND ".chain", THIRD ".pcapng", THIRD ".chain"};
    const struct record *record = *state;

    for (size_t file = 0; file < sizeof(files) / sizeof(files[0]); file++) {
        size_t len = record_load(record, files[file], bytes);
        for (size_t i = 0; i < len; i++) {
            uint8_t flip = (uint8_t)(1 << i % 8);
            bytes[i] ^= flip;
            record_store(record, files[file], bytes, len);
            struct verified verified = record_verify(record);
            bytes[i] ^= flip;
            assert_true(verified.count > 0);
            assert_memory_equal(verified.findings[0].path, files[file], sizeof(FIRST) - 1);
            /* a wrong length shows where what it measures should have ended */
            assert_true(verified.findings[0].fit.offset <= i + 160);
        }
        record_store(record, files[file], bytes, len);
    }
    assert_int_equal(record_verify(record).count, 0);
}

/* ---- two minutes of a hearing ---- */

enum { TWO_MINUTES_S = 120, EVERY = 997 };

/* Sound as it is spoken, and a picture a second, durable each second. */
static void write_two_minutes(const struct record *record)
{
    static uint8_t data[900];
    struct journal *journal = record_open(record, "ep4");

    for (int64_t i = 0; i < TWO_MINUTES_S * 50; i++) {
        int64_t wall_ns = RECORD_START + i * (CLOCK_NS_PER_S / 50);
        int64_t monotonic_ns = SECONDS(100) + i * (CLOCK_NS_PER_S / 50);
        struct pcapng_packet packet = {.wall_ns = wall_ns, .data = data, .len = 72};
        memset(data, (int)i, sizeof(data));
        assert_int_equal(journal_append(journal, &packet, monotonic_ns), 0);
        packet.track = 1;
        packet.len = sizeof(data);
        if (i % 50 == 0)
            assert_int_equal(journal_append(journal, &packet, monotonic_ns), 0);
        if (i % 50 == 49)
            assert_int_equal(journal_sync(journal, wall_ns), 0);
    }
    assert_int_equal(journal_end(journal, RECORD_START + SECONDS(TWO_MINUTES_S)), 0);
    journal_free(journal);
}

static int set_up_two_minutes(void **state)
{
    record_set_up(state);
    write_two_minutes(*state);
    struct verified verified = record_verify(*state);
    assert_int_equal(verified.count, 0);
    assert_int_equal(verified.totals.packets, TWO_MINUTES_S * 51);
    return 0;
}

static void flip(int fd, off_t at)
{
    uint8_t byte;

    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= (uint8_t)(1 << at % 8);
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
}

/* Flips and mends every 997th byte of the hearing, counted through all its files. */
static void finds_every_997th_byte_of_two_minutes(void **state)
{
    static const char *const files[] = {
        FIRST ".pcapng",
        FIRST ".chain",
        "ep4/20261121T094300Z.pcapng",
        "ep4/20261121T094300Z.chain",
        "ep4/20261121T094400Z.pcapng",
        "ep4/20261121T094400Z.chain",
    };
    const struct record *record = *state;
    off_t at = EVERY;
    size_t flips = 0;

    for (size_t file = 0; file < sizeof(files) / sizeof(files[0]); file++) {
        int fd = record_open_file(record, files[file]);
        off_t len = lseek(fd, 0, SEEK_END);
        for (; at < len; at += EVERY, flips++) {
            flip(fd, at);
            struct verified verified = record_verify(record);
            flip(fd, at);
            assert_true(verified.count > 0);
            assert_memory_equal(verified.findings[0].path, files[file], sizeof(FIRST) - 1);
        }
        at -= len;
        close(fd);
    }
    assert_true(flips > 700);
    assert_int_equal(record_verify(record).count, 0);
}

static void finds_every_cut_of_every_file(void **state)
{
    static const char *const files[] = {FIRST ".pcapng", FIRST ".chain", THIRD ".pcapng",
                                        THIRD ".chain"};
    const struct record *record = *state;

    for (size_t file = 0; file < sizeof(files) / sizeof(files[0]); file++) {
        size_t len = record_load(record, files[file], bytes);
        for (size_t cut = 0; cut < len; cut++) {
            record_store(record, files[file], bytes, cut);
            assert_true(record_verify(record).count > 0);
        }
        record_store(record, files[file], bytes, len);
    }
    assert_int_equal(record_verify(record).count, 0);
}

/* The last packet was not yet durable when the writer was killed. */
static void calls_a_tail_torn_at_every_byte_and_keeps_all_before(void **state)
{
    const struct record *record = *state;
    static uint8_t block[PCAPNG_BLOCK_MAX];
    struct journal *journal = record_open(record, "ep5");
    uint8_t data[64];

    assert_int_equal(record_append(journal, 0, RECORD_START), 0);
    assert_int_equal(record_append(journal, 1, RECORD_START), 0);
    assert_int_equal(journal_sync(journal, RECORD_START), 0);
    uint64_t end = journal_durable(journal)->step.end;
    journal_free(journal);
    struct pcapng_packet packet = record_packet(2, RECORD_START, data);
    size_t len = pcapng_write_packet(&packet, block);
    assert_int_equal(record_load(record, "ep5/20261121T094210Z.pcapng", bytes), end);
    memcpy(bytes + end, block, len);
    for (size_t tail = 0; tail <= len; tail++) {
        record_store(record, "ep5/20261121T094210Z.pcapng", bytes, end + tail);
        finds(record, FIT_TORN, "ep5/20261121T094210Z.pcapng", end);
        assert_int_equal(record_verify(record).totals.packets, 7 + 2);
    }
}

static void calls_a_torn_line_of_the_sidecar_torn(void **state)
{
    const struct record *record = *state;
    struct journal *journal = record_open(record, "ep5");
    size_t step_len = 0;

    assert_int_equal(record_append(journal, 0, RECORD_START), 0);
    assert_int_equal(journal_sync(journal, RECORD_START), 0);
    assert_int_equal(record_append(journal, 1, RECORD_START), 0);
    assert_int_equal(journal_sync(journal, RECORD_START), 0);
    journal_free(journal);
    size_t len = record_load(record, "ep5/20261121T094210Z.chain", bytes);
    for (const char *line = (char *)bytes + len - 1; *--line != '\n';)
        step_len++;
    for (size_t cut = 1; cut <= step_len; cut++) {
        record_store(record, "ep5/20261121T094210Z.chain", bytes, len - cut);
        finds(record, FIT_TORN, "ep5/20261121T094210Z.chain", len - step_len - 1);
    }
}

static void finds_a_missing_file_and_a_missing_sidecar(void **state)
{
    const struct record *record = *state;

    record_move(record, SECOND ".pcapng", "away");
    struct verified verified = record_verify(record);
    assert_int_equal(verified.totals.bad, 2); /* and "away" is not a group */
    assert_string_equal(verified.findings[1].path, SECOND ".pcapng");
    record_move(record, "away", SECOND ".pcapng");
    record_remove(record, SECOND ".chain");
    finds(record, FIT_BAD, SECOND ".chain", 0);
}

static void finds_a_missing_minute(void **state)
{
    const struct record *record = *state;

    record_remove(record, SECOND ".chain");
    record_remove(record, SECOND ".pcapng");
    struct verified verified = record_verify(record);
    assert_int_equal(verified.count, 1);
    assert_string_equal(verified.findings[0].path, THIRD ".chain");
    size_t len = record_load(record, THIRD ".chain", bytes);
    bytes[len] = '\0';
    const char *name = strstr((char *)bytes, "previous 20261121T0943");
    /* in place of 094310 it should say 094210 */
    assert_int_equal(verified.findings[0].fit.offset, name - (char *)bytes + 21);
}

static void finds_that_the_first_minute_is_missing(void **state)
{
    const struct record *record = *state;

    record_remove(record, FIRST ".chain");
    record_remove(record, FIRST ".pcapng");
    struct verified verified = record_verify(record);
    assert_int_equal(verified.count, 1);
    assert_string_equal(verified.findings[0].path, SECOND ".chain");
}

static void shows_the_steps_by_which_the_caller_misses_the_newest(void **state)
{
    const struct record *record = *state;
    struct verified before = record_verify(record);

    record_remove(record, THIRD ".chain");
    record_remove(record, THIRD ".pcapng");
    struct verified after = record_verify(record);
    assert_int_equal(after.count, 0);
    assert_int_equal(after.steps, before.steps - 2);
    assert_memory_not_equal(after.last.hash, before.last.hash, SHA256_BYTES);
    assert_string_equal(after.stem, "20261121T094310Z");
}

static void finds_swapped_files(void **state)
{
    const struct record *record = *state;

    record_move(record, FIRST ".pcapng", "swap");
    record_move(record, SECOND ".pcapng", FIRST ".pcapng");
    record_move(record, "swap", SECOND ".pcapng");
    assert_int_equal(record_verify(record).totals.bad, 2);
    record_move(record, FIRST ".chain", "swap");
    record_move(record, SECOND ".chain", FIRST ".chain");
    record_move(record, "swap", SECOND ".chain");
    assert_int_equal(record_verify(record).totals.bad, 2);
}

static void finds_a_renamed_minute(void **state)
{
    const struct record *record = *state;

    record_move(record, THIRD ".pcapng", "ep4/20261121T094411Z.pcapng");
    record_move(record, THIRD ".chain", "ep4/20261121T094411Z.chain");
    struct verified verified = record_verify(record);
    assert_int_equal(verified.count, 1);
    assert_string_equal(verified.findings[0].path, "ep4/20261121T094411Z.chain");
}

static void finds_the_file_of_another_group(void **state)
{
    const struct record *record = *state;

    write_minutes(record, "ep5", 100);
    assert_int_equal(record_verify(record).count, 0);
    record_move(record, "ep5/20261121T094310Z.pcapng", SECOND ".pcapng");
    record_move(record, "ep5/20261121T094310Z.chain", SECOND ".chain");
    struct verified verified = record_verify(record);
    assert_int_equal(verified.count, 2);
    assert_string_equal(verified.findings[0].path, SECOND ".chain");
    assert_string_equal(verified.findings[1].path, "ep5/20261121T094410Z.chain");
}

static void finds_the_pcapng_of_another_group_below_the_right_sidecar(void **state)
{
    const struct record *record = *state;

    write_minutes(record, "ep5", 0);
    size_t len = record_load(record, "ep5/20261121T094310Z.pcapng", bytes);
    record_store(record, SECOND ".pcapng", bytes, len);
    finds(record, FIT_BAD, SECOND ".pcapng", 0);
}

static void finds_what_is_added(void **state)
{
    const struct record *record = *state;

    size_t len = record_load(record, THIRD ".pcapng", bytes);
    record_store(record, THIRD ".pcapng", bytes, len + 1);
    finds(record, FIT_BAD, THIRD ".pcapng", len);
    record_store(record, THIRD ".pcapng", bytes, len);
    len = record_load(record, THIRD ".chain", bytes);
    record_store(record, THIRD ".chain", bytes, len + 1);
    finds(record, FIT_BAD, THIRD ".chain", len);
    record_store(record, THIRD ".chain", bytes, len);
    record_store(record, "ep4/notes.txt", bytes, 3);
    finds(record, FIT_BAD, "ep4/notes.txt", 0);
    record_remove(record, "ep4/notes.txt");
    record_store(record, "ep4/next.chain", bytes, 3);
    finds(record, FIT_TORN, "ep4/next.chain", 0);
    record_remove(record, "ep4/next.chain");
    record_store(record, "Notes", bytes, 3);
    finds(record, FIT_BAD, "Notes", 0);
}

/* A file of one packet, and a sidecar whose one step says this of it, hashed as it should be. */
static void write_lie(const struct record *record, struct chain_step step)
{
    struct pcapng_head head = {.hearing = RECORD_HEARING, .group = "ep5", .boot = "boot-1"};
    struct chain_head chain_head = {
        .hearing = RECORD_HEARING, .group = "ep5", .stem = "20261121T094210Z"};
    char text[CHAIN_BYTES_MAX];
    uint8_t hash[SHA256_BYTES];
    uint8_t data[64];
    struct chain chain;
    struct pcapng_packet packet = record_packet(1, RECORD_START, data);

    head.track_count = 1;
    str_copy(head.tracks[0], NAME_SIZE, "audio");
    size_t len = pcapng_write_head(&head, bytes);
    len += pcapng_write_packet(&packet, bytes + len);
    size_t text_len = chain_write_head(&chain_head, text);
    chain_init(&chain);
    chain_start(&chain, text, text_len, hash);
    chain_add(&chain, bytes, len);
    step.end += len;
    chain_seal(&chain, &step);
    chain_done(&chain);
    text_len += chain_write_step(&step, text + text_len);
    record_store(record, "ep5/20261121T094210Z.pcapng", bytes, len);
    record_store(record, "ep5/20261121T094210Z.chain", (uint8_t *)text, text_len);
}

static void finds_a_sidecar_that_lies_with_the_right_hash(void **state)
{
    const struct record *record = *state;

    journal_free(record_open(record, "ep5"));
    write_lie(record, (struct chain_step){.is_end = true, .packets = 1});
    assert_int_equal(record_verify(record).count, 0);
    write_lie(record, (struct chain_step){.is_end = true, .packets = 2});
    assert_string_equal(record_verify(record).findings[0].path, "ep5/20261121T094210Z.chain");
    assert_int_equal(record_verify(record).totals.bad, 1);
    write_lie(record, (struct chain_step){.is_end = true, .packets = 1, .end = (uint64_t)-4});
    assert_string_equal(record_verify(record).findings[0].path, "ep5/20261121T094210Z.chain");
    assert_int_equal(record_verify(record).totals.bad, 1);
}

static void does_not_wait_for_a_pipe_or_follow_a_link(void **state)
{
    const struct record *record = *state;

    record_move(record, THIRD ".chain", "kept");
    assert_int_equal(mkfifoat(record->fd, RECORD_HEARING "/" THIRD ".chain", 0600), 0);
    struct verified verified = record_verify(record);
    assert_int_equal(verified.count, 2);
    assert_string_equal(verified.findings[0].path, THIRD ".chain");
    assert_non_null(strstr(verified.findings[0].fit.why, "cannot be opened"));
    record_remove(record, THIRD ".chain");
    assert_int_equal(symlinkat("../kept", record->fd, RECORD_HEARING "/" THIRD ".chain"), 0);
    assert_int_equal(record_verify(record).totals.bad, 2);
    record_remove(record, THIRD ".chain");
    record_move(record, "kept", THIRD ".chain");
    assert_int_equal(record_verify(record).count, 0);
}

static void refuses_a_hearing_that_is_not_there(void **state)
{
    static const struct verify_ops ops = {NULL, NULL};
    const struct record *record = *state;
    struct verify_totals totals;

    assert_int_equal(verify_hearing(record->fd, "other", &ops, NULL, &totals), -ENOENT);
    assert_int_equal(verify_hearing(record->fd, "..", &ops, NULL, &totals), -EINVAL);
    assert_int_equal(verify_hearing(record->fd, RECORD_HEARING, &ops, NULL, &totals), 0);
    assert_int_equal(totals.packets, 7);
    record_store(record, "Notes", bytes, 3);
    assert_int_equal(verify_hearing(record->fd, RECORD_HEARING, &ops, NULL, &totals), 0);
    assert_int_equal(totals.bad, 1);
}

#define MINUTES_TEST(name) cmocka_unit_test_setup_teardown(name, set_up_minutes, record_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        MINUTES_TEST(finds_every_flipped_byte),
        cmocka_unit_test_setup_teardown(finds_every_997th_byte_of_two_minutes, set_up_two_minutes,
                                        record_tear_down),
        MINUTES_TEST(finds_every_cut_of_every_file),
        MINUTES_TEST(calls_a_tail_torn_at_every_byte_and_keeps_all_before),
        MINUTES_TEST(calls_a_torn_line_of_the_sidecar_torn),
        MINUTES_TEST(finds_a_missing_file_and_a_missing_sidecar),
        MINUTES_TEST(finds_a_missing_minute),
        MINUTES_TEST(finds_that_the_first_minute_is_missing),
        MINUTES_TEST(shows_the_steps_by_which_the_caller_misses_the_newest),
        MINUTES_TEST(finds_swapped_files),
        MINUTES_TEST(finds_a_renamed_minute),
        MINUTES_TEST(finds_the_file_of_another_group),
        MINUTES_TEST(finds_the_pcapng_of_another_group_below_the_right_sidecar),
        MINUTES_TEST(finds_what_is_added),
        MINUTES_TEST(finds_a_sidecar_that_lies_with_the_right_hash),
        MINUTES_TEST(does_not_wait_for_a_pipe_or_follow_a_link),
        MINUTES_TEST(refuses_a_hearing_that_is_not_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
