/*
 * One call at a time by libcurl, which keeps the connection for the next. Names are looked up
 * beside it: its own lookups could not be given up without waiting for them.
 */
#include <assert.h>
#include <curl/curl.h>
#include <errno.h>
#include <netdb.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "server/net/coding.h"
#include "server/net/net_client.h"
#include "server/net/net_internal.h"

enum {
    CLIENT_METHOD_SIZE = 160,
    CLIENT_PREFIX_SIZE = 256,
    CLIENT_ROAD_SIZE = 160,
    CLIENT_BUFFER_BYTES = 128 << 10
};

enum client_state {
    CLIENT_IDLE,      /* no call */
    CLIENT_RESOLVING, /* the name is being looked up; the timer is the call's deadline */
    CLIENT_CALLING,   /* libcurl has it; the timer is the call's deadline */
    CLIENT_ENDED,     /* the outcome is there, and is told in the next turn of the loop */
    CLIENT_CLOSED     /* net_client_free was called */
};

struct net_client {
    struct net *net;
    struct credentials *credentials;
    unsigned version; /* of the credentials that its connection was made with; 0: none yet */
    CURLM *multi;     /* has the connection */
    CURL *easy;       /* has the call */
    struct curl_slist *headers, *address;
    struct http_authority server;
    char prefix[CLIENT_PREFIX_SIZE]; /* of all paths: "" or "/..." */
    char road_client[CLIENT_ROAD_SIZE], road_user[CLIENT_ROAD_SIZE], issue[CLIENT_ROAD_SIZE];
    int64_t deadline_ms;
    enum client_state state;
    uv_timer_t timer;
    uv_timer_t curl_timer;
    uv_getaddrinfo_t lookup;
    bool looking_up; /* the request is in use, maybe for a call that is over */
    int open_handles;
    char method[CLIENT_METHOD_SIZE];
    struct buf body;
    bool packed; /* the body is in zstd */
    bool opens;  /* the other server takes such a body, as it has said (RFC 9110 section 12.5.3) */
    int status;
    struct net_peer peer;
    struct buf answer;
    int error;
    net_client_callback callback;
    void *context;
};

/* A socket of libcurl's on our loop. */
struct watch {
    uv_poll_t poll;
    struct net_client *client;
    curl_socket_t socket;
};

/* ---- the end of a call ---- */

static void tell(uv_timer_t *timer)
{
    struct net_client *client = timer->data;
    enum refusal refusal = REFUSAL_NONE;
    struct buf answer = client->answer; /* the callback may call again */

    buf_init(&client->answer, NET_ANSWER_MAX);
    client->state = CLIENT_IDLE;
    if (!client->error && client->status != 200)
        refusal = connect_error_read(answer.data, answer.len);
    client->callback(client->context, client->error, refusal, answer.data, answer.len);
    buf_done(&answer);
}

static void end_call(struct net_client *client, int error)
{
    if (client->state == CLIENT_CALLING)
        curl_multi_remove_handle(client->multi, client->easy);
    if (client->state != CLIENT_RESOLVING && client->state != CLIENT_CALLING)
        return;
    client->state = CLIENT_ENDED;
    client->error = error;
    uv_timer_start(&client->timer, tell, 0, 0);
}

static void on_deadline(uv_timer_t *timer)
{
    end_call(timer->data, -ETIMEDOUT);
}

/* ---- the answer ---- */

static size_t take_answer(char *data, size_t size, size_t count, void *context)
{
    struct net_client *client = context;

    return buf_append(&client->answer, data, size * count) ? 0 : size * count;
}

/* The connection is there as long as the answer comes; who is at its end is read from it then. */
static size_t take_header(char *line, size_t size, size_t count, void *context)
{
    struct net_client *client = context;
    struct curl_tlssessioninfo *session = NULL;

    if (size * count > 5 && memcmp(line, "HTTP/", 5) == 0) {
        client->peer = (struct net_peer){0};
        curl_easy_getinfo(client->easy, CURLINFO_TLS_SSL_PTR, &session);
        if (session && session->internals)
            certificate_read(session->internals, &client->peer);
    }
    return size * count;
}

