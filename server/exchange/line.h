/*
 * Whether a court may call its centre: not while its operator has taken it off the line (`assize
 * exchange disconnect`). The database says so (db/exchange_store.h), also after a restart; the line
 * holds sender and puller until then, and lets them go on at once. Owned by main.c.
 */
#ifndef ASSIZE_SERVER_EXCHANGE_LINE_H
#define ASSIZE_SERVER_EXCHANGE_LINE_H

#include "server/exchange/puller.h"
#include "server/exchange/sender.h"

struct line;

/* The db, sender and puller stay the caller's; the first is freed before the line, the others
 * after. */
struct line *line_new(uv_loop_t *loop, struct db *db, struct sender *sender, struct puller *puller);
void line_free(struct line *line);

/* The database is there: what holds is asked, and followed from now on. */
void line_database_up(struct line *line);
/* It was notified of a change. */
void line_changed(struct line *line);

/* What holds, valid until the loop turns; NULL: nothing does, as far as is known. */
const struct exchange_disconnection *line_held(const struct line *line);

/* Lines in Prometheus text format; 0 or -ENOBUFS. */
int line_metrics(const struct line *line, struct buf *text) __attribute__((warn_unused_result));

#endif
