#include "tests/unit/relay_fixture.h"

#include <setjmp.h>
#include <stdarg.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "media/rtp/bytes.h"
#include "media/rtp/datagram.h"
#include "media/rtp/stun.h"
#include "proto/codec.h"

static int64_t clock_shift_ns;
uint64_t fixture_spare;
const struct writer_disk *fixture_disk;
void (*fixture_prepare)(const char *record);

static struct known_state {
    uint64_t leg;
    Assize__Media__V1__LegState__State state;
    char reason[32];
} known[FIXTURE_STATES_MAX];

static int64_t shifted_clock(void)
{
    return clock_monotonic_ns() + clock_shift_ns;
}

/* ---- the controller ---- */

static struct known_state *known_of(uint64_t leg)
{
    for (size_t i = 0; i < FIXTURE_STATES_MAX; i++) {
        if (known[i].leg == leg || !known[i].leg)
            return &known[i];
    }
    fail_msg("too many legs");
    return NULL;
}

Assize__Media__V1__LegState__State fixture_state(uint64_t leg)
{
    return known_of(leg)->state;
}

const char *fixture_reason(uint64_t leg)
{
    return known_of(leg)->reason;
}

static void note_state(const Assize__Media__V1__LegState *state)
{
    struct known_state *place = known_of(state->leg);

    place->leg = state->leg;
    place->state = state->state;
    snprintf(place->reason, sizeof(place->reason), "%s", state->reason);
}

static void note_record(struct controller_end *end, const Assize__Media__V1__Report *report)
{
    if (report->body_case == ASSIZE__MEDIA__V1__REPORT__BODY_RECORD_STATE) {
        end->record = report->record_state->state;
        end->record_why = report->record_state->why;
    } else if (report->body_case == ASSIZE__MEDIA__V1__REPORT__BODY_RECORD_GAP) {
        end->gap_count++;
        end->gap_ms = report->record_gap->to_ms - report->record_gap->from_ms;
    } else if (report->body_case == ASSIZE__MEDIA__V1__REPORT__BODY_RECORD_HEAD) {
        end->head_count++;
        end->head_packets += report->record_head->packets;
    }
}

static int take_report(void *context, const uint8_t *body, size_t len)
{
    struct controller_end *end = context;
    struct arena arena;

    arena_init(&arena, 1 << 20);
    Assize__Media__V1__Report *report =
        codec_unpack(&assize__media__v1__report__descriptor, &arena, body, len);
    assert_non_null(report);
    if (report->in_reply_to) {
        arena_done(&end->arena);
        end->arena = arena;
        end->reply = report;
        return 0;
    }
    if (report->body_case == ASSIZE__MEDIA__V1__REPORT__BODY_LEG_STATE)
        note_state(report->leg_state);
    if (report->body_case == ASSIZE__MEDIA__V1__REPORT__BODY_LEG_QUALITY)
        end->quality_count++;
    note_record(end, report);
    arena_done(&arena);
    return 0;
}

static void read_controller(struct controller_end *end)
{
    uint8_t bytes[65536];
    ssize_t count;

    while (end->fd >= 0 && (count = recv(end->fd, bytes, sizeof(bytes), MSG_DONTWAIT)) >= 0) {
        if (count == 0) {
            end->ended = true;
            return;
        }
        assert_int_equal(frame_reader_feed(&end->in, bytes, (size_t)count, take_report, end), 0);
    }
}

void controller_connect(struct fixture *fixture, struct controller_end *end)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    *end = (struct controller_end){.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    arena_init(&end->arena, 1 << 20);
    frame_reader_init(&end->in);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", fixture->socket);
    assert_int_equal(connect(end->fd, (struct sockaddr *)&address, sizeof(address)), 0);
}

void controller_close(struct controller_end *end)
{
    if (end->fd < 0)
        return;
    close(end->fd);
    end->fd = -1;
    frame_reader_done(&end->in);
    arena_done(&end->arena);
}

