/* The peer's own parsers and bookkeeping: what a broken test client would make every other test lie
 * about. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tests/peer/peer_http.h"
#include "tests/peer/peer_ivf.h"
#include "tests/peer/peer_loop.h"
#include "tests/peer/peer_receiver.h"
#include "tests/peer/peer_rtp.h"
#include "tests/peer/peer_sdp.h"
#include "tests/peer/peer_srtp.h"
#include "tests/peer/peer_stun.h"
#include "tests/peer/peer_ws.h"

static const char offer_text[] =
    "v=0\r\no=- 7 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=ice-lite\r\na=group:BUNDLE a v a0 v0\r\n"
    "a=ice-ufrag:abcd1234\r\na=ice-pwd:0123456789abcdef01234567\r\n"
    "a=fingerprint:sha-256 00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:"
    "10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:1F\r\na=setup:actpass\r\n"
    "m=audio 8444 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 192.0.2.1\r\na=mid:a\r\na=recvonly\r\n"
    "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n"
    "a=extmap:3 urn:ietf:params:rtp-hdrext:sdes:mid\r\na=rtpmap:111 opus/48000/2\r\n"
    "a=candidate:1 1 udp 2130706431 192.0.2.1 8444 typ host\r\na=end-of-candidates\r\n"
    "m=video 8444 UDP/TLS/RTP/SAVPF 96\r\na=mid:v\r\na=recvonly\r\na=rtcp-fb:96 nack\r\n"
    "a=rtcp-fb:96 nack pli\r\n"
    "m=audio 8444 UDP/TLS/RTP/SAVPF 111\r\na=mid:a0\r\na=sendonly\r\na=ssrc:1111 cname:relay\r\n"
    "m=video 8444 UDP/TLS/RTP/SAVPF 96\r\na=mid:v0\r\na=sendonly\r\na=ssrc:4294967295 cname:r\r\n"
    "a=rtcp-fb:96 nack pli\r\n";

static void reads_the_relays_offer(void **state)
{
    struct peer_offer offer;
    (void)state;

    assert_int_equal(peer_sdp_parse(offer_text, &offer), 0);
    assert_string_equal(offer.ufrag, "abcd1234");
    assert_string_equal(offer.password, "0123456789abcdef01234567");
    assert_int_equal(offer.fingerprint[31], 0x1f);
    assert_int_equal(offer.mline_count, 4);
    assert_string_equal(offer.mlines[0].mid, "a");
    assert_int_equal(offer.mlines[0].direction, PEER_RECVONLY);
    assert_int_equal(offer.mlines[0].payload_type, 111);
    assert_int_equal(offer.mlines[0].level_id, 1);
    assert_int_equal(offer.mlines[0].mid_id, 3);
    assert_int_equal(offer.mlines[0].send_time_id, 0);
    assert_true(offer.mlines[1].nack);
    assert_false(offer.mlines[3].nack);
    assert_int_equal(offer.mlines[3].medium, PEER_VIDEO);
    assert_int_equal(offer.mlines[3].ssrc, UINT32_MAX);
    const struct sockaddr_in *candidate = (const struct sockaddr_in *)&offer.candidate;
    assert_int_equal(ntohs(candidate->sin_port), 8444);
    assert_int_equal(candidate->sin_addr.s_addr, inet_addr("192.0.2.1"));
}

/* The offer without every line that starts with prefix. */
static char *without(const char *prefix)
{
    char *copy = calloc(1, sizeof(offer_text));
    char *end = copy;

    for (const char *at = offer_text; *at;) {
        size_t len = strcspn(at, "\n") + 1;
        if (strncmp(at, prefix, strlen(prefix)) != 0)
            end = mempcpy(end, at, len);
        at += len;
    }
    return copy;
}

