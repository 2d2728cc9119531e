/*
 * assize cert request [--to FILE]                     at a court: a key, and a request for it
 * assize cert enroll FILE --fingerprint F --to FILE   at a centre: signs it and lets it in
 * assize cert install FILE [--authority F]            at a court: puts it in use
 * assize cert renew [--web]                           one's own, made by oneself
 * assize cert revoke ORGANISATION|FINGERPRINT --why   at a centre
 * assize cert list [--json]
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/spki.h"
#include "base/str.h"
#include "cli/certificate.h"
#include "cli/cli.h"
#include "cli/enroll.h"
#include "cli/link_text.h"
#include "cli/pki.h"
#include "db/exchange_admin.h"

enum { DAY_MS = 24 * 3600 * 1000, DATE_SIZE = 16, REVOKED_MAX = 64 };

struct cert_options {
    const char *to, *fingerprint, *authority, *why, *days;
    bool agency, web;
};

/* A new file, 0600; NULL when there is one already, or it cannot be made. */
static FILE *open_new(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

    if (!file)
        cli_fail(CLI_FAILED, "%s cannot be made, or is there already.", path);
    return file;
}

/* On a disk that is full the file is not left half. */
static enum cli_exit close_new(FILE *file, const char *path, enum cli_exit result)
{
    bool kept = fflush(file) == 0 && fsync(fileno(file)) == 0;

    if (fclose(file) || !kept)
        result = result ? result : cli_fail(CLI_FAILED, "%s cannot be written.", path);
    if (result)
        unlink(path);
    return result;
}

static void write_date(int64_t ms, char out[static DATE_SIZE])
{
    time_t at = (time_t)(ms / CLOCK_MS_PER_S);
    struct tm day;

    snprintf(out, DATE_SIZE, "-");
    if (ms && gmtime_r(&at, &day))
        strftime(out, DATE_SIZE, "%Y-%m-%d", &day);
}

/* ---- request, install, renew ---- */

static enum cli_exit request(const struct cli *cli, const struct cert_options *options)
{
    char error[CONFIG_ERROR_SIZE], text[SPKI_TEXT_SIZE];
    uint8_t spki[SHA256_BYTES];
    enum cli_exit result = CLI_OK;
    FILE *out = options->to ? open_new(options->to) : stdout;

    if (!out)
        return CLI_FAILED;
    if (enroll_request(&cli->config, out, spki, error))
        result = cli_fail(CLI_FAILED, "%s", error);
    if (options->to)
        result = close_new(out, options->to, result);
    if (result)
        return result;
    spki_text(spki, text);
    fprintf(stderr, "request of %s, fingerprint  %s\nThe centre asks for the fingerprint.\n",
            cli->config.exchange_organisation, text);
    return CLI_OK;
}

static enum cli_exit install(const struct cli *cli, const char *path,
                             const struct cert_options *options)
{
    char error[CONFIG_ERROR_SIZE];

    if (enroll_install(&cli->config, path, options->authority, error))
        return cli_fail(CLI_FAILED, "%s", error);
    puts("installed; a server that runs takes it within two seconds");
    return CLI_OK;
}

static enum cli_exit renew(const struct cli *cli, const struct cert_options *options)
{
    char error[CONFIG_ERROR_SIZE];

    if (!options->web && !config_is_center(&cli->config))
        return request(cli, options);
    if (options->web ? certificate_renew(&cli->config, error)
                     : pki_renew_center(&cli->config, error))
        return cli_fail(CLI_FAILED, "%s", error);
    puts("renewed; a server that runs takes it within two seconds");
    return CLI_OK;
}

/* ---- enroll ---- */

static enum cli_exit describe(const X509 *certificate, struct pki_issued *out)
{
    return pki_describe(certificate, out) ? CLI_OK
                                          : cli_fail(CLI_FAILED, "its key is no key of P-256.");
}

static enum cli_exit sign(const struct cli *cli, const struct enrolment *asked, int days,
                          const char *path, struct pki_issued *issued)
{
    char error[CONFIG_ERROR_SIZE];
    enum cli_exit result = CLI_OK;
    FILE *out = open_new(path);

    if (!out)
        return CLI_FAILED;
    if (pki_sign(&cli->config, asked->organisation, asked->key, days, out, issued, error))
        result = cli_fail(CLI_FAILED, "%s", error);
    return close_new(out, path, result);
}

