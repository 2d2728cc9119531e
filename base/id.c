#include "base/id.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/str.h"

void id_random(void *out, size_t len)
{
    uint8_t *p = out;

    while (len) {
        ssize_t got = getrandom(p, len, 0);
        if (got < 0)
            continue; /* EINTR; the pool is ready long before we run */
        p += got;
        len -= (size_t)got;
    }
}

void id_uuid(char out[static ID_UUID_SIZE])
{
    uint8_t raw[16];
    char hex[33];
    uint64_t ms = (uint64_t)clock_wall_ms();

    id_random(raw, sizeof(raw));
    for (int i = 0; i < 6; i++)
        raw[i] = (uint8_t)(ms >> (40 - 8 * i));
    raw[6] = (uint8_t)(0x70 | (raw[6] & 0x0f));
    raw[8] = (uint8_t)(0x80 | (raw[8] & 0x3f));
    str_hex(raw, sizeof(raw), hex);
    const char *from = hex;
    for (int i = 0; i < 36; i++)
        out[i] = i == 8 || i == 13 || i == 18 || i == 23 ? '-' : *from++;
    out[36] = '\0';
}

void id_token(char out[static ID_TOKEN_SIZE])
{
    uint8_t raw[32];

    id_random(raw, sizeof(raw));
    str_base64url(raw, sizeof(raw), out);
}

uint64_t id_number(void)
{
    uint64_t value = 0;

    while (!value) {
        id_random(&value, sizeof(value));
        value &= (UINT64_C(1) << 53) - 1;
    }
    return value;
}
