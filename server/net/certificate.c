#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

#include "server/net/net_internal.h"

void certificate_read(const SSL *tls, struct net_peer *out)
{
    X509 *certificate = SSL_get1_peer_certificate(tls);
    unsigned char *spki = NULL;

    if (!certificate)
        return;
    int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &spki);
    int name_len = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName,
                                             out->organisation, sizeof(out->organisation));
    if (name_len < 0 || strlen(out->organisation) != (size_t)name_len)
        out->organisation[0] = '\0';
    if (len > 0)
        sha256(spki, (size_t)len, out->spki);
    if (len > 0 && len <= NET_KEY_MAX) {
        memcpy(out->key, spki, (size_t)len);
        out->key_len = (size_t)len;
    }
    OPENSSL_free(spki);
    X509_free(certificate);
}
