#include "press/fonts.h"

#include <errno.h>
#include <fcntl.h>
#include <fontconfig/fontconfig.h>
#include <pango/pangocairo.h>
#include <stddef.h>

int fonts_open(void)
{
    static const char *const files[] = {
        PRESS_FONT_DIR "/NotoSerif-Regular.ttf",
        PRESS_FONT_DIR "/NotoSerif-Bold.ttf",
        PRESS_FONT_DIR "/NotoSerif-Italic.ttf",
    };
    FcConfig *config = FcConfigCreate();
    int result = config ? 0 : -ENOMEM;

    for (size_t i = 0; !result && i < sizeof(files) / sizeof(files[0]); i++)
        result = FcConfigAppFontAddFile(config, (const FcChar8 *)files[i]) ? 0 : -ENOENT;
    if (!result && !FcConfigSetCurrent(config))
        result = -EINVAL;
    if (config)
        FcConfigDestroy(config); /* being the current one holds it */
    if (result)
        return result;
    int folder = open(PRESS_FONT_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return folder < 0 ? -errno : folder;
}

void fonts_close(void)
{
    pango_cairo_font_map_set_default(NULL);
    cairo_debug_reset_static_data();
    FcFini();
}
