/*
 * The names of what a hearing's record is written in, each to files of its own: "e4" for the sound
 * and picture of endpoint 4, "e4-share" for the second picture it showed, "programme" for the
 * composite. Used wherever the record is written, told of, verified or shown.
 */
#ifndef ASSIZE_BASE_RECORD_GROUP_H
#define ASSIZE_BASE_RECORD_GROUP_H

#include <stdbool.h>
#include <stdint.h>

enum { RECORD_GROUP_SIZE = 24 };

struct record_group {
    uint32_t endpoint; /* 0: the programme */
    bool share;
};

void record_group_write(struct record_group group, char out[static RECORD_GROUP_SIZE]);
/* False for another name. */
bool record_group_read(const char *name, struct record_group *ret_group);

#endif
