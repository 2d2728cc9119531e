#include "server/net/http_text.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

enum { CHUNK_DIGITS_MAX = 8, CHUNK_JUNK_MAX = 1024, HTTPS_PORT = 443, PORT_MAX = 65535 };

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

static bool is_host_char(char c, bool literal)
{
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.')
        return true;
    return literal ? c == ':' : c == '-' || c == '_';
}

static bool copy_host(const char *text, size_t len, bool literal, char *out)
{
    if (!len || len >= HTTP_HOST_SIZE)
        return false;
    for (size_t i = 0; i < len; i++) {
        out[i] = lower(text[i]);
        if (!is_host_char(out[i], literal))
            return false;
    }
    out[len] = '\0';
    return true;
}

bool http_authority_parse(const char *text, struct http_authority *out)
{
    bool literal = *text == '[';
    const char *host = text + literal;
    size_t len = strcspn(host, literal ? "]" : ":");
    const char *rest = host + len;
    uint64_t port = HTTPS_PORT;

    if (literal && *rest++ != ']')
        return false;
    if (*rest == ':' && str_to_u64(rest + 1, PORT_MAX, &port))
        return false;
    if (*rest && *rest != ':')
        return false;
    if (!copy_host(host, len, literal, out->host))
        return false;
    out->port = (int)port;
    return true;
}

bool http_site_parse(const char *public_url, int port, struct http_site *out)
{
    char authority[HTTP_HOST_SIZE];
    const char *start = public_url + strlen("https://");

    if (strncmp(public_url, "https://", strlen("https://")) != 0)
        return false;
    size_t len = strcspn(start, "/?#");
    if (len >= sizeof(authority))
        return false;
    memcpy(authority, start, len);
    authority[len] = '\0';
    out->port = port;
    return http_authority_parse(authority, &out->public_url);
}

static bool same_authority(const struct http_authority *a, const struct http_authority *b)
{
    return a->port == b->port && strcmp(a->host, b->host) == 0;
}

static bool is_own_address(const char *host)
{
    struct in6_addr address;

    return strcmp(host, "localhost") == 0 || inet_pton(AF_INET, host, &address) == 1 ||
           inet_pton(AF_INET6, host, &address) == 1;
}

static bool authority_is_ours(const struct http_site *site, const struct http_authority *host)
{
    return same_authority(host, &site->public_url) ||
           (host->port == site->port && is_own_address(host->host));
}

bool http_host_is_ours(const struct http_site *site, const char *host)
{
    struct http_authority authority;

    return http_authority_parse(host, &authority) && authority_is_ours(site, &authority);
}

bool http_origin_is_ours(const struct http_site *site, const char *origin, const char *host)
{
    struct http_authority from, to;

    if (strncmp(origin, "https://", strlen("https://")) != 0 ||
        !http_authority_parse(origin + strlen("https://"), &from))
        return false;
    if (same_authority(&from, &site->public_url))
        return true;
    return http_authority_parse(host, &to) && same_authority(&from, &to) &&
           authority_is_ours(site, &to);
}

bool http_cookie(const char *header, const char *name, char *out, size_t size)
{
    size_t name_len = strlen(name);

    while (*header) {
        header += strspn(header, "; \t");
        size_t len = strcspn(header, ";");
        if (len > name_len && strncmp(header, name, name_len) == 0 && header[name_len] == '=') {
            len -= name_len + 1;
            if (len >= size)
                return false;
            memcpy(out, header + name_len + 1, len);
            out[len] = '\0';
            return true;
        }
        header += len;
    }
    return false;
}

/* The length of a list member's token: up to a blank, a semicolon or a comma. */
static size_t token_len(const char *text)
{
    return strcspn(text, " \t;,");
}

bool http_type_is(const char *header, const char *type)
{
    header += strspn(header, " \t");
    return token_len(header) == strlen(type) && strncasecmp(header, type, strlen(type)) == 0;
}

/* parameters: what follows the token, up to the comma. A q of 0, 0.0, … refuses the member. */
static bool is_refused(const char *parameters, size_t len)
{
    const char *end = parameters + len;
    const char *q = memmem(parameters, len, "q=", 2);

    if (!q)
        return false;
    for (q += 2; q < end && (*q == '0' || *q == '.'); q++)
        ;
    return q == end || is_blank(*q) || *q == ';';
}

bool http_list_has(const char *header, const char *token)
{
    size_t wanted = strlen(token);

    while (*header) {
        header += strspn(header, ", \t");
        size_t len = token_len(header);
        size_t member = strcspn(header, ",");
        if (len && len == wanted && strncasecmp(header, token, len) == 0)
            return !is_refused(header + len, member - len);
        header += member;
    }
    return false;
}

bool http_etag_matches(const char *header, const char *etag)
{
    size_t wanted = strlen(etag);

    while (*header) {
        header += strspn(header, ", \t");
        if (strncmp(header, "W/", 2) == 0)
            header += 2;
        size_t len = token_len(header);
        if ((len == 1 && *header == '*') || (len == wanted && strncmp(header, etag, len) == 0))
            return true;
        header += strcspn(header, ",");
    }
    return false;
}

static bool read_digits(const char **text, size_t *ret_value)
{
    size_t value = 0;
    const char *p = *text;

    for (; *p >= '0' && *p <= '9'; p++) {
        if (__builtin_mul_overflow(value, (size_t)10, &value) ||
            __builtin_add_overflow(value, (size_t)(*p - '0'), &value))
            return false;
    }
    bool any = p != *text;
    *text = p;
    *ret_value = value;
    return any;
}

