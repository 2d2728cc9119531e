/*
 * assize case write CASE TYPE FILE [--op upsert | correct | retract] [--corrects N]
 *                   [--valid-from TIME] [--valid-to TIME] [--legal-basis TEXT]
 *                   [--sensitivity public | personal | personal_sensitive]
 *                                       at a court: a record of one of its cases
 * assize case show SOURCE KEY           what is known of a case, at any time
 */
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "cli/cli.h"
#include "cli/link_text.h"
#include "db/case_admin.h"
#include "db/exchange_store.h"
#include "server/cases/case_check.h"
#include "server/cases/case_rest.h"

struct asked {
    const char *op, *corrects, *valid, *known, *basis;
    const char *valid_from, *valid_to, *legal_basis, *sensitivity;
};

enum { REST_MAX = 4096 };

/* ---- writing ---- */

static bool read_op(const char *word, Assize__Exchange__V1__Op *ret_op)
{
    static const struct {
        const char *word;
        Assize__Exchange__V1__Op op;
    } ops[] = {{"upsert", ASSIZE__EXCHANGE__V1__OP__OP_UPSERT},
               {"correct", ASSIZE__EXCHANGE__V1__OP__OP_CORRECT},
               {"retract", ASSIZE__EXCHANGE__V1__OP__OP_RETRACT}};

    for (size_t i = 0; i < sizeof(ops) / sizeof(*ops); i++) {
        if (!word || strcmp(ops[i].word, word) == 0) {
            *ret_op = ops[i].op;
            return true;
        }
    }
    return false;
}

static bool read_sensitivity(const char *word, Assize__Exchange__V1__Sensitivity *ret_value)
{
    static const char *const words[] = {
        [ASSIZE__EXCHANGE__V1__SENSITIVITY__SENSITIVITY_PUBLIC] = "public",
        [ASSIZE__EXCHANGE__V1__SENSITIVITY__SENSITIVITY_PERSONAL] = "personal",
        [ASSIZE__EXCHANGE__V1__SENSITIVITY__SENSITIVITY_PERSONAL_SENSITIVE] = "personal_sensitive"};

    for (size_t i = 1; word && i < sizeof(words) / sizeof(*words); i++) {
        if (strcmp(words[i], word) == 0) {
            *ret_value = (Assize__Exchange__V1__Sensitivity)i;
            return true;
        }
    }
    return !word;
}

/* What stands in the envelope: for which time, on what ground, how sensitive. */
static enum cli_exit read_envelope(const struct asked *asked, struct case_admin_record *record)
{
    record->has_valid_from = asked->valid_from;
    record->has_valid_to = asked->valid_to;
    record->legal_basis = asked->legal_basis;
    if ((asked->valid_from && !clock_parse(asked->valid_from, &record->valid_from_ms)) ||
        (asked->valid_to && !clock_parse(asked->valid_to, &record->valid_to_ms)))
        return cli_fail(CLI_USAGE, "--valid-from and --valid-to are a day (2026-02-03), or a time"
                                   " (2026-02-03T07:30:00+07:00).");
    int64_t from = asked->valid_from ? record->valid_from_ms : clock_wall_ms();
    if (asked->valid_to && record->valid_to_ms <= from)
        return cli_fail(CLI_USAGE, "--valid-to is after --valid-from, or after now.");
    if (asked->legal_basis && (!*asked->legal_basis || !str_is_line(asked->legal_basis) ||
                               strlen(asked->legal_basis) > EXCHANGE_BASIS_MAX ||
                               !str_utf8_valid(asked->legal_basis, strlen(asked->legal_basis))))
        return cli_fail(CLI_USAGE, "--legal-basis is one line of %d bytes at most.",
                        EXCHANGE_BASIS_MAX);
    if (!read_sensitivity(asked->sensitivity, &record->sensitivity))
        return cli_fail(CLI_USAGE, "--sensitivity is public, personal or personal_sensitive.");
    return CLI_OK;
}

