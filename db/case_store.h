/*
 * What is known of cases, for who has a right to it. As in access_store.h: what is read is in the
 * log when it is here. Used by server/access.
 */
#ifndef ASSIZE_DB_CASE_STORE_H
#define ASSIZE_DB_CASE_STORE_H

#include "assize/cases/v1/case_service.pb-c.h"
#include "base/person_key.h"
#include "db/access_store.h"

/* clang-format off */
#define CASE_STORE_LIMITS(L) \
    L(CASE_RECORDS_MAX, 500, "records", "of a case told at once; the answer names the next page") \
    L(CASE_RECORDS_BYTES, 2 << 20, "bytes", "of records told at once, unless one is larger") \
    L(CASE_PREFILL_RECORDS, 20, "records", "of somebody as a party, the newest, looked at to fill in a new one") \
    L(CASE_ASKED_MAX, 255, "bytes", "of a party's name, or of a number's beginning, that is asked for") \
    L(CASE_FOUND_MAX, 100, "cases", "found at once; the answer names the next page") \
    L(CASE_VERSIONS_MAX, 100000, "versions", "of what is said of one case that can be asked for")
/* clang-format on */
LIMITS(CASE_STORE_LIMITS);

/* Which records; what is not given is NULL or false. */
struct case_wish {
    const char *source, *case_key; /* or */
    const char *public_id;
    const char *entity;
    bool has_valid_at, has_known_at;
    int64_t valid_at_ms, known_at_ms;
    uint64_t skip;
};

/* A GetResponse; or CASE_UNKNOWN, CASE_NOT_ONE, ORGANISATION_UNKNOWN, ACCESS_NO_RIGHT. The token of
 * the next page is made of what skip, valid_at and known_at are to be. */
void case_store_get(struct db *db, const struct access_caller *caller, const struct case_wish *wish,
                    asking_callback callback, void *context);
/* A HistoryResponse, which has the fields of a GetResponse. */
void case_store_history(struct db *db, const struct access_caller *caller,
                        const struct case_wish *wish, asking_callback callback, void *context);

/* What cases; after: the last one of the page before, or NULLs. */
struct case_search {
    const uint8_t *person; /* PERSON_SEARCH_BYTES, or NULL */
    const char *public_id;
    const char *number; /* year:number-type, as in a public identifier */
    const char *court;
    Assize__Exchange__V1__CaseStatus status; /* 0: any */
    const char *after_id, *after_source, *after_case;
    uint32_t most;
    const char *number_begins, *party_name; /* case_store_list only */
};

/* A SearchResponse. The token of the next page is the three of after, with blanks between. */
void case_store_search(struct db *db, const struct access_caller *caller,
                       const struct case_search *search, asking_callback callback, void *context);

/* A SearchResponse of the cases of the caller's court, newest first: staff only. By person,
 * or else party_name, and number_begins and status; the token of the next page is after_case. */
void case_store_list(struct db *db, const struct access_caller *caller,
                     const struct case_search *search, asking_callback callback, void *context);

/* A record of somebody as a party, a packed CaseRecord. */
struct case_said {
    const char *source;
    int64_t recorded_ms;
    const uint8_t *payload;
    size_t len;
};

/* What is known of the person with this PERSON_SEARCH_BYTES, newest first, valid during the
 * callback; refusals as with case_store_get. asker: who at an organisation asks, or NULL. */
typedef void (*case_said_callback)(void *context, int error, enum refusal refusal,
                                   const struct case_said *said, size_t count);
void case_store_prefill(struct db *db, const struct access_caller *caller, const uint8_t *person,
                        const char *asker, case_said_callback callback, void *context);

/* A party that is added to a case of the caller's court; its entity is the change. */
struct case_party {
    const char *case_key, *change_id; /* UUIDs */
    const uint8_t *payload;           /* a packed CaseRecord */
    size_t len;
    const char *name;
    const uint8_t *person; /* PERSON_IDENT_BYTES, or NULL */
    bool beside;           /* also when this person is a party already */
};

/* An AddPartyResponse; or CASE_UNKNOWN, COMMAND_ID_REUSED, PARTY_ALREADY. Staff only. */
void case_store_add_party(struct db *db, const struct access_caller *caller,
                          const struct case_party *party, asking_callback callback, void *context);

/* Of a row, from this column on: redacted_by, at_ms and legal_basis; NULL when there is none. */
Assize__Cases__V1__Redaction *
case_store_redaction(struct asking *asking, const struct db_result *rows, int row, int column);

#endif
