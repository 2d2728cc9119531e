#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "server/recording/recording_internal.h"

static void on_logged(void *context, int error)
{
    Assize__Record__V1__OpenResponse opened = ASSIZE__RECORD__V1__OPEN_RESPONSE__INIT;
    struct ask *ask = context;
    char token[ID_TOKEN_SIZE];

    if (error) {
        ask_refuse(ask, REFUSAL_DATABASE_AWAY); /* what is not logged is not shown */
        return;
    }
    ticket_make(ask, token);
    opened.ticket = token;
    opened.has_expires_ms = true;
    opened.expires_ms = clock_wall_ms() + RECORDING_TICKET_MS;
    ask_reply(ask, &opened.base);
}

static bool has_file(const struct ask *ask)
{
    for (size_t i = 0; i < ask->recorded.file_count; i++) {
        if (strcmp(ask->recorded.files[i]->name, ask->file) == 0)
            return true;
    }
    return false;
}

static void log_view(struct ask *ask)
{
    const struct rendering *rendering = render_find(ask->recordings, ask->hearing);
    const struct recording_view view = {
        .hearing = ask->hearing,
        .participant = ask->who.participant,
        .account = ask->who.account,
        .kind = ask->kind,
        .file = *ask->file ? ask->file : NULL,
        .reason = ask->reason,
        .note = ask->note,
    };

    if (!ask->recorded.made || (rendering && rendering->running))
        ask_refuse(ask, REFUSAL_FILES_NOT_READY);
    else if (*ask->file && !has_file(ask))
        ask_refuse(ask, REFUSAL_FILE_UNKNOWN);
    else
        recording_store_view(ask->recordings->db, &view, on_logged, ask);
}

/* To watch is for all files of the hearing, to download is for one. */
static bool is_whole(const struct ask *ask)
{
    if (ask->kind == ASSIZE__RECORD__V1__VIEW_KIND__VIEW_KIND_DOWNLOAD)
        return *ask->file;
    return ask->kind == ASSIZE__RECORD__V1__VIEW_KIND__VIEW_KIND_WATCH && !*ask->file;
}

static bool has_reason(const struct ask *ask)
{
    if (ask->reason == ASSIZE__RECORD__V1__VIEW_REASON__VIEW_REASON_OTHER)
        return strspn(ask->note, " \t\r\n") < strlen(ask->note);
    return ask->reason != ASSIZE__RECORD__V1__VIEW_REASON__VIEW_REASON_UNSPECIFIED &&
           protobuf_c_enum_descriptor_get_value(&assize__record__v1__view_reason__descriptor,
                                                ask->reason);
}

void recording_open(struct ask *ask)
{
    if (!is_whole(ask))
        ask_refuse(ask, REFUSAL_MALFORMED);
    else if (!has_reason(ask))
        ask_refuse(ask, REFUSAL_REASON_MISSING);
    else
        ask_index(ask, log_view);
}

/* ---- who has seen it ---- */

static void on_views(void *context, int error, const Assize__Record__V1__ViewsResponse *views)
{
    if (error)
        ask_refuse(context, REFUSAL_DATABASE_AWAY);
    else
        ask_reply(context, &views->base);
}

void recording_views(struct ask *ask)
{
    recording_store_views(ask->recordings->db, ask->hearing, on_views, ask);
}