Assize__Media__V1__Report *controller_ask(struct fixture *fixture, struct controller_end *end,
                                          Assize__Media__V1__Request *request)
{
    struct buf out;

    buf_init(&out, 1 << 21);
    request->has_request_id = 1;
    request->request_id = ++end->next_id;
    assert_int_equal(codec_pack_frame(&request->base, &out), 0);
    assert_int_equal(send(end->fd, out.data, out.len, MSG_NOSIGNAL), (ssize_t)out.len);
    buf_done(&out);
    end->reply = NULL;
    for (int i = 0; i < 2000 && !end->reply && !end->ended; i++) {
        relay_turn(fixture->relay, 1);
        read_controller(end);
    }
    return end->reply;
}

Assize__Media__V1__Report *controller_attach(struct fixture *fixture, struct controller_end *end)
{
    Assize__Media__V1__Request request = ASSIZE__MEDIA__V1__REQUEST__INIT;
    Assize__Media__V1__Attach attach = ASSIZE__MEDIA__V1__ATTACH__INIT;
    char name[] = "test";

    attach.controller = name;
    request.body_case = ASSIZE__MEDIA__V1__REQUEST__BODY_ATTACH;
    request.attach = &attach;
    return controller_ask(fixture, end, &request);
}

/* ---- the fixture ---- */

int fixture_set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    char error[RELAY_ERROR_SIZE];

    log_set_level(LOG_ERROR);
    memset(known, 0, sizeof(known));
    snprintf(fixture->dir, sizeof(fixture->dir), "/tmp/assize-relay-test-XXXXXX");
    if (!mkdtemp(fixture->dir))
        return -1;
    snprintf(fixture->socket, sizeof(fixture->socket), "%s/relay.sock", fixture->dir);
    snprintf(fixture->local, sizeof(fixture->local), "%s/local.sock", fixture->dir);
    snprintf(fixture->record, sizeof(fixture->record), "%s/record", fixture->dir);
    const struct relay_options options = {
        .listen = "127.0.0.1",
        .advertise = "",
        .control_path = fixture->socket,
        .local_path = fixture->local,
        .record_path = fixture->record,
        .record_spare = fixture_spare,
        .disk = fixture_disk,
        .clock_ns = shifted_clock,
    };
    if (fixture_prepare)
        fixture_prepare(fixture->record);
    if (relay_new(&options, error, &fixture->relay) || relay_start(fixture->relay) ||
        peer_identity_init(&fixture->identity))
        return -1;
    controller_connect(fixture, &fixture->controller);
    *state = fixture;
    return controller_attach(fixture, &fixture->controller) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *at)
{
    (void)info;
    (void)kind;
    (void)at;
    return remove(path);
}

int fixture_tear_down(void **state)
{
    struct fixture *fixture = *state;

    controller_close(&fixture->controller);
    relay_free(fixture->relay);
    peer_identity_done(&fixture->identity);
    unlink(fixture->socket);
    nftw(fixture->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(fixture);
    return 0;
}

void fixture_settle(struct fixture *fixture)
{
    for (int i = 0; i < 8; i++) {
        relay_turn(fixture->relay, 1);
        read_controller(&fixture->controller);
    }
}

/* In steps, as the relay's ticks come. */
void fixture_pass(struct fixture *fixture, int ms)
{
    while (ms > 0) {
        int step = ms < 100 ? ms : 100;
        clock_shift_ns += NS_OF_MS(step);
        relay_turn(fixture->relay, 0);
        ms -= step;
    }
    fixture_settle(fixture);
}

int fixture_socket(const struct fixture *fixture)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons(relay_port(fixture->relay))};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

Assize__Media__V1__Report *fixture_matrix(struct fixture *fixture, uint64_t epoch,
                                          const Assize__Media__V1__Cell *cells, size_t count)
{
    Assize__Media__V1__Request request = ASSIZE__MEDIA__V1__REQUEST__INIT;
    Assize__Media__V1__Matrix matrix = ASSIZE__MEDIA__V1__MATRIX__INIT;
    Assize__Media__V1__Cell copies[16];
    Assize__Media__V1__Cell *list[16];
    char hearing[] = "h";

    assert_in_range(count, 0, 16);
    for (size_t i = 0; i < count; i++) {
        copies[i] = cells[i];
        list[i] = &copies[i];
    }
    matrix.hearing = hearing;
    matrix.has_epoch = matrix.has_reset = 1;
    matrix.epoch = epoch;
    matrix.reset = 1;
    matrix.grant = list;
    matrix.n_grant = count;
    request.body_case = ASSIZE__MEDIA__V1__REQUEST__BODY_MATRIX;
    request.matrix = &matrix;
    return controller_ask(fixture, &fixture->controller, &request);
}

