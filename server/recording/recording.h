/*
 * assize.record.v1.RecordingService, and the files it leads to at /recordings/HEARING/FILE. For the
 * clerk and the panel of a hearing by their session of it, and for staff. The files are made from
 * the record by the renderer (media/studio/render.h), which also says what their index looks like.
 *
 * A file is sent to who holds a ticket for it, which is given when the view stands in the log, and
 * to the same session only; and only after its bytes were found to be those that were made.
 *
 * Owned by main.c. Whatever waits for a disk does so in libuv's threads.
 */
#ifndef ASSIZE_SERVER_RECORDING_RECORDING_H
#define ASSIZE_SERVER_RECORDING_RECORDING_H

#include "assize/media/v1/studio.pb-c.h"
#include "base/limits.h"
#include "server/identity/identity.h"
#include "server/identity/staff.h"
#include "server/net/net.h"

/* clang-format off */
#define RECORDING_LIMITS(L) \
    L(RECORDING_TICKETS_MAX, 1024, "tickets", "to watch or download a recording at one time; the oldest makes room") \
    L(RECORDING_TICKETS_PER_SESSION, 16, "tickets", "of one session; the oldest makes room") \
    L(RECORDING_TICKET_MS, 900000, "ms", "a ticket is good without being used") \
    L(RECORDING_TICKET_LIFE_MS, 12 * 3600000, "ms", "a ticket is good at most") \
    L(RECORDING_EVENTS_MAX, 4000, "events", "of a hearing beside its recording") \
    L(RECORDING_JOBS_MAX, 64, "questions", "that wait for the disk at one time") \
    L(RECORDING_INDEX_MAX, 4 << 20, "bytes", "the index of a hearing's files") \
    L(RECORDING_DETAILS_MAX, 16 << 20, "bytes", "the details of one file") \
    L(RECORDING_FILES_MAX, 512, "files", "of one hearing") \
    L(RECORDING_GAPS_MAX, 2000, "gaps", "of one file that are shown") \
    L(RECORDING_LEVELS_MAX, 2400, "steps", "of a file's sound levels that are shown") \
    L(RECORDING_CHECKS_MAX, 4096, "files", "that are remembered to be what was made") \
    L(RECORDING_RENDERS_MAX, 256, "hearings", "whose files are being made, or could not be made")
/* clang-format on */
LIMITS(RECORDING_LIMITS);

struct recordings_ops {
    /* Have the files of the hearing made; how that goes on comes by recordings_render_*. */
    void (*render)(void *context, const char *hearing);
};

/* All outlive the recordings but db, which is freed before; the paths are copied. */
struct recordings_options {
    uv_loop_t *loop;
    struct db *db;
    struct identity *identity;
    struct staff *staff;
    const char *record; /* folder of the journals */
    const char *files;  /* folder of what is made from them */
    const struct recordings_ops *ops;
    void *context;
};

struct recordings;

struct recordings *recordings_new(const struct recordings_options *options);
/* What waits for the disk is answered later, and the memory goes with the last of it. */
void recordings_free(struct recordings *recordings);

/* False when the call is of another service; else it is answered, now or later. */
bool recordings_call(struct recordings *recordings, struct net_call *call);
void recordings_fetch(struct recordings *recordings, struct net_fetch *fetch);

/* A renderer is at work, perhaps since before we were there, */
void recordings_render_there(struct recordings *recordings, const char *hearing);
/* says how far it is or how it has ended, */
void recordings_render_report(struct recordings *recordings, const char *hearing,
                              const Assize__Media__V1__StudioReport *report);
/* and is gone, or was never started. */
void recordings_render_gone(struct recordings *recordings, const char *hearing);

#endif
