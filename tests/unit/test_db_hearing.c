/* Hearings and their events, against a real PostgreSQL. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cluster.h"
#include "db/admin.h"
#include "db/hearing_store.h"

static struct cluster cluster;
static struct client client;
static char hearing[ID_UUID_SIZE];

/* What a test remembers of a loaded record. */
struct loaded {
    bool told;
    int error;
    size_t events;
    size_t commands;
    uint8_t head[SHA256_BYTES];
    struct hearing_store_command last_command;
    struct hearing_record record; /* its pointers are dead */
    struct hearing_store_participant people[8];
    struct hearing_store_site sites[4];
    struct hearing_store_endpoint endpoints[8];
};

static void take_record(void *context, int error, const struct hearing_record *record)
{
    struct loaded *loaded = context;

    loaded->told = true;
    loaded->error = error;
    assert_true(error ? record == NULL : record != NULL);
    if (!record)
        return;
    loaded->record = *record;
    loaded->events = record->event_count;
    loaded->commands = record->command_count;
    memcpy(loaded->head, record->head, SHA256_BYTES);
    if (record->command_count)
        loaded->last_command = record->commands[record->command_count - 1];
    memcpy(loaded->people, record->participants,
           record->participant_count * sizeof(loaded->people[0]));
    memcpy(loaded->sites, record->sites, record->site_count * sizeof(loaded->sites[0]));
    memcpy(loaded->endpoints, record->endpoints,
           record->endpoint_count * sizeof(loaded->endpoints[0]));
    for (size_t i = 0; i < record->event_count; i++)
        assert_int_equal(record->events[i].seq, i + 1);
}

static struct loaded load(const char *id)
{
    struct loaded loaded = {0};

    hearing_store_load(client.db, id, take_record, &loaded);
    client_wait(&client, &loaded.told);
    return loaded;
}

struct appended {
    bool told;
    int error;
    uint8_t head[SHA256_BYTES];
};

static void take_append(void *context, int error, const uint8_t head[SHA256_BYTES])
{
    struct appended *appended = context;

    appended->told = true;
    appended->error = error;
    memcpy(appended->head, head, SHA256_BYTES);
}

/* A writer that knows where the hearing is. */
struct writer {
    uint64_t seq;
    uint8_t head[SHA256_BYTES];
};

static void start_append(const struct writer *writer, size_t count, const char *command_id,
                         struct appended *appended)
{
    static const uint8_t digest[SHA256_BYTES] = {7};
    struct hearing_store_event events[32];

    *appended = (struct appended){0};
    for (size_t i = 0; i < count; i++)
        events[i] = (struct hearing_store_event){.seq = writer->seq + i + 1,
                                                 .at_ms = 1800000000000 + (int64_t)i,
                                                 .body = (const uint8_t *)"\x08\x01\0\xff\"\\",
                                                 .len = 6};
    const struct hearing_append append = {.hearing = hearing,
                                          .expected_seq = writer->seq,
                                          .prev_hash = writer->head,
                                          .command_id = command_id,
                                          .digest = command_id ? digest : NULL,
                                          .actor = 2,
                                          .events = events,
                                          .count = count};
    hearing_store_append(client.db, &append, take_append, appended);
}

static int write_events(struct writer *writer, size_t count, const char *command_id)
{
    struct appended appended;

    start_append(writer, count, command_id, &appended);
    client_wait(&client, &appended.told);
    if (!appended.error) {
        writer->seq += count;
        memcpy(writer->head, appended.head, SHA256_BYTES);
    }
    return appended.error;
}

static int new_hearing(void **state)
{
    (void)state;
    cluster_hearing(&cluster, hearing);
    client_wait_up(&client);
    return 0;
}

/* ---- loading ---- */

static void loads_the_roster_with_names_in_nfc(void **state)
{
    struct loaded loaded = load(hearing);

    (void)state;
    assert_int_equal(loaded.error, 0);
    assert_string_equal(loaded.record.id, hearing);
    assert_string_equal(loaded.record.case_number, "1/2026/TLST-HS");
    assert_string_equal(loaded.record.court, "Tòa án thử");
    assert_string_equal(loaded.record.procedure, "criminal_first_instance");
    assert_int_equal(loaded.record.scheduled_ms, 1800000000123);
    assert_int_equal(loaded.record.site_count, 2);
    assert_int_equal(loaded.sites[1].kind,
                     ASSIZE__HEARING__V1__SITE_KIND__SITE_KIND_DETENTION_FACILITY);
    assert_int_equal(loaded.record.endpoint_count, 4);
    assert_int_equal(loaded.endpoints[2].kind,
                     ASSIZE__HEARING__V1__ENDPOINT_KIND__ENDPOINT_KIND_ROOM);
    assert_int_equal(loaded.endpoints[2].site, 2);
    assert_int_equal(loaded.record.participant_count, 4);
    assert_int_equal(loaded.people[2].role, ASSIZE__HEARING__V1__ROLE__ROLE_DEFENDANT);
    assert_int_equal(loaded.people[2].companion, 4);
    assert_string_equal(loaded.people[2].name, "B\xe1\xbb\x8b c\xc3\xa1o");
    assert_int_equal(loaded.people[3].companion, 0);
    assert_int_equal(loaded.events, 0);
}

