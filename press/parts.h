/* The parts of the minutes, in their order. Used by document.c. */
#ifndef ASSIZE_PRESS_PARTS_H
#define ASSIZE_PRESS_PARTS_H

#include <stdint.h>

#include "assize/minutes/v1/minutes.pb-c.h"
#include "press/page.h"

enum { PARTS_TIME_SIZE = 64 };

/* Times of Viet Nam: "09:42:10", "09:42:10 ngày 21 tháng 11 năm 2026". */
void parts_clock(int64_t ms, char out[static PARTS_TIME_SIZE]);
void parts_moment(int64_t ms, char out[static PARTS_TIME_SIZE]);
/* "2026-11-21T02:42:10Z" */
void parts_iso_time(int64_t ms, char out[static PARTS_TIME_SIZE]);

void parts_heading(struct page *page, const Assize__Minutes__V1__MinutesDocument *document);
void parts_people(struct page *page, const Assize__Minutes__V1__MinutesDocument *document);
void parts_sections(struct page *page, const Assize__Minutes__V1__MinutesDocument *document);
/* Incidents, overrides, decisions, corrections. */
void parts_lists(struct page *page, const Assize__Minutes__V1__MinutesDocument *document);
void parts_signatures(struct page *page, const Assize__Minutes__V1__MinutesDocument *document);

/* Between parts.c and parts_lists.c. */
enum { PARTS_MARGIN = 118 }; /* where text stands that has a time beside it */
/* Letters of the text, and how it is set from an edge to the other. */
struct page_set parts_body(double left);
void parts_title(struct page *page, const char *title);
void parts_line(struct page *page, const char *margin, const char *text);
/* The same from a format; set: how. */
void parts_printf(struct page *page, const struct page_set *set, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* What is to be said of words that are not there, or are not what was written; "" otherwise. */
const char *parts_state(Assize__Minutes__V1__WordsState state);

#endif
