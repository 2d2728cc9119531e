/* assize-studio: where media is looked into, one process a hearing. Run by `assize up` when assized
 * asks for it: live, or with --render to make files of the record. */
#include <stdio.h>
#include <string.h>

#include "base/config.h"
#include "base/id.h"
#include "base/log.h"
#include "media/journal/name.h"
#include "media/studio/live.h"
#include "media/studio/render.h"

enum { ARGUMENTS_MAX = 64 };

struct arguments {
    const char *hearing;
    bool render;
    char *rest[ARGUMENTS_MAX]; /* those every daemon has */
    int rest_count;
};

static int read_arguments(int argc, char **argv, struct arguments *arguments)
{
    if (argc > ARGUMENTS_MAX)
        return -1;
    for (int i = 0; i < argc; i++) {
        if (strcmp(argv[i], "--render") == 0)
            arguments->render = true;
        else if (strcmp(argv[i], "--hearing") == 0 && i + 1 < argc)
            arguments->hearing = argv[++i];
        else
            arguments->rest[arguments->rest_count++] = argv[i];
    }
    return arguments->hearing && strlen(arguments->hearing) == ID_UUID_SIZE - 1 &&
                   name_is_valid(arguments->hearing)
               ? 0
               : -1;
}

int main(int argc, char **argv)
{
    struct arguments arguments = {0};
    char error[CONFIG_ERROR_SIZE];
    struct config config;
    enum log_level level;

    if (read_arguments(argc, argv, &arguments)) {
        fputs("usage: assize-studio --hearing UUID [--render] [--state DIR] [--config FILE]"
              " [--set KEY=VALUE]...\n",
              stderr);
        return 2;
    }
    if (config_load_arguments(&config, arguments.rest_count, arguments.rest, error)) {
        fprintf(stderr, "assize-studio: %s\n", error);
        return 2;
    }
    log_set_worker("studio");
    if (log_level_from_name(config.log_level, &level) == 0)
        log_set_level(level);
    return arguments.render ? render_run(&config, arguments.hearing)
                            : live_run(&config, arguments.hearing);
}
