/*
 * assize minutes: the draft of a hearing's minutes as a PDF on standard output. Assembled here from
 * the database, and put on paper by assize-press, which this becomes the parent of.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"
#include "cli/cli.h"
#include "db/private.h"
#include "proto/codec.h"
#include "server/minutes/minutes.h"

enum { WAIT_MS = 10000, DOCUMENT_MAX = 16 << 20 };

/* ---- from the database ---- */

struct loading {
    const char *hearing;
    struct db *db;
    uv_timer_t patience;
    struct buf document;
    int error; /* -EAGAIN until it has come */
};

static void end_loading(struct loading *loading, int error)
{
    loading->error = error;
    if (!uv_is_closing((uv_handle_t *)&loading->patience))
        uv_close((uv_handle_t *)&loading->patience, NULL);
    uv_stop(loading->patience.loop);
}

static int assemble(const struct minutes_record *record, struct buf *out)
{
    struct procedure *procedure = malloc(sizeof(*procedure));
    Assize__Minutes__V1__MinutesDocument *document;
    char why[PROCEDURE_ERROR_SIZE];
    struct arena arena;

    if (!procedure)
        abort();
    bool known = record->procedure && !procedure_read(record->procedure, procedure, why);
    int error = minutes_assemble(record, known ? procedure : NULL, &arena, &document);
    if (!error)
        error = codec_pack(&document->base, out);
    arena_done(&arena);
    free(procedure);
    return error;
}

static void on_loaded(void *context, int error, const struct minutes_record *record)
{
    struct loading *loading = context;

    end_loading(loading, error ? error : assemble(record, &loading->document));
}

static void database_up(void *context)
{
    struct loading *loading = context;

    minutes_store_load(loading->db, loading->hearing, on_loaded, loading);
}

static void database_down(void *context, const char *why)
{
    (void)context; /* it may come up while there is patience */
    (void)why;
}

static void on_patience(uv_timer_t *timer)
{
    end_loading(timer->data, -EAGAIN);
}

/* Turns a loop of its own until the document is there, or why it is not. */
static int load(const struct cli *cli, struct loading *loading)
{
    static const struct db_ops ops = {.up = database_up, .down = database_down};
    char conninfo[CONFIG_TEXT_SIZE * 2];
    uv_loop_t *loop = uv_default_loop();

    int error = db_conninfo(&cli->config, conninfo, sizeof(conninfo));
    if (error)
        return error;
    uv_timer_init(loop, &loading->patience);
    loading->patience.data = loading;
    uv_timer_start(&loading->patience, on_patience, WAIT_MS, 0);
    loading->db = db_new(loop, conninfo, &ops, loading);
    uv_run(loop, UV_RUN_DEFAULT);
    db_free(loading->db);
    uv_run(loop, UV_RUN_DEFAULT);
    return loading->error;
}

/* ---- to the press ---- */

/* In the child: never comes back. */
static void become_press(int input, char *path)
{
    char *arguments[] = {path, NULL};
    char *environment[] = {NULL};

    if (dup2(input, STDIN_FILENO) >= 0)
        execve(path, arguments, environment);
    cli_fail(CLI_FAILED, "%s cannot be started: %s.", path, log_errno(errno).text);
    _exit(CLI_FAILED);
}

static void write_all(int fd, const struct buf *document)
{
    for (size_t done = 0; done < document->len;) {
        ssize_t n = write(fd, document->data + done, document->len - done);
        if (n < 0)
            return; /* the press has ended, and its status says so */
        done += (size_t)n;
    }
}

static enum cli_exit print(const struct buf *document)
{
    char path[CLI_PATH_SIZE];
    int ends[2], status = -1;

    cli_program_path("assize-press", path);
    signal(SIGPIPE, SIG_IGN);
    if (pipe2(ends, O_CLOEXEC))
        return cli_fail(CLI_FAILED, "There is no pipe to the press: %s.", log_errno(errno).text);
    pid_t child = fork();
    if (child == 0)
        become_press(ends[0], path);
    close(ends[0]);
    if (child > 0)
        write_all(ends[1], document);
    close(ends[1]);
    if (child < 0 || waitpid(child, &status, 0) != child || status)
        return cli_fail(CLI_FAILED, "The minutes could not be put on paper.");
    return CLI_OK;
}

enum cli_exit cmd_minutes(int argc, char **argv)
{
    struct loading loading = {.error = -EAGAIN};
    struct cli cli;

    enum cli_exit result = cli_parse(&cli, argc, argv, NULL, 0);
    if (!result && (cli.word_count != 1 || !str_is_uuid(cli.words[0])))
        result = cli_fail(CLI_USAGE, "minutes wants the id of a hearing.");
    if (!result && isatty(STDOUT_FILENO))
        result =
            cli_fail(CLI_USAGE, "A PDF is not for a terminal; write it to a file: > minutes.pdf");
    if (result)
        return result;
    loading.hearing = cli.words[0];
    buf_init(&loading.document, DOCUMENT_MAX);
    int error = load(&cli, &loading);
    if (error == -ENOENT)
        result = cli_fail(CLI_NOT_FOUND, "There is no hearing %s.", loading.hearing);
    else if (error == -EAGAIN)
        result = cli_fail(CLI_AWAY, "The database does not answer.");
    else if (error)
        result =
            cli_fail(CLI_DAMAGED, "The minutes could not be assembled: %s.", log_errno(error).text);
    else
        result = print(&loading.document);
    buf_done(&loading.document);
    return result;
}
