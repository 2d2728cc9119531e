#include "base/record_group.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

#define PROGRAMME    "programme"
#define SHARE_SUFFIX "-share"

void record_group_write(struct record_group group, char out[static RECORD_GROUP_SIZE])
{
    if (group.endpoint)
        snprintf(out, RECORD_GROUP_SIZE, "e%" PRIu32 "%s", group.endpoint,
                 group.share ? SHARE_SUFFIX : "");
    else
        snprintf(out, RECORD_GROUP_SIZE, PROGRAMME);
}

bool record_group_read(const char *name, struct record_group *ret_group)
{
    char number[RECORD_GROUP_SIZE];
    char again[RECORD_GROUP_SIZE];
    uint64_t endpoint;

    if (strcmp(name, PROGRAMME) == 0) {
        *ret_group = (struct record_group){0};
        return true;
    }
    size_t len = strcspn(name, "-");
    if (name[0] != 'e' || len >= sizeof(number))
        return false;
    snprintf(number, sizeof(number), "%.*s", (int)len - 1, name + 1);
    if (str_to_u64(number, UINT32_MAX, &endpoint) || !endpoint)
        return false;
    const struct record_group group = {(uint32_t)endpoint, name[len] == '-'};
    record_group_write(group, again);
    if (strcmp(name, again) != 0)
        return false;
    *ret_group = group;
    return true;
}