static void refuses_an_offer_that_lacks_a_part(void **state)
{
    static const char *const needed[] = {"a=ice-ufrag", "a=ice-pwd", "a=fingerprint", "a=candidate",
                                         "m="};
    struct peer_offer offer;
    (void)state;

    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        char *text = without(needed[i]);
        assert_int_equal(peer_sdp_parse(text, &offer), -EINVAL);
        free(text);
    }
    assert_int_equal(peer_sdp_parse("m=audio 9 RTP/AVP 0\r\n", &offer), -EINVAL);
    assert_int_equal(peer_sdp_parse("", &offer), -EINVAL);
}

static void answers_every_mline_in_the_other_direction(void **state)
{
    static const uint8_t fingerprint[SHA256_BYTES] = {0xab};
    struct peer_answer answer = {
        .ufrag = "me", .password = "mine", .fingerprint = fingerprint, .ssrc = {71, 72}};
    struct peer_offer offer;
    struct buf out;
    (void)state;

    assert_int_equal(peer_sdp_parse(offer_text, &offer), 0);
    buf_init(&out, PEER_SDP_MAX);
    assert_int_equal(peer_sdp_answer(&offer, &answer, &out), 0);
    const char *text = (const char *)out.data;
    assert_non_null(strstr(text, "a=group:BUNDLE a v a0 v0\r\n"));
    assert_non_null(strstr(text, "a=setup:active\r\n"));
    assert_non_null(strstr(text, "a=fingerprint:sha-256 AB:00:"));
    assert_non_null(strstr(text, "a=mid:a\r\na=sendonly\r\n"));
    assert_non_null(strstr(text, "a=mid:v0\r\na=recvonly\r\n"));
    assert_non_null(strstr(text, "a=ssrc:71 "));
    assert_non_null(strstr(text, "a=ssrc:72 "));
    buf_done(&out);
}

static void takes_a_websocket_frame_only_when_it_is_whole(void **state)
{
    uint8_t data[400] = {0x82, 126, 1, 0};
    struct peer_ws_frame frame;
    (void)state;

    for (size_t len = 0; len < 4 + 256; len++)
        assert_int_equal(peer_ws_parse(data, len, &frame), 0);
    assert_int_equal(peer_ws_parse(data, sizeof(data), &frame), 4 + 256);
    assert_int_equal(frame.opcode, PEER_WS_BINARY);
    assert_true(frame.fin);
    assert_int_equal(frame.len, 256);
    assert_ptr_equal(frame.payload, data + 4);
}

static void refuses_frames_that_a_server_must_not_send(void **state)
{
    static const uint8_t masked[] = {0x82, 0x80, 1, 2, 3, 4};
    static const uint8_t reserved[] = {0xc2, 0};
    static const uint8_t long_ping[] = {0x89, 126, 0, 200};
    static const uint8_t split_close[] = {0x08, 0};
    static const uint8_t huge[] = {0x82, 127, 0, 0, 0, 1, 0, 0, 0, 0};
    struct peer_ws_frame frame;
    (void)state;

    assert_int_equal(peer_ws_parse(masked, sizeof(masked), &frame), -EPROTO);
    assert_int_equal(peer_ws_parse(reserved, sizeof(reserved), &frame), -EPROTO);
    assert_int_equal(peer_ws_parse(long_ping, sizeof(long_ping), &frame), -EPROTO);
    assert_int_equal(peer_ws_parse(split_close, sizeof(split_close), &frame), -EPROTO);
    assert_int_equal(peer_ws_parse(huge, sizeof(huge), &frame), -EMSGSIZE);
}

static void writes_client_frames_with_a_mask_and_the_shortest_length(void **state)
{
    static const uint8_t mask[4] = {9, 8, 7, 6};
    uint8_t out[PEER_WS_HEADER_MAX];
    (void)state;

    assert_int_equal(peer_ws_write_header(out, PEER_WS_BINARY, 125, mask), 6);
    assert_int_equal(out[0], 0x82);
    assert_int_equal(out[1], 0x80 | 125);
    assert_memory_equal(out + 2, mask, 4);
    assert_int_equal(peer_ws_write_header(out, PEER_WS_TEXT, 126, mask), 8);
    assert_int_equal(out[1], 0x80 | 126);
    assert_int_equal(out[3], 126);
    assert_int_equal(peer_ws_write_header(out, PEER_WS_BINARY, 65536, mask), 14);
    assert_int_equal(out[1], 0x80 | 127);
    assert_int_equal(out[7], 1);
}

