/*
 * assize exchange admit ORGANISATION --to DIR [--agency]   at a centre: a certificate
 * assize exchange outbox                        at a court: what was sent, and the receipts
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/link_text.h"
#include "cli/pki.h"
#include "db/exchange_admin.h"

/* The certificate is written before it is known, so that a failure leaves nothing that opens. */
static enum cli_exit admit(const struct cli *cli, struct admin *admin, const char *organisation,
                           const char *state_dir, bool agency)
{
    char error[CONFIG_ERROR_SIZE];
    uint8_t spki[SHA256_BYTES];

    if (pki_issue(&cli->config, organisation, state_dir, spki, error))
        return cli_fail(CLI_FAILED, "%s", error);
    int failed = exchange_admin_admit(admin, organisation, spki, agency);
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

    int failed =
        exchange_admin_outbox(admin, cli->json ? add_row : print_row, cli->json ? rows : NULL);
    if (!failed && cli->json)
        link_print_json(json_incref(rows));
    json_decref(rows);
    return failed ? cli_admin_failed(admin, failed) : CLI_OK;
}

enum cli_exit cmd_exchange(int argc, char **argv)
{
    const char *to = NULL;
    bool agency = false;
    const struct cli_option own[] = {{"--to", &to, NULL}, {"--agency", NULL, &agency}};
    char error[CONFIG_ERROR_SIZE];
    struct admin *admin = NULL;
    struct cli cli;

    enum cli_exit result = cli_parse(&cli, argc, argv, own, 2);
    if (result)
        return result;
    bool admits = cli.word_count == 2 && strcmp(cli.words[0], "admit") == 0 && to;
    bool lists = cli.word_count == 1 && strcmp(cli.words[0], "outbox") == 0;
    if (!admits && !lists)
        return cli_fail(CLI_USAGE,
                        "exchange wants: admit ORGANISATION --to DIR [--agency], or outbox.");
    if (admits && config_set(&cli.config, "exchange.organisation", cli.words[1], error))
        return cli_fail(CLI_USAGE, "%s.", error);
    result = cli_open_admin(&cli, &admin);
    if (!result)
        result = admits ? admit(&cli, admin, cli.words[1], to, agency) : list_outbox(&cli, admin);
    admin_close(admin);
    return result;
}
