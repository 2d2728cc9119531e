#include "server/paper/paper.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"
#include "proto/codec.h"
#include "server/identity/reader.h"
#include "server/minutes/minutes.h"
#include "server/paper/press.h"

#define DRAFT  "assize.minutes.v1.MinutesService/Draft"
#define FOLDER "/minutes/"
#define SUFFIX ".pdf"

enum { PATH_SIZE = 512, NAME_SIZE = 64, SHORT_ID = 8, TAG_SIZE = 24 };

struct papers {
    struct db *db;
    struct identity *identity;
    struct staff *staff;
    struct press *press;
};

/* One question from its arrival to its answer: of a call, or of a fetch. */
struct ask {
    struct papers *papers;
    struct net_call *call;
    struct net_fetch *fetch; /* instead of the call */
    char hearing[ID_UUID_SIZE];
    uint64_t seq; /* of the document's last event */
};

/* The press stands beside the server. */
static void find_press(char out[static PATH_SIZE])
{
    char self[PATH_SIZE];
    ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

    self[len > 0 ? len : 0] = '\0';
    char *slash = strrchr(self, '/');
    if (slash)
        *slash = '\0';
    snprintf(out, PATH_SIZE, "%.*s/assize-press", PATH_SIZE - (int)sizeof("/assize-press"), self);
}

struct papers *papers_new(const struct papers_options *options)
{
    struct papers *papers = calloc(1, sizeof(*papers));
    char program[PATH_SIZE];

    if (!papers)
        abort();
    find_press(program);
    papers->db = options->db;
    papers->identity = options->identity;
    papers->staff = options->staff;
    papers->press = press_new(options->loop, program);
    return papers;
}

void papers_free(struct papers *papers)
{
    if (!papers)
        return;
    press_free(papers->press);
    free(papers);
}

/* ---- a question ---- */

static void refuse(struct ask *ask, enum refusal refusal)
{
    if (ask->call)
        net_call_refuse(ask->call, refusal);
    else
        net_fetch_refuse(ask->fetch, refusal);
    free(ask);
}

/* A name for the file where it is saved that tells documents of several hearings apart. */
static void on_printed(void *context, enum refusal refusal, int fd, uint64_t size)
{
    struct ask *ask = context;
    char name[NAME_SIZE], tag[TAG_SIZE];

    if (refusal) {
        refuse(ask, refusal);
        return;
    }
    snprintf(name, sizeof(name), "bien-ban-%.*s.pdf", SHORT_ID, ask->hearing);
    snprintf(tag, sizeof(tag), "%llu", (unsigned long long)ask->seq);
    net_fetch_send(
        ask->fetch,
        &(struct net_file){
            .fd = fd, .size = size, .type = "application/pdf", .tag = tag, .attach = name});
    free(ask);
}

static void answer(struct ask *ask, const Assize__Minutes__V1__MinutesDocument *document)
{
    struct buf packed;

    buf_init(&packed, NET_RESPONSE_MAX);
    ask->seq = document->seq;
    if (codec_pack(&document->base, &packed)) {
        refuse(ask, REFUSAL_MINUTES_TOO_LONG);
    } else if (ask->fetch) {
        press_print(ask->papers->press, &packed, on_printed, ask);
    } else {
        net_call_reply(ask->call, packed.data, packed.len);
        free(ask);
    }
    buf_done(&packed);
}

/* A text that was taken once and cannot be read any more is as one that is not there: the minutes
 * then have numbers for titles. */
static const struct procedure *read_procedure(const struct minutes_record *record,
                                              struct procedure *procedure)
{
    char error[PROCEDURE_ERROR_SIZE];

    if (!record->procedure || procedure_read(record->procedure, procedure, error))
        return NULL;
    return procedure;
}

static void on_loaded(void *context, int error, const struct minutes_record *record)
{
    Assize__Minutes__V1__MinutesDocument *document;
    struct ask *ask = context;
    struct procedure *procedure = malloc(sizeof(*procedure));
    struct arena arena;

    if (!procedure)
        abort();
    if (error) {
        refuse(ask, error == -ENOENT   ? REFUSAL_HEARING_UNKNOWN
                    : error == -EAGAIN ? REFUSAL_DATABASE_AWAY
                                       : REFUSAL_INTERNAL);
    } else {
        if (minutes_assemble(record, read_procedure(record, procedure), &arena, &document))
            refuse(ask, REFUSAL_INTERNAL);
        else
            answer(ask, document);
        arena_done(&arena);
    }
    free(procedure);
}

static void on_reader(void *context, enum refusal refusal, const struct reader *reader)
{
    struct ask *ask = context;

    if (refusal) {
        refuse(ask, refusal);
        return;
    }
    /* Who reads what is kept of a hearing is known; of staff by account, not by name. */
    log_info("minutes.read", "hearing=%s participant=%u account=%s pdf=%d", ask->hearing,
             reader->participant, *reader->account ? reader->account : "-", ask->fetch != NULL);
    minutes_store_load(ask->papers->db, ask->hearing, on_loaded, ask);
}

static struct ask *ask_new(struct papers *papers)
{
    struct ask *ask = calloc(1, sizeof(*ask));

    if (!ask)
        abort();
    ask->papers = papers;
    return ask;
}

static bool read_call(struct ask *ask)
{
    struct arena arena;
    size_t len;
    const uint8_t *body = net_call_body(ask->call, &len);

    arena_init(&arena, codec_arena_max(len));
    const Assize__Minutes__V1__DraftRequest *request =
        codec_unpack(&assize__minutes__v1__draft_request__descriptor, &arena, body, len);
    bool good = request && request->hearing &&
                str_copy(ask->hearing, sizeof(ask->hearing), request->hearing) &&
                str_is_uuid(ask->hearing);
    arena_done(&arena);
    return good;
}

bool papers_call(struct papers *papers, struct net_call *call)
{
    if (strcmp(net_call_method(call), DRAFT) != 0)
        return false;
    struct ask *ask = ask_new(papers);
    ask->call = call;
    if (read_call(ask))
        reader_find(papers->identity, papers->staff, net_call_peer(call), ask->hearing, on_reader,
                    ask);
    else
        refuse(ask, REFUSAL_MALFORMED);
    return true;
}

/* /minutes/HEARING.pdf */
static bool read_path(struct ask *ask, const char *path)
{
    path += strlen(FOLDER);
    if (strlen(path) != ID_UUID_SIZE - 1 + strlen(SUFFIX) ||
        strcmp(path + ID_UUID_SIZE - 1, SUFFIX) != 0)
        return false;
    snprintf(ask->hearing, sizeof(ask->hearing), "%.*s", ID_UUID_SIZE - 1, path);
    return str_is_uuid(ask->hearing);
}

bool papers_fetch(struct papers *papers, struct net_fetch *fetch)
{
    const char *path = net_fetch_path(fetch);

    if (strncmp(path, FOLDER, strlen(FOLDER)) != 0)
        return false;
    struct ask *ask = ask_new(papers);
    ask->fetch = fetch;
    if (read_path(ask, path))
        reader_find(papers->identity, papers->staff, net_fetch_peer(fetch), ask->hearing, on_reader,
                    ask);
    else
        refuse(ask, REFUSAL_NOT_FOUND);
    return true;
}
