#include "cli/demo_cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/person_key.h"
#include "db/case_admin.h"
#include "proto/codec.h"
#include "server/cases/case_check.h"

#define COURT        "Tòa án nhân dân khu vực 1 - Hà Nội"
#define COURT_CODE   "TAND.01.KV1"
#define KIND(name)   ASSIZE__CASES__V1__CASE_KIND__CASE_KIND_##name
#define ROLE(name)   ASSIZE__CASES__V1__PARTY_ROLE__PARTY_ROLE_##name
#define STATUS(name) ASSIZE__EXCHANGE__V1__CASE_STATUS__CASE_STATUS_##name
#define OP(name)     ASSIZE__EXCHANGE__V1__OP__OP_##name
#define BODY(name)   ASSIZE__CASES__V1__CASE_RECORD__BODY_##name

enum { PAYLOAD_MAX = 4096 };

struct writer {
    struct admin *admin;
    const char *source;
    const char *number; /* of the case */
    struct person_key key;
    uint64_t seq; /* of the record that was written last */
};

/* Somebody, and what they are in the case. The numbers are nobody's. */
struct somebody {
    const char *name;
    const char *personal_number;
    const char *born;
    const char *residence;
    Assize__Cases__V1__PartyRole role;
};

struct plain_case {
    const char *number;
    const char *title;
    const char *accepted_on;
    Assize__Cases__V1__CaseKind kind;
    Assize__Exchange__V1__CaseStatus status;
    struct somebody people[2];
};

/* ---- writing ---- */

/* As an older program of a court may have written it: only the centre looks whether it is right. */
static int write_record(struct writer *writer, const char *type, Assize__Exchange__V1__Op op,
                        uint64_t corrects, Assize__Cases__V1__CaseRecord *record)
{
    uint8_t ident[PERSON_IDENT_BYTES];
    char reason[CASE_REASON_SIZE];
    struct case_facts facts = {0};
    struct buf packed;

    buf_init(&packed, PAYLOAD_MAX);
    if (codec_pack(&record->base, &packed))
        abort(); /* the words are ours */
    const uint8_t *payload = (const uint8_t *)packed.data;
    bool good = case_check(type, payload, packed.len, clock_wall_ms(), &facts, reason);
    struct case_admin_record row = {
        .source = writer->source,
        .case_number = writer->number,
        .type = type,
        .op = op,
        .corrects = corrects,
        .entity = record->entity,
        .public_id = good ? facts.public_id : "",
        .status = good ? facts.status : NULL,
        .payload = payload,
        .len = packed.len,
        .party_name = good ? facts.party_name : "",
    };
    if (good && *facts.personal_number) {
        person_key_ident(&writer->key, facts.personal_number, ident);
        row.person = ident;
    }
    int failed = case_admin_write(writer->admin, &row, &writer->seq);
    buf_done(&packed);
    return failed;
}

static int write_file(struct writer *writer, char *entity, const struct plain_case *one,
                      Assize__Exchange__V1__CaseStatus status)
{
    Assize__Cases__V1__CaseFile file = ASSIZE__CASES__V1__CASE_FILE__INIT;
    Assize__Cases__V1__CaseRecord record = ASSIZE__CASES__V1__CASE_RECORD__INIT;

    file.court = codec_text(COURT_CODE);
    file.number = codec_text(one->number);
    file.title = codec_text(one->title);
    file.accepted_on = codec_text(one->accepted_on);
    file.has_kind = file.has_instance = file.has_status = true;
    file.kind = one->kind;
    file.instance = ASSIZE__CASES__V1__INSTANCE__INSTANCE_FIRST;
    file.status = status;
    record.entity = entity;
    record.body_case = BODY(CASE_FILE);
    record.case_file = &file;
    return write_record(writer, "case_file", OP(UPSERT), 0, &record);
}

