/*
 * assize-peer bench relay --relay-binary PATH [--seconds N] [--cipher gcm|cm]
 *
 * Starts a relay of its own for every run, with K = 1, 5, 20 and 50 subscribers, three runs each,
 * and prints one line a run and the medians as the last one. Beside each K = 50 run stands the
 * machine's own floor (floor.h), so that the ratio can be compared between machines.
 */
#include <errno.h>
#include <ftw.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/ready.h"
#include "tests/peer/program/floor.h"
#include "tests/peer/program/load.h"

enum {
    RUNS = 3,
    SECONDS_DEFAULT = 4,
    READY_MS = 10000,
    DECRYPT_EVERY = 50,
    PATH_SIZE = 512,
    OPEN_FILES = 8
};

static const unsigned sizes[] = {1, 5, 20, 50};

enum { SIZES = sizeof(sizes) / sizeof(sizes[0]), LAST = SIZES - 1 };

struct relay {
    pid_t pid;
    char state[PATH_SIZE / 2];
    char socket[PATH_SIZE];
};

/* A UDP port that nobody has now. */
static unsigned free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&address, len) ||
        getsockname(fd, (struct sockaddr *)&address, &len))
        usage("there is no free UDP port", "");
    close(fd);
    return ntohs(address.sin_port);
}

static _Noreturn void become_relay(const char *binary, const char *state, int ready_fd)
{
    char fd_text[16];
    char port[32];
    char path[PATH_SIZE];
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    snprintf(fd_text, sizeof(fd_text), "%d", ready_fd);
    snprintf(port, sizeof(port), "media.port=%u", free_port());
    snprintf(path, sizeof(path), "%s/relay.log", state);
    setenv(READY_FD_VARIABLE, fd_text, 1);
    if (!freopen(path, "w", stderr))
        _exit(EXIT_BAD);
    execl(binary, binary, "--state", state, "--set", port, "--set", "listen.address=127.0.0.1",
          NULL);
    _exit(EXIT_BAD);
}

static bool is_ready(int fd)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    char byte;

    return poll(&poll_fd, 1, READY_MS) == 1 && read(fd, &byte, 1) == 1;
}

static const char *relay_start(struct relay *relay, const char *binary)
{
    const char *base = getenv("TMPDIR");
    int ready[2];

    *relay = (struct relay){0};
    snprintf(relay->state, sizeof(relay->state), "%s/assize-bench-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(relay->state))
        return "no temporary folder";
    snprintf(relay->socket, sizeof(relay->socket), "%s/run", relay->state);
    if (mkdir(relay->socket, 0700) || pipe(ready))
        return "no state folder";
    snprintf(relay->socket, sizeof(relay->socket), "%s/run/relay.sock", relay->state);
    relay->pid = fork();
    if (relay->pid == 0) {
        close(ready[0]);
        become_relay(binary, relay->state, ready[1]);
    }
    close(ready[1]);
    bool good = relay->pid > 0 && is_ready(ready[0]);
    close(ready[0]);
    return good ? NULL : "the relay did not get ready";
}

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *place)
{
    (void)stat;
    (void)type;
    (void)place;
    return remove(path);
}

static void relay_stop(struct relay *relay)
{
    if (relay->pid > 0) {
        kill(relay->pid, SIGTERM);
        waitpid(relay->pid, NULL, 0);
    }
    nftw(relay->state, remove_one, OPEN_FILES, FTW_DEPTH | FTW_PHYS);
}

static const char *run_once(struct program *program, const char *binary,
                            struct load_options *options, struct load_result *result)
{
    struct relay relay;
    const char *problem = relay_start(&relay, binary);

    if (!problem) {
        options->socket = relay.socket;
        options->relay = relay.pid;
        problem = load_run(program, options, result);
    }
    relay_stop(&relay);
    return problem;
}

