/*
 * How an organisation comes to a certificate without its private key leaving it: it writes a
 * request (PKCS #10, RFC 2986), the centre signs it, and it installs what comes back. Files only;
 * what the centre knows is in its database. Used by cmd_cert.c.
 */
#ifndef ASSIZE_CLI_ENROLL_H
#define ASSIZE_CLI_ENROLL_H

#include <openssl/x509.h>
#include <stdio.h>

#include "base/config.h"
#include "base/sha256.h"

/* A request, or a certificate of another authority, as a centre was handed it. */
struct enrolment {
    char organisation[64]; /* as it calls itself; checked by the caller */
    uint8_t spki[SHA256_BYTES];
    EVP_PKEY *key;     /* public, of P-256 */
    X509 *certificate; /* NULL: it is a request */
};

/*
 * Writes a request for the organisation of the configuration. Its private key is made, beside the
 * one in use, unless one is there already that nothing was installed for. 0 or -errno with a
 * sentence.
 */
int enroll_request(const struct config *config, FILE *out, uint8_t spki[static SHA256_BYTES],
                   char error[static CONFIG_ERROR_SIZE]) __attribute__((warn_unused_result));

/* Reads either; a certificate has to be of an authority of config->exchange_ca. For enrolment_done.
 */
int enroll_read(const struct config *config, const char *path, struct enrolment *out,
                char error[static CONFIG_ERROR_SIZE]) __attribute__((warn_unused_result));
void enrolment_done(struct enrolment *enrolment);

/*
 * Puts a certificate, and the key it is for, in the place of those in use. authority: whose it has
 * to be, when this installation trusts none yet: the fingerprint, as somebody said it. The file
 * holds both, as pki_sign writes them. 0 or -errno with a sentence; nothing was changed then.
 */
int enroll_install(const struct config *config, const char *path, const char *authority,
                   char error[static CONFIG_ERROR_SIZE]) __attribute__((warn_unused_result));

#endif
