#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "db/hearing_store.h"
#include "db/minutes_store.h"
#include "db/procedure_store.h"
#include "proto/codec.h"
#include "server/hearing/hearing.h"
#include "server/hearing/names.h"
#include "server/hearing/procedure.h"
#include "server/recording/recording_internal.h"

/* ---- what the database knows ---- */

static char *copy(struct ask *ask, const char *text)
{
    char *made = arena_copy(&ask->arena, text, strlen(text));

    if (!made)
        abort(); /* a roster is far below the arena's cap */
    return made;
}

static void *make(struct ask *ask, size_t count, size_t size)
{
    void *made = arena_alloc(&ask->arena, count * size + 1);

    if (!made)
        abort();
    return made;
}

static uint32_t site_of(const struct hearing_record *record, uint32_t endpoint)
{
    for (size_t i = 0; i < record->endpoint_count; i++) {
        if (record->endpoints[i].id == endpoint)
            return record->endpoints[i].site;
    }
    return 0;
}

static void fill_people(struct ask *ask, const struct hearing_record *record)
{
    Assize__Record__V1__Recording *recording = &ask->recording;
    size_t count = record->participant_count;
    Assize__Record__V1__RecordedPerson *people = make(ask, count, sizeof(*people));

    recording->people = make(ask, count, sizeof(*recording->people));
    recording->n_people = count;
    for (size_t i = 0; i < count; i++) {
        const struct hearing_store_participant *from = &record->participants[i];
        Assize__Record__V1__RecordedPerson *person = recording->people[i] = &people[i];
        assize__record__v1__recorded_person__init(person);
        person->has_participant = person->has_role = person->has_endpoint = person->has_site = true;
        person->participant = from->id;
        person->role = from->role;
        person->endpoint = from->endpoint;
        person->site = site_of(record, from->endpoint);
        person->name = copy(ask, from->name);
    }
}

static void fill_sites(struct ask *ask, const struct hearing_record *record)
{
    Assize__Record__V1__Recording *recording = &ask->recording;
    Assize__Record__V1__RecordedSite *sites = make(ask, record->site_count, sizeof(*sites));

    recording->sites = make(ask, record->site_count, sizeof(*recording->sites));
    recording->n_sites = record->site_count;
    for (size_t i = 0; i < record->site_count; i++) {
        assize__record__v1__recorded_site__init(&sites[i]);
        sites[i].has_id = true;
        sites[i].id = record->sites[i].id;
        sites[i].name = copy(ask, record->sites[i].name);
        recording->sites[i] = &sites[i];
    }
}

/* What someone who watches may want to go to, or to know of what they see. */
static bool is_of_interest(const Assize__Hearing__V1__Event *event)
{
    static const Assize__Hearing__V1__Event__BodyCase kinds[] = {
        HEARING_EVENT(STARTED),
        HEARING_EVENT(PHASE_ENTERED),
        HEARING_EVENT(RECESSED),
        HEARING_EVENT(RESUMED),
        HEARING_EVENT(SUSPENDED),
        HEARING_EVENT(CLOSED),
        HEARING_EVENT(ADJOURNED),
        HEARING_EVENT(DELIBERATION_BEGUN),
        HEARING_EVENT(PAUSED),
        HEARING_EVENT(RULE_OVERRIDDEN),
        HEARING_EVENT(WITNESS_CALLED),
        HEARING_EVENT(UNDERTAKING_GIVEN),
        HEARING_EVENT(WITNESS_RELEASED),
        HEARING_EVENT(SHARE_STARTED),
        HEARING_EVENT(SHARE_STOPPED),
        HEARING_EVENT(ADMITTED),
        HEARING_EVENT(SENT_BACK),
        HEARING_EVENT(LEFT),
        HEARING_EVENT(FLOOR_GRANTED),
        HEARING_EVENT(FLOOR_TAKEN_BACK),
        HEARING_EVENT(CLOCK_JUMPED),
        HEARING_EVENT(ENDPOINT_LINK_LOST),
        HEARING_EVENT(RECORD_ON),
        HEARING_EVENT(ENDPOINT_LINK_RESTORED),
        HEARING_EVENT(RECORD_OFF),
        HEARING_EVENT(RECORD_GAP),
        HEARING_EVENT(WENT_PRIVATE),
        HEARING_EVENT(WENT_PUBLIC),
        HEARING_EVENT(GALLERY_OPENED),
        HEARING_EVENT(GALLERY_CLOSED),
        HEARING_EVENT(GALLERY_DELAY_SET),
    };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (event->body_case == kinds[i])
            return true;
    }
    return false;
}

