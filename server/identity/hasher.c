#include "server/identity/hasher.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/password/password.h"
#include "base/str.h"

struct job {
    uv_work_t work;
    struct hasher *hasher;              /* NULL: the hasher has gone, and nobody is told */
    struct job *next;                   /* that waits, or is computed */
    hasher_callback callback;           /* NULL: it signs, and */
    hasher_sign_callback sign_callback; /* this is called */
    void *context;
    char hash[PASSWORD_HASH_SIZE];
    char password[PASSWORD_SIZE];
    char wanted[PASSWORD_SIZE]; /* the next password, or "" */
    bool good;
    int error;
    char fresh[PASSWORD_HASH_SIZE];
    uint8_t *message; /* to be signed */
    size_t message_len;
    struct hasher_signed done;
};

struct hasher {
    uv_loop_t *loop;
    struct job *running;
    int running_count;
    struct job *waiting; /* longest first */
    int waiting_count;
};

struct hasher *hasher_new(uv_loop_t *loop)
{
    struct hasher *hasher = calloc(1, sizeof(*hasher));

    if (!hasher)
        abort();
    hasher->loop = loop;
    return hasher;
}

static void job_free(struct job *job)
{
    password_wipe(job->password, sizeof(job->password));
    password_wipe(job->wanted, sizeof(job->wanted));
    free(job->message);
    free(job);
}

static void tell(struct job *job)
{
    bool good = job->good && !job->error;

    if (job->callback)
        job->callback(job->context, job->error, job->good, job->fresh);
    else
        job->sign_callback(job->context, job->error, good, good ? &job->done : NULL);
}

/* What it may have come to meanwhile is not looked at: the thread may still be at it. */
static void cancel(struct job *job)
{
    job->hasher = NULL;
    if (job->callback)
        job->callback(job->context, -ECANCELED, false, "");
    else
        job->sign_callback(job->context, -ECANCELED, false, NULL);
}

void hasher_free(struct hasher *hasher)
{
    struct job *job;

    if (!hasher)
        return;
    while ((job = hasher->waiting)) {
        hasher->waiting = job->next;
        cancel(job);
        job_free(job);
    }
    while ((job = hasher->running)) {
        hasher->running = job->next;
        cancel(job);
    }
    free(hasher);
}

/* In a thread of the pool: sees nothing but the job. */
static void compute(uv_work_t *work)
{
    struct job *job = work->data;

    job->good = password_verify(job->hash, job->password);
    if (!job->good)
        return;
    if (job->message)
        job->error = signing_key_sign(&job->done.key, job->password, job->message, job->message_len,
                                      &job->done.signature, &job->done.fresh);
    else if (*job->wanted)
        job->error = password_hash(job->wanted, job->fresh);
    else if (password_is_outdated(job->hash))
        job->error = password_hash(job->password, job->fresh);
}

static void computed(uv_work_t *work, int status);

static void start_waiting(struct hasher *hasher)
{
    while (hasher->running_count < HASHER_AT_ONCE && hasher->waiting) {
        struct job *job = hasher->waiting;
        hasher->waiting = job->next;
        hasher->waiting_count--;
        job->next = hasher->running;
        hasher->running = job;
        hasher->running_count++;
        uv_queue_work(hasher->loop, &job->work, compute, computed);
    }
}

static void forget_running(struct hasher *hasher, const struct job *job)
{
    struct job **at = &hasher->running;

    while (*at != job)
        at = &(*at)->next;
    *at = job->next;
    hasher->running_count--;
}

static void computed(uv_work_t *work, int status)
{
    struct job *job = work->data;
    struct hasher *hasher = job->hasher;

    (void)status; /* nothing cancels it in the pool */
    if (hasher) {
        forget_running(hasher, job);
        start_waiting(hasher);
        tell(job);
    }
    job_free(job);
}

static struct job *job_new(struct hasher *hasher, const char *hash, const char *password,
                           void *context)
{
    struct job *job = calloc(1, sizeof(*job));

    if (!job)
        abort();
    *job = (struct job){.hasher = hasher, .context = context};
    job->work.data = job;
    str_copy(job->hash, sizeof(job->hash), hash);
    str_copy(job->password, sizeof(job->password), password);
    return job;
}

static void queue(struct hasher *hasher, struct job *job)
{
    struct job **last = &hasher->waiting;

    while (*last)
        last = &(*last)->next;
    *last = job;
    hasher->waiting_count++;
    start_waiting(hasher);
}

int hasher_check(struct hasher *hasher, const char *hash, const char *password, const char *next,
                 hasher_callback callback, void *context)
{
    if (hasher->waiting_count >= HASHER_WAITING_MAX)
        return -EBUSY;
    struct job *job = job_new(hasher, hash, password, context);
    job->callback = callback;
    str_copy(job->wanted, sizeof(job->wanted), next ? next : "");
    queue(hasher, job);
    return 0;
}

int hasher_sign(struct hasher *hasher, const char *hash, const char *password,
                const struct signing_key *key, const void *message, size_t len,
                hasher_sign_callback callback, void *context)
{
    if (hasher->waiting_count >= HASHER_WAITING_MAX)
        return -EBUSY;
    struct job *job = job_new(hasher, hash, password, context);
    job->sign_callback = callback;
    job->done.key = *key;
    job->message = malloc(len + 1);
    if (!job->message)
        abort();
    if (len)
        memcpy(job->message, message, len);
    job->message_len = len;
    queue(hasher, job);
    return 0;
}
