/* What is read of another server's word that it refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "server/net/net_internal.h"

static size_t taken;

static void *count_taken(size_t size)
{
    taken += size;
    return malloc(size);
}

/* What reading so many bytes of these, over and over, says, as an answer that refuses. */
static enum refusal read_over_and_over(const char *again, size_t len)
{
    char *text = malloc(len);

    if (!text)
        abort();
    for (size_t i = 0; i < len; i++)
        text[i] = i ? again[(i - 1) % strlen(again)] : '[';
    taken = 0;
    enum refusal refusal = connect_error_read((const uint8_t *)text, len);
    free(text);
    return refusal;
}

static void reads_no_refusal_that_is_large_or_deep(void **state)
{
    static const char good[] = "{\"details\":[{\"debug\":{\"code\":\"foreign_source\"}}]}";
    char padded[NET_REFUSAL_MAX + 1];

    (void)state;
    json_set_alloc_funcs(count_taken, free);
    for (size_t len = NET_REFUSAL_MAX; len <= NET_ANSWER_MAX; len *= 4) {
        assert_int_equal(read_over_and_over("[],", len), REFUSAL_INTERNAL);
        assert_true(taken <= 8 * len + (4 << 20));
        assert_int_equal(read_over_and_over("[", len), REFUSAL_INTERNAL);
        assert_true(taken <= 8 * len + (4 << 20));
    }
    json_set_alloc_funcs(malloc, free);
    memset(padded, ' ', sizeof(padded));
    memcpy(padded, good, strlen(good));
    assert_int_equal(connect_error_read((const uint8_t *)padded, NET_REFUSAL_MAX),
                     REFUSAL_FOREIGN_SOURCE);
    assert_int_equal(connect_error_read((const uint8_t *)padded, sizeof(padded)), REFUSAL_INTERNAL);
}

/* Another program, or a newer one of ours, has the protocol's own codes at least. */
static void reads_a_refusal_that_is_none_of_ours_by_its_connect_code(void **state)
{
    static const struct {
        const char *json;
        enum refusal refusal;
    } said[] = {
        {"{\"code\":\"unimplemented\"}", REFUSAL_NOT_FOUND},
        {"{\"code\":\"deadline_exceeded\",\"details\":[]}", REFUSAL_TIME_IS_OVER},
        {"{\"code\":\"resource_exhausted\",\"details\":[{\"debug\":{\"code\":\"newer\"}}]}",
         REFUSAL_BUSY},
        {"{\"code\":\"unavailable\",\"details\":7}", REFUSAL_OUTCOME_UNKNOWN},
        {"{\"code\":\"unimplemented\",\"details\":[{\"debug\":{\"code\":\"too_large\"}}]}",
         REFUSAL_TOO_LARGE},
        {"{\"code\":\"something\"}", REFUSAL_INTERNAL},
        {"{\"code\":7}", REFUSAL_INTERNAL},
        {"{}", REFUSAL_INTERNAL},
        {"", REFUSAL_INTERNAL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(said) / sizeof(*said); i++)
        assert_int_equal(connect_error_read((const uint8_t *)said[i].json, strlen(said[i].json)),
                         said[i].refusal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_no_refusal_that_is_large_or_deep),
        cmocka_unit_test(reads_a_refusal_that_is_none_of_ours_by_its_connect_code),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
