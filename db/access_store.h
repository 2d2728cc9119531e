/*
 * Who may ask for case records, and who has (db/migrations/0020_access.sql). What is read is read
 * by functions of the schema that write the access down in the same transaction: an error of
 * whatever kind means that nothing may be told. Used by server/access.
 */
#ifndef ASSIZE_DB_ACCESS_STORE_H
#define ASSIZE_DB_ACCESS_STORE_H

#include "assize/access/v1/access.pb-c.h"
#include "base/limits.h"
#include "base/sha256.h"
#include "db/asking.h"

/* clang-format off */
#define ACCESS_LIMITS(L) \
    L(ACCESS_BASIS_MAX, 500, "bytes", "the legal basis of an access") \
    L(ACCESS_TYPES_MAX, 16, "types", "of records named in one grant or withdrawal") \
    L(ACCESS_DAYS_MAX, 3660, "days", "that a right may last") \
    L(ACCESS_RIGHTS_MAX, 1000, "rights", "told at once; the answer says when there are more") \
    L(ACCESS_WHO_MAX, 200, "accesses", "told at once to whom they were to") \
    L(ACCESS_TOKEN_MAX, 200, "bytes", "what names the next page of an answer") \
    L(ACCESS_READERS, 4, "connections", "to a centre's database for those who ask: their lines of the log become durable together") \
    L(ACCESS_COURT_READERS, 1, "connections", "to a court's database for clerks and judges who search and read, beside that of its hearings")
/* clang-format on */
LIMITS(ACCESS_LIMITS);

enum { ACCESS_ORGANISATION_MAX = 35 };

/* Who asks, and why: an organisation by its certificate, or somebody of the staff of its court. */
struct access_caller {
    const char *organisation;
    const uint8_t *spki; /* of the certificate, SHA-256; not read with an account */
    const char *account; /* or NULL */
    Assize__Access__V1__Purpose purpose;
    const char *legal_basis; /* NFC */
    const char *road; /* what an X-Road security server said of the call: client, id, user and
                         issue, a line each; or NULL */
};

/* The first ACCESS_PARAMS of a query, in the order of ACCESS_CALLER; the word is theirs to use. */
#define ACCESS_CALLER                                                                              \
    "ROW($1::text, organisation_spki($1, $2::bytea), $3::uuid, $4::text, $5::text,"                \
    " road_of($6))::access_caller"
enum { ACCESS_PARAMS = 6, ACCESS_WORD_SIZE = 32 };
void access_store_params(const struct access_caller *caller, char word[static ACCESS_WORD_SIZE],
                         struct db_param params[static ACCESS_PARAMS]);

/* ---- rights; who changes them has been looked at ---- */

/* Answers without a message: CLIENT_UNKNOWN. The right ends what was granted of the same before. */
void access_store_grant(struct db *db, const Assize__Access__V1__GrantRequest *request,
                        const char *giver, asking_callback callback, void *context);
/* The same; RIGHT_UNKNOWN. */
void access_store_revoke(struct db *db, const Assize__Access__V1__RevokeRequest *request,
                         const char *taker, asking_callback callback, void *context);
/* A ListRightsResponse. client: NULL for all. */
void access_store_rights(struct db *db, const char *client, asking_callback callback,
                         void *context);
/* Is this the key of the organisation? Without an answer; ORGANISATION_UNKNOWN,
 * CERTIFICATE_REVOKED. */
void access_store_known(struct db *db, const char *organisation,
                        const uint8_t spki[static SHA256_BYTES], asking_callback callback,
                        void *context);

/* ---- the log ---- */

/* To whom or what; what is not given is NULL. */
struct access_subject {
    const uint8_t *person; /* PERSON_SEARCH_BYTES; or */
    const char *source, *case_key;
};

/* A WhoReadMeResponse: the accesses to it before that of a number, 0 for all. */
void access_store_who(struct db *db, const struct access_caller *caller,
                      const struct access_subject *subject, uint64_t before,
                      asking_callback callback, void *context);

#endif
