#include "server/exchange/onward.h"

#include "base/log.h"
#include "db/exchange_store.h"
#include "server/exchange/caller.h"

static void try_again(uv_timer_t *timer)
{
    onward_go(timer->data);
}

static void go_on_later(struct onward *onward)
{
    uv_timer_start(&onward->again, try_again, ONWARD_AGAIN_MS, 0);
}

static void went_on(void *context, int error, const struct exchange_after *after)
{
    struct onward *onward = context;

    onward->busy = false;
    if (error) { /* the next batch asks for it again, or the database when it is back */
        log_warn("exchange.not_gone_on", "refusal=%s", refusal_info(caller_refusal(error))->code);
        return;
    }
    if (uv_is_closing((uv_handle_t *)&onward->again))
        return;
    if (*after->failed) {
        log_error("exchange.case_failed", "case=%s", log_quote(after->failed).text);
        go_on_later(onward);
    }
    if (onward->told)
        onward->told(onward->context, after->told);
    if (after->due)
        onward_go(onward);
}

void onward_init(struct onward *onward, uv_loop_t *loop, struct db *db, onward_told told,
                 void *context)
{
    *onward = (struct onward){.db = db, .told = told, .context = context};
    uv_timer_init(loop, &onward->again);
    onward->again.data = onward;
}

void onward_close(struct onward *onward, uv_close_cb closed)
{
    uv_close((uv_handle_t *)&onward->again, closed);
}

void onward_go(struct onward *onward)
{
    if (onward->busy)
        return;
    onward->busy = true;
    exchange_store_go_on(onward->db, went_on, onward);
}

void onward_database_up(struct onward *onward)
{
    go_on_later(onward);
    onward_go(onward);
}
