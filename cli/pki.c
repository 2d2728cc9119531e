#include "cli/pki.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/x509.h"

enum { CA_DAYS = 3650, DAYS = PKI_DAYS, DAY_S = 24 * 3600, NAMES_SIZE = 1024, HOST_SIZE = 256 };

/* A certificate and its key. */
struct pair {
    X509 *certificate;
    EVP_PKEY *key;
};

static void pair_done(struct pair *pair)
{
    X509_free(pair->certificate);
    EVP_PKEY_free(pair->key);
    *pair = (struct pair){0};
}

static bool set_common_name(X509 *certificate, const char *name)
{
    return X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                                      (const unsigned char *)name, -1, -1, 0);
}

/* Everything but extensions and signature; issuer NULL: the certificate itself. */
static bool begin(struct pair *pair, const char *name, const struct pair *issuer, int days)
{
    if (!pair->key)
        pair->key = EVP_EC_gen("P-256");
    pair->certificate = X509_new();
    X509 *certificate = pair->certificate;
    const X509 *by = issuer ? issuer->certificate : certificate;

    return pair->key && certificate && X509_set_version(certificate, X509_VERSION_3) &&
           x509_set_serial(certificate) &&
           X509_gmtime_adj(X509_getm_notBefore(certificate), -DAY_S) &&
           X509_gmtime_adj(X509_getm_notAfter(certificate), (long)days * DAY_S) &&
           set_common_name(certificate, name) &&
           X509_set_issuer_name(certificate, X509_get_subject_name(by)) &&
           X509_set_pubkey(certificate, pair->key);
}

static bool make_ca(struct pair *ca)
{
    X509 *own = NULL;

    if (!begin(ca, "Assize exchange CA", NULL, CA_DAYS))
        return false;
    own = ca->certificate;
    return x509_add_extension(own, own, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
           x509_add_extension(own, own, NID_key_usage, "critical,keyCertSign,cRLSign") &&
           x509_add_extension(own, own, NID_subject_key_identifier, "hash") &&
           X509_sign(own, ca->key, EVP_sha256()) > 0;
}

/* For the member's key, if it has one. use: clientAuth or serverAuth; names: of a server, or NULL.
 */
static bool make_member(struct pair *member, const struct pair *ca, const char *organisation,
                        const char *use, const char *names, int days)
{
    X509 *by = ca->certificate;

    if (!begin(member, organisation, ca, days))
        return false;
    X509 *own = member->certificate;
    return x509_add_extension(own, by, NID_basic_constraints, "critical,CA:FALSE") &&
           x509_add_extension(own, by, NID_key_usage, "critical,digitalSignature") &&
           x509_add_extension(own, by, NID_ext_key_usage, use) &&
           (!names || x509_add_extension(own, by, NID_subject_alt_name, names)) &&
           X509_sign(own, ca->key, EVP_sha256()) > 0;
}

static int write_pair(const struct pair *pair, const char *certificate, const char *key)
{
    int result = x509_write_pem(key, pair->key, NULL);

    return result ? result : x509_write_pem(certificate, NULL, pair->certificate);
}

static bool read_pair(struct pair *pair, const char *certificate, const char *key)
{
    FILE *certificate_file = fopen(certificate, "re");
    FILE *key_file = fopen(key, "re");

    *pair = (struct pair){0};
    if (certificate_file && key_file) {
        pair->certificate = PEM_read_X509(certificate_file, NULL, NULL, NULL);
        pair->key = PEM_read_PrivateKey(key_file, NULL, NULL, NULL);
    }
    if (certificate_file)
        fclose(certificate_file);
    if (key_file)
        fclose(key_file);
    return pair->certificate && pair->key;
}

static int complain(char *error, int result, const char *what, const char *path, const char *advice)
{
    snprintf(error, CONFIG_ERROR_SIZE, "%s %s%s", what, path, advice);
    return result;
}

/* ---- the centre ---- */

static bool paths_are_usual(const struct config *config, char ca_key[static CONFIG_TEXT_SIZE])
{
    char ca[CONFIG_TEXT_SIZE], certificate[CONFIG_TEXT_SIZE], key[CONFIG_TEXT_SIZE];

    return !config_state_path(config, "tls/ca.pem", ca, sizeof(ca)) &&
           !config_state_path(config, "tls/ca-key.pem", ca_key, CONFIG_TEXT_SIZE) &&
           !config_state_path(config, "tls/exchange.pem", certificate, sizeof(certificate)) &&
           !config_state_path(config, "tls/exchange-key.pem", key, sizeof(key)) &&
           strcmp(ca, config->exchange_ca) == 0 &&
           strcmp(certificate, config->exchange_certificate) == 0 &&
           strcmp(key, config->exchange_key) == 0;
}

static bool is_address(const char *host)
{
    uint8_t address[sizeof(struct in6_addr)];

    return inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
}

/* The host of the public URL, without the brackets of an IPv6 address; "" for one that is no name.
 */
static void read_host(const char *url, char host[static HOST_SIZE])
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
    const char *at = strncmp(url, "https://", 8) == 0 ? url + 8 : "";
    bool bracket = *at == '[';

    snprintf(host, HOST_SIZE, "%.*s", (int)strcspn(at + bracket, bracket ? "]" : ":/"),
             at + bracket);
    if (!is_address(host) && host[strspn(host, letters)])
        host[0] = '\0';
}

