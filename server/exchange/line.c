#include "server/exchange/line.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

enum { WHO_SIZE = 4 * EXCHANGE_WHO_MAX + 1, WHY_SIZE = 4 * EXCHANGE_WHY_MAX + 1 }; /* of UTF-8 */

struct line {
    struct db *db;
    struct sender *sender;
    struct puller *puller;
    uv_timer_t timer; /* ends it */
    bool closed;
    bool held;
    struct exchange_disconnection now; /* while held */
    char who[WHO_SIZE], why[WHY_SIZE];
};

static void look(struct line *line);

static void on_timer(uv_timer_t *timer)
{
    look(timer->data);
}

static void tell(struct line *line)
{
    sender_hold(line->sender, line->held);
    puller_hold(line->puller, line->held);
    if (line->held)
        return;
    sender_wake(line->sender);
    puller_wake(line->puller);
}

static void hold(struct line *line, const struct exchange_disconnection *held)
{
    bool known = line->held && line->now.until_ms == held->until_ms;

    line->held = true;
    line->now = *held;
    str_copy(line->who, sizeof(line->who), held->who);
    str_copy(line->why, sizeof(line->why), held->why);
    line->now.who = line->who;
    line->now.why = line->why;
    uv_timer_start(&line->timer, on_timer, held->left_ms > 0 ? (uint64_t)held->left_ms : 0, 0);
    if (!known)
        log_warn("exchange.disconnected", "until_ms=%" PRId64 " by=%s why=%s", held->until_ms,
                 log_quote(line->who).text, log_quote(line->why).text);
}

static void let_go(struct line *line)
{
    if (line->held)
        log_info("exchange.connected", "off_ms=%" PRId64, clock_wall_ms() - line->now.began_ms);
    line->held = false;
    uv_timer_stop(&line->timer);
}

static void looked(void *context, int error, const struct exchange_disconnection *held)
{
    struct line *line = context;

    if (error || line->closed)
        return; /* asked again when the database is back */
    if (held)
        hold(line, held);
    else
        let_go(line);
    tell(line);
}

static void look(struct line *line)
{
    exchange_store_line(line->db, looked, line);
}

void line_changed(struct line *line)
{
    look(line);
}

void line_database_up(struct line *line)
{
    exchange_store_follow_line(line->db, looked, line);
}

const struct exchange_disconnection *line_held(const struct line *line)
{
    return line->held ? &line->now : NULL;
}

int line_metrics(const struct line *line, struct buf *text)
{
    return buf_printf(text,
                      "# TYPE assize_exchange_disconnected gauge\nassize_exchange_disconnected %d\n"
                      "# TYPE assize_exchange_disconnected_until_seconds gauge\n"
                      "assize_exchange_disconnected_until_seconds %" PRId64 "\n",
                      line->held, line->held ? line->now.until_ms / CLOCK_MS_PER_S : 0);
}

/* ---- making and freeing ---- */

struct line *line_new(uv_loop_t *loop, struct db *db, struct sender *sender, struct puller *puller)
{
    struct line *line = calloc(1, sizeof(*line));

    if (!line)
        abort();
    line->db = db;
    line->sender = sender;
    line->puller = puller;
    line->timer.data = line;
    uv_timer_init(loop, &line->timer);
    return line;
}

static void free_line(uv_handle_t *handle)
{
    free(handle->data);
}

void line_free(struct line *line)
{
    if (!line)
        return;
    line->closed = true;
    uv_close((uv_handle_t *)&line->timer, free_line);
}