static void does_not_know_a_hearing_that_is_not_there(void **state)
{
    (void)state;
    assert_int_equal(load("00000000-0000-7000-8000-000000000000").error, -ENOENT);
    assert_int_equal(load("no id").error, -ENOENT);
}

static void the_table_knows_every_role_of_the_protocol(void **state)
{
    const ProtobufCEnumDescriptor *role = &assize__hearing__v1__role__descriptor;

    (void)state;
    for (unsigned i = 0; i < role->n_values; i++) {
        char sql[320];
        char word[64];
        size_t len = strlen("ROLE_");
        snprintf(word, sizeof(word), "%s", role->values[i].name + len);
        if (role->values[i].value == 0)
            continue;
        snprintf(sql, sizeof(sql),
                 "SELECT (pg_get_constraintdef(oid) LIKE '%%''' || lower('%s') || '''%%')::int"
                 " FROM pg_constraint WHERE conname = 'hearing_participant_role_check'",
                 word);
        assert_int_equal(cluster_number(&cluster, sql), 1);
    }
}

/* ---- appending ---- */

static void appends_and_loads_the_same_chain(void **state)
{
    struct writer writer = {0};

    (void)state;
    assert_int_equal(write_events(&writer, 1, NULL), 0);
    assert_int_equal(write_events(&writer, 32, NULL), 0);
    struct loaded loaded = load(hearing);
    assert_int_equal(loaded.error, 0);
    assert_int_equal(loaded.events, 33);
    assert_memory_equal(loaded.head, writer.head, SHA256_BYTES);
}

static void remembers_commands_with_their_digest(void **state)
{
    struct writer writer = {0};
    const char *id = "01890a5d-ac96-774b-bcce-b302099a8057";

    (void)state;
    assert_int_equal(write_events(&writer, 3, id), 0);
    struct loaded loaded = load(hearing);
    assert_int_equal(loaded.commands, 1);
    assert_string_equal(loaded.last_command.command_id, id);
    assert_int_equal(loaded.last_command.last_seq, 3);
    assert_int_equal(loaded.last_command.digest[0], 7);
}

static void refuses_the_second_of_two_writers(void **state)
{
    struct writer first = {0};
    struct writer second = {0};

    (void)state;
    assert_int_equal(write_events(&first, 2, NULL), 0);
    assert_int_equal(write_events(&second, 1, NULL), -EEXIST);
    second = first;
    second.head[0] ^= 1; /* knows the number, not what was written */
    assert_int_equal(write_events(&second, 1, NULL), -EEXIST);
    assert_int_equal(load(hearing).events, 2);
}

static void writes_all_or_nothing_when_a_command_id_is_repeated(void **state)
{
    struct writer writer = {0};
    const char *id = "01890a5d-ac96-774b-bcce-b302099a8058";

    (void)state;
    assert_int_equal(write_events(&writer, 1, id), 0);
    assert_int_equal(write_events(&writer, 4, id), -EEXIST);
    struct loaded loaded = load(hearing);
    assert_int_equal(loaded.events, 1);
    assert_int_equal(loaded.commands, 1);
}

static void does_not_append_to_an_unknown_hearing(void **state)
{
    struct writer writer = {0};

    (void)state;
    snprintf(hearing, sizeof(hearing), "00000000-0000-7000-8000-000000000000");
    assert_int_equal(write_events(&writer, 1, NULL), -EINVAL);
}

/* ---- append-only, and the chain ---- */

static void refuses_to_change_or_remove_an_event(void **state)
{
    struct writer writer = {0};

    (void)state;
    assert_int_equal(write_events(&writer, 2, "01890a5d-ac96-774b-bcce-b302099a8059"), 0);
    assert_int_equal(cluster_script(&cluster, "UPDATE hearing_event SET at_ms = 1"), -EINVAL);
    assert_int_equal(cluster_script(&cluster, "DELETE FROM hearing_event"), -EINVAL);
    assert_int_equal(cluster_script(&cluster, "TRUNCATE hearing_event CASCADE"), -EINVAL);
    assert_int_equal(cluster_script(&cluster, "DELETE FROM hearing_command"), -EINVAL);
    assert_int_equal(load(hearing).events, 2);
}

