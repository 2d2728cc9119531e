/* server/ceremony/facts.h: what was read against what the case knows, and what is signed of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "db/identity_record.h"
#include "server/ceremony/facts.h"

#define KIND(name)    ASSIZE__IDENTITY__V1__DOCUMENT_KIND__DOCUMENT_KIND_##name
#define FIELD(name)   ASSIZE__IDENTITY__V1__FIELD__FIELD_##name
#define FINDING(name) ASSIZE__IDENTITY__V1__FINDING__FINDING_##name

#define NUMBER "001085012345"

static struct arena arena;
static Assize__Identity__V1__CaseDetails details;
static Assize__Identity__V1__Reading reading;
static Assize__Identity__V1__FieldReading fields[FACTS_FIELDS];
static Assize__Identity__V1__FieldReading *table[FACTS_FIELDS];
static Assize__Identity__V1__IdentityFacts facts;
static char full_name[] = "Phạm Văn Tuấn", born[] = "1985-03-02", number[] = NUMBER, nothing[] = "",
            card[] = NUMBER, issuer[] = "Bộ Công an", issued[] = "2021-05-20";

/* Everything as in the case, which does not know the residence. */
static int read_all(void **state)
{
    (void)state;
    arena_init(&arena, 1 << 20);
    assize__identity__v1__case_details__init(&details);
    assize__identity__v1__reading__init(&reading);
    assize__identity__v1__identity_facts__init(&facts);
    details.full_name = full_name;
    details.date_of_birth = born;
    details.personal_number = number;
    details.residence = details.document = details.summons = nothing;
    for (int i = 0; i < FACTS_FIELDS; i++) {
        assize__identity__v1__field_reading__init(table[i] = &fields[i]);
        fields[i].has_field = fields[i].has_finding = true;
        fields[i].field = (Assize__Identity__V1__Field)(i + 1);
        fields[i].finding = i == 3 ? FINDING(NOT_IN_CASE) : FINDING(SAME);
    }
    reading.has_kind = true;
    reading.kind = KIND(CITIZEN_CARD);
    reading.number = card;
    reading.issued = issued;
    reading.issuer = issuer;
    reading.fields = table;
    reading.n_fields = FACTS_FIELDS;
    return 0;
}

