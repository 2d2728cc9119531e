/* Between the files of desk_store.h. */
#ifndef ASSIZE_DB_DESK_INTERNAL_H
#define ASSIZE_DB_DESK_INTERNAL_H

#include "db/desk_store.h"

/* ---- pieces of answers that more than one question has; rows have the columns named here ---- */

#define DESK_SITES " kind, name FROM hearing_site"
void desk_read_sites(struct asking *asking, const struct db_result *rows,
                     Assize__Desk__V1__Site ***ret_sites, size_t *ret_count);

/* Of p, hearing_participant, with its endpoint e and its person. */
#define DESK_PEOPLE                                                                                \
    " p.person, person.full_name, p.role, e.site, e.kind = 'room', p.companion IS NOT NULL,"       \
    " seat_is_entered_by_account(p.hearing, p.id)"                                                 \
    " FROM hearing_participant p JOIN person ON person.id = p.person"                              \
    " JOIN hearing_endpoint e ON e.hearing = p.hearing AND e.id = p.endpoint"
void desk_read_people(struct asking *asking, const struct db_result *rows,
                      Assize__Desk__V1__Person ***ret_people, size_t *ret_count);

/* The seats of hearing $1, for who may see what is known of the people ($2). */
#define DESK_DETAILS                                                                               \
    "SELECT p.id, p.summons, p.under_18, i.date_of_birth, i.personal_number, i.residence,"         \
    " i.document FROM hearing_participant p LEFT JOIN person_identity i ON i.person = p.person"    \
    " WHERE p.hearing = $1 AND $2::boolean ORDER BY p.id"
void desk_read_details(struct asking *asking, const struct db_result *rows,
                       Assize__Desk__V1__Person **people, size_t count);

/* Of l, a join_link. */
#define DESK_LINK(l)                                                                               \
    l ".id, " l ".participant, EXISTS (SELECT FROM hearing_participant p WHERE p.hearing = " l     \
      ".hearing AND p.id = " l ".participant AND p.companion = " l ".endpoint), " l                \
      ".kind <> 'single', " l ".max_uses, " l ".used, (extract(epoch FROM " l                      \
      ".created_at) * 1000)::bigint, (extract(epoch FROM " l                                       \
      ".expires_at) * 1000)::bigint, (extract(epoch FROM " l ".revoked_at) * 1000)::bigint"
void desk_read_link(struct asking *asking, const struct db_result *rows, int row, int at,
                    Assize__Desk__V1__Link *link);

#endif
