#include "media/relay/dtls.h"

#include <assert.h>
#include <errno.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

enum {
    MTU = 1200, /* fits IPv6's least link with room for tunnels */
    FIRST_RETRY_US = 200000,
    RETRY_MAX_US = 3200000,
    CERTIFICATE_DAYS = 365,
    SECONDS_PER_DAY = 86400,
};

/* GCM first: the server's order decides. */
static const char suites[] = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";

struct dtls_identity {
    SSL_CTX *context;
    BIO_METHOD *datagrams;
    uint8_t fingerprint[SHA256_BYTES];
};

struct dtls {
    SSL *ssl;
    enum dtls_state state;
    dtls_send send;
    void *context;
    const uint8_t *in; /* the datagram being taken */
    size_t in_len;
    uint8_t peer_fingerprint[SHA256_BYTES];
};

/* ---- the BIO: one datagram in, any number out ---- */

static int bio_write(BIO *bio, const char *data, int len)
{
    struct dtls *dtls = BIO_get_data(bio);

    dtls->send(dtls->context, (const uint8_t *)data, (size_t)len);
    return len;
}

static int bio_read(BIO *bio, char *out, int size)
{
    struct dtls *dtls = BIO_get_data(bio);
    size_t len = dtls->in_len < (size_t)size ? dtls->in_len : (size_t)size;

    BIO_clear_retry_flags(bio);
    if (!dtls->in_len) {
        BIO_set_retry_read(bio);
        return -1;
    }
    memcpy(out, dtls->in, len);
    dtls->in_len = 0; /* a datagram is read whole or cut */
    return (int)len;
}

static long bio_control(BIO *bio, int command, long number, void *pointer)
{
    (void)bio;
    (void)number;
    (void)pointer;
    switch (command) {
    case BIO_CTRL_FLUSH:
        return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
    case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
        return MTU;
    default: /* not a state: OpenSSL asks many BIOs for many things */
        return 0;
    }
}

static int bio_create(BIO *bio)
{
    BIO_set_init(bio, 1);
    return 1;
}

static BIO_METHOD *make_bio_method(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagrams");

    if (!method || !BIO_meth_set_write(method, bio_write) || !BIO_meth_set_read(method, bio_read) ||
        !BIO_meth_set_ctrl(method, bio_control) || !BIO_meth_set_create(method, bio_create))
        abort();
    return method;
}

/* ---- the identity ---- */

static X509 *make_certificate(EVP_PKEY *key)
{
    X509 *certificate = X509_new();
    X509_NAME *name = certificate ? X509_get_subject_name(certificate) : NULL;

    if (name && X509_set_version(certificate, 2) &&
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1) &&
        X509_gmtime_adj(X509_getm_notBefore(certificate), -SECONDS_PER_DAY) &&
        X509_gmtime_adj(X509_getm_notAfter(certificate),
                        (long)CERTIFICATE_DAYS * SECONDS_PER_DAY) &&
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"assize", -1,
                                   -1, 0) &&
        X509_set_issuer_name(certificate, name) && X509_set_pubkey(certificate, key) &&
        X509_sign(certificate, key, EVP_sha256()))
        return certificate;
    X509_free(certificate);
    return NULL;
}

/* Taken as it is: WebRTC certificates are self-signed and known by their fingerprint. */
static int accept_any(int preverified, X509_STORE_CTX *store)
{
    (void)preverified;
    (void)store;
    return 1;
}

static int set_up(struct dtls_identity *identity, EVP_PKEY *key, X509 *certificate)
{
    SSL_CTX *context = identity->context;
    unsigned len = 0;

    if (!context || !key || !certificate ||
        !SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION) ||
        !SSL_CTX_use_certificate(context, certificate) || !SSL_CTX_use_PrivateKey(context, key) ||
        !SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") ||
        SSL_CTX_set_tlsext_use_srtp(context, suites) != 0 ||
        !X509_digest(certificate, EVP_sha256(), identity->fingerprint, &len))
        return -EIO;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, accept_any);
    SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(context, 1);
    return 0;
}

int dtls_identity_new(struct dtls_identity **ret_identity)
{
    struct dtls_identity *identity = calloc(1, sizeof(*identity));
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = key ? make_certificate(key) : NULL;

    if (!identity)
        abort();
    identity->context = SSL_CTX_new(DTLS_server_method());
    identity->datagrams = make_bio_method();
    int result = set_up(identity, key, certificate);
    X509_free(certificate);
    EVP_PKEY_free(key);
    if (result)
        dtls_identity_free(identity);
    else
        *ret_identity = identity;
    return result;
}

void dtls_identity_free(struct dtls_identity *identity)
{
    if (!identity)
        return;
    SSL_CTX_free(identity->context);
    BIO_meth_free(identity->datagrams);
    free(identity);
}

const uint8_t *dtls_identity_fingerprint(const struct dtls_identity *identity)
{
    return identity->fingerprint;
}

/* ---- one association ---- */

