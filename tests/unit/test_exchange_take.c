/*
 * What a centre makes of records, against a real PostgreSQL: what waits, what a correction sets
 * free, what is known of a case in its two times; and by random seeds, that batches which are cut
 * otherwise, doubled, permuted and told differently leave the same state.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/take_fixture.h"

enum { CASES = 4, SEEDS = 30, HELD = 1200 };

/* ---- what waits ---- */

static void a_record_waits_for_the_one_before_it(void **state)
{
    struct court court;
    struct made made[3];

    (void)state;
    court_open(&court, "VN.WAIT");
    for (uint64_t i = 0; i < 3; i++)
        make(&made[i], &(struct wish){.key = "w", .seq = i + 1, .words = 1},
             i ? &made[i - 1] : NULL);
    push_one(&court, &made[2]);
    push_one(&court, &made[1]);
    assert_int_equal(court.rejections, 0);
    assert_int_equal(number("SELECT count(*) FROM held WHERE source = 'VN.WAIT'"), 2);
    assert_int_equal(number("SELECT count(*) FROM inbox WHERE source = 'VN.WAIT'"), 0);
    push_one(&court, &made[0]);
    assert_int_equal(number("SELECT count(*) FROM held WHERE source = 'VN.WAIT'"), 0);
    assert_int_equal(number("SELECT max(seq) FROM inbox WHERE source = 'VN.WAIT'"), 3);
}

/* 1 good, 2 wrong, 3 follows it: 2 is rejected with its field, 3 waits. */
static void get_stuck(struct court *court, const char *code, struct made made[static 3])
{
    court_open(court, code);
    make(&made[0], &(struct wish){.key = "s", .seq = 1, .entity = 1, .words = 1}, NULL);
    make(&made[1], &(struct wish){.key = "s", .seq = 2, .entity = 2, .words = 2, .poison = true},
         &made[0]);
    make(&made[2], &(struct wish){.key = "s", .seq = 3, .entity = 3, .words = 3}, &made[1]);
    push_batch(court, (struct made *[]){&made[0], &made[1], &made[2]}, 3, false);
    assert_int_equal(court->rejections, 1);
    assert_int_equal(court->rejected_seq, 2);
    assert_string_equal(court->reason, "event.at");
    assert_int_equal(number("SELECT stuck FROM case_head WHERE source = '%s'", code), 2);
    assert_int_equal(number("SELECT count(*) FROM held WHERE source = '%s'", code), 1);
}

static void a_correction_stands_in_the_place_of_what_was_rejected(void **state)
{
    struct made made[3], correction;
    struct court court;

    (void)state;
    get_stuck(&court, "VN.CORR", made);
    make(&correction,
         &(struct wish){.key = "s",
                        .seq = 4,
                        .entity = 2,
                        .words = 4,
                        .corrects = 2,
                        .op = ASSIZE__EXCHANGE__V1__OP__OP_CORRECT},
         &made[2]);
    push_one(&court, &correction);
    assert_int_equal(court.rejections, 0);
    assert_int_equal(number("SELECT count(*) FROM held WHERE source = 'VN.CORR'"), 0);
    assert_int_equal(number("SELECT count(*) FROM inbox WHERE source = 'VN.CORR'"), 4);
    assert_int_equal(number("SELECT corrected_by FROM inbox WHERE source = 'VN.CORR' AND seq = 2"),
                     4);
    assert_int_equal(number("SELECT count(*) FROM case_record WHERE source = 'VN.CORR'"), 3);
    assert_int_equal(number("SELECT seq FROM case_record WHERE source = 'VN.CORR' AND entity ="
                            " '0192f0c1-2b3c-7d4e-8f50-000000000002'"),
                     4);
}

static void a_retraction_gives_up_what_was_rejected(void **state)
{
    struct made made[3], retraction;
    struct court court;

    (void)state;
    get_stuck(&court, "VN.RETR", made);
    make(&retraction,
         &(struct wish){.key = "s",
                        .seq = 4,
                        .entity = 2,
                        .words = 4,
                        .corrects = 2,
                        .op = ASSIZE__EXCHANGE__V1__OP__OP_RETRACT},
         &made[2]);
    push_one(&court, &retraction);
    assert_int_equal(number("SELECT count(*) FROM inbox WHERE source = 'VN.RETR'"), 4);
    assert_int_equal(number("SELECT count(*) FROM case_record WHERE source = 'VN.RETR'"), 2);
}

