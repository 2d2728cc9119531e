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

/* The live sessions of a login, seen last first: the fields of struct account_session_row. */
#define ACCOUNT_SESSIONS_QUERY                                                                     \
    "SELECT s.id, host(s.address), s.agent, (extract(epoch FROM s.created_at) * 1000)::bigint,"    \
    " (extract(epoch FROM s.seen_at) * 1000)::bigint, l.expires_ms"                                \
    " FROM live_staff l JOIN staff_session s ON s.id = l.id WHERE l.login = $1"                    \
    " ORDER BY s.seen_at DESC"

#endif
