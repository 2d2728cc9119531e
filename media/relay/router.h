/*
 * The router: decrypted packets in, rewritten packets out, as the matrix of the hearing says. It
 * knows legs only as parties and sends through an ops struct, so tests drive it with made-up
 * packets. Owned by the relay.
 *
 * A packet's way: router_take_rtp (source.c counts and caches it) -> for each cell of its source:
 * send_packet (subscriber.c), the one place media leaves by, which checks the cell and rewrites ->
 * ops->send_rtp.
 */
#ifndef ASSIZE_MEDIA_RELAY_ROUTER_H
#define ASSIZE_MEDIA_RELAY_ROUTER_H

#include "media/relay/hash.h"

#include "media/relay/counters.h"
#include "media/relay/matrix.h"
#include "media/relay/source.h"

enum {
    ROUTER_MEDIA = 2, /* kinds of slots: sound and picture */
    ROUTER_SOURCES =
        3, /* and what a client sends: the share too, which goes to slots of pictures */
    ROUTER_HEARING_SIZE = 64,
    ROUTER_CNAME_SIZE = 24,
};

/* One receiving slot of a client: a fixed SSRC that carries one source after another. */
struct slot {
    uint32_t ssrc;
    enum sdp_medium medium;
    uint32_t number; /* among those of its medium */
    /* The grant it carries now; every other one begins anew. */
    uint64_t source;     /* leg, 0 for none */
    uint64_t generation; /* of its cell */
    bool fresh;          /* nothing of it was sent yet */
    bool flowing;        /* begun: audio at once, video at a key frame */
    int64_t first_index; /* of the source: older packets are not of this grant */
    int64_t index_shift; /* our index minus the source's */
    uint32_t timestamp_shift;
    uint16_t picture_shift;
    uint8_t tl0_shift;
    /* What was sent last; carried over from grant to grant. */
    bool used;
    int64_t last_index; /* highest; the next grant begins after it */
    uint32_t last_timestamp;
    uint16_t last_picture;
    uint8_t last_tl0;
    int64_t last_sent_ns;
    uint32_t packets;
    uint32_t bytes;
    /* Resends, a token bucket. */
    uint32_t resends_left;
    int64_t resends_filled_ns;
};

/* What the router knows of a leg. Embedded in it. What every packet to it touches comes first, to
 * lie in few cache lines. */
struct party {
    uint64_t id;
    UT_hash_handle by_id;
    struct room *room;
    bool ready; /* connected: media may be sent and taken */
    bool local; /* a process of this machine: nothing is lost on the way, nothing is sent again */
    uint32_t slot_count[ROUTER_MEDIA];
    struct slot *slots[ROUTER_MEDIA]; /* by sdp_line_medium */
    uint64_t packets_out;
    uint64_t packets_in;
    uint64_t bitrate;       /* the client's estimate of its downlink (REMB), 0 for none */
    int64_t bitrate_ns;     /* when it came */
    uint32_t round_trip_us; /* 0 until measured */
    uint16_t loss_permille; /* of the last report on what it sends */
    int64_t next_report_ns;
    bool has_clock;
    uint64_t clock_shift; /* our NTP time minus the client's */
    uint32_t ssrc;        /* our own on this leg, for reports */
    char cname[ROUTER_CNAME_SIZE];
    struct source sources[ROUTER_SOURCES]; /* by enum sdp_medium */
};

/* A hearing: its matrix, kept while it has legs or cells. */
struct room {
    char hearing[ROUTER_HEARING_SIZE];
    struct relay_matrix matrix;
    unsigned parties;
    UT_hash_handle hh;
};

struct router_ops {
    /*
     * Seal under the index and send. The same index is only ever sent again with the same bytes.
     * header and payload stay the caller's. False when it is known not to arrive.
     */
    bool (*send_rtp)(void *context, struct party *to, const struct slot *slot, int64_t index,
                     const uint8_t *header, size_t header_len, const uint8_t *payload,
                     size_t payload_len);
    /* Seal and send; data has room for SRTP_RTCP_GROWTH_MAX more. */
    void (*send_rtcp)(void *context, struct party *to, uint8_t *data, size_t len);
    /* To a local party, in place of RTCP: the sender report of what flows into one slot, and the
     * wish for a key frame of its video. */
    void (*send_report)(void *context, struct party *to, const struct slot *slot,
                        const uint8_t *data, size_t len);
    void (*ask_key_frame)(void *context, struct party *to);
};

struct router {
    const struct router_ops *ops;
    void *context;
    struct relay_counters *counters;
    struct party *parties;
    struct room *rooms;
    int64_t unix_offset_ns; /* Unix time minus monotonic time, fixed at the start */
};

void router_init(struct router *router, const struct router_ops *ops, void *context,
                 struct relay_counters *counters);
/* Every party was removed before. */
void router_done(struct router *router);

/* The room of a hearing, made when it is new; NULL when there are RELAY_HEARINGS_MAX in use. */
struct room *router_room(struct router *router, const char *hearing);

/* The number of the leg and what it may do; SSRCs are chosen here. Not ready yet. */
struct party_wish {
    uint64_t id;
    bool may_send;
    bool may_share;
    uint32_t audio_slots;
    uint32_t video_slots;
};
void router_add(struct router *router, struct party *party, struct room *room,
                const struct party_wish *wish);
void router_remove(struct router *router, struct party *party);
struct party *router_find(const struct router *router, uint64_t id);
/* What the client will send. */
void router_take_answer(struct party *party, const struct sdp_answer *answer);
/* The party is a local one: what it sends is known beforehand. */
void router_take_local(struct party *party, bool may_send);
/* The party is connected: what it is already granted starts. */
void router_start(struct router *router, struct party *party, int64_t now_ns);
/* A local party is not connected any more; it may be started again. */
void router_stop(struct party *party);
/* What a local party sends of this medium from now on is another stream, with an SSRC of its own;
 * every slot it goes to begins anew. */
void router_renew(struct router *router, struct party *party, enum sdp_medium medium);

/* The source an RTP packet of this party belongs to, by the answer; NULL for an undeclared one. */
struct source *router_source(struct party *party, const uint8_t *data,
                             const struct rtp_header *header);
/* A decrypted packet of that source; 0 or -EBADMSG. */
int router_take_rtp(struct router *router, struct party *from, struct source *source, uint8_t *data,
                    size_t len, const struct rtp_header *header, int64_t index, int64_t now_ns);
/* A decrypted RTCP compound. */
void router_take_rtcp(struct router *router, struct party *from, const uint8_t *data, size_t len,
                      int64_t now_ns);
/* The party needs a key frame of what flows into this slot; it may ask for what it is granted, and
 * for nothing else. */
void router_take_key_frame_request(struct router *router, const struct party *from,
                                   enum sdp_medium medium, uint32_t slot);

/* As relay_matrix_apply; asks for the key frames the new grants need. */
int router_apply(struct router *router, struct room *room, const struct relay_change *change,
                 int64_t now_ns) __attribute__((warn_unused_result));

/* Requests that are due; every 20 ms. */
void router_ask(struct router *router, int64_t now_ns);
/* Reports that are due; every 100 ms. True when one on what the client sends was made. */
bool router_report(struct router *router, struct party *party, int64_t now_ns);

#endif
