/*
 * The packets of a journal as the renderer gets them: each a byte of what it is, two bytes of how
 * much later it came in (ms), a byte of length, and its bytes. Whatever they are, the file keeps
 * its form.
 */
#include <string.h>

#include "tests/unit/render_fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD_BYTES = 4, VIDEO_BIT = 1, RTCP_BIT = 2, PACKETS_MAX = 400, LAST_MS = 120000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct scene scene = {0};
    int64_t at_ns = 0;

    while (size > HEAD_BYTES && scene.count < PACKETS_MAX) {
        size_t len = data[3] < size - HEAD_BYTES ? data[3] : size - HEAD_BYTES;
        at_ns += RENDER_MS(data[1] << 8 | data[2]);
        if (at_ns > RENDER_MS(LAST_MS))
            break;
        if (len) {
            scene_junk(&scene, data[0] & VIDEO_BIT ? RENDER_VIDEO : RENDER_AUDIO, at_ns,
                       data + HEAD_BYTES, len);
            scene.list[scene.count - 1].packet.kind = data[0] & RTCP_BIT ? PCAPNG_RTCP : PCAPNG_RTP;
        }
        data += HEAD_BYTES + len;
        size -= HEAD_BYTES + len;
    }
    scene_sort(&scene);
    struct shown shown = scene_show(&scene, at_ns + RENDER_MS(20));
    shown_check(&shown, at_ns + RENDER_MS(20));
    shown_done(&shown);
    scene_done(&scene);
    return 0;
}
