/* A stage's legs at the relay: of devices, of viewers of the gallery, and of the studio. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "server/media/stage_internal.h"

enum { VIEWER_SLOTS = 1 };

struct pending_answer {
    stage_answer_callback callback;
    void *context;
    uint64_t asker;
};

static struct stage_party device(uint32_t endpoint)
{
    return (struct stage_party){.part = MATRIX_DEVICE, .endpoint = endpoint};
}

static struct stage_party viewer_party(uint64_t viewer)
{
    return (struct stage_party){.part = MATRIX_VIEWER, .viewer = viewer};
}

static bool is_of(const struct stage_leg *leg, struct stage_party party)
{
    return leg->leg && leg->party.part == party.part && leg->party.endpoint == party.endpoint &&
           leg->party.viewer == party.viewer;
}

static bool is_local(enum matrix_part part)
{
    return part == MATRIX_PROGRAMME || part == MATRIX_GALLERY || part == MATRIX_RECORD;
}

struct stage_leg *stage_find_leg(struct stage *stage, uint64_t leg)
{
    for (size_t i = 0; leg && i < STAGE_LEGS_MAX; i++) {
        if (stage->legs[i].leg == leg)
            return &stage->legs[i];
    }
    return NULL;
}

/* What the studio has lost it must connect to anew; a device may come back where it was. */
static bool carries_media(const struct stage_leg *leg)
{
    return leg->state == STAGE_LEG_STATE_CONNECTED ||
           (leg->state == STAGE_LEG_STATE_LOST && !is_local(leg->party.part));
}

const struct stage_leg *stage_newest_leg(const struct stage *stage, struct stage_party party,
                                         bool media)
{
    const struct stage_leg *newest = NULL;

    for (size_t i = 0; i < STAGE_LEGS_MAX; i++) {
        const struct stage_leg *leg = &stage->legs[i];
        if (is_of(leg, party) && (!media || carries_media(leg)) &&
            (!newest || leg->order > newest->order))
            newest = leg;
    }
    return newest;
}

static uint64_t leg_of(const struct stage *stage, struct stage_party party)
{
    const struct stage_leg *leg = stage_newest_leg(stage, party, false);

    return leg ? leg->leg : 0;
}

static bool media_is(const struct stage *stage, struct stage_party party,
                     enum stage_leg_state state)
{
    const struct stage_leg *leg = stage_newest_leg(stage, party, true);

    return leg && leg->state == state;
}

uint64_t stage_leg_of(const struct stage *stage, uint32_t endpoint)
{
    return leg_of(stage, device(endpoint));
}

uint64_t stage_viewer_leg(const struct stage *stage, uint64_t viewer)
{
    return leg_of(stage, viewer_party(viewer));
}

bool stage_is_connected(const struct stage *stage, uint32_t endpoint)
{
    return media_is(stage, device(endpoint), STAGE_LEG_STATE_CONNECTED);
}

bool stage_viewer_is_connected(const struct stage *stage, uint64_t viewer)
{
    return media_is(stage, viewer_party(viewer), STAGE_LEG_STATE_CONNECTED);
}

bool stage_is_lost(const struct stage *stage, uint32_t endpoint)
{
    return media_is(stage, device(endpoint), STAGE_LEG_STATE_LOST);
}

uint32_t stage_endpoint_of(const struct stage *stage, uint64_t leg)
{
    for (size_t i = 0; leg && i < STAGE_LEGS_MAX; i++) {
        if (stage->legs[i].leg == leg)
            return stage->legs[i].party.endpoint;
    }
    return 0;
}

bool stage_has_leg(const struct stage *stage, uint32_t endpoint, uint64_t leg, const char *session)
{
    const struct stage_leg *newest = stage_newest_leg(stage, device(endpoint), false);

    return leg && newest && newest->leg == leg && strcmp(newest->session, session) == 0;
}

/* ---- telling upwards ---- */

static void tell_offered(struct stage *stage, const struct stage_leg *leg, const char *sdp)
{
    if (leg->party.part == MATRIX_DEVICE)
        stage->ops->offered(stage->context, leg->party.endpoint, leg->leg, sdp);
    else if (leg->party.part == MATRIX_VIEWER)
        stage->ops->viewer_offered(stage->context, leg->party.viewer, leg->leg, sdp);
    else
        programme_leg_changed(stage, leg->party.part);
}

