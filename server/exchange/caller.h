/* Who calls a service of the exchange, and its answers. Used by receiver.c and pulls.c. */
#ifndef ASSIZE_SERVER_EXCHANGE_CALLER_H
#define ASSIZE_SERVER_EXCHANGE_CALLER_H

#include "db/exchange_store.h"
#include "server/net/net.h"

#define EXCHANGE_SERVICE "assize.exchange.v1.ExchangeService/"

/* The caller, who must be whom the message names. */
enum refusal caller_check(const struct net_call *call, const char *claimed,
                          struct exchange_source *ret_source);

/* What the call says, drawn from the arena, which is made here and is the caller's to end in any
 * case; NULL: it is malformed. */
void *caller_request(const struct net_call *call, const ProtobufCMessageDescriptor *type,
                     struct arena *ret_arena);
void caller_reply(struct net_call *call, const ProtobufCMessage *message);
/* What the caller is told of an error of a query. */
enum refusal caller_refusal(int error);
/* error: of a query, or 0 with a refusal. */
void caller_refuse(struct net_call *call, int error, enum refusal refusal);

#endif
