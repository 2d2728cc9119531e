/*
 * Whether a case record is whole and plausible, and what the tables want to know of it. Pure. Used
 * by server/exchange for what arrives, by whoever writes records at a court, and by the fuzzer.
 */
#ifndef ASSIZE_SERVER_CASES_CASE_CHECK_H
#define ASSIZE_SERVER_CASES_CASE_CHECK_H

#include "assize/cases/v1/cases.pb-c.h"
#include "base/arena.h"
#include "base/person_key.h"
#include "server/cases/case_number.h"

/* clang-format off */
#define CASE_CHECK_LIMITS(L) \
    L(CASE_TEXT_MAX, 4096, "bytes", "one text of a case record") \
    L(CASE_NAME_MAX, 255, "bytes", "one name or title in a case record")
/* clang-format on */
LIMITS(CASE_CHECK_LIMITS);

/* For now_ms: what has not happened yet may be told of all the same. */
#define CASE_WHENEVER INT64_MAX

enum { CASE_REASON_SIZE = 64, CASE_ENTITY_SIZE = 37 };

/* What a record says about its case. */
struct case_facts {
    char entity[CASE_ENTITY_SIZE];
    const char *status;                       /* the table's word, or NULL */
    char public_id[CASE_PUBLIC_ID_SIZE];      /* of a case file, or "" */
    char personal_number[PERSON_NUMBER_SIZE]; /* of a party, or "" */
    char party_name[CASE_NAME_MAX + 1];       /* of a party, a person or an organisation, or "" */
};

/* The table's word for a status ("accepted"), static; NULL for one this build does not know. */
const char *case_status_word(int status);

/* Whether there are case records of this type. */
bool case_check_knows(const char *type);

/*
 * Reads a payload of schema version 1 whose record_type is type. now_ms: Unix time, after which
 * nothing has happened yet, as that a decision was made; what is planned may be later. True with
 * the facts; or false with why not, a reason of base/errors.h: "unreadable", "type" when the
 * payload is of another kind, or the first field that is wrong ("party.person.personal_number"), of
 * one that is ahead of now_ms behind a word of its own ("future:decision.issued_on"): letters,
 * dots, underscores and a colon of the program's own.
 */
bool case_check(const char *type, const uint8_t *payload, size_t len, int64_t now_ms,
                struct case_facts *ret_facts, char reason[static CASE_REASON_SIZE]);

/* Of such a reason: a field is ahead of now_ms, and nothing else was wrong before it. */
bool case_reason_is_ahead(const char *reason);

#endif
