/*
 * assize render: makes the files of a hearing from its record here and now, in the foreground. It
 * becomes the renderer, which says how far it is, and can be stopped and begun again at any moment.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/id.h"
#include "base/log.h"
#include "base/str.h"
#include "cli/cli.h"

enum { OWN_ARGUMENTS = 4 }; /* --render, --hearing, the hearing, NULL */

enum cli_exit cmd_render(int argc, char **argv)
{
    char *arguments[CLI_ARGUMENTS_MAX + OWN_ARGUMENTS];
    char path[CLI_PATH_SIZE];
    char hearing[ID_UUID_SIZE];
    struct cli cli;

    enum cli_exit result = cli_parse(&cli, argc, argv, NULL, 0);
    if (!result && (cli.word_count != 1 || !str_is_uuid(cli.words[0])))
        result = cli_fail(CLI_USAGE, "render wants the id of a hearing.");
    if (result)
        return result;
    cli_program_path("assize-studio", path);
    str_copy(hearing, sizeof(hearing), cli.words[0]);
    int count = cli.argument_count;
    memcpy(arguments, cli.arguments, (size_t)count * sizeof(*arguments));
    arguments[0] = path;
    arguments[count++] = (char[]){"--render"};
    arguments[count++] = (char[]){"--hearing"};
    arguments[count++] = hearing;
    arguments[count] = NULL;
    execv(path, arguments);
    return cli_fail(CLI_FAILED, "%s cannot be started: %s.", path, log_errno(errno).text);
}
