/* The draft of the minutes from a scripted hearing: what stands where, in which words. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/sha256.h"
#include "proto/codec.h"
#include "server/hearing/names.h"
#include "server/minutes/minutes.h"

enum { EVENTS_MAX = 6000, START_MS = 1000000, STEP_MS = 1000 };
enum { JUDGE = 1, CLERK, DEFENDANT, WITNESS, OFFICER };

static struct hearing_store_site sites[] = {
    {.id = 1, .kind = HEARING_SITE(DETENTION_FACILITY), .name = "Trại tạm giam số 1"},
    {.id = 2, .kind = HEARING_SITE(CENTRAL_POINT), .name = "Phòng xử án số 2"},
    {.id = 3, .kind = HEARING_SITE(COMPONENT_POINT), .name = "Phường Hà Đông"},
};
static struct hearing_store_endpoint endpoints[] = {
    {1, 2, HEARING_ENDPOINT(PERSONAL)},
    {2, 2, HEARING_ENDPOINT(PERSONAL)},
    {3, 1, HEARING_ENDPOINT(ROOM)},
    {4, 3, HEARING_ENDPOINT(PERSONAL)},
};
static struct hearing_store_participant people[] = {
    {.id = JUDGE, .role = HEARING_ROLE(PRESIDING_JUDGE), .endpoint = 1, .name = "Nguyễn Thị H."},
    {.id = CLERK, .role = HEARING_ROLE(CLERK), .endpoint = 2, .name = "Trần Quốc B."},
    {.id = DEFENDANT, .role = HEARING_ROLE(DEFENDANT), .endpoint = 3, .name = "Phạm Văn T."},
    {.id = WITNESS, .role = HEARING_ROLE(WITNESS), .endpoint = 4, .name = ""},
    {.id = OFFICER, .role = HEARING_ROLE(DETENTION_OFFICER), .endpoint = 3, .name = "Đỗ Mạnh C."},
};

/* A hearing as it is stored, written down event by event. */
struct script {
    struct buf bodies[EVENTS_MAX];
    struct hearing_store_event events[EVENTS_MAX];
    struct minutes_words words[EVENTS_MAX];
    struct minutes_former formers[4];
    size_t count, word_count, former_count;
    struct procedure procedure;
    struct arena arena;
    Assize__Minutes__V1__MinutesDocument *document;
};

static uint64_t add_at(struct script *script, int64_t at_ms, uint32_t actor,
                       Assize__Hearing__V1__Event *event, const char *words)
{
    size_t i = script->count++;
    uint8_t hash[SHA256_BYTES];

    event->has_seq = event->has_at_ms = event->has_actor = true;
    event->seq = script->count;
    event->at_ms = at_ms;
    event->actor = actor;
    if (words) {
        sha256(words, strlen(words), hash);
        event->has_words_hash = true;
        event->words_hash = (ProtobufCBinaryData){SHA256_BYTES, hash};
        script->words[script->word_count++] = (struct minutes_words){event->seq, words};
    }
    buf_init(&script->bodies[i], 65536);
    assert_int_equal(codec_pack(&event->base, &script->bodies[i]), 0);
    script->events[i] = (struct hearing_store_event){.seq = event->seq,
                                                     .at_ms = at_ms,
                                                     .body = script->bodies[i].data,
                                                     .len = script->bodies[i].len};
    return event->seq;
}

/* One event a second. */
static uint64_t add(struct script *script, uint32_t actor, Assize__Hearing__V1__Event *event,
                    const char *words)
{
    return add_at(script, START_MS + (int64_t)script->count * STEP_MS, actor, event, words);
}

static char article[] = "BLTTHS 288";

/* Good until the next call. */
static char *kept(const char *text)
{
    static char copy[64];

    snprintf(copy, sizeof(copy), "%s", text);
    return copy;
}

