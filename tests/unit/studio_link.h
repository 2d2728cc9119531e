/*
 * The far end of a studio client: a supervisor's end of the ward, and studios that say and hear
 * what the test wishes, over real sockets. Header only: each test program is one file.
 */
#ifndef ASSIZE_TESTS_UNIT_STUDIO_LINK_H
#define ASSIZE_TESTS_UNIT_STUDIO_LINK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/frame.h"
#include "base/str.h"
#include "proto/codec.h"
#include "server/media/studio_client.h"

/* A studio's connection as the test plays it. */
struct studio_link {
    int fd; /* -1: none */
    struct frame_reader reader;
    struct arena arena;                    /* of what it was told */
    Assize__Media__V1__StudioSetup *setup; /* the last of each, or NULL */
    Assize__Media__V1__Scene *scene;
    Assize__Media__V1__GalleryFeed *gallery;
    Assize__Media__V1__Listening *listening;
    int setups;
    int scenes;
    int beats;
};

static inline void studio_link_open(struct studio_link *link, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    *link = (struct studio_link){.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    assert_true(str_copy(address.sun_path, sizeof(address.sun_path), path));
    assert_int_equal(connect(link->fd, (struct sockaddr *)&address, sizeof(address)), 0);
    frame_reader_init(&link->reader);
    arena_init(&link->arena, 16 << 20);
}

static inline void studio_link_close(struct studio_link *link)
{
    if (link->fd < 0)
        return;
    close(link->fd);
    link->fd = -1;
    frame_reader_done(&link->reader);
    arena_done(&link->arena);
}

static inline void studio_link_say(struct studio_link *link,
                                   const Assize__Media__V1__StudioReport *report)
{
    struct buf out;

    buf_init(&out, FRAME_HEADER_BYTES + FRAME_BODY_MAX);
    assert_int_equal(codec_pack_frame(&report->base, &out), 0);
    assert_int_equal(send(link->fd, out.data, out.len, MSG_NOSIGNAL), out.len);
    buf_done(&out);
}

static inline void studio_link_hello(struct studio_link *link, const char *hearing,
                                     Assize__Media__V1__StudioHello__Task task)
{
    Assize__Media__V1__StudioReport report = ASSIZE__MEDIA__V1__STUDIO_REPORT__INIT;
    Assize__Media__V1__StudioHello hello = ASSIZE__MEDIA__V1__STUDIO_HELLO__INIT;
    char id[64];

    snprintf(id, sizeof(id), "%s", hearing);
    hello.hearing = id;
    hello.has_task = 1;
    hello.task = task;
    report.body_case = ASSIZE__MEDIA__V1__STUDIO_REPORT__BODY_HELLO;
    report.hello = &hello;
    studio_link_say(link, &report);
}

static inline int studio_link_take(void *context, const uint8_t *body, size_t len)
{
    struct studio_link *link = context;
    Assize__Media__V1__StudioRequest *request =
        codec_unpack(&assize__media__v1__studio_request__descriptor, &link->arena, body, len);

    assert_non_null(request);
    if (request->body_case == ASSIZE__MEDIA__V1__STUDIO_REQUEST__BODY_SETUP) {
        link->setup = request->setup;
        link->setups++;
    } else if (request->body_case == ASSIZE__MEDIA__V1__STUDIO_REQUEST__BODY_SCENE) {
        link->scene = request->scene;
        link->scenes++;
    } else if (request->body_case == ASSIZE__MEDIA__V1__STUDIO_REQUEST__BODY_GALLERY) {
        link->gallery = request->gallery;
    } else if (request->body_case == ASSIZE__MEDIA__V1__STUDIO_REQUEST__BODY_LISTENING) {
        link->listening = request->listening;
    } else if (request->body_case == ASSIZE__MEDIA__V1__STUDIO_REQUEST__BODY_BEAT) {
        link->beats++;
    }
    return 0;
}

/* Reads what came; false when the server hung up. */
static inline bool studio_link_read(struct studio_link *link)
{
    uint8_t bytes[65536];
    ssize_t count;

    while ((count = recv(link->fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0)
        assert_int_equal(
            frame_reader_feed(&link->reader, bytes, (size_t)count, studio_link_take, link), 0);
    return count < 0;
}

/* What the supervisor was asked next; a word of 0: nothing. */
static inline struct ward_message ward_asked(int fd)
{
    struct ward_message message = {0};

    if (recv(fd, &message, sizeof(message), MSG_DONTWAIT) != sizeof(message))
        message.word = 0;
    return message;
}

static inline void ward_says(int fd, enum ward_word word, enum ward_task task, const char *hearing)
{
    struct ward_message message = {.word = word, .task = task};

    str_copy(message.hearing, sizeof(message.hearing), hearing);
    assert_int_equal(send(fd, &message, sizeof(message), 0), sizeof(message));
}

#endif
