/* What a probe found, as a table for people and as JSON lines. */
#ifndef CLI_PROBETEXT_H
#define CLI_PROBETEXT_H

#include <stdio.h>
#include "base/str.h"
#include "engine/probe.h"

/* At most 80 columns wide. */
void probetext_table(struct str *out, const struct probe_result *r, const char *initiator);
/* A line per target and per LUN, then one for the probe as a whole. */
void probetext_json(FILE *to, const struct probe_result *r, const char *initiator,
		    const struct err *err);

#endif
