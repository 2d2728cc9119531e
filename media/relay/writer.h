/*
 * The record's writer: the one thread that waits for disks. It owns every journal. The loop hands
 * it entries through a ring and hears words back through another; neither ever waits for the other.
 * Owned by record.c.
 */
#ifndef ASSIZE_MEDIA_RELAY_WRITER_H
#define ASSIZE_MEDIA_RELAY_WRITER_H

#include "media/journal/journal.h"
#include "media/relay/ring.h"

enum record_fault {
    RECORD_FAULT_NONE,
    RECORD_FAULT_DISK_SLOW,
    RECORD_FAULT_DISK_FULL,
    RECORD_FAULT_DISK,
    RECORD_FAULT_CUT_OFF,
};

enum { WRITER_AUDIO, WRITER_VIDEO, WRITER_TRACKS }; /* of every group */

enum writer_entry_kind { WRITER_OPEN, WRITER_CLOSE, WRITER_RTP, WRITER_RTCP };

/* What the loop asks for. The packet, or the names of a group to open, come behind it. */
struct writer_entry {
    enum writer_entry_kind kind;
    uint16_t group; /* a number of the loop's, below RELAY_RECORD_GROUPS_MAX */
    uint16_t track;
    int64_t wall_ns;
    int64_t monotonic_ns;
};
struct writer_names {
    char hearing[NAME_SIZE];
    char group[NAME_SIZE];
};

enum writer_word_kind {
    WRITER_DURABLE, /* everything up to monotonic_ns that did not fall into a gap */
    WRITER_FAILED,  /* something is lost: a gap has begun */
    WRITER_GAP,     /* a gap has ended, or its group was closed */
    WRITER_HEAD,    /* a file ended in order */
    WRITER_CLOSED,  /* the group is: the last word on it */
};

struct writer_word {
    enum writer_word_kind kind;
    uint16_t group;
    enum record_fault fault;
    int64_t monotonic_ns;
    int64_t from_ns; /* wall clock */
    int64_t to_ns;
    struct journal_durable head;
};

/* How a journal is written; tests bring disks of their own. */
struct writer_disk {
    int (*open)(const struct journal_config *config, struct journal **ret_journal);
    void (*free)(struct journal *journal);
    int (*append)(struct journal *journal, const struct pcapng_packet *packet,
                  int64_t monotonic_ns);
    int (*sync)(struct journal *journal, int64_t wall_ns);
    int (*end)(struct journal *journal, int64_t wall_ns);
    const struct verify_file *(*past)(const struct journal *journal);
    const struct journal_durable *(*durable)(const struct journal *journal);
};
extern const struct writer_disk writer_journals;

struct writer;

/* folder: STATE/record, from now on the writer's; spare: bytes of its disk that are for others and
 * left free. 0 or -errno. */
int writer_new(int folder, uint64_t spare, const struct writer_disk *disk,
               struct writer **ret_writer) __attribute__((warn_unused_result));
/* Starts the thread; 0 or -errno. */
int writer_start(struct writer *writer) __attribute__((warn_unused_result));
/* Waits until all is written and closed, when it was started; words may still be taken. */
void writer_stop(struct writer *writer);
/* Stopped before. */
void writer_free(struct writer *writer);

/* false when the ring is full: nothing was taken. */
bool writer_put(struct writer *writer, const struct writer_entry *entry, const void *data,
                size_t len);
/* false when there is no word. */
bool writer_take(struct writer *writer, struct writer_word *ret_word);
/* Of the disk, as of moments ago. */
uint64_t writer_free_bytes(const struct writer *writer);

#endif
