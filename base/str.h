/* Text: UTF-8, numbers, hex, base64url. Nothing here allocates but str_nfc. */
#ifndef ASSIZE_BASE_STR_H
#define ASSIZE_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Well-formed UTF-8 (RFC 3629) without NUL. */
bool str_utf8_valid(const char *text, size_t len);

/*
 * The NFC form of UTF-8 text, for the caller to free. 0, -EILSEQ for bytes that are not UTF-8,
 * -ENOBUFS when the result would be over max bytes.
 */
int str_nfc(const char *text, size_t max, char **ret_nfc) __attribute__((warn_unused_result));

/* A whole decimal number without sign, blanks or leading zeros ("0" is good). 0, -EINVAL or -ERANGE
 * (over max). */
int str_to_u64(const char *text, uint64_t max, uint64_t *ret_value)
    __attribute__((warn_unused_result));

/* Lower-case hex; out holds 2 * len + 1 bytes. */
void str_hex(const uint8_t *data, size_t len, char *out);
/* Exactly out_len bytes from 2 * out_len hex digits of either case. 0 or -EINVAL. */
int str_from_hex(const char *hex, uint8_t *out, size_t out_len) __attribute__((warn_unused_result));

/* base64url without padding (RFC 4648 section 5); out holds (len * 4 + 2) / 3 + 1 bytes. */
void str_base64url(const uint8_t *data, size_t len, char *out);

/* An ASCII control character: what ends a line, and what no terminal should be sent. */
bool str_is_control(char byte);
/* True for a text without any. */
bool str_is_line(const char *text);

/* Copies with a NUL, cut to fit; true when nothing was cut. */
bool str_copy(char *out, size_t size, const char *text);

enum { STR_UUID_BYTES = 16 };

/* True for a UUID in its lower-case 36 character form (RFC 9562). */
bool str_is_uuid(const char *text);
/* The bytes of one. 0, or -EINVAL when it is none. */
int str_to_uuid(const char *text, uint8_t out[static STR_UUID_BYTES])
    __attribute__((warn_unused_result));

#endif
