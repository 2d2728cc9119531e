/*
 * What was made of records, and who has opened it: hearings with a recording, the checksums of
 * their files, and the log of views, which is append-only. Used by server/recording.
 */
#ifndef ASSIZE_DB_RECORDING_STORE_H
#define ASSIZE_DB_RECORDING_STORE_H

#include "assize/record/v1/recording.pb-c.h"
#include "base/arena.h"
#include "base/id.h"
#include "base/limits.h"
#include "base/sha256.h"
#include "db/db.h"

/* clang-format off */
#define RECORDED_LIMITS(L) \
    L(RECORDING_LIST_MAX, 200, "hearings", "in a list of recordings; the latest") \
    L(RECORDING_VIEWS_MAX, 500, "views", "of a recording in the log that is shown; the latest") \
    L(RECORDING_NOTE_MAX, 1000, "bytes", "the words with which a recording is opened")
/* clang-format on */
LIMITS(RECORDED_LIMITS);

enum { RECORDING_FILE_SIZE = 65 };

/* Hearings that have begun, the latest first: all, or the one. The list is the callback's until it
 * returns. */
typedef void (*recording_list_callback)(void *context, int error,
                                        const Assize__Record__V1__ListResponse *list);
void recording_store_list(struct db *db, const char *hearing, recording_list_callback callback,
                          void *context);

struct recording_sum {
    char name[RECORDING_FILE_SIZE];
    uint8_t sha256[SHA256_BYTES];
};
typedef void (*recording_done_callback)(void *context, int error);
/* The files of a hearing have been made: keeps the sums that are not the last ones already. */
void recording_store_made(struct db *db, const char *hearing, const struct recording_sum *sums,
                          size_t count, recording_done_callback callback, void *context);
/* The sums that count. */
typedef void (*recording_sums_callback)(void *context, int error, const struct recording_sum *sums,
                                        size_t count);
void recording_store_sums(struct db *db, const char *hearing, recording_sums_callback callback,
                          void *context);

/* Who opens what, and why. */
struct recording_view {
    const char *hearing;
    uint32_t participant; /* or 0: staff */
    const char *account;  /* of staff */
    Assize__Record__V1__ViewKind kind;
    const char *file; /* to download, or NULL */
    Assize__Record__V1__ViewReason reason;
    const char *note; /* in NFC */
};
void recording_store_view(struct db *db, const struct recording_view *view,
                          recording_done_callback callback, void *context);
/* The log of a hearing, the latest first. */
typedef void (*recording_views_callback)(void *context, int error,
                                         const Assize__Record__V1__ViewsResponse *views);
void recording_store_views(struct db *db, const char *hearing, recording_views_callback callback,
                           void *context);

#endif