static bool begins_record(const Assize__Hearing__V1__Event *event)
{
    return event->body_case == HEARING_EVENT(STARTED) ||
           event->body_case == HEARING_EVENT(RESUMED) ||
           event->body_case == HEARING_EVENT(RECORD_ON);
}

/* -EBADMSG when the events are none of a hearing. */
static int fill_events(struct ask *ask, const struct hearing_record *record)
{
    Assize__Record__V1__Recording *recording = &ask->recording;
    struct hearing hearing;

    hearing_init(&hearing, NULL);
    recording->events = make(ask, record->event_count, sizeof(*recording->events));
    for (size_t i = 0; i < record->event_count; i++) {
        Assize__Hearing__V1__Event *event =
            codec_unpack(&assize__hearing__v1__event__descriptor, &ask->arena,
                         record->events[i].body, record->events[i].len);
        if (!event || hearing_apply(&hearing, event))
            return -EBADMSG;
        if (event->body_case == HEARING_EVENT(OPENED))
            ask->procedure_version = event->opened->procedure_version;
        if (begins_record(event))
            ask->last_recorded_ms = event->at_ms;
        if (!is_of_interest(event))
            continue;
        if (recording->n_events < RECORDING_EVENTS_MAX)
            recording->events[recording->n_events++] = event;
        else
            recording->events_cut = true;
    }
    recording->has_status = recording->has_events_cut = recording->has_may_render = true;
    recording->status = hearing.status;
    recording->may_render = hearing.status != HEARING_STATUS(IN_SESSION);
    return 0;
}

static void fill_phases(struct ask *ask, const struct procedure *procedure)
{
    Assize__Record__V1__RecordedPhase *phases = make(ask, procedure->phase_count, sizeof(*phases));

    ask->recording.phases = make(ask, procedure->phase_count, sizeof(*ask->recording.phases));
    ask->recording.n_phases = procedure->phase_count;
    for (uint32_t i = 0; i < procedure->phase_count; i++) {
        assize__record__v1__recorded_phase__init(&phases[i]);
        phases[i].vi = copy(ask, procedure->phases[i].title.vi);
        phases[i].en = copy(ask, procedure->phases[i].title.en);
        phases[i].article = copy(ask, procedure->phases[i].article);
        ask->recording.phases[i] = &phases[i];
    }
}

static void fill_summary(struct ask *ask, const struct hearing_record *record)
{
    Assize__Record__V1__RecordingSummary *summary = make(ask, 1, sizeof(*summary));

    assize__record__v1__recording_summary__init(summary);
    summary->hearing = copy(ask, record->id);
    summary->case_number = copy(ask, record->case_number);
    summary->title = copy(ask, record->title);
    summary->court = copy(ask, record->court);
    summary->has_scheduled_ms = true;
    summary->scheduled_ms = record->scheduled_ms;
    ask->recording.summary = summary;
}

/* ---- what the disk knows ---- */

static void fill_render(struct ask *ask)
{
    const struct rendering *rendering = render_find(ask->recordings, ask->hearing);
    Assize__Record__V1__RenderState *state = make(ask, 1, sizeof(*state));

    assize__record__v1__render_state__init(state);
    if (rendering) {
        state->has_done_bytes = state->has_total_bytes = true;
        state->done_bytes = rendering->done;
        state->total_bytes = rendering->total;
        state->failed = *rendering->why ? copy(ask, rendering->why) : NULL;
    }
    state->has_outdated = true;
    state->outdated = ask->recorded.made && ask->recorded.made_ms < ask->last_recorded_ms;
    ask->recording.render = state;
}

