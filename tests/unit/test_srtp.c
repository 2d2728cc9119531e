/* Our SRTP against the vectors of RFC 3711 and RFC 7714 and, both ways, against libsrtp2. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <srtp2/srtp.h>

#include "base/str.h"
#include "media/relay/srtp.h"
#include "media/rtp/bytes.h"

enum { SSRC = 0x5501a0b2, ROOM = 2048, PAYLOAD = 333, HEADER = 12 };

static int allocations;

static void *counted_malloc(size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    allocations++;
    return malloc(size);
}

static void *counted_realloc(void *memory, size_t size, const char *file, int line)
{
    (void)file;
    (void)line;
    allocations++;
    return realloc(memory, size);
}

static void counted_free(void *memory, const char *file, int line)
{
    (void)file;
    (void)line;
    free(memory);
}

static const enum srtp_suite suites[] = {SRTP_SUITE_GCM, SRTP_SUITE_CM};

static struct srtp_master master_of(enum srtp_suite suite)
{
    struct srtp_master master = {.suite = suite};

    for (int i = 0; i < SRTP_KEY_BYTES; i++)
        master.key[i] = (uint8_t)(i * 17 + 3);
    for (size_t i = 0; i < srtp_salt_len(suite); i++)
        master.salt[i] = (uint8_t)(i * 29 + 5);
    return master;
}

static srtp_t library_session(const struct srtp_master *master, srtp_ssrc_type_t direction)
{
    uint8_t key[SRTP_KEY_BYTES + SRTP_SALT_MAX];
    srtp_policy_t policy = {.ssrc = {.type = direction}, .key = key, .window_size = 1024};
    srtp_t session;

    memcpy(key, master->key, SRTP_KEY_BYTES);
    memcpy(key + SRTP_KEY_BYTES, master->salt, srtp_salt_len(master->suite));
    if (master->suite == SRTP_SUITE_GCM) {
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    } else {
        srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
        srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
    }
    assert_int_equal(srtp_create(&session, &policy), srtp_err_status_ok);
    return session;
}

static void make_packet(uint8_t *packet, uint16_t seq)
{
    memset(packet, 0, HEADER);
    packet[0] = 0x80;
    packet[1] = 96;
    bytes_put16(packet + 2, seq);
    bytes_put32(packet + 4, seq * 3000u);
    bytes_put32(packet + 8, SSRC);
    for (int i = 0; i < PAYLOAD; i++)
        packet[HEADER + i] = (uint8_t)(i * 7 + seq);
}

static int seal(struct srtp_context *context, int64_t index, uint8_t out[static ROOM])
{
    uint8_t plain[HEADER + PAYLOAD];

    make_packet(plain, (uint16_t)index);
    memcpy(out, plain, HEADER);
    return srtp_seal_rtp(context, index, out, HEADER, plain + HEADER, PAYLOAD);
}

static int open_packet(struct srtp_context *context, struct srtp_window *window, uint8_t *packet,
                       int len, int64_t *ret_index)
{
    struct rtp_header header;

    assert_int_equal(rtp_parse_header(packet, (size_t)len, &header), 0);
    return srtp_open_rtp(context, window, packet, (size_t)len, &header, ret_index);
}

static void assert_hex(const uint8_t *data, size_t len, const char *hex)
{
    char text[512];

    str_hex(data, len, text);
    assert_string_equal(text, hex);
}

/* ---- vectors ---- */

static void derives_the_session_salt_of_rfc_3711_b3(void **state)
{
    struct srtp_master master = {.suite = SRTP_SUITE_CM};
    struct srtp_context context;

    (void)state;
    assert_int_equal(str_from_hex("e1f97a0d3e018be0d64fa32c06de4139", master.key, 16), 0);
    assert_int_equal(str_from_hex("0ec675ad498afeebb6960b3aabe6", master.salt, 14), 0);
    assert_int_equal(srtp_context_init(&context, &master), 0);
    assert_hex(context.rtp.salt, 14, "30cbbc08863d8c85d49db34a9ae1");
    srtp_context_done(&context);
}

static void seals_the_packet_of_rfc_7714_16_1(void **state)
{
    static const char text[] = "Gallia est omnis divisa in partes tres";
    struct srtp_context context = {.suite = SRTP_SUITE_GCM};
    uint8_t key[16];
    uint8_t out[ROOM];

    (void)state;
    assert_int_equal(str_from_hex("000102030405060708090a0b0c0d0e0f", key, 16), 0);
    assert_int_equal(str_from_hex("517569642070726f2071756f", context.rtp.salt, 12), 0);
    assert_int_equal(str_from_hex("8040f17b8041f8d35501a0b2", out, 12), 0);
    context.rtp.cipher = EVP_CIPHER_CTX_new();
    assert_int_equal(EVP_EncryptInit_ex(context.rtp.cipher, EVP_aes_128_gcm(), NULL, key, NULL), 1);
    int len = srtp_seal_rtp(&context, 0xf17b, out, 12, (const uint8_t *)text, sizeof(text) - 1);
    assert_int_equal(len, 66);
    assert_hex(
        out, 66,
        "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7"
        "d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce");
    srtp_context_done(&context);
}

