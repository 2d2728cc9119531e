/*
 * A private PostgreSQL for one test program, in a directory of its own, with the schema of this
 * build; and a libuv loop to wait on. Everything here fails the test by itself when it cannot do
 * what it says.
 */
#ifndef ASSIZE_TESTS_UNIT_CLUSTER_H
#define ASSIZE_TESTS_UNIT_CLUSTER_H

#include <sys/types.h>
#include <uv.h>

#include "base/config.h"
#include "base/id.h"
#include "db/db.h"
#include "db/private.h"

struct cluster {
    struct config config;
    char conninfo[DB_CONNINFO_SIZE];
    pid_t pid; /* 0: stopped */
};

/* Makes, starts and migrates it. */
void cluster_make(struct cluster *cluster);
void cluster_start(struct cluster *cluster);
/* SIGINT stops it in order, SIGKILL as a crash does. */
void cluster_stop(struct cluster *cluster, int signal);
/* Stops and removes everything. */
void cluster_remove(struct cluster *cluster);

/* Runs statements past all of our code, as the owner of the database. 0 or -EINVAL. */
int cluster_script(const struct cluster *cluster, const char *sql);
/* The first value of the first row, as a number. */
long cluster_number(const struct cluster *cluster, const char *sql);

/* A hearing with a judge (1 at endpoint 1), a clerk (2 at 2) and, in the room 3 at a detention
 * facility, a defendant (3, who also has the companion 4) and an officer (4). */
void cluster_hearing(const struct cluster *cluster, char id[static ID_UUID_SIZE]);

/* A db with its loop, which counts what it is told. */
struct client {
    uv_loop_t loop;
    struct db *db;
    int ups;
    int downs;
    bool notified;
};

void client_open(struct client *client, const char *conninfo);
/* Turns the loop until *flag is true; fails the test after 15 s. */
void client_wait(struct client *client, const bool *flag);
/* Until the database is up, or away. */
void client_wait_up(struct client *client);
void client_wait_down(struct client *client);
/* The loop stood still while the test did something else: what is asked now has all of its time. */
void client_awake(struct client *client);
void client_close(struct client *client);

#endif
