/*
 * assize verify: walks a hearing's events and its record. The events must chain, what people wrote
 * must be what the events hold the hash of (words that were erased are said so), every byte of the
 * record must be vouched for by its sidecar, and every head that the events hold must stand in a
 * sidecar. Says of each file which byte is the first that does not fit. A file that is being
 * written, or was when its writer was killed, is torn at its end: that is no damage. Last the
 * signed records of identity (verify_identity.h).
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/record_group.h"
#include "base/str.h"
#include "cli/cli.h"
#include "cli/link_text.h"
#include "cli/verify_identity.h"
#include "db/admin.h"
#include "media/journal/verify.h"
#include "proto/codec.h"

enum { FINDING_SIZE = 128 };

/* A head of the record as the events hold it. */
struct head {
    char group[RECORD_GROUP_SIZE];
    char stem[NAME_STEM_SIZE];
    uint64_t end;
    uint8_t hash[SHA256_BYTES];
    uint64_t seq;
    bool found;
};

struct verification {
    uint64_t events;
    uint8_t hash[SHA256_BYTES]; /* of the last event that fits */
    bool events_fit;
    uint64_t words; /* texts that people wrote, the erased ones too */
    uint64_t words_erased;
    uint64_t words_bad;
    struct head *heads;
    size_t head_count;
    size_t heads_found;
    struct verify_totals totals;
    struct verify_identity *identity;
    size_t identity_faults;
    json_t *findings;
};

static void add_finding(struct verification *v, const char *path, uint64_t offset,
                        const char *verdict, const char *why)
{
    json_array_append_new(v->findings,
                          json_pack("{ss sI ss ss}", "path", path, "offset", (json_int_t)offset,
                                    "verdict", verdict, "why", why));
}

/* ---- events ---- */

static void keep_head(struct verification *v, const Assize__Hearing__V1__Event *event)
{
    const Assize__Hearing__V1__RecordHead *told = event->record_head;

    v->heads = realloc(v->heads, (v->head_count + 1) * sizeof(*v->heads));
    if (!v->heads)
        abort();
    struct head *head = &v->heads[v->head_count++];
    *head = (struct head){.end = told->end, .seq = event->seq};
    record_group_write((struct record_group){told->endpoint, told->share}, head->group);
    str_copy(head->stem, sizeof(head->stem), told->stem ? told->stem : "");
    if (told->hash.len == SHA256_BYTES)
        memcpy(head->hash, told->hash.data, SHA256_BYTES);
}

/* What is wrong with the words that stand under the event, or NULL. */
static const char *words_fault(const Assize__Hearing__V1__Event *event,
                               const struct admin_event *stored)
{
    uint8_t hash[SHA256_BYTES];

    if (!event->has_words_hash)
        return "words stand under an event that nobody wrote with";
    if (!stored->event.has_words)
        return "the words that were written with the event are gone";
    if (!stored->words)
        return NULL;
    sha256(stored->words, strlen(stored->words), hash);
    bool same = event->words_hash.len == SHA256_BYTES &&
                memcmp(hash, event->words_hash.data, SHA256_BYTES) == 0;
    return same ? NULL : "the words are not those that were written";
}

static void check_words(struct verification *v, const Assize__Hearing__V1__Event *event,
                        const struct admin_event *stored)
{
    char what[FINDING_SIZE];

    if (!event->has_words_hash && !stored->event.has_words)
        return;
    const char *fault = words_fault(event, stored);
    bool erased = !fault && !stored->words;
    v->words++;
    v->words_erased += erased;
    v->words_bad += fault != NULL;
    if (!fault && !erased)
        return;
    snprintf(what, sizeof(what), "words of event %" PRIu64, event->seq);
    add_finding(v, what, 0, erased ? "erased" : "bad", erased ? "the words were erased" : fault);
}

static void read_event(struct verification *v, const struct admin_event *seen)
{
    const struct hearing_store_event *stored = &seen->event;
    struct arena arena;

    arena_init(&arena, codec_arena_max(stored->len));
    const Assize__Hearing__V1__Event *event =
        codec_unpack(&assize__hearing__v1__event__descriptor, &arena, stored->body, stored->len);
    if (event && event->body_case == ASSIZE__HEARING__V1__EVENT__BODY_RECORD_HEAD)
        keep_head(v, event);
    if (event) {
        check_words(v, event, seen);
        verify_identity_event(v->identity, event);
    }
    arena_done(&arena);
}

static void see_event(void *context, const struct admin_event *event)
{
    struct verification *v = context;
    uint8_t hash[SHA256_BYTES];
    char what[FINDING_SIZE];

    hearing_store_hash(v->hash, &event->event, hash);
    if (v->events_fit && (event->event.seq != v->events + 1 ||
                          memcmp(event->prev_hash, v->hash, sizeof(hash)) != 0 ||
                          memcmp(event->hash, hash, sizeof(hash)) != 0)) {
        v->events_fit = false;
        snprintf(what, sizeof(what), "event %" PRIu64, event->event.seq);
        add_finding(v, what, 0, "bad", "the event is not the one its hash was made of");
    }
    v->events++;
    memcpy(v->hash, event->hash, sizeof(v->hash));
    read_event(v, event);
}

/* ---- the record ---- */

