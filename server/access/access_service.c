#include "server/access/access_service.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "assize/cases/v1/case_service.pb-c.h"
#include "base/log.h"
#include "base/str.h"
#include "proto/codec.h"
#include "server/access/access_check.h"
#include "server/access/access_internal.h"
#include "server/identity/staff_call.h"

#define READERS        (STAFF_ROLE_BIT(CLERK) | STAFF_ROLE_BIT(JUDGE))
#define ADMINISTRATORS STAFF_ROLE_BIT(ADMINISTRATOR)

enum { ANSWER_MAX = 4 << 20 };

static const struct access_method methods[] = {
    {"assize.cases.v1.CaseService/Get", READERS, true, &assize__cases__v1__get_request__descriptor,
     access_get},
    {"assize.cases.v1.CaseService/History", READERS, true,
     &assize__cases__v1__history_request__descriptor, access_history},
    {"assize.cases.v1.CaseService/Search", READERS, true,
     &assize__cases__v1__search_request__descriptor, access_search},
    {"assize.cases.v1.CaseService/Prefill", READERS, true,
     &assize__cases__v1__prefill_request__descriptor, access_prefill},
    {"assize.cases.v1.CaseService/AddParty", STAFF_ROLE_BIT(CLERK), false,
     &assize__cases__v1__add_party_request__descriptor, access_add_party},
    {"assize.cases.v1.CaseService/Notices", READERS, true,
     &assize__cases__v1__notices_request__descriptor, access_notices},
    {"assize.cases.v1.CaseService/TakeNotice", STAFF_ROLE_BIT(CLERK), false,
     &assize__cases__v1__take_notice_request__descriptor, access_take_notice},
    {"assize.cases.v1.CaseService/Changes", READERS, true,
     &assize__cases__v1__changes_request__descriptor, access_changes},
    {"assize.cases.v1.CaseService/WatchChanges", READERS, true,
     &assize__cases__v1__changes_request__descriptor, access_watch_changes},
    {"assize.access.v1.AccessService/Grant", ADMINISTRATORS, false,
     &assize__access__v1__grant_request__descriptor, access_grant},
    {"assize.access.v1.AccessService/Revoke", ADMINISTRATORS, false,
     &assize__access__v1__revoke_request__descriptor, access_revoke},
    {"assize.access.v1.AccessService/ListRights", ADMINISTRATORS, false,
     &assize__access__v1__list_rights_request__descriptor, access_list_rights},
    {"assize.access.v1.AccessService/WhoReadMe", READERS | ADMINISTRATORS, true,
     &assize__access__v1__who_read_me_request__descriptor, access_who_read_me},
};

int access_people_load(const char *path, struct person_key *ret_people)
{
    int result = person_key_load(path, ret_people);

    if (result)
        log_error("person.no_key", "path=%s error=%s", log_quote(path).text,
                  log_errno(result).text);
    return result;
}

/* ---- answering ---- */

static void call_end(struct access_call *call)
{
    arena_done(&call->arena);
    free(call->legal_basis);
    free(call);
}

void access_call_refuse(struct access_call *call, enum refusal refusal, const char *field)
{
    net_call_refuse_field(call->call, refusal, field);
    call_end(call);
}

static enum refusal refusal_of_error(const struct access_call *call, int error)
{
    if (error == -EAGAIN)
        return call->method->reads ? REFUSAL_DATABASE_AWAY : REFUSAL_OUTCOME_UNKNOWN;
    if (call->method->reads)
        return REFUSAL_ACCESS_NOT_LOGGED;
    return error == -ENOSPC ? REFUSAL_NOT_SAVED : REFUSAL_INTERNAL;
}

/* What is against a certificate that was not known while the question was answered. */
static void told_why(void *context, int error, enum refusal refusal, ProtobufCMessage *answer)
{
    (void)answer;
    access_call_refuse(context, error || !refusal ? REFUSAL_ORGANISATION_UNKNOWN : refusal, NULL);
}

void access_call_answered(void *context, int error, enum refusal refusal, ProtobufCMessage *answer)
{
    struct access_call *call = context;
    struct buf packed;

    if (error) {
        access_call_refuse(call, refusal_of_error(call, error), NULL);
        return;
    }
    if (refusal == REFUSAL_ORGANISATION_UNKNOWN && call->caller.spki) {
        access_store_known(call->service->db, call->caller.organisation, call->caller.spki,
                           told_why, call);
        return;
    }
    if (refusal) { /* a right is for a purpose, whatever types it is of */
        access_call_refuse(call, refusal,
                           refusal == REFUSAL_ACCESS_NO_RIGHT ? "reason.purpose" : NULL);
        return;
    }
    if (!call->service->staff)
        call->service->heard(call->service->context, call->caller.organisation);
    buf_init(&packed, ANSWER_MAX);
    if (answer && codec_pack(answer, &packed))
        net_call_refuse(call->call, REFUSAL_INTERNAL);
    else
        net_call_reply(call->call, packed.data, packed.len);
    buf_done(&packed);
    call_end(call);
}

