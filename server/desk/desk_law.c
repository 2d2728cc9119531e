/* The procedures as the clerk's page knows them: by title, and with those who may take part. */
#include "proto/codec.h"
#include "server/desk/desk_internal.h"
#include "server/hearing/names.h"

enum { ROLES_MAX = ASSIZE__HEARING__V1__ROLE__ROLE_JOURNALIST };

/* NULL when there is no more memory: then it is not told. */
static Assize__Desk__V1__Procedure *tell(struct arena *arena, const struct procedure *procedure)
{
    Assize__Desk__V1__Procedure *told = arena_alloc(arena, sizeof(*told));
    Assize__Hearing__V1__Role *roles = arena_alloc(arena, ROLES_MAX * sizeof(*roles));

    if (!told || !roles)
        return NULL;
    assize__desk__v1__procedure__init(told);
    told->name = codec_text(procedure->name);
    told->vi = codec_text(procedure->title.vi);
    told->en = codec_text(procedure->title.en);
    told->roles = roles;
    for (uint32_t role = HEARING_ROLE(PRESIDING_JUDGE); role <= ROLES_MAX; role++) {
        if (procedure->roles & HEARING_BIT(role))
            told->roles[told->n_roles++] = (Assize__Hearing__V1__Role)role;
    }
    return told;
}

void desk_law_held_by(const struct desk_service *service, struct arena *arena,
                      Assize__Desk__V1__HearingDetails *told)
{
    const struct procedure *procedure =
        procedures_find(court_procedures(service->court), told->summary->procedure, 0);

    told->law = procedure ? tell(arena, procedure) : NULL;
}

struct listing {
    struct arena *arena;
    Assize__Desk__V1__PlanResponse *told;
};

static void add(void *context, const struct procedure *procedure)
{
    const struct listing *listing = context;
    Assize__Desk__V1__Procedure *told = tell(listing->arena, procedure);

    if (told && listing->told->n_offered < PROCEDURES_MAX)
        listing->told->offered[listing->told->n_offered++] = told;
}

void desk_law_offered(const struct desk_service *service, struct arena *arena,
                      Assize__Desk__V1__PlanResponse *told)
{
    struct listing listing = {arena, told};

    told->offered = arena_alloc(arena, PROCEDURES_MAX * sizeof(Assize__Desk__V1__Procedure *));
    if (told->offered)
        procedures_each(court_procedures(service->court), add, &listing);
}
