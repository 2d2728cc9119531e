#include "tests/unit/studio_people.h"

#include <math.h>
#include <opus.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "media/rtp/rtcp.h"
#include "media/studio/encoder.h"

enum { FRAMES_PER_S = 15, BLACK = 16, WHITE = 235, GREY = 128, LIGHT = 128, TONE_HZ = 1000 };

static const int64_t frame_ns = CLOCK_NS_PER_S / FRAMES_PER_S;
static const int64_t flash_ns = CLOCK_NS_PER_S / 5;
static const float loud_from = 0.05F;
static const int64_t quiet_for = SOUND_RATE / 4; /* samples, before a beep counts as another */

/* ---- a speaker ---- */

static void encode_still(struct speaker *speaker, int shade, int width, int height)
{
    const struct encoder_options options = {width, height, FRAMES_PER_S, 400000, 60};
    struct encoder *encoder = encoder_new(&options);
    struct encoded encoded;
    struct yuv yuv;

    yuv_init(&yuv, width, height);
    memset(yuv.plane[0], shade == SHADE_WHITE ? WHITE : BLACK, (size_t)(yuv.stride[0] * height));
    memset(yuv.plane[1], GREY, (size_t)(yuv.stride[1] * height / 2));
    memset(yuv.plane[2], GREY, (size_t)(yuv.stride[2] * height / 2));
    encoder_put(encoder, &yuv, 0);
    while (!encoder_take(encoder, &encoded))
        (void)poll(NULL, 0, 1);
    free(speaker->stills[shade]);
    speaker->stills[shade] = malloc(encoded.len);
    if (!speaker->stills[shade])
        abort();
    memcpy(speaker->stills[shade], encoded.data, encoded.len);
    speaker->still_len[shade] = encoded.len;
    yuv_done(&yuv);
    encoder_free(encoder);
}

void speaker_init(struct speaker *speaker, struct studio *studio, uint8_t slot, int width,
                  int height)
{
    *speaker = (struct speaker){.studio = studio, .slot = slot, .shade = SHADE_WHITE};
    speaker->mixer = mixer_new();
    packetizer_init(&speaker->pictures);
    delay_init(&speaker->sound);
    delay_set(&speaker->sound, true, 0, 0);
    speaker_resize(speaker, width, height);
    speaker->start_ns = clock_monotonic_ns();
    speaker->new_source[SDP_AUDIO] = speaker->new_source[SDP_VIDEO] = true;
}

void speaker_done(struct speaker *speaker)
{
    free(speaker->stills[SHADE_BLACK]);
    free(speaker->stills[SHADE_WHITE]);
    mixer_free(speaker->mixer);
    delay_done(&speaker->sound);
}

void speaker_resize(struct speaker *speaker, int width, int height)
{
    for (int shade = 0; shade < SHADES; shade++)
        encode_still(speaker, shade, width, height);
}

void speaker_restart(struct speaker *speaker)
{
    packetizer_init(&speaker->pictures);
    mixer_free(speaker->mixer);
    speaker->mixer = mixer_new();
    speaker->new_source[SDP_AUDIO] = speaker->new_source[SDP_VIDEO] = true;
}

static void feed(struct speaker *speaker, enum sdp_medium medium, const uint8_t *data, size_t len)
{
    uint8_t packet[LOCAL_PACKET_MAX];
    struct rtp_header header;

    if (speaker->loses && ++speaker->sent % speaker->loses == 0)
        return;
    memcpy(packet, data, len);
    if (rtp_parse_header(packet, len, &header))
        abort();
    rtp_set_timestamp(packet, header.timestamp + speaker->time_shift);
    if (speaker->junk)
        id_random(packet + header.len, len - header.len);
    studio_feed(speaker->studio, LOCAL_RTP, medium, speaker->slot,
                speaker->new_source[medium] ? LOCAL_FLAG_NEW : 0, packet, len);
    speaker->new_source[medium] = false;
}

static void feed_picture(void *context, const struct packet_out *packet)
{
    feed(context, SDP_VIDEO, packet->data, packet->len);
}

