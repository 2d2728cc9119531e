/*
 * Does a record still vouch for itself? Walks files and sidecars of one group's file or of a whole
 * hearing and says where the first byte of each file is that does not fit. What the files cannot
 * know is whether the newest of them, or whole groups, were taken away: the hearing's events hold
 * heads of the chains, and the caller looks for each of these among the steps it is shown.
 *
 * Reads a record that is being written, too: its newest files are then torn. Used by the journal
 * itself (what does a new file continue?), `assize verify` and tests.
 */
#ifndef ASSIZE_MEDIA_JOURNAL_VERIFY_H
#define ASSIZE_MEDIA_JOURNAL_VERIFY_H

#include <stdint.h>

#include "media/journal/chain.h"
#include "media/journal/fit.h"

struct verify_ops {
    /* A step that fits, in the order of the chain: the last one of a group is its head. */
    void (*step)(void *context, const char *group, const char *stem, const struct chain_step *step);
    /* The first thing in a file that does not fit, torn or bad; path is in the hearing's folder. */
    void (*finding)(void *context, const char *path, const struct fit *fit);
};

/* One pcapng file and its sidecar. */
struct verify_file {
    struct fit fit;         /* good, torn or bad */
    const char *suffix;     /* of the file of the two that fit speaks of */
    struct chain_head head; /* all zero when the sidecar's header does not read */
    struct chain_step last; /* the last step that fits; all zero before the first */
    struct chain_link link; /* what the next file continues */
};

/* Checks the files STEM.pcapng and STEM.chain in a group's folder, apart from what the header says
 * of the file before. ops may be NULL. */
void verify_file(int folder, const char *hearing, const char *group, const char *stem,
                 const struct verify_ops *ops, void *context, struct verify_file *ret_file);

struct verify_totals {
    uint64_t groups;
    uint64_t files; /* pairs of them */
    uint64_t packets;
    uint64_t bytes; /* of pcapng that are vouched for */
    uint64_t torn;  /* findings */
    uint64_t bad;
};

/* Checks RECORD/HEARING. 0 whatever was found, or -errno when a folder cannot be read (-ENOENT:
 * nothing of the hearing is on record). */
int verify_hearing(int record, const char *hearing, const struct verify_ops *ops, void *context,
                   struct verify_totals *ret_totals) __attribute__((warn_unused_result));

#endif
