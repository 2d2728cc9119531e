/*
 * What a centre's people ask of the exchange (db/migrations/0022_monitor.sql). Used by
 * server/monitor, which adds who was heard of just now.
 */
#ifndef ASSIZE_DB_MONITOR_STORE_H
#define ASSIZE_DB_MONITOR_STORE_H

#include "assize/monitor/v1/monitor.pb-c.h"
#include "base/limits.h"
#include "db/asking.h"

/* clang-format off */
#define MONITOR_LIMITS(L) \
    L(MONITOR_SOURCES_MAX, 1000, "organisations", "told at once by the monitor") \
    L(MONITOR_REJECTIONS_MAX, 50, "records", "that wait for a correction, told of one source") \
    L(MONITOR_BATCHES_MAX, 20, "batches", "told of one source") \
    L(MONITOR_MINUTES, 60, "minutes", "drawn by the monitor") \
    L(MONITOR_LIVE_MS, 30000, "ms", "since a source was heard of, for it to be live; more than PULLS_WAIT_MS") \
    L(MONITOR_LATE_MS, 5000, "ms", "of lag beyond which a source is catching up,") \
    L(MONITOR_CATCHING_UP_MS, 3000, "ms", "until so long after its last batch") \
    L(MONITOR_LOOK_MS, 1000, "ms", "between two looks for those who watch") \
    L(MONITOR_BEAT_MS, 10000, "ms", "without a change before the monitor says the same again, and asks whether who watches is still signed in")
/* clang-format on */
LIMITS(MONITOR_LIMITS);

/*
 * A ProgressResponse without now_ms, courts_live and the states; contact_ms is of the last batch,
 * and a source that was withdrawn has that state.
 */
void monitor_store_progress(struct db *db, asking_callback callback, void *context);
/* A SourceResponse, its source the same way. REFUSAL_CLIENT_UNKNOWN. */
void monitor_store_source(struct db *db, const char *code, asking_callback callback, void *context);

#endif
