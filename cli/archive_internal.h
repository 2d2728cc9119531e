/* What writing and reading a backup have in common. */
#ifndef ASSIZE_CLI_ARCHIVE_INTERNAL_H
#define ASSIZE_CLI_ARCHIVE_INTERNAL_H

#include "cli/archive.h"

#define ARCHIVE_MANIFEST "MANIFEST"
#define ARCHIVE_TITLE    "assize backup 1\n"

enum { ARCHIVE_BLOCK = 512, ARCHIVE_CHUNK = 64 << 10, ARCHIVE_PATH_SIZE = 1024 };

/* A header of ustar; text fields end in NUL, numbers are octal. */
struct archive_header {
    char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8], type;
    char link[100], magic[6], version[2], user[32], group[32], major[8], minor[8], prefix[155];
    char rest[12];
};

/* The sum of the bytes, those of the field sum taken as spaces. */
unsigned archive_sum(const struct archive_header *header);
/* A path below a folder: no "..", nothing hidden, no slash at either end. */
bool archive_name_is_good(const char *name);

#endif
