/*
 * Both ways of the exchange at once, between a court's PostgreSQL and a centre's: what the court
 * records and the centre rejects, and what another organisation has to tell the court. Batches go
 * as bytes; by random seeds receipts are lost, batches doubled, cursors set back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/ways_fixture.h"

#define OTHER   "VN.TRAI1"
#define CASE_ID "VN:TAND.01:2026:1-HS"

enum { SEEDS = 10, STEPS = 40, CASES = 3, THREADS = 3, PACKED_SIZE = 512 };

/* ---- what another organisation tells the court ---- */

struct thread { /* of notices: a case as that organisation keeps it */
    char key[16];
    uint64_t seq;
    uint8_t hash[SHA256_BYTES];
    uint64_t stuck;
};

static uint64_t other_batch;
static uint8_t other_root[SHA256_BYTES];

static size_t pack_notice(const char *to, const char *case_id, uint8_t out[static PACKED_SIZE])
{
    Assize__Exchange__V1__Notice notice = ASSIZE__EXCHANGE__V1__NOTICE__INIT;
    char kind[] = "custody", text[] = "Đã chuyển buồng giam.";

    notice.court = (char *)(uintptr_t)to;
    notice.public_id = (char *)(uintptr_t)case_id;
    notice.kind = kind;
    notice.text = text;
    return protobuf_c_message_pack(&notice.base, out);
}

/* Pushes a batch of one: the next of its thread, in the stead of the one that was rejected when it
 * corrects. */
static struct answer tell(struct thread *thread, const char *to, const char *case_id, bool corrects)
{
    Assize__Exchange__V1__Record record = ASSIZE__EXCHANGE__V1__RECORD__INIT;
    Assize__Exchange__V1__RecordContext context = ASSIZE__EXCHANGE__V1__RECORD_CONTEXT__INIT;
    uint8_t payload[PACKED_SIZE], said[PACKED_SIZE], payload_hash[SHA256_BYTES], hash[SHA256_BYTES];
    char change[ID_UUID_SIZE], type[] = "notice";
    struct exchange_batch batch = {.batch_no = ++other_batch, .count = 1};
    Assize__Exchange__V1__Record *records[] = {&record};
    struct exchange_source source = {.code = OTHER};
    struct parcel parcel = {0};

    id_uuid(change);
    context.has_corrects = corrects;
    context.corrects = thread->stuck;
    record.change_id = change;
    record.case_key = thread->key;
    record.record_type = type;
    record.has_seq = record.has_op = record.has_schema_version = record.has_recorded_ms =
        record.has_payload = record.has_prev_hash = record.has_payload_hash = record.has_hash =
            true;
    record.seq = ++thread->seq;
    record.op =
        corrects ? ASSIZE__EXCHANGE__V1__OP__OP_CORRECT : ASSIZE__EXCHANGE__V1__OP__OP_UPSERT;
    record.schema_version = 1;
    record.recorded_ms = 1760000000000;
    record.payload = (ProtobufCBinaryData){pack_notice(to, case_id, payload), payload};
    record.context = (ProtobufCBinaryData){protobuf_c_message_pack(&context.base, said), said};
    record.has_context = record.context.len > 0;
    record.prev_hash = (ProtobufCBinaryData){SHA256_BYTES, thread->hash};
    record.payload_hash = (ProtobufCBinaryData){SHA256_BYTES, payload_hash};
    sha256(payload, record.payload.len, payload_hash);
    record.hash = (ProtobufCBinaryData){SHA256_BYTES, hash};
    batch_record_hash(&record, hash);
    batch.records = records;
    memcpy(batch.prev_root, other_root, SHA256_BYTES);
    buf_init(&parcel.packed, NET_BODY_MAX);
    assert_int_equal(batch_write(&batch, OTHER, signer, &parcel.packed), 0);
    memcpy(other_root, batch.root, SHA256_BYTES);
    memcpy(thread->hash, hash, SHA256_BYTES);
    struct answer answer = deliver(&parcel, &center, &source, NULL);
    assert_int_equal(answer.refusal, REFUSAL_NONE);
    buf_done(&parcel.packed);
    thread->stuck = corrects ? 0 : answer.rejections ? record.seq : thread->stuck;
    return answer;
}

