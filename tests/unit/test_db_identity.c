/* Join links and the sessions they open, against a real PostgreSQL. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "cluster.h"
#include "db/admin.h"
#include "db/identity_store.h"

static struct cluster cluster;
static struct client client;
static struct admin *admin;
static char hearing[ID_UUID_SIZE];

struct outcome {
    bool told;
    int error;
    enum refusal refusal;
    struct identity_session session;
};

static void take_outcome(void *context, int error, enum refusal refusal,
                         const struct identity_session *session)
{
    struct outcome *outcome = context;

    outcome->told = true;
    outcome->error = error;
    outcome->refusal = refusal;
    assert_true((session != NULL) == (!error && !refusal));
    if (session)
        outcome->session = *session;
}

struct hash {
    uint8_t bytes[SHA256_BYTES];
};

static struct hash hash_of(const char *token)
{
    struct hash hash;

    sha256(token, strlen(token), hash.bytes);
    return hash;
}

/* old: the cookie the browser has, or NULL. */
static struct outcome open_by(const char *link, const char *session, const char *old)
{
    struct outcome outcome = {0};
    struct hash old_hash = hash_of(old ? old : "");

    identity_store_open(client.db, hash_of(link).bytes, hash_of(session).bytes,
                        old ? old_hash.bytes : NULL, 12, take_outcome, &outcome);
    client_wait(&client, &outcome.told);
    assert_int_equal(outcome.error, 0);
    return outcome;
}

static struct outcome find(const char *session)
{
    struct outcome outcome = {0};

    identity_store_find(client.db, hash_of(session).bytes, take_outcome, &outcome);
    client_wait(&client, &outcome.told);
    assert_int_equal(outcome.error, 0);
    return outcome;
}

static struct admin_link issue(uint32_t participant, uint32_t endpoint, int uses,
                               char token[static ID_TOKEN_SIZE])
{
    const struct admin_link_wish wish = {.hearing = hearing,
                                         .participant = participant,
                                         .endpoint = endpoint,
                                         .multi = uses > 1,
                                         .uses = uses,
                                         .hours = 2};
    struct admin_link link;

    assert_int_equal(admin_link_issue(admin, &wish, &link, token), 0);
    return link;
}

static long uses_of(const char *link)
{
    char sql[128];

    snprintf(sql, sizeof(sql), "SELECT used FROM join_link WHERE id = '%s'", link);
    return cluster_number(&cluster, sql);
}

static void opens_a_session_that_says_who_one_is(void **state)
{
    char token[ID_TOKEN_SIZE];
    struct admin_link link = issue(4, 0, 1, token);
    struct outcome opened = open_by(token, "session a", NULL);

    (void)state;
    assert_int_equal(opened.refusal, REFUSAL_NONE);
    assert_string_equal(opened.session.link, link.id);
    assert_string_equal(opened.session.hearing, hearing);
    assert_int_equal(opened.session.participant, 4);
    assert_int_equal(opened.session.endpoint, 3);
    assert_int_equal(opened.session.role, ASSIZE__HEARING__V1__ROLE__ROLE_DETENTION_OFFICER);
    assert_int_equal(opened.session.endpoint_kind,
                     ASSIZE__HEARING__V1__ENDPOINT_KIND__ENDPOINT_KIND_ROOM);
    assert_string_equal(opened.session.name, "Cán bộ");
    assert_string_equal(opened.session.site, "Trại tạm giam");
    assert_string_equal(opened.session.case_number, "1/2026/TLST-HS");
    assert_int_equal(opened.session.scheduled_ms, 1800000000123);
    int64_t left_ms = opened.session.expires_ms - clock_wall_ms();
    assert_in_range(left_ms, 11 * 3600 * 1000, 12 * 3600 * 1000);
    assert_memory_equal(opened.session.token_hash, hash_of("session a").bytes, SHA256_BYTES);
    struct outcome found = find("session a");
    assert_int_equal(found.refusal, REFUSAL_NONE);
    assert_string_equal(found.session.id, opened.session.id);
}

