/*
 * The identity ceremony in the tables: what the cases know of the people of a hearing, the newest
 * record of each, who may sign at a device, and keeping what was signed
 * (db/migrations/0010_identity.sql). Used by server/ceremony.
 */
#ifndef ASSIZE_DB_CEREMONY_STORE_H
#define ASSIZE_DB_CEREMONY_STORE_H

#include "assize/identity/v1/identity.pb-c.h"
#include "base/arena.h"
#include "base/errors.h"
#include "base/id.h"
#include "base/password/signing_key.h"
#include "base/sha256.h"
#include "db/db.h"

enum { CEREMONY_ATTESTATIONS_MAX = 4, CEREMONY_ATTESTERS_MAX = 32 };

struct ceremony_attestation {
    char id[ID_UUID_SIZE];
    uint8_t digest[SHA256_BYTES]; /* of the request */
    ProtobufCBinaryData attestation;
    ProtobufCBinaryData public_key;
    ProtobufCBinaryData signature;
    const char *name; /* of the account's person, as it is now */
};

struct ceremony_record {
    char id[ID_UUID_SIZE];
    ProtobufCBinaryData facts;
    struct ceremony_attestation attestations[CEREMONY_ATTESTATIONS_MAX];
    uint32_t count;
};

/* Somebody of the hearing: texts are "" where the case says nothing. */
struct ceremony_person {
    uint32_t participant;
    char person[ID_UUID_SIZE];
    Assize__Identity__V1__CaseDetails details;
    char newest[ID_UUID_SIZE];      /* record of the seat, whoever sat there, or "" */
    struct ceremony_record *record; /* the same, when it is of this person; else NULL */
};

/* An account whose person sits at the device and has a role that vouches for people. */
struct ceremony_attester {
    uint32_t participant;
    char account[ID_UUID_SIZE];
    const char *login;
};

struct ceremony_case {
    struct arena arena;
    struct ceremony_person *people; /* by seat, from 1 without gaps */
    uint32_t people_count;
    struct ceremony_attester attesters[CEREMONY_ATTESTERS_MAX];
    uint32_t attester_count;
};

/* NULL with an error. Otherwise the receiver's, to be freed. */
typedef void (*ceremony_load_callback)(void *context, int error, struct ceremony_case *loaded);
void ceremony_store_load(struct db *db, const char *hearing, uint32_t endpoint,
                         ceremony_load_callback callback, void *context);
void ceremony_case_free(struct ceremony_case *loaded);
/* NULL when there is no such seat. */
struct ceremony_person *ceremony_person(const struct ceremony_case *loaded, uint32_t participant);

struct ceremony_signed {
    const char *record;
    const char *hearing;
    uint32_t participant; /* whose identity it is */
    const char *person;
    const char *newest; /* as it was loaded */
    ProtobufCBinaryData facts;
    uint32_t number; /* of the attestation in the record, from 1 */
    const char *id;
    const uint8_t *digest;
    ProtobufCBinaryData attestation;
    const struct signing_key *key;
    const struct signature *signature;
};
/* refusal: IDENTITY_MOVED when the seat, or its newest record, is not any more what was signed. */
typedef void (*ceremony_keep_callback)(void *context, int error, enum refusal refusal);
void ceremony_store_keep(struct db *db, const struct ceremony_signed *made,
                         ceremony_keep_callback callback, void *context);

#endif
