/* What somebody may ask of the case records: whatever passes the checks is what the tables have
 * words for, and what does not is told by a path of ours. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "proto/codec.h"
#include "server/access/access_check.h"

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void require_path(const char *wrong)
{
    require(*wrong && strlen(wrong) < 100 && !strpbrk(wrong, "\"\\ {},"));
}

/* What the request says of times and pages is within what the database has room for. */
static void look_at_wish(const char *wrong, const struct case_wish *wish)
{
    const int64_t most_ms = 253402300800000;

    if (wrong) {
        require_path(wrong);
        return;
    }
    require(wish->public_id ? case_public_id_is_good(wish->public_id)
                            : access_check_organisation(wish->source) && *wish->case_key);
    require(wish->skip <= CASE_VERSIONS_MAX);
    require(wish->valid_at_ms > -most_ms && wish->valid_at_ms < most_ms);
    require(wish->known_at_ms > -most_ms && wish->known_at_ms < most_ms);
}

static void look_at_search(const char *wrong, const struct case_search *search, bool by_person)
{
    if (wrong) {
        require_path(wrong);
        return;
    }
    require(search->number || search->public_id || search->court || by_person);
    require(search->most > 0 && search->most <= CASE_FOUND_MAX);
    require(!search->after_id ||
            (case_public_id_is_good(search->after_id) && *search->after_source));
}

/* The same as staff ask it. */
static void look_at_list(const char *wrong, const struct case_search *search)
{
    if (wrong) {
        require_path(wrong);
        return;
    }
    require(search->most > 0 && search->most <= CASE_FOUND_MAX);
    require(!search->after_case || str_is_uuid(search->after_case));
    require(!search->party_name || strlen(search->party_name) <= CASE_ASKED_MAX);
    require(!search->number_begins || strlen(search->number_begins) <= CASE_ASKED_MAX);
}

static void look_at_changes(const char *wrong, const Assize__Cases__V1__ChangesRequest *request)
{
    if (wrong) {
        require_path(wrong);
        return;
    }
    require(request->n_case_keys <= CHANGE_CASES_MAX);
    for (size_t i = 0; i < request->n_case_keys; i++)
        require(str_is_uuid(request->case_keys[i]));
}

static void look_at_reason(const Assize__Access__V1__Reason *reason)
{
    char *basis;
    const char *wrong = access_check_reason(reason, &basis);

    require(!wrong == (basis != NULL));
    if (wrong)
        require_path(wrong);
    else
        require(strlen(basis) <= ACCESS_BASIS_MAX);
    free(basis);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const ProtobufCMessageDescriptor *const types[] = {
        &assize__cases__v1__get_request__descriptor,
        &assize__cases__v1__history_request__descriptor,
        &assize__cases__v1__search_request__descriptor,
        &assize__access__v1__who_read_me_request__descriptor,
        &assize__cases__v1__changes_request__descriptor,
        &assize__cases__v1__prefill_request__descriptor,
        &assize__cases__v1__add_party_request__descriptor,
        &assize__cases__v1__notices_request__descriptor};
    struct access_memory memory;
    struct case_search search;
    struct case_wish wish;
    struct arena arena;
    uint64_t before;

    if (!len)
        return 0;
    size_t which = data[0] % 8;
    arena_init(&arena, codec_arena_max(len));
    void *request = codec_unpack(types[which], &arena, data + 1, len - 1);
    if (request && which == 0) {
        look_at_wish(access_check_get(request, &memory, &wish), &wish);
        look_at_reason(((Assize__Cases__V1__GetRequest *)request)->reason);
    } else if (request && which == 1) {
        look_at_wish(access_check_history(request, &memory, &wish), &wish);
    } else if (request && which == 2) {
        const char *wrong = access_check_search(request, &memory, &search);
        look_at_search(wrong, &search,
                       ((Assize__Cases__V1__SearchRequest *)request)->personal_number);
        look_at_list(access_check_list(request, &search), &search);
    } else if (request && which == 4) {
        look_at_changes(access_check_changes(request), request);
    } else if (request && which == 7) {
        const char *wrong = access_check_notices(request, &before);
        if (wrong)
            require_path(wrong);
    } else if (request && which > 4) {
        const char *wrong =
            which == 5 ? access_check_prefill(request) : access_check_add_party(request);
        if (wrong)
            require_path(wrong);
    } else if (request) {
        const char *wrong = access_check_who(request, &before);
        if (wrong)
            require_path(wrong);
    }
    arena_done(&arena);
    return 0;
}
