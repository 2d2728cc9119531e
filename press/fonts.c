#include "press/fonts.h"

#include <errno.h>
#include <fcntl.h>
#include <fontconfig/fontconfig.h>
#include <stddef.h>

int fonts_open(void)
{
    static const char *const files[] = {
        PRESS_FONT_DIR "/NotoSerif-Regular.ttf",
        PRESS_FONT_DIR "/NotoSerif-Bold.ttf",
        PRESS_FONT_DIR "/NotoSerif-Italic.ttf",
    };
    FcConfig *config = FcConfigCreate();

    if (!config)
        return -ENOMEM;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        if (!FcConfigAppFontAddFile(config, (const FcChar8 *)files[i]))
            return -ENOENT;
    }
    if (!FcConfigSetCurrent(config))
        return -EINVAL;
    int folder = open(PRESS_FONT_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return folder < 0 ? -errno : folder;
}
