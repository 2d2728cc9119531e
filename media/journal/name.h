/*
 * Names in the record. Hearings, groups and tracks are named by the caller; files by the wall clock
 * (UTC) when they were opened: RECORD/HEARING/GROUP/20261121T094200Z.pcapng and its sidecar
 * 20261121T094200Z.chain. The part before the dot is the file's stem. Used by all of media/journal.
 */
#ifndef ASSIZE_MEDIA_JOURNAL_NAME_H
#define ASSIZE_MEDIA_JOURNAL_NAME_H

#include <stdbool.h>
#include <stdint.h>

#include "media/journal/limits.h"

#define NAME_PCAPNG_SUFFIX ".pcapng"
#define NAME_CHAIN_SUFFIX  ".chain"
/* A sidecar has this name until its header is durable. */
#define NAME_NEXT_CHAIN "next" NAME_CHAIN_SUFFIX

enum {
    NAME_SIZE = JOURNAL_NAME_MAX + 1,
    NAME_STEM_SIZE = sizeof("20261121T094200Z"),
    NAME_FILE_SIZE = NAME_STEM_SIZE + sizeof(NAME_PCAPNG_SUFFIX),
};

enum name_kind { NAME_PCAPNG, NAME_CHAIN, NAME_NEXT, NAME_FOREIGN };

/* 1 to JOURNAL_NAME_MAX of a-z, 0-9, '-', '_' and '.', not beginning with a dot. */
bool name_is_valid(const char *name);

/* The stem for this second of Unix time, of the years 1970 to 9999. */
void name_write_stem(int64_t wall_s, char out[static NAME_STEM_SIZE]);
/* The second a stem names, or -EINVAL. */
int name_read_stem(const char *stem, int64_t *ret_wall_s) __attribute__((warn_unused_result));

void name_write_file(const char *stem, const char *suffix, char out[static NAME_FILE_SIZE]);
/* What a file in a group's folder is; writes the stem of a pcapng file or sidecar. */
enum name_kind name_read_file(const char *file, char ret_stem[static NAME_STEM_SIZE]);

#endif
