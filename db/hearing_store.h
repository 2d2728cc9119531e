/*
 * Hearings, their rosters and their events. hearing_event is append-only and hash-chained:
 *
 *     hash = SHA-256(prev_hash | seq, 8 bytes big-endian | at_ms, 8 bytes big-endian | body)
 *
 * with 32 zero bytes before the first. Bodies are packed assize.hearing.v1.Event and hold ids only.
 * What people write stands in hearing_words, where it can be erased.
 */
#ifndef ASSIZE_DB_HEARING_STORE_H
#define ASSIZE_DB_HEARING_STORE_H

#include "assize/hearing/v1/hearing.pb-c.h"
#include "base/id.h"
#include "base/limits.h"
#include "base/sha256.h"
#include "db/db.h"

/* clang-format off */
#define HEARING_STORE_LIMITS(L) \
    L(HEARING_STORE_WORDS_MAX, 256, "texts", "that people wrote in one hearing, newest, held in memory for those who may read them")
/* clang-format on */
LIMITS(HEARING_STORE_LIMITS);

enum { HEARING_NAME_SIZE = 256, HEARING_PROCEDURE_SIZE = 64 };

struct hearing_store_site {
    uint32_t id;
    Assize__Hearing__V1__SiteKind kind;
    char name[HEARING_NAME_SIZE];
};
struct hearing_store_endpoint {
    uint32_t id;
    uint32_t site;
    Assize__Hearing__V1__EndpointKind kind;
};
struct hearing_store_participant {
    uint32_t id;
    Assize__Hearing__V1__Role role;
    uint32_t endpoint;
    uint32_t companion;
    char name[HEARING_NAME_SIZE];
    bool under_18;
};
/* From the start; the participant is the protected one. */
struct hearing_store_screen {
    uint32_t participant;
    uint32_t from;
    bool sound;
};
struct hearing_store_event {
    uint64_t seq;
    int64_t at_ms;
    const uint8_t *body;
    size_t len;
    bool has_words; /* appending: the words that come with it stand under it */
};
struct hearing_store_words {
    uint64_t seq;
    const char *words;
};
/* A command already committed: what a retry with the same id is answered. */
struct hearing_store_command {
    char command_id[ID_UUID_SIZE];
    uint8_t digest[SHA256_BYTES]; /* of the command without its seen_seq, and its actor: a reused id
                                     shows */
    uint64_t last_seq;
};

/* Everything of one hearing, valid during the callback. */
struct hearing_record {
    char id[ID_UUID_SIZE];
    char case_number[HEARING_NAME_SIZE];
    char title[HEARING_NAME_SIZE];
    char court[HEARING_NAME_SIZE];
    char procedure[HEARING_PROCEDURE_SIZE];
    int64_t scheduled_ms;
    const struct hearing_store_site *sites;
    const struct hearing_store_endpoint *endpoints;
    const struct hearing_store_participant *participants;
    const struct hearing_store_screen *screens;
    const struct hearing_store_event *events; /* in seq order, the chain checked */
    const struct hearing_store_command *commands;
    const struct hearing_store_words *words; /* in seq order, the newest that are not erased */
    size_t site_count, endpoint_count, participant_count, screen_count, event_count, command_count,
        words_count;
    uint8_t head[SHA256_BYTES]; /* hash of the last event, or zeros */
};

/* error: 0, -ENOENT (none, or cancelled), -EAGAIN, -EBADMSG (the chain does not fit; the hearing
 * must not be served). record NULL on error. */
typedef void (*hearing_load_callback)(void *context, int error,
                                      const struct hearing_record *record);
void hearing_store_load(struct db *db, const char *hearing, hearing_load_callback callback,
                        void *context);

/* What the events mean for the case; written with its outbox row (db/exchange_store.h). */
struct hearing_case_change {
    char change_id[ID_UUID_SIZE];
    const char *status;     /* a word of court_case.status */
    const uint8_t *payload; /* a packed assize.exchange.v1.CaseChange */
    size_t len;
};

struct hearing_append {
    const char *hearing;
    uint64_t expected_seq; /* of the last event the writer knows */
    const uint8_t *prev_hash;
    const char *command_id; /* or NULL: the server's own, not kept */
    const uint8_t *digest;  /* SHA256_BYTES, with command_id */
    uint32_t actor;
    const struct hearing_store_event *events;
    size_t count;
    const struct hearing_case_change *change; /* or NULL */
    const char *words;                        /* of the events that have them, or NULL */
};
/*
 * All events, their words, the command id and the change of the case, or nothing, in one
 * transaction. error: 0 with the new head; -EEXIST (someone else wrote: load again); -EAGAIN
 * (unknown: load again before deciding anything); -ENOSPC.
 */
typedef void (*hearing_append_callback)(void *context, int error, const uint8_t head[SHA256_BYTES]);
void hearing_store_append(struct db *db, const struct hearing_append *append,
                          hearing_append_callback callback, void *context);

/* The suspended hearings, in the order they were suspended in. error: 0 or -EAGAIN, -EINVAL. Ids
 * are valid during the callback. */
typedef void (*hearing_suspended_callback)(void *context, int error, const char *const *hearings,
                                           size_t count);
void hearing_store_suspended(struct db *db, hearing_suspended_callback callback, void *context);

/* The hash of one event, for the store, verify and tests. */
void hearing_store_hash(const uint8_t prev[static SHA256_BYTES],
                        const struct hearing_store_event *event, uint8_t out[static SHA256_BYTES]);

#endif
