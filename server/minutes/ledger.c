/* What the minutes list for themselves: lost links, rules set aside, decisions to stop. */
#include "server/hearing/hearing.h"
#include "server/hearing/names.h"
#include "server/minutes/minutes_internal.h"

/* ---- incidents: from the loss of a link to its return ---- */

static void begin_incident(struct draft *draft, const Assize__Hearing__V1__Event *event)
{
    Assize__Minutes__V1__MinutesDocument *document = draft->document;
    Assize__Minutes__V1__Incident *incident = draft_make(draft, 1, sizeof(*incident));

    assize__minutes__v1__incident__init(incident);
    incident->has_seq = incident->has_from_ms = incident->has_endpoint = true;
    incident->seq = event->seq;
    incident->from_ms = event->at_ms;
    incident->endpoint = event->endpoint_link_lost->endpoint;
    incident->where = draft_capital(draft_where(draft, incident->endpoint));
    document->incidents[document->n_incidents++] = incident;
}

/* endpoint 0: at every endpoint. */
static void end_incident(struct draft *draft, uint32_t endpoint, int64_t at_ms)
{
    Assize__Minutes__V1__MinutesDocument *document = draft->document;

    for (size_t i = 0; i < document->n_incidents; i++) {
        Assize__Minutes__V1__Incident *incident = document->incidents[i];
        if (incident->has_to_ms || (endpoint && incident->endpoint != endpoint))
            continue;
        incident->has_to_ms = true;
        incident->to_ms = at_ms;
    }
}

static void mark_pause(struct draft *draft, uint32_t endpoint)
{
    Assize__Minutes__V1__MinutesDocument *document = draft->document;

    for (size_t i = document->n_incidents; i-- > 0;) {
        if (document->incidents[i]->endpoint != endpoint)
            continue;
        document->incidents[i]->has_paused = document->incidents[i]->paused = true;
        return;
    }
}

/* ---- what the presiding judge decided ---- */

static void add_override(struct draft *draft, const Assize__Hearing__V1__Event *event)
{
    Assize__Minutes__V1__MinutesDocument *document = draft->document;
    Assize__Minutes__V1__Override *override = draft_make(draft, 1, sizeof(*override));

    assize__minutes__v1__override__init(override);
    override->has_seq = override->has_at_ms = true;
    override->seq = event->seq;
    override->at_ms = event->at_ms;
    override->rule = draft_rule(draft, event->rule_overridden);
    override->article = draft_article(draft, event->rule_overridden);
    override->reason = draft_words(draft, event, &override->words);
    override->has_words = override->words;
    override->who = draft_capital(draft_who(draft, event->actor));
    document->overrides[document->n_overrides++] = override;
}

static void add_decision(struct draft *draft, const Assize__Hearing__V1__Event *event,
                         const char *title, int64_t until_ms)
{
    Assize__Minutes__V1__MinutesDocument *document = draft->document;
    Assize__Minutes__V1__Decision *decision = draft_make(draft, 1, sizeof(*decision));

    assize__minutes__v1__decision__init(decision);
    decision->has_seq = decision->has_at_ms = true;
    decision->seq = event->seq;
    decision->at_ms = event->at_ms;
    decision->title = draft_text(draft, "%s", title);
    decision->text = draft_words(draft, event, &decision->words);
    decision->has_words = decision->words;
    decision->has_until_ms = until_ms > 0;
    decision->until_ms = until_ms;
    document->decisions[document->n_decisions++] = decision;
}

static uint32_t endpoint_of(const struct draft *draft, uint32_t participant)
{
    const struct hearing_store_participant *person = draft_person(draft, participant);

    return person ? person->endpoint : UINT32_MAX;
}

/* What is left to the link events is told by nothing else; devices that hang up when all is over,
 * or before it began, are no incident. */
static void follow_links(struct draft *draft, const Assize__Hearing__V1__Event *event)
{
    if (event->body_case == HEARING_EVENT(ENDPOINT_LINK_LOST))
        begin_incident(draft, event);
    else if (event->body_case == HEARING_EVENT(ENDPOINT_LINK_RESTORED))
        end_incident(draft, event->endpoint_link_restored->endpoint, event->at_ms);
    else if (event->body_case == HEARING_EVENT(CHECKED_IN))
        end_incident(draft, endpoint_of(draft, event->checked_in->participant), event->at_ms);
    else if (event->body_case == HEARING_EVENT(LEFT))
        end_incident(draft, endpoint_of(draft, event->left->participant), event->at_ms);
    else if (event->body_case == HEARING_EVENT(PAUSED) &&
             !hearing_pause_is_by_people(event->paused->cause))
        mark_pause(draft, event->paused->endpoint);
}

void draft_ledger(struct draft *draft, const Assize__Hearing__V1__Event *event)
{
    if (draft->begun && !draft->over)
        follow_links(draft, event);
    if (event->body_case == HEARING_EVENT(RULE_OVERRIDDEN))
        add_override(draft, event);
    if (event->body_case == HEARING_EVENT(SUSPENDED))
        add_decision(draft, event, "Quyết định tạm ngừng phiên tòa", event->suspended->until_ms);
    if (event->body_case == HEARING_EVENT(ADJOURNED))
        add_decision(draft, event, "Quyết định hoãn phiên tòa", 0);
}

void draft_ledger_end(struct draft *draft, int64_t at_ms)
{
    end_incident(draft, 0, at_ms);
}
