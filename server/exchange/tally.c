#include "server/exchange/tally.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/table.h"

struct tally_reason {
    char word[EXCHANGE_KEY_MAX + 1];
    uint64_t records;
    UT_hash_handle hh;
};

/* The words are the program's own: nothing in them is to be quoted. */
static void count_reason(struct tally *tally, const char *word)
{
    struct tally_reason *reason;

    HASH_FIND_STR(tally->reasons, word, reason);
    if (!reason &&
        (HASH_COUNT(tally->reasons) >= TALLY_REASONS_MAX || strlen(word) > EXCHANGE_KEY_MAX)) {
        word = "other";
        HASH_FIND_STR(tally->reasons, word, reason);
    }
    if (!reason) {
        reason = calloc(1, sizeof(*reason));
        if (!reason)
            abort();
        str_copy(reason->word, sizeof(reason->word), word);
        HASH_ADD_STR(tally->reasons, word, reason);
    }
    reason->records++;
}

void tally_batch(struct tally *tally, size_t records, size_t bytes,
                 const Assize__Exchange__V1__Receipt *receipt, bool again)
{
    if (again) {
        tally->again++;
        return;
    }
    tally->batches++;
    tally->records += records;
    tally->bytes += bytes;
    for (size_t i = 0; i < receipt->n_rejections; i++)
        count_reason(tally, receipt->rejections[i]->reason);
}

static void told(void *context, int error, const struct exchange_totals *totals)
{
    struct tally *tally = context;

    tally->asking = false;
    if (error)
        return;
    tally->known = true;
    tally->totals = *totals;
}

void tally_look(struct tally *tally, struct db *db)
{
    if (tally->asking || !db_is_up(db))
        return;
    tally->asking = true;
    exchange_store_totals(db, told, tally);
}

/* Nothing rather than what is not known yet. */
static int totals_metrics(const struct tally *tally, struct buf *text)
{
    const struct exchange_totals *totals = &tally->totals;

    if (!tally->known)
        return 0;
    return buf_printf(text,
                      "# TYPE assize_exchange_in_effect gauge\n"
                      "assize_exchange_in_effect %" PRId64 "\n"
                      "# TYPE assize_exchange_held gauge\n"
                      "assize_exchange_held %" PRId64 "\n"
                      "# TYPE assize_exchange_to_be_corrected gauge\n"
                      "assize_exchange_to_be_corrected %" PRId64 "\n",
                      totals->in_effect, totals->held, totals->rejected);
}

int tally_metrics(struct tally *tally, struct db *db, struct buf *text)
{
    int result = buf_printf(text,
                            "# TYPE assize_exchange_received_batches_total counter\n"
                            "assize_exchange_received_batches_total %" PRIu64 "\n"
                            "# TYPE assize_exchange_received_again_total counter\n"
                            "assize_exchange_received_again_total %" PRIu64 "\n"
                            "# TYPE assize_exchange_received_records_total counter\n"
                            "assize_exchange_received_records_total %" PRIu64 "\n"
                            "# TYPE assize_exchange_received_bytes_total counter\n"
                            "assize_exchange_received_bytes_total %" PRIu64 "\n"
                            "# TYPE assize_exchange_rejected_total counter\n",
                            tally->batches, tally->again, tally->records, tally->bytes);

    for (struct tally_reason *one = tally->reasons; one && !result; one = one->hh.next)
        result = buf_printf(text, "assize_exchange_rejected_total{reason=\"%s\"} %" PRIu64 "\n",
                            one->word, one->records);
    tally_look(tally, db);
    return result ? result : totals_metrics(tally, text);
}

void tally_free_reasons(struct tally *tally)
{
    struct tally_reason *reason, *next;

    HASH_ITER(hh, tally->reasons, reason, next)
    {
        HASH_DEL(tally->reasons, reason);
        free(reason);
    }
}
