/*
 * The procedures that tests of hearings go by: plain, where nothing of the law stands in the way
 * (tests/support/procedures), and those that are shipped. Header only.
 */
#ifndef ASSIZE_TESTS_UNIT_PROCEDURE_FIXTURE_H
#define ASSIZE_TESTS_UNIT_PROCEDURE_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>

#include "server/hearing/procedure.h"

/* The text of the file NAME.conf in PROCEDURES_PLAIN or PROCEDURES, for as long as the next is not
 * asked for; aborts when there is none. */
static inline const char *fixture_procedure_text(const char *name)
{
    static char text[PROCEDURE_FILE_MAX + 1];
    const char *const folders[] = {PROCEDURES_PLAIN, PROCEDURES};
    FILE *file = NULL;
    char path[4096];

    for (int i = 0; !file && i < 2; i++) {
        snprintf(path, sizeof(path), "%s/%s.conf", folders[i], name);
        file = fopen(path, "re");
    }
    if (!file)
        abort();
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    return text;
}

static inline void fixture_read_procedure(const char *name, struct procedure *procedure)
{
    char error[PROCEDURE_ERROR_SIZE];

    if (procedure_read(fixture_procedure_text(name), procedure, error)) {
        fprintf(stderr, "%s: %s\n", name, error);
        abort();
    }
}

static inline const struct procedure *fixture_plain(void)
{
    static struct procedure plain;

    if (!plain.version)
        fixture_read_procedure("plain", &plain);
    return &plain;
}

#endif
