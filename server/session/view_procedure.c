/* Views of the law: the procedure as its file says, what it asks of this hearing now, and the rule
 * behind a refusal. */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "server/session/view_internal.h"

enum { ROLES = HEARING_ROLE(JOURNALIST), CHECK_TEXT_SIZE = 2 * HEARING_NAME_SIZE + 64 };

static Assize__Signal__V1__Text *text_of(const struct view *view, const struct procedure_text *from)
{
    Assize__Signal__V1__Text *t = view_new(view, &assize__signal__v1__text__descriptor);

    t->vi = codec_text(from->vi);
    t->en = codec_text(from->en);
    return t;
}

static size_t roles_of(const struct view *view, uint32_t mask, Assize__Hearing__V1__Role **ret_list)
{
    size_t count = 0;

    *ret_list = arena_alloc(view->arena, sizeof(**ret_list) * (ROLES + 1));
    for (int role = 1; role <= ROLES; role++) {
        if (mask & HEARING_BIT(role))
            (*ret_list)[count++] = (Assize__Hearing__V1__Role)role;
    }
    return count;
}

static Assize__Signal__V1__PhaseView *phase_view(const struct view *view,
                                                 const struct procedure_phase *from)
{
    Assize__Signal__V1__PhaseView *p = view_new(view, &assize__signal__v1__phase_view__descriptor);

    p->title = text_of(view, &from->title);
    p->article = codec_text(from->article);
    p->n_floor = roles_of(view, from->floor, &p->floor);
    p->n_share = roles_of(view, from->share, &p->share);
    p->n_muted = roles_of(view, from->muted, &p->muted);
    p->n_call = roles_of(view, from->call, &p->call);
    p->n_cut_off = roles_of(view, from->cut_off, &p->cut_off);
    p->order = arena_alloc(view->arena, sizeof(*p->order) * PROCEDURE_ORDER_MAX);
    for (uint32_t i = 0; i < from->order_count; i++)
        p->order[p->n_order++] = (Assize__Hearing__V1__Role)from->order[i];
    p->has_public_always = p->has_deliberation = p->has_free_speech = 1;
    p->public_always = from->public_always;
    p->deliberation = from->deliberation;
    p->free_speech = from->free_speech;
    return p;
}

static Assize__Signal__V1__UndertakingView *
undertaking_view(const struct view *view, const struct procedure_undertaking *from)
{
    Assize__Signal__V1__UndertakingView *u =
        view_new(view, &assize__signal__v1__undertaking_view__descriptor);

    u->n_roles = roles_of(view, from->roles, &u->roles);
    u->text = view_new(view, &assize__signal__v1__text__descriptor);
    u->text->vi = codec_text(from->vi);
    u->text->en = codec_text(from->en);
    u->article = codec_text(from->article);
    return u;
}

Assize__Signal__V1__ProcedureView *view_procedure(const struct view *view)
{
    const struct procedure *from = view->state->procedure;
    Assize__Signal__V1__ProcedureView *p =
        view_new(view, &assize__signal__v1__procedure_view__descriptor);

    p->name = codec_text(from->name);
    p->has_version = p->has_declaration = 1;
    p->version = from->version;
    p->declaration = from->declaration;
    p->title = text_of(view, &from->title);
    p->phases = arena_alloc(view->arena, sizeof(*p->phases) * PROCEDURE_PHASES_MAX);
    for (uint32_t i = 0; i < from->phase_count; i++)
        p->phases[p->n_phases++] = phase_view(view, &from->phases[i]);
    p->undertakings =
        arena_alloc(view->arena, sizeof(*p->undertakings) * PROCEDURE_UNDERTAKINGS_MAX);
    for (uint32_t i = 0; i < from->undertaking_count; i++)
        p->undertakings[p->n_undertakings++] = undertaking_view(view, &from->undertakings[i]);
    return p;
}

/* ---- the conditions ---- */

static size_t people_of(const struct view *view, uint64_t bits, uint32_t **ret_list)
{
    size_t count = 0;

    *ret_list = arena_alloc(view->arena, sizeof(**ret_list) * HEARING_PARTICIPANTS_MAX);
    for (uint32_t id = 1; id <= view->state->participant_count; id++) {
        if (bits >> (id - 1) & 1)
            (*ret_list)[count++] = id;
    }
    return count;
}

static char *print(const struct view *view, const char *before, const char *site, const char *says)
{
    char text[CHECK_TEXT_SIZE];

    int len = snprintf(text, sizeof(text), "%s%s%s%s", before, site, *site ? ": " : "", says);
    return arena_copy(view->arena, text, len < CHECK_TEXT_SIZE ? (size_t)len : CHECK_TEXT_SIZE - 1);
}