static enum cli_exit check_enrolment(const struct enrolment *asked,
                                     const struct cert_options *options)
{
    char text[SPKI_TEXT_SIZE], error[CONFIG_ERROR_SIZE];
    struct config scratch;

    spki_text(asked->spki, text);
    if (config_load(&scratch, NULL, "/dev/null", error) ||
        config_set(&scratch, "exchange.organisation", asked->organisation, error))
        return cli_fail(CLI_USAGE, "%s.", error);
    if (!options->fingerprint)
        return cli_fail(CLI_USAGE,
                        "this is for %s, fingerprint %s; ask them for theirs, and repeat the "
                        "command with --fingerprint and what they say.",
                        asked->organisation, text);
    if (!spki_is(asked->spki, options->fingerprint))
        return cli_fail(CLI_FAILED, "the fingerprint is another one: %s.", text);
    if (!asked->certificate && !options->to)
        return cli_fail(CLI_USAGE, "enroll wants --to FILE for the certificate.");
    return CLI_OK;
}

static void tell_enrolled(const struct cli *cli, const struct enrolment *asked,
                          const struct pki_issued *issued)
{
    char text[SPKI_TEXT_SIZE], date[DATE_SIZE];
    FILE *file = fopen(cli->config.exchange_ca, "re");
    X509 *authority = file ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;
    uint8_t spki[SHA256_BYTES];

    spki_text(issued->spki, text);
    write_date(issued->ends_s * CLOCK_MS_PER_S, date);
    printf("%s  %s  until %s\n", asked->organisation, text, date);
    if (authority && spki_digest(X509_get0_pubkey(authority), spki)) {
        spki_text(spki, text);
        printf("authority, fingerprint  %s\n", text);
    }
    X509_free(authority);
    if (file)
        fclose(file);
}

/* It is known before anybody can have it, and a file that is left over opens nothing. */
static enum cli_exit enroll(const struct cli *cli, struct admin *admin, const char *path,
                            const struct cert_options *options)
{
    char error[CONFIG_ERROR_SIZE];
    struct enrolment asked;
    struct pki_issued issued;
    uint64_t days = PKI_DAYS;

    if (cli_number("--days", options->days, PKI_DAYS, &days))
        return CLI_USAGE;
    if (enroll_read(&cli->config, path, &asked, error))
        return cli_fail(CLI_FAILED, "%s", error);
    enum cli_exit result = check_enrolment(&asked, options);
    if (!result)
        result = asked.certificate ? describe(asked.certificate, &issued)
                                   : sign(cli, &asked, (int)days, options->to, &issued);
    if (!result) {
        const struct exchange_admin_key key = {issued.public_key, issued.len, issued.ends_s};
        int failed = exchange_admin_admit(admin, asked.organisation,
                                          options->agency ? "agency" : NULL, &key, false);
        if (failed) {
            result = cli_admin_failed(admin, failed);
            if (!asked.certificate)
                unlink(options->to);
        }
    }
    if (!result)
        tell_enrolled(cli, &asked, &issued);
    enrolment_done(&asked);
    return result;
}

/* ---- revoke ---- */

struct revoking {
    const char *which; /* an organisation, or a fingerprint */
    uint8_t spki[REVOKED_MAX][SHA256_BYTES];
    int count;
};

static bool choose(void *context, const struct exchange_admin_known *key)
{
    struct revoking *revoking = context;

    if (!key->revoked && revoking->count < REVOKED_MAX && strcmp(key->kind, "center") != 0 &&
        (strcmp(key->organisation, revoking->which) == 0 || spki_is(key->spki, revoking->which)))
        memcpy(revoking->spki[revoking->count++], key->spki, SHA256_BYTES);
    return true;
}

static enum cli_exit revoke_keys(struct admin *admin, const char *which,
                                 const struct cert_options *options)
{
    struct revoking revoking = {.which = which};
    char text[SPKI_TEXT_SIZE];

    if (!options->why)
        return cli_fail(CLI_USAGE, "revoke wants --why, which is kept.");
    int failed = exchange_admin_keys(admin, choose, &revoking);
    if (!failed && !revoking.count)
        return cli_fail(CLI_NOT_FOUND, "no organisation has such a key that is good.");
    for (int i = 0; !failed && i < revoking.count; i++) {
        failed = exchange_admin_revoke(admin, revoking.spki[i], options->why);
        if (failed)
            break;
        spki_text(revoking.spki[i], text);
        printf("revoked  %s\n", text);
    }
    return failed ? cli_admin_failed(admin, failed) : CLI_OK;
}

/* ---- list ---- */

struct listing {
    json_t *rows; /* NULL: lines are printed */
};

static const char *state_of(int64_t ends_ms, bool revoked)
{
    int64_t left = ends_ms - clock_wall_ms();

    if (revoked)
        return "revoked";
    if (ends_ms && left < 0)
        return "ended";
    return ends_ms && left < (int64_t)SPKI_WARN_DAYS * DAY_MS ? "ends soon" : "good";
}

