/*
 * The bytes of an identity record (assize/identity/v1/identity.proto): what an attestation's
 * signature is over, and what the hearing's event holds of it. Used by server/ceremony and by
 * `assize verify`.
 */
#ifndef ASSIZE_DB_IDENTITY_RECORD_H
#define ASSIZE_DB_IDENTITY_RECORD_H

#include "base/buf.h"
#include "base/sha256.h"
#include "db/ceremony_store.h"

/* Appended to message: all but the public key, which signing_key_sign adds. 0 or -ENOBUFS. */
int identity_record_message(const ProtobufCBinaryData *facts,
                            const ProtobufCBinaryData *attestation, struct buf *message)
    __attribute__((warn_unused_result));

/* SHA-256 of the packed record with so many attestations, from the first. */
void identity_record_hash(const struct ceremony_record *record, uint32_t count,
                          uint8_t out[static SHA256_BYTES]);

#endif
