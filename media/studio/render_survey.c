#include "media/studio/render_survey.h"

#include <stdlib.h>

#include "media/rtp/rtcp.h"
#include "media/rtp/sdp.h"
#include "media/rtp/vp8.h"

#define BREAK_NS      RENDER_MS(2000) /* of silence or of a jump: another run */
#define BIN_NS        RENDER_MS(8000) /* in which the least delay is looked for */
#define REPORT_NS     RENDER_MS(500)  /* reports that come faster are not all kept */
#define STEP_NS       RENDER_MS(50)   /* no drift between two reports: the sender's clock was set */
#define SKEW_MAX_NS   RENDER_MS(2000) /* two paths that differ more are of two clocks */
#define NTP_TO_UNIX_S INT64_C(2208988800)

enum {
    SEQ_BACK_MAX = 1000, /* a packet that comes later than so many after it is another run's */
    SEQ_AHEAD_MAX = 3000,
    SEQ_FIRST = 1 << 20, /* so that none is negative */
    BINS_ASIDE = 1,      /* looked at on either side */
};

#define NO_DELAY INT64_MAX

/* A sender report: what the sender's clock said beyond the media's time. */
struct report {
    int64_t at_ns;
    int64_t offset_ns;
};

struct run {
    uint32_t ssrc;
    int64_t first_bin;
    int64_t *delays; /* the least of each bin, NO_DELAY when nothing came in */
    size_t delay_count;
    size_t delay_cap;
    struct report *reports; /* steps of the sender's clock are taken out */
    size_t report_count;
    size_t report_cap;
};

struct track {
    struct render_tracker tracker;
    struct run *runs;
    size_t run_count;
    size_t run_cap;
    int64_t step_ns; /* of the sender's clock since the run's first report */
};

struct render_survey {
    struct track tracks[RENDER_MEDIA];
    uint16_t width;
    uint16_t height;
};

static void *grow(void *list, size_t count, size_t *cap, size_t size)
{
    if (count < *cap)
        return list;
    *cap = *cap ? *cap * 2 : 8;
    list = realloc(list, *cap * size);
    if (!list)
        abort();
    return list;
}

/* ---- places ---- */

void render_tracker_init(struct render_tracker *tracker, enum render_medium medium)
{
    *tracker = (struct render_tracker){
        .rate = medium == RENDER_AUDIO ? RENDER_AUDIO_RATE : RENDER_VIDEO_RATE,
    };
}

static int64_t ticks_to_ns(const struct render_tracker *tracker, int64_t ticks)
{
    return ticks / tracker->rate * CLOCK_NS_PER_S +
           ticks % tracker->rate * CLOCK_NS_PER_S / tracker->rate;
}

/* Whether a packet goes on where the run's highest was. */
static bool goes_on(const struct render_tracker *tracker, const struct rtp_header *header,
                    int64_t at_ns)
{
    int64_t elapsed_ns = at_ns - tracker->at_ns;
    int32_t ticks = (int32_t)(header->timestamp - tracker->timestamp);
    int64_t drift_ns = ticks_to_ns(tracker, ticks) - elapsed_ns;
    int16_t ahead = (int16_t)(uint16_t)(header->seq - (uint16_t)tracker->seq);

    return tracker->runs && header->ssrc == tracker->ssrc && elapsed_ns >= 0 &&
           elapsed_ns <= BREAK_NS && drift_ns <= BREAK_NS && drift_ns >= -BREAK_NS &&
           ahead >= -SEQ_BACK_MAX && ahead <= SEQ_AHEAD_MAX;
}

bool render_tracker_place(struct render_tracker *tracker, const struct rtp_header *header,
                          int64_t at_ns, struct render_place *ret_place)
{
    if (!goes_on(tracker, header, at_ns)) {
        if (tracker->runs == RENDER_RUNS_MAX)
            return false;
        tracker->runs++;
        tracker->ssrc = header->ssrc;
        tracker->seq = SEQ_FIRST + header->seq;
        tracker->ticks = 0;
        tracker->timestamp = header->timestamp;
    }
    int64_t seq = tracker->seq + (int16_t)(uint16_t)(header->seq - (uint16_t)tracker->seq);
    int64_t ticks = tracker->ticks + (int32_t)(header->timestamp - tracker->timestamp);
    if (seq > tracker->seq) {
        tracker->seq = seq;
        tracker->ticks = ticks;
        tracker->timestamp = header->timestamp;
    }
    tracker->at_ns = at_ns;
    *ret_place = (struct render_place){tracker->runs - 1, seq, ticks_to_ns(tracker, ticks)};
    return true;
}

