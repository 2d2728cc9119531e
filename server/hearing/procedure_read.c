/* From the text of a procedure file to its values: what keys there are, and where. */
#include "server/hearing/procedure_read.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "server/hearing/hearing.h"
#include "server/hearing/names.h"
#include "server/hearing/procedure_values.h"

enum { DAYS_MAX = 366, HOURS_MAX = DAYS_MAX * 24, SPEECH_MAX_S = 86400 };

/* ---- phases: lists of their own ---- */

static int read_order(struct reading *reading, const config_setting_t *setting,
                      const struct key *key, void *field)
{
    struct procedure_phase *phase = field;
    uint32_t seen = 0;
    unsigned role;
    int result = procedure_list(reading, setting, key);

    for (int i = 0; !result && i < config_setting_length(setting); i++) {
        const config_setting_t *element = config_setting_get_elem(setting, (unsigned)i);
        result = procedure_name(reading, element, key, procedure_role, &seen, &role);
        if (!result && phase->order_count == PROCEDURE_ORDER_MAX)
            return procedure_complain(reading, element, "%s: at most %d roles", key->name,
                                      PROCEDURE_ORDER_MAX);
        if (!result)
            phase->order[phase->order_count++] = (uint8_t)role;
    }
    return result;
}

/* Phases are read in their order, so what is not known yet is later, or is not there at all. */
static int read_back(struct reading *reading, const config_setting_t *setting,
                     const struct key *key, void *field)
{
    uint32_t *set = field;
    int result = procedure_list(reading, setting, key);

    for (int i = 0; !result && i < config_setting_length(setting); i++) {
        const config_setting_t *element = config_setting_get_elem(setting, (unsigned)i);
        const char *id = config_setting_get_string(element);
        uint32_t phase = id ? procedure_phase_by_id(reading->procedure, id) : 0;
        if (!phase)
            return procedure_complain(reading, element, "%s: \"%s\" is no phase before this one",
                                      key->name, id ? id : "");
        if (*set & HEARING_BIT(phase))
            return procedure_complain(reading, element, "%s: \"%s\" stands there twice", key->name,
                                      id);
        *set |= HEARING_BIT(phase);
    }
    return result;
}

/* ---- members of a list ---- */

static int read_members(struct reading *reading, const config_setting_t *setting,
                        const struct key *key,
                        int (*read)(struct reading *reading, const config_setting_t *setting))
{
    int result = 0;

    if (!config_setting_is_list(setting))
        return procedure_complain(reading, setting, "%s: a list ( ) of groups { } is wanted",
                                  key->name);
    if (config_setting_length(setting) > key->most)
        return procedure_complain(reading, setting, "%s: at most %d are possible", key->name,
                                  key->most);
    for (int i = 0; !result && i < config_setting_length(setting); i++)
        result = read(reading, config_setting_get_elem(setting, (unsigned)i));
    return result;
}

/* ---- undertakings ---- */

static int read_spoken(struct reading *reading, const config_setting_t *setting,
                       const struct key *key, void *field)
{
    static const struct key LANGUAGES[] = {
        {"vi", procedure_words, offsetof(struct procedure_undertaking, vi), true, 0,
         PROCEDURE_WORDS_MAX},
        {"en", procedure_words, offsetof(struct procedure_undertaking, en), true, 0,
         PROCEDURE_WORDS_MAX},
    };

    (void)key;
    return procedure_group(reading, setting, TABLE(LANGUAGES), field);
}

static const struct key UNDERTAKING_KEYS[] = {
    {"roles", procedure_roles, offsetof(struct procedure_undertaking, roles), true, 0, 0},
    {"text", read_spoken, 0, true, 0, 0},
    {"article", procedure_line, offsetof(struct procedure_undertaking, article), true, 0, 0},
};

static int read_undertaking(struct reading *reading, const config_setting_t *setting)
{
    struct procedure *procedure = reading->procedure;
    struct procedure_undertaking *undertaking =
        &procedure->undertakings[procedure->undertaking_count];
    int result = procedure_group(reading, setting, TABLE(UNDERTAKING_KEYS), undertaking);

    if (!result)
        result =
            procedure_check(reading, setting, procedure_undertaking_fault(procedure, undertaking));
    procedure->undertaking_count++;
    return result;
}

static int read_undertakings(struct reading *reading, const config_setting_t *setting,
                             const struct key *key, void *field)
{
    int result = read_members(reading, setting, key, read_undertaking);

    (void)field;
    return result ? result
                  : procedure_check(reading, setting,
                                    procedure_undertakings_fault(reading->procedure));
}