static bool header_is_zstd(struct net_client *client, const char *name)
{
    struct curl_header *header;

    return curl_easy_header(client->easy, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK &&
           http_list_has(header->value, CODING_NAME);
}

/* The answer as it was before it was packed. 0 or -EPROTO. */
static int open_answer(struct net_client *client)
{
    struct buf plain;

    buf_init(&plain, client->answer.max);
    int result = coding_open(client->answer.data, client->answer.len, &plain);
    buf_done(&client->answer);
    client->answer = plain;
    return result ? -EPROTO : 0;
}

static int read_answer(struct net_client *client)
{
    const char *type = NULL;
    long status = 0;

    curl_easy_getinfo(client->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(client->easy, CURLINFO_CONTENT_TYPE, &type);
    client->status = (int)status;
    if (status == 200 || status == 415)
        client->opens = header_is_zstd(client, "accept-encoding");
    if (!type || !http_type_is(type, status == 200 ? "application/proto" : "application/json"))
        return -EPROTO;
    return client->answer.len && header_is_zstd(client, "content-encoding") ? open_answer(client)
                                                                            : 0;
}

static int call_error(CURLcode code)
{
    if (code == CURLE_WRITE_ERROR || code == CURLE_WEIRD_SERVER_REPLY)
        return -EPROTO;
    return code == CURLE_OPERATION_TIMEDOUT ? -ETIMEDOUT : -ECONNREFUSED;
}

/* Called when libcurl is not on the stack. */
static void look_for_end(struct net_client *client)
{
    int left;
    const CURLMsg *message = curl_multi_info_read(client->multi, &left);

    if (!message || message->msg != CURLMSG_DONE || client->state != CLIENT_CALLING)
        return;
    CURLcode code = message->data.result;
    if (code)
        log_debug("net.call", "why=%s", log_quote(curl_easy_strerror(code)).text);
    end_call(client, code ? call_error(code) : read_answer(client));
}

/* ---- libcurl on our loop ---- */

static void handle_closed(struct net_client *client)
{
    if (--client->open_handles == 0 && !client->looking_up)
        free(client);
}

static void watch_closed(uv_handle_t *handle)
{
    struct watch *watch = handle->data;

    handle_closed(watch->client);
    free(watch);
}

static void on_socket(uv_poll_t *poll, int status, int events)
{
    struct watch *watch = poll->data;
    struct net_client *client = watch->client;
    int flags = status < 0 ? CURL_CSELECT_ERR : 0;
    int running;

    if (events & UV_READABLE)
        flags |= CURL_CSELECT_IN;
    if (events & UV_WRITABLE)
        flags |= CURL_CSELECT_OUT;
    curl_multi_socket_action(client->multi, watch->socket, flags, &running);
    look_for_end(client);
}

static struct watch *watch_new(struct net_client *client, curl_socket_t socket)
{
    struct watch *watch = calloc(1, sizeof(*watch));

    if (!watch)
        abort();
    watch->client = client;
    watch->socket = socket;
    watch->poll.data = watch;
    if (uv_poll_init_socket(client->net->loop, &watch->poll, socket)) {
        free(watch);
        return NULL;
    }
    client->open_handles++;
    curl_multi_assign(client->multi, socket, watch);
    return watch;
}

static int watch_socket(CURL *easy, curl_socket_t socket, int what, void *context, void *known)
{
    struct watch *watch = known;
    int events = 0;

    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        if (watch)
            uv_close((uv_handle_t *)&watch->poll, watch_closed); /* stops it at once */
        return 0;
    }
    if (!watch)
        watch = watch_new(context, socket);
    if (what & CURL_POLL_IN)
        events |= UV_READABLE;
    if (what & CURL_POLL_OUT)
        events |= UV_WRITABLE;
    return !watch || uv_poll_start(&watch->poll, events, on_socket) ? -1 : 0;
}

static void on_curl_timer(uv_timer_t *timer)
{
    struct net_client *client = timer->data;
    int running;

    curl_multi_socket_action(client->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    look_for_end(client);
}

static int set_timer(CURLM *multi, long ms, void *context)
{
    struct net_client *client = context;

    (void)multi;
    if (client->state == CLIENT_CLOSED)
        return 0;
    if (ms < 0)
        uv_timer_stop(&client->curl_timer);
    else
        uv_timer_start(&client->curl_timer, on_curl_timer, (uint64_t)ms, 0);
    return 0;
}

/* ---- the beginning of a call ---- */

static CURLcode use_credentials(CURL *easy, void *tls, void *context)
{
    struct net_client *client = context;

    (void)easy;
    return credentials_apply(client->credentials, tls) ? CURLE_OK : CURLE_SSL_CERTPROBLEM;
}

static void add_header(void *context, const char *name, const char *value)
{
    struct net_client *client = context;
    char line[CLIENT_ROAD_SIZE + 32];

    snprintf(line, sizeof(line), "%s: %s", name, value);
    struct curl_slist *longer = curl_slist_append(client->headers, line);
    if (!longer)
        abort();
    client->headers = longer;
}

static void set_headers(struct net_client *client)
{
    const struct road road = {client->road_client, client->road_user, client->issue};

    curl_slist_free_all(client->headers);
    client->headers = NULL;
    add_header(client, "Content-Type", "application/proto");
    add_header(client, "Connect-Protocol-Version", "1");
    add_header(client, "Accept-Encoding", CODING_NAME);
    if (client->packed)
        add_header(client, "Content-Encoding", CODING_NAME);
    add_header(client, "Expect", ""); /* the body goes at once */
    road_add(&road, client->method, add_header, client);
    curl_easy_setopt(client->easy, CURLOPT_HTTPHEADER, client->headers);
}

/* Under the name that the certificate must have, at the address that was found. */
static void set_address(struct net_client *client, const char *address)
{
    char url[HTTP_HOST_SIZE + CLIENT_PREFIX_SIZE + CLIENT_METHOD_SIZE + 32];
    char found[HTTP_HOST_SIZE + NI_MAXHOST + 16];
    const char *host = client->server.host;
    bool literal = strchr(host, ':');

    snprintf(url, sizeof(url), "https://%s%s%s:%d%s/%s", literal ? "[" : "", host,
             literal ? "]" : "", client->server.port, client->prefix, client->method);
    snprintf(found, sizeof(found), "%s:%d:%s", host, client->server.port, address);
    curl_slist_free_all(client->address);
    client->address = literal ? NULL : curl_slist_append(NULL, found);
    curl_easy_setopt(client->easy, CURLOPT_URL, url);
    curl_easy_setopt(client->easy, CURLOPT_RESOLVE, client->address);
}

static void open_multi(struct net_client *client)
{
    client->multi = curl_multi_init();
    if (!client->multi)
        abort();
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
    curl_multi_setopt(client->multi, CURLMOPT_SOCKETDATA, client);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(client->multi, CURLMOPT_TIMERDATA, client);
    curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, 1L);
}

/* With our certificates as they are now: what was connected with others is closed. 0 or -ENOENT. */
static int follow_credentials(struct net_client *client)
{
    unsigned version = credentials_version(client->credentials);

    if (version != client->version) {
        curl_multi_cleanup(client->multi);
        open_multi(client);
    }
    client->version = version;
    return version ? 0 : -ENOENT;
}

static void connect_to(struct net_client *client, const char *address)
{
    const char *body = client->body.len ? (const char *)client->body.data : "";

    set_address(client, address);
    set_headers(client);
    curl_easy_setopt(client->easy, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(client->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)client->body.len);
    client->state = CLIENT_CALLING;
    if (curl_multi_add_handle(client->multi, client->easy))
        end_call(client, -ECONNREFUSED);
}

static void looked_up(uv_getaddrinfo_t *lookup, int status, struct addrinfo *found)
{
    struct net_client *client = lookup->data;
    char address[NI_MAXHOST];

    client->looking_up = false;
    if (client->state == CLIENT_CLOSED) {
        if (!client->open_handles)
            free(client);
    } else if (client->state == CLIENT_RESOLVING) {
        if (status || getnameinfo(found->ai_addr, found->ai_addrlen, address, sizeof(address), NULL,
                                  0, NI_NUMERICHOST))
            end_call(client, -ECONNREFUSED);
        else
            connect_to(client, address);
    }
    uv_freeaddrinfo(found);
}

static void start_call(struct net_client *client)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};

    int result = follow_credentials(client);
    if (!result && client->looking_up)
        result = -ETIMEDOUT; /* the name of the call before is still being looked up */
    if (!result && uv_getaddrinfo(client->net->loop, &client->lookup, looked_up,
                                  client->server.host, NULL, &hints))
        result = -ECONNREFUSED;
    if (result)
        end_call(client, result);
    else
        client->looking_up = true;
}

