#include "media/studio/render_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "media/journal/folder.h"
#include "media/studio/render_webm.h"

enum { FILE_MODE = 0640, TELL_BYTES = 1 << 18, COPY_BYTES = 1 << 16 };

struct making {
    const struct render_plan *plan;
    const struct render_group *group;
    void (*read)(void *context, uint64_t bytes);
    void *context;
    uint64_t told;
    struct render_survey *survey;
    struct render_mix mix;
    struct render_webm webm;
    struct render_feed feed;
};

static void tell(struct making *making, uint64_t from, bool now)
{
    uint64_t bytes = from + making->feed.read / 2;

    if (!now && bytes - making->told < TELL_BYTES)
        return;
    making->told = bytes;
    making->read(making->context, bytes);
}

static int survey(struct making *making)
{
    struct render_packet packet;
    int result;

    render_feed_init(&making->feed, making->plan, making->group);
    while ((result = render_feed_next(&making->feed, &packet)) > 0) {
        render_survey_take(making->survey, &packet);
        tell(making, 0, false);
    }
    render_feed_done(&making->feed);
    return result;
}

static int mix(struct making *making)
{
    struct render_packet packet;
    int result;

    render_feed_init(&making->feed, making->plan, making->group);
    while ((result = render_feed_next(&making->feed, &packet)) > 0) {
        result = render_mix_take(&making->mix, &packet);
        if (result)
            break;
        tell(making, making->group->bytes / 2, false);
    }
    render_feed_done(&making->feed);
    return result ? result : render_mix_end(&making->mix);
}

static int add_block(void *context, const struct render_block *block)
{
    return render_webm_add(context, block);
}

static int write_file(struct making *making, int fd, struct render_made *made)
{
    struct render_webm_head head = {
        .start_ms = making->plan->start_ns / CLOCK_NS_PER_MS,
        .duration_ms = making->plan->duration_ns / CLOCK_NS_PER_MS,
    };

    making->survey = render_survey_new();
    int result = survey(making);
    render_survey_size(making->survey, &head.width, &head.height);
    made->width = head.width;
    made->height = head.height;
    render_mix_init(&making->mix, making->survey, making->plan->duration_ns, add_block,
                    &making->webm);
    if (!result)
        result = render_webm_start(&making->webm, fd, &head);
    if (!result)
        result = mix(making);
    if (!result)
        result = render_webm_end(&making->webm);
    if (!result && fsync(fd))
        result = -errno;
    return result;
}

/* Hands over what the file was made of, and lets go of the rest. */
static void end_making(struct making *making, struct render_made *made)
{
    made->counts[RENDER_AUDIO] = making->mix.sound.counts;
    made->counts[RENDER_VIDEO] = making->mix.picture.counts;
    made->gaps = making->mix.gaps;
    made->levels = making->mix.sound.levels;
    made->level_count = making->mix.sound.level_count;
    making->mix.gaps = (struct render_gaps){0};
    making->mix.sound.levels = NULL; /* these two are the caller's now */
    render_mix_done(&making->mix);
    render_webm_done(&making->webm);
    render_survey_free(making->survey);
    free(making);
}

/* Its head is written last, so the digest is made of what is there. */
static int digest(int fd, struct render_made *made)
{
    struct sha256_stream *stream = sha256_stream_new();
    uint8_t *bytes = malloc(COPY_BYTES);
    ssize_t got;

    if (!bytes)
        abort();
    while ((got = pread(fd, bytes, COPY_BYTES, (off_t)made->bytes)) > 0) {
        sha256_stream_add(stream, bytes, (size_t)got);
        made->bytes += (uint64_t)got;
    }
    int result = got < 0 ? -errno : 0;
    sha256_stream_take(stream, made->sha256);
    sha256_stream_free(stream);
    free(bytes);
    return result;
}

int render_file_make(const struct render_plan *plan, const struct render_group *group, int files,
                     void (*read)(void *context, uint64_t bytes), void *context,
                     struct render_made *ret_made)
{
    struct making *making = calloc(1, sizeof(*making));
    char name[RENDER_NAME_SIZE];
    char part[RENDER_NAME_SIZE];

    if (!making)
        abort();
    *ret_made = (struct render_made){0};
    making->plan = plan;
    making->group = group;
    making->read = read;
    making->context = context;
    snprintf(name, sizeof(name), "%s.webm", group->name);
    snprintf(part, sizeof(part), "%s.webm.part", group->name);
    int fd = openat(files, part, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
    int result = fd < 0 ? -errno : write_file(making, fd, ret_made);
    end_making(making, ret_made);
    if (!result)
        result = digest(fd, ret_made);
    folder_close(&fd);
    if (!result && (renameat(files, part, files, name) || fsync(files)))
        result = -errno;
    if (result)
        unlinkat(files, part, 0);
    return result;
}

void render_made_done(struct render_made *made)
{
    render_gaps_done(&made->gaps);
    free(made->levels);
    *made = (struct render_made){0};
}
