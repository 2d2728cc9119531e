#include "cli/link_text.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/cli.h"

void link_url(const struct config *config, const struct admin_link *link, const char *token,
              char out[static LINK_URL_SIZE])
{
    char base[CONFIG_TEXT_SIZE];

    config_public_url(config, base, sizeof(base));
    snprintf(out, LINK_URL_SIZE, "%s/%s#%s", base, link->gallery ? "gallery" : "join", token);
}

const char *link_kind(const struct admin_link *link)
{
    if (link->gallery)
        return "gallery";
    return link->multi ? "multi" : "single";
}

json_t *link_json(const struct admin_link *link)
{
    json_t *json =
        json_pack("{ss sI sI ss ss ss si si sI sb sb}", "id", link->id, "participant",
                  (json_int_t)link->participant, "endpoint", (json_int_t)link->endpoint, "role",
                  link->role, "name", link->name, "kind", link_kind(link), "max_uses",
                  link->max_uses, "used", link->used, "expires_ms", (json_int_t)link->expires_ms,
                  "revoked", (int)link->revoked, "expired", (int)link->expired);

    if (!json)
        abort();
    return json;
}

void link_print_json(json_t *json)
{
    json_dumpf(json, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(json);
}
