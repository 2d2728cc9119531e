/* Which passwords are taken, in which form, and that their hashes fit them and nothing else. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/password/password.h"

#define SENTENCE "con mèo ngủ trên mái nhà"

static enum refusal judge(const char *text, const char *login)
{
    char prepared[PASSWORD_SIZE];

    assert_int_equal(password_prepare(text, prepared), 0);
    return password_judge(prepared, login);
}

static void is_one_password_whatever_keyboard_typed_it(void **state)
{
    char composed[PASSWORD_SIZE];
    char decomposed[PASSWORD_SIZE];

    (void)state;
    assert_int_equal(password_prepare("ng\u1ee7 y\u00ean", composed), 0);
    /* u with a hook above as two characters, and a space that does not break. */
    assert_int_equal(password_prepare("ngu\u0309\u00a0ye\u0302n", decomposed), 0);
    assert_string_equal(composed, decomposed);
}

static void keeps_capitals_and_spaces_apart(void **state)
{
    char small[PASSWORD_SIZE];
    char capital[PASSWORD_SIZE];

    (void)state;
    assert_int_equal(password_prepare("a b", small), 0);
    assert_int_equal(password_prepare("A b", capital), 0);
    assert_string_not_equal(small, capital);
    assert_string_equal(small, "a b");
}

static void reads_no_text_that_cannot_be_typed(void **state)
{
    char prepared[PASSWORD_SIZE];
    char text[PASSWORD_SIZE + 1];

    (void)state;
    assert_int_equal(password_prepare("", prepared), -EILSEQ);
    assert_int_equal(password_prepare("tab\there", prepared), -EILSEQ);
    assert_int_equal(password_prepare("\xff", prepared), -EILSEQ);
    memset(text, 'x', sizeof(text) - 1);
    text[PASSWORD_BYTES_MAX + 1] = '\0';
    assert_int_equal(password_prepare(text, prepared), -ENOBUFS);
    text[PASSWORD_BYTES_MAX] = '\0';
    assert_int_equal(password_prepare(text, prepared), 0);
}

static void counts_characters_and_not_bytes(void **state)
{
    (void)state;
    assert_int_equal(judge("ếễệộổỗờởợưứ", "thuky"), REFUSAL_PASSWORD_SHORT);
    assert_int_equal(judge("mèo vàng ăn", "thuky"), REFUSAL_PASSWORD_SHORT);
    assert_int_equal(judge("mèo vàng ăn.", "thuky"), REFUSAL_NONE);
}

static void refuses_what_everyone_guesses(void **state)
{
    static const char *const guessed[] = {
        "123456789012",   "000000000000",     "abcdefghijkl",     "matkhau123456",
        "Mật khẩu 12345", "MẬT_KHẨU-2026",    "passwordpassword", "Password123!!!",
        "anhyeuem123456", "toaannhandan2026", "qwertyuiop123",    "abcabcabcabc",
        "ababababababab", "1q2w3e4r1q2w3e4r", "............12",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(guessed) / sizeof(guessed[0]); i++) {
        if (judge(guessed[i], "thuky") != REFUSAL_PASSWORD_COMMON)
            fail_msg("\"%s\" was not refused", guessed[i]);
    }
}

static void refuses_a_password_made_of_the_login(void **state)
{
    (void)state;
    assert_int_equal(judge("truongvanhai1234", "truongvanhai"), REFUSAL_PASSWORD_COMMON);
    assert_int_equal(judge("truongvanhai1234", "someone"), REFUSAL_NONE);
}

static void takes_a_sentence(void **state)
{
    static const char *const good[] = {
        SENTENCE,         "sáng nay trời mưa to",       "correct horse battery staple",
        "v9#Kq2!xTz7&pL", "ご機嫌いかがですか元気です",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        if (judge(good[i], "thuky") != REFUSAL_NONE)
            fail_msg("\"%s\" was refused", good[i]);
    }
}

static void makes_passwords_that_no_rule_refuses(void **state)
{
    char first[PASSWORD_MADE_SIZE];
    char made[PASSWORD_MADE_SIZE];

    (void)state;
    password_make(first);
    for (int i = 0; i < 200; i++) {
        password_make(made);
        assert_int_equal(judge(made, "thuky"), REFUSAL_NONE);
    }
    assert_string_not_equal(first, made);
}

static void verifies_its_own_hash_and_no_other_password(void **state)
{
    char hash[PASSWORD_HASH_SIZE];

    (void)state;
    assert_int_equal(password_hash(SENTENCE, hash), 0);
    assert_memory_equal(hash, "$argon2id$v=19$m=65536,t=2,p=1$", 31);
    assert_true(password_verify(hash, SENTENCE));
    assert_false(password_verify(hash, SENTENCE " "));
    assert_false(password_is_outdated(hash));
}

static void verifies_nobodys_password(void **state)
{
    (void)state;
    assert_false(password_verify("", SENTENCE));
    assert_false(password_verify("", ""));
    assert_false(password_verify("$argon2id$junk", SENTENCE));
}

static void knows_a_hash_of_weaker_times(void **state)
{
    static const char weaker[] = "$argon2id$v=19$m=8192,t=1,p=1$rddRsAMOgw7Ed3a2izrmgQ"
                                 "$PtE4vvIetrye6sSs4GR2EaOzK89UHzAbQmj+6l7Wiwc";

    (void)state;
    assert_true(password_verify(weaker, SENTENCE));
    assert_true(password_is_outdated(weaker));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_one_password_whatever_keyboard_typed_it),
        cmocka_unit_test(keeps_capitals_and_spaces_apart),
        cmocka_unit_test(reads_no_text_that_cannot_be_typed),
        cmocka_unit_test(counts_characters_and_not_bytes),
        cmocka_unit_test(refuses_what_everyone_guesses),
        cmocka_unit_test(refuses_a_password_made_of_the_login),
        cmocka_unit_test(takes_a_sentence),
        cmocka_unit_test(makes_passwords_that_no_rule_refuses),
        cmocka_unit_test(verifies_its_own_hash_and_no_other_password),
        cmocka_unit_test(verifies_nobodys_password),
        cmocka_unit_test(knows_a_hash_of_weaker_times),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
