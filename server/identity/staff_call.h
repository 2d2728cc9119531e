/*
 * One call of a service for staff: who asks is found by the cookie (or as the service says), the
 * role is checked against the method, the request is unpacked; then the method answers, now or
 * later. Used by the services of staff (server/desk, server/console, server/monitor), which keep a
 * table of their methods.
 */
#ifndef ASSIZE_SERVER_IDENTITY_STAFF_CALL_H
#define ASSIZE_SERVER_IDENTITY_STAFF_CALL_H

#include "base/arena.h"
#include "base/id.h"
#include "server/identity/staff.h"
#include "server/net/net.h"

struct staff_call;

/* A set of roles is a mask of such bits. */
#define STAFF_ROLE_BIT(role) (1u << ASSIZE__STAFF__V1__ROLE__ROLE_##role)

struct staff_method {
    const char *name;
    unsigned roles; /* who may call it */
    bool changes;   /* when the database goes away, it is not known whether it was done */
    const ProtobufCMessageDescriptor *request;
    void (*answer)(struct staff_call *call);
};

/* The methods of one service; "assize.desk.v1.DeskService/", with its slash. */
struct staff_service {
    const char *name;
    const struct staff_method *methods;
    size_t count;
};

/* A call that is not answered yet. Dead after staff_call_refuse, staff_call_stream and
 * staff_call_answered. */
struct staff_call {
    void *context; /* of staff_call_take */
    struct net_call *call;
    const struct staff_method *method;
    Assize__Staff__V1__Role role;
    char account[ID_UUID_SIZE];
    char person[ID_UUID_SIZE];
    struct arena arena; /* of the request; has room for STAFF_CALL_ROOM bytes more */
    const ProtobufCMessage *request;
    void *own; /* the method's, in the arena */
};

enum { STAFF_CALL_ROOM = 1024 };

/* False when the call is of another service; else it is answered, now or later. service and context
 * outlive the answer. */
bool staff_call_take(struct staff *staff, const struct staff_service *service, void *context,
                     struct net_call *call);

/* The same for who comes without a cookie: find looks who they are, and says it now or later with
 * staff_call_known. */
bool staff_call_take_from(void (*find)(struct staff_call *call),
                          const struct staff_service *service, void *context,
                          struct net_call *call);
/* The caller may do what this role may, or is refused. Nobody's account is in the call. */
void staff_call_known(struct staff_call *call, enum refusal refusal, Assize__Staff__V1__Role role);

/* Answers with a stream (net_call_stream); the call is dead after it. */
struct net_stream *staff_call_stream(struct staff_call *call, net_stream_gone gone, void *context);
void staff_call_refuse(struct staff_call *call, enum refusal refusal);
/* error: of the database, else refusal, else the answer, NULL for an empty one. The context is the
 * call: it is what the stores call back. */
void staff_call_answered(void *context, int error, enum refusal refusal, ProtobufCMessage *answer);

#endif
