/*
 * What there is to be made: the groups of a hearing's record, their files as far as they vouch for
 * themselves, and the one clock that all of them are put on. Private to render*.
 *
 * That clock is the monotonic one of the machine, which each journal file ties to the wall clock,
 * so that a wall clock that is set during a hearing neither stretches nor folds its files. When the
 * machine was started anew in between, the wall clock says how long that took.
 */
#ifndef ASSIZE_MEDIA_STUDIO_RENDER_PLAN_H
#define ASSIZE_MEDIA_STUDIO_RENDER_PLAN_H

#include "base/sha256.h"
#include "media/journal/reader.h"
#include "media/journal/verify.h"
#include "media/studio/render_packet.h"

/* One journal file. */
struct render_source {
    char stem[NAME_STEM_SIZE];
    uint64_t end; /* of the bytes that are vouched for */
    uint8_t hash[SHA256_BYTES];
    size_t boot; /* of the plan's */
    int64_t wall_ns;
    int64_t monotonic_ns;
    int64_t at_ns; /* of its first packet */
};

struct render_group {
    char name[NAME_SIZE];
    struct render_source *sources;
    size_t source_count;
    uint64_t bytes;
    uint8_t made_from[SHA256_BYTES]; /* all that its file is made from, and how */
};

/* A run of the kernel, and a moment in it by both clocks. */
struct render_boot {
    char name[NAME_SIZE];
    int64_t wall_ns;
    int64_t monotonic_ns;
};

struct render_finding {
    char path[NAME_SIZE + NAME_FILE_SIZE];
    struct fit fit;
};

struct render_plan {
    const char *hearing; /* the caller's */
    int folder;          /* of its record */
    struct render_group *groups;
    size_t group_count;
    struct render_boot *boots;
    size_t boot_count;
    struct render_finding *findings;
    size_t finding_count;
    int64_t start_ns; /* Unix time of time 0 */
    int64_t duration_ns;
    uint64_t bytes; /* of all groups */
};

/*
 * Reads and verifies RECORD/HEARING; alive is called again and again while that goes on. 0;
 * -ENOENT when nothing that vouches for itself is on record; or -errno. To be done in either case.
 */
int render_plan_make(struct render_plan *plan, int record, const char *hearing,
                     void (*alive)(void *context), void *context)
    __attribute__((warn_unused_result));
void render_plan_done(struct render_plan *plan);

/* The packets of a group, in the order of the journal. */
struct render_feed {
    const struct render_plan *plan;
    const struct render_group *group;
    size_t next;                        /* of its sources */
    const struct render_source *source; /* the one that is open, or NULL */
    int fd;
    int64_t last_wall_ns;
    int64_t set_back_ns; /* the wall clock, within the source */
    uint64_t read;       /* bytes */
    struct reader reader;
};

void render_feed_init(struct render_feed *feed, const struct render_plan *plan,
                      const struct render_group *group);
void render_feed_done(struct render_feed *feed);
/* 1 and the next packet, good until the next call; 0 at the end; -ESTALE when the record is not
 * what it was when the plan was made. */
int render_feed_next(struct render_feed *feed, struct render_packet *ret_packet)
    __attribute__((warn_unused_result));

#endif
