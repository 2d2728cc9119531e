#include "tests/peer/peer.h"

#include <errno.h>
#include <string.h>

#include "assize/session/v1/session.pb-c.h"
#include "base/str.h"
#include "proto/codec.h"

enum {
    RETRY_FIRST_MS = 200,
    RETRY_MAX_MS = 3000,
    MEDIA_RETRY_MS = 2000,
    HTTP_OK = 200,
    HTTP_BAD_REQUEST = 400,
    HTTP_UNAUTHORIZED = 401,
    HTTP_FORBIDDEN = 403,
    HTTP_TIMEOUT = 408,
    HTTP_TOO_MANY = 429,
    HTTP_SERVER_FAULT = 500,
};

static void tell(struct peer *peer, enum peer_event event)
{
    peer->event(peer->context, event);
}

static void retry_later(struct peer *peer)
{
    int64_t delay = peer->reconnect_after_ms ? peer->reconnect_after_ms : peer->retry_ms;

    peer->reconnect_after_ms = 0;
    peer->retry_ms = peer->retry_ms * 2 > RETRY_MAX_MS ? RETRY_MAX_MS : peer->retry_ms * 2;
    peer->phase = PEER_RETRYING;
    peer_timer_in(peer->loop, &peer->retry_timer, delay);
}

/* Media connections: two at a time at most, so that a new one is up before the old one goes. */

static void add_totals(struct peer_totals *totals, const struct peer_media *media)
{
    totals->packets_in += media->packets_in;
    totals->packets_out += media->packets_out;
    totals->connections += media->connected_ns ? 1 : 0;
    totals->key_frames_wanted += media->key_frames_wanted;
    totals->in.stun += media->in.stun;
    totals->in.dtls += media->in.dtls;
    totals->in.rtcp += media->in.rtcp;
    totals->in.rtp += media->in.rtp;
    totals->in.other += media->in.other;
    for (size_t i = 0; i < media->receiver_count; i++)
        totals->recovered += media->receivers[i].recovered;
}

static void drop_leg(struct peer *peer, struct peer_leg *leg)
{
    if (!leg->id)
        return;
    if (peer->current == leg) {
        peer_play_into(&peer->play, NULL);
        peer->current = NULL;
    }
    add_totals(&peer->past, &leg->media);
    peer_media_done(&leg->media);
    leg->id = 0;
}

static struct peer_leg *other_leg(struct peer *peer, const struct peer_leg *leg)
{
    return leg == &peer->legs[0] ? &peer->legs[1] : &peer->legs[0];
}

static void on_media_state(void *context, enum peer_media_state state)
{
    struct peer_leg *leg = context;
    struct peer *peer = leg->peer;

    switch (state) {
    case PEER_MEDIA_CONNECTED:
        if (peer->current == leg)
            return; /* back after it was lost */
        drop_leg(peer, other_leg(peer, leg));
        peer->current = leg;
        if (peer->options.play_name)
            peer_play_into(&peer->play, &leg->media);
        tell(peer, PEER_MEDIA_UP);
        return;
    case PEER_MEDIA_LOST:
    case PEER_MEDIA_FAILED:
        if (peer->current && peer->current != leg)
            return; /* an old one, or a new one that did not come up; the current one goes on */
        peer_timer_in(peer->loop, &peer->media_timer, MEDIA_RETRY_MS);
        tell(peer, PEER_MEDIA_DOWN);
        return;
    case PEER_MEDIA_NEW:
    case PEER_MEDIA_CHECKING:
    case PEER_MEDIA_SHAKING:
        return;
    }
}

static void on_key_frame(void *context)
{
    struct peer_leg *leg = context;

    peer_play_key_frame(&leg->peer->play);
}

static const struct peer_media_ops media_ops = {.state = on_media_state, .key_frame = on_key_frame};

static void take_offer(struct peer *peer, const Assize__Signal__V1__MediaOffer *offer)
{
    struct peer_leg *leg = peer->current ? other_leg(peer, peer->current) : &peer->legs[0];

    peer_timer_stop(peer->loop, &peer->media_timer);
    drop_leg(peer, leg);
    if (peer_media_open(&leg->media, peer->loop, &peer->options.media_options, offer->sdp,
                        &media_ops, leg)) {
        str_copy(peer->reason, sizeof(peer->reason), "the media offer does not do");
        peer_timer_in(peer->loop, &peer->media_timer, MEDIA_RETRY_MS);
        return;
    }
    leg->id = offer->leg;
    if (!peer->options.hold_answer) {
        peer_signal_answer(&peer->signal, leg->id, (const char *)leg->media.answer.data);
        peer_media_start(&leg->media);
    }
    tell(peer, PEER_OFFERED);
}