static void keep_sound(void *context, const struct packet_out *packet)
{
    struct speaker *speaker = context;
    struct packet_out kept = *packet;

    kept.key_start = true;
    delay_put(&speaker->sound, &kept, clock_monotonic_ns());
}

/* Times of pictures are rounded down. */
static bool is_on(const struct speaker *speaker, int64_t since_ns, bool steady)
{
    return speaker->flashes ? (since_ns + CLOCK_NS_PER_MS) % CLOCK_NS_PER_S < flash_ns : steady;
}

static void send_picture(struct speaker *speaker)
{
    int64_t since_ns = speaker->next_frame * frame_ns;
    int shade = speaker->shade;

    if (speaker->flashes)
        shade = is_on(speaker, since_ns, true) ? SHADE_WHITE : SHADE_BLACK;
    packetizer_picture(&speaker->pictures, speaker->stills[shade], speaker->still_len[shade],
                       (uint32_t)(since_ns / 1000 * 90 / 1000), true, feed_picture, speaker);
    speaker->next_frame++;
}

static void make_sound(struct speaker *speaker)
{
    float sound[SOUND_FRAME] = {0};
    int64_t since_ns = speaker->next_sound * 20 * CLOCK_NS_PER_MS;

    for (int i = 0; i < SOUND_FRAME && is_on(speaker, since_ns, speaker->loud); i++)
        sound[i] = 0.5F * sinf((float)(2 * M_PI * TONE_HZ / SOUND_RATE) * (float)i);
    mixer_send(speaker->mixer, sound, speaker->next_sound * SOUND_FRAME, keep_sound, speaker);
    speaker->next_sound++;
}

static void report(struct speaker *speaker, int64_t now_ns)
{
    uint8_t out[PACKETIZER_REPORT_MAX];
    int64_t since_ms = (now_ns - speaker->start_ns) / CLOCK_NS_PER_MS;
    int64_t wall_ns = clock_wall_ns();

    speaker->next_report_ns = now_ns + CLOCK_NS_PER_S / 2;
    size_t len = packetizer_report(mixer_packetizer(speaker->mixer),
                                   (uint32_t)(since_ms * 48) + speaker->time_shift, wall_ns, out);
    studio_feed(speaker->studio, LOCAL_RTCP, SDP_AUDIO, speaker->slot, 0, out, len);
    len = packetizer_report(&speaker->pictures, (uint32_t)(since_ms * 90) + speaker->time_shift,
                            wall_ns, out);
    studio_feed(speaker->studio, LOCAL_RTCP, SDP_VIDEO, speaker->slot, 0, out, len);
}

void speaker_turn(struct speaker *speaker, int64_t now_ns)
{
    uint8_t bytes[LOCAL_PACKET_MAX];
    struct packet_out packet;

    while (speaker->start_ns + speaker->next_frame * frame_ns <= now_ns)
        send_picture(speaker);
    while (speaker->start_ns + speaker->next_sound * 20 * CLOCK_NS_PER_MS <= now_ns)
        make_sound(speaker);
    while (delay_take(&speaker->sound, now_ns, &packet, bytes))
        feed(speaker, SDP_AUDIO, packet.data, packet.len);
    if (now_ns >= speaker->next_report_ns)
        report(speaker, now_ns);
}

/* ---- a viewer ---- */

void viewer_init(struct viewer *viewer, int width, int height, int x, int y)
{
    int error = OPUS_OK;

    *viewer = (struct viewer){.width = width, .height = height, .x = x, .y = y, .level = 127};
    viewer->decoder = decoder_new(width, height);
    viewer->opus = opus_decoder_create(SOUND_RATE, 1, &error);
    frames_init(&viewer->frames);
}

void viewer_done(struct viewer *viewer)
{
    decoder_free(viewer->decoder);
    opus_decoder_destroy(viewer->opus);
    frames_done(&viewer->frames);
}

/* By the sender report that came last. */
static int64_t unix_ns(const struct viewer *viewer, enum sdp_medium medium, int64_t time)
{
    int64_t rate = medium == SDP_AUDIO ? SDP_OPUS_CLOCK : SDP_VP8_CLOCK;
    int64_t ticks = (int32_t)((uint32_t)time - viewer->report_time[medium]);

    return viewer->report_ns[medium] + ticks * 1000000 / rate * 1000;
}

