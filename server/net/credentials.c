#include "server/net/credentials.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/spki.h"

enum { LOOK_MS = 1000, FILES = 3, DAY_MS = 24 * 3600 * 1000 };

/* By what one sees that a file is another. */
struct mark {
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec changed;
};

/* What the files held at one time. */
struct loaded {
    X509 *certificate;
    EVP_PKEY *key;
    STACK_OF(X509) * chain;
    X509_STORE *trusted; /* NULL: there is no ca */
    STACK_OF(X509_NAME) * trusted_names;
};

struct credentials {
    struct credentials_paths paths;
    uv_timer_t timer;
    struct loaded now;
    unsigned version;
    struct mark tried[FILES]; /* what was last read, used or not */
    struct mark seen[FILES];  /* at the last look: files are replaced one after another */
    int64_t warned_ms;        /* monotonic; 0: not yet */
};

/* ---- reading ---- */

static void loaded_done(struct loaded *loaded)
{
    X509_free(loaded->certificate);
    EVP_PKEY_free(loaded->key);
    sk_X509_pop_free(loaded->chain, X509_free);
    X509_STORE_free(loaded->trusted);
    sk_X509_NAME_pop_free(loaded->trusted_names, X509_NAME_free);
    *loaded = (struct loaded){0};
}

/* Nobody is there to be asked for a password. */
static int no_password(char *out, int size, int writing, void *context)
{
    (void)out;
    (void)size;
    (void)writing;
    (void)context;
    return -1;
}

static bool read_chain(const char *path, struct loaded *out)
{
    FILE *file = fopen(path, "re");
    X509 *next;

    if (!file)
        return false;
    out->certificate = PEM_read_X509_AUX(file, NULL, no_password, NULL);
    out->chain = sk_X509_new_null();
    while (out->certificate && out->chain &&
           (next = PEM_read_X509(file, NULL, no_password, NULL)) != NULL) {
        if (!sk_X509_push(out->chain, next))
            abort();
    }
    fclose(file);
    return out->certificate && out->chain;
}

static bool read_key(const char *path, struct loaded *out)
{
    FILE *file = fopen(path, "re");

    if (!file)
        return false;
    out->key = PEM_read_PrivateKey(file, NULL, no_password, NULL);
    fclose(file);
    return out->key && X509_check_private_key(out->certificate, out->key) == 1;
}

static bool read_trusted(const char *path, struct loaded *out)
{
    if (!path)
        return true;
    out->trusted = X509_STORE_new();
    out->trusted_names = SSL_load_client_CA_file(path);
    return out->trusted && out->trusted_names && X509_STORE_load_file(out->trusted, path) == 1;
}

static void look_at(const struct credentials *credentials, struct mark out[static FILES])
{
    const char *const paths[FILES] = {credentials->paths.certificate, credentials->paths.key,
                                      credentials->paths.ca};
    struct stat st;

    memset(out, 0, FILES * sizeof(*out)); /* padding too: they are compared as bytes */
    for (int i = 0; i < FILES; i++) {
        if (!paths[i] || stat(paths[i], &st))
            continue;
        out[i].device = st.st_dev;
        out[i].inode = st.st_ino;
        out[i].size = st.st_size;
        out[i].changed = st.st_mtim;
    }
}

/* ---- what is told ---- */

static void tell_end(struct credentials *credentials)
{
    int days = spki_days_left(credentials->now.certificate);

    credentials->warned_ms = clock_monotonic_ms();
    if (days < 0)
        log_error("certificate.ended", "use=%s days=%d", credentials->paths.use, days);
    else if (days < SPKI_WARN_DAYS)
        log_warn("certificate.ends", "use=%s days=%d", credentials->paths.use, days);
}

static void tell_loaded(struct credentials *credentials)
{
    uint8_t spki[SHA256_BYTES];
    char text[SPKI_TEXT_SIZE] = "";

    if (spki_digest(credentials->now.key, spki))
        spki_text(spki, text);
    log_info("certificate.loaded", "use=%s key=%s days=%d", credentials->paths.use,
             log_quote(text).text, spki_days_left(credentials->now.certificate));
    tell_end(credentials);
}

static bool load(struct credentials *credentials)
{
    struct loaded loaded = {0};

    look_at(credentials, credentials->tried);
    bool good = read_chain(credentials->paths.certificate, &loaded) &&
                read_key(credentials->paths.key, &loaded) &&
                read_trusted(credentials->paths.ca, &loaded);
    ERR_clear_error();
    if (!good) {
        loaded_done(&loaded);
        return false;
    }
    loaded_done(&credentials->now);
    credentials->now = loaded;
    credentials->version++;
    tell_loaded(credentials);
    return true;
}

/* Files that were the same at two looks are not just being replaced. */
static void look(uv_timer_t *timer)
{
    struct credentials *credentials = timer->data;
    struct mark marks[FILES];

    look_at(credentials, marks);
    bool settled = memcmp(marks, credentials->seen, sizeof(marks)) == 0;
    memcpy(credentials->seen, marks, sizeof(marks));
    if (settled && memcmp(marks, credentials->tried, sizeof(marks)) != 0 && !load(credentials) &&
        credentials->version)
        log_error("certificate.unusable", "use=%s certificate=%s", credentials->paths.use,
                  log_quote(credentials->paths.certificate).text);
    if (credentials->version && clock_monotonic_ms() - credentials->warned_ms > DAY_MS)
        tell_end(credentials);
}

/* ---- what others see ---- */

struct credentials *credentials_new(uv_loop_t *loop, const struct credentials_paths *paths)
{
    struct credentials *credentials = calloc(1, sizeof(*credentials));

    if (!credentials)
        abort();
    credentials->paths = *paths;
    load(credentials);
    uv_timer_init(loop, &credentials->timer);
    credentials->timer.data = credentials;
    uv_timer_start(&credentials->timer, look, LOOK_MS, LOOK_MS);
    return credentials;
}

static void on_closed(uv_handle_t *handle)
{
    struct credentials *credentials = handle->data;

    loaded_done(&credentials->now);
    free(credentials);
}

void credentials_free(struct credentials *credentials)
{
    if (credentials)
        uv_close((uv_handle_t *)&credentials->timer, on_closed);
}

const struct credentials_paths *credentials_paths(const struct credentials *credentials)
{
    return &credentials->paths;
}

unsigned credentials_version(struct credentials *credentials)
{
    if (!credentials->version)
        load(credentials);
    return credentials->version;
}

EVP_PKEY *credentials_key(const struct credentials *credentials)
{
    return credentials->now.key;
}

bool credentials_apply(const struct credentials *credentials, SSL_CTX *tls)
{
    const struct loaded *now = &credentials->now;

    if (!now->key || SSL_CTX_use_cert_and_key(tls, now->certificate, now->key, now->chain, 1) != 1)
        return false;
    if (now->trusted) {
        SSL_CTX_set1_cert_store(tls, now->trusted);
        SSL_CTX_set_client_CA_list(tls, SSL_dup_CA_list(now->trusted_names));
    }
    return true;
}

int credentials_metrics(struct credentials *const *all, size_t count, struct buf *text)
{
    int result = buf_printf(text, "# TYPE assize_certificate_days_left gauge\n");

    for (size_t i = 0; !result && i < count; i++) {
        if (all[i] && all[i]->version)
            result = buf_printf(text, "assize_certificate_days_left{use=\"%s\"} %d\n",
                                all[i]->paths.use, spki_days_left(all[i]->now.certificate));
    }
    return result;
}
