/* What a run tells: one struct, many sinks (screen, text lines, JSON lines, journal). */
#ifndef ENGINE_EVENT_H
#define ENGINE_EVENT_H

#include <stddef.h>
#include <stdint.h>
#include "base/err.h"
#include "engine/plan.h"

struct run;

enum event_type {
	EV_RUN_START, /* run */
	EV_LINK,      /* node, link, err */
	EV_TASK,      /* task, from (its state is task->state), err in task->err */
	EV_INTENT,    /* task: an apply or undo is about to be sent; must be on disk before it is */
	EV_OUTPUT,    /* task, stream, text: raw bytes, one or more whole lines */
	EV_VALUE,     /* task, name, text */
	EV_PROGRESS,  /* task */
	EV_PLACE,     /* task, node: chosen for a task that floats */
	EV_REASON,    /* task, name = message id, text = sentence */
	EV_WARN,      /* likewise */
	EV_HINT,      /* likewise */
	EV_ERROR,     /* node may be NULL, err: not a task's own failure */
	EV_RUN_END,   /* code = exit code of the run */
};

struct event {
	enum event_type type;
	int64_t at_ms; /* loop clock */
	const struct run *run;
	const struct task *task;
	const struct node *node;
	enum task_state from;
	enum link_state link;
	int stream;
	int code;
	const char *name;
	const char *text; /* not NUL-terminated for EV_OUTPUT */
	size_t len;
	const struct err *err;
};

/* Everything in the event is borrowed for the call. */
typedef void (*event_fn)(void *ctx, const struct event *e);

struct sink {
	event_fn fn;
	void *ctx;
};

#endif
