/* Events of microphones, hands and the floor. */
#include "apply_internal.h"

#include <errno.h>

int apply_muted(struct hearing *hearing, const Assize__Hearing__V1__Event *event, uint32_t about)
{
    struct hearing_endpoint *microphone = apply_microphone_of(hearing, about);
    bool locks = event->muted->locked;

    if (!microphone || (microphone->muted && (microphone->mute_locked || !locks)))
        return -EINVAL;
    microphone->muted = true;
    microphone->mute_locked = locks;
    return 0;
}

/* Said to a muted microphone without a lock, it is an invitation. */
int apply_mute_unlocked(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                        uint32_t about)
{
    struct hearing_endpoint *microphone = apply_microphone_of(hearing, about);

    (void)event;
    if (!microphone || !microphone->muted)
        return -EINVAL;
    microphone->mute_locked = false;
    return 0;
}

int apply_unmuted(struct hearing *hearing, const Assize__Hearing__V1__Event *event, uint32_t about)
{
    struct hearing_endpoint *microphone = apply_microphone_of(hearing, about);

    (void)event;
    if (!microphone || !microphone->muted || microphone->mute_locked)
        return -EINVAL;
    microphone->muted = false;
    return 0;
}

static bool may_have_floor(const struct hearing *hearing, uint32_t participant)
{
    return hearing->status == HEARING_STATUS(IN_SESSION) &&
           hearing_is_inside(hearing, participant) && hearing->floor_holder != participant;
}

int apply_hand_raised(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                      uint32_t about)
{
    uint32_t place = hearing->floor_queue_count;

    if (!may_have_floor(hearing, about) || hearing_is_queued(hearing, about) ||
        place == HEARING_FLOOR_QUEUE_MAX)
        return -EINVAL;
    hearing->floor_queue[place] = about;
    hearing->floor_asked_ms[place] = event->at_ms;
    hearing->floor_queue_count++;
    return 0;
}

/* Takes the participant out; those behind move up in their order. */
static void leave_queue(struct hearing *hearing, uint32_t participant)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < hearing->floor_queue_count; i++) {
        if (hearing->floor_queue[i] == participant)
            continue;
        hearing->floor_queue[kept] = hearing->floor_queue[i];
        hearing->floor_asked_ms[kept++] = hearing->floor_asked_ms[i];
    }
    for (uint32_t i = kept; i < hearing->floor_queue_count; i++)
        hearing->floor_asked_ms[i] = hearing->floor_queue[i] = 0;
    hearing->floor_queue_count = kept;
}

int apply_hand_lowered(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                       uint32_t about)
{
    (void)event;
    if (!hearing_is_queued(hearing, about))
        return -EINVAL;
    leave_queue(hearing, about);
    return 0;
}

void apply_set_floor(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                     uint32_t holder)
{
    hearing->floor_holder = holder;
    hearing->floor_seq = event->seq;
    hearing->floor_since_ms = event->at_ms;
}

/* A granted floor answers the raised hand. */
int apply_floor_granted(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                        uint32_t about)
{
    if (!may_have_floor(hearing, about) || hearing->floor_holder)
        return -EINVAL;
    leave_queue(hearing, about);
    apply_set_floor(hearing, event, about);
    hearing->spoken |= UINT64_C(1) << (about - 1);
    return 0;
}

int apply_floor_taken_back(struct hearing *hearing, const Assize__Hearing__V1__Event *event,
                           uint32_t about)
{
    if (!about || hearing->floor_holder != about)
        return -EINVAL;
    apply_set_floor(hearing, event, 0);
    return 0;
}
