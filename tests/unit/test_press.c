/* The press as a program: a document in, a PDF out whose text somebody else's program can read. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "press/input.h"
#include "press/limits.h"
#include "proto/codec.h"

enum { PDF_MAX = 32 << 20, LINES = 1000, WORD = 8192, CANNOT_START = 127 };

#define LETTERS                                                                                                                                                            \
    "a à á ả ã ạ ă ằ ắ ẳ ẵ ặ â ầ ấ ẩ ẫ ậ đ e è é ẻ ẽ ẹ ê ề ế ể ễ ệ i ì í ỉ ĩ ị o ò ó ỏ õ ọ ô ồ ố "     \
    "ổ "                                                                                                                                                                 \
    "ỗ ộ ơ ờ ớ ở ỡ ợ u ù ú ủ ũ ụ ư ừ ứ ử ữ ự y ỳ ý ỷ ỹ ỵ A À Á Ả Ã Ạ Ă Ằ Ắ Ẳ Ẵ Ặ Â Ầ Ấ Ẩ Ẫ Ậ Đ E " \
    "È "                                                                                                                                                                  \
    "É Ẻ Ẽ Ẹ Ê Ề Ế Ể Ễ Ệ I Ì Í Ỉ Ĩ Ị O Ò Ó Ỏ Õ Ọ Ô Ồ Ố Ổ Ỗ Ộ Ơ Ờ Ớ Ở Ỡ Ợ U Ù Ú Ủ Ũ Ụ Ư Ừ Ứ Ử Ữ Ự " \
    "Y Ỳ Ý Ỷ Ỹ Ỵ"
#define DECOMPOSED "Tra\xCC\xA3i ta\xCC\xA3m giam" /* Trại tạm giam, in NFD */

/* A file in memory that holds these bytes, to be read from its beginning. */
static int file_of(const void *data, size_t len)
{
    int fd = memfd_create("test", 0);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, len), (ssize_t)len);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

