#include "tests/peer/peer_sdp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

enum { LINE_SIZE = 1024, FIELDS_MAX = 10 };

struct fields {
    size_t count;
    const char *at[FIELDS_MAX];
};

/* Cuts a line at its blanks; the fields lie in the line. */
static struct fields split(char *line)
{
    struct fields fields = {0};
    char *rest = line;
    char *field;

    while (fields.count < FIELDS_MAX && (field = strsep(&rest, " ")) != NULL) {
        if (*field)
            fields.at[fields.count++] = field;
    }
    return fields;
}

static uint64_t number(const char *text, size_t len, uint64_t max)
{
    char digits[24] = "";
    uint64_t value = 0;

    if (len >= sizeof(digits))
        return 0;
    memcpy(digits, text, len);
    return str_to_u64(digits, max, &value) ? 0 : value;
}

/* What follows the prefix, or NULL. */
static const char *after(const char *line, const char *prefix)
{
    size_t len = strlen(prefix);

    return strncmp(line, prefix, len) == 0 ? line + len : NULL;
}

static int parse_mline(struct peer_offer *offer, char *value)
{
    struct fields fields = split(value);

    if (offer->mline_count == PEER_SDP_MLINES_MAX)
        return -E2BIG;
    if (fields.count < 4 || strcmp(fields.at[2], "UDP/TLS/RTP/SAVPF") != 0)
        return -EINVAL;
    struct peer_mline *mline = &offer->mlines[offer->mline_count++];
    *mline = (struct peer_mline){
        .medium = strcmp(fields.at[0], "video") == 0 ? PEER_VIDEO : PEER_AUDIO,
        .payload_type = (uint8_t)number(fields.at[3], strlen(fields.at[3]), 127),
    };
    return 0;
}

static void parse_fingerprint(struct peer_offer *offer, const char *value)
{
    char hex[2 * SHA256_BYTES + 1];
    size_t len = 0;

    for (const char *p = value; *p && len < sizeof(hex) - 1; p++) {
        if (*p != ':')
            hex[len++] = *p;
    }
    hex[len] = '\0';
    offer->has_fingerprint =
        len == 2 * SHA256_BYTES && str_from_hex(hex, offer->fingerprint, SHA256_BYTES) == 0;
}

/* candidate:FOUNDATION COMPONENT TRANSPORT PRIORITY ADDRESS PORT typ TYPE (RFC 8839 section 5.1) */
static void parse_candidate(struct peer_offer *offer, const char *value)
{
    char line[LINE_SIZE];

    if (offer->candidate_len || !str_copy(line, sizeof(line), value))
        return;
    struct fields fields = split(line);
    if (fields.count < 8 || strcasecmp(fields.at[2], "udp") != 0)
        return;
    in_port_t port = htons((uint16_t)number(fields.at[5], strlen(fields.at[5]), UINT16_MAX));
    struct sockaddr_in *v4 = (struct sockaddr_in *)&offer->candidate;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&offer->candidate;
    if (inet_pton(AF_INET, fields.at[4], &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = port;
        offer->candidate_len = sizeof(*v4);
    } else if (inet_pton(AF_INET6, fields.at[4], &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = port;
        offer->candidate_len = sizeof(*v6);
    }
}

/* ID[/DIRECTION] URI */
static void parse_extmap(struct peer_mline *mline, const char *value)
{
    uint8_t id = (uint8_t)number(value, strspn(value, "0123456789"), 14);
    const char *uri = strchr(value, ' ');

    if (!id || !uri)
        return;
    if (strcmp(++uri, "urn:ietf:params:rtp-hdrext:sdes:mid") == 0)
        mline->mid_id = id;
    else if (strcmp(uri, "urn:ietf:params:rtp-hdrext:ssrc-audio-level") == 0)
        mline->level_id = id;
    else if (strcmp(uri, "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time") == 0)
        mline->send_time_id = id;
}

static bool parse_direction(struct peer_mline *mline, const char *name)
{
    static const char *const names[] = {[PEER_SENDRECV] = "sendrecv",
                                        [PEER_SENDONLY] = "sendonly",
                                        [PEER_RECVONLY] = "recvonly",
                                        [PEER_INACTIVE] = "inactive"};

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(name, names[i]) == 0) {
            mline->direction = (enum peer_direction)i;
            return true;
        }
    }
    return false;
}

static void parse_media_attribute(struct peer_mline *mline, const char *name)
{
    const char *value;

    if (parse_direction(mline, name))
        return;
    if ((value = after(name, "mid:"))) {
        str_copy(mline->mid, sizeof(mline->mid), value);
        if (strcmp(value, "s") == 0)
            mline->medium = PEER_SHARE;
    } else if ((value = after(name, "extmap:")))
        parse_extmap(mline, value);
    else if ((value = after(name, "ssrc:")))
        mline->ssrc = (uint32_t)number(value, strcspn(value, " "), UINT32_MAX);
    else if ((value = after(name, "rtcp-fb:")) && (value = strchr(value, ' ')))
        mline->nack |= strcmp(value, " nack") == 0;
}

