/*
 * Deadlines of suspensions: reminders before them, and that they have passed. Computed from the
 * state of every loaded hearing, so that nothing is forgotten by a restart; suspended hearings that
 * nobody has open are loaded for it.
 */
#include "base/clock.h"
#include "base/log.h"
#include "server/hearing/names.h"
#include "server/session/session_internal.h"

static void decided(void *context, uint64_t asker, enum refusal refusal, uint64_t seq)
{
    (void)context;
    (void)asker;
    (void)seq;
    if (refusal)
        log_warn("deadline.refused", "code=%s", refusal_info(refusal)->code);
}

static void submit(struct sessions *sessions, struct court_hearing *hearing, bool passed)
{
    Assize__Hearing__V1__Command command = ASSIZE__HEARING__V1__COMMAND__INIT;
    Assize__Hearing__V1__Remind remind = ASSIZE__HEARING__V1__REMIND__INIT;
    Assize__Hearing__V1__Lapse lapse = ASSIZE__HEARING__V1__LAPSE__INIT;
    struct hearing_actor server = {.participant = HEARING_SERVER};

    if (passed) {
        command.body_case = HEARING_COMMAND(LAPSE);
        command.lapse = &lapse;
    } else {
        remind.has_until_ms = 1;
        remind.until_ms = court_state(hearing)->suspended_until_ms;
        command.body_case = HEARING_COMMAND(REMIND);
        command.remind = &remind;
    }
    court_submit(sessions->options.court, hearing, server, &command, decided, NULL, 0);
}

static void look(void *context, struct court_hearing *hearing)
{
    const struct hearing *state = court_state(hearing);
    int64_t now_ms = clock_wall_ms();
    int64_t alarm_ms = hearing_next_alarm(state);

    if (alarm_ms && alarm_ms <= now_ms)
        submit(context, hearing, now_ms >= state->suspended_until_ms);
}

void deadlines_tick(struct sessions *sessions, int64_t now_ms)
{
    if (!court_is_saving(sessions->options.court) ||
        now_ms - sessions->deadlines_at_ms < SESSION_DEADLINES_MS)
        return;
    sessions->deadlines_at_ms = now_ms;
    court_each(sessions->options.court, look, sessions);
    if (now_ms - sessions->suspended_at_ms < SESSION_SUSPENDED_MS && sessions->suspended_at_ms)
        return;
    sessions->suspended_at_ms = now_ms;
    court_open_suspended(sessions->options.court);
}
