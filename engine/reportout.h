/* The validation report as one HTML file and as JSON: for the verb and for the screen. */
#ifndef ENGINE_REPORTOUT_H
#define ENGINE_REPORTOUT_H

#include "base/str.h"
#include "engine/report.h"

enum { REPORT_BYTES = 64 * 1024 * 1024 };

/* A whole document: nothing is loaded from elsewhere, there is no script in it, and whatever a machine
 * said stands in it as text. In the language of the program. */
void reporthtml_write(struct str *out, const struct report *r);
/* One object on one line; words and keys are English and stable. */
void reportjson_write(struct str *out, const struct report *r);
/* Into a file, by the end of its name: ".html" or ".json"; any other is E_INPUT. */
int report_save(const struct report *r, const char *path, struct err *err);
/* Whether a report may be saved under this name, and what to type instead. */
int report_name_check(const char *path, struct err *err);

#endif
