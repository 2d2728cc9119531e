#include "cli/enroll.h"

#include <errno.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <unistd.h>

#include "base/p256.h"
#include "base/spki.h"
#include "cli/x509.h"

enum { KEY_PATH_SIZE = CONFIG_TEXT_SIZE + 8, DETAIL_SIZE = 512 };

static int complain(char *error, int result, const char *what, const char *path, const char *advice)
{
    snprintf(error, CONFIG_ERROR_SIZE, "%s %s%s", what, path, advice);
    ERR_clear_error();
    return result;
}

/* The key that a request is for, until its certificate is there. */
static void next_path(const struct config *config, char out[static KEY_PATH_SIZE])
{
    snprintf(out, KEY_PATH_SIZE, "%s.next", config->exchange_key);
}

static EVP_PKEY *read_key(const char *path)
{
    FILE *file = fopen(path, "re");
    EVP_PKEY *key = file ? PEM_read_PrivateKey(file, NULL, NULL, NULL) : NULL;

    if (file)
        fclose(file);
    return key;
}

/* ---- at a court: the request ---- */

static EVP_PKEY *next_key(const struct config *config)
{
    char path[KEY_PATH_SIZE];
    EVP_PKEY *key;

    next_path(config, path);
    key = read_key(path);
    if (key || access(path, F_OK) == 0)
        return key;
    key = EVP_EC_gen("P-256");
    if (key && !x509_write_pem(path, key, NULL))
        return key;
    EVP_PKEY_free(key);
    return NULL;
}

static bool write_request(const char *organisation, EVP_PKEY *key, FILE *out)
{
    X509_REQ *request = X509_REQ_new();
    X509_NAME *name = X509_NAME_new();
    bool good = request && name &&
                X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                           (const unsigned char *)organisation, -1, -1, 0) &&
                X509_REQ_set_subject_name(request, name) && X509_REQ_set_pubkey(request, key) &&
                X509_REQ_sign(request, key, EVP_sha256()) > 0 && PEM_write_X509_REQ(out, request) &&
                fflush(out) == 0;

    X509_REQ_free(request);
    X509_NAME_free(name);
    return good;
}

int enroll_request(const struct config *config, FILE *out, uint8_t spki[static SHA256_BYTES],
                   char error[static CONFIG_ERROR_SIZE])
{
    EVP_PKEY *key = next_key(config);

    if (!key)
        return complain(error, -EIO, "The new key beside", config->exchange_key,
                        " cannot be read or made; see that the folder is writable.");
    bool good = spki_digest(key, spki) && write_request(config->exchange_organisation, key, out);
    EVP_PKEY_free(key);
    return good ? 0
                : complain(error, -EIO, "The request cannot be written for",
                           config->exchange_organisation, ".");
}

/* ---- at a centre: what it was handed ---- */

void enrolment_done(struct enrolment *enrolment)
{
    EVP_PKEY_free(enrolment->key);
    X509_free(enrolment->certificate);
}

/* Is it of the authority, and for this use, at this time. */
static bool is_issued_by(X509 *certificate, X509_STORE *authorities, int purpose)
{
    X509_STORE_CTX *check = X509_STORE_CTX_new();
    bool good = check && X509_STORE_CTX_init(check, authorities, certificate, NULL) == 1 &&
                X509_STORE_CTX_set_purpose(check, purpose) == 1 && X509_verify_cert(check) == 1;

    X509_STORE_CTX_free(check);
    return good;
}

static bool is_ours(const struct config *config, X509 *certificate)
{
    X509_STORE *authorities = X509_STORE_new();
    bool good = authorities && X509_STORE_load_file(authorities, config->exchange_ca) == 1 &&
                is_issued_by(certificate, authorities, X509_PURPOSE_SSL_CLIENT);

    X509_STORE_free(authorities);
    return good;
}

static bool take_name(X509_NAME *name, struct enrolment *out)
{
    int len = X509_NAME_get_text_by_NID(name, NID_commonName, out->organisation,
                                        sizeof(out->organisation));

    return len > 0 && strlen(out->organisation) == (size_t)len;
}

/* Who made it has the private key: the request is signed with it. */
static bool take_request(FILE *file, struct enrolment *out)
{
    X509_REQ *request = PEM_read_X509_REQ(file, NULL, NULL, NULL);
    bool good = request && X509_REQ_verify(request, X509_REQ_get0_pubkey(request)) == 1 &&
                take_name(X509_REQ_get_subject_name(request), out);

    if (good)
        out->key = X509_REQ_get_pubkey(request);
    X509_REQ_free(request);
    return good;
}

static bool take_certificate(const struct config *config, FILE *file, struct enrolment *out)
{
    out->certificate = PEM_read_X509(file, NULL, NULL, NULL);
    if (!out->certificate || !is_ours(config, out->certificate) ||
        !take_name(X509_get_subject_name(out->certificate), out))
        return false;
    out->key = X509_get_pubkey(out->certificate);
    return true;
}

