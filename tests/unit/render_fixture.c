#include "tests/unit/render_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "media/journal/journal.h"
#include "media/rtp/rtcp.h"
#include "media/rtp/sdp.h"
#include "media/studio/render_black.h"

enum { PAYLOAD_MAX = 1100, SYNC_MS = 700 };

static void require_at(bool truth, const char *what, int line)
{
    if (truth)
        return;
    fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, line, what);
    abort();
}

#define require(truth) require_at((truth), #truth, __LINE__)

static void *grow(void *list, size_t count, size_t *cap, size_t size)
{
    if (count < *cap)
        return list;
    *cap = *cap ? *cap * 2 : 256;
    list = realloc(list, *cap * size);
    require(list);
    return list;
}

/* ---- a scene ---- */

void scene_done(struct scene *scene)
{
    free(scene->list);
    *scene = (struct scene){0};
}

static struct scene_packet *add(struct scene *scene, enum render_medium medium,
                                enum pcapng_kind kind, int64_t at_ns)
{
    scene->list = grow(scene->list, scene->count, &scene->cap, sizeof(*scene->list));
    struct scene_packet *packet = &scene->list[scene->count];
    packet->packet = (struct render_packet){.medium = medium, .kind = kind, .at_ns = at_ns};
    packet->number = scene->count++;
    return packet;
}

void scene_add(struct scene *scene, const struct scene_rtp *rtp, const void *payload, size_t len)
{
    struct scene_packet *packet = add(scene, rtp->medium, PCAPNG_RTP, rtp->at_ns);
    const struct rtp_element level = {SDP_EXTENSION_AUDIO_LEVEL, 1, &rtp->level};
    const struct rtp_header header = {
        .payload_type = rtp->medium == RENDER_AUDIO ? SDP_OPUS : SDP_VP8,
        .marker = rtp->marker,
        .seq = rtp->seq,
        .timestamp = rtp->timestamp,
        .ssrc = rtp->ssrc,
    };
    size_t head = rtp_write_header(packet->bytes, sizeof(packet->bytes), &header, &level,
                                   rtp->level != SCENE_NO_LEVEL);

    require(head && head + len <= sizeof(packet->bytes));
    if (len)
        memcpy(packet->bytes + head, payload, len);
    packet->packet.len = head + len;
}

void scene_report(struct scene *scene, const struct scene_rtp *rtp, int64_t sender_ns)
{
    struct scene_packet *packet = add(scene, rtp->medium, PCAPNG_RTCP, rtp->at_ns);
    const struct rtcp_sender_info info = {.ntp = rtcp_ntp_from_unix(sender_ns),
                                          .timestamp = rtp->timestamp};
    struct rtcp_writer writer;

    rtcp_writer_init(&writer, packet->bytes, sizeof(packet->bytes));
    require(rtcp_write_sr(&writer, rtp->ssrc, &info, NULL, 0) == 0);
    packet->packet.len = writer.len;
}

void scene_junk(struct scene *scene, enum render_medium medium, int64_t at_ns, const void *data,
                size_t len)
{
    struct scene_packet *packet = add(scene, medium, PCAPNG_RTP, at_ns);

    require(len && len <= sizeof(packet->bytes));
    memcpy(packet->bytes, data, len);
    packet->packet.len = len;
}

uint16_t scene_frame(struct scene *scene, struct scene_rtp rtp, const uint8_t *frame, size_t len)
{
    uint8_t payload[1 + PAYLOAD_MAX];
    size_t at = 0;

    rtp.medium = RENDER_VIDEO;
    rtp.level = SCENE_NO_LEVEL;
    do {
        size_t part = len - at < PAYLOAD_MAX ? len - at : PAYLOAD_MAX;
        payload[0] = at ? 0x00 : 0x10; /* RFC 7741: the S bit */
        memcpy(payload + 1, frame + at, part);
        at += part;
        rtp.marker = at == len;
        scene_add(scene, &rtp, payload, 1 + part);
        rtp.seq++;
    } while (at < len);
    return rtp.seq;
}

size_t scene_make_frame(bool key, unsigned number, uint8_t out[static 64])
{
    static const uint8_t size[] = {0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00};
    size_t head = key ? 10 : 3;
    const size_t partition = 20;

    for (size_t i = 0; i < 64; i++)
        out[i] = (uint8_t)(number * 31 + i);
    out[0] = (uint8_t)(partition << 5 | 0x10 | !key);
    out[1] = (uint8_t)(partition >> 3);
    out[2] = 0;
    if (key)
        memcpy(out + 3, size, sizeof(size));
    memset(out + head, 0, partition); /* no option of the header is on */
    return head + partition + 1 + number % 20;
}

struct scene_rtp scene_sound(struct scene *scene, struct scene_rtp from, size_t count)
{
    uint8_t packet[40];

    from.medium = RENDER_AUDIO;
    for (size_t i = 0; i < count; i++) {
        memset(packet, (int)(from.seq & 0xff), sizeof(packet));
        packet[0] = 31 << 3; /* CELT, 20 ms */
        scene_add(scene, &from, packet, sizeof(packet));
        from.seq++;
        from.timestamp += RENDER_AUDIO_RATE / 50;
        from.at_ns += RENDER_MS(20);
    }
    return from;
}

