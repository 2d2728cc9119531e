/* Between the files of this folder. */
#ifndef ASSIZE_SERVER_RECORDING_RECORDING_INTERNAL_H
#define ASSIZE_SERVER_RECORDING_RECORDING_INTERNAL_H

#include <stdatomic.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/table.h"
#include "db/recording_store.h"
#include "server/identity/reader.h"
#include "server/recording/index.h"
#include "server/recording/recording.h"

struct ask;
struct check;
struct rendering;
struct ticket;

struct recordings {
    uv_loop_t *loop;
    struct db *db;
    struct identity *identity;
    struct staff *staff;
    const struct recordings_ops *ops;
    void *context;
    char record[CONFIG_TEXT_SIZE];
    char files[CONFIG_TEXT_SIZE];
    struct ticket *tickets;
    struct rendering *renderings;
    struct check *checks;
    struct check *checking; /* the one under way, or NULL */
    int jobs;               /* questions and checks in libuv's threads */
    atomic_bool closing;    /* freed with the last job */
};

/*
 * One question from its arrival to its answer: of a call or of a fetch. Across database and disk it
 * is handed on from function to function, and each path ends with one of ask_reply, ask_refuse and
 * net_fetch_send.
 */
struct ask {
    struct recordings *recordings;
    struct net_call *call;
    struct net_fetch *fetch; /* instead of the call */
    char hearing[ID_UUID_SIZE];
    char file[RECORDING_FILE_SIZE];
    Assize__Record__V1__ViewKind kind;
    Assize__Record__V1__ViewReason reason;
    char *note; /* owned */
    struct reader who;
    void (*allowed)(struct ask *ask);
    struct arena arena; /* of the answer */
    /* What the disk is asked, and what it says. */
    uv_work_t work;
    void (*in_thread)(struct ask *ask);
    void (*done)(struct ask *ask);
    struct recorded recorded; /* of one hearing, or one each of the list */
    struct recorded *all;
    Assize__Record__V1__ListResponse list;
    Assize__Record__V1__Recording recording;
    Assize__Record__V1__LevelsResponse levels;
    uint32_t procedure_version; /* the hearing was opened with */
    int64_t last_recorded_ms;   /* when the record last went on, by the events */
    int fd;
    struct file_identity identity;
    int error;
};

/* recording.c */
struct ask *ask_new(struct recordings *recordings);
/* Goes on with ask->allowed when whoever asks may read of the hearing, or refuses. An ask without a
 * hearing is for all they may. */
void ask_begin(struct ask *ask, const struct net_peer *peer);
/* Answers, and frees the ask. */
void ask_reply(struct ask *ask, const ProtobufCMessage *message);
void ask_refuse(struct ask *ask, enum refusal refusal);
/* Without an answer: it has been given, or nobody waits for it. */
void ask_free(struct ask *ask);
/* in_thread may use nothing but the ask; then done, on the loop. Refuses when too many wait. */
void ask_disk(struct ask *ask, void (*in_thread)(struct ask *ask), void (*done)(struct ask *ask));
/* Reads the index of the hearing into ask->recorded, and goes on. */
void ask_index(struct ask *ask, void (*done)(struct ask *ask));
/* A job in libuv's threads has ended; true when the recordings are being freed, and may be gone. */
bool recordings_job_ended(struct recordings *recordings);

/* tickets.c */
struct ticket {
    uint8_t hash[SHA256_BYTES];
    uint8_t session[SHA256_BYTES];
    char hearing[ID_UUID_SIZE];
    char file[RECORDING_FILE_SIZE]; /* "": any */
    int64_t made_ms;                /* monotonic */
    int64_t used_ms;
    UT_hash_handle hh;
};
/* For who and what the ask says. */
void ticket_make(struct ask *ask, char token[static ID_TOKEN_SIZE]);
/* The ticket for what the ask wants, which is hereby used; NULL when there is none. */
const struct ticket *ticket_use(struct ask *ask, const char *token);
void tickets_free(struct recordings *recordings);

/* checks.c: are the bytes of a file those that were made? */
/*
 * expected: the sum of what was made. Has the file read when that was not done since it last
 * changed.
 */
Assize__Record__V1__FileCheck check_file(struct recordings *recordings, const char *hearing,
                                         const char *file, const struct file_identity *identity,
                                         const uint8_t expected[static SHA256_BYTES]);
/* The sum of a file that was found good and has not changed since; NULL for any other. */
const uint8_t *check_known(struct recordings *recordings, const char *hearing, const char *file,
                           const struct file_identity *identity);
void checks_free(struct recordings *recordings);

/* renders.c: files being made */
struct rendering {
    char hearing[ID_UUID_SIZE];
    bool running;         /* or its sums are being kept */
    bool ended;           /* by its own word */
    uint64_t done, total; /* bytes of the record */
    char why[160];        /* it ended without making them; "" */
    UT_hash_handle hh;
};
/* NULL when nothing was heard of it. */
const struct rendering *render_find(struct recordings *recordings, const char *hearing);
/* Nothing, when it is running. REFUSAL_BUSY when too many are. */
enum refusal render_start(struct recordings *recordings, const char *hearing);
/* The sums of the files, for the caller to free. */
struct recording_sum *recording_sums(Assize__Record__V1__RecordedFile *const *files, size_t count);
void renders_free(struct recordings *recordings);

/* get.c, list.c, open.c, fetch.c: the methods, for ask_begin to go on with */
void recording_get(struct ask *ask);
void recording_levels(struct ask *ask);
void recording_list(struct ask *ask);
void recording_render(struct ask *ask);
void recording_open(struct ask *ask);
void recording_views(struct ask *ask);

/* Fills in how the files of the hearing stand. */
void recording_summarise(const struct ask *ask, const struct recorded *recorded,
                         Assize__Record__V1__RecordingSummary *summary);

#endif