static void tell_changed(struct stage *stage, struct stage_party party, uint64_t leg, bool gone)
{
    if (party.part == MATRIX_DEVICE)
        stage->ops->leg_changed(stage->context, party.endpoint, leg, gone);
    else if (party.part == MATRIX_VIEWER)
        stage->ops->viewer_changed(stage->context, party.viewer, leg, gone);
    else
        programme_leg_changed(stage, party.part);
}

void stage_tell_touched(struct stage *stage)
{
    for (size_t i = 0; i < STAGE_LEGS_MAX; i++) {
        struct stage_leg *leg = &stage->legs[i];
        if (!leg->leg || !leg->touched)
            continue;
        leg->touched = false;
        if (leg->party.part == MATRIX_DEVICE)
            stage->ops->slots_changed(stage->context, leg->party.endpoint, leg->leg);
        else if (leg->party.part == MATRIX_VIEWER)
            stage->ops->viewer_slots_changed(stage->context, leg->party.viewer, leg->leg);
    }
}

/* ---- closing ---- */

static void replied_nothing(void *context, uint64_t id, const Assize__Media__V1__Report *reply)
{
    (void)context;
    (void)id;
    (void)reply; /* a leg the relay does not close now is not in the matrix, and ends by consent
                    expiry */
}

static void close_at_relay(struct stage *stage, uint64_t leg)
{
    Assize__Media__V1__Request request = ASSIZE__MEDIA__V1__REQUEST__INIT;
    Assize__Media__V1__CloseLeg close = ASSIZE__MEDIA__V1__CLOSE_LEG__INIT;

    close.has_leg = 1;
    close.leg = leg;
    request.body_case = ASSIZE__MEDIA__V1__REQUEST__BODY_CLOSE_LEG;
    request.close_leg = &close;
    relay_client_request(stage->options.relay, &request, replied_nothing, NULL, 0);
}

void stage_close_party(struct stage *stage, struct stage_party party, uint64_t keep)
{
    for (size_t i = 0; i < STAGE_LEGS_MAX; i++) {
        struct stage_leg *leg = &stage->legs[i];
        if (!is_of(leg, party) || leg->leg == keep)
            continue;
        close_at_relay(stage, leg->leg);
        leg->leg = 0;
    }
}

void stage_close_legs(struct stage *stage, uint32_t endpoint, uint64_t keep)
{
    stage_close_party(stage, device(endpoint), keep);
}

void stage_close_viewer(struct stage *stage, uint64_t viewer)
{
    stage_close_party(stage, viewer_party(viewer), 0);
}

void stage_end(struct stage *stage)
{
    programme_end(stage);
    for (size_t i = 0; i < STAGE_LEGS_MAX; i++) {
        if (stage->legs[i].leg)
            close_at_relay(stage, stage->legs[i].leg);
        stage->legs[i].leg = 0;
    }
}

/* ---- opening ---- */

static void leg_offered(void *context, uint64_t id, const Assize__Media__V1__Report *reply)
{
    struct stage *stage = context;
    struct stage_leg *leg = stage_find_leg(stage, id);

    if (!leg)
        return;
    if (reply && reply->body_case == ASSIZE__MEDIA__V1__REPORT__BODY_LEG_OFFER &&
        (reply->leg_offer->sdp || is_local(leg->party.part))) {
        leg->state = STAGE_LEG_STATE_OFFERED;
        tell_offered(stage, leg, reply->leg_offer->sdp);
        return;
    }
    struct stage_party party = leg->party;
    log_warn("leg.not_opened", "hearing=%s part=%d endpoint=%u why=%s", stage->hearing,
             (int)party.part, party.endpoint,
             reply && reply->body_case == ASSIZE__MEDIA__V1__REPORT__BODY_FAILED &&
                     reply->failed->code
                 ? log_quote(reply->failed->code).text
                 : "no_reply");
    leg->leg = 0;
    tell_changed(stage, party, id, true);
}

