#include <stdlib.h>
#include <string.h>

#include "server/recording/recording_internal.h"

void recording_summarise(const struct ask *ask, const struct recorded *recorded,
                         Assize__Record__V1__RecordingSummary *summary)
{
    const struct rendering *rendering = render_find(ask->recordings, summary->hearing);

    summary->has_state = true;
    if (rendering && rendering->running)
        summary->state = ASSIZE__RECORD__V1__FILES_STATE__FILES_STATE_MAKING;
    else if (recorded->made)
        summary->state = ASSIZE__RECORD__V1__FILES_STATE__FILES_STATE_READY;
    else if (!recorded->on_record)
        summary->state = ASSIZE__RECORD__V1__FILES_STATE__FILES_STATE_NO_RECORD;
    else if (recorded->damaged || (rendering && *rendering->why))
        summary->state = ASSIZE__RECORD__V1__FILES_STATE__FILES_STATE_FAILED;
    else
        summary->state = ASSIZE__RECORD__V1__FILES_STATE__FILES_STATE_NOT_MADE;
    summary->has_duration_ms = recorded->made;
    summary->duration_ms = recorded->duration_ms;
}

static void look_at_all(struct ask *ask)
{
    for (size_t i = 0; i < ask->list.n_recordings; i++)
        index_read(ask->recordings->record, ask->recordings->files,
                   ask->list.recordings[i]->hearing, false, &ask->arena, &ask->all[i]);
}

static void reply_list(struct ask *ask)
{
    for (size_t i = 0; i < ask->list.n_recordings; i++)
        recording_summarise(ask, &ask->all[i], ask->list.recordings[i]);
    ask_reply(ask, &ask->list.base);
}

static char *copy(struct ask *ask, const char *text)
{
    char *made = arena_copy(&ask->arena, text, strlen(text));

    if (!made)
        abort(); /* a list of names is far below the arena's cap */
    return made;
}

static void on_list(void *context, int error, const Assize__Record__V1__ListResponse *list)
{
    struct ask *ask = context;

    if (error) {
        ask_refuse(ask, REFUSAL_DATABASE_AWAY);
        return;
    }
    size_t count = list->n_recordings;
    Assize__Record__V1__RecordingSummary *items =
        arena_alloc(&ask->arena, count * sizeof(*items) + 1);
    ask->all = arena_alloc(&ask->arena, count * sizeof(*ask->all) + 1);
    ask->list = *list;
    ask->list.recordings = arena_alloc(&ask->arena, count * sizeof(*ask->list.recordings) + 1);
    if (!items || !ask->all || !ask->list.recordings)
        abort();
    for (size_t i = 0; i < count; i++) {
        items[i] = *list->recordings[i];
        items[i].hearing = copy(ask, items[i].hearing);
        items[i].case_number = copy(ask, items[i].case_number);
        items[i].title = copy(ask, items[i].title);
        items[i].court = copy(ask, items[i].court);
        ask->list.recordings[i] = &items[i];
    }
    ask_disk(ask, look_at_all, reply_list);
}

void recording_list(struct ask *ask)
{
    recording_store_list(ask->recordings->db, *ask->who.hearing ? ask->who.hearing : NULL, on_list,
                         ask);
}
