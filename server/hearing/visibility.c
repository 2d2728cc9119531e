/*
 * Who sees and hears what: pure functions of the state that refuse by default. Everything flows but
 * for what one of the rules of the table takes away; each stands for one sentence of the law or of
 * the courtroom, and none of them may be missing (tests/property/property_states.c removes each).
 */
#include "hearing_internal.h"

#include "server/hearing/mutants.h"

enum {
    SOUND = HEARING_FLOW_AUDIO,
    PICTURE = HEARING_FLOW_VIDEO,
    SHARE = HEARING_FLOW_SHARE,
    PICTURES = PICTURE | SHARE,
    EVERYTHING = SOUND | PICTURES,
};

/* Where something would go to. */
enum way {
    TO_DEVICE = 1,    /* from an endpoint to another */
    TO_RECORD = 2,    /* from an endpoint */
    TO_PROGRAMME = 4, /* from an endpoint */
    FEED = 8,         /* the programme feed, to an endpoint */
};

struct question {
    const struct hearing *hearing;
    uint32_t source; /* endpoint, or 0 */
    uint32_t viewer; /* endpoint, or 0 */
};

static bool is_companion(const struct question *question, uint32_t endpoint)
{
    return hearing_endpoint(question->hearing, endpoint)->kind == HEARING_ENDPOINT(COMPANION);
}

/* Everyone who would see or be seen at this endpoint is in the courtroom, and there is someone. */
static bool all_inside(const struct hearing *hearing, uint32_t endpoint)
{
    uint32_t place = hearing_place(hearing, endpoint);
    bool someone = false;

    for (uint32_t i = 0; i < hearing->participant_count; i++) {
        const struct hearing_participant *person = &hearing->participants[i];
        if (person->endpoint != place)
            continue;
        if (person->standing != HEARING_STANDING(IN_HEARING))
            return false;
        someone = true;
    }
    return someone;
}

/* The people of one pair sit at these two endpoints, one at each. */
static bool lies_between(const struct hearing *hearing, const struct hearing_screen *screen,
                         uint32_t place, uint32_t other)
{
    uint32_t one = hearing_participant(hearing, screen->participant)->endpoint;
    uint32_t two = hearing_participant(hearing, screen->from)->endpoint;

    return (one == place && two == other) || (one == other && two == place);
}

static bool are_screened(const struct question *question, bool voices)
{
    const struct hearing *hearing = question->hearing;
    uint32_t source = hearing_place(hearing, question->source);
    uint32_t viewer = hearing_place(hearing, question->viewer);

    for (uint32_t i = 0; i < hearing->screen_count; i++) {
        const struct hearing_screen *screen = &hearing->screens[i];
        if ((screen->sound || !voices) && lies_between(hearing, screen, source, viewer))
            return true;
    }
    return false;
}

/* Somebody here is to be kept from the eyes, or with `voices` the ears, of somebody. */
static bool is_protected(const struct question *question, bool voices)
{
    const struct hearing *hearing = question->hearing;
    uint32_t place = hearing_place(hearing, question->source);

    for (uint32_t i = 0; i < hearing->screen_count; i++) {
        const struct hearing_screen *screen = &hearing->screens[i];
        if ((screen->sound || !voices) &&
            hearing_participant(hearing, screen->participant)->endpoint == place)
            return true;
    }
    return false;
}

static bool is_at_stand(const struct question *question)
{
    const struct hearing *hearing = question->hearing;
    const struct hearing_participant *witness = hearing_participant(hearing, hearing->witness);

    return witness && witness->endpoint == hearing_place(hearing, question->viewer);
}

static bool anyone_is_cut_off(const struct hearing *hearing)
{
    for (uint32_t i = 0; i < hearing->participant_count; i++) {
        if (hearing->participants[i].cut_off)
            return true;
    }
    return false;
}

/* ---- the rules: what each takes away ---- */

static unsigned the_hearing_stands_still(const struct question *question)
{
    const unsigned flowing =
        HEARING_BIT(HEARING_STATUS(SCHEDULED)) | HEARING_BIT(HEARING_STATUS(IN_SESSION));

    return flowing & HEARING_BIT(question->hearing->status) ? 0 : EVERYTHING;
}

static unsigned no_session_goes_on(const struct question *question)
{
    return question->hearing->status == HEARING_STATUS(IN_SESSION) ? 0 : EVERYTHING;
}

