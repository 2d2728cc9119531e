/*
 * A capped arena: everything made while one inbound message is handled is freed at once with it.
 * The cap bounds what a peer's bytes can make us allocate. Memory is zeroed and aligned to 16
 * bytes.
 */
#ifndef ASSIZE_BASE_ARENA_H
#define ASSIZE_BASE_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
    struct arena_block *blocks;
    size_t used; /* bytes handed out */
    size_t max;  /* bytes that may be handed out */
};

void arena_init(struct arena *arena, size_t max);
/* Frees everything; the arena may be used again. */
void arena_done(struct arena *arena);

/* NULL when the cap is reached; aborts when the machine has no memory. */
void *arena_alloc(struct arena *arena, size_t size);
/* A NUL-terminated copy of len bytes; NULL when the cap is reached. */
char *arena_copy(struct arena *arena, const char *text, size_t len);

#endif