static void fill_files(struct ask *ask)
{
    Assize__Record__V1__Recording *recording = &ask->recording;
    struct recorded *recorded = &ask->recorded;

    recording->has_start_ms = recording->has_findings = true;
    recording->start_ms = recorded->start_ms;
    recording->findings = recorded->findings;
    recording->n_gaps = recorded->gap_count;
    recording->gaps = recorded->gaps;
    recording->n_files = recorded->file_count;
    recording->files = recorded->files;
}

static const uint8_t *kept_sum(const struct recording_sum *sums, size_t count, const char *file)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(sums[i].name, file) == 0)
            return sums[i].sha256;
    }
    return NULL;
}

static void on_kept(void *context, int error)
{
    (void)context;
    if (error)
        log_warn("recording.sums_not_kept", "error=%s", log_errno(error).text);
}

/* Files that were made while nobody here listened: their index is believed from now on. */
static void keep_unknown(struct ask *ask, const struct recording_sum *sums, size_t count)
{
    Assize__Record__V1__RecordedFile **unknown =
        make(ask, ask->recorded.file_count, sizeof(*unknown));
    size_t unknown_count = 0;

    for (size_t i = 0; i < ask->recorded.file_count; i++) {
        if (!kept_sum(sums, count, ask->recorded.files[i]->name))
            unknown[unknown_count++] = ask->recorded.files[i];
    }
    if (!unknown_count)
        return;
    struct recording_sum *new_sums = recording_sums(unknown, unknown_count);
    recording_store_made(ask->recordings->db, ask->hearing, new_sums, unknown_count, on_kept, NULL);
    free(new_sums);
}

/*
 * A file is what was made when its bytes have the sum that was kept at that time, whatever the
 * index beside it says now.
 */
static void check_files(struct ask *ask, const struct recording_sum *sums, size_t count)
{
    for (size_t i = 0; i < ask->recorded.file_count; i++) {
        Assize__Record__V1__RecordedFile *file = ask->recorded.files[i];
        const struct file_identity *identity = &ask->recorded.identities[i];
        const uint8_t *sum = kept_sum(sums, count, file->name);
        if (sum)
            memcpy(file->sha256.data, sum, SHA256_BYTES);
        file->check = identity->inode ? check_file(ask->recordings, ask->hearing, file->name,
                                                   identity, file->sha256.data)
                                      : ASSIZE__RECORD__V1__FILE_CHECK__FILE_CHECK_MISSING;
    }
}

static void on_sums(void *context, int error, const struct recording_sum *sums, size_t count)
{
    struct ask *ask = context;
    Assize__Record__V1__Recording *recording = &ask->recording;

    if (error) {
        ask_refuse(ask, REFUSAL_DATABASE_AWAY);
        return;
    }
    recording_summarise(ask, &ask->recorded, recording->summary);
    fill_render(ask);
    if (recording->summary->state == ASSIZE__RECORD__V1__FILES_STATE__FILES_STATE_READY) {
        fill_files(ask);
        keep_unknown(ask, sums, count);
        check_files(ask, sums, count);
    }
    ask_reply(ask, &recording->base);
}

static void ask_sums(struct ask *ask)
{
    recording_store_sums(ask->recordings->db, ask->hearing, on_sums, ask);
}

static Assize__Record__V1__RecordedPerson *person_of(struct ask *ask, uint32_t participant)
{
    for (size_t i = 0; i < ask->recording.n_people; i++) {
        if (ask->recording.people[i]->participant == participant)
            return ask->recording.people[i];
    }
    return NULL;
}

/* By participant, so that those of one person follow one another. */
static void fill_formers(struct ask *ask, const struct db_result *rows)
{
    size_t count = (size_t)db_rows(rows);
    Assize__Record__V1__RecordedFormer *formers = make(ask, count, sizeof(*formers));
    Assize__Record__V1__RecordedFormer **list = make(ask, count, sizeof(*list));

    for (size_t i = 0; i < count; i++) {
        Assize__Record__V1__RecordedPerson *person =
            person_of(ask, (uint32_t)db_int(rows, (int)i, 0));
        assize__record__v1__recorded_former__init(&formers[i]);
        formers[i].has_until_seq = true;
        formers[i].until_seq = (uint64_t)db_int(rows, (int)i, 1);
        formers[i].name = copy(ask, db_text(rows, (int)i, 2));
        list[i] = &formers[i];
        if (!person)
            continue;
        if (!person->n_formers++)
            person->formers = &list[i];
    }
}

