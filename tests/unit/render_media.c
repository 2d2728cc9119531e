#include "tests/unit/render_media.h"

#include <gst/app/gstappsink.h>
#include <gst/gst.h>
#include <gst/video/video.h>
#include <stdio.h>
#include <stdlib.h>

enum { JITTER_MS = 30, LOUD = 3000, BRIGHT = 128, PATH_SIZE = 1024 };

static void require(bool truth)
{
    if (!truth)
        abort();
}

/* Asked by the leak sanitizer: GLib lets go of its first tables on purpose, so that readers need no
 * lock. Nothing of the renderer's is allocated by GLib. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libglib-2.0.so";
}

/* ---- making ---- */

static GstElement *start(const char *text)
{
    GError *error = NULL;

    gst_init(NULL, NULL);
    GstElement *pipeline = gst_parse_launch(text, &error);
    require(pipeline && !error);
    require(gst_element_set_state(pipeline, GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE);
    return pipeline;
}

static void stop(GstElement *pipeline)
{
    gst_element_set_state(pipeline, GST_STATE_NULL);
    gst_object_unref(pipeline);
}

/* The next buffer of a sink, or NULL at the end. */
static GstSample *pull(GstElement *pipeline, const char *name)
{
    GstElement *sink = gst_bin_get_by_name(GST_BIN(pipeline), name);
    GstSample *sample = gst_app_sink_pull_sample(GST_APP_SINK(sink));

    gst_object_unref(sink);
    return sample;
}

/* Calls add for every encoded frame. */
static void encode(const char *text, void (*add)(void *context, const GstMapInfo *frame),
                   void *context)
{
    GstElement *pipeline = start(text);
    GstSample *sample;
    GstMapInfo map;

    while ((sample = pull(pipeline, "out"))) {
        require(gst_buffer_map(gst_sample_get_buffer(sample), &map, GST_MAP_READ));
        add(context, &map);
        gst_buffer_unmap(gst_sample_get_buffer(sample), &map);
        gst_sample_unref(sample);
    }
    stop(pipeline);
}

struct sender {
    struct scene *scene;
    struct scene_rtp rtp;
    int64_t first_ns;
    unsigned per_second;
    unsigned rate;
    unsigned count;
};

static void step(struct sender *sender)
{
    const int64_t hour_ns = 3600 * CLOCK_NS_PER_S; /* the sender's clock is so far behind */
    const int64_t epoch_ns = 1700000000 * CLOCK_NS_PER_S;

    sender->rtp.at_ns = sender->first_ns +
                        (int64_t)sender->count * CLOCK_NS_PER_S / sender->per_second +
                        RENDER_MS(sender->count * 7 % JITTER_MS);
    if (sender->count % sender->per_second == 0)
        scene_report(sender->scene, &sender->rtp,
                     epoch_ns - hour_ns +
                         (int64_t)sender->count * CLOCK_NS_PER_S / sender->per_second);
    sender->count++;
}

static void add_sound(void *context, const GstMapInfo *frame)
{
    struct sender *sender = context;

    step(sender);
    scene_add(sender->scene, &sender->rtp, frame->data, frame->size);
    sender->rtp.seq++;
    sender->rtp.timestamp += sender->rate / sender->per_second;
}

static void add_picture(void *context, const GstMapInfo *frame)
{
    struct sender *sender = context;

    step(sender);
    sender->rtp.seq = scene_frame(sender->scene, sender->rtp, frame->data, frame->size);
    sender->rtp.timestamp += sender->rate / sender->per_second;
}

void media_add(struct scene *scene, struct scene_rtp sound, struct scene_rtp picture,
               unsigned seconds, int64_t picture_late_ns)
{
    struct sender sounds = {scene, sound, sound.at_ns, 50, RENDER_AUDIO_RATE, 0};
    struct sender pictures = {
        scene, picture, picture.at_ns + picture_late_ns, MEDIA_FRAMES_PER_S, RENDER_VIDEO_RATE, 0};
    char text[PATH_SIZE];

    sounds.rtp.medium = RENDER_AUDIO;
    pictures.rtp.medium = RENDER_VIDEO;
    snprintf(text, sizeof(text),
             "audiotestsrc wave=ticks tick-interval=1000000000 samplesperbuffer=48 volume=0.8"
             " sine-periods-per-tick=40 freq=1000 num-buffers=%u"
             " ! audio/x-raw,rate=48000,channels=1 ! opusenc frame-size=20 ! appsink name=out"
             " sync=false",
             seconds * 1000 - 1);
    encode(text, add_sound, &sounds);
    /* Black for a second, white for a second: each change is a flash. The rate is made by repeating
     * the nearest, so the change is half-way between two. */
    snprintf(text, sizeof(text),
             "videotestsrc pattern=blink timestamp-offset=500000000 num-buffers=%u"
             " ! video/x-raw,format=I420,width=160,height=96,framerate=1/1"
             " ! videorate ! video/x-raw,framerate=%d/1"
             " ! vp8enc deadline=1 cpu-used=8 keyframe-max-dist=50 ! appsink name=out sync=false",
             seconds, MEDIA_FRAMES_PER_S);
    encode(text, add_picture, &pictures);
}

/* ---- watching ---- */

static void look(GstSample *sample, struct media_seen *seen, int *bright)
{
    GstBuffer *buffer = gst_sample_get_buffer(sample);
    GstVideoFrame frame;
    GstVideoInfo info;

    require(gst_video_info_from_caps(&info, gst_sample_get_caps(sample)));
    require(gst_video_frame_map(&frame, &info, buffer, GST_MAP_READ));
    const uint8_t *luma = GST_VIDEO_FRAME_PLANE_DATA(&frame, 0);
    int now =
        luma[GST_VIDEO_FRAME_PLANE_STRIDE(&frame, 0) * (info.height / 2) + info.width / 2] > BRIGHT;
    gst_video_frame_unmap(&frame);
    if (now != *bright && *bright >= 0 && seen->flash_count < MEDIA_MARKS_MAX)
        seen->flashes_ns[seen->flash_count++] = (int64_t)GST_BUFFER_PTS(buffer);
    *bright = now;
    seen->picture_end_ns = (int64_t)GST_BUFFER_PTS(buffer);
}

static void listen_to(GstSample *sample, struct media_seen *seen)
{
    GstBuffer *buffer = gst_sample_get_buffer(sample);
    GstMapInfo map;

    require(gst_buffer_map(buffer, &map, GST_MAP_READ));
    const int16_t *samples = (const int16_t *)(const void *)map.data;
    size_t count = map.size / sizeof(*samples);
    for (size_t i = 0; i < count; i++) {
        int64_t at_ns = (int64_t)GST_BUFFER_PTS(buffer) + (int64_t)i * 62500 / 3;
        bool fresh =
            !seen->beep_count || at_ns - seen->beeps_ns[seen->beep_count - 1] > RENDER_MS(500);
        if (samples[i] > LOUD && fresh && seen->beep_count < MEDIA_MARKS_MAX)
            seen->beeps_ns[seen->beep_count++] = at_ns;
    }
    seen->sound_end_ns = (int64_t)GST_BUFFER_PTS(buffer) + (int64_t)count * 62500 / 3;
    gst_buffer_unmap(buffer, &map);
}

static bool ended_well(GstElement *pipeline)
{
    GstBus *bus = gst_element_get_bus(pipeline);
    GstMessage *message = gst_bus_pop_filtered(bus, GST_MESSAGE_ERROR);
    bool well = !message;

    if (message)
        gst_message_unref(message);
    gst_object_unref(bus);
    return well;
}

struct media_seen media_watch(const char *path)
{
    struct media_seen seen = {0};
    char text[PATH_SIZE];
    GstSample *sample;
    gint64 said = 0;
    int bright = -1;

    snprintf(text, sizeof(text),
             "filesrc location=%s ! matroskademux name=demux"
             " demux.video_0 ! queue max-size-time=0 max-size-bytes=0 max-size-buffers=0"
             " ! vp8dec ! appsink name=pictures sync=false"
             " demux.audio_0 ! queue max-size-time=0 max-size-bytes=0 max-size-buffers=0"
             " ! opusdec plc=false ! audioconvert ! audio/x-raw,format=S16LE,channels=1"
             " ! appsink name=sounds sync=false",
             path);
    GstElement *pipeline = start(text);
    while ((sample = pull(pipeline, "pictures"))) {
        look(sample, &seen, &bright);
        gst_sample_unref(sample);
    }
    while ((sample = pull(pipeline, "sounds"))) {
        listen_to(sample, &seen);
        gst_sample_unref(sample);
    }
    require(gst_element_query_duration(pipeline, GST_FORMAT_TIME, &said));
    seen.said_ns = said;
    seen.whole = ended_well(pipeline);
    stop(pipeline);
    return seen;
}
