/*
 * What a court's sender talks to, as models: its key, its database, its ways and the centre at
 * their end. Nothing is answered before the test says so. Used by test_exchange_sender.c; instead
 * of server/net and db/exchange_store.c.
 */
#ifndef ASSIZE_TESTS_UNIT_SENDER_FIXTURE_H
#define ASSIZE_TESTS_UNIT_SENDER_FIXTURE_H

#include <openssl/evp.h>

#include "server/exchange/sender.h"

enum { FULL = EXCHANGE_RECORDS_MAX, QUESTIONS_MAX = 16, BATCHES_MAX = 256 };

/* ---- the credentials ---- */

extern EVP_PKEY *keys[2]; /* in turn */
extern unsigned key_version;

/* ---- the court's database ---- */

enum question_kind { TAKE, KEEP, SLEEP };

struct question {
    enum question_kind kind;
    uint64_t cursor, sent; /* of a take */
    uint64_t batch_no;     /* of a receipt */
    union {
        exchange_take_callback take;
        exchange_done_callback done;
        exchange_sleep_callback sleep;
    } callback;
    void *context;
};

struct court_model {
    struct question questions[QUESTIONS_MAX]; /* in the order in which they are answered */
    int asked;
    size_t waiting;             /* records in no batch */
    int tidied;                 /* so often what they left behind was cleared away */
    size_t counts[BATCHES_MAX]; /* of each batch that was made */
    uint64_t made;
    bool answered[BATCHES_MAX];               /* batches; that before the first is */
    uint8_t roots[BATCHES_MAX][SHA256_BYTES]; /* of those that are answered */
};
extern struct court_model court;
/* The connection that is tidied on, and on no other. */
extern struct db *const tidy_db;

/* The last batch with a receipt. */
uint64_t top_answered(void);
/* The oldest, with this error or as it is. */
void answer_question(int error);
/* Each, and those that follow from their answers. */
void answer_questions(void);

/* ---- the ways, and the centre at their end ---- */

struct net_client {
    bool calling;
    bool opening; /* else a push: */
    uint64_t batch_no;
    uint8_t hash[SHA256_BYTES], root[SHA256_BYTES], prev_root[SHA256_BYTES], key_id[SHA256_BYTES];
    bool done; /* it was with the centre, which said: */
    enum refusal said;
    net_client_callback callback;
    void *context;
};
extern struct net_client ways[SENDER_WAYS];

struct center_model {
    uint64_t cursor;
    uint8_t roots[BATCHES_MAX][SHA256_BYTES];
};
extern struct center_model center;

/* The call arrives, and the centre does with it what it does. */
void arrive(struct net_client *client);
/* Its answer. */
void come_back(struct net_client *client);
void go_and_come_back(struct net_client *client);
/* There is no answer. */
void break_off(struct net_client *client);

#endif