/* ---- both anew ---- */

static void take_met(void *context, int error, enum refusal refusal, uint64_t cursor)
{
    assert_int_equal(error, 0);
    assert_int_equal(refusal, REFUSAL_NONE);
    assert_int_equal(cursor, 0);
    *(bool *)context = true;
}

#define STATES "SELECT count(*) FROM outbox_state WHERE "
#define EMPTY                                                                                      \
    "SET session_replication_role = replica; DELETE FROM outbox; DELETE FROM outbox_head;"         \
    "DELETE FROM outbox_waiting; DELETE FROM outbox_batch; DELETE FROM outbox_refused; DELETE "    \
    "FROM restored; DELETE FROM inbox; DELETE FROM held; DELETE FROM rejection;"                   \
    "DELETE FROM receipt; DELETE FROM case_head; DELETE FROM case_file; DELETE FROM notice;"       \
    "DELETE FROM source_progress; DELETE FROM grant_right; DELETE FROM organisation;"              \
    "UPDATE court_case SET outbox_seq = 0;"

#define GRANT                                                                                      \
    "SELECT access_grant('" OTHER                                                                  \
    "', 'exchange', '{notice}', 'enforcement', (extract(epoch FROM now()) * 1000)::bigint"         \
    " + 3600000, 'test');"

static int start_anew(void **state)
{
    bool told = false;

    (void)state;
    run(&court, EMPTY);
    run(&center,
        EMPTY "INSERT INTO organisation (code, spki, kind) VALUES"
              " ('" COURT "', sha256('court'), 'court'),"
              " ('" OTHER "', decode(repeat('00', 32), 'hex'), 'agency');" GRANT
              "INSERT INTO case_file VALUES ('" COURT "', 'k', '" CASE_ID "', 'accepted', 1)");
    sha256("court", 5, court.source.spki);
    client_awake(&court.client);
    exchange_store_meet(court.client.db, &center.source, take_met, &told);
    client_wait(&court.client, &told);
    other_batch = 0;
    memset(other_root, 0, sizeof(other_root));
    return 0;
}

/* A record of the court's case of this number; bad: with a status there is none of. */
static void change_case(int at, bool bad)
{
    char sql[200];

    snprintf(sql, sizeof(sql),
             "SELECT case_change(id, NULL, 'tried', gen_random_uuid(), '\\x18%s') FROM court_case"
             " WHERE number = '%d/2026/HS'",
             bad ? "63" : "05", at);
    run(&court, sql);
}

/* ---- one by one ---- */

static void a_rejection_reaches_the_court_though_the_receipt_is_lost(void **state)
{
    (void)state;
    change_case(0, true);
    struct answer first = carry(true, true);
    assert_int_equal(first.rejections, 1);
    assert_int_equal(number(&court, STATES "refused IS NOT NULL"), 0);
    struct answer back = carry(false, false);
    assert_int_equal(back.rejections, 0);
    assert_int_equal(number(&court, STATES "refused = 'status'"), 1);
    /* Though nothing of the batch is open now, the next follows it only once its answer is there.
     */
    change_case(1, false);
    assert_string_equal(carry(true, false).receipt, first.receipt);
    assert_int_equal(carry(true, false).cursor, 2);
    assert_int_equal(number(&court, STATES "receipt_id IS NOT NULL AND refused IS NULL"), 1);
    assert_int_equal(number(&court, STATES "refused = 'status'"), 1);
}

static void a_notice_goes_on_with_the_name_of_who_sent_it(void **state)
{
    struct thread thread = {.key = "n"};

    (void)state;
    assert_int_equal(tell(&thread, COURT, CASE_ID, false).rejections, 0);
    assert_int_equal(carry(false, false).rejections, 0);
    assert_int_equal(number(&court,
                            "SELECT count(*) FROM notice JOIN inbox USING (source, case_key,"
                            " seq) WHERE public_id = '" CASE_ID "' AND source = '" CENTER
                            "' AND position('" OTHER "'::bytea IN payload) > 0"),
                     1);
    assert_int_equal(number(&center, STATES "receipt_id IS NOT NULL"), 1);
}

