/* How bytes of the record fit what they should be: the one answer of readers, chain and verify. */
#ifndef ASSIZE_MEDIA_JOURNAL_FIT_H
#define ASSIZE_MEDIA_JOURNAL_FIT_H

#include <stdint.h>

enum fit_verdict {
    FIT_GOOD, /* whole and right */
    FIT_END,  /* nothing more, and nothing is missing */
    FIT_TORN, /* right as far as it goes, but the writer was cut off in the middle */
    FIT_BAD,  /* not what was written */
};

struct fit {
    enum fit_verdict verdict;
    uint64_t offset; /* torn, bad: of the first byte that does not fit, in its file */
    const char *why; /* torn, bad: static text */
};

static inline struct fit fit_good(void)
{
    return (struct fit){.verdict = FIT_GOOD};
}

static inline struct fit fit_torn(uint64_t offset, const char *why)
{
    return (struct fit){FIT_TORN, offset, why};
}

static inline struct fit fit_bad(uint64_t offset, const char *why)
{
    return (struct fit){FIT_BAD, offset, why};
}

#endif