static void see_step(void *context, const char *group, const char *stem,
                     const struct chain_step *step)
{
    struct verification *v = context;

    for (size_t i = 0; i < v->head_count; i++) {
        struct head *head = &v->heads[i];
        if (head->found || head->end != step->end || strcmp(head->stem, stem) != 0 ||
            strcmp(head->group, group) != 0 ||
            memcmp(head->hash, step->hash, sizeof(head->hash)) != 0)
            continue;
        head->found = true;
        v->heads_found++;
    }
}

static void see_fit(void *context, const char *path, const struct fit *fit)
{
    add_finding(context, path, fit->offset, fit->verdict == FIT_TORN ? "torn" : "bad", fit->why);
}

static void report_lost_heads(struct verification *v)
{
    char path[FINDING_SIZE];

    for (size_t i = 0; i < v->head_count; i++) {
        const struct head *head = &v->heads[i];
        if (head->found)
            continue;
        snprintf(path, sizeof(path), "%s/%s%s", head->group, head->stem, NAME_PCAPNG_SUFFIX);
        add_finding(v, path, head->end, "bad",
                    "the events hold a head of the record that is not in its chain");
    }
}

static int verify_files(const struct cli *cli, const char *hearing, struct verification *v)
{
    static const struct verify_ops ops = {.step = see_step, .finding = see_fit};
    char path[CONFIG_TEXT_SIZE];

    if (config_state_path(&cli->config, "record", path, sizeof(path)))
        return -ENAMETOOLONG;
    int record = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int result = record < 0 ? -errno : verify_hearing(record, hearing, &ops, v, &v->totals);
    if (record >= 0)
        close(record);
    report_lost_heads(v);
    return result == -ENOENT ? 0 : result; /* nothing was ever on record */
}

static void see_identity(void *context, const char *path, const char *why)
{
    struct verification *v = context;

    v->identity_faults++;
    add_finding(v, path, 0, "bad", why);
}

/* ---- the answer ---- */

static bool is_verified(const struct verification *v)
{
    return v->events_fit && !v->words_bad && !v->totals.bad && v->heads_found == v->head_count &&
           !v->identity_faults;
}

static void print_text(const struct verification *v)
{
    size_t i;
    json_t *finding;

    json_array_foreach(v->findings, i, finding)
    {
        printf("%-4s  %s, byte %" JSON_INTEGER_FORMAT ": %s\n",
               json_string_value(json_object_get(finding, "verdict")),
               json_string_value(json_object_get(finding, "path")),
               json_integer_value(json_object_get(finding, "offset")),
               json_string_value(json_object_get(finding, "why")));
    }
    printf("%" PRIu64 " texts, %" PRIu64 " of them erased\n", v->words, v->words_erased);
    printf("%" PRIu64 " events, %" PRIu64 " files, %" PRIu64 " packets, %" PRIu64
           " bytes, %zu of %zu heads, %zu of %zu identities: %s\n",
           v->events, v->totals.files, v->totals.packets, v->totals.bytes, v->heads_found,
           v->head_count, verify_identity_good(v->identity), verify_identity_told(v->identity),
           is_verified(v) ? "verified" : "NOT what was written");
}

static void print_json(const struct verification *v, const char *hearing)
{
    link_print_json(
        json_pack("{ss sb sI sI sI sI sI sI sI sI sI sI sI sI sI sO}", "hearing", hearing,
                  "verified", (int)is_verified(v), "events", (json_int_t)v->events, "words",
                  (json_int_t)v->words, "words_erased", (json_int_t)v->words_erased, "groups",
                  (json_int_t)v->totals.groups, "files", (json_int_t)v->totals.files, "packets",
                  (json_int_t)v->totals.packets, "record_bytes", (json_int_t)v->totals.bytes,
                  "heads", (json_int_t)v->head_count, "heads_found", (json_int_t)v->heads_found,
                  "identities", (json_int_t)verify_identity_told(v->identity), "identities_found",
                  (json_int_t)verify_identity_good(v->identity), "torn", (json_int_t)v->totals.torn,
                  "bad", (json_int_t)v->totals.bad, "findings", v->findings));
}

static enum cli_exit verify(const struct cli *cli, struct admin *admin, const char *hearing,
                            struct verification *v)
{
    int result = admin_events(admin, hearing, see_event, v);

    if (!result)
        result = verify_identity_records(v->identity, admin, hearing);
    if (result)
        return cli_admin_failed(admin, result);
    result = verify_files(cli, hearing, v);
    if (result)
        return cli_fail(CLI_FAILED, "the record cannot be read: %s.", log_errno(result).text);
    if (!v->events && !v->totals.files)
        return cli_fail(CLI_NOT_FOUND, "there is no hearing %s that has begun.", hearing);
    if (cli->json)
        print_json(v, hearing);
    else
        print_text(v);
    return is_verified(v) ? CLI_OK : CLI_DAMAGED;
}

enum cli_exit cmd_verify(int argc, char **argv)
{
    struct verification v = {.events_fit = true};
    struct admin *admin = NULL;
    struct cli cli;

    enum cli_exit result = cli_parse(&cli, argc, argv, NULL, 0);
    if (!result && (cli.word_count != 1 || !str_is_uuid(cli.words[0])))
        result = cli_fail(CLI_USAGE, "verify wants the id of a hearing.");
    if (!result)
        result = cli_open_admin(&cli, &admin);
    v.findings = json_array();
    v.identity = verify_identity_new(see_identity, &v);
    if (!result)
        result = verify(&cli, admin, cli.words[0], &v);
    json_decref(v.findings);
    verify_identity_free(v.identity);
    free(v.heads);
    admin_close(admin);
    return result;
}
