/*
 * assize up: everything runs below this one process. State directory, certificate, database,
 * schema, relay (at a court), server; then it keeps them running until it is told to stop.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/person_key.h"
#include "cli/certificate.h"
#include "cli/cli.h"
#include "cli/pki.h"
#include "cli/say.h"
#include "cli/state_dir.h"
#include "cli/supervisor.h"
#include "db/durable.h"
#include "db/migrate.h"
#include "db/private.h"

enum { DRAIN_EXTRA_MS = 5000 };

struct program {
    char path[CLI_PATH_SIZE];
    char *arguments[CLI_ARGUMENTS_MAX]; /* NULL after the last */
};

struct up {
    struct cli cli;
    struct supervisor supervisor;
    struct child *database; /* NULL when it is elsewhere */
    struct child *relay;    /* NULL at a centre */
    struct child *server;
    struct program relay_program;
    struct program server_program;
    struct program studio_program;
    struct ward ward; /* of a court */
};

/* ---- before anything runs ---- */

static enum cli_exit take_state_dir(const struct config *config)
{
    char error[CONFIG_ERROR_SIZE];
    pid_t holder = 0;

    if (state_dir_make(config, error))
        return cli_fail(CLI_FAILED, "%s", error);
    int result = state_dir_lock(config, &holder);
    if (result == -EWOULDBLOCK)
        return cli_fail(CLI_IN_USE,
                        "already running: process %d runs with the state directory %s. Stop it "
                        "first, or name another directory with --state.",
                        (int)holder, config->state_dir);
    if (result)
        return cli_fail(CLI_FAILED, "the lock in %s cannot be taken: %s.", config->state_dir,
                        log_errno(result).text);
    say_open(state_dir_open_log(config, "assize"));
    return CLI_OK;
}

static enum cli_exit prepare_certificate(const struct config *config)
{
    char error[CONFIG_ERROR_SIZE];
    int64_t began_ms = clock_monotonic_ms();
    bool made = false;
    bool member = false;

    if (config_is_center(config) && pki_ensure_center(config, &member, error))
        return cli_fail(CLI_FAILED, "%s", error);
    if ((!config_is_center(config) || config->center_port) &&
        certificate_ensure(config, &made, error))
        return cli_fail(CLI_FAILED, "%s", error);
    if (made || member)
        say_step("certificate", member ? "made, with an authority of our own" : "made, self-signed",
                 began_ms);
    return CLI_OK;
}

/* One that is damaged is not made anew: with another nobody would be found who was found before. */
static enum cli_exit prepare_person_key(const struct config *config)
{
    struct person_key key;

    int result = person_key_make(config->person_key);
    if (!result)
        result = person_key_load(config->person_key, &key);
    return result ? cli_fail(CLI_FAILED,
                             "The secret %s cannot be read or made (%s); put back its copy.",
                             config->person_key, log_errno(result).text)
                  : CLI_OK;
}

static enum cli_exit prepare_database(const struct config *config)
{
    char error[CONFIG_ERROR_SIZE];
    int64_t began_ms = clock_monotonic_ms();
    bool made;

    if (!private_is_wanted(config))
        return CLI_OK;
    int log_fd = state_dir_open_log(config, "postgres");
    if (log_fd < 0)
        return cli_fail(CLI_FAILED, "the folder log of the state directory cannot be written.");
    int result = private_make(config, log_fd, &made, error);
    close(log_fd);
    if (result)
        return cli_fail(CLI_FAILED, "%s", error);
    if (made)
        say_step("database", "made", began_ms);
    return CLI_OK;
}

/* ---- what runs ---- */

/* The program beside our own, with the configuration we were given. */
static void build_arguments(struct program *program, const struct cli *cli, const char *name)
{
    cli_program_path(name, program->path);
    memcpy(program->arguments, cli->arguments, sizeof(cli->arguments));
    program->arguments[0] = program->path;
}

static int add_ward(struct up *up)
{
    build_arguments(&up->studio_program, &up->cli, "assize-studio");
    int result = ward_init(&up->ward, &up->cli.config, up->studio_program.path,
                           up->studio_program.arguments);
    if (!result)
        up->supervisor.ward = &up->ward;
    return result;
}

