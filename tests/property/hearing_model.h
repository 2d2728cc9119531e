/* What the events of a hearing say, read without the engine. Header only: each property is one
 * file. */
#ifndef ASSIZE_TESTS_PROPERTY_HEARING_MODEL_H
#define ASSIZE_TESTS_PROPERTY_HEARING_MODEL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "server/hearing/hearing.h"
#include "server/hearing/names.h"

struct model {
    bool flows; /* the status lets media flow */
    bool in_session;
    bool recording;
    bool gallery;
    bool doors_shut;
    uint32_t delay_s;
    bool inside[HEARING_PARTICIPANTS_MAX + 1];
    bool cut_off[HEARING_PARTICIPANTS_MAX + 1];
    /* 1: the second does not see the first, 2: nor hear; and the other way round */
    uint8_t screened[HEARING_PARTICIPANTS_MAX + 1][HEARING_PARTICIPANTS_MAX + 1];
    uint32_t witness;
    uint32_t sharer; /* endpoint */
    bool muted[HEARING_ENDPOINTS_MAX + 1];
    uint32_t queue[HEARING_PARTICIPANTS_MAX + 1];
    uint32_t queued;
    uint32_t holder;
    uint64_t seq;
    int64_t at_ms;
};

static inline void unqueue(struct model *model, uint32_t who)
{
    for (uint32_t i = 0; i < model->queued; i++) {
        if (model->queue[i] == who) {
            memmove(&model->queue[i], &model->queue[i + 1],
                    (model->queued - i - 1) * sizeof(*model->queue));
            model->queued--;
            return;
        }
    }
}

static inline void model_status(struct model *model, const Assize__Hearing__V1__Event *event)
{
    if (event->body_case == HEARING_EVENT(OPENED)) {
        model->flows = true;
    } else if (event->body_case == HEARING_EVENT(STARTED) ||
               event->body_case == HEARING_EVENT(RESUMED)) {
        model->flows = model->in_session = true;
    } else if (event->body_case == HEARING_EVENT(RECESSED) ||
               event->body_case == HEARING_EVENT(SUSPENDED) ||
               event->body_case == HEARING_EVENT(ADJOURNED) ||
               event->body_case == HEARING_EVENT(DELIBERATION_BEGUN) ||
               event->body_case == HEARING_EVENT(CLOSED)) {
        model->flows = model->in_session = false;
    } else if (event->body_case == HEARING_EVENT(RECORD_ON)) {
        model->recording = true;
    } else if (event->body_case == HEARING_EVENT(RECORD_OFF)) {
        model->recording = false;
    }
}

static inline void model_public(struct model *model, const Assize__Hearing__V1__Event *event)
{
    if (event->body_case == HEARING_EVENT(GALLERY_OPENED))
        model->gallery = true;
    else if (event->body_case == HEARING_EVENT(GALLERY_CLOSED))
        model->gallery = false;
    else if (event->body_case == HEARING_EVENT(GALLERY_DELAY_SET))
        model->delay_s = event->gallery_delay_set->delay_s;
    else if (event->body_case == HEARING_EVENT(WENT_PRIVATE))
        model->doors_shut = true;
    else if (event->body_case == HEARING_EVENT(WENT_PUBLIC))
        model->doors_shut = false;
}

static inline void model_people(struct model *model, const Assize__Hearing__V1__Event *event)
{
    if (event->body_case == HEARING_EVENT(ADMITTED))
        model->inside[event->admitted->participant] = true;
    else if (event->body_case == HEARING_EVENT(SENT_BACK))
        model->inside[event->sent_back->participant] = false;
    else if (event->body_case == HEARING_EVENT(LEFT))
        model->inside[event->left->participant] = false;
    else if (event->body_case == HEARING_EVENT(SEQUESTERED))
        model->inside[event->sequestered->participant] = false;
    else if (event->body_case == HEARING_EVENT(MUTED))
        model->muted[event->muted->endpoint] = true;
    else if (event->body_case == HEARING_EVENT(UNMUTED))
        model->muted[event->unmuted->endpoint] = false;
}

static inline void model_floor(struct model *model, const Assize__Hearing__V1__Event *event)
{
    if (event->body_case == HEARING_EVENT(HAND_RAISED)) {
        model->queue[model->queued++] = event->hand_raised->participant;
    } else if (event->body_case == HEARING_EVENT(HAND_LOWERED)) {
        unqueue(model, event->hand_lowered->participant);
    } else if (event->body_case == HEARING_EVENT(FLOOR_GRANTED)) {
        model->holder = event->floor_granted->participant;
        unqueue(model, model->holder);
    } else if (event->body_case == HEARING_EVENT(FLOOR_TAKEN_BACK)) {
        model->holder = 0;
    }
}

static inline void model_stand(struct model *model, const Assize__Hearing__V1__Event *event)
{
    uint32_t who = event->admitted->participant; /* field 1 lies at the same place in all of them */

    if (event->body_case == HEARING_EVENT(WITNESS_CALLED))
        model->witness = who;
    else if (event->body_case == HEARING_EVENT(WITNESS_RELEASED))
        model->witness = 0;
    else if ((event->body_case == HEARING_EVENT(SEQUESTERED) ||
              event->body_case == HEARING_EVENT(PERSON_REPLACED)) &&
             model->witness == who)
        model->witness = 0;
    else if (event->body_case == HEARING_EVENT(CUT_OFF))
        model->cut_off[who] = true;
    else if (event->body_case == HEARING_EVENT(BROUGHT_BACK))
        model->cut_off[who] = false;
}

static inline void model_pictures(struct model *model, const Assize__Hearing__V1__Event *event)
{
    if (event->body_case == HEARING_EVENT(SCREENED))
        model->screened[event->screened->participant][event->screened->from] =
            event->screened->sound ? 2 : 1;
    else if (event->body_case == HEARING_EVENT(UNSCREENED))
        model->screened[event->unscreened->participant][event->unscreened->from] = 0;
    else if (event->body_case == HEARING_EVENT(SHARE_STARTED))
        model->sharer = event->share_started->endpoint;
    else if (event->body_case == HEARING_EVENT(SHARE_STOPPED))
        model->sharer = 0;
}

static inline void model_apply(struct model *model, const Assize__Hearing__V1__Event *event)
{
    assert_int_equal(event->seq, model->seq + 1);
    assert_true(event->at_ms >= model->at_ms);
    model->seq = event->seq;
    model->at_ms = event->at_ms;
    model_status(model, event);
    model_people(model, event);
    model_floor(model, event);
    model_public(model, event);
    model_stand(model, event);
    model_pictures(model, event);
}

#endif
