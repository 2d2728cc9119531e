#include "media/studio/render.h"

#include "base/log.h"

int render_run(const struct config *config, const char *hearing)
{
    log_error("render.refused", "state=%s hearing=%s", log_quote(config->state_dir).text, hearing);
    return 1;
}
