#include "base/str.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <uninorm.h>
#include <unistr.h>

bool str_utf8_valid(const char *text, size_t len)
{
    return !memchr(text, '\0', len) && !u8_check((const uint8_t *)text, len);
}

int str_nfc(const char *text, size_t max, char **ret_nfc)
{
    size_t len = strlen(text);
    size_t nfc_len = 0;

    if (!str_utf8_valid(text, len))
        return -EILSEQ;
    uint8_t *nfc = u8_normalize(UNINORM_NFC, (const uint8_t *)text, len, NULL, &nfc_len);
    if (!nfc)
        abort();
    if (nfc_len > max) {
        free(nfc);
        return -ENOBUFS;
    }
    char *result = realloc(nfc, nfc_len + 1);
    if (!result)
        abort();
    result[nfc_len] = '\0';
    *ret_nfc = result;
    return 0;
}

int str_to_u64(const char *text, uint64_t max, uint64_t *ret_value)
{
    uint64_t value = 0;

    if (!*text || (text[0] == '0' && text[1]))
        return -EINVAL;
    for (const char *p = text; *p; p++) {
        if (*p < '0' || *p > '9')
            return -EINVAL;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(*p - '0'), &value))
            return -ERANGE;
    }
    if (value > max)
        return -ERANGE;
    *ret_value = value;
    return 0;
}

void str_hex(const uint8_t *data, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[data[i] >> 4];
        out[2 * i + 1] = digits[data[i] & 15];
    }
    out[2 * len] = '\0';
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

int str_from_hex(const char *hex, uint8_t *out, size_t out_len)
{
    if (strlen(hex) != 2 * out_len)
        return -EINVAL;
    for (size_t i = 0; i < out_len; i++) {
        int high = hex_digit(hex[2 * i]);
        int low = hex_digit(hex[2 * i + 1]);
        if (high < 0 || low < 0)
            return -EINVAL;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return 0;
}

void str_base64url(const uint8_t *data, size_t len, char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    uint32_t bits = 0;
    int held = 0;

    for (size_t i = 0; i < len; i++) {
        bits = bits << 8 | data[i];
        for (held += 8; held >= 6; held -= 6)
            *out++ = digits[bits >> (held - 6) & 63];
    }
    if (held)
        *out++ = digits[bits << (6 - held) & 63];
    *out = '\0';
}

bool str_is_control(char byte)
{
    return (unsigned char)byte < ' ' || byte == 0x7f;
}

bool str_is_line(const char *text)
{
    for (; *text; text++) {
        if (str_is_control(*text))
            return false;
    }
    return true;
}

bool str_copy(char *out, size_t size, const char *text)
{
    size_t len = strnlen(text, size);
    bool fits = len < size;

    if (!fits)
        len = size - 1;
    memcpy(out, text, len);
    out[len] = '\0';
    return fits;
}

bool str_is_uuid(const char *text)
{
    size_t i;

    for (i = 0; i < 36 && text[i]; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        bool hex = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
        if (dash ? text[i] != '-' : !hex)
            return false;
    }
    return i == 36 && !text[36];
}

int str_to_uuid(const char *text, uint8_t out[static STR_UUID_BYTES])
{
    char hex[2 * STR_UUID_BYTES + 1];
    size_t n = 0;

    if (!str_is_uuid(text))
        return -EINVAL;
    for (; *text; text++) {
        if (*text != '-')
            hex[n++] = *text;
    }
    hex[n] = '\0';
    return str_from_hex(hex, out, STR_UUID_BYTES);
}
