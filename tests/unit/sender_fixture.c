#include "tests/unit/sender_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "proto/codec.h"
#include "server/net/credentials.h"

/* ---- the credentials ---- */

EVP_PKEY *keys[2];
unsigned key_version;

unsigned credentials_version(struct credentials *credentials)
{
    (void)credentials;
    return key_version;
}

EVP_PKEY *credentials_key(const struct credentials *credentials)
{
    (void)credentials;
    return keys[key_version % 2];
}

/* ---- the court's database ---- */

struct court_model court;

static void ask(struct question question)
{
    assert_true(court.asked < QUESTIONS_MAX);
    court.questions[court.asked++] = question;
}

void exchange_store_take(struct db *db, const char *target, uint64_t cursor,
                         exchange_take_callback callback, void *context)
{
    (void)db;
    assert_string_equal(target, "");
    ask((struct question){
        .kind = TAKE, .cursor = cursor, .callback.take = callback, .context = context});
}

void exchange_store_take_after(struct db *db, const char *target, uint64_t sent,
                               exchange_take_callback callback, void *context)
{
    (void)db;
    assert_string_equal(target, "");
    ask((struct question){
        .kind = TAKE, .cursor = sent, .sent = sent, .callback.take = callback, .context = context});
}

void exchange_store_sleep(struct db *db, exchange_sleep_callback callback, void *context)
{
    (void)db;
    ask((struct question){.kind = SLEEP, .callback.sleep = callback, .context = context});
}

void exchange_store_wake(struct db *db)
{
    (void)db;
}

struct db *const tidy_db = (struct db *)&court;

void exchange_store_tidy(struct db *db)
{
    assert_ptr_equal(db, tidy_db);
    court.tidied++;
}

uint64_t top_answered(void)
{
    uint64_t top = 0;

    for (uint64_t i = 1; i <= court.made; i++)
        top = court.answered[i] ? i : top;
    return top;
}

/* A batch with a receipt stands for all before it, so none may be without one. */
void exchange_store_answered(struct db *db, const char *target,
                             const Assize__Exchange__V1__Receipt *receipt,
                             const uint8_t root[static SHA256_BYTES],
                             exchange_done_callback callback, void *context)
{
    (void)db;
    assert_string_equal(target, "");
    assert_true(receipt->batch_no <= top_answered() + 1);
    memcpy(court.roots[receipt->batch_no], root, SHA256_BYTES);
    ask((struct question){.kind = KEEP,
                          .batch_no = receipt->batch_no,
                          .callback.done = callback,
                          .context = context});
}

static void give_batch(const struct question *question, uint64_t batch_no)
{
    static Assize__Exchange__V1__Record record = ASSIZE__EXCHANGE__V1__RECORD__INIT;
    static Assize__Exchange__V1__Record *records[FULL];
    struct exchange_batch batch = {
        .batch_no = batch_no, .count = court.counts[batch_no], .records = records};

    for (int i = 0; i < FULL; i++)
        records[i] = &record;
    if (court.answered[batch_no - 1])
        memcpy(batch.prev_root, court.roots[batch_no - 1], SHA256_BYTES);
    question->callback.take(question->context, 0, &batch);
}

/* As outbox_take does. */
static void answer_take(const struct question *question)
{
    uint64_t top = top_answered(), wanted = question->cursor < top ? question->cursor : top;

    wanted = (wanted > question->sent ? wanted : question->sent) + 1;
    if (wanted > court.made && court.waiting) {
        size_t count = court.waiting < FULL ? court.waiting : FULL;
        assert_true(court.made + 1 < BATCHES_MAX);
        court.counts[++court.made] = count;
        court.waiting -= count;
    }
    if (wanted <= court.made)
        give_batch(question, wanted);
    else
        question->callback.take(question->context, 0, NULL);
}

void answer_question(int error)
{
    struct question question = court.questions[0];

    assert_true(court.asked > 0);
    court.asked--;
    memmove(court.questions, court.questions + 1, (size_t)court.asked * sizeof(question));
    if (question.kind == TAKE && error) {
        question.callback.take(question.context, error, NULL);
    } else if (question.kind == TAKE) {
        answer_take(&question);
    } else if (question.kind == KEEP) {
        court.answered[question.batch_no] |= !error;
        question.callback.done(question.context, error);
    } else {
        question.callback.sleep(question.context, error, !error);
    }
}

