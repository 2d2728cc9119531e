#include "media/studio/render_webm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "media/journal/folder.h"

/* RFC 9559, 5.1; RFC 8794, 11.2. */
enum {
    ID_EBML = 0x1a45dfa3,
    ID_EBML_VERSION = 0x4286,
    ID_EBML_READ_VERSION = 0x42f7,
    ID_EBML_ID_MAX = 0x42f2,
    ID_EBML_SIZE_MAX = 0x42f3,
    ID_DOC_TYPE = 0x4282,
    ID_DOC_VERSION = 0x4287,
    ID_DOC_READ_VERSION = 0x4285,
    ID_SEGMENT = 0x18538067,
    ID_SEEK_HEAD = 0x114d9b74,
    ID_SEEK = 0x4dbb,
    ID_SEEK_ID = 0x53ab,
    ID_SEEK_POSITION = 0x53ac,
    ID_INFO = 0x1549a966,
    ID_TIMESTAMP_SCALE = 0x2ad7b1,
    ID_DURATION = 0x4489,
    ID_DATE = 0x4461,
    ID_MUXING_APP = 0x4d80,
    ID_WRITING_APP = 0x5741,
    ID_TRACKS = 0x1654ae6b,
    ID_TRACK = 0xae,
    ID_TRACK_NUMBER = 0xd7,
    ID_TRACK_UID = 0x73c5,
    ID_TRACK_TYPE = 0x83,
    ID_LACING = 0x9c,
    ID_LANGUAGE = 0x22b59c,
    ID_CODEC = 0x86,
    ID_CODEC_PRIVATE = 0x63a2,
    ID_CODEC_DELAY = 0x56aa,
    ID_SEEK_PRE_ROLL = 0x56bb,
    ID_VIDEO = 0xe0,
    ID_WIDTH = 0xb0,
    ID_HEIGHT = 0xba,
    ID_AUDIO = 0xe1,
    ID_RATE = 0xb5,
    ID_CHANNELS = 0x9f,
    ID_CLUSTER = 0x1f43b675,
    ID_TIMESTAMP = 0xe7,
    ID_SIMPLE_BLOCK = 0xa3,
    ID_CUES = 0x1c53bb6b,
    ID_CUE_POINT = 0xbb,
    ID_CUE_TIME = 0xb3,
    ID_CUE_PLACE = 0xb7,
    ID_CUE_TRACK = 0xf7,
    ID_CUE_CLUSTER = 0xf1,
};

enum {
    VIDEO_TRACK = 1,
    AUDIO_TRACK = 2,
    KEY_FLAG = 0x80,
    VINT_MARK = 0x80,
    BLOCK_HEAD_BYTES = 4,
    SIZE_BYTES = 4, /* of elements whose size is known later */
    WIDE_SIZE_BYTES = 8,
    HEAD_MAX = 4096,
    CUES_MAX = 16 << 20,
    CLUSTER_BYTES = 4 << 20, /* then another is begun, */
    CLUSTER_MS = 10000,      /* or so long after the first block, */
    CLUSTER_KEY_MS = 1900,   /* or with the first key frame after this */
    CLUSTER_MAX = 2 * CLUSTER_BYTES + RENDER_FRAME_BYTES_MAX,
    BLACK_WIDTH = 320,
    BLACK_HEIGHT = 180,
    SEEK_PRE_ROLL_NS = 80000000, /* what an Opus decoder needs to settle (RFC 7845, 4.6) */
};

#define MATROSKA_EPOCH_MS INT64_C(978307200000) /* 2001-01-01 */

/* ---- elements ---- */

static void put_bytes(struct buf *buf, const void *data, size_t len)
{
    if (buf_append(buf, data, len))
        abort(); /* every element is bounded by its caller */
}

static void put_number(struct buf *buf, uint64_t value, size_t len)
{
    uint8_t bytes[8];

    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)(value >> 8 * (len - 1 - i));
    put_bytes(buf, bytes, len);
}

static size_t width_of(uint64_t value)
{
    size_t width = 1;

    while (width < 8 && value >> 8 * width)
        width++;
    return width;
}

static void put_id(struct buf *buf, uint32_t id)
{
    put_number(buf, id, width_of(id));
}

/* A size in so many bytes, the first of which says how many. */
static void put_size(struct buf *buf, uint64_t size, size_t bytes)
{
    put_number(buf, size | (uint64_t)VINT_MARK << 8 * (bytes - 1) >> (bytes - 1), bytes);
}

static void put_binary(struct buf *buf, uint32_t id, const void *data, size_t len)
{
    put_id(buf, id);
    put_size(buf, len, 1);
    put_bytes(buf, data, len);
}

static void put_text(struct buf *buf, uint32_t id, const char *text)
{
    put_binary(buf, id, text, strlen(text));
}

static void put_uint(struct buf *buf, uint32_t id, uint64_t value)
{
    put_id(buf, id);
    put_size(buf, width_of(value), 1);
    put_number(buf, value, width_of(value));
}

