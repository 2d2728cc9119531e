/*
 * The law of a session as data: what a procedure file (server/procedures/NAME.conf, libconfig)
 * says. The engine interprets it; nothing of it is written in code.
 *
 * Owned by server/court's registry, for as long as the program runs; the engine holds pointers.
 * Files are read at start, and a wrong one is refused with its line and the reason. A version is
 * never changed: a hearing keeps the version it was opened with.
 */
#ifndef ASSIZE_SERVER_HEARING_PROCEDURE_H
#define ASSIZE_SERVER_HEARING_PROCEDURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"

/* clang-format off */
#define PROCEDURE_LIMITS(L) \
    L(PROCEDURE_PHASES_MAX, 16, "phases", "of one procedure") \
    L(PROCEDURE_CONDITIONS_MAX, 24, "conditions", "of the quorum of one procedure") \
    L(PROCEDURE_ORDER_MAX, 24, "roles", "in the speaking order of one phase") \
    L(PROCEDURE_REMINDERS_MAX, 8, "reminders", "of one deadline") \
    L(PROCEDURE_UNDERTAKINGS_MAX, 8, "texts", "that people undertake by, of one procedure") \
    L(PROCEDURE_WORDS_MAX, 1023, "bytes", "one text that is read aloud") \
    L(PROCEDURE_TEXT_MAX, 255, "bytes", "one text of a procedure") \
    L(PROCEDURE_ID_MAX, 47, "bytes", "one identifier of a procedure") \
    L(PROCEDURE_FILE_MAX, 65536, "bytes", "one procedure file")
/* clang-format on */
LIMITS(PROCEDURE_LIMITS);

struct procedure_text {
    char vi[PROCEDURE_TEXT_MAX + 1];
    char en[PROCEDURE_TEXT_MAX + 1];
};

/* Sets of roles, of kinds of sites and of phases are masks of HEARING_BIT(value); phases from 1. */
struct procedure_phase {
    char id[PROCEDURE_ID_MAX + 1];
    struct procedure_text title;
    char article[PROCEDURE_TEXT_MAX + 1]; /* "BLTTHS 307" */
    uint32_t floor;                       /* roles that may be given the floor */
    uint32_t hands;                       /* roles that may ask for it */
    uint32_t share;                       /* roles that may show a second picture */
    uint32_t muted;                       /* roles whose microphones are locked when it begins */
    uint32_t call;                        /* roles that may be called to testify */
    uint32_t sequesters;                  /* roles kept apart from here on, until called */
    uint32_t cut_off;                     /* roles that may be cut off while somebody testifies */
    uint32_t back;                        /* phases the law lets go back to from here */
    uint8_t order[PROCEDURE_ORDER_MAX];   /* roles, first to speak first */
    uint32_t order_count;
    uint32_t speech_s;   /* a clock that is shown and ends nothing; 0: none */
    bool free_speech;    /* the floor is not taken back from its holder (last words) */
    bool needs_identity; /* it is left only when everybody inside is identified */
    bool public_always;  /* not behind closed doors */
    bool deliberation;   /* nobody sees or hears anything, nothing is on record */
    bool may_end;        /* the hearing may be closed from here */
};

/* What must hold for the session to start, to resume, and to go on. */
struct procedure_condition {
    char id[PROCEDURE_ID_MAX + 1];
    struct procedure_text unmet; /* what is missing: "thiếu cán bộ cơ sở giam giữ" */
    struct procedure_text met;   /* that it is there: "có cán bộ cơ sở giam giữ"; or "" */
    char article[PROCEDURE_TEXT_MAX + 1];
    uint32_t
        sites; /* kinds: asked of each such site of the hearing; 0: of the hearing as a whole */
    uint32_t roles; /* somebody with one of these roles inside, with a device that is connected */
    uint32_t at_least; /* so many of them; 0: everyone of these roles on the roster */
    bool if_under_18;  /* only when a defendant of the hearing is under 18 */
    bool if_listed;    /* only when the roster has somebody of these roles (there) */
    bool pauses;       /* its loss stops a session that goes on */
};

/* What somebody says before they testify. */
struct procedure_undertaking {
    uint32_t roles;
    char vi[PROCEDURE_WORDS_MAX + 1];
    char en[PROCEDURE_WORDS_MAX + 1];
    char article[PROCEDURE_TEXT_MAX + 1];
};

struct procedure {
    char name[PROCEDURE_ID_MAX + 1];
    uint32_t version; /* from 1 */
    struct procedure_text title;
    uint32_t roles;       /* that may be on a roster */
    uint32_t declaration; /* version of the court rules to be declared at check-in; 0: none */
    uint32_t undertakes;  /* roles that give an undertaking before they testify */
    struct procedure_undertaking
        undertakings[PROCEDURE_UNDERTAKINGS_MAX]; /* by their roles; none
                         in the versions from before their words were kept */
    uint32_t undertaking_count;
    uint32_t attested_by_officer; /* roles whose identity the officer of their site must vouch for
                                     as well, at a detention facility */
    struct procedure_phase
        phases[PROCEDURE_PHASES_MAX]; /* in order; the first is before the start */
    uint32_t phase_count;
    struct procedure_condition conditions[PROCEDURE_CONDITIONS_MAX];
    uint32_t condition_count;
    bool may_close_doors;
    uint32_t suspension_days; /* calendar days in Asia/Ho_Chi_Minh, after the day of the decision;
                                 0: no limit */
    char suspension_article[PROCEDURE_TEXT_MAX + 1];
    uint32_t reminder_hours[PROCEDURE_REMINDERS_MAX]; /* before the deadline, greatest first */
    uint32_t reminder_count;
};

enum { PROCEDURE_ERROR_SIZE = 320 };

/*
 * Reads the text of a procedure file. 0, or -EINVAL with "line N: reason" in error, and nothing of
 * use in ret_procedure. Everything unknown, missing, out of range, double or contradicting is an
 * error.
 */
int procedure_read(const char *text, struct procedure *ret_procedure,
                   char error[static PROCEDURE_ERROR_SIZE]) __attribute__((warn_unused_result));

/* From 1, or 0 when there is none with this id. */
uint32_t procedure_phase_by_id(const struct procedure *procedure, const char *id);
/* NULL when there is none with this number. */
const struct procedure_phase *procedure_phase(const struct procedure *procedure, uint32_t phase);

#endif
