/* From the text of a procedure file to its values. Each kind of group is a table of its keys. */
#include "server/hearing/procedure_read.h"

#include <errno.h>
#include <libconfig.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "server/hearing/hearing.h"
#include "server/hearing/names.h"

enum { NAME_SIZE = 64, DAYS_MAX = 366, HOURS_MAX = DAYS_MAX * 24, SPEECH_MAX_S = 86400 };

struct reading {
    struct procedure *procedure;
    char *error;
};

struct key {
    const char *name;
    int (*read)(struct reading *reading, const config_setting_t *setting, const struct key *key,
                void *field);
    size_t offset;
    bool needed;
    int least, most; /* of a number */
};

struct table {
    const struct key *keys;
    size_t count;
};
#define TABLE(keys) ((struct table){keys, sizeof(keys) / sizeof(*(keys))})

__attribute__((format(printf, 3, 4))) static int
complain(struct reading *reading, const config_setting_t *setting, const char *format, ...)
{
    va_list arguments;
    unsigned line = config_setting_source_line(setting); /* 0: the file as a whole */
    int n = snprintf(reading->error, PROCEDURE_ERROR_SIZE, "line %u: ", line ? line : 1);

    va_start(arguments, format);
    vsnprintf(reading->error + n, PROCEDURE_ERROR_SIZE - (size_t)n, format, arguments);
    va_end(arguments);
    return -EINVAL;
}

static const char *name_of(const config_setting_t *setting)
{
    const char *name = config_setting_name(setting);

    return name ? name : "an element";
}

/* The reason goes to the line of the setting, unless there is none. */
static int check(struct reading *reading, const config_setting_t *setting, const char *fault)
{
    return fault ? complain(reading, setting, "%s", fault) : 0;
}

/* ---- groups ---- */

static int refuse_unknown(struct reading *reading, const config_setting_t *group,
                          struct table table)
{
    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *setting = config_setting_get_elem(group, (unsigned)i);
        size_t k = 0;
        while (k < table.count && strcmp(table.keys[k].name, config_setting_name(setting)) != 0)
            k++;
        if (k == table.count)
            return complain(reading, setting, "%s: there is no such key here",
                            config_setting_name(setting));
    }
    return 0;
}

/* Reads the keys in the order of the table: what comes later may lean on what came before. */
static int read_group(struct reading *reading, const config_setting_t *group, struct table table,
                      void *base)
{
    if (!config_setting_is_group(group))
        return complain(reading, group, "%s: a group { } is wanted", name_of(group));
    int result = refuse_unknown(reading, group, table);
    for (size_t i = 0; !result && i < table.count; i++) {
        const struct key *key = &table.keys[i];
        const config_setting_t *setting = config_setting_get_member(group, key->name);
        if (setting)
            result = key->read(reading, setting, key, (char *)base + key->offset);
        else if (key->needed)
            result = complain(reading, group, "%s is missing", key->name);
    }
    return result;
}

/* ---- values ---- */

static int read_bool(struct reading *reading, const config_setting_t *setting,
                     const struct key *key, void *field)
{
    if (config_setting_type(setting) != CONFIG_TYPE_BOOL)
        return complain(reading, setting, "%s: true or false is wanted", key->name);
    *(bool *)field = config_setting_get_bool(setting);
    return 0;
}

static int read_number(struct reading *reading, const config_setting_t *setting,
                       const struct key *key, void *field)
{
    int value = config_setting_get_int(setting);

    if (config_setting_type(setting) != CONFIG_TYPE_INT || value < key->least || value > key->most)
        return complain(reading, setting, "%s: a whole number from %d to %d is wanted", key->name,
                        key->least, key->most);
    *(uint32_t *)field = (uint32_t)value;
    return 0;
}

static bool has_control(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < ' ' || *text == '\x7f')
            return true;
    }
    return false;
}

static int read_text(struct reading *reading, const config_setting_t *setting,
                     const struct key *key, void *field)
{
    const char *text = config_setting_get_string(setting);
    char *nfc = NULL;

    if (!text || !*text)
        return complain(reading, setting, "%s: a text is wanted", key->name);
    if (strlen(text) > PROCEDURE_TEXT_MAX)
        return complain(reading, setting, "%s: a text of at most %d bytes is wanted", key->name,
                        PROCEDURE_TEXT_MAX);
    if (str_nfc(text, 2 * PROCEDURE_TEXT_MAX, &nfc))
        return complain(reading, setting, "%s: the text is not UTF-8", key->name);
    bool is_nfc = strcmp(text, nfc) == 0;
    free(nfc);
    if (!is_nfc)
        return complain(reading, setting, "%s: the text is not in Unicode's form NFC", key->name);
    if (has_control(text))
        return complain(reading, setting, "%s: the text holds a control character", key->name);
    str_copy(field, PROCEDURE_TEXT_MAX + 1, text);
    return 0;
}