struct net_stream *access_call_stream(struct access_call *call, net_stream_gone gone, void *context)
{
    struct net_stream *stream = net_call_stream(call->call, gone, context);

    call_end(call);
    return stream;
}

/* ---- readers ---- */

void access_service_open_readers(struct access_service *service, uv_loop_t *loop,
                                 const char *conninfo, unsigned count)
{
    while (service->reader_count < count)
        service->readers[service->reader_count++] = db_new(loop, conninfo, NULL, NULL);
}

void access_service_close_readers(struct access_service *service)
{
    while (service->reader_count)
        db_free(service->readers[--service->reader_count]);
}

/* ---- asking ---- */

struct db *access_call_reader(const struct access_call *call)
{
    struct access_service *service = call->service;

    if (!service->reader_count)
        return service->db;
    struct db *reader = service->readers[service->next_reader++ % service->reader_count];
    return db_is_up(reader) ? reader : service->db;
}

bool access_call_reason(struct access_call *call, const Assize__Access__V1__Reason *reason)
{
    const char *wrong = access_check_reason(reason, &call->legal_basis);

    if (wrong) {
        access_call_refuse(call, REFUSAL_FIELD_WRONG, wrong);
        return false;
    }
    call->caller.purpose = reason->purpose;
    call->caller.legal_basis = call->legal_basis;
    return true;
}

/* Who calls is known by now. */
static void begin(struct access_call *call)
{
    size_t len;
    const uint8_t *body = net_call_body(call->call, &len);

    call->arena.max = codec_arena_max(len);
    call->request = codec_unpack(call->method->request, &call->arena, body, len);
    if (call->request)
        call->method->answer(call);
    else
        access_call_refuse(call, REFUSAL_MALFORMED, NULL);
}

static void staff_known(void *context, enum refusal refusal, const struct staff_session *who)
{
    struct access_call *call = context;

    if (!refusal && !(call->method->roles & 1u << who->role))
        refusal = REFUSAL_STAFF_ROLE;
    if (refusal) {
        access_call_refuse(call, refusal, NULL);
        return;
    }
    str_copy(call->account, sizeof(call->account), who->account);
    call->caller.account = call->account;
    call->caller.organisation = call->service->organisation;
    begin(call);
}

static void operator_known(void *context, int error, enum refusal refusal, ProtobufCMessage *answer)
{
    struct access_call *call = context;

    (void)answer;
    if (error || refusal)
        access_call_refuse(call, error ? REFUSAL_DATABASE_AWAY : refusal, NULL);
    else
        begin(call);
}

/* Of an organisation that reads, the database looks whether it is known, with its rights. */
static void find_organisation(struct access_call *call)
{
    const struct net_peer *peer = net_call_peer(call->call);

    call->caller.organisation = peer->organisation;
    call->caller.spki = peer->spki;
    call->caller.road = net_call_road(call->call);
    if (!access_check_organisation(peer->organisation))
        access_call_refuse(call, REFUSAL_ORGANISATION_UNKNOWN, NULL);
    else if (call->method->reads)
        begin(call);
    else if (strcmp(peer->organisation, call->service->organisation) != 0)
        access_call_refuse(call, REFUSAL_OPERATOR_ONLY, NULL);
    else
        access_store_known(call->service->db, peer->organisation, peer->spki, operator_known, call);
}

static const struct access_method *find_method(const char *name)
{
    for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
        if (strcmp(methods[i].name, name) == 0)
            return &methods[i];
    }
    return NULL;
}

bool access_service_call(struct access_service *service, struct net_call *net_call)
{
    const struct access_method *method = find_method(net_call_method(net_call));

    if (!method)
        return false;
    struct access_call *call = calloc(1, sizeof(*call));
    if (!call)
        abort();
    call->service = service;
    call->call = net_call;
    call->method = method;
    arena_init(&call->arena, 0);
    if (service->staff)
        staff_find(service->staff, net_call_peer(net_call)->staff_token, staff_known, call);
    else
        find_organisation(call);
    return true;
}
