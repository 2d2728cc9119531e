/* The journal of one group: minutes, restarts, crashes, full disks. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "media/journal/reader.h"
#include "tests/unit/journal_fixture.h"

#define FIRST "ep4/20261121T094210Z"

static void append(struct journal *journal, size_t n, int64_t wall_ns)
{
    assert_int_equal(record_append(journal, n, wall_ns), 0);
}

static void sync_at(struct journal *journal, int64_t wall_ns)
{
    assert_int_equal(journal_sync(journal, wall_ns), 0);
}

static void end_and_free(struct journal *journal, int64_t wall_ns)
{
    assert_int_equal(journal_end(journal, wall_ns), 0);
    journal_free(journal);
}

static void is_good(const struct record *record, size_t files, size_t packets)
{
    struct verified verified = record_verify(record);

    assert_int_equal(verified.count, 0);
    assert_int_equal(verified.totals.files, files);
    assert_int_equal(verified.totals.packets, packets);
}

static void makes_nothing_before_the_first_packet(void **state)
{
    const struct record *record = *state;
    struct journal *journal = record_open(record, "ep4");

    sync_at(journal, RECORD_START);
    assert_null(journal_past(journal));
    assert_string_equal(journal_durable(journal)->stem, "");
    end_and_free(journal, RECORD_START);
    is_good(record, 0, 0);
}

static void says_what_is_durable_and_only_that(void **state)
{
    const struct record *record = *state;
    struct journal *journal = record_open(record, "ep4");
    const struct journal_durable *durable = journal_durable(journal);

    append(journal, 0, RECORD_START);
    append(journal, 1, RECORD_START + 5);
    assert_int_equal(durable->step.packets, 0);
    sync_at(journal, RECORD_START + SECONDS(1));
    assert_string_equal(durable->stem, "20261121T094210Z");
    assert_int_equal(durable->step.packets, 2);
    assert_int_equal(durable->step.wall_ns, RECORD_START + SECONDS(1));
    struct verified verified = record_verify(record);
    assert_memory_equal(verified.last.hash, durable->step.hash, SHA256_BYTES);
    assert_int_equal(verified.last.end, durable->step.end);

    sync_at(journal, RECORD_START + SECONDS(2));
    assert_int_equal(record_verify(record).steps, 1);
    append(journal, 2, RECORD_START + SECONDS(2));
    end_and_free(journal, RECORD_START + SECONDS(3));
    is_good(record, 1, 3);
}

static void writes_packets_that_the_reader_gives_back(void **state)
{
    enum { PACKETS = 2000 };
    static struct reader reader;
    static uint8_t bytes[RECORD_FILE_MAX];
    const struct record *record = *state;
    struct journal *journal = record_open(record, "ep4");
    struct pcapng_packet packet;
    uint8_t wrote[64];

    for (size_t n = 0; n < PACKETS; n++)
        append(journal, n, RECORD_START + (int64_t)n * CLOCK_NS_PER_MS);
    end_and_free(journal, RECORD_START + SECONDS(2));
    assert_true(record_load(record, FIRST ".pcapng", bytes) > 2 * JOURNAL_BUFFER_BYTES);
    int fd = openat(record->fd, RECORD_HEARING "/" FIRST ".pcapng", 0);
    assert_int_equal(reader_open(&reader, fd).verdict, FIT_GOOD);
    assert_string_equal(reader.head.hearing, RECORD_HEARING);
    assert_string_equal(reader.head.boot, "boot-1");
    assert_string_equal(reader.head.tracks[1], "video");
    assert_int_equal(reader.head.wall_ns, RECORD_START);
    assert_int_equal(reader.head.monotonic_ns, SECONDS(100000));
    for (size_t n = 0; n < PACKETS; n++) {
        assert_int_equal(reader_next(&reader, &packet).verdict, FIT_GOOD);
        struct pcapng_packet expected = record_packet(n, packet.wall_ns, wrote);
        assert_int_equal(packet.len, expected.len);
        assert_memory_equal(packet.data, wrote, packet.len);
    }
    assert_int_equal(reader_next(&reader, &packet).verdict, FIT_END);
    close(fd);
}

static void opens_a_file_with_each_minute(void **state)
{
    const struct record *record = *state;
    struct journal *journal = record_open(record, "ep4");

    for (size_t n = 0; n < 130; n++)
        append(journal, n, RECORD_START + SECONDS((int64_t)n));
    end_and_free(journal, RECORD_START + SECONDS(130));
    is_good(record, 3, 130);
    assert_string_equal(record_verify(record).stem, "20261121T094400Z");
}

static void closes_the_minute_of_a_source_that_fell_silent(void **state)
{
    const struct record *record = *state;
    struct journal *journal = record_open(record, "ep4");

    append(journal, 0, RECORD_START);
    sync_at(journal, RECORD_START + SECONDS(1));
    assert_int_equal(record_verify(record).totals.torn, 1);
    sync_at(journal, RECORD_START + SECONDS(50));
    is_good(record, 1, 1);
    append(journal, 1, RECORD_START + SECONDS(600));
    end_and_free(journal, RECORD_START + SECONDS(601));
    is_good(record, 2, 2);
}

static void keeps_the_order_of_files_when_the_clock_is_set_back(void **state)
{
    const struct record *record = *state;
    struct journal *journal = record_open(record, "ep4");

    append(journal, 0, RECORD_START);
    append(journal, 1, RECORD_START - SECONDS(3600));
    append(journal, 2, RECORD_START - SECONDS(3599));
    append(journal, 3, RECORD_START - SECONDS(7200));
    end_and_free(journal, RECORD_START - SECONDS(7200));
    is_good(record, 3, 4);
    assert_string_equal(record_verify(record).stem, "20261121T094212Z");
}

/* Steps within a minute, back and forward over minutes and days: the packets' own order counts. */
static void keeps_every_packet_in_order_whatever_the_clock_does(void **state)
{
    static const int64_t steps_s[] = {1, 2, -2, 1, 30, -30, 86400, 1, -86400, 1, -7, 3600, 1, -1};
    const size_t count = sizeof(steps_s) / sizeof(steps_s[0]);
    const struct record *record = *state;
    struct journal *journal = record_open(record, "ep4");
    int64_t wall_ns = RECORD_START;

    for (size_t i = 0; i < count; i++) {
        wall_ns += SECONDS(steps_s[i]);
        append(journal, i, wall_ns);
        if (i % 3 == 0)
            sync_at(journal, wall_ns);
    }
    end_and_free(journal, wall_ns);
    struct verified verified = record_verify(record);
    assert_int_equal(verified.count, 0);
    assert_int_equal(verified.totals.packets, count);
}

