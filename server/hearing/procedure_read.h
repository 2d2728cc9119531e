/* The two halves of reading a procedure: taking its values from the text, and what they may not
 * say together. Included only by procedure_*.c. */
#ifndef ASSIZE_SERVER_HEARING_PROCEDURE_READ_H
#define ASSIZE_SERVER_HEARING_PROCEDURE_READ_H

#include "server/hearing/procedure.h"

/* Why the values contradict each other, or NULL when they do not. phase is the last one read. */
const char *procedure_phase_fault(const struct procedure *procedure,
                                  const struct procedure_phase *phase);
const char *procedure_condition_fault(const struct procedure *procedure,
                                      const struct procedure_condition *condition);
const char *procedure_undertaking_fault(const struct procedure *procedure,
                                        const struct procedure_undertaking *undertaking);
const char *procedure_undertakings_fault(const struct procedure *procedure);
const char *procedure_phases_fault(const struct procedure *procedure);
const char *procedure_suspension_fault(const struct procedure *procedure);

#endif
