/* The relay's offer, and answers to it: real ones of Chromium 156 and Firefox 153, and bad ones
 * made from them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "media/rtp/sdp.h"

static const uint8_t fingerprint[SDP_FINGERPRINT_BYTES] = {0x01, 0xab, [31] = 0xff};
static const struct sdp_candidate candidates[] = {{"192.0.2.1", 7000}, {"2001:db8::1", 7000}};
static const struct sdp_slot slots[] = {
    {SDP_AUDIO, "a0", "s0", 1001}, {SDP_AUDIO, "a1", "s1", 1002}, {SDP_VIDEO, "v0", "s0", 2001},
    {SDP_VIDEO, "v1", "s1", 2002}, {SDP_VIDEO, "v2", "s2", 2003},
};

static const struct sdp_offer sending_offer = {
    .session_id = 77,
    .ufrag = "ufrag",
    .password = "password0123456789abcdef",
    .fingerprint = fingerprint,
    .candidates = candidates,
    .candidate_count = 2,
    .may_send = true,
    .cname = "assize",
    .slots = slots,
    .slot_count = 5,
};

/* The answers the tests read; NUL-terminated. */
struct texts {
    char chromium[SDP_BYTES_MAX];
    char firefox[SDP_BYTES_MAX];
    char chromium_receives[SDP_BYTES_MAX];
    char chromium_shares[SDP_BYTES_MAX];
};
static struct texts texts;

