/*
 * What the relay says of the record: the state goes to the room's lamp, gaps and heads become
 * events of the hearing. They are true whether or not they can be saved at once, so they wait until
 * they are.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/statvfs.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/record_group.h"
#include "base/str.h"
#include "proto/codec.h"
#include "server/session/session_internal.h"

struct record_word {
    struct record_word *next;
    struct sessions *sessions;
    char hearing[ID_UUID_SIZE];
    Assize__Hearing__V1__Command *command; /* owned */
    bool asked;                            /* the court has it */
};

static struct room *room_with(const struct sessions *sessions, const char *hearing)
{
    struct room *room = sessions->rooms;

    while (room && hearing && strcmp(court_hearing_id(room->hearing), hearing) != 0)
        room = room->next;
    return hearing ? room : NULL;
}

void sessions_record_state(struct sessions *sessions, const Assize__Media__V1__RecordState *state)
{
    struct room *room = room_with(sessions, state->hearing);

    if (room)
        stage_take_record_state(room->stage, state);
}

/* ---- words ---- */

static void drop(struct record_word *word)
{
    struct record_word **link = &word->sessions->record_words;

    while (*link != word)
        link = &(*link)->next;
    *link = word->next;
    assize__hearing__v1__command__free_unpacked(word->command, NULL);
    free(word);
}

void record_forget(struct sessions *sessions)
{
    while (sessions->record_words)
        drop(sessions->record_words);
}

/* What stands in the way of saving only passes; anything else will not get better. */
static bool may_pass(enum refusal refusal)
{
    return refusal == REFUSAL_NOT_SAVED || refusal == REFUSAL_OUTCOME_UNKNOWN ||
           refusal == REFUSAL_BUSY || refusal == REFUSAL_DATABASE_AWAY;
}

static void decided(void *context, uint64_t asker, enum refusal refusal, uint64_t seq)
{
    struct record_word *word = context;

    (void)asker;
    (void)seq;
    word->asked = false;
    if (may_pass(refusal))
        return;
    if (refusal != REFUSAL_NONE)
        log_error("record.word_refused", "hearing=%s code=%s", word->hearing,
                  refusal_info(refusal)->code);
    drop(word);
}

static void opened(void *context, enum refusal refusal, struct court_hearing *hearing)
{
    struct record_word *word = context;
    const struct hearing_actor server = {.participant = HEARING_SERVER};

    if (refusal != REFUSAL_NONE) {
        decided(word, 0, refusal, 0);
        return;
    }
    word->command->has_seen_seq = 1;
    word->command->seen_seq = court_state(hearing)->seq;
    court_submit(word->sessions->options.court, hearing, server, word->command, decided, word, 0);
}

void record_tick(struct sessions *sessions)
{
    struct record_word *word = sessions->record_words;

    while (word && court_is_saving(sessions->options.court)) {
        struct record_word *next = word->next;
        if (!word->asked) {
            word->asked = true;
            court_open(sessions->options.court, word->hearing, opened, word);
        }
        word = next;
    }
}

static Assize__Hearing__V1__Command *copy_command(const Assize__Hearing__V1__Command *command)
{
    size_t len = assize__hearing__v1__command__get_packed_size(command);
    uint8_t *packed = malloc(len + 1);

    if (!packed)
        abort();
    assize__hearing__v1__command__pack(command, packed);
    Assize__Hearing__V1__Command *copy = assize__hearing__v1__command__unpack(NULL, len, packed);
    free(packed);
    if (!copy)
        abort();
    return copy;
}

/* Of something else there is no record; then the group is the programme's. */
static bool read_group(const char *name, struct record_group *ret_group)
{
    *ret_group = (struct record_group){0};
    return name && record_group_read(name, ret_group);
}

