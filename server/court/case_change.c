/* What the events of a hearing mean for its case, in the form that leaves the court. */
#include "court_internal.h"

#include <stdlib.h>

#include "assize/exchange/v1/exchange.pb-c.h"
#include "proto/codec.h"

struct meaning {
    Assize__Hearing__V1__Event__BodyCase event;
    const char *status; /* a word of court_case.status */
    Assize__Exchange__V1__CaseStatus code;
};

/* A session that goes on after a suspension, or is to be held another day, is scheduled. */
static const struct meaning MEANINGS[] = {
    {HEARING_EVENT(CLOSED), "tried", ASSIZE__EXCHANGE__V1__CASE_STATUS__CASE_STATUS_TRIED},
    {HEARING_EVENT(SUSPENDED), "suspended",
     ASSIZE__EXCHANGE__V1__CASE_STATUS__CASE_STATUS_SUSPENDED},
    {HEARING_EVENT(RESUMED), "scheduled", ASSIZE__EXCHANGE__V1__CASE_STATUS__CASE_STATUS_SCHEDULED},
    {HEARING_EVENT(ADJOURNED), "scheduled",
     ASSIZE__EXCHANGE__V1__CASE_STATUS__CASE_STATUS_SCHEDULED},
};

static const struct meaning *meaning_of(const struct court_hearing *hearing,
                                        const Assize__Hearing__V1__Event *event)
{
    for (size_t i = 0; i < sizeof(MEANINGS) / sizeof(*MEANINGS); i++) {
        if (MEANINGS[i].event != event->body_case)
            continue;
        bool goes_on = event->body_case == HEARING_EVENT(RESUMED) &&
                       hearing->state.status != HEARING_STATUS(SUSPENDED);
        return goes_on ? NULL : &MEANINGS[i];
    }
    return NULL;
}

bool court_case_change(struct court_hearing *hearing, const struct hearing_events *events,
                       struct buf *payload, struct hearing_case_change *ret_change)
{
    Assize__Exchange__V1__CaseChange message = ASSIZE__EXCHANGE__V1__CASE_CHANGE__INIT;
    const struct meaning *meaning = NULL;
    uint32_t i = 0;

    while (i < events->count && !(meaning = meaning_of(hearing, events->items[i])))
        i++;
    if (!meaning)
        return false;
    message.case_number = hearing->record.case_number;
    message.court = hearing->record.court;
    message.hearing = hearing->id;
    message.procedure = hearing->record.procedure;
    message.has_status = message.has_at_ms = true;
    message.status = meaning->code;
    message.at_ms = events->items[i]->at_ms;
    if (codec_pack(&message.base, payload))
        abort();
    *ret_change = (struct hearing_case_change){
        .status = meaning->status, .payload = payload->data, .len = payload->len};
    id_uuid(ret_change->change_id);
    return true;
}
