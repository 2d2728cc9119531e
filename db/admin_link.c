#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "db/admin_internal.h"

enum { NUMBER_SIZE = 24, BYTEA_SIZE = SHA256_HEX_SIZE + 2 };

#define LINK_COLUMNS                                                                               \
    "l.id, coalesce(l.participant, 0), coalesce(l.endpoint, 0), coalesce(p.role, l.kind),"         \
    " coalesce(person.full_name, ''), l.kind = 'multi', l.max_uses, l.used,"                       \
    " (extract(epoch FROM l.expires_at) * 1000)::bigint, l.revoked_at IS NOT NULL,"                \
    " l.expires_at <= now(), l.kind = 'gallery'"

/* Whose a link is; nobody's of the gallery. */
#define JOIN_PERSON                                                                                \
    " LEFT JOIN hearing_participant p ON p.hearing = l.hearing AND p.id = l.participant"           \
    " LEFT JOIN person ON person.id = p.person"

static void read_link(const PGresult *rows, int row, struct admin_link *link)
{
    *link = (struct admin_link){
        .participant = (uint32_t)admin_int(rows, row, 1),
        .endpoint = (uint32_t)admin_int(rows, row, 2),
        .multi = admin_bool(rows, row, 5),
        .max_uses = (int)admin_int(rows, row, 6),
        .used = (int)admin_int(rows, row, 7),
        .expires_ms = admin_int(rows, row, 8),
        .revoked = admin_bool(rows, row, 9),
        .expired = admin_bool(rows, row, 10),
        .gallery = admin_bool(rows, row, 11),
    };
    str_copy(link->id, sizeof(link->id), PQgetvalue(rows, row, 0));
    str_copy(link->role, sizeof(link->role), PQgetvalue(rows, row, 3));
    str_copy(link->name, sizeof(link->name), PQgetvalue(rows, row, 4));
}

static void hash_token(const char *token, char out[static BYTEA_SIZE])
{
    uint8_t digest[SHA256_BYTES];

    sha256(token, strlen(token), digest);
    memcpy(out, "\\x", 2);
    str_hex(digest, sizeof(digest), out + 2);
}

static int check_wish(struct admin *admin, const struct admin_link_wish *wish)
{
    if (!str_is_uuid(wish->hearing))
        return admin_fail(admin, -EINVAL,
                          "A hearing is named by its id; `assize status` lists them.");
    if (wish->hours < 1 || wish->hours > ADMIN_LINK_HOURS_MAX)
        return admin_fail(admin, -EINVAL, "A link lasts from 1 to %d hours.", ADMIN_LINK_HOURS_MAX);
    if ((wish->multi || wish->gallery) && (wish->uses < 1 || wish->uses > ADMIN_LINK_USES_MAX))
        return admin_fail(admin, -EINVAL, "A link of many uses has from 1 to %d of them.",
                          ADMIN_LINK_USES_MAX);
    return 0;
}

/* A link that seats a person, or one that leads into the gallery. */
static PGresult *insert_link(struct admin *admin, const struct admin_link_wish *wish,
                             const char *hash)
{
    char participant[NUMBER_SIZE];
    char endpoint[NUMBER_SIZE];
    char uses[NUMBER_SIZE];
    char minutes[NUMBER_SIZE];
    char id[ID_UUID_SIZE];

    snprintf(participant, sizeof(participant), "%" PRIu32, wish->participant);
    snprintf(endpoint, sizeof(endpoint), "%" PRIu32, wish->endpoint);
    snprintf(uses, sizeof(uses), "%d", wish->multi || wish->gallery ? wish->uses : 1);
    snprintf(minutes, sizeof(minutes), "%d", wish->hours * 60);
    id_uuid(id);
    const char *const values[] = {
        id,          hash,     wish->hearing,
        participant, endpoint, wish->gallery ? "gallery" : wish->multi ? "multi" : "single",
        uses,        minutes};
    return admin_ask(admin,
                     "SELECT " LINK_COLUMNS
                     " FROM link_issue($1, $2, $3, $4, $5, $6, $7, $8) AS l" JOIN_PERSON,
                     values, 8);
}

int admin_link_issue(struct admin *admin, const struct admin_link_wish *wish,
                     struct admin_link *ret_link, char ret_token[static ID_TOKEN_SIZE])
{
    char hash[BYTEA_SIZE];

    int result = check_wish(admin, wish);
    if (result)
        return result;
    id_token(ret_token);
    hash_token(ret_token, hash);
    PGresult *rows = insert_link(admin, wish, hash);
    if (!rows)
        return -EINVAL;
    if (PQntuples(rows) == 1)
        read_link(rows, 0, ret_link);
    else if (wish->gallery)
        result =
            admin_fail(admin, -ENOENT, "There is no such hearing; `assize status` lists them.");
    else
        result = admin_fail(admin, -ENOENT,
                            "No such person, or not at such a device, in such a hearing; `assize "
                            "link list --hearing ID` shows who is there.");
    PQclear(rows);
    return result;
}

int admin_link_revoke(struct admin *admin, const char *id_or_token)
{
    char hash[BYTEA_SIZE];
    bool by_id = str_is_uuid(id_or_token);

    hash_token(id_or_token, hash);
    PGresult *rows =
        admin_ask(admin, "SELECT link_revoke($1, $2)",
                  (const char *[]){by_id ? id_or_token : NULL, by_id ? NULL : hash}, 2);
    if (!rows)
        return -EINVAL;
    bool found = admin_bool(rows, 0, 0);
    PQclear(rows);
    return found ? 0 : admin_fail(admin, -ENOENT, "There is no such link.");
}

int admin_links(struct admin *admin, const char *hearing,
                void (*visit)(void *context, const struct admin_link *link), void *context)
{
    if (!str_is_uuid(hearing))
        return admin_fail(admin, -EINVAL,
                          "A hearing is named by its id; `assize status` lists them.");
    PGresult *rows = admin_ask(admin,
                               "SELECT " LINK_COLUMNS " FROM join_link l" JOIN_PERSON
                               " WHERE l.hearing = $1 ORDER BY l.created_at, l.participant",
                               &hearing, 1);
    if (!rows)
        return -EINVAL;
    for (int row = 0; row < PQntuples(rows); row++) {
        struct admin_link link;
        read_link(rows, row, &link);
        visit(context, &link);
    }
    PQclear(rows);
    return 0;
}
