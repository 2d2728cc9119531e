/* What the studios and the supervisor say, passed to the stage of the hearing they are about. */
#include "server/session/session_internal.h"

static void opened(void *context, enum refusal refusal, struct court_hearing *hearing)
{
    /* The stage finds it there. When it cannot be loaded, the studio ends by itself in a while. */
    if (refusal == REFUSAL_NONE)
        room_of(context, hearing);
}

void sessions_studio_there(struct sessions *sessions, const char *hearing)
{
    struct room *room = sessions_room(sessions, hearing);

    /* After a restart of the server the studio may come before anybody else. */
    if (room)
        stage_studio_there(room->stage);
    else
        court_open(sessions->options.court, hearing, opened, sessions);
}

void sessions_studio_report(struct sessions *sessions, const char *hearing,
                            const Assize__Media__V1__StudioReport *report)
{
    struct room *room = sessions_room(sessions, hearing);

    if (room)
        stage_studio_report(room->stage, report);
}

void sessions_studio_gone(struct sessions *sessions, const char *hearing)
{
    struct room *room = sessions_room(sessions, hearing);

    if (room)
        stage_studio_gone(room->stage);
}

void sessions_studio_told(struct sessions *sessions, const char *hearing, enum ward_word word)
{
    struct room *room = sessions_room(sessions, hearing);

    if (!room)
        return;
    stage_studio_told(room->stage, word);
    room_update_media(room); /* its legs may be closed now: who had the feed gets the others */
}
