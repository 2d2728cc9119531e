/* Shared by the files of this folder. */
#ifndef ASSIZE_SERVER_SESSION_SESSION_INTERNAL_H
#define ASSIZE_SERVER_SESSION_SESSION_INTERNAL_H

#include "assize/signal/v1/signal.pb-c.h"
#include "base/table.h"
#include "server/media/stage.h"
#include "server/session/session.h"
#include "server/session/view.h"

enum client_state {
    CLIENT_STATE_SIGNING_IN, /* identity looks up the cookie */
    CLIENT_STATE_OPENING,    /* court loads the hearing */
    CLIENT_STATE_LIVE,       /* sits in its room */
    CLIENT_STATE_ENDED,      /* told to go, or gone; only a callback under way holds it */
};

struct client {
    uint64_t id;
    struct sessions *sessions;
    struct net_ws *ws; /* NULL once the WebSocket is gone */
    enum client_state state;
    char token[NET_TOKEN_SIZE]; /* the cookie: asked again while the WebSocket is open */
    struct identity_session who;
    struct room *room;
    uint64_t since; /* resume after this event */
    bool resumes;   /* since was given */
    bool wants_media;
    uint64_t kept_leg;     /* the leg the device says it has */
    bool follows;          /* as last told */
    bool listens;          /* to the record, in place of the live sound */
    int64_t checked_at_ms; /* when the session was last looked up, monotonic */
    int64_t media_at_ms;   /* of the last offer asked for, monotonic */
    int64_t help_at_ms;    /* when this device last asked for help, monotonic; 0: never */
    UT_hash_handle hh;
};

struct presence {
    int64_t absent_since_ms; /* monotonic; 0: present */
    bool deciding;           /* a link command is on its way */
};

struct quality {
    bool fresh; /* not told yet */
    bool known;
    uint32_t loss_permille;
    uint32_t rtt_ms;
};

/* The GalleryView as viewers last were told it. */
struct gallery_told {
    Assize__Hearing__V1__Status status;
    bool open;
    bool is_private;
    uint32_t delay_s;
    bool playing;
};

/* One hearing as far as people are connected to it. Made with the first need of it, lives until the
 * process ends. */
struct room {
    struct sessions *sessions;
    struct court_hearing *hearing;
    struct stage *stage;
    struct client *seats[HEARING_ENDPOINTS_MAX]; /* by endpoint - 1: at most one device each */
    struct presence presence[HEARING_ENDPOINTS_MAX];
    struct quality quality[HEARING_ENDPOINTS_MAX];
    struct client *viewers[STAGE_VIEWERS_MAX]; /* of the gallery */
    uint32_t viewer_count;
    uint32_t told_viewers; /* how many, as those inside were told */
    bool viewer_left;      /* and the matrix does not know yet */
    struct gallery_told gallery_told;
    uint64_t told_seq;                   /* the last event clients were told of */
    Assize__Signal__V1__RecordLamp lamp; /* as last looked at */
    bool restate;                        /* something is in force that no event told yet */
    int64_t quality_at_ms;
    uint64_t alerts;   /* told and not over: bit participant - 1 of a lost link */
    unsigned troubles; /* told and not over: bit of a session_alert_kind of the whole hearing */
    struct room *next;
};

struct sessions {
    struct sessions_options options;
    struct client *clients; /* by id */
    uint64_t next_client;
    struct room *rooms;
    struct room *lost_rooms;
    struct buf
        attached; /* the relay's last Attached, packed: rooms made later adopt their legs from it */
    struct record_word *record_words; /* to be written down, oldest first */
    bool record_space_known;
    uint64_t record_free_bytes;
    int64_t record_heard_ms; /* when the relay last spoke of it, monotonic */
    int64_t deadlines_at_ms; /* when they were last looked at, monotonic */
    int64_t
        suspended_at_ms; /* when suspended hearings were last searched for, monotonic; 0: never */
    uv_timer_t tick;
    bool draining;
    int64_t not_saving_since_ms; /* Unix milliseconds; of the last outage */
};

/* sessions.c: takes up the legs the relay held of this hearing before it was loaded here. */
void sessions_adopt_legs(struct sessions *sessions, struct room *room);