/* 1 is good, 2 wrong, 3 follows it, all of one thing; 4 in the place of 2. The number of what
 * holds of the thing from now on, or 0. */
static int64_t get_free(struct court *court, const char *code, Assize__Exchange__V1__Op op)
{
    struct made made[4];

    court_open(court, code);
    for (uint64_t i = 0; i < 4; i++) {
        struct wish wish = {.key = "s", .seq = i + 1, .entity = 2, .words = 1, .poison = i == 1};
        wish.corrects = i == 3 ? 2 : 0;
        wish.op = i == 3 ? op : ASSIZE__EXCHANGE__V1__OP__OP_UPSERT;
        make(&made[i], &wish, i ? &made[i - 1] : NULL);
    }
    push_batch(court, (struct made *[]){&made[0], &made[1], &made[2], &made[3]}, 4, false);
    assert_int_equal(court->rejected_seq, 2);
    assert_int_equal(number("SELECT max(seq) FROM inbox WHERE source = '%s'", code), 4);
    return number("SELECT coalesce(sum(seq), 0) FROM case_record WHERE source = '%s' AND"
                  " upper(known) IS NULL AND upper(valid) IS NULL",
                  code);
}

static void what_sets_others_free_has_the_last_word_over_them(void **state)
{
    struct court court;

    (void)state;
    assert_int_equal(get_free(&court, "VN.LAST", ASSIZE__EXCHANGE__V1__OP__OP_CORRECT), 4);
    assert_int_equal(get_free(&court, "VN.GONE", ASSIZE__EXCHANGE__V1__OP__OP_RETRACT), 0);
}

static void a_correction_that_is_wrong_itself_sets_nothing_free(void **state)
{
    struct made made[3], wrong, right;
    struct court court;
    struct wish wish = {.key = "s",
                        .seq = 4,
                        .entity = 2,
                        .words = 4,
                        .poison = true,
                        .corrects = 2,
                        .op = ASSIZE__EXCHANGE__V1__OP__OP_CORRECT};

    (void)state;
    get_stuck(&court, "VN.TWICE", made);
    make(&wrong, &wish, &made[2]);
    push_one(&court, &wrong);
    assert_int_equal(number("SELECT count(*) FROM inbox WHERE source = 'VN.TWICE'"), 1);
    wish.poison = false;
    wish.seq = 5;
    make(&right, &wish, &wrong);
    push_one(&court, &right);
    assert_int_equal(court.rejections, 1); /* the wrong correction, in its turn */
    assert_int_equal(court.rejected_seq, 4);
    assert_int_equal(number("SELECT max(seq) FROM inbox WHERE source = 'VN.TWICE'"), 3);
}

static void a_rejected_record_is_not_replaced_by_another_of_its_number(void **state)
{
    struct made made[3], other;
    struct court court;

    (void)state;
    get_stuck(&court, "VN.OTHER", made);
    make(&other, &(struct wish){.key = "s", .seq = 2, .entity = 2, .words = 2}, &made[0]);
    push_one(&court, &other);
    assert_string_equal(court.reason, "equivocation");
    assert_int_equal(number("SELECT count(*) FROM rejection WHERE source = 'VN.OTHER'"), 2);
    assert_int_equal(number("SELECT count(*) FROM organisation WHERE code = 'VN.OTHER' AND"
                            " flagged_at IS NOT NULL"),
                     1);
}

static void another_record_of_a_taken_number_is_refused_and_its_source_flagged(void **state)
{
    struct court court;
    struct made made, other;

    (void)state;
    court_open(&court, "VN.EQUI");
    make(&made, &(struct wish){.key = "e", .seq = 1, .words = 1}, NULL);
    make(&other, &(struct wish){.key = "e", .seq = 1, .words = 2}, NULL);
    push_one(&court, &made);
    push_one(&court, &other);
    assert_int_equal(court.rejections, 1);
    assert_string_equal(court.reason, "equivocation");
    assert_int_equal(number("SELECT count(*) FROM inbox i, rejection r WHERE i.source = 'VN.EQUI'"
                            " AND r.source = i.source AND i.hash <> r.hash AND r.reason ="
                            " 'equivocation'"),
                     1);
    assert_int_equal(number("SELECT count(*) FROM case_head WHERE source = 'VN.EQUI' AND seq = 1"
                            " AND stuck IS NULL"),
                     1);
    assert_int_equal(number("SELECT count(*) FROM organisation WHERE code = 'VN.EQUI' AND"
                            " flagged_at IS NOT NULL"),
                     1);
}