static void a_notice_that_leads_nowhere_goes_on_when_it_is_corrected(void **state)
{
    struct thread thread = {.key = "n"};

    (void)state;
    assert_string_equal(tell(&thread, "VN.NO", CASE_ID, false).reason, "notice.court");
    assert_int_equal(tell(&thread, COURT, CASE_ID, false).rejections, 0); /* waits */
    assert_int_equal(number(&center, "SELECT count(*) FROM outbox WHERE target = '" COURT "'"), 0);
    assert_int_equal(tell(&thread, COURT, CASE_ID, true).rejections, 0);
    settle(false);
    assert_int_equal(number(&court, "SELECT count(*) FROM notice"), 2);
    assert_int_equal(number(&center, "SELECT count(*) FROM outbox WHERE target = '" OTHER
                                     "' AND record_type = 'rejection'"),
                     1);
}

static void a_withdrawn_court_or_an_unknown_case_gets_nothing(void **state)
{
    struct thread one = {.key = "a"}, two = {.key = "b"};

    (void)state;
    assert_string_equal(tell(&one, COURT, "VN:TAND.01:2026:2-HS", false).reason,
                        "notice.public_id");
    run(&center, "UPDATE organisation SET withdrawn_at = now() WHERE code = '" COURT "'");
    assert_string_equal(tell(&two, COURT, CASE_ID, false).reason, "notice.court");
}

static void nobody_tells_a_court_anything_without_a_right(void **state)
{
    struct thread thread = {.key = "n"}, other = {.key = "m"};

    (void)state;
    run(&center, "UPDATE grant_right SET until = now()");
    assert_string_equal(tell(&thread, COURT, "VN:TAND.01:2026:2-HS", false).reason,
                        "access_no_right"); /* and not whether there is such a case */
    run(&center, "SELECT access_revoke('" OTHER "', 'exchange', '{}', 'enforcement', 'test')");
    assert_string_equal(tell(&other, COURT, CASE_ID, false).reason, "access_no_right");
    run(&center, GRANT);
    assert_int_equal(tell(&thread, COURT, CASE_ID, true).rejections, 0);
    settle(false);
    assert_int_equal(number(&court, "SELECT count(*) FROM notice"), 1);
    run(&center, "UPDATE organisation SET kind = 'court' WHERE code = '" OTHER "';"
                 "UPDATE grant_right SET withdrawn_at = now()");
    assert_string_equal(tell(&(struct thread){.key = "o"}, COURT, CASE_ID, false).reason,
                        "access_no_right");
}

static void each_receiver_has_batches_of_its_own(void **state)
{
    struct thread thread = {.key = "n"};

    (void)state;
    tell(&thread, "VN.NO", CASE_ID, false); /* for OTHER, a rejection */
    tell(&(struct thread){.key = "m"}, COURT, CASE_ID, false);
    struct parcel one = take(&center, OTHER, 0), two = take(&center, COURT, 0);
    assert_int_equal(one.batch_no, 1);
    assert_int_equal(two.batch_no, 1);
    assert_int_equal(
        number(&center, "SELECT count(DISTINCT target) FROM outbox_state WHERE batch_no = 1"), 2);
    buf_done(&one.packed);
    buf_done(&two.packed);
}

static void only_the_centre_becomes_the_centre(void **state)
{
    struct exchange_source renewed = center.source;
    bool told = false;

    (void)state;
    run(&court, "INSERT INTO organisation (code, spki) VALUES ('VN.X', sha256('x'))");
    assert_int_equal(number(&court, "SELECT (refusal = 'organisation_unknown')::integer FROM"
                                    " exchange_meet('VN.X', sha256('y'))"),
                     1);
    renewed.spki[0] ^= 1;
    client_awake(&court.client);
    exchange_store_meet(court.client.db, &renewed, take_met, &told);
    client_wait(&court.client, &told);
    assert_int_equal(number(&court, "SELECT count(*) FROM organisation"), 2);
    run(&court, "UPDATE organisation SET withdrawn_at = now()");
    assert_int_equal(number(&court, "SELECT count(*) FROM exchange_meet('" CENTER
                                    "', sha256('z')) WHERE refusal = 'organisation_unknown'"),
                     1);
}

