/* The minutes on paper, in the form of a Vietnamese court's: what stands where. Used by main.c and
 * tests. */
#ifndef ASSIZE_PRESS_DOCUMENT_H
#define ASSIZE_PRESS_DOCUMENT_H

#include "assize/minutes/v1/minutes.pb-c.h"

/*
 * Writes the PDF to the descriptor. The document is as input_read leaves it; fonts_open has been
 * called. The same document gives the same bytes. 0, -EMSGSIZE over PRESS_PAGES_MAX, or -EIO when
 * it could not be written.
 */
int document_print(const Assize__Minutes__V1__MinutesDocument *document, int fd)
    __attribute__((warn_unused_result));

#endif