/* ---- against libsrtp2 ---- */

static void libsrtp_opens_what_we_seal_across_a_rollover(void **state)
{
    (void)state;
    for (size_t s = 0; s < 2; s++) {
        struct srtp_master master = master_of(suites[s]);
        srtp_t library = library_session(&master, ssrc_any_inbound);
        struct srtp_context context;
        uint8_t packet[ROOM];
        uint8_t plain[HEADER + PAYLOAD];

        assert_int_equal(srtp_context_init(&context, &master), 0);
        for (int64_t index = 65000; index < 2 * 65536 + 100; index += 13) {
            int len = seal(&context, index, packet);
            assert_int_equal(srtp_unprotect(library, packet, &len), srtp_err_status_ok);
            make_packet(plain, (uint16_t)index);
            assert_int_equal(len, sizeof(plain));
            assert_memory_equal(packet, plain, sizeof(plain));
        }
        srtp_context_done(&context);
        srtp_dealloc(library);
    }
}

static void we_open_what_libsrtp_seals_across_a_rollover(void **state)
{
    (void)state;
    for (size_t s = 0; s < 2; s++) {
        struct srtp_master master = master_of(suites[s]);
        srtp_t library = library_session(&master, ssrc_any_outbound);
        struct srtp_window window = {0};
        struct srtp_context context;
        uint8_t packet[ROOM];
        uint8_t plain[HEADER + PAYLOAD];

        assert_int_equal(srtp_context_init(&context, &master), 0);
        for (int64_t index = 65000; index < 2 * 65536 + 100; index += 13) {
            int len = HEADER + PAYLOAD;
            int64_t opened = -1;
            make_packet(packet, (uint16_t)index);
            assert_int_equal(srtp_protect(library, packet, &len), srtp_err_status_ok);
            assert_int_equal(open_packet(&context, &window, packet, len, &opened), sizeof(plain));
            assert_int_equal(opened, index);
            make_packet(plain, (uint16_t)index);
            assert_memory_equal(packet, plain, sizeof(plain));
        }
        srtp_context_done(&context);
        srtp_dealloc(library);
    }
}

static void make_rtcp(uint8_t packet[static 28], uint8_t mark)
{
    memset(packet, mark, 28);
    packet[0] = 0x80;
    packet[1] = 200;
    bytes_put16(packet + 2, 6);
    bytes_put32(packet + 4, SSRC);
}

static void rtcp_goes_both_ways_with_libsrtp(void **state)
{
    (void)state;
    for (size_t s = 0; s < 2; s++) {
        struct srtp_master master = master_of(suites[s]);
        srtp_t in = library_session(&master, ssrc_any_inbound);
        srtp_t out = library_session(&master, ssrc_any_outbound);
        struct srtp_context context;
        int64_t highest = -1;

        assert_int_equal(srtp_context_init(&context, &master), 0);
        for (uint32_t i = 0; i < 300; i++) {
            uint8_t packet[ROOM];
            uint8_t plain[28];
            int len = 28;
            make_rtcp(plain, (uint8_t)i);
            make_rtcp(packet, (uint8_t)i);
            assert_int_equal(srtp_protect_rtcp(out, packet, &len), srtp_err_status_ok);
            assert_int_equal(srtp_open_rtcp(&context, &highest, packet, (size_t)len), 28);
            assert_memory_equal(packet, plain, 28);
            make_rtcp(packet, (uint8_t)i);
            len = srtp_seal_rtcp(&context, i + 1, packet, 28);
            assert_int_equal(srtp_unprotect_rtcp(in, packet, &len), srtp_err_status_ok);
            assert_int_equal(len, 28);
            assert_memory_equal(packet, plain, 28);
        }
        srtp_context_done(&context);
        srtp_dealloc(in);
        srtp_dealloc(out);
    }
}

/* ---- refusals ---- */

static void a_packet_is_taken_once_in_any_order(void **state)
{
    static const int64_t order[] = {1000,  1005,  1003,  1001,  2000, 1007,
                                    30000, 62000, 65535, 65537, 65536};

    (void)state;
    for (size_t s = 0; s < 2; s++) {
        struct srtp_master master = master_of(suites[s]);
        struct srtp_window window = {0};
        struct srtp_context context;
        uint8_t packet[ROOM];
        int64_t index;

        assert_int_equal(srtp_context_init(&context, &master), 0);
        for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
            for (int again = 0; again < 2; again++) {
                int len = seal(&context, order[i], packet);
                int opened = open_packet(&context, &window, packet, len, &index);
                assert_int_equal(opened, again ? -EALREADY : HEADER + PAYLOAD);
            }
        }
        srtp_context_done(&context);
    }
}

