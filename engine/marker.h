/* Remote output, line by line: the engine's own lines (they carry a nonce that the output of
 * programs cannot know) apart from everything else, which is log. */
#ifndef ENGINE_MARKER_H
#define ENGINE_MARKER_H

#include <stddef.h>
#include <stdint.h>
#include "base/str.h"

enum { MARKER_ARGS_MAX = 16, NONCE_SIZE = 33, MARKER_LINE_MAX = 64 * 1024 };

struct marker {
	const char *kind;             /* "value", "reason", "end" … */
	const char *args[MARKER_ARGS_MAX];
	size_t nargs;
};

struct marker_reader {
	char nonces[2][NONCE_SIZE]; /* of the exec and of the job it follows; "" = none */
	struct str line;
	uint64_t fed;   /* bytes so far */
	uint64_t whole; /* of them, those in lines that had their end */
	void (*on_marker)(void *ctx, const struct marker *m);
	/* One log line without its end; `n` may be 0. A line over MARKER_LINE_MAX comes in pieces. */
	void (*on_log)(void *ctx, const char *text, size_t n);
	void *ctx;
};

void marker_init(struct marker_reader *r, const char *nonce);
void marker_done(struct marker_reader *r);
void marker_feed(struct marker_reader *r, const char *data, size_t n);
void marker_end(struct marker_reader *r); /* gives out a last line that had no end */
/* "" when there is no such argument. */
const char *marker_arg(const struct marker *m, size_t i);

#endif