static void ends_a_file_of_too_many_steps(void **state)
{
    const struct record *record = *state;
    struct journal *journal = record_open(record, "ep4");

    for (size_t n = 0; n < JOURNAL_STEPS_MAX + 3; n++) {
        append(journal, n, RECORD_START + (int64_t)n);
        sync_at(journal, RECORD_START + (int64_t)n);
    }
    end_and_free(journal, RECORD_START + SECONDS(1));
    is_good(record, 2, JOURNAL_STEPS_MAX + 3);
}

static void continues_after_an_orderly_end(void **state)
{
    const struct record *record = *state;
    struct journal *journal = record_open(record, "ep4");

    append(journal, 0, RECORD_START);
    assert_int_equal(journal_end(journal, RECORD_START), 0);
    append(journal, 1, RECORD_START);
    end_and_free(journal, RECORD_START);
    journal = record_open(record, "ep4");
    assert_int_equal(journal_past(journal)->fit.verdict, FIT_GOOD);
    append(journal, 2, RECORD_START + SECONDS(30));
    end_and_free(journal, RECORD_START + SECONDS(31));
    is_good(record, 3, 3);
}

/* What journal_free leaves is what kill -9 leaves, with any part of the last writes. */
static void continues_after_a_crash_without_touching_what_is_there(void **state)
{
    static uint8_t before[RECORD_FILE_MAX];
    static uint8_t after[RECORD_FILE_MAX];
    const struct record *record = *state;
    struct journal *journal = record_open(record, "ep4");

    append(journal, 0, RECORD_START);
    sync_at(journal, RECORD_START + SECONDS(1));
    journal_free(journal);
    size_t len = record_load(record, FIRST ".pcapng", before);
    memcpy(before + len, before + len - 60, 37);
    record_store(record, FIRST ".pcapng", before, len + 37);

    journal = record_open(record, "ep4");
    assert_int_equal(journal_past(journal)->fit.verdict, FIT_TORN);
    assert_int_equal(journal_past(journal)->last.packets, 1);
    assert_int_equal(journal_past(journal)->link.tail_bytes, 37);
    append(journal, 1, RECORD_START + SECONDS(2));
    end_and_free(journal, RECORD_START + SECONDS(3));
    assert_int_equal(record_load(record, FIRST ".pcapng", after), len + 37);
    assert_memory_equal(before, after, len + 37);
    struct verified verified = record_verify(record);
    assert_int_equal(verified.totals.packets, 2);
    assert_int_equal(verified.count, 1);
    assert_int_equal(verified.findings[0].fit.verdict, FIT_TORN);
    assert_string_equal(verified.findings[0].path, FIRST ".pcapng");
    assert_int_equal(verified.findings[0].fit.offset, len);

    before[len + 5] ^= 1; /* the torn tail is bound, too, by now */
    record_store(record, FIRST ".pcapng", before, len + 37);
    assert_int_equal(record_verify(record).totals.bad, 1);
}

