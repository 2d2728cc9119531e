/* The configuration: defaults, the file, --set, and how each mistake is told. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/config.h"

static char folder[] = "/tmp/assize-config-XXXXXX";
static char file_path[64];
static struct config config;
static char error[CONFIG_ERROR_SIZE];

static void write_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "we");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* Loads a file with this text. */
static int load(const char *text)
{
    write_text(file_path, text);
    memset(error, 0, sizeof(error));
    return config_load(&config, folder, file_path, error);
}

static void assert_refused(const char *text, const char *place, const char *key)
{
    assert_int_equal(load(text), -EINVAL);
    assert_non_null(strstr(error, place));
    assert_non_null(strstr(error, key));
}

static void has_a_default_for_everything(void **state)
{
    char path[CONFIG_TEXT_SIZE];

    (void)state;
    assert_int_equal(config_load(&config, folder, NULL, error), 0);
    assert_string_equal(config.state_dir, folder);
    assert_string_equal(config.listen_address, "127.0.0.1");
    assert_int_equal(config.listen_port, 8443);
    assert_string_equal(config.database, "private");
    assert_int_equal(config.session_hours, 12);
    assert_int_equal(config_state_path(&config, "tls/cert.pem", path, sizeof(path)), 0);
    assert_string_equal(config.tls_certificate, path);
    assert_string_equal(config.web_root, "");
}

static void reads_groups_and_dotted_names(void **state)
{
    (void)state;
    assert_int_equal(load("listen = { port = 9443; address = \"0.0.0.0\"; };\n"
                          "media : { port = 9444; };\n"
                          "database = \"host=db.example.vn\";\n"),
                     0);
    assert_int_equal(config.listen_port, 9443);
    assert_string_equal(config.listen_address, "0.0.0.0");
    assert_int_equal(config.media_port, 9444);
    assert_string_equal(config.database, "host=db.example.vn");
}

static void refuses_an_unknown_key_with_its_file_and_line(void **state)
{
    char place[96];

    (void)state;
    snprintf(place, sizeof(place), "%s:3", file_path);
    assert_refused("listen = {\n  port = 9443;\n  prot = 1;\n};\n", place, "listen.prot");
    snprintf(place, sizeof(place), "%s:1", file_path);
    assert_refused("nonsense = 1;\n", place, "nonsense");
}

static void refuses_a_syntax_error_with_its_line(void **state)
{
    char place[96];

    (void)state;
    snprintf(place, sizeof(place), "%s:2", file_path);
    assert_int_not_equal(load("listen = { port = 9443; };\n= 5;\n"), 0);
    assert_non_null(strstr(error, place));
}

static void refuses_a_value_of_the_wrong_type(void **state)
{
    (void)state;
    assert_refused("listen = { port = \"many\"; };\n", ":1", "listen.port");
    assert_refused("listen = { port = true; };\n", ":1", "listen.port");
    assert_refused("listen = { address = 5; };\n", ":1", "listen.address");
    assert_refused("listen = { port = [1, 2]; };\n", ":1", "listen.port");
    assert_refused("listen = 5;\n", ":1", "listen");
}

static void refuses_a_number_outside_its_range(void **state)
{
    (void)state;
    assert_refused("listen = { port = 0; };\n", ":1", "listen.port");
    assert_refused("listen = { port = 65536; };\n", ":1", "listen.port");
    assert_refused("listen = { port = -1; };\n", ":1", "listen.port");
    assert_refused("session = { hours = 49; };\n", ":1", "session.hours");
    assert_int_equal(load("session = { hours = 48; };\nlisten = { port = 65535; };\n"), 0);
    assert_int_equal(config.session_hours, 48);
    assert_int_equal(config.listen_port, 65535);
}

static void refuses_words_that_mean_nothing(void **state)
{
    (void)state;
    assert_int_equal(load("listen = { public_url = \"http://example.vn\"; };\n"), -EINVAL);
    assert_non_null(strstr(error, "listen.public_url"));
    assert_int_equal(load("log = { level = \"loud\"; };\n"), -EINVAL);
    assert_non_null(strstr(error, "log.level"));
    assert_int_equal(load("role = \"centre\";\n"), -EINVAL);
    assert_non_null(strstr(error, "role"));
    assert_int_equal(load("exchange = { center = \"http://center.example.vn\"; };\n"), -EINVAL);
    assert_non_null(strstr(error, "exchange.center"));
}

