#include "server/session/draft.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "server/hearing/title.h"
#include "server/session/view_internal.h"

/* Asia/Ho_Chi_Minh has no summer time. */
enum { HOURS_EAST = 7, S_PER_HOUR = 3600, MOMENT_SIZE = 96 };

/* A line more; what has no room is left out whole, since the judge reads and completes the text. */
static void __attribute__((format(printf, 2, 3))) say(struct buf *text, const char *format, ...)
{
    char line[HEARING_WORDS_MAX];
    va_list arguments;

    va_start(arguments, format);
    int len = vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    if (len < 0 || (size_t)len >= sizeof(line) || buf_append(text, line, (size_t)len))
        return;
}

static void civil(int64_t ms, struct tm *ret_time)
{
    time_t seconds = (time_t)(ms / CLOCK_MS_PER_S) + HOURS_EAST * S_PER_HOUR;

    gmtime_r(&seconds, ret_time);
}

/* "ngày 22 tháng 11 năm 2026"; the days and the first two months below ten with a zero, as the form
 * of decisions has it. */
static void print_day(int64_t ms, char out[static MOMENT_SIZE])
{
    struct tm t;

    civil(ms, &t);
    int month = t.tm_mon + 1;
    snprintf(out, MOMENT_SIZE, "ngày %02d tháng %s%d năm %d", t.tm_mday, month < 3 ? "0" : "",
             month, t.tm_year + 1900);
}

static void print_moment(int64_t ms, char out[static MOMENT_SIZE])
{
    char day[MOMENT_SIZE];
    struct tm t;

    civil(ms, &t);
    print_day(ms, day);
    snprintf(out, MOMENT_SIZE, "%02d giờ %02d phút %.64s", t.tm_hour, t.tm_min, day);
}

static const char *site_of(const struct view *view, uint32_t endpoint)
{
    const struct hearing_endpoint *device = hearing_endpoint(view->state, endpoint);

    return device && device->site && device->site <= view->record->site_count
               ? view->record->sites[device->site - 1].name
               : "";
}

/* ---- what happened ---- */

/* It lasts, or lasted while the session stood still: what is over and was followed by a session
 * that went on is no ground any more. */
static bool is_ground(const struct view *view, const struct hearing_incident *incident)
{
    const struct hearing *state = view->state;

    return !incident->to_ms ||
           (state->status == HEARING_STATUS(RECESS) && incident->to_ms >= state->status_since_ms);
}

static bool has_grounds(const struct view *view)
{
    for (uint32_t i = 0; i < view->state->incident_count; i++) {
        if (is_ground(view, &view->state->incidents[i]))
            return true;
    }
    return false;
}

static void say_incident(const struct view *view, const struct hearing_incident *incident,
                         struct buf *text)
{
    const char *site = site_of(view, incident->endpoint);
    char from[MOMENT_SIZE], to[MOMENT_SIZE];

    print_moment(incident->from_ms, from);
    print_moment(incident->to_ms, to);
    say(text, "- %s%s: mất kết nối từ %s%s%s%s.\n", view_site_before(site), site, from,
        incident->to_ms ? " đến " : ", chưa kết nối lại được", incident->to_ms ? to : "",
        incident->paused ? "; phiên tòa phải dừng" : "");
}

static void say_incidents(const struct view *view, struct buf *text)
{
    const struct hearing *state = view->state;
    uint32_t first = state->incident_count;
    uint32_t named = 0;

    while (first && named < DRAFT_INCIDENTS_MAX)
        named += is_ground(view, &state->incidents[--first]);
    for (uint32_t i = first; i < state->incident_count; i++) {
        if (is_ground(view, &state->incidents[i]))
            say_incident(view, &state->incidents[i], text);
    }
}

/* Who is not there any more, where the session stopped because people left or were sent back. */
static void say_absent(const struct view *view, struct buf *text)
{
    const struct hearing *state = view->state;
    const char *site = site_of(view, state->paused_by);
    bool sent_back = state->pause_cause == HEARING_PAUSE(SENT_BACK);

    for (uint32_t i = 0; i < state->participant_count; i++) {
        const struct hearing_participant *person = &state->participants[i];
        if (person->endpoint == state->paused_by &&
            person->standing != HEARING_STANDING(IN_HEARING))
            say(text, "- %s%s%s%s %s %s.\n", view_site_before(site), site, *site ? ": " : "",
                hearing_role_title(person->role), view->record->participants[i].name,
                sent_back ? "được mời trở lại phòng chờ" : "đã rời phiên tòa");
    }
}