/* A process that says on a pipe how often it was told that all is durable. */
static pid_t start_recorder(const struct record *record, int *ret_pipe)
{
    int ends[2];

    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    *ret_pipe = ends[0];
    if (child) {
        close(ends[1]);
        return child;
    }
    struct journal *journal = record_open(record, "ep4");
    for (size_t n = 0;; n++) {
        int64_t wall_ns = RECORD_START + (int64_t)n * 10 * CLOCK_NS_PER_MS;
        if (record_append(journal, n, wall_ns))
            _exit(1);
        if (n % 4 == 3 && (journal_sync(journal, wall_ns) || write(ends[1], "", 1) != 1))
            _exit(1);
    }
}

static void keeps_what_was_durable_when_it_is_killed(void **state)
{
    const struct record *record = *state;
    size_t told = 0;
    char byte[64];
    ssize_t got;
    int status;
    int end;
    pid_t child = start_recorder(record, &end);

    while (told < 1000 && (got = read(end, byte, sizeof(byte))) > 0)
        told += (size_t)got;
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    while ((got = read(end, byte, sizeof(byte))) > 0)
        told += (size_t)got;
    close(end);
    struct verified verified = record_verify(record);
    assert_int_equal(verified.totals.bad, 0);
    assert_true(verified.totals.packets >= 4 * told);

    struct journal *journal = record_open(record, "ep4");
    append(journal, 0, RECORD_START + SECONDS(9000));
    end_and_free(journal, RECORD_START + SECONDS(9000));
    assert_int_equal(record_verify(record).totals.packets, verified.totals.packets + 1);
    assert_int_equal(record_verify(record).totals.bad, 0);
}

static void continues_a_file_in_which_nothing_became_durable(void **state)
{
    const struct record *record = *state;
    struct journal *journal = record_open(record, "ep4");

    append(journal, 0, RECORD_START);
    journal_free(journal);
    journal = record_open(record, "ep4");
    append(journal, 1, RECORD_START);
    end_and_free(journal, RECORD_START);
    struct verified verified = record_verify(record);
    assert_int_equal(verified.totals.files, 2);
    assert_int_equal(verified.totals.packets, 1);
    assert_int_equal(verified.totals.torn, 1);
    assert_int_equal(verified.totals.bad, 0);
}

static void records_on_after_a_file_that_someone_changed(void **state)
{
    static uint8_t bytes[RECORD_FILE_MAX];
    const struct record *record = *state;
    struct journal *journal = record_open(record, "ep4");

    append(journal, 0, RECORD_START);
    end_and_free(journal, RECORD_START);
    size_t len = record_load(record, FIRST ".chain", bytes);
    bytes[3] ^= 1;
    record_store(record, FIRST ".chain", bytes, len);
    journal = record_open(record, "ep4");
    assert_int_equal(journal_past(journal)->fit.verdict, FIT_BAD);
    assert_int_equal(journal_past(journal)->fit.offset, 0);
    append(journal, 1, RECORD_START + SECONDS(1));
    end_and_free(journal, RECORD_START + SECONDS(1));
    struct verified verified = record_verify(record);
    assert_int_equal(verified.count, 1);
    assert_string_equal(verified.findings[0].path, FIRST ".chain");
    assert_int_equal(verified.totals.packets, 1);
}

