/* Between the files of ceremony.h. */
#ifndef ASSIZE_SERVER_CEREMONY_CEREMONY_INTERNAL_H
#define ASSIZE_SERVER_CEREMONY_CEREMONY_INTERNAL_H

#include "db/ceremony_store.h"
#include "server/ceremony/ceremony.h"
#include "server/ceremony/facts.h"

struct ask;

struct ceremony {
    struct db *db;
    struct identity *identity;
    struct staff *staff;
    struct court *court;
    struct ask *asks; /* not answered yet */
    uint64_t asked;   /* ever, to name them */
};

/* Who of those at the device may vouch for a person, and as what. */
struct voucher {
    const struct ceremony_attester *who;
    Assize__Hearing__V1__Attester as;
    enum refusal refusal; /* or why not */
};

/* What is being signed. */
struct signing {
    struct ceremony_person *person;
    struct ceremony_record record; /* as it will be: with the new attestation as its last */
    struct voucher vouchers[CEREMONY_ATTESTERS_MAX];
    const struct voucher *voucher; /* whose account it was */
    uint8_t digest[SHA256_BYTES];
};

/* A call that is not answered yet. */
struct ask {
    struct ask *prev, *next;
    struct ceremony *ceremony;
    uint64_t number;
    struct net_call *call;
    const struct ceremony_method *method;
    struct identity_session session;
    struct arena arena; /* of the request and what is made of it */
    const ProtobufCMessage *request;
    struct ceremony_case *loaded;
    struct signing *signing; /* of Attest */
};

struct ceremony_method {
    const char *name;
    const ProtobufCMessageDescriptor *request;
    /* With what is known of the hearing, and its state. */
    void (*answer)(struct ask *ask, const struct hearing *state);
};

/* The ask is dead after each of these. */
void ceremony_refuse(struct ask *ask, enum refusal refusal, int wait_s);
void ceremony_reply(struct ask *ask, const ProtobufCMessage *answer);

void *ceremony_alloc(struct ask *ask, size_t size);

/* UNSPECIFIED for who vouches for nobody. */
Assize__Hearing__V1__Attester ceremony_vouches_as(const struct hearing_participant *who);
/* REFUSAL_NONE, IDENTITY_OTHER_SITE, or ROLE_NOT_ALLOWED. */
enum refusal ceremony_may_vouch(const struct hearing *state, const struct hearing_participant *who,
                                const struct hearing_participant *whom);
/* NULL for a record that cannot be read. */
Assize__Identity__V1__RecordView *ceremony_view_record(struct ask *ask, const struct hearing *state,
                                                       const struct ceremony_record *record);

/* ---- attest.c ---- */

void ceremony_answer_attest(struct ask *ask, const struct hearing *state);

#endif