static void load(const char *name, char *out)
{
    char path[512];

    snprintf(path, sizeof(path), "%s/%s", SDP_ANSWERS, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t len = fread(out, 1, SDP_BYTES_MAX - 1, file);
    assert_true(len > 0);
    out[len] = '\0';
    fclose(file);
}

static int load_answers(void **state)
{
    (void)state;
    load("chromium_156_sends.sdp", texts.chromium);
    load("firefox_153_sends.sdp", texts.firefox);
    load("chromium_156_receives.sdp", texts.chromium_receives);
    load("chromium_156_shares.sdp", texts.chromium_shares);
    return 0;
}

static void made(struct buf *out, const struct sdp_offer *offer)
{
    buf_init(out, SDP_BYTES_MAX);
    assert_int_equal(sdp_make_offer(out, offer), 0);
    assert_int_equal(buf_append(out, "", 1), 0);
}

static int count_of(const char *text, const char *part)
{
    int count = 0;

    while ((text = strstr(text, part))) {
        count++;
        text++;
    }
    return count;
}

/* text with its first old (or every one) replaced. */
static const char *edited(const char *text, const char *old, const char *new, bool every)
{
    static char out[2 * SDP_BYTES_MAX];
    size_t len = 0;
    const char *hit = strstr(text, old);

    assert_non_null(hit);
    while (hit) {
        len +=
            (size_t)snprintf(out + len, sizeof(out) - len, "%.*s%s", (int)(hit - text), text, new);
        text = hit + strlen(old);
        hit = every ? strstr(text, old) : NULL;
    }
    snprintf(out + len, sizeof(out) - len, "%s", text);
    return out;
}

static int result_of(const char *text)
{
    struct sdp_answer answer;

    return sdp_parse_answer(text, strlen(text), &answer);
}

static void an_offer_names_every_line_and_slot(void **state)
{
    (void)state;
    struct buf out;

    made(&out, &sending_offer);
    const char *text = (const char *)out.data;
    assert_non_null(strstr(text, "a=group:BUNDLE a v a0 a1 v0 v1 v2\r\n"));
    assert_int_equal(count_of(text, "\r\nm="), 7);
    assert_int_equal(count_of(text, "a=recvonly\r\n"), 2);
    assert_int_equal(count_of(text, "a=sendonly\r\n"), 5);
    assert_int_equal(count_of(text, "a=rtcp-mux\r\n"), 7);
    assert_non_null(strstr(text, "a=ssrc:2002 cname:assize\r\n"));
    assert_non_null(strstr(text, "a=msid:s1 v1\r\n"));
    assert_non_null(strstr(text, "a=fingerprint:sha-256 01:AB:00:"));
    assert_non_null(strstr(text, ":00:FF\r\n"));
    assert_int_equal(count_of(text, "a=ice-lite\r\n"), 1);
    assert_int_equal(count_of(text, "transport-cc"), 0);
    buf_done(&out);
}

static void candidates_stand_once_in_the_first_line_by_preference(void **state)
{
    (void)state;
    struct sdp_offer offer = sending_offer;

    for (int may_send = 0; may_send <= 1; may_send++) {
        struct buf out;
        offer.may_send = may_send;
        made(&out, &offer);
        const char *text = (const char *)out.data;
        const char *first = strstr(text, "a=candidate:1 1 udp 2130706431 192.0.2.1 7000 typ host");
        const char *second = strstr(text, "a=candidate:2 1 udp 2130706175 2001:db8::1 7000 typ");
        assert_true(first && second && first < second);
        assert_true(second < strstr(strstr(text, "\r\nm=") + 2, "\r\nm="));
        assert_int_equal(count_of(text, "a=end-of-candidates"), 1);
        buf_done(&out);
    }
}

static void an_offer_keeps_to_the_buffers_maximum(void **state)
{
    (void)state;
    struct buf out;

    for (size_t max = 0; max < 2000; max += 100) {
        buf_init(&out, max);
        assert_int_equal(sdp_make_offer(&out, &sending_offer), -ENOBUFS);
        assert_true(out.len <= max);
        buf_done(&out);
    }
}

static void who_may_share_has_a_third_line_to_send_on(void **state)
{
    (void)state;
    struct sdp_offer offer = sending_offer;
    struct buf out;

    offer.may_share = true;
    made(&out, &offer);
    const char *text = (const char *)out.data;
    assert_non_null(strstr(text, "a=group:BUNDLE a v s a0 a1 v0 v1 v2\r\n"));
    assert_int_equal(count_of(text, "a=recvonly\r\n"), 3);
    assert_int_equal(count_of(text, "\r\nm=video"), 5);
    assert_true(strstr(text, "a=mid:v\r\n") < strstr(text, "a=mid:s\r\n"));
    assert_true(strstr(text, "a=mid:s\r\n") < strstr(text, "a=mid:a0\r\n"));
    assert_int_equal(count_of(text, "a=end-of-candidates"), 1);
    buf_done(&out);
}

static void a_companion_sends_what_it_shares_and_nothing_else(void **state)
{
    (void)state;
    struct sdp_offer offer = sending_offer;
    struct buf out;

    offer.may_send = false;
    offer.may_share = true;
    made(&out, &offer);
    const char *text = (const char *)out.data;
    assert_non_null(strstr(text, "a=group:BUNDLE s a0 a1 v0 v1 v2\r\n"));
    assert_int_equal(count_of(text, "a=recvonly\r\n"), 1);
    const char *first = strstr(text, "\r\nm=");
    assert_non_null(first);
    assert_true(strstr(text, "a=candidate:1 ") < strstr(first + 2, "\r\nm="));
    buf_done(&out);
}

static void takes_an_answer_that_shares_and_only_to_an_offer_that_lets_it(void **state)
{
    (void)state;
    struct sdp_answer answer;
    struct sdp_offer offer = sending_offer;
    const char *text = texts.chromium_shares;

    assert_int_equal(sdp_parse_answer(text, strlen(text), &answer), 0);
    assert_int_equal(sdp_check_answer(&sending_offer, &answer), -EINVAL);
    offer.may_share = true;
    assert_int_equal(sdp_check_answer(&offer, &answer), 0);
    assert_int_equal(sdp_find_media(&answer, "s")->ssrcs[0], 2998445927);
    assert_int_equal(sdp_parse_answer(texts.chromium, strlen(texts.chromium), &answer), 0);
    assert_int_equal(sdp_check_answer(&offer, &answer), -EINVAL);
}

static void refuses_a_share_by_the_name_of_the_picture(void **state)
{
    (void)state;
    struct sdp_answer answer;
    struct sdp_offer offer = sending_offer;
    const char *text = edited(texts.chromium_shares, "2998445927", "2195732504", true);

    offer.may_share = true;
    assert_int_equal(sdp_parse_answer(text, strlen(text), &answer), 0);
    assert_int_equal(sdp_check_answer(&offer, &answer), -EINVAL);
}

static void assert_sends(const struct sdp_answer *answer, const char *mid, uint32_t ssrc)
{
    const struct sdp_media *media = sdp_find_media(answer, mid);

    assert_non_null(media);
    assert_false(media->rejected);
    assert_int_equal(media->direction, SDP_SENDONLY);
    assert_int_equal(media->ssrc_count, 1);
    assert_int_equal(media->ssrcs[0], ssrc);
    assert_int_equal(media->mid_extension, SDP_EXTENSION_MID);
}

static void reads_the_answer_of_chromium(void **state)
{
    (void)state;
    struct sdp_answer answer;

    assert_int_equal(sdp_parse_answer(texts.chromium, strlen(texts.chromium), &answer), 0);
    assert_int_equal(sdp_check_answer(&sending_offer, &answer), 0);
    assert_string_equal(answer.ufrag, "WfeZ");
    assert_string_equal(answer.password, "1LLMn4wyhMx+Q6N7fbxKjjog");
    assert_int_equal(answer.fingerprint[0], 0x02);
    assert_int_equal(answer.fingerprint[31], 0x44);
    assert_int_equal(answer.setup, SDP_SETUP_ACTIVE);
    assert_int_equal(answer.media_count, 7);
    assert_sends(&answer, "a", 512874803);
    assert_sends(&answer, "v", 1872745766);
    assert_int_equal(sdp_find_media(&answer, "a")->payload_type, SDP_OPUS);
    assert_int_equal(sdp_find_media(&answer, "a")->audio_level, SDP_EXTENSION_AUDIO_LEVEL);
    const struct sdp_media *slot = sdp_find_media(&answer, "v2");
    assert_int_equal(slot->medium, SDP_VIDEO);
    assert_int_equal(slot->direction, SDP_RECVONLY);
    assert_int_equal(slot->payload_type, SDP_VP8);
    assert_int_equal(slot->abs_send_time, SDP_EXTENSION_ABS_SEND_TIME);
    assert_true(slot->nack && slot->pli && slot->remb);
    assert_null(sdp_find_media(&answer, "v3"));
}

static void reads_the_answer_of_firefox(void **state)
{
    (void)state;
    struct sdp_answer answer;

    assert_int_equal(sdp_parse_answer(texts.firefox, strlen(texts.firefox), &answer), 0);
    assert_int_equal(sdp_check_answer(&sending_offer, &answer), 0);
    assert_string_equal(answer.ufrag, "6aba32af");
    assert_int_equal(answer.fingerprint[0], 0x72);
    assert_int_equal(answer.setup, SDP_SETUP_ACTIVE);
    assert_sends(&answer, "a", 1836363306);
    assert_sends(&answer, "v", 796723330);
    assert_int_equal(sdp_find_media(&answer, "a")->abs_send_time, 0);
    assert_true(sdp_find_media(&answer, "v0")->nack);
}

static void reads_the_answer_of_one_who_only_receives(void **state)
{
    (void)state;
    struct sdp_answer answer;
    struct sdp_offer offer = sending_offer;
    const char *text = texts.chromium_receives;

    assert_int_equal(sdp_parse_answer(text, strlen(text), &answer), 0);
    assert_int_equal(answer.media_count, 5);
    assert_int_equal(sdp_check_answer(&sending_offer, &answer), -EINVAL);
    offer.may_send = false;
    assert_int_equal(sdp_check_answer(&offer, &answer), 0);
}

static void takes_bare_line_feeds_and_the_passive_role(void **state)
{
    (void)state;
    struct sdp_answer answer;
    const char *text = edited(texts.chromium, "\r\n", "\n", true);

    assert_int_equal(sdp_parse_answer(text, strlen(text), &answer), 0);
    text = edited(texts.chromium, "setup:active", "setup:passive", true);
    assert_int_equal(sdp_parse_answer(text, strlen(text), &answer), 0);
    assert_int_equal(answer.setup, SDP_SETUP_PASSIVE);
}

static void a_rejected_line_needs_nothing_else(void **state)
{
    (void)state;
    struct sdp_answer answer;
    /* As Firefox rejects: port 0, and no mid or credentials of its own. */
    const char *text = edited(texts.chromium_receives, "a=group:BUNDLE a0 a1 v0 v1 v2",
                              "a=group:BUNDLE a0 a1 v0 v1", false);
    char shorter[SDP_BYTES_MAX];
    struct sdp_offer offer = sending_offer;

    snprintf(shorter, sizeof(shorter), "%s", text);
    char *last = strstr(shorter, "a=mid:v1");
    last = strstr(last, "m=video");
    snprintf(last, sizeof(shorter) - (size_t)(last - shorter),
             "m=video 0 UDP/TLS/RTP/SAVPF 120\r\nc=IN IP4 0.0.0.0\r\na=inactive\r\n");
    assert_int_equal(sdp_parse_answer(shorter, strlen(shorter), &answer), 0);
    assert_true(answer.media[4].rejected);
    assert_false(answer.media[3].rejected);
    offer.may_send = false;
    assert_int_equal(sdp_check_answer(&offer, &answer), 0);
}

static void refuses_an_answer_that_leaves_something_out(void **state)
{
    (void)state;
    static const char *const needed[] = {"v=0\r\n",        "a=ice-ufrag:", "a=ice-pwd:",
                                         "a=fingerprint:", "a=setup:",     "a=group:BUNDLE",
                                         "a=rtcp-mux\r\n", "a=mid:"};

    for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++)
        assert_int_equal(result_of(edited(texts.chromium, needed[i], "a=x:", true)), -EINVAL);
    assert_int_equal(result_of(""), -EINVAL);
    assert_int_equal(result_of("v=0\r\n"), -EINVAL);
}

