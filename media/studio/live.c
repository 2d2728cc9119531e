#include "media/studio/live.h"

#include "base/log.h"

int live_run(const struct config *config, const char *hearing)
{
    log_error("live.refused", "state=%s hearing=%s", log_quote(config->state_dir).text, hearing);
    return 1;
}