static void a_packet_older_than_the_window_is_refused(void **state)
{
    struct srtp_master master = master_of(SRTP_SUITE_GCM);
    struct srtp_window window = {0};
    struct srtp_context context;
    uint8_t packet[ROOM];
    int64_t index;

    (void)state;
    assert_int_equal(srtp_context_init(&context, &master), 0);
    int len = seal(&context, 5000, packet);
    assert_true(open_packet(&context, &window, packet, len, &index) > 0);
    len = seal(&context, 5000 - SRTP_WINDOW, packet);
    assert_int_equal(open_packet(&context, &window, packet, len, &index), -EALREADY);
    len = seal(&context, 5000 - SRTP_WINDOW + 1, packet);
    assert_true(open_packet(&context, &window, packet, len, &index) > 0);
    srtp_context_done(&context);
}

static void every_changed_byte_is_noticed_and_changes_nothing(void **state)
{
    (void)state;
    for (size_t s = 0; s < 2; s++) {
        struct srtp_master master = master_of(suites[s]);
        struct srtp_window window = {0};
        struct srtp_context context;
        uint8_t packet[ROOM];
        int64_t index;

        assert_int_equal(srtp_context_init(&context, &master), 0);
        int len = seal(&context, 100, packet);
        for (int at = 1; at < len; at++) {
            uint8_t forged[ROOM];
            memcpy(forged, packet, (size_t)len);
            forged[at] ^= 1;
            assert_int_equal(open_packet(&context, &window, forged, len, &index), -EBADMSG);
        }
        assert_false(window.sequence.started);
        assert_int_equal(open_packet(&context, &window, packet, len, &index), HEADER + PAYLOAD);
        srtp_context_done(&context);
    }
}

static void rtcp_is_taken_once_and_only_if_authentic(void **state)
{
    (void)state;
    for (size_t s = 0; s < 2; s++) {
        struct srtp_master master = master_of(suites[s]);
        struct srtp_context context;
        int64_t highest = -1;
        uint8_t packet[ROOM];
        uint8_t copy[ROOM];

        assert_int_equal(srtp_context_init(&context, &master), 0);
        make_rtcp(packet, 9);
        size_t len = (size_t)srtp_seal_rtcp(&context, 7, packet, 28);
        for (size_t at = 0; at < len; at++) {
            memcpy(copy, packet, len);
            copy[at] ^= 0x40;
            assert_int_equal(srtp_open_rtcp(&context, &highest, copy, len), -EBADMSG);
        }
        memcpy(copy, packet, len);
        assert_int_equal(srtp_open_rtcp(&context, &highest, copy, len), 28);
        memcpy(copy, packet, len);
        assert_int_equal(srtp_open_rtcp(&context, &highest, copy, len), -EALREADY);
        assert_int_equal(srtp_open_rtcp(&context, &highest, copy, 10), -EBADMSG);
        srtp_context_done(&context);
    }
}

static void a_packet_costs_no_allocation(void **state)
{
    (void)state;
    for (size_t s = 0; s < 2; s++) {
        struct srtp_master master = master_of(suites[s]);
        struct srtp_window window = {0};
        struct srtp_context context;
        uint8_t packet[ROOM];
        int64_t opened;
        int before = 0;

        assert_int_equal(srtp_context_init(&context, &master), 0);
        for (int64_t index = 1; index < 100; index++) {
            if (index == 2)
                before = allocations;
            int len = seal(&context, index, packet);
            assert_true(open_packet(&context, &window, packet, len, &opened) > 0);
        }
        assert_int_equal(allocations, before);
        srtp_context_done(&context);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(derives_the_session_salt_of_rfc_3711_b3),
        cmocka_unit_test(seals_the_packet_of_rfc_7714_16_1),
        cmocka_unit_test(libsrtp_opens_what_we_seal_across_a_rollover),
        cmocka_unit_test(we_open_what_libsrtp_seals_across_a_rollover),
        cmocka_unit_test(rtcp_goes_both_ways_with_libsrtp),
        cmocka_unit_test(a_packet_is_taken_once_in_any_order),
        cmocka_unit_test(a_packet_older_than_the_window_is_refused),
        cmocka_unit_test(every_changed_byte_is_noticed_and_changes_nothing),
        cmocka_unit_test(rtcp_is_taken_once_and_only_if_authentic),
        cmocka_unit_test(a_packet_costs_no_allocation),
    };

    if (!CRYPTO_set_mem_functions(counted_malloc, counted_realloc, counted_free))
        return 1;
    if (srtp_init() != srtp_err_status_ok)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