static void on_formers(void *context, int error, const struct db_result *rows)
{
    struct ask *ask = context;

    if (error) {
        ask_refuse(ask, error == -EAGAIN ? REFUSAL_DATABASE_AWAY : REFUSAL_INTERNAL);
        return;
    }
    fill_formers(ask, rows);
    ask_index(ask, ask_sums);
}

/* The names of the phases; a recording can be watched without. */
static void on_procedure(void *context, int error, const struct db_result *rows)
{
    char fault[PROCEDURE_ERROR_SIZE];
    struct ask *ask = context;

    if (error == -EAGAIN) {
        ask_refuse(ask, REFUSAL_DATABASE_AWAY);
        return;
    }
    if (!error && db_rows(rows)) {
        struct procedure *procedure = malloc(sizeof(*procedure));
        if (!procedure)
            abort();
        if (!procedure_read(db_text(rows, 0, 0), procedure, fault))
            fill_phases(ask, procedure);
        free(procedure);
    }
    minutes_store_formers(ask->recordings->db, ask->hearing, on_formers, ask);
}

static void on_hearing(void *context, int error, const struct hearing_record *record)
{
    struct ask *ask = context;

    if (error) {
        ask_refuse(ask, error == -ENOENT   ? REFUSAL_HEARING_UNKNOWN
                        : error == -EAGAIN ? REFUSAL_DATABASE_AWAY
                                           : REFUSAL_INTERNAL);
        return;
    }
    assize__record__v1__recording__init(&ask->recording);
    fill_summary(ask, record);
    fill_people(ask, record);
    fill_sites(ask, record);
    if (fill_events(ask, record))
        ask_refuse(ask, REFUSAL_INTERNAL);
    else
        procedure_store_find(ask->recordings->db, record->procedure, ask->procedure_version,
                             on_procedure, ask);
}

void recording_get(struct ask *ask)
{
    hearing_store_load(ask->recordings->db, ask->hearing, on_hearing, ask);
}

/* ---- levels ---- */

static void read_levels(struct ask *ask)
{
    ask->error = index_read_levels(ask->recordings->files, ask->hearing, ask->file, &ask->arena,
                                   &ask->levels);
}

static void reply_levels(struct ask *ask)
{
    if (ask->error)
        ask_refuse(ask, REFUSAL_FILE_UNKNOWN);
    else
        ask_reply(ask, &ask->levels.base);
}

void recording_levels(struct ask *ask)
{
    assize__record__v1__levels_response__init(&ask->levels);
    if (index_is_file(ask->file))
        ask_disk(ask, read_levels, reply_levels);
    else
        ask_refuse(ask, REFUSAL_FILE_UNKNOWN);
}

/* ---- making the files ---- */

static void start_render(struct ask *ask)
{
    const Assize__Record__V1__RenderResponse started = ASSIZE__RECORD__V1__RENDER_RESPONSE__INIT;
    enum refusal refusal = ask->recorded.on_record ? render_start(ask->recordings, ask->hearing)
                                                   : REFUSAL_NOTHING_RECORDED;

    if (refusal)
        ask_refuse(ask, refusal);
    else
        ask_reply(ask, &started.base);
}

static void on_hearing_to_render(void *context, int error, const struct hearing_record *record)
{
    struct ask *ask = context;

    if (error)
        ask_refuse(ask, error == -ENOENT   ? REFUSAL_HEARING_UNKNOWN
                        : error == -EAGAIN ? REFUSAL_DATABASE_AWAY
                                           : REFUSAL_INTERNAL);
    else if (fill_events(ask, record))
        ask_refuse(ask, REFUSAL_INTERNAL);
    else if (!ask->recording.may_render)
        ask_refuse(ask, REFUSAL_WRONG_STATUS);
    else
        ask_index(ask, start_render);
}

void recording_render(struct ask *ask)
{
    hearing_store_load(ask->recordings->db, ask->hearing, on_hearing_to_render, ask);
}
