/*
 * What is said and done until the questioning has begun: everything by commands of the people whose
 * part it is, as the criminal procedure at first instance has it. A hearing that was left on the
 * way is taken up where it stands.
 */
#include <string.h>

#include "tests/peer/program/trial.h"

/* Phases of the procedure, and the one in the room who has no device. */
enum { OPENING = 2, INDICTMENT = 3, QUESTIONING = 4, DEFENDANT = 4 };

enum { STEPS_MAX = 16, THERE_MS = 30000, QUORUM_MS = 20000, RETRY_MS = 200 };

static const char ROLL_CALL[] =
    "Thư ký báo cáo: những người được triệu tập đều có mặt tại ba điểm cầu; hình ảnh và âm thanh "
    "của các điểm cầu rõ ràng.";
static const char BECAUSE[] =
    "Thư ký đã đối chiếu căn cước của bị cáo cùng cán bộ trại tạm giam; giấy tờ của những người "
    "còn lại đã được kiểm tra trên bản gốc trước giờ khai mạc.";
static const char STATEMENT[] =
    "Bị cáo thừa nhận đã lấy chiếc xe đạp điện để trước cửa nhà bị hại, khai không bàn bạc với "
    "ai.";

static uint32_t number_of(const struct actor *actor)
{
    return actor->peer.signal.room.you;
}

static bool is_done(const char *result)
{
    return strcmp(result, "done") == 0;
}

/* ---- everybody is there ---- */

static bool has_come(const struct actor *actor)
{
    return actor->peer.phase == PEER_ENDED ||
           (trial_is_up(actor) && (actor->peer.standing == TRIAL_STANDING(WAITING) ||
                                   actor->peer.standing == TRIAL_STANDING(IN_HEARING) ||
                                   actor->peer.standing == TRIAL_STANDING(SEQUESTERED)));
}

static bool have_come(const void *context)
{
    const struct trial *trial = context;

    for (int i = 0; i < TRIAL_PARTS; i++) {
        if (!has_come(&trial->actors[i]))
            return false;
    }
    return true;
}

/* Once the indictment is read, a witness who comes late waits to be called. */
void trial_admit(struct trial *trial)
{
    struct actor *judge = &trial->actors[TRIAL_JUDGE];

    for (int i = 0; i < TRIAL_PARTS; i++) {
        const struct actor *actor = &trial->actors[i];
        const struct action admit = {.kind = ACTION_ADMIT, .who = number_of(actor)};
        if (i == TRIAL_WITNESS && judge->peer.signal.room.phase >= INDICTMENT)
            continue;
        if (trial_is_up(actor) && actor->peer.standing == TRIAL_STANDING(WAITING))
            trial_act(judge, &admit);
    }
}

/* ---- one step ---- */

static bool never(const void *context)
{
    (void)context;
    return false;
}

/* Until everybody's line has been told of, the law says that they are missing. */
static const char *go_on(struct trial *trial, enum action_kind kind)
{
    struct actor *judge = &trial->actors[TRIAL_JUDGE];
    const struct action action = {.kind = kind};
    const char *result = trial_act(judge, &action);

    for (int i = 0; i < QUORUM_MS / RETRY_MS && strcmp(result, "quorum_not_met") == 0; i++) {
        peer_loop_wait(&trial->program.loop, never, NULL, RETRY_MS);
        trial_admit(trial);
        result = trial_act(judge, &action);
    }
    return result;
}

/* The rule that everybody inside is identified is set aside for those who are not: the record
 * shows what that looks like. */
static const char *leave_opening(struct trial *trial)
{
    struct actor *judge = &trial->actors[TRIAL_JUDGE];
    struct action enter = {.kind = ACTION_ENTER_PHASE, .who = INDICTMENT};

    trial_act(&trial->actors[TRIAL_CLERK],
              &(struct action){.kind = ACTION_TAKE_NOTE, .words = ROLL_CALL});
    trial_identify(trial);
    const char *result = trial_act(judge, &enter);
    if (strcmp(result, "identity_needed") != 0)
        return result;
    enter.rule = "phase.opening.identity";
    enter.words = BECAUSE;
    return trial_act(judge, &enter);
}

static const char *leave_indictment(struct trial *trial)
{
    struct actor *judge = &trial->actors[TRIAL_JUDGE];

    trial_act(judge, &(struct action){.kind = ACTION_GRANT_FLOOR,
                                      .who = number_of(&trial->actors[TRIAL_PROCURATOR])});
    const char *result =
        trial_act(judge, &(struct action){.kind = ACTION_ENTER_PHASE, .who = QUESTIONING});
    if (is_done(result))
        trial_act(&trial->actors[TRIAL_CLERK],
                  &(struct action){.kind = ACTION_TAKE_NOTE, .who = DEFENDANT, .words = STATEMENT});
    return result;
}

/* Somebody speaks, and others are silent, or ask to. */
static void question(struct trial *trial)
{
    struct actor *judge = &trial->actors[TRIAL_JUDGE];

    trial_act(judge, &(struct action){.kind = ACTION_GRANT_FLOOR, .who = DEFENDANT});
    trial_act(judge, &(struct action){.kind = ACTION_MUTE,
                                      .who = number_of(&trial->actors[TRIAL_VICTIM]),
                                      .lock = true});
    trial_act(&trial->actors[TRIAL_COUNSEL], &(struct action){.kind = ACTION_RAISE_HAND});
    trial_act(&trial->actors[TRIAL_VICTIM], &(struct action){.kind = ACTION_RAISE_HAND});
}

static const char *take_step(struct trial *trial, const struct peer_room *room)
{
    if (room->status == TRIAL_STATUS(SCHEDULED))
        return go_on(trial, ACTION_START);
    if (room->status != TRIAL_STATUS(IN_SESSION))
        return go_on(trial, ACTION_RESUME);
    return room->phase == OPENING ? leave_opening(trial) : leave_indictment(trial);
}

static bool is_there(const struct peer_room *room)
{
    return room->status == TRIAL_STATUS(DELIBERATING) || room->status == TRIAL_STATUS(CLOSED) ||
           room->status == TRIAL_STATUS(ADJOURNED) ||
           (room->status == TRIAL_STATUS(IN_SESSION) && room->phase >= QUESTIONING);
}

const char *trial_open(struct trial *trial)
{
    const struct actor *judge = &trial->actors[TRIAL_JUDGE];
    const struct peer_room *room = &judge->peer.signal.room;

    if (!peer_loop_wait(&trial->program.loop, have_come, trial, THERE_MS))
        return "not everybody came";
    trial_admit(trial);
    for (int i = 0; i < STEPS_MAX && trial_is_up(judge) && !is_there(room); i++) {
        const char *result = take_step(trial, room);
        if (!action_is_good(result) && trial_is_up(judge))
            return result;
    }
    if (!trial_is_up(judge))
        return judge->peer.phase == PEER_ENDED ? NULL : "the line of the presiding judge is lost";
    if (room->status == TRIAL_STATUS(IN_SESSION) && room->phase == QUESTIONING &&
        !room->floor_holder)
        question(trial);
    return is_there(room) ? NULL : "too many steps";
}
