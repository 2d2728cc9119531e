/*
 * The identity ceremony of the defendant as the sheet in the browser has it: the card is asked for,
 * and what the papers say, which is what the case says, is signed by whoever gives their password
 * anew.
 */
#include <string.h>

#include "assize/identity/v1/identity.pb-c.h"
#include "base/id.h"
#include "proto/codec.h"
#include "tests/peer/program/trial.h"

#define SERVICE "assize.identity.v1.IdentityService/"

enum { DEFENDANT = 4, FIELDS = 4, REQUEST_MAX = 16 << 10, ANSWER_MS = 15000, HTTP_OK = 200 };

struct call {
    struct peer_http http;
    struct arena arena;
    const ProtobufCMessageDescriptor *wanted;
    void *answer; /* in the arena, or NULL */
    bool over;
};

static void on_answer(void *context, const struct peer_http_response *response)
{
    struct call *call = context;

    call->over = true;
    if (response->status != HTTP_OK)
        return;
    arena_init(&call->arena, codec_arena_max(response->len));
    call->answer = codec_unpack(call->wanted, &call->arena, response->body, response->len);
}

static bool is_over(const void *context)
{
    return ((const struct call *)context)->over;
}

/* The answer, until call_done; NULL when there is none. */
static void *call_ask(struct call *call, struct actor *actor, const char *method,
                      const ProtobufCMessage *request)
{
    struct peer *peer = &actor->peer;
    struct buf packed;

    buf_init(&packed, REQUEST_MAX);
    if (!codec_pack(request, &packed) &&
        !peer_http_call(&call->http, peer->loop, peer->options.server, method, peer->cookie,
                        &packed, on_answer, call))
        peer_loop_wait(peer->loop, is_over, call, ANSWER_MS);
    buf_done(&packed);
    return call->answer;
}

static void call_done(struct call *call)
{
    peer_http_close(&call->http);
    arena_done(&call->arena);
}

/* ---- what is signed ---- */

/* The papers say what the case says. */
static void read_papers(const Assize__Identity__V1__CaseDetails *details,
                        Assize__Identity__V1__Reading *reading,
                        Assize__Identity__V1__FieldReading fields[static FIELDS])
{
    const char *const known[FIELDS] = {details->full_name, details->date_of_birth,
                                       details->personal_number, details->residence};

    reading->has_kind = true;
    reading->kind = ASSIZE__IDENTITY__V1__DOCUMENT_KIND__DOCUMENT_KIND_CITIZEN_CARD;
    reading->number = details->personal_number;
    reading->n_fields = FIELDS;
    for (int i = 0; i < FIELDS; i++) {
        assize__identity__v1__field_reading__init(&fields[i]);
        fields[i].has_field = fields[i].has_finding = true;
        fields[i].field = ASSIZE__IDENTITY__V1__FIELD__FIELD_FULL_NAME + i;
        fields[i].finding = known[i] && *known[i]
                                ? ASSIZE__IDENTITY__V1__FINDING__FINDING_SAME
                                : ASSIZE__IDENTITY__V1__FINDING__FINDING_NOT_IN_CASE;
        reading->fields[i] = &fields[i];
    }
}

static bool sign(struct actor *actor, struct trial_account *account,
                 const Assize__Identity__V1__Card *card)
{
    struct call call = {.wanted = &assize__identity__v1__attest_response__descriptor};
    Assize__Identity__V1__AttestRequest request = ASSIZE__IDENTITY__V1__ATTEST_REQUEST__INIT;
    Assize__Identity__V1__Reading reading = ASSIZE__IDENTITY__V1__READING__INIT;
    Assize__Identity__V1__FieldReading fields[FIELDS];
    Assize__Identity__V1__FieldReading *table[FIELDS];
    char uuid[ID_UUID_SIZE];

    id_uuid(uuid);
    request.request_id = uuid;
    request.has_participant = request.has_seen = true;
    request.participant = card->participant;
    request.seen = card->seen;
    request.login = account->login;
    request.password = account->password;
    if (card->record) {
        request.record = card->record->facts->record;
    } else {
        reading.fields = table;
        read_papers(card->details, &reading, fields);
        request.reading = &reading;
    }
    bool good = call_ask(&call, actor, SERVICE "Attest", &request.base);
    call_done(&call);
    return good;
}

static const Assize__Identity__V1__Card *
card_of_defendant(const Assize__Identity__V1__CardsResponse *cards)
{
    for (size_t i = 0; cards && i < cards->n_cards; i++) {
        if (cards->cards[i]->participant == DEFENDANT && cards->cards[i]->details)
            return cards->cards[i];
    }
    return NULL;
}

static void vouch(struct actor *actor, struct trial_account *account, const char *as)
{
    struct call call = {.wanted = &assize__identity__v1__cards_response__descriptor};
    Assize__Identity__V1__CardsRequest request = ASSIZE__IDENTITY__V1__CARDS_REQUEST__INIT;

    if (!*account->login || !trial_is_up(actor))
        return;
    const Assize__Identity__V1__Card *card =
        card_of_defendant(call_ask(&call, actor, SERVICE "Cards", &request.base));
    json_t *line = event_line(&actor->trial->program, "vouches");
    json_object_set_new(line, "as", json_string(as));
    json_object_set_new(line, "signed", json_boolean(card && sign(actor, account, card)));
    print_line(line);
    call_done(&call);
}

void trial_identify(struct trial *trial)
{
    vouch(&trial->actors[TRIAL_OFFICER], &trial->officer, "officer");
    vouch(&trial->actors[TRIAL_CLERK], &trial->clerk, "clerk");
}
