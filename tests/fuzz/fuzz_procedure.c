/* Procedure files: what is taken keeps to its limits, and what is refused is told with its line. */
#include <stdlib.h>
#include <string.h>

#include "server/hearing/names.h"
#include "server/hearing/procedure.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libconfig 1.5 forgets a text that the file breaks off in, or that stands where none may. */
const char *__lsan_default_suppressions(void)
{
    return "leak:strbuf_append\nleak:libconfig_yylex";
}

static void require(bool truth)
{
    if (!truth)
        abort();
}

static void check(const struct procedure *procedure)
{
    const uint32_t known = HEARING_BIT(HEARING_ROLE(JOURNALIST) + 1) - 2;

    require(procedure->version >= 1 && !(procedure->roles & ~known));
    require(procedure->phase_count >= 2 && procedure->phase_count <= PROCEDURE_PHASES_MAX);
    require(procedure->condition_count <= PROCEDURE_CONDITIONS_MAX);
    require(procedure->reminder_count <= PROCEDURE_REMINDERS_MAX);
    for (uint32_t i = 1; i <= procedure->phase_count; i++) {
        const struct procedure_phase *phase = procedure_phase(procedure, i);
        require(procedure_phase_by_id(procedure, phase->id) == i);
        require(!(phase->back & ~(HEARING_BIT(i) - 1)) &&
                phase->order_count <= PROCEDURE_ORDER_MAX);
        require(!((phase->floor | phase->hands | phase->share | phase->call) & ~procedure->roles));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct procedure procedure;
    char error[PROCEDURE_ERROR_SIZE] = "";
    char *text = strndup((const char *)data, size);

    require(text != NULL);
    if (!procedure_read(text, &procedure, error))
        check(&procedure);
    else
        require(!strncmp(error, "line ", strlen("line ")) && !memchr(error, '\n', strlen(error)));
    free(text);
    return 0;
}
