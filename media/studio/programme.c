#include "media/studio/programme.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "media/rtp/rtcp.h"
#include "media/studio/canvas.h"
#include "media/studio/encoder.h"
#include "media/studio/mixer.h"
#include "media/studio/picture.h"
#include "media/studio/voice.h"

enum {
    FRAMES_PER_S = 15,
    KEY_FRAME_MAX = 3 * FRAMES_PER_S, /* frames: who comes to a delayed feed waits for one */
    NOBODY = -1,
};

/* From an undelayed packet's arrival until it is seen and heard: what networks usually delay
 * unevenly. */
static const int64_t playout_ns = 150 * CLOCK_NS_PER_MS;
static const int64_t frame_ns = CLOCK_NS_PER_S / FRAMES_PER_S;
/* Further behind than this, after a stopped process, what was missed is left out. */
static const int64_t behind_max_ns = 400 * CLOCK_NS_PER_MS;

struct slot {
    struct voice *voice; /* these are made by the first packet */
    struct picture *picture;
    int64_t whose[2]; /* by medium: what the scene says it is (name_of), or NOBODY */
};

struct programme {
    const struct programme_ops *ops;
    void *context;
    struct scene scene;
    struct layout layout;
    struct slot
        slots[STUDIO_SLOTS_MAX]; /* sound and picture with the same number may be two people's */
    struct canvas *canvas;
    const struct yuv *background;
    int64_t background_s; /* the second it shows; 0: to be drawn anew */
    struct yuv frame;
    struct encoder *encoder;
    struct packetizer pictures;
    struct mixer *mixer;
    int64_t epoch_ns;   /* monotonic time of position 0 */
    int64_t position;   /* of the sound that is mixed next */
    int64_t next_frame; /* number of the picture that is composed next */
    int64_t report_ns;  /* when the next sender report is due */
    bool key_wanted;
    int64_t key_ns; /* when the last was made */
};

struct programme *programme_new(struct letters *letters, bool high, const struct programme_ops *ops,
                                void *context, int64_t now_ns)
{
    struct programme *programme = calloc(1, sizeof(*programme));
    const struct encoder_options options = {
        .width = high ? 1280 : 640,
        .height = high ? 720 : 360,
        .frames_per_s = FRAMES_PER_S,
        .bits_per_s = high ? 1500000 : 600000,
        .key_frame_max = KEY_FRAME_MAX,
    };

    if (!programme)
        abort();
    programme->ops = ops;
    programme->context = context;
    programme->scene.card = SCENE_BEFORE;
    programme->canvas = canvas_new(letters, options.width, options.height);
    programme->encoder = encoder_new(&options);
    programme->mixer = mixer_new();
    programme->epoch_ns = now_ns;
    yuv_init(&programme->frame, options.width, options.height);
    packetizer_init(&programme->pictures);
    for (size_t i = 0; i < STUDIO_SLOTS_MAX; i++)
        programme->slots[i].whose[SDP_AUDIO] = programme->slots[i].whose[SDP_VIDEO] = NOBODY;
    layout_make(&programme->scene, options.width, options.height, &programme->layout);
    return programme;
}

void programme_free(struct programme *programme)
{
    if (!programme)
        return;
    for (size_t i = 0; i < STUDIO_SLOTS_MAX; i++) {
        voice_free(programme->slots[i].voice);
        picture_free(programme->slots[i].picture);
    }
    mixer_free(programme->mixer);
    encoder_free(programme->encoder);
    canvas_free(programme->canvas);
    yuv_done(&programme->frame);
    free(programme);
}

/* ---- the scene ---- */

static void reset_slot(struct slot *slot, enum sdp_medium medium)
{
    if (medium == SDP_AUDIO && slot->voice)
        voice_reset(slot->voice);
    if (medium == SDP_VIDEO && slot->picture)
        picture_reset(slot->picture);
}

static const struct scene_tile *tile_in_slot(const struct scene *scene, enum sdp_medium medium,
                                             int number)
{
    for (size_t i = 0; i < scene->tile_count; i++) {
        const struct scene_tile *tile = &scene->tiles[i];
        if ((medium == SDP_AUDIO ? tile->audio_slot : tile->video_slot) == number)
            return tile;
    }
    return NULL;
}

/* An endpoint, and its share apart. */
static int64_t name_of(const struct scene_tile *tile)
{
    return tile ? (int64_t)tile->endpoint * 2 + tile->share : NOBODY;
}

/* What a slot held is never shown under another name. */
static void assign_slots(struct programme *programme, enum sdp_medium medium)
{
    for (int i = 0; i < STUDIO_SLOTS_MAX; i++) {
        struct slot *slot = &programme->slots[i];
        int64_t whose = name_of(tile_in_slot(&programme->scene, medium, i));
        if (slot->whose[medium] != whose)
            reset_slot(slot, medium);
        slot->whose[medium] = whose;
    }
}

