/*
 * assize-peer: participants, a director, a watcher, hostile peers, load, a hand on a thread, each a
 * subcommand. It speaks the product's real protocols and shares no transport code with it.
 */
#include "tests/peer/program/program.h"

#include <stdio.h>
#include <string.h>

static const struct subcommand {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *what;
} subcommands[] = {
    {"sim", sim_main, "a participant with picture and voice, until stopped or evicted"},
    {"direct", direct_main,
     "a presiding judge who admits, starts, mutes … in the order of the options"},
    {"trial", trial_main, "everybody of the demonstration, in the middle of a criminal trial"},
    {"watch", watch_main, "counts every datagram that reaches someone in the waiting room"},
    {"hostile", hostile_main, "one bad-peer case"},
    {"load", load_main, "one publisher and many subscribers on a relay's control socket"},
    {"hold", hold_main, "stops one thread of a process until it is told to end"},
    {"bench", bench_main, "`bench relay`: starts a relay and measures it under load"},
};

enum { SUBCOMMANDS = sizeof(subcommands) / sizeof(subcommands[0]) };

int main(int argc, char **argv)
{
    for (int i = 0; argc > 1 && i < SUBCOMMANDS; i++) {
        if (strcmp(argv[1], subcommands[i].name) == 0)
            return subcommands[i].run(argc - 1, argv + 1);
    }
    fprintf(stderr, "usage: assize-peer SUBCOMMAND OPTION...\n");
    for (int i = 0; i < SUBCOMMANDS; i++)
        fprintf(stderr, "  %-8s %s\n", subcommands[i].name, subcommands[i].what);
    return EXIT_USAGE;
}