static void seats_a_person_at_their_companion(void **state)
{
    char token[ID_TOKEN_SIZE];

    (void)state;
    issue(3, 4, 1, token);
    struct outcome opened = open_by(token, "session b", NULL);
    assert_int_equal(opened.session.endpoint, 4);
    assert_int_equal(opened.session.endpoint_kind,
                     ASSIZE__HEARING__V1__ENDPOINT_KIND__ENDPOINT_KIND_COMPANION);
}

static void opens_a_single_use_link_once(void **state)
{
    char token[ID_TOKEN_SIZE];
    struct admin_link link = issue(1, 0, 1, token);

    (void)state;
    assert_int_equal(open_by(token, "session c", NULL).refusal, REFUSAL_NONE);
    assert_int_equal(open_by(token, "session d", NULL).refusal, REFUSAL_LINK_USED);
    assert_int_equal(find("session d").refusal, REFUSAL_NOT_SIGNED_IN);
    assert_int_equal(find("session c").refusal, REFUSAL_NONE);
    assert_int_equal(uses_of(link.id), 1);
}

static void opens_a_multi_use_link_as_often_as_it_says(void **state)
{
    char token[ID_TOKEN_SIZE];

    (void)state;
    issue(1, 0, 2, token);
    assert_int_equal(open_by(token, "session e", NULL).refusal, REFUSAL_NONE);
    assert_int_equal(open_by(token, "session f", NULL).refusal, REFUSAL_NONE);
    assert_int_equal(open_by(token, "session g", NULL).refusal, REFUSAL_LINK_USED);
    assert_int_equal(find("session e").refusal, REFUSAL_NONE);
}

static void renews_the_session_of_a_browser_that_opens_its_link_again(void **state)
{
    char token[ID_TOKEN_SIZE];
    struct admin_link link = issue(1, 0, 1, token);
    struct outcome first = open_by(token, "session h", NULL);
    struct outcome again = open_by(token, "session i", "session h");

    (void)state;
    assert_int_equal(again.refusal, REFUSAL_NONE);
    assert_string_equal(again.session.id, first.session.id);
    assert_int_equal(uses_of(link.id), 1);
    assert_int_equal(find("session h").refusal, REFUSAL_NOT_SIGNED_IN);
    assert_int_equal(find("session i").refusal, REFUSAL_NONE);
}

static void does_not_renew_by_the_session_of_another_link(void **state)
{
    char mine[ID_TOKEN_SIZE];
    char other[ID_TOKEN_SIZE];

    (void)state;
    issue(1, 0, 1, mine);
    issue(2, 0, 1, other);
    assert_int_equal(open_by(mine, "session j", NULL).refusal, REFUSAL_NONE);
    assert_int_equal(open_by(other, "session k", NULL).refusal, REFUSAL_NONE);
    assert_int_equal(open_by(other, "session l", "session j").refusal, REFUSAL_LINK_USED);
    assert_int_equal(find("session j").refusal, REFUSAL_NONE);
}

static struct admin_link issue_gallery(int uses, char token[static ID_TOKEN_SIZE])
{
    const struct admin_link_wish wish = {
        .hearing = hearing, .gallery = true, .uses = uses, .hours = 2};
    struct admin_link link;

    assert_int_equal(admin_link_issue(admin, &wish, &link, token), 0);
    return link;
}

static void opens_a_gallery_link_for_viewers_who_are_nobody_in_the_hearing(void **state)
{
    char token[ID_TOKEN_SIZE];
    struct admin_link link = issue_gallery(2, token);

    (void)state;
    assert_true(link.gallery);
    assert_string_equal(link.role, "gallery");
    struct outcome one = open_by(token, "viewer a", NULL);
    struct outcome two = open_by(token, "viewer b", NULL);
    assert_int_equal(one.refusal, REFUSAL_NONE);
    assert_int_equal(two.refusal, REFUSAL_NONE);
    assert_true(one.session.gallery);
    assert_string_equal(one.session.hearing, hearing);
    assert_string_equal(one.session.case_number, "1/2026/TLST-HS");
    assert_string_not_equal(one.session.id, two.session.id);
    assert_int_equal(one.session.participant, 0);
    assert_int_equal(one.session.endpoint, 0);
    assert_int_equal(one.session.role, ASSIZE__HEARING__V1__ROLE__ROLE_UNSPECIFIED);
    assert_string_equal(one.session.name, "");
    assert_int_equal(open_by(token, "viewer c", NULL).refusal, REFUSAL_LINK_USED);
    assert_int_equal(open_by(token, "viewer d", "viewer a").refusal, REFUSAL_NONE);
    assert_true(find("viewer b").session.gallery);
}