static unsigned the_record_is_off(const struct question *question)
{
    return question->hearing->recording ? 0 : EVERYTHING;
}

static unsigned the_doors_are_closed(const struct question *question)
{
    return question->hearing->is_private ? EVERYTHING : 0;
}

static unsigned nobody_is_shown_to_themselves(const struct question *question)
{
    return question->source == question->viewer ? EVERYTHING : 0;
}

static unsigned the_source_is_outside(const struct question *question)
{
    return all_inside(question->hearing, question->source) ? 0 : EVERYTHING;
}

static unsigned the_viewer_is_outside(const struct question *question)
{
    return all_inside(question->hearing, question->viewer) ? 0 : EVERYTHING;
}

static unsigned a_companion_has_no_camera(const struct question *question)
{
    return is_companion(question, question->source) ? SOUND | PICTURE : 0;
}

static unsigned the_microphone_is_muted(const struct question *question)
{
    return hearing_endpoint(question->hearing, question->source)->muted ? SOUND : 0;
}

/* A companion beside a room's loudspeakers would echo. */
static unsigned a_companion_is_silent(const struct question *question)
{
    return is_companion(question, question->viewer) ? SOUND : 0;
}

/* Lest people hear themselves in the feed. */
static unsigned the_own_microphone_is_open(const struct question *question)
{
    return hearing_endpoint(question->hearing, question->viewer)->muted ? 0 : SOUND;
}

static unsigned nothing_is_shared_from_there(const struct question *question)
{
    return question->hearing->sharer == question->source ? 0 : SHARE;
}

/* BLTTHS art. 304: the accused and a witness may be kept apart while the witness is asked. */
static unsigned the_viewer_is_cut_off(const struct question *question)
{
    return hearing_is_cut_off(question->hearing, question->viewer) ? EVERYTHING : 0;
}

static unsigned whoever_is_cut_off_is_silent(const struct question *question)
{
    return hearing_is_cut_off(question->hearing, question->source) ? SOUND | SHARE : 0;
}

static unsigned the_stand_does_not_see_who_is_cut_off(const struct question *question)
{
    return hearing_is_cut_off(question->hearing, question->source) && is_at_stand(question)
               ? PICTURES
               : 0;
}

/* Whoever is cut off may be in the feed's picture. */
static unsigned the_stand_sees_no_feed_meanwhile(const struct question *question)
{
    return is_at_stand(question) && anyone_is_cut_off(question->hearing) ? PICTURES : 0;
}

static unsigned the_two_do_not_see_each_other(const struct question *question)
{
    return are_screened(question, false) ? PICTURES : 0;
}

static unsigned the_two_do_not_hear_each_other(const struct question *question)
{
    return are_screened(question, true) ? SOUND : 0;
}

static unsigned the_feed_shows_nobody_protected(const struct question *question)
{
    return is_protected(question, false) ? PICTURES : 0;
}

static unsigned the_feed_lets_nobody_protected_be_heard(const struct question *question)
{
    return is_protected(question, true) ? SOUND : 0;
}

/* Who is screened from somebody sees and hears people one by one, never a picture of all. */
static unsigned a_screened_viewer_has_no_feed(const struct question *question)
{
    const struct hearing *hearing = question->hearing;
    uint32_t place = hearing_place(hearing, question->viewer);

    for (uint32_t i = 0; i < hearing->screen_count; i++) {
        if (hearing_participant(hearing, hearing->screens[i].participant)->endpoint == place ||
            hearing_participant(hearing, hearing->screens[i].from)->endpoint == place)
            return EVERYTHING;
    }
    return 0;
}

