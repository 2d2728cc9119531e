#include "base/config.h"

#include <errno.h>
#include <libconfig.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"

enum { ORGANISATION_CODE_MAX = 35, ROAD_CLIENT_MAX = 150 };

enum option_type { OPTION_TEXT, OPTION_PATH, OPTION_SECRET, OPTION_NUMBER };

struct option {
    enum option_type type;
    const char *key;
    size_t offset;
    const char *preset;
    int least;
    int most;
    const char *what;
};

static const struct option options[] = {
#define X(type, key, field, def, least, most, what)                                                \
    {OPTION_##type, key, offsetof(struct config, field), def, least, most, what},
    OPTIONS(X)
#undef X
};
enum { OPTION_COUNT = sizeof(options) / sizeof(options[0]) };

static const struct option *find_option(const char *key)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (strcmp(options[i].key, key) == 0)
            return &options[i];
    }
    return NULL;
}

static int complain(char *error, const char *key, const char *what)
{
    snprintf(error, CONFIG_ERROR_SIZE, "%s: %s", key, what);
    return -EINVAL;
}

static int set_number(const struct option *option, int *field, const char *value, char *error)
{
    uint64_t number;

    if (str_to_u64(value, INT_MAX, &number) || (int)number < option->least ||
        (int)number > option->most) {
        char what[96];
        snprintf(what, sizeof(what), "a whole number from %d to %d is wanted", option->least,
                 option->most);
        return complain(error, option->key, what);
    }
    *field = (int)number;
    return 0;
}

static int set_path(const struct config *config, const struct option *option, char *field,
                    const char *value, char *error)
{
    if (!*value || *value == '/') {
        if (!str_copy(field, CONFIG_TEXT_SIZE, value))
            return complain(error, option->key, "the path is too long");
        return 0;
    }
    if (config_state_path(config, value, field, CONFIG_TEXT_SIZE))
        return complain(error, option->key, "the path is too long");
    return 0;
}

static int read_secret_file(const char *path, char *field)
{
    FILE *file = fopen(path, "re");

    if (!file)
        return -errno;
    size_t len = fread(field, 1, CONFIG_TEXT_SIZE - 1, file);
    fclose(file);
    while (len && (field[len - 1] == '\n' || field[len - 1] == '\r'))
        len--;
    field[len] = '\0';
    return 0;
}

static int set_secret(const struct option *option, char *field, const char *value, char *error)
{
    if (strncmp(value, "file:", 5) == 0) {
        if (read_secret_file(value + 5, field))
            return complain(error, option->key, "its file cannot be read");
        return 0;
    }
    if (strncmp(value, "env:", 4) == 0) {
        value = getenv(value + 4);
        if (!value)
            return complain(error, option->key, "its environment variable is not set");
    }
    if (!str_copy(field, CONFIG_TEXT_SIZE, value))
        return complain(error, option->key, "the value is too long");
    return 0;
}

static int set_option(struct config *config, const struct option *option, const char *value,
                      char *error)
{
    char *field = (char *)config + option->offset;

    switch (option->type) {
    case OPTION_NUMBER:
        return set_number(option, (int *)(void *)field, value, error);
    case OPTION_PATH:
        return set_path(config, option, field, value, error);
    case OPTION_SECRET:
        return set_secret(option, field, value, error);
    case OPTION_TEXT:
        if (!str_copy(field, CONFIG_TEXT_SIZE, value))
            return complain(error, option->key, "the value is too long");
        return 0;
    }
    abort();
}

