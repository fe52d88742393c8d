/* Passwords for a run without questions: --secrets=FILE or --secrets=fd:N, lines "NAME = VALUE". */
#ifndef CLI_SECRETS_H
#define CLI_SECRETS_H

#include "base/err.h"

struct str;
struct secrets;

/* Reads them all; each is told to the log as a secret. FILE may be a pipe; of a regular file that
 * others may read, `warning` gets a sentence. NULL and err (E_INPUT with the line, or -errno). */
struct secrets *secrets_load(const char *spec, struct str *warning, struct err *err);
/* NULL when it is not there. Borrowed, zeroed by secrets_free(). */
const char *secrets_get(const struct secrets *s, const char *name);
/* Zeroes the values; returns NULL. What was not freed is zeroed when the program exits. */
struct secrets *secrets_free(struct secrets *s);

#endif
