/*
 * assize demo seed: a criminal first-instance hearing at three sites, to look around in. Everyone
 * in it is fictional, and its title says so. Called again, it makes fresh links for the same
 * hearing, or a new one when that is closed or another procedure is wanted.
 *
 * assize demo cases: case files, for a clerk to look through.
 *
 * assize demo accounts: staff to sign in as.
 *
 * assize demo outage: the court off the line to its centre while its cases go on.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "cli/cli.h"
#include "cli/demo_accounts.h"
#include "cli/demo_cases.h"
#include "cli/demo_details.h"
#include "cli/demo_outage.h"
#include "cli/link_text.h"
#include "db/admin.h"

enum { LINK_USES = 1000, LINK_HOURS = 24, STARTS_IN_MS = 15 * 60 * CLOCK_MS_PER_S };

#define ROLE(name)     ASSIZE__HEARING__V1__ROLE__ROLE_##name
#define SITE(name)     ASSIZE__HEARING__V1__SITE_KIND__SITE_KIND_##name
#define ENDPOINT(name) ASSIZE__HEARING__V1__ENDPOINT_KIND__ENDPOINT_KIND_##name

static const struct hearing_store_site sites[] = {
    {1, SITE(CENTRAL_POINT), "Phòng xử án số 2, Tòa án nhân dân khu vực 1 - Hà Nội"},
    {2, SITE(DETENTION_FACILITY), "Trại tạm giam số 1"},
    {3, SITE(COMPONENT_POINT), "Điểm cầu thành phần, phường Hà Đông"},
};
static const struct hearing_store_endpoint endpoints[] = {
    {1, 1, ENDPOINT(PERSONAL)}, {2, 1, ENDPOINT(PERSONAL)}, {3, 3, ENDPOINT(PERSONAL)},
    {4, 2, ENDPOINT(ROOM)},     {5, 3, ENDPOINT(PERSONAL)}, {6, 1, ENDPOINT(PERSONAL)},
    {7, 3, ENDPOINT(PERSONAL)}, {8, 3, ENDPOINT(PERSONAL)},
};
static const struct hearing_store_participant people[] = {
    {1, ROLE(PRESIDING_JUDGE), 1, 0, "Nguyễn Thị Minh Hạnh", false},
    {2, ROLE(CLERK), 2, 0, "Trần Quốc Bảo", false},
    {3, ROLE(DEFENCE_COUNSEL), 3, 0, "Lê Hoàng Yến", false},
    {4, ROLE(DEFENDANT), 4, 0, "Phạm Văn Tuấn", false},
    {5, ROLE(DETENTION_OFFICER), 4, 0, "Đỗ Mạnh Cường", false},
    {6, ROLE(WITNESS), 5, 0, "Vũ Thị Ngọc Lan", false},
    {7, ROLE(PROCURATOR), 6, 0, "Hoàng Đức Thắng", false},
    {8, ROLE(VICTIM), 7, 0, "Bùi Thu Phương", false},
    {9, ROLE(SITE_OFFICIAL), 8, 0, "Ngô Thanh Tùng", false},
};
enum { PEOPLE_COUNT = sizeof(people) / sizeof(people[0]) };

static struct hearing_record plan_hearing(const char *procedure)
{
    struct hearing_record plan = {
        .case_number = "12/2026/TLST-HS",
        .title = "Trộm cắp tài sản (vụ án mẫu, mọi nhân vật đều hư cấu)",
        .court = "Tòa án nhân dân khu vực 1 - Hà Nội",
        .scheduled_ms = clock_wall_ms() + STARTS_IN_MS,
        .sites = sites,
        .site_count = sizeof(sites) / sizeof(sites[0]),
        .endpoints = endpoints,
        .endpoint_count = sizeof(endpoints) / sizeof(endpoints[0]),
        .participants = people,
        .participant_count = PEOPLE_COUNT,
    };
    str_copy(plan.procedure, sizeof(plan.procedure), procedure);
    return plan;
}

struct open_demo {
    const char *procedure;
    char *id; /* "" while there is none */
};

/* One that goes on, by this procedure and with everybody of this roster. */
static bool find_open_demo(void *context, const struct admin_hearing *hearing)
{
    const struct open_demo *wanted = context;
    bool found = hearing->demo && hearing->people == PEOPLE_COUNT &&
                 strcmp(hearing->procedure, wanted->procedure) == 0 &&
                 hearing->status != ASSIZE__HEARING__V1__STATUS__STATUS_CLOSED &&
                 hearing->status != ASSIZE__HEARING__V1__STATUS__STATUS_ADJOURNED;

    if (found)
        snprintf(wanted->id, ID_UUID_SIZE, "%s", hearing->id);
    return !found;
}

