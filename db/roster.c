#include "db/roster.h"

#include <errno.h>
#include <stdlib.h>

#include "base/str.h"
#include "db/db_array.h"
#include "db/db_internal.h"

enum {
    SITE_KINDS,
    SITE_NAMES,
    ENDPOINT_SITES,
    ENDPOINT_KINDS,
    PERSONS,
    NAMES,
    ROLES,
    ENDPOINTS,
    COMPANIONS,
    WORD_SIZE = 48
};

static int add_name(struct buf *names, const char *name)
{
    char *nfc = NULL;

    int result = str_nfc(name, HEARING_NAME_SIZE - 1, &nfc);
    if (!result)
        db_array_add_text(names, nfc);
    free(nfc);
    return result ? -EINVAL : 0;
}

static void add_enum(struct buf *words, const ProtobufCEnumDescriptor *type, const char *prefix,
                     int value)
{
    char word[WORD_SIZE];

    db_enum_to_word(type, prefix, value, word, sizeof(word));
    db_array_add_word(words, word);
}

static int add_sites(struct roster *roster, const struct hearing_record *plan)
{
    int result = 0;

    for (size_t i = 0; !result && i < plan->site_count; i++) {
        const struct hearing_store_site *site = &plan->sites[i];
        add_enum(&roster->arrays[SITE_KINDS], &assize__hearing__v1__site_kind__descriptor,
                 "SITE_KIND_", (int)site->kind);
        result = site->id == i + 1 ? add_name(&roster->arrays[SITE_NAMES], site->name) : -EINVAL;
    }
    return result;
}

static int add_endpoints(struct roster *roster, const struct hearing_record *plan)
{
    for (size_t i = 0; i < plan->endpoint_count; i++) {
        const struct hearing_store_endpoint *endpoint = &plan->endpoints[i];
        if (endpoint->id != i + 1)
            return -EINVAL;
        db_array_add_int(&roster->arrays[ENDPOINT_SITES], endpoint->site);
        add_enum(&roster->arrays[ENDPOINT_KINDS], &assize__hearing__v1__endpoint_kind__descriptor,
                 "ENDPOINT_KIND_", (int)endpoint->kind);
    }
    return 0;
}

static int add_people(struct roster *roster, const struct hearing_record *plan,
                      const char *const *persons)
{
    int result = 0;

    for (size_t i = 0; !result && i < plan->participant_count; i++) {
        const struct hearing_store_participant *person = &plan->participants[i];
        db_array_add_word(&roster->arrays[PERSONS], persons ? persons[i] : NULL);
        add_enum(&roster->arrays[ROLES], &assize__hearing__v1__role__descriptor, "ROLE_",
                 (int)person->role);
        db_array_add_int(&roster->arrays[ENDPOINTS], person->endpoint);
        db_array_add_int(&roster->arrays[COMPANIONS], person->companion);
        result = person->id == i + 1 ? add_name(&roster->arrays[NAMES], person->name) : -EINVAL;
    }
    return result;
}

int roster_make(struct roster *roster, const struct hearing_record *plan,
                const char *const *persons)
{
    for (int i = 0; i < ROSTER_ARRAYS; i++)
        db_array_open(&roster->arrays[i]);
    int result = add_sites(roster, plan);
    if (!result)
        result = add_endpoints(roster, plan);
    if (!result)
        result = add_people(roster, plan, persons);
    for (int i = 0; i < ROSTER_ARRAYS; i++)
        db_array_close(&roster->arrays[i]);
    return result;
}

void roster_done(struct roster *roster)
{
    for (int i = 0; i < ROSTER_ARRAYS; i++)
        buf_done(&roster->arrays[i]);
}