/* What courts may call the centre: the host of its public URL, the address it listens at, and this
 * machine. */
static void list_names(const struct config *config, char names[static NAMES_SIZE])
{
    char hosts[2][HOST_SIZE];

    read_host(config->public_url, hosts[0]);
    str_copy(hosts[1], HOST_SIZE, is_address(config->listen_address) ? config->listen_address : "");
    size_t len = (size_t)snprintf(names, NAMES_SIZE, "DNS:localhost,IP:127.0.0.1,IP:::1");
    for (int i = 0; i < 2; i++) {
        if (hosts[i][0])
            len += (size_t)snprintf(names + len, NAMES_SIZE - len, ",%s:%s",
                                    is_address(hosts[i]) ? "IP" : "DNS", hosts[i]);
    }
}

int pki_ensure_center(const struct config *config, bool *ret_made,
                      char error[static CONFIG_ERROR_SIZE])
{
    char ca_key[CONFIG_TEXT_SIZE], names[NAMES_SIZE];
    struct pair ca = {0}, own = {0};

    *ret_made = false;
    if (access(config->exchange_ca, R_OK) == 0 && access(config->exchange_key, R_OK) == 0 &&
        access(config->exchange_certificate, R_OK) == 0)
        return 0;
    if (!paths_are_usual(config, ca_key))
        return complain(error, -ENOENT, "A certificate of the exchange cannot be read, such as",
                        config->exchange_certificate,
                        "; put all three there, or remove the options that name them.");
    list_names(config, names);
    int result = -EIO;
    bool there = read_pair(&ca, config->exchange_ca, ca_key);
    if (!there)
        pair_done(&ca);
    if (there || (make_ca(&ca) && !write_pair(&ca, config->exchange_ca, ca_key))) {
        if (make_member(&own, &ca, config->exchange_organisation, "serverAuth", names, DAYS))
            result = write_pair(&own, config->exchange_certificate, config->exchange_key);
    }
    pair_done(&ca);
    pair_done(&own);
    *ret_made = !result;
    return result ? complain(error, result,
                             "This certificate cannot be made:", config->exchange_certificate,
                             "; see that the state directory is writable.")
                  : 0;
}

/* ---- a court ---- */

static int make_folder(const char *state_dir, char folder[static CONFIG_TEXT_SIZE])
{
    snprintf(folder, CONFIG_TEXT_SIZE, "%.*s/tls", CONFIG_TEXT_SIZE / 2, state_dir);
    if (mkdir(state_dir, 0700) && errno != EEXIST)
        return -errno;
    return mkdir(folder, 0700) && errno != EEXIST ? -errno : 0;
}