static void add_children(struct up *up)
{
    struct supervisor *supervisor = &up->supervisor;

    build_arguments(&up->relay_program, &up->cli, "assize-relay");
    build_arguments(&up->server_program, &up->cli, "assized");
    if (private_is_wanted(&up->cli.config))
        up->database = supervisor_add(
            supervisor,
            (struct child){.name = "postgres", .label = "database", .stop_signal = SIGINT});
    if (!config_is_center(&up->cli.config))
        up->relay =
            supervisor_add(supervisor, (struct child){.name = "assize-relay",
                                                      .label = "relay",
                                                      .path = up->relay_program.path,
                                                      .arguments = up->relay_program.arguments,
                                                      .stop_signal = SIGTERM});
    up->server =
        supervisor_add(supervisor, (struct child){.name = "assized",
                                                  .label = "server",
                                                  .path = up->server_program.path,
                                                  .arguments = up->server_program.arguments,
                                                  .stop_signal = SIGTERM,
                                                  .ward_fd = up->ward.server_fd});
}

static enum cli_exit check_durable(const struct config *config)
{
    char conninfo[DB_CONNINFO_SIZE];
    char error[DURABLE_ERROR_SIZE];

    if (db_conninfo(config, conninfo, sizeof(conninfo)))
        return cli_fail(CLI_USAGE, "the path of the state directory is too long.");
    return durable_check(conninfo, error) ? cli_fail(CLI_AWAY, "%s", error) : CLI_OK;
}

static enum cli_exit migrate(const struct config *config)
{
    char conninfo[DB_CONNINFO_SIZE];
    char error[MIGRATE_ERROR_SIZE];
    char what[64];
    struct migrate_report report;
    int64_t began_ms = clock_monotonic_ms();

    if (db_conninfo(config, conninfo, sizeof(conninfo)))
        return cli_fail(CLI_USAGE, "the path of the state directory is too long.");
    int result = migrate_run(conninfo, &report, error);
    if (result)
        return cli_fail(result == -EAGAIN ? CLI_AWAY : CLI_FAILED, "%s", error);
    snprintf(what, sizeof(what), "at %d, %d migrations applied now", report.at, report.applied);
    say_step("schema", what, began_ms);
    return CLI_OK;
}

static enum cli_exit start(struct up *up, struct child *child)
{
    int result = supervisor_start(&up->supervisor, child);

    if (!result || result == -ECANCELED)
        return CLI_OK;
    return cli_fail(CLI_FAILED, "the %s did not start; its log is %s/log/%s.log.", child->label,
                    up->cli.config.state_dir, child->name);
}

static enum cli_exit start_all(struct up *up)
{
    const struct supervisor *supervisor = &up->supervisor;
    enum cli_exit result = up->database ? start(up, up->database) : CLI_OK;

    if (!result && !supervisor->stop_asked)
        result = check_durable(&up->cli.config);
    if (!result && !supervisor->stop_asked)
        result = migrate(&up->cli.config);
    if (!result && !supervisor->stop_asked && up->relay)
        result = start(up, up->relay);
    if (!result && !supervisor->stop_asked)
        result = start(up, up->server);
    return result;
}

static enum cli_exit run(struct up *up)
{
    char url[CONFIG_TEXT_SIZE];

    int failed = config_is_center(&up->cli.config) ? 0 : add_ward(up);
    if (failed)
        return cli_fail(CLI_FAILED, "studios cannot be asked for: %s.", log_errno(failed).text);
    add_children(up);
    enum cli_exit result = start_all(up);
    if (!result && !up->supervisor.stop_asked) {
        config_public_url(&up->cli.config, url, sizeof(url));
        say("ready %s", url);
        supervisor_keep(&up->supervisor);
    }
    supervisor_stop(&up->supervisor,
                    (int64_t)up->cli.config.drain_seconds * CLOCK_MS_PER_S + DRAIN_EXTRA_MS);
    if (up->supervisor.ward)
        ward_done(up->supervisor.ward);
    return result;
}

enum cli_exit cmd_up(int argc, char **argv)
{
    struct up up = {0};

    enum cli_exit result = cli_parse(&up.cli, argc, argv, NULL, 0);
    if (!result && up.cli.word_count)
        result = cli_fail(CLI_USAGE, "up takes no \"%s\"; see `assize help`.", up.cli.words[0]);
    if (!result)
        result = take_state_dir(&up.cli.config);
    if (result)
        return result;
    int failed = supervisor_init(&up.supervisor, &up.cli.config, up.cli.verbose);
    if (failed)
        return cli_fail(CLI_FAILED, "signals cannot be read: %s.", log_errno(failed).text);
    result = prepare_certificate(&up.cli.config);
    if (!result)
        result = prepare_person_key(&up.cli.config);
    if (!result)
        result = prepare_database(&up.cli.config);
    if (!result)
        result = run(&up);
    supervisor_done(&up.supervisor);
    return result;
}
