#include "server/access/access_check.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/person_key.h"
#include "base/str.h"
#include "server/cases/case_check.h"

static bool is_word(const char *text, size_t most)
{
    size_t len = text ? strlen(text) : 0;

    return len && len <= most &&
           strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._:-") ==
               len;
}

bool access_check_organisation(const char *code)
{
    return is_word(code, ACCESS_ORGANISATION_MAX);
}

static bool time_is_good(bool there, int64_t ms)
{
    return !there || clock_ms_is_of_calendar(ms);
}

static bool value_is_known(const ProtobufCEnumDescriptor *type, bool there, int value)
{
    return there && value && protobuf_c_enum_descriptor_get_value(type, value);
}

/* ---- why ---- */

/* More than blanks, and nothing that ends a line. */
static bool says_something(const char *text)
{
    return str_is_line(text) && text[strspn(text, " ")];
}

const char *access_check_reason(const Assize__Access__V1__Reason *reason, char **ret_legal_basis)
{
    *ret_legal_basis = NULL;
    if (!reason)
        return "reason";
    if (!value_is_known(&assize__access__v1__purpose__descriptor, reason->has_purpose,
                        (int)reason->purpose))
        return "reason.purpose";
    if (!reason->legal_basis || !says_something(reason->legal_basis) ||
        str_nfc(reason->legal_basis, ACCESS_BASIS_MAX, ret_legal_basis))
        return "reason.legal_basis";
    return NULL;
}

/* ---- which case ---- */

/* What is between blanks, and the rest; NULL when there is nothing. */
static char *next_part(char **rest)
{
    char *part = strsep(rest, " ");

    return part && *part ? part : NULL;
}

static bool read_moment(const char *text, bool *has, int64_t *ret_ms)
{
    uint64_t ms;

    *has = text && strcmp(text, "-") != 0;
    if (!*has)
        return text;
    bool before = *text == '-';
    if (str_to_u64(text + before, INT64_MAX, &ms))
        return false;
    *ret_ms = before ? -(int64_t)ms : (int64_t)ms;
    return time_is_good(true, *ret_ms);
}

/* "SKIP VALID KNOWN", of an answer before: the pages of one answer are of one pair of times. */
static bool read_token(const char *token, struct access_memory *memory, struct case_wish *wish)
{
    char *rest = memory->token;

    if (!token)
        return true;
    if (!str_copy(memory->token, sizeof(memory->token), token))
        return false;
    const char *skip = next_part(&rest), *valid = next_part(&rest), *known = next_part(&rest);
    return skip && known && !rest && str_to_u64(skip, CASE_VERSIONS_MAX, &wish->skip) == 0 &&
           read_moment(valid, &wish->has_valid_at, &wish->valid_at_ms) &&
           read_moment(known, &wish->has_known_at, &wish->known_at_ms) && wish->has_known_at;
}

static const char *check_case(const char *source, const char *case_key)
{
    if (!access_check_organisation(source))
        return "source";
    return is_word(case_key, ACCESS_KEY_MAX) ? NULL : "case_key";
}

const char *access_check_get(const Assize__Cases__V1__GetRequest *request,
                             struct access_memory *memory, struct case_wish *ret_wish)
{
    const char *wrong = NULL;

    *ret_wish = (struct case_wish){
        .source = request->source,
        .case_key = request->case_key,
        .public_id = request->public_id,
        .has_valid_at = request->has_valid_at_ms,
        .valid_at_ms = request->valid_at_ms,
        .has_known_at = request->has_known_at_ms,
        .known_at_ms = request->known_at_ms,
    };
    if (!request->public_id)
        wrong = check_case(request->source, request->case_key);
    else if (request->source || request->case_key || !case_public_id_is_good(request->public_id))
        wrong = "public_id";
    if (!wrong && !time_is_good(request->has_valid_at_ms, request->valid_at_ms))
        wrong = "valid_at_ms";
    if (!wrong && !time_is_good(request->has_known_at_ms, request->known_at_ms))
        wrong = "known_at_ms";
    if (!wrong && !read_token(request->page_token, memory, ret_wish))
        wrong = "page_token";
    return wrong;
}

