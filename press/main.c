/*
 * assize-press: a MinutesDocument on standard input, its PDF on standard output. One document, then
 * it ends. Run by assized and by `assize minutes`; needs no rights and gives up those it has. Exit
 * status: 0, 1 it failed, 2 the input is no such document or too large.
 */
#include <errno.h>
#include <glib.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "press/document.h"
#include "press/fonts.h"
#include "press/input.h"
#include "press/limits.h"
#include "press/sandbox.h"

enum { FAILED = 1, UNFIT = 2, CHUNK = 64 << 10 };

/* All there is; -EMSGSIZE over the limit. */
static int read_all(struct buf *input)
{
    for (;;) {
        uint8_t *room = buf_reserve(input, CHUNK);
        if (!room)
            return -EMSGSIZE;
        ssize_t n = read(STDIN_FILENO, room, CHUNK);
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n == 0)
            return 0;
        if (n > 0)
            input->len += (size_t)n;
    }
}

static int print(const struct buf *input)
{
    Assize__Minutes__V1__MinutesDocument *document;
    struct arena arena;
    int result = input_read(input->data, input->len, &arena, &document);

    if (!result)
        result = document_print(document, STDOUT_FILENO);
    arena_done(&arena);
    return result;
}

/* Nothing that whoever started it left open is of use here. */
static int prepare(void)
{
    syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int folder = fonts_open();
    if (folder < 0)
        return folder;
    return sandbox_enter(folder);
}

int main(void)
{
    struct buf input;

    log_set_worker("press");
    /* Letters that cannot be drawn are only warned of: a document without them is worse than none.
     */
    g_log_set_always_fatal(G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING);
    int result = prepare();
    if (result) {
        log_error("press.not_ready", "error=%s fonts=%s", log_errno(result).text, PRESS_FONT_DIR);
        return FAILED;
    }
    buf_init(&input, PRESS_DOCUMENT_MAX + CHUNK);
    result = read_all(&input);
    if (!result)
        result = print(&input);
    buf_done(&input);
    if (result)
        log_error("press.failed", "error=%s", log_errno(result).text);
    return result == -EBADMSG || result == -EMSGSIZE ? UNFIT : result ? FAILED : 0;
}
