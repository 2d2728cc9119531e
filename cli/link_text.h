/* How a join link is written: its address, and its facts as JSON. Used by cmd_link.c and
 * cmd_demo.c. */
#ifndef ASSIZE_CLI_LINK_TEXT_H
#define ASSIZE_CLI_LINK_TEXT_H

#include <jansson.h>

#include "base/config.h"
#include "db/admin.h"

enum { LINK_URL_SIZE = CONFIG_TEXT_SIZE + 64 };

/* https://HOST/join#TOKEN, or /gallery#TOKEN: what follows the # never leaves the browser, so it
 * reaches no log. */
void link_url(const struct config *config, const struct admin_link *link, const char *token,
              char out[static LINK_URL_SIZE]);

/* "single", "multi" or "gallery". */
const char *link_kind(const struct admin_link *link);

/* A new object: id, participant, endpoint, role, name, kind, max_uses, used, expires_ms, revoked,
 * expired. */
json_t *link_json(const struct admin_link *link);

/* Prints on standard output and releases. */
void link_print_json(json_t *json);

#endif