static void what_a_court_cannot_read_holds_back_nothing(void **state)
{
    (void)state;
    run(&center, "SELECT outbox_tell('" COURT "', '" CASE_ID "', 'summons', '\\x0801')");
    tell(&(struct thread){.key = "n"}, COURT, CASE_ID, false);
    struct answer answer = carry(false, false);
    assert_int_equal(answer.rejections, 1);
    assert_string_equal(answer.reason, "schema");
    assert_int_equal(number(&court, "SELECT count(*) FROM notice WHERE seq = 2"), 1);
    assert_int_equal(number(&court, "SELECT count(*) FROM held"), 0);
    assert_int_equal(number(&court, "SELECT count(*) FROM outbox"), 0); /* nothing is said back */
    assert_int_equal(number(&center, STATES "refused = 'schema'"), 1);
}

/* The court's database as it was before its last batch. */
static void restore_court(int at)
{
    char sql[400];

    snprintf(
        sql, sizeof(sql),
        "SET session_replication_role = replica;"
        "DELETE FROM outbox WHERE (SELECT numbers FROM outbox_batch ORDER BY batch_no DESC LIMIT 1)"
        " @> number;"
        "DELETE FROM outbox_batch WHERE batch_no = (SELECT max(batch_no) FROM outbox_batch);"
        "UPDATE court_case SET outbox_seq = outbox_seq - 1 WHERE number = '%d/2026/HS'",
        at);
    run(&court, sql);
}

static void a_court_whose_database_went_back_sends_nothing(void **state)
{
    struct answer answer;

    (void)state;
    change_case(0, false);
    carry(true, false);
    change_case(1, false);
    carry(true, false);
    assert_int_equal(number(&court, "SELECT count(outbox_restored())"), 0);
    restore_court(1);
    change_case(2, false);
    for (int i = 0; i < 2; i++)
        assert_false(carry_as(true, cursor_of(&center, COURT), false, &answer));
    assert_int_equal(number(&court, "SELECT outbox_restored()"), 1);
    assert_int_equal(number(&court, "SELECT count(*) FROM restored"), 1);
}

/* One of an earlier version, which did not look whether the centre knows more of it than itself. */
static void the_centre_takes_what_a_court_that_went_back_says_anew(void **state)
{
    struct answer answer;

    (void)state;
    change_case(0, false);
    carry(true, false);
    change_case(1, false);
    carry(true, false);
    restore_court(1);
    change_case(2, false);
    assert_true(carry_as(true, 1, false, &answer));
    assert_int_equal(answer.cursor, 2);
    change_case(0, false);
    answer = carry(true, false);
    assert_int_equal(answer.cursor, 3);
    assert_int_equal(answer.rejections, 0);
    assert_int_equal(number(&center, "SELECT count(*) FROM inbox WHERE source = '" COURT "'"), 4);
    /* What it wrote again under the number of a record it lost is told from it. */
    change_case(1, false);
    assert_string_equal(carry(true, false).reason, "equivocation");
}

/* ---- by seeds ---- */

static uint64_t random_state;

static unsigned roll(unsigned sides)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(random_state >> 33) % sides;
}

static void expect_no_gap(struct side *side, const char *code)
{
    char sql[320];

    snprintf(sql, sizeof(sql),
             "SELECT count(*) FROM (SELECT count(*) AS n, max(i.seq) AS last, h.seq FROM inbox i"
             " JOIN case_head h USING (source, case_key) WHERE i.source = '%s' GROUP BY case_key,"
             " h.seq) AS one WHERE n <> last OR last <> seq",
             code);
    assert_int_equal(number(side, sql), 0);
}

/* A batch goes again from further back, or its receipt is lost, or all is well. */
static void carry_badly(bool to_center)
{
    uint64_t cursor = cursor_of(to_center ? &center : &court, to_center ? COURT : CENTER);
    struct answer answer;

    if (roll(3) == 0)
        cursor -= cursor ? 1 + roll((unsigned)cursor) : 0;
    if (carry_as(to_center, cursor, roll(2), &answer))
        assert_int_equal(answer.refusal, REFUSAL_NONE);
    expect_no_gap(to_center ? &center : &court, to_center ? COURT : CENTER);
}

