/* The program's own log: a ring in memory, and a file when asked for. Never holds a
 * secret: what is registered as one is replaced by "***" before anything is kept. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

void log_line(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Appends to this file from now on (mode 0600). NULL closes it. 0 or -errno. */
int log_to_file(const char *path);
/* The last lines, oldest first; index 0 .. log_count()-1. */
size_t log_count(void);
const char *log_at(size_t i);

/* Secrets of at least 4 bytes are remembered (zeroed at exit) for log_redact(). */
void log_secret(const char *value);
void log_forget_secrets(void);
struct str;
/* Appends text with every known secret replaced. */
void log_redact(struct str *out, const char *text, size_t n);
/* Of text that goes on later: a secret that its end may be the beginning of is kept back. How many
 * bytes were taken; the caller keeps the rest and puts what comes next behind it. */
size_t log_redact_part(struct str *out, const char *text, size_t n);
/* True when the text holds a known secret. */
bool log_has_secret(const char *text, size_t n);

#endif
