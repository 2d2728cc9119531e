/* Between pulls.c, where organisations wait for batches, and pulls_given.c, which knows again what
 * they were given. */
#ifndef ASSIZE_SERVER_EXCHANGE_PULLS_INTERNAL_H
#define ASSIZE_SERVER_EXCHANGE_PULLS_INTERNAL_H

#include "base/table.h"
#include "db/exchange_store.h"
#include "server/exchange/pulls.h"
#include "server/exchange/signer.h"

/* A batch that was given, as its receipt has to name it. */
struct given {
    uint64_t batch_no; /* 0: none */
    uint8_t hash[SHA256_BYTES];
    uint8_t root[SHA256_BYTES];
};

/* One organisation that pulls, or watches. Kept until the end. */
struct pull {
    struct pulls *pulls;
    struct exchange_source source;
    struct net_call *call;     /* waits for a batch */
    struct net_stream *stream; /* the other way to wait; neither: nobody does */
    bool unanswered;           /* a batch is in the stream, whose receipt is not here yet */
    uint64_t cursor;
    int64_t until_ms; /* monotonic: of a call its end, of a stream the next word */
    bool known;       /* the database has said since the last call that it may call */
    bool looking;     /* the database is asked; what it says is for the call of that moment */
    bool changed;     /* another call came since */
    bool expecting;   /* a change for it is under way, or came while looking */
    struct given pulled;
    struct given resent;
    UT_hash_handle hh;
};

struct pulls {
    struct db *db;
    const char *organisation;
    struct credentials *credentials;
    contact_callback contact;
    void *context;
    struct signer *signer; /* NULL until the key could be read */
    unsigned version;      /* of the credentials that those who wait came under */
    struct pull *all;      /* by code */
    int waiting;
    int watching;     /* of those who wait */
    uv_timer_t sweep; /* while anybody waits */
    uint64_t given;
    uint64_t receipts;
    uint64_t rejections;
};
/* NULL: it has neither waited nor been given anything since the start. */
struct pull *pulls_find(struct pulls *pulls, const char *code);

/* Who it is that calls, and from where on; or why not. */
enum refusal pulls_caller(struct pulls *pulls, const struct net_call *call, const char *claimed,
                          uint64_t cursor, struct exchange_source *ret_source,
                          struct pull **ret_pull);

/* Signs a batch and answers with it, into the stream when call is NULL; given is what its receipt
 * is to name. */
void pulls_give(struct pull *pull, struct net_call *call, const struct exchange_batch *taken,
                struct given *given);

void pulls_answer_empty(struct net_call *call);

/* Tells whoever shows it. */
void pulls_tell(const struct pull *pull, enum contact contact);

/* Asks the database what there is for it: whether it still may have anything, and what. One batch
 * is on its way at a time. */
void pulls_look(struct pull *pull);

/* The methods of pulls_given.c. */
void pulls_resend(struct pulls *pulls, struct net_call *call);
void pulls_ack(struct pulls *pulls, struct net_call *call);

#endif
