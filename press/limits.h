/* The limits of assize-press, for its own files and the reference page. */
#ifndef ASSIZE_PRESS_LIMITS_H
#define ASSIZE_PRESS_LIMITS_H

#include "base/limits.h"

/* clang-format off */
#define PRESS_LIMITS(L) \
    L(PRESS_DOCUMENT_MAX, 16 << 20, "bytes", "a document to be put on paper") \
    L(PRESS_TEXT_MAX, 32768, "bytes", "one text in it") \
    L(PRESS_PAGES_MAX, 5000, "pages", "of one document") \
    L(PRESS_CPU_S, 60, "s", "of processor time for it")
/* clang-format on */
LIMITS(PRESS_LIMITS);

#endif
