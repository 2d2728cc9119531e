/*
 * Numbers of cases and decisions ("34/2026/HS-ST"), codes of courts ("TAND.01.KV2") and the
 * identifier a case is cited by everywhere ("VN:TAND.01.KV2:2026:34-HS-ST"). Pure. Used by
 * case_check.c.
 */
#ifndef ASSIZE_SERVER_CASES_CASE_NUMBER_H
#define ASSIZE_SERVER_CASES_CASE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/limits.h"

/* clang-format off */
#define CASE_NUMBER_LIMITS(L) \
    L(CASE_NUMBER_MOST, 999999, "cases", "the number within a year of a case or a decision") \
    L(CASE_NUMBER_TYPE_MAX, 24, "bytes", "the letters at the end of such a number") \
    L(CASE_REGION_MOST, 99, "courts", "the number of a regional court within its province")
/* clang-format on */
LIMITS(CASE_NUMBER_LIMITS);

enum { CASE_PUBLIC_ID_SIZE = 80, CASE_COURT_SIZE = 36 };

struct case_number {
    uint32_t number; /* leading zeros are dropped: 05/2026 is 5/2026 */
    uint32_t year;
    char type[CASE_NUMBER_TYPE_MAX + 1]; /* as written: "QĐST-HNGĐ" */
};

/* Number, year, and groups of capitals (A to Z and Đ) with dashes between them. */
bool case_number_parse(const char *text, struct case_number *ret_number);

enum case_court_level {
    CASE_COURT_SUPREME = 1, /* TANDTC */
    CASE_COURT_PROVINCIAL,  /* TAND.01: the province's code */
    CASE_COURT_REGIONAL     /* TAND.01.KV2 */
};

struct case_court {
    enum case_court_level level;
    unsigned province; /* code; 0: of the whole country */
    unsigned region;   /* 0: not regional */
};

/* The courts of the law in force since 1 July 2025: one, 34 provincial, the regional ones. */
bool case_court_parse(const char *code, struct case_court *ret_court);
/* The code of the court above; "" for the highest. */
void case_court_above(const struct case_court *court, char code[static CASE_COURT_SIZE]);

/* The letters of the type are plain ASCII in it: "QĐST" is "QDST". */
void case_public_id(const char *court, const struct case_number *number,
                    char id[static CASE_PUBLIC_ID_SIZE]);
/* VN:court:year:number-type */
bool case_public_id_is_good(const char *id);

#endif
