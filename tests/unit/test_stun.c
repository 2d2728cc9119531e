/* STUN, with the test vectors of RFC 5769 (sections 2.1 to 2.3). */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "media/rtp/bytes.h"
#include "media/rtp/stun.h"

static const char password[] = "VOkJxbRl1RmTxUk/WvJxBt";

#define COOKIE_AND_TRANSACTION "2112a442b7e7a701bc34d686fa87dfae"

static uint8_t sample_request[108];
static uint8_t sample_response_v4[80];
static uint8_t sample_response_v6[92];

static int load_samples(void **state)
{
    static const char request[] =
        "00010058" COOKIE_AND_TRANSACTION
        "802200105354554e207465737420636c69656e74"         /* SOFTWARE: STUN test client */
        "002400046e0001ff"                                 /* PRIORITY */
        "80290008932ff9b151263b36"                         /* ICE-CONTROLLED */
        "000600096576746a3a68367659202020"                 /* USERNAME: evtj:h6vY */
        "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2" /* MESSAGE-INTEGRITY */
        "80280004e57a3bcf";                                /* FINGERPRINT */
    static const char response_v4[] =
        "0101003c" COOKIE_AND_TRANSACTION
        "8022000b7465737420766563746f7220"                 /* SOFTWARE: test vector */
        "002000080001a147e112a643"                         /* XOR-MAPPED-ADDRESS */
        "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d7" /* MESSAGE-INTEGRITY */
        "80280004c07d4c96";                                /* FINGERPRINT */
    static const char response_v6[] =
        "01010048" COOKIE_AND_TRANSACTION
        "8022000b7465737420766563746f7220"                 /* SOFTWARE: test vector */
        "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9" /* XOR-MAPPED-ADDRESS */
        "00080014a382954e4be67bf11784c97c8292c275bfe3ed41" /* MESSAGE-INTEGRITY */
        "80280004c8fb0b4c";                                /* FINGERPRINT */

    (void)state;
    return str_from_hex(request, sample_request, sizeof(sample_request)) ||
           str_from_hex(response_v4, sample_response_v4, sizeof(sample_response_v4)) ||
           str_from_hex(response_v6, sample_response_v6, sizeof(sample_response_v6));
}

static struct stun_message parsed(const uint8_t *data, size_t len)
{
    struct stun_message message;

    assert_int_equal(stun_parse(data, len, &message), 0);
    return message;
}

static const struct stun_request good_request = {
    .transaction = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12},
    .username = "relay:client",
    .password = "0123456789abcdef012345",
    .priority = 0x6e7f1eff,
    .use_candidate = true,
    .role = STUN_ROLE_CONTROLLING,
    .tie_breaker = 0x0102030405060708,
};

static void reads_the_sample_request(void **state)
{
    (void)state;
    struct stun_message message = parsed(sample_request, sizeof(sample_request));

    assert_int_equal(message.class, STUN_REQUEST);
    assert_memory_equal(message.transaction, sample_request + 8, STUN_TRANSACTION_BYTES);
    assert_int_equal(message.username_len, 9);
    assert_memory_equal(message.username, "evtj:h6vY", 9);
    assert_true(message.has_priority);
    assert_int_equal(message.priority, 0x6e0001ff);
    assert_int_equal(message.role, STUN_ROLE_CONTROLLED);
    assert_true(message.tie_breaker == 0x932ff9b151263b36);
    assert_false(message.use_candidate);
    assert_true(message.has_fingerprint);
    assert_int_equal(message.unknown_count, 0);
    assert_true(stun_verify(sample_request, &message, password));
    assert_false(stun_verify(sample_request, &message, "VOkJxbRl1RmTxUk/WvJxBu"));
    assert_false(stun_verify(sample_request, &message, ""));
}

static void reads_the_sample_responses(void **state)
{
    (void)state;
    struct stun_message message = parsed(sample_response_v4, sizeof(sample_response_v4));
    char text[INET6_ADDRSTRLEN];

    assert_int_equal(message.class, STUN_SUCCESS);
    assert_true(stun_verify(sample_response_v4, &message, password));
    assert_int_equal(message.mapped.any.sa_family, AF_INET);
    assert_int_equal(ntohs(message.mapped.v4.sin_port), 32853);
    inet_ntop(AF_INET, &message.mapped.v4.sin_addr, text, sizeof(text));
    assert_string_equal(text, "192.0.2.1");

    message = parsed(sample_response_v6, sizeof(sample_response_v6));
    assert_true(stun_verify(sample_response_v6, &message, password));
    assert_int_equal(message.mapped.any.sa_family, AF_INET6);
    assert_int_equal(ntohs(message.mapped.v6.sin6_port), 32853);
    inet_ntop(AF_INET6, &message.mapped.v6.sin6_addr, text, sizeof(text));
    assert_string_equal(text, "2001:db8:1234:5678:11:2233:4455:6677");
}