void net_client_call(struct net_client *client, const char *method, const uint8_t *body, size_t len,
                     net_client_callback callback, void *context)
{
    assert(client->state == CLIENT_IDLE);
    client->callback = callback;
    client->context = context;
    client->status = 0;
    buf_clear(&client->answer);
    buf_clear(&client->body);
    client->packed = client->opens && len >= CODING_LEAST && !coding_pack(body, len, &client->body);
    if (!str_copy(client->method, sizeof(client->method), method) ||
        (!client->packed && buf_append(&client->body, body, len)))
        abort(); /* both are ours */
    client->state = CLIENT_RESOLVING;
    uv_timer_start(&client->timer, on_deadline, (uint64_t)client->deadline_ms, 0);
    start_call(client);
}

void net_client_hang_up(struct net_client *client)
{
    if (client->state == CLIENT_CLOSED)
        return;
    if (client->state == CLIENT_CALLING)
        curl_multi_remove_handle(client->multi, client->easy);
    client->state = CLIENT_IDLE; /* a name that is being looked up is for nobody */
    uv_timer_stop(&client->timer);
    uv_timer_stop(&client->curl_timer);
    curl_multi_cleanup(client->multi);
    open_multi(client);
}

void net_client_set_issue(struct net_client *client, const char *issue)
{
    str_copy(client->issue, sizeof(client->issue), issue);
}

