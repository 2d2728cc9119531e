#include "media/journal/name.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/str.h"

static const char stem_format[] = "%Y%m%dT%H%M%SZ";

bool name_is_valid(const char *name)
{
    size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.");

    return len > 0 && len <= JOURNAL_NAME_MAX && name[len] == '\0' && name[0] != '.';
}

void name_write_stem(int64_t wall_s, char out[static NAME_STEM_SIZE])
{
    time_t seconds = wall_s;
    struct tm tm;

    if (!gmtime_r(&seconds, &tm) || !strftime(out, NAME_STEM_SIZE, stem_format, &tm))
        out[0] = '\0';
}

int name_read_stem(const char *stem, int64_t *ret_wall_s)
{
    struct tm tm = {0};
    char again[NAME_STEM_SIZE];

    if (strlen(stem) != NAME_STEM_SIZE - 1 || !strptime(stem, stem_format, &tm))
        return -EINVAL;
    int64_t wall_s = timegm(&tm);
    name_write_stem(wall_s, again);
    if (wall_s < 0 || strcmp(stem, again) != 0)
        return -EINVAL;
    *ret_wall_s = wall_s;
    return 0;
}

void name_write_file(const char *stem, const char *suffix, char out[static NAME_FILE_SIZE])
{
    snprintf(out, NAME_FILE_SIZE, "%s%s", stem, suffix);
}

enum name_kind name_read_file(const char *file, char ret_stem[static NAME_STEM_SIZE])
{
    int64_t wall_s;
    char stem[NAME_STEM_SIZE];
    bool cut = !str_copy(stem, sizeof(stem), file);

    if (strcmp(file, NAME_NEXT_CHAIN) == 0)
        return NAME_NEXT;
    if (!cut || name_read_stem(stem, &wall_s))
        return NAME_FOREIGN;
    const char *suffix = file + strlen(stem);
    bool is_chain = strcmp(suffix, NAME_CHAIN_SUFFIX) == 0;
    if (!is_chain && strcmp(suffix, NAME_PCAPNG_SUFFIX) != 0)
        return NAME_FOREIGN;
    memcpy(ret_stem, stem, sizeof(stem));
    return is_chain ? NAME_CHAIN : NAME_PCAPNG;
}
