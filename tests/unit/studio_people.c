#include "tests/unit/studio_people.h"

#include <math.h>
#include <opus.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "media/rtp/rtcp.h"

enum { FRAMES_PER_S = 15, BLACK = 16, WHITE = 235, LIGHT = 128, TONE_HZ = 1000 };

static const int64_t frame_ns = CLOCK_NS_PER_S / FRAMES_PER_S;
static const int64_t flash_ns = CLOCK_NS_PER_S / 5;
static const float loud_from = 0.05F;
static const int64_t quiet_for = SOUND_RATE / 4; /* samples, before a beep counts as another */

/* ---- a speaker ---- */

static void start_encoder(struct speaker *speaker)
{
    const struct encoder_options options = {speaker->width, speaker->height, FRAMES_PER_S, 400000,
                                            60};

    speaker->encoder = encoder_new(&options);
}

void speaker_init(struct speaker *speaker, struct studio *studio, uint8_t slot, int width,
                  int height)
{
    *speaker = (struct speaker){
        .studio = studio, .slot = slot, .width = width, .height = height, .shade = WHITE};
    speaker->mixer = mixer_new();
    packetizer_init(&speaker->pictures);
    delay_init(&speaker->sound);
    delay_set(&speaker->sound, true, 0, 0);
    start_encoder(speaker);
    speaker->begun_ns = speaker->start_ns = clock_monotonic_ns();
    speaker->new_source = true;
}

void speaker_done(struct speaker *speaker)
{
    encoder_free(speaker->encoder);
    mixer_free(speaker->mixer);
    delay_done(&speaker->sound);
}

void speaker_resize(struct speaker *speaker, int width, int height)
{
    encoder_free(speaker->encoder);
    speaker->width = width;
    speaker->height = height;
    start_encoder(speaker);
    speaker->begun_ns = speaker->start_ns + speaker->next_frame * frame_ns;
}

void speaker_restart(struct speaker *speaker)
{
    speaker_resize(speaker, speaker->width, speaker->height);
    packetizer_init(&speaker->pictures);
    mixer_free(speaker->mixer);
    speaker->mixer = mixer_new();
    speaker->new_source = true;
}

static void feed(struct speaker *speaker, enum sdp_medium medium, const uint8_t *data, size_t len)
{
    uint8_t packet[LOCAL_PACKET_MAX];
    struct rtp_header header;

    if (speaker->silent || (speaker->loses && ++speaker->sent % speaker->loses == 0))
        return;
    memcpy(packet, data, len);
    if (rtp_parse_header(packet, len, &header))
        abort();
    rtp_set_timestamp(packet, header.timestamp + speaker->time_shift);
    if (speaker->junk)
        id_random(packet + header.len, len - header.len);
    studio_feed(speaker->studio, LOCAL_RTP, medium, speaker->slot,
                speaker->new_source ? LOCAL_FLAG_NEW : 0, packet, len);
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

static bool is_on(const struct speaker *speaker, int64_t since_ns, bool steady)
{
    return speaker->flashes ? since_ns % CLOCK_NS_PER_S < flash_ns : steady;
}

static void make_picture(struct speaker *speaker)
{
    int64_t since_ns = speaker->next_frame * frame_ns;
    struct yuv yuv;

    yuv_init(&yuv, speaker->width, speaker->height);
    uint8_t shade =
        speaker->flashes ? (is_on(speaker, since_ns, true) ? WHITE : BLACK) : speaker->shade;
    memset(yuv.plane[0], shade, (size_t)(yuv.stride[0] * yuv.height));
    memset(yuv.plane[1], 128, (size_t)(yuv.stride[1] * yuv.height / 2));
    memset(yuv.plane[2], 128, (size_t)(yuv.stride[2] * yuv.height / 2));
    encoder_put(speaker->encoder, &yuv, speaker->start_ns + since_ns - speaker->begun_ns);
    yuv_done(&yuv);
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
    if (speaker->silent)
        return;
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
    struct encoded encoded;

    while (speaker->start_ns + speaker->next_frame * frame_ns <= now_ns)
        make_picture(speaker);
    while (encoder_take(speaker->encoder, &encoded)) {
        int64_t since_ns = encoded.at_ns + speaker->begun_ns - speaker->start_ns;
        packetizer_picture(&speaker->pictures, encoded.data, encoded.len,
                           (uint32_t)(since_ns / 1000 * 90 / 1000), encoded.key, feed_picture,
                           speaker);
    }
    while (speaker->start_ns + speaker->next_sound * 20 * CLOCK_NS_PER_MS <= now_ns)
        make_sound(speaker);
    while (delay_take(&speaker->sound, now_ns, &packet, bytes))
        feed(speaker, SDP_AUDIO, packet.data, packet.len);
    speaker->new_source = false;
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
    if (viewer->last_picture_ns &&
        packet->read_ns - viewer->last_picture_ns > viewer->longest_gap_ns)
        viewer->longest_gap_ns = packet->read_ns - viewer->last_picture_ns;
    viewer->last_picture_ns = packet->read_ns;
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