/* clang-format off */
/* An event with this arm and these fields, good until the next of its kind. */
#define EVENT(kind, arm_, type, init, ...)                                                         \
    ({                                                                                             \
        static Assize__Hearing__V1__##type body;                                                   \
        static Assize__Hearing__V1__Event event;                                                   \
        body = (Assize__Hearing__V1__##type){PROTOBUF_C_MESSAGE_INIT(                              \
            &assize__hearing__v1__##init##__descriptor), ##__VA_ARGS__};                             \
        event = (Assize__Hearing__V1__Event)ASSIZE__HEARING__V1__EVENT__INIT;                      \
        event.body_case = HEARING_EVENT(kind);                                                     \
        event.arm_ = &body;                                                                        \
        &event;                                                                                    \
    })
#define PERSON(who)       .has_participant = true, .participant = (who)
#define PLACE(at)         .has_endpoint = true, .endpoint = (at)
#define OPENED()          EVENT(OPENED, opened, Opened, opened, .procedure = NULL)
#define STARTED()         EVENT(STARTED, started, Started, started)
#define CLOSED()          EVENT(CLOSED, closed, Closed, closed)
#define ADMITTED(who)     EVENT(ADMITTED, admitted, Admitted, admitted, PERSON(who))
#define LEFT(who)         EVENT(LEFT, left, Left, left, PERSON(who))
#define SWORN(who)        EVENT(UNDERTAKING_GIVEN, undertaking_given, GiveUndertaking, give_undertaking, PERSON(who))
#define PHASE(n)          EVENT(PHASE_ENTERED, phase_entered, EnterPhase, enter_phase, .has_phase = true, .phase = (n))
#define LINK_LOST(at)     EVENT(ENDPOINT_LINK_LOST, endpoint_link_lost, EndpointLinkLost, endpoint_link_lost, PLACE(at))
#define LINK_RESTORED(at) EVENT(ENDPOINT_LINK_RESTORED, endpoint_link_restored, EndpointLinkRestored, endpoint_link_restored, PLACE(at))
#define PAUSED(at)        EVENT(PAUSED, paused, Paused, paused, PLACE(at))
#define REPLACED(who)     EVENT(PERSON_REPLACED, person_replaced, ReplacePerson, replace_person, PERSON(who))
#define PAUSED_SO(at, why) EVENT(PAUSED, paused, Paused, paused, PLACE(at), .has_cause = true, .cause = HEARING_PAUSE(why))
#define NOTE(of)          EVENT(NOTE_TAKEN, note_taken, TakeNote, take_note, .has_corrects = true, .corrects = (of))
#define NOTE_AT(ms)       EVENT(NOTE_TAKEN, note_taken, TakeNote, take_note, .has_media_ms = true, .media_ms = (ms))
#define SUSPENDED(until)  EVENT(SUSPENDED, suspended, Suspended, suspended, .has_until_ms = true, .until_ms = (until))
#define OVERRIDDEN(what)  EVENT(RULE_OVERRIDDEN, rule_overridden, RuleOverridden, rule_overridden, .rule = kept(what), .article = article)
/* clang-format on */

static struct script *begin(void)
{
    struct script *script = calloc(1, sizeof(*script));

    assert_non_null(script);
    script->procedure.phase_count = 2;
    snprintf(script->procedure.phases[0].title.vi, PROCEDURE_TEXT_MAX, "Chuẩn bị khai mạc");
    snprintf(script->procedure.phases[1].title.vi, PROCEDURE_TEXT_MAX, "Xét hỏi");
    snprintf(script->procedure.phases[1].article, PROCEDURE_TEXT_MAX, "BLTTHS 307");
    add(script, 0, OPENED(), NULL);
    return script;
}

static Assize__Minutes__V1__MinutesDocument *assemble(struct script *script,
                                                      const struct procedure *procedure)
{
    const struct hearing_record hearing = {
        .id = "019aa000-0000-7000-8000-000000000000",
        .case_number = "12/2026/TLST-HS",
        .title = "Trộm cắp tài sản",
        .court = "Tòa án nhân dân khu vực 1",
        .sites = sites,
        .endpoints = endpoints,
        .participants = people,
        .events = script->events,
        .site_count = 3,
        .endpoint_count = 4,
        .participant_count = 5,
        .event_count = script->count,
    };
    const struct minutes_record record = {
        .hearing = &hearing,
        .words = script->words,
        .word_count = script->word_count,
        .formers = script->formers,
        .former_count = script->former_count,
    };

    assert_int_equal(minutes_assemble(&record, procedure, &script->arena, &script->document), 0);
    return script->document;
}

static void end(struct script *script)
{
    arena_done(&script->arena);
    for (size_t i = 0; i < script->count; i++)
        buf_done(&script->bodies[i]);
    free(script);
}

static const Assize__Minutes__V1__Line *line_of(const struct script *script, uint64_t seq)
{
    for (size_t i = 0; i < script->document->n_sections; i++) {
        const Assize__Minutes__V1__Section *section = script->document->sections[i];
        for (size_t j = 0; j < section->n_lines; j++) {
            if (section->lines[j]->seq == seq)
                return section->lines[j];
        }
    }
    return NULL;
}

static void heads_with_the_panel_and_everyone_by_site(void **state)
{
    struct script *script = begin();

    (void)state;
    add(script, 0, ADMITTED(JUDGE), NULL);
    add(script, JUDGE, STARTED(), NULL);
    add(script, JUDGE, ADMITTED(WITNESS), NULL);
    add(script, JUDGE, LEFT(WITNESS), NULL);
    const Assize__Minutes__V1__MinutesDocument *document = assemble(script, &script->procedure);
    assert_string_equal(document->court, "Tòa án nhân dân khu vực 1");
    assert_int_equal(document->n_panel, 1);
    assert_string_equal(document->panel[0]->name, "Nguyễn Thị H.");
    assert_int_equal(document->panel[0]->came_ms, START_MS + STEP_MS);
    assert_int_equal(document->n_sites, 3);
    assert_string_equal(document->sites[0]->name, "Phòng xử án số 2"); /* the central point first */
    assert_int_equal(document->sites[0]->n_people, 2);
    assert_string_equal(document->sites[1]->people[1]->role, "Cán bộ cơ sở giam giữ");
    assert_false(document->sites[1]->people[0]->has_came_ms); /* the defendant was never let in */
    assert_string_equal(document->sites[2]->people[0]->name, ""); /* erased */
    assert_true(document->sites[2]->people[0]->has_left_ms);
    end(script);
}

static void has_a_section_a_phase_that_begins_with_the_start(void **state)
{
    struct script *script = begin();

    (void)state;
    uint64_t came = add(script, 0, ADMITTED(JUDGE), NULL);
    uint64_t started = add_at(script, START_MS + 5000, JUDGE, STARTED(), NULL);
    add_at(script, START_MS + 5000, JUDGE, PHASE(2), NULL);
    const Assize__Minutes__V1__MinutesDocument *document = assemble(script, &script->procedure);
    assert_int_equal(document->n_sections, 2);
    assert_string_equal(document->sections[0]->title, "Chuẩn bị khai mạc");
    assert_int_equal(document->sections[0]->lines[0]->seq, came);
    assert_string_equal(document->sections[1]->title, "Xét hỏi");
    assert_string_equal(document->sections[1]->article, "BLTTHS 307");
    assert_int_equal(document->sections[1]->lines[0]->seq, started);
    assert_string_equal(document->sections[1]->lines[0]->text,
                        "Thẩm phán chủ tọa phiên tòa Nguyễn Thị H. tuyên bố khai mạc phiên tòa.");
    end(script);
}

static void has_sections_also_without_phases_or_a_known_procedure(void **state)
{
    struct script *script = begin();

    (void)state;
    add(script, JUDGE, STARTED(), NULL);
    const Assize__Minutes__V1__MinutesDocument *document = assemble(script, NULL);
    assert_int_equal(document->n_sections, 2);
    assert_string_equal(document->sections[0]->title, "Trước khi khai mạc");
    assert_string_equal(document->sections[1]->title, "Diễn biến phiên tòa");
    arena_done(&script->arena);
    add_at(script, START_MS + 9000, JUDGE, PHASE(7), NULL);
    assert_string_equal(assemble(script, NULL)->sections[2]->title, "Phần 7");
    end(script);
}

static void puts_a_note_at_the_moment_it_was_begun(void **state)
{
    struct script *script = begin();

    (void)state;
    uint64_t started = add(script, JUDGE, STARTED(), NULL);
    uint64_t sworn = add(script, WITNESS, SWORN(WITNESS), NULL);
    uint64_t note = add(script, CLERK, NOTE_AT(START_MS + STEP_MS + 1), "Người làm chứng có mặt.");
    const Assize__Minutes__V1__MinutesDocument *document = assemble(script, NULL);
    const Assize__Minutes__V1__Section *section = document->sections[1];
    assert_int_equal(section->n_lines, 3);
    assert_int_equal(section->lines[0]->seq, started);
    assert_int_equal(section->lines[1]->seq, note);
    assert_int_equal(section->lines[2]->seq, sworn);
    assert_string_equal(section->lines[2]->text,
                        "Người làm chứng (họ tên đã được xóa) cam đoan khai đúng sự thật.");
    end(script);
}

static void takes_a_moment_outside_the_hearing_for_a_wrong_clock(void **state)
{
    struct script *script = begin();

    (void)state;
    uint64_t early = add(script, CLERK, NOTE_AT(START_MS - 1), "sớm");
    uint64_t late = add(script, CLERK, NOTE_AT(START_MS + 999 * STEP_MS), "muộn");
    assemble(script, NULL);
    assert_int_equal(line_of(script, early)->at_ms, START_MS + STEP_MS);
    assert_int_equal(line_of(script, late)->at_ms, START_MS + 2 * STEP_MS);
    end(script);
}

static void lists_corrections_at_the_end_and_marks_the_first_line(void **state)
{
    struct script *script = begin();

    (void)state;
    uint64_t first = add(script, CLERK, NOTE(0), "Tên là A.");
    uint64_t second = add(script, CLERK, NOTE(first), "Tên là B.");
    uint64_t third = add(script, CLERK, NOTE(second), "Tên là C.");
    const Assize__Minutes__V1__MinutesDocument *document = assemble(script, NULL);
    assert_string_equal(line_of(script, first)->text, "Tên là A.");
    assert_int_equal(line_of(script, first)->n_corrected_by, 2);
    assert_int_equal(line_of(script, first)->corrected_by[1], third);
    assert_null(line_of(script, second));
    assert_int_equal(document->n_corrections, 2);
    assert_int_equal(document->corrections[1]->corrects, second);
    assert_string_equal(document->corrections[1]->text, "Tên là C.");
    assert_string_equal(document->corrections[1]->who, "Thư ký phiên tòa Trần Quốc B.");
    end(script);
}

static void takes_a_correction_of_no_note_for_a_note(void **state)
{
    struct script *script = begin();

    (void)state;
    uint64_t started = add(script, JUDGE, STARTED(), NULL);
    uint64_t of_event = add(script, CLERK, NOTE(started), "của diễn biến");
    uint64_t of_itself = add(script, CLERK, NOTE(script->count + 1), "của chính mình");
    uint64_t of_nothing = add(script, CLERK, NOTE(999), "của không gì");
    const Assize__Minutes__V1__MinutesDocument *document = assemble(script, NULL);
    assert_int_equal(document->n_corrections, 0);
    assert_non_null(line_of(script, of_event));
    assert_non_null(line_of(script, of_itself));
    assert_non_null(line_of(script, of_nothing));
    end(script);
}

static void lists_lost_links_with_what_they_stopped(void **state)
{
    struct script *script = begin();

    (void)state;
    add(script, 0, LINK_LOST(1), NULL); /* before the start: no incident */
    add(script, JUDGE, STARTED(), NULL);
    uint64_t lost = add(script, 0, LINK_LOST(3), NULL);
    add(script, 0, PAUSED(3), NULL);
    add(script, 0, LINK_RESTORED(3), NULL);
    add(script, 0, LINK_LOST(4), NULL); /* to the end */
    add(script, JUDGE, CLOSED(), NULL);
    uint64_t after = add(script, 0, LINK_LOST(2), NULL);
    const Assize__Minutes__V1__MinutesDocument *document = assemble(script, NULL);
    assert_int_equal(document->n_incidents, 2);
    assert_int_equal(document->incidents[0]->seq, lost);
    assert_int_equal(document->incidents[0]->to_ms - document->incidents[0]->from_ms, 2 * STEP_MS);
    assert_true(document->incidents[0]->paused);
    assert_string_equal(
        document->incidents[0]->where,
        "Bị cáo Phạm Văn T., cán bộ cơ sở giam giữ Đỗ Mạnh C. (Trại tạm giam số 1)");
    assert_int_equal(document->incidents[1]->to_ms, document->ended_ms);
    assert_null(line_of(script, after)); /* devices that hang up when all is over */
    assert_int_equal(document->status, HEARING_STATUS(CLOSED));
    end(script);
}

/* What happened before is of who had the seat then, also where others speak of it. */
static void keeps_what_somebody_did_under_their_name_when_another_takes_the_seat(void **state)
{
    struct script *script = begin();

    (void)state;
    add(script, JUDGE, STARTED(), NULL);
    add(script, JUDGE, ADMITTED(OFFICER), NULL);
    uint64_t lost = add(script, 0, LINK_LOST(3), NULL);
    uint64_t left = add(script, OFFICER, LEFT(OFFICER), NULL);
    uint64_t replaced = add(script, 0, REPLACED(OFFICER), "Đổi ca trực.");
    uint64_t admitted = add(script, JUDGE, ADMITTED(OFFICER), NULL);
    script->formers[script->former_count++] =
        (struct minutes_former){OFFICER, replaced, "Lý Văn Xuân", "Trần Quốc Bảo"};
    const Assize__Minutes__V1__MinutesDocument *document = assemble(script, NULL);
    assert_string_equal(line_of(script, left)->text,
                        "Cán bộ cơ sở giam giữ Lý Văn Xuân rời phiên tòa.");
    assert_non_null(strstr(line_of(script, lost)->text, "Lý Văn Xuân"));
    assert_string_equal(line_of(script, replaced)->text,
                        "Cán bộ cơ sở giam giữ Đỗ Mạnh C. thay cho cán bộ cơ sở giam giữ Lý Văn "
                        "Xuân. Người thực hiện: Trần Quốc Bảo. Lý do: Đổi ca trực.");
    assert_string_equal(line_of(script, admitted)->text,
                        "Cán bộ cơ sở giam giữ Đỗ Mạnh C. vào phòng xử án.");
    const Assize__Minutes__V1__SitePeople *site = document->sites[1];
    assert_int_equal(site->n_people, 3);
    assert_string_equal(site->people[1]->name, "Lý Văn Xuân");
    assert_string_equal(site->people[1]->replaced_by, "Đỗ Mạnh C.");
    assert_int_equal(site->people[1]->came_ms, START_MS + 2 * STEP_MS);
    assert_int_equal(site->people[1]->left_ms, START_MS + 4 * STEP_MS);
    assert_string_equal(site->people[2]->name, "Đỗ Mạnh C.");
    assert_int_equal(site->people[2]->came_ms, START_MS + 6 * STEP_MS);
    assert_false(site->people[2]->has_left_ms);
    assert_null(site->people[2]->replaced_by);
    end(script);
}

static void says_who_noted_an_undertaking_that_was_given_aloud(void **state)
{
    struct script *script = begin();

    (void)state;
    add(script, JUDGE, STARTED(), NULL);
    uint64_t own = add(script, WITNESS, SWORN(WITNESS), NULL);
    uint64_t noted = add(script, CLERK, SWORN(WITNESS), NULL);
    uint64_t of_other = add(script, CLERK, SWORN(OFFICER), NULL);
    assemble(script, NULL);
    assert_string_equal(line_of(script, own)->text,
                        "Người làm chứng (họ tên đã được xóa) cam đoan khai đúng sự thật.");
    assert_string_equal(line_of(script, noted)->text,
                        "Thư ký phiên tòa Trần Quốc B. ghi nhận người làm chứng (họ tên đã được "
                        "xóa) cam đoan khai đúng sự thật.");
    assert_non_null(strstr(line_of(script, of_other)->text, "Trần Quốc B. ghi nhận"));
    end(script);
}

static void says_of_people_who_left_that_they_left(void **state)
{
    struct script *script = begin();

    (void)state;
    add(script, JUDGE, STARTED(), NULL);
    add(script, 0, LINK_LOST(4), NULL);
    add(script, 0, LINK_RESTORED(4), NULL);
    uint64_t left = add(script, WITNESS, PAUSED_SO(4, LEFT), NULL);
    uint64_t sent_back = add(script, JUDGE, PAUSED_SO(1, SENT_BACK), NULL);
    uint64_t lost = add(script, 0, PAUSED_SO(1, LINK_LOST), NULL);
    const Assize__Minutes__V1__MinutesDocument *document = assemble(script, NULL);
    assert_non_null(strstr(line_of(script, left)->text, "rời phiên tòa."));
    assert_string_equal(line_of(script, sent_back)->text,
                        "Phiên tòa tạm dừng do Thẩm phán chủ tọa phiên tòa Nguyễn Thị H. (Phòng "
                        "xử án số 2) trở lại phòng chờ.");
    assert_non_null(strstr(line_of(script, lost)->text, "mất kết nối với"));
    assert_false(document->incidents[0]->paused); /* it was not the line */
    end(script);
}

static void lists_rules_set_aside_and_decisions_with_their_words(void **state)
{
    struct script *script = begin();

    (void)state;
    uint64_t overridden = add(script, JUDGE, OVERRIDDEN("quorum.clerk"), "Thư ký đang đến.");
    add(script, JUDGE, OVERRIDDEN("phase.questioning.floor"), "Cần hỏi ngay.");
    add(script, JUDGE, OVERRIDDEN("quorum.unknown"), "Không rõ.");
    add(script, JUDGE, STARTED(), NULL);
    add(script, JUDGE, SUSPENDED(5000000), "Tạm ngừng vì mất kết nối.");
    script->procedure.condition_count = 1;
    snprintf(script->procedure.conditions[0].id, PROCEDURE_ID_MAX, "clerk");
    snprintf(script->procedure.conditions[0].met.vi, PROCEDURE_TEXT_MAX, "có Thư ký phiên tòa");
    const Assize__Minutes__V1__MinutesDocument *document = assemble(script, &script->procedure);
    assert_int_equal(document->n_overrides, 3);
    assert_string_equal(document->overrides[0]->rule, "có Thư ký phiên tòa");
    assert_string_equal(document->overrides[0]->article, "Điều 288 Bộ luật Tố tụng hình sự");
    assert_string_equal(document->overrides[1]->rule, "người được phát biểu trong giai đoạn này");
    assert_string_equal(document->overrides[2]->rule, "điều kiện để phiên tòa được tiến hành");
    assert_string_equal(line_of(script, overridden)->text,
                        "Thẩm phán chủ tọa phiên tòa Nguyễn Thị H. quyết định không áp dụng quy "
                        "định: có Thư ký phiên tòa (Điều 288 Bộ luật Tố tụng hình sự). Lý do: Thư "
                        "ký đang đến.");
    assert_string_equal(document->overrides[0]->reason, "Thư ký đang đến.");
    assert_int_equal(document->n_decisions, 1);
    assert_string_equal(document->decisions[0]->title, "Quyết định tạm ngừng phiên tòa");
    assert_string_equal(document->decisions[0]->text, "Tạm ngừng vì mất kết nối.");
    assert_int_equal(document->decisions[0]->until_ms, 5000000);
    end(script);
}

static void says_of_words_that_are_erased_or_changed_that_they_are(void **state)
{
    struct script *script = begin();

    (void)state;
    uint64_t erased = add(script, CLERK, NOTE(0), "đã xóa");
    uint64_t gone = add(script, CLERK, NOTE(0), "không có hàng");
    uint64_t changed = add(script, CLERK, NOTE(0), "nguyên văn");
    script->words[0].words = NULL;
    script->words[1] = (struct minutes_words){changed, "sửa trộm"};
    script->word_count = 2;
    assemble(script, NULL);
    assert_int_equal(line_of(script, erased)->words,
                     ASSIZE__MINUTES__V1__WORDS_STATE__WORDS_STATE_ERASED);
    assert_string_equal(line_of(script, erased)->text, "");
    assert_int_equal(line_of(script, gone)->words,
                     ASSIZE__MINUTES__V1__WORDS_STATE__WORDS_STATE_ERASED);
    assert_int_equal(line_of(script, changed)->words,
                     ASSIZE__MINUTES__V1__WORDS_STATE__WORDS_STATE_DIFFER);
    end(script);
}

static void leaves_out_of_words_what_has_no_place_on_paper(void **state)
{
    struct script *script = begin();

    (void)state;
    uint64_t note = add(script, CLERK, NOTE(0),
                        "a\x07"
                        "b\tc\r\nd\xE2\x80\xAE"
                        "e\xC2\x85");
    assemble(script, NULL);
    assert_string_equal(line_of(script, note)->text, "a\xEF\xBF\xBD"
                                                     "b c\nd\xEF\xBF\xBD"
                                                     "e\xEF\xBF\xBD");
    end(script);
}

static void has_places_to_sign_for_each_site(void **state)
{
    struct script *script = begin();

    (void)state;
    const Assize__Minutes__V1__MinutesDocument *document = assemble(script, NULL);
    assert_int_equal(document->n_signatures, 4);
    assert_string_equal(document->signatures[0]->role, "Thẩm phán chủ tọa phiên tòa");
    assert_string_equal(document->signatures[1]->role, "Thư ký phiên tòa");
    assert_string_equal(document->signatures[2]->role, "Cán bộ cơ sở giam giữ");
    assert_string_equal(document->signatures[3]->role, "Đại diện điểm cầu");
    assert_string_equal(document->signatures[3]->site, "Phường Hà Đông");
    end(script);
}

static void goes_on_in_another_section_when_one_is_too_long(void **state)
{
    struct script *script = begin();

    (void)state;
    for (int i = 0; i < 2 * MINUTES_SECTION_LINES_MAX + 5; i++)
        add(script, CLERK, NOTE(0), "Đáp: có.");
    const Assize__Minutes__V1__MinutesDocument *document = assemble(script, &script->procedure);
    assert_int_equal(document->n_sections, 3);
    assert_int_equal(document->sections[0]->n_lines, MINUTES_SECTION_LINES_MAX);
    assert_int_equal(document->sections[2]->n_lines, 5);
    assert_string_equal(document->sections[2]->title, "Chuẩn bị khai mạc (tiếp theo)");
    end(script);
}

static void refuses_events_that_are_none(void **state)
{
    struct script *script = begin();
    Assize__Minutes__V1__MinutesDocument *document;
    const struct hearing_store_event junk[] = {
        {.seq = 1, .body = (const uint8_t *)"\xff", .len = 1}};
    const struct hearing_record hearing = {.events = junk, .event_count = 1};
    const struct minutes_record record = {.hearing = &hearing};

    (void)state;
    assert_int_equal(minutes_assemble(&record, NULL, &script->arena, &document), -EBADMSG);
    end(script);
}

static void has_something_to_say_of_a_hearing_that_nobody_opened(void **state)
{
    struct script *script = calloc(1, sizeof(*script));

    (void)state;
    const Assize__Minutes__V1__MinutesDocument *document = assemble(script, NULL);
    assert_int_equal(document->n_sections, 0);
    assert_int_equal(document->status, HEARING_STATUS(SCHEDULED));
    end(script);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(heads_with_the_panel_and_everyone_by_site),
        cmocka_unit_test(has_a_section_a_phase_that_begins_with_the_start),
        cmocka_unit_test(has_sections_also_without_phases_or_a_known_procedure),
        cmocka_unit_test(puts_a_note_at_the_moment_it_was_begun),
        cmocka_unit_test(takes_a_moment_outside_the_hearing_for_a_wrong_clock),
        cmocka_unit_test(lists_corrections_at_the_end_and_marks_the_first_line),
        cmocka_unit_test(takes_a_correction_of_no_note_for_a_note),
        cmocka_unit_test(lists_lost_links_with_what_they_stopped),
        cmocka_unit_test(keeps_what_somebody_did_under_their_name_when_another_takes_the_seat),
        cmocka_unit_test(says_who_noted_an_undertaking_that_was_given_aloud),
        cmocka_unit_test(says_of_people_who_left_that_they_left),
        cmocka_unit_test(lists_rules_set_aside_and_decisions_with_their_words),
        cmocka_unit_test(says_of_words_that_are_erased_or_changed_that_they_are),
        cmocka_unit_test(leaves_out_of_words_what_has_no_place_on_paper),
        cmocka_unit_test(has_places_to_sign_for_each_site),
        cmocka_unit_test(goes_on_in_another_section_when_one_is_too_long),
        cmocka_unit_test(refuses_events_that_are_none),
        cmocka_unit_test(has_something_to_say_of_a_hearing_that_nobody_opened),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