static int forget(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static enum refusal make(void)
{
    return facts_make(&reading, &details, &arena, &facts);
}

static void keeps_no_number_but_its_end_and_a_salted_hash(void **state)
{
    uint8_t packed[4096];
    Assize__Identity__V1__IdentityFacts again = ASSIZE__IDENTITY__V1__IDENTITY_FACTS__INIT;

    (void)state;
    assert_int_equal(make(), REFUSAL_NONE);
    size_t len = assize__identity__v1__identity_facts__pack(&facts, packed);
    assert_null(memmem(packed, len, NUMBER, strlen(NUMBER)));
    assert_string_equal(facts.document->number_end, "2345");
    assert_string_equal(facts.comparisons[2]->in_case, "2345");
    assert_int_equal(facts_make(&reading, &details, &arena, &again), REFUSAL_NONE);
    assert_memory_not_equal(facts.document->number_hash.data, again.document->number_hash.data,
                            SHA256_BYTES);
    assert_true(facts_agree(&facts, &again, NUMBER));
    assert_false(facts_agree(&facts, &again, "001085012346"));
}

static void asks_for_every_field_once(void **state)
{
    (void)state;
    reading.n_fields = 3;
    assert_int_equal(make(), REFUSAL_IDENTITY_UNFIT);
    reading.n_fields = FACTS_FIELDS;
    fields[1].field = FIELD(FULL_NAME);
    assert_int_equal(make(), REFUSAL_IDENTITY_UNFIT);
    fields[1].field = (Assize__Identity__V1__Field)99;
    assert_int_equal(make(), REFUSAL_IDENTITY_UNFIT);
}

static void a_difference_needs_what_it_says_and_a_remark(void **state)
{
    char says[] = "Phạm Văn Tuán", remark[] = "Giấy tờ in sai dấu";

    (void)state;
    fields[0].finding = FINDING(DIFFERENT);
    assert_int_equal(make(), REFUSAL_REMARK_NEEDED);
    fields[0].in_document = says;
    assert_int_equal(make(), REFUSAL_REMARK_NEEDED);
    fields[0].remark = nothing;
    assert_int_equal(make(), REFUSAL_REMARK_NEEDED);
    fields[0].remark = remark;
    assert_int_equal(make(), REFUSAL_NONE);
    assert_string_equal(facts.comparisons[0]->in_document, says);
    assert_string_equal(facts.comparisons[0]->remark, remark);
}

static void what_the_case_does_not_know_is_not_the_same(void **state)
{
    (void)state;
    fields[3].finding = FINDING(SAME);
    assert_int_equal(make(), REFUSAL_IDENTITY_UNFIT);
    fields[3].finding = FINDING(NOT_IN_CASE);
    fields[0].finding = FINDING(NOT_IN_CASE);
    assert_int_equal(make(), REFUSAL_IDENTITY_UNFIT);
    fields[0].finding = FINDING(UNSPECIFIED);
    assert_int_equal(make(), REFUSAL_IDENTITY_UNFIT);
}

static void a_card_with_another_number_cannot_be_called_the_same(void **state)
{
    char other[] = "001 085 012 346", remark[] = "Thẻ mới", five[] = "12345";

    (void)state;
    reading.number = other;
    assert_int_equal(make(), REFUSAL_IDENTITY_NUMBER_DIFFERS);
    fields[2].finding = FINDING(DIFFERENT);
    fields[2].in_document = other;
    fields[2].remark = remark;
    assert_int_equal(make(), REFUSAL_NONE);
    assert_string_equal(facts.document->number_end, "2346");
    reading.number = card;
    assert_int_equal(make(), REFUSAL_IDENTITY_UNFIT); /* different, and the same number */
    reading.number = five;
    assert_int_equal(make(), REFUSAL_IDENTITY_UNFIT);
    reading.kind = KIND(PASSPORT);
    assert_int_equal(make(), REFUSAL_NONE);
}

static void refuses_a_document_without_kind_number_or_a_real_day(void **state)
{
    char day[] = "2021-02-30", blank[] = "   ";
    char *long_text = arena_alloc(&arena, 400);

    (void)state;
    reading.kind = KIND(UNSPECIFIED);
    assert_int_equal(make(), REFUSAL_IDENTITY_UNFIT);
    reading.kind = KIND(OTHER);
    reading.number = blank;
    assert_int_equal(make(), REFUSAL_IDENTITY_UNFIT);
    reading.number = card;
    reading.issued = day;
    assert_int_equal(make(), REFUSAL_IDENTITY_UNFIT);
    reading.issued = nothing;
    memset(long_text, 'a', 300);
    reading.issuer = long_text;
    assert_int_equal(make(), REFUSAL_IDENTITY_UNFIT);
    reading.issuer = NULL;
    assert_int_equal(make(), REFUSAL_NONE);
}

static void brings_letters_to_one_form(void **state)
{
    char decomposed[] = "Bo\xcc\xa3\xcc\x82 Co\xcc\x82ng an"; /* NFD */
    Assize__Identity__V1__IdentityFacts composed = ASSIZE__IDENTITY__V1__IDENTITY_FACTS__INIT;

    (void)state;
    assert_int_equal(facts_make(&reading, &details, &arena, &composed), REFUSAL_NONE);
    reading.issuer = decomposed;
    assert_int_equal(make(), REFUSAL_NONE);
    assert_string_equal(facts.document->issuer, issuer);
    assert_true(facts_agree(&composed, &facts, NUMBER));
}

static void remarks_may_be_worded_differently_findings_not(void **state)
{
    char says[] = "Hà Nội", one[] = "Mới chuyển", other[] = "Vừa chuyển nhà";
    Assize__Identity__V1__IdentityFacts before = ASSIZE__IDENTITY__V1__IDENTITY_FACTS__INIT;

    (void)state;
    details.residence = issuer;
    fields[3].finding = FINDING(DIFFERENT);
    fields[3].in_document = says;
    fields[3].remark = one;
    assert_int_equal(facts_make(&reading, &details, &arena, &before), REFUSAL_NONE);
    fields[3].remark = other;
    assert_int_equal(make(), REFUSAL_NONE);
    assert_true(facts_agree(&before, &facts, NUMBER));
    fields[3].in_document = full_name;
    assert_int_equal(make(), REFUSAL_NONE);
    assert_false(facts_agree(&before, &facts, NUMBER));
}

static void names_other_details_otherwise(void **state)
{
    uint8_t one[SHA256_BYTES], other[SHA256_BYTES];

    (void)state;
    facts_seen(&details, one);
    facts_seen(&details, other);
    assert_memory_equal(one, other, SHA256_BYTES);
    details.summons = number;
    facts_seen(&details, other);
    assert_memory_not_equal(one, other, SHA256_BYTES);
}

static void every_attestation_changes_the_hash_of_the_record(void **state)
{
    uint8_t bytes[] = {1, 2, 3}, one[SHA256_BYTES], two[SHA256_BYTES], changed[SHA256_BYTES];
    const ProtobufCBinaryData some = {sizeof(bytes), bytes};
    struct ceremony_record record = {.facts = some, .count = 2};

    (void)state;
    for (int i = 0; i < 2; i++)
        record.attestations[i] = (struct ceremony_attestation){
            .attestation = some, .public_key = some, .signature = some};
    identity_record_hash(&record, 1, one);
    identity_record_hash(&record, 2, two);
    assert_memory_not_equal(one, two, SHA256_BYTES);
    record.attestations[1].signature.len = 2;
    identity_record_hash(&record, 2, changed);
    assert_memory_not_equal(two, changed, SHA256_BYTES);
    identity_record_hash(&record, 1, changed);
    assert_memory_equal(one, changed, SHA256_BYTES);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, read_all, forget)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(keeps_no_number_but_its_end_and_a_salted_hash),
        TEST(asks_for_every_field_once),
        TEST(a_difference_needs_what_it_says_and_a_remark),
        TEST(what_the_case_does_not_know_is_not_the_same),
        TEST(a_card_with_another_number_cannot_be_called_the_same),
        TEST(refuses_a_document_without_kind_number_or_a_real_day),
        TEST(brings_letters_to_one_form),
        TEST(remarks_may_be_worded_differently_findings_not),
        TEST(names_other_details_otherwise),
        TEST(every_attestation_changes_the_hash_of_the_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
