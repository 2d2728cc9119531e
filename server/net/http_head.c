#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "server/net/net_internal.h"

/*
 * On every answer. Nothing is loaded from elsewhere, nothing is framed, no script but ours runs;
 * camera and microphone are for our own pages only.
 */
static const char SECURITY_HEADERS[] =
    "Strict-Transport-Security: max-age=31536000\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Permissions-Policy: camera=(self), microphone=(self), display-capture=(self), geolocation=(), "
    "payment=(), usb=()\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n";

/* Older browsers do not count wss: of the same host as 'self', so it is named too. */
static int write_policy(const struct conn *conn, struct buf *out)
{
    const char *host = http_host_is_ours(&conn->net->site, conn->host) ? conn->host : NULL;

    return buf_printf(out,
                      "Content-Security-Policy: default-src 'none'; script-src 'self'; "
                      "style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
                      "connect-src 'self'%s%s; media-src 'self' blob:; manifest-src 'self'; "
                      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'\r\n",
                      host ? " wss://" : "", host ? host : "");
}

static const char *reason(int status)
{
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {{200, "OK"},
                   {206, "Partial Content"},
                   {302, "Found"},
                   {304, "Not Modified"},
                   {400, "Bad Request"},
                   {401, "Unauthorized"},
                   {403, "Forbidden"},
                   {404, "Not Found"},
                   {405, "Method Not Allowed"},
                   {408, "Request Timeout"},
                   {409, "Conflict"},
                   {410, "Gone"},
                   {413, "Content Too Large"},
                   {415, "Unsupported Media Type"},
                   {416, "Range Not Satisfiable"},
                   {429, "Too Many Requests"},
                   {431, "Request Header Fields Too Large"},
                   {500, "Internal Server Error"},
                   {503, "Service Unavailable"}};

    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (reasons[i].status == status)
            return reasons[i].reason;
    }
    return "Answer";
}

void http_write_head(struct conn *conn, const struct answer *answer)
{
    struct buf *out = &conn->reply.head;
    time_t now = time(NULL);
    struct tm tm;
    char date[40];

    gmtime_r(&now, &tm);
    strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &tm);
    buf_clear(out);
    /* Every part has a bound of its own, and together they stay below the buffer's maximum. */
    if (buf_printf(out, "HTTP/1.1 %d %s\r\nDate: %s\r\n", answer->status, reason(answer->status),
                   date) ||
        (answer->type && buf_printf(out, "Content-Type: %s\r\n", answer->type)) ||
        (answer->status != 304 && !answer->goes_on &&
         buf_printf(out, "Content-Length: %zu\r\n", answer->len)) ||
        buf_printf(out, "%sConnection: %s\r\n", answer->more ? answer->more : "",
                   conn->keep_alive ? "keep-alive" : "close") ||
        write_policy(conn, out) || buf_printf(out, "%s\r\n", SECURITY_HEADERS))
        abort();
}

bool http_header(struct conn *conn, enum lws_token_indexes token, char *out, size_t size)
{
    *out = '\0';
    int len = lws_hdr_copy(conn->wsi, out, (int)size, token);
    return len >= 0 && strlen(out) == (size_t)len;
}

bool http_has_custom_header(struct conn *conn, const char *name_and_colon)
{
    return lws_hdr_custom_length(conn->wsi, name_and_colon, (int)strlen(name_and_colon)) >= 0;
}

bool http_origin_is_good(struct conn *conn)
{
    char origin[HTTP_HOST_SIZE + 16];

    if (!http_header(conn, WSI_TOKEN_ORIGIN, origin, sizeof(origin)))
        return false;
    if (*origin)
        return http_origin_is_ours(&conn->net->site, origin, conn->host);
    return !http_has_custom_header(conn, "sec-fetch-site:") &&
           !http_has_custom_header(conn, "sec-fetch-mode:") &&
           !http_has_custom_header(conn, "sec-fetch-dest:");
}