static void refuses_an_answer_that_is_malformed(void **state)
{
    (void)state;
    static const struct {
        const char *old;
        const char *new;
    } rows[] = {
        {"setup:active", "setup:actpass"},
        {"setup:active", "setup:holdconn"},
        {"a=setup:active", "a=ice-lite"},
        {"ice-ufrag:WfeZ", "ice-ufrag:Wfe"},
        {"ice-ufrag:WfeZ", "ice-ufrag:Wf Z"},
        {"ice-pwd:1LLMn4wyhMx+Q6N7fbxKjjog", "ice-pwd:1LLMn4wyhMx+Q6N7fbxKj"},
        {"02:38:73", "02:38:7"},
        {"02:38:73", "02:38:7g"},
        {"02:38:73", "02-38:73"},
        {"fingerprint:sha-256", "fingerprint:sha-1"},
        {"RTP/SAVPF 111", "RTP/AVP 111"},
        {"RTP/SAVPF 111", "RTP/SAVPF"},
        {"RTP/SAVPF 111", "RTP/SAVPF 128"},
        {"RTP/SAVPF 111", "RTP/SAVPF 112"},
        {"m=audio 51178", "m=audio 65536"},
        {"m=audio 51178", "m=audio x"},
        {"m=audio 51178", "m=application 9"},
        {"a=mid:v0", "a=mid:v1"},
        {"a=mid:v0", "a=mid:"},
        {"a=mid:v0", "a=mid:a-name-of-17-char"},
        {"a=mid:v0", "a=mid:nobody"},
        {"a=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 goog-remb", "a=rtpmap:128 VP8/90000"},
        {"a=rtcp-fb:96 nack", "a=rtcp-fb:x nack"},
        {"a=extmap:1 ", "a=extmap:0 "},
        {"a=extmap:1 ", "a=extmap:15 "},
        {"a=extmap:1 ", "a=extmap: "},
        {"a=ssrc:512874803", "a=ssrc:4294967296"},
        {"a=ssrc:512874803", "a=ssrc:-1"},
        {"a=sendonly", "a=sendonly:yes"},
        {"s=-", "-"},
        {"s=-", "S=-"},
        {"s=-", "s=\x01"},
        {"s=-", ""},
        {"s=-", "v=0"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (result_of(edited(texts.chromium, rows[i].old, rows[i].new, true)) != -EINVAL)
            fail_msg("%s for %s", rows[i].new, rows[i].old);
}

static void refuses_lines_that_disagree_about_the_transport(void **state)
{
    (void)state;
    static const struct {
        const char *old;
        const char *new;
    } rows[] = {
        {"ice-ufrag:WfeZ", "ice-ufrag:WfeX"},
        {"ice-pwd:1LLM", "ice-pwd:2LLM"},
        {"sha-256 02:38", "sha-256 03:38"},
        {"setup:active", "setup:passive"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        assert_int_equal(result_of(edited(texts.chromium, rows[i].old, rows[i].new, false)),
                         -EINVAL);
    assert_int_equal(result_of(edited(texts.chromium, "a=fingerprint:sha-256 02:38",
                                      "a=fingerprint:sha-1 02:38", false)),
                     -EINVAL);
}

static void refuses_a_nul_anywhere(void **state)
{
    (void)state;
    struct sdp_answer answer;
    size_t len = strlen(texts.chromium);

    assert_int_equal(sdp_parse_answer(texts.chromium, len + 1, &answer), -EINVAL);
}

static void refuses_what_is_over_a_limit(void **state)
{
    (void)state;
    static char text[SDP_BYTES_MAX + 2];
    struct sdp_answer answer;
    char *end;

    memset(text, 'a', sizeof(text));
    assert_int_equal(sdp_parse_answer(text, SDP_BYTES_MAX + 1, &answer), -EMSGSIZE);

    memcpy(text, "v=0\ns=", 6);
    assert_int_equal(sdp_parse_answer(text, 6 - 2 + SDP_LINE_MAX + 1, &answer), -EMSGSIZE);
    assert_int_equal(sdp_parse_answer(text, 6 - 2 + SDP_LINE_MAX, &answer), -EINVAL);

    end = text + 4;
    for (int i = 0; i < SDP_LINES_MAX; i++)
        end += snprintf(end, 8, "a=x\n");
    assert_int_equal(sdp_parse_answer(text, (size_t)(end - text), &answer), -EMSGSIZE);

    end = text + 4;
    for (int i = 0; i <= SDP_MEDIA_MAX; i++)
        end += snprintf(end, 64, "m=video 0 UDP/TLS/RTP/SAVPF 96\n");
    assert_int_equal(sdp_parse_answer(text, (size_t)(end - text), &answer), -EMSGSIZE);

    assert_int_equal(
        result_of(edited(texts.chromium, "a=ssrc:512874803 ",
                         "a=ssrc:1 x\na=ssrc:2 x\na=ssrc:3 x\na=ssrc:4 x\na=ssrc:5 ", false)),
        -EMSGSIZE);
}

static void an_error_leaves_the_answer_untouched(void **state)
{
    (void)state;
    struct sdp_answer answer;
    struct sdp_answer before;

    memset(&answer, 0x5a, sizeof(answer));
    before = answer;
    assert_int_equal(sdp_parse_answer(texts.chromium, strlen(texts.chromium) / 2, &answer),
                     -EINVAL);
    assert_memory_equal(&answer, &before, sizeof(answer));
}

static void refuses_an_answer_to_another_offer(void **state)
{
    (void)state;
    static const struct {
        const char *old;
        const char *new;
    } rows[] = {
        {"a=sendonly", "a=sendrecv"},
        {"a=recvonly", "a=sendrecv"},
        {"a=recvonly", "a=sendonly"},
        {"a=extmap:3 ", "a=extmap:4 "},
        {"ssrc:512874803", "ssrc:1872745766"},
        {" a0 ", " b0 "},
        {"a=rtpmap:96 VP8/90000", "a=rtpmap:96 H264/90000"},
    };
    struct sdp_answer answer;

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        char text[SDP_BYTES_MAX];
        snprintf(text, sizeof(text), "%s", edited(texts.chromium, rows[i].old, rows[i].new, false));
        const char *both =
            strstr(rows[i].old, "a0") ? edited(text, "mid:a0", "mid:b0", true) : text;
        assert_int_equal(sdp_parse_answer(both, strlen(both), &answer), 0);
        if (!sdp_check_answer(&sending_offer, &answer))
            fail_msg("%s for %s", rows[i].new, rows[i].old);
    }
    struct sdp_offer offer = sending_offer;
    assert_int_equal(sdp_parse_answer(texts.chromium, strlen(texts.chromium), &answer), 0);
    offer.slot_count = 4;
    assert_int_equal(sdp_check_answer(&offer, &answer), -EINVAL);
}

static void a_client_may_send_nothing_on_its_lines(void **state)
{
    (void)state;
    struct sdp_answer answer;
    const char *text = edited(texts.chromium, "a=sendonly", "a=inactive", true);

    assert_int_equal(sdp_parse_answer(text, strlen(text), &answer), 0);
    assert_int_equal(sdp_check_answer(&sending_offer, &answer), 0);
    assert_int_equal(sdp_find_media(&answer, "a")->direction, SDP_INACTIVE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_offer_names_every_line_and_slot),
        cmocka_unit_test(candidates_stand_once_in_the_first_line_by_preference),
        cmocka_unit_test(an_offer_keeps_to_the_buffers_maximum),
        cmocka_unit_test(who_may_share_has_a_third_line_to_send_on),
        cmocka_unit_test(a_companion_sends_what_it_shares_and_nothing_else),
        cmocka_unit_test(takes_an_answer_that_shares_and_only_to_an_offer_that_lets_it),
        cmocka_unit_test(refuses_a_share_by_the_name_of_the_picture),
        cmocka_unit_test(reads_the_answer_of_chromium),
        cmocka_unit_test(reads_the_answer_of_firefox),
        cmocka_unit_test(reads_the_answer_of_one_who_only_receives),
        cmocka_unit_test(takes_bare_line_feeds_and_the_passive_role),
        cmocka_unit_test(a_rejected_line_needs_nothing_else),
        cmocka_unit_test(refuses_an_answer_that_leaves_something_out),
        cmocka_unit_test(refuses_an_answer_that_is_malformed),
        cmocka_unit_test(refuses_lines_that_disagree_about_the_transport),
        cmocka_unit_test(refuses_a_nul_anywhere),
        cmocka_unit_test(refuses_what_is_over_a_limit),
        cmocka_unit_test(an_error_leaves_the_answer_untouched),
        cmocka_unit_test(refuses_an_answer_to_another_offer),
        cmocka_unit_test(a_client_may_send_nothing_on_its_lines),
    };
    return cmocka_run_group_tests(tests, load_answers, NULL);
}
