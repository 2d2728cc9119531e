/* Who may do what, by role. What a person may do to themselves (check in, mute, leave) needs no
 * right. */
#include "hearing_internal.h"

#define RIGHT(name) HEARING_BIT(HEARING_RIGHT_##name)

enum {
    SPEAKS = RIGHT(ASK_FLOOR),
    RUNS = RIGHT(ADMIT) | RIGHT(SEND_BACK) | RIGHT(MUTE_OTHERS) | RIGHT(RECORD) |
           RIGHT(CLOSE_GALLERY) | RIGHT(WITNESS),
    CLERKS = RUNS | SPEAKS | RIGHT(NOTES) | RIGHT(IDENTITY),
    PRESIDES = RUNS | RIGHT(CONDUCT) | RIGHT(GIVE_FLOOR) | RIGHT(GALLERY) | RIGHT(CUT_OFF) |
               RIGHT(SCREEN) | RIGHT(OVERRIDE),
    VOUCHES = SPEAKS | RIGHT(IDENTITY),
};

/* The presiding judge gives the floor and so does not ask for it; the gallery has no voice. Whether
 * the hearing is open to the public is for the presiding judge; the clerk may shut the gallery. The
 * minutes are the clerk's; who vouches for people is the clerk, and at a site its officer. */
static const unsigned RIGHTS[] = {
    [HEARING_ROLE(PRESIDING_JUDGE)] = PRESIDES,
    [HEARING_ROLE(PANEL_JUDGE)] = SPEAKS,
    [HEARING_ROLE(LAY_JUDGE)] = SPEAKS,
    [HEARING_ROLE(CLERK)] = CLERKS,
    [HEARING_ROLE(PROCURATOR)] = SPEAKS,
    [HEARING_ROLE(DEFENDANT)] = SPEAKS,
    [HEARING_ROLE(VICTIM)] = SPEAKS,
    [HEARING_ROLE(PLAINTIFF)] = SPEAKS,
    [HEARING_ROLE(RESPONDENT)] = SPEAKS,
    [HEARING_ROLE(RELATED_PARTY)] = SPEAKS,
    [HEARING_ROLE(DEFENCE_COUNSEL)] = SPEAKS,
    [HEARING_ROLE(LAWYER)] = SPEAKS,
    [HEARING_ROLE(PROTECTOR_OF_RIGHTS)] = SPEAKS,
    [HEARING_ROLE(LEGAL_AID_OFFICER)] = SPEAKS,
    [HEARING_ROLE(LAWFUL_REPRESENTATIVE)] = SPEAKS,
    [HEARING_ROLE(WITNESS)] = SPEAKS,
    [HEARING_ROLE(EXPERT)] = SPEAKS,
    [HEARING_ROLE(INTERPRETER)] = SPEAKS,
    [HEARING_ROLE(VALUER)] = SPEAKS,
    [HEARING_ROLE(DETENTION_OFFICER)] = VOUCHES,
    [HEARING_ROLE(SITE_OFFICIAL)] = VOUCHES,
    [HEARING_ROLE(ATTENDEE)] = 0,
    [HEARING_ROLE(JOURNALIST)] = 0,
};

bool hearing_role_has_right(Assize__Hearing__V1__Role role, enum hearing_right right)
{
    return (size_t)role < sizeof(RIGHTS) / sizeof(*RIGHTS) && RIGHTS[role] & HEARING_BIT(right);
}

bool hearing_role_is_court(Assize__Hearing__V1__Role role)
{
    return role == HEARING_ROLE(PRESIDING_JUDGE) || role == HEARING_ROLE(PANEL_JUDGE) ||
           role == HEARING_ROLE(LAY_JUDGE) || role == HEARING_ROLE(CLERK);
}
