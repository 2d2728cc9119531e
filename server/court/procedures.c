#include "server/court/procedures.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "base/log.h"
#include "base/str.h"
#include "db/procedure_store.h"
#include "server/court/procedures_internal.h"

/* A file is as long as the longest text, or a byte longer: that is too long. */
enum { PATH_SIZE = 1024, FILE_SIZE = PROCEDURE_FILE_MAX + 2 };

struct known {
    struct known *next;
    struct procedure procedure;
    char *text;
    bool offered; /* to new hearings */
};

struct procedures {
    struct known *first;
    size_t count;
};

struct procedures *procedures_new(void)
{
    struct procedures *procedures = calloc(1, sizeof(*procedures));

    if (!procedures)
        abort();
    return procedures;
}

void procedures_free(struct procedures *procedures)
{
    if (!procedures)
        return;
    while (procedures->first) {
        struct known *known = procedures->first;
        procedures->first = known->next;
        free(known->text);
        free(known);
    }
    free(procedures);
}

static struct known *find(const struct procedures *procedures, const char *name, uint32_t version)
{
    struct known *known;

    LL_FOREACH(procedures->first, known)
    {
        if (known->procedure.version == version && strcmp(known->procedure.name, name) == 0)
            return known;
    }
    return NULL;
}

static int complain(char *error, int result, const char *from, const char *why)
{
    snprintf(error, PROCEDURES_ERROR_SIZE, "%s: %s", from, why);
    return result;
}

/* Known already: good when it says the same. */
static int add_again(struct known *before, const struct known *made, const char *from, char *error)
{
    char why[PROCEDURE_ERROR_SIZE];

    if (strcmp(before->text, made->text) == 0) {
        before->offered = before->offered || made->offered;
        return 0;
    }
    snprintf(why, sizeof(why), "version %u of %s is known with another text; raise the version",
             made->procedure.version, made->procedure.name);
    return complain(error, -EEXIST, from, why);
}

static int add(struct procedures *procedures, const char *from, const char *text, bool offered,
               char *error)
{
    char why[PROCEDURE_ERROR_SIZE];
    struct known *made = calloc(1, sizeof(*made));

    if (!made)
        abort();
    made->offered = offered;
    made->text = strdup(text);
    if (!made->text)
        abort();
    int result = procedure_read(text, &made->procedure, why);
    struct known *before =
        result ? NULL : find(procedures, made->procedure.name, made->procedure.version);
    if (result)
        complain(error, result, from, why);
    else if (before)
        result = add_again(before, made, from, error);
    else if (procedures->count == PROCEDURES_MAX)
        result = complain(error, -E2BIG, from, "there are too many procedures");
    if (result || before) {
        free(made->text);
        free(made);
        return result;
    }
    LL_APPEND(procedures->first, made);
    procedures->count++;
    return 0;
}

int procedures_add(struct procedures *procedures, const char *from, const char *text,
                   char error[static PROCEDURES_ERROR_SIZE])
{
    return add(procedures, from, text, true, error);
}

static int read_file(const char *path, char text[static FILE_SIZE], char *error)
{
    FILE *file = fopen(path, "re");

    if (!file)
        return complain(error, -errno, path, log_errno(errno).text);
    size_t len = fread(text, 1, FILE_SIZE - 1, file);
    bool failed = ferror(file);
    fclose(file);
    text[len] = '\0';
    if (failed)
        return complain(error, -EIO, path, "cannot be read");
    if (len > PROCEDURE_FILE_MAX)
        return complain(error, -EFBIG, path, "the file is too long");
    if (!str_utf8_valid(text, len))
        return complain(error, -EILSEQ, path, "the file is not UTF-8 text");
    return 0;
}

static int add_files(struct procedures *procedures, const glob_t *files, char *error)
{
    char *text = malloc(FILE_SIZE);
    int result = 0;

    if (!text)
        abort();
    for (size_t i = 0; !result && i < files->gl_pathc; i++) {
        result = read_file(files->gl_pathv[i], text, error);
        if (!result)
            result = add(procedures, files->gl_pathv[i], text, true, error);
    }
    free(text);
    return result;
}