/* A header too long for its field is as good as none: the whole is sent. */
void http_read_wish(struct conn *conn, struct http_wish *out)
{
    *out = (struct http_wish){0};
    if (!http_header(conn, WSI_TOKEN_HTTP_IF_NONE_MATCH, out->if_none_match,
                     sizeof(out->if_none_match)))
        out->if_none_match[0] = '\0';
    /* A range is for GET only. */
    if (conn->head_only ||
        !http_header(conn, WSI_TOKEN_HTTP_RANGE, out->range, sizeof(out->range)) ||
        !http_header(conn, WSI_TOKEN_HTTP_IF_RANGE, out->if_range, sizeof(out->if_range)))
        out->range[0] = '\0';
}

void http_choose_part(const struct http_wish *wish, const char *etag, size_t size,
                      struct http_part *out)
{
    bool whole = *wish->if_range && strcmp(wish->if_range, etag) != 0;
    size_t first = 0, last = 0;

    *out = (struct http_part){.status = 200, .len = size};
    if (http_etag_matches(wish->if_none_match, etag)) {
        *out = (struct http_part){.status = 304};
        return;
    }
    switch (whole ? HTTP_RANGE_WHOLE : http_range_parse(wish->range, size, &first, &last)) {
    case HTTP_RANGE_WHOLE:
        return;
    case HTTP_RANGE_PART:
        *out = (struct http_part){.status = 206, .first = first, .len = last - first + 1};
        snprintf(out->line, sizeof(out->line), "Content-Range: bytes %zu-%zu/%zu\r\n", first, last,
                 size);
        return;
    case HTTP_RANGE_OUTSIDE:
        *out = (struct http_part){.status = 416};
        snprintf(out->line, sizeof(out->line), "Content-Range: bytes */%zu\r\n", size);
        return;
    }
}

/* The arguments come apart from libwebsockets and are put together again. */
static bool read_query(struct conn *conn, char out[static NET_QUERY_SIZE])
{
    size_t used = 0;

    out[0] = '\0';
    for (int i = 0; lws_hdr_fragment_length(conn->wsi, WSI_TOKEN_HTTP_URI_ARGS, i) > 0; i++) {
        if (i && used + 1 < NET_QUERY_SIZE)
            out[used++] = '&';
        int len = lws_hdr_copy_fragment(conn->wsi, out + used, (int)(NET_QUERY_SIZE - used),
                                        WSI_TOKEN_HTTP_URI_ARGS, i);
        if (len < 0)
            return false;
        used += (size_t)len;
    }
    return str_utf8_valid(out, used);
}

const char *const http_cookie_names[] = {
    [NET_COOKIE_SESSION] = "__Host-assize",
    [NET_COOKIE_STAFF] = "__Host-assize-staff",
};

static void read_token(const char *cookies, enum net_cookie cookie, char out[static NET_TOKEN_SIZE])
{
    if (!http_cookie(cookies, http_cookie_names[cookie], out, NET_TOKEN_SIZE))
        out[0] = '\0';
}

static void read_agent(struct conn *conn, char out[static NET_AGENT_SIZE])
{
    char agent[NET_HEADERS_MAX];

    if (!http_header(conn, WSI_TOKEN_HTTP_USER_AGENT, agent, sizeof(agent)))
        agent[0] = '\0';
    str_copy(out, NET_AGENT_SIZE, agent);
    for (char *p = out; *p; p++) {
        if (*p < ' ' || *p > '~')
            *p = '?';
    }
}

bool http_read_peer(struct conn *conn, struct net_peer *out)
{
    char cookies[NET_HEADERS_MAX];

    *out = (struct net_peer){0};
    str_copy(out->address, sizeof(out->address), conn->address);
    certificate_read(lws_get_ssl(conn->wsi), out);
    if (!http_header(conn, WSI_TOKEN_HTTP_COOKIE, cookies, sizeof(cookies)))
        return false;
    read_token(cookies, NET_COOKIE_SESSION, out->token);
    read_token(cookies, NET_COOKIE_STAFF, out->staff_token);
    read_agent(conn, out->agent);
    return read_query(conn, out->query);
}
