#include "tests/peer/peer_dtls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <string.h>

enum {
    MTU = 1200,
    CERTIFICATE_S = 30 * 24 * 3600,
    FIRST_RETRY_US = 100000,
    RETRY_MAX_US = 2000000
};

static X509 *make_certificate(EVP_PKEY *key)
{
    X509 *certificate = X509_new();

    if (!certificate)
        return NULL;
    X509_NAME *name = X509_get_subject_name(certificate);
    if (!X509_set_version(certificate, X509_VERSION_3) ||
        !ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1) ||
        !X509_gmtime_adj(X509_getm_notBefore(certificate), -3600) ||
        !X509_gmtime_adj(X509_getm_notAfter(certificate), CERTIFICATE_S) ||
        !X509_set_pubkey(certificate, key) ||
        !X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const uint8_t *)"peer", -1, -1, 0) ||
        !X509_set_issuer_name(certificate, name) || !X509_sign(certificate, key, EVP_sha256())) {
        X509_free(certificate);
        return NULL;
    }
    return certificate;
}

/* Every certificate passes here: the fingerprint of the offer is what is checked, after the
 * handshake. */
static int accept_certificate(int ok, X509_STORE_CTX *store)
{
    (void)ok;
    (void)store;
    return 1;
}

static int use_certificate(struct peer_identity *identity, EVP_PKEY *key, X509 *certificate)
{
    unsigned len = 0;

    if (SSL_CTX_use_certificate(identity->ctx, certificate) != 1 ||
        SSL_CTX_use_PrivateKey(identity->ctx, key) != 1 ||
        !X509_digest(certificate, EVP_sha256(), identity->fingerprint, &len))
        return -EIO;
    SSL_CTX_set_verify(identity->ctx, SSL_VERIFY_PEER, accept_certificate);
    SSL_CTX_set_min_proto_version(identity->ctx, DTLS1_2_VERSION);
    SSL_CTX_set_options(identity->ctx, SSL_OP_NO_QUERY_MTU);
    SSL_CTX_set_session_cache_mode(identity->ctx, SSL_SESS_CACHE_OFF);
    return 0;
}

int peer_identity_init(struct peer_identity *identity)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = key ? make_certificate(key) : NULL;
    int result = -EIO;

    *identity = (struct peer_identity){.ctx = SSL_CTX_new(DTLS_client_method())};
    if (certificate && identity->ctx)
        result = use_certificate(identity, key, certificate);
    X509_free(certificate);
    EVP_PKEY_free(key);
    if (result)
        peer_identity_done(identity);
    return result;
}

void peer_identity_done(struct peer_identity *identity)
{
    SSL_CTX_free(identity->ctx);
    identity->ctx = NULL;
}

static int bio_write(BIO *bio, const char *data, int len)
{
    struct peer_dtls *dtls = BIO_get_data(bio);

    dtls->send(dtls->context, (const uint8_t *)data, (size_t)len);
    return len;
}

/* One datagram a read: the one that is being fed, once. */
static int bio_read(BIO *bio, char *out, int size)
{
    struct peer_dtls *dtls = BIO_get_data(bio);
    size_t len = dtls->pending_len;

    BIO_clear_retry_flags(bio);
    if (!len || len > (size_t)size) {
        dtls->pending_len = 0;
        BIO_set_retry_read(bio);
        return -1;
    }
    memcpy(out, dtls->pending, len);
    dtls->pending_len = 0;
    return (int)len;
}

static long bio_ctrl(BIO *bio, int command, long number, void *pointer)
{
    (void)bio;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH || command == BIO_CTRL_DGRAM_SET_NEXT_TIMEOUT ? 1 : 0;
}

/* Made once for the process. */
static const BIO_METHOD *bio_method(void)
{
    static BIO_METHOD *method;

    if (!method && (method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "peer"))) {
        BIO_meth_set_write(method, bio_write);
        BIO_meth_set_read(method, bio_read);
        BIO_meth_set_ctrl(method, bio_ctrl);
    }
    return method;
}

/* The first retry comes early, since a lost ClientHello delays the whole join. */
static unsigned retry_after(SSL *ssl, unsigned us)
{
    (void)ssl;
    if (!us)
        return FIRST_RETRY_US;
    return us * 2 > RETRY_MAX_US ? RETRY_MAX_US : us * 2;
}

