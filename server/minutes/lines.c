/*
 * How what happened is worded: one table, in the manner of court minutes. {who}, {other}, {where}
 * and {actor} are who an event is about, the second person, the place, and who decided it; {words}
 * is what was written with it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "server/hearing/names.h"
#include "server/minutes/minutes_internal.h"

static const char *const WORDINGS[] = {
    [HEARING_EVENT(ADMITTED)] = "{who} vào phòng xử án.",
    [HEARING_EVENT(SENT_BACK)] = "{who} trở lại phòng chờ.",
    [HEARING_EVENT(LEFT)] = "{who} rời phiên tòa.",
    [HEARING_EVENT(STARTED)] = "{actor} tuyên bố khai mạc phiên tòa.",
    [HEARING_EVENT(RECESSED)] = "Phiên tòa tạm nghỉ.",
    [HEARING_EVENT(RESUMED)] = "Phiên tòa tiếp tục.",
    [HEARING_EVENT(SUSPENDED)] = "{actor} quyết định tạm ngừng phiên tòa.",
    [HEARING_EVENT(ADJOURNED)] = "{actor} quyết định hoãn phiên tòa.",
    [HEARING_EVENT(CLOSED)] = "{actor} tuyên bố kết thúc phiên tòa.",
    [HEARING_EVENT(DELIBERATION_BEGUN)] = "Hội đồng xét xử vào nghị án.",
    [HEARING_EVENT(LAPSED)] = "Thời hạn tạm ngừng phiên tòa đã hết.",
    [HEARING_EVENT(RULE_OVERRIDDEN)] =
        "{actor} quyết định không áp dụng quy định: {rule}. Lý do: {words}",
    [HEARING_EVENT(FLOOR_GRANTED)] = "{who} phát biểu.",
    [HEARING_EVENT(ENDPOINT_LINK_LOST)] = "Mất kết nối với {where}.",
    [HEARING_EVENT(ENDPOINT_LINK_RESTORED)] = "Đã kết nối lại với {where}.",
    [HEARING_EVENT(CLOCK_JUMPED)] = "Đồng hồ của máy chủ được điều chỉnh {change} giây.",
    [HEARING_EVENT(RECORD_GAP)] = "Không có dữ liệu ghi hình, ghi âm của {where} trong {length}.",
    [HEARING_EVENT(GALLERY_OPENED)] = "Mở phòng dự khán trực tuyến.",
    [HEARING_EVENT(GALLERY_CLOSED)] = "Đóng phòng dự khán trực tuyến.",
    [HEARING_EVENT(WENT_PRIVATE)] = "{actor} công bố chuyển sang xét xử kín.",
    [HEARING_EVENT(WENT_PUBLIC)] = "Phiên tòa trở lại xét xử công khai.",
    [HEARING_EVENT(IDENTITY_ATTESTED)] = "{other} xác nhận danh tính của {who}.",
    [HEARING_EVENT(WITNESS_CALLED)] = "{who} được gọi để trình bày.",
    [HEARING_EVENT(UNDERTAKING_ASKED)] = "{actor} yêu cầu {who} cam đoan.",
    [HEARING_EVENT(WITNESS_RELEASED)] = "{who} trình bày xong và ở lại phiên tòa.",
    [HEARING_EVENT(SEQUESTERED)] = "{who} được cách ly.",
    [HEARING_EVENT(CUT_OFF)] =
        "{who} tạm được cách ly khỏi phiên tòa trong khi người khác trình bày.",
    [HEARING_EVENT(BROUGHT_BACK)] = "{who} trở lại phiên tòa.",
    [HEARING_EVENT(SUMMARY_TOLD)] = "{actor} thông báo tóm tắt lời trình bày cho {who}: {words}",
    [HEARING_EVENT(SCREENED)] = "{who} và {other} không nhìn thấy nhau.",
    [HEARING_EVENT(UNSCREENED)] = "{who} và {other} nhìn thấy và nghe thấy nhau trở lại.",
    [HEARING_EVENT(SHARE_STARTED)] = "{who} trình chiếu màn hình.",
};

static const char *wording_of_pause(Assize__Hearing__V1__PauseCause cause)
{
    if (cause == HEARING_PAUSE(LEFT))
        return "Phiên tòa tạm dừng do {where} rời phiên tòa.";
    if (cause == HEARING_PAUSE(SENT_BACK))
        return "Phiên tòa tạm dừng do {where} trở lại phòng chờ.";
    return "Phiên tòa tạm dừng do mất kết nối với {where}.";
}

/* Said by the person at their own device, or noted by somebody of the court who heard it. */
static const char *wording_of_undertaking(const struct draft *draft,
                                          const Assize__Hearing__V1__Event *event)
{
    const struct hearing_store_participant *person =
        draft_person(draft, event->undertaking_given->participant);
    bool is_witness = person && person->role == HEARING_ROLE(WITNESS);

    if (event->actor == event->undertaking_given->participant)
        return is_witness ? "{who} cam đoan khai đúng sự thật."
                          : "{who} cam đoan thực hiện đúng nghĩa vụ.";
    return is_witness ? "{actor} ghi nhận {who} cam đoan khai đúng sự thật."
                      : "{actor} ghi nhận {who} cam đoan thực hiện đúng nghĩa vụ.";
}

