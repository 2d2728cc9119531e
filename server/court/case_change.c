/* What the events of a hearing mean for its case, in the form that leaves the court. */
#include "court_internal.h"

#include <stdlib.h>

#include "assize/exchange/v1/exchange.pb-c.h"
#include "proto/codec.h"

static const Assize__Hearing__V1__Event *find_closed(const struct hearing_events *events)
{
    for (uint32_t i = 0; i < events->count; i++) {
        if (events->items[i]->body_case == ASSIZE__HEARING__V1__EVENT__BODY_CLOSED)
            return events->items[i];
    }
    return NULL;
}

bool court_case_change(struct court_hearing *hearing, const struct hearing_events *events,
                       struct buf *payload, struct hearing_case_change *ret_change)
{
    Assize__Exchange__V1__CaseChange message = ASSIZE__EXCHANGE__V1__CASE_CHANGE__INIT;
    const Assize__Hearing__V1__Event *closed = find_closed(events);

    if (!closed)
        return false;
    message.case_number = hearing->record.case_number;
    message.court = hearing->record.court;
    message.hearing = hearing->id;
    message.procedure = hearing->record.procedure;
    message.has_status = message.has_at_ms = true;
    message.status = ASSIZE__EXCHANGE__V1__CASE_STATUS__CASE_STATUS_TRIED;
    message.at_ms = closed->at_ms;
    if (codec_pack(&message.base, payload))
        abort();
    *ret_change = (struct hearing_case_change){
        .status = "tried", .payload = payload->data, .len = payload->len};
    id_uuid(ret_change->change_id);
    return true;
}
