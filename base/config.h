/*
 * The configuration: one libconfig file, read once at start. Every option is a row of OPTIONS,
 * which gives the field of struct config, the parser, the check and the reference page (`assize
 * reference config`). Unknown keys are refused with file and line. Environment: ASSIZE_STATE names
 * the state directory; a value "env:NAME" or "file:PATH" for an option of type SECRET is read from
 * there.
 */
#ifndef ASSIZE_BASE_CONFIG_H
#define ASSIZE_BASE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { CONFIG_TEXT_SIZE = 512, CONFIG_ERROR_SIZE = 1024 };

/*
 * type: TEXT, PATH (relative ones lie in the state directory), SECRET, NUMBER (least, most)
 * columns: type, key in the file, field, default, least, most, what it is
 */
/* clang-format off */
#define OPTIONS(X)                                                                                 \
    X(TEXT, "role", role, "court", 0, 0,                                                           \
      "court: hearings; center: takes in what courts push, by client certificate only.")           \
    X(TEXT, "listen.address", listen_address, "127.0.0.1", 0, 0,                                   \
      "Address for HTTPS and WebSocket; 0.0.0.0 for every IPv4 address.")                          \
    X(NUMBER, "listen.port", listen_port, "8443", 1, 65535, "TCP port for HTTPS and WebSocket.")   \
    X(TEXT, "listen.public_url", public_url, "", 0, 0,                                             \
      "What people type, for example https://xetxu.example.vn; default https://localhost:PORT. Links are made with it.") \
    X(PATH, "tls.certificate", tls_certificate, "tls/cert.pem", 0, 0,                              \
      "Certificate chain, PEM. A self-signed one is made when the file is missing and the path is the default.") \
    X(PATH, "tls.key", tls_key, "tls/key.pem", 0, 0, "Private key, PEM.")                          \
    X(SECRET, "database", database, "private", 0, 0,                                               \
      "\"private\": a PostgreSQL of our own in the state directory; else a libpq connection string.") \
    X(TEXT, "media.listen", media_listen, "", 0, 0,                                                \
      "Address of the relay's UDP port; default: listen.address.")                                 \
    X(NUMBER, "media.port", media_port, "8444", 1, 65535, "The relay's one UDP port.")             \
    X(TEXT, "media.advertise", media_advertise, "", 0, 0,                                          \
      "Addresses, separated by commas, that browsers reach the relay at (behind NAT: the public one); default: media.listen, or every address of the machine.") \
    X(NUMBER, "media.audio_slots", audio_slots, "8", 1, 32, "Most people one device hears at a time.") \
    X(NUMBER, "media.video_slots", video_slots, "8", 1, 32, "Most people one device sees at a time.") \
    X(NUMBER, "record.reserve_mb", record_reserve_mb, "1024", 0, 1000000,                          \
      "Free space, in MiB, that the disk of STATE/record must have for a hearing to start.")           \
    X(NUMBER, "events.reserve_mb", events_reserve_mb, "256", 0, 1000000,                           \
      "Free space, in MiB, that is left to the private database on its disk: no hearing starts below it, and a record on the same disk stops there.") \
    X(NUMBER, "record.programme", record_programme, "1", 0, 1,                                     \
      "1: the programme feed runs and is on record while a hearing is; 0: it runs only while a gallery is open or a device on a thin line uses it.") \
    X(NUMBER, "studio.high", studio_high, "0", 0, 1, "1: the programme feed is 720 lines high instead of 360.") \
    X(PATH, "web.root", web_root, "", 0, 0, "Folder of the built web pages; default: web/dist beside the program.") \
    X(NUMBER, "session.hours", session_hours, "12", 1, 48, "How long a sign-in lasts, in hours.") \
    X(PATH, "hearing.procedures", procedures, "", 0, 0,                                            \
      "Folder of procedure files (*.conf) besides those of the program: others, and newer versions; they are read at start.") \
    X(NUMBER, "drain.seconds", drain_seconds, "5", 0, 300, "How long a stopping server waits for its connections.") \
    X(TEXT, "exchange.center", exchange_center, "", 0, 0,                                          \
      "A court's centre, for example https://center.example.vn:8446, or the address of a security server of the exchange with the path of the centre's service; empty: nothing leaves.") \
    X(TEXT, "exchange.road_client", exchange_road_client, "", 0, 0,                                \
      "X-Road-Client of calls to the centre, as XROADVN/GOV/CODE/SUBSYSTEM, with which X-Road-Id, X-Road-UserId and X-Road-Issue are sent; empty: none of them.") \
    X(TEXT, "exchange.organisation", exchange_organisation, "DEMO", 0, 0,                          \
      "One's own organisation code: groups of digits and capitals with dots between, 35 characters at most.") \
    X(PATH, "exchange.ca", exchange_ca, "tls/ca.pem", 0, 0,                                        \
      "The authority whose certificates courts and centre trust, PEM.")                            \
    X(PATH, "exchange.certificate", exchange_certificate, "tls/exchange.pem", 0, 0,                \
      "One's own certificate of that authority, PEM; its common name is the organisation code.")   \
    X(PATH, "exchange.key", exchange_key, "tls/exchange-key.pem", 0, 0, "Its private key, PEM.")   \
    X(NUMBER, "center.port", center_port, "0", 0, 65535,                                           \
      "TCP port of a centre for the people who run it, who sign in there; 0: none. Organisations come to listen.port.") \
    X(TEXT, "center.address", center_address, "127.0.0.1", 0, 0, "Address of that port.")          \
    X(TEXT, "center.public_url", center_public_url, "", 0, 0,                                      \
      "What those people type; default https://localhost:PORT.")                                   \
    X(PATH, "person.key", person_key, "person.key", 0, 0,                                          \
      "The secret by which people are found by number; made when the file is missing. Keep a copy: nobody is found without it.") \
    X(TEXT, "metrics.allow", metrics_allow, "127.0.0.1,::1", 0, 0, "Addresses that may read /metrics, separated by commas.") \
    X(TEXT, "log.level", log_level, "info", 0, 0, "debug, info, warn or error.")
