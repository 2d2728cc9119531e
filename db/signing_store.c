#include "db/signing_store.h"

#include <stdlib.h>
#include <string.h>

/* Who asked, and for what. */
struct request {
    signing_key_callback key;
    signing_prove_callback prove;
    void *context;
};

static struct request *request_new(struct request filled)
{
    struct request *request = malloc(sizeof(*request));

    if (!request)
        abort();
    *request = filled;
    return request;
}

/* False when it does not fit, as no key of ours does not. */
static bool read_bytes(const struct db_result *rows, int column, uint8_t *out, size_t max,
                       size_t *ret_len)
{
    size_t len;
    const uint8_t *bytes = db_bytes(rows, 0, column, &len);

    if (len > max)
        return false;
    memcpy(out, bytes, len);
    *ret_len = len;
    return true;
}

static void got_key(void *context, int error, const struct db_result *rows)
{
    const struct request request = *(struct request *)context;
    struct signing_key key = {0};
    size_t salt_len = 0;

    free(context);
    if (!error && db_rows(rows) == 1 &&
        !(read_bytes(rows, 0, key.public_key, sizeof(key.public_key), &key.public_len) &&
          read_bytes(rows, 1, key.salt, sizeof(key.salt), &salt_len) &&
          read_bytes(rows, 2, key.sealed, sizeof(key.sealed), &key.sealed_len)))
        key.public_len = 0;
    request.key(request.context, error, &key);
}

void signing_store_key(struct db *db, const char *account, signing_key_callback callback,
                       void *context)
{
    const struct db_param param = DB_TEXT(*account ? account : NULL);

    db_query(db,
             "SELECT public_key, salt, sealed FROM signing_key"
             " WHERE account = $1 AND superseded_at IS NULL ORDER BY created_at DESC LIMIT 1",
             &param, 1, got_key,
             request_new((struct request){.key = callback, .context = context}));
}

static void proved(void *context, int error, const struct db_result *rows)
{
    const struct request request = *(struct request *)context;
    enum refusal refusal = REFUSAL_NONE;

    free(context);
    if (!error && !db_null(rows, 0, 0))
        refusal = refusal_from_code(db_text(rows, 0, 0));
    request.prove(request.context, error, refusal);
}

void signing_store_prove(struct db *db, const struct signing_proof *proof,
                         signing_prove_callback callback, void *context)
{
    const struct signing_key *key = proof->fresh;
    const struct db_param params[] = {
        DB_TEXT(proof->account),
        DB_TEXT(proof->hash),
        DB_TEXT(proof->address),
        DB_BYTES(key ? key->public_key : NULL, key ? key->public_len : 0),
        DB_BYTES(key ? key->salt : NULL, key ? sizeof(key->salt) : 0),
        DB_BYTES(key ? key->sealed : NULL, key ? key->sealed_len : 0),
    };

    db_query(db, "SELECT account_prove($1, $2, $3, $4, $5, $6)", params, 6, proved,
             request_new((struct request){.prove = callback, .context = context}));
}
