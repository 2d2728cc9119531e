#include "cli/certificate.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/cli.h"

/* 825 days is the longest some systems accept. Back-dated a day for clocks that are behind. */
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
    cli_public_url(config, url, sizeof(url));
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

static bool add_extension(X509 *certificate, int kind, const char *value)
{
    X509V3_CTX context;

    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
    bool good = extension && X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    return good;
}

static bool set_serial(X509 *certificate)
{
    unsigned char raw[16];
    BIGNUM *number = NULL;

    if (RAND_bytes(raw, sizeof(raw)) != 1)
        return false;
    raw[0] &= 0x7f;
    number = BN_bin2bn(raw, sizeof(raw), NULL);
    bool good = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
    BN_free(number);
    return good;
}

static bool fill(X509 *certificate, EVP_PKEY *key, const char *names)
{
    X509_NAME *name = X509_get_subject_name(certificate);
    const unsigned char common[] = "Assize (self-signed)";

    return X509_set_version(certificate, X509_VERSION_3) && set_serial(certificate) &&
           X509_gmtime_adj(X509_getm_notBefore(certificate), -DAY_S) &&
           X509_gmtime_adj(X509_getm_notAfter(certificate), (long)DAYS * DAY_S) &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, common, -1, -1, 0) &&
           X509_set_issuer_name(certificate, name) && X509_set_pubkey(certificate, key) &&
           add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
           add_extension(certificate, NID_key_usage, "critical,digitalSignature") &&
           add_extension(certificate, NID_ext_key_usage, "serverAuth") &&
           add_extension(certificate, NID_subject_alt_name, names) &&
           X509_sign(certificate, key, EVP_sha256()) > 0;
}

/* Written beside and renamed, so that there is never half a file. Exactly one of key and
 * certificate is given. */
static int write_pem(const char *path, EVP_PKEY *key, X509 *certificate)
{
    char draft[CONFIG_TEXT_SIZE + 8];

    snprintf(draft, sizeof(draft), "%s.tmp", path);
    int fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    if (!file)
        return -errno;
    int good = key ? PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL)
                   : PEM_write_X509(file, certificate);
    good = good && fflush(file) == 0 && fsync(fd) == 0;
    if (fclose(file) || !good)
        return -EIO;
    return rename(draft, path) ? -errno : 0;
}

static int make(const struct config *config, const char *names)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    int result = -EIO;

    if (key && certificate && fill(certificate, key, names)) {
        result = write_pem(config->tls_key, key, NULL);
        if (!result)
            result = write_pem(config->tls_certificate, NULL, certificate);
    }
    X509_free(certificate);
    EVP_PKEY_free(key);
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
