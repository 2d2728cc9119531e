#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "server/recording/recording_internal.h"

static void drop(struct recordings *recordings, struct ticket *ticket)
{
    HASH_DEL(recordings->tickets, ticket);
    free(ticket);
}

static bool has_ended(const struct ticket *ticket, int64_t now_ms)
{
    return now_ms - ticket->used_ms > RECORDING_TICKET_MS ||
           now_ms - ticket->made_ms > RECORDING_TICKET_LIFE_MS;
}

/* The table keeps the order in which tickets were made, so the first one met is the oldest. */
static void make_room(struct recordings *recordings, const uint8_t session[static SHA256_BYTES])
{
    int64_t now_ms = clock_monotonic_ms();
    struct ticket *ticket, *next, *own = NULL;
    unsigned of_session = 0;

    HASH_ITER(hh, recordings->tickets, ticket, next)
    {
        if (has_ended(ticket, now_ms)) {
            drop(recordings, ticket);
        } else if (memcmp(ticket->session, session, SHA256_BYTES) == 0) {
            own = own ? own : ticket;
            of_session++;
        }
    }
    if (of_session >= RECORDING_TICKETS_PER_SESSION)
        drop(recordings, own);
    else if (HASH_COUNT(recordings->tickets) >= RECORDING_TICKETS_MAX)
        drop(recordings, recordings->tickets);
}

void ticket_make(struct ask *ask, char token[static ID_TOKEN_SIZE])
{
    struct recordings *recordings = ask->recordings;
    struct ticket *ticket = calloc(1, sizeof(*ticket));

    if (!ticket)
        abort();
    make_room(recordings, ask->who.session);
    id_token(token);
    sha256(token, strlen(token), ticket->hash);
    memcpy(ticket->session, ask->who.session, SHA256_BYTES);
    str_copy(ticket->hearing, sizeof(ticket->hearing), ask->hearing);
    str_copy(ticket->file, sizeof(ticket->file), ask->file);
    ticket->made_ms = ticket->used_ms = clock_monotonic_ms();
    HASH_ADD(hh, recordings->tickets, hash, SHA256_BYTES, ticket);
}

const struct ticket *ticket_use(struct ask *ask, const char *token)
{
    int64_t now_ms = clock_monotonic_ms();
    uint8_t hash[SHA256_BYTES];
    struct ticket *ticket;

    sha256(token, strlen(token), hash);
    HASH_FIND(hh, ask->recordings->tickets, hash, SHA256_BYTES, ticket);
    if (!ticket || has_ended(ticket, now_ms) ||
        memcmp(ticket->session, ask->who.session, SHA256_BYTES) != 0 ||
        strcmp(ticket->hearing, ask->hearing) != 0 ||
        (*ticket->file && strcmp(ticket->file, ask->file) != 0))
        return NULL;
    ticket->used_ms = now_ms;
    return ticket;
}

void tickets_free(struct recordings *recordings)
{
    struct ticket *ticket, *next;

    HASH_ITER(hh, recordings->tickets, ticket, next)
    drop(recordings, ticket);
}
