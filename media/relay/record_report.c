#include "media/relay/record_report.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

enum { SPACE_MS = RELAY_RECORD_SPACE_MS };

/* Texts of a tiding are never written to. */
static char *text(const char *from)
{
    union {
        const char *in;
        char *out;
    } borrowed = {.in = from};

    return borrowed.out;
}

static Assize__Media__V1__RecordFault fault_number(enum record_fault fault)
{
    switch (fault) {
    case RECORD_FAULT_DISK_SLOW:
        return ASSIZE__MEDIA__V1__RECORD_FAULT__RECORD_FAULT_DISK_SLOW;
    case RECORD_FAULT_DISK_FULL:
        return ASSIZE__MEDIA__V1__RECORD_FAULT__RECORD_FAULT_DISK_FULL;
    case RECORD_FAULT_DISK:
        return ASSIZE__MEDIA__V1__RECORD_FAULT__RECORD_FAULT_DISK;
    case RECORD_FAULT_CUT_OFF:
        return ASSIZE__MEDIA__V1__RECORD_FAULT__RECORD_FAULT_CUT_OFF;
    case RECORD_FAULT_NONE:
        break;
    }
    return ASSIZE__MEDIA__V1__RECORD_FAULT__RECORD_FAULT_UNSPECIFIED;
}

static Assize__Media__V1__RecordState__State state_number(enum record_state state)
{
    switch (state) {
    case RECORD_STATE_STARTING:
        return ASSIZE__MEDIA__V1__RECORD_STATE__STATE__STATE_STARTING;
    case RECORD_STATE_WRITING:
        return ASSIZE__MEDIA__V1__RECORD_STATE__STATE__STATE_WRITING;
    case RECORD_STATE_FAILED:
        return ASSIZE__MEDIA__V1__RECORD_STATE__STATE__STATE_FAILED;
    case RECORD_STATE_OFF:
        break;
    }
    return ASSIZE__MEDIA__V1__RECORD_STATE__STATE__STATE_OFF;
}

static void send_state(struct record_report *report, const struct record_tiding *tiding)
{
    Assize__Media__V1__Report message = ASSIZE__MEDIA__V1__REPORT__INIT;
    Assize__Media__V1__RecordState state = ASSIZE__MEDIA__V1__RECORD_STATE__INIT;

    state.hearing = text(tiding->hearing);
    state.has_state = state.has_why = 1;
    state.state = state_number(tiding->state);
    state.why = fault_number(tiding->fault);
    message.body_case = ASSIZE__MEDIA__V1__REPORT__BODY_RECORD_STATE;
    message.record_state = &state;
    control_report(report->control, &message, false);
}

static void send_gap(struct record_report *report, const struct record_tiding *tiding)
{
    Assize__Media__V1__Report message = ASSIZE__MEDIA__V1__REPORT__INIT;
    Assize__Media__V1__RecordGap gap = ASSIZE__MEDIA__V1__RECORD_GAP__INIT;

    gap.hearing = text(tiding->hearing);
    gap.group = text(tiding->group);
    gap.has_from_ms = gap.has_to_ms = gap.has_why = 1;
    gap.from_ms = tiding->from_ns / CLOCK_NS_PER_MS;
    gap.to_ms = tiding->to_ns / CLOCK_NS_PER_MS;
    gap.why = fault_number(tiding->fault);
    message.body_case = ASSIZE__MEDIA__V1__REPORT__BODY_RECORD_GAP;
    message.record_gap = &gap;
    control_report(report->control, &message, false);
}

static void send_head(struct record_report *report, const struct record_tiding *tiding)
{
    Assize__Media__V1__Report message = ASSIZE__MEDIA__V1__REPORT__INIT;
    Assize__Media__V1__RecordHead head = ASSIZE__MEDIA__V1__RECORD_HEAD__INIT;
    uint8_t hash[SHA256_BYTES];

    memcpy(hash, tiding->head.step.hash, sizeof(hash));
    head.hearing = text(tiding->hearing);
    head.group = text(tiding->group);
    head.stem = text(tiding->head.stem);
    head.has_end = head.has_packets = head.has_hash = 1;
    head.end = tiding->head.step.end;
    head.packets = tiding->head.step.packets;
    head.hash = (ProtobufCBinaryData){sizeof(hash), hash};
    message.body_case = ASSIZE__MEDIA__V1__REPORT__BODY_RECORD_HEAD;
    message.record_head = &head;
    control_report(report->control, &message, false);
}

static void send_tiding(struct record_report *report, const struct record_tiding *tiding)
{
    switch (tiding->kind) {
    case RECORD_TIDING_STATE:
        send_state(report, tiding);
        break;
    case RECORD_TIDING_GAP:
        send_gap(report, tiding);
        break;
    case RECORD_TIDING_HEAD:
        send_head(report, tiding);
        break;
    }
}

static void keep(struct record_report *report, const struct record_tiding *tiding)
{
    if (report->count == RELAY_RECORD_TIDINGS_MAX) {
        log_error("record.tiding_lost", "hearing=%s group=%s kind=%d", tiding->hearing,
                  tiding->group, (int)tiding->kind);
        return;
    }
    struct writer_names *names = &report->waiting[report->count].names;
    report->waiting[report->count].tiding = *tiding;
    str_copy(names->hearing, sizeof(names->hearing), tiding->hearing);
    str_copy(names->group, sizeof(names->group), tiding->group);
    report->count++;
}

void record_report(struct record_report *report, const struct record_tiding *tiding)
{
    if (control_is_attached(report->control))
        send_tiding(report, tiding);
    else if (tiding->kind != RECORD_TIDING_STATE)
        keep(report, tiding);
}

static void send_space(struct record_report *report, uint64_t free_bytes)
{
    Assize__Media__V1__Report message = ASSIZE__MEDIA__V1__REPORT__INIT;
    Assize__Media__V1__RecordSpace space = ASSIZE__MEDIA__V1__RECORD_SPACE__INIT;

    space.has_free_bytes = 1;
    space.free_bytes = free_bytes;
    message.body_case = ASSIZE__MEDIA__V1__REPORT__BODY_RECORD_SPACE;
    message.record_space = &space;
    control_report(report->control, &message, true);
}

void record_report_tick(struct record_report *report, uint64_t free_bytes, int64_t now_ns)
{
    if (!control_is_attached(report->control))
        return;
    for (size_t i = 0; i < report->count; i++) {
        struct record_tiding tiding = report->waiting[i].tiding;
        tiding.hearing = report->waiting[i].names.hearing;
        tiding.group = report->waiting[i].names.group;
        send_tiding(report, &tiding);
    }
    report->count = 0;
    if (now_ns - report->space_ns < NS_OF_MS(SPACE_MS))
        return;
    report->space_ns = now_ns;
    send_space(report, free_bytes);
}
