/*
 * Pages of A4, filled from above: paragraphs that break where a page ends, a line at the top from
 * the second page on, and "Trang 1/5" below. Everything is set twice: first to count the pages,
 * then to draw them. Lengths are points. Used by document.c.
 */
#ifndef ASSIZE_PRESS_PAGE_H
#define ASSIZE_PRESS_PAGE_H

#include <cairo-pdf.h>
#include <pango/pangocairo.h>
#include <stdbool.h>

enum { PAGE_WIDTH = 595, PAGE_HEIGHT = 842, PAGE_LEFT = 71, PAGE_RIGHT = 539 };

enum page_style { PAGE_PLAIN, PAGE_BOLD, PAGE_ITALIC };

struct page {
    PangoContext *context;
    cairo_surface_t *surface; /* NULL while pages are counted */
    cairo_t *cairo;
    double y;
    int number;          /* of this page, from 1 */
    int count;           /* of all; 0 while they are counted */
    bool full;           /* over PRESS_PAGES_MAX: no more is set */
    const char *running; /* the line at the top */
};

/* How a paragraph is set. */
struct page_set {
    double size; /* of the letters */
    enum page_style style;
    double left, right; /* its edges */
    PangoAlignment align;
    double after;       /* space below it */
    const char *margin; /* a word beside its first line, at the page's left edge; NULL: none */
};

/* The first page. surface NULL: only counts. */
void page_begin(struct page *page, cairo_surface_t *surface, int count, const char *running);
/* The last page is finished; how many there are. */
int page_end(struct page *page);

void page_text(struct page *page, const struct page_set *set, const char *text);
void page_space(struct page *page, double height);
/* Begins a new page unless so much room is left on this one. */
void page_need(struct page *page, double height);
/* The height of a text that is set so, without its space below. */
double page_measure(struct page *page, const struct page_set *set, const char *text);
/* A thin line from left to right at the present height. */
void page_rule(struct page *page, double left, double right);
/* An entry of the PDF's outline that leads here. */
void page_outline(struct page *page, const char *title);

#endif
