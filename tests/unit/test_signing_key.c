/* base/password/signing_key.h: who knows the password signs, nobody else, and any change shows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/password/signing_key.h"

#define PASSWORD "con mèo ngủ trên mái nhà"
#define MESSAGE  "bản ghi căn cước"

/* The key that a first signature makes, and that signature. */
static struct signing_key key;
static struct signature first;

static int make_key(void **state)
{
    bool fresh = false;

    (void)state;
    key = (struct signing_key){0};
    assert_int_equal(signing_key_sign(&key, PASSWORD, MESSAGE, strlen(MESSAGE), &first, &fresh), 0);
    assert_true(fresh);
    return 0;
}

static bool verifies(const char *message, const struct signature *signature)
{
    return signing_key_verify(key.public_key, key.public_len, message, strlen(message),
                              signature->bytes, signature->len);
}

static void makes_a_key_with_the_first_signature_and_keeps_it(void **state)
{
    struct signature second;
    struct signing_key before = key;
    bool fresh = true;

    (void)state;
    assert_true(verifies(MESSAGE, &first));
    assert_int_equal(signing_key_sign(&key, PASSWORD, "khác", strlen("khác"), &second, &fresh), 0);
    assert_false(fresh);
    assert_memory_equal(&key, &before, sizeof(key));
    assert_true(verifies("khác", &second));
    assert_false(verifies(MESSAGE, &second));
}

static void another_password_never_signs_with_the_key(void **state)
{
    struct signing_key other = key;
    struct signature signature;
    bool fresh = false;

    (void)state;
    assert_int_equal(
        signing_key_sign(&other, PASSWORD " ", MESSAGE, strlen(MESSAGE), &signature, &fresh), 0);
    assert_true(fresh);
    assert_memory_not_equal(other.public_key, key.public_key, key.public_len);
    assert_false(verifies(MESSAGE, &signature));
}

static void every_byte_of_a_sealed_key_is_guarded(void **state)
{
    const size_t at[] = {0, 11, 12, 40, key.sealed_len - 17, key.sealed_len - 1};

    (void)state;
    for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
        struct signing_key changed = key;
        struct signature signature;
        bool fresh = false;
        changed.sealed[at[i]] ^= 1;
        assert_int_equal(
            signing_key_sign(&changed, PASSWORD, MESSAGE, strlen(MESSAGE), &signature, &fresh), 0);
        assert_true(fresh);
    }
}

static void any_change_of_a_signature_shows(void **state)
{
    (void)state;
    for (size_t i = 0; i < first.len; i++) {
        struct signature changed = first;
        changed.bytes[i] ^= 1;
        assert_false(verifies(MESSAGE, &changed));
    }
    assert_false(verifies("bản ghi căn cướC", &first));
}

static void a_key_that_is_none_verifies_nothing(void **state)
{
    uint8_t changed[SIGNING_PUBLIC_MAX + 1] = {0};

    (void)state;
    for (size_t i = 0; i < key.public_len; i++) {
        memcpy(changed, key.public_key, key.public_len);
        changed[i] ^= 1;
        assert_false(signing_key_verify(changed, key.public_len, MESSAGE, strlen(MESSAGE),
                                        first.bytes, first.len));
    }
    memcpy(changed, key.public_key, key.public_len);
    assert_false(signing_key_verify(changed, key.public_len + 1, MESSAGE, strlen(MESSAGE),
                                    first.bytes, first.len));
    assert_false(signing_key_verify(changed, 0, MESSAGE, strlen(MESSAGE), first.bytes, first.len));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_a_key_with_the_first_signature_and_keeps_it),
        cmocka_unit_test(another_password_never_signs_with_the_key),
        cmocka_unit_test(every_byte_of_a_sealed_key_is_guarded),
        cmocka_unit_test(any_change_of_a_signature_shows),
        cmocka_unit_test(a_key_that_is_none_verifies_nothing),
    };
    return cmocka_run_group_tests(tests, make_key, NULL);
}