struct scene_rtp scene_pictures(struct scene *scene, struct scene_rtp from, size_t count,
                                unsigned per_second, size_t key_every)
{
    uint8_t frame[64];

    for (size_t i = 0; i < count; i++) {
        size_t len = scene_make_frame(i % key_every == 0, from.seq, frame);
        from.seq = scene_frame(scene, from, frame, len);
        from.timestamp += RENDER_VIDEO_RATE / per_second;
        from.at_ns += CLOCK_NS_PER_S / per_second;
    }
    return from;
}

static int by_arrival(const void *left, const void *right)
{
    const struct scene_packet *a = left;
    const struct scene_packet *b = right;

    if (a->packet.at_ns != b->packet.at_ns)
        return a->packet.at_ns < b->packet.at_ns ? -1 : 1;
    return a->number < b->number ? -1 : 1;
}

void scene_sort(struct scene *scene)
{
    if (scene->count)
        qsort(scene->list, scene->count, sizeof(*scene->list), by_arrival);
    for (size_t i = 0; i < scene->count; i++)
        scene->list[i].packet.data = scene->list[i].bytes;
}

/* ---- what is shown ---- */

static int take_block(void *context, const struct render_block *block)
{
    struct shown *shown = context;

    shown->list = grow(shown->list, shown->count, &shown->cap, sizeof(*shown->list));
    struct shown_block *kept = &shown->list[shown->count++];
    *kept = (struct shown_block){
        .medium = block->medium, .time_ns = block->time_ns, .key = block->key, .len = block->len};
    kept->black = block->medium == RENDER_VIDEO && block->len == sizeof(render_black) &&
                  memcmp(block->data, render_black, sizeof(render_black)) == 0;
    memcpy(kept->data, block->data, block->len < 64 ? block->len : 64);
    return 0;
}

/* Takes what the mix has gathered. */
static void keep_rest(struct shown *shown, struct render_mix *mix)
{
    shown->counts[RENDER_AUDIO] = mix->sound.counts;
    shown->counts[RENDER_VIDEO] = mix->picture.counts;
    shown->gaps = mix->gaps.list;
    shown->gap_count = mix->gaps.count;
    shown->levels = mix->sound.levels;
    shown->level_count = mix->sound.level_count;
    mix->gaps = (struct render_gaps){0};
    mix->sound.levels = NULL;
}

struct shown scene_show(const struct scene *scene, int64_t duration_ns)
{
    struct render_survey *survey = render_survey_new();
    struct shown shown = {0};
    struct render_mix mix;

    for (size_t i = 0; i < scene->count; i++)
        render_survey_take(survey, &scene->list[i].packet);
    render_mix_init(&mix, survey, duration_ns, take_block, &shown);
    for (size_t i = 0; i < scene->count; i++)
        require(render_mix_take(&mix, &scene->list[i].packet) == 0);
    require(render_mix_end(&mix) == 0);
    keep_rest(&shown, &mix);
    render_mix_done(&mix);
    render_survey_free(survey);
    return shown;
}

void shown_done(struct shown *shown)
{
    free(shown->list);
    free(shown->gaps);
    free(shown->levels);
    *shown = (struct shown){0};
}

void shown_check(const struct shown *shown, int64_t duration_ns)
{
    int64_t picture_ns = -1;
    int64_t samples = 0;
    int64_t last_ns = 0;

    for (size_t i = 0; i < shown->count; i++) {
        const struct shown_block *block = &shown->list[i];
        require(block->time_ns >= last_ns && block->time_ns < duration_ns + RENDER_MS(120));
        last_ns = block->time_ns;
        if (block->medium == RENDER_AUDIO) {
            /* The line is counted in samples: where one ends the next begins. */
            int64_t wanted_ns = samples * 62500 / 3;
            require(block->time_ns == wanted_ns);
            samples += (int64_t)render_opus_samples(block->data, block->len);
            continue;
        }
        require(picture_ns >= 0 || (block->key && block->time_ns == 0));
        require(picture_ns < 0 || block->time_ns - picture_ns <= RENDER_MS(RENDER_BLACK_MS));
        require(block->time_ns / CLOCK_NS_PER_MS > picture_ns / CLOCK_NS_PER_MS || picture_ns < 0);
        picture_ns = block->time_ns;
    }
    int64_t sound_ns = samples * 62500 / 3;
    require(sound_ns > duration_ns - RENDER_MS(3) && sound_ns < duration_ns + RENDER_MS(120));
    require(duration_ns - picture_ns <= RENDER_MS(RENDER_BLACK_MS));
}

/* ---- a journal ---- */

void scene_record(const struct scene *scene, int record, const char *hearing, const char *group,
                  int64_t start_ns)
{
    static const char *const tracks[] = {"audio", "video"};
    const struct journal_config config = {record, hearing, group, "boot-1", tracks, 2};
    struct journal *journal = NULL;
    int64_t synced_ns = 0;
    int64_t at_ns = 0;

    require(journal_new(&config, &journal) == 0);
    for (size_t i = 0; i < scene->count; i++) {
        const struct render_packet *packet = &scene->list[i].packet;
        at_ns = packet->at_ns;
        if (at_ns - synced_ns >= RENDER_MS(SYNC_MS)) {
            require(journal_sync(journal, start_ns + at_ns) == 0);
            synced_ns = at_ns;
        }
        const struct pcapng_packet on_record = {.track = (size_t)packet->medium,
                                                .kind = packet->kind,
                                                .wall_ns = start_ns + at_ns,
                                                .data = packet->data,
                                                .len = packet->len};
        require(journal_append(journal, &on_record, CLOCK_NS_PER_S + at_ns) == 0);
    }
    require(journal_end(journal, start_ns + at_ns) == 0);
    journal_free(journal);
}