int peer_dtls_init(struct peer_dtls *dtls, const struct peer_identity *identity,
                   const uint8_t expected[static SHA256_BYTES], const char *profiles,
                   void (*send)(void *context, const uint8_t *data, size_t len), void *context)
{
    *dtls = (struct peer_dtls){.send = send, .context = context, .ssl = SSL_new(identity->ctx)};
    memcpy(dtls->expected, expected, SHA256_BYTES);
    BIO *bio = dtls->ssl ? BIO_new(bio_method()) : NULL;
    /* SSL_set_tlsext_use_srtp returns 0 when it went well. */
    if (!bio || SSL_set_tlsext_use_srtp(dtls->ssl, profiles)) {
        BIO_free(bio);
        SSL_free(dtls->ssl);
        dtls->ssl = NULL;
        return -EIO;
    }
    BIO_set_data(bio, dtls);
    BIO_set_init(bio, 1);
    SSL_set_bio(dtls->ssl, bio, bio);
    SSL_set_mtu(dtls->ssl, MTU);
    DTLS_set_timer_cb(dtls->ssl, retry_after);
    SSL_set_connect_state(dtls->ssl);
    return 0;
}

void peer_dtls_done(struct peer_dtls *dtls)
{
    if (dtls->ssl && dtls->state == PEER_DTLS_UP)
        SSL_shutdown(dtls->ssl);
    ERR_clear_error();
    SSL_free(dtls->ssl);
    dtls->ssl = NULL;
}

static bool fingerprint_good(struct peer_dtls *dtls)
{
    uint8_t digest[SHA256_BYTES];
    unsigned len = 0;
    X509 *certificate = SSL_get1_peer_certificate(dtls->ssl);
    bool good = certificate && X509_digest(certificate, EVP_sha256(), digest, &len) &&
                memcmp(digest, dtls->expected, SHA256_BYTES) == 0;

    X509_free(certificate);
    return good;
}

static bool export_keys(struct peer_dtls *dtls)
{
    static const char label[] = "EXTRACTOR-dtls_srtp";
    const SRTP_PROTECTION_PROFILE *agreed = SSL_get_selected_srtp_profile(dtls->ssl);

    if (!agreed)
        return false;
    dtls->profile =
        strcmp(agreed->name, peer_srtp_name(PEER_SRTP_GCM)) == 0 ? PEER_SRTP_GCM : PEER_SRTP_CM;
    return SSL_export_keying_material(dtls->ssl, dtls->master, peer_srtp_master_len(dtls->profile),
                                      label, sizeof(label) - 1, NULL, 0, 0) == 1;
}

static void shake_hands(struct peer_dtls *dtls)
{
    ERR_clear_error();
    int result = SSL_do_handshake(dtls->ssl);
    if (result == 1) {
        bool good = fingerprint_good(dtls) && export_keys(dtls);
        dtls->state = good ? PEER_DTLS_UP : PEER_DTLS_FAILED;
        return;
    }
    int error = SSL_get_error(dtls->ssl, result);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE)
        dtls->state = PEER_DTLS_FAILED;
}

void peer_dtls_start(struct peer_dtls *dtls)
{
    shake_hands(dtls);
}

/* There is no data inside the association: what can come is an alert, or a repeated last flight. */
static void read_alerts(struct peer_dtls *dtls)
{
    uint8_t data[256];

    ERR_clear_error();
    int got = SSL_read(dtls->ssl, data, sizeof(data));
    int error = got > 0 ? SSL_ERROR_NONE : SSL_get_error(dtls->ssl, got);
    if (error == SSL_ERROR_ZERO_RETURN || error == SSL_ERROR_SSL)
        dtls->state = PEER_DTLS_FAILED;
}

void peer_dtls_feed(struct peer_dtls *dtls, const uint8_t *data, size_t len)
{
    dtls->pending = data;
    dtls->pending_len = len;
    if (dtls->state == PEER_DTLS_SHAKING)
        shake_hands(dtls);
    else if (dtls->state == PEER_DTLS_UP)
        read_alerts(dtls);
    dtls->pending_len = 0;
}

void peer_dtls_tick(struct peer_dtls *dtls)
{
    if (dtls->state == PEER_DTLS_SHAKING && DTLSv1_handle_timeout(dtls->ssl) < 0)
        dtls->state = PEER_DTLS_FAILED;
}