static void print_run(const struct load_options *options, const struct load_result *result)
{
    print_line(json_pack("{s:s, s:I, s:f, s:I, s:f, s:I}", "event", "run", "subscribers",
                         (json_int_t)options->subscribers, "us_per_packet", result->us_per_packet,
                         "packets", (json_int_t)result->packets, "lost_permille",
                         result->lost_permille, "refused", (json_int_t)result->refused));
}

static int by_cost(const void *a, const void *b)
{
    double left = ((const struct load_result *)a)->us_per_packet;
    double right = ((const struct load_result *)b)->us_per_packet;

    return (left > right) - (left < right);
}

static int by_size(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;

    return (left > right) - (left < right);
}

static void print_medians(struct load_result results[SIZES][RUNS], const double floors[RUNS])
{
    const struct load_result *last = results[LAST];
    const struct load_result *median = &last[RUNS / 2];
    json_t *line = json_object();

    for (int i = 0; i < SIZES; i++) {
        char key[16];
        snprintf(key, sizeof(key), "k%u_us", sizes[i]);
        json_object_set_new(line, key, json_real(results[i][RUNS / 2].us_per_packet));
    }
    json_t *rest = json_pack(
        "{s:f, s:f, s:f, s:f, s:f, s:f, s:s, s:f, s:I, s:f, s:i}", "k50_floor_us", floors[RUNS / 2],
        "k50_floor_us_min", floors[0], "k50_to_floor", median->us_per_packet / floors[RUNS / 2],
        "k50_us_min", last[0].us_per_packet, "k50_us_max", last[RUNS - 1].us_per_packet,
        "k50_lost_permille", median->lost_permille, "k50_cipher", median->cipher, "rss_mb",
        median->rss_mb, "threads", (json_int_t)median->threads, "join_ms", median->join_cpu_ms,
        "runs", RUNS);
    json_object_update(line, rest);
    json_decref(rest);
    print_line(line);
}

static const char *run_all(struct program *program, const char *binary,
                           struct load_options *options)
{
    struct load_result results[SIZES][RUNS];
    double floors[RUNS];

    for (int i = 0; i < SIZES; i++) {
        options->subscribers = sizes[i];
        for (int run = 0; run < RUNS && !program->loop.stopped; run++) {
            const char *problem = run_once(program, binary, options, &results[i][run]);
            if (problem)
                return problem;
            print_run(options, &results[i][run]);
            if (i == LAST)
                floors[run] = floor_measure(sizes[LAST]);
        }
        qsort(results[i], RUNS, sizeof(results[i][0]), by_cost);
    }
    if (program->loop.stopped)
        return "stopped";
    qsort(floors, RUNS, sizeof(floors[0]), by_size);
    if (floors[0] <= 0)
        return "the floor could not be measured";
    print_medians(results, floors);
    return NULL;
}

int bench_main(int argc, char **argv)
{
    static struct program program;
    struct person_options person = {.seconds = SECONDS_DEFAULT};
    const char *binary = NULL;

    if (argc < 2 || strcmp(argv[1], "relay") != 0)
        usage("the only benchmark here is: ", "bench relay");
    for (int at = 2; at < argc;) {
        if (person_option(&person, argc, argv, &at))
            continue;
        if (strcmp(argv[at], "--relay-binary") != 0)
            usage("bench relay does not know ", argv[at]);
        binary = option_value(argc, argv, &at);
    }
    if (!binary || access(binary, X_OK))
        usage("--relay-binary names no program", "");
    struct load_options options = {
        .seconds = person.seconds,
        .decrypt_every = DECRYPT_EVERY,
        .profiles = person.profiles ? person.profiles : PEER_PROFILES,
    };
    program_open(&program, &person);
    const char *problem = run_all(&program, binary, &options);
    if (problem)
        print_line(json_pack("{s:s}", "error", problem));
    program_close(&program);
    return problem ? EXIT_BAD : EXIT_GOOD;
}
