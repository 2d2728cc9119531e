/*
 * Everything that reads the text of HTTP: chunks, envelopes, cookies, lists, ranges, tags, paths,
 * hosts and origins.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "server/net/http_text.h"

enum { BODY_MAX = 4096 };

static void require(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* However the bytes are cut, the body and the outcome are the same. */
static void feed_chunks(const uint8_t *data, size_t len)
{
    struct http_chunks whole = {0}, bytewise = {0};
    struct buf first, second;
    int outcome, again = 0;

    buf_init(&first, BODY_MAX);
    buf_init(&second, BODY_MAX);
    outcome = http_chunks_feed(&whole, data, len, &first);
    for (size_t i = 0; i < len && !again; i++)
        again = http_chunks_feed(&bytewise, data + i, 1, &second);
    require((outcome < 0) == (again < 0) && (outcome > 0) == (again > 0));
    if (outcome >= 0)
        require(first.len == second.len &&
                (!first.len || memcmp(first.data, second.data, first.len) == 0));
    buf_done(&first);
    buf_done(&second);
}

/* What is opened is what was put in. */
static void open_envelope(const uint8_t *data, size_t len)
{
    uint8_t head[HTTP_ENVELOPE_SIZE];
    size_t said = 0;
    const uint8_t *message = http_envelope_open(data, len, &said);

    if (!message)
        return;
    require(message == data + HTTP_ENVELOPE_SIZE && said + HTTP_ENVELOPE_SIZE == len);
    http_envelope_write(head, 0, said);
    require(memcmp(head, data, sizeof(head)) == 0);
}

static void read_values(const char *text)
{
    char value[32];
    size_t first = 0, last = 0;

    if (http_cookie(text, "__Host-assize", value, sizeof(value)))
        require(strlen(value) < sizeof(value));
    http_type_is(text, "application/proto");
    http_list_has(text, "br");
    http_etag_matches(text, "\"0011223344556677\"");
    if (http_range_parse(text, 1000, &first, &last) == HTTP_RANGE_PART)
        require(first <= last && last < 1000);
    require(http_range_parse(text, 0, &first, &last) != HTTP_RANGE_PART);
    http_path_is_page(text);
    const char *method = http_path_method(text);
    require(!method || strchr(method, '/'));
}

/* Two lines: an Origin and a Host. */
static void read_origin(const char *text)
{
    struct http_authority authority;
    struct http_site site;
    char origin[512];
    const char *host = strchr(text, '\n');

    require(http_site_parse("https://court.example.vn/", 8443, &site));
    http_site_parse(text, 8443, &(struct http_site){0});
    if (http_authority_parse(text, &authority))
        require(authority.port >= 0 && authority.port <= 65535 && *authority.host);
    if (!host || (size_t)(host - text) >= sizeof(origin))
        return;
    memcpy(origin, text, (size_t)(host - text));
    origin[host - text] = '\0';
    if (http_origin_is_ours(&site, origin, host + 1))
        require(strcasecmp(origin, "https://court.example.vn") == 0 ||
                strcasecmp(origin, "https://court.example.vn:443") == 0 ||
                http_host_is_ours(&site, host + 1));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    char *text = malloc(len + 1);

    if (!text)
        return 0;
    memcpy(text, data, len);
    text[len] = '\0';
    feed_chunks(data, len);
    open_envelope(data, len);
    read_values(text);
    read_origin(text);
    free(text);
    return 0;
}
