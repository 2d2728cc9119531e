/* The embedded procedure files; the table is made from server/procedures by cmake/embed.cmake. */
#ifndef ASSIZE_SERVER_COURT_PROCEDURES_INTERNAL_H
#define ASSIZE_SERVER_COURT_PROCEDURES_INTERNAL_H

#include <stddef.h>

struct procedure_file {
    const char *name;
    const char *text;
};

extern const struct procedure_file procedure_files[];
extern const size_t procedure_file_count;

#endif
