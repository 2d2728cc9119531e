/* What the case of the demonstration knows of its people, all of it invented. For cmd_demo.c. */
#ifndef ASSIZE_CLI_DEMO_DETAILS_H
#define ASSIZE_CLI_DEMO_DETAILS_H

#include "db/admin_identity.h"

/* Of the hearing's people, by their numbers in cmd_demo.c. 0, or what admin_describe says. */
int demo_describe(struct admin *admin, const char *hearing) __attribute__((warn_unused_result));

#endif
