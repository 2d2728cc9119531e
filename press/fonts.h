/*
 * The one family of letters that documents are set in, from files and without the machine's
 * configuration of fonts. Used by main.c and tests.
 */
#ifndef ASSIZE_PRESS_FONTS_H
#define ASSIZE_PRESS_FONTS_H

#define FONTS_FAMILY "Noto Serif"

/*
 * Makes the family known to pango for the life of the process. The files are read again when
 * letters are drawn, so their folder stays open to reading: its descriptor, or -errno.
 */
int fonts_open(void) __attribute__((warn_unused_result));

#endif
