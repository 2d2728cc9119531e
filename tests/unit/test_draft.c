/* Drafts of decisions, word for word, from what the record says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "procedure_fixture.h"
#include "server/hearing/names.h"
#include "server/session/draft.h"

/* 22 November 2026, 09:15:00 in Viet Nam. */
#define BROKEN_MS (INT64_C(1795313700) * 1000)
#define MINUTE_MS INT64_C(60000)
#define DAY_MS    (24 * 60 * MINUTE_MS)

static struct hearing_store_site sites[] = {
    {.id = 1, .kind = HEARING_SITE(CENTRAL_POINT), .name = "Phòng xử án số 2"},
    {.id = 2, .kind = HEARING_SITE(DETENTION_FACILITY), .name = "Trại tạm giam số 1"},
    {.id = 3, .kind = HEARING_SITE(COMPONENT_POINT), .name = "Điểm cầu phường Hà Đông"},
};
static struct hearing_store_participant people[] = {
    {.id = 1, .name = "Nguyễn Thị H."}, {.id = 2, .name = "Trần Quốc B."},
    {.id = 3, .name = "Lê Văn K."},     {.id = 4, .name = "Phạm Văn T."},
    {.id = 5, .name = "Đỗ Mạnh C."},    {.id = 6, .name = "Vũ Thị M."},
};
static const struct hearing_record record = {
    .case_number = "12/2026/TLST-HS",
    .title = "Trộm cắp tài sản",
    .court = "Tòa án nhân dân khu vực 1",
    .sites = sites,
    .site_count = 3,
    .participants = people,
    .participant_count = 6,
};

static struct procedure trial;
static struct hearing hearing;
static struct arena arena;

static void add_person(Assize__Hearing__V1__Role role, uint32_t site, bool connected)
{
    uint32_t id = ++hearing.participant_count;

    hearing.endpoint_count = id;
    hearing.endpoints[id - 1] = (struct hearing_endpoint){
        .id = id, .site = site, .kind = HEARING_ENDPOINT(PERSONAL), .connected = connected};
    hearing.participants[id - 1] = (struct hearing_participant){
        .id = id, .role = role, .endpoint = id, .standing = HEARING_STANDING(IN_HEARING)};
}

/* Everybody the law asks for; the detention site's devices lost their link and stopped the session.
 */
