#include "server/ceremony/ceremony.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "db/identity_record.h"
#include "proto/codec.h"
#include "server/ceremony/ceremony_internal.h"
#include "server/hearing/names.h"

#define SERVICE "assize.identity.v1.IdentityService/"

enum { ANSWER_MAX = 1 << 20, ASK_MEMORY = 4 << 20, MESSAGE_MAX = 64 << 10 };

/* ---- asks ---- */

static struct ask *ask_new(struct ceremony *ceremony, struct net_call *call)
{
    struct ask *ask = calloc(1, sizeof(*ask));

    if (!ask)
        abort();
    ask->ceremony = ceremony;
    ask->call = call;
    ask->number = ++ceremony->asked;
    ask->next = ceremony->asks;
    if (ask->next)
        ask->next->prev = ask;
    ceremony->asks = ask;
    arena_init(&ask->arena, ASK_MEMORY);
    return ask;
}

static void ask_end(struct ask *ask)
{
    if (ask->prev)
        ask->prev->next = ask->next;
    else
        ask->ceremony->asks = ask->next;
    if (ask->next)
        ask->next->prev = ask->prev;
    ceremony_case_free(ask->loaded);
    arena_done(&ask->arena);
    free(ask);
}

void ceremony_refuse(struct ask *ask, enum refusal refusal, int wait_s)
{
    if (wait_s)
        net_call_refuse_for(ask->call, refusal, wait_s);
    else
        net_call_refuse(ask->call, refusal);
    ask_end(ask);
}

void ceremony_reply(struct ask *ask, const ProtobufCMessage *answer)
{
    struct buf packed;

    buf_init(&packed, ANSWER_MAX);
    if (codec_pack(answer, &packed))
        net_call_refuse(ask->call, REFUSAL_INTERNAL);
    else
        net_call_reply(ask->call, packed.data, packed.len);
    buf_done(&packed);
    ask_end(ask);
}

/* Bounded by the people of a hearing, so running over is a bug. */
void *ceremony_alloc(struct ask *ask, size_t size)
{
    void *memory = arena_alloc(&ask->arena, size + 1);

    if (!memory)
        abort();
    return memory;
}

/* ---- who may ---- */

Assize__Hearing__V1__Attester ceremony_vouches_as(const struct hearing_participant *who)
{
    if (who->role == HEARING_ROLE(CLERK))
        return HEARING_ATTESTER(CLERK);
    return who->role == HEARING_ROLE(DETENTION_OFFICER) || who->role == HEARING_ROLE(SITE_OFFICIAL)
               ? HEARING_ATTESTER(SITE_OFFICER)
               : HEARING_ATTESTER(UNSPECIFIED);
}

enum refusal ceremony_may_vouch(const struct hearing *state, const struct hearing_participant *who,
                                const struct hearing_participant *whom)
{
    Assize__Hearing__V1__Attester as = ceremony_vouches_as(who);
    bool same_site = hearing_endpoint(state, who->endpoint)->site ==
                     hearing_endpoint(state, whom->endpoint)->site;

    if (as == HEARING_ATTESTER(SITE_OFFICER) && !same_site)
        return REFUSAL_IDENTITY_OTHER_SITE;
    return as && hearing_attesters(state, whom) & HEARING_BIT(as) ? REFUSAL_NONE
                                                                  : REFUSAL_ROLE_NOT_ALLOWED;
}

/* Somebody at the asking device may vouch for this person. */
static bool is_shown(const struct ask *ask, const struct hearing *state,
                     const struct hearing_participant *whom)
{
    for (uint32_t i = 0; i < state->participant_count; i++) {
        const struct hearing_participant *who = &state->participants[i];
        if (hearing_sits_at(who, ask->session.endpoint) && !ceremony_may_vouch(state, who, whom))
            return true;
    }
    return false;
}

/* What people at the device vouch as; the clerk comes first. */
static Assize__Hearing__V1__Attester device_vouches_as(const struct ask *ask,
                                                       const struct hearing *state)
{
    Assize__Hearing__V1__Attester as = HEARING_ATTESTER(UNSPECIFIED);

    for (uint32_t i = 0; i < state->participant_count; i++) {
        const struct hearing_participant *who = &state->participants[i];
        if (hearing_sits_at(who, ask->session.endpoint) && as != HEARING_ATTESTER(CLERK) &&
            ceremony_vouches_as(who))
            as = ceremony_vouches_as(who);
    }
    return as;
}

