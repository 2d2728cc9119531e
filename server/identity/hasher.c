#include "server/identity/hasher.h"

#include <errno.h>
#include <stdlib.h>

#include "base/password/password.h"
#include "base/str.h"

struct job {
    uv_work_t work;
    struct hasher *hasher; /* NULL: the hasher has gone, and nobody is told */
    struct job *next;      /* that waits, or is computed */
    hasher_callback callback;
    void *context;
    char hash[PASSWORD_HASH_SIZE];
    char password[PASSWORD_SIZE];
    char wanted[PASSWORD_SIZE]; /* the next password, or "" */
    bool good;
    int error;
    char fresh[PASSWORD_HASH_SIZE];
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
    free(job);
}

static void cancel(struct job *job)
{
    job->hasher = NULL;
    job->callback(job->context, -ECANCELED, false, "");
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
    if (*job->wanted)
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
        job->callback(job->context, job->error, job->good, job->fresh);
    }
    job_free(job);
}

int hasher_check(struct hasher *hasher, const char *hash, const char *password, const char *next,
                 hasher_callback callback, void *context)
{
    struct job **last = &hasher->waiting;

    if (hasher->waiting_count >= HASHER_WAITING_MAX)
        return -EBUSY;
    struct job *job = calloc(1, sizeof(*job));
    if (!job)
        abort();
    *job = (struct job){.hasher = hasher, .callback = callback, .context = context};
    job->work.data = job;
    str_copy(job->hash, sizeof(job->hash), hash);
    str_copy(job->password, sizeof(job->password), password);
    str_copy(job->wanted, sizeof(job->wanted), next ? next : "");
    while (*last)
        last = &(*last)->next;
    *last = job;
    hasher->waiting_count++;
    start_waiting(hasher);
    return 0;
}