/* Who had the seat is known where somebody else's name came to stand for it. */
static const char *wording_of_replacement(const struct draft *draft,
                                          const Assize__Hearing__V1__Event *event)
{
    if (!draft_former(draft, event->person_replaced->participant, event->seq))
        return "Thay đổi người tham gia: {who}.";
    return event->has_words_hash ? "{who} thay cho {former}. Người thực hiện: {by}. Lý do: {words}"
                                 : "{who} thay cho {former}. Người thực hiện: {by}.";
}

/* Where the wording depends on more than the kind of event; NULL where the minutes do not tell it.
 */
static const char *wording_of(const struct draft *draft, const Assize__Hearing__V1__Event *event)
{
    size_t row = (size_t)event->body_case;

    if (event->body_case == HEARING_EVENT(UNDERTAKING_GIVEN))
        return wording_of_undertaking(draft, event);
    if (event->body_case == HEARING_EVENT(PERSON_REPLACED))
        return wording_of_replacement(draft, event);
    if (event->body_case == HEARING_EVENT(PAUSED))
        return wording_of_pause(event->paused->cause);
    if (event->body_case == HEARING_EVENT(SCREENED) && event->screened->sound)
        return "{who} và {other} không nhìn thấy và không nghe thấy nhau.";
    if (event->body_case == HEARING_EVENT(SHARE_STARTED) &&
        event->share_started->kind == ASSIZE__HEARING__V1__SHARE_KIND__SHARE_KIND_DOCUMENT_CAMERA)
        return "{who} trình chiếu tài liệu.";
    if (event->body_case == HEARING_EVENT(RECORD_ON) &&
        event->record_on->reason != ASSIZE__HEARING__V1__RECORD_REASON__RECORD_REASON_SESSION)
        return "{actor} cho ghi hình, ghi âm trở lại.";
    if (event->body_case == HEARING_EVENT(RECORD_OFF) &&
        event->record_off->reason != ASSIZE__HEARING__V1__RECORD_REASON__RECORD_REASON_SESSION)
        return "{actor} cho ngừng ghi hình, ghi âm.";
    return row < sizeof(WORDINGS) / sizeof(*WORDINGS) ? WORDINGS[row] : NULL;
}

/* ---- who and where ---- */

/* The first field of a message about a person is its participant: field 1, whatever the message. */
static uint32_t field_one(const ProtobufCMessage *body)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(body->descriptor, 1);
    uint32_t value = 0;

    if (field && field->type == PROTOBUF_C_TYPE_UINT32)
        memcpy(&value, (const char *)body + field->offset, sizeof(value));
    return value;
}

static uint32_t about(const Assize__Hearing__V1__Event *event)
{
    if (event->body_case == HEARING_EVENT(SHARE_STARTED))
        return event->share_started->participant;
    return field_one(&event->admitted->base); /* any arm of the union */
}

