/* assize account: who of the staff may sign in, and where they are signed in. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/str.h"
#include "cli/cli.h"
#include "cli/password_input.h"
#include "db/admin_account.h"

enum { ROLE_SIZE = 32 };

struct account_options {
    const char *name;
    const char *role;
    bool generate;
};

struct account_call {
    struct admin *admin;
    const struct account_options *options;
    const char *word; /* a login, or a session's id */
};

/* Someone else has seen the password, so it is changed at the first sign-in. */
static enum cli_exit new_password(const struct account_call *call, char *told, char *hash)
{
    return password_input(call->options->generate ? PASSWORD_MADE : PASSWORD_FROM_TERMINAL,
                          call->word, told, hash);
}

static void tell(char told[static PASSWORD_MADE_SIZE])
{
    if (*told)
        puts(told);
    password_wipe(told, PASSWORD_MADE_SIZE);
}

static enum cli_exit outcome(const struct account_call *call, int result)
{
    return result ? cli_admin_failed(call->admin, result) : CLI_OK;
}

static enum cli_exit add(const struct account_call *call)
{
    struct admin_account account = {.must_change = true};
    char told[PASSWORD_MADE_SIZE];
    char hash[PASSWORD_HASH_SIZE];

    if (!call->options->name || !call->options->role)
        return cli_fail(CLI_USAGE, "account add wants --name NAME and --role ROLE.");
    account.role = admin_account_role(call->options->role);
    if (account.role == ASSIZE__STAFF__V1__ROLE__ROLE_UNSPECIFIED)
        return cli_fail(CLI_USAGE, "--role is clerk, judge, officer or administrator.");
    if (!str_copy(account.login, sizeof(account.login), call->word) ||
        !str_copy(account.name, sizeof(account.name), call->options->name))
        return cli_fail(CLI_USAGE, "the login or the name is too long.");
    enum cli_exit result = new_password(call, told, hash);
    if (!result)
        result = outcome(call, admin_account_add(call->admin, &account, hash));
    if (!result)
        tell(told);
    return result;
}

static enum cli_exit set_password(const struct account_call *call)
{
    char told[PASSWORD_MADE_SIZE];
    char hash[PASSWORD_HASH_SIZE];

    enum cli_exit result = new_password(call, told, hash);
    if (!result)
        result = outcome(call, admin_account_set_password(call->admin, call->word, hash, true));
    if (!result)
        tell(told);
    return result;
}

static enum cli_exit disable(const struct account_call *call)
{
    return outcome(call, admin_account_disable(call->admin, call->word));
}

static enum cli_exit enable(const struct account_call *call)
{
    return outcome(call, admin_account_enable(call->admin, call->word));
}

static void print_account(void *context, const struct admin_account *account)
{
    char role[ROLE_SIZE];

    (void)context;
    admin_account_role_word(account->role, role, sizeof(role));
    printf("%-20s %-14s %d signed in%s%s  %s\n", account->login, role, account->sessions,
           account->disabled ? ", disabled" : "",
           account->must_change ? ", password to be changed" : "", account->name);
}

static enum cli_exit list(const struct account_call *call)
{
    return outcome(call, admin_accounts(call->admin, print_account, NULL));
}

static void print_session(void *context, const struct account_session_row *session)
{
    char when[CLOCK_TEXT_SIZE];

    (void)context;
    clock_text(session->seen_ms, when);
    printf("%s  last used %s  from %s  %s\n", session->id, when, session->address, session->agent);
}

static enum cli_exit sessions(const struct account_call *call)
{
    return outcome(call, admin_account_sessions(call->admin, call->word, print_session, NULL));
}

static enum cli_exit end(const struct account_call *call)
{
    return outcome(call, admin_account_end(call->admin, call->word));
}

static const struct account_word {
    const char *name;
    int words; /* with its own */
    enum cli_exit (*run)(const struct account_call *call);
} words[] = {
    {"add", 2, add},   {"passwd", 2, set_password}, {"disable", 2, disable}, {"enable", 2, enable},
    {"list", 1, list}, {"sessions", 2, sessions},   {"end", 2, end},
};

static const struct account_word *find_word(const struct cli *cli)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (cli->word_count == words[i].words && strcmp(cli->words[0], words[i].name) == 0)
            return &words[i];
    }
    return NULL;
}

enum cli_exit cmd_account(int argc, char **argv)
{
    struct account_options options = {0};
    const struct cli_option own[] = {
        {"--name", &options.name, NULL},
        {"--role", &options.role, NULL},
        {"--generate", NULL, &options.generate},
    };
    struct account_call call = {.options = &options};
    struct cli cli;

    enum cli_exit result = cli_parse(&cli, argc, argv, own, sizeof(own) / sizeof(own[0]));
    if (result)
        return result;
    const struct account_word *word = find_word(&cli);
    if (!word)
        return cli_fail(CLI_USAGE, "account wants: add, passwd, disable, enable, sessions or end, "
                                   "each with a login; or list.");
    call.word = cli.words[1];
    result = cli_open_admin(&cli, &call.admin);
    if (!result)
        result = word->run(&call);
    admin_close(call.admin);
    return result;
}
