/*
 * One's own certificate and key, and the authorities one trusts, as files have them. The files are
 * looked at each second; when they have changed, and are whole, those who use them go on with the
 * new ones at their next connection, so that nothing has to be restarted. Files that cannot be used
 * are told in the log, and what was there before stays in use. Owned by main.c and center.c; used
 * by net.c, client.c and server/exchange, which signs with the key.
 */
#ifndef ASSIZE_SERVER_NET_CREDENTIALS_H
#define ASSIZE_SERVER_NET_CREDENTIALS_H

#include <openssl/types.h>
#include <stdbool.h>
#include <uv.h>

#include "base/buf.h"

struct credentials;

struct credentials_paths {
    const char *use;         /* for log and metrics: "web", "exchange" */
    const char *certificate; /* PEM, the chain behind it */
    const char *key;
    const char *ca; /* NULL: nobody is asked for a certificate */
};

/* The paths are kept, not copied. The files need not be there yet. */
struct credentials *credentials_new(uv_loop_t *loop, const struct credentials_paths *paths);
/* After all who use them. NULL is fine. */
void credentials_free(struct credentials *credentials);

const struct credentials_paths *credentials_paths(const struct credentials *credentials);
/* Another number whenever others were read; 0: none yet, and looks for them at once. */
unsigned credentials_version(struct credentials *credentials);
/* The private key; NULL with version 0. */
EVP_PKEY *credentials_key(const struct credentials *credentials);
/* What a context serves or calls with from now on; connections that are open are not touched. */
bool credentials_apply(const struct credentials *credentials, SSL_CTX *tls);

/* Days left, in Prometheus text format; NULL entries are left out. 0 or -ENOBUFS. */
int credentials_metrics(struct credentials *const *all, size_t count, struct buf *text)
    __attribute__((warn_unused_result));

#endif
