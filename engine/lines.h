/* A run as lines a person likes to read: one for each task when it ends, causes and next actions
 * under it, a line of progress where there is a place for it, a verdict at the end. */
#ifndef ENGINE_LINES_H
#define ENGINE_LINES_H

#include <stdbool.h>
#include "base/loop.h"
#include "engine/event.h"
#include "engine/run.h"

struct lines;

/* Where the lines go. Texts are clean, without their line end, and borrowed for the call. */
struct lines_out {
	void (*line)(void *ctx, const char *text);
	/* What goes on at the moment, in place of what it said before; NULL = nothing. The function
	 * is NULL where lines can't be replaced. */
	void (*status)(void *ctx, const char *text);
	int columns;
	void *ctx;
	/* How it goes on, where that is not by commands; NULL = run_verdict(). */
	const char *(*verdict)(enum run_mode mode, int code, const struct run_stats *st);
};

struct lines *lines_new(struct loop *l, const struct plan *p, enum run_mode mode, bool verbose,
			const struct lines_out *out);
struct lines *lines_free(struct lines *w); /* returns NULL */
/* The sink. */
void lines_event(void *lines, const struct event *e);
/* A line of the program itself between those of the run, e.g. "stopping". */
void lines_say(struct lines *w, const char *text);
/* Takes the progress line off the screen while a question is open, and lets it come again. */
void lines_hold(void *lines, bool hold);

#endif