/* Real lines lose packets: the first retry comes early, then at doubling distances. */
static unsigned retry_after(SSL *ssl, unsigned before_us)
{
    (void)ssl;
    if (!before_us)
        return FIRST_RETRY_US;
    return before_us * 2 < RETRY_MAX_US ? before_us * 2 : RETRY_MAX_US;
}

struct dtls *dtls_new(const struct dtls_identity *identity, dtls_send send, void *context)
{
    struct dtls *dtls = calloc(1, sizeof(*dtls));
    BIO *bio = BIO_new(identity->datagrams);
    SSL *ssl = SSL_new(identity->context);

    if (!dtls || !bio || !ssl)
        abort();
    *dtls = (struct dtls){.ssl = ssl, .send = send, .context = context};
    BIO_set_data(bio, dtls);
    SSL_set_bio(ssl, bio, bio);
    SSL_set_mtu(ssl, MTU);
    DTLS_set_timer_cb(ssl, retry_after);
    SSL_set_accept_state(ssl);
    return dtls;
}

void dtls_free(struct dtls *dtls)
{
    if (!dtls)
        return;
    if (dtls->state == DTLS_STATE_ESTABLISHED)
        SSL_shutdown(dtls->ssl);
    SSL_free(dtls->ssl);
    ERR_clear_error();
    free(dtls);
}

enum dtls_state dtls_state(const struct dtls *dtls)
{
    return dtls->state;
}

static bool read_fingerprint(struct dtls *dtls)
{
    X509 *certificate = SSL_get0_peer_certificate(dtls->ssl);
    unsigned len = 0;

    return certificate && X509_digest(certificate, EVP_sha256(), dtls->peer_fingerprint, &len);
}

static void handshake(struct dtls *dtls)
{
    int result = SSL_do_handshake(dtls->ssl);

    if (result == 1) {
        bool good = SSL_get_selected_srtp_profile(dtls->ssl) && read_fingerprint(dtls);
        dtls->state = good ? DTLS_STATE_ESTABLISHED : DTLS_STATE_FAILED;
    } else if (SSL_get_error(dtls->ssl, result) != SSL_ERROR_WANT_READ) {
        dtls->state = DTLS_STATE_FAILED;
    }
}

/* Nothing but alerts and repeated handshake messages comes in an association that only makes keys.
 */
static void read_record(struct dtls *dtls)
{
    uint8_t unused[MTU];
    int result = SSL_read(dtls->ssl, unused, sizeof(unused));

    if (result > 0)
        return;
    int error = SSL_get_error(dtls->ssl, result);
    if (error == SSL_ERROR_ZERO_RETURN)
        dtls->state = DTLS_STATE_CLOSED;
    else if (error != SSL_ERROR_WANT_READ)
        dtls->state = DTLS_STATE_FAILED;
}

void dtls_take(struct dtls *dtls, const uint8_t *data, size_t len)
{
    ERR_clear_error();
    dtls->in = data;
    dtls->in_len = len;
    if (dtls->state == DTLS_STATE_HANDSHAKE)
        handshake(dtls);
    if (dtls->state == DTLS_STATE_ESTABLISHED)
        read_record(dtls);
    dtls->in_len = 0;
}

void dtls_tick(struct dtls *dtls)
{
    if (dtls->state != DTLS_STATE_HANDSHAKE)
        return;
    ERR_clear_error();
    if (DTLSv1_handle_timeout(dtls->ssl) < 0)
        dtls->state = DTLS_STATE_FAILED;
}

const uint8_t *dtls_peer_fingerprint(const struct dtls *dtls)
{
    return dtls->peer_fingerprint;
}

/* RFC 5764, 4.2: both keys, then both salts, the client's first. */
int dtls_export(const struct dtls *dtls, struct srtp_master *ret_client,
                struct srtp_master *ret_server)
{
    static const char label[] = "EXTRACTOR-dtls_srtp";
    uint8_t material[2 * (SRTP_KEY_BYTES + SRTP_SALT_MAX)];
    const SRTP_PROTECTION_PROFILE *profile = SSL_get_selected_srtp_profile(dtls->ssl);
    enum srtp_suite suite = profile->id == SRTP_AEAD_AES_128_GCM ? SRTP_SUITE_GCM : SRTP_SUITE_CM;
    size_t salt = srtp_salt_len(suite);

    if (SSL_export_keying_material(dtls->ssl, material, 2 * (SRTP_KEY_BYTES + salt), label,
                                   sizeof(label) - 1, NULL, 0, 0) != 1)
        return -EIO;
    *ret_client = (struct srtp_master){.suite = suite};
    *ret_server = (struct srtp_master){.suite = suite};
    memcpy(ret_client->key, material, SRTP_KEY_BYTES);
    memcpy(ret_server->key, material + SRTP_KEY_BYTES, SRTP_KEY_BYTES);
    memcpy(ret_client->salt, material + 2 * SRTP_KEY_BYTES, salt);
    memcpy(ret_server->salt, material + 2 * SRTP_KEY_BYTES + salt, salt);
    OPENSSL_cleanse(material, sizeof(material));
    return 0;
}
