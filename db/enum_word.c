#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "db/db_internal.h"

enum { NAME_SIZE = 64 };

int db_enum_from_word(const ProtobufCEnumDescriptor *type, const char *prefix, const char *word)
{
    char name[NAME_SIZE];

    int n = snprintf(name, sizeof(name), "%s%s", prefix, word);
    if (n < 0 || n >= NAME_SIZE)
        return 0;
    for (char *p = name; *p; p++)
        *p = (char)toupper((unsigned char)*p);
    const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value_by_name(type, name);
    return value ? value->value : 0;
}

void db_enum_to_word(const ProtobufCEnumDescriptor *type, const char *prefix, int value, char *out,
                     size_t size)
{
    const ProtobufCEnumValue *known = protobuf_c_enum_descriptor_get_value(type, value);

    snprintf(out, size, "%s", known ? known->name + strlen(prefix) : "unspecified");
    for (char *p = out; *p; p++)
        *p = (char)tolower((unsigned char)*p);
}
