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
     "  demo cases                 case files of fictional people, one of which the centre "
     "returns\n"
     "  demo accounts              staff to sign in as; passwords in STATE/demo-accounts\n"
     "  demo outage [--seconds 60] [--changes 10000] [--center DIR] [--json]\n"
     "                               the court off the line to its centre (STATE/center) for so "
     "long, while\n"
     "                               so many changes are written; and whether all of them arrive"},
    {"verify", cmd_verify,
     "verify HEARING [--json]    do record, chain and events still vouch for each other?"},
    {"render", cmd_render,
     "render HEARING             make the files to watch a hearing by from its record, or go on\n"
     "                               making them; STATE/files/HEARING"},
    {"minutes", cmd_minutes,
     "minutes HEARING > FILE.pdf the draft of a hearing's minutes, as a PDF"},
    {"exchange", cmd_exchange,
     "exchange admit ORGANISATION --to DIR [--agency]\n"
     "                               at a centre: a key and a certificate of its authority for a "
     "court\n"
     "                               (or another agency), written to the folder tls of its state\n"
     "                               directory; those it had before are good for nothing\n"
     "  exchange name ORGANISATION TEXT\n"
     "                               at a centre: what courts are told it is called\n"
     "  exchange outbox [--json]   at a court: what goes to the centre, and its receipts\n"
     "  exchange disconnect [--for MINUTES | --seconds N] --why TEXT\n"
     "                               at a court: call the centre with nothing for so long (an "
     "hour);\n"
     "                               what is written waits, and goes when it is over\n"
     "  exchange connect           at that court: end it now\n"
     "  exchange status [--json]   at a court: what waits, and when it was disconnected, by whom, "
     "why\n"
     "  exchange returns ORGANISATION --after N --legal-basis TEXT --to FILE\n"
     "                               at a centre: what it has of a court that was restored; it is\n"
     "                               in the log of accesses\n"
     "  exchange take-back FILE    at that court: have it again, and send from there on"},
    {"cert", cmd_cert,
     "cert request [--to FILE]   at a court: a new key, and a request for its certificate; tells "
     "the\n"
     "                               fingerprint, which is read to the centre over the telephone\n"
     "  cert enroll FILE --fingerprint F --to FILE [--days N] [--agency]\n"
     "                               at a centre: sign a request, and let its organisation in "
     "with\n"
     "                               it; keys it has stay good until they end or are revoked. "
     "FILE\n"
     "                               may be a certificate of another trusted authority\n"
     "  cert install FILE [--authority F]\n"
     "                               at a court: put what came back in use\n"
     "  cert renew [--web]         a centre's own certificate; at a court the same as request;\n"
     "                               --web: the self-signed one that people are served with\n"
     "  cert revoke ORGANISATION|FINGERPRINT --why TEXT\n"
     "                               at a centre: refused from the next request on\n"
     "  cert list [--json]         fingerprints, until when they are good, and what soon ends"},
    {"case", cmd_case,
     "case write CASE TYPE FILE [--op upsert|correct|retract] [--corrects N]\n"
     "             [--valid-from TIME] [--valid-to TIME] [--legal-basis TEXT]\n"
     "             [--sensitivity public|personal|personal_sensitive]\n"
     "                               at a court: a record (a packed assize.cases.v1.CaseRecord of\n"
     "                               that type) of a case, by its number or key; tells its number\n"
     "  case redact CASE RECORD --basis TEXT\n"
     "                               at a court: take away, here and at the centre, what the "
     "record\n"
     "                               of this number says; its hashes, and why, stay\n"
     "  case show SOURCE KEY [--valid TIME] [--known TIME] [--json]\n"
     "                               what held in a case, as it was known at a time"},
    {"access", cmd_access,
     "access grant ORGANISATION --types TYPE,... --purpose PURPOSE [--service SERVICE]\n"
     "       [--days N]              let an organisation ask for records of these types (all: "
     "every\n"
     "                               one) for a purpose, for a year unless told otherwise. The\n"
     "                               service is case, access (who has read) or exchange (to send\n"
     "                               courts records of type notice)\n"
     "  access revoke ORGANISATION --purpose PURPOSE [--types TYPE,...] [--service SERVICE]\n"
     "  access list [ORGANISATION] [--json]"},
    {"backup", cmd_backup,
     "backup FILE [--record] [--without-database]\n"
     "                               all that makes this installation again, in one file, while "
     "it\n"
     "                               runs; --record: with the recordings; --without-database: "
     "that\n"
     "                               is taken with tools of its own"},
    {"restore", cmd_restore,
     "restore FILE [--check]     check a backup, and make the state directory from it, which may\n"
     "                               not be there yet; --check: only the first"},
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
        if (strcmp(commands[i].name, name) != 0)
            continue;
        if (argc == 3 && strcmp(argv[2], "--help") == 0)
            return printf("  %s\n", commands[i].usage) < 0;
        return (int)commands[i].run(argc - 1, argv + 1);
    }
    return (int)cli_fail(CLI_USAGE, "there is no command \"%s\"; see `assize help`.", name);
}