/* The bytes of a file, for free(); NULL when it cannot be read or is too large. */
static uint8_t *read_payload(const char *path, size_t *ret_len)
{
    uint8_t *data = malloc(EXCHANGE_PAYLOAD_MAX + 1);
    FILE *file = fopen(path, "re");

    if (!data)
        abort();
    *ret_len = file ? fread(data, 1, EXCHANGE_PAYLOAD_MAX + 1, file) : 0;
    bool good = file && !ferror(file) && *ret_len <= EXCHANGE_PAYLOAD_MAX;
    if (file)
        fclose(file);
    if (good)
        return data;
    free(data);
    return NULL;
}

/* By which the party is found; false when the secret cannot be read. */
static bool name_person(const struct cli *cli, const struct case_facts *facts,
                        uint8_t ident[static PERSON_IDENT_BYTES])
{
    struct person_key key;

    if (person_key_load(cli->config.person_key, &key))
        return false;
    person_key_ident(&key, facts->personal_number, ident);
    return true;
}

static enum cli_exit write_checked(const struct cli *cli, struct admin *admin,
                                   const struct asked *asked, const uint8_t *payload, size_t len)
{
    struct case_admin_record record = {.source = cli->config.exchange_organisation,
                                       .case_number = cli->words[1],
                                       .type = cli->words[2],
                                       .public_id = "",
                                       .party_name = "",
                                       .payload = payload,
                                       .len = len};
    uint8_t ident[PERSON_IDENT_BYTES];
    char reason[CASE_REASON_SIZE];
    struct case_facts facts;
    uint64_t seq;

    enum cli_exit result = cli_number("--corrects", asked->corrects, INT64_MAX, &record.corrects);
    if (result)
        return result;
    if (!read_op(asked->op, &record.op))
        return cli_fail(CLI_USAGE, "--op is upsert, correct or retract.");
    if (record.corrects && record.op == ASSIZE__EXCHANGE__V1__OP__OP_UPSERT)
        return cli_fail(CLI_USAGE, "--corrects goes with --op correct or retract.");
    result = read_envelope(asked, &record);
    if (result)
        return result;
    bool holds = record.op != ASSIZE__EXCHANGE__V1__OP__OP_RETRACT;
    if (!case_check(record.type, payload, len, holds ? clock_wall_ms() : CASE_WHENEVER, &facts,
                    reason))
        return cli_fail(CLI_FAILED, "The record is not written: %s is %s.",
                        rejection_info(reason).field,
                        case_reason_is_ahead(reason) ? "ahead of today" : "wrong");
    record.entity = facts.entity;
    if (holds) {
        record.public_id = facts.public_id;
        record.status = facts.status;
        record.party_name = facts.party_name;
    }
    if (*facts.personal_number && holds) {
        if (!name_person(cli, &facts, ident))
            return cli_fail(CLI_FAILED, "%s cannot be read, or is no secret of this program.",
                            cli->config.person_key);
        record.person = ident;
    }
    int failed = case_admin_write(admin, &record, &seq);
    if (failed)
        return cli_admin_failed(admin, failed);
    printf("%" PRIu64 "\n", seq);
    return CLI_OK;
}

static enum cli_exit write_record(const struct cli *cli, struct admin *admin,
                                  const struct asked *asked)
{
    size_t len;
    uint8_t *payload = read_payload(cli->words[3], &len);

    if (!payload)
        return cli_fail(CLI_FAILED, "%s cannot be read, or has more than 1 MiB.", cli->words[3]);
    enum cli_exit result = write_checked(cli, admin, asked, payload, len);
    free(payload);
    return result;
}

/* ---- redacting ---- */

