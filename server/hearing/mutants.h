/*
 * The rules of visibility, one taken out at a time: for the test that shows that none of them can
 * be missing, which compiles visibility.c once more with HEARING_MUTANTS. Nothing else has them.
 */
#ifndef ASSIZE_SERVER_HEARING_MUTANTS_H
#define ASSIZE_SERVER_HEARING_MUTANTS_H

#include <stddef.h>

#ifdef HEARING_MUTANTS
extern const size_t hearing_mutants;
/* The rule that is missing; hearing_mutants: none. */
extern size_t hearing_mutant;
const char *hearing_mutant_name(size_t mutant);
#define HEARING_MUTANT_IS(rule) (hearing_mutant == (rule))
#else
#define HEARING_MUTANT_IS(rule) false
#endif

#endif