/* Why and when the session stopped, and what was wrong with the lines. */
static void say_stop(const struct view *view, struct buf *text)
{
    const struct hearing *state = view->state;
    bool by_link = state->paused_by && !hearing_pause_is_by_people(state->pause_cause);
    char since[MOMENT_SIZE];

    print_moment(state->status_since_ms, since);
    if (by_link)
        say(text, "Phiên tòa đã dừng lúc %s do đường truyền bị gián đoạn:\n", since);
    else if (state->paused_by)
        say(text, "Phiên tòa đã dừng lúc %s do vắng người phải có mặt:\n", since);
    else if (state->status == HEARING_STATUS(RECESS))
        say(text, "Phiên tòa đã tạm nghỉ lúc %s.\n", since);
    if (state->paused_by && !by_link)
        say_absent(view, text);
    if (!by_link && has_grounds(view))
        say(text, "Đường truyền bị gián đoạn:\n");
    say_incidents(view, text);
}

static void say_unmet(const struct view *view, struct buf *text)
{
    struct hearing_check checks[HEARING_CHECKS_MAX];
    size_t count = hearing_quorum(view->state, checks);
    char law[HEARING_ARTICLE_SIZE];

    for (size_t i = 0; i < count; i++) {
        const char *site = checks[i].site ? view->record->sites[checks[i].site - 1].name : "";
        if (checks[i].met)
            continue;
        hearing_article_title(checks[i].condition->article, law);
        say(text, "- %s%s%s%s (%s).\n", view_site_before(site), site, *site ? ": " : "",
            checks[i].condition->unmet.vi, law);
    }
}

/* ---- decisions ---- */

static void say_head(const struct view *view, const char *what, struct buf *text)
{
    const struct procedure *procedure = view->state->procedure;
    char law[HEARING_ARTICLE_SIZE];

    hearing_article_title(procedure->suspension_article, law);
    say(text, "QUYẾT ĐỊNH %s\n\nCăn cứ %s;\n", what, law);
    say(text, "Xét phiên tòa vụ án thụ lý số %s, %s, do %s mở:\n", view->record->case_number,
        view->record->title, view->record->court);
}

static char *take(const struct view *view, struct buf *text)
{
    char *draft = arena_copy(view->arena, (const char *)text->data, text->len);

    buf_done(text);
    return draft;
}

static void say_suspension(const struct view *view, struct buf *text)
{
    const struct procedure *procedure = view->state->procedure;
    int64_t end_ms = hearing_suspension_end(procedure, view->now_ms);
    char now[MOMENT_SIZE], last[MOMENT_SIZE];

    print_moment(view->now_ms, now);
    print_day(end_ms - 1, last);
    say(text, "\nQUYẾT ĐỊNH:\n1. Tạm ngừng phiên tòa kể từ %s.\n", now);
    if (end_ms)
        say(text,
            "2. Thời hạn tạm ngừng là %02" PRIu32 " ngày, đến hết %s.\n"
            "3. Hết thời hạn này mà chưa thể tiếp tục xét xử thì hoãn phiên tòa.\n",
            procedure->suspension_days, last);
    say(text, "Quyết định này được thông báo đến tất cả các điểm cầu.\n");
}

/* What the session stopped by, or stands still with, or goes on in spite of. */
static bool may_suspend(const struct view *view)
{
    const struct hearing *state = view->state;

    if (state->status != HEARING_STATUS(RECESS) && state->status != HEARING_STATUS(IN_SESSION))
        return false;
    return state->paused_by || has_grounds(view);
}

char *draft_suspension(const struct view *view)
{
    struct buf text;

    if (!may_suspend(view))
        return codec_text("");
    buf_init(&text, HEARING_WORDS_MAX);
    say_head(view, "TẠM NGỪNG PHIÊN TÒA", &text);
    say_stop(view, &text);
    if (!hearing_quorum_met(view->state)) {
        say(&text, "Không đủ điều kiện để tiếp tục xét xử:\n");
        say_unmet(view, &text);
    }
    say_suspension(view, &text);
    return take(view, &text);
}

char *draft_adjournment(const struct view *view)
{
    const struct hearing *state = view->state;
    char since[MOMENT_SIZE], last[MOMENT_SIZE];
    struct buf text;

    if (!state->lapsed || state->status != HEARING_STATUS(SUSPENDED))
        return codec_text("");
    buf_init(&text, HEARING_WORDS_MAX);
    print_moment(state->status_since_ms, since);
    print_day(state->suspended_until_ms - 1, last);
    say_head(view, "HOÃN PHIÊN TÒA", &text);
    say(&text, "Phiên tòa đã tạm ngừng từ %s; thời hạn tạm ngừng đã hết vào cuối %s.\n", since,
        last);
    if (!hearing_quorum_met(state)) {
        say(&text, "Không đủ điều kiện để tiếp tục xét xử:\n");
        say_unmet(view, &text);
    }
    say(&text, "\nQUYẾT ĐỊNH:\n1. Hoãn phiên tòa.\n"
               "2. Thời gian, địa điểm mở lại phiên tòa được thông báo sau.\n"
               "Quyết định này được thông báo đến tất cả các điểm cầu.\n");
    return take(view, &text);
}