static int read_both_texts(struct reading *reading, const config_setting_t *setting,
                           const struct key *key, void *field)
{
    static const struct key LANGUAGES[] = {
        {"vi", read_text, offsetof(struct procedure_text, vi), true, 0, 0},
        {"en", read_text, offsetof(struct procedure_text, en), true, 0, 0},
    };

    (void)key;
    return read_group(reading, setting, TABLE(LANGUAGES), field);
}

static int read_id(struct reading *reading, const config_setting_t *setting, const struct key *key,
                   void *field)
{
    const char *id = config_setting_get_string(setting);

    if (!id || !*id || strlen(id) > PROCEDURE_ID_MAX ||
        strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(id))
        return complain(reading, setting, "%s: at most %d of a-z, 0-9 and _ are wanted", key->name,
                        PROCEDURE_ID_MAX);
    str_copy(field, PROCEDURE_ID_MAX + 1, id);
    return 0;
}

/* ---- sets of names ---- */

/* The value of a lower-case name in an enumeration of the protocol, or 0. */
static unsigned value_of(const ProtobufCEnumDescriptor *type, const char *prefix, const char *name)
{
    char upper[NAME_SIZE];
    size_t len = strlen(prefix);

    if (len + strlen(name) >= sizeof(upper))
        return 0;
    str_copy(upper, sizeof(upper), prefix);
    for (; *name; name++) {
        if (*name != '_' && (*name < 'a' || *name > 'z'))
            return 0;
        upper[len++] = (char)(*name == '_' ? '_' : *name - 'a' + 'A');
    }
    upper[len] = '\0';
    const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value_by_name(type, upper);
    return value ? (unsigned)value->value : 0;
}

static unsigned role_of(const char *name)
{
    return value_of(&assize__hearing__v1__role__descriptor, "ROLE_", name);
}

static unsigned site_of(const char *name)
{
    return value_of(&assize__hearing__v1__site_kind__descriptor, "SITE_KIND_", name);
}

static int check_list(struct reading *reading, const config_setting_t *setting,
                      const struct key *key)
{
    if (!config_setting_is_array(setting) || !config_setting_length(setting))
        return complain(reading, setting, "%s: a list [ ] with something in it is wanted",
                        key->name);
    return 0;
}

/* The next name of a list; must mean something that is not in the set yet. */
static int add_name(struct reading *reading, const config_setting_t *element, const struct key *key,
                    unsigned (*meaning)(const char *name), uint32_t *set, unsigned *ret_value)
{
    const char *name = config_setting_get_string(element);

    *ret_value = name ? meaning(name) : 0;
    if (!*ret_value)
        return complain(reading, element, "%s: \"%s\" is unknown", key->name, name ? name : "");
    if (*set & HEARING_BIT(*ret_value))
        return complain(reading, element, "%s: \"%s\" stands there twice", key->name, name);
    *set |= HEARING_BIT(*ret_value);
    return 0;
}

static int read_names(struct reading *reading, const config_setting_t *setting,
                      const struct key *key, unsigned (*meaning)(const char *name), uint32_t *set)
{
    unsigned value;
    int result = check_list(reading, setting, key);

    for (int i = 0; !result && i < config_setting_length(setting); i++)
        result = add_name(reading, config_setting_get_elem(setting, (unsigned)i), key, meaning, set,
                          &value);
    return result;
}

static bool says_all(const config_setting_t *setting)
{
    const char *text = config_setting_get_string(setting);

    return text && strcmp(text, "all") == 0;
}

/* Of the procedure itself: the roles that all others are among. */
static int read_own_roles(struct reading *reading, const config_setting_t *setting,
                          const struct key *key, void *field)
{
    uint32_t *roles = field;
    int result = 0;

    if (says_all(setting))
        *roles = HEARING_BIT(HEARING_ROLE(JOURNALIST) + 1) - 2;
    else
        result = read_names(reading, setting, key, role_of, roles);
    if (!result && !(*roles & HEARING_BIT(HEARING_ROLE(PRESIDING_JUDGE))))
        return complain(reading, setting, "%s: presiding_judge is missing", key->name);
    return result;
}

