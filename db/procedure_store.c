#include "db/procedure_store.h"

#include <stdio.h>
#include <stdlib.h>

#include "db/db_array.h"

enum { NUMBER_SIZE = 16 };

struct asking {
    procedure_store_callback callback;
    void *context;
};

static void registered(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;
    int count = error ? 0 : db_rows(rows);
    struct procedure_store_text *texts = calloc((size_t)count + 1, sizeof(*texts));

    if (!texts)
        abort();
    for (int i = 0; i < count; i++)
        texts[i] = (struct procedure_store_text){db_text(rows, i, 0), (uint32_t)db_int(rows, i, 1),
                                                 db_text(rows, i, 2)};
    asking->callback(asking->context, error, texts, (size_t)count);
    free(texts);
    free(asking);
}

void procedure_store_register(struct db *db, const struct procedure_store_text *offered,
                              size_t count, procedure_store_callback callback, void *context)
{
    struct asking *asking = calloc(1, sizeof(*asking));
    struct buf names, versions, texts;

    if (!asking)
        abort();
    *asking = (struct asking){callback, context};
    db_array_open(&names);
    db_array_open(&versions);
    db_array_open(&texts);
    for (size_t i = 0; i < count; i++) {
        db_array_add_word(&names, offered[i].name);
        db_array_add_int(&versions, offered[i].version);
        db_array_add_text(&texts, offered[i].text);
    }
    db_array_close(&names);
    db_array_close(&versions);
    db_array_close(&texts);
    const struct db_param params[] = {DB_TEXT(names.data), DB_TEXT(versions.data),
                                      DB_TEXT(texts.data)};
    db_query(db, "SELECT name, version, text FROM procedure_register($1, $2, $3)", params, 3,
             registered, asking);
    buf_done(&names);
    buf_done(&versions);
    buf_done(&texts);
}

void procedure_store_find(struct db *db, const char *name, uint32_t version, db_callback callback,
                          void *context)
{
    char number[NUMBER_SIZE];

    snprintf(number, sizeof(number), "%u", version);
    const struct db_param params[] = {DB_TEXT(name), DB_TEXT(number)};
    db_query(db,
             "SELECT text FROM procedure_text WHERE name = $1 AND $2 IN (0, version)"
             " ORDER BY version DESC LIMIT 1",
             params, 2, callback, context);
}
