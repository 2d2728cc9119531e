/* Calls whose body is packed. */
#include <zstd.h>

#include "net_fixture.h"
#include "server/net/coding.h"

#define PACKED_ECHO                                                                                \
    "POST /t.v1.S/Echo HTTP/1.1\r\nHost: h\r\nContent-Type: application/proto\r\n"                 \
    "Connect-Protocol-Version: 1\r\nContent-Encoding: zstd\r\nContent-Length: %zu\r\n\r\n"

/* The status of an Echo whose body is in zstd; text of the answer in out, when that is given. */
static int ask_packed(const struct buf *packed, char *out)
{
    struct client *client = client_open();
    char head[512];

    int len = snprintf(head, sizeof(head), PACKED_ECHO, packed->len);
    client_write(client, head, (size_t)len);
    if (packed->len)
        client_write(client, packed->data, packed->len);
    int status = client_answer(client);
    if (out)
        snprintf(out, 64, "%s", status ? client_body(client) : "");
    client_close(client);
    return status;
}

static void opens_a_packed_call(void **state)
{
    struct buf packed;
    char text[64];

    (void)state;
    buf_init(&packed, NET_BODY_MAX);
    assert_int_equal(ask_packed(&packed, NULL), 200); /* an empty body is never opened */
    assert_int_equal(coding_pack((const uint8_t *)"hel", 3, &packed), 0);
    assert_int_equal(coding_pack((const uint8_t *)"lo", 2, &packed), 0); /* two frames */
    assert_int_equal(ask_packed(&packed, text), 200);
    assert_string_equal(text, "hello");
    buf_done(&packed);
}

/* A frame that wants its reader to keep far more than any body has. */
static void pack_with_a_large_window(struct buf *out)
{
    ZSTD_CCtx *packer = ZSTD_createCCtx();
    ZSTD_inBuffer in = {"hello", 5, 0};
    ZSTD_outBuffer to = {buf_reserve(out, 1024), 1024, 0};

    ZSTD_CCtx_setParameter(packer, ZSTD_c_windowLog, 27);
    ZSTD_CCtx_setParameter(packer, ZSTD_c_contentSizeFlag, 0);
    ZSTD_compressStream2(packer, &to, &in, ZSTD_e_flush);
    assert_int_equal(ZSTD_compressStream2(packer, &to, &in, ZSTD_e_end), 0);
    out->len += to.pos;
    ZSTD_freeCCtx(packer);
}

static void refuses_what_does_not_open(void **state)
{
    uint8_t *zeros = calloc(1, NET_BODY_MAX + 1);
    struct buf packed;

    (void)state;
    buf_init(&packed, 2 * NET_BODY_MAX);
    assert_int_equal(coding_pack(zeros, NET_BODY_MAX + 1, &packed), 0);
    assert_true(packed.len < 10000);
    assert_int_equal(ask_packed(&packed, NULL), 413);
    packed.len--;
    assert_int_equal(ask_packed(&packed, NULL), 413);
    buf_clear(&packed);
    assert_int_equal(coding_pack(zeros, 1000, &packed), 0);
    packed.len--; /* cut off */
    assert_int_equal(ask_packed(&packed, NULL), 400);
    buf_clear(&packed);
    assert_int_equal(buf_append(&packed, "hello", 5), 0);
    assert_int_equal(ask_packed(&packed, NULL), 400);
    buf_clear(&packed);
    pack_with_a_large_window(&packed);
    assert_int_equal(ask_packed(&packed, NULL), 400);
    buf_done(&packed);
    free(zeros);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_a_packed_call),
        cmocka_unit_test(refuses_what_does_not_open),
    };

    return cmocka_run_group_tests(tests, fixture_start, fixture_stop);
}
