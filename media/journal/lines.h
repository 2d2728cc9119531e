/*
 * Strict lines of `key VALUE`, one after another in a known order: the text in the head of a pcapng
 * file and the header of a sidecar. Reads the caller's bytes; owns nothing. Each function takes the
 * next line when its key and its value are right, and returns false and takes nothing otherwise.
 */
#ifndef ASSIZE_MEDIA_JOURNAL_LINES_H
#define ASSIZE_MEDIA_JOURNAL_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lines {
    const char *text;
    size_t len;
    size_t at; /* of the next line */
};

bool lines_expect(struct lines *lines, const char *key, const char *value);
/* Any text shorter than size. */
bool lines_take(struct lines *lines, const char *key, char *out, size_t size);
bool lines_take_number(struct lines *lines, const char *key, uint64_t max, uint64_t *ret_value);
/* A name as name_is_valid says; out holds NAME_SIZE bytes. */
bool lines_take_name(struct lines *lines, const char *key, char *out);
/* Exactly len bytes in hex. */
bool lines_take_hex(struct lines *lines, const char *key, uint8_t *out, size_t len);

/* The offset of the first byte in which two texts differ; the shorter length when one begins the
 * other. */
size_t lines_difference(const void *a, size_t a_len, const void *b, size_t b_len);

#endif