static uint32_t other(const Assize__Hearing__V1__Event *event)
{
    if (event->body_case == HEARING_EVENT(IDENTITY_ATTESTED))
        return event->identity_attested->by;
    if (event->body_case == HEARING_EVENT(SCREENED))
        return event->screened->from;
    return event->body_case == HEARING_EVENT(UNSCREENED) ? event->unscreened->from : 0;
}

static char *where(struct draft *draft, const Assize__Hearing__V1__Event *event)
{
    uint32_t endpoint = field_one(&event->admitted->base);

    return endpoint ? draft_where(draft, endpoint) : draft_text(draft, "%s", "toàn cảnh phiên tòa");
}

static char *actor(struct draft *draft, const Assize__Hearing__V1__Event *event)
{
    return event->actor ? draft_who(draft, event->actor) : draft_text(draft, "%s", "hệ thống");
}

static char *rule(struct draft *draft, const Assize__Hearing__V1__Event *event)
{
    char *article = draft_article(draft, event->rule_overridden);
    char *name = draft_rule(draft, event->rule_overridden);

    return *article ? draft_text(draft, "%s (%s)", name, article) : name;
}

/* What stands for the name between the braces. */
static const char *value_of(struct draft *draft, const Assize__Hearing__V1__Event *event,
                            const char *name, size_t len)
{
    Assize__Minutes__V1__WordsState state;

    if (strncmp(name, "who", len) == 0)
        return draft_who(draft, about(event));
    if (strncmp(name, "other", len) == 0)
        return draft_who(draft, other(event));
    if (strncmp(name, "former", len) == 0)
        return draft_who_was(draft, draft_former(draft, about(event), event->seq));
    if (strncmp(name, "by", len) == 0)
        return draft_clean(draft, draft_former(draft, about(event), event->seq)->by);
    if (strncmp(name, "where", len) == 0)
        return where(draft, event);
    if (strncmp(name, "actor", len) == 0)
        return actor(draft, event);
    if (strncmp(name, "words", len) == 0)
        return draft_words(draft, event, &state);
    if (strncmp(name, "rule", len) == 0)
        return rule(draft, event);
    if (strncmp(name, "change", len) == 0)
        return draft_text(draft, "%+.1f", (double)event->clock_jumped->delta_ms / 1000.0);
    return draft_duration(draft, event->record_gap->to_ms - event->record_gap->from_ms);
}

static char *expand(struct draft *draft, const Assize__Hearing__V1__Event *event,
                    const char *wording)
{
    char *text = draft_text(draft, "%s", "");

    while (*wording) {
        size_t plain = strcspn(wording, "{");
        text = draft_text(draft, "%s%.*s", text, (int)plain, wording);
        wording += plain;
        if (!*wording)
            break;
        size_t len = strcspn(wording + 1, "}");
        text = draft_text(draft, "%s%s", text, value_of(draft, event, wording + 1, len));
        wording += len + 2;
    }
    return draft_capital(text);
}

Assize__Minutes__V1__Line *draft_line_new(struct draft *draft,
                                          const Assize__Hearing__V1__Event *event)
{
    Assize__Minutes__V1__Line *line = draft_make(draft, 1, sizeof(*line));

    assize__minutes__v1__line__init(line);
    line->has_seq = line->has_at_ms = line->has_kind = true;
    line->seq = event->seq;
    line->at_ms = event->at_ms;
    line->kind = ASSIZE__MINUTES__V1__LINE_KIND__LINE_KIND_EVENT;
    return line;
}

Assize__Minutes__V1__Line *draft_line(struct draft *draft, const Assize__Hearing__V1__Event *event)
{
    const char *wording = wording_of(draft, event);

    if (!wording)
        return NULL;
    Assize__Minutes__V1__Line *line = draft_line_new(draft, event);
    line->text = expand(draft, event, wording);
    if (strstr(wording, "{words}"))
        draft_words(draft, event, &line->words);
    line->has_words = line->words != ASSIZE__MINUTES__V1__WORDS_STATE__WORDS_STATE_UNSPECIFIED;
    if (strstr(wording, "{who}") && draft_person(draft, about(event))) {
        line->has_participant = true;
        line->participant = about(event);
    }
    if (event->body_case == HEARING_EVENT(RECORD_GAP))
        line->at_ms = event->record_gap->from_ms;
    return line;
}
