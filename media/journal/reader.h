/*
 * Reads a file of the record from front to back in a bounded window, packet by packet. After END or
 * TORN it may be asked again: a file that is still being written has grown. For verify, the studio
 * and tests; the file descriptor stays the caller's.
 */
#ifndef ASSIZE_MEDIA_JOURNAL_READER_H
#define ASSIZE_MEDIA_JOURNAL_READER_H

#include <stddef.h>
#include <stdint.h>

#include "media/journal/fit.h"
#include "media/journal/pcapng.h"

enum { READER_WINDOW_BYTES = 65536 };

struct reader {
    int fd;
    uint64_t offset; /* in the file, of what is read next */
    struct pcapng_head head;
    const uint8_t *block; /* the bytes of what was read last, until the next call */
    size_t block_len;
    size_t start; /* of the bytes in the window that are not yet taken, */
    size_t end;   /* and where they end */
    uint8_t window[READER_WINDOW_BYTES];
};

/* Starts at the front of the file and reads its head. Good, torn or bad. */
struct fit reader_open(struct reader *reader, int fd);

/* The next packet, whose data is good until the next call. Offsets in the answer are of the file.
 */
struct fit reader_next(struct reader *reader, struct pcapng_packet *ret_packet);

#endif
