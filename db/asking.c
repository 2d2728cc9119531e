#include "db/asking.h"

#include <stdlib.h>
#include <string.h>

#include "db/db_internal.h"

enum { ANSWER_BYTES_MAX = 4 << 20 };

struct asking *asking_new(asking_callback callback, void *context)
{
    struct asking *asking = calloc(1, sizeof(*asking));

    if (!asking)
        abort();
    asking->callback = callback;
    asking->context = context;
    arena_init(&asking->arena, ANSWER_BYTES_MAX);
    return asking;
}

bool asking_goes_on(struct asking *asking, int error)
{
    if (error && !asking->error)
        asking->error = error;
    return !asking->error && !asking->refusal;
}

bool asking_found(struct asking *asking, int error, const struct db_result *rows,
                  enum refusal unknown)
{
    if (!asking_goes_on(asking, error))
        return false;
    if (!db_rows(rows))
        asking->refusal = unknown;
    return db_rows(rows) > 0;
}

void asking_finish(struct asking *asking)
{
    bool good = asking_goes_on(asking, 0);

    asking->callback(asking->context, asking->error, asking->refusal, good ? asking->answer : NULL);
    arena_done(&asking->arena);
    free(asking);
}

void asking_take_refusal(void *context, int error, const struct db_result *rows)
{
    struct asking *asking = context;

    if (asking_goes_on(asking, error) && !db_null(rows, 0, 0))
        asking->refusal = refusal_from_code(db_text(rows, 0, 0));
    asking_finish(asking);
}

void *asking_alloc(struct asking *asking, size_t size)
{
    void *memory = arena_alloc(&asking->arena, size);

    if (!memory)
        abort();
    return memory;
}

char *asking_text(struct asking *asking, const struct db_result *rows, int row, int column)
{
    return db_text_copy(&asking->arena, rows, row, column);
}

void *asking_message(struct asking *asking, const ProtobufCMessageDescriptor *type)
{
    ProtobufCMessage *message = asking_alloc(asking, type->sizeof_message);

    protobuf_c_message_init(type, message);
    return message;
}

void *asking_messages(struct asking *asking, const ProtobufCMessageDescriptor *type, int count)
{
    void **table = asking_alloc(asking, (size_t)count * sizeof(*table) + 1);

    for (int i = 0; i < count; i++)
        table[i] = asking_message(asking, type);
    return table;
}

void *asking_list(struct asking *asking, const struct db_result *rows,
                  const ProtobufCMessageDescriptor *type, int most, size_t *ret_count,
                  bool *ret_more)
{
    int count = db_rows(rows) < most ? db_rows(rows) : most;

    *ret_count = (size_t)count;
    *ret_more = db_rows(rows) > count;
    return asking_messages(asking, type, count);
}
