#include "tests/unit/local_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "media/rtp/bytes.h"
#include "media/rtp/rtcp.h"

const uint8_t local_token[LOCAL_TOKEN_BYTES] = "sixteen bytes of";

/* ---- the process ---- */

void process_come(struct fixture *fixture, struct process *process)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    *process = (struct process){.fixture = fixture,
                                .fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)};
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", fixture->local);
    assert_int_equal(connect(process->fd, (struct sockaddr *)&address, sizeof(address)), 0);
    fixture_settle(fixture);
}

void process_put(struct process *process, const uint8_t *data, size_t len)
{
    assert_int_equal(send(process->fd, data, len, MSG_NOSIGNAL), (ssize_t)len);
    fixture_settle(process->fixture);
}

void process_hello(struct process *process, uint64_t leg, const uint8_t *token)
{
    uint8_t hello[LOCAL_HELLO_BYTES] = "ASZL";

    bytes_put32(hello + 4, (uint32_t)(leg >> 32));
    bytes_put32(hello + 8, (uint32_t)leg);
    memcpy(hello + 12, token, LOCAL_TOKEN_BYTES);
    process_put(process, hello, sizeof(hello));
}

/* True when there was a datagram; false when there is none, or no connection any more. */
static bool process_read(struct process *process)
{
    ssize_t count = recv(process->fd, process->last, sizeof(process->last), MSG_DONTWAIT);

    if (count <= 0)
        return false;
    process->len = (size_t)count;
    process->count++;
    return true;
}

size_t process_read_all(struct process *process)
{
    size_t before = process->count;

    fixture_settle(process->fixture);
    while (process_read(process))
        continue;
    return process->count - before;
}

bool process_read_kind(struct process *process, enum local_kind kind)
{
    fixture_settle(process->fixture);
    while (process_read(process)) {
        if (process->last[0] == kind)
            return true;
    }
    return false;
}

bool process_is_cut_off(const struct process *process)
{
    uint8_t byte;

    fixture_settle(process->fixture);
    return recv(process->fd, &byte, 1, MSG_DONTWAIT) == 0;
}

void process_go(struct process *process)
{
    close(process->fd);
    fixture_settle(process->fixture);
}

/* ---- packets ---- */

size_t process_write_packet(uint8_t *out, enum local_medium medium, uint32_t ssrc, uint16_t seq,
                            bool key_frame)
{
    static const uint8_t key[] = {0x10, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 1, 0xf0, 0};
    static const uint8_t delta[] = {0x10, 0x11, 0, 0, 1, 2, 3, 4, 5, 6, 7};
    const struct rtp_header header = {.payload_type = medium == LOCAL_VIDEO ? SDP_VP8 : SDP_OPUS,
                                      .marker = true,
                                      .seq = seq,
                                      .timestamp = seq * 960u,
                                      .ssrc = ssrc};
    size_t len = rtp_write_header(out, 100, &header, NULL, 0);

    memcpy(out + len, key_frame ? key : delta, sizeof(key));
    return len + sizeof(key);
}

void process_send_packet(struct process *process, enum local_medium medium, uint32_t ssrc,
                         uint16_t seq, bool key_frame)
{
    uint8_t data[PROCESS_ROOM] = {LOCAL_RTP, (uint8_t)medium};
    size_t len = process_write_packet(data + LOCAL_HEAD_BYTES, medium, ssrc, seq, key_frame);

    process_put(process, data, LOCAL_HEAD_BYTES + len);
}

void process_send_report(struct process *process, enum local_medium medium, uint32_t ssrc)
{
    const struct rtcp_sender_info info = {.ntp = UINT64_C(77) << 32, .timestamp = 960};
    uint8_t data[PROCESS_ROOM] = {LOCAL_RTCP, (uint8_t)medium};
    struct rtcp_writer writer;

    rtcp_writer_init(&writer, data + LOCAL_HEAD_BYTES, LOCAL_PACKET_MAX);
    assert_int_equal(rtcp_write_sr(&writer, ssrc, &info, NULL, 0), 0);
    process_put(process, data, LOCAL_HEAD_BYTES + writer.len);
}

