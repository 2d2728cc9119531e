/* Between the files of console_service.h. */
#ifndef ASSIZE_SERVER_CONSOLE_CONSOLE_INTERNAL_H
#define ASSIZE_SERVER_CONSOLE_CONSOLE_INTERNAL_H

#include "base/arena.h"
#include "server/console/console_service.h"

/*
 * console_live.c: what is known only here. Memory for it comes from the arena, whose cap holds it;
 * a hearing that is not loaded is told as the database has it.
 */
void console_live_row(const struct console_service *service, Assize__Console__V1__Row *told,
                      struct arena *arena);
void console_live_people(const struct console_service *service,
                         Assize__Console__V1__HearingResponse *told, struct arena *arena);

#endif