static void take_report(struct viewer *viewer, const struct studio_packet *packet)
{
    struct rtcp_reader reader;
    struct rtcp_packet rtcp;

    rtcp_reader_init(&reader, packet->data, packet->len);
    while (rtcp_read(&reader, &rtcp) > 0) {
        if (rtcp.kind != RTCP_KIND_SR)
            continue;
        struct rtcp_sender_info info = rtcp_sr_info(&rtcp);
        viewer->reported[packet->medium] = true;
        viewer->report_time[packet->medium] = info.timestamp;
        viewer->report_ns[packet->medium] =
            (int64_t)(info.ntp >> 32) * CLOCK_NS_PER_S +
            (int64_t)((info.ntp & UINT32_MAX) * CLOCK_NS_PER_S >> 32);
    }
}

static void hear(struct viewer *viewer, const struct studio_packet *packet)
{
    float sound[SOUND_PACKET_MAX];
    bool voice;
    int count =
        opus_decode_float(viewer->opus, packet->data + packet->header.len,
                          (int)(packet->len - packet->header.len), sound, SOUND_PACKET_MAX, 0);

    if (!rtp_read_audio_level(packet->data, &packet->header, SDP_EXTENSION_AUDIO_LEVEL,
                              &viewer->level, &voice))
        viewer->level = 127;
    for (int i = 0; i < count; i++) {
        viewer->peak = fmaxf(viewer->peak, fabsf(sound[i]));
        viewer->quiet_samples++;
        if (fabsf(sound[i]) < loud_from)
            continue;
        if (viewer->quiet_samples > quiet_for && viewer->reported[SDP_AUDIO] &&
            viewer->beep_count < VIEWER_MOMENTS)
            viewer->beeps[viewer->beep_count++] =
                unix_ns(viewer, SDP_AUDIO, (int64_t)packet->header.timestamp + i);
        viewer->quiet_samples = 0;
    }
}

static void see(struct viewer *viewer, const struct studio_packet *packet)
{
    struct reorder_packet whole = {.header = packet->header, .len = (uint16_t)packet->len};

    memcpy(whole.bytes, packet->data, packet->len);
    if (!frames_take(&viewer->frames, &whole))
        return;
    int64_t gap_ns =
        (int64_t)(uint32_t)(packet->header.timestamp - viewer->last_time) * 1000000 / 90;
    if (viewer->number && gap_ns > viewer->longest_gap_ns)
        viewer->longest_gap_ns = gap_ns;
    viewer->last_time = packet->header.timestamp;
    viewer->times[viewer->number % VIEWER_NUMBERS] = packet->header.timestamp;
    decoder_put(viewer->decoder, viewer->frames.data, viewer->frames.len, viewer->number++);
}

void viewer_take(struct viewer *viewer, const struct studio_packet *packet)
{
    if (packet->kind == LOCAL_RTCP)
        take_report(viewer, packet);
    else if (packet->kind == LOCAL_RTP && packet->medium == SDP_AUDIO)
        hear(viewer, packet);
    else if (packet->kind == LOCAL_RTP)
        see(viewer, packet);
}

void viewer_turn(struct viewer *viewer)
{
    struct decoded *decoded;
    uint64_t number;

    while ((decoded = decoder_take(viewer->decoder, &number))) {
        const struct yuv *yuv = decoded_yuv(decoded);
        viewer->shade = yuv->plane[0][viewer->y * yuv->stride[0] + viewer->x];
        bool light = viewer->shade > LIGHT;
        if (light && !viewer->light && viewer->reported[SDP_VIDEO] &&
            viewer->flash_count < VIEWER_MOMENTS)
            viewer->flashes[viewer->flash_count++] =
                unix_ns(viewer, SDP_VIDEO, viewer->times[number % VIEWER_NUMBERS]);
        viewer->light = light;
        viewer->pictures++;
        decoded_free(decoded);
    }
}
