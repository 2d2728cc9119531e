#include "server/identity/reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

#define HEARING_ROLE(name) ASSIZE__HEARING__V1__ROLE__ROLE_##name
#define STAFF_ROLE(name)   ASSIZE__STAFF__V1__ROLE__ROLE_##name

/* A question of the session first, then of the staff's. */
struct question {
    struct staff *staff;
    reader_callback callback;
    void *context;
    char token[NET_TOKEN_SIZE];
    char staff_token[NET_TOKEN_SIZE];
    char hearing[ID_UUID_SIZE];
    enum refusal no_session; /* why the session of a hearing does not do */
};

static bool role_may_read(Assize__Hearing__V1__Role role)
{
    return role == HEARING_ROLE(PRESIDING_JUDGE) || role == HEARING_ROLE(PANEL_JUDGE) ||
           role == HEARING_ROLE(LAY_JUDGE) || role == HEARING_ROLE(CLERK);
}

static bool staff_may_read(Assize__Staff__V1__Role role)
{
    return role == STAFF_ROLE(CLERK) || role == STAFF_ROLE(JUDGE) ||
           role == STAFF_ROLE(ADMINISTRATOR);
}

/* Of the two refusals the one that says more: who has no session of staff is told of the other. */
static enum refusal choose_refusal(enum refusal session, enum refusal staff)
{
    if (session == REFUSAL_DATABASE_AWAY || staff == REFUSAL_STAFF_NOT_SIGNED_IN)
        return session;
    return staff;
}

static void answer(struct question *question, enum refusal refusal, const struct reader *reader)
{
    question->callback(question->context, refusal, reader);
    free(question);
}

static void on_staff(void *context, enum refusal refusal, const struct staff_session *session)
{
    struct question *question = context;
    struct reader reader = {0};

    if (!refusal && !staff_may_read(session->role))
        refusal = REFUSAL_STAFF_ROLE;
    if (refusal) {
        answer(question, choose_refusal(question->no_session, refusal), NULL);
        return;
    }
    str_copy(reader.account, sizeof(reader.account), session->account);
    sha256(question->staff_token, strlen(question->staff_token), reader.session);
    answer(question, REFUSAL_NONE, &reader);
}

static void on_session(void *context, enum refusal refusal, const struct identity_session *session,
                       const char *token)
{
    struct question *question = context;
    struct reader reader = {0};

    (void)token;
    if (!refusal && !role_may_read(session->role))
        refusal = REFUSAL_ROLE_NOT_ALLOWED;
    if (!refusal && *question->hearing && strcmp(session->hearing, question->hearing) != 0)
        refusal = REFUSAL_HEARING_UNKNOWN;
    if (refusal) {
        question->no_session = refusal;
        staff_find(question->staff, question->staff_token, on_staff, question);
        return;
    }
    reader.participant = session->participant;
    str_copy(reader.hearing, sizeof(reader.hearing), session->hearing);
    sha256(question->token, strlen(question->token), reader.session);
    answer(question, REFUSAL_NONE, &reader);
}

void reader_find(struct identity *identity, struct staff *staff, const struct net_peer *peer,
                 const char *hearing, reader_callback callback, void *context)
{
    struct question *question = calloc(1, sizeof(*question));

    if (!question)
        abort();
    question->staff = staff;
    question->callback = callback;
    question->context = context;
    str_copy(question->token, sizeof(question->token), peer->token);
    str_copy(question->staff_token, sizeof(question->staff_token), peer->staff_token);
    str_copy(question->hearing, sizeof(question->hearing), hearing);
    identity_find(identity, question->token, on_session, question);
}
