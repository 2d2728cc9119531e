/* The self-signed certificate of a fresh state directory. Made by `assize up`; a real one is named
 * in the configuration. */
#ifndef ASSIZE_CLI_CERTIFICATE_H
#define ASSIZE_CLI_CERTIFICATE_H

#include <stdbool.h>

#include "base/config.h"

/*
 * When the certificate is missing and its path is the default: makes a P-256 key (0600) and a
 * certificate for localhost, 127.0.0.1, ::1, the listening address, the machine's name and the
 * public host. 0 (ret_made tells) or -errno with a sentence.
 */
int certificate_ensure(const struct config *config, bool *ret_made,
                       char error[static CONFIG_ERROR_SIZE]) __attribute__((warn_unused_result));

/* Another self-signed one in the place of one that was made here. 0 or -errno with a sentence. */
int certificate_renew(const struct config *config, char error[static CONFIG_ERROR_SIZE])
    __attribute__((warn_unused_result));

#endif
