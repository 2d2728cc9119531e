/*
 * The studio of a stage: when it is needed, its legs at the relay, and what it is told. All it is
 * told follows from the state and is sent whole when it changes, and again whenever the studio
 * comes, so that a studio that was killed goes on where it was.
 */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "proto/codec.h"
#include "server/hearing/names.h"
#include "server/media/scene.h"
#include "server/media/stage_internal.h"

enum { SCENE_ARENA_MAX = 1 << 18 };

static const enum matrix_part PARTS[] = {MATRIX_PROGRAMME, MATRIX_GALLERY, MATRIX_RECORD};
enum { PARTS_COUNT = sizeof(PARTS) / sizeof(*PARTS) };

void programme_init(struct stage *stage)
{
    buf_init(&stage->programme.scene, STUDIO_REQUEST_MAX);
    stage->programme.told = ASSIZE__SIGNAL__V1__PROGRAMME_STATE__PROGRAMME_STATE_OFF;
}

void programme_done(struct stage *stage)
{
    buf_done(&stage->programme.scene);
}

/* ---- what is so ---- */

static const struct stage_leg *leg_of(const struct stage *stage, enum matrix_part part, bool media)
{
    return stage_newest_leg(stage, (struct stage_party){.part = part}, media);
}

static bool is_there(const struct stage *stage)
{
    return stage->options.studio &&
           studio_client_is_there(stage->options.studio, WARD_LIVE, stage->hearing);
}

/* Someone's device wishes it, and is connected. */
static bool some_device(const struct stage *stage, const bool wishes[HEARING_ENDPOINTS_MAX],
                        bool (*may)(const struct hearing *hearing, uint32_t endpoint))
{
    for (uint32_t i = 0; i < HEARING_ENDPOINTS_MAX; i++) {
        const struct stage_party device = {.part = MATRIX_DEVICE, .endpoint = i + 1};
        if (wishes[i] && may(&stage->state, i + 1) && may(&stage->shadow, i + 1) &&
            stage_newest_leg(stage, device, true))
            return true;
    }
    return false;
}

static bool may_use_feed(const struct hearing *hearing, uint32_t endpoint)
{
    return hearing_feed(hearing, endpoint) != HEARING_FLOW_NONE;
}

static bool someone_listens(const struct stage *stage)
{
    return some_device(stage, stage->listens, hearing_may_listen);
}

/* Whoever forgot to close a hearing and went home leaves nobody to be shown, and nobody to look. */
static bool someone_is_here(const struct stage *stage)
{
    for (size_t i = 0; i < STAGE_LEGS_MAX; i++) {
        const struct stage_leg *leg = &stage->legs[i];
        if (leg->leg && (leg->party.part == MATRIX_DEVICE || leg->party.part == MATRIX_VIEWER))
            return true;
    }
    return false;
}

static bool is_needed(const struct stage *stage)
{
    const struct hearing *hearing = &stage->shadow;
    bool recorded = stage->options.record_programme && hearing_programme_recorded(hearing);

    return ((recorded || hearing->gallery_open) && someone_is_here(stage)) ||
           some_device(stage, stage->thin, may_use_feed) || someone_listens(stage);
}

Assize__Signal__V1__ProgrammeState stage_programme_state(const struct stage *stage)
{
    const struct programme *programme = &stage->programme;

    if (programme->failed)
        return ASSIZE__SIGNAL__V1__PROGRAMME_STATE__PROGRAMME_STATE_FAILED;
    if (!programme->asked)
        return ASSIZE__SIGNAL__V1__PROGRAMME_STATE__PROGRAMME_STATE_OFF;
    return programme->feeds && leg_of(stage, MATRIX_PROGRAMME, true)
               ? ASSIZE__SIGNAL__V1__PROGRAMME_STATE__PROGRAMME_STATE_RUNNING
               : ASSIZE__SIGNAL__V1__PROGRAMME_STATE__PROGRAMME_STATE_STARTING;
}

