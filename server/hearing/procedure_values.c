/* The values of a procedure file: texts, numbers, names, and groups of them. */
#include "server/hearing/procedure_values.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "server/hearing/hearing.h"
#include "server/hearing/names.h"

enum { NAME_SIZE = 64 };

/* A text of the file may stand in the complaint, which is one line whatever was in it. */
__attribute__((format(printf, 3, 4))) int procedure_complain(struct reading *reading,
                                                             const config_setting_t *setting,
                                                             const char *format, ...)
{
    va_list arguments;
    unsigned line = config_setting_source_line(setting); /* 0: the file as a whole */
    int n = snprintf(reading->error, PROCEDURE_ERROR_SIZE, "line %u: ", line ? line : 1);

    va_start(arguments, format);
    vsnprintf(reading->error + n, PROCEDURE_ERROR_SIZE - (size_t)n, format, arguments);
    va_end(arguments);
    for (char *at = reading->error; *at; at++) {
        if (str_is_control(*at))
            *at = '?';
    }
    return -EINVAL;
}

static const char *name_of(const config_setting_t *setting)
{
    const char *name = config_setting_name(setting);

    return name ? name : "an element";
}

/* The reason goes to the line of the setting, unless there is none. */
int procedure_check(struct reading *reading, const config_setting_t *setting, const char *fault)
{
    return fault ? procedure_complain(reading, setting, "%s", fault) : 0;
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
            return procedure_complain(reading, setting, "%s: there is no such key here",
                                      config_setting_name(setting));
    }
    return 0;
}

/* Reads the keys in the order of the table: what comes later may lean on what came before. */
int procedure_group(struct reading *reading, const config_setting_t *group, struct table table,
                    void *base)
{
    if (!config_setting_is_group(group))
        return procedure_complain(reading, group, "%s: a group { } is wanted", name_of(group));
    int result = refuse_unknown(reading, group, table);
    for (size_t i = 0; !result && i < table.count; i++) {
        const struct key *key = &table.keys[i];
        const config_setting_t *setting = config_setting_get_member(group, key->name);
        if (setting)
            result = key->read(reading, setting, key, (char *)base + key->offset);
        else if (key->needed)
            result = procedure_complain(reading, group, "%s is missing", key->name);
    }
    return result;
}

/* ---- values ---- */

int procedure_bool(struct reading *reading, const config_setting_t *setting, const struct key *key,
                   void *field)
{
    if (config_setting_type(setting) != CONFIG_TYPE_BOOL)
        return procedure_complain(reading, setting, "%s: true or false is wanted", key->name);
    *(bool *)field = config_setting_get_bool(setting);
    return 0;
}

int procedure_number(struct reading *reading, const config_setting_t *setting,
                     const struct key *key, void *field)
{
    int value = config_setting_get_int(setting);

    if (config_setting_type(setting) != CONFIG_TYPE_INT || value < key->least || value > key->most)
        return procedure_complain(reading, setting, "%s: a whole number from %d to %d is wanted",
                                  key->name, key->least, key->most);
    *(uint32_t *)field = (uint32_t)value;
    return 0;
}

/* key->most is the field's size less one. */
int procedure_words(struct reading *reading, const config_setting_t *setting, const struct key *key,
                    void *field)
{
    const char *text = config_setting_get_string(setting);
    char *nfc = NULL;

    if (!text || !*text)
        return procedure_complain(reading, setting, "%s: a text is wanted", key->name);
    if (strlen(text) > (size_t)key->most)
        return procedure_complain(reading, setting, "%s: a text of at most %d bytes is wanted",
                                  key->name, key->most);
    if (str_nfc(text, 2 * (size_t)key->most, &nfc))
        return procedure_complain(reading, setting, "%s: the text is not UTF-8", key->name);
    bool is_nfc = strcmp(text, nfc) == 0;
    free(nfc);
    if (!is_nfc)
        return procedure_complain(reading, setting, "%s: the text is not in Unicode's form NFC",
                                  key->name);
    if (!str_is_line(text))
        return procedure_complain(reading, setting, "%s: the text holds a control character",
                                  key->name);
    str_copy(field, (size_t)key->most + 1, text);
    return 0;
}

