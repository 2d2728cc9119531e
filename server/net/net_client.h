/*
 * Calls of ours to one other server: Connect unary over HTTP/1.1 and TLS 1.3, with our certificate,
 * by libcurl on the loop of a net. One call at a time, on the connection of the one before when it
 * is still there. Names are looked up off the loop. The other server may be reached through one
 * that stands before it (X-Road), under a path there. Used by server/exchange.
 */
#ifndef ASSIZE_SERVER_NET_NET_CLIENT_H
#define ASSIZE_SERVER_NET_NET_CLIENT_H

#include "server/net/net.h"

struct net_client;

struct net_client_options {
    const char *url; /* https://HOST[:PORT][/PATH], the path before that of each call */
    struct credentials *credentials; /* as they are when a call begins; with a ca */
    const char *road_client;         /* X-Road-Client; "" or NULL: no X-Road-* headers */
    const char *road_user;           /* X-Road-UserId */
    int64_t wait_ms; /* that the other server may take over an answer, besides NET_ANSWER_MS */
};

/* NULL when the URL is none. */
struct net_client *net_client_new(struct net *net, const struct net_client_options *options);
/* Before its net. A call under way is never answered. */
void net_client_free(struct net_client *client);
/* Ends the connection, and a call under way, which is never answered; what the other server does
 * about it is not known. Nothing happens to a client that was freed in this turn of the loop. */
void net_client_hang_up(struct net_client *client);

/*
 * error: 0 with a body, or with the refusal of the other server; -ENOENT: our certificates are not
 * there or not good; -ECONNREFUSED: no connection, which includes that one side does not trust the
 * other's certificate; -ETIMEDOUT; -EPROTO: an answer that is not of this protocol. Called later,
 * never from within net_client_call; may call again. The body is valid during the callback.
 */
typedef void (*net_client_callback)(void *context, int error, enum refusal refusal,
                                    const uint8_t *body, size_t len);
/* method: "package.Service/Method". method and body are copied. */
void net_client_call(struct net_client *client, const char *method, const uint8_t *body, size_t len,
                     net_client_callback callback, void *context);
/* What the next call is about, for X-Road-Issue; shortened. */
void net_client_set_issue(struct net_client *client, const char *issue);
/* Whose certificate the last answer with a body came under. */
const struct net_peer *net_client_peer(const struct net_client *client);

#endif
