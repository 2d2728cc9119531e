/*
 * How a daemon tells its supervisor that it serves: the supervisor passes the write end of a pipe
 * as ASSIZE_READY_FD; one byte on it means ready, its end without one means it died first.
 */
#ifndef ASSIZE_BASE_READY_H
#define ASSIZE_BASE_READY_H

#define READY_FD_VARIABLE "ASSIZE_READY_FD"

/* Says it once; later calls, and processes without a supervisor, do nothing. */
void ready_tell(void);

#endif