void local_client_say(struct client *client, enum local_medium medium, bool key_frame)
{
    uint8_t data[1500];
    uint32_t ssrc = client_ssrc(client, medium == LOCAL_VIDEO ? PEER_VIDEO : PEER_AUDIO);
    size_t len = process_write_packet(data, medium, ssrc, ++client->next_seq, key_frame);

    client_send(client, client->fd, data, peer_srtp_protect(&client->srtp, data, len));
    fixture_settle(client->fixture);
}

size_t local_client_hear(struct client *client)
{
    size_t before = client->rtp_in;

    fixture_settle(client->fixture);
    client_read(client, client->fd);
    return client->rtp_in - before;
}

/* ---- legs and cells ---- */

Assize__Media__V1__Report *local_open(struct fixture *fixture, size_t token_len)
{
    Assize__Media__V1__Request request = ASSIZE__MEDIA__V1__REQUEST__INIT;
    Assize__Media__V1__OpenLeg open = ASSIZE__MEDIA__V1__OPEN_LEG__INIT;
    uint8_t copy[LOCAL_TOKEN_BYTES];
    char hearing[] = "h";

    memcpy(copy, local_token, sizeof(copy));
    open.has_leg = open.has_may_send = open.has_local = open.has_token = 1;
    open.has_audio_slots = open.has_video_slots = 1;
    open.leg = LOCAL_LEG;
    open.hearing = hearing;
    open.may_send = open.local = 1;
    open.audio_slots = open.video_slots = LOCAL_SLOTS;
    open.token = (ProtobufCBinaryData){token_len, copy};
    request.body_case = ASSIZE__MEDIA__V1__REQUEST__BODY_OPEN_LEG;
    request.open_leg = &open;
    return controller_ask(fixture, &fixture->controller, &request);
}

void local_close(struct fixture *fixture)
{
    Assize__Media__V1__Request request = ASSIZE__MEDIA__V1__REQUEST__INIT;
    Assize__Media__V1__CloseLeg close = ASSIZE__MEDIA__V1__CLOSE_LEG__INIT;

    close.has_leg = 1;
    close.leg = LOCAL_LEG;
    request.body_case = ASSIZE__MEDIA__V1__REQUEST__BODY_CLOSE_LEG;
    request.close_leg = &close;
    assert_int_equal(controller_ask(fixture, &fixture->controller, &request)->body_case,
                     ASSIZE__MEDIA__V1__REPORT__BODY_ACCEPTED);
}

void process_start(struct fixture *fixture, struct process *process)
{
    const Assize__Media__V1__Report *reply = local_open(fixture, LOCAL_TOKEN_BYTES);

    assert_int_equal(reply->body_case, ASSIZE__MEDIA__V1__REPORT__BODY_LEG_OFFER);
    process_come(fixture, process);
    process_hello(process, LOCAL_LEG, local_token);
    assert_int_equal(fixture_state(LOCAL_LEG),
                     ASSIZE__MEDIA__V1__LEG_STATE__STATE__STATE_CONNECTED);
}

void local_join(struct fixture *fixture, struct client *client)
{
    client_open(fixture, client, PEER_SRTP_GCM);
    client_connect(client);
}

Assize__Media__V1__Cell local_cell(uint64_t source, uint64_t subscriber, enum local_medium medium,
                                   uint32_t slot)
{
    Assize__Media__V1__Cell made = ASSIZE__MEDIA__V1__CELL__INIT;

    made.has_source = made.has_subscriber = made.has_medium = made.has_slot = 1;
    made.source = source;
    made.subscriber = subscriber;
    made.medium = medium == LOCAL_VIDEO ? ASSIZE__MEDIA__V1__MEDIUM__MEDIUM_VIDEO
                                        : ASSIZE__MEDIA__V1__MEDIUM__MEDIUM_AUDIO;
    made.slot = slot;
    return made;
}

void local_grant(struct fixture *fixture, uint64_t epoch, Assize__Media__V1__Cell cell)
{
    assert_int_equal(fixture_matrix(fixture, epoch, &cell, 1)->body_case,
                     ASSIZE__MEDIA__V1__REPORT__BODY_MATRIX_APPLIED);
}
