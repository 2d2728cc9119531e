/* Who sits in a seat, what the case knows of them, and whom they do not see. */
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/str.h"
#include "server/desk/desk_internal.h"
#include "server/hearing/names.h"

enum { SUMMONS_MAX = 64, TEXT_MAX = 255, REASON_MAX = 1024, PERSONAL_NUMBER_DIGITS = 12 };

static struct desk_service *service_of(const struct staff_call *call)
{
    return call->context;
}

static bool is_id(const char *text)
{
    return text && str_is_uuid(text);
}

/* NFC in the call's arena, "" for none; NULL when it is too long, or no line of text. */
static char *read_line(struct staff_call *call, const char *text, size_t max)
{
    char *nfc = NULL;

    if (str_nfc(text ? text : "", max, &nfc))
        return NULL;
    char *copy = arena_copy(&call->arena, nfc, strlen(nfc));
    free(nfc);
    return copy && str_is_line(copy) ? copy : NULL;
}

/* ---- what is known ---- */

static bool is_personal_number(const char *text)
{
    return strlen(text) == PERSONAL_NUMBER_DIGITS &&
           strspn(text, "0123456789") == PERSONAL_NUMBER_DIGITS;
}

static bool read_details(struct staff_call *call, const Assize__Desk__V1__Details *asked,
                         struct desk_details *details)
{
    details->says_age = asked->has_under_18;
    details->under_18 = asked->under_18;
    details->summons = read_line(call, asked->summons, SUMMONS_MAX);
    details->date_of_birth = read_line(call, asked->date_of_birth, TEXT_MAX);
    details->personal_number = read_line(call, asked->personal_number, TEXT_MAX);
    details->residence = read_line(call, asked->residence, TEXT_MAX);
    details->document = read_line(call, asked->document, TEXT_MAX);
    return details->summons && details->residence && details->document && details->date_of_birth &&
           (!*details->date_of_birth || date_is_past_day(details->date_of_birth)) &&
           details->personal_number &&
           (!*details->personal_number || is_personal_number(details->personal_number));
}

void desk_answer_details(struct staff_call *call)
{
    const Assize__Desk__V1__SetDetailsRequest *request =
        (const Assize__Desk__V1__SetDetailsRequest *)call->request;
    struct desk_details details = {.hearing = request->hearing,
                                   .participant = request->participant};

    if (!is_id(request->hearing))
        staff_call_refuse(call, REFUSAL_HEARING_UNKNOWN);
    else if (request->participant > HEARING_PARTICIPANTS_MAX)
        staff_call_refuse(call, REFUSAL_PARTICIPANT_UNKNOWN);
    else if (!request->details || !read_details(call, request->details, &details))
        staff_call_refuse(call, REFUSAL_DETAILS_UNFIT);
    else
        desk_store_describe(service_of(call)->db, &details, staff_call_answered, call);
}

/* ---- somebody else ---- */

/*
 * Nobody loses a seat that the other cannot have. A hearing that was opened learns of it first:
 * until the new name stands, the seat is nobody's whom anybody vouched for. Said twice it clears
 * what is clear. Where nobody has been yet, there is nobody to learn of it, and the hearing is not
 * opened by it.
 */
struct replacing {
    struct staff_call *call;
    struct desk_replacement wanted;
    char *reason;
    char name[HEARING_NAME_SIZE];
};

static void replaced(void *context, int error, enum refusal refusal, ProtobufCMessage *answer)
{
    const struct replacing *replacing = context;
    struct staff_call *call = replacing->call;
    struct court *court = service_of(call)->court;
    struct court_hearing *hearing = court_find(court, replacing->wanted.hearing);

    if (answer && hearing)
        court_rename(court, hearing, replacing->wanted.participant,
                     ((const Assize__Desk__V1__ReplacePersonResponse *)answer)->name);
    staff_call_answered(call, error, refusal, answer);
}

static void submitted(void *context, uint64_t asker, enum refusal refusal, uint64_t seq)
{
    struct replacing *replacing = context;
    struct staff_call *call = replacing->call;

    (void)asker;
    if (refusal)
        staff_call_refuse(call, refusal);
    else
        desk_store_replace(service_of(call)->db, &replacing->wanted, seq, replaced, replacing);
}