static int write_court(const char *folder, const struct pair *ca, const struct pair *court)
{
    char path[CONFIG_TEXT_SIZE + 32], key[CONFIG_TEXT_SIZE + 32];

    snprintf(path, sizeof(path), "%s/ca.pem", folder);
    int result = x509_write_pem(path, NULL, ca->certificate);
    snprintf(path, sizeof(path), "%s/exchange.pem", folder);
    snprintf(key, sizeof(key), "%s/exchange-key.pem", folder);
    return result ? result : write_pair(court, path, key);
}

bool pki_describe(const X509 *certificate, struct pki_issued *out)
{
    struct tm ends;
    unsigned char *at = out->public_key;
    int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), NULL);

    if (len <= 0 || len > P256_PUBLIC_MAX ||
        ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &ends) != 1)
        return false;
    out->len = (size_t)i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &at);
    out->ends_s = timegm(&ends);
    sha256(out->public_key, out->len, out->spki);
    return true;
}

static int open_authority(const struct config *config, struct pair *ca,
                          char error[static CONFIG_ERROR_SIZE])
{
    char ca_key[CONFIG_TEXT_SIZE];

    *ca = (struct pair){0};
    if (!config_state_path(config, "tls/ca-key.pem", ca_key, sizeof(ca_key)) &&
        read_pair(ca, config->exchange_ca, ca_key))
        return 0;
    pair_done(ca);
    return complain(error, -ENOENT, "There is no authority in", config->state_dir,
                    "; `assize up --set role=center` makes it.");
}

int pki_sign(const struct config *config, const char *organisation, EVP_PKEY *key, int days,
             FILE *out, struct pki_issued *issued, char error[static CONFIG_ERROR_SIZE])
{
    struct pair ca, member = {.key = key};

    if (open_authority(config, &ca, error))
        return -ENOENT;
    bool good = EVP_PKEY_up_ref(key) == 1 &&
                make_member(&member, &ca, organisation, "clientAuth", NULL, days) &&
                pki_describe(member.certificate, issued) &&
                PEM_write_X509(out, member.certificate) == 1 &&
                PEM_write_X509(out, ca.certificate) == 1 && fflush(out) == 0;
    pair_done(&ca);
    pair_done(&member);
    return good ? 0
                : complain(error, -EIO, "The certificate cannot be written for", organisation, ".");
}

int pki_renew_center(const struct config *config, char error[static CONFIG_ERROR_SIZE])
{
    char names[NAMES_SIZE];
    struct pair ca, own = {0};

    if (open_authority(config, &ca, error))
        return -ENOENT;
    list_names(config, names);
    int result = -EIO;
    if (make_member(&own, &ca, config->exchange_organisation, "serverAuth", names, DAYS))
        result = write_pair(&own, config->exchange_certificate, config->exchange_key);
    pair_done(&ca);
    pair_done(&own);
    return result
               ? complain(error, result,
                          "This certificate cannot be written:", config->exchange_certificate, ".")
               : 0;
}

int pki_issue(const struct config *config, const char *organisation, const char *state_dir,
              struct pki_issued *out, char error[static CONFIG_ERROR_SIZE])
{
    char folder[CONFIG_TEXT_SIZE];
    struct pair ca, court = {0};

    if (open_authority(config, &ca, error))
        return -ENOENT;
    int result = -EIO;
    if (make_member(&court, &ca, organisation, "clientAuth", NULL, DAYS) &&
        pki_describe(court.certificate, out))
        result = make_folder(state_dir, folder);
    if (!result)
        result = write_court(folder, &ca, &court);
    pair_done(&ca);
    pair_done(&court);
    return result ? complain(error, result, "The certificate cannot be written below", state_dir,
                             "; see that it is a folder of yours.")
                  : 0;
}
