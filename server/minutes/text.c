#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sha256.h"
#include "server/hearing/title.h"
#include "server/minutes/minutes_internal.h"

enum { MS_PER_S = 1000, S_PER_MIN = 60, MIN_PER_HOUR = 60 };

#define REPLACEMENT "\xEF\xBF\xBD" /* U+FFFD */

void *draft_make(struct draft *draft, size_t count, size_t size)
{
    void *made = arena_alloc(draft->arena, count * size + 1);

    if (!made)
        abort(); /* the record was loaded under a lower cap */
    return made;
}

char *draft_text(struct draft *draft, const char *format, ...)
{
    va_list arguments, again;

    va_start(arguments, format);
    va_copy(again, arguments);
    int len = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = draft_make(draft, (size_t)len + 1, 1);
    vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return text;
}

/* The bytes of what has no place on paper at the beginning of text, or 0. */
static size_t unfit(const char *text)
{
    const unsigned char *c = (const unsigned char *)text;

    if ((c[0] < ' ' && c[0] != '\n') || c[0] == 0x7F)
        return 1;
    if (c[0] == 0xC2 && c[1] >= 0x80 && c[1] <= 0x9F)
        return 2; /* C1 controls */
    /* U+202A to U+202E, U+2066 to U+2069 */
    if (c[0] == 0xE2 && ((c[1] == 0x80 && c[2] >= 0xAA && c[2] <= 0xAE) ||
                         (c[1] == 0x81 && c[2] >= 0xA6 && c[2] <= 0xA9)))
        return 3;
    return 0;
}

char *draft_clean(struct draft *draft, const char *text)
{
    char *clean = draft_make(draft, strlen(text), strlen(REPLACEMENT));
    char *out = clean;

    while (*text) {
        size_t skipped = unfit(text);
        if (*text == '\t' || (text[0] == '\r' && text[1] == '\n')) {
            *out++ = *text == '\t' ? ' ' : '\n';
            text += *text == '\t' ? 1 : 2;
        } else if (skipped) {
            memcpy(out, REPLACEMENT, strlen(REPLACEMENT));
            out += strlen(REPLACEMENT);
            text += skipped;
        } else {
            *out++ = *text++;
        }
    }
    return clean;
}

char *draft_duration(struct draft *draft, int64_t ms)
{
    int64_t seconds = ms / MS_PER_S;
    int64_t minutes = seconds / S_PER_MIN;
    int64_t hours = minutes / MIN_PER_HOUR;

    if (!minutes)
        return draft_text(draft, "%" PRId64 " giây", seconds);
    if (!hours)
        return draft_text(draft, "%" PRId64 " phút %02" PRId64 " giây", minutes,
                          seconds % S_PER_MIN);
    return draft_text(draft, "%" PRId64 " giờ %02" PRId64 " phút %02" PRId64 " giây", hours,
                      minutes % MIN_PER_HOUR, seconds % S_PER_MIN);
}

static int compare_words(const void *key, const void *row)
{
    const uint64_t *seq = key;
    const struct minutes_words *words = row;

    return *seq < words->seq ? -1 : *seq > words->seq;
}

char *draft_words(struct draft *draft, const Assize__Hearing__V1__Event *event,
                  Assize__Minutes__V1__WordsState *ret_state)
{
    const struct minutes_record *record = draft->record;
    uint8_t hash[SHA256_BYTES];

    *ret_state = ASSIZE__MINUTES__V1__WORDS_STATE__WORDS_STATE_UNSPECIFIED;
    if (!event->has_words_hash)
        return draft_text(draft, "%s", "");
    const struct minutes_words *words = NULL;
    if (record->word_count)
        words =
            bsearch(&event->seq, record->words, record->word_count, sizeof(*words), compare_words);
    if (!words || !words->words) {
        *ret_state = ASSIZE__MINUTES__V1__WORDS_STATE__WORDS_STATE_ERASED;
        return draft_text(draft, "%s", "");
    }
    sha256(words->words, strlen(words->words), hash);
    if (event->words_hash.len != SHA256_BYTES ||
        memcmp(event->words_hash.data, hash, SHA256_BYTES) != 0)
        *ret_state = ASSIZE__MINUTES__V1__WORDS_STATE__WORDS_STATE_DIFFER;
    return draft_clean(draft, words->words);
}

char *draft_rule(struct draft *draft, const Assize__Hearing__V1__RuleOverridden *overridden)
{
    const char *rule = overridden->rule ? overridden->rule : "";

    return draft_clean(draft, hearing_rule_title(draft->procedure, rule));
}

char *draft_article(struct draft *draft, const Assize__Hearing__V1__RuleOverridden *overridden)
{
    char article[HEARING_ARTICLE_SIZE];

    hearing_article_title(overridden->article ? overridden->article : "", article);
    return draft_clean(draft, article);
}
