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

/* Asked by the leak sanitizer: pango matches fonts in a thread of its own that ends when it likes,
 * so what fontconfig keeps is never let go of. Nothing of the press is allocated there. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig.so";
}
