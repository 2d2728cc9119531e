/*
 * How far the changes of a court's cases are on their way to the centre, told once and told on: the
 * methods Changes and WatchChanges of CaseService. Each who watches is told of the cases they asked
 * for. Owned by main.c.
 */
#ifndef ASSIZE_SERVER_ACCESS_CHANGES_H
#define ASSIZE_SERVER_ACCESS_CHANGES_H

#include "db/change_store.h"
#include "server/identity/staff.h"

/* clang-format off */
#define CHANGES_LIMITS(L) \
    L(CHANGES_LOOK_MS, 1000, "ms", "between two looks for somebody who watches how far changes are") \
    L(CHANGES_CALM_MS, 3000, "ms", "between two of them while nothing is on its way") \
    L(CHANGES_LOOKS_MAX, 8, "looks", "in one such time, by turns, however many watch") \
    L(CHANGES_BEAT_MS, 10000, "ms", "without a change before the same is said again, and whether who watches is still signed in is asked") \
    L(CHANGES_WATCHERS_MAX, 64, "pages", "that watch at one time")
/* clang-format on */
LIMITS(CHANGES_LIMITS);

struct changes;

struct changes_options {
    uv_loop_t *loop;
    struct db *db;
    struct staff *staff;
    const char *organisation; /* our own; kept */
    /* Whether the centre answers; may be called at any time. */
    void (*line)(void *context, Assize__Cases__V1__CenterLine *ret_line);
    void *context;
};

/* loop, db and staff outlive it. */
struct changes *changes_new(const struct changes_options *options);
/* Ends the streams. The db is freed before, so that no question is under way. */
void changes_free(struct changes *changes);

#endif
