#include "server/recording/recording.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"
#include "proto/codec.h"
#include "server/recording/recording_internal.h"

#define SERVICE "assize.record.v1.RecordingService/"

enum { ANSWER_MEMORY_MAX = 16 << 20 };

struct recordings *recordings_new(const struct recordings_options *options)
{
    struct recordings *recordings = calloc(1, sizeof(*recordings));

    if (!recordings)
        abort();
    recordings->loop = options->loop;
    recordings->db = options->db;
    recordings->identity = options->identity;
    recordings->staff = options->staff;
    recordings->ops = options->ops;
    recordings->context = options->context;
    str_copy(recordings->record, sizeof(recordings->record), options->record);
    str_copy(recordings->files, sizeof(recordings->files), options->files);
    return recordings;
}

static void free_all(struct recordings *recordings)
{
    tickets_free(recordings);
    checks_free(recordings);
    renders_free(recordings);
    free(recordings);
}

void recordings_free(struct recordings *recordings)
{
    if (!recordings)
        return;
    recordings->closing = true;
    if (!recordings->jobs)
        free_all(recordings);
}

bool recordings_job_ended(struct recordings *recordings)
{
    bool closing = recordings->closing;

    if (!--recordings->jobs && closing)
        free_all(recordings);
    return closing;
}

/* ---- a question ---- */

struct ask *ask_new(struct recordings *recordings)
{
    struct ask *ask = calloc(1, sizeof(*ask));

    if (!ask)
        abort();
    ask->recordings = recordings;
    ask->fd = -1;
    arena_init(&ask->arena, ANSWER_MEMORY_MAX);
    return ask;
}

static void on_reader(void *context, enum refusal refusal, const struct reader *reader)
{
    struct ask *ask = context;

    if (refusal) {
        ask_refuse(ask, refusal);
        return;
    }
    ask->who = *reader;
    ask->allowed(ask);
}

void ask_begin(struct ask *ask, const struct net_peer *peer)
{
    struct recordings *recordings = ask->recordings;

    reader_find(recordings->identity, recordings->staff, peer, ask->hearing, on_reader, ask);
}

void ask_free(struct ask *ask)
{
    if (ask->fd >= 0)
        close(ask->fd);
    arena_done(&ask->arena);
    free(ask->note);
    free(ask);
}

void ask_refuse(struct ask *ask, enum refusal refusal)
{
    if (ask->call)
        net_call_refuse(ask->call, refusal);
    else if (ask->fetch)
        net_fetch_refuse(ask->fetch, refusal);
    ask_free(ask);
}

void ask_reply(struct ask *ask, const ProtobufCMessage *message)
{
    struct buf packed;

    buf_init(&packed, NET_RESPONSE_MAX);
    if (codec_pack(message, &packed))
        net_call_refuse(ask->call, REFUSAL_INTERNAL);
    else
        net_call_reply(ask->call, packed.data, packed.len);
    buf_done(&packed);
    ask_free(ask);
}

static void on_work(uv_work_t *work)
{
    struct ask *ask = work->data;

    ask->in_thread(ask);
}

static void on_worked(uv_work_t *work, int status)
{
    struct ask *ask = work->data;

    /* While the server ends there is no database to go on with. */
    if (recordings_job_ended(ask->recordings) || status)
        ask_refuse(ask, REFUSAL_DRAINING);
    else
        ask->done(ask);
}

void ask_disk(struct ask *ask, void (*in_thread)(struct ask *ask), void (*done)(struct ask *ask))
{
    struct recordings *recordings = ask->recordings;

    if (recordings->jobs >= RECORDING_JOBS_MAX) {
        ask_refuse(ask, REFUSAL_BUSY);
        return;
    }
    recordings->jobs++;
    ask->work.data = ask;
    ask->in_thread = in_thread;
    ask->done = done;
    if (uv_queue_work(recordings->loop, &ask->work, on_work, on_worked))
        abort(); /* it only refuses bad arguments */
}

static void read_index(struct ask *ask)
{
    index_read(ask->recordings->record, ask->recordings->files, ask->hearing, true, &ask->arena,
               &ask->recorded);
}

void ask_index(struct ask *ask, void (*done)(struct ask *ask))
{
    ask_disk(ask, read_index, done);
}

/* ---- calls ---- */

/* All requests have their hearing in field 1, and are read by one type per method. */
static bool read_open(struct ask *ask, const Assize__Record__V1__OpenRequest *request)
{
    ask->kind = request->kind;
    ask->reason = request->reason;
    if (request->file && !str_copy(ask->file, sizeof(ask->file), request->file))
        return false;
    return !str_nfc(request->note ? request->note : "", RECORDING_NOTE_MAX, &ask->note) &&
           str_copy(ask->hearing, sizeof(ask->hearing), request->hearing ? request->hearing : "");
}

static bool read_levels(struct ask *ask, const Assize__Record__V1__LevelsRequest *request)
{
    return str_copy(ask->file, sizeof(ask->file), request->file ? request->file : "") &&
           str_copy(ask->hearing, sizeof(ask->hearing), request->hearing ? request->hearing : "");
}

static bool read_hearing(struct ask *ask, const Assize__Record__V1__GetRequest *request)
{
    return str_copy(ask->hearing, sizeof(ask->hearing), request->hearing ? request->hearing : "");
}

/* Get, Render and Views ask with the same field, so with the same bytes. */
static bool read_request(struct ask *ask, const char *method)
{
    const ProtobufCMessageDescriptor *type = &assize__record__v1__get_request__descriptor;
    struct arena arena;
    size_t len;
    const uint8_t *body = net_call_body(ask->call, &len);

    if (strcmp(method, "Open") == 0)
        type = &assize__record__v1__open_request__descriptor;
    else if (strcmp(method, "Levels") == 0)
        type = &assize__record__v1__levels_request__descriptor;
    arena_init(&arena, codec_arena_max(len));
    const void *request = codec_unpack(type, &arena, body, len);
    bool good = request;
    if (good && strcmp(method, "Open") == 0)
        good = read_open(ask, request);
    else if (good && strcmp(method, "Levels") == 0)
        good = read_levels(ask, request);
    else if (good)
        good = read_hearing(ask, request);
    arena_done(&arena);
    return good;
}

static void (*find_method(const char *name))(struct ask *ask)
{
    static const struct {
        const char *name;
        void (*method)(struct ask *ask);
    } methods[] = {
        {"List", recording_list},     {"Get", recording_get},   {"Levels", recording_levels},
        {"Render", recording_render}, {"Open", recording_open}, {"Views", recording_views},
    };

    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        if (strcmp(methods[i].name, name) == 0)
            return methods[i].method;
    }
    return NULL;
}

bool recordings_call(struct recordings *recordings, struct net_call *call)
{
    const char *method = net_call_method(call);

    if (strncmp(method, SERVICE, strlen(SERVICE)) != 0)
        return false;
    method += strlen(SERVICE);
    struct ask *ask = ask_new(recordings);
    bool list = strcmp(method, "List") == 0;
    ask->call = call;
    ask->allowed = find_method(method);
    if (!ask->allowed)
        ask_refuse(ask, REFUSAL_NOT_FOUND);
    else if (!list && (!read_request(ask, method) || !str_is_uuid(ask->hearing)))
        ask_refuse(ask, REFUSAL_MALFORMED);
    else
        ask_begin(ask, net_call_peer(call));
    return true;
}