void answer_questions(void)
{
    while (court.asked)
        answer_question(0);
}

/* ---- the ways, and the centre at their end ---- */

struct net_client ways[SENDER_WAYS];
struct center_model center;

static void read_push(struct net_client *client, const uint8_t *body, size_t len)
{
    struct arena arena;

    arena_init(&arena, codec_arena_max(len));
    const Assize__Exchange__V1__Batch *batch =
        codec_unpack(&assize__exchange__v1__batch__descriptor, &arena, body, len);
    assert_non_null(batch);
    const Assize__Exchange__V1__BatchHeader *header =
        codec_unpack(&assize__exchange__v1__batch_header__descriptor, &arena, batch->header.data,
                     batch->header.len);
    assert_non_null(header);
    client->batch_no = header->batch_no;
    assert_int_equal(header->count, court.counts[header->batch_no]);
    sha256(batch->header.data, batch->header.len, client->hash);
    memcpy(client->root, header->merkle_root.data, SHA256_BYTES);
    memcpy(client->prev_root, header->prev_root.data, SHA256_BYTES);
    memcpy(client->key_id, header->key_id.data, SHA256_BYTES);
    arena_done(&arena);
}

void net_client_call(struct net_client *client, const char *method, const uint8_t *body, size_t len,
                     net_client_callback callback, void *context)
{
    assert_false(client->calling);
    *client = (struct net_client){.calling = true,
                                  .opening = strstr(method, "/Open"),
                                  .callback = callback,
                                  .context = context};
    if (!client->opening)
        read_push(client, body, len);
}

void net_client_hang_up(struct net_client *client)
{
    client->calling = false;
}

void net_client_set_issue(struct net_client *client, const char *issue)
{
    assert_false(client->calling);
    assert_true(!*issue || strncmp(issue, "batch-", 6) == 0);
}

void arrive(struct net_client *client)
{
    assert_true(client->calling && !client->done);
    client->done = true;
    if (client->opening)
        return;
    client->said = client->batch_no > center.cursor + 1 ? REFUSAL_BATCH_GAP : REFUSAL_NONE;
    if (client->said || client->batch_no <= center.cursor)
        return;
    assert_memory_equal(client->prev_root, center.roots[center.cursor], SHA256_BYTES);
    memcpy(center.roots[++center.cursor], client->root, SHA256_BYTES);
}

static void pack_answer(const struct net_client *client, struct buf *packed)
{
    Assize__Exchange__V1__OpenResponse open = ASSIZE__EXCHANGE__V1__OPEN_RESPONSE__INIT;
    Assize__Exchange__V1__Receipt receipt = ASSIZE__EXCHANGE__V1__RECEIPT__INIT;
    static char id[] = "0190a0b0-0000-7000-8000-000000000000";

    open.has_cursor = receipt.has_batch_no = receipt.has_batch_hash = receipt.has_received_ms =
        receipt.has_cursor = true;
    open.cursor = receipt.cursor = center.cursor;
    receipt.receipt_id = id;
    receipt.batch_no = client->batch_no;
    receipt.batch_hash = (ProtobufCBinaryData){SHA256_BYTES, (uint8_t *)(uintptr_t)client->hash};
    assert_int_equal(codec_pack(client->opening ? &open.base : &receipt.base, packed), 0);
}

void come_back(struct net_client *client)
{
    struct buf packed;

    assert_true(client->calling && client->done);
    client->calling = false;
    buf_init(&packed, NET_ANSWER_MAX);
    pack_answer(client, &packed);
    client->callback(client->context, 0, client->said, packed.data, client->said ? 0 : packed.len);
    buf_done(&packed);
}

void go_and_come_back(struct net_client *client)
{
    arrive(client);
    come_back(client);
}

void break_off(struct net_client *client)
{
    assert_true(client->calling);
    client->calling = false;
    client->callback(client->context, -ECONNREFUSED, REFUSAL_NONE, NULL, 0);
}
