/* Seeded random numbers. Header only: each property is one file. */
#ifndef ASSIZE_TESTS_PROPERTY_RANDOM_H
#define ASSIZE_TESTS_PROPERTY_RANDOM_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/str.h"

/* Set to the seed, never 0. */
static uint64_t random_state;

/* xorshift64* (Vigna 2016). */
static inline uint64_t next_random(void)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return random_state * 2685821657736338717u;
}

static inline uint32_t below(uint32_t bound)
{
    return (uint32_t)(next_random() >> 33) % bound;
}

static inline bool one_in(uint32_t number)
{
    return below(number) == 0;
}

static inline uint64_t number_from(const char *variable, uint64_t otherwise)
{
    const char *text = getenv(variable);
    uint64_t value;

    return text && !str_to_u64(text, UINT64_MAX, &value) ? value : otherwise;
}

#endif
