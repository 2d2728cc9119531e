/*
 * What every subcommand shares: its place in the table of main.c, its options, its exit codes. A
 * subcommand is one file, cmd_NAME.c.
 */
#ifndef ASSIZE_CLI_CLI_H
#define ASSIZE_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/config.h"

/* Columns: suffix, status, what it means. The numbers are stable: scripts rely on them. */
/* clang-format off */
#define CLI_EXITS(X) \
    X(OK, 0, "done") \
    X(FAILED, 1, "it failed; the sentence on standard error says why") \
    X(USAGE, 2, "wrong arguments or configuration") \
    X(IN_USE, 3, "another `assize up` runs with this state directory") \
    X(AWAY, 4, "the database does not answer, has another schema, or may lose what it acknowledges") \
    X(NOT_FOUND, 5, "no such hearing, person, link or account") \
    X(DAMAGED, 6, "the record or its events are not what was written")
/* clang-format on */
enum cli_exit {
#define X(id, status, what) CLI_##id = (status),
    CLI_EXITS(X)
#undef X
};

enum { CLI_WORDS_MAX = 4, CLI_ARGUMENTS_MAX = 64, CLI_PATH_SIZE = CONFIG_TEXT_SIZE + 32 };

/* One option of a subcommand: with a value (text), or without (flag). */
struct cli_option {
    const char *name; /* "--hearing" */
    const char **text;
    bool *flag;
};

struct cli {
    struct config config;
    char *arguments[CLI_ARGUMENTS_MAX]; /* those of the configuration, for the daemons too; 0 is the
                                           name */
    int argument_count;
    bool json;
    bool verbose;
    const char *words[CLI_WORDS_MAX]; /* what is no option */
    int word_count;
};

/*
 * Reads the options every subcommand has (--state, --config, --set, --json, --verbose) and its own,
 * then the configuration. CLI_OK, or CLI_USAGE with the sentence printed.
 */
enum cli_exit cli_parse(struct cli *cli, int argc, char **argv, const struct cli_option *options,
                        size_t count);

/* A whole number from an option; absent leaves *value. CLI_OK or CLI_USAGE with the sentence
 * printed. */
enum cli_exit cli_number(const char *name, const char *text, uint64_t max, uint64_t *value);

/* One sentence on standard error; gives back the exit status. */
enum cli_exit cli_fail(enum cli_exit status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

struct admin;
/* Opens the configured database; on failure the sentence is printed and *ret_admin is NULL. */
enum cli_exit cli_open_admin(const struct cli *cli, struct admin **ret_admin);
/* The exit status for an error of db/admin.h, its sentence printed. */
enum cli_exit cli_admin_failed(const struct admin *admin, int error);

/* The path of the program with this name beside our own. */
void cli_program_path(const char *name, char out[static CLI_PATH_SIZE]);

/* A subcommand: argv[0] is its name. */
enum cli_exit cmd_up(int argc, char **argv);
enum cli_exit cmd_link(int argc, char **argv);
enum cli_exit cmd_account(int argc, char **argv);
enum cli_exit cmd_demo(int argc, char **argv);
enum cli_exit cmd_status(int argc, char **argv);
enum cli_exit cmd_verify(int argc, char **argv);
enum cli_exit cmd_render(int argc, char **argv);
enum cli_exit cmd_case(int argc, char **argv);
enum cli_exit cmd_access(int argc, char **argv);
enum cli_exit cmd_minutes(int argc, char **argv);
enum cli_exit cmd_exchange(int argc, char **argv);
enum cli_exit cmd_cert(int argc, char **argv);
enum cli_exit cmd_backup(int argc, char **argv);
enum cli_exit cmd_restore(int argc, char **argv);
enum cli_exit cmd_migrate(int argc, char **argv);
enum cli_exit cmd_reference(int argc, char **argv);
enum cli_exit cmd_version(int argc, char **argv);

#endif
