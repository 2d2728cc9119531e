#include "tests/peer/peer_media.h"

#include <errno.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"
#include "tests/peer/peer_media_internal.h"

enum {
    BATCH = 32,
    DATAGRAM_MAX = 2048,
    RECEIVE_BUFFER = 4 << 20,
    FIRST_CHECK_MS = 50,
    CHECK_MAX_MS = 500,
    CONSENT_MS = 2000,
    LOST_MS = 5000,
    FAILED_MS = 30000,
    CONNECT_MS = 15000,
    REPORT_MS = 1000,
    DTLS_TICK_MS = 50,
    DROP_SEED = 316050594,
};

static void enter(struct peer_media *media, enum peer_media_state state)
{
    if (media->state == state || media->state == PEER_MEDIA_FAILED)
        return;
    media->state = state;
    media->ops->state(media->context, state);
}

void peer_media_send_raw(struct peer_media *media, const void *data, size_t len)
{
    /* A full buffer or a relay that is away: the datagram is lost, as datagrams are. */
    ssize_t sent = send(media->watch.fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
    (void)sent;
}

static void send_dtls(void *context, const uint8_t *data, size_t len)
{
    peer_media_send_raw(context, data, len);
}

static void send_check(struct peer_media *media)
{
    uint8_t out[PEER_STUN_MAX];
    char username[PEER_SDP_ICE_SIZE + PEER_UFRAG_SIZE];
    struct peer_check_sent *sent = &media->checks[media->checks_sent % PEER_CHECKS_KEPT];
    struct peer_stun_check check = {
        .username = username,
        .password =
            media->options.bad_integrity ? "not-the-password-of-this-leg" : media->offer.password,
        .tie_breaker = media->tie_breaker,
    };

    snprintf(username, sizeof(username), "%s:%s", media->offer.ufrag, media->ufrag);
    id_random(check.id, sizeof(check.id));
    memcpy(sent->id, check.id, sizeof(check.id));
    sent->at_ns = clock_monotonic_ns();
    media->checks_sent++;
    peer_media_send_raw(media, out, peer_stun_write_check(out, &check));
}

static void on_check_timer(void *context)
{
    struct peer_media *media = context;
    int64_t now = clock_monotonic_ns();
    int64_t quiet_ms =
        (now - (media->answered_ns ? media->answered_ns : media->started_ns)) / CLOCK_NS_PER_MS;
    bool up = media->state == PEER_MEDIA_CONNECTED || media->state == PEER_MEDIA_LOST;

    if (quiet_ms > FAILED_MS || (!up && (now - media->started_ns) / CLOCK_NS_PER_MS > CONNECT_MS)) {
        enter(media, PEER_MEDIA_FAILED);
        return;
    }
    if (media->state == PEER_MEDIA_CONNECTED && quiet_ms > LOST_MS)
        enter(media, PEER_MEDIA_LOST);
    send_check(media);
    int64_t next = up ? CONSENT_MS : media->check_interval_ms;
    media->check_interval_ms = next * 2 > CHECK_MAX_MS ? CHECK_MAX_MS : next * 2;
    peer_timer_in(media->loop, &media->check_timer,
                  media->state == PEER_MEDIA_LOST ? CHECK_MAX_MS : next);
}

static void on_report_timer(void *context)
{
    struct peer_media *media = context;

    peer_media_report(media);
    peer_timer_in(media->loop, &media->report_timer, REPORT_MS);
}

static void on_lost_timer(void *context)
{
    peer_media_ask_lost(context);
}

/* DTLS has moved on: its keys are there, or it has failed. */
static void follow_dtls(struct peer_media *media)
{
    bool up = media->state == PEER_MEDIA_CONNECTED || media->state == PEER_MEDIA_LOST;

    if (media->dtls.state == PEER_DTLS_FAILED) {
        enter(media, PEER_MEDIA_FAILED);
    } else if (media->dtls.state == PEER_DTLS_UP && !up) {
        if (peer_srtp_init(&media->srtp, media->dtls.profile, media->dtls.master)) {
            enter(media, PEER_MEDIA_FAILED);
            return;
        }
        media->connected_ns = clock_monotonic_ns();
        peer_timer_in(media->loop, &media->report_timer, REPORT_MS);
        if (media->options.nack)
            peer_media_ask_lost(media);
        enter(media, PEER_MEDIA_CONNECTED);
    }
}

static void on_dtls_timer(void *context)
{
    struct peer_media *media = context;

    peer_dtls_tick(&media->dtls);
    if (media->dtls.state == PEER_DTLS_SHAKING)
        peer_timer_in(media->loop, &media->dtls_timer, DTLS_TICK_MS);
    follow_dtls(media);
}

static void note_answer(struct peer_media *media, const uint8_t *id)
{
    int64_t now = clock_monotonic_ns();

    for (int i = 0; i < PEER_CHECKS_KEPT; i++) {
        struct peer_check_sent *sent = &media->checks[i];
        if (!sent->at_ns || memcmp(sent->id, id, PEER_STUN_ID_BYTES) != 0)
            continue;
        media->checks_answered++;
        media->answered_ns = now;
        media->rtt_ns = now - sent->at_ns;
        if (media->rtt_ns > media->rtt_max_ns)
            media->rtt_max_ns = media->rtt_ns;
        sent->at_ns = 0;
    }
}

static void take_stun(struct peer_media *media, const uint8_t *data, size_t len)
{
    struct peer_stun stun;

    if (!peer_stun_parse(data, len, media->offer.password, &stun))
        return;
    if (stun.type == PEER_STUN_ERROR)
        media->checks_refused++;
    if (stun.type != PEER_STUN_SUCCESS || !stun.authentic)
        return;
    note_answer(media, stun.id);
    if (!media->answered_ns)
        return;
    if (media->state == PEER_MEDIA_CHECKING) {
        enter(media, PEER_MEDIA_SHAKING);
        peer_dtls_start(&media->dtls);
        peer_timer_in(media->loop, &media->dtls_timer, DTLS_TICK_MS);
        follow_dtls(media);
    } else if (media->state == PEER_MEDIA_LOST) {
        enter(media, PEER_MEDIA_CONNECTED);
    }
}

/* By the first bytes: RFC 7983, and RFC 5761 for RTCP. */
static void take(struct peer_media *media, uint8_t *data, size_t len, int64_t now_ns)
{
    bool is_dtls = len && data[0] >= 20 && data[0] <= 63;
    bool is_rtp = len > 1 && data[0] >= 128 && data[0] <= 191;

    if (len && data[0] <= 3) {
        media->in.stun++;
        take_stun(media, data, len);
    } else if (is_dtls) {
        media->in.dtls++;
        peer_dtls_feed(&media->dtls, data, len);
        follow_dtls(media);
    } else if (is_rtp && data[1] >= 192 && data[1] <= 223) {
        media->in.rtcp++;
        peer_media_take_rtcp(media, data, len);
    } else if (is_rtp) {
        media->in.rtp++;
        peer_media_take_rtp(media, data, len, now_ns);
    } else {
        media->in.other++;
    }
}

void peer_media_drain(struct peer_media *media)
{
    static uint8_t data[BATCH][DATAGRAM_MAX];
    struct mmsghdr messages[BATCH];
    struct iovec parts[BATCH];
    int count;

    do {
        for (int i = 0; i < BATCH; i++) {
            parts[i] = (struct iovec){.iov_base = data[i], .iov_len = DATAGRAM_MAX};
            messages[i] = (struct mmsghdr){.msg_hdr = {.msg_iov = &parts[i], .msg_iovlen = 1}};
        }
        count = recvmmsg(media->watch.fd, messages, BATCH, MSG_DONTWAIT, NULL);
        int64_t now = clock_monotonic_ns();
        /* A state callback may close the connection. */
        for (int i = 0; i < count && media->watch.fd >= 0; i++)
            take(media, data[i], messages[i].msg_len, now);
    } while (count == BATCH && media->watch.fd >= 0);
}

static void on_ready(void *context, uint32_t events)
{
    (void)events;
    peer_media_drain(context);
}

void peer_media_unwatch(struct peer_media *media)
{
    peer_loop_unwatch(media->loop, &media->watch);
}

static int open_socket(struct peer_media *media)
{
    int size = RECEIVE_BUFFER;
    const struct sockaddr *to = (const struct sockaddr *)&media->offer.candidate;
    int fd = socket(to->sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -errno;
    media->watch = (struct peer_watch){.fd = fd, .ready = on_ready, .context = media};
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
    int result = connect(fd, to, media->offer.candidate_len) ? -errno : 0;
    if (!result)
        result = peer_loop_watch(media->loop, &media->watch, EPOLLIN);
    return result;
}

static int make_answer(struct peer_media *media)
{
    uint8_t random[32];
    uint8_t fingerprint[SHA256_BYTES];
    struct peer_answer answer = {
        .ufrag = media->ufrag,
        .password = media->password,
        .fingerprint = fingerprint,
    };

    for (int medium = 0; medium < PEER_MEDIA; medium++)
        answer.ssrc[medium] = media->senders[medium].ssrc;
    id_random(random, sizeof(random));
    str_hex(random, 4, media->ufrag);
    str_hex(random + 4, 16, media->password);
    id_random(&media->tie_breaker, sizeof(media->tie_breaker));
    memcpy(fingerprint, media->options.identity->fingerprint, SHA256_BYTES);
    if (media->options.lie_about_fingerprint)
        fingerprint[0] ^= 1;
    buf_init(&media->answer, PEER_SDP_MAX);
    return peer_sdp_answer(&media->offer, &answer, &media->answer);
}

static void init_timers(struct peer_media *media)
{
    media->check_timer = (struct peer_timer){.fire = on_check_timer, .context = media};
    media->dtls_timer = (struct peer_timer){.fire = on_dtls_timer, .context = media};
    media->report_timer = (struct peer_timer){.fire = on_report_timer, .context = media};
    media->lost_timer = (struct peer_timer){.fire = on_lost_timer, .context = media};
}

int peer_media_open(struct peer_media *media, struct peer_loop *loop,
                    const struct peer_media_options *options, const char *offer_sdp,
                    const struct peer_media_ops *ops, void *context)
{
    *media = (struct peer_media){
        .loop = loop, .options = *options, .ops = ops, .context = context, .watch.fd = -1};
    media->drop_seed = DROP_SEED;
    media->check_interval_ms = FIRST_CHECK_MS;
    init_timers(media);
    int result = peer_sdp_parse(offer_sdp, &media->offer);
    if (result)
        return result;
    for (int medium = 0; medium < PEER_MEDIA; medium++)
        peer_sender_init(&media->senders[medium], (enum peer_medium)medium, &media->offer);
    media->receivers = calloc(PEER_RECEIVERS_MAX, sizeof(*media->receivers));
    if (!media->receivers)
        abort();
    result = make_answer(media);
    if (!result)
        result = peer_dtls_init(&media->dtls, options->identity, media->offer.fingerprint,
                                options->profiles, send_dtls, media);
    if (!result)
        result = open_socket(media);
    if (result)
        peer_media_done(media);
    return result;
}

void peer_media_start(struct peer_media *media)
{
    media->started_ns = clock_monotonic_ns();
    enter(media, PEER_MEDIA_CHECKING);
    on_check_timer(media);
}

void peer_media_close(struct peer_media *media)
{
    if (!media->loop)
        return;
    peer_timer_stop(media->loop, &media->check_timer);
    peer_timer_stop(media->loop, &media->dtls_timer);
    peer_timer_stop(media->loop, &media->report_timer);
    peer_timer_stop(media->loop, &media->lost_timer);
    peer_dtls_done(&media->dtls);
    peer_srtp_done(&media->srtp);
    if (media->watch.fd >= 0) {
        peer_loop_unwatch(media->loop, &media->watch);
        close(media->watch.fd);
    }
    media->watch.fd = -1;
    media->state = PEER_MEDIA_FAILED;
}

void peer_media_done(struct peer_media *media)
{
    peer_media_close(media);
    for (int medium = 0; medium < PEER_MEDIA; medium++)
        peer_sender_done(&media->senders[medium]);
    free(media->receivers);
    media->receivers = NULL;
    media->receiver_count = 0;
    buf_done(&media->answer);
}