/* Runs a program with these as its standard input and output; its exit status, or -1. */
static int run(char *const *arguments, int in, int out)
{
    int status;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0)
            execvp(arguments[0], arguments);
        _exit(CANNOT_START);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(lseek(out, 0, SEEK_SET), 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int press(const void *data, size_t len, int *ret_pdf)
{
    char *arguments[] = {(char[]){PRESS_PROGRAM}, NULL};
    int in = file_of(data, len);

    *ret_pdf = memfd_create("pdf", 0);
    assert_true(*ret_pdf >= 0);
    int status = run(arguments, in, *ret_pdf);
    close(in);
    return status;
}

/* What pdftotext reads in the PDF, for the caller to free. */
static char *text_of(int pdf)
{
    char *arguments[] = {(char[]){"pdftotext"},
                         (char[]){"-raw"},
                         (char[]){"-enc"},
                         (char[]){"UTF-8"},
                         (char[]){"-"},
                         (char[]){"-"},
                         NULL};
    int out = memfd_create("text", 0);
    char *text = calloc(1, PDF_MAX);

    assert_non_null(text);
    assert_int_equal(run(arguments, pdf, out), 0);
    assert_true(read(out, text, PDF_MAX - 1) >= 0);
    close(out);
    close(pdf);
    return text;
}

/* A document of one section with so many lines of this text, printed. */
static int print_lines(size_t count, char *line_text, int *ret_pdf)
{
    Assize__Minutes__V1__MinutesDocument document = ASSIZE__MINUTES__V1__MINUTES_DOCUMENT__INIT;
    Assize__Minutes__V1__Section section = ASSIZE__MINUTES__V1__SECTION__INIT;
    Assize__Minutes__V1__Section *sections[] = {&section};
    Assize__Minutes__V1__Line line = ASSIZE__MINUTES__V1__LINE__INIT;
    Assize__Minutes__V1__Line **lines = calloc(count, sizeof(*lines));
    struct buf packed;

    assert_non_null(lines);
    line.text = line_text;
    for (size_t i = 0; i < count; i++)
        lines[i] = &line;
    section.title = (char[]){"Xét hỏi"};
    section.lines = lines;
    section.n_lines = count;
    document.case_number = (char[]){"12/2026/TLST-HS"};
    document.sections = sections;
    document.n_sections = 1;
    buf_init(&packed, PRESS_DOCUMENT_MAX);
    assert_int_equal(codec_pack(&document.base, &packed), 0);
    int status = press(packed.data, packed.len, ret_pdf);
    buf_done(&packed);
    free(lines);
    return status;
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;

    for (text = strstr(text, part); text; text = strstr(text + 1, part))
        count++;
    return count;
}

/* Lines are broken where they end; for the search they are one. */
static void join_lines(char *text)
{
    for (; *text; text++) {
        if (*text == '\n' || *text == '\f')
            *text = ' ';
    }
}

static void keeps_every_letter_to_be_found_and_copied(void **state)
{
    int pdf;

    (void)state;
    assert_int_equal(print_lines(1, (char[]){LETTERS}, &pdf), 0);
    char *text = text_of(pdf);
    join_lines(text);
    assert_non_null(strstr(text, LETTERS));
    free(text);
}

static void composes_what_comes_in_pieces(void **state)
{
    int pdf;

    (void)state;
    assert_int_equal(print_lines(1, (char[]){DECOMPOSED}, &pdf), 0);
    char *text = text_of(pdf);
    assert_non_null(strstr(text, "Trại tạm giam"));
    free(text);
}

static void numbers_the_pages_of_a_thousand_lines(void **state)
{
    int pdf;

    (void)state;
    assert_int_equal(print_lines(LINES, (char[]){"Đáp: tôi không biết việc đó."}, &pdf), 0);
    char *text = text_of(pdf);
    size_t pages = count_of(text, "\f");
    char last[64];
    assert_in_range(pages, 15, 60);
    snprintf(last, sizeof(last), "Trang %zu/%zu", pages, pages);
    assert_non_null(strstr(text, last));
    assert_int_equal(count_of(text, "Trang "), pages);
    assert_int_equal(count_of(text, "Đáp: tôi không biết việc đó."), LINES);
    assert_int_equal(count_of(text, "Biên bản phiên tòa · Vụ án số 12/2026/TLST-HS"), pages - 1);
    free(text);
}

static void breaks_a_word_that_is_longer_than_a_page(void **state)
{
    static char word[WORD + 1];
    int pdf;

    (void)state;
    memset(word, 'z', WORD);
    assert_int_equal(print_lines(1, word, &pdf), 0);
    char *text = text_of(pdf);
    assert_int_equal(count_of(text, "z"), WORD);
    free(text);
}

static void prints_an_empty_document(void **state)
{
    int pdf;

    (void)state;
    assert_int_equal(press("", 0, &pdf), 0);
    char *text = text_of(pdf);
    assert_non_null(strstr(text, "BIÊN BẢN PHIÊN TÒA"));
    free(text);
}

static void gives_the_same_bytes_for_the_same_document(void **state)
{
    static char first[1 << 20], second[1 << 20];
    int pdf;

    (void)state;
    assert_int_equal(print_lines(3, (char[]){LETTERS}, &pdf), 0);
    ssize_t len = read(pdf, first, sizeof(first));
    close(pdf);
    assert_int_equal(print_lines(3, (char[]){LETTERS}, &pdf), 0);
    assert_int_equal(read(pdf, second, sizeof(second)), len);
    close(pdf);
    assert_memory_equal(first, second, (size_t)len);
}

static void refuses_what_is_no_document_or_too_large(void **state)
{
    char *large = calloc(1, PRESS_DOCUMENT_MAX + 1);
    char *text = malloc(PRESS_TEXT_MAX + 2);
    int pdf;

    (void)state;
    assert_non_null(large);
    assert_non_null(text);
    assert_int_equal(press("\xff\xff", 2, &pdf), 2);
    close(pdf);
    assert_int_equal(press("\x12\x02\xc3\x28", 4, &pdf), 2); /* a court's name that is no UTF-8 */
    close(pdf);
    assert_int_equal(press(large, PRESS_DOCUMENT_MAX + 1, &pdf), 2);
    close(pdf);
    memset(text, 'x', PRESS_TEXT_MAX + 1);
    text[PRESS_TEXT_MAX + 1] = '\0';
    assert_int_equal(print_lines(1, text, &pdf), 2);
    close(pdf);
    free(large);
    free(text);
}

static void drops_control_characters(void **state)
{
    Assize__Minutes__V1__MinutesDocument *document;
    struct arena arena;

    (void)state;
    static const uint8_t packed[] = "\x12\x08"
                                    "a\x07"
                                    "b\tc\nd\x7F";
    assert_int_equal(input_read(packed, sizeof(packed) - 1, &arena, &document), 0);
    assert_string_equal(document->court, "ab c\nd");
    assert_string_equal(document->title, "");
    arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_every_letter_to_be_found_and_copied),
        cmocka_unit_test(composes_what_comes_in_pieces),
        cmocka_unit_test(numbers_the_pages_of_a_thousand_lines),
        cmocka_unit_test(breaks_a_word_that_is_longer_than_a_page),
        cmocka_unit_test(prints_an_empty_document),
        cmocka_unit_test(gives_the_same_bytes_for_the_same_document),
        cmocka_unit_test(refuses_what_is_no_document_or_too_large),
        cmocka_unit_test(drops_control_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