void programme_set_scene(struct programme *programme, const struct scene *scene)
{
    programme->scene = *scene;
    programme->background_s = 0;
    layout_make(scene, programme->frame.width, programme->frame.height, &programme->layout);
    assign_slots(programme, SDP_AUDIO);
    assign_slots(programme, SDP_VIDEO);
}

/* ---- what comes in ---- */

static void take_rtp(struct slot *slot, enum sdp_medium medium, const uint8_t *packet, size_t len,
                     int64_t now_ns)
{
    if (medium == SDP_AUDIO) {
        if (!slot->voice)
            slot->voice = voice_new(playout_ns);
        voice_put(slot->voice, packet, len, now_ns);
    } else {
        if (!slot->picture)
            slot->picture = picture_new();
        picture_put(slot->picture, packet, len, now_ns);
    }
}

static int64_t unix_from_ntp(uint64_t ntp)
{
    int64_t seconds = (int64_t)(ntp >> 32) - 2208988800LL;

    return seconds * CLOCK_NS_PER_S + (int64_t)((ntp & UINT32_MAX) * CLOCK_NS_PER_S >> 32);
}

static void take_rtcp(struct slot *slot, enum sdp_medium medium, const uint8_t *data, size_t len)
{
    struct rtcp_reader reader;
    struct rtcp_packet packet;

    rtcp_reader_init(&reader, data, len);
    while (rtcp_read(&reader, &packet) > 0) {
        if (packet.kind != RTCP_KIND_SR)
            continue;
        struct rtcp_sender_info info = rtcp_sr_info(&packet);
        if (medium == SDP_AUDIO && slot->voice)
            voice_report(slot->voice, info.timestamp, unix_from_ntp(info.ntp));
        if (medium == SDP_VIDEO && slot->picture)
            picture_report(slot->picture, info.timestamp, unix_from_ntp(info.ntp));
    }
}

void programme_take(struct programme *programme, const uint8_t head[static LOCAL_HEAD_BYTES],
                    const uint8_t *packet, size_t len, int64_t now_ns)
{
    if (head[0] == LOCAL_KEY_FRAME)
        programme_key_frame(programme);
    if (head[1] > LOCAL_VIDEO || head[2] >= STUDIO_SLOTS_MAX)
        return;
    enum sdp_medium medium = head[1] == LOCAL_VIDEO ? SDP_VIDEO : SDP_AUDIO;
    struct slot *slot = &programme->slots[head[2]];
    if (head[3] & LOCAL_FLAG_NEW)
        reset_slot(slot, medium);
    if (head[0] == LOCAL_RTP)
        take_rtp(slot, medium, packet, len, now_ns);
    else if (head[0] == LOCAL_RTCP)
        take_rtcp(slot, medium, packet, len);
}

/* ---- sound ---- */

/* The picture of the same person, when both are there. */
static const struct picture *partner_of_voice(const struct programme *programme, int number)
{
    const struct scene_tile *tile = tile_in_slot(&programme->scene, SDP_AUDIO, number);

    return tile && tile->video_slot != SCENE_NO_SLOT ? programme->slots[tile->video_slot].picture
                                                     : NULL;
}

static void turn_voices(struct programme *programme, int64_t now_ns)
{
    for (int i = 0; i < STUDIO_SLOTS_MAX; i++) {
        if (!programme->slots[i].voice)
            continue;
        const struct picture *partner = partner_of_voice(programme, i);
        voice_turn(programme->slots[i].voice,
                   &(const struct voice_pace){
                       .partner = partner ? picture_timeline(partner) : NULL,
                       .partner_late_ns = partner ? picture_late_ns(partner) : 0,
                       .epoch_ns = programme->epoch_ns,
                       .heard = programme->position,
                       .now_ns = now_ns,
                   });
    }
}

static void mix(struct programme *programme)
{
    float sound[SOUND_FRAME] = {0};
    float unheard[SOUND_FRAME] = {0};

    for (size_t i = 0; i < STUDIO_SLOTS_MAX; i++) {
        const struct slot *slot = &programme->slots[i];
        bool heard = programme->scene.card == SCENE_TILES && slot->whose[SDP_AUDIO] != NOBODY;
        if (slot->voice)
            voice_mix(slot->voice, programme->position, heard ? sound : unheard);
    }
    mixer_send(programme->mixer, sound, programme->position, programme->ops->send,
               programme->context);
    programme->position += SOUND_FRAME;
}

