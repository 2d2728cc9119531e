/*
 * Drafts of the presiding judge's decisions, made from what the record says: a suspension when the
 * session stopped by rule or a line is broken, an adjournment when its deadline has passed. In
 * Vietnamese, as decisions are; the judge reads, changes and signs for it. Pure; used by view.c.
 */
#ifndef ASSIZE_SERVER_SESSION_DRAFT_H
#define ASSIZE_SERVER_SESSION_DRAFT_H

#include "server/session/view.h"

enum { DRAFT_INCIDENTS_MAX = 12 }; /* named in one draft, newest */

/* Drawn from the view's arena, at most HEARING_WORDS_MAX bytes; "" when there is nothing to decide.
 */
char *draft_suspension(const struct view *view);
char *draft_adjournment(const struct view *view);

#endif
