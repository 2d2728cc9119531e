/* Events of the session as a whole: its status, its record, its doors and its public. */
#include "apply_internal.h"

#include <errno.h>

/* The first phase is before the start. Said by Started itself: hearings of an earlier engine knew
 * no phases. */
enum { SESSION_BEGINS = 2 };

void apply_set_phase(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                     uint32_t phase)
{
    hearing->phase = phase;
    hearing->phase_seq = event->seq;
    hearing->phase_since_ms = event->at_ms;
    hearing->spoken = 0;
}

/* The floor is part of a session: nobody has it, asks for it or shows anything when the session
 * stops.
 */
static int change_status(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                         unsigned from, Assize__Hearing__V1__Status to)
{
    if (!(from & HEARING_BIT(hearing->status)) || hearing->floor_holder ||
        hearing->floor_queue_count || hearing->recording ||
        (hearing->sharer && to != HEARING_STATUS(IN_SESSION)))
        return -EINVAL;
    hearing->status = to;
    hearing->status_seq = event->seq;
    hearing->status_since_ms = event->at_ms;
    return 0;
}

int apply_started(struct hearing *hearing, const Assize__Hearing__V1__Event *event, uint32_t about)
{
    (void)about;
    int error = change_status(hearing, event, STATUS(SCHEDULED), HEARING_STATUS(IN_SESSION));
    if (!error)
        apply_set_phase(hearing, event, SESSION_BEGINS);
    return error;
}

int apply_recessed(struct hearing *hearing, const Assize__Hearing__V1__Event *event, uint32_t about)
{
    (void)about;
    return change_status(hearing, event, STATUS(IN_SESSION), HEARING_STATUS(RECESS));
}

static void end_suspension(struct hearing *hearing)
{
    hearing->suspended_until_ms = 0;
    hearing->reminded_ms = 0;
    hearing->lapsed = false;
}

static void end_pause(struct hearing *hearing)
{
    hearing->paused_by = 0;
    hearing->pause_cause = HEARING_PAUSE(UNSPECIFIED);
}

int apply_resumed(struct hearing *hearing, const Assize__Hearing__V1__Event *event, uint32_t about)
{
    int error =
        change_status(hearing, event, STATUS(RECESS) | STATUS(SUSPENDED) | STATUS(DELIBERATING),
                      HEARING_STATUS(IN_SESSION));

    (void)about;
    if (!error) {
        end_suspension(hearing);
        end_pause(hearing);
    }
    return error;
}

int apply_suspended(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                    uint32_t about)
{
    int error =
        change_status(hearing, event, STATUS(IN_SESSION) | STATUS(RECESS) | STATUS(DELIBERATING),
                      HEARING_STATUS(SUSPENDED));

    (void)about;
    if (!error) {
        hearing->suspended_until_ms = event->suspended->until_ms;
        end_pause(hearing);
    }
    return error;
}

/* The deadline that comes near is the one that was set. */
int apply_reminded(struct hearing *hearing, const Assize__Hearing__V1__Event *event, uint32_t about)
{
    (void)about;
    if (!hearing->suspended_until_ms || hearing->lapsed)
        return -EINVAL;
    hearing->reminded_ms = event->at_ms;
    return 0;
}

int apply_lapsed(struct hearing *hearing, const Assize__Hearing__V1__Event *event, uint32_t about)
{
    (void)event;
    (void)about;
    if (!hearing->suspended_until_ms || hearing->lapsed)
        return -EINVAL;
    hearing->lapsed = true;
    return 0;
}

/* Only a session that goes on is left for deliberation; the phase says so before. */
int apply_deliberation_begun(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                             uint32_t about)
{
    (void)about;
    return change_status(hearing, event, STATUS(IN_SESSION), HEARING_STATUS(DELIBERATING));
}

/* The floor does not pass from one phase to another. */
int apply_phase_entered(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                        uint32_t about)
{
    if (about < SESSION_BEGINS || about > PROCEDURE_PHASES_MAX || hearing->floor_holder ||
        hearing->floor_queue_count ||
        !((STATUS(IN_SESSION) | STATUS(DELIBERATING)) & HEARING_BIT(hearing->status)))
        return -EINVAL;
    apply_set_phase(hearing, event, about);
    return 0;
}

static int end_hearing(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                       unsigned from, Assize__Hearing__V1__Status to)
{
    int error = hearing->gallery_open ? -EINVAL : change_status(hearing, event, from, to);

    if (!error) {
        end_suspension(hearing);
        end_pause(hearing);
    }
    return error;
}

int apply_closed(struct hearing *hearing, const Assize__Hearing__V1__Event *event, uint32_t about)
{
    (void)about;
    return end_hearing(hearing, event, STATUS(IN_SESSION) | STATUS(RECESS) | STATUS(SUSPENDED),
                       HEARING_STATUS(CLOSED));
}

int apply_adjourned(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                    uint32_t about)
{
    (void)about;
    return end_hearing(hearing, event,
                       STATUS(SCHEDULED) | STATUS(IN_SESSION) | STATUS(RECESS) | STATUS(SUSPENDED) |
                           STATUS(DELIBERATING),
                       HEARING_STATUS(ADJOURNED));
}

/* Stands in the minutes and changes nothing: a clock that jumped. */
int apply_fact(struct hearing *hearing, const Assize__Hearing__V1__Event *event, uint32_t about)
{
    (void)hearing;
    (void)event;
    (void)about;
    return 0;
}

/* On only while the session goes on; off before it stops. */
int apply_record_on(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                    uint32_t about)
{
    (void)event;
    (void)about;
    if (hearing->recording || hearing->status != HEARING_STATUS(IN_SESSION))
        return -EINVAL;
    hearing->recording = true;
    return 0;
}

int apply_record_off(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                     uint32_t about)
{
    (void)event;
    (void)about;
    if (!hearing->recording)
        return -EINVAL;
    hearing->recording = false;
    return 0;
}

/* Gaps and heads stand beside the record's files; they change nothing here. */
int apply_record_fact(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                      uint32_t about)
{
    (void)event;
    return hearing_may_be_recorded(hearing, about) ? 0 : -EINVAL;
}

int apply_gallery_opened(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                         uint32_t about)
{
    (void)event;
    (void)about;
    if (hearing->gallery_open || hearing->is_private || hearing_is_over(hearing))
        return -EINVAL;
    hearing->gallery_open = true;
    return 0;
}

int apply_gallery_closed(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                         uint32_t about)
{
    (void)event;
    (void)about;
    if (!hearing->gallery_open)
        return -EINVAL;
    hearing->gallery_open = false;
    return 0;
}

int apply_gallery_delay(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                        uint32_t about)
{
    uint32_t delay_s = event->gallery_delay_set->delay_s;

    (void)about;
    if (delay_s > HEARING_GALLERY_DELAY_MAX_S || delay_s == hearing->gallery_delay_s)
        return -EINVAL;
    hearing->gallery_delay_s = delay_s;
    return 0;
}

int apply_doors(struct hearing *hearing, const Assize__Hearing__V1__Event *event, uint32_t about)
{
    bool shut = event->body_case == HEARING_EVENT(WENT_PRIVATE);

    (void)about;
    if (hearing->is_private == shut || hearing_is_over(hearing))
        return -EINVAL;
    hearing->is_private = shut;
    return 0;
}
