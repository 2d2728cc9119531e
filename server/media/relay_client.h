/*
 * The control connection to the relay: attach, requests with replies, unasked reports, reconnecting
 * by itself. Knows nothing of hearings. One per process; owned by main, used by stage.c and
 * server/session.
 */
#ifndef ASSIZE_SERVER_MEDIA_RELAY_CLIENT_H
#define ASSIZE_SERVER_MEDIA_RELAY_CLIENT_H

#include <stdbool.h>
#include <uv.h>

#include "assize/media/v1/control.pb-c.h"
#include "base/buf.h"
#include "base/limits.h"

/* clang-format off */
#define RELAY_CLIENT_LIMITS(L) \
    L(RELAY_REQUESTS_MAX, 512, "requests", "waiting for the relay's reply") \
    L(RELAY_REPLY_MS, 2000, "ms", "for the relay to reply to a request") \
    L(RELAY_REVOKE_MS, 500, "ms", "for the relay to acknowledge a revoke before it is killed") \
    L(RELAY_OUTPUT_MAX, 4 << 20, "bytes", "waiting to be written to the relay")
/* clang-format on */
LIMITS(RELAY_CLIENT_LIMITS);

struct relay_client;

struct relay_client_ops {
    /* Attached: these legs and matrices are there. Valid during the call. */
    void (*up)(void *context, const Assize__Media__V1__Attached *attached);
    /* The connection is gone; requests under way were failed first. */
    void (*down)(void *context);
    void (*leg_state)(void *context, const Assize__Media__V1__LegState *state);
    void (*leg_quality)(void *context, const Assize__Media__V1__LegQuality *quality);
    void (*record_state)(void *context, const Assize__Media__V1__RecordState *state);
    void (*record_gap)(void *context, const Assize__Media__V1__RecordGap *gap);
    void (*record_head)(void *context, const Assize__Media__V1__RecordHead *head);
    void (*record_space)(void *context, const Assize__Media__V1__RecordSpace *space);
};

/* reply is NULL when the connection went or the time was up; else a reply of any arm, valid during
 * the call. */
typedef void (*relay_callback)(void *context, uint64_t id, const Assize__Media__V1__Report *reply);

struct relay_client *relay_client_new(uv_loop_t *loop, const char *socket_path,
                                      const struct relay_client_ops *ops, void *context);
/* Fails what is under way; frees once the loop has turned. */
void relay_client_free(struct relay_client *client);

bool relay_client_is_up(const struct relay_client *client);

/*
 * Sends a request (its request_id is set here). callback gets context and id, for the asker to be
 * looked up again. When the relay is away, the callback is called with NULL before this returns.
 */
void relay_client_request(struct relay_client *client, Assize__Media__V1__Request *request,
                          relay_callback callback, void *context, uint64_t id);

/* Kills the relay's process (it did not acknowledge a revoke): closed, not open. The supervisor
 * starts it again. */
void relay_client_kill(struct relay_client *client, const char *why);

/* Appends the relay's own counters, as it told them within the last second or two, and how often it
 * had to be killed, in Prometheus text format. 0 or -ENOBUFS. */
int relay_client_metrics(const struct relay_client *client, struct buf *text)
    __attribute__((warn_unused_result));

#endif
