/* Case records for the command line: one written at a court, what is known of a case at either
 * side. Blocking; errors and sentences as in db/admin.h. */
#ifndef ASSIZE_DB_CASE_ADMIN_H
#define ASSIZE_DB_CASE_ADMIN_H

#include "assize/exchange/v1/exchange.pb-c.h"
#include "base/id.h"
#include "db/admin.h"
#include "db/exchange_store.h"

/* A record that was checked (server/cases/case_check.h). */
struct case_admin_record {
    const char *source;      /* our organisation */
    const char *case_number; /* or the case's key */
    const char *type;
    Assize__Exchange__V1__Op op;
    uint64_t corrects; /* 0: none */
    bool has_valid_from, has_valid_to;
    int64_t valid_from_ms, valid_to_ms; /* of the calendar, one before the other */
    const char *legal_basis;            /* a line of EXCHANGE_BASIS_MAX at most, or NULL */
    Assize__Exchange__V1__Sensitivity sensitivity;
    const char *entity;
    const char *public_id; /* or "" */
    const char *status;    /* or NULL */
    const uint8_t *payload;
    size_t len;
    const uint8_t *person;  /* PERSON_IDENT_BYTES of whom it names, or NULL */
    const char *party_name; /* by which a party is found, or "" */
};

/* Writes it with its row of the outbox. 0 with its number, -ENOENT: there is no such case, or more
 * than one with this number; -EINVAL. */
int case_admin_write(struct admin *admin, const struct case_admin_record *record, uint64_t *ret_seq)
    __attribute__((warn_unused_result));

/* A change of a case, as it was written; payload for free(). 0, -ENOENT: there is no such change,
 * or nothing in it that can be redacted; -EINVAL. */
struct case_admin_change {
    char case_key[ID_UUID_SIZE];
    char type[EXCHANGE_KEY_MAX + 1];
    uint8_t *payload;
    size_t len;
};
int case_admin_change(struct admin *admin, const char *case_number, uint64_t seq,
                      struct case_admin_change *ret_change) __attribute__((warn_unused_result));

/* Redacts a change of a case of ours: rest is what is left of it (server/cases/case_rest.h). 0 with
 * the number of the redaction, -EINVAL. */
struct case_admin_redaction {
    const char *source; /* our organisation */
    const char *case_key;
    uint64_t seq;
    const uint8_t *rest;
    size_t len;
    const char *purpose; /* a word of access_purpose */
    const char *legal_basis;
};
int case_admin_redact(struct admin *admin, const struct case_admin_redaction *redaction,
                      uint64_t *ret_seq) __attribute__((warn_unused_result));

/* A case of the court, both only if they are not there yet, for demonstrations; NFC. *ret_empty: it
 * has no file. */
int case_admin_make(struct admin *admin, const char *court, const char *number, const char *title,
                    bool *ret_empty) __attribute__((warn_unused_result));

struct case_admin_row {
    const char *kind;
    const char *entity;
    uint64_t seq;
    const char *valid; /* ranges, as PostgreSQL writes them */
    const char *known;
};

/* What held at a time, as it was known at a time; NULL: now. visit returns false to stop. */
int case_admin_show(struct admin *admin, const char *source, const char *key, const char *valid_at,
                    const char *known_at,
                    bool (*visit)(void *context, const struct case_admin_row *row), void *context)
    __attribute__((warn_unused_result));

#endif