static int write_party(struct writer *writer, char *entity, const struct somebody *somebody,
                       Assize__Exchange__V1__Op op, uint64_t corrects)
{
    Assize__Cases__V1__NaturalPerson person = ASSIZE__CASES__V1__NATURAL_PERSON__INIT;
    Assize__Cases__V1__Party party = ASSIZE__CASES__V1__PARTY__INIT;
    Assize__Cases__V1__CaseRecord record = ASSIZE__CASES__V1__CASE_RECORD__INIT;

    person.full_name = codec_text(somebody->name);
    person.personal_number = codec_text(somebody->personal_number);
    person.date_of_birth = codec_text(somebody->born);
    person.nationality = codec_text("VN");
    person.residence = codec_text(somebody->residence);
    party.has_role = true;
    party.role = somebody->role;
    party.who_case = ASSIZE__CASES__V1__PARTY__WHO_PERSON;
    party.person = &person;
    record.entity = entity;
    record.body_case = BODY(PARTY);
    record.party = &party;
    return write_record(writer, "party", op, corrects, &record);
}

static int write_charge(struct writer *writer, char *party, const char *article,
                        const char *offence)
{
    Assize__Cases__V1__Charge charge = ASSIZE__CASES__V1__CHARGE__INIT;
    Assize__Cases__V1__CaseRecord record = ASSIZE__CASES__V1__CASE_RECORD__INIT;
    char entity[ID_UUID_SIZE];

    id_uuid(entity);
    charge.party = party;
    charge.article = codec_text(article);
    charge.clause = codec_text("1");
    charge.offence = codec_text(offence);
    record.entity = entity;
    record.body_case = BODY(CHARGE);
    record.charge = &charge;
    return write_record(writer, "charge", OP(UPSERT), 0, &record);
}

static int write_counsel(struct writer *writer, char *party)
{
    Assize__Cases__V1__Counsel counsel = ASSIZE__CASES__V1__COUNSEL__INIT;
    Assize__Cases__V1__CaseRecord record = ASSIZE__CASES__V1__CASE_RECORD__INIT;
    char entity[ID_UUID_SIZE];

    id_uuid(entity);
    counsel.full_name = codec_text("Lê Hoàng Yến");
    counsel.licence = codec_text("11843/LS");
    counsel.party = party;
    record.entity = entity;
    record.body_case = BODY(COUNSEL);
    record.counsel = &counsel;
    return write_record(writer, "counsel", OP(UPSERT), 0, &record);
}

static int write_decision(struct writer *writer, char *entity)
{
    Assize__Cases__V1__Decision decision = ASSIZE__CASES__V1__DECISION__INIT;
    Assize__Cases__V1__CaseRecord record = ASSIZE__CASES__V1__CASE_RECORD__INIT;

    decision.has_kind = true;
    decision.kind = ASSIZE__CASES__V1__DECISION_KIND__DECISION_KIND_JUDGMENT;
    decision.number = codec_text("5/2026/HS-ST");
    decision.issued_on = codec_text("2026-03-12");
    decision.outcome = codec_text("Phạt 15 tháng tù, cho hưởng án treo");
    record.entity = entity;
    record.body_case = BODY(DECISION);
    record.decision = &decision;
    return write_record(writer, "decision", OP(UPSERT), 0, &record);
}

static int write_appeal(struct writer *writer, char *decision, char *party)
{
    Assize__Cases__V1__Appeal appeal = ASSIZE__CASES__V1__APPEAL__INIT;
    Assize__Cases__V1__CaseRecord record = ASSIZE__CASES__V1__CASE_RECORD__INIT;
    char entity[ID_UUID_SIZE];

    id_uuid(entity);
    appeal.decision = decision;
    appeal.party = party;
    appeal.filed_on = codec_text("2026-03-24");
    appeal.grounds = codec_text("Xin giảm nhẹ hình phạt");
    record.entity = entity;
    record.body_case = BODY(APPEAL);
    record.appeal = &appeal;
    return write_record(writer, "appeal", OP(UPSERT), 0, &record);
}

/* ---- the cases ---- */

#define HANOI "phường Hà Đông, thành phố Hà Nội"

/* The one of the demonstration hearing: its people, and a residence that turned out to be another.
 */
