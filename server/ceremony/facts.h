/*
 * What was found in somebody's papers, checked and made into the facts that are signed. Pure but
 * for the salt of a number's hash. Used by attest.c.
 */
#ifndef ASSIZE_SERVER_CEREMONY_FACTS_H
#define ASSIZE_SERVER_CEREMONY_FACTS_H

#include <stdbool.h>

#include "assize/identity/v1/identity.pb-c.h"
#include "base/arena.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/sha256.h"

/* clang-format off */
#define FACTS_LIMITS(L) \
    L(FACTS_NUMBER_MAX, 64, "bytes", "the number of one document of identity") \
    L(FACTS_TEXT_MAX, 255, "bytes", "one text about a document of identity") \
    L(FACTS_REMARK_MAX, 1000, "bytes", "one remark about a difference")
/* clang-format on */
LIMITS(FACTS_LIMITS);

enum { FACTS_FIELDS = 4 };

/* Names the details, so that nobody signs for others than they saw. */
void facts_seen(const Assize__Identity__V1__CaseDetails *details, uint8_t out[static SHA256_BYTES]);

/*
 * The reading against what the case knows: brought to NFC, a field each. REFUSAL_NONE, or
 * IDENTITY_UNFIT, REMARK_NEEDED, IDENTITY_NUMBER_DIFFERS. Document and comparisons of the facts are
 * set, in the arena; the rest is the caller's.
 */
enum refusal facts_make(const Assize__Identity__V1__Reading *reading,
                        const Assize__Identity__V1__CaseDetails *details, struct arena *arena,
                        Assize__Identity__V1__IdentityFacts *facts);

/* The same document with the same findings; remarks may be worded as they are. `number` is the one
 * behind the second's hash, as facts_number gives it. */
bool facts_agree(const Assize__Identity__V1__IdentityFacts *one,
                 const Assize__Identity__V1__IdentityFacts *other, const char *number);

/* A document's number as it is hashed: NFC, without spaces, in capitals. False for what is none. */
bool facts_number(const char *text, char out[static FACTS_NUMBER_MAX + 1]);

#endif
