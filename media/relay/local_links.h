/*
 * The local socket (media/rtp/local.h): processes of this machine connect, say which leg they are
 * the other end of, and are linked to it when the token is right. Everybody else is cut off: who is
 * another user's, says nothing in time, or says something else. Owned by the relay.
 */
#ifndef ASSIZE_MEDIA_RELAY_LOCAL_LINKS_H
#define ASSIZE_MEDIA_RELAY_LOCAL_LINKS_H

#include "media/relay/leg.h"
#include "media/relay/loop.h"

struct local_links;

/* Listens at path; clock_ns is the relay's. 0 or -errno. */
int local_links_new(struct loop *loop, const char *path, struct legs *legs,
                    int64_t (*clock_ns)(void), struct local_links **ret_links)
    __attribute__((warn_unused_result));
/* Takes NULL. */
void local_links_free(struct local_links *links);

/* Closes what is to be closed; after each turn of the loop. */
void local_links_flush(struct local_links *links);

#endif
