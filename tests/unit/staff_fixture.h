/*
 * Staff, a real PostgreSQL and hashes that are made at once, for test_staff*.c: each includes it
 * once.
 */
#ifndef ASSIZE_TESTS_UNIT_STAFF_FIXTURE_H
#define ASSIZE_TESTS_UNIT_STAFF_FIXTURE_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/password/password.h"
#include "base/str.h"
#include "cluster.h"
#include "db/admin_account.h"
#include "server/identity/staff.h"

/* What stands for hashes here, made at once: test_password has the real ones. */
#define HASH_OF(password)     "$argon2id$now$" password
#define OLD_HASH_OF(password) "$argon2id$old$" password

#define PASSWORD "con mèo ngủ trên mái nhà"
#define NEXT     "sáng nay trời mưa to"

enum { PREFIX = sizeof(HASH_OF("")) - 1 };

bool password_verify(const char *hash, const char *prepared)
{
    return strlen(hash) > PREFIX && strcmp(hash + PREFIX, prepared) == 0;
}

int password_hash(const char *prepared, char out[static PASSWORD_HASH_SIZE])
{
    snprintf(out, PASSWORD_HASH_SIZE, HASH_OF("%.100s"), prepared);
    return 0;
}

bool password_is_outdated(const char *hash)
{
    return strncmp(hash, OLD_HASH_OF(""), PREFIX) == 0;
}

void password_wipe(void *data, size_t len)
{
    memset(data, 0, len);
}

static struct cluster cluster;
static struct client client;
static struct admin *admin;
static struct staff *staff;
static int places; /* addresses used so far */

struct outcome {
    bool told;
    enum refusal refusal;
    int wait_s;
    struct staff_session who;
    char token[ID_TOKEN_SIZE];
};

static inline void take(void *context, enum refusal refusal, int wait_s,
                        const struct staff_session *who, const char *token)
{
    struct outcome *outcome = context;

    outcome->told = true;
    outcome->refusal = refusal;
    outcome->wait_s = wait_s;
    assert_true(!refusal == (who != NULL) && !refusal == (token != NULL));
    if (who) {
        outcome->who = *who;
        str_copy(outcome->token, sizeof(outcome->token), token);
    }
}

static inline void take_who(void *context, enum refusal refusal, const struct staff_session *who)
{
    take(context, refusal, 0, who, who ? "" : NULL);
}

/* An address of this test only. */
static inline const char *new_address(void)
{
    static char address[ACCOUNT_ADDRESS_SIZE];

    places++;
    snprintf(address, sizeof(address), "10.1.%d.%d", places / 250, places % 250 + 1);
    return address;
}

static inline struct outcome sign_in_with(const char *login, const char *password,
                                          const char *address, const char *old_token)
{
    const struct staff_place place = {address, "agent", old_token};
    struct outcome outcome = {0};

    staff_sign_in(staff, &place, login, password, take, &outcome);
    client_wait(&client, &outcome.told);
    return outcome;
}

static inline struct outcome sign_in(const char *login, const char *password, const char *address)
{
    return sign_in_with(login, password, address, "");
}

static inline struct outcome change(const struct outcome *signed_in, const char *old,
                                    const char *next)
{
    const struct staff_place place = {new_address(), "agent", signed_in->token};
    struct outcome outcome = {0};

    staff_change_password(staff, &place, old, next, take, &outcome);
    client_wait(&client, &outcome.told);
    return outcome;
}

static inline enum refusal find(const char *token)
{
    struct outcome outcome = {0};

    staff_find(staff, token, take_who, &outcome);
    client_wait(&client, &outcome.told);
    return outcome.refusal;
}

static inline void add_with_hash(const char *login, bool must_change, const char *hash)
{
    struct admin_account account = {.role = ASSIZE__STAFF__V1__ROLE__ROLE_CLERK,
                                    .must_change = must_change};

    str_copy(account.login, sizeof(account.login), login);
    str_copy(account.name, sizeof(account.name), "Trần Quốc Bảo");
    assert_int_equal(admin_account_add(admin, &account, hash), 0);
}

static inline void add(const char *login, bool must_change)
{
    add_with_hash(login, must_change, HASH_OF(PASSWORD));
}

static inline void run_sql(const char *sql)
{
    assert_int_equal(cluster_script(&cluster, sql), 0);
}

/* Lets time go by for those who failed. */
static inline void age_failures(int seconds)
{
    char sql[128];

    snprintf(sql, sizeof(sql),
             "UPDATE sign_in_failure SET last_at = last_at - interval '%d seconds'", seconds);
    run_sql(sql);
}

/* As if they had failed in a minute, so that a slow machine does not wait it out. */
static inline void hold_failures(void)
{
    age_failures(-60);
}

static inline int set_up(void **state)
{
    (void)state;
    cluster_make(&cluster);
    assert_int_equal(admin_open(cluster.conninfo, &admin), 0);
    client_open(&client, cluster.conninfo);
    client_wait_up(&client);
    staff = staff_new(&client.loop, client.db, 12);
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    admin_close(admin);
    db_free(client.db);
    client.db = NULL;
    staff_free(staff);
    client_close(&client);
    cluster_remove(&cluster);
    return 0;
}

#endif
