#include "db/db_internal.h"
#include "db/desk_internal.h"

void desk_read_sites(struct asking *asking, const struct db_result *rows,
                     Assize__Desk__V1__Site ***ret_sites, size_t *ret_count)
{
    int count = db_rows(rows);
    Assize__Desk__V1__Site **sites =
        asking_messages(asking, &assize__desk__v1__site__descriptor, count);

    for (int i = 0; i < count; i++) {
        sites[i]->has_kind = true;
        sites[i]->kind = (Assize__Hearing__V1__SiteKind)db_enum_from_word(
            &assize__hearing__v1__site_kind__descriptor, "SITE_KIND_", db_text(rows, i, 0));
        sites[i]->name = asking_text(asking, rows, i, 1);
    }
    *ret_sites = sites;
    *ret_count = (size_t)count;
}

void desk_read_people(struct asking *asking, const struct db_result *rows,
                      Assize__Desk__V1__Person ***ret_people, size_t *ret_count)
{
    int count = db_rows(rows);
    Assize__Desk__V1__Person **people =
        asking_messages(asking, &assize__desk__v1__person__descriptor, count);

    for (int i = 0; i < count; i++) {
        Assize__Desk__V1__Person *person = people[i];
        person->has_role = person->has_site = person->has_room = person->has_companion = true;
        person->person = asking_text(asking, rows, i, 0);
        person->name = asking_text(asking, rows, i, 1);
        person->role = (Assize__Hearing__V1__Role)db_enum_from_word(
            &assize__hearing__v1__role__descriptor, "ROLE_", db_text(rows, i, 2));
        person->site = (uint32_t)db_int(rows, i, 3);
        person->room = *db_text(rows, i, 4) == 't';
        person->companion = *db_text(rows, i, 5) == 't';
        person->has_by_account = true;
        person->by_account = *db_text(rows, i, 6) == 't';
    }
    *ret_people = people;
    *ret_count = (size_t)count;
}

void desk_read_details(struct asking *asking, const struct db_result *rows,
                       Assize__Desk__V1__Person **people, size_t count)
{
    for (int i = 0; i < db_rows(rows) && (size_t)i < count; i++) {
        Assize__Desk__V1__Details *details = asking_alloc(asking, sizeof(*details));
        assize__desk__v1__details__init(details);
        details->summons = asking_text(asking, rows, i, 1);
        details->has_under_18 = true;
        details->under_18 = *db_text(rows, i, 2) == 't';
        details->date_of_birth = asking_text(asking, rows, i, 3);
        details->personal_number = asking_text(asking, rows, i, 4);
        details->residence = asking_text(asking, rows, i, 5);
        details->document = asking_text(asking, rows, i, 6);
        people[i]->details = details;
    }
}

void desk_read_link(struct asking *asking, const struct db_result *rows, int row, int at,
                    Assize__Desk__V1__Link *link)
{
    link->id = asking_text(asking, rows, row, at);
    link->has_participant = link->has_companion = link->has_multi = link->has_max_uses = true;
    link->has_used = link->has_created_ms = link->has_expires_ms = true;
    link->participant = (uint32_t)db_int(rows, row, at + 1);
    link->companion = *db_text(rows, row, at + 2) == 't';
    link->multi = *db_text(rows, row, at + 3) == 't';
    link->max_uses = (uint32_t)db_int(rows, row, at + 4);
    link->used = (uint32_t)db_int(rows, row, at + 5);
    link->created_ms = db_int(rows, row, at + 6);
    link->expires_ms = db_int(rows, row, at + 7);
    link->has_revoked_ms = !db_null(rows, row, at + 8);
    link->revoked_ms = db_int(rows, row, at + 8);
}