static void put_wide(struct buf *buf, uint32_t id, uint64_t value)
{
    put_id(buf, id);
    put_size(buf, 8, 1);
    put_number(buf, value, 8);
}

static void put_float(struct buf *buf, uint32_t id, double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof(bits));
    put_wide(buf, id, bits);
}

/* An element that holds others: what is put in between open and close. */
static size_t open_master(struct buf *buf, uint32_t id)
{
    put_id(buf, id);
    put_size(buf, 0, SIZE_BYTES);
    return buf->len;
}

static void close_master(struct buf *buf, size_t from)
{
    struct buf size;

    buf_init(&size, SIZE_BYTES);
    put_size(&size, buf->len - from, SIZE_BYTES);
    memcpy(buf->data + from - SIZE_BYTES, size.data, SIZE_BYTES);
    buf_done(&size);
}

/* ---- the head ---- */

static void put_ebml(struct buf *buf)
{
    size_t from = open_master(buf, ID_EBML);

    put_uint(buf, ID_EBML_VERSION, 1);
    put_uint(buf, ID_EBML_READ_VERSION, 1);
    put_uint(buf, ID_EBML_ID_MAX, 4);
    put_uint(buf, ID_EBML_SIZE_MAX, 8);
    put_text(buf, ID_DOC_TYPE, "webm");
    put_uint(buf, ID_DOC_VERSION, 4);
    put_uint(buf, ID_DOC_READ_VERSION, 2);
    close_master(buf, from);
}

/* Where the eight bytes of its position are. */
static size_t put_seek(struct buf *buf, uint32_t id)
{
    size_t from = open_master(buf, ID_SEEK);

    put_id(buf, ID_SEEK_ID);
    put_size(buf, width_of(id), 1);
    put_id(buf, id);
    put_wide(buf, ID_SEEK_POSITION, 0);
    close_master(buf, from);
    return buf->len - 8;
}

static void set_seek(struct buf *buf, size_t at, uint64_t position)
{
    for (size_t i = 0; i < 8; i++)
        buf->data[at + i] = (uint8_t)(position >> 8 * (7 - i));
}

static void put_info(struct buf *buf, const struct render_webm_head *head)
{
    size_t from = open_master(buf, ID_INFO);

    put_uint(buf, ID_TIMESTAMP_SCALE, CLOCK_NS_PER_MS);
    put_float(buf, ID_DURATION, (double)head->duration_ms);
    put_wide(buf, ID_DATE, (uint64_t)((head->start_ms - MATROSKA_EPOCH_MS) * CLOCK_NS_PER_MS));
    put_text(buf, ID_MUXING_APP, "assize");
    put_text(buf, ID_WRITING_APP, "assize");
    close_master(buf, from);
}

static size_t open_track(struct buf *buf, unsigned number, unsigned type, const char *codec)
{
    size_t from = open_master(buf, ID_TRACK);

    put_uint(buf, ID_TRACK_NUMBER, number);
    put_uint(buf, ID_TRACK_UID, number);
    put_uint(buf, ID_TRACK_TYPE, type);
    put_uint(buf, ID_LACING, 0);
    put_text(buf, ID_LANGUAGE, "und");
    put_text(buf, ID_CODEC, codec);
    return from;
}

static void put_video_track(struct buf *buf, const struct render_webm_head *head)
{
    size_t track = open_track(buf, VIDEO_TRACK, 1, "V_VP8");
    size_t from = open_master(buf, ID_VIDEO);

    put_uint(buf, ID_WIDTH, head->width ? head->width : BLACK_WIDTH);
    put_uint(buf, ID_HEIGHT, head->height ? head->height : BLACK_HEIGHT);
    close_master(buf, from);
    close_master(buf, track);
}

static void put_audio_track(struct buf *buf)
{
    /* RFC 7845, 5.1: version 1, 2 channels, nothing to skip, 48,000 Hz (little-endian), no gain. */
    static const uint8_t opus_head[] = {'O', 'p', 'u',  's',  'H', 'e', 'a', 'd', 1, 2,
                                        0,   0,   0x80, 0xbb, 0,   0,   0,   0,   0};
    size_t track = open_track(buf, AUDIO_TRACK, 2, "A_OPUS");

    put_binary(buf, ID_CODEC_PRIVATE, opus_head, sizeof(opus_head));
    put_uint(buf, ID_CODEC_DELAY, 0);
    put_uint(buf, ID_SEEK_PRE_ROLL, SEEK_PRE_ROLL_NS);
    size_t from = open_master(buf, ID_AUDIO);
    put_float(buf, ID_RATE, RENDER_AUDIO_RATE);
    put_uint(buf, ID_CHANNELS, 2);
    close_master(buf, from);
    close_master(buf, track);
}