static void refuses_a_second_journal_of_a_group(void **state)
{
    static const char *const tracks[] = {"audio"};
    const struct record *record = *state;
    struct journal_config config = {record->fd, RECORD_HEARING, "ep4", "boot-1", tracks, 1};
    struct journal *journal = record_open(record, "ep4");
    struct journal *second = NULL;

    assert_int_equal(journal_new(&config, &second), -EBUSY);
    assert_null(second);
    journal_free(journal);
    assert_int_equal(journal_new(&config, &second), 0);
    journal_free(second);
}

static void refuses_what_is_over_its_limits(void **state)
{
    static const char *const tracks[] = {"audio", "../video"};
    static const uint8_t data[JOURNAL_PACKET_MAX + 1];
    const struct record *record = *state;
    struct journal_config config = {record->fd, RECORD_HEARING, "ep4", "boot-1", tracks, 2};
    struct journal *journal = NULL;

    assert_int_equal(journal_new(&config, &journal), -EINVAL);
    config.track_count = 0;
    assert_int_equal(journal_new(&config, &journal), -EINVAL);
    config.track_count = 1;
    config.group = "";
    assert_int_equal(journal_new(&config, &journal), -EINVAL);
    config.group = "ep4";
    config.record = -1;
    assert_int_equal(journal_new(&config, &journal), -EBADF);

    journal = record_open(record, "ep4");
    struct pcapng_packet packet = {2, PCAPNG_RTP, RECORD_START, data, 12};
    assert_int_equal(journal_append(journal, &packet, 0), -EINVAL);
    packet = (struct pcapng_packet){1, PCAPNG_RTP, RECORD_START, data, sizeof(data)};
    assert_int_equal(journal_append(journal, &packet, 0), -EINVAL);
    packet.len = 0;
    assert_int_equal(journal_append(journal, &packet, 0), -EINVAL);
    packet.len = JOURNAL_PACKET_MAX;
    assert_int_equal(journal_append(journal, &packet, -1), -EINVAL);
    packet.wall_ns = -1;
    assert_int_equal(journal_append(journal, &packet, 0), -EINVAL);
    journal_free(journal);
}

static void continues_after_a_line_of_the_sidecar_was_torn(void **state)
{
    static uint8_t bytes[RECORD_FILE_MAX];
    const struct record *record = *state;
    struct journal *journal = record_open(record, "ep4");

    append(journal, 0, RECORD_START);
    sync_at(journal, RECORD_START + SECONDS(1));
    journal_free(journal);
    size_t len = record_load(record, FIRST ".chain", bytes);
    memcpy(bytes + len, "step 99", 7);
    record_store(record, FIRST ".chain", bytes, len + 7);

    journal = record_open(record, "ep4");
    assert_int_equal(journal_past(journal)->link.tail_chain_bytes, 7);
    append(journal, 1, RECORD_START + SECONDS(2));
    end_and_free(journal, RECORD_START + SECONDS(3));
    struct verified verified = record_verify(record);
    assert_int_equal(verified.count, 1);
    assert_int_equal(verified.findings[0].fit.verdict, FIT_TORN);
    assert_string_equal(verified.findings[0].path, FIRST ".chain");
    assert_int_equal(verified.findings[0].fit.offset, len);

    bytes[len + 6] ^= 1;
    record_store(record, FIRST ".chain", bytes, len + 7);
    assert_int_equal(record_verify(record).totals.bad, 1);
}