/* ---- phases ---- */

#define FIELD(name, read, needed)                                                                  \
    {                                                                                              \
#name, read, offsetof(struct procedure_phase, name), needed, 0, 0                          \
    }
static const struct key PHASE_KEYS[] = {
    FIELD(id, procedure_id, true),
    FIELD(title, procedure_both, true),
    FIELD(article, procedure_line, true),
    FIELD(floor, procedure_roles, false),
    FIELD(hands, procedure_roles, false),
    FIELD(share, procedure_roles, false),
    FIELD(muted, procedure_roles, false),
    FIELD(call, procedure_roles, false),
    FIELD(sequesters, procedure_roles, false),
    FIELD(cut_off, procedure_roles, false),
    FIELD(back, read_back, false),
    {"order", read_order, 0, false, 0, 0},
    {"speech_s", procedure_number, offsetof(struct procedure_phase, speech_s), false, 1,
     SPEECH_MAX_S},
    FIELD(free_speech, procedure_bool, false),
    FIELD(needs_identity, procedure_bool, false),
    FIELD(public_always, procedure_bool, false),
    FIELD(deliberation, procedure_bool, false),
    FIELD(may_end, procedure_bool, false),
};
#undef FIELD

static int read_phase(struct reading *reading, const config_setting_t *setting)
{
    struct procedure *procedure = reading->procedure;
    struct procedure_phase *phase = &procedure->phases[procedure->phase_count];
    int result = procedure_group(reading, setting, TABLE(PHASE_KEYS), phase);

    if (!result && procedure_phase_by_id(procedure, phase->id))
        return procedure_complain(reading, setting, "a second phase with the id \"%s\"", phase->id);
    if (!result)
        result = procedure_check(reading, setting, procedure_phase_fault(procedure, phase));
    procedure->phase_count++;
    return result;
}

static int read_phases(struct reading *reading, const config_setting_t *setting,
                       const struct key *key, void *field)
{
    int result = read_members(reading, setting, key, read_phase);

    (void)field;
    return result ? result
                  : procedure_check(reading, setting, procedure_phases_fault(reading->procedure));
}

/* ---- quorum ---- */

/* In a file either "everyone" or a number; in the procedure everyone is 0. */
static int read_everyone(struct reading *reading, const config_setting_t *setting,
                         const struct key *key, void *field)
{
    bool everyone = false;
    int result = procedure_bool(reading, setting, key, &everyone);

    if (!result && everyone &&
        config_setting_get_member(config_setting_parent(setting), "at_least"))
        return procedure_complain(reading, setting, "everyone and at_least contradict each other");
    if (!result && everyone)
        *(uint32_t *)field = 0;
    return result;
}

#define FIELD(name, read, needed)                                                                  \
    {                                                                                              \
#name, read, offsetof(struct procedure_condition, name), needed, 0, 0                      \
    }
static const struct key CONDITION_KEYS[] = {
    FIELD(id, procedure_id, true),
    FIELD(unmet, procedure_both, true),
    FIELD(met, procedure_both, false),
    FIELD(article, procedure_line, true),
    FIELD(sites, procedure_sites, false),
    FIELD(roles, procedure_roles, true),
    {"at_least", procedure_number, offsetof(struct procedure_condition, at_least), false, 1,
     HEARING_PARTICIPANTS_MAX},
    {"everyone", read_everyone, offsetof(struct procedure_condition, at_least), false, 0, 0},
    FIELD(if_under_18, procedure_bool, false),
    FIELD(if_listed, procedure_bool, false),
    FIELD(pauses, procedure_bool, false),
};
#undef FIELD

static int read_condition(struct reading *reading, const config_setting_t *setting)
{
    struct procedure *procedure = reading->procedure;
    struct procedure_condition *condition = &procedure->conditions[procedure->condition_count];

    condition->at_least = 1;
    int result = procedure_group(reading, setting, TABLE(CONDITION_KEYS), condition);
    for (uint32_t i = 0; !result && i < procedure->condition_count; i++) {
        if (strcmp(procedure->conditions[i].id, condition->id) == 0)
            return procedure_complain(reading, setting, "a second condition with the id \"%s\"",
                                      condition->id);
    }
    if (!result)
        result = procedure_check(reading, setting, procedure_condition_fault(procedure, condition));
    procedure->condition_count++;
    return result;
}

