#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/log.h"
#include "base/str.h"
#include "server/net/net_internal.h"

enum { ROAD_VALUE_SIZE = NET_ROAD_VALUE_MAX + 1 };

/* A header's value; of one that is too long, or is no line of text, nothing. */
static void read_value(struct conn *conn, const char *name_and_colon,
                       char out[static ROAD_VALUE_SIZE])
{
    int len = lws_hdr_custom_copy(conn->wsi, out, ROAD_VALUE_SIZE, name_and_colon,
                                  (int)strlen(name_and_colon));

    if (len > 0 && str_utf8_valid(out, strlen(out)) && str_is_line(out))
        return;
    out[0] = '\0';
    if (http_has_custom_header(conn, name_and_colon))
        log_warn("net.road", "header=%s not_kept=true", name_and_colon);
}

char *road_read(struct conn *conn, const char *organisation, const char *method)
{
    char client[ROAD_VALUE_SIZE], id[ROAD_VALUE_SIZE], user[ROAD_VALUE_SIZE],
        issue[ROAD_VALUE_SIZE];
    char *lines = NULL;

    if (!*organisation || !http_has_custom_header(conn, "x-road-client:"))
        return NULL;
    read_value(conn, "x-road-client:", client);
    read_value(conn, "x-road-id:", id);
    read_value(conn, "x-road-userid:", user);
    read_value(conn, "x-road-issue:", issue);
    log_info("net.road", "method=%s organisation=%s client=%s id=%s user=%s issue=%s",
             log_quote(method).text, log_quote(organisation).text, log_quote(client).text,
             log_quote(id).text, log_quote(user).text, log_quote(issue).text);
    if (asprintf(&lines, "%s\n%s\n%s\n%s", client, id, user, issue) < 0)
        abort();
    return lines;
}

void road_add(const struct road *road, const char *method,
              void (*add)(void *context, const char *name, const char *value), void *context)
{
    char id[ID_UUID_SIZE];

    if (!*road->client)
        return;
    id_uuid(id);
    log_info("net.road", "method=%s id=%s issue=%s", method, id, log_quote(road->issue).text);
    add(context, "X-Road-Client", road->client);
    add(context, "X-Road-Id", id);
    if (*road->user)
        add(context, "X-Road-UserId", road->user);
    if (*road->issue)
        add(context, "X-Road-Issue", road->issue);
}
