/* What a case record may hold: whatever is taken has an entity, and a refusal has words of ours. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "server/cases/case_check.h"

#define NOW INT64_C(1795254130000) /* 2026-11-21 */

static void require(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const char *const types[] = {"case_file", "party",  "counsel",     "charge",
                                        "claim",     "event",  "document",    "hearing",
                                        "decision",  "appeal", "enforcement", "other"};
    char reason[CASE_REASON_SIZE] = "";
    struct case_facts facts;

    const char *type = types[len ? data[0] % (sizeof(types) / sizeof(*types)) : 0];
    if (len)
        data++, len--;
    if (case_check(type, data, len, NOW, &facts, reason)) {
        require(str_is_uuid(facts.entity));
        require((strcmp(type, "case_file") == 0) == (*facts.public_id && facts.status));
        require(!*facts.public_id || case_public_id_is_good(facts.public_id));
    } else {
        require(*reason && !strpbrk(reason, "\"\\ {},"));
    }
    return 0;
}
