/* The secret by which people are found by number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/person_key.h"

#define NUMBER "001099012345"

static char folder[] = "/tmp/assize-test-XXXXXX";
static char path[64];

static void make_key(struct person_key *key)
{
    unlink(path);
    assert_int_equal(person_key_make(path), 0);
    assert_int_equal(person_key_load(path, key), 0);
}

static void its_file_is_for_its_owner_and_stays(void **state)
{
    struct person_key first, second;
    struct stat st;

    (void)state;
    make_key(&first);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(person_key_make(path), 0);
    assert_int_equal(person_key_load(path, &second), 0);
    assert_memory_equal(&first, &second, sizeof(first));
    make_key(&second);
    assert_memory_not_equal(&first, &second, sizeof(first));
    assert_memory_not_equal(first.search, first.seal, sizeof(first.seal));
}

static void another_file_is_none(void **state)
{
    static const char *const texts[] = {"", "00", "not hex", NULL};
    struct person_key key;

    (void)state;
    unlink(path);
    assert_int_equal(person_key_load(path, &key), -ENOENT);
    for (size_t i = 0; texts[i]; i++) {
        FILE *file = fopen(path, "we");
        assert_non_null(file);
        fputs(texts[i], file);
        fclose(file);
        assert_int_equal(person_key_load(path, &key), -EBADMSG);
    }
}

static void the_same_number_is_searched_for_by_the_same_bytes_of_one_key(void **state)
{
    uint8_t first[PERSON_SEARCH_BYTES], second[PERSON_SEARCH_BYTES];
    struct person_key key, other;

    (void)state;
    make_key(&key);
    make_key(&other);
    person_key_search(&key, NUMBER, first);
    person_key_search(&key, NUMBER, second);
    assert_memory_equal(first, second, sizeof(first));
    person_key_search(&key, "001099012346", second);
    assert_memory_not_equal(first, second, sizeof(first));
    person_key_search(&other, NUMBER, second);
    assert_memory_not_equal(first, second, sizeof(first));
}

static void a_sealed_number_opens_with_its_key_only(void **state)
{
    uint8_t first[PERSON_IDENT_BYTES], second[PERSON_IDENT_BYTES];
    uint8_t *sealed = first + PERSON_SEARCH_BYTES;
    char number[PERSON_NUMBER_SIZE];
    struct person_key key, other;

    (void)state;
    make_key(&key);
    make_key(&other);
    person_key_ident(&key, NUMBER, first);
    person_key_ident(&key, NUMBER, second);
    assert_memory_equal(first, second, PERSON_SEARCH_BYTES);
    assert_memory_not_equal(sealed, second + PERSON_SEARCH_BYTES, PERSON_SEALED_BYTES);
    assert_null(memmem(first, sizeof(first), NUMBER, strlen(NUMBER)));
    assert_true(person_key_open(&key, sealed, number));
    assert_string_equal(number, NUMBER);
    assert_false(person_key_open(&other, sealed, number));
    assert_string_equal(number, "");
    for (size_t i = 0; i < PERSON_SEALED_BYTES; i++) {
        sealed[i] ^= 1;
        assert_false(person_key_open(&key, sealed, number));
        sealed[i] ^= 1;
    }
}

static void a_number_is_twelve_digits(void **state)
{
    (void)state;
    assert_true(person_number_is_good(NUMBER));
    assert_false(person_number_is_good(""));
    assert_false(person_number_is_good("00109901234"));
    assert_false(person_number_is_good("0010990123456"));
    assert_false(person_number_is_good("00109901234x"));
}

static int make_folder(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/person.key", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_file_is_for_its_owner_and_stays),
        cmocka_unit_test(another_file_is_none),
        cmocka_unit_test(the_same_number_is_searched_for_by_the_same_bytes_of_one_key),
        cmocka_unit_test(a_sealed_number_opens_with_its_key_only),
        cmocka_unit_test(a_number_is_twelve_digits),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
