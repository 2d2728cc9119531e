#include "cli/certificate.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/cli.h"
#include "cli/x509.h"

/* 825 days is the longest some systems accept. Back-dated a day for clocks that are behind. */
#define COMMON_NAME "Assize (self-signed)"

enum { DAYS = 825, DAY_S = 24 * 3600, NAMES_SIZE = 2048 };

static bool is_address(const char *name)
{
    unsigned char raw[sizeof(struct in6_addr)];

    return inet_pton(AF_INET, name, raw) == 1 || inet_pton(AF_INET6, name, raw) == 1;
}

/* "DNS:name," or "IP:address,"; a name with anything but letters, digits, dots and dashes is left
 * out. */
static int add_name(struct buf *names, const char *name)
{
    if (is_address(name))
        return buf_printf(names, "IP:%s,", name);
    if (!*name ||
        name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")])
        return 0;
    return buf_printf(names, "DNS:%s,", name);
}

/* The host of https://HOST[:PORT]/, without the brackets of an IPv6 address. */
static void host_of(const char *url, char *out, size_t size)
{
    const char *host = url + strlen("https://");
    const char *ends = *host == '[' ? "]" : ":/";

    if (*host == '[')
        host++;
    snprintf(out, size, "%.*s", (int)strcspn(host, ends), host);
}

static int list_names(const struct config *config, struct buf *names)
{
    char machine[256] = "";
    char url[CONFIG_TEXT_SIZE];
    char host[CONFIG_TEXT_SIZE];
    const char *listen = config->listen_address;

    gethostname(machine, sizeof(machine) - 1);
    config_public_url(config, url, sizeof(url));
    host_of(url, host, sizeof(host));
    int result = buf_printf(names, "DNS:localhost,IP:127.0.0.1,IP:::1,");
    if (!result && strcmp(listen, "0.0.0.0") != 0 && strcmp(listen, "::") != 0)
        result = add_name(names, listen);
    if (!result)
        result = add_name(names, machine);
    if (!result)
        result = add_name(names, host);
    if (!result)
        names->data[names->len - 1] = '\0'; /* the last comma */
    return result;
}

static bool fill(X509 *certificate, EVP_PKEY *key, const char *names)
{
    X509_NAME *name = X509_get_subject_name(certificate);
    const unsigned char common[] = COMMON_NAME;

    return X509_set_version(certificate, X509_VERSION_3) && x509_set_serial(certificate) &&
           X509_gmtime_adj(X509_getm_notBefore(certificate), -DAY_S) &&
           X509_gmtime_adj(X509_getm_notAfter(certificate), (long)DAYS * DAY_S) &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, common, -1, -1, 0) &&
           X509_set_issuer_name(certificate, name) && X509_set_pubkey(certificate, key) &&
           x509_add_extension(certificate, certificate, NID_basic_constraints,
                              "critical,CA:FALSE") &&
           x509_add_extension(certificate, certificate, NID_key_usage,
                              "critical,digitalSignature") &&
           x509_add_extension(certificate, certificate, NID_ext_key_usage, "serverAuth") &&
           x509_add_extension(certificate, certificate, NID_subject_alt_name, names) &&
           X509_sign(certificate, key, EVP_sha256()) > 0;
}

static int make(const struct config *config, const char *names)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    int result = -EIO;

    if (key && certificate && fill(certificate, key, names)) {
        result = x509_write_pem(config->tls_key, key, NULL);
        if (!result)
            result = x509_write_pem(config->tls_certificate, NULL, certificate);
    }
    X509_free(certificate);
    EVP_PKEY_free(key);
    return result;
}

/* Made by us, not brought by somebody. */
static bool is_self_signed(const char *path)
{
    FILE *file = fopen(path, "re");
    X509 *certificate = file ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;
    char name[64] = "";

    if (certificate)
        X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name,
                                  sizeof(name));
    X509_free(certificate);
    if (file)
        fclose(file);
    return strcmp(name, COMMON_NAME) == 0;
}

int certificate_renew(const struct config *config, char error[static CONFIG_ERROR_SIZE])
{
    struct buf names;

    if (!is_self_signed(config->tls_certificate)) {
        snprintf(error, CONFIG_ERROR_SIZE,
                 "The certificate %s is not one that was made here; put another in its place.",
                 config->tls_certificate);
        return -EPERM;
    }
    buf_init(&names, NAMES_SIZE);
    int result = list_names(config, &names);
    if (!result)
        result = make(config, (const char *)names.data);
    buf_done(&names);
    if (result)
        snprintf(error, CONFIG_ERROR_SIZE, "The certificate %s cannot be written.",
                 config->tls_certificate);
    return result;
}

int certificate_ensure(const struct config *config, bool *ret_made,
                       char error[static CONFIG_ERROR_SIZE])
{
    char usual[CONFIG_TEXT_SIZE];
    char usual_key[CONFIG_TEXT_SIZE];
    struct buf names;

    *ret_made = false;
    bool there = access(config->tls_certificate, R_OK) == 0;
    if (there && access(config->tls_key, R_OK) == 0)
        return 0;
    if (there || config_state_path(config, "tls/cert.pem", usual, sizeof(usual)) ||
        config_state_path(config, "tls/key.pem", usual_key, sizeof(usual_key)) ||
        strcmp(usual, config->tls_certificate) != 0 || strcmp(usual_key, config->tls_key) != 0) {
        snprintf(error, CONFIG_ERROR_SIZE,
                 "The %s %s cannot be read; put it there, or remove the option.",
                 there ? "private key" : "certificate",
                 there ? config->tls_key : config->tls_certificate);
        return -ENOENT;
    }
    buf_init(&names, NAMES_SIZE);
    int result = list_names(config, &names);
    if (!result)
        result = make(config, (const char *)names.data);
    buf_done(&names);
    if (result)
        snprintf(error, CONFIG_ERROR_SIZE,
                 "The certificate %s cannot be made; see that the state "
                 "directory is writable.",
                 config->tls_certificate);
    *ret_made = !result;
    return result;
}
