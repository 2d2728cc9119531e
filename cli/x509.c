#include "cli/x509.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include "base/config.h"

bool x509_add_extension(X509 *certificate, X509 *issuer, int kind, const char *value)
{
    X509V3_CTX context;

    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, kind, value);
    bool good = extension && X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
    return good;
}

bool x509_set_serial(X509 *certificate)
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

int x509_write_pem(const char *path, EVP_PKEY *key, X509 *certificate)
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
