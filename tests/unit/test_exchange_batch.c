/* Batches as bytes: the tree, the signature, and what is read of each record. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "proto/codec.h"
#include "server/exchange/batch.h"
#include "server/exchange/merkle.h"
#include "server/net/net.h"
#include "tests/unit/signer_fixture.h"

#define NOW    1800000000000
#define CHANGE "0192f0c1-2b3c-7d4e-8f50-0123456789ab"

static struct signer *signer;
static uint8_t public_key[SIGNER_FIXTURE_KEY_MAX];
static size_t public_len;

static int make_key(void **state)
{
    (void)state;
    signer = signer_fixture_with(public_key, &public_len);
    return 0;
}

static int drop_key(void **state)
{
    (void)state;
    signer_free(signer);
    return 0;
}

/* ---- the tree ---- */

static void assert_root(int leaves, const char *wanted)
{
    uint8_t root[SHA256_BYTES];
    char hex[SHA256_HEX_SIZE];
    struct merkle merkle = {0};

    for (int i = 0; i < leaves; i++) {
        const uint8_t leaf = (uint8_t)i;
        merkle_add(&merkle, &leaf, 1);
    }
    merkle_root(&merkle, root);
    str_hex(root, sizeof(root), hex);
    assert_string_equal(hex, wanted);
}

/* Computed with another program, by the definition: MTH(D[n]) = H(1 || MTH(D[0:k]) || MTH(D[k:n])).
 */
