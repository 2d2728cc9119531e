#include "media/journal/reader.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

static_assert((int)PCAPNG_HEAD_MAX <= (int)READER_WINDOW_BYTES, "a head fits the window");
static_assert((int)PCAPNG_BLOCK_MAX <= (int)READER_WINDOW_BYTES, "a packet fits the window");

/* Brings at least need bytes into the window, or all that the file has. 0 or -errno. */
static int fill(struct reader *reader, size_t need)
{
    if (reader->end - reader->start >= need)
        return 0;
    memmove(reader->window, reader->window + reader->start, reader->end - reader->start);
    reader->end -= reader->start;
    reader->start = 0;
    while (reader->end < need) {
        ssize_t got =
            pread(reader->fd, reader->window + reader->end, sizeof(reader->window) - reader->end,
                  (off_t)(reader->offset + reader->end));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? -errno : 0;
        reader->end += (size_t)got;
    }
    return 0;
}

static struct fit take(struct reader *reader, struct fit fit, size_t len)
{
    if (fit.verdict != FIT_GOOD) {
        fit.offset += reader->offset;
        return fit;
    }
    reader->block = reader->window + reader->start;
    reader->block_len = len;
    reader->start += len;
    reader->offset += len;
    return fit;
}

struct fit reader_open(struct reader *reader, int fd)
{
    size_t len = 0;

    reader->fd = fd;
    reader->offset = 0;
    reader->start = reader->end = 0;
    if (fill(reader, PCAPNG_HEAD_MAX))
        return fit_bad(0, "the file cannot be read");
    struct fit fit = pcapng_parse_head(reader->window, reader->end, &reader->head, &len);
    return take(reader, fit, len);
}

struct fit reader_next(struct reader *reader, struct pcapng_packet *ret_packet)
{
    size_t len = 0;

    if (fill(reader, PCAPNG_BLOCK_MAX))
        return fit_bad(reader->offset, "the file cannot be read from here");
    struct fit fit =
        pcapng_parse_packet(reader->window + reader->start, reader->end - reader->start,
                            reader->head.track_count, ret_packet, &len);
    return take(reader, fit, len);
}