/* clang-format on */

struct config {
    char state_dir[CONFIG_TEXT_SIZE]; /* absolute; from --state, ASSIZE_STATE or ./var */
#define CONFIG_FIELD_TEXT(field)                    char field[CONFIG_TEXT_SIZE];
#define CONFIG_FIELD_PATH(field)                    char field[CONFIG_TEXT_SIZE];
#define CONFIG_FIELD_SECRET(field)                  char field[CONFIG_TEXT_SIZE];
#define CONFIG_FIELD_NUMBER(field)                  int field;
#define X(type, key, field, def, least, most, what) CONFIG_FIELD_##type(field)
    OPTIONS(X)
#undef X
};

/*
 * Defaults, then the file (NULL or missing: STATE/assize.conf if there is one). state_dir NULL:
 * ASSIZE_STATE, or "var". 0, or -errno with a sentence that names file and line in error.
 */
int config_load(struct config *config, const char *state_dir, const char *file,
                char error[static CONFIG_ERROR_SIZE]) __attribute__((warn_unused_result));

/*
 * The same from a program's arguments: --state DIR, --config FILE, --set KEY=VALUE (any number of
 * times). -EINVAL for another argument.
 */
int config_load_arguments(struct config *config, int argc, char **argv,
                          char error[static CONFIG_ERROR_SIZE]) __attribute__((warn_unused_result));

/*
 * Sets one option from text, as `--set KEY=VALUE` and tests do. 0 or -EINVAL with a sentence in
 * error.
 */
int config_set(struct config *config, const char *key, const char *value,
               char error[static CONFIG_ERROR_SIZE]) __attribute__((warn_unused_result));

/* The role is center, not court. */
bool config_is_center(const struct config *config);

/* https://HOST of the configuration, without a slash at its end. */
void config_public_url(const struct config *config, char *out, size_t size);

/* STATE/name in out; -ENAMETOOLONG. */
int config_state_path(const struct config *config, const char *name, char *out, size_t size)
    __attribute__((warn_unused_result));

/* The reference page, Markdown. */
void config_print_reference(FILE *out);

#endif
