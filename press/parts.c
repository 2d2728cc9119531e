#include "press/parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

enum {
    ZONE_S = 7 * 3600, /* Asia/Ho_Chi_Minh, without summer time */
    MS_PER_S = 1000,
    MIDDLE = (PAGE_LEFT + PAGE_RIGHT) / 2,
};
static const double body = 11, title_size = 14, part_size = 12.5, small = 9.5;

/* ---- times ---- */

/* The moment as a calendar has it, so far east of Greenwich. */
static struct tm calendar(int64_t ms, int64_t zone_s)
{
    time_t seconds = (time_t)(ms / MS_PER_S + zone_s);
    struct tm tm = {0};

    gmtime_r(&seconds, &tm);
    return tm;
}

void parts_clock(int64_t ms, char out[static PARTS_TIME_SIZE])
{
    const struct tm tm = calendar(ms, ZONE_S);

    strftime(out, PARTS_TIME_SIZE, "%H:%M:%S", &tm);
}

void parts_moment(int64_t ms, char out[static PARTS_TIME_SIZE])
{
    const struct tm tm = calendar(ms, ZONE_S);

    strftime(out, PARTS_TIME_SIZE, "%H:%M:%S ngày %d tháng %m năm %Y", &tm);
}

void parts_iso_time(int64_t ms, char out[static PARTS_TIME_SIZE])
{
    const struct tm tm = calendar(ms, 0);

    strftime(out, PARTS_TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

/* ---- how things are set ---- */

struct page_set parts_body(double left)
{
    return (struct page_set){.size = body, .left = left, .right = PAGE_RIGHT, .after = 3};
}

void parts_title(struct page *page, const char *title)
{
    struct page_set set = parts_body(PAGE_LEFT);

    set.size = part_size;
    set.style = PAGE_BOLD;
    set.after = 5;
    page_space(page, 10);
    page_need(page, 60); /* not alone at the end of a page */
    page_outline(page, title);
    page_text(page, &set, title);
}

void parts_line(struct page *page, const char *margin, const char *text)
{
    struct page_set set = parts_body(margin ? PARTS_MARGIN : PAGE_LEFT);

    set.margin = margin;
    page_text(page, &set, text);
}

void parts_printf(struct page *page, const struct page_set *set, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    page_text(page, set, text);
    g_free(text);
}

const char *parts_state(Assize__Minutes__V1__WordsState state)
{
    if (state == ASSIZE__MINUTES__V1__WORDS_STATE__WORDS_STATE_ERASED)
        return "[Nội dung đã được xóa theo quy định]";
    if (state == ASSIZE__MINUTES__V1__WORDS_STATE__WORDS_STATE_DIFFER)
        return " [Nội dung không khớp với mã xác thực đã lưu]";
    return "";
}

/* ---- heading ---- */

static void centred(struct page *page, double size, enum page_style style, double left,
                    double right, double after, const char *text)
{
    const struct page_set set = {.size = size,
                                 .style = style,
                                 .left = left,
                                 .right = right,
                                 .align = PANGO_ALIGN_CENTER,
                                 .after = after};

    page_text(page, &set, text);
}

/* The court at the left, the state at the right. */
static void letterhead(struct page *page, const char *court)
{
    double top = page->y;

    centred(page, body, PAGE_BOLD, PAGE_LEFT, MIDDLE - 40, 4, court);
    double left_end = page->y;
    page->y = top;
    centred(page, body, PAGE_BOLD, MIDDLE - 30, PAGE_RIGHT, 0,
            "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM");
    centred(page, body, PAGE_BOLD, MIDDLE - 30, PAGE_RIGHT, 4, "Độc lập - Tự do - Hạnh phúc");
    page_rule(page, MIDDLE + 35, PAGE_RIGHT - 65);
    page->y = (left_end > page->y ? left_end : page->y) + 20;
}

void parts_heading(struct page *page, const Assize__Minutes__V1__MinutesDocument *document)
{
    const struct page_set plain = parts_body(PAGE_LEFT);
    const struct page_set quiet = {.size = small,
                                   .style = PAGE_ITALIC,
                                   .left = PAGE_LEFT,
                                   .right = PAGE_RIGHT,
                                   .align = PANGO_ALIGN_CENTER,
                                   .after = 12};
    char when[PARTS_TIME_SIZE];

    letterhead(page, document->court);
    centred(page, title_size, PAGE_BOLD, PAGE_LEFT, PAGE_RIGHT, 2, "BIÊN BẢN PHIÊN TÒA");
    if (*document->procedure)
        centred(page, body, PAGE_BOLD, PAGE_LEFT, PAGE_RIGHT, 2, document->procedure);
    parts_moment(document->at_ms, when);
    parts_printf(page, &quiet,
                 "(Dự thảo, lập từ diễn biến và ghi chép của phiên tòa đến %s; diễn biến số %llu)",
                 when, (unsigned long long)document->seq);
    parts_printf(page, &plain, "Vụ án số: %s, %s.", document->case_number, document->title);
    parts_moment(document->started_ms, when);
    parts_printf(page, &plain, "Khai mạc lúc: %s.",
                 document->has_started_ms ? when : "chưa khai mạc");
    parts_moment(document->ended_ms, when);
    parts_printf(page, &plain, "Kết thúc lúc: %s.",
                 document->has_ended_ms ? when : "chưa kết thúc");
}

/* ---- people ---- */

static const char *name_of(const Assize__Minutes__V1__Person *person)
{
    return *person->name ? person->name : "(họ tên đã được xóa)";
}

static void person_line(struct page *page, const Assize__Minutes__V1__Person *person)
{
    const struct page_set set = parts_body(PAGE_LEFT + 14);
    char came[PARTS_TIME_SIZE], left[PARTS_TIME_SIZE];
    const char *to = person->replaced_by ? ", được thay bằng " : "";
    const char *next = person->replaced_by ? person->replaced_by : "";

    parts_clock(person->came_ms, came);
    parts_clock(person->left_ms, left);
    if (!person->has_came_ms)
        parts_printf(page, &set, "– %s: %s (vắng mặt%s%s).", person->role, name_of(person), to,
                     next);
    else if (person->has_left_ms)
        parts_printf(page, &set, "– %s: %s (có mặt từ %s, rời phiên tòa lúc %s%s%s).", person->role,
                     name_of(person), came, left, to, next);
    else
        parts_printf(page, &set, "– %s: %s (có mặt từ %s%s%s).", person->role, name_of(person),
                     came, to, next);
}

void parts_people(struct page *page, const Assize__Minutes__V1__MinutesDocument *document)
{
    struct page_set bold = parts_body(PAGE_LEFT);

    bold.style = PAGE_BOLD;
    parts_title(page, "Hội đồng xét xử");
    for (size_t i = 0; i < document->n_panel; i++)
        person_line(page, document->panel[i]);
    parts_title(page, "Thành phần tham gia theo điểm cầu");
    for (size_t i = 0; i < document->n_sites; i++) {
        const Assize__Minutes__V1__SitePeople *site = document->sites[i];
        page_need(page, 40);
        parts_printf(page, &bold, "%s: %s", site->kind, site->name);
        for (size_t j = 0; j < site->n_people; j++)
            person_line(page, site->people[j]);
    }
}

/* ---- what happened ---- */

/* The number of the correction at the end, from 1. */
static size_t correction_number(const Assize__Minutes__V1__MinutesDocument *document, uint64_t seq)
{
    for (size_t i = 0; i < document->n_corrections; i++) {
        if (document->corrections[i]->seq == seq)
            return i + 1;
    }
    return 0;
}

static void line(struct page *page, const Assize__Minutes__V1__MinutesDocument *document,
                 const Assize__Minutes__V1__Line *from)
{
    GString *text = g_string_new(from->text);
    char when[PARTS_TIME_SIZE];

    g_string_append(text, parts_state(from->words));
    for (size_t i = 0; i < from->n_corrected_by; i++)
        g_string_append_printf(text, " [đính chính %zu]",
                               correction_number(document, from->corrected_by[i]));
    parts_clock(from->at_ms, when);
    parts_line(page, when, text->str);
    g_string_free(text, TRUE);
}

void parts_sections(struct page *page, const Assize__Minutes__V1__MinutesDocument *document)
{
    for (size_t i = 0; i < document->n_sections; i++) {
        const Assize__Minutes__V1__Section *section = document->sections[i];
        char *title = *section->article
                          ? g_strdup_printf("%s (%s)", section->title, section->article)
                          : g_strdup(section->title);
        parts_title(page, title);
        g_free(title);
        for (size_t j = 0; j < section->n_lines; j++)
            line(page, document, section->lines[j]);
        if (!section->n_lines)
            parts_line(page, NULL, "Không có diễn biến được ghi nhận.");
    }
}

/* ---- signatures ---- */

static void signature(struct page *page, const Assize__Minutes__V1__Signature *place)
{
    struct page_set set = parts_body(PAGE_LEFT);
    struct page_set quiet = set;

    page_need(page, 112);
    set.style = PAGE_BOLD;
    set.after = 1;
    parts_printf(page, &set, "%s · %s", place->role, place->site);
    quiet.size = small;
    quiet.style = PAGE_ITALIC;
    page_text(page, &quiet, "Ký, ghi rõ họ tên; hoặc lý do không ký:");
    page_space(page, 44);
    page_rule(page, PAGE_LEFT, PAGE_RIGHT - 160);
    page_space(page, 4);
    set.style = PAGE_PLAIN;
    set.after = 14;
    page_text(page, &set, place->name);
}

void parts_signatures(struct page *page, const Assize__Minutes__V1__MinutesDocument *document)
{
    parts_title(page, "Chữ ký");
    for (size_t i = 0; i < document->n_signatures; i++)
        signature(page, document->signatures[i]);
}