Assize__Media__V1__Cell fixture_audio_cell(const struct client *from, const struct client *to)
{
    Assize__Media__V1__Cell cell = ASSIZE__MEDIA__V1__CELL__INIT;

    cell.has_source = cell.has_subscriber = cell.has_medium = cell.has_slot = 1;
    cell.source = from->leg;
    cell.subscriber = to->leg;
    cell.medium = ASSIZE__MEDIA__V1__MEDIUM__MEDIUM_AUDIO;
    return cell;
}

/* ---- clients ---- */

static void carry_handshake(void *context, const uint8_t *data, size_t len)
{
    const struct client *client = context;

    client_send(client, client->fd, data, len);
}

void client_open(struct fixture *fixture, struct client *client, enum peer_srtp_profile profile)
{
    Assize__Media__V1__Request request = ASSIZE__MEDIA__V1__REQUEST__INIT;
    Assize__Media__V1__OpenLeg open = ASSIZE__MEDIA__V1__OPEN_LEG__INIT;
    char hearing[] = "h";
    char session[] = "s";

    *client = (struct client){.fixture = fixture, .leg = ++fixture->next_leg};
    open.has_leg = open.has_endpoint = open.has_may_send = 1;
    open.has_audio_slots = open.has_video_slots = 1;
    open.leg = client->leg;
    open.hearing = hearing;
    open.session = session;
    open.may_send = 1;
    open.audio_slots = open.video_slots = 1;
    request.body_case = ASSIZE__MEDIA__V1__REQUEST__BODY_OPEN_LEG;
    request.open_leg = &open;
    const Assize__Media__V1__Report *reply =
        controller_ask(fixture, &fixture->controller, &request);
    assert_non_null(reply);
    assert_int_equal(reply->body_case, ASSIZE__MEDIA__V1__REPORT__BODY_LEG_OFFER);
    snprintf(client->sdp, sizeof(client->sdp), "%s", reply->leg_offer->sdp);
    assert_int_equal(peer_sdp_parse(client->sdp, &client->offer), 0);
    client->fd = fixture_socket(fixture);
    assert_int_equal(peer_dtls_init(&client->dtls, &fixture->identity, client->offer.fingerprint,
                                    peer_srtp_name(profile), carry_handshake, client),
                     0);
}

void client_close(struct client *client)
{
    close(client->fd);
    client->fd = -1;
    client->dtls.state = PEER_DTLS_FAILED; /* no goodbye */
    peer_dtls_done(&client->dtls);
    if (client->srtp_ready)
        peer_srtp_done(&client->srtp);
}

