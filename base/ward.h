/*
 * How assized has the supervisor start and stop studios: fixed-size messages on a SOCK_SEQPACKET
 * pair that assized inherits as ASSIZE_WARD_FD, so that the supervisor parses nothing and nobody
 * else can ask. Used by cli (the supervisor) and server/media.
 */
#ifndef ASSIZE_BASE_WARD_H
#define ASSIZE_BASE_WARD_H

#include <stdint.h>

#include "base/id.h"

#define WARD_FD_VARIABLE "ASSIZE_WARD_FD"

enum ward_task { WARD_LIVE = 1, WARD_RENDER = 2 };

enum ward_word {
    WARD_START = 1,    /* asked; answered by nothing: the studio says hello itself */
    WARD_STOP = 2,     /* asked: SIGTERM, then SIGKILL */
    WARD_ENDED = 3,    /* told: it ended as asked, or a renderer ended */
    WARD_GIVEN_UP = 4, /* told: it failed too often and is not started again until asked */
    WARD_REFUSED = 5,  /* told: too many run, or it could not be started */
};

struct ward_message {
    uint32_t word;
    uint32_t task;
    char hearing[ID_UUID_SIZE]; /* a UUID in lower case, checked by both sides */
};

#endif
