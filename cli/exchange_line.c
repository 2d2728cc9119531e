#include "cli/exchange_line.h"

#include <inttypes.h>
#include <jansson.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "cli/link_text.h"
#include "db/exchange_admin.h"

enum { USUAL_S = 3600, WHO_SIZE = 4 * EXCHANGE_WHO_MAX + 1 };

void exchange_line_who(char out[static 4 * EXCHANGE_WHO_MAX + 1])
{
    const char *sudo = getuid() == 0 ? getenv("SUDO_USER") : NULL;
    const struct passwd *self = sudo && *sudo ? NULL : getpwuid(getuid());
    const char *who = self ? self->pw_name : sudo && *sudo ? sudo : "?";

    str_copy(out, EXCHANGE_WHO_MAX + 1, str_is_line(who) ? who : "?");
}

/* ---- off and on ---- */

static enum cli_exit read_length(const char *minutes, const char *seconds, uint64_t *ret_seconds)
{
    uint64_t many = 0;

    if (minutes && seconds)
        return cli_fail(CLI_USAGE, "give --for in minutes or --seconds, not both.");
    enum cli_exit result = cli_number("--for", minutes, EXCHANGE_OFFLINE_S_MAX / 60, &many);
    if (!result && !minutes)
        result = cli_number("--seconds", seconds, EXCHANGE_OFFLINE_S_MAX, ret_seconds);
    if (!result && minutes)
        *ret_seconds = many * 60;
    return !result && !*ret_seconds ? cli_fail(CLI_USAGE, "it is for a second at least.") : result;
}

/* In NFC, for free(); NULL when it is none. */
static char *clean_sentence(const char *text)
{
    char *clean = NULL;
    size_t characters = 0;

    if (!*text || !str_is_line(text) || str_nfc(text, (size_t)4 * EXCHANGE_WHY_MAX, &clean))
        return NULL;
    for (const char *at = clean; *at; at++)
        characters += (*at & 0xc0) != 0x80; /* RFC 3629: the first byte of each */
    if (characters <= EXCHANGE_WHY_MAX)
        return clean;
    free(clean);
    return NULL;
}

enum cli_exit exchange_line_disconnect(const struct cli *cli, struct admin *admin,
                                       const char *minutes, const char *seconds, const char *why)
{
    char who[WHO_SIZE], until[CLOCK_TEXT_SIZE];
    uint64_t length = USUAL_S;
    int64_t until_ms;
    char *clean;

    enum cli_exit result = read_length(minutes, seconds, &length);
    if (result)
        return result;
    clean = clean_sentence(why);
    if (!clean)
        return cli_fail(CLI_USAGE, "--why wants a sentence of %d characters at most.",
                        EXCHANGE_WHY_MAX);
    exchange_line_who(who);
    int failed = exchange_admin_disconnect(admin, (int64_t)length, who, clean, &until_ms);
    free(clean);
    if (failed)
        return cli_admin_failed(admin, failed);
    clock_text(until_ms, until);
    if (cli->json)
        link_print_json(json_pack("{sI}", "until_ms", (json_int_t)until_ms));
    else
        printf("disconnected until %s; what is written waits, `assize exchange connect` ends it\n",
               until);
    return CLI_OK;
}

enum cli_exit exchange_line_connect(const struct cli *cli, struct admin *admin)
{
    char who[WHO_SIZE];

    (void)cli;
    exchange_line_who(who);
    int failed = exchange_admin_connect(admin, who);
    return failed ? cli_admin_failed(admin, failed) : CLI_OK;
}

/* ---- how it stands ---- */

static bool add_one(void *context, const struct exchange_admin_disconnection *one)
{
    json_array_append_new(
        context, json_pack("{sb sI sI sI ss ss so}", "holds", (int)one->holds, "began_ms",
                           (json_int_t)one->began_ms, "until_ms", (json_int_t)one->until_ms,
                           "ended_ms", (json_int_t)one->ended_ms, "by", one->who, "why", one->why,
                           "ended_by", *one->ended_by ? json_string(one->ended_by) : json_null()));
    return true;
}

static int64_t number_of(const json_t *json, const char *name)
{
    return json_integer_value(json_object_get(json, name));
}

static const char *text_of(const json_t *json, const char *name)
{
    const char *text = json_string_value(json_object_get(json, name));

    return text ? text : "";
}

static void print_one(const json_t *one)
{
    char began[CLOCK_TEXT_SIZE], ended[CLOCK_TEXT_SIZE];
    bool holds = json_is_true(json_object_get(one, "holds"));
    const char *by = text_of(one, "ended_by");

    clock_text(number_of(one, "began_ms"), began);
    clock_text(number_of(one, "ended_ms"), ended);
    printf("%s %s to %s%s%s, by %s: %s\n", holds ? "disconnected" : "was disconnected", began,
           ended, *by ? ", ended by " : "", by, text_of(one, "by"), text_of(one, "why"));
}

static void print_status(const json_t *status)
{
    char answered[CLOCK_TEXT_SIZE] = "never";
    size_t i;
    json_t *one;

    if (number_of(status, "receipt_ms"))
        clock_text(number_of(status, "receipt_ms"), answered);
    printf("waiting %" PRId64 ", sent %" PRId64 ", returned %" PRId64 "; last receipt %s\n",
           number_of(status, "waiting"), number_of(status, "sent"), number_of(status, "returned"),
           answered);
    json_array_foreach(json_object_get(status, "disconnections"), i, one) print_one(one);
}

enum cli_exit exchange_line_status(const struct cli *cli, struct admin *admin)
{
    struct exchange_admin_totals totals;
    json_t *disconnections = json_array();

    int failed = exchange_admin_totals(admin, &totals);
    if (!failed)
        failed = exchange_admin_disconnections(admin, add_one, disconnections);
    bool off = json_is_true(json_object_get(json_array_get(disconnections, 0), "holds"));
    json_t *status = json_pack("{sb sI sI sI sI so}", "disconnected", (int)off, "waiting",
                               (json_int_t)totals.waiting, "sent", (json_int_t)totals.sent,
                               "returned", (json_int_t)totals.returned, "receipt_ms",
                               (json_int_t)totals.answered_ms, "disconnections", disconnections);
    if (!failed && !cli->json)
        print_status(status);
    else if (!failed)
        link_print_json(json_incref(status));
    json_decref(status);
    return failed ? cli_admin_failed(admin, failed) : CLI_OK;
}
