/* The validation report as one HTML file and as JSON. */
#ifndef CLI_REPORTHTML_H
#define CLI_REPORTHTML_H

#include "base/str.h"
#include "engine/report.h"

enum { REPORT_BYTES = 64 * 1024 * 1024 };

/* A whole document: nothing is loaded from elsewhere, there is no script in it, and whatever a machine
 * said stands in it as text. In the language of the program. */
void reporthtml_write(struct str *out, const struct report *r);
/* One object on one line; words and keys are English and stable. */
void reportjson_write(struct str *out, const struct report *r);
/* "2026-11-23 09:14:05 UTC"; "" for 0. */
void time_add(struct str *out, int64_t at);

#endif