bool render_read_header(const struct render_packet *packet, struct rtp_header *ret_header,
                        const uint8_t **ret_payload, size_t *ret_len)
{
    if (rtp_parse_header(packet->data, packet->len, ret_header) ||
        ret_header->payload_type != (packet->medium == RENDER_AUDIO ? SDP_OPUS : SDP_VP8) ||
        rtp_payload_len(packet->data, packet->len, ret_header, ret_len))
        return false;
    *ret_payload = packet->data + ret_header->len;
    return true;
}

/* ---- the first look ---- */

struct render_survey *render_survey_new(void)
{
    struct render_survey *survey = calloc(1, sizeof(*survey));

    if (!survey)
        abort();
    for (int medium = 0; medium < RENDER_MEDIA; medium++)
        render_tracker_init(&survey->tracks[medium].tracker, (enum render_medium)medium);
    return survey;
}

void render_survey_free(struct render_survey *survey)
{
    if (!survey)
        return;
    for (int medium = 0; medium < RENDER_MEDIA; medium++) {
        struct track *track = &survey->tracks[medium];
        for (size_t i = 0; i < track->run_count; i++) {
            free(track->runs[i].delays);
            free(track->runs[i].reports);
        }
        free(track->runs);
    }
    free(survey);
}

static struct run *run_at(struct track *track, size_t index, uint32_t ssrc, int64_t at_ns)
{
    if (index == track->run_count) {
        track->runs = grow(track->runs, index, &track->run_cap, sizeof(*track->runs));
        track->runs[track->run_count++] = (struct run){.ssrc = ssrc, .first_bin = at_ns / BIN_NS};
    }
    return &track->runs[index];
}

static void note_delay(struct run *run, int64_t at_ns, int64_t delay_ns)
{
    int64_t bin = at_ns / BIN_NS - run->first_bin;

    if (bin < 0)
        return;
    while (run->delay_count <= (size_t)bin) {
        run->delays = grow(run->delays, run->delay_count, &run->delay_cap, sizeof(*run->delays));
        run->delays[run->delay_count++] = NO_DELAY;
    }
    if (delay_ns < run->delays[bin])
        run->delays[bin] = delay_ns;
}

static void note_size(struct render_survey *survey, const uint8_t *payload, size_t len)
{
    struct vp8_payload vp8;

    if (survey->width || vp8_parse(payload, len, &vp8) || !vp8.key_frame)
        return;
    survey->width = vp8.width;
    survey->height = vp8.height;
}

static void take_rtp(struct render_survey *survey, const struct render_packet *packet)
{
    struct track *track = &survey->tracks[packet->medium];
    struct rtp_header header;
    struct render_place place;
    const uint8_t *payload;
    size_t len;

    if (!render_read_header(packet, &header, &payload, &len) ||
        !render_tracker_place(&track->tracker, &header, packet->at_ns, &place))
        return;
    note_delay(run_at(track, place.run, header.ssrc, packet->at_ns), packet->at_ns,
               packet->at_ns - place.media_ns);
    if (packet->medium == RENDER_VIDEO)
        note_size(survey, payload, len);
}

static void note_report(struct run *run, int64_t at_ns, int64_t offset_ns)
{
    const struct report *last = run->report_count ? &run->reports[run->report_count - 1] : NULL;

    if (last && at_ns - last->at_ns < REPORT_NS)
        return;
    run->reports = grow(run->reports, run->report_count, &run->report_cap, sizeof(*run->reports));
    run->reports[run->report_count++] = (struct report){at_ns, offset_ns};
}

/* A step of the sender's clock moves sound and picture alike: it is taken out of both. */
static int64_t without_step(struct track *track, const struct run *run, int64_t offset_ns)
{
    if (!run->report_count) {
        track->step_ns = 0;
        return offset_ns;
    }
    int64_t last_ns = run->reports[run->report_count - 1].offset_ns;
    int64_t moved_ns = offset_ns - track->step_ns - last_ns;
    if (moved_ns > STEP_NS || moved_ns < -STEP_NS)
        track->step_ns += moved_ns;
    return offset_ns - track->step_ns;
}