static void add_row(const struct listing *listing, const char *organisation, const char *use,
                    const uint8_t *spki, int64_t ends_ms, const char *state)
{
    char text[SPKI_TEXT_SIZE], date[DATE_SIZE];

    spki_text(spki, text);
    write_date(ends_ms, date);
    if (listing->rows)
        json_array_append_new(listing->rows,
                              json_pack("{ss ss ss sI ss}", "organisation", organisation, "use",
                                        use, "fingerprint", text, "ends_ms", (json_int_t)ends_ms,
                                        "state", state));
    else
        printf("%-20s %-10s %s  %-10s  %s\n", organisation, use, text, date, state);
}

static void list_file(const struct cli *cli, const struct listing *listing, const char *use,
                      const char *path)
{
    FILE *file = fopen(path, "re");
    X509 *certificate = file ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;
    struct pki_issued issued;

    if (certificate && pki_describe(certificate, &issued))
        add_row(listing, cli->config.exchange_organisation, use, issued.spki,
                issued.ends_s * CLOCK_MS_PER_S, state_of(issued.ends_s * CLOCK_MS_PER_S, false));
    X509_free(certificate);
    if (file)
        fclose(file);
}

static bool list_key(void *context, const struct exchange_admin_known *key)
{
    if (strcmp(key->kind, "center") != 0)
        add_row(context, key->organisation, key->kind, key->spki, key->ends_ms,
                state_of(key->ends_ms, key->revoked));
    return true;
}

/* At a court the files say all there is, also when its database is away. */
static enum cli_exit list(const struct cli *cli)
{
    struct listing listing = {cli->json ? json_array() : NULL};
    struct admin *admin = NULL;
    enum cli_exit result = CLI_OK;
    int failed = 0;

    list_file(cli, &listing, "web", cli->config.tls_certificate);
    list_file(cli, &listing, "exchange", cli->config.exchange_certificate);
    list_file(cli, &listing, "authority", cli->config.exchange_ca);
    if (config_is_center(&cli->config)) {
        result = cli_open_admin(cli, &admin);
        failed = result ? 0 : exchange_admin_keys(admin, list_key, &listing);
        if (failed)
            result = cli_admin_failed(admin, failed);
        admin_close(admin);
    }
    if (!result && cli->json)
        link_print_json(json_incref(listing.rows));
    json_decref(listing.rows);
    return result;
}

/* ---- the words ---- */

static enum cli_exit at_center(const struct cli *cli, const struct cert_options *options)
{
    struct admin *admin = NULL;

    if (!config_is_center(&cli->config))
        return cli_fail(CLI_USAGE, "%s is for a centre (role = \"center\").", cli->words[0]);
    enum cli_exit result = cli_open_admin(cli, &admin);
    if (!result)
        result = strcmp(cli->words[0], "enroll") == 0 ? enroll(cli, admin, cli->words[1], options)
                                                      : revoke_keys(admin, cli->words[1], options);
    admin_close(admin);
    return result;
}

enum cli_exit cmd_cert(int argc, char **argv)
{
    struct cert_options options = {0};
    const struct cli_option own[] = {{"--to", &options.to, NULL},
                                     {"--fingerprint", &options.fingerprint, NULL},
                                     {"--authority", &options.authority, NULL},
                                     {"--why", &options.why, NULL},
                                     {"--days", &options.days, NULL},
                                     {"--agency", NULL, &options.agency},
                                     {"--web", NULL, &options.web}};
    struct cli cli;

    enum cli_exit result = cli_parse(&cli, argc, argv, own, sizeof(own) / sizeof(own[0]));
    if (result)
        return result;
    const char *word = cli.word_count ? cli.words[0] : "";
    if (cli.word_count == 1 && strcmp(word, "request") == 0)
        return request(&cli, &options);
    if (cli.word_count == 1 && strcmp(word, "renew") == 0)
        return renew(&cli, &options);
    if (cli.word_count == 1 && strcmp(word, "list") == 0)
        return list(&cli);
    if (cli.word_count == 2 && strcmp(word, "install") == 0)
        return install(&cli, cli.words[1], &options);
    if (cli.word_count == 2 && (strcmp(word, "enroll") == 0 || strcmp(word, "revoke") == 0))
        return at_center(&cli, &options);
    return cli_fail(CLI_USAGE, "cert wants: request, enroll FILE, install FILE, renew, "
                               "revoke ORGANISATION|FINGERPRINT, or list.");
}
