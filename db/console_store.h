/*
 * What the officer console asks of the database: the hearings of a day, who looks after them, and
 * alerts (db/migrations/0012_console.sql). Used by server/console, which adds what is known of
 * devices.
 */
#ifndef ASSIZE_DB_CONSOLE_STORE_H
#define ASSIZE_DB_CONSOLE_STORE_H

#include "assize/console/v1/console.pb-c.h"
#include "base/limits.h"
#include "db/asking.h"

/* clang-format off */
#define CONSOLE_LIMITS(L) \
    L(CONSOLE_HEARINGS_MAX, 200, "hearings", "told at once by the console; it says when there are more") \
    L(CONSOLE_ALERTS_MAX, 300, "alerts", "told at once by the console; it says when there are more") \
    L(CONSOLE_OFFICERS_MAX, 200, "people", "who can look after a hearing") \
    L(CONSOLE_WORDS_MAX, 1024, "bytes", "of an alert, and of how it was dealt with")
/* clang-format on */
LIMITS(CONSOLE_LIMITS);

/* An OverviewResponse. date: YYYY-MM-DD, or NULL for today and what is in session; account: the
 * asker's. */
void console_store_overview(struct db *db, const char *date, const char *account,
                            asking_callback callback, void *context);
/* A HearingResponse, without the people. */
void console_store_hearing(struct db *db, const char *hearing, const char *account,
                           asking_callback callback, void *context);

/* These have no answer. account of allocate: NULL for nobody. */
void console_store_allocate(struct db *db, const char *hearing, const char *account,
                            asking_callback callback, void *context);
void console_store_take(struct db *db, const Assize__Console__V1__TakeRequest *request,
                        const char *account, asking_callback callback, void *context);
void console_store_tick_off(struct db *db, const char *alert, const char *account,
                            const char *words, asking_callback callback, void *context);

/* Something to look at in a hearing: of a person or a site, 0 for neither. words is NFC text. */
struct console_alert {
    const char *hearing;
    Assize__Console__V1__AlertKind kind;
    uint32_t participant;
    uint32_t site;
    const char *words;
};
/* When the server starts anew: whatever was wrong is over, until it is raised again. */
void console_store_all_over(struct db *db, db_callback callback, void *context);
/* Raises it, or, with over, says that its cause has gone away. */
void console_store_alert(struct db *db, const struct console_alert *alert, bool over,
                         db_callback callback, void *context);

#endif
