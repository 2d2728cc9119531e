/*
 * A batch as bytes: written and signed by who sends it, read within bounds by who receives it. What
 * a batch means for the cases is for the database. Pure but for the key. Used by both sides and the
 * fuzzer.
 */
#ifndef ASSIZE_SERVER_EXCHANGE_BATCH_H
#define ASSIZE_SERVER_EXCHANGE_BATCH_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "db/exchange_store.h"
#include "server/exchange/signer.h"

/* An organisation code: dot-separated groups of digits and capitals, 35 characters at most. */
bool batch_source_is_good(const char *source);

/* ---- sending ---- */

/* Appends the batch, of which number, records, prev_root and target are given; root and hash are
 * for the receipt to be compared with. 0 or -ENOBUFS. */
int batch_write(struct exchange_batch *batch, const char *source, const struct signer *signer,
                struct buf *out) __attribute__((warn_unused_result));

/* ---- receiving ---- */

enum { BATCH_PATH_SIZE = 32 };

struct batch_received {
    const char *source;
    struct exchange_batch batch;
    char wrong[BATCH_PATH_SIZE]; /* of one that is malformed: the first field that is, "records[3]"
                                  */
};

/* The cap for the arena of a batch of len bytes. */
size_t batch_arena_max(size_t len);

/*
 * Reads it into the arena: every field there and plausible, the root that of its records. False:
 * malformed, and only what is wrong is set. now_ms: by the wall clock. The signature is for
 * signer_verify; what is wrong with one record only stands in its facts.
 */
bool batch_read(struct arena *arena, const uint8_t *data, size_t len, int64_t now_ms,
                struct batch_received *ret_received);

/* The hash of a record by its fields, which are all there (exchange_hash of the schema). */
void batch_record_hash(const Assize__Exchange__V1__Record *record,
                       uint8_t out[static SHA256_BYTES]);

/* By the key with this SubjectPublicKeyInfo, DER. */
bool batch_is_signed(const struct batch_received *received, const uint8_t *key, size_t key_len);
/* The same, and says so itself: spki is the hash of key. */
bool batch_is_signed_by(const struct batch_received *received,
                        const uint8_t spki[static SHA256_BYTES], const uint8_t *key,
                        size_t key_len);

#endif
