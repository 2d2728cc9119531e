#include "press/page.h"

#include <stdio.h>

#include "press/fonts.h"
#include "press/limits.h"

enum {
    TOP = 64,
    BOTTOM = 778,   /* where text ends */
    RUNNING_Y = 44, /* baselines of what stands above and below it */
    FOOT_Y = 806,
    OUTLINE_SIZE = 64,
};
static const double small = 8.5, thin = 0.5;

/* ---- setting ---- */

static PangoLayout *set_layout(struct page *page, const struct page_set *set, const char *text)
{
    PangoLayout *layout = pango_layout_new(page->context);
    PangoFontDescription *font = pango_font_description_new();

    pango_font_description_set_family_static(font, FONTS_FAMILY);
    pango_font_description_set_absolute_size(font, set->size * PANGO_SCALE);
    if (set->style == PAGE_BOLD)
        pango_font_description_set_weight(font, PANGO_WEIGHT_BOLD);
    if (set->style == PAGE_ITALIC)
        pango_font_description_set_style(font, PANGO_STYLE_ITALIC);
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
    pango_layout_set_width(layout, (int)((set->right - set->left) * PANGO_SCALE));
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_alignment(layout, set->align);
    pango_layout_set_line_spacing(layout, 1.15F);
    pango_layout_set_text(layout, text, -1);
    return layout;
}

static void show_line(const struct page *page, PangoLayoutLine *line, double x, double baseline)
{
    if (!page->cairo)
        return;
    cairo_move_to(page->cairo, x, baseline);
    pango_cairo_show_layout_line(page->cairo, line);
}

/* One line that stands apart from the text. */
static void show_apart(struct page *page, const struct page_set *set, const char *text,
                       double baseline)
{
    PangoLayout *layout = set_layout(page, set, text);
    PangoRectangle extents;

    pango_layout_line_get_extents(pango_layout_get_line_readonly(layout, 0), NULL, &extents);
    double width = (double)extents.width / PANGO_SCALE;
    double room = set->right - set->left - width;
    double x = set->left + (set->align == PANGO_ALIGN_CENTER  ? room / 2
                            : set->align == PANGO_ALIGN_RIGHT ? room
                                                              : 0);
    show_line(page, pango_layout_get_line_readonly(layout, 0), x, baseline);
    g_object_unref(layout);
}

/* ---- pages ---- */

static void show_foot(struct page *page)
{
    const struct page_set foot = {
        .size = small, .left = PAGE_LEFT, .right = PAGE_RIGHT, .align = PANGO_ALIGN_CENTER};
    char text[OUTLINE_SIZE];

    snprintf(text, sizeof(text), "Trang %d/%d", page->number, page->count);
    show_apart(page, &foot, text, FOOT_Y);
}

static void show_running(struct page *page)
{
    const struct page_set head = {
        .size = small, .style = PAGE_ITALIC, .left = PAGE_LEFT, .right = PAGE_RIGHT};

    show_apart(page, &head, page->running, RUNNING_Y);
}

static void next_page(struct page *page)
{
    if (page->number >= PRESS_PAGES_MAX) {
        page->full = true;
        return;
    }
    show_foot(page);
    if (page->cairo)
        cairo_show_page(page->cairo);
    page->number++;
    page->y = TOP;
    show_running(page);
}

void page_begin(struct page *page, cairo_surface_t *surface, int count, const char *running)
{
    PangoFontMap *fonts = pango_cairo_font_map_new();
    cairo_font_options_t *options = cairo_font_options_create();

    *page = (struct page){
        .surface = surface, .y = TOP, .number = 1, .count = count, .running = running};
    pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(fonts), 72);
    page->context = pango_font_map_create_context(fonts);
    g_object_unref(fonts);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(page->context, options);
    cairo_font_options_destroy(options);
    pango_context_set_round_glyph_positions(page->context, FALSE);
    pango_context_set_language(page->context, pango_language_from_string("vi"));
    if (surface)
        page->cairo = cairo_create(surface);
}

int page_end(struct page *page)
{
    show_foot(page);
    if (page->cairo) {
        cairo_show_page(page->cairo);
        cairo_destroy(page->cairo);
    }
    g_object_unref(page->context);
    return page->number;
}

void page_need(struct page *page, double height)
{
    if (page->y + height > BOTTOM && page->y > TOP)
        next_page(page);
}

void page_space(struct page *page, double height)
{
    page->y += height;
}

/* Line by line, so that a paragraph goes on where the next page begins. */
void page_text(struct page *page, const struct page_set *set, const char *text)
{
    const struct page_set beside = {
        .size = set->size - 1, .left = PAGE_LEFT, .right = set->left, .style = PAGE_PLAIN};
    PangoLayout *layout = set_layout(page, set, text);
    PangoLayoutIter *iter = pango_layout_get_iter(layout);
    const char *margin = set->margin;

    do {
        PangoRectangle extents;
        pango_layout_iter_get_line_extents(iter, NULL, &extents);
        double height = (double)extents.height / PANGO_SCALE;
        double ascent = (double)(pango_layout_iter_get_baseline(iter) - extents.y) / PANGO_SCALE;
        page_need(page, height);
        if (page->full)
            break;
        if (margin)
            show_apart(page, &beside, margin, page->y + ascent);
        margin = NULL;
        show_line(page, pango_layout_iter_get_line_readonly(iter),
                  set->left + (double)extents.x / PANGO_SCALE, page->y + ascent);
        page->y += height;
    } while (pango_layout_iter_next_line(iter));
    page->y += set->after;
    pango_layout_iter_free(iter);
    g_object_unref(layout);
}

double page_measure(struct page *page, const struct page_set *set, const char *text)
{
    PangoLayout *layout = set_layout(page, set, text);
    int height;

    pango_layout_get_size(layout, NULL, &height);
    g_object_unref(layout);
    return (double)height / PANGO_SCALE;
}

void page_rule(struct page *page, double left, double right)
{
    if (!page->cairo)
        return;
    cairo_set_line_width(page->cairo, thin);
    cairo_move_to(page->cairo, left, page->y);
    cairo_line_to(page->cairo, right, page->y);
    cairo_stroke(page->cairo);
}

void page_outline(struct page *page, const char *title)
{
    char where[OUTLINE_SIZE];

    if (!page->surface)
        return;
    snprintf(where, sizeof(where), "page=%d pos=[%d %d]", page->number, PAGE_LEFT, (int)page->y);
    cairo_pdf_surface_add_outline(page->surface, CAIRO_PDF_OUTLINE_ROOT, title, where,
                                  (cairo_pdf_outline_flags_t)0);
}
