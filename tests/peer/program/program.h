/*
 * assize-peer: the shared ground of its subcommands. Each prints JSON lines, one object a line, the
 * last one a summary, and returns the exit status.
 */
#ifndef ASSIZE_TESTS_PEER_PROGRAM_H
#define ASSIZE_TESTS_PEER_PROGRAM_H

#include <jansson.h>

#include "tests/peer/peer.h"

enum { EXIT_GOOD = 0, EXIT_BAD = 1, EXIT_USAGE = 2 };

struct program {
    struct peer_loop loop;
    struct peer_watch signals; /* SIGINT and SIGTERM stop the loop */
    struct peer_identity identity;
    struct peer_server server;
    int64_t started_ns;
};

/* What every subcommand that speaks to assized is told. */
struct person_options {
    const char *url;
    const char *token;
    const char *certificate; /* the one good certificate, PEM */
    bool insecure;           /* any certificate */
    const char *media_dir;
    const char *media_name;
    const char *profiles;
    unsigned drop_permille;
    int64_t seconds;
};

/* True when the option at argv[*at] was one of these (and *at is past it). Prints usage and exits
 * on a bad value. */
bool person_option(struct person_options *options, int argc, char **argv, int *at);
/* The value after argv[*at]; exits when there is none. */
const char *option_value(int argc, char **argv, int *at);
/* A number up to max; exits when it is none. */
uint64_t option_number(const char *text, uint64_t max);
_Noreturn void usage(const char *message, const char *detail);

/* Opens what the options ask for; exits with a sentence when that cannot be. url NULL: no server.
 */
void program_open(struct program *program, const struct person_options *options);
void program_close(struct program *program);
/* A peer's options as the person's options say; media as asked. */
struct peer_options program_peer_options(struct program *program,
                                         const struct person_options *options);

/* Prints and frees the object. */
void print_line(json_t *line);
/* {"event":name,"ms":since the start} */
json_t *event_line(const struct program *program, const char *name);
/* Sums and one entry a stream. */
json_t *media_stats(const struct peer_media *media);
json_t *datagram_counts(const struct peer_datagrams *in);

int sim_main(int argc, char **argv);
int watch_main(int argc, char **argv);
int direct_main(int argc, char **argv);
int trial_main(int argc, char **argv);
int hostile_main(int argc, char **argv);
int load_main(int argc, char **argv);
int bench_main(int argc, char **argv);
int hold_main(int argc, char **argv);

#endif