bool stage_gallery_plays(const struct stage *stage)
{
    return hearing_gallery(&stage->state) && hearing_gallery(&stage->shadow) &&
           stage_programme_state(stage) ==
               ASSIZE__SIGNAL__V1__PROGRAMME_STATE__PROGRAMME_STATE_RUNNING &&
           leg_of(stage, MATRIX_GALLERY, true);
}

void programme_tell(struct stage *stage)
{
    struct programme *programme = &stage->programme;
    Assize__Signal__V1__ProgrammeState now = stage_programme_state(stage);
    bool plays = stage_gallery_plays(stage);

    if (programme->told == now && programme->told_gallery == plays)
        return;
    programme->told = now;
    programme->told_gallery = plays;
    stage->ops->programme_changed(stage->context);
}

static void end_miss(struct stage *stage)
{
    struct programme *programme = &stage->programme;

    if (programme->missed_ms)
        stage->ops->programme_missed(stage->context, programme->missed_ms, clock_wall_ms());
    programme->missed_ms = 0;
}

void programme_watch_record(struct stage *stage)
{
    struct programme *programme = &stage->programme;
    bool wanted = stage->options.record_programme && hearing_programme_recorded(&stage->state) &&
                  hearing_programme_recorded(&stage->shadow);
    bool there = leg_of(stage, MATRIX_PROGRAMME, true) != NULL;

    if (!wanted || there)
        end_miss(stage);
    else if (programme->on_record && !programme->missed_ms)
        programme->missed_ms = clock_wall_ms();
    programme->on_record = wanted && (there || programme->on_record);
}

/* ---- telling the studio ---- */

static void send_request(struct stage *stage, Assize__Media__V1__StudioRequest *request,
                         Assize__Media__V1__StudioRequest__BodyCase body)
{
    request->body_case = body;
    studio_client_send(stage->options.studio, WARD_LIVE, stage->hearing, request);
}

/* The legs, once the relay has all of them. */
static void send_setup(struct stage *stage)
{
    Assize__Media__V1__StudioRequest request = ASSIZE__MEDIA__V1__STUDIO_REQUEST__INIT;
    Assize__Media__V1__StudioSetup setup = ASSIZE__MEDIA__V1__STUDIO_SETUP__INIT;
    Assize__Media__V1__LocalLeg local[PARTS_COUNT];

    if (!stage->programme.setup_due || !is_there(stage))
        return;
    for (size_t i = 0; i < PARTS_COUNT; i++) {
        const struct stage_leg *leg = leg_of(stage, PARTS[i], false);
        if (!leg || leg->state == STAGE_LEG_STATE_OPENING)
            return;
        assize__media__v1__local_leg__init(&local[i]);
        local[i].has_leg = local[i].has_token = 1;
        local[i].leg = leg->leg;
        local[i].token.len = sizeof(leg->token);
        local[i].token.data = stage_find_leg(stage, leg->leg)->token;
    }
    setup.programme = &local[0];
    setup.gallery = &local[1];
    setup.record = &local[2];
    setup.has_high = 1;
    setup.high = stage->options.high;
    request.setup = &setup;
    send_request(stage, &request, ASSIZE__MEDIA__V1__STUDIO_REQUEST__BODY_SETUP);
    stage->programme.setup_due = false;
}

static bool is_new_scene(struct stage *stage, const Assize__Media__V1__Scene *scene)
{
    struct buf *last = &stage->programme.scene;
    struct buf packed;

    buf_init(&packed, STUDIO_REQUEST_MAX);
    bool is_new = codec_pack(&scene->base, &packed) == 0 &&
                  (packed.len != last->len || memcmp(packed.data, last->data, packed.len) != 0);
    if (is_new) {
        buf_clear(last);
        is_new = buf_append(last, packed.data, packed.len) == 0;
    }
    buf_done(&packed);
    return is_new;
}

