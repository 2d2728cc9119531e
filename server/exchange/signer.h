/*
 * The key of an organisation's certificate, with which it signs its batches. Used by sender.c and
 * pulls.c.
 */
#ifndef ASSIZE_SERVER_EXCHANGE_SIGNER_H
#define ASSIZE_SERVER_EXCHANGE_SIGNER_H

#include <stdbool.h>

#include "base/p256.h"
#include "server/net/credentials.h"

struct signer;

/* NULL unless the private key is of P-256; it is shared. */
struct signer *signer_new(EVP_PKEY *key);
/*
 * Makes *signer (NULL: none yet) that of the credentials as they are now. False when there is none;
 * one that was there before stays while theirs cannot be signed with.
 */
bool signer_follow(struct signer **signer, struct credentials *credentials);
void signer_free(struct signer *signer);

/* SHA-256 of the SubjectPublicKeyInfo of its public half. */
const uint8_t *signer_key_id(const struct signer *signer);

size_t signer_sign(const struct signer *signer, const void *message, size_t len,
                   uint8_t signature[static P256_SIGNATURE_MAX]);

#endif
