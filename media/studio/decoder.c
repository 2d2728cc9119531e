#include "media/studio/decoder.h"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <gst/video/video.h>
#include <stdlib.h>

enum { WAITING_MAX = 8, CAPS_SIZE = 128 };

struct decoder {
    GstElement *pipeline;
    GstElement *source;
    GstElement *size; /* the capsfilter behind the scaler */
    GstElement *sink;
    GstBus *bus;
};

struct decoded {
    GstSample *sample;
    GstVideoFrame frame;
    struct yuv yuv;
};

static const char pipeline_text[] =
    "appsrc name=source format=time caps=video/x-vp8 block=false"
    " ! vp8dec threads=1 ! videoscale add-borders=true ! capsfilter name=size"
    " ! appsink name=sink sync=false max-buffers=8 drop=true";

static GstElement *child(struct decoder *decoder, const char *name)
{
    GstElement *element = gst_bin_get_by_name(GST_BIN(decoder->pipeline), name);

    if (!element)
        abort();
    return element;
}

struct decoder *decoder_new(int width, int height)
{
    struct decoder *decoder = calloc(1, sizeof(*decoder));

    if (!decoder)
        abort();
    decoder->pipeline = gst_parse_launch(pipeline_text, NULL);
    if (!decoder->pipeline)
        abort(); /* the plugins were loaded at the start */
    decoder->source = child(decoder, "source");
    decoder->size = child(decoder, "size");
    decoder->sink = child(decoder, "sink");
    decoder->bus = gst_element_get_bus(decoder->pipeline);
    decoder_resize(decoder, width, height);
    gst_element_set_state(decoder->pipeline, GST_STATE_PLAYING);
    return decoder;
}

void decoder_free(struct decoder *decoder)
{
    if (!decoder)
        return;
    gst_element_set_state(decoder->pipeline, GST_STATE_NULL);
    gst_object_unref(decoder->bus);
    gst_object_unref(decoder->sink);
    gst_object_unref(decoder->size);
    gst_object_unref(decoder->source);
    gst_object_unref(decoder->pipeline);
    free(decoder);
}

void decoder_resize(struct decoder *decoder, int width, int height)
{
    char text[CAPS_SIZE];

    g_snprintf(text, sizeof(text),
               "video/x-raw,format=I420,width=%d,height=%d,pixel-aspect-ratio=1/1", width, height);
    GstCaps *caps = gst_caps_from_string(text);
    g_object_set(decoder->size, "caps", caps, NULL);
    gst_caps_unref(caps);
}

bool decoder_put(struct decoder *decoder, const uint8_t *vp8, size_t len, uint64_t number)
{
    GstAppSrc *source = GST_APP_SRC(decoder->source);

    if (gst_app_src_get_current_level_buffers(source) >= WAITING_MAX)
        return false;
    GstBuffer *buffer = gst_buffer_new_memdup(vp8, len);
    GST_BUFFER_PTS(buffer) = number * GST_MSECOND; /* never jumps, as a sender's times may */
    return gst_app_src_push_buffer(source, buffer) == GST_FLOW_OK;
}

static struct decoded *open_sample(GstSample *sample)
{
    struct decoded *decoded = calloc(1, sizeof(*decoded));
    GstVideoInfo info;

    if (!decoded)
        abort();
    if (!gst_video_info_from_caps(&info, gst_sample_get_caps(sample)) ||
        !gst_video_frame_map(&decoded->frame, &info, gst_sample_get_buffer(sample), GST_MAP_READ)) {
        free(decoded);
        return NULL;
    }
    decoded->sample = sample;
    decoded->yuv.width = GST_VIDEO_FRAME_WIDTH(&decoded->frame);
    decoded->yuv.height = GST_VIDEO_FRAME_HEIGHT(&decoded->frame);
    for (int i = 0; i < YUV_PLANES; i++) {
        decoded->yuv.plane[i] = GST_VIDEO_FRAME_PLANE_DATA(&decoded->frame, i);
        decoded->yuv.stride[i] = GST_VIDEO_FRAME_PLANE_STRIDE(&decoded->frame, i);
    }
    return decoded;
}

struct decoded *decoder_take(struct decoder *decoder, uint64_t *ret_number)
{
    GstSample *sample = gst_app_sink_try_pull_sample(GST_APP_SINK(decoder->sink), 0);

    if (!sample)
        return NULL;
    *ret_number = GST_BUFFER_PTS(gst_sample_get_buffer(sample)) / GST_MSECOND;
    struct decoded *decoded = open_sample(sample);
    if (!decoded)
        gst_sample_unref(sample);
    return decoded;
}

bool decoder_failed(struct decoder *decoder)
{
    GstMessage *message;
    bool failed = false;

    while ((message = gst_bus_pop(decoder->bus))) {
        failed |= GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR;
        gst_message_unref(message);
    }
    return failed;
}

void decoded_free(struct decoded *decoded)
{
    if (!decoded)
        return;
    gst_video_frame_unmap(&decoded->frame);
    gst_sample_unref(decoded->sample);
    free(decoded);
}

const struct yuv *decoded_yuv(const struct decoded *decoded)
{
    return &decoded->yuv;
}
