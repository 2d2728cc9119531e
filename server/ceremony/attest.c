/* Attest: from what was read in somebody's papers to the event of the hearing. */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "db/identity_record.h"
#include "proto/codec.h"
#include "server/ceremony/ceremony_internal.h"
#include "server/hearing/names.h"

enum { DECISION_MEMORY = 16 << 10 };

static const Assize__Identity__V1__AttestRequest *request_of(const struct ask *ask)
{
    return (const Assize__Identity__V1__AttestRequest *)ask->request;
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

/* Packed into the ask's memory. */
static ProtobufCBinaryData pack(struct ask *ask, const ProtobufCMessage *message)
{
    ProtobufCBinaryData packed = {.len = protobuf_c_message_get_packed_size(message)};

    packed.data = ceremony_alloc(ask, packed.len);
    protobuf_c_message_pack(message, packed.data);
    return packed;
}

static struct ceremony_attestation *newest_of(struct ceremony_record *record)
{
    return &record->attestations[record->count - 1];
}

/* ---- 3. the hearing learns of it ---- */

static struct ask *find_ask(const struct ceremony *ceremony, uint64_t number)
{
    struct ask *ask = ceremony->asks;

    while (ask && ask->number != number)
        ask = ask->next;
    return ask;
}

static void reply_record(struct ask *ask, const struct hearing *state)
{
    Assize__Identity__V1__AttestResponse answer = ASSIZE__IDENTITY__V1__ATTEST_RESPONSE__INIT;

    answer.record = ceremony_view_record(ask, state, &ask->signing->record);
    ceremony_reply(ask, &answer.base);
}

static void submitted(void *context, uint64_t number, enum refusal refusal, uint64_t seq)
{
    struct ceremony *ceremony = context;
    struct ask *ask = find_ask(ceremony, number);

    if (!ask)
        return;
    const struct court_hearing *hearing = court_find(ceremony->court, ask->session.hearing);
    if (refusal || !hearing) {
        ceremony_refuse(ask, refusal ? refusal : REFUSAL_OUTCOME_UNKNOWN, 0);
        return;
    }
    log_info("identity.attested", "hearing=%s participant=%u seq=%llu", ask->session.hearing,
             ask->signing->person->participant, (unsigned long long)seq);
    reply_record(ask, court_state(hearing));
}

/* The command of this record's newest attestation, whose id it has: told again, it is the same. */
static void fill_command(struct ask *ask, Assize__Hearing__V1__Command *command,
                         Assize__Hearing__V1__AttestIdentity *body,
                         Assize__Hearing__V1__Attester as, uint32_t by)
{
    struct signing *signing = ask->signing;

    assize__hearing__v1__command__init(command);
    assize__hearing__v1__attest_identity__init(body);
    body->has_participant = body->has_by = body->has_as = body->has_hash = body->has_anew = true;
    body->participant = signing->person->participant;
    body->by = by;
    body->as = as;
    body->record = signing->record.id;
    body->hash = (ProtobufCBinaryData){SHA256_BYTES, ceremony_alloc(ask, SHA256_BYTES)};
    if (newest_of(&signing->record)->signature.len)
        identity_record_hash(&signing->record, signing->record.count, body->hash.data);
    body->anew = signing->record.count == 1;
    command->command_id = newest_of(&signing->record)->id;
    command->body_case = HEARING_COMMAND(ATTEST_IDENTITY);
    command->attest_identity = body;
}

static void tell_hearing(void *context, enum refusal refusal, struct court_hearing *hearing)
{
    struct ask *ask = context;
    const struct ceremony_attestation *made = newest_of(&ask->signing->record);
    Assize__Hearing__V1__Command command;
    Assize__Hearing__V1__AttestIdentity body;

    const Assize__Identity__V1__AttestationFacts *facts =
        codec_unpack(&assize__identity__v1__attestation_facts__descriptor, &ask->arena,
                     made->attestation.data, made->attestation.len);
    if (!refusal && !facts)
        refusal = REFUSAL_INTERNAL;
    if (refusal) {
        ceremony_refuse(ask, refusal, 0);
        return;
    }
    fill_command(ask, &command, &body, facts->as, facts->participant);
    court_submit(ask->ceremony->court, hearing,
                 (struct hearing_actor){.participant = HEARING_SERVER}, &command, submitted,
                 ask->ceremony, ask->number);
}

/* ---- 2. it is signed and kept ---- */

static void kept(void *context, int error, enum refusal refusal)
{
    struct ask *ask = context;

    if (error)
        refusal = error == -EAGAIN   ? REFUSAL_OUTCOME_UNKNOWN
                  : error == -ENOSPC ? REFUSAL_NOT_SAVED
                                     : REFUSAL_INTERNAL;
    if (refusal)
        ceremony_refuse(ask, refusal, 0);
    else
        court_open(ask->ceremony->court, ask->session.hearing, tell_hearing, ask);
}

static void signed_by(void *context, enum refusal refusal, int wait_s,
                      const struct signing_key *key, const struct signature *signature)
{
    struct ask *ask = context;
    struct signing *signing = ask->signing;

    if (refusal) {
        ceremony_refuse(ask, refusal, wait_s);
        return;
    }
    struct ceremony_attestation *made = newest_of(&signing->record);
    made->public_key = (ProtobufCBinaryData){key->public_len, ceremony_alloc(ask, key->public_len)};
    memcpy(made->public_key.data, key->public_key, key->public_len);
    made->signature = (ProtobufCBinaryData){signature->len, ceremony_alloc(ask, signature->len)};
    memcpy(made->signature.data, signature->bytes, signature->len);
    const struct ceremony_signed to_keep = {
        .record = signing->record.id,
        .hearing = ask->session.hearing,
        .participant = signing->person->participant,
        .person = signing->person->person,
        .newest = signing->person->newest,
        .facts = signing->record.facts,
        .number = signing->record.count,
        .id = made->id,
        .digest = signing->digest,
        .attestation = made->attestation,
        .key = key,
        .signature = signature,
    };
    ceremony_store_keep(ask->ceremony->db, &to_keep, kept, ask);
}

/* Of the vouchers the one with this account. Told only to who knows the password. */
static enum refusal compose(void *context, const char *account, struct buf *message)
{
    struct ask *ask = context;
    struct signing *signing = ask->signing;
    Assize__Identity__V1__AttestationFacts facts = ASSIZE__IDENTITY__V1__ATTESTATION_FACTS__INIT;

    for (uint32_t i = 0; i < ask->loaded->attester_count; i++) {
        if (strcmp(signing->vouchers[i].who->account, account) == 0)
            signing->voucher = &signing->vouchers[i];
    }
    if (!signing->voucher)
        return REFUSAL_ATTESTER_UNKNOWN;
    if (signing->voucher->refusal)
        return signing->voucher->refusal;
    struct ceremony_attestation *made = newest_of(&signing->record);
    made->name =
        ceremony_person(ask->loaded, signing->voucher->who->participant)->details.full_name;
    facts.id = made->id;
    facts.account = codec_text(signing->voucher->who->account);
#define SET(field, value) (facts.has_##field = true, facts.field = (value))
    SET(participant, signing->voucher->who->participant);
    SET(as, signing->voucher->as);
    SET(at_ms, clock_wall_ms());
    SET(signed_in_by, ASSIZE__IDENTITY__V1__SIGNED_IN_BY__SIGNED_IN_BY_PASSWORD);
#undef SET
    made->attestation = pack(ask, &facts.base);
    return identity_record_message(&signing->record.facts, &made->attestation, message)
               ? REFUSAL_TOO_LARGE
               : REFUSAL_NONE;
}

/* ---- 1. what is to be signed ---- */

/* In this record there is an attestation by whoever vouches as this, and it is in force. */
static bool has_signed(struct ask *ask, const struct hearing_participant *whom,
                       Assize__Hearing__V1__Attester as)
{
    const struct ceremony_record *record = &ask->signing->record;

    for (uint32_t i = 0; i + 1 < record->count; i++) {
        const ProtobufCBinaryData *packed = &record->attestations[i].attestation;
        const Assize__Identity__V1__AttestationFacts *facts =
            codec_unpack(&assize__identity__v1__attestation_facts__descriptor, &ask->arena,
                         packed->data, packed->len);
        if (facts && facts->as == as)
            return whom->attested & HEARING_BIT(as);
    }
    return false;
}

/* Asked before anybody signs for nothing. */
static enum refusal would_be_refused(struct ask *ask, const struct hearing *state,
                                     const struct voucher *voucher)
{
    Assize__Hearing__V1__Command command;
    Assize__Hearing__V1__AttestIdentity body;
    struct hearing_events events;
    struct arena arena;

    fill_command(ask, &command, &body, voucher->as, voucher->who->participant);
    arena_init(&arena, DECISION_MEMORY);
    enum refusal refusal =
        hearing_decide(state, &command, (struct hearing_actor){.participant = HEARING_SERVER},
                       clock_wall_ms(), &arena, &events);
    arena_done(&arena);
    return refusal;
}

static void judge_vouchers(struct ask *ask, const struct hearing *state,
                           const struct hearing_participant *whom)
{
    for (uint32_t i = 0; i < ask->loaded->attester_count; i++) {
        struct voucher *voucher = &ask->signing->vouchers[i];
        voucher->who = &ask->loaded->attesters[i];
        const struct hearing_participant *who =
            hearing_participant(state, voucher->who->participant);
        voucher->as = who ? ceremony_vouches_as(who) : HEARING_ATTESTER(UNSPECIFIED);
        voucher->refusal = who ? ceremony_may_vouch(state, who, whom) : REFUSAL_ROLE_NOT_ALLOWED;
        if (!voucher->refusal && has_signed(ask, whom, voucher->as))
            voucher->refusal = REFUSAL_IDENTITY_SIGNED;
        if (!voucher->refusal)
            voucher->refusal = would_be_refused(ask, state, voucher);
    }
}

/* Somebody sits there who may, whether they have an account or not: else no password is asked of
 * anybody. */
static enum refusal judge_device(const struct ask *ask, const struct hearing *state,
                                 const struct hearing_participant *whom)
{
    enum refusal refusal = REFUSAL_ROLE_NOT_ALLOWED;

    for (uint32_t i = 0; refusal && i < state->participant_count; i++) {
        const struct hearing_participant *who = &state->participants[i];
        if (hearing_sits_at(who, ask->session.endpoint) && ceremony_vouches_as(who))
            refusal = ceremony_may_vouch(state, who, whom);
    }
    return refusal;
}

static const Assize__Identity__V1__IdentityFacts *unpack_facts(struct ask *ask,
                                                               const struct ceremony_record *record)
{
    return codec_unpack(&assize__identity__v1__identity_facts__descriptor, &ask->arena,
                        record->facts.data, record->facts.len);
}

static void begin_record(struct ask *ask, Assize__Identity__V1__IdentityFacts *facts)
{
    struct ceremony_record *record = &ask->signing->record;
    const struct ceremony_person *person = ask->signing->person;

    id_uuid(record->id);
    facts->record = record->id;
    facts->hearing = ask->session.hearing;
    facts->has_participant = true;
    facts->participant = person->participant;
    facts->person = codec_text(person->person);
    facts->summons = *person->details.summons ? person->details.summons : NULL;
    record->facts = pack(ask, &facts->base);
}

/* What was read joins the record that says the same, or begins one. */
static enum refusal take_reading(struct ask *ask)
{
    const Assize__Identity__V1__AttestRequest *request = request_of(ask);
    const struct ceremony_record *before = ask->signing->person->record;
    Assize__Identity__V1__IdentityFacts facts = ASSIZE__IDENTITY__V1__IDENTITY_FACTS__INIT;
    char number[FACTS_NUMBER_MAX + 1];

    enum refusal refusal =
        facts_make(request->reading, &ask->signing->person->details, &ask->arena, &facts);
    if (refusal)
        return refusal;
    const Assize__Identity__V1__IdentityFacts *known = before ? unpack_facts(ask, before) : NULL;
    bool joins = known && facts_number(request->reading->number, number) &&
                 facts_agree(known, &facts, number);
    if (joins)
        ask->signing->record = *before;
    else if (before && !request->anew)
        return REFUSAL_IDENTITY_FACTS_DIFFER;
    else
        begin_record(ask, &facts);
    return REFUSAL_NONE;
}

static enum refusal choose_record(struct ask *ask)
{
    const Assize__Identity__V1__AttestRequest *request = request_of(ask);
    const struct ceremony_record *before = ask->signing->person->record;

    if (request->reading)
        return take_reading(ask);
    if (!before || strcmp(before->id, or_empty(request->record)) != 0)
        return REFUSAL_IDENTITY_MOVED;
    ask->signing->record = *before;
    return REFUSAL_NONE;
}

/* All of the request but the password, and who sends it. */
static void make_digest(struct ask *ask)
{
    Assize__Identity__V1__AttestRequest bare = *request_of(ask);

    bare.password = NULL;
    const ProtobufCBinaryData packed = pack(ask, &bare.base);
    const struct sha256_part parts[] = {
        {ask->session.hearing, strlen(ask->session.hearing)},
        {&ask->session.endpoint, sizeof(ask->session.endpoint)},
        {packed.data, packed.len},
    };
    sha256_parts(parts, 3, ask->signing->digest);
}

/* The attestation was kept before: what may be missing is that the hearing learns of it. */
static bool repeat(struct ask *ask)
{
    const struct ceremony_record *before = ask->signing->person->record;
    const char *id = request_of(ask)->request_id;

    for (uint32_t i = 0; before && i < before->count; i++) {
        if (strcmp(before->attestations[i].id, id) != 0)
            continue;
        ask->signing->record = *before;
        ask->signing->record.count = i + 1;
        if (memcmp(before->attestations[i].digest, ask->signing->digest, SHA256_BYTES) == 0)
            court_open(ask->ceremony->court, ask->session.hearing, tell_hearing, ask);
        else
            ceremony_refuse(ask, REFUSAL_COMMAND_ID_REUSED, 0);
        return true;
    }
    return false;
}

static enum refusal prepare(struct ask *ask, const struct hearing *state,
                            const struct hearing_participant *whom)
{
    const Assize__Identity__V1__AttestRequest *request = request_of(ask);
    struct signing *signing = ask->signing;
    uint8_t seen[SHA256_BYTES];

    facts_seen(&signing->person->details, seen);
    if (request->seen.len != sizeof(seen) || memcmp(request->seen.data, seen, sizeof(seen)) != 0)
        return REFUSAL_IDENTITY_MOVED;
    enum refusal refusal = choose_record(ask);
    if (refusal)
        return refusal;
    if (signing->record.count == CEREMONY_ATTESTATIONS_MAX)
        return REFUSAL_IDENTITY_SIGNED;
    signing->record.count++;
    *newest_of(&signing->record) = (struct ceremony_attestation){.name = ""};
    str_copy(newest_of(&signing->record)->id, ID_UUID_SIZE, request->request_id);
    judge_vouchers(ask, state, whom);
    return REFUSAL_NONE;
}

void ceremony_answer_attest(struct ask *ask, const struct hearing *state)
{
    const Assize__Identity__V1__AttestRequest *request = request_of(ask);
    const struct hearing_participant *whom = hearing_participant(state, request->participant);

    ask->signing = ceremony_alloc(ask, sizeof(*ask->signing));
    ask->signing->person = ceremony_person(ask->loaded, request->participant);
    enum refusal refusal = REFUSAL_NONE;
    if (!request->request_id || !str_is_uuid(request->request_id))
        refusal = REFUSAL_MALFORMED;
    else if (!whom || !ask->signing->person)
        refusal = REFUSAL_PARTICIPANT_UNKNOWN;
    else
        refusal = judge_device(ask, state, whom);
    if (refusal) {
        ceremony_refuse(ask, refusal, 0);
        return;
    }
    make_digest(ask);
    if (repeat(ask))
        return;
    refusal = prepare(ask, state, whom);
    if (refusal) {
        ceremony_refuse(ask, refusal, 0);
        return;
    }
    const struct staff_signing signing = {
        .login = or_empty(request->login),
        .password = or_empty(request->password),
        .address = net_call_peer(ask->call)->address,
        .compose = compose,
        .done = signed_by,
        .context = ask,
    };
    staff_sign(ask->ceremony->staff, &signing);
}
