#include "base/errors.h"

#include <stdbool.h>
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

const char *refusal_field(enum refusal refusal)
{
    bool of_certificate =
        refusal == REFUSAL_ORGANISATION_UNKNOWN || refusal == REFUSAL_CERTIFICATE_REVOKED;

    return of_certificate ? "certificate" : NULL;
}

struct rejection_info rejection_info(const char *reason)
{
    static const struct {
        const char *reason;
        struct rejection_info info;
    } rows[] = {
#define X(reason, field, connect) {reason, {field, connect}},
        REJECTIONS(X)
#undef X
    };

    size_t word = strcspn(reason, ":");

    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        if (strlen(rows[i].reason) == word && memcmp(reason, rows[i].reason, word) == 0)
            return reason[word]
                       ? (struct rejection_info){reason + word + 1, rows[i].info.connect_code}
                       : rows[i].info;
    }
    return (struct rejection_info){reason, "invalid_argument"};
}

enum refusal refusal_from_code(const char *code)
{
    for (int i = REFUSAL_NONE + 1; code && i < REFUSAL_COUNT; i++) {
        if (strcmp(table[i].code, code) == 0)
            return (enum refusal)i;
    }
    return REFUSAL_INTERNAL;
}