static void knows_the_accept_value_of_rfc_6455(void **state)
{
    char accept[PEER_WS_ACCEPT_SIZE];
    (void)state;

    peer_ws_accept("dGhlIHNhbXBsZSBub25jZQ==", accept);
    assert_string_equal(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

static void finds_headers_whatever_their_case(void **state)
{
    static const char head[] =
        "HTTP/1.1 404 Not Found\r\nX-Content-Length: 1\r\ncontent-LENGTH:  12\r\n\r\n";
    size_t len = 0;
    (void)state;

    assert_int_equal(peer_http_status(head, strlen(head)), 404);
    assert_int_equal(peer_http_status("HTTP/1.1 4x4 ", 13), 0);
    const char *value = peer_http_header(head, strlen(head), "Content-Length", &len);
    assert_non_null(value);
    assert_int_equal(len, 2);
    assert_memory_equal(value, "12", 2);
    assert_null(peer_http_header(head, strlen(head), "content", &len));
}

/* Two frames of 3 and 1 bytes at 15 a second. */
static const uint8_t ivf_file[] = {'D', 'K', 'I', 'F', 0, 0, 32, 0, 'V', 'P', '8', '0', 128, 2, 104,
                                   1,   15,  0,   0,   0, 1, 0,  0, 0,   2,   0,   0,   0,   0, 0,
                                   0,   0,   3,   0,   0, 0, 0,  0, 0,   0,   0,   0,   0,   0, 7,
                                   8,   9,   1,   0,   0, 0, 1,  0, 0,   0,   0,   0,   0,   0, 5};

static void reads_the_frames_of_an_ivf_file(void **state)
{
    struct peer_ivf ivf;
    (void)state;

    assert_int_equal(peer_ivf_parse(ivf_file, sizeof(ivf_file), &ivf), 0);
    assert_string_equal(ivf.fourcc, "VP80");
    assert_int_equal(ivf.rate, 15);
    assert_int_equal(ivf.frame_count, 2);
    assert_int_equal(ivf.frames[0].len, 3);
    assert_memory_equal(ivf.frames[0].data, "\x07\x08\x09", 3);
    assert_int_equal(ivf.frames[1].data[0], 5);
    peer_ivf_done(&ivf);
}

static void refuses_an_ivf_file_that_is_cut_off(void **state)
{
    struct peer_ivf ivf;
    (void)state;

    for (size_t len = 0; len < sizeof(ivf_file); len++) {
        bool whole_first_frame = len == 32 + 12 + 3;
        int result = peer_ivf_parse(ivf_file, len, &ivf);
        assert_int_equal(result, whole_first_frame ? 0 : -EINVAL);
        if (!result)
            peer_ivf_done(&ivf);
    }
}

static void checks_the_integrity_of_the_sample_request_of_rfc_5769(void **state)
{
    static const uint8_t request[] = {
        0x00, 0x01, 0x00, 0x58, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34,
        0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x10, 0x53, 0x54, 0x55, 0x4e,
        0x20, 0x74, 0x65, 0x73, 0x74, 0x20, 0x63, 0x6c, 0x69, 0x65, 0x6e, 0x74, 0x00, 0x24,
        0x00, 0x04, 0x6e, 0x00, 0x01, 0xff, 0x80, 0x29, 0x00, 0x08, 0x93, 0x2f, 0xf9, 0xb1,
        0x51, 0x26, 0x3b, 0x36, 0x00, 0x06, 0x00, 0x09, 0x65, 0x76, 0x74, 0x6a, 0x3a, 0x68,
        0x36, 0x76, 0x59, 0x20, 0x20, 0x20, 0x00, 0x08, 0x00, 0x14, 0x9a, 0xea, 0xa7, 0x0c,
        0xbf, 0xd8, 0xcb, 0x56, 0x78, 0x1e, 0xf2, 0xb5, 0xb2, 0xd3, 0xf2, 0x49, 0xc1, 0xb5,
        0x71, 0xa2, 0x80, 0x28, 0x00, 0x04, 0xe5, 0x7a, 0x3b, 0xcf};
    struct peer_stun stun;
    (void)state;

    assert_true(peer_stun_parse(request, sizeof(request), "VOkJxbRl1RmTxUk/WvJxBt", &stun));
    assert_int_equal(stun.type, PEER_STUN_REQUEST);
    assert_true(stun.authentic);
    assert_true(peer_stun_parse(request, sizeof(request), "another", &stun));
    assert_false(stun.authentic);
    assert_false(peer_stun_parse(request, sizeof(request) - 1, "another", &stun));
}

static void its_own_checks_are_authentic(void **state)
{
    struct peer_stun_check check = {
        .id = "twelve bytes", .username = "relay:me", .password = "secret"};
    uint8_t out[PEER_STUN_MAX];
    struct peer_stun stun;
    (void)state;

    size_t len = peer_stun_write_check(out, &check);
    assert_true(peer_stun_parse(out, len, "secret", &stun));
    assert_true(stun.authentic);
    assert_memory_equal(stun.id, check.id, sizeof(stun.id));
    out[25] ^= 1;
    assert_true(peer_stun_parse(out, len, "secret", &stun));
    assert_false(stun.authentic);
}

static void reads_back_the_rtp_it_writes(void **state)
{
    uint8_t packet[PEER_RTP_HEADER_MAX + 4];
    struct peer_rtp_out out = {.payload_type = 96,
                               .marker = true,
                               .sequence = 65535,
                               .timestamp = 0xfffffff0,
                               .ssrc = 0xdeadbeef,
                               .mid = "v",
                               .mid_id = 3,
                               .send_time_id = 2,
                               .now_ns = 1000};
    struct peer_rtp_in in;
    (void)state;

    size_t len = peer_rtp_write_header(packet, &out);
    memcpy(packet + len, "abcd", 4);
    assert_int_equal(len % 4, 0);
    assert_true(peer_rtp_parse(packet, len + 4, &in));
    assert_true(in.marker);
    assert_int_equal(in.payload_type, 96);
    assert_int_equal(in.sequence, 65535);
    assert_int_equal(in.ssrc, 0xdeadbeef);
    assert_int_equal(in.len, 4);
    assert_memory_equal(in.payload, "abcd", 4);
    for (size_t cut = 0; cut < len; cut++)
        assert_false(peer_rtp_parse(packet, cut, &in));
}

static void tells_a_key_frame_by_its_first_packet(void **state)
{
    uint8_t payload[PEER_VP8_DESCRIPTOR_BYTES + 1] = {0};
    (void)state;

    peer_vp8_write_descriptor(payload, true, 300);
    assert_true(peer_vp8_starts_key_frame(payload, sizeof(payload)));
    payload[PEER_VP8_DESCRIPTOR_BYTES] = 1;
    assert_false(peer_vp8_starts_key_frame(payload, sizeof(payload)));
    peer_vp8_write_descriptor(payload, false, 300);
    payload[PEER_VP8_DESCRIPTOR_BYTES] = 0;
    assert_false(peer_vp8_starts_key_frame(payload, sizeof(payload)));
    peer_vp8_write_descriptor(payload, true, 300);
    for (size_t len = 0; len < sizeof(payload); len++)
        assert_false(peer_vp8_starts_key_frame(payload, len));
}

struct heard {
    uint16_t nacks[8];
    size_t count;
    uint32_t key_frame_of;
    uint64_t ntp;
};

static void hear_nack(void *context, uint32_t media_ssrc, uint16_t sequence)
{
    struct heard *heard = context;

    assert_int_equal(media_ssrc, 9);
    heard->nacks[heard->count++] = sequence;
}

static void hear_key_frame(void *context, uint32_t media_ssrc)
{
    ((struct heard *)context)->key_frame_of = media_ssrc;
}

static void hear_sender(void *context, uint32_t ssrc, uint64_t ntp)
{
    (void)ssrc;
    ((struct heard *)context)->ntp = ntp;
}

static const struct peer_rtcp_ops hear_ops = {
    .nack = hear_nack, .key_frame = hear_key_frame, .sender = hear_sender};

static void reads_back_the_rtcp_it_writes(void **state)
{
    static const uint16_t lost[] = {65534, 65535, 4, 30};
    struct peer_sender_info info = {.ntp = 0x0102030405060708};
    struct peer_report_block block = {.ssrc = 5};
    struct heard heard = {0};
    uint8_t out[512];
    (void)state;

    size_t len = peer_rtcp_write_report(out, 1, &info, &block, 1);
    len += peer_rtcp_write_cname(out + len, 1);
    len += peer_rtcp_write_nack(out + len, 1, 9, lost, 4);
    len += peer_rtcp_write_pli(out + len, 1, 77);
    assert_true(peer_rtcp_parse(out, len, &hear_ops, &heard));
    assert_int_equal(heard.ntp, info.ntp);
    assert_int_equal(heard.key_frame_of, 77);
    assert_int_equal(heard.count, 4);
    assert_memory_equal(heard.nacks, lost, sizeof(lost));
    assert_false(peer_rtcp_parse(out, len - 1, &hear_ops, &(struct heard){0}));
}

static void take(struct peer_receiver *receiver, uint16_t sequence, int64_t now_ns)
{
    static const uint8_t key_frame[] = {0x10, 0x00};
    struct peer_rtp_in rtp = {
        .sequence = sequence, .marker = true, .payload = key_frame, .len = sizeof(key_frame)};

    peer_receiver_take(receiver, &rtp, now_ns);
}

static void counts_gaps_resends_and_repetitions_over_the_wrap(void **state)
{
    struct peer_receiver receiver = {.medium = PEER_VIDEO, .nack = true};
    uint16_t lost[PEER_NACK_MAX];
    struct peer_report_block block;
    (void)state;

    take(&receiver, 65534, 1);
    take(&receiver, 1, 2); /* 65535 and 0 are missing */
    assert_int_equal(receiver.gaps, 1);
    assert_int_equal(receiver.missed, 2);
    assert_int_equal(peer_receiver_lost(&receiver, 3, lost), 2);
    assert_int_equal(lost[0], 65535);
    assert_int_equal(lost[1], 0);
    assert_int_equal(peer_receiver_lost(&receiver, 4, lost), 0); /* asked a moment ago */
    take(&receiver, 0, 5);
    take(&receiver, 1, 6);
    assert_int_equal(receiver.recovered, 1);
    assert_int_equal(receiver.duplicates, 1);
    peer_receiver_report(&receiver, 7, &block);
    assert_int_equal(block.highest, 65537);
    assert_int_equal(block.lost, 1);
    assert_int_equal(block.fraction_lost, 255 / 4);
}

static void asks_for_a_key_frame_when_a_packet_never_comes(void **state)
{
    struct peer_receiver receiver = {.medium = PEER_VIDEO, .nack = true};
    uint16_t lost[PEER_NACK_MAX];
    int64_t now = CLOCK_NS_PER_S;
    (void)state;

    take(&receiver, 10, now);
    take(&receiver, 12, now);
    assert_false(peer_receiver_needs_key_frame(&receiver, now));
    for (int i = 0; i < 100 && !receiver.wants_key_frame; i++) {
        now += 100 * CLOCK_NS_PER_MS;
        peer_receiver_lost(&receiver, now, lost);
    }
    assert_true(peer_receiver_needs_key_frame(&receiver, now));
    assert_false(peer_receiver_needs_key_frame(&receiver, now + 1));
    assert_true(peer_receiver_needs_key_frame(&receiver, now + CLOCK_NS_PER_S));
}

static void srtp_refuses_a_replay_under_both_profiles(void **state)
{
    (void)state;

    for (int profile = PEER_SRTP_GCM; profile <= PEER_SRTP_CM; profile++) {
        uint8_t master[PEER_SRTP_MASTER_MAX];
        uint8_t packet[64] = {0x80, 96, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9, 'x', 'y'};
        uint8_t copy[64];
        struct peer_srtp srtp;
        /* The same key and salt on both sides, so that one peer hears itself. */
        memset(master, 0x42, sizeof(master));
        assert_int_equal(peer_srtp_init(&srtp, (enum peer_srtp_profile)profile, master), 0);
        size_t len = peer_srtp_protect(&srtp, packet, 14);
        assert_true(len > 14);
        memcpy(copy, packet, sizeof(copy));
        assert_int_equal(peer_srtp_unprotect(&srtp, packet, len), 14);
        assert_int_equal(packet[13], 'y');
        assert_int_equal(peer_srtp_unprotect(&srtp, copy, len), -EALREADY);
        copy[12] ^= 1;
        copy[3]++;
        assert_int_equal(peer_srtp_unprotect(&srtp, copy, len), -EBADMSG);
        peer_srtp_done(&srtp);
    }
    peer_srtp_library_done();
}

struct fired {
    struct peer_loop *loop;
    struct peer_timer timers[3];
    int order[3];
    int count;
};

static void note(struct fired *fired, int number)
{
    fired->order[fired->count++] = number;
}

static void fire_first(void *context)
{
    struct fired *fired = context;

    note(fired, 1);
    peer_timer_stop(fired->loop, &fired->timers[1]);
}

static void fire_second(void *context)
{
    note(context, 2);
}

static void fire_third(void *context)
{
    struct fired *fired = context;

    note(fired, 3);
    peer_loop_stop(fired->loop);
}

static void timers_fire_in_order_and_can_stop_each_other(void **state)
{
    struct peer_loop loop;
    struct fired fired = {.loop = &loop};
    (void)state;

    assert_int_equal(peer_loop_init(&loop), 0);
    fired.timers[0] = (struct peer_timer){.fire = fire_first, .context = &fired};
    fired.timers[1] = (struct peer_timer){.fire = fire_second, .context = &fired};
    fired.timers[2] = (struct peer_timer){.fire = fire_third, .context = &fired};
    peer_timer_in(&loop, &fired.timers[2], 3);
    peer_timer_in(&loop, &fired.timers[1], 2);
    peer_timer_in(&loop, &fired.timers[0], 1);
    assert_false(peer_loop_wait(&loop, NULL, NULL, 5000));
    assert_int_equal(fired.count, 2);
    assert_int_equal(fired.order[0], 1);
    assert_int_equal(fired.order[1], 3);
    peer_loop_done(&loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_relays_offer),
        cmocka_unit_test(refuses_an_offer_that_lacks_a_part),
        cmocka_unit_test(answers_every_mline_in_the_other_direction),
        cmocka_unit_test(takes_a_websocket_frame_only_when_it_is_whole),
        cmocka_unit_test(refuses_frames_that_a_server_must_not_send),
        cmocka_unit_test(writes_client_frames_with_a_mask_and_the_shortest_length),
        cmocka_unit_test(knows_the_accept_value_of_rfc_6455),
        cmocka_unit_test(finds_headers_whatever_their_case),
        cmocka_unit_test(reads_the_frames_of_an_ivf_file),
        cmocka_unit_test(refuses_an_ivf_file_that_is_cut_off),
        cmocka_unit_test(checks_the_integrity_of_the_sample_request_of_rfc_5769),
        cmocka_unit_test(its_own_checks_are_authentic),
        cmocka_unit_test(reads_back_the_rtp_it_writes),
        cmocka_unit_test(tells_a_key_frame_by_its_first_packet),
        cmocka_unit_test(reads_back_the_rtcp_it_writes),
        cmocka_unit_test(counts_gaps_resends_and_repetitions_over_the_wrap),
        cmocka_unit_test(asks_for_a_key_frame_when_a_packet_never_comes),
        cmocka_unit_test(srtp_refuses_a_replay_under_both_profiles),
        cmocka_unit_test(timers_fire_in_order_and_can_stop_each_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
