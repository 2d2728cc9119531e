/*
 * assize exchange admit ORGANISATION --to DIR [--agency]   at a centre: a certificate
 * assize exchange name ORGANISATION TEXT        at a centre: what courts are told it is called
 * assize exchange outbox                        at a court: what was sent, and the receipts
 * assize exchange disconnect [--for MINUTES | --seconds N] --why TEXT   at a court: off the line
 * assize exchange connect                       at that court: on it again
 * assize exchange status                        at a court: what waits, and when it was off it
 * assize exchange returns ORGANISATION --after N --legal-basis TEXT --to FILE   at a centre: for a
 *                                               court that was restored
 * assize exchange take-back FILE                at a restored court
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/cli.h"
#include "cli/exchange_line.h"
#include "cli/link_text.h"
#include "cli/pki.h"
#include "db/access_store.h"
#include "db/exchange_admin.h"
#include "server/cases/case_check.h"

struct wish {
    const char *to, *after, *minutes, *seconds, *why, *basis;
    bool agency;
};

/* The certificate is written before it is known, so that a failure leaves nothing that opens. */
static enum cli_exit admit(const struct cli *cli, struct admin *admin, const char *organisation,
                           const char *state_dir, bool agency)
{
    char error[CONFIG_ERROR_SIZE];
    struct pki_issued issued;

    if (pki_issue(&cli->config, organisation, state_dir, &issued, error))
        return cli_fail(CLI_FAILED, "%s", error);
    int failed = exchange_admin_admit(
        admin, organisation, agency ? "agency" : "court",
        &(struct exchange_admin_key){issued.public_key, issued.len, issued.ends_s}, true);
    return failed ? cli_admin_failed(admin, failed) : CLI_OK;
}

static enum cli_exit give_name(const struct cli *cli, struct admin *admin)
{
    const char *text = cli->words[2];

    if (strlen(text) > CASE_NAME_MAX || !str_is_line(text))
        return cli_fail(CLI_USAGE, "a name is one line of at most %d bytes.", CASE_NAME_MAX);
    int failed = exchange_admin_name(admin, cli->words[1], text);
    return failed ? cli_admin_failed(admin, failed) : CLI_OK;
}

static json_t *text_or_null(const char *text)
{
    return *text ? json_string(text) : json_null();
}

static bool add_row(void *context, const struct exchange_admin_row *row)
{
    json_t *json =
        json_pack("{ss so sI sI so so so}", "case_number", row->case_number, "hearing",
                  text_or_null(row->hearing), "seq", (json_int_t)row->seq, "recorded_ms",
                  (json_int_t)row->recorded_ms, "received_ms",
                  *row->receipt ? json_integer(row->received_ms) : json_null(), "receipt",
                  text_or_null(row->receipt), "refused", text_or_null(row->refused));

    json_array_append_new(context, json);
    return true;
}

static bool print_row(void *context, const struct exchange_admin_row *row)
{
    (void)context;
    printf("%-20s %4" PRIu64 "  %s  %s\n", row->case_number, row->seq,
           *row->hearing ? row->hearing : "-",
           *row->receipt   ? row->receipt
           : *row->refused ? row->refused
                           : "waits");
    return true;
}

static enum cli_exit list_outbox(const struct cli *cli, struct admin *admin)
{
    json_t *rows = json_array();
    int64_t sure;

    if (!exchange_admin_waits(admin, &sure))
        fprintf(stderr,
                "restored: nothing is sent before `assize exchange take-back` (after batch %" PRId64
                ")\n",
                sure);
    int failed =
        exchange_admin_outbox(admin, cli->json ? add_row : print_row, cli->json ? rows : NULL);
    if (!failed && cli->json)
        link_print_json(json_incref(rows));
    json_decref(rows);
    return failed ? cli_admin_failed(admin, failed) : CLI_OK;
}

/* ---- after a restore ---- */

/* A file that is not there yet, for nobody else to read. */
static enum cli_exit write_new(const char *to, const char *json)
{
    int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    bool good = file && fputs(json, file) >= 0 && fflush(file) == 0 && fsync(fd) == 0;
    if (file && fclose(file))
        good = false;
    if (good)
        return CLI_OK;
    if (file)
        unlink(to);
    return cli_fail(CLI_FAILED, "%s cannot be written, or is there already.", to);
}

/* It is a reading: why is said, and in the log of accesses before anything is told. */
static enum cli_exit give_back(const struct cli *cli, struct admin *admin, const struct wish *wish)
{
    uint64_t batch = 0;
    char *json = NULL, *basis = NULL;

    if (cli_number("--after", wish->after, INT64_MAX, &batch))
        return CLI_USAGE;
    if (!wish->basis || !str_is_line(wish->basis) || !wish->basis[strspn(wish->basis, " ")] ||
        str_nfc(wish->basis, ACCESS_BASIS_MAX, &basis))
        return cli_fail(CLI_USAGE,
                        "--legal-basis TEXT says on what ground: one line of %d bytes at most.",
                        ACCESS_BASIS_MAX);
    int failed = exchange_admin_returns(admin, cli->config.exchange_organisation, cli->words[1],
                                        (int64_t)batch, basis, &json);
    free(basis);
    enum cli_exit result = failed ? cli_admin_failed(admin, failed) : write_new(wish->to, json);
    free(json);
    return result;
}

