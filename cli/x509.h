/* What the making of certificates has in common. Used by certificate.c and pki.c. */
#ifndef ASSIZE_CLI_X509_H
#define ASSIZE_CLI_X509_H

#include <openssl/x509.h>
#include <stdbool.h>

/* 127 random bits. */
bool x509_set_serial(X509 *certificate);

/* issuer: the certificate itself when it is self-signed. kind: an NID; value: as in OpenSSL's
 * configuration. */
bool x509_add_extension(X509 *certificate, X509 *issuer, int kind, const char *value);

/*
 * A PEM file, 0600, written beside and renamed, so that there is never half of one. Exactly one of
 * key and certificate is given. 0 or -errno.
 */
int x509_write_pem(const char *path, EVP_PKEY *key, X509 *certificate)
    __attribute__((warn_unused_result));

#endif
