#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "db/admin.h"
#include "db/private.h"

enum cli_exit cli_fail(enum cli_exit status, const char *format, ...)
{
    va_list args;

    fputs("assize: ", stderr);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
    return status;
}

enum cli_exit cli_number(const char *name, const char *text, uint64_t max, uint64_t *value)
{
    if (text && str_to_u64(text, max, value))
        return cli_fail(CLI_USAGE, "%s wants a whole number up to %llu, not \"%s\".", name,
                        (unsigned long long)max, text);
    return CLI_OK;
}

/* ---- options ---- */

struct parsing {
    struct cli *cli;
    int argc;
    char **argv;
    int at;
    const struct cli_option *own;
    size_t own_count;
};

static const struct cli_option *find_option(const struct cli_option *options, size_t count,
                                            const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(options[i].name, name) == 0)
            return &options[i];
    }
    return NULL;
}

/* --state, --config and --set go on as they are, to config_load_arguments and to the daemons. */
static enum cli_exit take_config_option(struct parsing *parsing)
{
    struct cli *cli = parsing->cli;

    if (parsing->at + 1 >= parsing->argc)
        return cli_fail(CLI_USAGE, "%s wants a value.", parsing->argv[parsing->at]);
    if (cli->argument_count + 2 >= CLI_ARGUMENTS_MAX)
        return cli_fail(CLI_USAGE, "these are too many --set; use a file.");
    cli->arguments[cli->argument_count++] = parsing->argv[parsing->at++];
    cli->arguments[cli->argument_count++] = parsing->argv[parsing->at];
    return CLI_OK;
}

static enum cli_exit take_option(struct parsing *parsing, const char *name)
{
    const struct cli_option common[] = {
        {"--json", NULL, &parsing->cli->json},
        {"--verbose", NULL, &parsing->cli->verbose},
    };
    const struct cli_option *option = find_option(common, 2, name);

    if (strcmp(name, "--state") == 0 || strcmp(name, "--config") == 0 || strcmp(name, "--set") == 0)
        return take_config_option(parsing);
    if (!option)
        option = find_option(parsing->own, parsing->own_count, name);
    if (!option)
        return cli_fail(CLI_USAGE, "there is no option %s here; see `assize help`.", name);
    if (option->flag)
        *option->flag = true;
    else if (parsing->at + 1 < parsing->argc)
        *option->text = parsing->argv[++parsing->at];
    else
        return cli_fail(CLI_USAGE, "%s wants a value.", name);
    return CLI_OK;
}

static enum cli_exit take_word(struct cli *cli, const char *word)
{
    if (cli->word_count == CLI_WORDS_MAX)
        return cli_fail(CLI_USAGE, "\"%s\" is one word too many; see `assize help`.", word);
    cli->words[cli->word_count++] = word;
    return CLI_OK;
}

enum cli_exit cli_parse(struct cli *cli, int argc, char **argv, const struct cli_option *options,
                        size_t count)
{
    char error[CONFIG_ERROR_SIZE];
    struct parsing parsing = {cli, argc, argv, 1, options, count};
    enum cli_exit result = CLI_OK;

    *cli = (struct cli){.arguments = {argv[0]}, .argument_count = 1};
    for (; !result && parsing.at < argc; parsing.at++) {
        const char *word = argv[parsing.at];
        result = strncmp(word, "--", 2) == 0 ? take_option(&parsing, word) : take_word(cli, word);
    }
    if (!result && config_load_arguments(&cli->config, cli->argument_count, cli->arguments, error))
        result = cli_fail(CLI_USAGE, "%s.", error);
    return result;
}

/* ---- the database ---- */

enum cli_exit cli_admin_failed(const struct admin *admin, int error)
{
    enum cli_exit status = error == -EAGAIN   ? CLI_AWAY
                           : error == -ENOENT ? CLI_NOT_FOUND
                                              : CLI_FAILED;

    return cli_fail(status, "%s", admin_why(admin));
}

enum cli_exit cli_open_admin(const struct cli *cli, struct admin **ret_admin)
{
    char conninfo[DB_CONNINFO_SIZE];
    struct admin *admin;

    *ret_admin = NULL;
    if (db_conninfo(&cli->config, conninfo, sizeof(conninfo)))
        return cli_fail(CLI_USAGE, "the path of the state directory is too long.");
    int result = admin_open(conninfo, &admin);
    if (!result) {
        *ret_admin = admin;
        return CLI_OK;
    }
    enum cli_exit status = cli_admin_failed(admin, result);
    admin_close(admin);
    return status;
}

/* ---- the other programs ---- */

void cli_program_path(const char *name, char out[static CLI_PATH_SIZE])
{
    char own[CONFIG_TEXT_SIZE];
    ssize_t len = readlink("/proc/self/exe", own, sizeof(own) - 1);

    own[len > 0 ? len : 0] = '\0';
    const char *slash = strrchr(own, '/');
    snprintf(out, CLI_PATH_SIZE, "%.*s/%s", slash ? (int)(slash - own) : 0, own, name);
}
