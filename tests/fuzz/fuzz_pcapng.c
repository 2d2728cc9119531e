/* A file of the record, block by block: whatever the parsers take is what the writer would write.
 */
#include <stdlib.h>
#include <string.h>

#include "media/journal/pcapng.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void check_fault(const struct fit *fit, size_t size)
{
    if (fit->verdict == FIT_END)
        require(!size);
    else
        require(fit->verdict != FIT_GOOD && fit->why && fit->offset <= size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t again[PCAPNG_HEAD_MAX];
    struct pcapng_head head;
    struct pcapng_packet packet;
    size_t len;
    struct fit fit = pcapng_parse_head(data, size, &head, &len);

    while (fit.verdict == FIT_GOOD) {
        require(len <= size);
        data += len;
        size -= len;
        fit = pcapng_parse_packet(data, size, head.track_count, &packet, &len);
        if (fit.verdict == FIT_GOOD) {
            require(packet.len <= JOURNAL_PACKET_MAX && packet.track < head.track_count);
            require(pcapng_write_packet(&packet, again) == len && !memcmp(again, data, len));
        }
    }
    check_fault(&fit, size);
    return 0;
}
