/* Programs the lab calls: run to the end, with their complaint as the error. */
#ifndef BACKENDS_TOOL_H
#define BACKENDS_TOOL_H

#include "base/err.h"

/* A line of stdout without its end; borrowed. */
typedef void (*tool_line_fn)(void *ctx, const char *line);

/* 0, or err: "'qemu-img' failed: what it said last"; when the program is missing the hint names
 * its package. line may be NULL. limit_ms 0 = none. Blocks. */
int tool_run(const char *const *argv, int limit_ms, tool_line_fn line, void *ctx,
	     struct err *err);

#endif