static int read_quorum(struct reading *reading, const config_setting_t *setting,
                       const struct key *key, void *field)
{
    (void)field;
    return read_members(reading, setting, key, read_condition);
}

/* ---- suspension ---- */

static int read_reminders(struct reading *reading, const config_setting_t *setting,
                          const struct key *key, void *field)
{
    struct procedure *procedure = field;
    int result = procedure_list(reading, setting, key);

    if (!result && config_setting_length(setting) > PROCEDURE_REMINDERS_MAX)
        return procedure_complain(reading, setting, "%s: at most %d are possible", key->name,
                                  PROCEDURE_REMINDERS_MAX);
    for (int i = 0; !result && i < config_setting_length(setting); i++)
        result = procedure_number(reading, config_setting_get_elem(setting, (unsigned)i), key,
                                  &procedure->reminder_hours[procedure->reminder_count++]);
    return result;
}

static const struct key SUSPENSION_KEYS[] = {
    {"days", procedure_number, offsetof(struct procedure, suspension_days), true, 0, DAYS_MAX},
    {"article", procedure_line, offsetof(struct procedure, suspension_article), false, 0, 0},
    {"reminder_hours", read_reminders, 0, false, 1, HOURS_MAX},
};

static int read_suspension(struct reading *reading, const config_setting_t *setting,
                           const struct key *key, void *field)
{
    int result = procedure_group(reading, setting, TABLE(SUSPENSION_KEYS), field);

    (void)key;
    return result
               ? result
               : procedure_check(reading, setting, procedure_suspension_fault(reading->procedure));
}

/* ---- the whole ---- */

#define FIELD(name, read, needed)                                                                  \
    {                                                                                              \
#name, read, offsetof(struct procedure, name), needed, 0, 0                                \
    }
static const struct key PROCEDURE_KEYS[] = {
    FIELD(name, procedure_id, true),
    {"version", procedure_number, offsetof(struct procedure, version), true, 1, 1000000},
    FIELD(title, procedure_both, true),
    FIELD(roles, procedure_own_roles, true),
    {"declaration", procedure_number, offsetof(struct procedure, declaration), false, 1, 1000000},
    FIELD(undertakes, procedure_roles, false),
    {"undertakings", read_undertakings, 0, false, 0, PROCEDURE_UNDERTAKINGS_MAX},
    FIELD(attested_by_officer, procedure_roles, false),
    FIELD(may_close_doors, procedure_bool, true),
    {"phases", read_phases, 0, true, 0, PROCEDURE_PHASES_MAX},
    {"quorum", read_quorum, 0, false, 0, PROCEDURE_CONDITIONS_MAX},
    {"suspension", read_suspension, 0, true, 0, 0},
};
#undef FIELD

/* What libconfig itself would let pass: bytes that are no text, and files of others. */
static int check_lines(const char *text, char *error)
{
    unsigned line = 1;

    for (const char *from = text; *from; line++) {
        size_t len = strcspn(from, "\n");
        const char *reason = NULL;
        if (!str_utf8_valid(from, len))
            reason = "not UTF-8";
        else if (memmem(from, len, "@include", strlen("@include")))
            reason = "a procedure is one file and includes no other";
        if (reason) {
            snprintf(error, PROCEDURE_ERROR_SIZE, "line %u: %s", line, reason);
            return -EINVAL;
        }
        from += len + (from[len] == '\n');
    }
    return 0;
}

int procedure_read(const char *text, struct procedure *ret_procedure,
                   char error[static PROCEDURE_ERROR_SIZE])
{
    struct reading reading = {.procedure = ret_procedure, .error = error};
    config_t parsed;
    int result = -EINVAL;

    *ret_procedure = (struct procedure){0};
    if (strlen(text) > PROCEDURE_FILE_MAX) {
        snprintf(error, PROCEDURE_ERROR_SIZE, "line 1: a file of at most %d bytes is wanted",
                 PROCEDURE_FILE_MAX);
        return -EINVAL;
    }
    if (check_lines(text, error))
        return -EINVAL;
    config_init(&parsed);
    if (config_read_string(&parsed, text))
        result = procedure_group(&reading, config_root_setting(&parsed), TABLE(PROCEDURE_KEYS),
                                 ret_procedure);
    else
        snprintf(error, PROCEDURE_ERROR_SIZE, "line %d: %s", config_error_line(&parsed),
                 config_error_text(&parsed));
    config_destroy(&parsed);
    return result;
}