/* client.c */
struct client *client_find(struct sessions *sessions, uint64_t id);
/* Sends; a client that is too slow to take it is dropped. */
void client_send(struct client *client, const Assize__Signal__V1__ServerMessage *message);
void client_send_bytes(struct client *client, const struct buf *bytes);
/* Says why and closes; the client does not come back by itself. */
void client_evict(struct client *client, enum refusal why, uint16_t close_code);
/* From time to time: a session that ended meanwhile ends the client. It may be gone afterwards. */
void client_check_session(struct client *client, int64_t now_ms);
void client_refuse(struct client *client, uint64_t request_id, enum refusal refusal);

/* room.c */
struct room *room_of(struct sessions *sessions, struct court_hearing *hearing);
/* Seats a client that just went live, in the place of whoever had the endpoint. */
void room_join(struct room *room, struct client *client);
void room_leave(struct room *room, struct client *client);
void room_send_snapshot(struct room *room, struct client *client, uint64_t in_reply_to);
/* Tells events not told yet, unless a revoke waits for the relay. */
void room_tell(struct room *room);
void room_notice(struct room *room, bool saving);
struct client *room_seat(const struct room *room, uint32_t endpoint);
/* What a participant may be told, or HEARING_SERVER; drawn from the arena. */
struct view room_view(const struct room *room, uint32_t participant, struct arena *arena);

/* room_media.c */
extern const struct stage_ops room_stage_ops;
void room_update_media(struct room *room);
void room_open_media(struct room *room, struct client *client);
/* Ends every leg of a client that may not go on. */
void room_close_media(struct room *room, struct client *client);
/* For a thin line: the programme feed instead of everybody. */
enum refusal room_use_programme(struct room *room, struct client *client, bool on);
/* What is being written instead of the live sound. */
enum refusal room_listen(struct room *room, struct client *client, bool on);
void media_send_offer(struct client *client, uint64_t leg, const char *sdp);
void media_send_state(struct client *client, uint64_t leg,
                      Assize__Signal__V1__MediaState__State state);
void media_send_slots(struct room *room, struct client *client, uint64_t leg);
void room_relay_up(struct room *room, const Assize__Media__V1__Attached *attached);
void room_relay_down(struct room *room);
void room_take_quality(struct room *room, uint32_t endpoint,
                       const Assize__Media__V1__LegQuality *quality);
void room_tell_quality(struct room *room);

/* sessions.c: NULL when nobody has needed it yet. */
struct room *sessions_room(const struct sessions *sessions, const char *hearing);

/* deadlines.c */
void deadlines_tick(struct sessions *sessions, int64_t now_ms);

/* alerts.c */
/* Compares what is wrong with what was told, and tells the difference. */
void room_look_for_alerts(struct room *room);
enum refusal room_ask_help(struct room *room, struct client *client, const char *words);
/* What the lamp shows: ON only while the relay says that what comes in is durable. */
Assize__Signal__V1__RecordLamp room_lamp(const struct room *room);

/* gallery.c */
void gallery_join(struct room *room, struct client *client);
void gallery_leave(struct room *room, struct client *client);
void gallery_evict_all(struct room *room, enum refusal why);
/* Tells viewers what changed; never before a revoke is acknowledged. */
void gallery_tell(struct room *room);
void gallery_open_media(struct room *room, struct client *client);
void gallery_relay_up(struct room *room);
void gallery_relay_down(struct room *room);
void gallery_tick(struct room *room, int64_t now_ms);
/* Of struct stage_ops. */
void gallery_viewer_offered(void *context, uint64_t viewer, uint64_t leg, const char *sdp);
void gallery_viewer_changed(void *context, uint64_t viewer, uint64_t leg, bool gone);
void gallery_viewer_slots_changed(void *context, uint64_t viewer, uint64_t leg);

/* record.c */
/* Tells of a lamp that went out, or came back, without a word of the relay. */
void record_watch(struct room *room);
/* False while the relay, which is there, has not spoken of the record for too long. */
bool record_is_alive(const struct sessions *sessions);
/* Asks the court again for what could not be saved. */
void record_tick(struct sessions *sessions);
void record_forget(struct sessions *sessions);
/* False while the disk of the record has less space than a hearing needs. */
bool record_has_space(const struct sessions *sessions);
/* False while the disk of the private database has less than what is kept for it. */
bool record_leaves_space(const struct sessions *sessions);

/* presence.c: what is really there, compared with what the record says, twice a second. */
void room_tick(struct room *room, int64_t now_ms);

#endif