static const struct procedure_text *met_text(const struct procedure_condition *condition)
{
    static const struct procedure_text as_asked = {"đủ điều kiện", "as the law asks"};

    return *condition->met.vi ? &condition->met : &as_asked;
}

static Assize__Signal__V1__Text *check_text(const struct view *view,
                                            const struct hearing_check *check)
{
    const struct hearing_site *site = hearing_site(view->state, check->site);
    const char *name = site ? view->record->sites[check->site - 1].name : "";
    const char *before = view_site_before(name);
    const struct procedure_text *says =
        check->met ? met_text(check->condition) : &check->condition->unmet;
    Assize__Signal__V1__Text *t = view_new(view, &assize__signal__v1__text__descriptor);

    t->vi = print(view, before, name, says->vi);
    t->en = print(view, *before ? "Site " : "", name, says->en);
    return t;
}

static Assize__Signal__V1__CheckView *check_view(const struct view *view,
                                                 const struct hearing_check *from)
{
    Assize__Signal__V1__CheckView *c = view_new(view, &assize__signal__v1__check_view__descriptor);

    c->id = codec_text(from->condition->id);
    c->article = codec_text(from->condition->article);
    c->has_site = c->has_met = 1;
    c->site = from->site;
    c->met = from->met;
    c->text = check_text(view, from);
    c->n_missing = people_of(view, from->missing, &c->missing);
    return c;
}

/* All conditions, or those that fail. */
static size_t check_views(const struct view *view, bool unmet_only,
                          Assize__Signal__V1__CheckView ***ret_list)
{
    struct hearing_check checks[HEARING_CHECKS_MAX];
    size_t asked = hearing_quorum(view->state, checks);
    size_t count = 0;

    *ret_list = arena_alloc(view->arena, sizeof(**ret_list) * HEARING_CHECKS_MAX);
    for (size_t i = 0; i < asked; i++) {
        if (!unmet_only || !checks[i].met)
            (*ret_list)[count++] = check_view(view, &checks[i]);
    }
    return count;
}

/* ---- refusals ---- */

static void add_override(const struct view *view, Assize__Signal__V1__Refusal *r, const char *rule)
{
    for (size_t i = 0; i < r->n_overrides; i++) {
        if (strcmp(r->overrides[i], rule) == 0)
            return;
    }
    r->overrides[r->n_overrides++] = arena_copy(view->arena, rule, strlen(rule));
}

/* What the command named, and all that is shown with the refusal. */
static void tell_overrides(const struct view *view, Assize__Signal__V1__Refusal *r,
                           const Assize__Hearing__V1__Command *command)
{
    char rule[HEARING_RULE_MAX + 1];

    r->overrides =
        arena_alloc(view->arena, sizeof(*r->overrides) * (command->n_overrides + 1 + r->n_unmet));
    for (size_t i = 0; i < command->n_overrides; i++)
        add_override(view, r, command->overrides[i]);
    add_override(view, r, r->rule);
    for (size_t i = 0; i < r->n_unmet; i++) {
        hearing_quorum_rule(r->unmet[i]->id, rule);
        add_override(view, r, rule);
    }
}

Assize__Signal__V1__Refusal *view_refusal(const struct view *view, enum refusal refusal,
                                          const Assize__Hearing__V1__Command *command,
                                          struct hearing_actor actor)
{
    const struct refusal_info *info = refusal_info(refusal);
    Assize__Signal__V1__Refusal *r = view_new(view, &assize__signal__v1__refusal__descriptor);
    struct hearing_reason reason = {0};

    r->code = codec_text(info->code);
    r->vi = codec_text(info->vi);
    r->en = codec_text(info->en);
    hearing_explain(view->state, command, actor, refusal, &reason);
    if (!*reason.rule)
        return r;
    r->rule = arena_copy(view->arena, reason.rule, strlen(reason.rule));
    r->article = arena_copy(view->arena, reason.article, strlen(reason.article));
    if (refusal == REFUSAL_QUORUM_NOT_MET && view_is_official(view))
        r->n_unmet = check_views(view, true, &r->unmet);
    if (refusal == REFUSAL_IDENTITY_NEEDED && view_is_official(view))
        r->n_people = people_of(view, hearing_unidentified(view->state), &r->people);
    if (reason.can_override)
        tell_overrides(view, r, command);
    return r;
}

/* ---- the next step ---- */

