/* A centre's database with records of two courts, and questions to it that wait for their answer.
 */
#ifndef ASSIZE_TESTS_UNIT_ACCESS_FIXTURE_H
#define ASSIZE_TESTS_UNIT_ACCESS_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "db/case_store.h"
#include "tests/unit/cluster.h"

#define PURPOSE(name) ASSIZE__ACCESS__V1__PURPOSE__PURPOSE_##name
#define ENTITY        "0192f0c1-2b3c-7d4e-8f50-00000000000"
#define AGENCY        "AGENCY"
#define COURT         "TAND01"

static struct cluster cluster;
static struct client client;
static uint8_t agency_spki[SHA256_BYTES];
static struct access_caller agency;

/* The last answer; the message is packed, so that it outlives the callback. */
static struct {
    bool told;
    int error;
    enum refusal refusal;
    struct buf packed;
} answer;

static inline void take_answer(void *context, int error, enum refusal refusal,
                               ProtobufCMessage *message)
{
    (void)context;
    answer.told = true;
    answer.error = error;
    answer.refusal = refusal;
    buf_done(&answer.packed);
    buf_init(&answer.packed, 8 << 20);
    if (message) {
        size_t len = protobuf_c_message_get_packed_size(message);
        uint8_t *room = buf_reserve(&answer.packed, len + 1);
        assert_non_null(room);
        answer.packed.len = protobuf_c_message_pack(message, room);
    }
}

static inline void *wait_answer(const ProtobufCMessageDescriptor *type)
{
    client_awake(&client);
    client_wait(&client, &answer.told);
    if (answer.error || answer.refusal)
        assert_int_equal(answer.packed.len, 0);
    return answer.error || answer.refusal || !type
               ? NULL
               : protobuf_c_message_unpack(type, NULL, answer.packed.len, answer.packed.data);
}

static inline void release(void *message)
{
    protobuf_c_message_free_unpacked(message, NULL);
}

static inline void sql(const char *format, ...) __attribute__((format(printf, 1, 2)));

static inline void sql(const char *format, ...)
{
    char text[4096];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    assert_int_equal(cluster_script(&cluster, text), 0);
}

static inline long number(const char *text)
{
    return cluster_number(&cluster, text);
}

/* A record of a source takes effect; words stands for what it says. */
static inline void record(const char *source, const char *key, const char *kind, int entity,
                          int seq, const char *words)
{
    sql("INSERT INTO inbox VALUES ('%s', '%s', %d, '', gen_random_uuid(), 1, '%s', 1, %d, '%s', "
        "'', '',"
        " gen_random_uuid(), NULL);"
        "SELECT case_put('%s', '%s', '%s', '" ENTITY "%d', %d, gen_random_uuid(), 1,"
        " tstzrange('2026-01-01', NULL))",
        source, key, seq, kind, 1000 + seq, words, source, key, kind, entity, seq);
}

static inline void card(const char *source, const char *key, const char *id, const char *status,
                        int seq)
{
    sql("SELECT case_file_put('%s', '%s', '%s', '%s', %d)", source, key, id, status, seq);
}

static inline void grant(const char *types, const char *purpose)
{
    sql("SELECT access_grant('" AGENCY
        "', 'case', ARRAY[%s], '%s', (extract(epoch FROM now()) * 1000)"
        "::bigint + 100000, 'test')",
        types, purpose);
}

static inline int make_center(void **state)
{
    (void)state;
    cluster_make(&cluster);
    client_open(&client, cluster.conninfo);
    client_wait_up(&client);
    buf_init(&answer.packed, 8 << 20);
    sha256(AGENCY, strlen(AGENCY), agency_spki);
    agency =
        (struct access_caller){AGENCY, agency_spki, NULL, PURPOSE(ENFORCEMENT), "Điều 1", NULL};
    return 0;
}

static inline int end_center(void **state)
{
    (void)state;
    client_close(&client);
    buf_done(&answer.packed);
    cluster_remove(&cluster);
    return 0;
}

/* Before each test: two courts, an agency, and nothing granted or asked. */
static inline int begin_test(void **state)
{
    (void)state;
    sql("SET session_replication_role = replica;"
        "DELETE FROM person_ident; DELETE FROM access_subject; DELETE FROM access_log; DELETE FROM "
        "grant_right;"
        "DELETE FROM held; DELETE FROM rejection; DELETE FROM case_head; DELETE FROM receipt;"
        "DELETE FROM inbox; DELETE FROM outbox; DELETE FROM case_record; DELETE FROM case_file;"
        "DELETE FROM organisation;"
        "INSERT INTO organisation (code, spki) VALUES ('" AGENCY "', sha256('" AGENCY "')),"
        " ('" COURT "', sha256('1')), ('TAND48', sha256('2'))");
    answer.told = false;
    return 0;
}

#endif