static const struct plain_case heard = {
    "12/2026/TLST-HS",
    "Trộm cắp tài sản (vụ án mẫu, mọi nhân vật đều hư cấu)",
    "2026-02-03",
    KIND(CRIMINAL),
    STATUS(SCHEDULED),
    {{"Phạm Văn Tuấn", "001091000227", "1991-02-27", HANOI, ROLE(DEFENDANT)},
     {"Bùi Thu Phương", "001188000430", "1988-04-30", HANOI, ROLE(VICTIM)}},
};
static const struct plain_case returned = {
    "15/2026/TLST-HS",
    "Cố ý gây thương tích (vụ án mẫu)",
    "2026-02-11",
    KIND(CRIMINAL),
    STATUS(ACCEPTED),
    {{"Trịnh Công Hậu", "001087000563", "1987-07-19", HANOI, ROLE(DEFENDANT)},
     {"Lưu Thị Nhàn", "00118900044", "1989-05-02", HANOI, ROLE(VICTIM)}},
};
static const struct plain_case corrected = {
    "9/2026/TLST-DS",
    "Tranh chấp hợp đồng vay tài sản (vụ án mẫu)",
    "2026-01-20",
    KIND(CIVIL),
    STATUS(ACCEPTED),
    {{"Cao Thị Mỹ Linh", "00118400071", "1984-10-08", HANOI, ROLE(CIVIL_PLAINTIFF)},
     {"Tạ Đình Khôi", "001079000812", "1979-01-15", HANOI, ROLE(CIVIL_DEFENDANT)}},
};
static const struct plain_case appealed = {
    "3/2026/TLST-HS",
    "Vi phạm quy định về tham gia giao thông đường bộ (vụ án mẫu)",
    "2026-01-06",
    KIND(CRIMINAL),
    STATUS(APPEALED),
    {{"Đinh Trọng Nghĩa", "001093000145", "1993-03-03", HANOI, ROLE(DEFENDANT)}, {0}},
};

static int write_plain(struct writer *writer, const struct plain_case *one,
                       char entities[2][ID_UUID_SIZE], char file[static ID_UUID_SIZE])
{
    id_uuid(file);
    int failed = write_file(writer, file, one, one->status);
    for (size_t i = 0; !failed && i < 2 && one->people[i].name; i++) {
        id_uuid(entities[i]);
        failed = write_party(writer, entities[i], &one->people[i], OP(UPSERT), 0);
    }
    return failed;
}

static int write_heard(struct writer *writer)
{
    char entities[2][ID_UUID_SIZE], file[ID_UUID_SIZE];
    struct somebody moved = heard.people[0];

    id_uuid(file);
    int failed = write_file(writer, file, &heard, STATUS(ACCEPTED));
    for (size_t i = 0; !failed && i < 2; i++) {
        id_uuid(entities[i]);
        failed = write_party(writer, entities[i], &heard.people[i], OP(UPSERT), 0);
    }
    if (!failed)
        failed = write_charge(writer, entities[0], "173", "Trộm cắp tài sản");
    if (!failed)
        failed = write_counsel(writer, entities[0]);
    moved.residence = "xã Thư Lâm, thành phố Hà Nội";
    if (!failed)
        failed = write_party(writer, entities[0], &moved, OP(CORRECT), 0);
    return failed ? failed : write_file(writer, file, &heard, STATUS(SCHEDULED));
}

/* The number of the second party has a digit too few; what is written then is held behind it. */
static int write_returned(struct writer *writer)
{
    char entities[2][ID_UUID_SIZE], file[ID_UUID_SIZE];

    int failed = write_plain(writer, &returned, entities, file);
    return failed ? failed : write_charge(writer, entities[0], "134", "Cố ý gây thương tích");
}

/* Here it is the first party, and somebody has put it right. */
static int write_corrected(struct writer *writer)
{
    const uint64_t first_party = 2; /* behind the case file */
    char entities[2][ID_UUID_SIZE], file[ID_UUID_SIZE];
    struct somebody right = corrected.people[0];

    right.personal_number = "001184000719";
    int failed = write_plain(writer, &corrected, entities, file);
    return failed ? failed : write_party(writer, entities[0], &right, OP(CORRECT), first_party);
}

static int write_appealed(struct writer *writer)
{
    char entities[2][ID_UUID_SIZE], file[ID_UUID_SIZE], decision[ID_UUID_SIZE];

    int failed = write_plain(writer, &appealed, entities, file);
    if (!failed)
        failed = write_charge(writer, entities[0], "260",
                              "Vi phạm quy định về tham gia giao thông đường bộ");
    id_uuid(decision);
    if (!failed)
        failed = write_decision(writer, decision);
    return failed ? failed : write_appeal(writer, decision, entities[0]);
}

