/*
 * The parser of answers. Lines are taken one by one; an attribute goes to the m-line it stands in,
 * or to the session. What concerns the transport is gathered apart and settled when its section
 * ends.
 */
#include <errno.h>
#include <string.h>

#include "media/rtp/sdp.h"
#include "media/rtp/sdp_internal.h"

enum { UFRAG_MIN = 4, PASSWORD_MIN = 22, FINGERPRINT_TEXT = 3 * SDP_FINGERPRINT_BYTES - 1 };

/* What a section says of the transport; a missing part has len 0. */
struct transport {
    struct text ufrag;
    struct text password;
    struct text fingerprint;
    enum sdp_setup setup;
};

/* A set of payload types. */
struct types {
    uint64_t bits[2];
};
static const struct types all_types = {{UINT64_MAX, UINT64_MAX}};

/* What is gathered of one m-line, or of the session, until it ends. */
struct section {
    struct transport transport;
    bool rtcp_mux;
    struct types formats;
    struct types nack;
    struct types pli;
    struct types remb;
};

struct parser {
    struct sdp_answer *answer;
    struct sdp_media *media; /* the m-line we are in, NULL before the first */
    enum sdp_direction session_direction;
    struct text bundle; /* mids of the group */
    struct section section;
    struct transport session;   /* of the session, once we are in an m-line */
    struct transport effective; /* of the first m-line not rejected; ufrag.len 0 until then */
};

static void types_add(struct types *types, unsigned type)
{
    types->bits[type / 64] |= 1ull << type % 64;
}

static bool types_have(struct types types, unsigned type)
{
    return types.bits[type / 64] >> type % 64 & 1;
}

static void types_unite(struct types *types, struct types more)
{
    types->bits[0] |= more.bits[0];
    types->bits[1] |= more.bits[1];
}

static bool is_ice_text(struct text text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && c != '+' && c != '/')
            return false;
    }
    return true;
}

static int parse_ufrag(struct parser *parser, struct text value)
{
    if (value.len < UFRAG_MIN || value.len >= SDP_UFRAG_SIZE || !is_ice_text(value))
        return -EINVAL;
    parser->section.transport.ufrag = value;
    return 0;
}