static int read_roles(struct reading *reading, const config_setting_t *setting,
                      const struct key *key, void *field)
{
    uint32_t *roles = field;

    if (says_all(setting)) {
        *roles = reading->procedure->roles;
        return 0;
    }
    int result = read_names(reading, setting, key, role_of, roles);
    if (!result && *roles & ~reading->procedure->roles)
        return complain(reading, setting, "%s: a role that the procedure itself does not have",
                        key->name);
    return result;
}

static int read_sites(struct reading *reading, const config_setting_t *setting,
                      const struct key *key, void *field)
{
    return read_names(reading, setting, key, site_of, field);
}

static int read_order(struct reading *reading, const config_setting_t *setting,
                      const struct key *key, void *field)
{
    struct procedure_phase *phase = field;
    uint32_t seen = 0;
    unsigned role;
    int result = check_list(reading, setting, key);

    for (int i = 0; !result && i < config_setting_length(setting); i++) {
        const config_setting_t *element = config_setting_get_elem(setting, (unsigned)i);
        result = add_name(reading, element, key, role_of, &seen, &role);
        if (!result && phase->order_count == PROCEDURE_ORDER_MAX)
            return complain(reading, element, "%s: at most %d roles", key->name,
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
    int result = check_list(reading, setting, key);

    for (int i = 0; !result && i < config_setting_length(setting); i++) {
        const config_setting_t *element = config_setting_get_elem(setting, (unsigned)i);
        const char *id = config_setting_get_string(element);
        uint32_t phase = id ? procedure_phase_by_id(reading->procedure, id) : 0;
        if (!phase)
            return complain(reading, element, "%s: \"%s\" is no phase before this one", key->name,
                            id ? id : "");
        if (*set & HEARING_BIT(phase))
            return complain(reading, element, "%s: \"%s\" stands there twice", key->name, id);
        *set |= HEARING_BIT(phase);
    }
    return result;
}

/* ---- phases ---- */

#define FIELD(name, read, needed)                                                                  \
    {                                                                                              \
#name, read, offsetof(struct procedure_phase, name), needed, 0, 0                          \
    }
static const struct key PHASE_KEYS[] = {
    FIELD(id, read_id, true),
    FIELD(title, read_both_texts, true),
    FIELD(article, read_text, true),
    FIELD(floor, read_roles, false),
    FIELD(hands, read_roles, false),
    FIELD(share, read_roles, false),
    FIELD(muted, read_roles, false),
    FIELD(call, read_roles, false),
    FIELD(sequesters, read_roles, false),
    FIELD(cut_off, read_roles, false),
    FIELD(back, read_back, false),
    {"order", read_order, 0, false, 0, 0},
    {"speech_s", read_number, offsetof(struct procedure_phase, speech_s), false, 1, SPEECH_MAX_S},
    FIELD(free_speech, read_bool, false),
    FIELD(needs_identity, read_bool, false),
    FIELD(public_always, read_bool, false),
    FIELD(deliberation, read_bool, false),
    FIELD(may_end, read_bool, false),
};
#undef FIELD

static int read_phase(struct reading *reading, const config_setting_t *setting)
{
    struct procedure *procedure = reading->procedure;
    struct procedure_phase *phase = &procedure->phases[procedure->phase_count];
    int result = read_group(reading, setting, TABLE(PHASE_KEYS), phase);

    if (!result && procedure_phase_by_id(procedure, phase->id))
        return complain(reading, setting, "a second phase with the id \"%s\"", phase->id);
    if (!result)
        result = check(reading, setting, procedure_phase_fault(procedure, phase));
    procedure->phase_count++;
    return result;
}

static int read_members(struct reading *reading, const config_setting_t *setting,
                        const struct key *key,
                        int (*read)(struct reading *reading, const config_setting_t *setting))
{
    int result = 0;

    if (!config_setting_is_list(setting))
        return complain(reading, setting, "%s: a list ( ) of groups { } is wanted", key->name);
    if (config_setting_length(setting) > key->most)
        return complain(reading, setting, "%s: at most %d are possible", key->name, key->most);
    for (int i = 0; !result && i < config_setting_length(setting); i++)
        result = read(reading, config_setting_get_elem(setting, (unsigned)i));
    return result;
}

static int read_phases(struct reading *reading, const config_setting_t *setting,
                       const struct key *key, void *field)
{
    int result = read_members(reading, setting, key, read_phase);

    (void)field;
    return result ? result : check(reading, setting, procedure_phases_fault(reading->procedure));
}

/* ---- quorum ---- */

/* In a file either "everyone" or a number; in the procedure everyone is 0. */
static int read_everyone(struct reading *reading, const config_setting_t *setting,
                         const struct key *key, void *field)
{
    bool everyone = false;
    int result = read_bool(reading, setting, key, &everyone);

    if (!result && everyone &&
        config_setting_get_member(config_setting_parent(setting), "at_least"))
        return complain(reading, setting, "everyone and at_least contradict each other");
    if (!result && everyone)
        *(uint32_t *)field = 0;
    return result;
}

#define FIELD(name, read, needed)                                                                  \
    {                                                                                              \
#name, read, offsetof(struct procedure_condition, name), needed, 0, 0                      \
    }
static const struct key CONDITION_KEYS[] = {
    FIELD(id, read_id, true),
    FIELD(unmet, read_both_texts, true),
    FIELD(met, read_both_texts, false),
    FIELD(article, read_text, true),
    FIELD(sites, read_sites, false),
    FIELD(roles, read_roles, true),
    {"at_least", read_number, offsetof(struct procedure_condition, at_least), false, 1,
     HEARING_PARTICIPANTS_MAX},
    {"everyone", read_everyone, offsetof(struct procedure_condition, at_least), false, 0, 0},
    FIELD(if_under_18, read_bool, false),
    FIELD(if_listed, read_bool, false),
    FIELD(pauses, read_bool, false),
};
#undef FIELD

static int read_condition(struct reading *reading, const config_setting_t *setting)
{
    struct procedure *procedure = reading->procedure;
    struct procedure_condition *condition = &procedure->conditions[procedure->condition_count];

    condition->at_least = 1;
    int result = read_group(reading, setting, TABLE(CONDITION_KEYS), condition);
    for (uint32_t i = 0; !result && i < procedure->condition_count; i++) {
        if (strcmp(procedure->conditions[i].id, condition->id) == 0)
            return complain(reading, setting, "a second condition with the id \"%s\"",
                            condition->id);
    }
    if (!result)
        result = check(reading, setting, procedure_condition_fault(procedure, condition));
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
    int result = check_list(reading, setting, key);

    if (!result && config_setting_length(setting) > PROCEDURE_REMINDERS_MAX)
        return complain(reading, setting, "%s: at most %d are possible", key->name,
                        PROCEDURE_REMINDERS_MAX);
    for (int i = 0; !result && i < config_setting_length(setting); i++)
        result = read_number(reading, config_setting_get_elem(setting, (unsigned)i), key,
                             &procedure->reminder_hours[procedure->reminder_count++]);
    return result;
}

static const struct key SUSPENSION_KEYS[] = {
    {"days", read_number, offsetof(struct procedure, suspension_days), true, 0, DAYS_MAX},
    {"article", read_text, offsetof(struct procedure, suspension_article), false, 0, 0},
    {"reminder_hours", read_reminders, 0, false, 1, HOURS_MAX},
};

static int read_suspension(struct reading *reading, const config_setting_t *setting,
                           const struct key *key, void *field)
{
    int result = read_group(reading, setting, TABLE(SUSPENSION_KEYS), field);

    (void)key;
    return result ? result
                  : check(reading, setting, procedure_suspension_fault(reading->procedure));
}

/* ---- the whole ---- */

#define FIELD(name, read, needed)                                                                  \
    {                                                                                              \
#name, read, offsetof(struct procedure, name), needed, 0, 0                                \
    }
static const struct key PROCEDURE_KEYS[] = {
    FIELD(name, read_id, true),
    {"version", read_number, offsetof(struct procedure, version), true, 1, 1000000},
    FIELD(title, read_both_texts, true),
    FIELD(roles, read_own_roles, true),
    {"declaration", read_number, offsetof(struct procedure, declaration), false, 1, 1000000},
    FIELD(undertakes, read_roles, false),
    FIELD(attested_by_officer, read_roles, false),
    FIELD(may_close_doors, read_bool, true),
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
        result = read_group(&reading, config_root_setting(&parsed), TABLE(PROCEDURE_KEYS),
                            ret_procedure);
    else
        snprintf(error, PROCEDURE_ERROR_SIZE, "line %d: %s", config_error_line(&parsed),
                 config_error_text(&parsed));
    config_destroy(&parsed);
    return result;
}
