/* Between the files of view.h: who sees what, and the views that make up a snapshot. */
#ifndef ASSIZE_SERVER_SESSION_VIEW_INTERNAL_H
#define ASSIZE_SERVER_SESSION_VIEW_INTERNAL_H

#include "proto/codec.h"
#include "server/hearing/names.h"
#include "server/session/view.h"

/* A message of this type with its defaults, from the view's arena. */
void *view_new(const struct view *view, const ProtobufCMessageDescriptor *type);

/* What stands before a site's name, which may say itself that it is one: "Điểm cầu " or "". */
const char *view_site_before(const char *name);

/* view_people.c */
bool view_sees_inside(const struct view *view);
/* The viewer is of the court: the panel and the clerk. */
bool view_is_court(const struct view *view);
/* Of the court, or an officer of a site. */
bool view_is_official(const struct view *view);
bool view_has_right(const struct view *view, enum hearing_right right);
size_t view_endpoints(const struct view *view, uint64_t wanted,
                      Assize__Signal__V1__EndpointView ***ret_list);
size_t view_participants(const struct view *view, uint64_t wanted,
                         Assize__Signal__V1__ParticipantView ***ret_list);

/* view_hearing.c */
Assize__Signal__V1__HearingView *view_hearing(const struct view *view);
Assize__Signal__V1__SiteView *view_site(const struct view *view, uint32_t index);

/* view_procedure.c */
Assize__Signal__V1__ProcedureView *view_procedure(const struct view *view);
/* What the procedure says of the hearing as it stands. */
void view_fill_law(const struct view *view, Assize__Signal__V1__HearingView *hearing);

#endif
