#include "tests/property/explored_law.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "server/hearing/procedure.h"

enum { EVERYTHING = HEARING_FLOW_AUDIO | HEARING_FLOW_VIDEO | HEARING_FLOW_SHARE };

/* ---- who is meant ---- */

/* Who is before this device; the laptop in the room is before everybody in the room. */
static bool is_before(const struct hearing *hearing, uint32_t person, uint32_t device)
{
    uint32_t where = device == LAPTOP ? (uint32_t)ROOM : device;

    return hearing->participants[person - 1].endpoint == where;
}

static const struct hearing_participant *person_of(const struct hearing *hearing, uint32_t person)
{
    return &hearing->participants[person - 1];
}

static bool is_in_the_courtroom(const struct hearing *hearing, uint32_t person)
{
    return person_of(hearing, person)->standing == HEARING_STANDING(IN_HEARING);
}

static bool are_kept_from_each_other(const struct hearing *hearing, uint32_t one, uint32_t other,
                                     bool also_voices)
{
    for (uint32_t i = 0; i < hearing->screen_count; i++) {
        const struct hearing_screen *pair = &hearing->screens[i];
        bool are_they = (pair->participant == one && pair->from == other) ||
                        (pair->participant == other && pair->from == one);
        if (are_they && (pair->sound || !also_voices))
            return true;
    }
    return false;
}

static bool is_kept_from_somebody(const struct hearing *hearing, uint32_t person, bool also_voice)
{
    for (uint32_t i = 0; i < hearing->screen_count; i++) {
        if (hearing->screens[i].participant == person && (hearing->screens[i].sound || !also_voice))
            return true;
    }
    return false;
}

static bool is_of_a_pair(const struct hearing *hearing, uint32_t person)
{
    for (uint32_t i = 0; i < hearing->screen_count; i++) {
        if (hearing->screens[i].participant == person || hearing->screens[i].from == person)
            return true;
    }
    return false;
}

static bool somebody_is_cut_off(const struct hearing *hearing)
{
    for (uint32_t person = 1; person <= PEOPLE; person++) {
        if (person_of(hearing, person)->cut_off)
            return true;
    }
    return false;
}

/* ---- what the law says of one person ---- */

/* What the others may see and hear of a person wherever it goes. */
static unsigned of_person(const struct hearing *hearing, uint32_t person)
{
    if (!is_in_the_courtroom(hearing, person))
        return 0;
    /* Who is cut off while a witness speaks takes no part: silent, but seen to be there. */
    return person_of(hearing, person)->cut_off ? HEARING_FLOW_VIDEO : EVERYTHING;
}

/* What a person may see and hear at all. */
static unsigned to_person(const struct hearing *hearing, uint32_t person)
{
    return is_in_the_courtroom(hearing, person) && !person_of(hearing, person)->cut_off ? EVERYTHING
                                                                                        : 0;
}

static unsigned between(const struct hearing *hearing, uint32_t speaker, uint32_t listener)
{
    unsigned may = of_person(hearing, speaker) & to_person(hearing, listener);

    if (are_kept_from_each_other(hearing, speaker, listener, false))
        may &= (unsigned)HEARING_FLOW_AUDIO;
    if (are_kept_from_each_other(hearing, speaker, listener, true))
        may &= ~(unsigned)HEARING_FLOW_AUDIO;
    /* The witness is not to be influenced by who is cut off because of them. */
    if (person_of(hearing, speaker)->cut_off && hearing->witness == listener)
        may = 0;
    return may;
}

static unsigned to_public(const struct hearing *hearing, uint32_t speaker)
{
    unsigned may = of_person(hearing, speaker);

    if (is_kept_from_somebody(hearing, speaker, false))
        may &= (unsigned)HEARING_FLOW_AUDIO;
    if (is_kept_from_somebody(hearing, speaker, true))
        may &= ~(unsigned)HEARING_FLOW_AUDIO;
    return may;
}

static unsigned of_public(const struct hearing *hearing, uint32_t listener)
{
    unsigned may = to_person(hearing, listener);

    if (is_of_a_pair(hearing, listener))
        may = 0;
    if (hearing->witness == listener && somebody_is_cut_off(hearing))
        may &= (unsigned)HEARING_FLOW_AUDIO;
    return may;
}

/* ---- what it says of devices ---- */

/* What a device sends, were everything allowed. */
static unsigned sent_by(const struct hearing *hearing, uint32_t source)
{
    const struct hearing_endpoint *device = &hearing->endpoints[source - 1];
    unsigned sends = hearing->sharer == source ? HEARING_FLOW_SHARE : 0;

    if (source != LAPTOP)
        sends |= HEARING_FLOW_VIDEO | (device->muted ? 0u : (unsigned)HEARING_FLOW_AUDIO);
    return sends;
}

