/*
 * What somebody who looks after the hearings has to see. Computed twice a second from what is, and
 * compared with what was told, so that nothing is forgotten when a callback was, or the server
 * started anew.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "server/hearing/names.h"
#include "server/session/session_internal.h"

static void tell(const struct room *room, enum session_alert_kind kind, uint32_t participant,
                 const char *words, bool over)
{
    const struct sessions_options *options = &room->sessions->options;
    const struct hearing *state = court_state(room->hearing);
    const struct hearing_participant *who = hearing_participant(state, participant);
    const struct session_alert alert = {
        .hearing = court_hearing_id(room->hearing),
        .kind = kind,
        .participant = participant,
        .site = who ? hearing_endpoint(state, who->endpoint)->site : 0,
        .words = words,
        .over = over,
    };

    if (options->alert)
        options->alert(options->alert_context, &alert);
}

/* Bit participant - 1 for each person whose own device lost its link. */
static uint64_t lost_links(const struct hearing *state)
{
    uint64_t lost = 0;

    for (uint32_t i = 0; i < state->participant_count; i++) {
        if (hearing_endpoint(state, state->participants[i].endpoint)->link_lost_ms)
            lost |= UINT64_C(1) << i;
    }
    return lost;
}

#define TROUBLE(kind, is) ((is) ? 1u << SESSION_ALERT_##kind : 0)

/* What is wrong with the hearing as a whole. */
static unsigned troubles(const struct room *room)
{
    const struct hearing *state = court_state(room->hearing);
    bool suspended = state->status == HEARING_STATUS(SUSPENDED);

    return TROUBLE(PAUSED, state->paused_by) |
           TROUBLE(RECORD, room->lamp == ASSIZE__SIGNAL__V1__RECORD_LAMP__RECORD_LAMP_FAILED) |
           TROUBLE(PROGRAMME, stage_programme_state(room->stage) ==
                                  ASSIZE__SIGNAL__V1__PROGRAMME_STATE__PROGRAMME_STATE_FAILED) |
           TROUBLE(DEADLINE, suspended && (state->reminded_ms || state->lapsed));
}

void room_look_for_alerts(struct room *room)
{
    uint64_t lost = lost_links(court_state(room->hearing));
    unsigned wrong = troubles(room);

    for (uint32_t i = 0; i < HEARING_PARTICIPANTS_MAX; i++) {
        if ((lost ^ room->alerts) & UINT64_C(1) << i)
            tell(room, SESSION_ALERT_LINK_LOST, i + 1, "", !(lost & UINT64_C(1) << i));
    }
    for (enum session_alert_kind kind = SESSION_ALERT_PAUSED; kind <= SESSION_ALERT_DEADLINE;
         kind++) {
        if ((wrong ^ room->troubles) & 1u << kind)
            tell(room, kind, 0, "", !(wrong & 1u << kind));
    }
    room->alerts = lost;
    room->troubles = wrong;
}

enum refusal room_ask_help(struct room *room, struct client *client, const char *words)
{
    int64_t now_ms = clock_monotonic_ms();
    char *nfc = NULL;

    if (client->help_at_ms && now_ms - client->help_at_ms < SESSION_HELP_MS)
        return REFUSAL_RATE_LIMITED;
    if (str_nfc(words ? words : "", SESSION_HELP_MAX, &nfc))
        return REFUSAL_TOO_LARGE;
    client->help_at_ms = now_ms;
    tell(room, SESSION_ALERT_HELP, client->who.participant, nfc, false);
    free(nfc);
    return REFUSAL_NONE;
}