static void refuses_every_cut_and_every_flipped_bit(void **state)
{
    (void)state;
    uint8_t data[sizeof(sample_request)];
    struct stun_message message;

    for (size_t len = 0; len < sizeof(data); len++)
        assert_int_equal(stun_parse(sample_request, len, &message), -EBADMSG);
    for (size_t bit = 0; bit < 8 * sizeof(data); bit++) {
        memcpy(data, sample_request, sizeof(data));
        data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        bool good = !stun_parse(data, sizeof(data), &message) && message.has_fingerprint &&
                    stun_verify(data, &message, password);
        assert_false(good);
    }
}

static void a_request_is_verified_by_its_own_password_only(void **state)
{
    (void)state;
    uint8_t data[STUN_WRITE_MAX];
    size_t len = stun_write_request(data, &good_request);
    struct stun_message message = parsed(data, len);

    assert_int_equal(message.class, STUN_REQUEST);
    assert_true(message.use_candidate);
    assert_int_equal(message.role, STUN_ROLE_CONTROLLING);
    assert_true(message.tie_breaker == good_request.tie_breaker);
    assert_int_equal(message.priority, good_request.priority);
    assert_true(stun_verify(data, &message, good_request.password));
    assert_false(stun_verify(data, &message, "0123456789abcdef012346"));
}

static void a_message_without_integrity_is_never_verified(void **state)
{
    (void)state;
    uint8_t data[STUN_WRITE_MAX];
    struct stun_message request = parsed(sample_request, sizeof(sample_request));
    size_t len = stun_write_error(data, &request, STUN_UNAUTHENTICATED, NULL);
    struct stun_message message = parsed(data, len);

    assert_int_equal(message.class, STUN_ERROR);
    assert_int_equal(message.error, 401);
    assert_memory_equal(message.transaction, request.transaction, STUN_TRANSACTION_BYTES);
    assert_false(stun_verify(data, &message, password));
}

static void answers_with_the_address_it_came_from(void **state)
{
    (void)state;
    uint8_t data[STUN_WRITE_MAX];
    struct stun_message request = parsed(sample_request, sizeof(sample_request));
    union stun_address from = {.v6 = {.sin6_family = AF_INET6, .sin6_port = htons(4242)}};

    inet_pton(AF_INET6, "2001:db8::7", &from.v6.sin6_addr);
    size_t len = stun_write_success(data, &request, &from, password);
    struct stun_message answer = parsed(data, len);
    assert_int_equal(answer.class, STUN_SUCCESS);
    assert_true(answer.has_fingerprint);
    assert_true(stun_verify(data, &answer, password));
    assert_memory_equal(&answer.mapped.v6.sin6_addr, &from.v6.sin6_addr, 16);
    assert_int_equal(answer.mapped.v6.sin6_port, htons(4242));

    from = (union stun_address){.v4 = {.sin_family = AF_INET, .sin_port = htons(9)}};
    inet_pton(AF_INET, "192.0.2.200", &from.v4.sin_addr);
    len = stun_write_success(data, &request, &from, password);
    answer = parsed(data, len);
    assert_int_equal(answer.mapped.any.sa_family, AF_INET);
    assert_int_equal(answer.mapped.v4.sin_addr.s_addr, from.v4.sin_addr.s_addr);
}

static void answers_a_mapped_address_as_ipv4(void **state)
{
    (void)state;
    uint8_t data[STUN_WRITE_MAX];
    struct stun_message request = parsed(sample_request, sizeof(sample_request));
    union stun_address from = {.v6 = {.sin6_family = AF_INET6, .sin6_port = htons(9)}};

    inet_pton(AF_INET6, "::ffff:192.0.2.1", &from.v6.sin6_addr);
    struct stun_message answer = parsed(data, stun_write_success(data, &request, &from, password));
    assert_int_equal(answer.mapped.any.sa_family, AF_INET);
    assert_int_equal(ntohl(answer.mapped.v4.sin_addr.s_addr), 0xc0000201);
}

static void signs_a_role_conflict(void **state)
{
    (void)state;
    uint8_t data[STUN_WRITE_MAX];
    struct stun_message request = parsed(sample_request, sizeof(sample_request));
    size_t len = stun_write_error(data, &request, STUN_ROLE_CONFLICT, password);
    struct stun_message message = parsed(data, len);

    assert_int_equal(message.error, 487);
    assert_true(stun_verify(data, &message, password));
}

