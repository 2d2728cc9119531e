/*
 * The record's tidings as reports to the controller. Gaps and heads wait while no controller is
 * attached; states are told anew to every one. Owned by the relay.
 */
#ifndef ASSIZE_MEDIA_RELAY_RECORD_REPORT_H
#define ASSIZE_MEDIA_RELAY_RECORD_REPORT_H

#include "media/relay/control.h"
#include "media/relay/record.h"

struct record_report {
    struct control *control;
    size_t count; /* waiting */
    struct {
        struct record_tiding tiding;
        struct writer_names names;
    } waiting[RELAY_RECORD_TIDINGS_MAX];
    int64_t space_ns; /* when the space was last told, monotonic */
};

void record_report(struct record_report *report, const struct record_tiding *tiding);
/* Sends what waits, and from time to time how much space there is. */
void record_report_tick(struct record_report *report, uint64_t free_bytes, int64_t now_ns);

#endif
