/* assize-relay: the selective forwarding unit. Run by `assize up`; it is told who may see whom by
 * assized on its control socket. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/config.h"
#include "base/log.h"
#include "base/ready.h"
#include "media/relay/relay.h"
#include "media/relay/sandbox.h"

enum { SETTINGS_MAX = 32, KEY_SIZE = 128 };

struct arguments {
    const char *state;
    const char *file;
    const char *settings[SETTINGS_MAX];
    int setting_count;
};

static int read_arguments(int argc, char **argv, struct arguments *arguments)
{
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 == argc)
            return -1;
        if (strcmp(argv[i], "--state") == 0)
            arguments->state = argv[i + 1];
        else if (strcmp(argv[i], "--config") == 0)
            arguments->file = argv[i + 1];
        else if (strcmp(argv[i], "--set") == 0 && arguments->setting_count < SETTINGS_MAX)
            arguments->settings[arguments->setting_count++] = argv[i + 1];
        else
            return -1;
    }
    return 0;
}

static int set_one(struct config *config, const char *setting, char *error)
{
    const char *equals = strchr(setting, '=');
    char key[KEY_SIZE];

    if (!equals || equals - setting >= KEY_SIZE) {
        snprintf(error, CONFIG_ERROR_SIZE, "--set wants KEY=VALUE");
        return -1;
    }
    snprintf(key, sizeof(key), "%.*s", (int)(equals - setting), setting);
    return config_set(config, key, equals + 1, error);
}

static int load(struct config *config, const struct arguments *arguments)
{
    char error[CONFIG_ERROR_SIZE];
    int result = config_load(config, arguments->state, arguments->file, error);

    for (int i = 0; !result && i < arguments->setting_count; i++)
        result = set_one(config, arguments->settings[i], error);
    if (result)
        fprintf(stderr, "assize-relay: %s\n", error);
    return result;
}

/* What the record leaves free of its disk: the private database's reserve, where they share one. */
static uint64_t spare_of(const struct config *config)
{
    char path[CONFIG_TEXT_SIZE];
    struct stat database;
    struct stat record;

    if (config_state_path(config, "pg", path, sizeof(path)) || stat(path, &database) ||
        config_state_path(config, "record", path, sizeof(path)) ||
        (stat(path, &record) && stat(config->state_dir, &record)) ||
        database.st_dev != record.st_dev)
        return 0;
    return (uint64_t)config->events_reserve_mb << 20;
}

static int start(const struct config *config, struct relay **ret_relay)
{
    char error[RELAY_ERROR_SIZE] = "the state directory's path is too long";
    char control[CONFIG_TEXT_SIZE];
    char local[CONFIG_TEXT_SIZE];
    char record[CONFIG_TEXT_SIZE];
    const struct relay_options options = {
        .listen = *config->media_listen ? config->media_listen : config->listen_address,
        .port = (uint16_t)config->media_port,
        .advertise = config->media_advertise,
        .control_path = control,
        .local_path = local,
        .record_path = record,
        .record_spare = spare_of(config),
    };

    if (config_state_path(config, "run/relay.sock", control, sizeof(control)) ||
        config_state_path(config, LOCAL_SOCKET_NAME, local, sizeof(local)) ||
        config_state_path(config, "record", record, sizeof(record)) ||
        relay_new(&options, error, ret_relay)) {
        fprintf(stderr, "assize-relay: %s\n", error);
        return -1;
    }
    if (relay_watch_signals(*ret_relay) || sandbox_close_files(record) || relay_start(*ret_relay) ||
        sandbox_close_calls()) {
        fprintf(stderr, "assize-relay: cannot give up its rights\n");
        relay_free(*ret_relay);
        return -1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct arguments arguments = {0};
    struct config config;
    struct relay *relay;
    enum log_level level;

    if (read_arguments(argc, argv, &arguments)) {
        fputs("usage: assize-relay [--state DIR] [--config FILE] [--set KEY=VALUE]...\n", stderr);
        return 2;
    }
    if (load(&config, &arguments))
        return 2;
    log_set_worker("relay");
    if (log_level_from_name(config.log_level, &level) == 0)
        log_set_level(level);
    if (start(&config, &relay))
        return 1;
    log_info("relay.ready", "port=%u", relay_port(relay));
    ready_tell();
    relay_run(relay);
    log_info("relay.stopped", "reason=signal");
    relay_free(relay);
    return 0;
}
