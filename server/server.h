/*
 * What assized is made of at a court. main.c owns the parts, from start to end; wires.c is how each
 * tells the others what happened.
 */
#ifndef ASSIZE_SERVER_SERVER_H
#define ASSIZE_SERVER_SERVER_H

#include "base/config.h"
#include "server/access/access_service.h"
#include "server/ceremony/ceremony.h"
#include "server/console/alerts.h"
#include "server/console/console_service.h"
#include "server/desk/desk_service.h"
#include "server/exchange/line.h"
#include "server/exchange/sync_service.h"
#include "server/identity/session_service.h"
#include "server/identity/staff_service.h"
#include "server/paper/paper.h"
#include "server/recording/recording.h"
#include "server/session/session.h"

/* Statuses of the program other than 0 and 1. */
enum { EXIT_CONFIGURATION = 2 };

struct server {
    uv_loop_t *loop;
    struct config config;
    struct db *db;
    struct identity *identity;
    struct staff *staff;
    struct staff_service staff_service;
    struct procedures *procedures;
    struct court *court;
    struct relay_client *relay;
    struct studio_client *studio;
    struct sessions *sessions;
    struct net *net;
    struct credentials *web; /* that people are served with */
    struct credentials
        *exchange; /* that the centre knows us by; NULL without one, like the next six */
    struct net_client *push_clients[SENDER_WAYS]; /* to the centre */
    struct sender *sender;
    struct net_client *pull_client; /* another: a pull takes its time */
    struct puller *puller;
    struct line *line;
    struct inquiries *inquiries;
    struct sync_service sync;
    struct recordings *recordings;
    struct papers *papers;
    struct desk_service desk;
    struct ceremony *ceremony;
    struct console_service console;
    struct access_service access;
    struct changes *changes;
    struct person_key people;
    struct alerts *alerts;
    char public_url[CONFIG_TEXT_SIZE];
    char database_folder[CONFIG_TEXT_SIZE]; /* of the private database, or "" */
    uv_signal_t sigterm;
    uv_signal_t sigint;
    uv_timer_t drain;
    int64_t drain_until_ms; /* monotonic; 0: not draining */
    int status;             /* the program's, when it ends */
};

/* main.c: lets what is under way end, then ends the loop. */
void server_stop(struct server *server);

/* wires.c; the context of each is the server. */
extern const struct db_ops server_db_ops;
extern const struct court_ops server_court_ops;
extern const struct relay_client_ops server_relay_ops;
extern const struct studio_client_ops server_studio_ops;
extern const struct net_ops server_net_ops;
extern const struct recordings_ops server_recordings_ops;
/* access_service.wrote. */
void server_case_written(void *context);
/* inquiries_options.held. */
bool server_line_is_held(void *context);
/* changes_options.line. */
void server_center_line(void *context, Assize__Cases__V1__CenterLine *ret_line);

#endif
