#include "server/ceremony/facts.h"

#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/id.h"
#include "base/str.h"

#define KIND(name)    ASSIZE__IDENTITY__V1__DOCUMENT_KIND__DOCUMENT_KIND_##name
#define FIELD(name)   ASSIZE__IDENTITY__V1__FIELD__FIELD_##name
#define FINDING(name) ASSIZE__IDENTITY__V1__FINDING__FINDING_##name

enum { SALT_BYTES = 16, END_CHARACTERS = 4, PERSONAL_NUMBER_DIGITS = 12 };

void facts_seen(const Assize__Identity__V1__CaseDetails *details, uint8_t out[static SHA256_BYTES])
{
    uint8_t *packed = malloc(assize__identity__v1__case_details__get_packed_size(details) + 1);

    if (!packed)
        abort();
    sha256(packed, assize__identity__v1__case_details__pack(details, packed), out);
    free(packed);
}

/* ---- texts ---- */

/* NFC in the arena, without blanks around it; NULL when it is too long, or no line of text. */
static char *read_text(const char *text, size_t max, struct arena *arena)
{
    char *nfc = NULL;

    while (text && *text == ' ')
        text++;
    if (str_nfc(text ? text : "", max, &nfc))
        return NULL;
    size_t len = strlen(nfc);
    while (len && nfc[len - 1] == ' ')
        len--;
    char *copy = arena_copy(arena, nfc, len);
    free(nfc);
    return copy && str_is_line(copy) ? copy : NULL;
}

bool facts_number(const char *text, char out[static FACTS_NUMBER_MAX + 1])
{
    char *nfc = NULL;
    size_t len = 0;

    if (!text || str_nfc(text, FACTS_NUMBER_MAX, &nfc))
        return false;
    for (const char *c = nfc; *c; c++) {
        if (*c != ' ')
            out[len++] = *c >= 'a' && *c <= 'z' ? (char)(*c + 'A' - 'a') : *c;
    }
    out[len] = '\0';
    free(nfc);
    return len > 0 && str_is_line(out);
}

/* The last characters of it, within it. */
static const char *end_of(const char *number)
{
    const char *at = number + strlen(number);

    for (int characters = 0; at > number && characters < END_CHARACTERS;) {
        at--;
        characters += ((uint8_t)*at & 0xc0) != 0x80;
    }
    return at;
}

static bool is_personal_number(const char *text)
{
    return strlen(text) == PERSONAL_NUMBER_DIGITS &&
           strspn(text, "0123456789") == PERSONAL_NUMBER_DIGITS;
}

/* ---- the document ---- */

static void hash_number(const ProtobufCBinaryData *salt, const char *number,
                        uint8_t out[static SHA256_BYTES])
{
    const struct sha256_part parts[] = {{salt->data, salt->len}, {number, strlen(number)}};

    sha256_parts(parts, 2, out);
}

/* Its number is the personal number of who carries it. */
static bool is_citizens(Assize__Identity__V1__DocumentKind kind)
{
    return kind == KIND(CITIZEN_CARD) || kind == KIND(ELECTRONIC);
}

static Assize__Identity__V1__Document *make_document(const Assize__Identity__V1__Reading *reading,
                                                     const char *number, struct arena *arena)
{
    Assize__Identity__V1__Document *document = arena_alloc(arena, sizeof(*document));
    uint8_t *salt = arena_alloc(arena, SALT_BYTES);
    uint8_t *hash = arena_alloc(arena, SHA256_BYTES);
    const char *end = end_of(number);

    if (!document || !salt || !hash)
        return NULL;
    assize__identity__v1__document__init(document);
    id_random(salt, SALT_BYTES);
    document->has_kind = document->has_number_salt = document->has_number_hash = true;
    document->kind = reading->kind;
    document->number_salt = (ProtobufCBinaryData){SALT_BYTES, salt};
    hash_number(&document->number_salt, number, hash);
    document->number_hash = (ProtobufCBinaryData){SHA256_BYTES, hash};
    document->number_end = arena_copy(arena, end, strlen(end));
    document->issued = read_text(reading->issued, FACTS_TEXT_MAX, arena);
    document->issuer = read_text(reading->issuer, FACTS_TEXT_MAX, arena);
    bool good = document->number_end && document->issuer && document->issued &&
                (!*document->issued || date_is_past_day(document->issued));
    return good ? document : NULL;
}

/* ---- the fields ---- */

static char *field_of(const Assize__Identity__V1__CaseDetails *details,
                      Assize__Identity__V1__Field field)
{
    switch (field) {
    case FIELD(FULL_NAME):
        return details->full_name;
    case FIELD(DATE_OF_BIRTH):
        return details->date_of_birth;
    case FIELD(PERSONAL_NUMBER):
        return details->personal_number;
    case FIELD(RESIDENCE):
        return details->residence;
    case FIELD(UNSPECIFIED):
    case _ASSIZE__IDENTITY__V1__FIELD_IS_INT_SIZE:
        break;
    }
    return NULL;
}

static char *shown(Assize__Identity__V1__Field field, const char *text, struct arena *arena)
{
    const char *part = field == FIELD(PERSONAL_NUMBER) ? end_of(text) : text;

    return arena_copy(arena, part, strlen(part));
}

