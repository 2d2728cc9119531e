#include "cli/verify_identity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "assize/identity/v1/identity.pb-c.h"
#include "base/str.h"
#include "db/identity_record.h"
#include "proto/codec.h"

enum { PATH_SIZE = 64, MESSAGE_MAX = 64 << 10 };

/* An attestation as an event holds it. */
struct told {
    char record[ID_UUID_SIZE];
    uint8_t hash[SHA256_BYTES];
    uint32_t participant;
    uint32_t by;
    Assize__Hearing__V1__Attester as;
    bool good;
};

struct verify_identity {
    void (*finding)(void *context, const char *path, const char *why);
    void *context;
    struct told *told;
    size_t count;
};

struct verify_identity *verify_identity_new(void (*finding)(void *context, const char *path,
                                                            const char *why),
                                            void *context)
{
    struct verify_identity *identity = calloc(1, sizeof(*identity));

    if (!identity)
        abort();
    identity->finding = finding;
    identity->context = context;
    return identity;
}

void verify_identity_free(struct verify_identity *identity)
{
    if (!identity)
        return;
    free(identity->told);
    free(identity);
}

void verify_identity_event(struct verify_identity *identity,
                           const Assize__Hearing__V1__Event *event)
{
    const Assize__Hearing__V1__AttestIdentity *said = event->identity_attested;

    if (event->body_case != ASSIZE__HEARING__V1__EVENT__BODY_IDENTITY_ATTESTED)
        return;
    identity->told = realloc(identity->told, (identity->count + 1) * sizeof(*identity->told));
    if (!identity->told)
        abort();
    struct told *told = &identity->told[identity->count++];
    *told = (struct told){.participant = said->participant, .by = said->by, .as = said->as};
    str_copy(told->record, sizeof(told->record), said->record ? said->record : "");
    if (said->hash.len == SHA256_BYTES)
        memcpy(told->hash, said->hash.data, SHA256_BYTES);
}

static void report(struct verify_identity *identity, const char *record, const char *why)
{
    char path[PATH_SIZE];

    snprintf(path, sizeof(path), "identity %s", record);
    identity->finding(identity->context, path, why);
}

/* ---- one record ---- */

/* NULL, or what does not fit of an attestation itself. */
static const char *judge_signature(const struct admin_identity *found, uint32_t at,
                                   const Assize__Identity__V1__AttestationFacts *facts)
{
    const struct ceremony_attestation *made = &found->record->attestations[at];
    struct buf message;

    if (!facts || !facts->id || strcmp(facts->id, made->id) != 0)
        return "an attestation is not the one it is kept as";
    if (!facts->account || strcmp(facts->account, found->accounts[at]) != 0)
        return "an attestation was signed with a key that is not its attester's";
    buf_init(&message, MESSAGE_MAX);
    bool good = !identity_record_message(&found->record->facts, &made->attestation, &message) &&
                signing_key_verify(made->public_key.data, made->public_key.len, message.data,
                                   message.len, made->signature.data, made->signature.len);
    buf_done(&message);
    return good ? NULL : "a signature is not of the facts it stands under";
}

/* An event holds the record with the attestations up to this one. */
static struct told *find_told(const struct verify_identity *identity,
                              const struct ceremony_record *record, uint32_t at)
{
    uint8_t hash[SHA256_BYTES];

    identity_record_hash(record, at + 1, hash);
    for (size_t i = 0; i < identity->count; i++) {
        struct told *told = &identity->told[i];
        if (strcmp(told->record, record->id) == 0 && memcmp(told->hash, hash, sizeof(hash)) == 0)
            return told;
    }
    return NULL;
}

static void see_attestation(struct verify_identity *identity, const struct admin_identity *found,
                            uint32_t at)
{
    const struct ceremony_attestation *made = &found->record->attestations[at];
    struct arena arena;

    arena_init(&arena, codec_arena_max(made->attestation.len));
    const Assize__Identity__V1__AttestationFacts *facts =
        codec_unpack(&assize__identity__v1__attestation_facts__descriptor, &arena,
                     made->attestation.data, made->attestation.len);
    const char *why = judge_signature(found, at, facts);
    struct told *told = find_told(identity, found->record, at);
    if (told && !why && told->participant == found->participant && facts->as == told->as &&
        facts->participant == told->by)
        told->good = true;
    else if (why)
        report(identity, found->record->id, why);
    arena_done(&arena);
}

static void see_facts(struct verify_identity *identity, const struct admin_identity *found)
{
    const ProtobufCBinaryData *packed = &found->record->facts;
    struct arena arena;

    arena_init(&arena, codec_arena_max(packed->len));
    const Assize__Identity__V1__IdentityFacts *facts = codec_unpack(
        &assize__identity__v1__identity_facts__descriptor, &arena, packed->data, packed->len);
    if (!facts || !facts->record || strcmp(facts->record, found->record->id) != 0 ||
        !facts->hearing || strcmp(facts->hearing, found->hearing) != 0 ||
        facts->participant != found->participant || !facts->person ||
        strcmp(facts->person, found->person) != 0)
        report(identity, found->record->id, "the facts are not of the person they are kept for");
    arena_done(&arena);
}

static void see_record(void *context, const struct admin_identity *found)
{
    see_facts(context, found);
    for (uint32_t i = 0; i < found->record->count; i++)
        see_attestation(context, found, i);
}

int verify_identity_records(struct verify_identity *identity, struct admin *admin,
                            const char *hearing)
{
    int result = admin_identities(admin, hearing, see_record, identity);

    for (size_t i = 0; !result && i < identity->count; i++) {
        if (!identity->told[i].good)
            report(identity, identity->told[i].record,
                   "the events hold an attestation that is not in the tables as it was signed");
    }
    return result;
}

size_t verify_identity_told(const struct verify_identity *identity)
{
    return identity->count;
}

size_t verify_identity_good(const struct verify_identity *identity)
{
    size_t good = 0;

    for (size_t i = 0; i < identity->count; i++)
        good += identity->told[i].good;
    return good;
}
