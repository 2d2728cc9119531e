/*
 * The authority of a centre: a P-256 CA whose key lies beside its certificate in the centre's state
 * directory and is read by the command line only, and certificates of it for the centre and its
 * courts. Another authority's files may take their place (exchange.ca, .certificate, .key). Used by
 * `assize up` (center), `assize cert` and `assize exchange admit`.
 */
#ifndef ASSIZE_CLI_PKI_H
#define ASSIZE_CLI_PKI_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/config.h"
#include "base/p256.h"

/*
 * The centre's CA and own certificate, when its certificate is missing and the paths are the
 * defaults. 0 (ret_made tells) or -errno with a sentence.
 */
int pki_ensure_center(const struct config *config, bool *ret_made,
                      char error[static CONFIG_ERROR_SIZE]) __attribute__((warn_unused_result));

/* Another key and certificate of the centre's own, in the place of those it has. */
int pki_renew_center(const struct config *config, char error[static CONFIG_ERROR_SIZE])
    __attribute__((warn_unused_result));

/* 825 days is the longest some systems accept. */
enum { PKI_DAYS = 825 };

/* What a centre has to know of a certificate. */
struct pki_issued {
    uint8_t spki[SHA256_BYTES];
    uint8_t public_key[P256_PUBLIC_MAX]; /* SubjectPublicKeyInfo, DER */
    size_t len;
    int64_t ends_s; /* since 1970 */
};

/* False for one whose key is no key of the exchange. */
bool pki_describe(const X509 *certificate, struct pki_issued *out);

/* A certificate of this centre's CA for somebody's public key, and that of the CA, as PEM. */
int pki_sign(const struct config *config, const char *organisation, EVP_PKEY *key, int days,
             FILE *out, struct pki_issued *issued, char error[static CONFIG_ERROR_SIZE])
    __attribute__((warn_unused_result));

/*
 * A key and a certificate of this centre's CA for an organisation, with the CA's certificate, in
 * the folder tls of another state directory, which is made. 0 or -errno with a sentence.
 */
int pki_issue(const struct config *config, const char *organisation, const char *state_dir,
              struct pki_issued *out, char error[static CONFIG_ERROR_SIZE])
    __attribute__((warn_unused_result));

#endif
