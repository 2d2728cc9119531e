/*
 * Writes one group of tracks to disk, for the thread of the relay that waits for disks: no lock, no
 * global, no clock of its own, nothing logged. One journal is used by one thread.
 *
 * Each minute of the wall clock has a pcapng file and a sidecar that chains what is durable
 * (pcapng.h, chain.h). Files are opened by the first packet of a minute, so a silent group has
 * none. What is durable when is said by journal_durable; what is not, dies with the process or the
 * power.
 *
 * Any failure (a full disk, say) gives the open file up at its last durable step, to which both
 * files are cut back: the packets after that step are lost and are the caller's to declare as a gap
 * from there on. The next packet opens another file that continues the chain, or fails again: the
 * caller waits a while before it tries. A new journal on a group that a killed process left behind
 * changes nothing of that: it verifies it, and its first file binds the head and the torn tail.
 */
#ifndef ASSIZE_MEDIA_JOURNAL_JOURNAL_H
#define ASSIZE_MEDIA_JOURNAL_JOURNAL_H

#include <stddef.h>
#include <stdint.h>

#include "media/journal/chain.h"
#include "media/journal/pcapng.h"
#include "media/journal/verify.h"

struct journal;

struct journal_config {
    int record; /* the folder STATE/record; needed by journal_new only */
    const char *hearing;
    const char *group;
    const char *boot; /* the kernel's boot id */
    const char *const *tracks;
    size_t track_count; /* 1 to JOURNAL_TRACKS_MAX */
};

/* The last durable step of the group since this journal was made. */
struct journal_durable {
    char stem[NAME_STEM_SIZE]; /* of the file; empty before the first */
    struct chain_step step;    /* its hash is the head of the group's chain */
};

/* 0, -EINVAL for names or numbers outside their limits, -EBUSY when another journal has the group,
 * or -errno. Reads the file the group ended with, up to a minute of record. */
int journal_new(const struct journal_config *config, struct journal **ret_journal)
    __attribute__((warn_unused_result));
/* Takes NULL. What is not durable is left as if the process had been killed: end first. */
void journal_free(struct journal *journal);

/* What the file is like that the group's next file continues or the open one continued, or NULL for
 * the group's first: torn after a crash, bad when someone else has been at it. */
const struct verify_file *journal_past(const struct journal *journal);

/*
 * Takes one packet; monotonic_ns is the same moment as its wall_ns. Copies it; writes only when the
 * buffer is full or the minute over. 0; -EINVAL for a packet outside the limits, and nothing else
 * happens; or -errno: the packet is not on record, nor is what was not durable.
 */
int journal_append(struct journal *journal, const struct pcapng_packet *packet,
                   int64_t monotonic_ns) __attribute__((warn_unused_result));
/* Makes all that was appended durable, and closes the file when its minute is over. Cheap when
 * there is nothing to do. 0 or -errno. */
int journal_sync(struct journal *journal, int64_t wall_ns) __attribute__((warn_unused_result));
/* Makes all durable and closes the file in order; a later packet opens another. 0 or -errno. */
int journal_end(struct journal *journal, int64_t wall_ns) __attribute__((warn_unused_result));

const struct journal_durable *journal_durable(const struct journal *journal);

#endif
