/*
 * Whether a request is whole, and what it says in the words of the tables. Pure. Each gives NULL,
 * or the path of the first field that is wrong. Used by the methods, and by the fuzzer.
 */
#ifndef ASSIZE_SERVER_ACCESS_ACCESS_CHECK_H
#define ASSIZE_SERVER_ACCESS_ACCESS_CHECK_H

#include "db/case_store.h"
#include "db/change_store.h"
#include "server/cases/case_number.h"

enum { ACCESS_KEY_MAX = 64, ACCESS_NUMBER_SIZE = CASE_PUBLIC_ID_SIZE };

/* legal_basis: its NFC form, for free(); NULL with a path. */
const char *access_check_reason(const Assize__Access__V1__Reason *reason, char **ret_legal_basis);

/* The words in a wish or a search are the request's own, or the memory's. */
struct access_memory {
    char token[ACCESS_TOKEN_MAX + 1];
    char number[ACCESS_NUMBER_SIZE];
};

const char *access_check_get(const Assize__Cases__V1__GetRequest *request,
                             struct access_memory *memory, struct case_wish *ret_wish);
const char *access_check_history(const Assize__Cases__V1__HistoryRequest *request,
                                 struct access_memory *memory, struct case_wish *ret_wish);
const char *access_check_search(const Assize__Cases__V1__SearchRequest *request,
                                struct access_memory *memory, struct case_search *ret_search);
/* The same for staff, who ask for the cases of their own court (case_store_list). */
const char *access_check_list(const Assize__Cases__V1__SearchRequest *request,
                              struct case_search *ret_search);
/* Which cases' changes. */
const char *access_check_changes(const Assize__Cases__V1__ChangesRequest *request);
const char *access_check_prefill(const Assize__Cases__V1__PrefillRequest *request);
/* before: the number of the notice the page begins after; 0: the first page. */
const char *access_check_notices(const Assize__Cases__V1__NoticesRequest *request,
                                 uint64_t *ret_before);
const char *access_check_take_notice(const Assize__Cases__V1__TakeNoticeRequest *request);
/* Its party is looked at when it is packed (case_check). */
const char *access_check_add_party(const Assize__Cases__V1__AddPartyRequest *request);
/* before: the number of the access the page begins after; 0: the first page. */
const char *access_check_who(const Assize__Access__V1__WhoReadMeRequest *request,
                             uint64_t *ret_before);

const char *access_check_grant(const Assize__Access__V1__GrantRequest *request, int64_t now_ms);
const char *access_check_revoke(const Assize__Access__V1__RevokeRequest *request);
bool access_check_organisation(const char *code);

#endif