static void the_root_is_that_of_the_rfc(void **state)
{
    (void)state;
    assert_root(0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_root(1, "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7");
    assert_root(2, "a20bf9a7cc2dc8a08f5f415a71b19f6ac427bab54d24eec868b5d3103449953a");
    assert_root(3, "3b6cccd7e3e023ff393006f030315ee7ad9eb111b022b41fba7e5b7a3973f688");
    assert_root(5, "b855b42d6c30f5b087e05266783fbd6e394f7b926013ccaa67700a8b0c5a596f");
    assert_root(8, "ef7f49b620f6c7ea9b963a214da34b5021c6ded8ed57734380a311ab726aa907");
    assert_root(13, "df5ee130e5a247600d190c31074458de3c0dc58f0b0d8a6a2b3dd4fd7e569501");
    assert_root(200, "e2f07a9cf65026ba282cb286d673b564787a64785575ad1aaa74468da02d6161");
}

/* ---- one record ---- */

struct made {
    Assize__Exchange__V1__Record record;
    uint8_t zeros[SHA256_BYTES], payload[8], payload_hash[SHA256_BYTES], hash[SHA256_BYTES];
};

static ProtobufCBinaryData bytes(uint8_t *data, size_t len)
{
    return (ProtobufCBinaryData){.data = data, .len = len};
}

static void seal(struct made *made)
{
    sha256(made->record.payload.data, made->record.payload.len, made->payload_hash);
    batch_record_hash(&made->record, made->hash);
}

static void make_record(struct made *made, uint64_t seq)
{
    static char change[] = CHANGE, key[] = "case-1", type[] = "case";

    *made = (struct made){.payload = {0x18, 5}}; /* status TRIED */
    assize__exchange__v1__record__init(&made->record);
    made->record.change_id = change;
    made->record.case_key = key;
    made->record.record_type = type;
    made->record.has_seq = made->record.has_op = made->record.has_schema_version =
        made->record.has_recorded_ms = made->record.has_payload = made->record.has_prev_hash =
            made->record.has_payload_hash = made->record.has_hash = true;
    made->record.seq = seq;
    made->record.op = ASSIZE__EXCHANGE__V1__OP__OP_UPSERT;
    made->record.schema_version = 1;
    made->record.recorded_ms = NOW;
    made->record.payload = bytes(made->payload, 2);
    made->record.prev_hash = bytes(made->zeros, SHA256_BYTES);
    made->record.payload_hash = bytes(made->payload_hash, SHA256_BYTES);
    made->record.hash = bytes(made->hash, SHA256_BYTES);
    seal(made);
}

/* ---- a batch of one record ---- */

struct carried {
    struct buf packed;
    struct arena arena;
    struct batch_received received;
    bool good;
};

static void carry(struct carried *carried, struct made *made)
{
    Assize__Exchange__V1__Record *records[] = {&made->record};
    struct exchange_batch batch = {.batch_no = 7, .count = 1, .records = records};

    buf_init(&carried->packed, NET_BODY_MAX);
    assert_int_equal(batch_write(&batch, "VN.TOA1", signer, &carried->packed), 0);
    arena_init(&carried->arena, batch_arena_max(carried->packed.len));
    carried->good = batch_read(&carried->arena, carried->packed.data, carried->packed.len, NOW,
                               &carried->received);
}

static void drop(struct carried *carried)
{
    buf_done(&carried->packed);
    arena_done(&carried->arena);
}

static const char *fault_of(struct made *made)
{
    static char fault[80];
    struct carried carried;

    carry(&carried, made);
    assert_true(carried.good);
    const char *found = carried.received.batch.facts[0].fault;
    snprintf(fault, sizeof(fault), "%s", found ? found : "");
    drop(&carried);
    return fault;
}

static bool is_signed(const struct batch_received *received)
{
    return batch_is_signed(received, public_key, public_len);
}

static void what_was_written_is_read_and_its_signature_holds(void **state)
{
    struct carried carried;
    struct made made;

    (void)state;
    make_record(&made, 1);
    carry(&carried, &made);
    assert_true(carried.good);
    assert_string_equal(carried.received.source, "VN.TOA1");
    assert_int_equal(carried.received.batch.batch_no, 7);
    assert_string_equal(carried.received.batch.facts[0].status, "tried");
    assert_null(carried.received.batch.facts[0].fault);
    assert_memory_equal(carried.received.batch.key_id, signer_key_id(signer), SHA256_BYTES);
    assert_true(is_signed(&carried.received));
    drop(&carried);
}

/* Whatever bit turns over on the way: it is no batch, or its signature does not hold. */
static void no_bit_of_a_batch_can_be_changed(void **state)
{
    struct batch_received received;
    struct carried carried;
    struct made made;
    struct arena arena;

    (void)state;
    make_record(&made, 1);
    carry(&carried, &made);
    for (size_t i = 0; i < carried.packed.len * 8; i++) {
        carried.packed.data[i / 8] ^= (uint8_t)(1 << i % 8);
        arena_init(&arena, batch_arena_max(carried.packed.len));
        bool good = batch_read(&arena, carried.packed.data, carried.packed.len, NOW, &received);
        assert_false(good && is_signed(&received));
        arena_done(&arena);
        carried.packed.data[i / 8] ^= (uint8_t)(1 << i % 8);
    }
    drop(&carried);
}

static void a_signature_of_another_key_does_not_hold(void **state)
{
    struct signer *ours = signer;
    struct carried carried;
    struct made made;

    make_record(&made, 1);
    carry(&carried, &made);
    make_key(state);
    assert_false(is_signed(&carried.received));
    assert_false(batch_is_signed(&carried.received, (const uint8_t *)"", 0));
    signer_free(ours);
    drop(&carried);
}

static void the_fault_of_a_record_is_its_own(void **state)
{
    struct made made;

    (void)state;
#define FAULT(change, wanted)                                                                      \
    make_record(&made, 5);                                                                         \
    change;                                                                                        \
    seal(&made);                                                                                   \
    assert_string_equal(fault_of(&made), wanted)
    FAULT((void)0, "");
    FAULT(made.record.schema_version = 2, "schema");
    FAULT(made.record.record_type = made.record.case_key, "schema");
    FAULT(made.record.recorded_ms = NOW + EXCHANGE_FUTURE_MS + 1, "future");
    FAULT(made.record.recorded_ms = INT64_MIN, "recorded_ms");
    FAULT(made.record.op = ASSIZE__EXCHANGE__V1__OP__OP_REDACT, "op");
    FAULT(made.record.recorded_ms = -62135596800001, "recorded_ms");
    FAULT(made.record.recorded_ms = -62135596800000, ""); /* the first day of the year 1 */
    FAULT(made.payload[1] = 99, "status");
    FAULT(made.payload[0] = 0xff, "unreadable");
#undef FAULT
    make_record(&made, 5);
    made.payload[1] = 6; /* hashed as 5 */
    assert_string_equal(fault_of(&made), "damaged");
    make_record(&made, 5);
    made.record.recorded_ms--;
    assert_string_equal(fault_of(&made), "damaged");
}

static void set_context(struct made *made, const Assize__Exchange__V1__RecordContext *context)
{
    static uint8_t packed[64];

    made->record.has_context = true;
    made->record.context = bytes(packed, protobuf_c_message_pack(&context->base, packed));
    seal(made);
}

static void the_envelope_says_since_when_and_in_whose_stead(void **state)
{
    Assize__Exchange__V1__RecordContext context = ASSIZE__EXCHANGE__V1__RECORD_CONTEXT__INIT;
    struct carried carried;
    struct made made;

    (void)state;
    context.has_valid_from_ms = context.has_corrects = true;
    context.valid_from_ms = NOW - 1000;
    context.corrects = 3;
    make_record(&made, 5);
    made.record.op = ASSIZE__EXCHANGE__V1__OP__OP_CORRECT;
    set_context(&made, &context);
    carry(&carried, &made);
    assert_null(carried.received.batch.facts[0].fault);
    assert_int_equal(carried.received.batch.facts[0].corrects, 3);
    assert_int_equal(carried.received.batch.facts[0].valid_from_ms, NOW - 1000);
    drop(&carried);
    made.record.op = ASSIZE__EXCHANGE__V1__OP__OP_UPSERT;
    set_context(&made, &context);
    assert_string_equal(fault_of(&made), "op");
    made.record.op = ASSIZE__EXCHANGE__V1__OP__OP_CORRECT;
    context.corrects = 5;
    set_context(&made, &context);
    assert_string_equal(fault_of(&made), "context");
    context.corrects = 3;
    context.has_valid_to_ms = true;
    context.valid_to_ms = NOW - 1000;
    set_context(&made, &context);
    assert_string_equal(fault_of(&made), "context");
}

/* ---- redaction ---- */

static char rest[] = "\x0a\x24"
                     "0192f0c1-2b3c-7d4e-8f50-0123456789ab";

static void a_record_that_was_redacted_stands_in_the_tree_as_it_was(void **state)
{
    uint8_t packed[512], leaf[SHA256_BYTES], root[SHA256_BYTES];
    static char type[] = "party";
    struct carried carried;
    struct made made;

    (void)state;
    make_record(&made, 1);
    made.record.record_type = type;
    seal(&made);
    const struct sha256_part parts[] = {
        {"\x00", 1}, {packed, protobuf_c_message_pack(&made.record.base, packed)}};
    sha256_parts(parts, 2, leaf);
    carry(&carried, &made);
    memcpy(root, carried.received.batch.root, SHA256_BYTES);
    drop(&carried);
    made.record.payload = bytes((uint8_t *)rest, sizeof(rest) - 1); /* the hash stays */
    assert_string_equal(fault_of(&made), "damaged");
    made.record.has_leaf = true;
    made.record.leaf = bytes(leaf, SHA256_BYTES);
    carry(&carried, &made);
    assert_true(carried.good);
    assert_memory_equal(carried.received.batch.root, root, SHA256_BYTES);
    assert_null(carried.received.batch.facts[0].fault);
    assert_string_equal(carried.received.batch.facts[0].entity, rest + 2);
    drop(&carried);
    made.hash[0] ^= 1; /* of which nothing else may change */
    assert_string_equal(fault_of(&made), "damaged");
    made.hash[0] ^= 1;
    made.record.payload = bytes(made.payload, 2); /* and which says nothing more */
    assert_string_equal(fault_of(&made), "unreadable");
    made.record.leaf.len--;
    carry(&carried, &made);
    assert_false(carried.good);
    drop(&carried);
}

static void a_redaction_names_an_earlier_record_and_its_ground(void **state)
{
    static char type[] = "party", basis[EXCHANGE_BASIS_MAX + 2], ground[] = "Điều 14";
    Assize__Exchange__V1__RecordContext context = ASSIZE__EXCHANGE__V1__RECORD_CONTEXT__INIT;
    uint8_t packed[EXCHANGE_BASIS_MAX + 32];
    struct made made;

    (void)state;
    memset(basis, 'x', EXCHANGE_BASIS_MAX + 1);
#define REDACTION(change, wanted)                                                                  \
    make_record(&made, 5);                                                                         \
    assize__exchange__v1__record_context__init(&context);                                          \
    context.has_redacts = true;                                                                    \
    context.redacts = 4;                                                                           \
    context.legal_basis = ground;                                                                  \
    made.record.op = ASSIZE__EXCHANGE__V1__OP__OP_REDACT;                                          \
    made.record.record_type = type;                                                                \
    made.record.payload = bytes((uint8_t *)rest, sizeof(rest) - 1);                                \
    change;                                                                                        \
    made.record.has_context = true;                                                                \
    made.record.context = bytes(packed, protobuf_c_message_pack(&context.base, packed));           \
    seal(&made);                                                                                   \
    assert_string_equal(fault_of(&made), wanted)
    REDACTION((void)0, "");
    REDACTION(context.redacts = 5, "context");
    REDACTION(context.redacts = 0, "context");
    REDACTION(context.has_redacts = false, "context");
    REDACTION(context.legal_basis = NULL, "context");
    REDACTION(context.legal_basis = basis, "context");
    REDACTION((context.has_corrects = true, context.corrects = 4), "op");
    REDACTION(made.record.op = ASSIZE__EXCHANGE__V1__OP__OP_RETRACT, "context");
    REDACTION(made.record.payload = bytes(made.payload, 2), "unreadable");
    static char notice[] = "notice";
    REDACTION(made.record.record_type = notice, "op");
#undef REDACTION
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_root_is_that_of_the_rfc),
        cmocka_unit_test(what_was_written_is_read_and_its_signature_holds),
        cmocka_unit_test(no_bit_of_a_batch_can_be_changed),
        cmocka_unit_test(a_signature_of_another_key_does_not_hold),
        cmocka_unit_test(the_fault_of_a_record_is_its_own),
        cmocka_unit_test(the_envelope_says_since_when_and_in_whose_stead),
        cmocka_unit_test(a_record_that_was_redacted_stands_in_the_tree_as_it_was),
        cmocka_unit_test(a_redaction_names_an_earlier_record_and_its_ground),
    };

    return cmocka_run_group_tests(tests, make_key, drop_key);
}