const char *access_check_history(const Assize__Cases__V1__HistoryRequest *request,
                                 struct access_memory *memory, struct case_wish *ret_wish)
{
    const char *wrong = check_case(request->source, request->case_key);

    *ret_wish = (struct case_wish){
        .source = request->source,
        .case_key = request->case_key,
        .entity = request->entity,
        .has_valid_at = request->has_valid_at_ms,
        .valid_at_ms = request->valid_at_ms,
        .has_known_at = request->has_known_at_ms,
        .known_at_ms = request->known_at_ms,
    };
    if (!wrong && request->entity && !str_is_uuid(request->entity))
        wrong = "entity";
    if (!wrong && !time_is_good(request->has_valid_at_ms, request->valid_at_ms))
        wrong = "valid_at_ms";
    if (!wrong && !time_is_good(request->has_known_at_ms, request->known_at_ms))
        wrong = "known_at_ms";
    if (!wrong && !read_token(request->page_token, memory, ret_wish))
        wrong = "page_token";
    return wrong;
}

/* ---- searching ---- */

/* The last case of the page before. */
static bool read_after(const char *token, struct access_memory *memory, struct case_search *search)
{
    char *rest = memory->token;

    if (!token)
        return true;
    if (!str_copy(memory->token, sizeof(memory->token), token))
        return false;
    search->after_id = next_part(&rest);
    search->after_source = next_part(&rest);
    search->after_case = next_part(&rest);
    return !rest && search->after_id && case_public_id_is_good(search->after_id) &&
           access_check_organisation(search->after_source) &&
           is_word(search->after_case, ACCESS_KEY_MAX);
}

/*
 * 05/2026/HS-ST, whichever the court: "2026:5-HS-ST". With the court of it, it is the identifier of
 * one case.
 */
static bool read_number(const char *text, struct access_memory *memory, struct case_search *search)
{
    const char any[] = "TANDTC";
    struct case_number number;

    if (!text)
        return true;
    if (!case_number_parse(text, &number))
        return false;
    if (search->court && !search->public_id) {
        case_public_id(search->court, &number, memory->number);
        search->public_id = memory->number;
        return true;
    }
    case_public_id(any, &number, memory->number);
    search->number = memory->number + strlen("VN:") + strlen(any) + 1;
    return true;
}

const char *access_check_search(const Assize__Cases__V1__SearchRequest *request,
                                struct access_memory *memory, struct case_search *ret_search)
{
    struct case_court court;

    *ret_search = (struct case_search){
        .public_id = request->public_id,
        .court = request->court,
        .status = request->status,
        .most = request->limit ? request->limit : CASE_FOUND_MAX,
    };
    if (request->public_id && !case_public_id_is_good(request->public_id))
        return "public_id";
    if (request->personal_number && !person_number_is_good(request->personal_number))
        return "personal_number";
    if (request->court && !case_court_parse(request->court, &court))
        return "court";
    if (!read_number(request->number, memory, ret_search))
        return "number";
    if (request->has_status &&
        !value_is_known(&assize__exchange__v1__case_status__descriptor, true, (int)request->status))
        return "status";
    if (request->limit > CASE_FOUND_MAX)
        return "limit";
    if (!request->number && !request->public_id && !request->personal_number && !request->court)
        return "number"; /* what is asked for is one of these */
    return read_after(request->page_token, memory, ret_search) ? NULL : "page_token";
}

static bool words_are_good(const char *text)
{
    return !text || (says_something(text) && strlen(text) <= CASE_ASKED_MAX);
}

const char *access_check_list(const Assize__Cases__V1__SearchRequest *request,
                              struct case_search *ret_search)
{
    *ret_search = (struct case_search){
        .number_begins = request->number_begins,
        .party_name = request->party_name,
        .status = request->status,
        .after_case = request->page_token,
        .most = request->limit ? request->limit : CASE_FOUND_MAX,
    };
    if (!words_are_good(request->number_begins))
        return "number_begins";
    if (!words_are_good(request->party_name))
        return "party_name";
    if (request->personal_number && !person_number_is_good(request->personal_number))
        return "personal_number";
    if (request->has_status &&
        !value_is_known(&assize__exchange__v1__case_status__descriptor, true, (int)request->status))
        return "status";
    if (request->limit > CASE_FOUND_MAX)
        return "limit";
    return !request->page_token || str_is_uuid(request->page_token) ? NULL : "page_token";
}

