/*
 * How the law calls the people of a hearing, in Vietnamese, as it stands before their names:
 * "Người làm chứng". For what the server itself writes: the programme feed's captions, the minutes.
 */
#ifndef ASSIZE_SERVER_HEARING_TITLE_H
#define ASSIZE_SERVER_HEARING_TITLE_H

#include "assize/hearing/v1/hearing.pb-c.h"

/* Begins with a capital letter of ASCII; "" for a role this build does not know. */
const char *hearing_role_title(Assize__Hearing__V1__Role role);

#endif
