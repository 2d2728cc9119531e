#include "server/hearing/title.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "server/hearing/names.h"

static const char *const TITLES[] = {
    [HEARING_ROLE(PRESIDING_JUDGE)] = "Thẩm phán chủ tọa phiên tòa",
    [HEARING_ROLE(PANEL_JUDGE)] = "Thẩm phán",
    [HEARING_ROLE(LAY_JUDGE)] = "Hội thẩm",
    [HEARING_ROLE(CLERK)] = "Thư ký phiên tòa",
    [HEARING_ROLE(PROCURATOR)] = "Kiểm sát viên",
    [HEARING_ROLE(DEFENDANT)] = "Bị cáo",
    [HEARING_ROLE(VICTIM)] = "Bị hại",
    [HEARING_ROLE(PLAINTIFF)] = "Nguyên đơn",
    [HEARING_ROLE(RESPONDENT)] = "Bị đơn",
    [HEARING_ROLE(RELATED_PARTY)] = "Người có quyền lợi, nghĩa vụ liên quan",
    [HEARING_ROLE(DEFENCE_COUNSEL)] = "Người bào chữa",
    [HEARING_ROLE(LAWYER)] = "Luật sư",
    [HEARING_ROLE(PROTECTOR_OF_RIGHTS)] = "Người bảo vệ quyền và lợi ích hợp pháp",
    [HEARING_ROLE(LEGAL_AID_OFFICER)] = "Trợ giúp viên pháp lý",
    [HEARING_ROLE(LAWFUL_REPRESENTATIVE)] = "Người đại diện hợp pháp",
    [HEARING_ROLE(WITNESS)] = "Người làm chứng",
    [HEARING_ROLE(EXPERT)] = "Người giám định",
    [HEARING_ROLE(INTERPRETER)] = "Người phiên dịch",
    [HEARING_ROLE(VALUER)] = "Người định giá tài sản",
    [HEARING_ROLE(DETENTION_OFFICER)] = "Cán bộ cơ sở giam giữ",
    [HEARING_ROLE(SITE_OFFICIAL)] = "Công chức Tòa án",
    [HEARING_ROLE(ATTENDEE)] = "Người tham dự",
    [HEARING_ROLE(JOURNALIST)] = "Nhà báo",
};

const char *hearing_role_title(Assize__Hearing__V1__Role role)
{
    size_t row = (size_t)role;

    return row < sizeof(TITLES) / sizeof(*TITLES) && TITLES[row] ? TITLES[row] : "";
}

void hearing_article_title(const char *article, char out[static HEARING_ARTICLE_SIZE])
{
    static const struct {
        const char *code;
        const char *name;
    } laws[] = {
        {"BLTTHS ", "Bộ luật Tố tụng hình sự"},
        {"BLTTDS ", "Bộ luật Tố tụng dân sự"},
        {"NQ33 ", "Nghị quyết số 33/2021/QH15"},
        {"TTLT 05/2021, ", "Thông tư liên tịch số 05/2021"},
    };

    snprintf(out, HEARING_ARTICLE_SIZE, "%s", article);
    for (size_t i = 0; i < sizeof(laws) / sizeof(*laws); i++) {
        size_t len = strlen(laws[i].code);
        if (strncmp(article, laws[i].code, len) == 0)
            snprintf(out, HEARING_ARTICLE_SIZE, "Điều %.200s %s", article + len, laws[i].name);
    }
}

/* ---- rules ---- */

static const char *condition_title(const struct procedure *procedure, const char *id)
{
    for (uint32_t i = 0; procedure && i < procedure->condition_count; i++) {
        const struct procedure_condition *condition = &procedure->conditions[i];
        if (strcmp(condition->id, id) == 0 && *condition->met.vi)
            return condition->met.vi;
    }
    return "điều kiện để phiên tòa được tiến hành";
}

/* What a phase says, by the last part of the rule's name, or a rule's whole name. */
static const char *plain_title(const char *name)
{
    static const struct {
        const char *name;
        const char *title;
    } titles[] = {
        {"floor", "người được phát biểu trong giai đoạn này"},
        {"hands", "người được xin phát biểu trong giai đoạn này"},
        {"share", "người được trình chiếu trong giai đoạn này"},
        {"call", "người được gọi để trình bày trong giai đoạn này"},
        {"cut_off", "người có thể bị tạm cách ly trong khi người khác trình bày"},
        {"order", "thứ tự các giai đoạn của phiên tòa"},
        {"leave", "điều kiện để kết thúc giai đoạn này"},
        {"end", "giai đoạn được kết thúc phiên tòa"},
        {"public", "giai đoạn phải xét xử công khai"},
        {"free_speech", "lời nói không bị giới hạn thời gian"},
        {"identity", "kiểm tra căn cước trước khi kết thúc giai đoạn này"},
        {"declaration", "cam kết chấp hành nội quy phiên tòa"},
        {"suspension.days", "thời hạn tạm ngừng phiên tòa"},
    };

    for (size_t i = 0; i < sizeof(titles) / sizeof(*titles); i++) {
        if (strcmp(name, titles[i].name) == 0)
            return titles[i].title;
    }
    return "một quy định của thủ tục tố tụng";
}

const char *hearing_rule_title(const struct procedure *procedure, const char *rule)
{
    static const char QUORUM[] = "quorum.";
    static const char PHASE[] = "phase.";

    if (strncmp(rule, QUORUM, sizeof(QUORUM) - 1) == 0)
        return condition_title(procedure, rule + sizeof(QUORUM) - 1);
    return plain_title(strncmp(rule, PHASE, sizeof(PHASE) - 1) == 0 ? strrchr(rule, '.') + 1
                                                                    : rule);
}