/* A laptop beside a room's loudspeakers is silent; nobody hears themselves in the programme. */
static unsigned played_by(const struct hearing *hearing, enum law_place place, uint32_t viewer)
{
    const unsigned pictures = HEARING_FLOW_VIDEO | HEARING_FLOW_SHARE;

    if (place == LAW_FEED)
        return viewer != LAPTOP && hearing->endpoints[viewer - 1].muted
                   ? HEARING_FLOW_VIDEO | HEARING_FLOW_AUDIO
                   : HEARING_FLOW_VIDEO;
    return place == LAW_DEVICE && viewer == LAPTOP ? pictures : EVERYTHING;
}

/* When anything of the hearing goes there at all. */
static bool is_time_for(const struct hearing *hearing, enum law_place place)
{
    bool in_session = hearing->status == HEARING_STATUS(IN_SESSION);

    switch (place) {
    case LAW_DEVICE:
        return in_session || hearing->status == HEARING_STATUS(SCHEDULED);
    case LAW_RECORD:
        return in_session && hearing->recording;
    case LAW_PROGRAMME:
    case LAW_FEED:
        return in_session && !hearing->is_private;
    }
    return false;
}

/* The least of what every person before the source may send to every person before the viewer. */
static unsigned among_people(const struct hearing *hearing, enum law_place place, uint32_t source,
                             uint32_t viewer)
{
    unsigned may = EVERYTHING;

    for (uint32_t one = 1; one <= PEOPLE; one++) {
        if (place != LAW_FEED && !is_before(hearing, one, source))
            continue;
        if (place == LAW_RECORD)
            may &= of_person(hearing, one);
        else if (place == LAW_PROGRAMME)
            may &= to_public(hearing, one);
        for (uint32_t other = 1; other <= PEOPLE && place == LAW_DEVICE; other++) {
            if (is_before(hearing, other, viewer))
                may &= between(hearing, one, other);
        }
        if (place == LAW_FEED && is_before(hearing, one, viewer))
            may &= of_public(hearing, one);
    }
    return may;
}

unsigned law_of_flow(const struct hearing *hearing, enum law_place place, uint32_t source,
                     uint32_t viewer)
{
    if (!is_time_for(hearing, place) || source == viewer)
        return 0;
    unsigned sends =
        place == LAW_FEED ? HEARING_FLOW_VIDEO | HEARING_FLOW_AUDIO : sent_by(hearing, source);
    return sends & played_by(hearing, place, viewer) & among_people(hearing, place, source, viewer);
}

unsigned law_answer(const struct hearing *hearing, enum law_place place, uint32_t source,
                    uint32_t viewer)
{
    switch (place) {
    case LAW_DEVICE:
        return hearing_visibility(hearing, source, viewer);
    case LAW_RECORD:
        return hearing_record(hearing, source);
    case LAW_PROGRAMME:
        return hearing_programme(hearing, source);
    case LAW_FEED:
        return hearing_feed(hearing, viewer);
    }
    return EVERYTHING;
}

static bool is_breach(const struct hearing *hearing, enum law_place place, uint32_t source,
                      uint32_t viewer, struct law_breach *ret_breach)
{
    unsigned lawful = law_of_flow(hearing, place, source, viewer);
    unsigned answered = law_answer(hearing, place, source, viewer);

    if (lawful == answered)
        return false;
    *ret_breach = (struct law_breach){place, source, viewer, lawful, answered};
    return true;
}

bool law_find_breach(const struct hearing *hearing, struct law_breach *ret_breach)
{
    for (uint32_t one = 1; one <= DEVICES; one++) {
        if (is_breach(hearing, LAW_RECORD, one, 0, ret_breach) ||
            is_breach(hearing, LAW_PROGRAMME, one, 0, ret_breach) ||
            is_breach(hearing, LAW_FEED, 0, one, ret_breach))
            return true;
        for (uint32_t other = 1; other <= DEVICES; other++) {
            if (is_breach(hearing, LAW_DEVICE, one, other, ret_breach))
                return true;
        }
    }
    return false;
}

/* ---- order ---- */

