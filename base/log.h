/*
 * Structured log lines on standard error, one event a line (logfmt):
 *
 *     2026-11-21T09:42:10.123Z info  relay leg.connected leg=42 hearing=019a… rtt_ms=12
 *
 * Low layers return errors and stay silent; edges log. No SDP, token or personal name at info or
 * above. Values given with %s are quoted when they hold anything but plain characters, so a peer
 * cannot forge a line.
 */
#ifndef ASSIZE_BASE_LOG_H
#define ASSIZE_BASE_LOG_H

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* Names this process in every line ("assized", "relay", …). The string is kept, not copied. */
void log_set_worker(const char *worker);
void log_set_level(enum log_level level);
/* "debug", "info", "warn" or "error"; -EINVAL for another word. */
int log_level_from_name(const char *name, enum log_level *ret_level);

/*
 * One line: event is a dotted name, format gives `key=value` pairs. Lines over 2,000 bytes are cut.
 * Safe for use from several threads. A value from a peer goes through log_quote.
 */
void log_event(enum log_level level, const char *event, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define log_debug(event, ...) log_event(LOG_DEBUG, event, __VA_ARGS__)
#define log_info(event, ...)  log_event(LOG_INFO, event, __VA_ARGS__)
#define log_warn(event, ...)  log_event(LOG_WARN, event, __VA_ARGS__)
#define log_error(event, ...) log_event(LOG_ERROR, event, __VA_ARGS__)

struct log_quoted {
    char text[160];
};
/* A peer's text made safe for a line: control characters and quotes replaced, cut to fit, in double
 * quotes. */
struct log_quoted log_quote(const char *text);

/* The text of an errno value, thread-safe; 80 bytes at most. Takes positive or negative numbers. */
struct log_quoted log_errno(int error);

#endif
