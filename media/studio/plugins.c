#include "media/studio/plugins.h"

#include <errno.h>
#include <gst/gst.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

enum { PATH_SIZE = 256 };

static int load(const char *name)
{
    char path[PATH_SIZE];
    GError *error = NULL;

    snprintf(path, sizeof(path), "%s/libgst%s.so", STUDIO_PLUGIN_DIR, name);
    GstPlugin *plugin = gst_plugin_load_file(path, &error);
    if (plugin) {
        gst_object_unref(plugin);
        return 0;
    }
    log_error("studio.no_plugin", "name=%s why=%s", name, log_quote(error->message).text);
    g_error_free(error);
    return -ENOENT;
}

int plugins_load(const char *const *names, size_t count)
{
    setenv("GST_REGISTRY", "/dev/null", 1);
    setenv("GST_REGISTRY_UPDATE", "no", 1);
    setenv("GST_PLUGIN_SYSTEM_PATH_1_0", "", 1);
    setenv("GST_PLUGIN_PATH_1_0", "", 1);
    gst_registry_fork_set_enabled(FALSE);
    gst_init(NULL, NULL);
    for (size_t i = 0; i < count; i++) {
        int result = load(names[i]);
        if (result)
            return result;
    }
    return 0;
}
