/* The assize command: finds the subcommand in one table and runs it. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

struct command {
    const char *name;
    enum cli_exit (*run)(int argc, char **argv);
    const char *usage;
};

static const struct command commands[] = {
    {"up", cmd_up,
     "up                         run everything: database, relay and server, until SIGTERM\n"
     "       [--verbose]             also show what each program logs while it starts"},
    {"status", cmd_status, "status [--json]            what runs, and the hearings"},
    {"link", cmd_link,
     "link issue --hearing ID (--participant N [--endpoint N] | --gallery)\n"
     "       [--kind single|multi] [--uses N] [--hours N] [--json]\n"
     "                               make a join link: one use and 24 hours unless told "
     "otherwise;\n"
     "                               a gallery link lets many look on\n"
     "  link revoke LINKID|URL     withdraw one, and the sign-ins it opened\n"
     "  link list --hearing ID [--json]"},
    {"account", cmd_account,
     "account add LOGIN --name NAME --role clerk|judge|officer|administrator [--generate]\n"
     "                               let someone of the staff sign in; the password is asked for,\n"
     "                               read from standard input, or made and told once, and is\n"
     "                               changed at the first sign-in\n"
     "  account passwd LOGIN [--generate]\n"
     "                               another password; every sign-in ends\n"
     "  account disable LOGIN      no more signing in; every sign-in ends\n"
     "  account enable LOGIN       signing in again, without waiting for past failures\n"
     "  account list\n"
     "  account sessions LOGIN     where someone is signed in\n"
     "  account end SESSION|LOGIN  end one sign-in, or all of someone"},
    {"demo", cmd_demo,
     "demo seed [--new] [--procedure NAME] [--json]\n"
     "                               a criminal case with fictional people, and links for them\n"
     "  demo accounts              staff to sign in as; passwords in STATE/demo-accounts"},
    {"verify", cmd_verify,
     "verify HEARING [--json]    do record, chain and events still vouch for each other?"},
    {"render", cmd_render,
     "render HEARING             make the files to watch a hearing by from its record, or go on\n"
     "                               making them; STATE/files/HEARING"},
    {"minutes", cmd_minutes,
     "minutes HEARING > FILE.pdf the draft of a hearing's minutes, as a PDF"},
    {"exchange", cmd_exchange,
     "exchange admit ORGANISATION --to DIR [--agency]\n"
     "                               at a centre: a certificate of its development CA for a court\n"
     "                               (or another agency), written to the folder tls of its state\n"
     "                               directory; one that replaces another is used after its "
     "restart\n"
     "  exchange outbox [--json]   at a court: what goes to the centre, and its receipts"},
    {"case", cmd_case,
     "case write CASE TYPE FILE [--op upsert|correct|retract] [--corrects N]\n"
     "                               at a court: a record (a packed assize.cases.v1.CaseRecord of\n"
     "                               that type) of a case, by its number or key; tells its number\n"
     "  case show SOURCE KEY [--valid TIME] [--known TIME] [--json]\n"
     "                               what held in a case, as it was known at a time"},
    {"access", cmd_access,
     "access grant ORGANISATION --types TYPE,... --purpose PURPOSE [--service case|access]\n"
     "       [--days N]              let an organisation ask for records of these types (all: "
     "every\n"
     "                               one) for a purpose, for a year unless told otherwise\n"
     "  access revoke ORGANISATION --purpose PURPOSE [--types TYPE,...] [--service case|access]\n"
     "  access list [ORGANISATION] [--json]"},
    {"migrate", cmd_migrate,
     "migrate                    bring the database to this build's schema"},
    {"reference", cmd_reference,
     "reference config|limits|refusals\n"
     "                               a page of the manual, in Markdown"},
    {"version", cmd_version, "version"},
};
enum { COMMAND_COUNT = sizeof(commands) / sizeof(commands[0]) };

static void print_help(FILE *out)
{
    fputs("Assize, court sessions online.\n\nassize COMMAND [OPTION...]\n\n", out);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(out, "  %s\n", commands[i].usage);
    fputs("  help\n\n"
          "Options of every command:\n"
          "  --state DIR       where everything is kept (default: $ASSIZE_STATE, or ./var)\n"
          "  --config FILE     configuration (default: STATE/assize.conf)\n"
          "  --set KEY=VALUE   one option of the configuration; may be repeated\n\n"
          "Exit status:\n",
          out);
#define X(id, status, what) fprintf(out, "  %d  %s\n", status, what);
    CLI_EXITS(X)
#undef X
}

enum cli_exit cmd_version(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    puts("assize " ASSIZE_VERSION);
    return CLI_OK;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "help";

    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0) {
        print_help(stdout);
        return argc > 1 ? CLI_OK : CLI_USAGE;
    }
    for (size_t i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(commands[i].name, name) == 0)
            return (int)commands[i].run(argc - 1, argv + 1);
    }
    return (int)cli_fail(CLI_USAGE, "there is no command \"%s\"; see `assize help`.", name);
}
