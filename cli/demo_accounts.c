#include "cli/demo_accounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/password_input.h"
#include "db/admin_account.h"

enum { PATH_SIZE = CONFIG_TEXT_SIZE + 32 };

#define ROLE(name) ASSIZE__STAFF__V1__ROLE__ROLE_##name
static const struct admin_account accounts[] = {
    {.login = "thuky", .name = "Trần Quốc Bảo", .role = ROLE(CLERK)},
    {.login = "thamphan", .name = "Nguyễn Thị Minh Hạnh", .role = ROLE(JUDGE)},
    {.login = "quantri", .name = "Lý Thanh Sơn", .role = ROLE(ADMINISTRATOR)},
    {.login = "canbo", .name = "Đỗ Mạnh Cường", .role = ROLE(OFFICER)},
};

/* The account with a password made now, whether it was there or not. */
static enum cli_exit make(struct admin *admin, const struct admin_account *account, FILE *file)
{
    char role[32];
    char told[PASSWORD_MADE_SIZE];
    char hash[PASSWORD_HASH_SIZE];

    enum cli_exit status = password_input(PASSWORD_MADE, account->login, told, hash);
    if (status)
        return status;
    int result = admin_account_add(admin, account, hash);
    if (result == -EEXIST)
        result = admin_account_set_password(admin, account->login, hash, false);
    admin_account_role_word(account->role, role, sizeof(role));
    fprintf(file, "%s %s %s\n", role, account->login, told);
    password_wipe(told, sizeof(told));
    return result ? cli_admin_failed(admin, result) : CLI_OK;
}

static enum cli_exit make_all(struct admin *admin, FILE *file)
{
    enum cli_exit status = CLI_OK;

    for (size_t i = 0; !status && i < sizeof(accounts) / sizeof(accounts[0]); i++)
        status = make(admin, &accounts[i], file);
    return status;
}

/* The file comes to be when it is whole. */
static enum cli_exit write_file(struct admin *admin, const char *path)
{
    char partial[PATH_SIZE + 8];

    snprintf(partial, sizeof(partial), "%s.part", path);
    int fd = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    if (!file)
        return cli_fail(CLI_FAILED, "%s cannot be written: %s.", partial, log_errno(errno).text);
    enum cli_exit status = make_all(admin, file);
    if ((fclose(file) || (!status && rename(partial, path))) && !status)
        status = cli_fail(CLI_FAILED, "%s cannot be written: %s.", path, log_errno(errno).text);
    if (status)
        unlink(partial);
    return status;
}

static enum cli_exit print_file(const char *path)
{
    char line[256];
    FILE *file = fopen(path, "re");

    if (!file)
        return cli_fail(CLI_FAILED, "%s cannot be read: %s.", path, log_errno(errno).text);
    while (fgets(line, sizeof(line), file))
        fputs(line, stdout);
    fclose(file);
    return CLI_OK;
}

enum cli_exit demo_accounts(const struct cli *cli, struct admin *admin)
{
    char path[PATH_SIZE];

    if (config_state_path(&cli->config, "demo-accounts", path, sizeof(path)))
        return cli_fail(CLI_USAGE, "the path of the state directory is too long.");
    enum cli_exit status = access(path, F_OK) ? write_file(admin, path) : CLI_OK;
    return status ? status : print_file(path);
}
