/* The plan as a page: chapters, tasks in order with node and risk, counts, expected time. */
#ifndef CLI_PREVIEW_H
#define CLI_PREVIEW_H

#include <stdio.h>
#include "cli/session.h"
#include "engine/wording.h"

/* Tasks that are only context are left out unless verbose. */
void preview_print(FILE *to, const struct session *s);
void preview_json(FILE *to, const struct session *s);
/* Tasks of this risk that the plan may carry out. */
size_t preview_count(const struct plan *p, enum risk risk);
/* Seconds from the first to the last task when all that may run at once does. */
int64_t preview_takes_s(const struct plan *p);

#endif