const struct net_peer *net_client_peer(const struct net_client *client)
{
    return &client->peer;
}

/* ---- making and freeing ---- */

/* The path of a URL, without a slash at its end. */
static bool read_prefix(const char *url, char prefix[static CLIENT_PREFIX_SIZE])
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                  "-._~%/";
    const char *authority = strstr(url, "://");
    const char *path = authority ? authority + 3 + strcspn(authority + 3, "/?#") : "";
    size_t len = strlen(path);

    if (strspn(path, letters) != len || strstr(path, "//") || strstr(path, "/.") ||
        !str_copy(prefix, CLIENT_PREFIX_SIZE, path))
        return false;
    if (len && prefix[len - 1] == '/')
        prefix[len - 1] = '\0';
    return true;
}

static bool copy_or_none(char out[static CLIENT_ROAD_SIZE], const char *text)
{
    return str_copy(out, CLIENT_ROAD_SIZE, text ? text : "");
}

static void start_curl(void)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT))
        abort();
}

/* What is the same for all calls. Nothing of it is taken from the environment. */
static void set_manner(struct net_client *client)
{
    CURL *easy = client->easy;

    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_HTTP_CONTENT_DECODING, 0L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_3);
    curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
    curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, use_credentials);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, client);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)CLIENT_BUFFER_BYTES);
    curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)CLIENT_BUFFER_BYTES);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_answer);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, client);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, client);
}

static void start_handles(struct net_client *client)
{
    client->lookup.data = client;
    client->timer.data = client;
    client->curl_timer.data = client;
    uv_timer_init(client->net->loop, &client->timer);
    uv_timer_init(client->net->loop, &client->curl_timer);
    client->open_handles = 2;
}

struct net_client *net_client_new(struct net *net, const struct net_client_options *options)
{
    static pthread_once_t curl_started = PTHREAD_ONCE_INIT;
    struct net_client *client = calloc(1, sizeof(*client));
    struct http_site site;

    if (!client)
        abort();
    if (!http_site_parse(options->url, 0, &site) || !read_prefix(options->url, client->prefix) ||
        !copy_or_none(client->road_client, options->road_client) ||
        !copy_or_none(client->road_user, options->road_user)) {
        free(client);
        return NULL;
    }
    pthread_once(&curl_started, start_curl);
    client->net = net;
    client->credentials = options->credentials;
    client->server = site.public_url;
    client->deadline_ms = NET_ANSWER_MS + options->wait_ms;
    client->easy = curl_easy_init();
    if (!client->easy)
        abort();
    open_multi(client);
    buf_init(&client->body, NET_BODY_MAX);
    buf_init(&client->answer, NET_ANSWER_MAX);
    start_handles(client);
    set_manner(client);
    return client;
}

static void timer_closed(uv_handle_t *handle)
{
    handle_closed(handle->data);
}

void net_client_free(struct net_client *client)
{
    if (!client)
        return;
    if (client->state == CLIENT_CALLING)
        curl_multi_remove_handle(client->multi, client->easy);
    client->state = CLIENT_CLOSED;
    if (client->looking_up)
        uv_cancel((uv_req_t *)&client->lookup);
    curl_easy_cleanup(client->easy);
    curl_multi_cleanup(client->multi); /* closes the connection, and so its watch */
    curl_slist_free_all(client->headers);
    curl_slist_free_all(client->address);
    buf_done(&client->body);
    buf_done(&client->answer);
    uv_close((uv_handle_t *)&client->timer, timer_closed);
    uv_close((uv_handle_t *)&client->curl_timer, timer_closed);
}
