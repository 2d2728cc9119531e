#include "cli/demo_outage.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "cli/demo_cases.h"
#include "cli/exchange_line.h"
#include "cli/link_text.h"
#include "db/exchange_admin.h"
#include "db/outage_admin.h"

enum {
    USUAL_S = 60,
    USUAL_CHANGES = 10000,
    CHANGES_MAX = 100000,
    TELL_MS = 5000,     /* between two lines */
    LOOK_MS = 50,       /* between two looks whether all has arrived */
    ARRIVES_MS = 600000 /* before it is given up */
};

struct outage {
    const struct cli *cli;
    struct admin *court, *center;
    const char *organisation;
    uint64_t seconds, changes;
    uint64_t written;
    int64_t mark;     /* the court's outbox before */
    int64_t begin_ms; /* monotonic, like the next two */
    int64_t end_ms;
    int64_t tell_ms;
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
    (void)number;
    interrupted = 1;
}

/* poll comes back at once when one of these arrives. */
static void watch_interrupts(void)
{
    const struct sigaction action = {.sa_handler = on_interrupt};

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static void wait_until(int64_t ms)
{
    int64_t left = ms - clock_monotonic_ms();

    if (left > 0 && !interrupted)
        poll(NULL, 0, (int)left);
}

/* ---- what is told meanwhile ---- */

static int tell(struct outage *outage)
{
    FILE *out = outage->cli->json ? stderr : stdout;
    struct exchange_admin_totals here;
    struct outage_admin_source there;
    char received[CLOCK_TEXT_SIZE] = "never";

    if (exchange_admin_totals(outage->court, &here))
        return -EINVAL;
    if (outage_admin_source(outage->center, outage->organisation, &there))
        return -ENOLINK;
    if (there.received_ms)
        clock_text(there.received_ms, received);
    fprintf(out,
            "%4" PRId64 " s  written %6" PRIu64 "  the court has waiting %6" PRId64
            "  the centre has %6" PRId64 " in effect, last batch %s, its lag %.1f s\n",
            (clock_monotonic_ms() - outage->begin_ms) / CLOCK_MS_PER_S, outage->written,
            here.waiting + here.sent, there.records, received, (double)there.lag_ms / 1000);
    fflush(out);
    outage->tell_ms = clock_monotonic_ms() + TELL_MS;
    return 0;
}

/* ---- the outage ---- */

/* Over the first two thirds, each when it is due. Who is interrupted stops. */
static int write_changes(struct outage *outage)
{
    int64_t spread_ms = (int64_t)outage->seconds * CLOCK_MS_PER_S * 2 / 3;
    int failed = 0;

    while (!failed && !interrupted && outage->written < outage->changes) {
        failed = demo_cases_event(outage->court, outage->organisation, outage->written);
        outage->written += !failed;
        if (!failed && clock_monotonic_ms() >= outage->tell_ms)
            failed = tell(outage);
        wait_until(outage->begin_ms +
                   spread_ms * (int64_t)outage->written / (int64_t)outage->changes);
    }
    return failed;
}

static int sit_out(struct outage *outage)
{
    int failed = write_changes(outage);

    while (!failed && !interrupted && clock_monotonic_ms() < outage->end_ms) {
        wait_until(outage->tell_ms < outage->end_ms ? outage->tell_ms : outage->end_ms);
        failed = interrupted ? 0 : tell(outage);
    }
    return failed;
}

/* ---- and after it ---- */

struct arrival {
    int64_t wanted, rows, changes;
    int64_t took_ms; /* since the court was on the line again, or had written all */
};

/* Until every change is there, or the time for it is over. */
static int await_all(struct outage *outage, struct arrival *out)
{
    int64_t now = clock_monotonic_ms();
    int64_t begin_ms = now > outage->end_ms ? now : outage->end_ms;
    char *changes = NULL;

    int failed = outage_admin_written(outage->court, outage->mark, &out->wanted, &changes);
    while (!failed && !interrupted && out->changes < out->wanted &&
           clock_monotonic_ms() < begin_ms + ARRIVES_MS) {
        wait_until(clock_monotonic_ms() + LOOK_MS);
        if (outage_admin_received(outage->center, outage->organisation, changes, &out->rows,
                                  &out->changes))
            failed = -ENOLINK;
        out->took_ms = clock_monotonic_ms() - begin_ms;
        if (!failed && clock_monotonic_ms() >= outage->tell_ms)
            failed = tell(outage);
    }
    free(changes);
    return failed;
}

static enum cli_exit report(struct outage *outage, const struct arrival *arrival)
{
    int64_t lost = arrival->wanted - arrival->changes, doubled = arrival->rows - arrival->changes;

    if (outage->cli->json)
        link_print_json(json_pack("{sI sI sI sI sI}", "seconds", (json_int_t)outage->seconds,
                                  "changes", (json_int_t)arrival->wanted, "caught_up_ms",
                                  (json_int_t)arrival->took_ms, "lost", (json_int_t)lost, "doubled",
                                  (json_int_t)doubled));
    else
        printf("the centre has all %" PRId64 " after %.1f s: lost %" PRId64 ", doubled %" PRId64
               "\n",
               arrival->wanted, (double)arrival->took_ms / 1000, lost, doubled);
    return lost || doubled ? CLI_FAILED : CLI_OK;
}

static enum cli_exit failed_at(const struct outage *outage, int failed)
{
    return cli_admin_failed(failed == -ENOLINK ? outage->center : outage->court,
                            failed == -ENOLINK ? -EINVAL : failed);
}

/* Back on the line whatever happened; that it is already is as well. */
static enum cli_exit reconnect(struct outage *outage, enum cli_exit result)
{
    char who[4 * EXCHANGE_WHO_MAX + 1];

    exchange_line_who(who);
    int failed = exchange_admin_connect(outage->court, who);
    if (failed && failed != -ENOENT && !result)
        result = cli_admin_failed(outage->court, failed);
    if (interrupted && !result)
        result = cli_fail(CLI_FAILED, "interrupted; the court is on the line again.");
    return result;
}

static enum cli_exit run(struct outage *outage)
{
    char who[4 * EXCHANGE_WHO_MAX + 1];
    struct arrival arrival = {0};
    int64_t until_ms;

    exchange_line_who(who);
    int failed = outage_admin_mark(outage->court, &outage->mark);
    if (!failed)
        failed = exchange_admin_disconnect(outage->court, (int64_t)outage->seconds, who,
                                           "Diễn tập mất kết nối", &until_ms);
    if (failed)
        return failed_at(outage, failed);
    outage->begin_ms = outage->tell_ms = clock_monotonic_ms();
    outage->end_ms = outage->begin_ms + (until_ms - clock_wall_ms());
    failed = sit_out(outage);
    if (!failed && !interrupted)
        failed = await_all(outage, &arrival);
    enum cli_exit result = failed        ? failed_at(outage, failed)
                           : interrupted ? CLI_OK
                                         : report(outage, &arrival);
    return reconnect(outage, result);
}

static enum cli_exit open_center(const struct cli *cli, const char *wanted, struct cli *center,
                                 struct admin **ret_admin)
{
    char folder[CONFIG_TEXT_SIZE], error[CONFIG_ERROR_SIZE];

    *ret_admin = NULL;
    if (config_state_path(&cli->config, "center", folder, sizeof(folder)))
        return cli_fail(CLI_USAGE, "the path of the centre's state directory is too long.");
    if (config_load(&center->config, wanted ? wanted : folder, NULL, error))
        return cli_fail(CLI_USAGE, "%s.", error);
    return cli_open_admin(center, ret_admin);
}

enum cli_exit demo_outage(const struct cli *cli, struct admin *admin,
                          const struct demo_outage_wish *wish)
{
    struct outage outage = {.cli = cli,
                            .court = admin,
                            .organisation = cli->config.exchange_organisation,
                            .seconds = USUAL_S,
                            .changes = USUAL_CHANGES};
    static struct cli center;

    enum cli_exit result =
        cli_number("--seconds", wish->seconds, EXCHANGE_OFFLINE_S_MAX, &outage.seconds);
    if (!result)
        result = cli_number("--changes", wish->changes, CHANGES_MAX, &outage.changes);
    if (!result && (!outage.seconds || !outage.changes))
        result = cli_fail(CLI_USAGE, "it takes a second and a change at least.");
    if (!result)
        result = demo_cases(cli, admin); /* to write to */
    if (!result)
        result = open_center(cli, wish->center, &center, &outage.center);
    if (result)
        return result;
    watch_interrupts();
    result = run(&outage);
    admin_close(outage.center);
    return result;
}
