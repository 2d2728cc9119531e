/*
 * What is left of a case record when its contents are redacted: which thing it described, and of a
 * case file the identifier and the status, which name nobody. Pure. Used by the command line at a
 * court and by server/exchange.
 */
#ifndef ASSIZE_SERVER_CASES_CASE_REST_H
#define ASSIZE_SERVER_CASES_CASE_REST_H

#include "base/buf.h"
#include "server/cases/case_check.h"

/* Appends it, packed. False: the payload is no record of this type. */
bool case_rest(const char *type, const uint8_t *payload, size_t len, struct buf *out);

/* Whether a payload is such a rest and nothing more; then with what it still says. */
bool case_rest_check(const char *type, const uint8_t *payload, size_t len,
                     struct case_facts *ret_facts);

#endif
