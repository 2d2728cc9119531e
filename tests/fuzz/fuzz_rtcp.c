/* Compound RTCP packets: everything a reader can ask of each. */
#include <stdlib.h>

#include "media/rtp/rtcp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_reports(const struct rtcp_packet *packet)
{
    for (size_t i = 0; i < packet->count; i++) {
        struct rtcp_report report = rtcp_report_at(packet, i);
        uint32_t us;
        (void)rtcp_round_trip(report.highest_seq, &report, &us);
    }
}

static bool holds(const uint16_t *seqs, size_t count, uint16_t seq)
{
    for (size_t i = 0; i < count; i++)
        if (seqs[i] == seq)
            return true;
    return false;
}

/* A NACK read and written again, in whatever order, asks for nothing new and forgets nothing. */
static void repeat_nack(const struct rtcp_packet *packet)
{
    uint16_t seqs[RTCP_NACK_MAX];
    uint16_t again[RTCP_NACK_MAX];
    uint8_t out[12 + 4 * RTCP_NACK_MAX];
    struct rtcp_writer writer;
    struct rtcp_reader reader;
    struct rtcp_packet copy;
    size_t count = rtcp_nack_seqs(packet, seqs);

    rtcp_writer_init(&writer, out, sizeof(out));
    if (rtcp_write_nack(&writer, packet->sender, packet->media, seqs, count))
        abort();
    rtcp_reader_init(&reader, out, writer.len);
    if (rtcp_read(&reader, &copy) != 1)
        abort();
    size_t again_count = rtcp_nack_seqs(&copy, again);
    for (size_t i = 0; i < count; i++)
        if (!holds(again, again_count, seqs[i]))
            abort();
    for (size_t i = 0; i < again_count; i++)
        if (!holds(seqs, count, again[i]))
            abort();
}

static void read_packet(const struct rtcp_packet *packet)
{
    switch (packet->kind) {
    case RTCP_KIND_SR:
        (void)rtcp_sr_info(packet);
        read_reports(packet);
        break;
    case RTCP_KIND_RR:
        read_reports(packet);
        break;
    case RTCP_KIND_BYE:
        for (size_t i = 0; i < packet->count; i++)
            (void)rtcp_bye_source(packet, i);
        break;
    case RTCP_KIND_NACK:
        repeat_nack(packet);
        break;
    case RTCP_KIND_FIR:
        for (size_t i = 0; i < rtcp_fir_count(packet); i++)
            (void)rtcp_fir_source(packet, i);
        break;
    case RTCP_KIND_REMB:
        (void)rtcp_remb_bitrate(packet);
        break;
    case RTCP_KIND_SDES:
    case RTCP_KIND_TRANSPORT_CC:
    case RTCP_KIND_PLI:
    case RTCP_KIND_OTHER:
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct rtcp_reader reader;
    struct rtcp_packet packet;

    rtcp_reader_init(&reader, data, size);
    while (rtcp_read(&reader, &packet) == 1) {
        if (packet.body + packet.len > data + size)
            abort();
        read_packet(&packet);
    }
    return 0;
}