static enum refusal compare(const Assize__Identity__V1__FieldReading *read, const char *in_case,
                            struct arena *arena, Assize__Identity__V1__Comparison *comparison)
{
    bool differs = read->finding == FINDING(DIFFERENT);
    char *in_document = read_text(read->in_document, FACTS_TEXT_MAX, arena);
    char *remark = read_text(read->remark, FACTS_REMARK_MAX, arena);

    assize__identity__v1__comparison__init(comparison);
    if (!in_document || !remark)
        return REFUSAL_TOO_LARGE;
    if ((read->finding == FINDING(NOT_IN_CASE)) != !*in_case || read->finding < FINDING(SAME) ||
        read->finding > FINDING(NOT_IN_CASE))
        return REFUSAL_IDENTITY_UNFIT;
    if (differs && (!*in_document || !*remark))
        return REFUSAL_REMARK_NEEDED;
    comparison->has_field = comparison->has_finding = true;
    comparison->field = read->field;
    comparison->finding = read->finding;
    if (*in_case)
        comparison->in_case = shown(read->field, in_case, arena);
    if (*in_document && read->finding != FINDING(SAME))
        comparison->in_document = shown(read->field, in_document, arena);
    if (*remark)
        comparison->remark = remark;
    return REFUSAL_NONE;
}

/* A citizen's card says the personal number, so that it is compared here as well. */
static enum refusal check_number(const Assize__Identity__V1__Reading *reading, const char *number,
                                 const char *in_case, Assize__Identity__V1__Finding finding)
{
    if (!is_citizens(reading->kind))
        return REFUSAL_NONE;
    if (!is_personal_number(number))
        return REFUSAL_IDENTITY_UNFIT;
    bool same = strcmp(number, in_case) == 0;
    if (finding == FINDING(SAME) && !same)
        return REFUSAL_IDENTITY_NUMBER_DIFFERS;
    return finding == FINDING(DIFFERENT) && same ? REFUSAL_IDENTITY_UNFIT : REFUSAL_NONE;
}

/* Each field once, in the order of the schema. */
static enum refusal compare_all(const Assize__Identity__V1__Reading *reading, const char *number,
                                const Assize__Identity__V1__CaseDetails *details,
                                struct arena *arena, Assize__Identity__V1__IdentityFacts *facts)
{
    Assize__Identity__V1__Comparison *made = arena_alloc(arena, FACTS_FIELDS * sizeof(*made));
    enum refusal refusal = REFUSAL_NONE;
    unsigned seen = 0;

    facts->comparisons = arena_alloc(arena, FACTS_FIELDS * sizeof(*facts->comparisons));
    if (!made || !facts->comparisons)
        return REFUSAL_TOO_LARGE;
    if (reading->n_fields != FACTS_FIELDS)
        return REFUSAL_IDENTITY_UNFIT;
    for (size_t i = 0; !refusal && i < FACTS_FIELDS; i++) {
        const Assize__Identity__V1__FieldReading *read = reading->fields[i];
        const char *in_case = field_of(details, read->field);
        if (!in_case || seen & 1u << read->field)
            return REFUSAL_IDENTITY_UNFIT;
        seen |= 1u << read->field;
        facts->comparisons[read->field - 1] = &made[read->field - 1];
        refusal = compare(read, in_case, arena, &made[read->field - 1]);
        if (!refusal && read->field == FIELD(PERSONAL_NUMBER))
            refusal = check_number(reading, number, in_case, read->finding);
    }
    facts->n_comparisons = FACTS_FIELDS;
    return refusal;
}

enum refusal facts_make(const Assize__Identity__V1__Reading *reading,
                        const Assize__Identity__V1__CaseDetails *details, struct arena *arena,
                        Assize__Identity__V1__IdentityFacts *facts)
{
    char number[FACTS_NUMBER_MAX + 1];

    if (reading->kind < KIND(CITIZEN_CARD) || reading->kind > KIND(OTHER) ||
        !facts_number(reading->number, number))
        return REFUSAL_IDENTITY_UNFIT;
    facts->document = make_document(reading, number, arena);
    if (!facts->document)
        return REFUSAL_IDENTITY_UNFIT;
    return compare_all(reading, number, details, arena, facts);
}

/* ---- the same or not ---- */

static bool same_text(const char *one, const char *other)
{
    return strcmp(one ? one : "", other ? other : "") == 0;
}

static bool same_document(const Assize__Identity__V1__Document *one,
                          const Assize__Identity__V1__Document *other, const char *number)
{
    uint8_t hash[SHA256_BYTES];

    if (!one || !other || one->number_hash.len != SHA256_BYTES)
        return false;
    hash_number(&one->number_salt, number, hash);
    return one->kind == other->kind && memcmp(one->number_hash.data, hash, sizeof(hash)) == 0 &&
           same_text(one->issued, other->issued) && same_text(one->issuer, other->issuer);
}

bool facts_agree(const Assize__Identity__V1__IdentityFacts *one,
                 const Assize__Identity__V1__IdentityFacts *other, const char *number)
{
    bool same = same_document(one->document, other->document, number) &&
                one->n_comparisons == other->n_comparisons;

    for (size_t i = 0; same && i < one->n_comparisons; i++) {
        const Assize__Identity__V1__Comparison *a = one->comparisons[i];
        const Assize__Identity__V1__Comparison *b = other->comparisons[i];
        same = a->field == b->field && a->finding == b->finding &&
               same_text(a->in_case, b->in_case) && same_text(a->in_document, b->in_document);
    }
    return same;
}
