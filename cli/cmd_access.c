/*
 * assize access grant ORGANISATION --types TYPE,... --purpose PURPOSE   at a centre: to ask for
 * case records; --service access: to ask who has read; --service exchange: to send courts notices
 * assize access revoke ORGANISATION --purpose PURPOSE
 * assize access list                                                    rights in force
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/link_text.h"
#include "db/access_admin.h"

enum { DAYS_USUAL = 365 };

static enum cli_exit grant(struct admin *admin, const struct access_admin_right *right,
                           const char *days_text)
{
    const int64_t day_ms = (int64_t)24 * 3600 * CLOCK_MS_PER_S;
    uint64_t days = DAYS_USUAL;

    enum cli_exit result = cli_number("--days", days_text, ACCESS_DAYS_MAX, &days);
    if (result)
        return result;
    if (!days)
        return cli_fail(CLI_USAGE, "--days is one at least.");
    int failed = access_admin_grant(admin, right, clock_wall_ms() + (int64_t)days * day_ms);
    return failed ? cli_admin_failed(admin, failed) : CLI_OK;
}

static enum cli_exit withdraw(struct admin *admin, const struct access_admin_right *right)
{
    int failed = access_admin_revoke(admin, right);

    return failed ? cli_admin_failed(admin, failed) : CLI_OK;
}

static bool add_row(void *context, const struct access_admin_row *row)
{
    json_array_append_new(context,
                          json_pack("{ss ss ss ss ss ss}", "client", row->client, "service",
                                    row->service, "type", row->type, "purpose", row->purpose,
                                    "until", row->until, "granted_by", row->granted_by));
    return true;
}

static bool print_row(void *context, const struct access_admin_row *row)
{
    (void)context;
    printf("%-20s %-7s %-12s %-16s %s\n", row->client, row->service, row->type, row->purpose,
           row->until);
    return true;
}

static enum cli_exit list(const struct cli *cli, struct admin *admin, const char *client)
{
    json_t *rows = json_array();

    int failed = access_admin_list(admin, client, cli->json ? add_row : print_row, rows);
    if (!failed && cli->json)
        link_print_json(json_incref(rows));
    json_decref(rows);
    return failed ? cli_admin_failed(admin, failed) : CLI_OK;
}

enum cli_exit cmd_access(int argc, char **argv)
{
    struct access_admin_right right = {.service = "case"};
    const char *days = NULL;
    const struct cli_option own[] = {{"--types", &right.types, NULL},
                                     {"--purpose", &right.purpose, NULL},
                                     {"--service", &right.service, NULL},
                                     {"--days", &days, NULL}};
    struct admin *admin = NULL;
    struct cli cli;

    enum cli_exit result = cli_parse(&cli, argc, argv, own, 4);
    if (result)
        return result;
    const char *verb = cli.word_count ? cli.words[0] : "";
    right.client = cli.word_count == 2 ? cli.words[1] : NULL;
    bool lists = strcmp(verb, "list") == 0 && cli.word_count <= 2;
    bool grants = strcmp(verb, "grant") == 0 && right.client && right.types && right.purpose;
    bool revokes = strcmp(verb, "revoke") == 0 && right.client && right.purpose;
    if (!lists && !grants && !revokes)
        return cli_fail(CLI_USAGE, "access wants: grant ORGANISATION --types TYPE,... --purpose"
                                   " PURPOSE, revoke ORGANISATION --purpose PURPOSE, or list.");
    result = cli_open_admin(&cli, &admin);
    if (!result && lists)
        result = list(&cli, admin, right.client);
    else if (!result)
        result = grants ? grant(admin, &right, days) : withdraw(admin, &right);
    admin_close(admin);
    return result;
}