static void turn_sound(struct programme *programme, int64_t now_ns)
{
    int64_t now = sound_samples(now_ns - programme->epoch_ns);

    turn_voices(programme, now_ns);
    if (now - programme->position > sound_samples(behind_max_ns))
        programme->position = now - now % SOUND_FRAME;
    while (programme->position + SOUND_FRAME <= now)
        mix(programme);
}

/* ---- pictures ---- */

/* The sound of the same person, when both are there. */
static const struct voice *partner_of_picture(const struct programme *programme, int number)
{
    const struct scene_tile *tile = tile_in_slot(&programme->scene, SDP_VIDEO, number);

    return tile && tile->audio_slot != SCENE_NO_SLOT ? programme->slots[tile->audio_slot].voice
                                                     : NULL;
}

static void turn_pictures(struct programme *programme, int64_t now_ns)
{
    for (int i = 0; i < STUDIO_SLOTS_MAX; i++) {
        struct picture *picture = programme->slots[i].picture;
        if (!picture)
            continue;
        const struct voice *voice = partner_of_picture(programme, i);
        picture_turn(picture, voice ? voice_timeline(voice) : NULL,
                     playout_ns + (voice ? voice_late_ns(voice) : 0), now_ns);
        if (picture_wants_key_frame(picture, now_ns))
            programme->ops->ask_key_frame(programme->context, (uint8_t)i);
    }
}

static void show_tile(struct programme *programme, const struct scene_tile *tile,
                      const struct layout_tile *place, int64_t at_ns)
{
    struct picture *picture =
        tile->video_slot == SCENE_NO_SLOT ? NULL : programme->slots[tile->video_slot].picture;

    if (!picture)
        return;
    picture_resize(picture, place->picture.width, place->picture.height);
    picture_show(picture, at_ns, &programme->frame, place->picture);
}

static void compose(struct programme *programme, int64_t at_ns)
{
    int64_t wall_ms = clock_wall_ms();

    if (programme->background_s != wall_ms / CLOCK_MS_PER_S) {
        programme->background_s = wall_ms / CLOCK_MS_PER_S;
        programme->background =
            canvas_draw(programme->canvas, &programme->scene, &programme->layout, wall_ms);
    }
    yuv_copy(&programme->frame, programme->background);
    for (size_t i = 0; programme->scene.card == SCENE_TILES && i < programme->scene.tile_count; i++)
        show_tile(programme, &programme->scene.tiles[i], &programme->layout.tiles[i], at_ns);
}

static void ask_encoder(struct programme *programme, int64_t now_ns)
{
    if (!programme->key_wanted ||
        now_ns - programme->key_ns < STUDIO_KEY_FRAME_MS * (int64_t)CLOCK_NS_PER_MS)
        return;
    encoder_key_frame(programme->encoder);
    programme->key_wanted = false;
    programme->key_ns = now_ns;
}

static void turn_frame(struct programme *programme, int64_t now_ns)
{
    int64_t number = (now_ns - programme->epoch_ns) / frame_ns;
    int64_t at_ns = number * frame_ns;

    if (number < programme->next_frame)
        return;
    programme->next_frame = number + 1;
    /* What is seen half way through the time this picture stands. */
    compose(programme, programme->epoch_ns + at_ns + frame_ns / 2);
    ask_encoder(programme, now_ns);
    encoder_put(programme->encoder, &programme->frame, at_ns);
}

static uint32_t picture_time(int64_t ns)
{
    return (uint32_t)(ns / 1000 * (SDP_VP8_CLOCK / 1000) / 1000);
}

static void send_pictures(struct programme *programme)
{
    struct encoded encoded;

    while (encoder_take(programme->encoder, &encoded))
        packetizer_picture(&programme->pictures, encoded.data, encoded.len,
                           picture_time(encoded.at_ns), encoded.key, programme->ops->send,
                           programme->context);
}

void programme_key_frame(struct programme *programme)
{
    programme->key_wanted = true;
}

/* ---- turning ---- */

static void send_reports(struct programme *programme, int64_t now_ns)
{
    int64_t since_ns = now_ns - programme->epoch_ns;

    if (now_ns < programme->report_ns)
        return;
    programme->report_ns = now_ns + CLOCK_NS_PER_S;
    programme->ops->report(programme->context, SDP_AUDIO, mixer_packetizer(programme->mixer),
                           (uint32_t)sound_samples(since_ns));
    programme->ops->report(programme->context, SDP_VIDEO, &programme->pictures,
                           picture_time(since_ns));
}

void programme_turn(struct programme *programme, int64_t now_ns)
{
    turn_pictures(programme, now_ns);
    turn_sound(programme, now_ns);
    turn_frame(programme, now_ns);
    send_pictures(programme);
    send_reports(programme, now_ns);
}