static const struct rule {
    const char *name;
    unsigned ways;
    unsigned (*takes_away)(const struct question *question);
} RULES[] = {
#define RULE(ways, name)                                                                           \
    {                                                                                              \
#name, ways, name                                                                          \
    }
    RULE(TO_DEVICE, the_hearing_stands_still),
    RULE(TO_RECORD | TO_PROGRAMME | FEED, no_session_goes_on),
    RULE(TO_RECORD, the_record_is_off),
    RULE(TO_PROGRAMME | FEED, the_doors_are_closed),
    RULE(TO_DEVICE, nobody_is_shown_to_themselves),
    RULE(TO_DEVICE | TO_RECORD | TO_PROGRAMME, the_source_is_outside),
    RULE(TO_DEVICE | FEED, the_viewer_is_outside),
    RULE(TO_DEVICE | TO_RECORD | TO_PROGRAMME, a_companion_has_no_camera),
    RULE(TO_DEVICE | TO_RECORD | TO_PROGRAMME, the_microphone_is_muted),
    RULE(TO_DEVICE | FEED, a_companion_is_silent),
    RULE(FEED, the_own_microphone_is_open),
    RULE(TO_DEVICE | TO_RECORD | TO_PROGRAMME | FEED, nothing_is_shared_from_there),
    RULE(TO_DEVICE | FEED, the_viewer_is_cut_off),
    RULE(TO_DEVICE | TO_RECORD | TO_PROGRAMME, whoever_is_cut_off_is_silent),
    RULE(TO_DEVICE, the_stand_does_not_see_who_is_cut_off),
    RULE(FEED, the_stand_sees_no_feed_meanwhile),
    RULE(TO_DEVICE, the_two_do_not_see_each_other),
    RULE(TO_DEVICE, the_two_do_not_hear_each_other),
    RULE(TO_PROGRAMME, the_feed_shows_nobody_protected),
    RULE(TO_PROGRAMME, the_feed_lets_nobody_protected_be_heard),
    RULE(FEED, a_screened_viewer_has_no_feed),
#undef RULE
};

enum { RULE_COUNT = sizeof(RULES) / sizeof(*RULES) };

#ifdef HEARING_MUTANTS
const size_t hearing_mutants = RULE_COUNT;
size_t hearing_mutant = RULE_COUNT;

const char *hearing_mutant_name(size_t mutant)
{
    return RULES[mutant].name;
}
#endif

static unsigned what_flows(enum way way, const struct question *question)
{
    unsigned flows = EVERYTHING;

    for (size_t i = 0; i < RULE_COUNT && flows; i++) {
        if (RULES[i].ways & way && !HEARING_MUTANT_IS(i))
            flows &= ~RULES[i].takes_away(question);
    }
    return flows;
}

/* ---- what is asked ---- */

unsigned hearing_visibility(const struct hearing *hearing, uint32_t source, uint32_t viewer)
{
    if (!hearing_endpoint(hearing, source) || !hearing_endpoint(hearing, viewer))
        return HEARING_FLOW_NONE;
    return what_flows(TO_DEVICE, &(struct question){hearing, source, viewer});
}

unsigned hearing_record(const struct hearing *hearing, uint32_t endpoint)
{
    if (!hearing_endpoint(hearing, endpoint))
        return HEARING_FLOW_NONE;
    return what_flows(TO_RECORD, &(struct question){.hearing = hearing, .source = endpoint});
}

unsigned hearing_programme(const struct hearing *hearing, uint32_t endpoint)
{
    if (!hearing_endpoint(hearing, endpoint))
        return HEARING_FLOW_NONE;
    return what_flows(TO_PROGRAMME, &(struct question){.hearing = hearing, .source = endpoint});
}

/* The feed has one picture, and nothing shared beside it. */
unsigned hearing_feed(const struct hearing *hearing, uint32_t viewer)
{
    if (!hearing_endpoint(hearing, viewer))
        return HEARING_FLOW_NONE;
    return what_flows(FEED, &(struct question){.hearing = hearing, .viewer = viewer}) & ~SHARE;
}

bool hearing_programme_recorded(const struct hearing *hearing)
{
    return hearing->recording && hearing->status == HEARING_STATUS(IN_SESSION);
}

bool hearing_may_listen(const struct hearing *hearing, uint32_t viewer)
{
    bool has_right = false;

    for (uint32_t i = 0; i < hearing->participant_count; i++) {
        const struct hearing_participant *person = &hearing->participants[i];
        has_right |= person->endpoint == viewer &&
                     hearing_role_has_right(person->role, HEARING_RIGHT_RECORD);
    }
    return has_right && hearing_programme_recorded(hearing) &&
           hearing_endpoint_sends(hearing, viewer) && all_inside(hearing, viewer);
}

bool hearing_gallery(const struct hearing *hearing)
{
    return hearing->gallery_open && !hearing->is_private && !hearing_is_over(hearing);
}
