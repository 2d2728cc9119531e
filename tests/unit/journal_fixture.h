/*
 * A record in a folder of its own, a journal to write it with, and what verify says of it. Used by
 * the test_journal* programs.
 */
#ifndef ASSIZE_TESTS_UNIT_JOURNAL_FIXTURE_H
#define ASSIZE_TESTS_UNIT_JOURNAL_FIXTURE_H

#include <stdbool.h>

#include "base/clock.h"
#include "media/journal/journal.h"

enum { RECORD_PATH_SIZE = 160, FINDINGS_MAX = 16, RECORD_FILE_MAX = 200000 };

#define RECORD_HEARING "0193a5f0-7b7c-7000-8000-000000000001"
#define RECORD_START   (INT64_C(1795254130) * CLOCK_NS_PER_S) /* 2026-11-21T09:42:10Z */
#define SECONDS(n)     ((int64_t)(n)*CLOCK_NS_PER_S)

struct record {
    char path[RECORD_PATH_SIZE]; /* of the folder */
    int fd;
};

/* cmocka set-up and tear-down; *state is the record. */
int record_set_up(void **state);
int record_tear_down(void **state);

/* A journal of the tracks "audio" and "video". */
struct journal *record_open(const struct record *record, const char *group);
/* Packet number n, made from its number: odd ones are RTCP of the audio track. */
struct pcapng_packet record_packet(size_t n, int64_t wall_ns, uint8_t bytes[static 64]);
int record_append(struct journal *journal, size_t n, int64_t wall_ns)
    __attribute__((warn_unused_result));

struct verified {
    struct verify_totals totals;
    size_t count; /* of findings; the first FINDINGS_MAX are kept */
    struct {
        char path[RECORD_PATH_SIZE];
        struct fit fit;
    } findings[FINDINGS_MAX];
    size_t steps;
    char stem[NAME_STEM_SIZE]; /* of the last step */
    struct chain_step last;
};

struct verified record_verify(const struct record *record);

/* Files by their path in the hearing's folder, up to RECORD_FILE_MAX bytes. */
size_t record_load(const struct record *record, const char *path, uint8_t *out);
void record_store(const struct record *record, const char *path, const uint8_t *data, size_t len);
/* To read and write in place. */
int record_open_file(const struct record *record, const char *path);
void record_move(const struct record *record, const char *from, const char *to);
void record_remove(const struct record *record, const char *path);

#endif
