/*
 * Short names for the generated constants of assize.hearing.v1: HEARING_STATUS(RECESS),
 * HEARING_EVENT(ADMITTED). For everyone above the engine, and the engine itself.
 */
#ifndef ASSIZE_SERVER_HEARING_NAMES_H
#define ASSIZE_SERVER_HEARING_NAMES_H

#include "assize/hearing/v1/hearing.pb-c.h"

#define HEARING_ROLE(name)     ASSIZE__HEARING__V1__ROLE__ROLE_##name
#define HEARING_SITE(name)     ASSIZE__HEARING__V1__SITE_KIND__SITE_KIND_##name
#define HEARING_ENDPOINT(name) ASSIZE__HEARING__V1__ENDPOINT_KIND__ENDPOINT_KIND_##name
#define HEARING_STATUS(name)   ASSIZE__HEARING__V1__STATUS__STATUS_##name
#define HEARING_STANDING(name) ASSIZE__HEARING__V1__STANDING__STANDING_##name
#define HEARING_STAND(name)    ASSIZE__HEARING__V1__STAND__STAND_##name
#define HEARING_SHARE(name)    ASSIZE__HEARING__V1__SHARE_KIND__SHARE_KIND_##name
#define HEARING_PAUSE(name)    ASSIZE__HEARING__V1__PAUSE_CAUSE__PAUSE_CAUSE_##name
#define HEARING_ATTESTER(name) ASSIZE__HEARING__V1__ATTESTER__ATTESTER_##name
#define HEARING_COMMAND(name)  ASSIZE__HEARING__V1__COMMAND__BODY_##name
#define HEARING_EVENT(name)    ASSIZE__HEARING__V1__EVENT__BODY_##name

/* A set of statuses, standings, roles, phases ... is a mask of such bits. */
#define HEARING_BIT(value) (1u << (value))

#endif