static int set_up(void **state)
{
    (void)state;
    fixture_read_procedure("criminal_first_instance", &trial);
    memset(&hearing, 0, sizeof(hearing));
    hearing_init(&hearing, &trial);
    hearing.site_count = 3;
    for (uint32_t i = 0; i < 3; i++)
        hearing.sites[i] = (struct hearing_site){sites[i].id, sites[i].kind};
    add_person(HEARING_ROLE(PRESIDING_JUDGE), 1, true);
    add_person(HEARING_ROLE(CLERK), 1, true);
    add_person(HEARING_ROLE(PROCURATOR), 1, true);
    add_person(HEARING_ROLE(DEFENDANT), 2, true);
    add_person(HEARING_ROLE(DETENTION_OFFICER), 2, false);
    add_person(HEARING_ROLE(SITE_OFFICIAL), 3, true);
    hearing.status = HEARING_STATUS(RECESS);
    hearing.status_since_ms = BROKEN_MS;
    hearing.phase = 4;
    hearing.paused_by = 5;
    hearing.incidents[0] = (struct hearing_incident){
        .endpoint = 6, .from_ms = BROKEN_MS - 60 * MINUTE_MS, .to_ms = BROKEN_MS - 50 * MINUTE_MS};
    hearing.incidents[1] = (struct hearing_incident){
        .endpoint = 6, .from_ms = BROKEN_MS - MINUTE_MS, .to_ms = BROKEN_MS + 2 * MINUTE_MS};
    hearing.incidents[2] =
        (struct hearing_incident){.endpoint = 5, .from_ms = BROKEN_MS, .paused = true};
    hearing.incident_count = 3;
    arena_init(&arena, VIEW_ARENA_MAX);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static struct view view_at(int64_t now_ms)
{
    return (struct view){
        .state = &hearing, .record = &record, .viewer = 1, .now_ms = now_ms, .arena = &arena};
}

static void suspends_with_grounds_article_and_deadline(void **state)
{
    struct view view = view_at(BROKEN_MS + 5 * MINUTE_MS);

    (void)state;
    assert_string_equal(
        draft_suspension(&view),
        "QUYẾT ĐỊNH TẠM NGỪNG PHIÊN TÒA\n\n"
        "Căn cứ Điều 251 Bộ luật Tố tụng hình sự;\n"
        "Xét phiên tòa vụ án thụ lý số 12/2026/TLST-HS, Trộm cắp tài sản, do Tòa án nhân dân khu "
        "vực 1 mở:\n"
        "Phiên tòa đã dừng lúc 09 giờ 15 phút ngày 22 tháng 11 năm 2026 do đường truyền bị gián "
        "đoạn:\n"
        "- Điểm cầu phường Hà Đông: mất kết nối từ 09 giờ 14 phút ngày 22 tháng 11 năm 2026 đến 09 "
        "giờ 17 phút ngày 22 tháng 11 năm 2026.\n"
        "- Điểm cầu Trại tạm giam số 1: mất kết nối từ 09 giờ 15 phút ngày 22 tháng 11 năm 2026, "
        "chưa kết nối lại được; phiên tòa phải dừng.\n"
        "Không đủ điều kiện để tiếp tục xét xử:\n"
        "- Điểm cầu Trại tạm giam số 1: thiếu cán bộ giám sát (Điều 10 Thông tư liên tịch số "
        "05/2021).\n"
        "\nQUYẾT ĐỊNH:\n"
        "1. Tạm ngừng phiên tòa kể từ 09 giờ 20 phút ngày 22 tháng 11 năm 2026.\n"
        "2. Thời hạn tạm ngừng là 05 ngày, đến hết ngày 27 tháng 11 năm 2026.\n"
        "3. Hết thời hạn này mà chưa thể tiếp tục xét xử thì hoãn phiên tòa.\n"
        "Quyết định này được thông báo đến tất cả các điểm cầu.\n");
}

static void names_no_condition_when_all_are_met_again(void **state)
{
    struct view view = view_at(BROKEN_MS);

    (void)state;
    hearing.endpoints[4].connected = true;
    assert_null(strstr(draft_suspension(&view), "Không đủ điều kiện"));
}

static void gives_no_deadline_where_the_law_has_none(void **state)
{
    struct view view = view_at(BROKEN_MS);

    (void)state;
    trial.suspension_days = 0;
    const char *draft = draft_suspension(&view);
    assert_null(strstr(draft, "Thời hạn"));
    assert_non_null(strstr(draft, "1. Tạm ngừng phiên tòa"));
}

static void writes_early_days_and_months_as_decisions_do(void **state)
{
    struct view view = view_at(BROKEN_MS + 40 * DAY_MS); /* 1 January 2027 */

    (void)state;
    assert_non_null(
        strstr(draft_suspension(&view), "kể từ 09 giờ 15 phút ngày 01 tháng 01 năm 2027"));
}

static void has_nothing_to_decide_while_nothing_stopped(void **state)
{
    struct view view = view_at(BROKEN_MS);

    (void)state;
    hearing.paused_by = 0;
    hearing.incident_count = 1; /* over before the session stopped */
    assert_string_equal(draft_suspension(&view), "");
    assert_string_equal(draft_adjournment(&view), "");
    hearing.status = HEARING_STATUS(IN_SESSION);
    assert_string_equal(draft_suspension(&view), "");
}

static void suspends_after_a_recess_in_which_a_line_was_lost(void **state)
{
    struct view view = view_at(BROKEN_MS + 5 * MINUTE_MS);

    (void)state;
    hearing.paused_by = 0;
    hearing.incident_count = 2;
    const char *draft = draft_suspension(&view);
    assert_non_null(strstr(draft, "Phiên tòa đã tạm nghỉ lúc 09 giờ 15 phút ngày 22 tháng 11 năm "
                                  "2026.\nĐường truyền bị gián đoạn:\n"
                                  "- Điểm cầu phường Hà Đông: mất kết nối từ 09 giờ 14 phút"));
    assert_null(strstr(draft, "phiên tòa phải dừng"));
    assert_null(strstr(draft, "08 giờ")); /* the loss that was over an hour before */
}

static void suspends_a_session_that_goes_on_without_somebody_whose_line_is_lost(void **state)
{
    struct view view = view_at(BROKEN_MS + MINUTE_MS);

    (void)state;
    hearing.status = HEARING_STATUS(IN_SESSION);
    hearing.paused_by = 0;
    hearing.incidents[2].paused = false;
    const char *draft = draft_suspension(&view);
    assert_null(strstr(draft, "Phiên tòa đã"));
    assert_null(strstr(draft, "phường Hà Đông"));
    assert_non_null(strstr(draft, "mở:\nĐường truyền bị gián đoạn:\n"
                                  "- Điểm cầu Trại tạm giam số 1: mất kết nối từ 09 giờ 15 phút"));
    hearing.status = HEARING_STATUS(SUSPENDED);
    assert_string_equal(draft_suspension(&view), "");
}

/* Their line was well: the decision does not speak of it. */
static void says_who_left_where_the_session_stopped_by_that(void **state)
{
    struct view view = view_at(BROKEN_MS);

    (void)state;
    hearing.incident_count = 0;
    hearing.pause_cause = HEARING_PAUSE(LEFT);
    hearing.participants[4].standing = HEARING_STANDING(LEFT);
    assert_non_null(strstr(draft_suspension(&view),
                           "Phiên tòa đã dừng lúc 09 giờ 15 phút ngày 22 tháng 11 năm 2026 do vắng "
                           "người phải có mặt:\n"
                           "- Điểm cầu Trại tạm giam số 1: Cán bộ cơ sở giam giữ Đỗ Mạnh C. đã rời "
                           "phiên tòa.\nKhông đủ điều kiện"));
    assert_null(strstr(draft_suspension(&view), "gián đoạn"));
    hearing.pause_cause = HEARING_PAUSE(SENT_BACK);
    hearing.participants[4].standing = HEARING_STANDING(WAITING);
    assert_non_null(strstr(draft_suspension(&view), "Đỗ Mạnh C. được mời trở lại phòng chờ.\n"));
}

static void adjourns_when_the_days_have_passed(void **state)
{
    struct view view = view_at(BROKEN_MS + 6 * DAY_MS);

    (void)state;
    hearing.paused_by = 0;
    hearing.status = HEARING_STATUS(SUSPENDED);
    hearing.suspended_until_ms = hearing_suspension_end(&trial, BROKEN_MS);
    assert_string_equal(draft_adjournment(&view), "");
    hearing.lapsed = true;
    const char *draft = draft_adjournment(&view);
    assert_non_null(strstr(draft, "QUYẾT ĐỊNH HOÃN PHIÊN TÒA"));
    assert_non_null(strstr(draft, "Căn cứ Điều 251 Bộ luật Tố tụng hình sự;"));
    assert_non_null(strstr(draft, "thời hạn tạm ngừng đã hết vào cuối ngày 27 tháng 11 năm 2026"));
    assert_non_null(strstr(draft, "thiếu cán bộ giám sát"));
    assert_null(strstr(draft, "TẠM NGỪNG PHIÊN TÒA"));
}

static void stays_within_what_may_be_written(void **state)
{
    struct view view = view_at(BROKEN_MS);

    (void)state;
    memset(sites[1].name, 'x', sizeof(sites[1].name) - 1);
    for (uint32_t i = 0; i < HEARING_INCIDENTS_MAX; i++)
        hearing.incidents[i] =
            (struct hearing_incident){.endpoint = 5, .from_ms = BROKEN_MS, .paused = true};
    hearing.incident_count = HEARING_INCIDENTS_MAX;
    const char *draft = draft_suspension(&view);
    assert_true(strlen(draft) <= HEARING_WORDS_MAX);
    assert_non_null(strstr(draft, "Quyết định này được thông báo"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(suspends_with_grounds_article_and_deadline),
        TEST(names_no_condition_when_all_are_met_again),
        TEST(gives_no_deadline_where_the_law_has_none),
        TEST(writes_early_days_and_months_as_decisions_do),
        TEST(has_nothing_to_decide_while_nothing_stopped),
        TEST(suspends_after_a_recess_in_which_a_line_was_lost),
        TEST(suspends_a_session_that_goes_on_without_somebody_whose_line_is_lost),
        TEST(says_who_left_where_the_session_stopped_by_that),
        TEST(adjourns_when_the_days_have_passed),
        TEST(stays_within_what_may_be_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
