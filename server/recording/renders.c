#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "server/recording/recording_internal.h"

const struct rendering *render_find(struct recordings *recordings, const char *hearing)
{
    struct rendering *rendering;

    HASH_FIND_STR(recordings->renderings, hearing, rendering);
    return rendering;
}

/* The oldest that has ended makes room. */
static bool make_room(struct recordings *recordings)
{
    struct rendering *rendering, *next;

    if (HASH_COUNT(recordings->renderings) < RECORDING_RENDERS_MAX)
        return true;
    HASH_ITER(hh, recordings->renderings, rendering, next)
    {
        if (rendering->running)
            continue;
        HASH_DEL(recordings->renderings, rendering);
        free(rendering);
        return true;
    }
    return false;
}

/* NULL when as many are running as are remembered. */
static struct rendering *know(struct recordings *recordings, const char *hearing)
{
    struct rendering *rendering;

    HASH_FIND_STR(recordings->renderings, hearing, rendering);
    if (rendering || !make_room(recordings))
        return rendering;
    rendering = calloc(1, sizeof(*rendering));
    if (!rendering)
        abort();
    str_copy(rendering->hearing, sizeof(rendering->hearing), hearing);
    HASH_ADD_STR(recordings->renderings, hearing, rendering);
    return rendering;
}

static struct rendering *begin(struct recordings *recordings, const char *hearing)
{
    struct rendering *rendering = know(recordings, hearing);

    if (rendering && !rendering->running) {
        rendering->running = true;
        rendering->ended = false;
        rendering->done = rendering->total = 0;
        rendering->why[0] = '\0';
        log_info("recording.render", "hearing=%s", hearing);
    }
    return rendering;
}

enum refusal render_start(struct recordings *recordings, const char *hearing)
{
    const struct rendering *known = render_find(recordings, hearing);

    if (known && known->running)
        return REFUSAL_NONE;
    if (!begin(recordings, hearing))
        return REFUSAL_BUSY;
    recordings->ops->render(recordings->context, hearing);
    return REFUSAL_NONE;
}

/* ---- it has ended ---- */

static void end(struct recordings *recordings, const char *hearing, const char *why)
{
    struct rendering *rendering = know(recordings, hearing);

    if (rendering) {
        rendering->running = false;
        str_copy(rendering->why, sizeof(rendering->why), why);
    }
    log_info("recording.rendered", "hearing=%s why=%s", hearing, log_quote(why).text);
}

static void on_kept(void *context, int error)
{
    struct ask *ask = context;

    if (error)
        log_warn("recording.sums_not_kept", "hearing=%s error=%s", ask->hearing,
                 log_errno(error).text);
    end(ask->recordings, ask->hearing, "");
    ask_free(ask);
}

static void keep_sums(struct ask *ask)
{
    size_t count = ask->recorded.made ? ask->recorded.file_count : 0;
    struct recording_sum *sums = recording_sums(ask->recorded.files, count);

    recording_store_made(ask->recordings->db, ask->hearing, sums, count, on_kept, ask);
    free(sums);
}

struct recording_sum *recording_sums(Assize__Record__V1__RecordedFile *const *files, size_t count)
{
    struct recording_sum *sums = calloc(count + 1, sizeof(*sums));

    if (!sums)
        abort();
    for (size_t i = 0; i < count; i++) {
        str_copy(sums[i].name, sizeof(sums[i].name), files[i]->name);
        memcpy(sums[i].sha256, files[i]->sha256.data, SHA256_BYTES);
    }
    return sums;
}

/* Only when the sums are kept are the files shown, or they would seem to be others. */
static void take_end(struct recordings *recordings, const char *hearing,
                     const Assize__Media__V1__RenderEnded *ended)
{
    struct rendering *rendering = know(recordings, hearing);

    if (rendering)
        rendering->ended = true;
    if (!ended->ok || recordings->jobs >= RECORDING_JOBS_MAX) {
        end(recordings, hearing,
            ended->ok    ? ""
            : ended->why ? ended->why
                         : "the renderer does not say why");
        return;
    }
    struct ask *ask = ask_new(recordings);
    str_copy(ask->hearing, sizeof(ask->hearing), hearing);
    ask_index(ask, keep_sums);
}

/* ---- from the renderer ---- */

void recordings_render_there(struct recordings *recordings, const char *hearing)
{
    begin(recordings, hearing);
}

void recordings_render_report(struct recordings *recordings, const char *hearing,
                              const Assize__Media__V1__StudioReport *report)
{
    struct rendering *rendering = know(recordings, hearing);

    if (rendering && report->body_case == ASSIZE__MEDIA__V1__STUDIO_REPORT__BODY_RENDER_PROGRESS) {
        rendering->done = report->render_progress->done_bytes;
        rendering->total = report->render_progress->total_bytes;
    }
    if (report->body_case == ASSIZE__MEDIA__V1__STUDIO_REPORT__BODY_RENDER_ENDED)
        take_end(recordings, hearing, report->render_ended);
}

void recordings_render_gone(struct recordings *recordings, const char *hearing)
{
    const struct rendering *rendering = render_find(recordings, hearing);

    if (rendering && rendering->running && !rendering->ended)
        end(recordings, hearing, "the renderer could not be started, or ended without a word");
}

void renders_free(struct recordings *recordings)
{
    struct rendering *rendering, *next;

    HASH_ITER(hh, recordings->renderings, rendering, next)
    {
        HASH_DEL(recordings->renderings, rendering);
        free(rendering);
    }
}
