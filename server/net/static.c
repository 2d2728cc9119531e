#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/sha256.h"
#include "base/str.h"
#include "server/net/net_internal.h"

/*
 * The web pages are a few files that change only with a release. They are read once, at start, and
 * served from memory: a request is one lookup of its exact path, so no path can lead outside, and
 * the loop never waits for a disk.
 */
enum { ETAG_BYTES = 8, ETAG_SIZE = 2 * ETAG_BYTES + 3, HEADERS_SIZE = 512 };

struct web_page {
    char path[NET_PATH_SIZE]; /* "/assets/app.js" */
    char etag[ETAG_SIZE];     /* of the content, with its quotes */
    const char *type;
    uint8_t *data;
    size_t len;
    UT_hash_handle hh;
};

static const char *type_of(const char *path)
{
    static const struct {
        const char *extension, *type;
    } types[] = {{".html", "text/html; charset=utf-8"},
                 {".js", "text/javascript; charset=utf-8"},
                 {".mjs", "text/javascript; charset=utf-8"},
                 {".css", "text/css; charset=utf-8"},
                 {".json", "application/json"},
                 {".map", "application/json"},
                 {".webmanifest", "application/manifest+json"},
                 {".txt", "text/plain; charset=utf-8"},
                 {".svg", "image/svg+xml"},
                 {".png", "image/png"},
                 {".jpg", "image/jpeg"},
                 {".webp", "image/webp"},
                 {".avif", "image/avif"},
                 {".ico", "image/x-icon"},
                 {".woff2", "font/woff2"},
                 {".wasm", "application/wasm"},
                 {".mp3", "audio/mpeg"},
                 {".ogg", "audio/ogg"},
                 {".opus", "audio/ogg"},
                 {".wav", "audio/wav"},
                 {".webm", "video/webm"},
                 {".mp4", "video/mp4"},
                 {".pdf", "application/pdf"}};
    const char *dot = strrchr(path, '.');

    for (size_t i = 0; dot && i < sizeof(types) / sizeof(types[0]); i++) {
        if (strcasecmp(dot, types[i].extension) == 0)
            return types[i].type;
    }
    return "application/octet-stream";
}

/* Exactly len bytes, or -errno. */
static int read_whole(const char *file, uint8_t *data, size_t len)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    size_t done = 0;
    ssize_t n = 1;

    if (fd < 0)
        return -errno;
    while (done < len && (n = read(fd, data + done, len - done)) > 0)
        done += (size_t)n;
    close(fd);
    return done == len ? 0 : -EIO;
}

static struct web_page *load_page(const char *file, const char *path, size_t len)
{
    struct web_page *page = calloc(1, sizeof(*page));
    uint8_t digest[SHA256_BYTES];

    if (!page || !(page->data = malloc(len + 1)))
        abort();
    page->len = len;
    page->type = type_of(path);
    if (!str_copy(page->path, sizeof(page->path), path) || read_whole(file, page->data, len)) {
        free(page->data);
        free(page);
        return NULL;
    }
    sha256(page->data, len, digest);
    page->etag[0] = '"';
    str_hex(digest, ETAG_BYTES, page->etag + 1);
    page->etag[ETAG_SIZE - 2] = '"';
    return page;
}

static void add_file(struct web_page **pages, const FTSENT *entry, size_t root_len, size_t *total)
{
    size_t len = (size_t)entry->fts_statp->st_size;
    struct web_page *page = NULL;

    if (len <= NET_STATIC_MAX - *total)
        page = load_page(entry->fts_path, entry->fts_path + root_len, len);
    if (!page) {
        log_warn("net.page_skipped", "file=%s", log_quote(entry->fts_path).text);
        return;
    }
    *total += len;
    HASH_ADD_STR(*pages, path, page);
}

struct web_page *static_load(const char *root)
{
    char *copy = strdup(root);
    char *const roots[] = {copy, NULL};
    struct web_page *pages = NULL;
    size_t total = 0;