int procedure_line(struct reading *reading, const config_setting_t *setting, const struct key *key,
                   void *field)
{
    struct key text = *key;

    text.most = PROCEDURE_TEXT_MAX;
    return procedure_words(reading, setting, &text, field);
}

int procedure_both(struct reading *reading, const config_setting_t *setting, const struct key *key,
                   void *field)
{
    static const struct key LANGUAGES[] = {
        {"vi", procedure_line, offsetof(struct procedure_text, vi), true, 0, 0},
        {"en", procedure_line, offsetof(struct procedure_text, en), true, 0, 0},
    };

    (void)key;
    return procedure_group(reading, setting, TABLE(LANGUAGES), field);
}

int procedure_id(struct reading *reading, const config_setting_t *setting, const struct key *key,
                 void *field)
{
    const char *id = config_setting_get_string(setting);

    if (!id || !*id || strlen(id) > PROCEDURE_ID_MAX ||
        strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789_") != strlen(id))
        return procedure_complain(reading, setting, "%s: at most %d of a-z, 0-9 and _ are wanted",
                                  key->name, PROCEDURE_ID_MAX);
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

unsigned procedure_role(const char *name)
{
    return value_of(&assize__hearing__v1__role__descriptor, "ROLE_", name);
}

static unsigned site_of(const char *name)
{
    return value_of(&assize__hearing__v1__site_kind__descriptor, "SITE_KIND_", name);
}

int procedure_list(struct reading *reading, const config_setting_t *setting, const struct key *key)
{
    if (!config_setting_is_array(setting) || !config_setting_length(setting))
        return procedure_complain(reading, setting, "%s: a list [ ] with something in it is wanted",
                                  key->name);
    return 0;
}

/* The next name of a list; must mean something that is not in the set yet. */
int procedure_name(struct reading *reading, const config_setting_t *element, const struct key *key,
                   unsigned (*meaning)(const char *name), uint32_t *set, unsigned *ret_value)
{
    const char *name = config_setting_get_string(element);

    *ret_value = name ? meaning(name) : 0;
    if (!*ret_value)
        return procedure_complain(reading, element, "%s: \"%s\" is unknown", key->name,
                                  name ? name : "");
    if (*set & HEARING_BIT(*ret_value))
        return procedure_complain(reading, element, "%s: \"%s\" stands there twice", key->name,
                                  name);
    *set |= HEARING_BIT(*ret_value);
    return 0;
}

static int read_names(struct reading *reading, const config_setting_t *setting,
                      const struct key *key, unsigned (*meaning)(const char *name), uint32_t *set)
{
    unsigned value;
    int result = procedure_list(reading, setting, key);

    for (int i = 0; !result && i < config_setting_length(setting); i++)
        result = procedure_name(reading, config_setting_get_elem(setting, (unsigned)i), key,
                                meaning, set, &value);
    return result;
}

static bool says_all(const config_setting_t *setting)
{
    const char *text = config_setting_get_string(setting);

    return text && strcmp(text, "all") == 0;
}

/* Of the procedure itself: the roles that all others are among. */
int procedure_own_roles(struct reading *reading, const config_setting_t *setting,
                        const struct key *key, void *field)
{
    uint32_t *roles = field;
    int result = 0;

    if (says_all(setting))
        *roles = HEARING_BIT(HEARING_ROLE(JOURNALIST) + 1) - 2;
    else
        result = read_names(reading, setting, key, procedure_role, roles);
    if (!result && !(*roles & HEARING_BIT(HEARING_ROLE(PRESIDING_JUDGE))))
        return procedure_complain(reading, setting, "%s: presiding_judge is missing", key->name);
    return result;
}

int procedure_roles(struct reading *reading, const config_setting_t *setting, const struct key *key,
                    void *field)
{
    uint32_t *roles = field;

    if (says_all(setting)) {
        *roles = reading->procedure->roles;
        return 0;
    }
    int result = read_names(reading, setting, key, procedure_role, roles);
    if (!result && *roles & ~reading->procedure->roles)
        return procedure_complain(reading, setting,
                                  "%s: a role that the procedure itself does not have", key->name);
    return result;
}

int procedure_sites(struct reading *reading, const config_setting_t *setting, const struct key *key,
                    void *field)
{
    return read_names(reading, setting, key, site_of, field);
}
