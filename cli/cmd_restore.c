/*
 * assize restore FILE [--check]
 *
 * Makes a state directory from a backup. The whole file is checked before anything is written; what
 * is made is beside the state directory until it is complete, and then takes its name.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <libgen.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"
#include "cli/archive.h"
#include "cli/cli.h"
#include "cli/state_dir.h"
#include "db/admin.h"
#include "db/dump.h"
#include "db/exchange_admin.h"
#include "db/migrate.h"
#include "db/private.h"

enum { PATH_SIZE = CONFIG_TEXT_SIZE + ARCHIVE_NAME_MAX + 2, OPEN_FOLDERS = 16 };

struct restore {
    struct archive_read *archive;
    struct config config; /* of the state directory that is being made */
    char target[CONFIG_TEXT_SIZE];
    bool database; /* there is one in it */
};

/* ---- before anything is written ---- */

static enum cli_exit check_target(const char *path)
{
    DIR *folder = opendir(path);
    const struct dirent *entry;
    bool empty = true;

    if (!folder)
        return errno == ENOENT
                   ? CLI_OK
                   : cli_fail(CLI_FAILED, "%s cannot be read: %s.", path, log_errno(errno).text);
    while ((entry = readdir(folder)) != NULL)
        empty = empty && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0);
    closedir(folder);
    return empty ? CLI_OK
                 : cli_fail(CLI_FAILED,
                            "%s is not empty; nothing is restored over what is there. Move it "
                            "away, or name another with --state.",
                            path);
}

static enum cli_exit check_schema(struct archive_read *archive)
{
    const char *noted = archive_noted(archive, "schema");
    uint64_t schema;

    if (str_to_u64(noted, 1000000, &schema) || schema > (uint64_t)migrate_latest())
        return cli_fail(CLI_FAILED,
                        "the backup has schema %s, and this program knows %d; restore it with the "
                        "version that made it: %s.",
                        noted, migrate_latest(), archive_noted(archive, "version"));
    return CLI_OK;
}

static void describe(const struct restore *restore, const char *path)
{
    printf("%s: made %s", path, archive_noted(restore->archive, "made"));
    printf(" at %s", archive_noted(restore->archive, "organisation"));
    printf(" (%s), %zu files, all as they were written\n", archive_noted(restore->archive, "role"),
           archive_count(restore->archive));
}

/* ---- files ---- */

static int make_folders(const char *root, const char *name)
{
    char path[PATH_SIZE];

    for (const char *slash = strchr(name, '/'); slash; slash = strchr(slash + 1, '/')) {
        snprintf(path, sizeof(path), "%s/%.*s", root, (int)(slash - name), name);
        if (mkdir(path, 0700) && errno != EEXIST)
            return -errno;
    }
    return 0;
}

static int write_member(const struct restore *restore, const struct archive_member *member)
{
    char path[PATH_SIZE];

    int result = make_folders(restore->config.state_dir, member->name);
    if (result)
        return result;
    snprintf(path, sizeof(path), "%s/%s", restore->config.state_dir, member->name);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    result = archive_copy(restore->archive, member, fd);
    if (!result && fsync(fd))
        result = -errno;
    close(fd);
    return result;
}

static enum cli_exit write_files(const struct restore *restore)
{
    for (size_t i = 0; i < archive_count(restore->archive); i++) {
        const struct archive_member *member = archive_at(restore->archive, i);
        int result = strcmp(member->name, "database") ? write_member(restore, member) : 0;
        if (result)
            return cli_fail(CLI_FAILED, "%s cannot be written: %s.", member->name,
                            log_errno(result).text);
    }
    return CLI_OK;
}

/* ---- the database ---- */

static enum cli_exit put_back(const struct restore *restore, const char *conninfo)
{
    struct dump dump;
    char error[MIGRATE_ERROR_SIZE];
    struct migrate_report report;

    int result = dump_restore_begin(conninfo, &dump);
    if (!result) {
        int copied =
            archive_copy(restore->archive, archive_find(restore->archive, "database"), dump.fd);
        result = dump_end(&dump);
        if (!result)
            result = copied;
    }
    if (result)
        return cli_fail(CLI_FAILED, "the database is not restored, and as it was before: %s.",
                        log_errno(result).text);
    result = migrate_run(conninfo, &report, error);
    return result ? cli_fail(CLI_FAILED, "%s", error) : CLI_OK;
}

/* From now on it knows that others may have had from it what it does not have itself. */
static enum cli_exit mark_restored(const struct restore *restore, const char *conninfo)
{
    int64_t batch = 0;
    struct admin *admin = NULL;

    int failed = admin_open(conninfo, &admin);
    if (!failed)
        failed = exchange_admin_restored(admin, &batch);
    enum cli_exit result = failed ? cli_admin_failed(admin, failed) : CLI_OK;
    if (!result)
        printf("before anything is sent, ask the centre for\n"
               "    assize exchange returns %s --after %" PRId64
               " --legal-basis TEXT --to FILE\nand then run\n"
               "    assize exchange take-back FILE\n",
               archive_noted(restore->archive, "organisation"), batch);
    admin_close(admin);
    return result;
}