/* The relay puts a compound on record when it begins with a sender report. */
static void take_rtcp(struct render_survey *survey, const struct render_packet *packet)
{
    struct track *track = &survey->tracks[packet->medium];
    struct rtcp_reader reader;
    struct rtcp_packet report;

    rtcp_reader_init(&reader, packet->data, packet->len);
    if (rtcp_read(&reader, &report) <= 0 || report.kind != RTCP_KIND_SR || !track->run_count ||
        report.sender != track->tracker.ssrc)
        return;
    const struct rtcp_sender_info info = rtcp_sr_info(&report);
    const struct render_tracker *tracker = &track->tracker;
    int64_t ticks = tracker->ticks + (int32_t)(info.timestamp - tracker->timestamp);
    int64_t ntp_ns = ((int64_t)(info.ntp >> 32) - NTP_TO_UNIX_S) * CLOCK_NS_PER_S +
                     (int64_t)(((info.ntp & UINT32_MAX) * (uint64_t)CLOCK_NS_PER_S) >> 32);
    struct run *run = &track->runs[track->run_count - 1];
    int64_t offset_ns = ntp_ns - ticks_to_ns(tracker, ticks);
    note_report(run, packet->at_ns, without_step(track, run, offset_ns));
}

void render_survey_take(struct render_survey *survey, const struct render_packet *packet)
{
    if (packet->kind == PCAPNG_RTP)
        take_rtp(survey, packet);
    else
        take_rtcp(survey, packet);
}

/* ---- what it found ---- */

/* The least delay around a time; NO_DELAY when the run has nothing there. */
static int64_t least_delay(const struct run *run, int64_t at_ns)
{
    int64_t bin = at_ns / BIN_NS - run->first_bin;
    int64_t least = NO_DELAY;

    for (int64_t i = bin - BINS_ASIDE; i <= bin + BINS_ASIDE; i++) {
        if (i >= 0 && i < (int64_t)run->delay_count && run->delays[i] < least)
            least = run->delays[i];
    }
    return least;
}

/* The sender's clock by the report nearest to a time. */
static bool find_offset(const struct run *run, int64_t at_ns, int64_t *ret_offset_ns)
{
    size_t low = 0;
    size_t high = run->report_count;

    if (!run->report_count)
        return false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (run->reports[middle].at_ns < at_ns)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == run->report_count ||
        (low && at_ns - run->reports[low - 1].at_ns < run->reports[low].at_ns - at_ns))
        low--;
    *ret_offset_ns = run->reports[low].offset_ns;
    return true;
}

/* The last run of a track that began before the end of a bin and was on in it. */
static const struct run *find_run(const struct track *track, int64_t at_ns)
{
    size_t low = 0;
    size_t high = track->run_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (track->runs[middle].first_bin <= at_ns / BIN_NS)
            low = middle + 1;
        else
            high = middle;
    }
    return low && least_delay(&track->runs[low - 1], at_ns) != NO_DELAY ? &track->runs[low - 1]
                                                                        : NULL;
}

int64_t render_survey_time(const struct render_survey *survey, enum render_medium medium,
                           const struct render_place *place, int64_t at_ns)
{
    const struct run *own = &survey->tracks[medium].runs[place->run];
    const struct run *other =
        find_run(&survey->tracks[medium == RENDER_AUDIO ? RENDER_VIDEO : RENDER_AUDIO], at_ns);
    int64_t delay_ns = least_delay(own, at_ns);
    int64_t time_ns = place->media_ns + delay_ns;
    int64_t own_offset_ns;
    int64_t other_offset_ns;

    if (!other || !find_offset(own, at_ns, &own_offset_ns) ||
        !find_offset(other, at_ns, &other_offset_ns))
        return time_ns;
    int64_t skew_ns = (delay_ns - own_offset_ns) - (least_delay(other, at_ns) - other_offset_ns);
    return skew_ns > 0 && skew_ns < SKEW_MAX_NS ? time_ns - skew_ns : time_ns;
}

void render_survey_size(const struct render_survey *survey, uint16_t *ret_width,
                        uint16_t *ret_height)
{
    *ret_width = survey->width;
    *ret_height = survey->height;
}