static void send_scene(struct stage *stage)
{
    Assize__Media__V1__StudioRequest request = ASSIZE__MEDIA__V1__STUDIO_REQUEST__INIT;
    const struct stage_leg *leg = leg_of(stage, MATRIX_PROGRAMME, true);
    const struct scene_source source = {
        .state = &stage->state,
        .shadow = &stage->shadow,
        .names = stage->options.names,
        .matrix = &stage->sent,
        .leg = leg ? leg->leg : 0,
    };
    struct arena arena;

    arena_init(&arena, SCENE_ARENA_MAX);
    request.scene = scene_make(&source, &arena);
    if (!request.scene)
        log_error("scene.too_large", "hearing=%s", stage->hearing);
    else if (is_new_scene(stage, request.scene))
        send_request(stage, &request, ASSIZE__MEDIA__V1__STUDIO_REQUEST__BODY_SCENE);
    arena_done(&arena);
}

static void send_gallery(struct stage *stage)
{
    Assize__Media__V1__StudioRequest request = ASSIZE__MEDIA__V1__STUDIO_REQUEST__INIT;
    Assize__Media__V1__GalleryFeed gallery = ASSIZE__MEDIA__V1__GALLERY_FEED__INIT;

    gallery.has_open = gallery.has_delay_ms = 1;
    gallery.open = stage->programme.gallery_open;
    gallery.delay_ms = stage->programme.delay_s * (uint32_t)CLOCK_MS_PER_S;
    request.gallery = &gallery;
    send_request(stage, &request, ASSIZE__MEDIA__V1__STUDIO_REQUEST__BODY_GALLERY);
}

static void send_listening(struct stage *stage)
{
    Assize__Media__V1__StudioRequest request = ASSIZE__MEDIA__V1__STUDIO_REQUEST__INIT;
    Assize__Media__V1__Listening listening = ASSIZE__MEDIA__V1__LISTENING__INIT;

    listening.has_on = 1;
    listening.on = stage->programme.listening;
    request.listening = &listening;
    send_request(stage, &request, ASSIZE__MEDIA__V1__STUDIO_REQUEST__BODY_LISTENING);
}

void programme_show(struct stage *stage)
{
    struct programme *programme = &stage->programme;
    bool open = hearing_gallery(&stage->state) && hearing_gallery(&stage->shadow);
    uint32_t delay_s = stage->shadow.gallery_delay_s;
    bool listening = someone_listens(stage);

    if (!is_there(stage) || !stage->options.names || stage->applied != stage->epoch)
        return;
    send_scene(stage);
    if (programme->gallery_open != open || programme->delay_s != delay_s) {
        programme->gallery_open = open;
        programme->delay_s = delay_s;
        send_gallery(stage);
    }
    if (programme->listening != listening) {
        programme->listening = listening;
        send_listening(stage);
    }
}

/* ---- its legs ---- */

/* Of everybody, and one for what is shared. */
static uint32_t slots_for_all(const struct hearing *hearing)
{
    uint32_t count = 1;

    for (uint32_t i = 0; i < hearing->endpoint_count; i++)
        count += hearing_endpoint_sends(hearing, hearing->endpoints[i].id);
    return count < MATRIX_SLOTS_MAX ? count : MATRIX_SLOTS_MAX;
}

static void open_legs(struct stage *stage)
{
    for (size_t i = 0; stage->programme.asked && i < PARTS_COUNT; i++) {
        bool receives = PARTS[i] == MATRIX_PROGRAMME;
        if (leg_of(stage, PARTS[i], false))
            continue;
        stage->programme.setup_due = true;
        stage_open_local(stage, PARTS[i], receives ? slots_for_all(&stage->state) : 0);
    }
}

void programme_leg_changed(struct stage *stage, enum matrix_part part)
{
    (void)part;
    send_setup(stage);
    programme_tell(stage);
}

/* ---- when it runs ---- */

static void ask(struct stage *stage)
{
    stage->programme.asked = true;
    stage->programme.failed = false;
    stage->programme.retry_ms = 0;
    stage->programme.setup_due = true;
    studio_client_start(stage->options.studio, WARD_LIVE, stage->hearing);
    open_legs(stage);
}

static void close_legs(struct stage *stage)
{
    for (size_t i = 0; i < PARTS_COUNT; i++)
        stage_close_party(stage, (struct stage_party){.part = PARTS[i]}, 0);
}