static bool is_organisation_code(const char *code)
{
    size_t len = strlen(code);

    return len && len <= ORGANISATION_CODE_MAX && code[0] != '.' && code[len - 1] != '.' &&
           !strstr(code, "..") && strspn(code, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ.") == len;
}

/* Identifiers with slashes between, percent-encoded (RFC 3986). */
static bool is_road_client(const char *client)
{
    return strlen(client) <= ROAD_CLIENT_MAX &&
           client[strspn(client, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                 "-._~%/")] == '\0';
}

static int check(const struct config *config, char *error)
{
    enum log_level level;

    if (log_level_from_name(config->log_level, &level))
        return complain(error, "log.level", "debug, info, warn or error is wanted");
    if (config->public_url[0] && strncmp(config->public_url, "https://", 8) != 0)
        return complain(error, "listen.public_url", "an https:// address is wanted");
    if (config->center_public_url[0] && strncmp(config->center_public_url, "https://", 8) != 0)
        return complain(error, "center.public_url", "an https:// address is wanted");
    if (strcmp(config->role, "court") != 0 && strcmp(config->role, "center") != 0)
        return complain(error, "role", "court or center is wanted");
    if (config->exchange_center[0] && strncmp(config->exchange_center, "https://", 8) != 0)
        return complain(error, "exchange.center", "an https:// address is wanted");
    if (!is_road_client(config->exchange_road_client))
        return complain(error, "exchange.road_client",
                        "such as XROADVN/GOV/CODE/SUBSYSTEM is wanted");
    if (!is_organisation_code(config->exchange_organisation))
        return complain(error, "exchange.organisation",
                        "groups of digits and capital letters with dots between are wanted");
    return 0;
}

int config_set(struct config *config, const char *key, const char *value,
               char error[static CONFIG_ERROR_SIZE])
{
    const struct option *option = find_option(key);

    if (!option)
        return complain(error, key, "there is no such option");
    int result = set_option(config, option, value, error);
    return result ? result : check(config, error);
}

bool config_is_center(const struct config *config)
{
    return strcmp(config->role, "center") == 0;
}

void config_public_url(const struct config *config, char *out, size_t size)
{
    if (!config->public_url[0]) {
        snprintf(out, size, "https://localhost:%d", config->listen_port);
        return;
    }
    str_copy(out, size, config->public_url);
    for (size_t len = strlen(out); len && out[len - 1] == '/'; len--)
        out[len - 1] = '\0';
}

int config_state_path(const struct config *config, const char *name, char *out, size_t size)
{
    int n = snprintf(out, size, "%s/%s", config->state_dir, name);

    return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

static int set_from_setting(struct config *config, const config_setting_t *setting, const char *key,
                            char *error)
{
    char number[24];
    const char *value = config_setting_get_string(setting);
    const struct option *option = find_option(key);

    if (!option)
        return complain(error, key, "there is no such option");
    if (option->type == OPTION_NUMBER && config_setting_type(setting) == CONFIG_TYPE_INT) {
        snprintf(number, sizeof(number), "%d", config_setting_get_int(setting));
        value = number;
    } else if (option->type == OPTION_NUMBER || !value) {
        return complain(error, key,
                        option->type == OPTION_NUMBER ? "a number is wanted" : "a text is wanted");
    }
    return set_option(config, option, value, error);
}

/* Walks a group; prefix is its dotted name with a final dot, or "". Groups nest once (listen.port).
 */
static int read_group(struct config *config, const config_setting_t *group, const char *prefix,
                      const char *file, char *error)
{
    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *setting = config_setting_get_elem(group, (unsigned)i);
        char key[128];
        char why[CONFIG_ERROR_SIZE / 2];
        bool nested = config_setting_is_group(setting) && !*prefix;
        int result;

        snprintf(key, sizeof(key), "%s%s%s", prefix, config_setting_name(setting),
                 nested ? "." : "");
        if (nested) {
            result = read_group(config, setting, key, file, error);
            if (result)
                return result;
            continue;
        }
        char full[CONFIG_ERROR_SIZE];
        result = set_from_setting(config, setting, key, full);
        if (result) {
            str_copy(why, sizeof(why), full);
            snprintf(error, CONFIG_ERROR_SIZE, "%s:%d: %s", file,
                     (int)config_setting_source_line(setting), why);
            return result;
        }
    }
    return 0;
}

static int read_file(struct config *config, const char *file, char *error)
{
    config_t parsed;
    int result = 0;

    config_init(&parsed);
    if (!config_read_file(&parsed, file)) {
        snprintf(error, CONFIG_ERROR_SIZE, "%s:%d: %s", file, config_error_line(&parsed),
                 config_error_text(&parsed));
        result = -EINVAL;
    } else {
        result = read_group(config, config_root_setting(&parsed), "", file, error);
    }
    config_destroy(&parsed);
    return result;
}

static int find_state_dir(struct config *config, const char *state_dir, char *error)
{
    char cwd[PATH_MAX];

    if (!state_dir)
        state_dir = getenv("ASSIZE_STATE");
    if (!state_dir || !*state_dir)
        state_dir = "var";
    if (*state_dir == '/') {
        if (!str_copy(config->state_dir, CONFIG_TEXT_SIZE, state_dir))
            return complain(error, "state directory", "the path is too long");
        return 0;
    }
    if (!getcwd(cwd, sizeof(cwd)))
        return complain(error, "state directory", "the present folder cannot be read");
    int n = snprintf(config->state_dir, CONFIG_TEXT_SIZE, "%s/%s", cwd, state_dir);
    if (n < 0 || n >= CONFIG_TEXT_SIZE)
        return complain(error, "state directory", "the path is too long");
    return 0;
}

int config_load(struct config *config, const char *state_dir, const char *file,
                char error[static CONFIG_ERROR_SIZE])
{
    char usual[CONFIG_TEXT_SIZE];

    *config = (struct config){0};
    int result = find_state_dir(config, state_dir, error);
    for (size_t i = 0; !result && i < OPTION_COUNT; i++)
        result = set_option(config, &options[i], options[i].preset, error);
    if (result)
        return result;
    if (!file) {
        if (config_state_path(config, "assize.conf", usual, sizeof(usual)))
            return complain(error, "state directory", "the path is too long");
        if (access(usual, F_OK) == 0)
            file = usual;
    }
    if (file)
        result = read_file(config, file, error);
    return result ? result : check(config, error);
}

static int set_pair(struct config *config, const char *pair, char *error)
{
    char key[128];
    const char *equals = strchr(pair, '=');

    if (!equals || (size_t)(equals - pair) >= sizeof(key))
        return complain(error, "--set", "KEY=VALUE is wanted");
    memcpy(key, pair, (size_t)(equals - pair));
    key[equals - pair] = '\0';
    return config_set(config, key, equals + 1, error);
}

int config_load_arguments(struct config *config, int argc, char **argv,
                          char error[static CONFIG_ERROR_SIZE])
{
    const char *state_dir = NULL;
    const char *file = NULL;
    int result = 0;

    for (int i = 1; i < argc; i += 2) {
        bool known = strcmp(argv[i], "--state") == 0 || strcmp(argv[i], "--config") == 0 ||
                     strcmp(argv[i], "--set") == 0;
        if (!known || i + 1 == argc)
            return complain(error, argv[i],
                            known ? "a value is wanted" : "there is no such argument");
        if (argv[i][2] == 'c')
            file = argv[i + 1];
        else if (strcmp(argv[i], "--state") == 0)
            state_dir = argv[i + 1];
    }
    result = config_load(config, state_dir, file, error);
    for (int i = 1; !result && i < argc; i += 2) {
        if (strcmp(argv[i], "--set") == 0)
            result = set_pair(config, argv[i + 1], error);
    }
    return result;
}

void config_print_reference(FILE *out)
{
    fputs("# Configuration\n\n"
          "One libconfig file, `STATE/assize.conf` or `--config FILE`; every option has a default "
          "that "
          "works.\nMade by `assize reference config`.\n\n"
          "| Option | Default | What it is |\n|---|---|---|\n",
          out);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option *o = &options[i];
        fprintf(out, "| `%s` | `%s` | %s", o->key, *o->preset ? o->preset : " ", o->what);
        if (o->type == OPTION_NUMBER)
            fprintf(out, " From %d to %d.", o->least, o->most);
        if (o->type == OPTION_PATH)
            fputs(" A relative path lies in the state directory.", out);
        if (o->type == OPTION_SECRET)
            fputs(" May be `env:NAME` or `file:PATH`.", out);
        fputs(" |\n", out);
    }
}
