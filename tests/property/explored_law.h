/*
 * What the law of the small trial (explored.h) says of one state, told anew: for each two people
 * and what the one may see or hear of the other. Written from the law's words, in its order, and
 * not from the engine's rules.
 */
#ifndef ASSIZE_TESTS_PROPERTY_EXPLORED_LAW_H
#define ASSIZE_TESTS_PROPERTY_EXPLORED_LAW_H

#include "tests/property/explored.h"

/* Where something is seen and heard. */
enum law_place { LAW_DEVICE, LAW_RECORD, LAW_PROGRAMME, LAW_FEED };

/*
 * What of the source may be seen and heard at the viewer (LAW_DEVICE; LAW_FEED: of the programme at
 * the viewer): flags of hearing_flow.
 */
unsigned law_of_flow(const struct hearing *hearing, enum law_place place, uint32_t source,
                     uint32_t viewer);
/* What the engine says of the same. */
unsigned law_answer(const struct hearing *hearing, enum law_place place, uint32_t source,
                    uint32_t viewer);

/* The first question whose answer is not what the law says; false when there is none. */
struct law_breach {
    enum law_place place;
    uint32_t source;
    uint32_t viewer;
    unsigned lawful;
    unsigned answered;
};
bool law_find_breach(const struct hearing *hearing, struct law_breach *ret_breach);

/* Fails the test when who is where, asks, speaks, testifies or shows something out of order. */
void law_check_order(const struct hearing *hearing);

#endif
