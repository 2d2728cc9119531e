/*
 * The exchange's tables: the outbox of either side, and what it has received. Rows are written by
 * functions of the schema, each in one transaction: hearing_append (with the hearing's events),
 * outbox_take, outbox_answered, exchange_apply. Used by server/exchange.
 */
#ifndef ASSIZE_DB_EXCHANGE_STORE_H
#define ASSIZE_DB_EXCHANGE_STORE_H

#include "assize/exchange/v1/exchange.pb-c.h"
#include "base/errors.h"
#include "base/person_key.h"
#include "base/sha256.h"
#include "db/db.h"

/* clang-format off */
#define EXCHANGE_LIMITS(L) \
    L(EXCHANGE_RECORDS_MAX, 500, "records", "one batch, with those that it sets free; more go on by as many at a time") \
    L(EXCHANGE_BATCH_BYTES, (4 << 20) - (64 << 10), "bytes", "one batch to a centre, as it is gathered") \
    L(EXCHANGE_ANSWER_BYTES, 512 << 10, "bytes", "one batch of a centre, as it is gathered") \
    L(EXCHANGE_NOTICE_MAX, 8192, "bytes", "one notice") \
    L(EXCHANGE_KEY_MAX, 64, "characters", "the key of a case, or the type of a record") \
    L(EXCHANGE_PAYLOAD_MAX, 1 << 20, "bytes", "the payload of one record") \
    L(EXCHANGE_BASIS_MAX, 400, "bytes", "the legal basis of a redaction") \
    L(EXCHANGE_CONTEXT_MAX, 4096, "bytes", "what its envelope says beyond its place") \
    L(EXCHANGE_OFFLINE_S_MAX, 604800, "seconds", "that a court may be taken off the line at once") \
    L(EXCHANGE_WHY_MAX, 200, "characters", "why it is") \
    L(EXCHANGE_WHO_MAX, 32, "characters", "the login of who did it") \
    L(EXCHANGE_FUTURE_MS, 300000, "ms", "that a record, and what it says has happened, may be ahead of the clock of who receives it")
/* clang-format on */
LIMITS(EXCHANGE_LIMITS);

enum { EXCHANGE_SOURCE_SIZE = 36 };

/* What was read from a record that arrived. Words, which hold nothing to be quoted, or NULL. */
struct exchange_facts {
    const char *fault; /* why it is rejected in its turn */
    const char *entity;
    const char *public_id;
    const char *status; /* as court_case has it */
    int64_t valid_from_ms, valid_to_ms;
    bool has_valid_from, has_valid_to;
    uint64_t corrects;                        /* 0: none */
    const char *addressee;                    /* of a notice that is to go on: the court */
    const char *reason;                       /* of a rejection; of a redaction, the legal basis */
    uint64_t about;                           /* number of the record that it is of */
    char personal_number[PERSON_NUMBER_SIZE]; /* of a party, or "" */
    bool named;                               /* by which the party is found from now on: */
    uint8_t person[PERSON_IDENT_BYTES];
};

struct exchange_batch {
    uint64_t batch_no;
    size_t count;
    Assize__Exchange__V1__Record **records;
    uint8_t prev_root[SHA256_BYTES];
    const char *target; /* organisation it is for; NULL: the centre */
    /* Of what arrived only: */
    uint8_t root[SHA256_BYTES];
    uint8_t hash[SHA256_BYTES];
    struct exchange_facts *facts; /* one a record */
    ProtobufCBinaryData header;   /* what is signed */
    ProtobufCBinaryData signature;
    uint8_t key_id[SHA256_BYTES]; /* of the key that checks it */
    const char *road;             /* of its call (net_call_road), or NULL */
};

/* ---- sending ---- */

/*
 * The batch that target (an organisation; "": a court's centre), which has taken all up to cursor,
 * is to get next; rows that are in no batch yet become one. NULL: there is nothing to send.
 */
typedef void (*exchange_take_callback)(void *context, int error,
                                       const struct exchange_batch *batch);
void exchange_store_take(struct db *db, const char *target, uint64_t cursor,
                         exchange_take_callback callback, void *context);
/* The batch after one that is on its way and has no answer yet; its prev_root is that one's root,
 * which the caller knows. */
void exchange_store_take_after(struct db *db, const char *target, uint64_t sent,
                               exchange_take_callback callback, void *context);

/*
 * Nothing was there to take: whoever writes from now on notifies us (db_ops.notified). asleep
 * false: somebody is writing at this moment and could not know; look again soon. Once asleep, look
 * once more, for what was committed before.
 */
