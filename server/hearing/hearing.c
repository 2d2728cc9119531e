#include "hearing_internal.h"

#include <string.h>

void hearing_init(struct hearing *hearing, const struct procedure *procedure)
{
    *hearing = (struct hearing){.procedure = procedure};
}

const struct procedure *hearing_procedure(const struct hearing *hearing)
{
    static const struct procedure NOTHING_MAY_BE = {.phase_count = 1};

    return hearing->procedure ? hearing->procedure : &NOTHING_MAY_BE;
}

const struct procedure_phase *hearing_phase(const struct hearing *hearing)
{
    const struct procedure *procedure = hearing_procedure(hearing);
    const struct procedure_phase *phase = procedure_phase(procedure, hearing->phase);

    return phase ? phase : &procedure->phases[0];
}

bool hearing_is_over(const struct hearing *hearing)
{
    return hearing->status == HEARING_STATUS(CLOSED) ||
           hearing->status == HEARING_STATUS(ADJOURNED);
}

const struct hearing_participant *hearing_participant(const struct hearing *hearing, uint32_t id)
{
    return id && id <= hearing->participant_count ? &hearing->participants[id - 1] : NULL;
}

const struct hearing_endpoint *hearing_endpoint(const struct hearing *hearing, uint32_t id)
{
    return id && id <= hearing->endpoint_count ? &hearing->endpoints[id - 1] : NULL;
}

const struct hearing_site *hearing_site(const struct hearing *hearing, uint32_t id)
{
    return id && id <= hearing->site_count ? &hearing->sites[id - 1] : NULL;
}

bool hearing_sits_at(const struct hearing_participant *participant, uint32_t endpoint)
{
    return endpoint && (participant->endpoint == endpoint || participant->companion == endpoint);
}

uint32_t hearing_waiting_position(const struct hearing *hearing, uint32_t participant)
{
    const struct hearing_participant *who = hearing_participant(hearing, participant);
    uint32_t position = 1;

    if (!who || who->standing != HEARING_STANDING(WAITING))
        return 0;
    for (uint32_t i = 0; i < hearing->participant_count; i++) {
        const struct hearing_participant *other = &hearing->participants[i];
        if (other->standing == HEARING_STANDING(WAITING) && other->standing_seq < who->standing_seq)
            position++;
    }
    return position;
}

bool hearing_is_checked_in(const struct hearing_participant *participant)
{
    return participant->standing == HEARING_STANDING(WAITING) ||
           participant->standing == HEARING_STANDING(SEQUESTERED) ||
           participant->standing == HEARING_STANDING(IN_HEARING);
}

uint32_t hearing_checked_in_at(const struct hearing *hearing, uint32_t endpoint)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < hearing->participant_count; i++) {
        const struct hearing_participant *occupant = &hearing->participants[i];
        if (occupant->endpoint == endpoint && hearing_is_checked_in(occupant))
            count++;
    }
    return count;
}

bool hearing_anyone_inside(const struct hearing *hearing, uint32_t endpoint)
{
    for (uint32_t i = 0; i < hearing->participant_count; i++) {
        const struct hearing_participant *occupant = &hearing->participants[i];
        if (occupant->endpoint == endpoint && occupant->standing == HEARING_STANDING(IN_HEARING))
            return true;
    }
    return false;
}

bool hearing_endpoint_is_court(const struct hearing *hearing, uint32_t endpoint)
{
    for (uint32_t i = 0; i < hearing->participant_count; i++) {
        const struct hearing_participant *occupant = &hearing->participants[i];
        if (occupant->endpoint == endpoint && hearing_role_is_court(occupant->role))
            return true;
    }
    return false;
}

bool hearing_is_of_roles(const struct hearing *hearing, uint32_t endpoint, uint32_t roles)
{
    bool someone = false;

    for (uint32_t i = 0; i < hearing->participant_count; i++) {
        const struct hearing_participant *person = &hearing->participants[i];
        if (person->endpoint != endpoint)
            continue;
        if (!(roles & HEARING_BIT(person->role)) || hearing_role_is_court(person->role))
            return false;
        someone = true;
    }
    return someone;
}

bool hearing_may_be_recorded(const struct hearing *hearing, uint32_t endpoint)
{
    return endpoint == 0 || hearing_endpoint_sends(hearing, endpoint);
}

bool hearing_has_floor(const struct hearing *hearing, uint32_t endpoint)
{
    const struct hearing_participant *holder = hearing_participant(hearing, hearing->floor_holder);

    return holder && holder->endpoint == endpoint;
}

bool hearing_is_queued(const struct hearing *hearing, uint32_t participant)
{
    for (uint32_t i = 0; i < hearing->floor_queue_count; i++) {
        if (hearing->floor_queue[i] == participant)
            return true;
    }
    return false;
}

/* Every body has the id of whom or what it is about in field 1, or is not about anyone. */
uint32_t hearing_event_subject(const Assize__Hearing__V1__Event *event)
{
    const ProtobufCFieldDescriptor *arm =
        protobuf_c_message_descriptor_get_field(event->base.descriptor, event->body_case);
    uint32_t id = 0;

    if (!arm)
        return 0;
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(arm->descriptor, 1);
    if (field && field->type == PROTOBUF_C_TYPE_UINT32)
        memcpy(&id, (const char *)event->opened + field->offset, sizeof(id));
    return id;
}

bool hearing_pause_is_by_people(Assize__Hearing__V1__PauseCause cause)
{
    return cause == HEARING_PAUSE(LEFT) || cause == HEARING_PAUSE(SENT_BACK);
}