static void on_media_timer(void *context)
{
    struct peer *peer = context;
    bool good = peer->current && peer->current->media.state == PEER_MEDIA_CONNECTED;

    if (good || !peer->options.media)
        return;
    if (peer->phase == PEER_UP)
        peer_signal_open_media(&peer->signal);
    peer_timer_in(peer->loop, &peer->media_timer, MEDIA_RETRY_MS);
}

/* Signalling. */

static void send_check_in(struct peer *peer)
{
    Assize__Hearing__V1__CheckIn check_in = ASSIZE__HEARING__V1__CHECK_IN__INIT;
    Assize__Hearing__V1__Command command = ASSIZE__HEARING__V1__COMMAND__INIT;

    check_in.has_rules = 1;
    check_in.rules = peer->signal.room.declaration;
    command.body_case = ASSIZE__HEARING__V1__COMMAND__BODY_CHECK_IN;
    command.check_in = &check_in;
    peer_signal_command(&peer->signal, &command);
}

/* An invitation to switch the microphone on (MuteUnlocked of our endpoint). */
static void follow_invitation(struct peer *peer, const Assize__Signal__V1__Events *events)
{
    for (size_t i = 0; i < events->n_events; i++) {
        const Assize__Hearing__V1__Event *event = events->events[i];
        if (event->body_case != ASSIZE__HEARING__V1__EVENT__BODY_MUTE_UNLOCKED ||
            event->mute_unlocked->endpoint != peer->signal.room.your_endpoint)
            continue;
        Assize__Hearing__V1__Unmute unmute = ASSIZE__HEARING__V1__UNMUTE__INIT;
        Assize__Hearing__V1__Command command = ASSIZE__HEARING__V1__COMMAND__INIT;
        command.body_case = ASSIZE__HEARING__V1__COMMAND__BODY_UNMUTE;
        command.unmute = &unmute;
        peer_signal_command(&peer->signal, &command);
    }
}

static void start_share(struct peer *peer)
{
    Assize__Hearing__V1__StartShare share = ASSIZE__HEARING__V1__START_SHARE__INIT;
    Assize__Hearing__V1__Command command = ASSIZE__HEARING__V1__COMMAND__INIT;

    share.has_kind = true;
    share.kind = ASSIZE__HEARING__V1__SHARE_KIND__SHARE_KIND_SCREEN;
    command.body_case = ASSIZE__HEARING__V1__COMMAND__BODY_START_SHARE;
    command.start_share = &share;
    peer_signal_command(&peer->signal, &command);
}

/* Wishes are not remembered by the server from one connection to the next. */
static void send_wishes(struct peer *peer)
{
    Assize__Signal__V1__ClientMessage request = ASSIZE__SIGNAL__V1__CLIENT_MESSAGE__INIT;
    Assize__Signal__V1__UseProgramme use = ASSIZE__SIGNAL__V1__USE_PROGRAMME__INIT;
    Assize__Signal__V1__ListenToRecord listen = ASSIZE__SIGNAL__V1__LISTEN_TO_RECORD__INIT;

    use.has_on = listen.has_on = use.on = listen.on = true;
    if (peer->options.use_programme) {
        request.request_case = ASSIZE__SIGNAL__V1__CLIENT_MESSAGE__REQUEST_USE_PROGRAMME;
        request.use_programme = &use;
        peer_signal_request(&peer->signal, &request);
    }
    if (peer->options.listen) {
        request.request_case = ASSIZE__SIGNAL__V1__CLIENT_MESSAGE__REQUEST_LISTEN_TO_RECORD;
        request.listen_to_record = &listen;
        peer_signal_request(&peer->signal, &request);
    }
}

static void follow_standing(struct peer *peer)
{
    const struct peer_person *you = peer_room_person(&peer->signal.room, peer->signal.room.you);
    Assize__Hearing__V1__Standing before = peer->standing;

    if (!you || you->standing == before)
        return;
    peer->standing = you->standing;
    if (you->standing == ASSIZE__HEARING__V1__STANDING__STANDING_IN_HEARING) {
        send_wishes(peer);
        if (peer->options.starts_share)
            start_share(peer);
        tell(peer, PEER_ADMITTED);
    } else if (before == ASSIZE__HEARING__V1__STANDING__STANDING_IN_HEARING)
        tell(peer, PEER_SENT_BACK);
    else if (you->standing == ASSIZE__HEARING__V1__STANDING__STANDING_WAITING)
        tell(peer, PEER_CHECKED_IN);
}

