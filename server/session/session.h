/*
 * Who is connected: clients (one WebSocket each), the rooms they are in (one a hearing), what they
 * are told and when. Decides nothing about the law: commands go to server/court, what may be seen
 * comes from server/hearing.
 *
 * Owned by main, which passes on what net, court and the relay client report.
 */
#ifndef ASSIZE_SERVER_SESSION_SESSION_H
#define ASSIZE_SERVER_SESSION_SESSION_H

#include <uv.h>

#include "base/limits.h"
#include "server/court/court.h"
#include "server/identity/identity.h"
#include "server/media/relay_client.h"
#include "server/media/studio_client.h"
#include "server/net/net.h"

/* clang-format off */
#define SESSION_LIMITS(L) \
    L(SESSION_LINK_LOST_MS, 5000, "ms", "without a device's signalling before its link is lost on the record") \
    L(SESSION_LEG_KEPT_MS, 60000, "ms", "a leg is kept at the relay for a device whose signalling is away") \
    L(SESSION_CLIENTS_MAX, 4096, "clients", "signed in at once") \
    L(SESSION_RECORD_SILENT_MS, 2200, "ms", "without a word of the relay on the record until its lamp goes out") \
    L(SESSION_RECORD_WORDS_MAX, 1024, "events", "on gaps and heads of the record waiting to be saved") \
    L(SESSION_DEADLINES_MS, 1000, "ms", "between two looks at the deadlines of suspended hearings") \
    L(SESSION_SUSPENDED_MS, 3600000, "ms", "between two searches for suspended hearings that nobody has open") \
    L(SESSION_CHECK_MS, 4000, "ms", "between two looks whether a session is still good")           \
    L(SESSION_HELP_MS, 10000, "ms", "least time between two calls for help from one device") \
    L(SESSION_HELP_MAX, 500, "bytes", "said with a call for help") \
    L(SESSION_MEDIA_RETRY_MS, 1000, "ms", "least time between two media offers to one device")
/* clang-format on */
LIMITS(SESSION_LIMITS);

/* WebSocket close codes of our own (RFC 6455 section 7.4.2). */
enum {
    SESSION_CLOSE_EVICTED = 4001,
    SESSION_CLOSE_TOO_SLOW = 4008,
    SESSION_CLOSE_NOT_SIGNED_IN = 4401
};

struct sessions;

/* Something in a hearing that somebody who looks after it has to see (the officer console). */
enum session_alert_kind {
    SESSION_ALERT_HELP = 1, /* somebody asks for it */
    SESSION_ALERT_LINK_LOST,
    SESSION_ALERT_PAUSED,    /* a session stopped by rule */
    SESSION_ALERT_RECORD,    /* what should be on record is not, or late */
    SESSION_ALERT_PROGRAMME, /* the programme feed was given up */
    SESSION_ALERT_DEADLINE,  /* of a suspension: near, or passed */
};
struct session_alert {
    const char *hearing;
    enum session_alert_kind kind;
    uint32_t participant; /* or 0 */
    uint32_t site;        /* or 0 */
    const char *words;    /* of who asks for help, NFC text; else "" */
    bool over;            /* its cause has gone away */
};

struct sessions_options {
    uv_loop_t *loop;
    struct identity *identity;
    struct court *court;
    struct relay_client *relay;
    struct studio_client *studio;
    bool record_programme; /* stage.h */
    bool studio_high;
    uint32_t audio_slots; /* most slots of one leg */
    uint32_t video_slots;
    const char *database_folder; /* of the private database, or "" */
    uint64_t database_reserve;   /* bytes its disk must have for a hearing to start */
    uint64_t record_reserve;     /* bytes the record's disk must have for a hearing to start */
    /* Valid during the call. HELP is told each time it is asked for; the others once when they
     * begin and once when they are over, also after a restart. */
    void (*alert)(void *context, const struct session_alert *alert);
    void *alert_context;
};

struct sessions *sessions_new(const struct sessions_options *options);
/* WebSockets still open belong to nobody after this. */
void sessions_free(struct sessions *sessions);

/* From net. */
void sessions_ws_open(struct sessions *sessions, struct net_ws *ws, const struct net_peer *peer);
void sessions_ws_message(struct sessions *sessions, struct net_ws *ws, const uint8_t *data,
                         size_t len);
void sessions_ws_closed(struct sessions *sessions, struct net_ws *ws);

/* From court. */
void sessions_changed(struct sessions *sessions, struct court_hearing *hearing);
void sessions_narrowed(struct sessions *sessions, struct court_hearing *hearing);
void sessions_reloaded(struct sessions *sessions, struct court_hearing *hearing);
void sessions_lost(struct sessions *sessions, struct court_hearing *hearing, enum refusal why);
void sessions_saving(struct sessions *sessions, bool saving);

/* From the relay client. */
void sessions_relay_up(struct sessions *sessions, const Assize__Media__V1__Attached *attached);
void sessions_relay_down(struct sessions *sessions);
void sessions_leg_state(struct sessions *sessions, const Assize__Media__V1__LegState *state);
void sessions_leg_quality(struct sessions *sessions, const Assize__Media__V1__LegQuality *quality);

void sessions_record_state(struct sessions *sessions, const Assize__Media__V1__RecordState *state);
void sessions_record_gap(struct sessions *sessions, const Assize__Media__V1__RecordGap *gap);
void sessions_record_head(struct sessions *sessions, const Assize__Media__V1__RecordHead *head);
void sessions_record_space(struct sessions *sessions, const Assize__Media__V1__RecordSpace *space);

/* From the studio client, of live studios. */
void sessions_studio_there(struct sessions *sessions, const char *hearing);
void sessions_studio_report(struct sessions *sessions, const char *hearing,
                            const Assize__Media__V1__StudioReport *report);
void sessions_studio_gone(struct sessions *sessions, const char *hearing);
void sessions_studio_told(struct sessions *sessions, const char *hearing, enum ward_word word);

/* How a device is connected, by the newest report of the relay. False when nothing is known. */
struct session_link {
    uint32_t loss_permille;
    uint32_t rtt_ms;
};
bool sessions_link(const struct sessions *sessions, const char *hearing, uint32_t endpoint,
                   struct session_link *ret_link);

/* Tells every client to come back and closes with 1001. */
void sessions_drain(struct sessions *sessions);

int sessions_clients(const struct sessions *sessions);
int sessions_rooms(const struct sessions *sessions);

#endif