static void withdrawing_a_gallery_link_ends_every_viewer(void **state)
{
    char token[ID_TOKEN_SIZE];
    struct admin_link link = issue_gallery(10, token);

    (void)state;
    open_by(token, "viewer e", NULL);
    open_by(token, "viewer f", NULL);
    assert_int_equal(admin_link_revoke(admin, link.id), 0);
    assert_int_equal(open_by(token, "viewer g", "viewer e").refusal, REFUSAL_LINK_REVOKED);
    assert_int_equal(find("viewer e").refusal, REFUSAL_NOT_SIGNED_IN);
    assert_int_equal(find("viewer f").refusal, REFUSAL_NOT_SIGNED_IN);
}

static void lets_no_gallery_link_seat_anyone(void **state)
{
    char token[ID_TOKEN_SIZE];
    char sql[160];
    struct admin_link link = issue_gallery(1, token);

    (void)state;
    snprintf(sql, sizeof(sql), "UPDATE join_link SET participant = 1 WHERE id = '%s'", link.id);
    assert_int_not_equal(cluster_script(&cluster, sql), 0);
    link = issue(1, 0, 1, token);
    snprintf(sql, sizeof(sql), "UPDATE join_link SET endpoint = NULL WHERE id = '%s'", link.id);
    assert_int_not_equal(cluster_script(&cluster, sql), 0);
}

static void issues_no_gallery_link_to_no_hearing(void **state)
{
    const struct admin_link_wish wish = {
        .hearing = "00000000-0000-4000-8000-000000000000", .gallery = true, .uses = 5, .hours = 1};
    struct admin_link link;
    char token[ID_TOKEN_SIZE];

    (void)state;
    assert_int_equal(admin_link_issue(admin, &wish, &link, token), -ENOENT);
}

static void refuses_an_unknown_link(void **state)
{
    (void)state;
    assert_int_equal(open_by("nothing", "session m", NULL).refusal, REFUSAL_LINK_UNKNOWN);
}

static void refuses_an_expired_link(void **state)
{
    char token[ID_TOKEN_SIZE];
    char sql[160];
    struct admin_link link = issue(1, 0, 5, token);

    (void)state;
    snprintf(sql, sizeof(sql), "UPDATE join_link SET expires_at = now() WHERE id = '%s'", link.id);
    assert_int_equal(cluster_script(&cluster, sql), 0);
    assert_int_equal(open_by(token, "session n", NULL).refusal, REFUSAL_LINK_EXPIRED);
}

static void revoking_a_link_ends_its_sessions(void **state)
{
    char token[ID_TOKEN_SIZE];
    char other[ID_TOKEN_SIZE];

    (void)state;
    struct admin_link link = issue(1, 0, 5, token);
    issue(1, 0, 5, other);
    assert_int_equal(open_by(token, "session o", NULL).refusal, REFUSAL_NONE);
    assert_int_equal(open_by(other, "session p", NULL).refusal, REFUSAL_NONE);
    assert_int_equal(admin_link_revoke(admin, link.id), 0);
    assert_int_equal(open_by(token, "session q", "session o").refusal, REFUSAL_LINK_REVOKED);
    assert_int_equal(find("session o").refusal, REFUSAL_NOT_SIGNED_IN);
    assert_int_equal(find("session p").refusal, REFUSAL_NONE);
    assert_int_equal(admin_link_revoke(admin, other), 0); /* by its token */
    assert_int_equal(find("session p").refusal, REFUSAL_NOT_SIGNED_IN);
    assert_int_equal(admin_link_revoke(admin, "neither"), -ENOENT);
}