/* The first word of the server on this connection. */
static void enter_room(struct peer *peer)
{
    const struct peer_person *you = peer_room_person(&peer->signal.room, peer->signal.room.you);
    bool present = you && (you->standing == ASSIZE__HEARING__V1__STANDING__STANDING_WAITING ||
                           you->standing == ASSIZE__HEARING__V1__STANDING__STANDING_SEQUESTERED ||
                           you->standing == ASSIZE__HEARING__V1__STANDING__STANDING_IN_HEARING);

    peer->phase = PEER_UP;
    peer->retry_ms = RETRY_FIRST_MS;
    tell(peer, PEER_JOINED);
    if (peer->options.check_in && !present)
        send_check_in(peer);
    if (peer->standing == ASSIZE__HEARING__V1__STANDING__STANDING_IN_HEARING)
        send_wishes(peer);
}

/* The same for a viewer of the gallery, who is nobody in the hearing. */
static void enter_gallery(struct peer *peer)
{
    if (peer->phase != PEER_CONNECTING)
        return;
    peer->phase = PEER_UP;
    peer->retry_ms = RETRY_FIRST_MS;
    tell(peer, PEER_JOINED);
}

static void take_slots(struct peer *peer, const Assize__Signal__V1__MediaSlots *slots)
{
    peer->slot_count = 0;
    for (size_t i = 0; i < slots->n_slots && i < PEER_SLOTS_MAX; i++) {
        const Assize__Signal__V1__MediaSlot *from = slots->slots[i];
        struct peer_slot *slot = &peer->slots[peer->slot_count++];
        str_copy(slot->mid, sizeof(slot->mid), from->mid ? from->mid : "");
        slot->endpoint = from->endpoint;
        slot->share = from->share;
        slot->feed = from->feed;
    }
    tell(peer, PEER_SLOTS);
}

static void take_eviction(struct peer *peer, const Assize__Signal__V1__Evicted *evicted)
{
    const char *code = evicted->reason && evicted->reason->code ? evicted->reason->code : "unnamed";

    str_copy(peer->reason, sizeof(peer->reason), code);
    peer_signal_close(&peer->signal);
    if (strcmp(code, "not_signed_in") == 0) {
        peer->cookie[0] = '\0';
        retry_later(peer);
        return;
    }
    peer->phase = PEER_ENDED;
    drop_leg(peer, &peer->legs[0]);
    drop_leg(peer, &peer->legs[1]);
    tell(peer, PEER_EVICTED);
}

static void on_message(void *context, const Assize__Signal__V1__ServerMessage *message)
{
    struct peer *peer = context;

    switch ((int)message->response_case) {
    case ASSIZE__SIGNAL__V1__SERVER_MESSAGE__RESPONSE_SNAPSHOT:
    case ASSIZE__SIGNAL__V1__SERVER_MESSAGE__RESPONSE_EVENTS:
        if (peer->phase == PEER_CONNECTING)
            enter_room(peer);
        follow_standing(peer);
        if (message->response_case == ASSIZE__SIGNAL__V1__SERVER_MESSAGE__RESPONSE_EVENTS &&
            peer->options.accept_unmute)
            follow_invitation(peer, message->events);
        return;
    case ASSIZE__SIGNAL__V1__SERVER_MESSAGE__RESPONSE_MEDIA_OFFER:
        if (peer->options.media && message->media_offer->sdp)
            take_offer(peer, message->media_offer);
        return;
    case ASSIZE__SIGNAL__V1__SERVER_MESSAGE__RESPONSE_GALLERY:
        enter_gallery(peer);
        return;
    case ASSIZE__SIGNAL__V1__SERVER_MESSAGE__RESPONSE_MEDIA_SLOTS:
        take_slots(peer, message->media_slots);
        return;
    case ASSIZE__SIGNAL__V1__SERVER_MESSAGE__RESPONSE_EVICTED:
        take_eviction(peer, message->evicted);
        return;
    case ASSIZE__SIGNAL__V1__SERVER_MESSAGE__RESPONSE_RECONNECT:
        peer->reconnect_after_ms = message->reconnect->after_ms;
        return;
    case ASSIZE__SIGNAL__V1__SERVER_MESSAGE__RESPONSE_MEDIA_STATE:
        if (message->media_state->state ==
            ASSIZE__SIGNAL__V1__MEDIA_STATE__STATE__STATE_UNAVAILABLE)
            peer_timer_in(peer->loop, &peer->media_timer, MEDIA_RETRY_MS);
        return;
    default: /* what only people or the web client need */
        return;
    }
}

static void on_signal_opened(void *context)
{
    (void)context; /* the server speaks first */
}

static void on_signal_closed(void *context, unsigned code, int http_status)
{
    struct peer *peer = context;
    bool was_up = peer->phase == PEER_UP;

    peer->close_code = code;
    peer->http_status = http_status;
    if (http_status == HTTP_UNAUTHORIZED || http_status == HTTP_FORBIDDEN)
        peer->cookie[0] = '\0';
    retry_later(peer);
    if (was_up)
        tell(peer, PEER_DISCONNECTED);
}

