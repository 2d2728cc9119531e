/* Between the files of access_service.h. */
#ifndef ASSIZE_SERVER_ACCESS_ACCESS_INTERNAL_H
#define ASSIZE_SERVER_ACCESS_ACCESS_INTERNAL_H

#include "base/arena.h"
#include "base/id.h"
#include "db/access_store.h"
#include "server/access/access_service.h"

struct access_call;

struct access_method {
    const char *name;
    unsigned roles; /* who of a court's staff may call it */
    bool reads; /* it tells what is in the log then; else it changes something, or lists rights */
    const ProtobufCMessageDescriptor *request;
    void (*answer)(struct access_call *call);
};

/* A call that is not answered yet. Dead after access_call_refuse and access_call_answered. */
struct access_call {
    struct access_service *service;
    struct net_call *call;
    const struct access_method *method;
    struct access_caller caller;
    char account[ID_UUID_SIZE];
    char *legal_basis; /* of caller; owned */
    struct arena arena;
    const ProtobufCMessage *request;
};

/* The connection on which a question of this call goes. */
struct db *access_call_reader(const struct access_call *call);
/* field: the path of what is wrong, or NULL. */
void access_call_refuse(struct access_call *call, enum refusal refusal, const char *field);
/* As an asking_callback; the context is the call. */
void access_call_answered(void *context, int error, enum refusal refusal, ProtobufCMessage *answer);
/* As staff_call_stream: the call is dead after it. */
struct net_stream *access_call_stream(struct access_call *call, net_stream_gone gone,
                                      void *context);
/* Why the caller asks: false when that is not said, and the call is refused. */
bool access_call_reason(struct access_call *call, const Assize__Access__V1__Reason *reason);

/* The methods. cases.c: */
void access_get(struct access_call *call);
void access_history(struct access_call *call);
void access_search(struct access_call *call);
/* changes.c: */
void access_changes(struct access_call *call);
void access_watch_changes(struct access_call *call);
/* notices.c: */
void access_notices(struct access_call *call);
void access_take_notice(struct access_call *call);
/* party.c: */
void access_add_party(struct access_call *call);
/* prefill.c: */
void access_prefill(struct access_call *call);
/* rights.c: */
void access_grant(struct access_call *call);
void access_revoke(struct access_call *call);
void access_list_rights(struct access_call *call);
void access_who_read_me(struct access_call *call);

#endif
