#include "media/relay/leg_internal.h"

#include <assert.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/id.h"
#include "base/str.h"

int legs_init(struct legs *legs, struct udp *udp, struct relay_counters *counters,
              const struct leg_ops *ops, void *context)
{
    *legs = (struct legs){.udp = udp, .counters = counters, .ops = ops, .context = context};
    router_init(&legs->router, &packets_router_ops, legs, counters);
    return dtls_identity_new(&legs->identity);
}

/* Whose connection it is notices and closes it. */
static void shut_down(struct leg *leg)
{
    if (leg->link >= 0)
        shutdown(leg->link, SHUT_RDWR);
    leg->link = -1;
}

static void free_leg(struct leg *leg)
{
    struct legs *legs = leg->legs;

    dtls_free(leg->dtls);
    udp_discard(legs->udp, &leg->route);
    if (leg->party.local)
        shut_down(leg);
    else
        ice_remove(&legs->agents, &leg->ice);
    router_remove(&legs->router, &leg->party);
    if (leg->keyed) {
        srtp_context_done(&leg->in);
        srtp_context_done(&leg->out);
    }
    legs->count--;
    free(leg);
}

void legs_done(struct legs *legs)
{
    struct party *party;
    struct party *next;

    HASH_ITER(by_id, legs->router.parties, party, next)
    free_leg((struct leg *)party);
    router_done(&legs->router);
    dtls_identity_free(legs->identity);
}

struct leg *leg_find(const struct legs *legs, uint64_t id)
{
    return (struct leg *)router_find(&legs->router, id);
}

int leg_open(struct legs *legs, const struct leg_wish *wish, struct leg **ret_leg)
{
    if (leg_find(legs, wish->id))
        return -EEXIST;
    struct room *room =
        legs->count < RELAY_LEGS_MAX ? router_room(&legs->router, wish->hearing) : NULL;
    if (!room)
        return -ENOSPC;
    struct leg *leg = calloc(1, sizeof(*leg));
    if (!leg)
        abort();
    leg->legs = legs;
    leg->endpoint = wish->endpoint;
    leg->may_send = wish->may_send;
    leg->may_share = wish->may_share;
    leg->state = LEG_STATE_NEW;
    leg->opened_ns = legs->now_ns;
    str_copy(leg->session, sizeof(leg->session), wish->session);
    router_add(&legs->router, &leg->party, room,
               &(const struct party_wish){
                   .id = wish->id,
                   .may_send = wish->may_send,
                   .may_share = wish->may_share,
                   .audio_slots = wish->audio_slots,
                   .video_slots = wish->video_slots,
               });
    leg->link = -1;
    if (wish->token) {
        memcpy(leg->token, wish->token, sizeof(leg->token));
        router_take_local(&leg->party, wish->may_send);
    } else {
        ice_add(&legs->agents, &leg->ice, leg);
    }
    legs->count++;
    legs->counters->legs_opened++;
    *ret_leg = leg;
    return 0;
}

/* ---- offer and answer ---- */

static size_t fill_slots(const struct leg *leg, struct sdp_slot *slots)
{
    static const char letters[ROUTER_MEDIA] = {[SDP_AUDIO] = 'a', [SDP_VIDEO] = 'v'};
    size_t count = 0;

    for (int medium = 0; medium < ROUTER_MEDIA; medium++) {
        for (uint32_t i = 0; i < leg->party.slot_count[medium]; i++) {
            struct sdp_slot *slot = &slots[count++];
            slot->medium = (enum sdp_medium)medium;
            slot->ssrc = leg->party.slots[medium][i].ssrc;
            snprintf(slot->mid, sizeof(slot->mid), "%c%u", letters[medium], i);
            snprintf(slot->stream, sizeof(slot->stream), "s%u", i);
        }
    }
    return count;
}

static void fill_offer(const struct leg *leg, struct sdp_offer *offer, struct sdp_slot *slots)
{
    const struct legs *legs = leg->legs;

    *offer = (struct sdp_offer){
        .session_id = leg->party.id,
        .ufrag = leg->ice.ufrag,
        .password = leg->ice.password,
        .fingerprint = dtls_identity_fingerprint(legs->identity),
        .candidates = legs->candidates,
        .candidate_count = legs->candidate_count,
        .may_send = leg->may_send,
        .may_share = leg->may_share,
        .cname = leg->party.cname,
        .slots = slots,
        .slot_count = fill_slots(leg, slots),
    };
}

int leg_offer(const struct leg *leg, struct buf *out)
{
    struct sdp_slot slots[ROUTER_MEDIA * RELAY_SLOTS_MAX];
    struct sdp_offer offer;

    fill_offer(leg, &offer, slots);
    return sdp_make_offer(out, &offer);
}

int leg_answer(struct leg *leg, const char *sdp, size_t len)
{
    struct sdp_slot slots[ROUTER_MEDIA * RELAY_SLOTS_MAX];
    struct sdp_offer offer;
    struct sdp_answer answer;

    if (leg->party.local)
        return -EINVAL;
    if (leg->answered)
        return -EALREADY;
    fill_offer(leg, &offer, slots);
    if (sdp_parse_answer(sdp, len, &answer) || sdp_check_answer(&offer, &answer) ||
        answer.setup != SDP_SETUP_ACTIVE)
        return -EINVAL;
    memcpy(leg->fingerprint, answer.fingerprint, sizeof(leg->fingerprint));
    router_take_answer(&leg->party, &answer);
    leg->answered = true;
    return leg_progress(leg) ? 0 : -EINVAL;
}