static int add_folder(struct procedures *procedures, const char *folder, char *error)
{
    char pattern[PATH_SIZE];
    glob_t files = {0};

    int length = snprintf(pattern, sizeof(pattern), "%s/*.conf", folder);
    if (length < 0 || (size_t)length >= sizeof(pattern))
        return complain(error, -ENAMETOOLONG, folder, "the path is too long");
    int failed = glob(pattern, GLOB_ERR, NULL, &files);
    int result = failed ? complain(error, -ENOENT, folder, "no procedure file (*.conf) is there")
                        : add_files(procedures, &files, error);
    globfree(&files);
    return result;
}

int procedures_read(struct procedures *procedures, const char *folder,
                    char error[static PROCEDURES_ERROR_SIZE])
{
    char from[PATH_SIZE];
    int result = 0;

    for (size_t i = 0; !result && i < procedure_file_count; i++) {
        snprintf(from, sizeof(from), "%s.conf", procedure_files[i].name);
        result = add(procedures, from, procedure_files[i].text, true, error);
    }
    return result || !*folder ? result : add_folder(procedures, folder, error);
}

/* What the database alone has is asked for only when nothing is offered under the name. */
static bool is_later(const struct known *one, const struct known *other)
{
    if (!other || one->offered != other->offered)
        return !other || one->offered;
    return one->procedure.version > other->procedure.version;
}

static const struct known *latest(const struct procedures *procedures, const char *name)
{
    const struct known *best = NULL;
    const struct known *known;

    LL_FOREACH(procedures->first, known)
    {
        if (strcmp(known->procedure.name, name) == 0 && is_later(known, best))
            best = known;
    }
    return best;
}

const struct procedure *procedures_find(const struct procedures *procedures, const char *name,
                                        uint32_t version)
{
    const struct known *known =
        version ? find(procedures, name, version) : latest(procedures, name);

    return known ? &known->procedure : NULL;
}

void procedures_each(const struct procedures *procedures,
                     void (*visit)(void *context, const struct procedure *procedure), void *context)
{
    const struct known *known;

    LL_FOREACH(procedures->first, known)
    {
        if (known->offered && latest(procedures, known->procedure.name) == known)
            visit(context, &known->procedure);
    }
}

/* ---- and the database ---- */

struct registering {
    struct procedures *procedures;
    procedures_callback callback;
    void *context;
};

/* A text of another build may be one that this one cannot read: its hearings cannot be opened here,
 * and nothing else is lost. */
static int take_in(struct procedures *procedures, const struct procedure_store_text *text,
                   char *error)
{
    char from[PATH_SIZE];

    snprintf(from, sizeof(from), "database: %s %u", text->name, text->version);
    int result = add(procedures, from, text->text, false, error);
    if (!result || result == -EEXIST)
        return result;
    log_error("procedure.unreadable", "why=%s", log_quote(error).text);
    return 0;
}

static void registered(void *context, int error, const struct procedure_store_text *texts,
                       size_t count)
{
    struct registering *registering = context;
    char why[PROCEDURES_ERROR_SIZE] = "";

    for (size_t i = 0; !error && i < count; i++)
        error = take_in(registering->procedures, &texts[i], why);
    registering->callback(registering->context, error, why);
    free(registering);
}

void procedures_register(struct procedures *procedures, struct db *db, procedures_callback callback,
                         void *context)
{
    struct procedure_store_text *offered = calloc(procedures->count + 1, sizeof(*offered));
    struct registering *registering = calloc(1, sizeof(*registering));
    const struct known *known;
    size_t count = 0;

    if (!offered || !registering)
        abort();
    *registering = (struct registering){procedures, callback, context};
    LL_FOREACH(procedures->first, known)
    {
        if (known->offered)
            offered[count++] = (struct procedure_store_text){known->procedure.name,
                                                             known->procedure.version, known->text};
    }
    procedure_store_register(db, offered, count, registered, registering);
    free(offered);
}