/* ---- what is told ---- */

static Assize__Identity__V1__AttestationView *
view_attestation(struct ask *ask, const struct hearing *state, const struct ceremony_record *record,
                 const struct ceremony_attestation *made)
{
    Assize__Identity__V1__AttestationView *view = ceremony_alloc(ask, sizeof(*view));
    struct buf message;

    assize__identity__v1__attestation_view__init(view);
    view->facts = codec_unpack(&assize__identity__v1__attestation_facts__descriptor, &ask->arena,
                               made->attestation.data, made->attestation.len);
    if (!view->facts)
        return NULL;
    const struct hearing_participant *who = hearing_participant(state, view->facts->participant);
    view->name = arena_copy(&ask->arena, made->name, strlen(made->name));
    view->has_role = who != NULL;
    view->role = who ? who->role : HEARING_ROLE(UNSPECIFIED);
    view->has_good = true;
    buf_init(&message, MESSAGE_MAX);
    view->good = !identity_record_message(&record->facts, &made->attestation, &message) &&
                 signing_key_verify(made->public_key.data, made->public_key.len, message.data,
                                    message.len, made->signature.data, made->signature.len);
    buf_done(&message);
    return view;
}

Assize__Identity__V1__RecordView *ceremony_view_record(struct ask *ask, const struct hearing *state,
                                                       const struct ceremony_record *record)
{
    Assize__Identity__V1__RecordView *view = ceremony_alloc(ask, sizeof(*view));

    assize__identity__v1__record_view__init(view);
    view->facts = codec_unpack(&assize__identity__v1__identity_facts__descriptor, &ask->arena,
                               record->facts.data, record->facts.len);
    if (!view->facts)
        return NULL;
    view->attestations =
        ceremony_alloc(ask, CEREMONY_ATTESTATIONS_MAX * sizeof(*view->attestations));
    for (uint32_t i = 0; i < record->count; i++) {
        view->attestations[i] = view_attestation(ask, state, record, &record->attestations[i]);
        if (!view->attestations[i])
            return NULL;
        view->n_attestations++;
    }
    return view;
}

static void fill_card(struct ask *ask, const struct hearing *state,
                      const struct hearing_participant *whom, struct ceremony_person *person,
                      Assize__Identity__V1__Card *card)
{
    uint8_t *seen = ceremony_alloc(ask, SHA256_BYTES);

    assize__identity__v1__card__init(card);
    facts_seen(&person->details, seen);
    card->details = &person->details;
    card->seen = (ProtobufCBinaryData){SHA256_BYTES, seen};
#define SET(field, value) (card->has_##field = true, card->field = (value))
    card->has_seen = true;
    SET(participant, whom->id);
    SET(role, whom->role);
    SET(site, hearing_endpoint(state, whom->endpoint)->site);
    SET(needs_officer,
        hearing_attesters(state, whom) & HEARING_BIT(HEARING_ATTESTER(SITE_OFFICER)));
    SET(by_clerk, whom->attested & HEARING_BIT(HEARING_ATTESTER(CLERK)));
    SET(by_officer, whom->attested & HEARING_BIT(HEARING_ATTESTER(SITE_OFFICER)));
#undef SET
    if (person->record)
        card->record = ceremony_view_record(ask, state, person->record);
}

static void answer_cards(struct ask *ask, const struct hearing *state)
{
    Assize__Identity__V1__CardsResponse answer = ASSIZE__IDENTITY__V1__CARDS_RESPONSE__INIT;
    Assize__Identity__V1__Card cards[HEARING_PARTICIPANTS_MAX];
    Assize__Identity__V1__Card *table[HEARING_PARTICIPANTS_MAX];
    const struct ceremony_case *loaded = ask->loaded;

    answer.has_as = true;
    answer.as = device_vouches_as(ask, state);
    answer.cards = table;
    for (uint32_t i = 0; i < state->participant_count; i++) {
        const struct hearing_participant *whom = &state->participants[i];
        struct ceremony_person *person = ceremony_person(loaded, whom->id);
        if (!person || !is_shown(ask, state, whom))
            continue;
        table[answer.n_cards] = &cards[answer.n_cards];
        fill_card(ask, state, whom, person, table[answer.n_cards++]);
    }
    if (loaded->attester_count == 1)
        answer.login =
            arena_copy(&ask->arena, loaded->attesters[0].login, strlen(loaded->attesters[0].login));
    if (answer.as)
        ceremony_reply(ask, &answer.base);
    else
        ceremony_refuse(ask, REFUSAL_ROLE_NOT_ALLOWED, 0);
}

