/* assize link: join links are issued, withdrawn and listed. The token is shown once, when it is
 * made. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/link_text.h"
#include "db/admin.h"

enum { HOURS_USUAL = 24, USES_USUAL = 1000 };

struct issue_options {
    const char *hearing;
    const char *participant;
    const char *endpoint;
    const char *kind;
    const char *uses;
    const char *hours;
    bool gallery;
};

static enum cli_exit read_wish(const struct issue_options *options, struct admin_link_wish *wish)
{
    uint64_t participant = 0;
    uint64_t endpoint = 0;
    uint64_t uses = USES_USUAL;
    uint64_t hours = HOURS_USUAL;

    if (!options->hearing || (options->participant != NULL) == options->gallery)
        return cli_fail(CLI_USAGE,
                        "link issue wants --hearing ID and --participant N, or --gallery.");
    if (options->gallery && (options->endpoint || options->kind))
        return cli_fail(CLI_USAGE, "--endpoint and --kind do not go with --gallery.");
    bool multi = options->kind && strcmp(options->kind, "multi") == 0;
    if (options->kind && !multi && strcmp(options->kind, "single") != 0)
        return cli_fail(CLI_USAGE, "--kind is single or multi, not \"%s\".", options->kind);
    if (options->uses && !multi && !options->gallery)
        return cli_fail(CLI_USAGE, "--uses goes with --kind multi; a single-use link has one.");
    enum cli_exit result =
        cli_number("--participant", options->participant, INT32_MAX, &participant);
    if (!result)
        result = cli_number("--endpoint", options->endpoint, INT32_MAX, &endpoint);
    if (!result)
        result = cli_number("--uses", options->uses, ADMIN_LINK_USES_MAX, &uses);
    if (!result)
        result = cli_number("--hours", options->hours, ADMIN_LINK_HOURS_MAX, &hours);
    *wish = (struct admin_link_wish){.hearing = options->hearing,
                                     .participant = (uint32_t)participant,
                                     .endpoint = (uint32_t)endpoint,
                                     .multi = multi,
                                     .gallery = options->gallery,
                                     .uses = (int)uses,
                                     .hours = (int)hours};
    return result;
}

static enum cli_exit issue(const struct cli *cli, struct admin *admin,
                           const struct admin_link_wish *wish)
{
    struct admin_link link;
    char token[ID_TOKEN_SIZE];
    char url[LINK_URL_SIZE];

    int result = admin_link_issue(admin, wish, &link, token);
    if (result)
        return cli_admin_failed(admin, result);
    link_url(&cli->config, &link, token, url);
    if (cli->json) {
        json_t *json = link_json(&link);
        json_object_set_new(json, "url", json_string(url));
        link_print_json(json);
    } else {
        puts(url);
    }
    return CLI_OK;
}

static enum cli_exit withdraw(struct admin *admin, const char *link)
{
    const char *fragment = strchr(link, '#');

    int result = admin_link_revoke(admin, fragment ? fragment + 1 : link);
    return result ? cli_admin_failed(admin, result) : CLI_OK;
}

static void add_json(void *context, const struct admin_link *link)
{
    json_array_append_new(context, link_json(link));
}

static void print_line(void *context, const struct admin_link *link)
{
    (void)context;
    printf("%s  %2" PRIu32 " at %2" PRIu32 "  %-22s %-7s %d of %d used%s%s  %s\n", link->id,
           link->participant, link->endpoint, link->role, link_kind(link), link->used,
           link->max_uses, link->revoked ? ", withdrawn" : "", link->expired ? ", expired" : "",
           link->name);
}

static enum cli_exit list(const struct cli *cli, struct admin *admin, const char *hearing)
{
    int result;

    if (cli->json) {
        json_t *links = json_array();
        result = admin_links(admin, hearing, add_json, links);
        if (!result)
            link_print_json(json_incref(links));
        json_decref(links);
    } else {
        result = admin_links(admin, hearing, print_line, NULL);
    }
    return result ? cli_admin_failed(admin, result) : CLI_OK;
}

enum cli_exit cmd_link(int argc, char **argv)
{
    struct issue_options options = {0};
    const struct cli_option own[] = {
        {"--hearing", &options.hearing, NULL},   {"--participant", &options.participant, NULL},
        {"--endpoint", &options.endpoint, NULL}, {"--kind", &options.kind, NULL},
        {"--uses", &options.uses, NULL},         {"--hours", &options.hours, NULL},
        {"--gallery", NULL, &options.gallery},
    };
    struct admin_link_wish wish;
    struct admin *admin = NULL;
    struct cli cli;

    enum cli_exit result = cli_parse(&cli, argc, argv, own, sizeof(own) / sizeof(own[0]));
    if (result)
        return result;
    const char *what = cli.word_count ? cli.words[0] : "";
    bool issuing = strcmp(what, "issue") == 0 && cli.word_count == 1;
    bool revoking = strcmp(what, "revoke") == 0 && cli.word_count == 2;
    bool listing = strcmp(what, "list") == 0 && cli.word_count == 1 && options.hearing;
    if (!issuing && !revoking && !listing)
        return cli_fail(CLI_USAGE, "link wants: issue, revoke LINKID|URL, or list --hearing ID.");
    if (issuing)
        result = read_wish(&options, &wish);
    if (!result)
        result = cli_open_admin(&cli, &admin);
    if (!result && issuing)
        result = issue(&cli, admin, &wish);
    else if (!result && revoking)
        result = withdraw(admin, cli.words[1]);
    else if (!result)
        result = list(&cli, admin, options.hearing);
    admin_close(admin);
    return result;
}