static enum cli_exit restore_database(struct restore *restore)
{
    char conninfo[DB_CONNINFO_SIZE], error[CONFIG_ERROR_SIZE];
    bool made, own = private_is_wanted(&restore->config);
    pid_t server = 0;

    int log_fd = state_dir_open_log(&restore->config, "postgres");
    if (log_fd < 0 || db_conninfo(&restore->config, conninfo, sizeof(conninfo)))
        return cli_fail(CLI_FAILED, "the state directory cannot be used.");
    if (own && private_make(&restore->config, log_fd, &made, error)) {
        close(log_fd);
        return cli_fail(CLI_FAILED, "%s", error);
    }
    int failed = own ? dump_server_start(&restore->config, log_fd, &server) : 0;
    close(log_fd);
    if (failed)
        return cli_fail(CLI_FAILED, "the database does not start: %s.", log_errno(failed).text);
    enum cli_exit result = put_back(restore, conninfo);
    if (!result && strcmp(archive_noted(restore->archive, "role"), "center") != 0)
        result = mark_restored(restore, conninfo);
    if (own)
        dump_server_stop(server);
    return result;
}

/* ---- all of it ---- */

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

/* The state directory as it is made, beside the one that is wanted. */
static enum cli_exit begin(struct restore *restore, const struct config *wanted)
{
    char error[CONFIG_ERROR_SIZE];

    restore->config = *wanted;
    str_copy(restore->target, sizeof(restore->target), wanted->state_dir);
    if (snprintf(restore->config.state_dir, CONFIG_TEXT_SIZE, "%.*s.new", CONFIG_TEXT_SIZE - 8,
                 wanted->state_dir) >= CONFIG_TEXT_SIZE - 4)
        return cli_fail(CLI_USAGE, "the path of the state directory is too long.");
    if (access(restore->config.state_dir, F_OK) == 0)
        return cli_fail(CLI_FAILED,
                        "%s is there already, maybe from a restore that was stopped; "
                        "remove it.",
                        restore->config.state_dir);
    return state_dir_make(&restore->config, error) ? cli_fail(CLI_FAILED, "%s", error) : CLI_OK;
}

static enum cli_exit finish(const struct restore *restore)
{
    char parent[CONFIG_TEXT_SIZE];

    sync();
    rmdir(restore->target); /* it is empty, or was not there */
    if (rename(restore->config.state_dir, restore->target))
        return cli_fail(CLI_FAILED, "%s cannot be given its name %s: %s.",
                        restore->config.state_dir, restore->target, log_errno(errno).text);
    str_copy(parent, sizeof(parent), restore->target);
    int fd = open(dirname(parent), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    return CLI_OK;
}

/* Which database it is the restored configuration says, unless --set does. */
static enum cli_exit find_database(struct restore *restore)
{
    struct config restored;
    char error[CONFIG_ERROR_SIZE];

    if (!restore->database || !private_is_wanted(&restore->config))
        return CLI_OK;
    if (config_load(&restored, restore->config.state_dir, NULL, error))
        return cli_fail(CLI_FAILED, "%s.", error);
    memcpy(restore->config.database, restored.database, sizeof(restored.database));
    return CLI_OK;
}

static enum cli_exit run(struct restore *restore, const struct config *wanted)
{
    enum cli_exit result = begin(restore, wanted);

    if (result)
        return result;
    result = write_files(restore);
    if (!result)
        result = find_database(restore);
    if (!result && restore->database)
        result = restore_database(restore);
    if (!result)
        result = finish(restore);
    if (result)
        nftw(restore->config.state_dir, remove_one, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
    return result;
}

static void tell(const struct restore *restore)
{
    printf("restored to %s; `assize up` starts it\n", restore->target);
    if (!restore->database)
        puts("there was no database in it: put that back with the tools that took it");
    if (strcmp(archive_noted(restore->archive, "role"), "center") == 0)
        puts("its courts send again what it lost, by themselves");
}

enum cli_exit cmd_restore(int argc, char **argv)
{
    struct restore restore = {0};
    char error[CONFIG_ERROR_SIZE];
    bool check = false;
    const struct cli_option own[] = {{"--check", NULL, &check}};
    struct cli cli;

    enum cli_exit result = cli_parse(&cli, argc, argv, own, 1);
    if (!result && cli.word_count != 1)
        result = cli_fail(CLI_USAGE, "restore wants the FILE that `assize backup` made.");
    if (!result && !check && state_dir_holder(&cli.config))
        result = cli_fail(CLI_IN_USE, "`assize up` runs with %s.", cli.config.state_dir);
    if (!result && !check)
        result = check_target(cli.config.state_dir);
    if (result)
        return result;
    signal(SIGPIPE, SIG_IGN);
    umask(0077);
    int failed = archive_open(cli.words[0], &restore.archive, error, sizeof(error));
    if (failed)
        result = cli_fail(failed == -EBADMSG ? CLI_DAMAGED : CLI_FAILED, "%s", error);
    if (!result)
        result = check_schema(restore.archive);
    if (!result) {
        describe(&restore, cli.words[0]);
        restore.database = archive_find(restore.archive, "database");
    }
    if (!result && !check) {
        result = run(&restore, &cli.config);
        if (!result)
            tell(&restore);
    }
    archive_read_close(restore.archive);
    return result;
}
