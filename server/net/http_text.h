/*
 * The text of HTTP, as pure functions: what a peer wrote is read here and nowhere else, without a
 * socket, so that the fuzzer reaches all of it. Used by the other files of this folder.
 */
#ifndef ASSIZE_SERVER_NET_HTTP_TEXT_H
#define ASSIZE_SERVER_NET_HTTP_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum { HTTP_HOST_SIZE = 256 };

/*
 * host[:port] of a URL (RFC 3986 section 3.2), in lower case, an IPv6 literal without its brackets.
 */
struct http_authority {
    char host[HTTP_HOST_SIZE];
    int port;
};

/* Whole text; the port is 443 when there is none. */
bool http_authority_parse(const char *text, struct http_authority *out);

/*
 * Where our pages may come from: the public address, and the machine's own names and addresses with
 * our port.
 */
struct http_site {
    struct http_authority public_url;
    int port;
};

/* The site of an https:// URL (anything after the authority is ignored) that is served on port. */
bool http_site_parse(const char *public_url, int port, struct http_site *out);
/*
 * True for the public authority, and for localhost or an IP address with our port. No page of
 * another site can bear an IP address as its host, so these are as safe as the name.
 */
bool http_host_is_ours(const struct http_site *site, const char *host);
/*
 * An Origin (RFC 6454) is ours when it is the public one, or that of a host of ours which this
 * request names too.
 */
bool http_origin_is_ours(const struct http_site *site, const char *origin, const char *host);

/*
 * The value of a cookie (RFC 6265 section 4.2): the first with this name. False when absent or too
 * long for out.
 */
bool http_cookie(const char *header, const char *name, char *out, size_t size);
/* True when the media type is this one, whatever its parameters and case. */
bool http_type_is(const char *header, const char *type);
/*
 * True when a comma separated list holds this token, in any case and with a q over 0 (RFC 9110
 * section 12.4.2).
 */
bool http_list_has(const char *header, const char *token);
/* True when If-None-Match names this entity tag (weak comparison) or any. */
bool http_etag_matches(const char *header, const char *etag);

enum http_range { HTTP_RANGE_WHOLE, HTTP_RANGE_PART, HTTP_RANGE_OUTSIDE };
/* Several ranges or a malformed one: the whole is sent, as RFC 9110 section 14.2 allows. */
enum http_range http_range_parse(const char *header, size_t size, size_t *ret_first,
                                 size_t *ret_last);

/* The path has a last segment without a dot: a page of the single-page application, not a file. */
bool http_path_is_page(const char *path);
/* /package.Service/Method: the method without the leading slash, or NULL. */
const char *http_path_method(const char *path);

enum http_chunk_state {
    HTTP_CHUNK_SIZE,      /* hex digits of a chunk's size */
    HTTP_CHUNK_EXTENSION, /* what follows the size, up to the line's end */
    HTTP_CHUNK_DATA,      /* left bytes of a chunk are missing */
    HTTP_CHUNK_DATA_CR,   /* the chunk is complete, its line end is not */
    HTTP_CHUNK_DATA_LF,
    HTTP_CHUNK_TRAILER, /* at the start of a line after the last chunk */
    HTTP_CHUNK_TRAILER_LINE,
    HTTP_CHUNK_END_LF, /* an empty line's CR was seen */
    HTTP_CHUNK_DONE
};

/* Decodes Transfer-Encoding: chunked (RFC 9112 section 7.1). Zero-initialised is ready. */
struct http_chunks {
    enum http_chunk_state state;
    size_t left;
    unsigned digits; /* of the size so far */
    unsigned junk;   /* bytes of this chunk's extension, or of the trailer */
};

/*
 * Appends the decoded bytes to out. 1 when the body is complete (what follows is not consumed), 0
 * when more is needed, -EBADMSG when it is not chunked coding, -ENOBUFS over out's maximum.
 */
int http_chunks_feed(struct http_chunks *chunks, const uint8_t *data, size_t len, struct buf *out);

/* What stands before each message of a Connect stream: flags, and the length in big-endian order.
 */
enum { HTTP_ENVELOPE_SIZE = 5 };
void http_envelope_write(uint8_t out[static HTTP_ENVELOPE_SIZE], uint8_t flags, size_t len);
/*
 * The one message that a body is; NULL when it is not one whole message without flags (which say
 * that it is compressed, or an end).
 */
const uint8_t *http_envelope_open(const uint8_t *body, size_t len, size_t *ret_len);

#endif
