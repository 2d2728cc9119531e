/*
 * The key of an organisation's certificate, with which it signs its batches. Used by sender.c.
 */
#ifndef ASSIZE_SERVER_EXCHANGE_SIGNER_H
#define ASSIZE_SERVER_EXCHANGE_SIGNER_H

#include <stdbool.h>

#include "base/p256.h"

struct signer;

/* The private key of a PEM file; NULL when there is none, or not of P-256. */
struct signer *signer_load(const char *path);
void signer_free(struct signer *signer);

/* SHA-256 of the SubjectPublicKeyInfo of its public half. */
const uint8_t *signer_key_id(const struct signer *signer);

size_t signer_sign(const struct signer *signer, const void *message, size_t len,
                   uint8_t signature[static P256_SIGNATURE_MAX]);

#endif
