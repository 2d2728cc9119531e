/*
 * Whether a database keeps what it says it has committed: with fsync, full_page_writes or
 * synchronous_commit off it does not, and a receipt of the exchange, or a hearing's event that
 * people were told of, could be gone after a power cut. Such a database is not used: db.c refuses
 * it at every connection, `assize up` before anything starts. What is set later, while a connection
 * is open, is noticed at the next.
 *
 * Whoever needs one all the same, to see that a test notices what it loses, says so in that
 * database (ALTER DATABASE ... SET assize.may_lose = on); each connection then warns in the log.
 */
#ifndef ASSIZE_DB_DURABLE_H
#define ASSIZE_DB_DURABLE_H

#include <stdbool.h>

enum { DURABLE_ERROR_SIZE = 512 };

/*
 * Of the session that asks, for the settings may be those of a role or a database. One row: the
 * settings by which it loses ("" when there are none, else as one would set them, with commas), and
 * whether it may. "local" is enough where no standby is named that is to be waited for.
 */
#define DURABLE_QUERY                                                                              \
    "SELECT concat_ws(', ', CASE WHEN NOT current_setting('fsync')::boolean THEN 'fsync = on' "    \
    "END,"                                                                                         \
    " CASE WHEN NOT current_setting('full_page_writes')::boolean"                                  \
    " THEN 'full_page_writes = on' END,"                                                           \
    " CASE WHEN current_setting('synchronous_commit') = 'off'"                                     \
    " OR current_setting('synchronous_commit') = 'local'"                                          \
    " AND current_setting('synchronous_standby_names') <> ''"                                      \
    " THEN 'synchronous_commit = on' END),"                                                        \
    " coalesce(current_setting('assize.may_lose', true), '') = 'on'"

/*
 * The same over a connection of its own, blocking: 0, -EAGAIN (no connection), or -EINVAL; then
 * error holds a sentence that says what to set.
 */
int durable_check(const char *conninfo, char error[static DURABLE_ERROR_SIZE])
    __attribute__((warn_unused_result));

#endif
