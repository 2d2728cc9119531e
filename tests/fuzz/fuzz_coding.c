/* Packed bodies of peers: bounded whatever they say, and what we pack opens again. */
#include <stdlib.h>
#include <string.h>

#include "server/net/coding.h"

enum { OPEN_MAX = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct buf opened, packed, again;

    buf_init(&opened, OPEN_MAX);
    buf_init(&packed, 2 * OPEN_MAX);
    buf_init(&again, OPEN_MAX);
    if (!coding_open(data, len, &opened)) {
        if (coding_pack(opened.data, opened.len, &packed) ||
            coding_open(packed.data, packed.len, &again) || again.len != opened.len ||
            (again.len && memcmp(again.data, opened.data, again.len) != 0))
            abort();
    }
    if (opened.len > OPEN_MAX)
        abort();
    buf_done(&opened);
    buf_done(&packed);
    buf_done(&again);
    return 0;
}
