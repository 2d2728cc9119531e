/* What everyone guesses first, in Vietnam and elsewhere: without marks, in lower case. For rules.c.
 */
#ifndef ASSIZE_BASE_PASSWORD_COMMON_H
#define ASSIZE_BASE_PASSWORD_COMMON_H

extern const char *const password_common_words[]; /* NULL after the last */

#endif
