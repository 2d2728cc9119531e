/*
 * What a court asks its centre while somebody at the counter waits: a question has its answer
 * within INQUIRY_MS, or the word that there is none. Few are asked at one time, the others take
 * their turn. Owned by main.c; used by prefill.c.
 */
#ifndef ASSIZE_SERVER_ACCESS_INQUIRY_H
#define ASSIZE_SERVER_ACCESS_INQUIRY_H

#include <stdbool.h>

#include "assize/cases/v1/case_service.pb-c.h"
#include "base/limits.h"
#include "server/net/net_client.h"

/* clang-format off */
#define INQUIRY_LIMITS(L) \
    L(INQUIRY_WAYS, 2, "connections", "to the centre, on which a court asks what is known there of somebody") \
    L(INQUIRY_MS, 3000, "ms", "from when a court asks its centre until it goes on with what it knows itself") \
    L(INQUIRY_MAX, 32, "questions", "to the centre that are asked or wait for their turn; others go on without it")
/* clang-format on */
LIMITS(INQUIRY_LIMITS);

struct inquiries;

struct inquiries_options {
    uv_loop_t *loop;
    struct net *net;
    const struct net_client_options *center;
    bool (*held)(void *context); /* the centre is not to be called now */
    void *context;
};

/* NULL when the centre's URL is none. */
struct inquiries *inquiries_new(const struct inquiries_options *options);
/* Before its net: whoever waits is told that the centre is away. */
void inquiries_free(struct inquiries *inquiries);

/* known: with ANSWERED alone, valid during the callback; its texts are the centre's. */
typedef void (*inquiry_callback)(void *context, Assize__Cases__V1__CenterSaid said,
                                 const Assize__Cases__V1__PrefillResponse *known);
/* Called once, maybe from within. */
void inquiries_prefill(struct inquiries *inquiries,
                       const Assize__Cases__V1__PrefillRequest *request, inquiry_callback callback,
                       void *context);

#endif