static void forgets_a_session_that_ended_or_expired(void **state)
{
    char token[ID_TOKEN_SIZE];
    struct outcome outcome = {0};

    (void)state;
    issue(1, 0, 5, token);
    open_by(token, "session r", NULL);
    open_by(token, "session s", NULL);
    identity_store_end(client.db, hash_of("session r").bytes, take_outcome, &outcome);
    client_wait(&client, &outcome.told);
    assert_int_equal(outcome.refusal, REFUSAL_NOT_SIGNED_IN);
    assert_int_equal(find("session r").refusal, REFUSAL_NOT_SIGNED_IN);
    assert_int_equal(find("session s").refusal, REFUSAL_NONE);
    assert_int_equal(cluster_script(&cluster, "UPDATE web_session SET expires_at = now()"), 0);
    assert_int_equal(find("session s").refusal, REFUSAL_NOT_SIGNED_IN);
}

static void issues_no_link_for_someone_who_is_not_there(void **state)
{
    struct admin_link link;
    char token[ID_TOKEN_SIZE];
    struct admin_link_wish wish = {.hearing = hearing, .participant = 9, .hours = 1};

    (void)state;
    assert_int_equal(admin_link_issue(admin, &wish, &link, token), -ENOENT);
    wish =
        (struct admin_link_wish){.hearing = hearing, .participant = 1, .endpoint = 2, .hours = 1};
    assert_int_equal(admin_link_issue(admin, &wish, &link, token), -ENOENT);
    wish = (struct admin_link_wish){.hearing = "x", .participant = 1, .hours = 1};
    assert_int_equal(admin_link_issue(admin, &wish, &link, token), -EINVAL);
    wish = (struct admin_link_wish){.hearing = hearing, .participant = 1, .hours = 0};
    assert_int_equal(admin_link_issue(admin, &wish, &link, token), -EINVAL);
    wish =
        (struct admin_link_wish){.hearing = hearing, .participant = 1, .multi = true, .hours = 1};
    assert_int_equal(admin_link_issue(admin, &wish, &link, token), -EINVAL);
}

static void keeps_no_token(void **state)
{
    char token[ID_TOKEN_SIZE];
    char sql[256];

    (void)state;
    issue(1, 0, 1, token);
    snprintf(sql, sizeof(sql),
             "SELECT count(*) FROM join_link WHERE row_to_json(join_link)::text LIKE '%%%s%%'",
             token);
    assert_int_equal(cluster_number(&cluster, sql), 0);
}

static void says_that_the_database_is_away(void **state)
{
    struct outcome outcome = {0};
    struct client away;

    (void)state;
    client_open(&away, "host=/nowhere dbname=none");
    identity_store_find(away.db, hash_of("x").bytes, take_outcome, &outcome);
    client_wait(&away, &outcome.told);
    assert_int_equal(outcome.error, -EAGAIN);
    client_close(&away);
}

static int set_up(void **state)
{
    (void)state;
    cluster_make(&cluster);
    cluster_hearing(&cluster, hearing);
    assert_int_equal(admin_open(cluster.conninfo, &admin), 0);
    client_open(&client, cluster.conninfo);
    client_wait_up(&client);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    admin_close(admin);
    client_close(&client);
    cluster_remove(&cluster);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_a_session_that_says_who_one_is),
        cmocka_unit_test(seats_a_person_at_their_companion),
        cmocka_unit_test(opens_a_single_use_link_once),
        cmocka_unit_test(opens_a_multi_use_link_as_often_as_it_says),
        cmocka_unit_test(renews_the_session_of_a_browser_that_opens_its_link_again),
        cmocka_unit_test(does_not_renew_by_the_session_of_another_link),
        cmocka_unit_test(opens_a_gallery_link_for_viewers_who_are_nobody_in_the_hearing),
        cmocka_unit_test(withdrawing_a_gallery_link_ends_every_viewer),
        cmocka_unit_test(lets_no_gallery_link_seat_anyone),
        cmocka_unit_test(issues_no_gallery_link_to_no_hearing),
        cmocka_unit_test(refuses_an_unknown_link),
        cmocka_unit_test(refuses_an_expired_link),
        cmocka_unit_test(revoking_a_link_ends_its_sessions),
        cmocka_unit_test(forgets_a_session_that_ended_or_expired),
        cmocka_unit_test(issues_no_link_for_someone_who_is_not_there),
        cmocka_unit_test(keeps_no_token),
        cmocka_unit_test(says_that_the_database_is_away),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
