#include "cli/password_input.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* One line without its end; false at the end of the input, or when it is too long. */
static bool read_line(char out[static PASSWORD_SIZE + 1])
{
    if (!fgets(out, PASSWORD_SIZE + 1, stdin))
        return false;
    size_t len = strcspn(out, "\n");
    bool whole = out[len] == '\n' || feof(stdin);
    out[len] = '\0';
    return whole;
}

/* Asks on the terminal, which shows nothing of what is typed. */
static bool ask(const char *question, char out[static PASSWORD_SIZE + 1])
{
    struct termios shown;
    bool quiet = tcgetattr(STDIN_FILENO, &shown) == 0;

    fputs(question, stderr);
    if (quiet) {
        struct termios hidden = shown;
        hidden.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    }
    bool good = read_line(out);
    if (quiet)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    fputc('\n', stderr);
    return good;
}

static enum cli_exit read_typed(char out[static PASSWORD_SIZE + 1])
{
    char again[PASSWORD_SIZE + 1] = "";

    if (!isatty(STDIN_FILENO))
        return read_line(out) ? CLI_OK : cli_fail(CLI_USAGE, "no password came on standard input.");
    bool good = ask("Password: ", out) && ask("Again: ", again);
    bool same = strcmp(out, again) == 0;
    password_wipe(again, sizeof(again));
    if (!good)
        return cli_fail(CLI_USAGE, "no password was typed.");
    return same ? CLI_OK : cli_fail(CLI_USAGE, "these were two different passwords.");
}

static enum cli_exit prepare(const char *typed, const char *login,
                             char prepared[static PASSWORD_SIZE])
{
    int error = password_prepare(typed, prepared);
    enum refusal refusal = error == -ENOBUFS ? REFUSAL_PASSWORD_LONG
                           : error           ? REFUSAL_PASSWORD_UNREADABLE
                                             : password_judge(prepared, login);

    return refusal ? cli_fail(CLI_USAGE, "%s", refusal_info(refusal)->en) : CLI_OK;
}

enum cli_exit password_input(enum password_source source, const char *login,
                             char told[static PASSWORD_MADE_SIZE],
                             char hash[static PASSWORD_HASH_SIZE])
{
    char typed[PASSWORD_SIZE + 1] = "";
    char prepared[PASSWORD_SIZE] = "";
    enum cli_exit result = CLI_OK;

    told[0] = '\0';
    if (source == PASSWORD_MADE)
        password_make(told);
    else
        result = read_typed(typed);
    if (!result)
        result = prepare(*told ? told : typed, login, prepared);
    if (!result && password_hash(prepared, hash))
        result = cli_fail(CLI_FAILED, "there is no memory for the hash of a password.");
    password_wipe(typed, sizeof(typed));
    password_wipe(prepared, sizeof(prepared));
    return result;
}
