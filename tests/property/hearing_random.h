/* Seeded random rosters and commands, legal and illegal. Header only: each property is one file. */
#ifndef ASSIZE_TESTS_PROPERTY_HEARING_RANDOM_H
#define ASSIZE_TESTS_PROPERTY_HEARING_RANDOM_H

#include "server/hearing/hearing.h"
#include "server/hearing/names.h"
#include "tests/property/random.h"

struct people {
    Assize__Hearing__V1__Opened opened;
    Assize__Hearing__V1__Site site[HEARING_SITES_MAX];
    Assize__Hearing__V1__Endpoint endpoint[HEARING_ENDPOINTS_MAX];
    Assize__Hearing__V1__Participant participant[HEARING_PARTICIPANTS_MAX];
    Assize__Hearing__V1__Site *sites[HEARING_SITES_MAX];
    Assize__Hearing__V1__Endpoint *endpoints[HEARING_ENDPOINTS_MAX];
    Assize__Hearing__V1__Participant *participants[HEARING_PARTICIPANTS_MAX];
    uint32_t taken[HEARING_ENDPOINTS_MAX];
};

static inline void make_places(struct people *people)
{
    people->opened.n_sites = 1 + below(HEARING_SITES_MAX);
    people->opened.n_endpoints = 1 + below(HEARING_ENDPOINTS_MAX);
    for (uint32_t i = 0; i < people->opened.n_sites; i++) {
        Assize__Hearing__V1__Site *site = people->sites[i] = &people->site[i];
        *site = (Assize__Hearing__V1__Site)ASSIZE__HEARING__V1__SITE__INIT;
        site->has_id = site->has_kind = true;
        site->id = i + 1;
        site->kind = (Assize__Hearing__V1__SiteKind)(i ? 2 + below(2) : 1);
    }
    for (uint32_t i = 0; i < people->opened.n_endpoints; i++) {
        Assize__Hearing__V1__Endpoint *endpoint = people->endpoints[i] = &people->endpoint[i];
        *endpoint = (Assize__Hearing__V1__Endpoint)ASSIZE__HEARING__V1__ENDPOINT__INIT;
        endpoint->has_id = endpoint->has_site = endpoint->has_kind = true;
        endpoint->id = i + 1;
        endpoint->site = 1 + below((uint32_t)people->opened.n_sites);
        endpoint->kind = (Assize__Hearing__V1__EndpointKind)(1 + below(i ? 3 : 2));
    }
}

/* A free seat of the kind wanted, or 0. */
static inline uint32_t seat(struct people *people, bool companion)
{
    uint32_t place = below((uint32_t)people->opened.n_endpoints);
    Assize__Hearing__V1__EndpointKind kind = people->endpoint[place].kind;
    uint32_t seats = kind == HEARING_ENDPOINT(ROOM) ? HEARING_OCCUPANTS_MAX : 1;

    if ((kind == HEARING_ENDPOINT(COMPANION)) != companion || people->taken[place] == seats)
        return 0;
    people->taken[place]++;
    return place + 1;
}

static inline void make_people(struct people *people)
{
    uint32_t tries = 2 * HEARING_PARTICIPANTS_MAX;

    *people = (struct people){.opened = ASSIZE__HEARING__V1__OPENED__INIT};
    make_places(people);
    while (tries-- && people->opened.n_participants < HEARING_PARTICIPANTS_MAX) {
        uint32_t place = people->opened.n_participants ? seat(people, false) : 1;
        if (!place)
            continue;
        people->taken[0] += !people->opened.n_participants;
        size_t i = people->opened.n_participants++;
        Assize__Hearing__V1__Participant *person = people->participants[i] =
            &people->participant[i];
        *person = (Assize__Hearing__V1__Participant)ASSIZE__HEARING__V1__PARTICIPANT__INIT;
        person->has_id = person->has_role = person->has_endpoint = person->has_companion = true;
        person->id = (uint32_t)i + 1;
        person->role = (Assize__Hearing__V1__Role)(i ? 2 + below(22) : 1);
        person->endpoint = place;
        person->companion = seat(people, true);
    }
    people->opened.sites = people->sites;
    people->opened.endpoints = people->endpoints;
    people->opened.participants = people->participants;
}

struct made_command {
    Assize__Hearing__V1__Command command;
    union {
        ProtobufCMessage base;
        Assize__Hearing__V1__Admit about; /* field 1 lies at the same place in all of them */
        Assize__Hearing__V1__Mute mute;
        Assize__Hearing__V1__ClockJump clock_jump;
        Assize__Hearing__V1__RecordGap record_gap;
        Assize__Hearing__V1__RecordHead record_head;
        Assize__Hearing__V1__SetGalleryDelay set_gallery_delay;
        Assize__Hearing__V1__Screen screen;
        Assize__Hearing__V1__Unscreen unscreen;
        Assize__Hearing__V1__StartShare start_share;
        Assize__Hearing__V1__TakeNote take_note;
        Assize__Hearing__V1__AttestIdentity attest_identity;
    } arm;
    struct hearing_actor actor;
};

