#include "cli/demo_details.h"

static const struct admin_details people[] = {
    {3, "12/2026/GTT-03", "1984-06-11", "001184000311", "Phường Hà Đông, thành phố Hà Nội",
     "Thẻ luật sư, Đoàn Luật sư thành phố Hà Nội"},
    {4, "12/2026/LTX-01", "1991-02-27", "001091000227", "Xã Thư Lâm, thành phố Hà Nội",
     "Thẻ căn cước, Bộ Công an cấp ngày 14 tháng 3 năm 2022"},
    {5, "", "1986-09-05", "", "", "Giấy chứng minh Công an nhân dân"},
    {6, "12/2026/GTT-06", "1995-12-19", "001195001219", "Phường Hà Đông, thành phố Hà Nội",
     "Thẻ căn cước, Bộ Công an cấp ngày 2 tháng 8 năm 2021"},
    {7, "", "", "", "", "Giấy chứng minh Kiểm sát viên"},
    {8, "12/2026/GTT-08", "1988-04-30", "001188000430", "Phường Hà Đông, thành phố Hà Nội",
     "Thẻ căn cước, Bộ Công an cấp ngày 9 tháng 11 năm 2023"},
    {9, "", "1990-01-22", "", "", "Thẻ công chức Tòa án nhân dân"},
};

int demo_describe(struct admin *admin, const char *hearing)
{
    int result = 0;

    for (size_t i = 0; !result && i < sizeof(people) / sizeof(people[0]); i++)
        result = admin_describe(admin, hearing, &people[i]);
    return result;
}