static void refuses_what_is_no_organisation_code(void **state)
{
    static const char *const codes[] = {
        "",      "court", ".VN",    "VN.",
        "VN..A", "VN A",  "VN/TOA", "0123456789.0123456789.0123456789.012"};

    (void)state;
    assert_int_equal(load(""), 0);
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        assert_int_equal(config_set(&config, "exchange.organisation", codes[i], error), -EINVAL);
        assert_non_null(strstr(error, "exchange.organisation"));
    }
    assert_int_equal(config_set(&config, "exchange.organisation", "VN.TAND.01", error), 0);
}

static void refuses_what_could_end_a_header_line(void **state)
{
    static const char *const clients[] = {"XROADVN/GOV A", "a\r\nb: c", "a\"b", "a:b"};

    (void)state;
    assert_int_equal(load(""), 0);
    for (size_t i = 0; i < sizeof(clients) / sizeof(clients[0]); i++) {
        assert_int_equal(config_set(&config, "exchange.road_client", clients[i], error), -EINVAL);
        assert_non_null(strstr(error, "exchange.road_client"));
    }
    assert_int_equal(config_set(&config, "exchange.road_client", "XROADVN/GOV/T%C3%92A", error), 0);
}

static void refuses_a_value_that_is_too_long(void **state)
{
    char text[CONFIG_TEXT_SIZE + 64];

    (void)state;
    memset(text, 'a', sizeof(text));
    memcpy(text, "database = \"", strlen("database = \""));
    memcpy(text + sizeof(text) - 4, "\";\n", 4);
    assert_refused(text, ":1", "database");
}

static void says_when_the_file_is_not_there(void **state)
{
    (void)state;
    assert_int_not_equal(config_load(&config, folder, "/nowhere/assize.conf", error), 0);
    assert_non_null(strstr(error, "/nowhere/assize.conf"));
}

static void finds_the_file_in_the_state_directory_by_itself(void **state)
{
    char path[64];

    (void)state;
    snprintf(path, sizeof(path), "%s/assize.conf", folder);
    write_text(path, "listen = { port = 9555; };\n");
    assert_int_equal(config_load(&config, folder, NULL, error), 0);
    assert_int_equal(config.listen_port, 9555);
    unlink(path);
}

static void takes_the_state_directory_from_the_environment(void **state)
{
    (void)state;
    setenv("ASSIZE_STATE", folder, 1);
    assert_int_equal(config_load(&config, NULL, NULL, error), 0);
    assert_string_equal(config.state_dir, folder);
    unsetenv("ASSIZE_STATE");
    assert_int_equal(config_load(&config, "some/where", NULL, error), 0);
    assert_int_equal(config.state_dir[0], '/');
    assert_non_null(strstr(config.state_dir, "/some/where"));
}

static void puts_relative_paths_into_the_state_directory(void **state)
{
    char path[CONFIG_TEXT_SIZE];

    (void)state;
    assert_int_equal(load("tls = { key = \"mine.pem\"; certificate = \"/etc/ssl/cert.pem\"; };\n"),
                     0);
    snprintf(path, sizeof(path), "%s/mine.pem", folder);
    assert_string_equal(config.tls_key, path);
    assert_string_equal(config.tls_certificate, "/etc/ssl/cert.pem");
}

static void reads_secrets_from_files_and_the_environment(void **state)
{
    char path[64];
    char setting[80];

    (void)state;
    snprintf(path, sizeof(path), "%s/secret", folder);
    write_text(path, "host=a password=b\n");
    snprintf(setting, sizeof(setting), "file:%s", path);
    assert_int_equal(config_load(&config, folder, NULL, error), 0);
    assert_int_equal(config_set(&config, "database", setting, error), 0);
    assert_string_equal(config.database, "host=a password=b");
    setenv("ASSIZE_TEST_SECRET", "host=c", 1);
    assert_int_equal(config_set(&config, "database", "env:ASSIZE_TEST_SECRET", error), 0);
    assert_string_equal(config.database, "host=c");
    unsetenv("ASSIZE_TEST_SECRET");
    unlink(path);
}