/* Every command, those that bring life into a hearing more often. Closing ends the interesting part
 * and is rare. */
static inline Assize__Hearing__V1__Command__BodyCase pick_command(void)
{
    static const Assize__Hearing__V1__Command__BodyCase LIVELY[] = {
        HEARING_COMMAND(CHECK_IN),     HEARING_COMMAND(CHECK_IN),   HEARING_COMMAND(ADMIT),
        HEARING_COMMAND(ADMIT),        HEARING_COMMAND(START),      HEARING_COMMAND(RESUME),
        HEARING_COMMAND(RAISE_HAND),   HEARING_COMMAND(RAISE_HAND), HEARING_COMMAND(GRANT_FLOOR),
        HEARING_COMMAND(GRANT_FLOOR),  HEARING_COMMAND(MUTE),       HEARING_COMMAND(UNMUTE),
        HEARING_COMMAND(CALL_WITNESS), HEARING_COMMAND(CUT_OFF),    HEARING_COMMAND(SCREEN),
        HEARING_COMMAND(START_SHARE)};
    const uint32_t all = 1 + HEARING_COMMAND(LAPSE) - HEARING_COMMAND(CHECK_IN);

    if (!one_in(4))
        return LIVELY[below(sizeof(LIVELY) / sizeof(*LIVELY))];
    uint32_t body = HEARING_COMMAND(CHECK_IN) + below(all);
    if ((body == HEARING_COMMAND(CLOSE) || body == HEARING_COMMAND(ADJOURN)) && !one_in(8))
        return HEARING_COMMAND(SUSPEND);
    return (Assize__Hearing__V1__Command__BodyCase)body;
}

/* Somebody of one of these roles, mostly; anybody where there is none. */
static inline uint32_t somebody_of(const struct hearing *hearing, uint32_t roles)
{
    uint32_t who = 1 + below(hearing->participant_count);

    for (uint32_t i = 0; i < hearing->participant_count && !one_in(64); i++) {
        if (HEARING_BIT(hearing->participants[who - 1].role) & roles)
            return who;
        who = who % hearing->participant_count + 1;
    }
    return who;
}

/* Of the trial: who is on the stand, pairs, pictures, notes, identities. */
static inline void fill_trial(const struct hearing *hearing, struct made_command *out)
{
    static char record[] = "00000000-0000-0000-0000-000000000001";
    static uint8_t hash[32];
    static char words[] = "Lời được ghi lại.";
    Assize__Hearing__V1__Command__BodyCase body = out->command.body_case;
    bool of_stand = body == HEARING_COMMAND(ASK_UNDERTAKING) ||
                    body == HEARING_COMMAND(GIVE_UNDERTAKING) ||
                    body == HEARING_COMMAND(RELEASE_WITNESS);

    out->command.words = one_in(8) ? NULL : words;
    if (of_stand && !one_in(4)) {
        out->arm.about.has_participant = true;
        out->arm.about.participant = hearing->witness;
    }
    if (body == HEARING_COMMAND(CALL_WITNESS) || body == HEARING_COMMAND(SEQUESTER))
        out->arm.about.participant = somebody_of(hearing, HEARING_BIT(HEARING_ROLE(WITNESS)) |
                                                              HEARING_BIT(HEARING_ROLE(EXPERT)) |
                                                              HEARING_BIT(HEARING_ROLE(VALUER)));
    if (body >= HEARING_COMMAND(CUT_OFF) && body <= HEARING_COMMAND(TELL_SUMMARY))
        out->arm.about.participant = somebody_of(hearing, HEARING_BIT(HEARING_ROLE(DEFENDANT)));
    if (body == HEARING_COMMAND(SCREEN)) {
        out->arm.screen.from = below(hearing->participant_count + 2);
        out->arm.screen.sound = one_in(2);
    }
    if (body == HEARING_COMMAND(UNSCREEN) && hearing->screen_count) {
        const struct hearing_screen *screen = &hearing->screens[below(hearing->screen_count)];
        out->arm.unscreen.participant = screen->participant;
        out->arm.unscreen.from = screen->from;
    }
    if (body == HEARING_COMMAND(START_SHARE))
        out->arm.start_share.kind = (Assize__Hearing__V1__ShareKind)below(3);
    if (body == HEARING_COMMAND(TAKE_NOTE)) {
        out->arm.take_note.about_seq = below((uint32_t)hearing->seq + 2);
        out->arm.take_note.corrects = below((uint32_t)hearing->seq + 2);
    }
    if (body == HEARING_COMMAND(ATTEST_IDENTITY)) {
        out->arm.attest_identity.by = below(hearing->participant_count + 2);
        out->arm.attest_identity.as = (Assize__Hearing__V1__Attester)below(3);
        out->arm.attest_identity.record = record;
        out->arm.attest_identity.hash = (ProtobufCBinaryData){sizeof(hash), hash};
    }
}

