#include "court_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

/* uthash keeps the order of adding, so the first is the oldest. */
void court_outcome_keep(struct court_outcome **outcomes, const char *id,
                        const uint8_t digest[static SHA256_BYTES], enum refusal refusal,
                        uint64_t seq)
{
    struct court_outcome *outcome;

    HASH_FIND_STR(*outcomes, id, outcome);
    if (outcome)
        HASH_DEL(*outcomes, outcome);
    else
        outcome = calloc(1, sizeof(*outcome));
    if (!outcome)
        abort();
    str_copy(outcome->id, sizeof(outcome->id), id);
    memcpy(outcome->digest, digest, SHA256_BYTES);
    outcome->refusal = refusal;
    outcome->seq = seq;
    HASH_ADD_STR(*outcomes, id, outcome);
    if (HASH_COUNT(*outcomes) > COURT_OUTCOMES_MAX) {
        struct court_outcome *oldest = *outcomes;
        HASH_DEL(*outcomes, oldest);
        free(oldest);
    }
}

const struct court_outcome *court_outcome_find(struct court_outcome *outcomes, const char *id)
{
    struct court_outcome *outcome;

    HASH_FIND_STR(outcomes, id, outcome);
    return outcome;
}

void court_outcomes_free(struct court_outcome **outcomes)
{
    struct court_outcome *outcome;
    struct court_outcome *next;

    HASH_ITER(hh, *outcomes, outcome, next)
    {
        HASH_DEL(*outcomes, outcome);
        free(outcome);
    }
}
