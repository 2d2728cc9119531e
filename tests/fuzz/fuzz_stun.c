/* STUN messages, and the answers made to them. */
#include <stdlib.h>
#include <string.h>

#include "media/rtp/stun.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char password[] = "VOkJxbRl1RmTxUk/WvJxBt";

/* An answer is itself well-formed, signed, and to this request. */
static void check_answer(const uint8_t *answer, size_t len, const struct stun_message *request)
{
    struct stun_message message;

    if (len > STUN_WRITE_MAX || stun_parse(answer, len, &message) || !message.has_fingerprint ||
        !stun_verify(answer, &message, password) ||
        memcmp(message.transaction, request->transaction, STUN_TRANSACTION_BYTES) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t answer[STUN_WRITE_MAX];
    struct stun_message message;

    if (stun_parse(data, size, &message))
        return 0;
    if (message.username && message.username + message.username_len > (const char *)data + size)
        abort();
    (void)stun_verify(data, &message, password);
    if (message.mapped.any.sa_family != AF_UNSPEC)
        check_answer(answer, stun_write_success(answer, &message, &message.mapped, password),
                     &message);
    check_answer(answer, stun_write_error(answer, &message, STUN_UNKNOWN_ATTRIBUTE, password),
                 &message);
    return 0;
}