/* ---- and many more, so that there is something to look through ---- */

enum { MANY_FROM = 101, MANY_TO = 130, NUMBER_SIZE = 32 };

static void number_of(int number, char out[static NUMBER_SIZE])
{
    snprintf(out, NUMBER_SIZE, "%d/2025/TLST-%s", number, number % 2 ? "HS" : "DS");
}

static int write_many(struct writer *writer, int number)
{
    static const char *const names[] = {"Hồ Ngọc Diệp",   "Mai Xuân Trường",  "Lương Thị Hòa",
                                        "Quách Văn Toàn", "Nghiêm Bích Thủy", "Tô Hải Đăng",
                                        "Đặng Thị Hà",    "Kiều Minh Quân"};
    static const char *const titles[] = {
        "Tranh chấp quyền sử dụng đất (vụ án mẫu)", "Đánh bạc (vụ án mẫu)",
        "Tranh chấp hợp đồng mua bán nhà (vụ án mẫu)", "Lừa đảo chiếm đoạt tài sản (vụ án mẫu)"};
    char text[NUMBER_SIZE], personal[16], entities[2][ID_UUID_SIZE], file[ID_UUID_SIZE];
    bool criminal = number % 2;

    number_of(number, text);
    snprintf(personal, sizeof(personal), "0010800009%02d", number % 100);
    const struct plain_case one = {
        text,
        titles[number % 4],
        "2025-09-15",
        criminal ? KIND(CRIMINAL) : KIND(CIVIL),
        number % 3 ? STATUS(ACCEPTED) : STATUS(CLOSED),
        {{names[number % 8], personal, "1980-09-09", HANOI,
          criminal ? ROLE(DEFENDANT) : ROLE(CIVIL_PLAINTIFF)},
         {0}},
    };
    bool empty;
    int failed = case_admin_make(writer->admin, COURT, one.number, one.title, &empty);
    if (failed || !empty)
        return failed;
    writer->number = one.number;
    return write_plain(writer, &one, entities, file);
}

int demo_cases_event(struct admin *admin, const char *organisation, uint64_t number)
{
    Assize__Cases__V1__CaseEvent event = ASSIZE__CASES__V1__CASE_EVENT__INIT;
    Assize__Cases__V1__CaseRecord record = ASSIZE__CASES__V1__CASE_RECORD__INIT;
    char text[NUMBER_SIZE], entity[ID_UUID_SIZE];
    struct writer writer = {.admin = admin, .source = organisation, .number = text};

    number_of(MANY_FROM + (int)(number % (MANY_TO - MANY_FROM + 1)), text);
    id_uuid(entity);
    event.at = codec_text("2026-03-16");
    event.kind = codec_text("document_filed");
    event.text = codec_text("Đương sự nộp tài liệu, chứng cứ bổ sung");
    record.entity = entity;
    record.body_case = BODY(EVENT);
    record.event = &event;
    return write_record(&writer, "event", OP(UPSERT), 0, &record);
}

static int write_one(struct writer *writer, const struct plain_case *one,
                     int (*write)(struct writer *writer))
{
    bool empty;

    int failed = case_admin_make(writer->admin, COURT, one->number, one->title, &empty);
    if (failed || !empty)
        return failed;
    writer->number = one->number;
    return write(writer);
}

enum cli_exit demo_cases(const struct cli *cli, struct admin *admin)
{
    struct writer writer = {.admin = admin, .source = cli->config.exchange_organisation};

    if (person_key_load(cli->config.person_key, &writer.key))
        return cli_fail(CLI_FAILED, "%s cannot be read, or is no secret of this program.",
                        cli->config.person_key);
    int failed = write_one(&writer, &heard, write_heard);
    if (!failed)
        failed = write_one(&writer, &returned, write_returned);
    if (!failed)
        failed = write_one(&writer, &corrected, write_corrected);
    if (!failed)
        failed = write_one(&writer, &appealed, write_appealed);
    for (int number = MANY_FROM; !failed && number <= MANY_TO; number++)
        failed = write_many(&writer, number);
    return failed ? cli_admin_failed(admin, failed) : CLI_OK;
}
