#include "tests/unit/journal_fixture.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/str.h"

int record_set_up(void **state)
{
    struct record *record = calloc(1, sizeof(*record));

    assert_non_null(record);
    /* In memory where that is to be had: the tests take thousands of durable steps. */
    snprintf(record->path, sizeof(record->path), "%s/assize-record-XXXXXX",
             access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
    assert_non_null(mkdtemp(record->path));
    record->fd = open(record->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(record->fd >= 0);
    *state = record;
    return 0;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *at)
{
    (void)info;
    (void)type;
    (void)at;
    return remove(path);
}

int record_tear_down(void **state)
{
    struct record *record = *state;

    close(record->fd);
    assert_int_equal(nftw(record->path, remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
    free(record);
    return 0;
}

struct journal *record_open(const struct record *record, const char *group)
{
    static const char *const tracks[] = {"audio", "video"};
    const struct journal_config config = {record->fd, RECORD_HEARING, group, "boot-1", tracks, 2};
    struct journal *journal = NULL;

    assert_int_equal(journal_new(&config, &journal), 0);
    return journal;
}

struct pcapng_packet record_packet(size_t n, int64_t wall_ns, uint8_t bytes[static 64])
{
    for (size_t i = 0; i < 64; i++)
        bytes[i] = (uint8_t)(n * 7 + i);
    return (struct pcapng_packet){
        .track = n % 2 ? 0 : n / 2 % 2,
        .kind = n % 2 ? PCAPNG_RTCP : PCAPNG_RTP,
        .wall_ns = wall_ns,
        .data = bytes,
        .len = 12 + n % 50,
    };
}

int record_append(struct journal *journal, size_t n, int64_t wall_ns)
{
    uint8_t bytes[64];
    struct pcapng_packet packet = record_packet(n, wall_ns, bytes);

    return journal_append(journal, &packet, wall_ns - RECORD_START + SECONDS(100000));
}

static void take_step(void *context, const char *group, const char *stem,
                      const struct chain_step *step)
{
    struct verified *verified = context;

    (void)group;
    verified->steps++;
    verified->last = *step;
    str_copy(verified->stem, sizeof(verified->stem), stem);
}

static void take_finding(void *context, const char *path, const struct fit *fit)
{
    struct verified *verified = context;

    size_t n = verified->count++;

    assert_non_null(fit->why);
    if (n >= FINDINGS_MAX)
        return;
    str_copy(verified->findings[n].path, RECORD_PATH_SIZE, path);
    verified->findings[n].fit = *fit;
}

struct verified record_verify(const struct record *record)
{
    static const struct verify_ops ops = {take_step, take_finding};
    struct verified verified = {0};

    assert_int_equal(verify_hearing(record->fd, RECORD_HEARING, &ops, &verified, &verified.totals),
                     0);
    assert_int_equal(verified.totals.torn + verified.totals.bad, verified.count);
    return verified;
}

static const char *in_hearing(const char *path)
{
    static char joined[RECORD_PATH_SIZE];

    snprintf(joined, sizeof(joined), "%s/%s", RECORD_HEARING, path);
    return joined;
}

int record_open_file(const struct record *record, const char *path)
{
    int fd = openat(record->fd, in_hearing(path), O_RDWR | O_CLOEXEC);

    assert_true(fd >= 0);
    return fd;
}

size_t record_load(const struct record *record, const char *path, uint8_t *out)
{
    int fd = openat(record->fd, in_hearing(path), O_RDONLY | O_CLOEXEC);

    assert_true(fd >= 0);
    ssize_t got = read(fd, out, RECORD_FILE_MAX);
    assert_true(got >= 0 && got < RECORD_FILE_MAX);
    close(fd);
    return (size_t)got;
}

void record_store(const struct record *record, const char *path, const uint8_t *data, size_t len)
{
    int fd = openat(record->fd, in_hearing(path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, len), len);
    close(fd);
}

void record_move(const struct record *record, const char *from, const char *to)
{
    char source[RECORD_PATH_SIZE];

    str_copy(source, sizeof(source), in_hearing(from));
    assert_int_equal(renameat(record->fd, source, record->fd, in_hearing(to)), 0);
}

void record_remove(const struct record *record, const char *path)
{
    assert_int_equal(unlinkat(record->fd, in_hearing(path), 0), 0);
}