/* ---- a great many that waited ---- */

static void take_step(void *context, int error, const struct exchange_after *after)
{
    struct court *court = context;

    assert_int_equal(error, 0);
    court->told = true;
    court->due = after->due;
    snprintf(court->told_to, sizeof(court->told_to), "%s", after->told);
    snprintf(court->failed, sizeof(court->failed), "%s", after->failed);
}

static void go_on(struct court *court)
{
    court->told = false;
    client_awake(&client);
    exchange_store_go_on(client.db, take_step, court);
    client_wait(&client, &court->told);
}

/* Every second record is wrong, and the next corrects it; all wait for the first. */
static void hold_many(struct court *court, struct made made[static HELD + 1])
{
    for (uint64_t i = 0; i <= HELD; i++) {
        bool corrects = i && i % 2 == 0;
        struct wish wish = {.key = "m", .seq = i + 1, .entity = 1, .words = 1, .poison = i % 2};

        wish.corrects = corrects ? i : 0;
        wish.op = corrects ? ASSIZE__EXCHANGE__V1__OP__OP_CORRECT : 0;
        make(&made[i], &wish, i ? &made[i - 1] : NULL);
    }
    for (size_t at = 1; at <= HELD; at += RECORDS) {
        struct made *batch[RECORDS];
        size_t count = 0;

        for (; count < RECORDS && at + count <= HELD; count++)
            batch[count] = &made[at + count];
        push_batch(court, batch, count, false);
        assert_int_equal(court->rejections, 0);
    }
}

/* How many records took their place, with every number up to the head. */
static long settled(const char *code)
{
    long count = number("SELECT count(*) FROM inbox WHERE source = '%s'", code);

    assert_int_equal(number("SELECT seq FROM case_head WHERE source = '%s'", code), count);
    assert_int_equal(number("SELECT max(seq) FROM inbox WHERE source = '%s'", code), count);
    return count;
}

static void what_waited_goes_on_in_steps(void **state)
{
    static struct made made[HELD + 1];
    struct court court;
    long before = 0;

    (void)state;
    court_open(&court, "VN.MANY");
    hold_many(&court, made);
    assert_false(court.due);
    push_one(&court, &made[0]);
    assert_in_range(court.rejections, 1, EXCHANGE_RECORDS_MAX);
    for (int steps = 0; court.due; steps++) {
        long now = settled("VN.MANY");
        assert_in_range(now - before, 1, EXCHANGE_RECORDS_MAX);
        assert_string_equal(court.told_to, "VN.MANY");
        assert_in_range(steps, 0, HELD);
        before = now;
        go_on(&court);
    }
    assert_true(before > 0);
    assert_int_equal(settled("VN.MANY"), HELD + 1);
    assert_int_equal(number("SELECT count(*) FROM held WHERE source = 'VN.MANY'"), 0);
    assert_int_equal(number("SELECT count(*) FROM rejection WHERE source = 'VN.MANY'"), HELD / 2);
    assert_int_equal(number("SELECT count(*) FROM outbox WHERE target = 'VN.MANY'"), HELD / 2);
    assert_int_equal(
        number("SELECT (max(n) <= %d)::integer FROM (SELECT count(*) AS n FROM rejection WHERE"
               " source = 'VN.MANY' GROUP BY receipt) AS one",
               EXCHANGE_RECORDS_MAX),
        1);
}

/* What is read of the versions of a thing does not grow with them. */
static void a_thing_is_said_again_without_a_look_at_all_of_its_past(void **state)
{
    (void)state;
    assert_int_equal(
        cluster_script(
            &cluster,
            "DO $$ BEGIN FOR i IN 1..300 LOOP"
            "  PERFORM case_put('VN.AGAIN', 'a', 'event', '0192f0c1-2b3c-7d4e-8f50-000000000001',"
            "    i, gen_random_uuid(), 1, tstzrange('epoch'::timestamptz + i * interval '1 day',"
            "    NULL));"
            " END LOOP;"
            " ASSERT (SELECT sum(idx_tup_fetch) FROM pg_stat_xact_user_tables"
            "   WHERE relname ~ '^case_record') < 3000; END $$"),
        0);
    assert_int_equal(number("SELECT count(*) FROM case_record WHERE source = 'VN.AGAIN' AND"
                            " upper_inf(known) AND NOT (upper_inf(valid) AND seq < 300)"),
                     300);
}