/* The header of a message of one attribute and its value, for what no writer would make. */
static size_t write_raw(uint8_t *out, uint16_t type, uint16_t attribute, uint16_t len)
{
    memset(out, 0, 24u + len);
    bytes_put16(out, type);
    bytes_put16(out + 2, (uint16_t)(4 + len));
    bytes_put32(out + 4, 0x2112a442);
    bytes_put16(out + 20, attribute);
    bytes_put16(out + 22, len);
    return 24u + len;
}

static void names_attributes_it_must_understand_and_does_not(void **state)
{
    (void)state;
    uint8_t data[STUN_WRITE_MAX];
    struct stun_message message = parsed(data, write_raw(data, 0x0001, 0x0014, 4));

    assert_int_equal(message.unknown_count, 1);
    assert_int_equal(message.unknown[0], 0x0014);
    uint8_t answer[STUN_WRITE_MAX];
    struct stun_message error =
        parsed(answer, stun_write_error(answer, &message, STUN_UNKNOWN_ATTRIBUTE, password));
    assert_int_equal(error.error, 420);
    message = parsed(data, write_raw(data, 0x0001, 0xc057, 4));
    assert_int_equal(message.unknown_count, 0);
}

static void refuses_attributes_of_the_wrong_size(void **state)
{
    (void)state;
    static const struct {
        uint16_t type;
        uint16_t len;
    } rows[] = {{0x0024, 8}, {0x0025, 4}, {0x0008, 16}, {0x8029, 4}, {0x802a, 12},
                {0x0020, 4}, {0x0020, 8}, {0x0020, 20}, {0x8028, 8}, {0x0006, 512}};
    uint8_t data[STUN_WRITE_MAX];
    struct stun_message message;

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        size_t len = write_raw(data, 0x0001, rows[i].type, rows[i].len);
        assert_int_equal(stun_parse(data, len, &message), -EBADMSG);
    }
}

static void refuses_another_method_and_too_many_attributes(void **state)
{
    (void)state;
    uint8_t data[20 + 4 * (STUN_ATTRIBUTES_MAX + 1)] = {0};
    struct stun_message message;

    assert_int_equal(stun_parse(data, write_raw(data, 0x0003, 0xc057, 4), &message), -EBADMSG);
    for (size_t i = 0; i <= STUN_ATTRIBUTES_MAX; i++)
        bytes_put16(data + 20 + 4 * i, 0xc057);
    bytes_put16(data, 0x0001);
    bytes_put16(data + 22, 0);
    bytes_put16(data + 2, sizeof(data) - 20);
    assert_int_equal(stun_parse(data, sizeof(data), &message), -EBADMSG);
    bytes_put16(data + 2, sizeof(data) - 24);
    assert_int_equal(stun_parse(data, sizeof(data) - 4, &message), 0);
}

static void ignores_what_follows_the_integrity(void **state)
{
    (void)state;
    uint8_t data[STUN_WRITE_MAX];
    struct stun_request request = good_request;

    request.use_candidate = false;
    /* In place of the fingerprint, which covers all, a USE-CANDIDATE nobody signed. */
    size_t len = stun_write_request(data, &request) - 8;
    bytes_put16(data + len, 0x0025);
    bytes_put16(data + len + 2, 0);
    bytes_put16(data + 2, (uint16_t)(len + 4 - 20));
    struct stun_message message = parsed(data, len + 4);
    assert_true(stun_verify(data, &message, request.password));
    assert_false(message.has_fingerprint);
    assert_false(message.use_candidate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_sample_request),
        cmocka_unit_test(reads_the_sample_responses),
        cmocka_unit_test(refuses_every_cut_and_every_flipped_bit),
        cmocka_unit_test(a_request_is_verified_by_its_own_password_only),
        cmocka_unit_test(a_message_without_integrity_is_never_verified),
        cmocka_unit_test(answers_with_the_address_it_came_from),
        cmocka_unit_test(answers_a_mapped_address_as_ipv4),
        cmocka_unit_test(signs_a_role_conflict),
        cmocka_unit_test(names_attributes_it_must_understand_and_does_not),
        cmocka_unit_test(refuses_attributes_of_the_wrong_size),
        cmocka_unit_test(refuses_another_method_and_too_many_attributes),
        cmocka_unit_test(ignores_what_follows_the_integrity),
    };
    return cmocka_run_group_tests(tests, load_samples, NULL);
}
