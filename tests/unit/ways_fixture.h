/* A court's database and a centre's, and batches as bytes between them. */
#ifndef ASSIZE_TESTS_UNIT_WAYS_FIXTURE_H
#define ASSIZE_TESTS_UNIT_WAYS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "server/exchange/batch.h"
#include "server/net/net.h"
#include "tests/unit/cluster.h"
#include "tests/unit/signer_fixture.h"

#define COURT  "VN.TOA1"
#define CENTER "CENTER"

enum { REASON_SIZE = 64 };

/* One of the two: its database, and how it is known to the other. */
struct side {
    struct cluster cluster;
    struct client client;
    struct exchange_source source;
};

static struct side court, center;
static struct signer *signer;

static inline void run(struct side *side, const char *sql)
{
    assert_int_equal(cluster_script(&side->cluster, sql), 0);
}

static inline long number(struct side *side, const char *sql)
{
    return cluster_number(&side->cluster, sql);
}

/* ---- a batch on its way ---- */

struct parcel {
    struct buf packed;
    uint64_t batch_no; /* 0: there was nothing to send */
    uint8_t root[SHA256_BYTES];
    const char *target;
    const char *source;
    bool told;
};

static inline void pack_taken(void *context, int error, const struct exchange_batch *taken)
{
    struct parcel *parcel = context;

    assert_int_equal(error, 0);
    parcel->told = true;
    if (!taken)
        return;
    struct exchange_batch batch = *taken;
    batch.target = *parcel->target ? parcel->target : NULL;
    assert_int_equal(batch_write(&batch, parcel->source, signer, &parcel->packed), 0);
    parcel->batch_no = batch.batch_no;
    memcpy(parcel->root, batch.root, SHA256_BYTES);
}

static inline struct parcel take(struct side *from, const char *target, uint64_t cursor)
{
    struct parcel parcel = {.target = target, .source = from->source.code};

    buf_init(&parcel.packed, NET_BODY_MAX);
    client_awake(&from->client);
    exchange_store_take(from->client.db, target, cursor, pack_taken, &parcel);
    client_wait(&from->client, &parcel.told);
    return parcel;
}

/* A receipt, as it is kept by who sent the batch. */
struct answer {
    bool told;
    enum refusal refusal;
    char receipt[ID_UUID_SIZE];
    uint64_t cursor;
    size_t rejections;
    char reason[REASON_SIZE]; /* of the first */
    struct side *keeper;      /* NULL: it is lost */
    const struct parcel *parcel;
    bool kept;
};

static inline void take_kept(void *context, int error)
{
    assert_int_equal(error, 0);
    *(bool *)context = true;
}

static inline void take_receipt(void *context, int error, enum refusal refusal,
                                const Assize__Exchange__V1__Receipt *receipt,
                                const struct exchange_after *after)
{
    struct answer *answer = context;

    (void)after;
    assert_int_equal(error, 0);
    answer->told = true;
    answer->refusal = refusal;
    if (!receipt)
        return;
    snprintf(answer->receipt, sizeof(answer->receipt), "%s", receipt->receipt_id);
    answer->cursor = receipt->cursor;
    answer->rejections = receipt->n_rejections;
    if (receipt->n_rejections)
        snprintf(answer->reason, sizeof(answer->reason), "%s", receipt->rejections[0]->reason);
    if (answer->keeper)
        exchange_store_answered(answer->keeper->client.db, answer->parcel->target, receipt,
                                answer->parcel->root, take_kept, &answer->kept);
}

static inline struct answer deliver(const struct parcel *parcel, struct side *to,
                                    const struct exchange_source *source, struct side *keeper)
{
    struct answer answer = {.keeper = keeper, .parcel = parcel};
    struct batch_received received;
    struct arena arena;

    arena_init(&arena, batch_arena_max(parcel->packed.len));
    assert_true(
        batch_read(&arena, parcel->packed.data, parcel->packed.len, clock_wall_ms(), &received));
    client_awake(&to->client);
    if (keeper)
        client_awake(&keeper->client);
    exchange_store_apply(to->client.db, source, &received.batch, take_receipt, &answer);
    client_wait(&to->client, &answer.told);
    if (keeper)
        client_wait(&keeper->client, &answer.kept);
    arena_done(&arena);
    return answer;
}

static inline uint64_t cursor_of(struct side *at, const char *code)
{
    char sql[96];

    snprintf(sql, sizeof(sql), "SELECT cursor FROM organisation WHERE code = '%s'", code);
    return (uint64_t)number(at, sql);
}

/* The next batch of the court's, or of the centre's for it. False: there was none. */
static inline bool carry_as(bool to_center, uint64_t cursor, bool lost, struct answer *ret_answer)
{
    struct side *from = to_center ? &court : &center, *to = to_center ? &center : &court;
    struct parcel parcel = take(from, to_center ? "" : COURT, cursor);

    if (parcel.batch_no)
        *ret_answer = deliver(&parcel, to, &from->source, lost ? NULL : from);
    buf_done(&parcel.packed);
    return parcel.batch_no > 0;
}

static inline struct answer carry(bool to_center, bool lost)
{
    struct answer answer;

    assert_true(carry_as(to_center,
                         cursor_of(to_center ? &center : &court, to_center ? COURT : CENTER), lost,
                         &answer));
    assert_int_equal(answer.refusal, REFUSAL_NONE);
    return answer;
}

static inline void settle(bool to_center)
{
    struct answer answer;

    while (carry_as(to_center, cursor_of(to_center ? &center : &court, to_center ? COURT : CENTER),
                    false, &answer))
        assert_int_equal(answer.refusal, REFUSAL_NONE);
}

#endif
