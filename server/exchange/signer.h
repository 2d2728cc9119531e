/*
 * The key of an organisation's certificate, with which it signs its batches: ECDSA with P-256 over
 * SHA-256 (FIPS 186-5). Used by sender.c and receiver.c.
 */
#ifndef ASSIZE_SERVER_EXCHANGE_SIGNER_H
#define ASSIZE_SERVER_EXCHANGE_SIGNER_H

#include <stdbool.h>

#include "base/sha256.h"

enum { SIGNER_SIGNATURE_MAX = 80 }; /* DER; 72 bytes at most */

struct signer;

/* The private key of a PEM file; NULL when there is none, or not of P-256. */
struct signer *signer_load(const char *path);
void signer_free(struct signer *signer);

/* SHA-256 of the SubjectPublicKeyInfo of its public half. */
const uint8_t *signer_key_id(const struct signer *signer);

size_t signer_sign(const struct signer *signer, const void *message, size_t len,
                   uint8_t signature[static SIGNER_SIGNATURE_MAX]);

/* key: a SubjectPublicKeyInfo, DER. Key and signature may be anything a peer sent. */
bool signer_verify(const uint8_t *key, size_t key_len, const void *message, size_t len,
                   const uint8_t *signature, size_t signature_len);

#endif
