/*
 * The rules of the procedure against a command, and the presiding judge who sets one aside. What
 * people write with a command stays out of the events: they carry its hash.
 */
#include <stdio.h>
#include <string.h>

#include "base/sha256.h"
#include "base/str.h"
#include "decide_internal.h"

void decision_keep_words(struct decision *decision, Assize__Hearing__V1__Event *event)
{
    const char *words = decision->command->words;

    if (!event || !words || !*words)
        return;
    uint8_t *hash = arena_alloc(decision->arena, SHA256_BYTES);
    if (!hash) {
        decision->out_of_memory = true;
        return;
    }
    sha256(words, strlen(words), hash);
    event->has_words_hash = true;
    event->words_hash = (ProtobufCBinaryData){.len = SHA256_BYTES, .data = hash};
}

static void set_aside(struct decision *decision, const char *rule, const char *article)
{
    Assize__Hearing__V1__Event *event = decision_add(decision, HEARING_EVENT(RULE_OVERRIDDEN), 0);

    if (!event)
        return;
    event->rule_overridden->rule = arena_copy(decision->arena, rule, strlen(rule));
    event->rule_overridden->article = arena_copy(decision->arena, article, strlen(article));
    if (!event->rule_overridden->rule || !event->rule_overridden->article)
        decision->out_of_memory = true;
    decision_keep_words(decision, event);
}

/* The presiding judge was shown this rule, and sets it aside. */
static bool is_named(struct decision *decision, const char *rule)
{
    const Assize__Hearing__V1__Command *command = decision->command;

    for (size_t i = 0; i < command->n_overrides; i++) {
        if (strcmp(command->overrides[i], rule) == 0) {
            decision->overridden |= UINT64_C(1) << i;
            return true;
        }
    }
    return false;
}

enum refusal decision_rule_stands(struct decision *decision, const char *rule, const char *article,
                                  enum refusal refusal)
{
    if (is_named(decision, rule)) {
        set_aside(decision, rule, article);
        return REFUSAL_NONE;
    }
    if (decision->presumed) {
        if (!*decision->presumed)
            *decision->presumed = refusal;
        return REFUSAL_NONE;
    }
    if (decision->reason) {
        str_copy(decision->reason->rule, sizeof(decision->reason->rule), rule);
        str_copy(decision->reason->article, sizeof(decision->reason->article), article);
    }
    return refusal;
}

enum refusal decision_rule_of_phase_stands(struct decision *decision,
                                           const struct procedure_phase *phase, const char *what,
                                           enum refusal refusal)
{
    char rule[HEARING_RULE_MAX + 1];

    snprintf(rule, sizeof(rule), "phase.%s.%s", phase->id, what);
    return decision_rule_stands(decision, rule, phase->article, refusal);
}

enum refusal decision_phase_stands(struct decision *decision, const char *what,
                                   enum refusal refusal)
{
    return decision_rule_of_phase_stands(decision, hearing_phase(decision->hearing), what, refusal);
}