int legs_apply(struct legs *legs, struct room *room, const struct relay_change *change)
{
    udp_flush(legs->udp);
    return router_apply(&legs->router, room, change, legs->now_ns);
}

/* ---- life ---- */

static void set_state(struct leg *leg, enum leg_state state, const char *reason)
{
    leg->state = state;
    leg->legs->ops->state(leg->legs->context, leg, reason);
}

void leg_close(struct leg *leg, const char *reason)
{
    leg->party.ready = false;
    set_state(leg, LEG_STATE_CLOSED, reason);
    free_leg(leg);
}

static int make_keys(struct leg *leg)
{
    struct srtp_master client;
    struct srtp_master server;
    int result = dtls_export(leg->dtls, &client, &server);

    if (!result)
        result = srtp_context_init(&leg->in, &client);
    if (!result) {
        result = srtp_context_init(&leg->out, &server);
        if (result)
            srtp_context_done(&leg->in);
    }
    leg->keyed = !result;
    OPENSSL_cleanse(&client, sizeof(client));
    OPENSSL_cleanse(&server, sizeof(server));
    return result;
}

static bool connect_leg(struct leg *leg)
{
    struct legs *legs = leg->legs;

    if (CRYPTO_memcmp(leg->fingerprint, dtls_peer_fingerprint(leg->dtls), SHA256_BYTES) != 0) {
        legs->counters->fingerprints_wrong++;
        leg_close(leg, "fingerprint");
        return false;
    }
    if (make_keys(leg)) {
        leg_close(leg, "keys");
        return false;
    }
    leg->route.to = leg->ice.selected ? leg->ice.selected->address : leg->dtls_peer;
    legs->counters->legs_connected++;
    set_state(leg, LEG_STATE_CONNECTED, "");
    router_start(&legs->router, &leg->party, legs->now_ns);
    return true;
}

bool leg_progress(struct leg *leg)
{
    if (!leg->dtls)
        return true;
    switch (dtls_state(leg->dtls)) {
    case DTLS_STATE_HANDSHAKE:
        return true;
    case DTLS_STATE_ESTABLISHED:
        return leg->state != LEG_STATE_NEW || !leg->answered || connect_leg(leg);
    case DTLS_STATE_CLOSED:
        leg_close(leg, "left");
        return false;
    case DTLS_STATE_FAILED:
        leg_close(leg, "dtls");
        return false;
    }
    abort();
}

void leg_link(struct leg *leg, int fd)
{
    struct legs *legs = leg->legs;

    if (leg->link >= 0) {
        shut_down(leg);
        leg_unlink(leg);
    }
    leg->link = fd;
    for (int medium = 0; medium < ROUTER_MEDIA; medium++)
        leg->streams[medium] = (struct local_stream){0};
    legs->counters->legs_connected++;
    set_state(leg, LEG_STATE_CONNECTED, "");
    router_start(&legs->router, &leg->party, legs->now_ns);
}

void leg_unlink(struct leg *leg)
{
    leg->link = -1;
    router_stop(&leg->party);
    set_state(leg, LEG_STATE_LOST, "");
}

void legs_cut(struct legs *legs, const char *reason)
{
    struct party *party;
    struct party *next;
    struct room *room;

    HASH_ITER(by_id, legs->router.parties, party, next)
    leg_close((struct leg *)party, reason);
    for (room = legs->router.rooms; room; room = room->hh.next)
        relay_matrix_cut(&room->matrix);
}

/* ---- what is due ---- */

void legs_tick(struct legs *legs)
{
    router_ask(&legs->router, legs->now_ns);
}

/* Lost, found again, gone (RFC 7675). True while the leg lives. */
static bool check_consent(struct leg *leg)
{
    int64_t now_ns = leg->legs->now_ns;
    int64_t since = leg->ice.checked_ns ? leg->ice.checked_ns : leg->opened_ns;

    if (now_ns - since >= NS_OF_MS(RELAY_CONSENT_MS)) {
        leg_close(leg, "consent");
        return false;
    }
    if (leg->state == LEG_STATE_NEW && now_ns - leg->opened_ns >= NS_OF_MS(RELAY_HANDSHAKE_MS)) {
        leg_close(leg, "handshake");
        return false;
    }
    if (leg->state == LEG_STATE_CONNECTED && now_ns - since >= NS_OF_MS(RELAY_LOST_MS))
        set_state(leg, LEG_STATE_LOST, "");
    return true;
}

static bool is_alive(struct leg *leg)
{
    if (!check_consent(leg))
        return false;
    if (leg->dtls)
        dtls_tick(leg->dtls);
    return leg_progress(leg);
}

static void tick_leg(struct leg *leg)
{
    if (!leg->party.local && !is_alive(leg))
        return;
    if (router_report(&leg->legs->router, &leg->party, leg->legs->now_ns))
        leg->legs->ops->quality(leg->legs->context, leg);
}

void legs_slow_tick(struct legs *legs)
{
    struct party *party;
    struct party *next;

    HASH_ITER(by_id, legs->router.parties, party, next)
    tick_leg((struct leg *)party);
}
