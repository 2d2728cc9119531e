/* What `assize up` stands on: the state directory, the certificate, and the supervisor over real
 * processes. */
#include <errno.h>
#include <ftw.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "cli/certificate.h"
#include "cli/say.h"
#include "cli/state_dir.h"
#include "cli/supervisor.h"

enum { WAIT_MS = 10000, LOOK_MS = 5, DRAIN_MS = 300 };

static struct config config;
static char error[CONFIG_ERROR_SIZE];

static int new_state(void **state)
{
    static char folder[32];

    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/assize-test-XXXXXX");
    return mkdtemp(folder) && !config_load(&config, folder, NULL, error) &&
                   !state_dir_make(&config, error)
               ? 0
               : -1;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *walk)
{
    (void)st;
    (void)type;
    (void)walk;
    return remove(path);
}

static int remove_state(void **state)
{
    (void)state;
    return nftw(config.state_dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- the state directory ---- */

static void lets_one_process_have_the_state_directory(void **state)
{
    pid_t holder = 0;

    (void)state;
    assert_int_equal(state_dir_holder(&config), 0);
    assert_int_equal(state_dir_lock(&config, &holder), 0);
    assert_int_equal(state_dir_lock(&config, &holder), -EWOULDBLOCK);
    assert_int_equal(holder, getpid());
    assert_int_equal(state_dir_holder(&config), getpid());
}

static void knows_a_noted_process_while_it_lives(void **state)
{
    (void)state;
    assert_int_equal(state_dir_pid(&config, "worker"), 0);
    state_dir_note_pid(&config, "worker", getpid());
    assert_int_equal(state_dir_pid(&config, "worker"), getpid());
    state_dir_forget_pid(&config, "worker");
    assert_int_equal(state_dir_pid(&config, "worker"), 0);
}

static void takes_no_other_process_with_the_same_pid_for_it(void **state)
{
    char path[CONFIG_TEXT_SIZE];

    (void)state;
    assert_int_equal(config_state_path(&config, "run/worker.pid", path, sizeof(path)), 0);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fprintf(file, "%d\n1\n", (int)getpid());
    fclose(file);
    assert_int_equal(state_dir_pid(&config, "worker"), 0);
}

static void closes_the_state_directory_to_others(void **state)
{
    struct stat st;

    (void)state;
    assert_int_equal(stat(config.state_dir, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
}

/* ---- the certificate ---- */

static X509 *read_certificate(void)
{
    FILE *file = fopen(config.tls_certificate, "re");

    assert_non_null(file);
    X509 *certificate = PEM_read_X509(file, NULL, NULL, NULL);
    fclose(file);
    assert_non_null(certificate);
    return certificate;
}

static void makes_a_certificate_for_every_name_of_the_machine(void **state)
{
    struct stat st;
    bool made = false;

    (void)state;
    assert_int_equal(config_set(&config, "listen.address", "192.0.2.7", error), 0);
    assert_int_equal(
        config_set(&config, "listen.public_url", "https://xetxu.example.vn:9443/", error), 0);
    assert_int_equal(certificate_ensure(&config, &made, error), 0);
    assert_true(made);
    X509 *certificate = read_certificate();
    assert_int_equal(X509_check_host(certificate, "localhost", 0, 0, NULL), 1);
    assert_int_equal(X509_check_host(certificate, "xetxu.example.vn", 0, 0, NULL), 1);
    assert_int_equal(X509_check_host(certificate, "example.org", 0, 0, NULL), 0);
    assert_int_equal(X509_check_ip_asc(certificate, "127.0.0.1", 0), 1);
    assert_int_equal(X509_check_ip_asc(certificate, "::1", 0), 1);
    assert_int_equal(X509_check_ip_asc(certificate, "192.0.2.7", 0), 1);
    assert_true(X509_cmp_current_time(X509_get0_notBefore(certificate)) < 0);
    assert_true(X509_cmp_current_time(X509_get0_notAfter(certificate)) > 0);
    X509_free(certificate);
    assert_int_equal(stat(config.tls_key, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(certificate_ensure(&config, &made, error), 0);
    assert_false(made);
}

static void makes_no_certificate_where_a_real_one_is_named(void **state)
{
    bool made = true;

    (void)state;
    assert_int_equal(config_set(&config, "tls.certificate", "real.pem", error), 0);
    assert_int_equal(certificate_ensure(&config, &made, error), -ENOENT);
    assert_false(made);
    assert_non_null(strstr(error, "real.pem"));
}

static void does_not_replace_a_certificate_whose_key_is_gone(void **state)
{
    bool made;

    (void)state;
    assert_int_equal(certificate_ensure(&config, &made, error), 0);
    assert_int_equal(unlink(config.tls_key), 0);
    assert_int_equal(certificate_ensure(&config, &made, error), -ENOENT);
    assert_non_null(strstr(error, "private key"));
}

/* ---- the supervisor: in a process of its own, over a shell that plays the daemon ---- */

#define TELL_READY "printf R >/proc/self/fd/$ASSIZE_READY_FD; "

/* Runs one worker until SIGTERM; exit 0, or 1 when it could not be started. */
static pid_t supervise(const char *script)
{
    pid_t pid = fork();

    if (pid)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    char shell[] = "/bin/sh";
    char flag[] = "-c";
    char text[256];
    char *const arguments[] = {shell, flag, text, NULL};
    struct supervisor supervisor;

    snprintf(text, sizeof(text), "%s", script);
    if (!freopen("/dev/null", "w", stdout) || supervisor_init(&supervisor, &config, false))
        _exit(2);
    struct child *child = supervisor_add(&supervisor, (struct child){.name = "worker",
                                                                     .label = "worker",
                                                                     .path = shell,
                                                                     .arguments = arguments,
                                                                     .stop_signal = SIGTERM});
    int result = supervisor_start(&supervisor, child);
    if (!result) {
        state_dir_note_pid(&config, "started", getpid());
        supervisor_keep(&supervisor);
    }
    supervisor_stop(&supervisor, DRAIN_MS);
    _exit(result ? 1 : 0);
}

static pid_t await_worker_other_than(pid_t old)
{
    for (int waited = 0; waited < WAIT_MS; waited += LOOK_MS) {
        pid_t pid = state_dir_pid(&config, "worker");
        if (pid && pid != old)
            return pid;
        poll(NULL, 0, LOOK_MS);
    }
    fail_msg("no worker came up");
    return 0;
}

/* The worker, once the supervisor has seen that it serves. */
static pid_t await_started(void)
{
    for (int waited = 0; !state_dir_pid(&config, "started"); waited += LOOK_MS) {
        assert_true(waited < WAIT_MS);
        poll(NULL, 0, LOOK_MS);
    }
    return await_worker_other_than(0);
}

static void await_gone(pid_t pid)
{
    for (int waited = 0; kill(pid, 0) == 0; waited += LOOK_MS) {
        assert_true(waited < WAIT_MS);
        poll(NULL, 0, LOOK_MS);
    }
}

static int exit_of(pid_t pid)
{
    int status;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void brings_back_what_was_killed_and_leaves_nothing(void **state)
{
    pid_t supervisor = supervise(TELL_READY "exec tail -f /dev/null");

    (void)state;
    pid_t first = await_started();
    assert_int_equal(getsid(first), first); /* a session of its own */
    int64_t began_ms = clock_monotonic_ms();
    kill(first, SIGKILL);
    pid_t second = await_worker_other_than(first);
    assert_true(clock_monotonic_ms() - began_ms < 5000);
    kill(supervisor, SIGTERM);
    assert_int_equal(exit_of(supervisor), 0);
    await_gone(second);
    assert_int_equal(state_dir_pid(&config, "worker"), 0);
}

static void says_that_a_program_ended_before_it_was_ready(void **state)
{
    (void)state;
    assert_int_equal(exit_of(supervise("exit 3")), 1);
}

static void kills_what_does_not_stop_in_time(void **state)
{
    pid_t supervisor = supervise("trap '' TERM; " TELL_READY "while :; do read x </dev/zero; done");

    (void)state;
    pid_t worker = await_started();
    kill(supervisor, SIGTERM);
    assert_int_equal(exit_of(supervisor), 0);
    await_gone(worker);
}

static void takes_its_children_along_when_it_is_killed(void **state)
{
    pid_t supervisor = supervise(TELL_READY "exec tail -f /dev/null");

    (void)state;
    pid_t worker = await_started();
    kill(supervisor, SIGKILL);
    assert_int_equal(exit_of(supervisor), -1);
    await_gone(worker);
}

static void describes_how_a_program_ended(void **state)
{
    char end[32];

    (void)state;
    child_describe_end(W_EXITCODE(3, 0), end, sizeof(end));
    assert_string_equal(end, "exit status 3");
    child_describe_end(W_EXITCODE(0, SIGSEGV), end, sizeof(end));
    assert_string_equal(end, "SIGSEGV");
}

int main(void)
{
#define IN_STATE(test) cmocka_unit_test_setup_teardown(test, new_state, remove_state)
    const struct CMUnitTest tests[] = {
        IN_STATE(lets_one_process_have_the_state_directory),
        IN_STATE(knows_a_noted_process_while_it_lives),
        IN_STATE(takes_no_other_process_with_the_same_pid_for_it),
        IN_STATE(closes_the_state_directory_to_others),
        IN_STATE(makes_a_certificate_for_every_name_of_the_machine),
        IN_STATE(makes_no_certificate_where_a_real_one_is_named),
        IN_STATE(does_not_replace_a_certificate_whose_key_is_gone),
        IN_STATE(brings_back_what_was_killed_and_leaves_nothing),
        IN_STATE(says_that_a_program_ended_before_it_was_ready),
        IN_STATE(kills_what_does_not_stop_in_time),
        IN_STATE(takes_its_children_along_when_it_is_killed),
        cmocka_unit_test(describes_how_a_program_ended),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