static enum http_range suffix_range(const char *text, size_t size, size_t *ret_first,
                                    size_t *ret_last)
{
    size_t count;

    if (!read_digits(&text, &count) || *text)
        return HTTP_RANGE_WHOLE;
    if (!count || !size)
        return HTTP_RANGE_OUTSIDE;
    *ret_first = count < size ? size - count : 0;
    *ret_last = size - 1;
    return HTTP_RANGE_PART;
}

enum http_range http_range_parse(const char *header, size_t size, size_t *ret_first,
                                 size_t *ret_last)
{
    size_t first, last;

    if (strncasecmp(header, "bytes=", strlen("bytes=")) != 0)
        return HTTP_RANGE_WHOLE;
    header += strlen("bytes=");
    if (*header == '-')
        return suffix_range(header + 1, size, ret_first, ret_last);
    if (!read_digits(&header, &first) || *header++ != '-')
        return HTTP_RANGE_WHOLE;
    if (!*header)
        last = SIZE_MAX;
    else if (!read_digits(&header, &last) || *header || last < first)
        return HTTP_RANGE_WHOLE;
    if (first >= size)
        return HTTP_RANGE_OUTSIDE;
    *ret_first = first;
    *ret_last = last < size ? last : size - 1;
    return HTTP_RANGE_PART;
}

bool http_path_is_page(const char *path)
{
    const char *last = strrchr(path, '/');

    return last && !strchr(last, '.') && strncmp(path, "/assets/", strlen("/assets/")) != 0;
}

const char *http_path_method(const char *path)
{
    const char *service = *path == '/' ? path + 1 : path;
    const char *slash = strchr(service, '/');
    const char *dot = strchr(service, '.');

    if (!slash || !slash[1] || strchr(slash + 1, '/') || !dot || dot > slash)
        return NULL;
    return service;
}

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One byte of a size line. */
static int feed_size(struct http_chunks *chunks, uint8_t c)
{
    int digit = hex_value(c);

    if (digit >= 0) {
        if (++chunks->digits > CHUNK_DIGITS_MAX)
            return -EBADMSG;
        chunks->left = chunks->left << 4 | (size_t)digit;
        return 0;
    }
    if (!chunks->digits || (c != '\r' && c != ';' && !is_blank((char)c)))
        return -EBADMSG;
    chunks->state = HTTP_CHUNK_EXTENSION;
    return 0;
}

/* One byte of the framing around chunks. */
static int feed_framing(struct http_chunks *chunks, uint8_t c)
{
    switch (chunks->state) {
    case HTTP_CHUNK_SIZE:
        return feed_size(chunks, c);
    case HTTP_CHUNK_EXTENSION:
        if (c != '\n')
            return ++chunks->junk > CHUNK_JUNK_MAX ? -EBADMSG : 0;
        chunks->digits = 0;
        chunks->junk = 0;
        chunks->state = chunks->left ? HTTP_CHUNK_DATA : HTTP_CHUNK_TRAILER;
        return 0;
    case HTTP_CHUNK_DATA_CR:
        chunks->state = HTTP_CHUNK_DATA_LF;
        return c == '\r' ? 0 : -EBADMSG;
    case HTTP_CHUNK_DATA_LF:
        chunks->state = HTTP_CHUNK_SIZE;
        return c == '\n' ? 0 : -EBADMSG;
    case HTTP_CHUNK_TRAILER:
        chunks->state = c == '\r' ? HTTP_CHUNK_END_LF : HTTP_CHUNK_TRAILER_LINE;
        return ++chunks->junk > CHUNK_JUNK_MAX ? -EBADMSG : 0;
    case HTTP_CHUNK_TRAILER_LINE:
        if (c == '\n')
            chunks->state = HTTP_CHUNK_TRAILER;
        return ++chunks->junk > CHUNK_JUNK_MAX ? -EBADMSG : 0;
    case HTTP_CHUNK_END_LF:
        chunks->state = HTTP_CHUNK_DONE;
        return c == '\n' ? 0 : -EBADMSG;
    case HTTP_CHUNK_DATA:
    case HTTP_CHUNK_DONE:
        break;
    }
    return -EBADMSG;
}

int http_chunks_feed(struct http_chunks *chunks, const uint8_t *data, size_t len, struct buf *out)
{
    for (size_t i = 0; i < len && chunks->state != HTTP_CHUNK_DONE;) {
        if (chunks->state == HTTP_CHUNK_DATA) {
            size_t take = chunks->left < len - i ? chunks->left : len - i;
            if (buf_append(out, data + i, take))
                return -ENOBUFS;
            chunks->left -= take;
            i += take;
            if (!chunks->left)
                chunks->state = HTTP_CHUNK_DATA_CR;
            continue;
        }
        int result = feed_framing(chunks, data[i++]);
        if (!result && chunks->state == HTTP_CHUNK_DATA && chunks->left > out->max - out->len)
            result = -ENOBUFS; /* that it will be too large is known before it has come */
        if (result)
            return result;
    }
    return chunks->state == HTTP_CHUNK_DONE;
}

void http_envelope_write(uint8_t out[static HTTP_ENVELOPE_SIZE], uint8_t flags, size_t len)
{
    out[0] = flags;
    for (int i = 1; i < HTTP_ENVELOPE_SIZE; i++)
        out[i] = (uint8_t)(len >> (8 * (HTTP_ENVELOPE_SIZE - 1 - i)));
}

const uint8_t *http_envelope_open(const uint8_t *body, size_t len, size_t *ret_len)
{
    size_t said = 0;

    if (len < HTTP_ENVELOPE_SIZE || body[0])
        return NULL;
    for (int i = 1; i < HTTP_ENVELOPE_SIZE; i++)
        said = said << 8 | body[i];
    *ret_len = said;
    return said == len - HTTP_ENVELOPE_SIZE ? body + HTTP_ENVELOPE_SIZE : NULL;
}