static void check_speaking(const struct hearing *hearing)
{
    bool in_session = hearing->status == HEARING_STATUS(IN_SESSION);
    uint32_t asking = 0;

    assert_true(in_session || (!hearing->floor_holder && !hearing->floor_queue_count));
    if (hearing->floor_holder) {
        assert_true(is_in_the_courtroom(hearing, hearing->floor_holder));
        assert_false(person_of(hearing, hearing->floor_holder)->cut_off);
    }
    for (uint32_t i = 0; i < hearing->floor_queue_count; i++) {
        uint32_t person = hearing->floor_queue[i];
        assert_true(is_in_the_courtroom(hearing, person));
        assert_int_not_equal(person, hearing->floor_holder);
        assert_false(asking & HEARING_BIT(person));
        asking |= HEARING_BIT(person);
    }
}

/* One at a time, in the order of the law: called, asked, sworn, heard. */
static void check_testimony(const struct hearing *hearing)
{
    const struct procedure_phase *phase = procedure_phase(hearing->procedure, hearing->phase);

    for (uint32_t person = 1; person <= PEOPLE; person++) {
        const struct hearing_participant *who = person_of(hearing, person);
        bool on_stand = who->stand == HEARING_STAND(CALLED) ||
                        who->stand == HEARING_STAND(UNDERTAKING) ||
                        who->stand == HEARING_STAND(TESTIFYING);
        assert_int_equal(on_stand, hearing->witness == person);
        assert_true(who->stand != HEARING_STAND(TESTIFYING) || who->sworn);
        assert_true(who->stand == HEARING_STAND(UNSPECIFIED) || who->role == HEARING_ROLE(WITNESS));
        if (who->standing == HEARING_STANDING(SEQUESTERED)) {
            assert_int_equal(who->role, HEARING_ROLE(WITNESS));
            assert_int_equal(who->stand, HEARING_STAND(UNSPECIFIED));
        }
        if (hearing->status == HEARING_STATUS(IN_SESSION) && is_in_the_courtroom(hearing, person) &&
            phase->sequesters & HEARING_BIT(who->role))
            assert_int_not_equal(who->stand, HEARING_STAND(UNSPECIFIED));
        if (on_stand)
            assert_true(phase->call & HEARING_BIT(who->role));
        if (who->cut_off || who->summary_due)
            assert_true(phase->cut_off & HEARING_BIT(who->role));
    }
}

static void check_showing(const struct hearing *hearing)
{
    const struct procedure_phase *phase = procedure_phase(hearing->procedure, hearing->phase);

    if (!hearing->sharer)
        return;
    const struct hearing_participant *who = person_of(hearing, hearing->sharer_participant);
    assert_true(hearing->status == HEARING_STATUS(SCHEDULED) ||
                hearing->status == HEARING_STATUS(IN_SESSION));
    assert_true(hearing->endpoints[hearing->sharer - 1].connected);
    assert_true(who->endpoint == hearing->sharer || who->companion == hearing->sharer);
    assert_true(is_in_the_courtroom(hearing, who->id));
    assert_true(phase->share & HEARING_BIT(who->role));
    assert_int_not_equal(hearing->share_kind, HEARING_SHARE(UNSPECIFIED));
}

static void check_session(const struct hearing *hearing)
{
    const struct procedure_phase *phase = procedure_phase(hearing->procedure, hearing->phase);

    assert_non_null(phase);
    assert_true(hearing->status == HEARING_STATUS(IN_SESSION) || !hearing->recording);
    assert_true(!hearing->paused_by || hearing->status == HEARING_STATUS(RECESS));
    assert_true(hearing->status != HEARING_STATUS(SCHEDULED) || hearing->phase == 1);
    assert_true(hearing->status != HEARING_STATUS(DELIBERATING) || phase->deliberation);
    assert_true(hearing->status != HEARING_STATUS(IN_SESSION) || !phase->deliberation);
    assert_true(hearing->status != HEARING_STATUS(CLOSED) || phase->may_end);
    assert_true(hearing->status != HEARING_STATUS(CLOSED) || !hearing->gallery_open);
    assert_true(!phase->public_always || !hearing->is_private);
}

static void check_devices(const struct hearing *hearing)
{
    for (uint32_t id = 1; id <= DEVICES; id++) {
        const struct hearing_endpoint *device = &hearing->endpoints[id - 1];
        assert_true(device->muted || !device->mute_locked);
        assert_true(!device->connected || !device->link_lost_ms);
    }
    assert_false(hearing->endpoints[BENCH - 1].mute_locked);
    assert_int_equal(person_of(hearing, DEFENDANT)->standing,
                     person_of(hearing, OFFICER)->standing);
}

void law_check_order(const struct hearing *hearing)
{
    check_session(hearing);
    check_speaking(hearing);
    check_testimony(hearing);
    check_showing(hearing);
    check_devices(hearing);
}
