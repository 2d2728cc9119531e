#include <assert.h>
#include <errno.h>
#include <string.h>

#include "media/rtp/bytes.h"
#include "media/rtp/rtcp.h"
#include "media/rtp/rtcp_internal.h"

enum { REPORTS_MAX = 31, REMB_SOURCES_MAX = 255, SDES_CNAME = 1 };

void rtcp_writer_init(struct rtcp_writer *writer, uint8_t *out, size_t size)
{
    *writer = (struct rtcp_writer){.data = out, .size = size};
}

/* Room for a packet with a body of len bytes, a multiple of 4, its header written; NULL when it
 * does not fit. */
static uint8_t *begin(struct rtcp_writer *writer, uint8_t type, size_t count, size_t len)
{
    uint8_t *header = writer->data + writer->len;

    if (writer->size - writer->len < RTCP_HEADER_BYTES + len)
        return NULL;
    header[0] = (uint8_t)(0x80 | count);
    header[1] = type;
    bytes_put16(header + 2, (uint16_t)(len / 4));
    writer->len += RTCP_HEADER_BYTES + len;
    return header + RTCP_HEADER_BYTES;
}

static void put_reports(uint8_t *out, const struct rtcp_report *reports, size_t count)
{
    for (size_t i = 0; i < count; i++, out += REPORT_BYTES) {
        bytes_put32(out, reports[i].ssrc);
        out[4] = reports[i].fraction_lost;
        bytes_put24(out + 5, (uint32_t)reports[i].lost);
        bytes_put32(out + 8, reports[i].highest_seq);
        bytes_put32(out + 12, reports[i].jitter);
        bytes_put32(out + 16, reports[i].lsr);
        bytes_put32(out + 20, reports[i].dlsr);
    }
}

int rtcp_write_sr(struct rtcp_writer *writer, uint32_t sender, const struct rtcp_sender_info *info,
                  const struct rtcp_report *reports, size_t count)
{
    assert(count <= REPORTS_MAX);
    uint8_t *body = begin(writer, RTCP_TYPE_SR, count, SR_REPORTS + count * REPORT_BYTES);
    if (!body)
        return -ENOBUFS;
    bytes_put32(body, sender);
    bytes_put64(body + 4, info->ntp);
    bytes_put32(body + 12, info->timestamp);
    bytes_put32(body + 16, info->packets);
    bytes_put32(body + 20, info->bytes);
    put_reports(body + SR_REPORTS, reports, count);
    return 0;
}

int rtcp_write_rr(struct rtcp_writer *writer, uint32_t sender, const struct rtcp_report *reports,
                  size_t count)
{
    assert(count <= REPORTS_MAX);
    uint8_t *body = begin(writer, RTCP_TYPE_RR, count, RR_REPORTS + count * REPORT_BYTES);
    if (!body)
        return -ENOBUFS;
    bytes_put32(body, sender);
    put_reports(body + RR_REPORTS, reports, count);
    return 0;
}

int rtcp_write_cname(struct rtcp_writer *writer, uint32_t ssrc, const char *cname)
{
    size_t len = strlen(cname);
    /* SSRC, item, length, text and at least one zero byte that ends the chunk. */
    size_t chunk = (4 + 2 + len + 1 + 3) & ~(size_t)3;

    assert(len <= RTCP_CNAME_MAX);
    uint8_t *body = begin(writer, RTCP_TYPE_SDES, 1, chunk);
    if (!body)
        return -ENOBUFS;
    memset(body, 0, chunk);
    bytes_put32(body, ssrc);
    body[4] = SDES_CNAME;
    body[5] = (uint8_t)len;
    memcpy(body + 6, cname, len);
    return 0;
}

static uint8_t *begin_feedback(struct rtcp_writer *writer, uint8_t type, uint8_t format,
                               uint32_t sender, uint32_t media, size_t items)
{
    uint8_t *body = begin(writer, type, format, FEEDBACK_ITEMS + items);

    if (!body)
        return NULL;
    bytes_put32(body, sender);
    bytes_put32(body + 4, media);
    return body + FEEDBACK_ITEMS;
}

/* How many of the sequence numbers one PID and BLP pair takes, and its BLP. */
static size_t pack_nack(const uint16_t *seqs, size_t count, uint16_t *ret_blp)
{
    size_t taken = 1;

    *ret_blp = 0;
    while (taken < count && (uint16_t)(seqs[taken] - seqs[0] - 1) < 16) {
        *ret_blp |= (uint16_t)(1 << (uint16_t)(seqs[taken] - seqs[0] - 1));
        taken++;
    }
    return taken;
}

int rtcp_write_nack(struct rtcp_writer *writer, uint32_t sender, uint32_t media,
                    const uint16_t *seqs, size_t count)
{
    size_t pairs = 0;
    uint16_t blp;

    for (size_t i = 0; i < count; pairs++)
        i += pack_nack(seqs + i, count - i, &blp);
    uint8_t *item =
        begin_feedback(writer, RTCP_TYPE_RTPFB, RTPFB_NACK, sender, media, pairs * NACK_BYTES);
    if (!item)
        return -ENOBUFS;
    for (size_t i = 0; i < count; item += NACK_BYTES) {
        bytes_put16(item, seqs[i]);
        i += pack_nack(seqs + i, count - i, &blp);
        bytes_put16(item + 2, blp);
    }
    return 0;
}

int rtcp_write_pli(struct rtcp_writer *writer, uint32_t sender, uint32_t media)
{
    return begin_feedback(writer, RTCP_TYPE_PSFB, PSFB_PLI, sender, media, 0) ? 0 : -ENOBUFS;
}

int rtcp_write_remb(struct rtcp_writer *writer, uint32_t sender, uint64_t bitrate,
                    const uint32_t *sources, size_t count)
{
    uint32_t exponent = 0;

    assert(count <= REMB_SOURCES_MAX);
    uint8_t *body = begin_feedback(writer, RTCP_TYPE_PSFB, PSFB_AFB, sender, 0,
                                   REMB_SOURCES - FEEDBACK_ITEMS + 4 * count);
    if (!body)
        return -ENOBUFS;
    body -= FEEDBACK_ITEMS;
    while (bitrate >> exponent > 0x3ffff)
        exponent++;
    memcpy(body + REMB_NAME, "REMB", 4);
    body[REMB_COUNT] = (uint8_t)count;
    bytes_put24(body + REMB_RATE, exponent << 18 | (uint32_t)(bitrate >> exponent));
    for (size_t i = 0; i < count; i++)
        bytes_put32(body + REMB_SOURCES + 4 * i, sources[i]);
    return 0;
}

int rtcp_write_bye(struct rtcp_writer *writer, uint32_t ssrc)
{
    uint8_t *body = begin(writer, RTCP_TYPE_BYE, 1, 4);

    if (!body)
        return -ENOBUFS;
    bytes_put32(body, ssrc);
    return 0;
}