static void a_case_that_fails_holds_up_no_other(void **state)
{
    struct made bad[2], good[2];
    struct court court;

    (void)state;
    court_open(&court, "VN.FAIL");
    for (uint64_t i = 0; i < 2; i++) {
        make(&bad[i], &(struct wish){.key = "bad", .seq = i + 1, .words = 1}, i ? bad : NULL);
        make(&good[i], &(struct wish){.key = "good", .seq = i + 1, .words = 1}, i ? good : NULL);
    }
    push_batch(&court, (struct made *[]){&bad[1], &good[1]}, 2, false);
    assert_int_equal(
        cluster_script(&cluster,
                       "UPDATE held SET seq = 1 WHERE source = 'VN.FAIL';"
                       "INSERT INTO case_due (source, case_key) VALUES ('VN.FAIL', 'bad'),"
                       " ('VN.FAIL', 'good');"
                       "CREATE TRIGGER fails BEFORE INSERT ON case_head FOR EACH ROW"
                       " WHEN (new.case_key = 'bad') EXECUTE FUNCTION refuse_change()"),
        0);
    go_on(&court);
    assert_string_equal(court.failed, "VN.FAIL bad AS002");
    assert_true(court.due);
    go_on(&court);
    assert_string_equal(court.failed, "");
    assert_false(court.due);
    assert_int_equal(number("SELECT count(*) FROM rejection WHERE source = 'VN.FAIL'"), 1);
    assert_int_equal(cluster_script(&cluster, "DROP TRIGGER fails ON case_head;"
                                              "UPDATE case_due SET not_before = now()"),
                     0);
    go_on(&court);
    assert_int_equal(number("SELECT count(*) FROM rejection WHERE source = 'VN.FAIL'"), 2);
    assert_int_equal(number("SELECT count(*) FROM case_due"), 0);
}

/* ---- the two times ---- */

static void what_was_known_before_can_still_be_asked_for(void **state)
{
    const int64_t day = 86400000, start = 1700000000000;
    struct court court;
    struct made made[2];

    (void)state;
    court_open(&court, "VN.TIME");
    make(&made[0],
         &(struct wish){.key = "t", .seq = 1, .entity = 1, .words = 1, .valid_from_ms = start},
         NULL);
    make(&made[1],
         &(struct wish){
             .key = "t", .seq = 2, .entity = 1, .words = 2, .valid_from_ms = start + 10 * day},
         &made[0]);
    push_one(&court, &made[0]);
    assert_int_equal(cluster_script(&cluster, "CREATE TABLE between AS SELECT clock_timestamp() AS"
                                              " moment"),
                     0);
    push_one(&court, &made[1]);
#define SAID(days, known)                                                                          \
    number("SELECT seq FROM case_as_of('VN.TIME', 't', case_time(%lld, NULL), " known ")",         \
           (long long)(start + (days)*day))
    assert_int_equal(SAID(5, "now()"), 1);
    assert_int_equal(SAID(15, "now()"), 2);
    assert_int_equal(SAID(15, "(SELECT moment FROM between)"), 1);
#undef SAID
    assert_int_equal(number("SELECT count(*) FROM case_as_of('VN.TIME', 't', case_time(%lld, NULL),"
                            " now())",
                            (long long)(start - day)),
                     0);
    assert_int_equal(number("SELECT count(*) FROM case_as_of('VN.TIME', 't', now(), now()) WHERE"
                            " payload IS NOT NULL"),
                     1);
}

static void a_court_writes_case_record_and_outbox_row_at_once(void **state)
{
    (void)state;
    assert_int_equal(
        cluster_script(
            &cluster,
            "INSERT INTO court (name) VALUES ('Tòa');"
            "INSERT INTO court_case (court, number, title) SELECT id, '1/2026/HS', 'x' FROM court;"
            "SELECT case_write('VN.OWN', id, gen_random_uuid(), 1, 'case_file', gen_random_uuid(),"
            " NULL, NULL, '\\x01', '', 'VN:TAND.01:2026:1-HS', 'accepted') FROM court_case"),
        0);
    assert_int_equal(number("SELECT count(*) FROM outbox JOIN case_record r USING (case_key, seq)"
                            " JOIN case_file f USING (case_key) WHERE r.source = 'VN.OWN' AND"
                            " public_id = 'VN:TAND.01:2026:1-HS'"),
                     1);
    assert_int_equal(number("SELECT count(*) FROM court_case c, case_as_of('VN.OWN', c.id::text,"
                            " now(), now()) WHERE payload = '\\x01'"),
                     1);
}

