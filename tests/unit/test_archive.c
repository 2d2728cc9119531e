/* Backups as files: what is written is read, and what was not written so is not. */
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

#include "cli/archive_internal.h"

static char folder[] = "/tmp/assize-archive-XXXXXX";
static char path[64], draft[72];
static char why[256];

static void make(const char *const names[], size_t count)
{
    struct archive *archive;

    unlink(path);
    assert_int_equal(archive_create(path, &archive), 0);
    assert_int_equal(archive_note(archive, "made", "today"), 0);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(archive_begin(archive, names[i]), 0);
        for (int j = 0; j < 300; j++)
            assert_int_equal(archive_write(archive, names[i], strlen(names[i])), 0);
        assert_int_equal(archive_end(archive), 0);
    }
    assert_int_equal(archive_finish(archive), 0);
    archive_close(archive);
    assert_int_equal(access(draft, F_OK), -1);
}

static int open_it(struct archive_read **archive)
{
    return archive_open(path, archive, why, sizeof(why));
}

static int outcome(void)
{
    struct archive_read *archive;
    int result = open_it(&archive);

    archive_read_close(archive);
    return result;
}

static const char *const two[] = {"database", "tls/key.pem"};

static void what_is_written_is_read(void **state)
{
    struct archive_read *archive;
    char copy[32];
    struct stat st;

    (void)state;
    make(two, 2);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(open_it(&archive), 0);
    assert_int_equal(archive_count(archive), 2);
    assert_string_equal(archive_noted(archive, "made"), "today");
    assert_string_equal(archive_noted(archive, "nothing"), "");
    assert_null(archive_find(archive, "MANIFEST"));
    const struct archive_member *member = archive_find(archive, "tls/key.pem");
    assert_non_null(member);
    assert_int_equal(member->size, 300 * strlen("tls/key.pem"));
    snprintf(copy, sizeof(copy), "%s/c", folder);
    int fd = open(copy, O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(archive_copy(archive, member, fd), 0);
    assert_int_equal(lseek(fd, 0, SEEK_END), (off_t)member->size);
    close(fd);
    unlink(copy);
    archive_read_close(archive);
}

static void each_byte_counts(void **state)
{
    struct stat st;
    char byte;

    (void)state;
    make(two, 2);
    int fd = open(path, O_RDWR);
    assert_int_equal(fstat(fd, &st), 0);
    /* The last two blocks, and what fills a block up, say nothing. */
    for (off_t at = 0; at < 2 * ARCHIVE_BLOCK; at += 7) {
        assert_int_equal(pread(fd, &byte, 1, at), 1);
        byte ^= 4;
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
        if (outcome() != -EBADMSG)
            fail_msg("byte %ld", (long)at);
        byte ^= 4;
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    }
    assert_int_equal(outcome(), 0);
    for (off_t left = 0; left < st.st_size - 2 * ARCHIVE_BLOCK; left += ARCHIVE_BLOCK) {
        make(two, 2);
        assert_int_equal(truncate(path, left), 0);
        assert_int_equal(outcome(), -EBADMSG);
    }
    close(fd);
}

static void a_name_stays_below_its_folder(void **state)
{
    static const char *const bad[] = {"",     "/etc/passwd", "..",   "../a", "a/../b", "a/",
                                      "a//b", ".hidden",     "a/.b", "a\nb", "a\\b",   "MANIFEST"};
    struct archive *archive;
    char longest[ARCHIVE_NAME_MAX + 2];

    (void)state;
    memset(longest, 'a', sizeof(longest));
    longest[ARCHIVE_NAME_MAX + 1] = '\0';
    unlink(path);
    assert_int_equal(archive_create(path, &archive), 0);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_not_equal(archive_begin(archive, bad[i]), 0);
    assert_int_not_equal(archive_begin(archive, longest), 0);
    longest[ARCHIVE_NAME_MAX] = '\0';
    assert_int_equal(archive_begin(archive, longest), 0);
    archive_close(archive);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(access(draft, F_OK), -1);
}

/* A header whose sum is right says another name than the manifest. */
static void what_the_headers_say_is_not_believed(void **state)
{
    struct archive_header header;

    (void)state;
    for (int i = 0; i < 3; i++) {
        make(two, 2);
        int fd = open(path, O_RDWR);
        assert_int_equal(pread(fd, &header, sizeof(header), 0), sizeof(header));
        if (i == 0)
            memcpy(header.name, "../../x", 8);
        else if (i == 1)
            memcpy(header.name, "datebase", 8);
        else
            memcpy(header.size, "77777777777", 11);
        snprintf(header.sum, sizeof(header.sum), "%06o", archive_sum(&header));
        header.sum[7] = ' ';
        assert_int_equal(pwrite(fd, &header, sizeof(header), 0), sizeof(header));
        close(fd);
        assert_int_equal(outcome(), -EBADMSG);
    }
}

static void nothing_is_written_over(void **state)
{
    struct archive *archive;

    (void)state;
    make(two, 2);
    assert_int_equal(archive_create(path, &archive), -EEXIST);
    archive_close(archive);
    assert_int_equal(outcome(), 0);
    assert_int_equal(unlink(path), 0);
    int fd = open(draft, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_int_equal(archive_create(path, &archive), -EEXIST);
    archive_close(archive);
    assert_int_equal(access(draft, F_OK), 0); /* it may be another's */
    close(fd);
    unlink(draft);
}

static void what_others_may_read_is_not_trusted(void **state)
{
    (void)state;
    make(two, 2);
    assert_int_equal(chmod(path, 0640), 0);
    assert_int_equal(outcome(), -EPERM);
}

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/b", folder);
    snprintf(draft, sizeof(draft), "%s/b.part", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(each_byte_counts),
        cmocka_unit_test(a_name_stays_below_its_folder),
        cmocka_unit_test(what_the_headers_say_is_not_believed),
        cmocka_unit_test(nothing_is_written_over),
        cmocka_unit_test(what_others_may_read_is_not_trusted),
    };

    return cmocka_run_group_tests_name("cli/archive", tests, set_up, tear_down);
}
