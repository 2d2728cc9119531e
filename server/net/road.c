#include "base/id.h"
#include "base/log.h"
#include "server/net/net_internal.h"

enum { ROAD_VALUE_SIZE = 160 };

/* A header's value, made safe for the log; of one that is too long nothing. */
static struct log_quoted read_value(struct conn *conn, const char *name_and_colon)
{
    char value[ROAD_VALUE_SIZE];
    int len = lws_hdr_custom_copy(conn->wsi, value, sizeof(value), name_and_colon,
                                  (int)strlen(name_and_colon));

    return log_quote(len > 0 ? value : "");
}

void road_log(struct conn *conn, const char *organisation, const char *method)
{
    if (!*organisation || !http_has_custom_header(conn, "x-road-client:"))
        return;
    log_info("net.road", "method=%s organisation=%s client=%s id=%s user=%s issue=%s",
             log_quote(method).text, log_quote(organisation).text,
             read_value(conn, "x-road-client:").text, read_value(conn, "x-road-id:").text,
             read_value(conn, "x-road-userid:").text, read_value(conn, "x-road-issue:").text);
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