/* Its database went back behind batch 1, and in batch 2 the centre found nothing new. */
static void a_court_goes_on_behind_a_last_batch_of_doubles(void **state)
{
    struct court court;

    (void)state;
    court_open(&court, "VN.BACK");
    assert_int_equal(
        cluster_script(
            &cluster,
            "UPDATE organisation SET cursor = 2, root = sha256('2') WHERE code = 'VN.BACK';"
            "INSERT INTO outbox_batch (target, batch_no, numbers, root)"
            " VALUES ('', 1, '{}', sha256('1'));"
            "SELECT * FROM outbox_take('', 2, 0, 10, 10000)"),
        0);
    assert_int_equal(number("SELECT last_batch FROM restored WHERE taken_back_at IS NULL"), 1);
    assert_int_equal(cluster_script(&cluster,
                                    "SELECT outbox_take_back(r->'records', (r->>'cursor')::bigint,"
                                    " decode(r->>'root', 'hex')) FROM exchange_returns('VN.BACK',"
                                    " 1) AS r;"
                                    "SELECT * FROM outbox_take('', 2, 0, 10, 10000)"),
                     0);
    assert_int_equal(number("SELECT count(*) FROM restored WHERE taken_back_at IS NULL"), 0);
    assert_int_equal(number("SELECT (root = sha256('2'))::integer FROM outbox_batch WHERE"
                            " target = '' AND batch_no = 2"),
                     1);
}

static void the_courts_of_the_law_are_there(void **state)
{
    (void)state;
    assert_int_equal(number("SELECT count(*) FROM court_unit WHERE level = 2 AND above = 'TANDTC'"),
                     34);
}

/* ---- by seeds ---- */

static uint64_t random_state;

static unsigned roll(unsigned sides)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(random_state >> 33) % sides;
}

/* A history: cases grow at random; one in eight records is poisoned, and corrected by and by. */
static void write_history(struct made made[static RECORDS], const char *prefix)
{
    struct made *last[CASES] = {NULL};
    uint64_t stuck[CASES] = {0};

    for (int i = 0; i < RECORDS; i++) {
        unsigned at = roll(CASES);
        char key[16];
        struct wish wish = {.seq = last[at] ? last[at]->record.seq + 1 : 1,
                            .entity = (int)roll(3),
                            .words = (int)(1 + roll(28))};

        snprintf(key, sizeof(key), "%s-%u", prefix, at);
        wish.key = key;
        if (stuck[at] && roll(2)) {
            wish.corrects = stuck[at];
            wish.op = ASSIZE__EXCHANGE__V1__OP__OP_CORRECT;
            stuck[at] = 0;
        } else if (!stuck[at] && roll(8) == 0) {
            wish.poison = true;
            stuck[at] = wish.seq;
        }
        make(&made[i], &wish, last[at]);
        last[at] = &made[i];
    }
}

static void shuffle(struct made *order[], size_t count)
{
    for (size_t i = count; i > 1; i--) {
        size_t other = roll((unsigned)i);
        struct made *one = order[i - 1];
        order[i - 1] = order[other];
        order[other] = one;
    }
}

/* What a reader sees between two batches: in each case every number up to its head. */
static void expect_no_gap(const char *code)
{
    assert_int_equal(number("SELECT count(*) FROM (SELECT count(*) AS n, max(i.seq) AS last, h.seq"
                            " FROM inbox i JOIN case_head h USING (source, case_key) WHERE"
                            " i.source = '%s' GROUP BY case_key, h.seq) AS one WHERE n <> last OR"
                            " last <> seq",
                            code),
                     0);
}

/* Some records once more: the same batch, others in disorder, one told otherwise. */
static void disturb(struct court *court, struct made *batch[], size_t count)
{
    struct made other;

    if (roll(2))
        push_batch(court, batch, count, true);
    shuffle(batch, count);
    push_batch(court, batch, count, roll(2));
    if (roll(3) == 0) {
        other = *batch[0];
        other.record.change_id = other.change;
        other.record.case_key = other.key;
        other.record.payload.data = other.payload;
        other.record.context.data = other.context;
        other.record.prev_hash.data = other.prev;
        other.record.payload_hash.data = other.payload_hash;
        other.record.hash.data = other.hash;
        id_uuid(other.change);
        batch_record_hash(&other.record, other.hash);
        push_one(court, &other);
        assert_string_equal(court->reason, "equivocation");
    }
}

