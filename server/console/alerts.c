#include "server/console/alerts.h"

#include <errno.h>
#include <stdlib.h>
#include <utlist.h>

#include "base/id.h"
#include "base/log.h"
#include "base/str.h"
#include "db/console_store.h"

_Static_assert((int)SESSION_ALERT_HELP == ASSIZE__CONSOLE__V1__ALERT_KIND__ALERT_KIND_HELP &&
                   (int)SESSION_ALERT_DEADLINE ==
                       ASSIZE__CONSOLE__V1__ALERT_KIND__ALERT_KIND_DEADLINE,
               "the kinds are the same");

struct waiting {
    struct waiting *prev;
    struct waiting *next;
    char hearing[ID_UUID_SIZE];
    char words[SESSION_HELP_MAX + 1];
    struct session_alert alert;
};

struct alerts {
    struct db *db;
    struct waiting *waiting; /* oldest first */
    size_t count;
    bool sending; /* the first is on its way */
    bool begun;   /* those of the run before are over */
};

static void drop_first(struct alerts *alerts)
{
    struct waiting *first = alerts->waiting;

    DL_DELETE(alerts->waiting, first);
    alerts->count--;
    free(first);
}

static void send_first(struct alerts *alerts);

/* One that the database will not take is dropped; one it did not get waits for it. */
static void sent(void *context, int error, const struct db_result *rows)
{
    struct alerts *alerts = context;

    (void)rows;
    alerts->sending = false;
    if (error == -EAGAIN)
        return;
    if (error)
        log_warn("alert.lost", "hearing=%s kind=%d", alerts->waiting->hearing,
                 (int)alerts->waiting->alert.kind);
    drop_first(alerts);
    send_first(alerts);
}

static void send_first(struct alerts *alerts)
{
    const struct waiting *first = alerts->waiting;

    if (!first || alerts->sending || !alerts->begun || !db_is_up(alerts->db))
        return;
    const struct console_alert alert = {
        .hearing = first->hearing,
        .kind = (Assize__Console__V1__AlertKind)first->alert.kind,
        .participant = first->alert.participant,
        .site = first->alert.site,
        .words = first->words,
    };
    alerts->sending = true;
    console_store_alert(alerts->db, &alert, first->alert.over, sent, alerts);
}

struct alerts *alerts_new(struct db *db)
{
    struct alerts *alerts = calloc(1, sizeof(*alerts));

    if (!alerts)
        abort();
    alerts->db = db;
    return alerts;
}

void alerts_free(struct alerts *alerts)
{
    if (!alerts)
        return;
    while (alerts->waiting)
        drop_first(alerts);
    free(alerts);
}

static void begun(void *context, int error, const struct db_result *rows)
{
    struct alerts *alerts = context;

    (void)rows;
    alerts->begun = !error;
    send_first(alerts);
}

void alerts_database_up(struct alerts *alerts)
{
    if (alerts->begun)
        send_first(alerts);
    else
        console_store_all_over(alerts->db, begun, alerts);
}

void alerts_take(void *context, const struct session_alert *alert)
{
    struct alerts *alerts = context;
    struct waiting *waiting = calloc(1, sizeof(*waiting));

    if (!waiting)
        abort();
    waiting->alert = *alert;
    str_copy(waiting->hearing, sizeof(waiting->hearing), alert->hearing);
    str_copy(waiting->words, sizeof(waiting->words), alert->words);
    DL_APPEND(alerts->waiting, waiting);
    alerts->count++;
    if (alerts->count > ALERTS_WAITING_MAX && !alerts->sending)
        drop_first(alerts);
    send_first(alerts);
}
