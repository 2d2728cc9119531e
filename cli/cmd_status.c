/* assize status: what runs, and the hearings. Reads the state directory and the database; asks no
 * daemon. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/link_text.h"
#include "cli/state_dir.h"
#include "db/admin.h"
#include "db/exchange_admin.h"
#include "db/private.h"

static const char *const programs[] = {"postgres", "assize-relay", "assized"};
enum { PROGRAM_COUNT = sizeof(programs) / sizeof(programs[0]) };

static const char *status_word(Assize__Hearing__V1__Status status)
{
    const ProtobufCEnumValue *value =
        protobuf_c_enum_descriptor_get_value(&assize__hearing__v1__status__descriptor, (int)status);

    return value ? value->name + strlen("STATUS_") : "UNSPECIFIED";
}

static bool add_hearing(void *context, const struct admin_hearing *hearing)
{
    json_t *json = json_pack("{ss ss ss sI sb si sI ss}", "id", hearing->id, "case_number",
                             hearing->case_number, "title", hearing->title, "scheduled_ms",
                             (json_int_t)hearing->scheduled_ms, "demo", (int)hearing->demo,
                             "people", hearing->people, "events", (json_int_t)hearing->events,
                             "status", status_word(hearing->status));

    json_array_append_new(context, json);
    return true;
}

static bool is_wanted(const struct config *config, const char *program)
{
    if (strcmp(program, "postgres") == 0)
        return private_is_wanted(config);
    return strcmp(program, "assize-relay") != 0 || !config_is_center(config);
}

/* Our own processes by name; null for one that does not run. */
static json_t *gather_processes(const struct config *config)
{
    json_t *json = json_object();

    for (int i = 0; i < PROGRAM_COUNT; i++) {
        pid_t pid = state_dir_pid(config, programs[i]);
        if (pid || is_wanted(config, programs[i]))
            json_object_set_new(json, programs[i], pid ? json_integer(pid) : json_null());
    }
    return json;
}

static void print_text(const json_t *status)
{
    const char *name;
    size_t i;
    json_t *value;

    printf("supervisor     %" JSON_INTEGER_FORMAT "\n",
           json_integer_value(json_object_get(status, "supervisor")));
    json_object_foreach(json_object_get(status, "processes"), name, value)
    {
        if (json_is_integer(value))
            printf("%-14s %" JSON_INTEGER_FORMAT "\n", name, json_integer_value(value));
        else
            printf("%-14s does not run\n", name);
    }
    value = json_object_get(status, "restored_after");
    if (json_is_integer(value))
        printf("restored: nothing is sent before `assize exchange take-back` (after batch "
               "%" JSON_INTEGER_FORMAT ")\n",
               json_integer_value(value));
    json_array_foreach(json_object_get(status, "hearings"), i, value)
    {
        printf("%s  %-11s %-20s %3" JSON_INTEGER_FORMAT " people %5" JSON_INTEGER_FORMAT
               " events  %s\n",
               json_string_value(json_object_get(value, "id")),
               json_string_value(json_object_get(value, "status")),
               json_string_value(json_object_get(value, "case_number")),
               json_integer_value(json_object_get(value, "people")),
               json_integer_value(json_object_get(value, "events")),
               json_string_value(json_object_get(value, "title")));
    }
}

enum cli_exit cmd_status(int argc, char **argv)
{
    struct admin *admin = NULL;
    struct cli cli;
    json_t *hearings = json_array();
    int64_t batch = 0;
    bool waits = false;

    enum cli_exit result = cli_parse(&cli, argc, argv, NULL, 0);
    if (!result)
        result = cli_open_admin(&cli, &admin);
    if (!result) {
        int failed = admin_hearings(admin, add_hearing, hearings);
        result = failed ? cli_admin_failed(admin, failed) : CLI_OK;
        waits = !failed && !exchange_admin_waits(admin, &batch);
    }
    if (!result || result == CLI_AWAY) {
        json_t *status =
            json_pack("{ss si so sb sO so}", "state", cli.config.state_dir, "supervisor",
                      (int)state_dir_holder(&cli.config), "processes",
                      gather_processes(&cli.config), "database", result == CLI_OK, "hearings",
                      hearings, "restored_after", waits ? json_integer(batch) : json_null());
        if (!cli.json)
            print_text(status);
        else
            link_print_json(json_incref(status));
        json_decref(status);
    }
    json_decref(hearings);
    admin_close(admin);
    return result;
}