static enum cli_exit redact_change(const struct cli *cli, struct admin *admin,
                                   const struct asked *asked, uint64_t seq,
                                   const struct case_admin_change *change)
{
    struct case_admin_redaction redaction = {.source = cli->config.exchange_organisation,
                                             .case_key = change->case_key,
                                             .seq = seq,
                                             .purpose = "data_subject",
                                             .legal_basis = asked->basis};
    struct buf rest;
    uint64_t by;

    buf_init(&rest, REST_MAX);
    if (!case_rest(change->type, change->payload, change->len, &rest)) {
        buf_done(&rest);
        return cli_fail(CLI_FAILED, "The record cannot be read.");
    }
    redaction.rest = rest.data;
    redaction.len = rest.len;
    int failed = case_admin_redact(admin, &redaction, &by);
    buf_done(&rest);
    if (failed)
        return cli_admin_failed(admin, failed);
    printf("%" PRIu64 "\n", by);
    return CLI_OK;
}

static enum cli_exit redact(const struct cli *cli, struct admin *admin, const struct asked *asked)
{
    struct case_admin_change change = {0};
    uint64_t seq = 0;

    enum cli_exit result = cli_number("The record", cli->words[2], INT64_MAX, &seq);
    if (result)
        return result;
    if (!*asked->basis || !str_is_line(asked->basis) || strlen(asked->basis) > EXCHANGE_BASIS_MAX)
        return cli_fail(CLI_USAGE, "--basis is one line of %d bytes at most.", EXCHANGE_BASIS_MAX);
    int failed = case_admin_change(admin, cli->words[1], seq, &change);
    if (failed)
        return cli_admin_failed(admin, failed);
    result = redact_change(cli, admin, asked, seq, &change);
    free(change.payload);
    return result;
}

/* ---- showing ---- */

static bool add_row(void *context, const struct case_admin_row *row)
{
    json_array_append_new(context, json_pack("{ss ss sI ss ss}", "kind", row->kind, "entity",
                                             row->entity, "seq", (json_int_t)row->seq, "valid",
                                             row->valid, "known", row->known));
    return true;
}

static bool print_row(void *context, const struct case_admin_row *row)
{
    (void)context;
    printf("%4" PRIu64 "  %-12s %s  %s\n", row->seq, row->kind, row->entity, row->valid);
    return true;
}

static enum cli_exit show(const struct cli *cli, struct admin *admin, const struct asked *asked)
{
    json_t *rows = json_array();

    int failed = case_admin_show(admin, cli->words[1], cli->words[2], asked->valid, asked->known,
                                 cli->json ? add_row : print_row, rows);
    if (!failed && cli->json)
        link_print_json(json_incref(rows));
    json_decref(rows);
    return failed ? cli_admin_failed(admin, failed) : CLI_OK;
}

enum cli_exit cmd_case(int argc, char **argv)
{
    struct asked asked = {0};
    const struct cli_option own[] = {{"--op", &asked.op, NULL},
                                     {"--corrects", &asked.corrects, NULL},
                                     {"--valid", &asked.valid, NULL},
                                     {"--known", &asked.known, NULL},
                                     {"--basis", &asked.basis, NULL},
                                     {"--valid-from", &asked.valid_from, NULL},
                                     {"--valid-to", &asked.valid_to, NULL},
                                     {"--legal-basis", &asked.legal_basis, NULL},
                                     {"--sensitivity", &asked.sensitivity, NULL}};
    struct admin *admin = NULL;
    struct cli cli;

    enum cli_exit result = cli_parse(&cli, argc, argv, own, sizeof(own) / sizeof(*own));
    if (result)
        return result;
    bool writes = cli.word_count == 4 && strcmp(cli.words[0], "write") == 0;
    bool shows = cli.word_count == 3 && strcmp(cli.words[0], "show") == 0;
    bool redacts = cli.word_count == 3 && strcmp(cli.words[0], "redact") == 0 && asked.basis;
    if (!writes && !shows && !redacts)
        return cli_fail(CLI_USAGE, "case wants: write CASE TYPE FILE, redact CASE RECORD --basis"
                                   " TEXT, or show SOURCE KEY.");
    result = cli_open_admin(&cli, &admin);
    if (!result && redacts)
        result = redact(&cli, admin, &asked);
    else if (!result)
        result = writes ? write_record(&cli, admin, &asked) : show(&cli, admin, &asked);
    admin_close(admin);
    return result;
}