static void dismiss(struct stage *stage)
{
    stage->programme.asked = stage->programme.feeds = false;
    studio_client_stop(stage->options.studio, WARD_LIVE, stage->hearing);
    close_legs(stage);
}

static void wait_for_need(struct programme *programme)
{
    if (!programme->unneeded_ms)
        programme->unneeded_ms = clock_monotonic_ms();
}

void programme_follow(struct stage *stage)
{
    struct programme *programme = &stage->programme;

    if (!stage->options.studio || !stage->options.names)
        return;
    bool needed = is_needed(stage);
    if (needed && !programme->needed)
        programme->failed = false; /* somebody wants it anew */
    programme->needed = needed;
    if (!needed) {
        wait_for_need(programme);
        return;
    }
    programme->unneeded_ms = 0;
    if (programme->asked)
        open_legs(stage);
    else if (!programme->failed)
        ask(stage);
}

void stage_tick(struct stage *stage, int64_t now_ms)
{
    struct programme *programme = &stage->programme;

    if (!programme->greeted && is_there(stage))
        stage_studio_there(stage); /* it came before the hearing was loaded */
    if (programme->asked && !programme->needed &&
        now_ms - programme->unneeded_ms >= STAGE_STUDIO_GRACE_MS)
        dismiss(stage);
    else if (!programme->asked && programme->needed && programme->retry_ms &&
             programme->retry_ms <= now_ms)
        ask(stage);
    else
        open_legs(stage);
    programme_tell(stage);
}

void programme_end(struct stage *stage)
{
    if (stage->programme.asked)
        dismiss(stage);
    stage->programme.needed = false;
    stage->options.names = NULL;
}

/* ---- what it and the supervisor say ---- */

/* It knows nothing yet. One that nobody here asked for, as after a restart, is taken when it is
 * needed and goes when it is not. */
void stage_studio_there(struct stage *stage)
{
    struct programme *programme = &stage->programme;

    if (!programme->needed)
        wait_for_need(programme);
    programme->asked = programme->greeted = true;
    programme->failed = false;
    programme->setup_due = true;
    /* After a restart of the server it is there already. */
    programme->feeds = leg_of(stage, MATRIX_PROGRAMME, true) != NULL;
    programme->gallery_open = false;
    programme->delay_s = 0;
    programme->listening = false;
    buf_clear(&programme->scene);
    open_legs(stage);
    send_setup(stage);
    send_gallery(stage);
    send_listening(stage);
    programme_show(stage);
    programme_tell(stage);
}

void stage_studio_report(struct stage *stage, const Assize__Media__V1__StudioReport *report)
{
    if (report->body_case == ASSIZE__MEDIA__V1__STUDIO_REPORT__BODY_PROGRAMME_ON) {
        log_info("studio.feeds", "hearing=%s first_frame_ms=%u", stage->hearing,
                 report->programme_on->first_frame_ms);
        stage->programme.feeds = true;
        programme_tell(stage);
    } else if (report->body_case == ASSIZE__MEDIA__V1__STUDIO_REPORT__BODY_WRITTEN_LEVELS) {
        stage->ops->record_levels(stage->context, report->written_levels);
    }
}

void stage_studio_gone(struct stage *stage)
{
    stage->programme.feeds = stage->programme.greeted = false;
    programme_tell(stage);
}

void stage_studio_told(struct stage *stage, enum ward_word word)
{
    struct programme *programme = &stage->programme;

    if (!programme->asked || is_there(stage))
        return; /* of an earlier one */
    programme->asked = programme->feeds = false;
    close_legs(stage);
    programme->retry_ms = clock_monotonic_ms();
    if (word != WARD_ENDED) {
        log_error("studio.failed", "hearing=%s word=%d", stage->hearing, (int)word);
        programme->failed = true;
        programme->retry_ms =
            word == WARD_REFUSED ? programme->retry_ms + STAGE_STUDIO_RETRY_MS : 0;
    }
    programme_tell(stage);
}
