/* Hearings that wait for a deadline: they are loaded though nobody has them open. */
#include "court_internal.h"

#include <stdlib.h>

#include "base/log.h"

/* The context of the question; it outlives a court that is freed meanwhile. */
struct court_looking {
    struct court *court; /* NULL when it is gone */
};

void court_stop_looking(struct court *court)
{
    if (court->looking)
        court->looking->court = NULL;
    court->looking = NULL;
}

static void opened(void *context, enum refusal refusal, struct court_hearing *hearing)
{
    (void)context;
    (void)hearing;
    if (refusal)
        log_warn("hearing.deadline_not_watched", "why=%s", refusal_info(refusal)->code);
}

static void found(void *context, int error, const char *const *hearings, size_t count)
{
    struct court_looking *looking = context;
    struct court *court = looking->court;

    free(looking);
    if (!court)
        return;
    court->looking = NULL;
    if (error)
        log_warn("hearing.suspended_unknown", "error=%s", log_errno(error).text);
    for (size_t i = 0; i < count; i++)
        court_open(court, hearings[i], opened, NULL);
}

void court_open_suspended(struct court *court)
{
    if (court->looking)
        return;
    court->looking = calloc(1, sizeof(*court->looking));
    if (!court->looking)
        abort();
    court->looking->court = court;
    hearing_store_suspended(court->db, found, court->looking);
}