typedef void (*exchange_sleep_callback)(void *context, int error, bool asleep);
void exchange_store_sleep(struct db *db, exchange_sleep_callback callback, void *context);
/* Nobody needs to notify us: it costs whoever writes a lock that lets one commit at a time. */
void exchange_store_wake(struct db *db);
/* What was taken leaves rows behind that each look at what waits would walk over: they are cleared
 * away. Waits for nobody, but takes the db a while. */
void exchange_store_tidy(struct db *db);

/* Keeps the target's receipt in the rows of its batch, whose tree has this root. */
typedef void (*exchange_done_callback)(void *context, int error);
void exchange_store_answered(struct db *db, const char *target,
                             const Assize__Exchange__V1__Receipt *receipt,
                             const uint8_t root[static SHA256_BYTES],
                             exchange_done_callback callback, void *context);

/* The outcome of a hearing on its way. */
typedef void (*exchange_status_callback)(void *context, int error,
                                         const Assize__Exchange__V1__SyncStatus *status);
void exchange_store_status(struct db *db, const char *hearing, exchange_status_callback callback,
                           void *context);

/* ---- whether the centre may be called ---- */

/* This court is off the line, by its operator's word. By the wall clock. */
struct exchange_disconnection {
    int64_t began_ms, until_ms;
    int64_t left_ms; /* by the database's clock */
    const char *who;
    const char *why;
};

/* What holds now; NULL: nothing does. Texts last as long as the callback. */
typedef void (*exchange_line_callback)(void *context, int error,
                                       const struct exchange_disconnection *held);
/* From now on EXCHANGE_LINE_CHANNEL is notified of a change (db_ops.notified). Asked again when the
 * database was away. */
void exchange_store_follow_line(struct db *db, exchange_line_callback callback, void *context);
void exchange_store_line(struct db *db, exchange_line_callback callback, void *context);
#define EXCHANGE_LINE_CHANNEL "exchange_line"

/* ---- receiving ---- */

/* Who sends: an organisation's code, and the SHA-256 of its certificate's public key. */
struct exchange_source {
    char code[EXCHANGE_SOURCE_SIZE];
    uint8_t spki[SHA256_BYTES];
};

/* The cursor of a source, or REFUSAL_ORGANISATION_UNKNOWN. */
typedef void (*exchange_open_callback)(void *context, int error, enum refusal refusal,
                                       uint64_t cursor);
void exchange_store_open(struct db *db, const struct exchange_source *source,
                         exchange_open_callback callback, void *context);
/* The same of a court's centre, which is known from now on when it was not. */
void exchange_store_meet(struct db *db, const struct exchange_source *center,
                         exchange_open_callback callback, void *context);

/* What a change that is committed asks for; valid during the callback. */
struct exchange_after {
    const char *told; /* organisations that the outbox has more for, words apart by blanks */
    bool again;       /* it was taken in before */
    bool due;         /* more waits in held for nothing any more: exchange_store_go_on */
    const char
        *failed; /* "" or, of exchange_store_go_on: source, case and SQLSTATE of what did not */
};

/*
 * Takes a whole batch in, whose fields are all there and within the limits
 * (server/exchange/batch.h). The receipt is valid during the callback; NULL with a refusal
 * (ORGANISATION_UNKNOWN, BATCH_GAP, BATCH_CHAIN), as is after. Error -EMSGSIZE: the receipt is
 * longer than any may be.
 */
typedef void (*exchange_apply_callback)(void *context, int error, enum refusal refusal,
                                        const Assize__Exchange__V1__Receipt *receipt,
                                        const struct exchange_after *after);
void exchange_store_apply(struct db *db, const struct exchange_source *source,
                          const struct exchange_batch *batch, exchange_apply_callback callback,
                          void *context);

/* Of all sources, now. */
enum { EXCHANGE_HELD_TOLD_MAX = 10000 };
struct exchange_totals {
    int64_t in_effect;
    int64_t held;     /* that wait; EXCHANGE_HELD_TOLD_MAX: that many or more */
    int64_t rejected; /* with their batch or in a later turn, and not corrected yet */
};
/* totals is NULL on error. */
typedef void (*exchange_totals_callback)(void *context, int error,
                                         const struct exchange_totals *totals);
void exchange_store_totals(struct db *db, exchange_totals_callback callback, void *context);

/* One case that is due goes on, by EXCHANGE_RECORDS_MAX records at most; when it fails, others go
 * on before it does again, not within a minute. after is NULL on error. */
typedef void (*exchange_go_on_callback)(void *context, int error,
                                        const struct exchange_after *after);
void exchange_store_go_on(struct db *db, exchange_go_on_callback callback, void *context);

#endif
