#include "tests/peer/peer_srtp.h"

#include <errno.h>
#include <string.h>

enum { KEY_BYTES = 16, WINDOW = 1024 };

static size_t salt_bytes(enum peer_srtp_profile profile)
{
    return profile == PEER_SRTP_GCM ? 12 : 14;
}

const char *peer_srtp_name(enum peer_srtp_profile profile)
{
    return profile == PEER_SRTP_GCM ? "SRTP_AEAD_AES_128_GCM" : "SRTP_AES128_CM_SHA1_80";
}

size_t peer_srtp_master_len(enum peer_srtp_profile profile)
{
    return 2 * (KEY_BYTES + salt_bytes(profile));
}

static bool library_started;

static bool start_library(void)
{
    if (!library_started)
        library_started = srtp_init() == srtp_err_status_ok;
    return library_started;
}

void peer_srtp_library_done(void)
{
    if (library_started)
        srtp_shutdown();
    library_started = false;
}

static int open_side(srtp_t *session, enum peer_srtp_profile profile, srtp_ssrc_type_t side,
                     const uint8_t *key, const uint8_t *salt)
{
    uint8_t key_salt[KEY_BYTES + 14];
    srtp_policy_t policy = {.ssrc.type = side, .window_size = WINDOW, .key = key_salt};

    memcpy(key_salt, key, KEY_BYTES);
    memcpy(key_salt + KEY_BYTES, salt, salt_bytes(profile));
    if (profile == PEER_SRTP_GCM) {
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    } else {
        srtp_crypto_policy_set_rtp_default(&policy.rtp);
        srtp_crypto_policy_set_rtcp_default(&policy.rtcp);
    }
    return srtp_create(session, &policy) == srtp_err_status_ok ? 0 : -EINVAL;
}

int peer_srtp_init(struct peer_srtp *srtp, enum peer_srtp_profile profile, const uint8_t *master)
{
    const uint8_t *salts = master + 2 * KEY_BYTES;

    *srtp = (struct peer_srtp){0};
    if (!start_library() || open_side(&srtp->out, profile, ssrc_any_outbound, master, salts) ||
        open_side(&srtp->in, profile, ssrc_any_inbound, master + KEY_BYTES,
                  salts + salt_bytes(profile))) {
        peer_srtp_done(srtp);
        return -EINVAL;
    }
    return 0;
}

void peer_srtp_done(struct peer_srtp *srtp)
{
    if (srtp->out)
        srtp_dealloc(srtp->out);
    if (srtp->in)
        srtp_dealloc(srtp->in);
    *srtp = (struct peer_srtp){0};
}

typedef srtp_err_status_t (*transform)(srtp_t session, void *packet, int *len);

static ssize_t run(transform how, srtp_t session, uint8_t *packet, size_t len)
{
    int length = (int)len;
    srtp_err_status_t status = session ? how(session, packet, &length) : srtp_err_status_fail;

    if (status == srtp_err_status_replay_fail || status == srtp_err_status_replay_old)
        return -EALREADY;
    return status == srtp_err_status_ok ? length : -EBADMSG;
}

size_t peer_srtp_protect(struct peer_srtp *srtp, uint8_t *packet, size_t len)
{
    ssize_t protected = run(srtp_protect, srtp->out, packet, len);

    return protected > 0 ? (size_t) protected : 0;
}

size_t peer_srtp_protect_rtcp(struct peer_srtp *srtp, uint8_t *packet, size_t len)
{
    ssize_t protected = run(srtp_protect_rtcp, srtp->out, packet, len);

    return protected > 0 ? (size_t) protected : 0;
}

ssize_t peer_srtp_unprotect(struct peer_srtp *srtp, uint8_t *packet, size_t len)
{
    return run(srtp_unprotect, srtp->in, packet, len);
}

ssize_t peer_srtp_unprotect_rtcp(struct peer_srtp *srtp, uint8_t *packet, size_t len)
{
    return run(srtp_unprotect_rtcp, srtp->in, packet, len);
}
