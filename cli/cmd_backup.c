/*
 * assize backup FILE [--record] [--without-database]
 *
 * Everything a site needs to be made again, in one file, while it runs: the database, as it was at
 * one moment; then configuration, secrets and certificates. What has to be prepared elsewhere is
 * said.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/archive.h"
#include "cli/cli.h"
#include "cli/state_dir.h"
#include "db/admin.h"
#include "db/dump.h"
#include "db/migrate.h"
#include "db/private.h"

enum { CHUNK = 64 << 10, PATH_SIZE = CONFIG_TEXT_SIZE + 128, DEPTH_MAX = 4, NOTE_SIZE = 64 };

struct backup {
    const struct cli *cli;
    struct archive *archive;
    bool record, without_database;
    char failed[PATH_SIZE]; /* what could not be read or written */
};

static int stop_at(struct backup *backup, int result, const char *what)
{
    snprintf(backup->failed, sizeof(backup->failed), "%s", what);
    return result;
}

/* ---- files ---- */

static int copy_in(struct archive *archive, int fd)
{
    char *chunk = malloc(CHUNK);
    ssize_t got = 0;
    int result = 0;

    if (!chunk)
        abort();
    while (!result && (got = read(fd, chunk, CHUNK)) != 0) {
        if (got > 0)
            result = archive_write(archive, chunk, (size_t)got);
        else if (errno != EINTR)
            result = -errno;
    }
    free(chunk);
    return result;
}

static int add_file(struct backup *backup, const char *path, const char *name)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

    if (fd < 0)
        return stop_at(backup, -errno, path);
    int result = archive_begin(backup->archive, name);
    if (!result)
        result = copy_in(backup->archive, fd);
    if (!result)
        result = archive_end(backup->archive);
    close(fd);
    return result ? stop_at(backup, result, path) : 0;
}

static int add_folder(struct backup *backup, const char *path, const char *name, int depth);

/* Drafts that are just being written are no part of it. */
static int add_entry(struct backup *backup, const char *path, const char *name, int depth)
{
    size_t len = strlen(name);
    struct stat st;

    if (lstat(path, &st))
        return errno == ENOENT ? 0 : stop_at(backup, -errno, path);
    if (S_ISDIR(st.st_mode))
        return add_folder(backup, path, name, depth + 1);
    if (!S_ISREG(st.st_mode) || (len > 4 && strcmp(name + len - 4, ".tmp") == 0))
        return 0;
    return add_file(backup, path, name);
}

static int add_folder(struct backup *backup, const char *path, const char *name, int depth)
{
    char inner[PATH_SIZE], inner_name[PATH_SIZE];
    struct dirent **entries = NULL;
    int result = 0;

    if (depth > DEPTH_MAX)
        return stop_at(backup, -ELOOP, path);
    int count = scandir(path, &entries, NULL, alphasort);
    if (count < 0)
        return errno == ENOENT ? 0 : stop_at(backup, -errno, path);
    for (int i = 0; i < count; i++) {
        int n = snprintf(inner, sizeof(inner), "%s/%s", path, entries[i]->d_name);
        int m = snprintf(inner_name, sizeof(inner_name), "%s/%s", name, entries[i]->d_name);
        if (!result && entries[i]->d_name[0] != '.')
            result = n >= (int)sizeof(inner) || m >= (int)sizeof(inner_name)
                         ? stop_at(backup, -ENAMETOOLONG, path)
                         : add_entry(backup, inner, inner_name, depth);
        free(entries[i]);
    }
    free(entries);
    return result;
}

static int add_from_state(struct backup *backup, const char *name)
{
    char path[CONFIG_TEXT_SIZE];

    if (config_state_path(&backup->cli->config, name, path, sizeof(path)))
        return stop_at(backup, -ENAMETOOLONG, name);
    return add_entry(backup, path, name, 0);
}

/* The configuration may be elsewhere; restored, it is in the state directory. */
static int add_configuration(struct backup *backup)
{
    const struct cli *cli = backup->cli;

    for (int i = 1; i + 1 < cli->argument_count; i++) {
        if (strcmp(cli->arguments[i], "--config") == 0)
            return add_file(backup, cli->arguments[i + 1], "assize.conf");
    }
    return add_from_state(backup, "assize.conf");
}

/* ---- the database ---- */