void client_send(const struct client *client, int fd, const void *data, size_t len)
{
    (void)client;
    (void)!send(fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void client_check(struct client *client, int fd, bool use_candidate, const char *password)
{
    struct stun_request request = {
        .password = password ? password : client->offer.password,
        .priority = 1,
        .use_candidate = use_candidate,
        .role = STUN_ROLE_CONTROLLING,
        .tie_breaker = 7,
    };
    char username[STUN_USERNAME_MAX];
    uint8_t data[STUN_WRITE_MAX];

    snprintf(username, sizeof(username), "%s:client", client->offer.ufrag);
    request.username = username;
    id_random(request.transaction, sizeof(request.transaction));
    client_send(client, fd, data, stun_write_request(data, &request));
    fixture_settle(client->fixture);
    client_read(client, fd);
}

static void take_stun(struct client *client, const uint8_t *data, size_t len)
{
    struct stun_message message;

    assert_int_equal(stun_parse(data, len, &message), 0);
    assert_true(stun_verify(data, &message, client->offer.password));
    client->checks_answered += message.class == STUN_SUCCESS;
}

static void take_handshake(struct client *client, const uint8_t *data, size_t len)
{
    client->handshakes_in++;
    if (!client->dtls_started)
        return;
    peer_dtls_feed(&client->dtls, data, len);
    if (client->dtls.state == PEER_DTLS_UP && !client->srtp_ready) {
        assert_int_equal(peer_srtp_init(&client->srtp, client->dtls.profile, client->dtls.master),
                         0);
        client->srtp_ready = true;
    }
}

static void take_media(struct client *client, uint8_t *data, size_t len, bool rtcp)
{
    if (!client->srtp_ready)
        return;
    size_t plain = rtcp ? peer_srtp_unprotect_rtcp(&client->srtp, data, len)
                        : peer_srtp_unprotect(&client->srtp, data, len);
    assert_true(plain > 0);
    if (rtcp) {
        client->rtcp_in++;
        return;
    }
    client->rtp_in++;
    client->last_rtp_len = plain;
    memcpy(client->last_rtp, data, plain);
}

void client_read(struct client *client, int fd)
{
    uint8_t data[2048];
    ssize_t count;

    while ((count = recv(fd, data, sizeof(data), MSG_DONTWAIT)) > 0) {
        size_t len = (size_t)count;
        client->datagrams_in++;
        switch (datagram_classify(data, len)) {
        case DATAGRAM_STUN:
            take_stun(client, data, len);
            break;
        case DATAGRAM_DTLS:
            take_handshake(client, data, len);
            break;
        case DATAGRAM_RTP:
        case DATAGRAM_RTCP:
            take_media(client, data, len, datagram_classify(data, len) == DATAGRAM_RTCP);
            break;
        case DATAGRAM_JUNK:
            fail_msg("the relay sent junk");
        }
    }
}

void client_start_dtls(struct client *client)
{
    client->dtls_started = true;
    peer_dtls_start(&client->dtls);
    for (int i = 0; i < 100 && client->dtls.state == PEER_DTLS_SHAKING; i++) {
        fixture_settle(client->fixture);
        client_read(client, client->fd);
    }
    fixture_settle(client->fixture);
}

uint32_t client_ssrc(const struct client *client, enum peer_medium medium)
{
    return (uint32_t)(client->leg * 1000 + medium + 1);
}

Assize__Media__V1__Report *client_answer(struct client *client, const uint8_t *fingerprint)
{
    const struct peer_answer answer = {
        .ufrag = "client",
        .password = "aPasswordLongEnoughForIce",
        .fingerprint = fingerprint ? fingerprint : client->fixture->identity.fingerprint,
        .ssrc = {client_ssrc(client, PEER_AUDIO), client_ssrc(client, PEER_VIDEO),
                 client_ssrc(client, PEER_SHARE)},
    };
    Assize__Media__V1__Request request = ASSIZE__MEDIA__V1__REQUEST__INIT;
    Assize__Media__V1__AnswerLeg message = ASSIZE__MEDIA__V1__ANSWER_LEG__INIT;
    struct buf sdp;

    buf_init(&sdp, SDP_BYTES_MAX);
    assert_int_equal(peer_sdp_answer(&client->offer, &answer, &sdp), 0);
    assert_int_equal(buf_append(&sdp, "", 1), 0);
    message.has_leg = 1;
    message.leg = client->leg;
    message.sdp = (char *)sdp.data;
    request.body_case = ASSIZE__MEDIA__V1__REQUEST__BODY_ANSWER_LEG;
    request.answer_leg = &message;
    Assize__Media__V1__Report *reply =
        controller_ask(client->fixture, &client->fixture->controller, &request);
    buf_done(&sdp);
    return reply;
}

void client_connect(struct client *client)
{
    client_check(client, client->fd, true, NULL);
    client_start_dtls(client);
    const Assize__Media__V1__Report *reply = client_answer(client, NULL);
    assert_int_equal(reply->body_case, ASSIZE__MEDIA__V1__REPORT__BODY_ACCEPTED);
    fixture_settle(client->fixture);
    assert_int_equal(fixture_state(client->leg),
                     ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_CONNECTED);
}

size_t client_make_audio(struct client *client, uint32_t ssrc, uint8_t out[static 1500])
{
    const struct rtp_header header = {.payload_type = SDP_OPUS,
                                      .seq = ++client->next_seq,
                                      .timestamp = client->next_seq * 960u,
                                      .ssrc = ssrc};
    size_t len = rtp_write_header(out, 1500, &header, NULL, 0);

    memset(out + len, client->next_seq, 40);
    return peer_srtp_protect(&client->srtp, out, len + 40);
}
