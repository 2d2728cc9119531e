/* What the stores of this folder share: the words the tables use for the enums of the protocol. */
#ifndef ASSIZE_DB_DB_INTERNAL_H
#define ASSIZE_DB_DB_INTERNAL_H

#include <protobuf-c/protobuf-c.h>

/*
 * The value of an enum whose table word is its name in lower case without the prefix: "clerk" with
 * "ROLE_" is ROLE_CLERK. 0, the unspecified value of every enum, for a word this build does not
 * know.
 */
int db_enum_from_word(const ProtobufCEnumDescriptor *type, const char *prefix, const char *word);

/* The other way round; "unspecified" for a value this build does not know. out is cut to size. */
void db_enum_to_word(const ProtobufCEnumDescriptor *type, const char *prefix, int value, char *out,
                     size_t size);

#endif