static struct stage_leg *add_leg(struct stage *stage, uint64_t number, struct stage_party party,
                                 const char *session)
{
    for (size_t i = 0; i < STAGE_LEGS_MAX; i++) {
        struct stage_leg *leg = &stage->legs[i];
        if (leg->leg)
            continue;
        *leg = (struct stage_leg){.leg = number, .order = ++stage->next_order, .party = party};
        str_copy(leg->session, sizeof(leg->session), session);
        return leg;
    }
    return NULL;
}

struct wish {
    struct stage_party party;
    const char *session;
    const uint8_t *token; /* of a local leg */
    bool sends;
    bool shares;
    uint32_t audio_slots;
    uint32_t video_slots;
};

static uint64_t open_leg(struct stage *stage, const struct wish *wish)
{
    Assize__Media__V1__Request request = ASSIZE__MEDIA__V1__REQUEST__INIT;
    Assize__Media__V1__OpenLeg open = ASSIZE__MEDIA__V1__OPEN_LEG__INIT;
    uint64_t number = id_number();
    struct stage_leg *leg = add_leg(stage, number, wish->party, wish->session);

    if (!leg)
        return 0;
    leg->audio_slots = wish->audio_slots;
    leg->video_slots = wish->video_slots;
    open.has_leg = open.has_endpoint = open.has_may_send = open.has_may_share = 1;
    open.has_audio_slots = open.has_video_slots = 1;
    open.leg = number;
    open.hearing = stage->hearing;
    open.endpoint = wish->party.endpoint;
    open.session = leg->session;
    open.may_send = wish->sends;
    open.may_share = wish->shares;
    open.audio_slots = wish->audio_slots;
    open.video_slots = wish->video_slots;
    if (wish->token) {
        memcpy(leg->token, wish->token, sizeof(leg->token));
        open.has_local = open.has_token = 1;
        open.local = 1;
        open.token = (ProtobufCBinaryData){sizeof(leg->token), leg->token};
    }
    request.body_case = ASSIZE__MEDIA__V1__REQUEST__BODY_OPEN_LEG;
    request.open_leg = &open;
    relay_client_request(stage->options.relay, &request, leg_offered, stage, number);
    return number;
}

uint64_t stage_open_leg(struct stage *stage, uint32_t endpoint, const char *session, bool sends,
                        uint32_t audio_slots, uint32_t video_slots)
{
    const struct wish wish = {
        .party = device(endpoint),
        .session = session,
        .sends = sends,
        .shares = true,
        .audio_slots = audio_slots,
        .video_slots = video_slots,
    };

    if (!relay_client_is_up(stage->options.relay))
        return 0;
    /* At most one new leg beside the one in use. */
    const struct stage_leg *in_use = stage_newest_leg(stage, wish.party, true);
    stage_close_party(stage, wish.party, in_use ? in_use->leg : 0);
    return open_leg(stage, &wish);
}

static size_t count_viewers(const struct stage *stage)
{
    size_t count = 0;

    for (size_t i = 0; i < STAGE_LEGS_MAX; i++)
        count += stage->legs[i].leg && stage->legs[i].party.part == MATRIX_VIEWER;
    return count;
}

uint64_t stage_open_viewer(struct stage *stage, uint64_t viewer, const char *session)
{
    const struct wish wish = {
        .party = viewer_party(viewer),
        .session = session,
        .audio_slots = VIEWER_SLOTS,
        .video_slots = VIEWER_SLOTS,
    };

    stage_close_viewer(stage, viewer);
    if (!relay_client_is_up(stage->options.relay) || count_viewers(stage) == STAGE_VIEWERS_MAX)
        return 0;
    return open_leg(stage, &wish);
}

/* ---- the studio's ---- */

/* As the session of a local leg: which part it is, and its token, so that a server that was
 * restarted takes it up again. */
static const char PART_LETTERS[] = {
    [MATRIX_PROGRAMME] = 'p', [MATRIX_GALLERY] = 'g', [MATRIX_RECORD] = 'r'};