static void refuses_an_event_with_a_wrong_hash(void **state)
{
    char sql[512];

    (void)state;
    snprintf(
        sql, sizeof(sql),
        "INSERT INTO hearing_event VALUES ('%s', 1, 5, '\\x01', decode(repeat('00', 32), 'hex'),"
        " sha256('x'))",
        hearing);
    assert_int_equal(cluster_script(&cluster, sql), -EINVAL);
    snprintf(
        sql, sizeof(sql),
        "INSERT INTO hearing_event VALUES ('%s', 1, 5, '\\x01', decode(repeat('01', 32), 'hex'),"
        " sha256(decode(repeat('01', 32), 'hex') || int8send(1) || int8send(5) || '\\x01'))",
        hearing);
    assert_int_equal(cluster_script(&cluster, sql), -EINVAL);
}

/* As a superuser who switches the guards off could. */
static void tamper(const char *change)
{
    char sql[1024];

    snprintf(
        sql, sizeof(sql),
        "BEGIN; ALTER TABLE hearing_event DISABLE TRIGGER ALL;"
        " ALTER TABLE hearing_event DROP CONSTRAINT hearing_event_chain;"
        " %s WHERE hearing = '%s' AND seq = 2;"
        " ALTER TABLE hearing_event ADD CONSTRAINT hearing_event_chain"
        "  CHECK (hash = sha256(prev_hash || int8send(seq) || int8send(at_ms) || body)) NOT VALID;"
        " ALTER TABLE hearing_event ENABLE TRIGGER ALL; COMMIT",
        change, hearing);
    assert_int_equal(cluster_script(&cluster, sql), 0);
}

static void does_not_serve_a_hearing_with_a_changed_event(void **state)
{
    struct writer writer = {0};

    (void)state;
    assert_int_equal(write_events(&writer, 3, NULL), 0);
    assert_int_equal(load(hearing).error, 0);
    tamper("UPDATE hearing_event SET body = '\\x0802'");
    assert_int_equal(load(hearing).error, -EBADMSG);
}

static void does_not_serve_a_hearing_whose_changed_event_was_hashed_anew(void **state)
{
    struct writer writer = {0};

    (void)state;
    assert_int_equal(write_events(&writer, 3, NULL), 0);
    tamper("UPDATE hearing_event SET body = '\\x0802',"
           " hash = sha256(prev_hash || int8send(seq) || int8send(at_ms) || '\\x0802'::bytea)");
    assert_int_equal(load(hearing).error, -EBADMSG);
}

static void does_not_serve_a_hearing_with_a_missing_event(void **state)
{
    struct writer writer = {0};

    (void)state;
    assert_int_equal(write_events(&writer, 3, NULL), 0);
    tamper("DELETE FROM hearing_event");
    assert_int_equal(load(hearing).error, -EBADMSG);
}

/* ---- a crash of the database ---- */

static void keeps_every_acknowledged_event_through_a_crash(void **state)
{
    struct writer writer = {0};
    struct appended appended;

    (void)state;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 10; i++)
            assert_int_equal(write_events(&writer, 1, NULL), 0);
        start_append(&writer, 1, NULL, &appended); /* on its way when the database dies */
        cluster_stop(&cluster, SIGKILL);
        client_wait(&client, &appended.told);
        client_wait_down(&client); /* its backend outlives the postmaster by a moment */
        assert_int_equal(load(hearing).error, -EAGAIN);
        cluster_start(&cluster);
        client_wait_up(&client);
        struct loaded loaded = load(hearing);
        assert_int_equal(loaded.error, 0);
        bool there = loaded.events == writer.seq + 1;
        assert_true(there || (loaded.events == writer.seq && appended.error == -EAGAIN));
        if (there) {
            writer.seq++;
            memcpy(writer.head, appended.head, SHA256_BYTES);
        }
        assert_memory_equal(loaded.head, writer.head, SHA256_BYTES);
    }
}

static int set_up(void **state)
{
    (void)state;
    cluster_make(&cluster);
    client_open(&client, cluster.conninfo);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    client_close(&client);
    cluster_remove(&cluster);
    return 0;
}

/* ---- words ---- */

#define WORDS "Bị cáo khai: “tôi không biết”.\n\"\\{}"

