/*
 * What is on record, on the loop's side: which legs' packets go to the writer, and what the writer
 * says of them. Forwarding never waits for it: what does not fit into the writer's ring is a gap.
 * The record of a hearing is writing only while what came in is durable within
 * RELAY_RECORD_STALL_MS. Owned by the relay.
 */
#ifndef ASSIZE_MEDIA_RELAY_RECORD_H
#define ASSIZE_MEDIA_RELAY_RECORD_H

#include "media/relay/leg.h"
#include "media/relay/writer.h"

enum record_state {
    RECORD_STATE_OFF,      /* nothing is asked for */
    RECORD_STATE_STARTING, /* nothing is durable yet */
    RECORD_STATE_WRITING,  /* all is durable but for the last moments */
    RECORD_STATE_FAILED,   /* something is lost, or late */
};

/* Valid during the call. */
struct record_tiding {
    enum { RECORD_TIDING_STATE, RECORD_TIDING_GAP, RECORD_TIDING_HEAD } kind;
    const char *hearing;
    const char *group;       /* gap, head */
    enum record_state state; /* state */
    enum record_fault fault; /* failed, gap */
    int64_t from_ns;         /* gap; wall clock */
    int64_t to_ns;
    struct journal_durable head;
};

struct record_ops {
    void (*tell)(void *context, const struct record_tiding *tiding);
};

struct record;

/* folder: STATE/record, taken over in any case. 0 or -errno. */
int record_new(int folder, uint64_t spare, const struct writer_disk *disk,
               const struct record_ops *ops, void *context, struct record **ret_record)
    __attribute__((warn_unused_result));
/* Starts the writer's thread; until then nothing is written. 0 or -errno. */
int record_start(struct record *record) __attribute__((warn_unused_result));
/* Closes everything in order and tells it. Takes NULL. */
void record_free(struct record *record);

struct record_track {
    struct leg *leg;
    const char *group;
    bool wanted[ROUTER_SOURCES]; /* by enum sdp_medium */
};

/* The whole record of a hearing, in place of what it was; tells the state. A leg may have several
 * tracks, each of other media. 0, -EINVAL for a name,
 * -ENOSPC over the limits: then it is as it was. */
int record_set(struct record *record, struct legs *legs, const char *hearing,
               const struct record_track *tracks, size_t count) __attribute__((warn_unused_result));
/* Closes every hearing's record. */
void record_cut(struct record *record, struct legs *legs);

/* A decrypted packet of a leg's medium that is on record. */
void record_take(struct record *record, const struct leg *leg, enum sdp_medium medium,
                 enum writer_entry_kind kind, const uint8_t *data, size_t len);
/* Hears the writer; ten times a second. */
void record_tick(struct record *record, int64_t now_ns);

uint64_t record_free_bytes(const struct record *record);
/* Calls visit for each hearing that has something on record. */
void record_each(const struct record *record, void (*visit)(void *context, const char *hearing),
                 void *context);

#endif
