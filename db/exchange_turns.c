#include "db/exchange_turns.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int by_case(const void *left, const void *right)
{
    const struct exchange_turn *a = left, *b = right;
    int order = strcmp(a->record->case_key, b->record->case_key);

    if (!order)
        order = (a->record->seq > b->record->seq) - (a->record->seq < b->record->seq);
    return order ? order : (a->arrived > b->arrived) - (a->arrived < b->arrived);
}

static int by_thing(const void *left, const void *right)
{
    const struct exchange_turn *const *a = left, *const *b = right;

    if ((*a)->case_no != (*b)->case_no)
        return (*a)->case_no < (*b)->case_no ? -1 : 1;
    return strcasecmp((*a)->facts->entity, (*b)->facts->entity);
}

static void number_cases(struct exchange_turns *turns)
{
    struct exchange_turn *all = turns->turns;

    for (size_t i = 0; i < turns->count; i++) {
        if (!i || strcmp(all[i].record->case_key, all[i - 1].record->case_key) != 0)
            turns->cases++;
        all[i].case_no = turns->cases - 1;
    }
}

static void mark_again(struct exchange_turns *turns)
{
    struct exchange_turn **things = calloc(turns->count + 1, sizeof(struct exchange_turn *));
    size_t count = 0;

    if (!things)
        abort();
    for (size_t i = 0; i < turns->count; i++) {
        if (turns->turns[i].facts->entity)
            things[count++] = &turns->turns[i];
    }
    qsort(things, count, sizeof(*things), by_thing);
    for (size_t i = 1; i < count; i++) {
        if (by_thing(&things[i - 1], &things[i]) == 0)
            things[i - 1]->again = things[i]->again = true;
    }
    free(things);
}

void exchange_turns_make(const struct exchange_batch *batch, struct exchange_turns *ret_turns)
{
    struct exchange_turn *turns = calloc(batch->count + 1, sizeof(*turns));

    if (!turns)
        abort();
    for (size_t i = 0; i < batch->count; i++)
        turns[i] = (struct exchange_turn){
            .record = batch->records[i], .facts = &batch->facts[i], .arrived = i};
    qsort(turns, batch->count, sizeof(*turns), by_case);
    *ret_turns = (struct exchange_turns){.turns = turns, .count = batch->count};
    number_cases(ret_turns);
    mark_again(ret_turns);
}

void exchange_turns_free(struct exchange_turns *turns)
{
    free(turns->turns);
}

static bool retracts_file(const Assize__Exchange__V1__Record *record)
{
    return record->op == ASSIZE__EXCHANGE__V1__OP__OP_RETRACT &&
           strcmp(record->record_type, "case_file") == 0;
}

static bool is_plain(const struct exchange_turn *turn)
{
    return !turn->facts->fault && !turn->facts->corrects && !turn->record->has_leaf &&
           turn->record->op != ASSIZE__EXCHANGE__V1__OP__OP_REDACT &&
           !retracts_file(turn->record) && strcmp(turn->record->record_type, "notice") != 0 &&
           strcmp(turn->record->record_type, "rejection") != 0;
}

static bool follows(const struct exchange_turn *turn, const struct exchange_turn *before)
{
    return turn->record->seq == before->record->seq + 1 &&
           turn->record->prev_hash.len == before->record->hash.len &&
           memcmp(turn->record->prev_hash.data, before->record->hash.data,
                  before->record->hash.len) == 0;
}

struct exchange_case exchange_turns_case(const struct exchange_turns *turns, size_t first)
{
    const struct exchange_turn *all = turns->turns;
    struct exchange_case one = {.first = first, .end = first, .plain = true};

    while (one.end < turns->count && all[one.end].case_no == all[first].case_no) {
        const struct exchange_turn *turn = &all[one.end];
        one.plain = one.plain && is_plain(turn) && (one.end == first || follows(turn, turn - 1));
        if (turn->facts->status)
            one.status = turn->facts->status;
        one.end++;
    }
    return one;
}