static int add_database(struct backup *backup)
{
    char conninfo[DB_CONNINFO_SIZE];
    struct dump dump;

    int result = db_conninfo(&backup->cli->config, conninfo, sizeof(conninfo));
    if (!result)
        result = archive_begin(backup->archive, "database");
    if (!result)
        result = dump_begin(conninfo, &dump);
    if (result)
        return stop_at(backup, result, "the database");
    result = copy_in(backup->archive, dump.fd);
    int ended = dump_end(&dump);
    if (!result)
        result = ended;
    if (!result)
        result = archive_end(backup->archive);
    return result ? stop_at(backup, result, "the database") : 0;
}

/* ---- all of it ---- */

static int add_notes(struct backup *backup)
{
    const struct config *config = &backup->cli->config;
    char made[NOTE_SIZE], schema[NOTE_SIZE];
    time_t now = time(NULL);
    struct tm utc;

    gmtime_r(&now, &utc);
    strftime(made, sizeof(made), "%Y-%m-%dT%H:%M:%SZ", &utc);
    snprintf(schema, sizeof(schema), "%d", migrate_latest());
    int result = archive_note(backup->archive, "made", made);
    if (!result)
        result = archive_note(backup->archive, "version", ASSIZE_VERSION);
    if (!result)
        result = archive_note(backup->archive, "role", config->role);
    if (!result)
        result = archive_note(backup->archive, "organisation", config->exchange_organisation);
    if (!result)
        result = archive_note(backup->archive, "database",
                              backup->without_database    ? "none"
                              : private_is_wanted(config) ? "private"
                                                          : "elsewhere");
    return result ? result : archive_note(backup->archive, "schema", schema);
}

/* The database first: what it names of the record is on the disk already. */
static int add_all(struct backup *backup)
{
    int result = add_notes(backup);

    if (!result && !backup->without_database)
        result = add_database(backup);
    if (!result)
        result = add_configuration(backup);
    if (!result)
        result = add_from_state(backup, "person.key");
    if (!result)
        result = add_from_state(backup, "tls");
    if (!result && backup->record)
        result = add_from_state(backup, "record");
    return result ? result : archive_finish(backup->archive);
}

/* Files that the configuration names somewhere else are somebody else's to keep. */
static void tell_elsewhere(const struct config *config)
{
    const char *const paths[] = {config->tls_certificate, config->tls_key,
                                 config->exchange_ca,     config->exchange_certificate,
                                 config->exchange_key,    config->person_key,
                                 config->procedures};
    size_t len = strlen(config->state_dir);

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        if (*paths[i] && (strncmp(paths[i], config->state_dir, len) != 0 || paths[i][len] != '/'))
            printf("not in it, for it lies elsewhere: %s\n", paths[i]);
    }
    if (!private_is_wanted(config))
        puts("the database is elsewhere: roles, and settings of its server, are its operator's to "
             "keep");
}

static enum cli_exit backup_to(struct backup *backup, const char *path)
{
    enum cli_exit status = CLI_OK;
    struct stat st;

    int result = archive_create(path, &backup->archive);
    if (result == -EEXIST)
        status = cli_fail(CLI_FAILED, "%s, or %s.part, is there already; nothing is overwritten.",
                          path, path);
    else if (result)
        status = cli_fail(CLI_FAILED, "%s cannot be made: %s.", path, log_errno(result).text);
    else if ((result = add_all(backup)) != 0)
        status = cli_fail(CLI_FAILED, "the backup failed at %s: %s. Nothing is left of it.",
                          *backup->failed ? backup->failed : path,
                          result == -ENOSPC ? "the disk is full" : log_errno(result).text);
    archive_close(backup->archive);
    if (!status && !stat(path, &st))
        printf("%s  %.1f MB, checked by `assize restore`\n", path, (double)st.st_size / 1e6);
    return status;
}

enum cli_exit cmd_backup(int argc, char **argv)
{
    struct backup backup = {0};
    const struct cli_option own[] = {{"--record", NULL, &backup.record},
                                     {"--without-database", NULL, &backup.without_database}};
    struct admin *admin = NULL;
    struct cli cli;

    enum cli_exit result = cli_parse(&cli, argc, argv, own, 2);
    if (!result && cli.word_count != 1)
        result = cli_fail(CLI_USAGE, "backup wants the FILE to be made.");
    if (!result && !backup.without_database)
        result = cli_open_admin(&cli, &admin); /* that it answers, and has our schema */
    admin_close(admin);
    if (result)
        return result;
    signal(SIGPIPE, SIG_IGN);
    umask(0077);
    backup.cli = &cli;
    result = backup_to(&backup, cli.words[0]);
    if (!result)
        tell_elsewhere(&cli.config);
    if (!result && !backup.record && !config_is_center(&cli.config))
        puts("without the recordings (STATE/record); --record takes them too");
    return result;
}
