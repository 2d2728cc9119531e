#include "media/studio/render_tell.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "assize/media/v1/studio.pb-c.h"
#include "base/buf.h"
#include "base/frame.h"
#include "base/str.h"
#include "proto/codec.h"

#define SOCKET_NAME "run/studio.sock"

enum { WHY_SIZE = 160 };

struct render_tell {
    bool aloud; /* nobody listens at the socket, or somebody looks on */
    int fd;     /* below zero when nobody does any more */
};

static int connect_to(const struct config *config)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char path[CONFIG_TEXT_SIZE];

    if (config_state_path(config, SOCKET_NAME, path, sizeof(path)) ||
        !str_copy(address.sun_path, sizeof(address.sun_path), path))
        return -1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address))) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* All at once or never again: half a frame could not be made whole without waiting. */
static void send_report(struct render_tell *tell, const Assize__Media__V1__StudioReport *report)
{
    struct buf frame;

    if (tell->fd < 0)
        return;
    buf_init(&frame, FRAME_HEADER_BYTES + FRAME_BODY_MAX);
    if (codec_pack_frame(&report->base, &frame) ||
        send(tell->fd, frame.data, frame.len, MSG_DONTWAIT | MSG_NOSIGNAL) != (ssize_t)frame.len) {
        close(tell->fd);
        tell->fd = -1;
    }
    buf_done(&frame);
}

struct render_tell *render_tell_open(const struct config *config, const char *hearing)
{
    Assize__Media__V1__StudioReport report = ASSIZE__MEDIA__V1__STUDIO_REPORT__INIT;
    Assize__Media__V1__StudioHello hello = ASSIZE__MEDIA__V1__STUDIO_HELLO__INIT;
    struct render_tell *tell = calloc(1, sizeof(*tell));
    char name[NAME_SIZE];

    if (!tell)
        abort();
    tell->fd = connect_to(config);
    tell->aloud = tell->fd < 0 || isatty(STDOUT_FILENO);
    str_copy(name, sizeof(name), hearing);
    hello.hearing = name;
    hello.has_task = 1;
    hello.task = ASSIZE__MEDIA__V1__STUDIO_HELLO__TASK__TASK_RENDER;
    report.body_case = ASSIZE__MEDIA__V1__STUDIO_REPORT__BODY_HELLO;
    report.hello = &hello;
    send_report(tell, &report);
    return tell;
}

void render_tell_progress(struct render_tell *tell, uint64_t done, uint64_t total)
{
    Assize__Media__V1__StudioReport report = ASSIZE__MEDIA__V1__STUDIO_REPORT__INIT;
    Assize__Media__V1__RenderProgress progress = ASSIZE__MEDIA__V1__RENDER_PROGRESS__INIT;

    if (tell->aloud) {
        if (total)
            printf("%3" PRIu64 " %%\n", done * 100 / total);
        else
            puts("verifying");
        fflush(stdout);
    }
    progress.has_done_bytes = progress.has_total_bytes = 1;
    progress.done_bytes = done;
    progress.total_bytes = total;
    report.body_case = ASSIZE__MEDIA__V1__STUDIO_REPORT__BODY_RENDER_PROGRESS;
    report.render_progress = &progress;
    send_report(tell, &report);
}

void render_tell_file(struct render_tell *tell, const struct render_file *file)
{
    Assize__Media__V1__StudioReport report = ASSIZE__MEDIA__V1__STUDIO_REPORT__INIT;
    Assize__Media__V1__RenderedFile rendered = ASSIZE__MEDIA__V1__RENDERED_FILE__INIT;
    char group[NAME_SIZE];
    char name[RENDER_NAME_SIZE];
    uint8_t sha256[SHA256_BYTES];

    if (tell->aloud) {
        printf("%s %" PRIu64 " bytes\n", file->name, file->bytes);
        fflush(stdout);
    }
    str_copy(group, sizeof(group), file->group);
    str_copy(name, sizeof(name), file->name);
    memcpy(sha256, file->sha256, sizeof(sha256));
    rendered.group = group;
    rendered.name = name;
    rendered.has_bytes = rendered.has_sha256 = rendered.has_start_ms = 1;
    rendered.has_duration_ms = 1;
    rendered.bytes = file->bytes;
    rendered.sha256 = (ProtobufCBinaryData){sizeof(sha256), sha256};
    rendered.start_ms = file->start_ms;
    rendered.duration_ms = (uint64_t)file->duration_ms;
    report.body_case = ASSIZE__MEDIA__V1__STUDIO_REPORT__BODY_RENDERED_FILE;
    report.rendered_file = &rendered;
    send_report(tell, &report);
}

void render_tell_end(struct render_tell *tell, const char *why)
{
    Assize__Media__V1__StudioReport report = ASSIZE__MEDIA__V1__STUDIO_REPORT__INIT;
    Assize__Media__V1__RenderEnded ended = ASSIZE__MEDIA__V1__RENDER_ENDED__INIT;
    char text[WHY_SIZE];

    if (tell->aloud && !*why)
        puts("done");
    str_copy(text, sizeof(text), why);
    ended.has_ok = 1;
    ended.ok = !*why;
    ended.why = text;
    report.body_case = ASSIZE__MEDIA__V1__STUDIO_REPORT__BODY_RENDER_ENDED;
    report.render_ended = &ended;
    send_report(tell, &report);
    if (tell->fd >= 0)
        close(tell->fd);
    free(tell);
}