/* The open demo hearing, or a new one. */
static int find_or_make(struct admin *admin, const struct hearing_record *plan,
                        char id[static ID_UUID_SIZE])
{
    struct open_demo wanted = {.procedure = plan->procedure, .id = id};

    id[0] = '\0';
    int result = admin_hearings(admin, find_open_demo, &wanted);
    return result || id[0] ? result : admin_hearing_make(admin, plan, true, id);
}

/* Of a person, or of the gallery for participant 0. */
static int add_link(const struct cli *cli, struct admin *admin, const char *hearing,
                    uint32_t participant, json_t *links)
{
    const struct admin_link_wish wish = {.hearing = hearing,
                                         .participant = participant,
                                         .multi = participant != 0,
                                         .gallery = participant == 0,
                                         .uses = LINK_USES,
                                         .hours = LINK_HOURS};
    struct admin_link link;
    char token[ID_TOKEN_SIZE];
    char url[LINK_URL_SIZE];

    int result = admin_link_issue(admin, &wish, &link, token);
    if (result)
        return result;
    link_url(&cli->config, &link, token, url);
    json_t *json = link_json(&link);
    json_object_set_new(json, "url", json_string(url));
    json_array_append_new(links, json);
    return 0;
}

static void print_table(const json_t *links)
{
    size_t i;
    const json_t *link;

    json_array_foreach(links, i, link)
    {
        printf("%-18s %s\n", json_string_value(json_object_get(link, "role")),
               json_string_value(json_object_get(link, "url")));
    }
}

static void print_tables(const char *hearing, const json_t *links, const json_t *gallery)
{
    printf("hearing %s (a demo; everyone in it is fictional)\n", hearing);
    print_table(links);
    print_table(gallery);
}

static enum cli_exit seed(const struct cli *cli, struct admin *admin, bool anew,
                          const char *procedure)
{
    const struct hearing_record plan = plan_hearing(procedure);
    char hearing[ID_UUID_SIZE];
    json_t *links = json_array();
    json_t *gallery = json_array();

    int result = anew ? admin_hearing_make(admin, &plan, true, hearing)
                      : find_or_make(admin, &plan, hearing);
    if (!result)
        result = demo_describe(admin, hearing);
    for (size_t i = 0; !result && i < PEOPLE_COUNT; i++)
        result = add_link(cli, admin, hearing, people[i].id, links);
    if (!result)
        result = add_link(cli, admin, hearing, 0, gallery);
    if (!result && cli->json)
        link_print_json(json_pack("{ss ss ss sb sO sO}", "hearing", hearing, "case_number",
                                  plan.case_number, "title", plan.title, "fictional", 1,
                                  "participants", links, "gallery", json_array_get(gallery, 0)));
    else if (!result)
        print_tables(hearing, links, gallery);
    json_decref(links);
    json_decref(gallery);
    return result ? cli_admin_failed(admin, result) : CLI_OK;
}

enum cli_exit cmd_demo(int argc, char **argv)
{
    struct demo_outage_wish wish = {0};
    bool anew = false;
    const char *procedure = "criminal_first_instance";
    const struct cli_option own[] = {{"--new", NULL, &anew},
                                     {"--procedure", &procedure, NULL},
                                     {"--seconds", &wish.seconds, NULL},
                                     {"--changes", &wish.changes, NULL},
                                     {"--center", &wish.center, NULL}};
    struct admin *admin = NULL;
    struct cli cli;

    enum cli_exit result = cli_parse(&cli, argc, argv, own, sizeof(own) / sizeof(own[0]));
    if (result)
        return result;
    const char *what = cli.word_count == 1 ? cli.words[0] : "";
    bool accounts = strcmp(what, "accounts") == 0;
    bool cases = strcmp(what, "cases") == 0;
    bool outage = strcmp(what, "outage") == 0;
    if (!accounts && !cases && !outage && strcmp(what, "seed") != 0)
        return cli_fail(CLI_USAGE, "demo wants: seed, cases, accounts or outage.");
    result = cli_open_admin(&cli, &admin);
    if (!result)
        result = accounts ? demo_accounts(&cli, admin)
                 : cases  ? demo_cases(&cli, admin)
                 : outage ? demo_outage(&cli, admin, &wish)
                          : seed(&cli, admin, anew, procedure);
    admin_close(admin);
    return result;
}
