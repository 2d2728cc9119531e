/* A new password for an account, from wherever the person wants it. Used by cmd_account.c and
 * cmd_demo.c. */
#ifndef ASSIZE_CLI_PASSWORD_INPUT_H
#define ASSIZE_CLI_PASSWORD_INPUT_H

#include "base/password/password.h"
#include "cli/cli.h"

enum password_source {
    PASSWORD_FROM_TERMINAL, /* asked twice, without echo; a line of standard input when that is none
                             */
    PASSWORD_MADE           /* made here, and told once */
};

/*
 * The hash of a password that the rules allow. told: a made one, for the caller to print and wipe;
 * else "". CLI_OK, or the sentence is printed.
 */
enum cli_exit password_input(enum password_source source, const char *login,
                             char told[static PASSWORD_MADE_SIZE],
                             char hash[static PASSWORD_HASH_SIZE]);

#endif
