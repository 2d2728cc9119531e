/*
 * The studios of all hearings: asks the supervisor to start and stop them (base/ward.h), listens
 * for them on STATE/run/studio.sock, and passes on what they say. A studio is one process for one
 * task of one hearing: the live programme feed, or rendering the record to files. Knows nothing of
 * what a hearing is.
 *
 * One per process; owned by main. Used by server/media/programme.c for live studios and by whoever
 * asks for files.
 */
#ifndef ASSIZE_SERVER_MEDIA_STUDIO_CLIENT_H
#define ASSIZE_SERVER_MEDIA_STUDIO_CLIENT_H

#include <stdbool.h>
#include <uv.h>

#include "assize/media/v1/studio.pb-c.h"
#include "base/buf.h"
#include "base/limits.h"
#include "base/ward.h"

/* clang-format off */
#define STUDIO_CLIENT_LIMITS(L) \
    L(STUDIO_CONNECTIONS_MAX, 32, "connections", "of studios; live ones and renderers") \
    L(STUDIO_HELLO_MS, 5000, "ms", "from connecting until a studio says who it is") \
    L(STUDIO_BEAT_MS, 1000, "ms", "between two beats to a live studio") \
    L(STUDIO_BEGIN_MS, 20000, "ms", "from a live studio's hello until it says more, or it is killed") \
    L(STUDIO_SILENT_MS, 5000, "ms", "without a word of a live studio that works until it is killed") \
    L(STUDIO_REQUEST_MAX, 64 << 10, "bytes", "one request to a studio") \
    L(STUDIO_OUTPUT_MAX, 1 << 20, "bytes", "waiting to be written to one studio")
/* clang-format on */
LIMITS(STUDIO_CLIENT_LIMITS);

struct studio_client;

/* All by hearing and task (enum ward_task). */
struct studio_client_ops {
    /* It is there, for the first time or again: it is to be told everything. */
    void (*there)(void *context, enum ward_task task, const char *hearing);
    void (*report)(void *context, enum ward_task task, const char *hearing,
                   const Assize__Media__V1__StudioReport *report);
    /* Its connection is gone. The supervisor starts it again, or says that it does not. */
    void (*gone)(void *context, enum ward_task task, const char *hearing);
    /* What the supervisor says: ended, given up, or refused. */
    void (*told)(void *context, enum ward_task task, const char *hearing, enum ward_word word);
};

/* ward_fd: the inherited ASSIZE_WARD_FD, owned from now on; -1 without a supervisor: then every
 * start is refused. NULL when the socket cannot be made. */
struct studio_client *studio_client_new(uv_loop_t *loop, const char *socket_path, int ward_fd,
                                        const struct studio_client_ops *ops, void *context);
/* Hangs up, stops nothing: studios go on until the supervisor ends, or somebody asks anew. */
void studio_client_free(struct studio_client *client);

/* The descriptor of ASSIZE_WARD_FD, or -1. Takes the variable out of the environment. */
int studio_client_inherited_fd(void);

/* Asks the supervisor; one that runs goes on. A refusal comes by ->told, never from within. */
void studio_client_start(struct studio_client *client, enum ward_task task, const char *hearing);
void studio_client_stop(struct studio_client *client, enum ward_task task, const char *hearing);

bool studio_client_is_there(const struct studio_client *client, enum ward_task task,
                            const char *hearing);
/* To the studio that is there; otherwise nothing. */
void studio_client_send(struct studio_client *client, enum ward_task task, const char *hearing,
                        const Assize__Media__V1__StudioRequest *request);

/* How many are there for this task. */
int studio_client_count(const struct studio_client *client, enum ward_task task);

/* Prometheus text. 0 or -ENOBUFS. */
int studio_client_metrics(const struct studio_client *client, struct buf *text)
    __attribute__((warn_unused_result));

#endif