static void name_local(enum matrix_part part, const uint8_t token[static STAGE_TOKEN_BYTES],
                       char session[static ID_UUID_SIZE])
{
    static const char DIGITS[] = "0123456789abcdef";

    session[0] = PART_LETTERS[part];
    for (size_t i = 0; i < STAGE_TOKEN_BYTES; i++) {
        session[1 + 2 * i] = DIGITS[token[i] >> 4];
        session[2 + 2 * i] = DIGITS[token[i] & 15];
    }
    session[1 + 2 * STAGE_TOKEN_BYTES] = '\0';
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The part and token of a session that name_local made; false for another one. */
static bool read_local(const char *session, enum matrix_part *ret_part,
                       uint8_t token[static STAGE_TOKEN_BYTES])
{
    if (strlen(session) != 1 + 2 * STAGE_TOKEN_BYTES)
        return false;
    for (size_t i = 0; i < STAGE_TOKEN_BYTES; i++) {
        int high = digit(session[1 + 2 * i]);
        int low = digit(session[2 + 2 * i]);
        if (high < 0 || low < 0)
            return false;
        token[i] = (uint8_t)(high << 4 | low);
    }
    for (int part = MATRIX_PROGRAMME; part <= MATRIX_RECORD; part++) {
        if (PART_LETTERS[part] == session[0]) {
            *ret_part = (enum matrix_part)part;
            return true;
        }
    }
    return false;
}

uint64_t stage_open_local(struct stage *stage, enum matrix_part part, uint32_t slots)
{
    uint8_t token[STAGE_TOKEN_BYTES];
    char session[ID_UUID_SIZE];

    if (!relay_client_is_up(stage->options.relay))
        return 0;
    id_random(token, sizeof(token));
    name_local(part, token, session);
    const struct wish wish = {
        .party = {.part = part},
        .session = session,
        .token = token,
        .sends = true,
        .audio_slots = slots,
        .video_slots = slots,
    };
    return open_leg(stage, &wish);
}

/* ---- answers ---- */

static void answer_taken(void *context, uint64_t leg, const Assize__Media__V1__Report *reply)
{
    struct pending_answer *pending = context;
    enum refusal refusal = REFUSAL_RELAY_AWAY;

    (void)leg;
    if (reply && reply->body_case == ASSIZE__MEDIA__V1__REPORT__BODY_ACCEPTED)
        refusal = REFUSAL_NONE;
    else if (reply && reply->body_case == ASSIZE__MEDIA__V1__REPORT__BODY_FAILED)
        refusal = refusal_from_code(reply->failed->code);
    pending->callback(pending->context, pending->asker, refusal);
    free(pending);
}

static void answer_leg(struct stage *stage, uint64_t leg, const char *sdp,
                       const struct pending_answer *answer)
{
    Assize__Media__V1__Request request = ASSIZE__MEDIA__V1__REQUEST__INIT;
    Assize__Media__V1__AnswerLeg body = ASSIZE__MEDIA__V1__ANSWER_LEG__INIT;
    char *copy = strdup(sdp);
    struct pending_answer *pending = calloc(1, sizeof(*pending));

    if (!copy || !pending)
        abort();
    *pending = *answer;
    body.has_leg = 1;
    body.leg = leg;
    body.sdp = copy;
    request.body_case = ASSIZE__MEDIA__V1__REQUEST__BODY_ANSWER_LEG;
    request.answer_leg = &body;
    relay_client_request(stage->options.relay, &request, answer_taken, pending, leg);
    free(copy);
}

static void answer_party(struct stage *stage, struct stage_party party, uint64_t leg,
                         const char *sdp, const struct pending_answer *answer)
{
    const struct stage_leg *found = stage_find_leg(stage, leg);

    if (found && is_of(found, party))
        answer_leg(stage, leg, sdp, answer);
    else
        answer->callback(answer->context, answer->asker, REFUSAL_LEG_UNKNOWN);
}

void stage_answer(struct stage *stage, uint32_t endpoint, uint64_t leg, const char *sdp,
                  stage_answer_callback callback, void *context, uint64_t asker)
{
    const struct pending_answer answer = {callback, context, asker};

    answer_party(stage, device(endpoint), leg, sdp, &answer);
}

void stage_answer_viewer(struct stage *stage, uint64_t viewer, uint64_t leg, const char *sdp,
                         stage_answer_callback callback, void *context, uint64_t asker)
{
    const struct pending_answer answer = {callback, context, asker};

    answer_party(stage, viewer_party(viewer), leg, sdp, &answer);
}

/* ---- what the relay says ---- */

static enum stage_leg_state state_of(Assize__Media__V1__LegState__State state)
{
    if (state == ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_CONNECTED)
        return STAGE_LEG_STATE_CONNECTED;
    if (state == ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_LOST)
        return STAGE_LEG_STATE_LOST;
    return STAGE_LEG_STATE_OFFERED;
}

bool stage_leg_state(struct stage *stage, const Assize__Media__V1__LegState *state)
{
    struct stage_leg *leg = stage_find_leg(stage, state->leg);

    if (!leg)
        return false;
    struct stage_party party = leg->party;
    bool gone = state->state == ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_CLOSED;
    if (gone)
        leg->leg = 0;
    else
        leg->state = state_of(state->state);
    if (!gone && leg->state == STAGE_LEG_STATE_CONNECTED)
        stage_close_party(stage, party, state->leg);
    tell_changed(stage, party, state->leg, gone);
    return true;
}

static bool is_mine(const struct stage *stage, const Assize__Media__V1__LegInfo *info)
{
    return info->leg && info->hearing && strcmp(info->hearing, stage->hearing) == 0 &&
           info->state != ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_CLOSED;
}

static bool still_there(const struct stage *stage, const Assize__Media__V1__Attached *attached,
                        uint64_t leg)
{
    for (size_t i = 0; i < attached->n_legs; i++) {
        if (attached->legs[i]->leg == leg && is_mine(stage, attached->legs[i]))
            return true;
    }
    return false;
}

/* Of an earlier server; NULL for a viewer's, which its client asks for anew. */
static struct stage_leg *adopt_unknown(struct stage *stage, const Assize__Media__V1__LegInfo *info)
{
    const char *session = info->session ? info->session : "";
    struct stage_party party = device(info->endpoint);
    uint8_t token[STAGE_TOKEN_BYTES] = {0};

    if (!info->endpoint && !read_local(session, &party.part, token)) {
        close_at_relay(stage, info->leg);
        return NULL;
    }
    struct stage_leg *leg = add_leg(stage, info->leg, party, session);
    if (leg)
        memcpy(leg->token, token, sizeof(token));
    return leg;
}

static void adopt(struct stage *stage, const Assize__Media__V1__LegInfo *info)
{
    struct stage_leg *leg = stage_find_leg(stage, info->leg);

    if (!leg)
        leg = adopt_unknown(stage, info);
    if (!leg)
        return;
    leg->state = state_of(info->state);
    if (info->has_audio_slots)
        leg->audio_slots = info->audio_slots;
    if (info->has_video_slots)
        leg->video_slots = info->video_slots;
}

static void adopt_matrix(struct stage *stage, const Assize__Media__V1__Attached *attached)
{
    for (size_t i = 0; i < attached->n_matrices; i++) {
        const Assize__Media__V1__MatrixInfo *info = attached->matrices[i];
        if (info->hearing && strcmp(info->hearing, stage->hearing) == 0 &&
            info->epoch > stage->epoch)
            stage->epoch = info->epoch;
    }
    /* Of what it still keeps on record the relay must hear, even if that is nothing now. */
    stage->tracks.count = 0;
    for (size_t i = 0; i < attached->n_recording; i++)
        stage->record_due |= strcmp(attached->recording[i], stage->hearing) == 0;
    stage->reset = true;
}

void stage_relay_up(struct stage *stage, const Assize__Media__V1__Attached *attached)
{
    for (size_t i = 0; i < STAGE_LEGS_MAX; i++) {
        uint64_t leg = stage->legs[i].leg;
        if (!leg || still_there(stage, attached, leg))
            continue;
        stage->legs[i].leg = 0;
        tell_changed(stage, stage->legs[i].party, leg, true);
    }
    for (size_t i = 0; i < attached->n_legs; i++) {
        if (is_mine(stage, attached->legs[i]))
            adopt(stage, attached->legs[i]);
    }
    adopt_matrix(stage, attached);
}

void stage_relay_down(struct stage *stage)
{
    stage->reset = true;
    stage_forget_record_state(stage);
}
