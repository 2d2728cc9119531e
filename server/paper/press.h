/*
 * The presses: one process of assize-press a document, which reads a packed MinutesDocument and
 * writes a PDF. So many at a time; the others wait. A press that takes too long, writes too much or
 * dies is a refusal, and no more than that.
 *
 * Owned by papers. One loop, no threads.
 */
#ifndef ASSIZE_SERVER_PAPER_PRESS_H
#define ASSIZE_SERVER_PAPER_PRESS_H

#include <uv.h>

#include "base/buf.h"
#include "base/errors.h"
#include "base/limits.h"

/* clang-format off */
#define PAPER_LIMITS(L) \
    L(PRESS_RUNNING_MAX, 2, "documents", "put on paper at one time") \
    L(PRESS_WAITING_MAX, 16, "documents", "that wait for it") \
    L(PRESS_MS, 30000, "ms", "for one document") \
    L(PRESS_PDF_MAX, 64 << 20, "bytes", "the PDF of one document")
/* clang-format on */
LIMITS(PAPER_LIMITS);

struct press;

/* program is copied. */
struct press *press_new(uv_loop_t *loop, const char *program);
/* What is under way is refused with DRAINING before this returns. */
void press_free(struct press *press);

/* fd: a file in memory, for the callback to close; below zero on refusal. */
typedef void (*press_callback)(void *context, enum refusal refusal, int fd, uint64_t size);
/* Takes the document, which is empty afterwards. May call back before it returns. */
void press_print(struct press *press, struct buf *document, press_callback callback, void *context);

#endif
