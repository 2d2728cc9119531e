/* What the minutes list at their end. A list without entries is said to have none, but for
 * corrections and decisions, which are rare. */
#include <inttypes.h>
#include <stdio.h>

#include "press/parts.h"

enum { MS_PER_S = 1000, S_PER_MIN = 60 };

static void duration(int64_t ms, char out[static PARTS_TIME_SIZE])
{
    int64_t seconds = ms / MS_PER_S;

    if (seconds < S_PER_MIN)
        snprintf(out, PARTS_TIME_SIZE, "%" PRId64 " giây", seconds);
    else
        snprintf(out, PARTS_TIME_SIZE, "%" PRId64 " phút %02" PRId64 " giây", seconds / S_PER_MIN,
                 seconds % S_PER_MIN);
}

static void incident(struct page *page, const Assize__Minutes__V1__Incident *one)
{
    char from[PARTS_TIME_SIZE], to[PARTS_TIME_SIZE], length[PARTS_TIME_SIZE];

    parts_clock(one->from_ms, from);
    parts_clock(one->to_ms, to);
    duration(one->to_ms - one->from_ms, length);
    char *until = one->has_to_ms ? g_strdup_printf("kết nối lại lúc %s, sau %s", to, length)
                                 : g_strdup("chưa kết nối lại khi lập biên bản");
    char *text = g_strdup_printf("Mất kết nối với %s; %s.%s", one->where, until,
                                 one->paused ? " Phiên tòa đã tạm dừng vì sự cố này." : "");
    parts_line(page, from, text);
    g_free(text);
    g_free(until);
}

static void incidents(struct page *page, const Assize__Minutes__V1__MinutesDocument *document)
{
    parts_title(page, "Sự cố đường truyền");
    for (size_t i = 0; i < document->n_incidents; i++)
        incident(page, document->incidents[i]);
    if (!document->n_incidents)
        parts_line(page, NULL, "Không có sự cố đường truyền.");
}

static void overrides(struct page *page, const Assize__Minutes__V1__MinutesDocument *document)
{
    char when[PARTS_TIME_SIZE];

    if (document->n_overrides)
        parts_title(page, "Quyết định không áp dụng quy định của thủ tục tố tụng");
    for (size_t i = 0; i < document->n_overrides; i++) {
        const Assize__Minutes__V1__Override *one = document->overrides[i];
        parts_clock(one->at_ms, when);
        char *text = g_strdup_printf(
            "%s; quy định: %s%s%s%s. Lý do: %s%s", one->who, one->rule, *one->article ? " (" : "",
            one->article, *one->article ? ")" : "", one->reason, parts_state(one->words));
        parts_line(page, when, text);
        g_free(text);
    }
}

static void decisions(struct page *page, const Assize__Minutes__V1__MinutesDocument *document)
{
    char when[PARTS_TIME_SIZE], until[PARTS_TIME_SIZE];

    if (document->n_decisions)
        parts_title(page, "Quyết định tạm ngừng, hoãn phiên tòa");
    for (size_t i = 0; i < document->n_decisions; i++) {
        const Assize__Minutes__V1__Decision *one = document->decisions[i];
        parts_clock(one->at_ms, when);
        parts_moment(one->until_ms, until);
        char *text =
            g_strdup_printf("%s%s%s.\n%s%s", one->title, one->has_until_ms ? ", thời hạn đến " : "",
                            one->has_until_ms ? until : "", one->text, parts_state(one->words));
        parts_line(page, when, text);
        g_free(text);
    }
}

static void corrections(struct page *page, const Assize__Minutes__V1__MinutesDocument *document)
{
    char when[PARTS_TIME_SIZE], of[PARTS_TIME_SIZE];

    if (document->n_corrections)
        parts_title(page, "Đính chính");
    for (size_t i = 0; i < document->n_corrections; i++) {
        const Assize__Minutes__V1__Correction *one = document->corrections[i];
        parts_clock(one->at_ms, when);
        parts_clock(one->corrects_at_ms, of);
        char *text = g_strdup_printf("[%zu] %s đính chính nội dung lúc %s: %s%s", i + 1, one->who,
                                     of, one->text, parts_state(one->words));
        parts_line(page, when, text);
        g_free(text);
    }
}

void parts_lists(struct page *page, const Assize__Minutes__V1__MinutesDocument *document)
{
    incidents(page, document);
    overrides(page, document);
    decisions(page, document);
    corrections(page, document);
}
