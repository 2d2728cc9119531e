/* What is looked up in a procedure. */
#include "server/hearing/procedure.h"

#include <string.h>

uint32_t procedure_phase_by_id(const struct procedure *procedure, const char *id)
{
    for (uint32_t i = 0; i < procedure->phase_count; i++) {
        if (strcmp(procedure->phases[i].id, id) == 0)
            return i + 1;
    }
    return 0;
}

const struct procedure_phase *procedure_phase(const struct procedure *procedure, uint32_t phase)
{
    return phase && phase <= procedure->phase_count ? &procedure->phases[phase - 1] : NULL;
}