static void refuses_a_secret_that_cannot_be_had_without_showing_it(void **state)
{
    (void)state;
    assert_int_equal(config_load(&config, folder, NULL, error), 0);
    assert_int_equal(config_set(&config, "database", "file:/nowhere/secret", error), -EINVAL);
    assert_non_null(strstr(error, "database"));
    assert_int_equal(config_set(&config, "database", "env:ASSIZE_NOT_SET", error), -EINVAL);
    assert_non_null(strstr(error, "environment"));
}

static void sets_one_option_from_text(void **state)
{
    (void)state;
    assert_int_equal(config_load(&config, folder, NULL, error), 0);
    assert_int_equal(config_set(&config, "listen.port", "1", error), 0);
    assert_int_equal(config.listen_port, 1);
    assert_int_equal(config_set(&config, "listen.port", "70000", error), -EINVAL);
    assert_non_null(strstr(error, "listen.port"));
    assert_non_null(strstr(error, "65535"));
    assert_int_equal(config.listen_port, 1);
    assert_int_equal(config_set(&config, "listen.prot", "1", error), -EINVAL);
    assert_non_null(strstr(error, "listen.prot"));
}

static void reads_the_arguments_of_a_program(void **state)
{
    char arguments[][64] = {"assized", "--set", "listen.port=8444", "--state",
                            "",        "--set", "media.port=8443",  "--oops"};
    char *argv[8];

    (void)state;
    snprintf(arguments[4], sizeof(arguments[4]), "%s", folder);
    for (int i = 0; i < 8; i++)
        argv[i] = arguments[i];
    assert_int_equal(config_load_arguments(&config, 7, argv, error), 0);
    assert_string_equal(config.state_dir, folder);
    assert_int_equal(config.listen_port, 8444);
    assert_int_equal(config.media_port, 8443);
    assert_int_equal(config_load_arguments(&config, 8, argv, error), -EINVAL);
    assert_non_null(strstr(error, "--oops"));
    assert_int_equal(config_load_arguments(&config, 6, argv, error), -EINVAL);
    assert_non_null(strstr(error, "--set"));
}

static void lists_every_option_on_the_reference_page(void **state)
{
    char *page = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&page, &len);

    (void)state;
    config_print_reference(out);
    fclose(out);
#define X(type, key, field, def, least, most, what) assert_non_null(strstr(page, "`" key "`"));
    OPTIONS(X)
#undef X
    free(page);
}

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(file_path, sizeof(file_path), "%s/test.conf", folder);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(file_path);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_a_default_for_everything),
        cmocka_unit_test(reads_groups_and_dotted_names),
        cmocka_unit_test(refuses_an_unknown_key_with_its_file_and_line),
        cmocka_unit_test(refuses_a_syntax_error_with_its_line),
        cmocka_unit_test(refuses_a_value_of_the_wrong_type),
        cmocka_unit_test(refuses_a_number_outside_its_range),
        cmocka_unit_test(refuses_words_that_mean_nothing),
        cmocka_unit_test(refuses_what_is_no_organisation_code),
        cmocka_unit_test(refuses_what_could_end_a_header_line),
        cmocka_unit_test(refuses_a_value_that_is_too_long),
        cmocka_unit_test(says_when_the_file_is_not_there),
        cmocka_unit_test(finds_the_file_in_the_state_directory_by_itself),
        cmocka_unit_test(takes_the_state_directory_from_the_environment),
        cmocka_unit_test(puts_relative_paths_into_the_state_directory),
        cmocka_unit_test(reads_secrets_from_files_and_the_environment),
        cmocka_unit_test(refuses_a_secret_that_cannot_be_had_without_showing_it),
        cmocka_unit_test(sets_one_option_from_text),
        cmocka_unit_test(reads_the_arguments_of_a_program),
        cmocka_unit_test(lists_every_option_on_the_reference_page),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
