#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include "base/password/common.h"
#include "base/password/password.h"
#include "base/str.h"

enum { RUN_LEAST = 3, COMBINING_FIRST = 0x300, COMBINING_LAST = 0x36f, D_STROKE = 0x111 };

/* Every space as U+0020 (RFC 8265 section 4.2.2); false for control characters. */
static bool map_spaces(const char *text, char out[static PASSWORD_SIZE])
{
    const uint8_t *p = (const uint8_t *)text;
    size_t len = 0;
    ucs4_t c;

    while ((p = u8_next(&c, p))) {
        if (uc_is_general_category(c, UC_CATEGORY_Cc))
            return false;
        if (uc_is_general_category(c, UC_CATEGORY_Zs))
            c = ' ';
        int bytes = u8_uctomb((uint8_t *)out + len, c, (int)(PASSWORD_SIZE - len));
        if (bytes < 0)
            return false;
        len += (size_t)bytes;
    }
    out[len] = '\0';
    return len > 0;
}

int password_prepare(const char *text, char out[static PASSWORD_SIZE])
{
    char *nfc;

    if (strlen(text) > PASSWORD_BYTES_MAX)
        return -ENOBUFS;
    int result = str_nfc(text, PASSWORD_BYTES_MAX, &nfc);
    if (result)
        return result;
    bool good = map_spaces(nfc, out);
    password_wipe(nfc, strlen(nfc));
    free(nfc);
    return good ? 0 : -EILSEQ;
}

/*
 * What is compared: letters and digits in lower case, without the marks of Vietnamese. Other
 * characters of ASCII are dropped, so that a word does not hide behind them.
 */
static size_t fold(const char *prepared, ucs4_t out[static PASSWORD_SIZE * 3])
{
    size_t bytes = 0;
    size_t count = 0;
    uint8_t *nfd =
        u8_normalize(UNINORM_NFD, (const uint8_t *)prepared, strlen(prepared) + 1, NULL, &bytes);
    ucs4_t c;

    if (!nfd)
        abort();
    for (const uint8_t *p = nfd; (p = u8_next(&c, p)) && count < PASSWORD_SIZE * 3;) {
        c = uc_tolower(c);
        if (c >= COMBINING_FIRST && c <= COMBINING_LAST)
            continue;
        if (c == D_STROKE)
            c = 'd';
        if (c > 0x7f || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            out[count++] = c;
    }
    password_wipe(nfd, bytes);
    free(nfd);
    return count;
}

static size_t starts_with(const ucs4_t *text, size_t len, const char *word)
{
    size_t i = 0;

    while (word[i] && i < len && text[i] == (ucs4_t)(unsigned char)word[i])
        i++;
    return word[i] ? 0 : i;
}

static size_t longest_word(const ucs4_t *text, size_t len, const char *login)
{
    size_t longest = strlen(login) >= RUN_LEAST ? starts_with(text, len, login) : 0;

    for (const char *const *word = password_common_words; *word; word++) {
        size_t length = starts_with(text, len, *word);
        if (length > longest)
            longest = length;
    }
    return longest;
}

/* "aaa", "1234", "zyx": each follows from the one before. */
static size_t longest_run(const ucs4_t *text, size_t len)
{
    size_t run = 1;

    if (len < RUN_LEAST)
        return 0;
    int64_t step = (int64_t)text[1] - text[0];
    while (run < len && (int64_t)text[run] - text[run - 1] == step)
        run++;
    return step >= -1 && step <= 1 && run >= RUN_LEAST ? run : 0;
}

/* The shortest part that the whole is made of, over and over. */
static size_t period(const ucs4_t *text, size_t len)
{
    for (size_t part = 1; part <= len / 2; part++) {
        size_t same = part;
        while (same < len && text[same] == text[same - part])
            same++;
        if (same == len)
            return part;
    }
    return len;
}

/* How many things someone who guesses has to get right. */
static size_t worth(const ucs4_t *text, size_t len, const char *login)
{
    size_t parts = 0;

    for (size_t at = 0; at < len; parts++) {
        size_t word = longest_word(text + at, len - at, login);
        size_t run = longest_run(text + at, len - at);
        at += word > run ? word : run ? run : 1;
    }
    return parts;
}

enum refusal password_judge(const char *prepared, const char *login)
{
    ucs4_t folded[PASSWORD_SIZE * 3];

    if (u8_mbsnlen((const uint8_t *)prepared, strlen(prepared)) < PASSWORD_CHARACTERS_LEAST)
        return REFUSAL_PASSWORD_SHORT;
    size_t len = fold(prepared, folded);
    size_t parts = worth(folded, period(folded, len), login);
    password_wipe(folded, sizeof(folded));
    return parts < PASSWORD_WORTH_LEAST ? REFUSAL_PASSWORD_COMMON : REFUSAL_NONE;
}
