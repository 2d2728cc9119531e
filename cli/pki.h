/*
 * A small authority for development and first steps: a P-256 CA whose key lies beside its
 * certificate in the centre's state directory, and certificates of it for the centre and its
 * courts. In earnest another authority's files take their place (exchange.ca, .certificate, .key).
 * Used by `assize up` (center) and `assize pki`.
 */
#ifndef ASSIZE_CLI_PKI_H
#define ASSIZE_CLI_PKI_H

#include <stdbool.h>
#include <stdint.h>

#include "base/config.h"
#include "base/sha256.h"

/*
 * The centre's CA and own certificate, when its certificate is missing and the paths are the
 * defaults. 0 (ret_made tells) or -errno with a sentence.
 */
int pki_ensure_center(const struct config *config, bool *ret_made,
                      char error[static CONFIG_ERROR_SIZE]) __attribute__((warn_unused_result));

/*
 * A key and a certificate of this centre's CA for an organisation, with the CA's certificate, in
 * the folder tls of another state directory, which is made. spki: SHA-256 of the public key. 0 or
 * -errno with a sentence.
 */
int pki_issue(const struct config *config, const char *organisation, const char *state_dir,
              uint8_t spki[static SHA256_BYTES], char error[static CONFIG_ERROR_SIZE])
    __attribute__((warn_unused_result));

#endif
