#include "court_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_EVENTS = 64 };

static void forget_oldest(struct court_history *history, size_t number)
{
    for (size_t i = 0; i < number; i++)
        assize__hearing__v1__event__free_unpacked(history->events[i], NULL);
    history->count -= number;
    memmove(history->events, history->events + number, history->count * sizeof(*history->events));
}

void court_history_add(struct court_history *history, Assize__Hearing__V1__Event *event)
{
    if (history->count == (size_t)2 * COURT_HISTORY_MAX)
        forget_oldest(history, COURT_HISTORY_MAX);
    if (history->count == history->cap) {
        history->cap = history->cap ? 2 * history->cap : FIRST_EVENTS;
        history->events = realloc(history->events, history->cap * sizeof(*history->events));
        if (!history->events)
            abort();
    }
    history->events[history->count++] = event;
}

void court_history_clear(struct court_history *history)
{
    for (size_t i = 0; i < history->count; i++)
        assize__hearing__v1__event__free_unpacked(history->events[i], NULL);
    free(history->events);
    *history = (struct court_history){0};
}

size_t court_events_kept(const struct court_hearing *hearing,
                         Assize__Hearing__V1__Event *const **ret_events)
{
    const struct court_history *history = &hearing->history;
    size_t shown = history->count < COURT_HISTORY_MAX ? history->count : COURT_HISTORY_MAX;

    *ret_events = history->events + history->count - shown;
    return shown;
}

int court_events_since(const struct court_hearing *hearing, uint64_t seq,
                       Assize__Hearing__V1__Event *const **ret_events, size_t *ret_count)
{
    Assize__Hearing__V1__Event *const *events;
    size_t shown = court_events_kept(hearing, &events);

    if (seq > hearing->state.seq || hearing->state.seq - seq > shown)
        return -ERANGE;
    *ret_count = (size_t)(hearing->state.seq - seq);
    *ret_events = events + shown - *ret_count;
    return 0;
}