int enroll_read(const struct config *config, const char *path, struct enrolment *out,
                char error[static CONFIG_ERROR_SIZE])
{
    FILE *file = fopen(path, "re");

    *out = (struct enrolment){0};
    if (!file)
        return complain(error, -ENOENT, "This file cannot be read:", path, ".");
    bool good = take_request(file, out);
    if (!good) {
        rewind(file);
        good = take_certificate(config, file, out);
    }
    fclose(file);
    ERR_clear_error();
    if (good && p256_is(out->key) && spki_digest(out->key, out->spki))
        return 0;
    enrolment_done(out);
    *out = (struct enrolment){0};
    return complain(error, -EINVAL, "There is no request in", path,
                    " with a P-256 key, an organisation and its own signature, nor a certificate "
                    "of an authority that is trusted here.");
}

/* ---- at a court: what came back ---- */

struct answer {
    X509 *certificate;
    X509 *authority; /* NULL: there was none in the file */
    EVP_PKEY *key;
    bool next; /* the key is that of a request */
};

static void answer_done(struct answer *answer)
{
    X509_free(answer->certificate);
    X509_free(answer->authority);
    EVP_PKEY_free(answer->key);
}

static bool read_answer(const char *path, struct answer *out)
{
    FILE *file = fopen(path, "re");

    if (file) {
        out->certificate = PEM_read_X509(file, NULL, NULL, NULL);
        out->authority = out->certificate ? PEM_read_X509(file, NULL, NULL, NULL) : NULL;
        fclose(file);
    }
    ERR_clear_error();
    return out->certificate;
}

/* The private key that it is for: that of the request, or the one in use. */
static bool find_key(const struct config *config, struct answer *answer)
{
    char path[KEY_PATH_SIZE];

    next_path(config, path);
    for (int i = 0; i < 2; i++) {
        answer->key = read_key(i ? config->exchange_key : path);
        answer->next = !i;
        if (answer->key && X509_check_private_key(answer->certificate, answer->key) == 1)
            return true;
        EVP_PKEY_free(answer->key);
        answer->key = NULL;
    }
    ERR_clear_error();
    return false;
}

/* The authority that is trusted here, or, when none is yet, the one whose fingerprint was said. */
static bool is_trusted(const struct config *config, const struct answer *answer,
                       const char *authority)
{
    uint8_t spki[SHA256_BYTES];

    if (access(config->exchange_ca, F_OK) == 0)
        return is_ours(config, answer->certificate);
    if (!answer->authority || !authority ||
        !spki_digest(X509_get0_pubkey(answer->authority), spki) || !spki_is(spki, authority))
        return false;
    X509_STORE *store = X509_STORE_new();
    bool good = store && X509_STORE_add_cert(store, answer->authority) == 1 &&
                is_issued_by(answer->certificate, store, X509_PURPOSE_SSL_CLIENT);
    X509_STORE_free(store);
    return good;
}

static int check_answer(const struct config *config, const char *path, const char *authority,
                        struct answer *answer, char error[static CONFIG_ERROR_SIZE])
{
    char text[SPKI_TEXT_SIZE] = "", advice[DETAIL_SIZE];
    uint8_t spki[SHA256_BYTES];
    struct enrolment named = {0};

    if (!read_answer(path, answer))
        return complain(error, -EINVAL, "There is no certificate in", path, ".");
    if (!take_name(X509_get_subject_name(answer->certificate), &named) ||
        strcmp(named.organisation, config->exchange_organisation) != 0)
        return complain(error, -EINVAL, "This certificate is not for",
                        config->exchange_organisation, ".");
    if (!find_key(config, answer))
        return complain(error, -EINVAL, "This certificate is for no key of ours:", path,
                        "; `assize cert request` makes one.");
    if (is_trusted(config, answer, authority))
        return 0;
    if (answer->authority && spki_digest(X509_get0_pubkey(answer->authority), spki))
        spki_text(spki, text);
    snprintf(advice, sizeof(advice),
             access(config->exchange_ca, F_OK) == 0
                 ? " is not of the authority that is trusted here."
                 : " comes from an authority with the fingerprint %s; compare it with what the "
                   "centre says, and repeat the command with --authority and it.",
             text);
    return complain(error, -EPERM, "The certificate in", path, advice);
}

int enroll_install(const struct config *config, const char *path, const char *authority,
                   char error[static CONFIG_ERROR_SIZE])
{
    struct answer answer = {0};
    char next[KEY_PATH_SIZE];

    int result = check_answer(config, path, authority, &answer, error);
    if (!result) {
        if (access(config->exchange_ca, F_OK))
            result = x509_write_pem(config->exchange_ca, NULL, answer.authority);
        if (!result && answer.next)
            result = x509_write_pem(config->exchange_key, answer.key, NULL);
        if (!result)
            result = x509_write_pem(config->exchange_certificate, NULL, answer.certificate);
        if (result)
            complain(error, result, "This file cannot be written:", config->exchange_certificate,
                     ".");
    }
    next_path(config, next);
    if (!result && answer.next)
        unlink(next);
    answer_done(&answer);
    return result;
}
