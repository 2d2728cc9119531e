/*
 * The sidecar of a pcapng file: what makes a record vouch for itself. Text, so that anyone can
 * follow it with sha256sum: a header of `key value` lines and then one line for each step in which
 * bytes of the file became durable,
 *
 *     step END PACKETS WALL_NS HASH
 *
 * the bytes of the file up to END, with PACKETS packets so far, at this time; the last line of a
 * file that was closed in order says `end` in place of `step`. HASH is the SHA-256 of the hash
 * before it, the file's bytes since the step before, and its own line up to HASH. The hash before
 * the first step is that of the header. The header names the file before it in the group and the
 * hash that one came to, so the last hash of a group, its head, vouches for every byte before it.
 *
 * When the file before has no `end` its writer was cut off: the header then also binds what stood
 * in both files behind the last step (the tail), so that it cannot be changed later.
 *
 * Used by journal.c, verify and tests.
 */
#ifndef ASSIZE_MEDIA_JOURNAL_CHAIN_H
#define ASSIZE_MEDIA_JOURNAL_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sha256.h"
#include "media/journal/fit.h"
#include "media/journal/limits.h"
#include "media/journal/name.h"

enum {
    CHAIN_HEAD_MAX = 768,
    CHAIN_STEP_MAX = 160,
    CHAIN_BYTES_MAX = CHAIN_HEAD_MAX + JOURNAL_STEPS_MAX * CHAIN_STEP_MAX,
};

/* Where a file came to: what the next one of the group continues. All zero before the first. */
struct chain_link {
    char stem[NAME_STEM_SIZE];
    uint8_t hash[SHA256_BYTES];      /* of its last step; of its header when it has none */
    uint64_t tail_bytes;             /* of the pcapng file behind the last step */
    uint64_t tail_chain_bytes;       /* of the sidecar behind the last step */
    uint8_t tail_hash[SHA256_BYTES]; /* of the one tail and then the other */
};

/* The header. It also names the format's version, the algorithm and the encryption, which is "none"
 * in version 1. */
struct chain_head {
    char hearing[NAME_SIZE];
    char group[NAME_SIZE];
    char stem[NAME_STEM_SIZE]; /* its own */
    struct chain_link previous;
};

struct chain_step {
    bool is_end;
    uint64_t end; /* offset in the pcapng file */
    uint64_t packets;
    int64_t wall_ns;
    uint8_t hash[SHA256_BYTES];
};

/* The link behind an orderly end. */
struct chain_link chain_link_after(const char *stem, const struct chain_step *end);

/* These return the bytes written; there is no NUL. */
size_t chain_write_head(const struct chain_head *head, char out[static CHAIN_HEAD_MAX]);
size_t chain_write_step(const struct chain_step *step, char out[static CHAIN_STEP_MAX]);

/* These read what stands at the front of text, as the parsers of pcapng.h do. */
struct fit chain_parse_head(const char *text, size_t len, struct chain_head *ret_head,
                            size_t *ret_len);
struct fit chain_parse_step(const char *text, size_t len, struct chain_step *ret_step,
                            size_t *ret_len);
/* Whether the texts of two headers are the same; ret_offset is of the first byte that is not. */
bool chain_same_head(const struct chain_head *head, const struct chain_head *other,
                     uint64_t *ret_offset);

/* The running hash of one file. */
struct chain {
    struct sha256_stream *stream;
};

void chain_init(struct chain *chain);
void chain_done(struct chain *chain);
/* Starts with a file's header; ret_hash is the hash before its first step. */
void chain_start(struct chain *chain, const char *head, size_t len,
                 uint8_t ret_hash[static SHA256_BYTES]);
/* Bytes of the pcapng file. */
void chain_add(struct chain *chain, const void *data, size_t len);
/* Fills in the hash of a step that covers all that was added, and goes on behind it. */
void chain_seal(struct chain *chain, struct chain_step *step);

#endif