static void opened(void *context, enum refusal refusal, struct court_hearing *hearing)
{
    struct replacing *replacing = context;
    struct staff_call *call = replacing->call;
    Assize__Hearing__V1__Command command = ASSIZE__HEARING__V1__COMMAND__INIT;
    Assize__Hearing__V1__ReplacePerson body = ASSIZE__HEARING__V1__REPLACE_PERSON__INIT;

    if (refusal) {
        staff_call_refuse(call, refusal);
        return;
    }
    body.has_participant = true;
    body.participant = replacing->wanted.participant;
    body.by = call->account;
    command.body_case = HEARING_COMMAND(REPLACE_PERSON);
    command.replace_person = &body;
    command.words = *replacing->reason ? replacing->reason : NULL;
    court_submit(service_of(call)->court, hearing,
                 (struct hearing_actor){.participant = HEARING_SERVER}, &command, submitted,
                 replacing, 0);
}

static void course_known(void *context, int error, enum desk_course course)
{
    struct replacing *replacing = context;
    struct staff_call *call = replacing->call;

    if (error || course == DESK_COURSE_NONE)
        staff_call_answered(call, error, REFUSAL_HEARING_UNKNOWN, NULL);
    else if (course == DESK_COURSE_BEGUN)
        court_open(service_of(call)->court, replacing->wanted.hearing, opened, replacing);
    else
        desk_store_replace(service_of(call)->db, &replacing->wanted, 0, replaced, replacing);
}

static void checked(void *context, int error, enum refusal refusal, ProtobufCMessage *answer)
{
    struct replacing *replacing = context;
    struct staff_call *call = replacing->call;

    if (error || refusal)
        staff_call_answered(call, error, refusal, answer);
    else
        desk_store_course(service_of(call)->db, replacing->wanted.hearing, course_known, replacing);
}

static enum refusal read_replacement(struct staff_call *call,
                                     const Assize__Desk__V1__ReplacePersonRequest *request,
                                     struct replacing *replacing)
{
    bool is_new = request->name && *request->name;

    if (!is_id(request->request_id) || (!is_new && !is_id(request->person)))
        return REFUSAL_MALFORMED;
    if (!is_id(request->hearing))
        return REFUSAL_HEARING_UNKNOWN;
    if (!request->participant || request->participant > HEARING_PARTICIPANTS_MAX)
        return REFUSAL_PARTICIPANT_UNKNOWN;
    if (is_new && !desk_take_name(request->name, replacing->name))
        return REFUSAL_NAME_UNFIT;
    replacing->call = call;
    replacing->reason = read_line(call, request->reason, REASON_MAX);
    replacing->wanted = (struct desk_replacement){
        .hearing = request->hearing,
        .participant = request->participant,
        .person = is_new ? request->request_id : request->person,
        .name = replacing->name,
        .summons = read_line(call, request->summons, SUMMONS_MAX),
        .account = call->account,
    };
    return replacing->wanted.summons && replacing->reason ? REFUSAL_NONE : REFUSAL_DETAILS_UNFIT;
}

void desk_answer_replace(struct staff_call *call)
{
    const Assize__Desk__V1__ReplacePersonRequest *request =
        (const Assize__Desk__V1__ReplacePersonRequest *)call->request;
    struct replacing *replacing = arena_alloc(&call->arena, sizeof(*replacing));

    enum refusal refusal =
        replacing ? read_replacement(call, request, replacing) : REFUSAL_TOO_LARGE;
    if (refusal)
        staff_call_refuse(call, refusal);
    else
        desk_store_may_replace(service_of(call)->db, &replacing->wanted, checked, replacing);
}

/* ---- who does not see whom ---- */

void desk_answer_screens(struct staff_call *call)
{
    const Assize__Desk__V1__SetScreensRequest *request =
        (const Assize__Desk__V1__SetScreensRequest *)call->request;
    const struct desk_screens screens = {
        .hearing = request->hearing, .screens = request->screens, .count = request->n_screens};

    if (!is_id(request->hearing))
        staff_call_refuse(call, REFUSAL_HEARING_UNKNOWN);
    else if (request->n_screens > HEARING_SCREENS_MAX)
        staff_call_refuse(call, REFUSAL_SCREENS_UNFIT);
    else
        desk_store_screen(service_of(call)->db, &screens, staff_call_answered, call);
}
