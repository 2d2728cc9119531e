/* A sidecar, line by line: whatever the parsers take is what the writer would write. */
#include <stdlib.h>
#include <string.h>

#include "media/journal/chain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    char again[CHAIN_STEP_MAX];
    struct chain_head head;
    struct chain_step step;
    size_t len;
    struct fit fit = chain_parse_head(text, size, &head, &len);

    while (fit.verdict == FIT_GOOD) {
        require(len <= size);
        text += len;
        size -= len;
        fit = chain_parse_step(text, size, &step, &len);
        if (fit.verdict == FIT_GOOD)
            require(chain_write_step(&step, again) == len && !memcmp(again, text, len));
    }
    require(fit.verdict == FIT_END ? !size : fit.why && fit.offset <= size);
    return 0;
}