    if (!copy)
        abort();
    for (size_t len = strlen(copy); len > 1 && copy[len - 1] == '/'; len--)
        copy[len - 1] = '\0';
    FTS *walk = *copy ? fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL) : NULL;
    for (FTSENT *entry; walk && (entry = fts_read(walk));) {
        if (entry->fts_level > 0 && entry->fts_name[0] == '.')
            fts_set(walk, entry, FTS_SKIP);
        else if (entry->fts_info == FTS_F)
            add_file(&pages, entry, strlen(copy), &total);
    }
    if (walk)
        fts_close(walk);
    log_info("net.pages", "files=%u bytes=%zu", HASH_COUNT(pages), total);
    free(copy);
    return pages;
}

void static_free(struct web_page *pages)
{
    struct web_page *page, *next;

    HASH_ITER(hh, pages, page, next)
    {
        HASH_DEL(pages, page);
        free(page->data);
        free(page);
    }
}

static const struct web_page *find(struct web_page *pages, const char *path, const char *suffix)
{
    char name[NET_PATH_SIZE + 8];
    struct web_page *page;

    snprintf(name, sizeof(name), "%s%s", path, suffix);
    HASH_FIND_STR(pages, name, page);
    return page;
}

/*
 * The page as the client can take it, smallest first. A part of a page is always cut from the page
 * itself.
 */
static const struct web_page *choose_coding(struct conn *conn, const struct web_page *page,
                                            const char **ret_coding)
{
    static const struct {
        const char *name, *suffix;
    } codings[] = {{"br", ".br"}, {"gzip", ".gz"}};
    char accepted[256];

    *ret_coding = NULL;
    if (lws_hdr_total_length(conn->wsi, WSI_TOKEN_HTTP_RANGE) > 0 ||
        !http_header(conn, WSI_TOKEN_HTTP_ACCEPT_ENCODING, accepted, sizeof(accepted)))
        return page;
    for (size_t i = 0; i < sizeof(codings) / sizeof(codings[0]); i++) {
        const struct web_page *coded = find(conn->net->pages, page->path, codings[i].suffix);
        if (coded && http_list_has(accepted, codings[i].name)) {
            *ret_coding = codings[i].name;
            return coded;
        }
    }
    return page;
}

static void answer_page(struct conn *conn, const struct web_page *page)
{
    const char *coding;
    const struct web_page *coded = choose_coding(conn, page, &coding);
    struct http_wish wish;
    struct http_part part;
    char more[HEADERS_SIZE];

    http_read_wish(conn, &wish);
    http_choose_part(&wish, coded->etag, coded->len, &part);
    bool has_body = part.status == 200 || part.status == 206;
    snprintf(more, sizeof(more),
             "Cache-Control: %s\r\nETag: %s\r\nVary: Accept-Encoding\r\nAccept-Ranges: bytes\r\n"
             "%s%s%s%s",
             strncmp(page->path, "/assets/", strlen("/assets/")) == 0
                 ? "public, max-age=31536000, immutable"
                 : "no-cache",
             coded->etag, coding ? "Content-Encoding: " : "", coding ? coding : "",
             coding ? "\r\n" : "", part.line);
    http_answer(conn, &(struct answer){
                          .status = part.status,
                          .type = has_body ? page->type : NULL,
                          .more = more,
                          .body = coded->data + part.first,
                          .len = part.len,
                      });
}

/* Where one comes by the name of the site alone, or by signing in without a page to go back to. */
static bool leads_home(const struct conn *conn, const char *path)
{
    return conn->net->home && (strcmp(path, "/") == 0 || strcmp(path, "/desk") == 0);
}

static void lead_home(struct conn *conn)
{
    char more[HEADERS_SIZE];

    snprintf(more, sizeof(more), "Cache-Control: no-cache\r\nLocation: %s\r\n", conn->net->home);
    http_answer(conn, &(struct answer){.status = 302, .more = more});
}

void static_answer(struct conn *conn, const struct request *request)
{
    const struct web_page *page = find(conn->net->pages, request->path, "");

    if (leads_home(conn, request->path)) {
        lead_home(conn);
        return;
    }
    if (!page && http_path_method(request->path)) {
        http_refuse(conn, REFUSAL_METHOD_NOT_ALLOWED);
        return;
    }
    if (!page && http_path_is_page(request->path))
        page = find(conn->net->pages, "/index.html", "");
    if (page)
        answer_page(conn, page);
    else if (conn->net->ops->fetch)
        fetch_begin(conn, request);
    else
        http_refuse(conn, REFUSAL_NOT_FOUND);
}
