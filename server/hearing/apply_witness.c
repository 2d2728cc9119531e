/* Witnesses and experts on their way to the stand, and who is cut off meanwhile. */
#include "apply_internal.h"

#include <errno.h>

static void set_witness(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                        uint32_t witness)
{
    hearing->witness = witness;
    hearing->witness_seq = event->seq;
}

int apply_witness_called(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                         uint32_t about)
{
    if (!hearing_is_inside(hearing, about) || hearing->witness ||
        hearing->status != HEARING_STATUS(IN_SESSION))
        return -EINVAL;
    apply_participant_of(hearing, about)->stand =
        event->witness_called->testifies ? HEARING_STAND(TESTIFYING) : HEARING_STAND(CALLED);
    set_witness(hearing, event, about);
    return 0;
}

/* A step forward of the person on the stand, or of one who undertakes without it. */
static int step(struct hearing *hearing, const Assize__Hearing__V1__Event *event, uint32_t about,
                Assize__Hearing__V1__Stand from, Assize__Hearing__V1__Stand to)
{
    struct hearing_participant *who = apply_participant_of(hearing, about);

    if (!who || who->stand != from)
        return -EINVAL;
    who->stand = to;
    if (hearing->witness == about)
        set_witness(hearing, event, about);
    return 0;
}

int apply_undertaking_asked(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                            uint32_t about)
{
    bool called = about && hearing->witness == about;

    return step(hearing, event, about, called ? HEARING_STAND(CALLED) : HEARING_STAND(UNSPECIFIED),
                HEARING_STAND(UNDERTAKING));
}

int apply_undertaking_given(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                            uint32_t about)
{
    bool called = about && hearing->witness == about;
    int error = step(hearing, event, about, HEARING_STAND(UNDERTAKING),
                     called ? HEARING_STAND(TESTIFYING) : HEARING_STAND(UNSPECIFIED));

    if (!error)
        apply_participant_of(hearing, about)->sworn = true;
    return error;
}

/* Who has the floor gives it back first. */
int apply_witness_released(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                           uint32_t about)
{
    if (!about || hearing->witness != about || hearing->floor_holder == about)
        return -EINVAL;
    apply_participant_of(hearing, about)->stand = HEARING_STAND(HEARD);
    set_witness(hearing, event, 0);
    return 0;
}

/* Kept apart until called, also who was heard before. */
int apply_sequestered(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                      uint32_t about)
{
    const unsigned from =
        HEARING_BIT(HEARING_STANDING(WAITING)) | HEARING_BIT(HEARING_STANDING(IN_HEARING));
    int error = apply_standing(hearing, event, about, from, HEARING_STANDING(SEQUESTERED));

    if (error)
        return error;
    apply_participant_of(hearing, about)->stand = HEARING_STAND(UNSPECIFIED);
    apply_participant_of(hearing, about)->kept_apart = true;
    if (hearing->witness == about)
        set_witness(hearing, event, 0);
    return 0;
}

int apply_cut_off(struct hearing *hearing, const Assize__Hearing__V1__Event *event, uint32_t about)
{
    struct hearing_participant *who = apply_participant_of(hearing, about);

    if (!hearing_is_inside(hearing, about) || who->cut_off || !hearing->witness ||
        hearing->witness == about || hearing->floor_holder == about ||
        hearing_is_queued(hearing, about) || hearing->sharer_participant == about)
        return -EINVAL;
    who->cut_off = true;
    who->standing_seq = event->seq;
    return 0;
}

int apply_brought_back(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                       uint32_t about)
{
    struct hearing_participant *who = apply_participant_of(hearing, about);

    if (!who || !who->cut_off)
        return -EINVAL;
    who->cut_off = false;
    who->summary_due = true;
    who->standing_seq = event->seq;
    return 0;
}

int apply_summary_told(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                       uint32_t about)
{
    struct hearing_participant *who = apply_participant_of(hearing, about);

    (void)event;
    if (!hearing_is_inside(hearing, about) || !who->summary_due || who->cut_off)
        return -EINVAL;
    who->summary_due = false;
    return 0;
}