static void put_head(struct render_webm *webm, struct buf *buf, const struct render_webm_head *head)
{
    put_ebml(buf);
    put_id(buf, ID_SEGMENT);
    put_size(buf, 0, WIDE_SIZE_BYTES);
    webm->segment = buf->len;
    size_t from = open_master(buf, ID_SEEK_HEAD);
    size_t info = put_seek(buf, ID_INFO);
    size_t tracks = put_seek(buf, ID_TRACKS);
    webm->cues_seek = put_seek(buf, ID_CUES);
    close_master(buf, from);
    set_seek(buf, info, buf->len - webm->segment);
    put_info(buf, head);
    set_seek(buf, tracks, buf->len - webm->segment);
    from = open_master(buf, ID_TRACKS);
    put_video_track(buf, head);
    put_audio_track(buf);
    close_master(buf, from);
}

/* ---- clusters ---- */

static int write_out(struct render_webm *webm, struct buf *buf)
{
    int result = folder_write(webm->fd, buf->data, buf->len);

    webm->written += buf->len;
    buf_clear(buf);
    return result;
}

static void put_cue(struct render_webm *webm)
{
    if (webm->cues.len > CUES_MAX)
        return;
    size_t point = open_master(&webm->cues, ID_CUE_POINT);
    put_uint(&webm->cues, ID_CUE_TIME, (uint64_t)webm->cluster_ms);
    size_t place = open_master(&webm->cues, ID_CUE_PLACE);
    put_uint(&webm->cues, ID_CUE_TRACK, VIDEO_TRACK);
    put_uint(&webm->cues, ID_CUE_CLUSTER, webm->written - webm->segment);
    close_master(&webm->cues, place);
    close_master(&webm->cues, point);
}

static int end_cluster(struct render_webm *webm)
{
    struct buf *cluster = &webm->cluster;

    if (!webm->open)
        return 0;
    if (webm->is_key)
        put_cue(webm);
    close_master(cluster, width_of(ID_CLUSTER) + SIZE_BYTES);
    webm->open = false;
    return write_out(webm, cluster);
}

static bool wants_cluster(const struct render_webm *webm, bool key, int64_t time_ms)
{
    return !webm->open || webm->cluster.len >= CLUSTER_BYTES ||
           time_ms - webm->cluster_ms >= (key ? CLUSTER_KEY_MS : CLUSTER_MS);
}

int render_webm_add(struct render_webm *webm, const struct render_block *block)
{
    int64_t time_ms = block->time_ns / CLOCK_NS_PER_MS;
    bool key = block->medium == RENDER_VIDEO && block->key;
    struct buf *cluster = &webm->cluster;
    int result = 0;

    if (wants_cluster(webm, key, time_ms)) {
        result = end_cluster(webm);
        open_master(cluster, ID_CLUSTER);
        put_uint(cluster, ID_TIMESTAMP, (uint64_t)time_ms);
        webm->open = true;
        webm->is_key = key;
        webm->cluster_ms = time_ms;
    }
    put_id(cluster, ID_SIMPLE_BLOCK);
    put_size(cluster, BLOCK_HEAD_BYTES + block->len, SIZE_BYTES);
    put_size(cluster, block->medium == RENDER_VIDEO ? VIDEO_TRACK : AUDIO_TRACK, 1);
    put_number(cluster, (uint64_t)(time_ms - webm->cluster_ms), 2);
    put_number(cluster, block->key ? KEY_FLAG : 0, 1);
    put_bytes(cluster, block->data, block->len);
    return result;
}

/* ---- the file ---- */

int render_webm_start(struct render_webm *webm, int fd, const struct render_webm_head *head)
{
    struct buf buf;

    *webm = (struct render_webm){.fd = fd};
    buf_init(&webm->cluster, CLUSTER_MAX);
    buf_init(&webm->cues, CUES_MAX + HEAD_MAX);
    open_master(&webm->cues, ID_CUES);
    buf_init(&buf, HEAD_MAX);
    put_head(webm, &buf, head);
    int result = write_out(webm, &buf);
    buf_done(&buf);
    return result;
}

static int overwrite(const struct render_webm *webm, uint64_t at, uint64_t value, uint64_t mark)
{
    struct buf buf;

    buf_init(&buf, 8);
    put_number(&buf, value | mark, 8);
    ssize_t put = pwrite(webm->fd, buf.data, buf.len, (off_t)at);
    int result = put < 0 ? -errno : put == (ssize_t)buf.len ? 0 : -EIO;
    buf_done(&buf);
    return result;
}

int render_webm_end(struct render_webm *webm)
{
    int result = end_cluster(webm);
    uint64_t cues = webm->written - webm->segment;

    close_master(&webm->cues, width_of(ID_CUES) + SIZE_BYTES);
    if (!result)
        result = write_out(webm, &webm->cues);
    if (!result)
        result = overwrite(webm, webm->cues_seek, cues, 0);
    if (!result)
        result = overwrite(webm, webm->segment - WIDE_SIZE_BYTES, webm->written - webm->segment,
                           (uint64_t)1 << 56);
    return result;
}

void render_webm_done(struct render_webm *webm)
{
    buf_done(&webm->cluster);
    buf_done(&webm->cues);
}