static const struct peer_signal_ops signal_ops = {
    .opened = on_signal_opened, .message = on_message, .closed = on_signal_closed};

static void connect_signal(struct peer *peer)
{
    uint64_t leg = peer->current ? peer->current->id : 0;

    peer->phase = PEER_CONNECTING;
    if (peer_signal_open(&peer->signal, peer->loop, peer->options.server, peer->cookie,
                         peer->options.media, leg, &signal_ops, peer))
        retry_later(peer);
}

/* Signing in. */

static bool worth_retrying(int status)
{
    return status < HTTP_BAD_REQUEST || status == HTTP_TIMEOUT || status == HTTP_TOO_MANY ||
           status >= HTTP_SERVER_FAULT;
}

/* A server's words in plain ASCII, cut to fit, so that they can stand in a line of JSON. */
static void keep_reason(struct peer *peer, const uint8_t *text, size_t len)
{
    size_t kept = len < PEER_REASON_SIZE - 1 ? len : PEER_REASON_SIZE - 1;

    for (size_t i = 0; i < kept; i++)
        peer->reason[i] = text[i] >= ' ' && text[i] < 127 ? (char)text[i] : '?';
    peer->reason[kept] = '\0';
}

static void on_signed_in(void *context, const struct peer_http_response *response)
{
    struct peer *peer = context;
    bool good = response->status == HTTP_OK && *response->cookie;

    peer->http_status = response->status;
    if (good) {
        str_copy(peer->cookie, sizeof(peer->cookie), response->cookie);
        tell(peer, PEER_SIGNED_IN);
        connect_signal(peer);
        return;
    }
    keep_reason(peer, response->body, response->len);
    if (worth_retrying(response->status)) {
        retry_later(peer);
        return;
    }
    peer->phase = PEER_ENDED;
    tell(peer, PEER_REFUSED);
}

static void sign_in(struct peer *peer)
{
    char token[256];
    struct buf packed;
    Assize__Session__V1__OpenByLinkRequest request =
        ASSIZE__SESSION__V1__OPEN_BY_LINK_REQUEST__INIT;

    str_copy(token, sizeof(token), peer->options.token);
    request.token = token;
    peer->phase = PEER_SIGNING_IN;
    buf_init(&packed, 1 << 12);
    int result = codec_pack(&request.base, &packed);
    if (!result)
        result = peer_http_call(&peer->http, peer->loop, peer->options.server,
                                "assize.session.v1.SessionService/OpenByLink", "", &packed,
                                on_signed_in, peer);
    buf_done(&packed);
    if (result)
        retry_later(peer);
}

static void on_retry_timer(void *context)
{
    struct peer *peer = context;

    if (peer->cookie[0])
        connect_signal(peer);
    else
        sign_in(peer);
}

int peer_init(struct peer *peer, struct peer_loop *loop, const struct peer_options *options,
              void (*event)(void *context, enum peer_event event), void *context)
{
    *peer = (struct peer){.loop = loop,
                          .options = *options,
                          .event = event,
                          .context = context,
                          .retry_ms = RETRY_FIRST_MS,
                          .play.loop = loop};
    peer->legs[0].peer = peer->legs[1].peer = peer;
    peer->retry_timer = (struct peer_timer){.fire = on_retry_timer, .context = peer};
    peer->media_timer = (struct peer_timer){.fire = on_media_timer, .context = peer};
    if (!options->play_name)
        return 0;
    int result = peer_play_init(&peer->play, loop, options->play_dir, options->play_name);
    peer->play.shares = options->sends_share;
    return result;
}

void peer_start(struct peer *peer)
{
    sign_in(peer);
}

void peer_return(struct peer *peer)
{
    on_retry_timer(peer);
}

void peer_done(struct peer *peer)
{
    peer_timer_stop(peer->loop, &peer->retry_timer);
    peer_timer_stop(peer->loop, &peer->media_timer);
    peer_http_close(&peer->http);
    peer_signal_close(&peer->signal);
    drop_leg(peer, &peer->legs[0]);
    drop_leg(peer, &peer->legs[1]);
    peer_play_done(&peer->play);
    peer->phase = PEER_ENDED;
}

struct peer_totals peer_totals(const struct peer *peer)
{
    struct peer_totals totals = peer->past;

    for (int i = 0; i < 2; i++) {
        if (peer->legs[i].id)
            add_totals(&totals, &peer->legs[i].media);
    }
    return totals;
}

struct peer_media *peer_media_of(struct peer *peer)
{
    if (peer->current)
        return &peer->current->media;
    for (int i = 0; i < 2; i++) {
        if (peer->legs[i].id)
            return &peer->legs[i].media;
    }
    return NULL;
}