/* How many notices are to reach the court. */
static int one_step(struct thread threads[static THREADS])
{
    struct thread *thread = &threads[roll(THREADS)];

    switch (roll(4)) {
    case 0:
        change_case((int)roll(CASES), roll(4) == 0);
        return 0;
    case 1:
        if (!thread->stuck && roll(3) == 0)
            return (int)tell(thread, "VN.NO", CASE_ID, false).rejections - 1;
        tell(thread, COURT, CASE_ID, thread->stuck && roll(2));
        return 1;
    default:
        carry_badly(roll(2));
        return 0;
    }
}

#define SET(table, where)                                                                          \
    "SELECT hashtext(coalesce(string_agg(concat_ws(' ', case_key, seq, hash, payload), '|' ORDER"  \
    " BY case_key, seq), '')) FROM " table " WHERE " where

static void expect_all(unsigned seed, int notices)
{
    assert_int_equal(number(&court, "SELECT count(*) FROM notice"), notices);
    if (number(&court, SET("inbox", "source = '" CENTER "'")) !=
        number(&center, SET("outbox", "target = '" COURT "'")))
        fail_msg("seed %u: the court has other records than the centre sent", seed);
    assert_int_equal(number(&center, STATES "target = '" COURT "' AND receipt_id IS NULL"), 0);
    assert_int_equal(number(&court, STATES "receipt_id IS NULL AND"
                                           " refused IS NULL"),
                     0);
    assert_int_equal(number(&center, "SELECT count(*) FROM rejection WHERE source = '" COURT "'"),
                     number(&court, STATES "refused = 'status'"));
    assert_int_equal(number(&court, "SELECT count(*) FROM rejection"), 0);
}

static void both_ways_arrive_once_and_in_order_whatever_is_lost_or_doubled(void **state)
{
    for (unsigned seed = 1; seed <= SEEDS; seed++) {
        struct thread threads[THREADS] = {{.key = "n0"}, {.key = "n1"}, {.key = "n2"}};
        int notices = 0;

        start_anew(state);
        random_state = seed;
        for (int i = 0; i < STEPS; i++)
            notices += one_step(threads);
        for (int i = 0; i < THREADS; i++) {
            if (threads[i].stuck)
                notices += !tell(&threads[i], COURT, CASE_ID, true).rejections;
        }
        settle(true);
        settle(false);
        expect_all(seed, notices);
    }
}

static void open_side(struct side *side, const char *code)
{
    snprintf(side->source.code, sizeof(side->source.code), "%s", code);
    sha256(code, strlen(code), side->source.spki);
    cluster_make(&side->cluster);
    client_open(&side->client, side->cluster.conninfo);
    client_wait_up(&side->client);
}

static int begin(void **state)
{
    (void)state;
    signer = signer_fixture();
    open_side(&court, COURT);
    open_side(&center, CENTER);
    run(&court,
        "INSERT INTO court (name) VALUES ('Tòa');"
        "INSERT INTO court_case (court, number, title) SELECT id, at || '/2026/HS', 'x' FROM"
        " court, generate_series(0, 2) AS at");
    return 0;
}

static int end(void **state)
{
    (void)state;
    client_close(&court.client);
    client_close(&center.client);
    cluster_remove(&court.cluster);
    cluster_remove(&center.cluster);
    signer_free(signer);
    return 0;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, start_anew)
    const struct CMUnitTest tests[] = {
        TEST(a_rejection_reaches_the_court_though_the_receipt_is_lost),
        TEST(a_notice_goes_on_with_the_name_of_who_sent_it),
        TEST(a_notice_that_leads_nowhere_goes_on_when_it_is_corrected),
        TEST(a_withdrawn_court_or_an_unknown_case_gets_nothing),
        TEST(nobody_tells_a_court_anything_without_a_right),
        TEST(each_receiver_has_batches_of_its_own),
        TEST(only_the_centre_becomes_the_centre),
        TEST(what_a_court_cannot_read_holds_back_nothing),
        TEST(a_court_whose_database_went_back_sends_nothing),
        TEST(the_centre_takes_what_a_court_that_went_back_says_anew),
        cmocka_unit_test(both_ways_arrive_once_and_in_order_whatever_is_lost_or_doubled),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
