/*
 * What a press reads: one packed assize.minutes.v1.MinutesDocument. It was assembled by our own
 * server from what people wrote, and is read as if it were not. Used by main.c, tests and the
 * fuzzer.
 */
#ifndef ASSIZE_PRESS_INPUT_H
#define ASSIZE_PRESS_INPUT_H

#include <stddef.h>
#include <stdint.h>

#include "assize/minutes/v1/minutes.pb-c.h"
#include "base/arena.h"

/*
 * The document in the arena, which this begins and the caller ends either way; every text in it is
 * there, in NFC, and without control characters but a line's end. 0, -EBADMSG for what is no such
 * document, or -EMSGSIZE for one over a limit.
 */
int input_read(const uint8_t *data, size_t len, struct arena *arena,
               Assize__Minutes__V1__MinutesDocument **ret_document)
    __attribute__((warn_unused_result));

#endif