static Assize__Signal__V1__StepView__Kind kind_of(Assize__Hearing__V1__Command__BodyCase command)
{
    if (command == HEARING_COMMAND(START))
        return ASSIZE__SIGNAL__V1__STEP_VIEW__KIND__KIND_START;
    if (command == HEARING_COMMAND(ENTER_PHASE))
        return ASSIZE__SIGNAL__V1__STEP_VIEW__KIND__KIND_PHASE;
    if (command == HEARING_COMMAND(RESUME))
        return ASSIZE__SIGNAL__V1__STEP_VIEW__KIND__KIND_RESUME;
    if (command == HEARING_COMMAND(CLOSE))
        return ASSIZE__SIGNAL__V1__STEP_VIEW__KIND__KIND_CLOSE;
    return ASSIZE__SIGNAL__V1__STEP_VIEW__KIND__KIND_UNSPECIFIED;
}

/* Why the step would be refused, as if the viewer had asked for it. */
static Assize__Signal__V1__Refusal *step_blocked(const struct view *view,
                                                 const struct hearing_step *step)
{
    const struct hearing_participant *who = hearing_participant(view->state, view->viewer);
    Assize__Hearing__V1__Command command = ASSIZE__HEARING__V1__COMMAND__INIT;
    Assize__Hearing__V1__EnterPhase enter = ASSIZE__HEARING__V1__ENTER_PHASE__INIT;

    enter.has_phase = 1;
    enter.phase = step->phase;
    command.has_seen_seq = 1;
    command.seen_seq = view->state->seq;
    command.body_case = step->command;
    command.enter_phase = &enter;
    /* The other steps are messages without fields, like the start. */
    Assize__Hearing__V1__Start start = ASSIZE__HEARING__V1__START__INIT;
    if (step->command != HEARING_COMMAND(ENTER_PHASE))
        command.start = &start;
    return view_refusal(view, step->blocked, &command,
                        (struct hearing_actor){who->id, who->endpoint});
}

static Assize__Signal__V1__StepView *step_view(const struct view *view)
{
    Assize__Signal__V1__StepView *s;
    struct hearing_step step;

    hearing_next_step(view->state, &step);
    if (!step.command)
        return NULL;
    s = view_new(view, &assize__signal__v1__step_view__descriptor);
    s->has_kind = s->has_phase = s->has_record_on = s->has_record_off = 1;
    s->has_doors_open = s->has_floor_ends = s->has_share_ends = 1;
    s->kind = kind_of(step.command);
    s->phase = step.phase;
    s->n_muted = roles_of(view, step.muted, &s->muted);
    s->n_sequestered = people_of(view, step.sequestered, &s->sequestered);
    s->record_on = step.record_on;
    s->record_off = step.record_off;
    s->doors_open = step.doors_open;
    s->floor_ends = step.floor_ends;
    s->share_ends = step.share_ends;
    if (step.blocked)
        s->blocked = step_blocked(view, &step);
    return s;
}

static void fill_back(const struct view *view, const struct procedure_phase *phase,
                      Assize__Signal__V1__HearingView *h)
{
    h->back = arena_alloc(view->arena, sizeof(*h->back) * PROCEDURE_PHASES_MAX);
    for (uint32_t i = 1; i <= view->state->procedure->phase_count; i++) {
        if (phase->back & HEARING_BIT(i))
            h->back[h->n_back++] = i;
    }
}

/* Whoever is inside is told what they themselves may do, and whose clock runs. */
static void fill_speech(const struct view *view, const struct procedure_phase *phase,
                        Assize__Signal__V1__HearingView *h)
{
    h->has_speech_limit_s = h->has_may_share = h->has_may_ask_floor = 1;
    if (view->state->floor_holder && !phase->free_speech)
        h->speech_limit_s = phase->speech_s;
    h->may_share = hearing_may_share(view->state, view->viewer);
    h->may_ask_floor = hearing_may_ask_floor(view->state, view->viewer);
}

void view_fill_law(const struct view *view, Assize__Signal__V1__HearingView *h)
{
    const struct procedure_phase *phase =
        procedure_phase(view->state->procedure, view->state->phase);

    if (view_has_right(view, HEARING_RIGHT_CONDUCT)) {
        h->next = step_view(view);
        if (phase)
            fill_back(view, phase, h);
    }
    if (view_is_official(view))
        h->n_quorum = check_views(view, false, &h->quorum);
    if (view_has_right(view, HEARING_RIGHT_GIVE_FLOOR)) {
        h->has_proposed_speaker = 1;
        h->proposed_speaker = hearing_proposed_speaker(view->state);
    }
    if (view_sees_inside(view) && phase)
        fill_speech(view, phase, h);
}