static void answer_record(struct ask *ask, const struct hearing *state)
{
    const Assize__Identity__V1__RecordRequest *request =
        (const Assize__Identity__V1__RecordRequest *)ask->request;
    const struct hearing_participant *whom = hearing_participant(state, request->participant);
    const struct ceremony_person *person = ceremony_person(ask->loaded, request->participant);
    const Assize__Identity__V1__RecordView *view;

    if (!whom || !person)
        ceremony_refuse(ask, REFUSAL_PARTICIPANT_UNKNOWN, 0);
    else if (!is_shown(ask, state, whom))
        ceremony_refuse(ask, REFUSAL_ROLE_NOT_ALLOWED, 0);
    else if (person->record && (view = ceremony_view_record(ask, state, person->record)))
        ceremony_reply(ask, &view->base);
    else
        ceremony_refuse(ask, REFUSAL_NOT_FOUND, 0);
}

/* ---- every call ---- */

static const struct ceremony_method methods[] = {
    {"Cards", &assize__identity__v1__cards_request__descriptor, answer_cards},
    {"Attest", &assize__identity__v1__attest_request__descriptor, ceremony_answer_attest},
    {"Record", &assize__identity__v1__record_request__descriptor, answer_record},
};

static void opened(void *context, enum refusal refusal, struct court_hearing *hearing)
{
    struct ask *ask = context;

    if (refusal)
        ceremony_refuse(ask, refusal, 0);
    else
        ask->method->answer(ask, court_state(hearing));
}

static void loaded(void *context, int error, struct ceremony_case *found)
{
    struct ask *ask = context;

    ask->loaded = found;
    if (error)
        ceremony_refuse(ask, REFUSAL_DATABASE_AWAY, 0);
    else
        court_open(ask->ceremony->court, ask->session.hearing, opened, ask);
}

static void known(void *context, enum refusal refusal, const struct identity_session *session,
                  const char *token)
{
    struct ask *ask = context;
    size_t len;
    const uint8_t *body = net_call_body(ask->call, &len);

    (void)token;
    if (!refusal && session->gallery)
        refusal = REFUSAL_ROLE_NOT_ALLOWED;
    if (!refusal && len > MESSAGE_MAX)
        refusal = REFUSAL_TOO_LARGE;
    if (!refusal) {
        ask->session = *session;
        ask->request = codec_unpack(ask->method->request, &ask->arena, body, len);
        refusal = ask->request ? REFUSAL_NONE : REFUSAL_MALFORMED;
    }
    if (refusal)
        ceremony_refuse(ask, refusal, 0);
    else
        ceremony_store_load(ask->ceremony->db, ask->session.hearing, ask->session.endpoint, loaded,
                            ask);
}

bool ceremony_call(struct ceremony *ceremony, struct net_call *call)
{
    const char *name = net_call_method(call);

    if (strncmp(name, SERVICE, strlen(SERVICE)) != 0)
        return false;
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (strcmp(name + strlen(SERVICE), methods[i].name) == 0) {
            struct ask *ask = ask_new(ceremony, call);
            ask->method = &methods[i];
            identity_find(ceremony->identity, net_call_peer(call)->token, known, ask);
            return true;
        }
    }
    net_call_refuse(call, REFUSAL_NOT_FOUND);
    return true;
}

struct ceremony *ceremony_new(struct db *db, struct identity *identity, struct staff *staff,
                              struct court *court)
{
    struct ceremony *ceremony = calloc(1, sizeof(*ceremony));

    if (!ceremony)
        abort();
    *ceremony = (struct ceremony){.db = db, .identity = identity, .staff = staff, .court = court};
    return ceremony;
}

void ceremony_free(struct ceremony *ceremony)
{
    if (!ceremony)
        return;
    while (ceremony->asks)
        ceremony_refuse(ceremony->asks, REFUSAL_DRAINING, 0);
    free(ceremony);
}