/* Of the connection, wherever they stand: all m-lines are bundled. */
static bool parse_transport_attribute(struct peer_offer *offer, const char *name)
{
    const char *value;

    if ((value = after(name, "ice-ufrag:")))
        str_copy(offer->ufrag, sizeof(offer->ufrag), value);
    else if ((value = after(name, "ice-pwd:")))
        str_copy(offer->password, sizeof(offer->password), value);
    else if ((value = after(name, "fingerprint:sha-256 ")))
        parse_fingerprint(offer, value);
    else if ((value = after(name, "candidate:")))
        parse_candidate(offer, value);
    else
        return false;
    return true;
}

static int parse_line(struct peer_offer *offer, char *line)
{
    if (line[0] == 'm' && line[1] == '=')
        return parse_mline(offer, line + 2);
    if (line[0] == 'a' && line[1] == '=' && !parse_transport_attribute(offer, line + 2) &&
        offer->mline_count)
        parse_media_attribute(&offer->mlines[offer->mline_count - 1], line + 2);
    return 0;
}

int peer_sdp_parse(const char *sdp, struct peer_offer *ret_offer)
{
    char line[LINE_SIZE];

    *ret_offer = (struct peer_offer){0};
    for (const char *at = sdp; *at;) {
        size_t len = strcspn(at, "\r\n");
        if (len >= sizeof(line))
            return -EINVAL;
        memcpy(line, at, len);
        line[len] = '\0';
        int result = parse_line(ret_offer, line);
        if (result)
            return result;
        at += len;
        at += strspn(at, "\r\n");
    }
    if (!*ret_offer->ufrag || !*ret_offer->password || !ret_offer->has_fingerprint ||
        !ret_offer->candidate_len || !ret_offer->mline_count)
        return -EINVAL;
    return 0;
}

static const char *answer_direction(enum peer_direction offered)
{
    switch (offered) {
    case PEER_SENDRECV:
    case PEER_SENDONLY:
        return "recvonly";
    case PEER_RECVONLY:
        return "sendonly";
    case PEER_INACTIVE:
        return "inactive";
    }
    return "inactive";
}

static int append_session(const struct peer_offer *offer, const struct peer_answer *answer,
                          struct buf *out)
{
    int failed =
        buf_printf(out, "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE");

    for (size_t i = 0; i < offer->mline_count; i++)
        failed |= buf_printf(out, " %s", offer->mlines[i].mid);
    failed |= buf_printf(out, "\r\na=ice-ufrag:%s\r\na=ice-pwd:%s\r\na=fingerprint:sha-256 ",
                         answer->ufrag, answer->password);
    for (int i = 0; i < SHA256_BYTES; i++)
        failed |= buf_printf(out, i ? ":%02X" : "%02X", answer->fingerprint[i]);
    failed |= buf_printf(out, "\r\na=setup:active\r\n");
    return failed;
}

static int append_extension(struct buf *out, uint8_t id, const char *uri)
{
    return id ? buf_printf(out, "a=extmap:%u %s\r\n", id, uri) : 0;
}

static int append_mline(const struct peer_mline *mline, uint32_t ssrc, struct buf *out)
{
    bool video = mline->medium != PEER_AUDIO;
    unsigned pt = mline->payload_type;
    int failed =
        buf_printf(out,
                   "m=%s 9 UDP/TLS/RTP/SAVPF %u\r\nc=IN IP4 0.0.0.0\r\na=mid:%s\r\n"
                   "a=%s\r\na=rtcp-mux\r\na=rtpmap:%u %s\r\n",
                   video ? "video" : "audio", pt, mline->mid, answer_direction(mline->direction),
                   pt, video ? "VP8/90000" : "opus/48000/2");

    if (video)
        failed |= buf_printf(out, "a=rtcp-fb:%u nack\r\na=rtcp-fb:%u nack pli\r\n", pt, pt);
    failed |= append_extension(out, mline->mid_id, "urn:ietf:params:rtp-hdrext:sdes:mid");
    failed |= append_extension(out, mline->level_id, "urn:ietf:params:rtp-hdrext:ssrc-audio-level");
    failed |= append_extension(out, mline->send_time_id,
                               "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time");
    if (mline->direction == PEER_RECVONLY)
        failed |= buf_printf(out, "a=ssrc:%u cname:peer\r\na=msid:peer %s\r\n", ssrc, mline->mid);
    return failed;
}

int peer_sdp_answer(const struct peer_offer *offer, const struct peer_answer *answer,
                    struct buf *out)
{
    int failed = append_session(offer, answer, out);

    for (size_t i = 0; i < offer->mline_count; i++)
        failed |= append_mline(&offer->mlines[i], answer->ssrc[offer->mlines[i].medium], out);
    return failed ? -ENOBUFS : 0;
}
