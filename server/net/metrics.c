#include <string.h>

#include "server/net/net_internal.h"

enum { METRICS_MAX = 256 << 10 };

static const char *const drop_labels[] = {
#define X(id, label) [NET_DROP_##id] = label,
    NET_DROPS(X)
#undef X
};

/* Counters that have moved; a label appears with its first count, as Prometheus allows. */
static int write_counters(const struct net *net, struct buf *out)
{
    int result = buf_printf(
        out,
        "# TYPE assize_net_connections gauge\nassize_net_connections %d\n"
        "# TYPE assize_net_websockets gauge\nassize_net_websockets %d\n"
        "# TYPE assize_net_files gauge\nassize_net_files %d\n"
        "# TYPE assize_net_streams gauge\nassize_net_streams %d\n"
        "# TYPE assize_net_accepted_total counter\nassize_net_accepted_total %llu\n"
        "# TYPE assize_net_requests_total counter\nassize_net_requests_total %llu\n"
        "# TYPE assize_net_calls_total counter\nassize_net_calls_total %llu\n"
        "# TYPE assize_net_packed_total counter\nassize_net_packed_total %llu\n"
        "# TYPE assize_net_ws_opened_total counter\nassize_net_ws_opened_total %llu\n"
        "# TYPE assize_net_ws_received_total counter\nassize_net_ws_received_total %llu\n"
        "# TYPE assize_net_ws_sent_total counter\nassize_net_ws_sent_total %llu\n",
        net->open, net->websockets, net->files, net->streams, (unsigned long long)net->accepted,
        (unsigned long long)net->requests, (unsigned long long)net->calls,
        (unsigned long long)net->packed, (unsigned long long)net->ws_opened,
        (unsigned long long)net->ws_received, (unsigned long long)net->ws_sent);

    if (!result)
        result = buf_printf(out, "# TYPE assize_net_refused_total counter\n");
    for (int i = 0; !result && i < REFUSAL_COUNT; i++) {
        if (net->refused[i])
            result = buf_printf(out, "assize_net_refused_total{code=\"%s\"} %llu\n",
                                refusal_info((enum refusal)i)->code,
                                (unsigned long long)net->refused[i]);
    }
    if (!result)
        result = buf_printf(out, "# TYPE assize_net_dropped_total counter\n");
    for (int i = 0; !result && i < NET_DROP_COUNT; i++) {
        if (net->dropped[i])
            result = buf_printf(out, "assize_net_dropped_total{reason=\"%s\"} %llu\n",
                                drop_labels[i], (unsigned long long)net->dropped[i]);
    }
    return result;
}

static void answer_metrics(struct conn *conn)
{
    struct net *net = conn->net;
    struct buf *out = &conn->reply.owned;

    if (!http_list_has(net->metrics_allow, conn->address)) {
        http_refuse(conn, REFUSAL_NOT_FOUND);
        return;
    }
    if (write_counters(net, out)) {
        http_refuse(conn, REFUSAL_INTERNAL);
        return;
    }
    net->ops->metrics(net->context, out);
    http_answer(conn, &(struct answer){.status = 200,
                                       .type = "text/plain; version=0.0.4; charset=utf-8",
                                       .more = "Cache-Control: no-store\r\n",
                                       .body = out->data,
                                       .len = out->len});
}

static void answer_health(struct conn *conn)
{
    struct buf *out = &conn->reply.owned;
    struct buf members;

    buf_init(&members, METRICS_MAX);
    bool well = conn->net->ops->health(conn->net->context, &members);
    if (buf_printf(out, "{\"ok\":%s%s%.*s}\n", well ? "true" : "false", members.len ? "," : "",
                   (int)members.len, members.len ? (const char *)members.data : ""))
        well = false;
    buf_done(&members);
    http_answer(conn, &(struct answer){.status = well ? 200 : 503,
                                       .type = "application/json",
                                       .more = "Cache-Control: no-store\r\n",
                                       .body = out->data,
                                       .len = out->len});
}

bool metrics_answer(struct conn *conn, const char *path)
{
    if (strcmp(path, "/metrics") == 0)
        answer_metrics(conn);
    else if (strcmp(path, "/healthz") == 0)
        answer_health(conn);
    else
        return false;
    return true;
}
