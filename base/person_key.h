/*
 * The secret of an installation by which people are found by number without the number being there
 * to read: a search value (HMAC-SHA-256) and the sealed number (AES-256-GCM). The file is made at
 * set-up, for its owner only; without it nobody is found by number any more. Used by
 * server/exchange, server/access and the command line.
 */
#ifndef ASSIZE_BASE_PERSON_KEY_H
#define ASSIZE_BASE_PERSON_KEY_H

#include <stdbool.h>
#include <stdint.h>

enum {
    PERSON_NUMBER_SIZE = 13, /* 12 digits */
    PERSON_SEARCH_BYTES = 32,
    PERSON_SEALED_BYTES = 12 + 12 + 16, /* nonce, number, tag */
    PERSON_IDENT_BYTES = PERSON_SEARCH_BYTES + PERSON_SEALED_BYTES,
};

struct person_key {
    uint8_t search[32];
    uint8_t seal[32];
};

/* Makes the file (0600) if there is none. 0 or -errno. */
int person_key_make(const char *path) __attribute__((warn_unused_result));
/* 0, or -errno; -EBADMSG: it is no such file. */
int person_key_load(const char *path, struct person_key *ret_key)
    __attribute__((warn_unused_result));

/* 12 digits, in ASCII. */
bool person_number_is_good(const char *number);
/* What the number is searched for by. */
void person_key_search(const struct person_key *key, const char *number,
                       uint8_t out[static PERSON_SEARCH_BYTES]);
/* The same, and after it the sealed number: never the same bytes twice. */
void person_key_ident(const struct person_key *key, const char *number,
                      uint8_t out[static PERSON_IDENT_BYTES]);
/* The number; false when it was sealed with another key, or altered. */
bool person_key_open(const struct person_key *key, const uint8_t sealed[static PERSON_SEALED_BYTES],
                     char number[static PERSON_NUMBER_SIZE]);

#endif