/* Pieces of random length, each in a random order. */
static void push_in_pieces(struct court *court, struct made *made, bool disturbed)
{
    for (size_t at = 0; at < RECORDS;) {
        struct made *batch[RECORDS];
        size_t count = 1 + roll(12);

        if (count > RECORDS - at)
            count = RECORDS - at;
        for (size_t i = 0; i < count; i++)
            batch[i] = &made[at + i];
        if (disturbed)
            shuffle(batch, count);
        push_batch(court, batch, count, false);
        if (disturbed) {
            disturb(court, batch, count);
            expect_no_gap(court->source.code);
        }
        at += count;
    }
}

/* Every record, head, waiting record and thing known of a source, without what is made at the
 * centre. */
#define STATE                                                                                      \
    "SELECT hashtext(coalesce((SELECT string_agg(concat_ws(' ', case_key, seq, hash,"              \
    " corrected_by), '|' ORDER BY case_key, seq) FROM inbox WHERE source = '%1$s'), '') ||"        \
    " coalesce((SELECT string_agg(concat_ws(' ', case_key, seq, hash, stuck), '|' ORDER BY"        \
    " case_key) FROM case_head WHERE source = '%1$s'), '') || coalesce((SELECT"                    \
    " string_agg(concat_ws(' ', case_key, seq, hash), '|' ORDER BY case_key, seq) FROM held WHERE" \
    " source = '%1$s'), '') || coalesce((SELECT string_agg(concat_ws(' ', case_key, entity, seq,"  \
    " valid), '|' ORDER BY case_key, entity, valid) FROM case_record WHERE source = '%1$s' AND"    \
    " upper_inf(known)), ''))"

static void replays_in_any_cut_and_order_leave_the_same_state(void **state)
{
    static struct made made[RECORDS];
    struct court calm, disturbed;
    char code[16];

    (void)state;
    for (unsigned seed = 1; seed <= SEEDS; seed++) {
        random_state = seed;
        write_history(made, "c");
        snprintf(code, sizeof(code), "VN.A%u", seed);
        court_open(&calm, code);
        push_in_pieces(&calm, made, false);
        snprintf(code, sizeof(code), "VN.B%u", seed);
        court_open(&disturbed, code);
        push_in_pieces(&disturbed, made, true);
        if (number(STATE, calm.source.code) != number(STATE, disturbed.source.code))
            fail_msg("seed %u: another state", seed);
        assert_int_equal(number("SELECT count(*) FROM case_record a JOIN case_record b USING"
                                " (source, case_key, entity) WHERE a.source = '%s' AND (a.seq,"
                                " a.valid, a.known) < (b.seq, b.valid, b.known) AND a.valid &&"
                                " b.valid AND a.known && b.known",
                                disturbed.source.code),
                         0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_waits_for_the_one_before_it),
        cmocka_unit_test(a_correction_stands_in_the_place_of_what_was_rejected),
        cmocka_unit_test(a_retraction_gives_up_what_was_rejected),
        cmocka_unit_test(what_sets_others_free_has_the_last_word_over_them),
        cmocka_unit_test(a_correction_that_is_wrong_itself_sets_nothing_free),
        cmocka_unit_test(a_rejected_record_is_not_replaced_by_another_of_its_number),
        cmocka_unit_test(another_record_of_a_taken_number_is_refused_and_its_source_flagged),
        cmocka_unit_test(what_waited_goes_on_in_steps),
        cmocka_unit_test(a_thing_is_said_again_without_a_look_at_all_of_its_past),
        cmocka_unit_test(a_case_that_fails_holds_up_no_other),
        cmocka_unit_test(what_was_known_before_can_still_be_asked_for),
        cmocka_unit_test(a_court_writes_case_record_and_outbox_row_at_once),
        cmocka_unit_test(a_court_goes_on_behind_a_last_batch_of_doubles),
        cmocka_unit_test(the_courts_of_the_law_are_there),
        cmocka_unit_test(replays_in_any_cut_and_order_leave_the_same_state),
    };

    return cmocka_run_group_tests(tests, take_begin, take_end);
}