/* Two events of one command, the first with words. */
static int append_words(const char *words)
{
    const struct writer start = {0};
    struct hearing_store_event events[2];
    struct appended appended = {0};

    for (size_t i = 0; i < 2; i++)
        events[i] = (struct hearing_store_event){.seq = i + 1,
                                                 .at_ms = 1800000000000,
                                                 .body = (const uint8_t *)"\x08\x01",
                                                 .len = 2,
                                                 .has_words = i == 0};
    const struct hearing_append append = {.hearing = hearing,
                                          .prev_hash = start.head,
                                          .actor = 2,
                                          .events = events,
                                          .count = 2,
                                          .words = words};
    hearing_store_append(client.db, &append, take_append, &appended);
    client_wait(&client, &appended.told);
    return appended.error;
}

static char *take_words_copy(const struct hearing_record *record)
{
    return record->words_count == 1 && record->words[0].seq == 1 ? strdup(record->words[0].words)
                                                                 : NULL;
}

static void take_words(void *context, int error, const struct hearing_record *record)
{
    char **words = context;

    *words = error ? strdup("") : take_words_copy(record);
    if (!*words)
        *words = strdup("none");
}

static void assert_words(const char *wanted)
{
    char *words = NULL;

    hearing_store_load(client.db, hearing, take_words, &words);
    while (!words)
        uv_run(&client.loop, UV_RUN_ONCE);
    assert_string_equal(words, wanted);
    free(words);
}

static void keeps_words_with_their_event(void **state)
{
    (void)state;
    assert_int_equal(append_words(WORDS), 0);
    assert_words(WORDS);
}

static void writes_no_event_without_its_words(void **state)
{
    (void)state;
    assert_int_not_equal(append_words("Bi\xcc\xa3"), 0); /* not composed */
    assert_int_not_equal(append_words(""), 0);
    assert_words("none");
    assert_int_equal(append_words(WORDS), 0);
}

static int change_words(const char *change)
{
    char sql[320];

    snprintf(sql, sizeof(sql), "UPDATE hearing_words SET %s WHERE hearing = '%s'", change, hearing);
    return cluster_script(&cluster, sql);
}

static void lets_words_be_erased_and_never_changed(void **state)
{
    (void)state;
    assert_int_equal(append_words(WORDS), 0);
    assert_int_not_equal(change_words("words = 'khác'"), 0);
    assert_int_not_equal(change_words("words = NULL"), 0);
    assert_int_not_equal(change_words("seq = 2"), 0);
    assert_int_not_equal(cluster_script(&cluster, "DELETE FROM hearing_words"), 0);
    assert_int_not_equal(cluster_script(&cluster, "TRUNCATE hearing_words"), 0);
    assert_words(WORDS);
    assert_int_equal(change_words("words = NULL, erased_at = now()"), 0);
    assert_words("none");
    assert_int_not_equal(change_words("words = 'lại', erased_at = NULL"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(loads_the_roster_with_names_in_nfc, new_hearing),
        cmocka_unit_test_setup(does_not_know_a_hearing_that_is_not_there, new_hearing),
        cmocka_unit_test_setup(the_table_knows_every_role_of_the_protocol, new_hearing),
        cmocka_unit_test_setup(appends_and_loads_the_same_chain, new_hearing),
        cmocka_unit_test_setup(remembers_commands_with_their_digest, new_hearing),
        cmocka_unit_test_setup(refuses_the_second_of_two_writers, new_hearing),
        cmocka_unit_test_setup(writes_all_or_nothing_when_a_command_id_is_repeated, new_hearing),
        cmocka_unit_test_setup(does_not_append_to_an_unknown_hearing, new_hearing),
        cmocka_unit_test_setup(refuses_to_change_or_remove_an_event, new_hearing),
        cmocka_unit_test_setup(refuses_an_event_with_a_wrong_hash, new_hearing),
        cmocka_unit_test_setup(does_not_serve_a_hearing_with_a_changed_event, new_hearing),
        cmocka_unit_test_setup(does_not_serve_a_hearing_whose_changed_event_was_hashed_anew,
                               new_hearing),
        cmocka_unit_test_setup(does_not_serve_a_hearing_with_a_missing_event, new_hearing),
        cmocka_unit_test_setup(keeps_words_with_their_event, new_hearing),
        cmocka_unit_test_setup(writes_no_event_without_its_words, new_hearing),
        cmocka_unit_test_setup(lets_words_be_erased_and_never_changed, new_hearing),
        cmocka_unit_test_setup(keeps_every_acknowledged_event_through_a_crash, new_hearing),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
