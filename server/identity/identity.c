#include "server/identity/identity.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "base/str.h"
#include "server/identity/cache.h"
#include "server/identity/rate.h"

struct identity {
    struct db *db;
    int session_hours;
    struct rate address_tries, address_failures, link_tries;
    struct cache cache;
};

/* A question under way in the database. */
struct question {
    struct identity *identity;
    identity_callback callback;
    void *context;
    char address[64];                /* of identity_open */
    char token[ID_TOKEN_SIZE];       /* the new one, of identity_open */
    uint8_t link_hash[SHA256_BYTES]; /* of identity_open */
    uint8_t hash[SHA256_BYTES]; /* the old token's, zeros for none; of identity_find the token's */
};

struct identity *identity_new(struct db *db, int session_hours)
{
    struct identity *identity = calloc(1, sizeof(*identity));

    if (!identity)
        abort();
    identity->db = db;
    identity->session_hours = session_hours;
    rate_init(&identity->address_tries, IDENTITY_TRIES_PER_ADDRESS);
    rate_init(&identity->address_failures, IDENTITY_FAILURES_PER_ADDRESS);
    rate_init(&identity->link_tries, IDENTITY_TRIES_PER_LINK);
    return identity;
}

void identity_free(struct identity *identity)
{
    if (!identity)
        return;
    rate_done(&identity->address_tries);
    rate_done(&identity->address_failures);
    rate_done(&identity->link_tries);
    cache_done(&identity->cache);
    free(identity);
}

/* As id_token makes them: what is anything else is not worth a question. */
static bool is_token(const char *text)
{
    return strlen(text) == ID_TOKEN_SIZE - 1 &&
           strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
               ID_TOKEN_SIZE - 1;
}

static struct question *question_new(struct identity *identity, identity_callback callback,
                                     void *context)
{
    struct question *question = calloc(1, sizeof(*question));

    if (!question)
        abort();
    question->identity = identity;
    question->callback = callback;
    question->context = context;
    return question;
}

static void answer(struct question *question, enum refusal refusal,
                   const struct identity_session *session)
{
    question->callback(question->context, refusal, session, session ? question->token : NULL);
    free(question);
}

static void count_failure(struct identity *identity, const char *address)
{
    uint8_t key[16];
    size_t len = rate_address_key(address, key);

    rate_take(&identity->address_failures, key, len, clock_monotonic_ms());
}

static bool may_try(struct identity *identity, const char *address)
{
    int64_t now_ms = clock_monotonic_ms();
    uint8_t key[16];
    size_t len = rate_address_key(address, key);

    return rate_allows(&identity->address_failures, key, len, now_ms) &&
           rate_take(&identity->address_tries, key, len, now_ms);
}

/*
 * The row of an old session of the same link was given the new token; the old one is of no use any
 * more.
 */
static void forget_renewed(struct identity *identity, const uint8_t old_hash[static SHA256_BYTES],
                           const struct identity_session *session)
{
    const struct identity_session *old = cache_find(&identity->cache, old_hash, IDENTITY_CACHE_MS);

    if (old && strcmp(old->id, session->id) == 0)
        cache_forget(&identity->cache, old_hash);
}

static void opened(void *context, int error, enum refusal refusal,
                   const struct identity_session *session)
{
    struct question *question = context;
    struct identity *identity = question->identity;

    if (error) {
        answer(question, REFUSAL_DATABASE_AWAY, NULL);
        return;
    }
    if (refusal == REFUSAL_LINK_UNKNOWN)
        count_failure(identity, question->address);
    if (refusal) {
        answer(question, refusal, NULL);
        return;
    }
    if (session->gallery) /* for many people at once */
        rate_give_back(&identity->link_tries, question->link_hash, SHA256_BYTES);
    forget_renewed(identity, question->hash, session);
    cache_put(&identity->cache, session, clock_monotonic_ms());
    log_info("identity.opened", "session=%s hearing=%s", session->id, session->hearing);
    answer(question, REFUSAL_NONE, session);
}

void identity_open(struct identity *identity, const char *link_token, const char *old_token,
                   const char *address, identity_callback callback, void *context)
{
    uint8_t link_hash[SHA256_BYTES], new_hash[SHA256_BYTES];
    bool has_old = is_token(old_token);

    if (!may_try(identity, address)) {
        callback(context, REFUSAL_RATE_LIMITED, NULL, NULL);
        return;
    }
    if (!is_token(link_token)) {
        count_failure(identity, address);
        callback(context, REFUSAL_LINK_UNKNOWN, NULL, NULL);
        return;
    }
    sha256(link_token, strlen(link_token), link_hash);
    if (!rate_take(&identity->link_tries, link_hash, SHA256_BYTES, clock_monotonic_ms())) {
        callback(context, REFUSAL_RATE_LIMITED, NULL, NULL);
        return;
    }
    struct question *question = question_new(identity, callback, context);
    str_copy(question->address, sizeof(question->address), address);
    memcpy(question->link_hash, link_hash, SHA256_BYTES);
    id_token(question->token);
    sha256(question->token, strlen(question->token), new_hash);
    if (has_old)
        sha256(old_token, strlen(old_token), question->hash);
    identity_store_open(identity->db, link_hash, new_hash, has_old ? question->hash : NULL,
                        identity->session_hours, opened, question);
}

static void found(void *context, int error, enum refusal refusal,
                  const struct identity_session *session)
{
    struct question *question = context;
    struct identity *identity = question->identity;
    struct identity_session copy;

    if (error) {
        session = cache_find(&identity->cache, question->hash, IDENTITY_CACHE_MS);
        refusal = session ? REFUSAL_NONE : REFUSAL_DATABASE_AWAY;
    } else if (refusal) {
        cache_forget(&identity->cache, question->hash);
    } else {
        cache_put(&identity->cache, session, clock_monotonic_ms());
    }
    if (!refusal)
        copy = *session; /* the callback may change what is remembered */
    question->callback(question->context, refusal, refusal ? NULL : &copy, NULL);
    free(question);
}

void identity_find(struct identity *identity, const char *token, identity_callback callback,
                   void *context)
{
    uint8_t hash[SHA256_BYTES];

    if (!is_token(token)) {
        callback(context, REFUSAL_NOT_SIGNED_IN, NULL, NULL);
        return;
    }
    sha256(token, strlen(token), hash);
    const struct identity_session *session = cache_find(&identity->cache, hash, IDENTITY_TRUST_MS);
    if (session) {
        const struct identity_session copy = *session;
        callback(context, REFUSAL_NONE, &copy, NULL);
        return;
    }
    struct question *question = question_new(identity, callback, context);
    memcpy(question->hash, hash, SHA256_BYTES);
    identity_store_find(identity->db, hash, found, question);
}

static void ended(void *context, int error, enum refusal refusal,
                  const struct identity_session *session)
{
    struct question *question = context;

    (void)refusal;
    (void)session;
    cache_forget(&question->identity->cache, question->hash); /* a find may have come between */
    answer(question, error ? REFUSAL_DATABASE_AWAY : REFUSAL_NONE, NULL);
}

void identity_sign_out(struct identity *identity, const char *token, identity_callback callback,
                       void *context)
{
    if (!is_token(token)) {
        callback(context, REFUSAL_NONE, NULL, NULL);
        return;
    }
    struct question *question = question_new(identity, callback, context);
    sha256(token, strlen(token), question->hash);
    cache_forget(&identity->cache, question->hash);
    identity_store_end(identity->db, question->hash, ended, question);
}