static void add_word(struct sessions *sessions, const char *hearing, bool known,
                     const Assize__Hearing__V1__Command *command)
{
    struct record_word **link = &sessions->record_words;
    size_t count = 0;

    while (*link) {
        link = &(*link)->next;
        count++;
    }
    if (!hearing || !str_is_uuid(hearing) || !known || count == SESSION_RECORD_WORDS_MAX) {
        log_error("record.word_lost", "hearing=%s", hearing ? log_quote(hearing).text : "");
        return;
    }
    struct record_word *word = calloc(1, sizeof(*word));
    if (!word)
        abort();
    word->sessions = sessions;
    str_copy(word->hearing, sizeof(word->hearing), hearing);
    word->command = copy_command(command);
    *link = word;
    record_tick(sessions);
}

void sessions_record_gap(struct sessions *sessions, const Assize__Media__V1__RecordGap *gap)
{
    Assize__Hearing__V1__Command command = ASSIZE__HEARING__V1__COMMAND__INIT;
    Assize__Hearing__V1__RecordGap body = ASSIZE__HEARING__V1__RECORD_GAP__INIT;
    struct record_group group;
    bool known = read_group(gap->group, &group);

    body.has_endpoint = body.has_from_ms = body.has_to_ms = body.has_why = 1;
    body.endpoint = group.endpoint;
    body.has_share = body.share = group.share;
    body.from_ms = gap->from_ms;
    body.to_ms = gap->to_ms;
    body.why = (Assize__Hearing__V1__RecordFault)gap->why; /* the same numbers */
    command.body_case = ASSIZE__HEARING__V1__COMMAND__BODY_RECORD_GAP;
    command.record_gap = &body;
    log_warn("record.gap", "hearing=%s endpoint=%u ms=%lld why=%d",
             gap->hearing ? log_quote(gap->hearing).text : "", body.endpoint,
             (long long)(gap->to_ms - gap->from_ms), (int)gap->why);
    add_word(sessions, gap->hearing, known, &command);
}

void sessions_record_head(struct sessions *sessions, const Assize__Media__V1__RecordHead *head)
{
    Assize__Hearing__V1__Command command = ASSIZE__HEARING__V1__COMMAND__INIT;
    Assize__Hearing__V1__RecordHead body = ASSIZE__HEARING__V1__RECORD_HEAD__INIT;
    struct record_group group;
    bool known = read_group(head->group, &group);

    body.has_endpoint = body.has_end = body.has_packets = body.has_hash = 1;
    body.endpoint = group.endpoint;
    body.has_share = body.share = group.share;
    body.stem = head->stem;
    body.end = head->end;
    body.packets = head->packets;
    body.hash = head->hash;
    command.body_case = ASSIZE__HEARING__V1__COMMAND__BODY_RECORD_HEAD;
    command.record_head = &body;
    add_word(sessions, head->hearing, known, &command);
}

/* ---- space ---- */

void sessions_record_space(struct sessions *sessions, const Assize__Media__V1__RecordSpace *space)
{
    sessions->record_space_known = true;
    sessions->record_heard_ms = clock_monotonic_ms();
    sessions->record_free_bytes = space->free_bytes;
}

bool record_is_alive(const struct sessions *sessions)
{
    return clock_monotonic_ms() - sessions->record_heard_ms < SESSION_RECORD_SILENT_MS;
}

void record_watch(struct room *room)
{
    Assize__Signal__V1__RecordLamp lamp = room_lamp(room);

    if (lamp == room->lamp)
        return;
    room->lamp = lamp;
    room->restate = true;
    room_tell(room);
}

bool record_has_space(const struct sessions *sessions)
{
    return !sessions->record_space_known ||
           sessions->record_free_bytes >= sessions->options.record_reserve;
}

bool record_leaves_space(const struct sessions *sessions)
{
    const struct sessions_options *options = &sessions->options;
    struct statvfs disk;

    return !*options->database_folder || statvfs(options->database_folder, &disk) ||
           (uint64_t)disk.f_bavail * disk.f_frsize >= options->database_reserve;
}