static enum cli_exit take_back(const struct cli *cli, struct admin *admin)
{
    json_t *json = json_load_file(cli->words[1], JSON_REJECT_DUPLICATES, NULL);
    json_t *records = json_object_get(json, "records");
    const char *source = json_string_value(json_object_get(json, "source"));
    const char *root = json_string_value(json_object_get(json, "root"));
    int64_t after = json_integer_value(json_object_get(json, "after")), sure = 0;
    int64_t cursor = json_integer_value(json_object_get(json, "cursor"));
    struct exchange_admin_taken taken;
    enum cli_exit result = CLI_OK;

    int failed = exchange_admin_waits(admin, &sure);
    if (failed)
        result = failed == -ENOENT ? cli_fail(CLI_NOT_FOUND, "nothing was restored here.")
                                   : cli_admin_failed(admin, failed);
    else if (!json_is_array(records) || !source || !root ||
             !json_is_integer(json_object_get(json, "cursor")) || cursor < 0 ||
             strcmp(source, cli->config.exchange_organisation) != 0 || after != sure)
        result = cli_fail(CLI_FAILED,
                          "%s is not what the centre has of %s after batch %" PRId64
                          ". At the centre: assize exchange returns %s --after %" PRId64
                          " --legal-basis TEXT --to FILE",
                          cli->words[1], cli->config.exchange_organisation, sure,
                          cli->config.exchange_organisation, sure);
    char *text = result ? NULL : json_dumps(records, JSON_COMPACT);
    if (text) {
        failed = exchange_admin_take_back(admin, text, cursor, root, &taken);
        if (failed)
            result = cli_admin_failed(admin, failed);
        else
            printf("taken back: %" PRId64 " records; renumbered: %" PRId64
                   "; only at the centre, of cases that are not here: %" PRId64 "\n",
                   taken.taken, taken.renumbered, taken.unknown);
    }
    free(text);
    json_decref(json);
    return result;
}

/* ---- what is wanted ---- */

static enum cli_exit of_the_court(const struct cli *cli, struct admin *admin,
                                  const struct wish *wish)
{
    const char *verb = cli->words[0];

    if (config_is_center(&cli->config))
        return cli_fail(CLI_USAGE, "this is for a court; here is a centre.");
    if (strcmp(verb, "disconnect") == 0)
        return exchange_line_disconnect(cli, admin, wish->minutes, wish->seconds, wish->why);
    if (strcmp(verb, "connect") == 0)
        return exchange_line_connect(cli, admin);
    return exchange_line_status(cli, admin);
}

enum verb { NONE, ADMIT, NAME, OUTBOX, RETURNS, TAKE_BACK, LINE };

static enum verb verb_of(const struct cli *cli, const struct wish *wish)
{
    const char *word = cli->word_count ? cli->words[0] : "";

    if (cli->word_count == 3)
        return strcmp(word, "name") == 0 ? NAME : NONE;
    if (cli->word_count == 2 && wish->to)
        return strcmp(word, "admit") == 0 ? ADMIT : strcmp(word, "returns") == 0 ? RETURNS : NONE;
    if (cli->word_count == 2)
        return strcmp(word, "take-back") == 0 ? TAKE_BACK : NONE;
    if (cli->word_count == 1 && strcmp(word, "outbox") == 0)
        return OUTBOX;
    bool line = strcmp(word, "connect") == 0 || strcmp(word, "status") == 0 ||
                (strcmp(word, "disconnect") == 0 && wish->why);
    return cli->word_count == 1 && line ? LINE : NONE;
}

static enum cli_exit run(const struct cli *cli, struct admin *admin, enum verb verb,
                         const struct wish *wish)
{
    switch (verb) {
    case ADMIT:
        return admit(cli, admin, cli->words[1], wish->to, wish->agency);
    case NAME:
        return give_name(cli, admin);
    case RETURNS:
        return give_back(cli, admin, wish);
    case TAKE_BACK:
        return take_back(cli, admin);
    case LINE:
        return of_the_court(cli, admin, wish);
    case OUTBOX:
    case NONE:
        break;
    }
    return list_outbox(cli, admin);
}

enum cli_exit cmd_exchange(int argc, char **argv)
{
    struct wish wish = {0};
    const struct cli_option own[] = {
        {"--to", &wish.to, NULL},        {"--after", &wish.after, NULL},
        {"--for", &wish.minutes, NULL},  {"--seconds", &wish.seconds, NULL},
        {"--why", &wish.why, NULL},      {"--legal-basis", &wish.basis, NULL},
        {"--agency", NULL, &wish.agency}};
    char error[CONFIG_ERROR_SIZE];
    struct admin *admin = NULL;
    struct cli cli;

    enum cli_exit result = cli_parse(&cli, argc, argv, own, sizeof(own) / sizeof(own[0]));
    if (result)
        return result;
    enum verb verb = verb_of(&cli, &wish);
    if (verb == NONE)
        return cli_fail(CLI_USAGE, "exchange wants: admit ORGANISATION --to DIR [--agency],"
                                   " name ORGANISATION TEXT, outbox,"
                                   " disconnect [--for MINUTES | --seconds N] --why TEXT, connect,"
                                   " status, returns ORGANISATION --after N --legal-basis TEXT"
                                   " --to FILE, or take-back FILE.");
    if (verb == ADMIT && config_set(&cli.config, "exchange.organisation", cli.words[1], error))
        return cli_fail(CLI_USAGE, "%s.", error);
    result = cli_open_admin(&cli, &admin);
    if (!result)
        result = run(&cli, admin, verb, &wish);
    admin_close(admin);
    return result;
}
