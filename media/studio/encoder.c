#include "media/studio/encoder.h"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/video/video.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"

/* One thread: those of libvpx wait for each other by yielding, and stand still on a busy machine.
 */
enum { WAITING_MAX = 3, TEXT_SIZE = 640 };

static const int64_t stuck_ns = 3 * CLOCK_NS_PER_S;

struct encoder {
    struct encoder_options options;
    GstElement *pipeline;
    GstElement *source;
    GstElement *sink;
    GstBus *bus;
    GstSample *sample; /* what was handed out last */
    GstMapInfo map;
    int64_t put_ns; /* when the first went in that nothing came out for; below zero: none */
};

static void start(struct encoder *encoder)
{
    const struct encoder_options *o = &encoder->options;
    char text[TEXT_SIZE];

    g_snprintf(text, sizeof(text),
               "appsrc name=source format=time block=false"
               " caps=video/x-raw,format=I420,width=%d,height=%d,framerate=%d/1,colorimetry=bt601"
               " ! vp8enc name=encoder deadline=1 cpu-used=8 threads=1 end-usage=cbr"
               " target-bitrate=%d keyframe-max-dist=%d lag-in-frames=0 auto-alt-ref=false"
               " min-quantizer=4 max-quantizer=50 buffer-size=600 buffer-initial-size=300"
               " buffer-optimal-size=400 static-threshold=100"
               " ! appsink name=sink sync=false max-buffers=32",
               o->width, o->height, o->frames_per_s, o->bits_per_s, o->key_frame_max);
    encoder->pipeline = gst_parse_launch(text, NULL);
    if (!encoder->pipeline)
        abort(); /* the plugins were loaded at the start */
    encoder->source = gst_bin_get_by_name(GST_BIN(encoder->pipeline), "source");
    encoder->sink = gst_bin_get_by_name(GST_BIN(encoder->pipeline), "sink");
    encoder->bus = gst_element_get_bus(encoder->pipeline);
    encoder->put_ns = -1;
    gst_element_set_state(encoder->pipeline, GST_STATE_PLAYING);
}

static void drop_sample(struct encoder *encoder)
{
    if (!encoder->sample)
        return;
    gst_buffer_unmap(gst_sample_get_buffer(encoder->sample), &encoder->map);
    gst_sample_unref(encoder->sample);
    encoder->sample = NULL;
}

static void stop(struct encoder *encoder)
{
    drop_sample(encoder);
    gst_element_set_state(encoder->pipeline, GST_STATE_NULL);
    gst_object_unref(encoder->bus);
    gst_object_unref(encoder->sink);
    gst_object_unref(encoder->source);
    gst_object_unref(encoder->pipeline);
}

struct encoder *encoder_new(const struct encoder_options *options)
{
    struct encoder *encoder = calloc(1, sizeof(*encoder));

    if (!encoder)
        abort();
    encoder->options = *options;
    start(encoder);
    return encoder;
}

void encoder_free(struct encoder *encoder)
{
    if (!encoder)
        return;
    stop(encoder);
    free(encoder);
}

static bool has_failed(struct encoder *encoder, int64_t at_ns)
{
    GstMessage *message;
    bool failed = encoder->put_ns >= 0 && at_ns - encoder->put_ns > stuck_ns;

    while ((message = gst_bus_pop(encoder->bus))) {
        failed |= GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR;
        gst_message_unref(message);
    }
    return failed;
}

void encoder_put(struct encoder *encoder, const struct yuv *yuv, int64_t at_ns)
{
    if (has_failed(encoder, at_ns)) {
        log_warn("programme.encoder_again", "at_ms=%lld", (long long)(at_ns / CLOCK_NS_PER_MS));
        stop(encoder);
        start(encoder);
    }
    GstAppSrc *source = GST_APP_SRC(encoder->source);
    if (gst_app_src_get_current_level_buffers(source) >= WAITING_MAX)
        return;
    GstBuffer *buffer = gst_buffer_new_allocate(NULL, yuv_bytes(yuv), NULL);
    GstMapInfo map;
    if (!buffer || !gst_buffer_map(buffer, &map, GST_MAP_WRITE))
        abort();
    yuv_write(yuv, map.data);
    gst_buffer_unmap(buffer, &map);
    GST_BUFFER_PTS(buffer) = (GstClockTime)at_ns;
    gst_app_src_push_buffer(source, buffer);
    if (encoder->put_ns < 0)
        encoder->put_ns = at_ns;
}

void encoder_key_frame(struct encoder *encoder)
{
    gst_element_send_event(encoder->source, gst_video_event_new_downstream_force_key_unit(
                                                GST_CLOCK_TIME_NONE, GST_CLOCK_TIME_NONE,
                                                GST_CLOCK_TIME_NONE, FALSE, 0));
}

bool encoder_take(struct encoder *encoder, struct encoded *ret_encoded)
{
    drop_sample(encoder);
    GstSample *sample = gst_app_sink_try_pull_sample(GST_APP_SINK(encoder->sink), 0);
    if (!sample)
        return false;
    GstBuffer *buffer = gst_sample_get_buffer(sample);
    if (!gst_buffer_map(buffer, &encoder->map, GST_MAP_READ))
        abort();
    encoder->sample = sample;
    encoder->put_ns = -1;
    *ret_encoded = (struct encoded){
        .data = encoder->map.data,
        .len = encoder->map.size,
        .key = !GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT),
        .at_ns = (int64_t)GST_BUFFER_PTS(buffer),
    };
    return true;
}