const char *access_check_changes(const Assize__Cases__V1__ChangesRequest *request)
{
    bool good = request->n_case_keys <= CHANGE_CASES_MAX;

    for (size_t i = 0; good && i < request->n_case_keys; i++)
        good = str_is_uuid(request->case_keys[i]);
    return good ? NULL : "case_keys";
}

const char *access_check_prefill(const Assize__Cases__V1__PrefillRequest *request)
{
    if (!request->personal_number || !person_number_is_good(request->personal_number))
        return "personal_number";
    return !request->asker || is_word(request->asker, ACCESS_KEY_MAX) ? NULL : "asker";
}

const char *access_check_notices(const Assize__Cases__V1__NoticesRequest *request,
                                 uint64_t *ret_before)
{
    *ret_before = 0;
    if (request->case_key && !str_is_uuid(request->case_key))
        return "case_key";
    if (request->page_token &&
        (str_to_u64(request->page_token, INT64_MAX, ret_before) || !*ret_before))
        return "page_token";
    return NULL;
}

const char *access_check_take_notice(const Assize__Cases__V1__TakeNoticeRequest *request)
{
    return request->id > 0 && request->id <= INT64_MAX ? NULL : "id";
}

const char *access_check_add_party(const Assize__Cases__V1__AddPartyRequest *request)
{
    if (!request->case_key || !str_is_uuid(request->case_key))
        return "case_key";
    if (!request->change_id || !str_is_uuid(request->change_id))
        return "change_id";
    return request->party ? NULL : "party";
}

const char *access_check_who(const Assize__Access__V1__WhoReadMeRequest *request,
                             uint64_t *ret_before)
{
    const char *wrong = NULL;

    if (!request->personal_number)
        wrong = check_case(request->source, request->case_key);
    else if (request->source || request->case_key ||
             !person_number_is_good(request->personal_number))
        wrong = "personal_number";
    *ret_before = 0;
    if (!wrong && request->page_token &&
        (str_to_u64(request->page_token, INT64_MAX, ret_before) || !*ret_before))
        wrong = "page_token";
    return wrong;
}

/* ---- rights ---- */

static bool type_is_known(Assize__Access__V1__Service service, const char *type)
{
    if (service == ASSIZE__ACCESS__V1__SERVICE__SERVICE_CASE)
        return case_check_knows(type);
    return strcmp(type, service == ASSIZE__ACCESS__V1__SERVICE__SERVICE_EXCHANGE ? "notice"
                                                                                 : "access") == 0;
}

static const char *check_right(const char *client, bool has_service,
                               Assize__Access__V1__Service service, char *const *types,
                               size_t count)
{
    if (!access_check_organisation(client))
        return "client";
    if (!value_is_known(&assize__access__v1__service__descriptor, has_service, (int)service))
        return "service";
    for (size_t i = 0; i < count; i++) {
        if (!type_is_known(service, types[i]))
            return "record_types";
    }
    return count > ACCESS_TYPES_MAX ? "record_types" : NULL;
}

const char *access_check_grant(const Assize__Access__V1__GrantRequest *request, int64_t now_ms)
{
    const int64_t most_ms = (int64_t)ACCESS_DAYS_MAX * 24 * 3600 * CLOCK_MS_PER_S;
    const char *wrong = check_right(request->client, request->has_service, request->service,
                                    request->record_types, request->n_record_types);

    if (wrong)
        return wrong;
    if (!request->n_record_types)
        return "record_types";
    if (!value_is_known(&assize__access__v1__purpose__descriptor, request->has_purpose,
                        (int)request->purpose))
        return "purpose";
    return request->until_ms > now_ms && request->until_ms <= now_ms + most_ms ? NULL : "until_ms";
}

const char *access_check_revoke(const Assize__Access__V1__RevokeRequest *request)
{
    const char *wrong = check_right(request->client, request->has_service, request->service,
                                    request->record_types, request->n_record_types);

    if (!wrong && !value_is_known(&assize__access__v1__purpose__descriptor, request->has_purpose,
                                  (int)request->purpose))
        wrong = "purpose";
    return wrong;
}
