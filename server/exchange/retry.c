#include "server/exchange/retry.h"

#include <inttypes.h>

#include "base/id.h"
#include "base/log.h"

static void on_timer(uv_timer_t *timer)
{
    struct retry *retry = (struct retry *)timer; /* its first member */

    retry->again(retry->owner);
}

void retry_init(struct retry *retry, uv_loop_t *loop, const char *event, void (*again)(void *owner),
                void *owner)
{
    *retry =
        (struct retry){.event = event, .again = again, .owner = owner, .wait_ms = RETRY_LEAST_MS};
    uv_timer_init(loop, &retry->timer);
    retry->timer.data = owner;
}

void retry_close(struct retry *retry, uv_close_cb closed)
{
    uv_close((uv_handle_t *)&retry->timer, closed);
}

/* From half of it to all of it, so that courts that lost the centre together do not come back
 * together. */
static uint64_t some_of(int64_t most)
{
    uint64_t half = (uint64_t)most / 2;

    return half + id_number() % (half + 1);
}

void retry_failed(struct retry *retry, const char *where, const char *why)
{
    retry->failures++;
    if (!retry->failing)
        log_warn(retry->event, "at=%s why=%s", where, why);
    retry->failing = true;
    retry_after(retry, some_of(retry->wait_ms));
    retry->wait_ms *= 2;
    if (retry->wait_ms > RETRY_MOST_MS)
        retry->wait_ms = RETRY_MOST_MS;
}

void retry_failed_call(struct retry *retry, const char *where, int error, enum refusal refusal)
{
    if (!error)
        retry->refused[refusal]++;
    retry_failed(retry, where, error ? log_errno(error).text : refusal_info(refusal)->code);
}

bool retry_recovered(struct retry *retry)
{
    bool failed = retry->failing;

    retry->failing = false;
    retry->wait_ms = RETRY_LEAST_MS;
    return failed;
}

void retry_after(struct retry *retry, uint64_t ms)
{
    uv_timer_start(&retry->timer, on_timer, ms, 0);
}

void retry_stop(struct retry *retry)
{
    uv_timer_stop(&retry->timer);
}

int retry_metrics(const struct retry *retry, const char *name, struct buf *text)
{
    int result =
        buf_printf(text, "# TYPE %s_failures_total counter\n%s_failures_total %" PRIu64 "\n", name,
                   name, retry->failures);

    if (!result)
        result = buf_printf(text, "# TYPE %s_refused_total counter\n", name);
    for (int i = 0; !result && i < REFUSAL_COUNT; i++) {
        if (retry->refused[i])
            result = buf_printf(text, "%s_refused_total{code=\"%s\"} %" PRIu64 "\n", name,
                                refusal_info((enum refusal)i)->code, retry->refused[i]);
    }
    return result;
}
