/*
 * Control frames. First byte odd: the rest is a stream as it comes; even: it is one frame's body,
 * sent after an attach, so that the requests behind it are reached. The relay stays; its legs do
 * not.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/frame.h"
#include "base/log.h"
#include "media/relay/relay.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct relay *the_relay(void)
{
    static struct relay *relay;
    const struct relay_options options = {.advertise = ""};
    char error[RELAY_ERROR_SIZE];

    log_set_level(LOG_ERROR);
    if (!relay && relay_new(&options, error, &relay))
        abort();
    return relay;
}

static void send_after_attach(struct relay *relay, const uint8_t *body, size_t len)
{
    static const uint8_t attach[] = {0x52, 0}; /* Request.attach, empty */
    uint8_t *bytes = malloc(2 * FRAME_HEADER_BYTES + sizeof(attach) + len);
    uint8_t *at = bytes;

    if (!bytes)
        abort();
    frame_write_header(at, sizeof(attach));
    memcpy(at + FRAME_HEADER_BYTES, attach, sizeof(attach));
    at += FRAME_HEADER_BYTES + sizeof(attach);
    frame_write_header(at, len);
    if (len)
        memcpy(at + FRAME_HEADER_BYTES, body, len);
    at += FRAME_HEADER_BYTES + len;
    (void)relay_control(relay, bytes, (size_t)(at - bytes));
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct relay *relay = the_relay();

    if (!size)
        return 0;
    if (data[0] % 2)
        (void)relay_control(relay, data + 1, size - 1);
    else
        send_after_attach(relay, data + 1, size - 1);
    legs_cut(relay_legs(relay), "fuzz");
    return 0;
}