static void set_file_size_limit(rlim_t bytes)
{
    struct rlimit limit;

    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* A minute and a half, a packet and a step a second; how many packets were on record by the end of
 * a step. Whenever a step fails, its packets are lost; nothing else may be. */
static size_t record_with_failures(struct journal *journal, size_t first, int expected)
{
    size_t durable = 0;
    size_t pending = 0;

    for (size_t n = first; n < first + 90; n++) {
        int64_t wall_ns = RECORD_START + SECONDS((int64_t)n);
        int result = record_append(journal, n, wall_ns);
        assert_true(result == 0 || result == expected);
        pending = result ? 0 : pending + 1;
        if (result)
            continue;
        result = journal_sync(journal, wall_ns);
        assert_true(result == 0 || result == expected);
        durable += result ? 0 : pending;
        pending = 0;
    }
    return durable;
}

/* A file that was given up ends with its last durable step; nothing worse is found. */
static void is_cut_back(const struct record *record, const struct verified *verified)
{
    static uint8_t bytes[RECORD_FILE_MAX];

    assert_int_equal(verified->totals.bad, 0);
    for (size_t i = 0; i < verified->count && i < FINDINGS_MAX; i++) {
        assert_non_null(strstr(verified->findings[i].path, ".pcapng"));
        assert_int_equal(verified->findings[i].fit.offset,
                         record_load(record, verified->findings[i].path, bytes));
    }
}

/* RLIMIT_FSIZE cuts a write short and fails the next, as a full disk does, at every place in turn.
 */
static void keeps_every_durable_packet_wherever_a_write_fails(void **state)
{
    (void)state;
    signal(SIGXFSZ, SIG_IGN);
    for (rlim_t limit = 1; limit < 6000; limit += 61) {
        void *own = NULL;
        record_set_up(&own);
        const struct record *record = own;
        struct journal *journal = record_open(record, "ep4");

        set_file_size_limit(limit);
        size_t durable = record_with_failures(journal, 0, -EFBIG);
        struct verified verified = record_verify(record);
        is_cut_back(record, &verified);
        assert_int_equal(verified.totals.packets, durable);

        set_file_size_limit(RLIM_INFINITY);
        assert_int_equal(record_with_failures(journal, 90, 0), 90);
        end_and_free(journal, RECORD_START + SECONDS(200));
        verified = record_verify(record);
        assert_int_equal(verified.totals.bad, 0);
        assert_int_equal(verified.totals.packets, durable + 90);
        record_tear_down(&own);
    }
    signal(SIGXFSZ, SIG_DFL);
}

static void goes_on_when_a_full_disk_has_room_again(void **state)
{
    const struct record *record = *state;
    static uint8_t filler[RECORD_FILE_MAX];
    struct record disk = *record;

    if (unshare(CLONE_NEWNS) || mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
        mount("tmpfs", record->path, "tmpfs", 0, "size=160k"))
        skip();
    disk.fd = open(record->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct journal *journal = record_open(&disk, "ep4");
    append(journal, 0, RECORD_START);
    sync_at(journal, RECORD_START);
    record_store(&disk, "filler", filler, 128 * 1024);

    int failed = 0;
    size_t n = 1;
    for (; n < 2000 && !failed; n++)
        failed = record_append(journal, n, RECORD_START + SECONDS(1));
    assert_int_equal(failed, -ENOSPC);
    record_remove(&disk, "filler");
    struct verified verified = record_verify(&disk);
    is_cut_back(&disk, &verified);
    assert_int_equal(verified.totals.packets, 1);

    append(journal, n, RECORD_START + SECONDS(2));
    end_and_free(journal, RECORD_START + SECONDS(2));
    verified = record_verify(&disk);
    assert_int_equal(verified.totals.bad, 0);
    assert_int_equal(verified.totals.packets, 2);
    close(disk.fd);
    umount2(record->path, MNT_DETACH);
}

#define RECORD_TEST(name) cmocka_unit_test_setup_teardown(name, record_set_up, record_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RECORD_TEST(makes_nothing_before_the_first_packet),
        RECORD_TEST(says_what_is_durable_and_only_that),
        RECORD_TEST(writes_packets_that_the_reader_gives_back),
        RECORD_TEST(opens_a_file_with_each_minute),
        RECORD_TEST(closes_the_minute_of_a_source_that_fell_silent),
        RECORD_TEST(keeps_the_order_of_files_when_the_clock_is_set_back),
        RECORD_TEST(keeps_every_packet_in_order_whatever_the_clock_does),
        RECORD_TEST(ends_a_file_of_too_many_steps),
        RECORD_TEST(continues_after_an_orderly_end),
        RECORD_TEST(continues_after_a_crash_without_touching_what_is_there),
        RECORD_TEST(keeps_what_was_durable_when_it_is_killed),
        RECORD_TEST(continues_a_file_in_which_nothing_became_durable),
        RECORD_TEST(records_on_after_a_file_that_someone_changed),
        RECORD_TEST(continues_after_a_line_of_the_sidecar_was_torn),
        RECORD_TEST(refuses_a_second_journal_of_a_group),
        RECORD_TEST(refuses_what_is_over_its_limits),
        cmocka_unit_test(keeps_every_durable_packet_wherever_a_write_fails),
        RECORD_TEST(goes_on_when_a_full_disk_has_room_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
