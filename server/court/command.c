#include "court_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

/* Of the actor and the command but for its seen_seq, which a retry may bring up to date. */
static void make_digest(struct court_command *command)
{
    Assize__Hearing__V1__Command bare = *command->body;

    bare.has_seen_seq = false;
    size_t len = assize__hearing__v1__command__get_packed_size(&bare);
    uint8_t *packed = malloc(len + 1);
    if (!packed)
        abort();
    assize__hearing__v1__command__pack(&bare, packed);
    const struct sha256_part parts[] = {
        {&command->actor.participant, sizeof(command->actor.participant)},
        {&command->actor.endpoint, sizeof(command->actor.endpoint)},
        {packed, len},
    };
    sha256_parts(parts, sizeof(parts) / sizeof(*parts), command->digest);
    free(packed);
}

static Assize__Hearing__V1__Command *copy_body(const Assize__Hearing__V1__Command *body)
{
    size_t len = assize__hearing__v1__command__get_packed_size(body);
    uint8_t *packed = malloc(len + 1);

    if (!packed)
        abort();
    assize__hearing__v1__command__pack(body, packed);
    Assize__Hearing__V1__Command *copy = assize__hearing__v1__command__unpack(NULL, len, packed);
    free(packed);
    if (!copy)
        abort();
    return copy;
}

/* Words are kept in one form, however they were typed. What is no text, or too long, is for the
 * engine to refuse. */
static void compose_words(Assize__Hearing__V1__Command *body)
{
    char *nfc = NULL;

    if (!body->words || str_nfc(body->words, HEARING_WORDS_MAX, &nfc))
        return;
    free(body->words);
    body->words = nfc;
}

struct court_command *court_command_new(struct hearing_actor actor,
                                        const Assize__Hearing__V1__Command *command)
{
    struct court_command *made = calloc(1, sizeof(*made));

    if (!made)
        abort();
    made->actor = actor;
    made->body = copy_body(command);
    compose_words(made->body);
    if (made->body->command_id)
        str_copy(made->id, sizeof(made->id), made->body->command_id);
    make_digest(made);
    return made;
}

void court_command_free(struct court_command *command)
{
    if (!command)
        return;
    assize__hearing__v1__command__free_unpacked(command->body, NULL);
    free(command);
}

void court_command_answer(struct court_command *command, enum refusal refusal, uint64_t seq)
{
    court_outcome_callback callback = command->callback;

    command->callback = NULL;
    if (callback)
        callback(command->context, command->asker, refusal, seq);
}