static int parse_password(struct parser *parser, struct text value)
{
    if (value.len < PASSWORD_MIN || value.len >= SDP_PASSWORD_SIZE || !is_ice_text(value))
        return -EINVAL;
    parser->section.transport.password = value;
    return 0;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 'a' ^ 'A';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* RFC 8122, section 5: pairs of hexadecimal digits with colons between. */
static bool read_fingerprint(struct text text, uint8_t out[static SDP_FINGERPRINT_BYTES])
{
    if (text.len != FINGERPRINT_TEXT)
        return false;
    for (size_t i = 0; i < SDP_FINGERPRINT_BYTES; i++) {
        int high = hex_digit(text.at[3 * i]);
        int low = hex_digit(text.at[3 * i + 1]);
        if (high < 0 || low < 0 || (3 * i + 2 < text.len && text.at[3 * i + 2] != ':'))
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

/* Other hashes may stand beside sha-256 and are passed over. */
static int parse_fingerprint(struct parser *parser, struct text value)
{
    uint8_t bytes[SDP_FINGERPRINT_BYTES];

    if (!text_equal_nocase(text_take(&value, ' '), "sha-256"))
        return 0;
    if (parser->section.transport.fingerprint.len || !read_fingerprint(value, bytes))
        return -EINVAL;
    parser->section.transport.fingerprint = value;
    return 0;
}

static int parse_setup(struct parser *parser, struct text value)
{
    if (text_equal(value, "active"))
        parser->section.transport.setup = SDP_SETUP_ACTIVE;
    else if (text_equal(value, "passive"))
        parser->section.transport.setup = SDP_SETUP_PASSIVE;
    else
        return -EINVAL;
    return 0;
}

/* Two lite agents would both wait for the other's checks. */
static int parse_ice_lite(struct parser *parser, struct text value)
{
    (void)parser;
    (void)value;
    return -EINVAL;
}

static int parse_group(struct parser *parser, struct text value)
{
    if (!text_equal(text_take(&value, ' '), "BUNDLE"))
        return 0;
    if (parser->media || parser->bundle.at)
        return -EINVAL;
    parser->bundle = value;
    return 0;
}

static void set_direction(struct parser *parser, enum sdp_direction direction)
{
    if (parser->media)
        parser->media->direction = direction;
    else
        parser->session_direction = direction;
}

static int parse_sendonly(struct parser *parser, struct text value)
{
    set_direction(parser, SDP_SENDONLY);
    return value.len ? -EINVAL : 0;
}

static int parse_recvonly(struct parser *parser, struct text value)
{
    set_direction(parser, SDP_RECVONLY);
    return value.len ? -EINVAL : 0;
}

static int parse_sendrecv(struct parser *parser, struct text value)
{
    set_direction(parser, SDP_SENDRECV);
    return value.len ? -EINVAL : 0;
}

static int parse_inactive(struct parser *parser, struct text value)
{
    set_direction(parser, SDP_INACTIVE);
    return value.len ? -EINVAL : 0;
}

/* The following stand in an m-line only. */

static int parse_mid(struct parser *parser, struct text value)
{
    struct sdp_media *media = parser->media;
    char mid[SDP_MID_SIZE];

    if (media->mid[0] || !text_copy(value, mid, sizeof(mid)) || strpbrk(mid, " \t") ||
        sdp_find_media(parser->answer, mid))
        return -EINVAL;
    memcpy(media->mid, mid, sizeof(mid));
    return 0;
}

static int parse_rtcp_mux(struct parser *parser, struct text value)
{
    parser->section.rtcp_mux = true;
    return value.len ? -EINVAL : 0;
}

static int parse_rtpmap(struct parser *parser, struct text value)
{
    struct sdp_media *media = parser->media;
    const char *wanted = media->medium == SDP_AUDIO ? "opus/48000/2" : "VP8/90000";
    unsigned type;

    if (!text_number(text_take(&value, ' '), 127, &type))
        return -EINVAL;
    if (!text_equal_nocase(value, wanted) || media->payload_type)
        return 0;
    if (!types_have(parser->section.formats, type))
        return -EINVAL;
    media->payload_type = (uint8_t)type;
    return 0;
}

/* May come before the rtpmap it belongs to (Firefox), so it is kept by payload type until the
 * section ends. */
static int parse_rtcp_fb(struct parser *parser, struct text value)
{
    struct text type_text = text_take(&value, ' ');
    struct types types = {{0}};
    unsigned type;

    if (text_equal(type_text, "*"))
        types = all_types;
    else if (text_number(type_text, 127, &type))
        types_add(&types, type);
    else
        return -EINVAL;
    if (text_equal(value, "nack"))
        types_unite(&parser->section.nack, types);
    else if (text_equal(value, "nack pli"))
        types_unite(&parser->section.pli, types);
    else if (text_equal(value, "goog-remb"))
        types_unite(&parser->section.remb, types);
    return 0;
}

static int parse_extmap(struct parser *parser, struct text value)
{
    struct sdp_media *media = parser->media;
    struct text id_text = text_take(&value, ' ');
    struct text uri = text_take(&value, ' ');
    unsigned id;

    if (!text_number(text_take(&id_text, '/'), 14, &id) || !id)
        return -EINVAL;
    if (text_equal(uri, SDP_AUDIO_LEVEL_URI))
        media->audio_level = (uint8_t)id;
    else if (text_equal(uri, SDP_ABS_SEND_TIME_URI))
        media->abs_send_time = (uint8_t)id;
    else if (text_equal(uri, SDP_MID_URI))
        media->mid_extension = (uint8_t)id;
    return 0;
}

static int parse_ssrc(struct parser *parser, struct text value)
{
    struct sdp_media *media = parser->media;
    unsigned ssrc;

    if (!text_number(text_take(&value, ' '), UINT32_MAX, &ssrc))
        return -EINVAL;
    for (size_t i = 0; i < media->ssrc_count; i++)
        if (media->ssrcs[i] == ssrc)
            return 0;
    if (media->ssrc_count == SDP_SSRCS_MAX)
        return -EMSGSIZE;
    media->ssrcs[media->ssrc_count++] = ssrc;
    return 0;
}

static const struct {
    const char *name;
    int (*parse)(struct parser *parser, struct text value);
    bool of_media; /* passed over at session level */
} attributes[] = {
    {"ice-ufrag", parse_ufrag, false},
    {"ice-pwd", parse_password, false},
    {"ice-lite", parse_ice_lite, false},
    {"fingerprint", parse_fingerprint, false},
    {"setup", parse_setup, false},
    {"group", parse_group, false},
    {"sendonly", parse_sendonly, false},
    {"recvonly", parse_recvonly, false},
    {"sendrecv", parse_sendrecv, false},
    {"inactive", parse_inactive, false},
    {"mid", parse_mid, true},
    {"rtcp-mux", parse_rtcp_mux, true},
    {"rtpmap", parse_rtpmap, true},
    {"rtcp-fb", parse_rtcp_fb, true},
    {"extmap", parse_extmap, true},
    {"ssrc", parse_ssrc, true},
};

static int parse_attribute(struct parser *parser, struct text line)
{
    struct text name = text_take(&line, ':');

    for (size_t i = 0; i < sizeof(attributes) / sizeof(*attributes); i++) {
        if (!text_equal(name, attributes[i].name))
            continue;
        if (attributes[i].of_media && !parser->media)
            return 0;
        return attributes[i].parse(parser, line);
    }
    return 0;
}

static bool text_same(struct text a, struct text b)
{
    return a.len == b.len && !memcmp(a.at, b.at, a.len);
}

static bool in_bundle(struct text bundle, const char *mid)
{
    while (bundle.len)
        if (text_equal(text_take(&bundle, ' '), mid))
            return true;
    return false;
}

/* The section's own transport, filled up from the session's. */
static struct transport resolve(const struct parser *parser)
{
    struct transport own = parser->section.transport;

    if (!own.ufrag.len)
        own.ufrag = parser->session.ufrag;
    if (!own.password.len)
        own.password = parser->session.password;
    if (!own.fingerprint.len)
        own.fingerprint = parser->session.fingerprint;
    if (own.setup == SDP_SETUP_NONE)
        own.setup = parser->session.setup;
    return own;
}

static bool agrees(struct text said, struct text effective)
{
    return !said.len || text_same(said, effective);
}

/* All m-lines share the transport of the first that is not rejected (RFC 8843, section 7). */
static int settle_transport(struct parser *parser)
{
    struct transport own = resolve(parser);
    const struct transport *first = &parser->effective;

    if (!first->ufrag.len) {
        if (!own.ufrag.len || !own.password.len || !own.fingerprint.len ||
            own.setup == SDP_SETUP_NONE)
            return -EINVAL;
        parser->effective = own;
        return 0;
    }
    bool same = agrees(own.ufrag, first->ufrag) && agrees(own.password, first->password) &&
                agrees(own.fingerprint, first->fingerprint) &&
                (own.setup == SDP_SETUP_NONE || own.setup == first->setup);
    return same ? 0 : -EINVAL;
}

static int end_section(struct parser *parser)
{
    struct sdp_media *media = parser->media;

    if (!media)
        parser->session = parser->section.transport;
    if (!media || media->rejected)
        return 0;
    if (!media->mid[0] || !in_bundle(parser->bundle, media->mid) || !parser->section.rtcp_mux)
        return -EINVAL;
    media->nack = types_have(parser->section.nack, media->payload_type);
    media->pli = types_have(parser->section.pli, media->payload_type);
    media->remb = types_have(parser->section.remb, media->payload_type);
    return settle_transport(parser);
}

static int parse_formats(struct parser *parser, struct text formats)
{
    unsigned type;

    if (!formats.len)
        return -EINVAL;
    while (formats.len) {
        if (!text_number(text_take(&formats, ' '), 127, &type))
            return -EINVAL;
        types_add(&parser->section.formats, type);
    }
    return 0;
}

static int begin_media(struct parser *parser, struct text line)
{
    struct sdp_answer *answer = parser->answer;
    struct text medium = text_take(&line, ' ');
    struct text port_text = text_take(&line, ' ');
    unsigned port;

    if (end_section(parser))
        return -EINVAL;
    if (answer->media_count == SDP_MEDIA_MAX)
        return -EMSGSIZE;
    if (!text_equal(medium, "audio") && !text_equal(medium, "video"))
        return -EINVAL;
    if (!text_number(port_text, UINT16_MAX, &port) ||
        !text_equal(text_take(&line, ' '), SDP_PROTOCOL))
        return -EINVAL;
    parser->media = &answer->media[answer->media_count++];
    *parser->media = (struct sdp_media){
        .medium = text_equal(medium, "audio") ? SDP_AUDIO : SDP_VIDEO,
        .rejected = port == 0,
        .direction = parser->session_direction,
    };
    parser->section = (struct section){0};
    return parse_formats(parser, line);
}

/* A line is a letter, an equals sign and printable text. */
static bool line_well_formed(struct text line)
{
    if (line.len < 2 || line.at[0] < 'a' || line.at[0] > 'z' || line.at[1] != '=')
        return false;
    for (size_t i = 2; i < line.len; i++)
        if ((unsigned char)line.at[i] < ' ' && line.at[i] != '\t')
            return false;
    return true;
}

static int parse_line(struct parser *parser, struct text line)
{
    struct text value = {line.at + 2, line.len - 2};

    if (line.at[0] == 'm')
        return begin_media(parser, value);
    if (line.at[0] == 'a')
        return parse_attribute(parser, value);
    return 0;
}

static int parse_lines(struct parser *parser, struct text rest)
{
    int error = 0;

    for (int number = 0; rest.len && !error; number++) {
        struct text line = text_take(&rest, '\n');
        if (line.len && line.at[line.len - 1] == '\r')
            line.len--;
        if (number == SDP_LINES_MAX || line.len > SDP_LINE_MAX)
            return -EMSGSIZE;
        if (!line_well_formed(line) || (number == 0) != text_equal(line, "v=0"))
            return -EINVAL;
        error = parse_line(parser, line);
    }
    return error ? error : end_section(parser);
}

int sdp_parse_answer(const char *text, size_t len, struct sdp_answer *ret_answer)
{
    struct sdp_answer answer = {0};
    struct parser parser = {.answer = &answer, .session_direction = SDP_SENDRECV};

    if (len > SDP_BYTES_MAX)
        return -EMSGSIZE;
    int error = parse_lines(&parser, (struct text){text, len});
    if (error)
        return error;
    const struct transport *transport = &parser.effective;
    if (!text_copy(transport->ufrag, answer.ufrag, sizeof(answer.ufrag)) ||
        !text_copy(transport->password, answer.password, sizeof(answer.password)) ||
        !read_fingerprint(transport->fingerprint, answer.fingerprint))
        return -EINVAL;
    answer.setup = transport->setup;
    *ret_answer = answer;
    return 0;
}

const struct sdp_media *sdp_find_media(const struct sdp_answer *answer, const char *mid)
{
    for (size_t i = 0; i < answer->media_count; i++)
        if (!strcmp(answer->media[i].mid, mid))
            return &answer->media[i];
    return NULL;
}
