#include "server/hearing/title.h"

#include <stddef.h>

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
