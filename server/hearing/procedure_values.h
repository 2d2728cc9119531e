/*
 * Reading the values of a procedure file out of libconfig's settings: each kind of group is a table
 * of its keys, each key knows how its value is read. Included only by procedure_*.c; a reader
 * gives 0, or -EINVAL after it has written the line and the reason.
 */
#ifndef ASSIZE_SERVER_HEARING_PROCEDURE_VALUES_H
#define ASSIZE_SERVER_HEARING_PROCEDURE_VALUES_H

#include <libconfig.h>

#include "server/hearing/procedure.h"

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

__attribute__((format(printf, 3, 4))) int procedure_complain(struct reading *reading,
                                                             const config_setting_t *setting,
                                                             const char *format, ...);
/* Complains of the fault, unless it is NULL. */
int procedure_check(struct reading *reading, const config_setting_t *setting, const char *fault);

/* Reads the keys in the order of the table: what comes later may lean on what came before. */
int procedure_group(struct reading *reading, const config_setting_t *group, struct table table,
                    void *base);
/* A list [ ] with something in it. */
int procedure_list(struct reading *reading, const config_setting_t *setting, const struct key *key);
/* The next name of a list; must mean something that is not in the set yet. */
int procedure_name(struct reading *reading, const config_setting_t *element, const struct key *key,
                   unsigned (*meaning)(const char *name), uint32_t *set, unsigned *ret_value);
/* The role of this lower-case name, or 0. */
unsigned procedure_role(const char *name);

/* ---- what stands in a key; field is what the key's offset names ---- */

typedef int procedure_reader(struct reading *reading, const config_setting_t *setting,
                             const struct key *key, void *field);
procedure_reader procedure_bool;
procedure_reader procedure_number; /* uint32_t, from key->least to key->most */
procedure_reader procedure_words;  /* a text of at most key->most bytes */
procedure_reader procedure_line;   /* a text of at most PROCEDURE_TEXT_MAX bytes */
procedure_reader procedure_both;   /* struct procedure_text */
procedure_reader procedure_id;
procedure_reader procedure_own_roles; /* of the procedure itself: all others are among them */
procedure_reader procedure_roles;
procedure_reader procedure_sites;

#endif