static inline void make_command(const struct hearing *hearing, struct made_command *out)
{
    Assize__Hearing__V1__Command__BodyCase body = pick_command();
    const ProtobufCMessageDescriptor *type =
        protobuf_c_message_descriptor_get_field(&assize__hearing__v1__command__descriptor, body)
            ->descriptor;

    *out = (struct made_command){.command = ASSIZE__HEARING__V1__COMMAND__INIT};
    protobuf_c_message_init(type, &out->arm.base);
    out->command.body_case = body;
    out->command.admit = &out->arm.about;
    out->command.has_seen_seq = true;
    out->command.seen_seq = one_in(8) ? below((uint32_t)hearing->seq + 3) : hearing->seq;
    if (body == HEARING_COMMAND(CLOCK_JUMP)) {
        out->arm.clock_jump.has_delta_ms = true;
        out->arm.clock_jump.delta_ms = (int64_t)below(9) - 4;
    } else if (!one_in(4) && type->n_fields && type->fields[0].type == PROTOBUF_C_TYPE_UINT32) {
        out->arm.about.has_participant = true;
        out->arm.about.participant = below(hearing->participant_count + 2);
    }
    if (body == HEARING_COMMAND(SET_GALLERY_DELAY)) {
        out->arm.set_gallery_delay.has_delay_s = !one_in(8);
        out->arm.set_gallery_delay.delay_s = below(HEARING_GALLERY_DELAY_MAX_S + 4);
    }
    if (body == HEARING_COMMAND(RECORD_HEAD)) {
        static char stem[] = "20261121T094200Z";
        static uint8_t hash[32];
        out->arm.record_head.stem = one_in(8) ? NULL : stem;
        out->arm.record_head.hash = (ProtobufCBinaryData){one_in(8) ? 31 : sizeof(hash), hash};
        out->arm.record_head.has_hash = true;
    }
    if (body > HEARING_COMMAND(GO_PUBLIC) || body == HEARING_COMMAND(SUSPEND))
        fill_trial(hearing, out);
    if (body == HEARING_COMMAND(MUTE))
        out->arm.mute.has_lock = out->arm.mute.lock = one_in(2);
}

/* Who would ask this, mostly: the server, the presiding judge, or anyone at a device of theirs. */
static inline struct hearing_actor make_actor(const struct hearing *hearing,
                                              Assize__Hearing__V1__Command__BodyCase body)
{
    static const Assize__Hearing__V1__Command__BodyCase SERVERS[] = {
        HEARING_COMMAND(LINK_LOST),      HEARING_COMMAND(LINK_RESTORED),
        HEARING_COMMAND(CLOCK_JUMP),     HEARING_COMMAND(RECORD_GAP),
        HEARING_COMMAND(RECORD_HEAD),    HEARING_COMMAND(ATTEST_IDENTITY),
        HEARING_COMMAND(REPLACE_PERSON), HEARING_COMMAND(REMIND),
        HEARING_COMMAND(LAPSE)};
    static const Assize__Hearing__V1__Command__BodyCase ANYONES[] = {
        HEARING_COMMAND(CHECK_IN),         HEARING_COMMAND(MUTE),
        HEARING_COMMAND(UNMUTE),           HEARING_COMMAND(RAISE_HAND),
        HEARING_COMMAND(LOWER_HAND),       HEARING_COMMAND(LEAVE),
        HEARING_COMMAND(GIVE_UNDERTAKING), HEARING_COMMAND(START_SHARE),
        HEARING_COMMAND(TAKE_NOTE)};
    bool servers = false, presiding = true;

    for (size_t i = 0; i < sizeof(SERVERS) / sizeof(*SERVERS); i++)
        servers |= SERVERS[i] == body;
    for (size_t i = 0; i < sizeof(ANYONES) / sizeof(*ANYONES); i++)
        presiding &= ANYONES[i] != body;
    if (one_in(16) != servers)
        return (struct hearing_actor){HEARING_SERVER, 0};
    bool first = presiding ? !one_in(6) : one_in(6);
    const struct hearing_participant *who =
        &hearing->participants[first ? 0 : below(hearing->participant_count)];
    if (one_in(16))
        return (struct hearing_actor){who->id, below(hearing->endpoint_count + 2)};
    return (struct hearing_actor){who->id,
                                  who->companion && one_in(4) ? who->companion : who->endpoint};
}

#endif
