#include "db/notice_store.h"

#include <inttypes.h>
#include <stdio.h>

#include "db/db_internal.h"

enum { NUMBER_SIZE = 24 };

enum column {
    COLUMN_REFUSAL,
    COLUMN_ID,
    COLUMN_PUBLIC_ID,
    COLUMN_CASE,
    COLUMN_NUMBER,
    COLUMN_SENT,
    COLUMN_RECEIVED,
    COLUMN_PAYLOAD,
    COLUMN_NOTED,
    COLUMN_NOTED_BY
};

static char *text_at(struct asking *asking, const struct db_result *rows, int row, int column)
{
    return db_null(rows, row, column) ? NULL : asking_text(asking, rows, row, column);
}

static void read_notice(struct asking *asking, const struct db_result *rows, int row,
                        Assize__Cases__V1__ReceivedNotice *told)
{
    size_t len;
    const uint8_t *data = db_bytes(rows, row, COLUMN_PAYLOAD, &len);

    told->has_id = told->has_sent_ms = told->has_received_ms = told->has_notice = true;
    told->id = (uint64_t)db_int(rows, row, COLUMN_ID);
    told->public_id = asking_text(asking, rows, row, COLUMN_PUBLIC_ID);
    told->case_key = text_at(asking, rows, row, COLUMN_CASE);
    told->number = text_at(asking, rows, row, COLUMN_NUMBER);
    told->sent_ms = db_int(rows, row, COLUMN_SENT);
    told->received_ms = db_int(rows, row, COLUMN_RECEIVED);
    /* as long as the rows, which is until the answer is told */
    told->notice = (ProtobufCBinaryData){.data = (uint8_t *)(uintptr_t)data, .len = len};
    told->has_noted_ms = !db_null(rows, row, COLUMN_NOTED);
    told->noted_ms = told->has_noted_ms ? db_int(rows, row, COLUMN_NOTED) : 0;
    told->noted_by = text_at(asking, rows, row, COLUMN_NOTED_BY);
}

static void got_notices(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;

    if (asking_goes_on(asking, error)) {
        Assize__Cases__V1__NoticesResponse *told =
            asking_message(asking, &assize__cases__v1__notices_response__descriptor);
        bool more;
        told->notices = asking_list(asking, rows, &assize__cases__v1__received_notice__descriptor,
                                    NOTICES_MAX, &told->n_notices, &more);
        for (size_t i = 0; i < told->n_notices; i++)
            read_notice(asking, rows, (int)i, told->notices[i]);
        if (more)
            told->page_token = asking_text(asking, rows, NOTICES_MAX - 1, COLUMN_ID);
        asking->answer = &told->base;
    }
    asking_finish(asking);
}

void notice_store_list(struct db *db, const struct access_caller *caller,
                       const struct notice_wish *wish, asking_callback callback, void *context)
{
    char word[ACCESS_WORD_SIZE], before[NUMBER_SIZE], most[NUMBER_SIZE];
    struct db_param params[ACCESS_PARAMS + 4];

    access_store_params(caller, word, params);
    snprintf(before, sizeof(before), "%" PRIu64, wish->before);
    snprintf(most, sizeof(most), "%d", NOTICES_MAX);
    params[6] = DB_TEXT(wish->case_key);
    params[7] = DB_TEXT(wish->open ? "t" : "f");
    params[8] = DB_TEXT(wish->before ? before : NULL);
    params[9] = DB_TEXT(most);
    db_query(db, "SELECT * FROM notice_list(" ACCESS_CALLER ", $7, $8, $9, $10)", params,
             ACCESS_PARAMS + 4, got_notices, asking_new(callback, context));
}

static void got_taken(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;

    if (asking_goes_on(asking, error) && !db_null(rows, 0, 0))
        asking->refusal = refusal_from_code(db_text(rows, 0, 0));
    if (asking_goes_on(asking, error)) {
        Assize__Cases__V1__TakeNoticeResponse *told =
            asking_message(asking, &assize__cases__v1__take_notice_response__descriptor);
        told->has_noted_ms = true;
        told->noted_ms = db_int(rows, 0, 1);
        told->noted_by = asking_text(asking, rows, 0, 2);
        asking->answer = &told->base;
    }
    asking_finish(asking);
}

void notice_store_take(struct db *db, const struct access_caller *caller, uint64_t id,
                       asking_callback callback, void *context)
{
    char word[ACCESS_WORD_SIZE], number[NUMBER_SIZE];
    struct db_param params[ACCESS_PARAMS + 1];

    access_store_params(caller, word, params);
    snprintf(number, sizeof(number), "%" PRIu64, id);
    params[6] = DB_TEXT(number);
    db_query(db, "SELECT * FROM notice_take(" ACCESS_CALLER ", $7)", params, ACCESS_PARAMS + 1,
             got_taken, asking_new(callback, context));
}
