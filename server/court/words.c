/* What people wrote in a hearing, as far as it is held in memory. */
#include "court_internal.h"

#include <stdlib.h>
#include <string.h>

static void forget_oldest(struct court_words *words)
{
    free(words->texts[0]);
    words->count--;
    memmove(words->seq, words->seq + 1, words->count * sizeof(*words->seq));
    memmove(words->texts, words->texts + 1, words->count * sizeof(*words->texts));
}

void court_words_add(struct court_words *words, uint64_t seq, const char *text)
{
    if (words->count == HEARING_STORE_WORDS_MAX)
        forget_oldest(words);
    words->seq[words->count] = seq;
    words->texts[words->count] = strdup(text);
    if (!words->texts[words->count])
        abort();
    words->count++;
}

void court_words_clear(struct court_words *words)
{
    for (size_t i = 0; i < words->count; i++)
        free(words->texts[i]);
    words->count = 0;
}

const char *court_words(const struct court_hearing *hearing, uint64_t seq)
{
    for (size_t i = hearing->words.count; i-- > 0;) {
        if (hearing->words.seq[i] == seq)
            return hearing->words.texts[i];
    }
    return NULL;
}
