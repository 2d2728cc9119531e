/* Identifiers and random bytes, from the kernel's generator. */
#ifndef ASSIZE_BASE_ID_H
#define ASSIZE_BASE_ID_H

#include <stddef.h>
#include <stdint.h>

enum { ID_UUID_SIZE = 37, ID_TOKEN_SIZE = 44 };

void id_random(void *out, size_t len);
/* A UUIDv7 (RFC 9562) in its 36 character form: sorts by time of making. */
void id_uuid(char out[static ID_UUID_SIZE]);
/* 256 random bits in base64url: join links and sessions. */
void id_token(char out[static ID_TOKEN_SIZE]);
/* A random number from 1 to 2^53 - 1, exact in JavaScript too. */
uint64_t id_number(void);

#endif
