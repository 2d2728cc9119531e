#include "base/errors.h"

#include <string.h>

static const struct refusal_info table[] = {
#define X(id, code, connect, http, vi, en) [REFUSAL_##id] = {code, connect, http, vi, en},
    REFUSALS(X)
#undef X
};

const struct refusal_info *refusal_info(enum refusal refusal)
{
    if (refusal <= REFUSAL_NONE || refusal >= REFUSAL_COUNT)
        return &table[REFUSAL_INTERNAL];
    return &table[refusal];
}

enum refusal refusal_from_code(const char *code)
{
    for (int i = REFUSAL_NONE + 1; code && i < REFUSAL_COUNT; i++) {
        if (strcmp(table[i].code, code) == 0)
            return (enum refusal)i;
    }
    return REFUSAL_INTERNAL;
}
