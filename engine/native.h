/* Steps with `run = native`: work that the program does itself (the iSCSI probe). bascule.c
 * wires the table; in the simulated world the simulation answers for what asks machines. */
#ifndef ENGINE_NATIVE_H
#define ENGINE_NATIVE_H

#include "base/loop.h"
#include "engine/plan.h"
#include "engine/values.h"

struct services;

struct native_call {
	struct loop *loop;
	const struct services *sv;
	const struct model *model;
	enum world world;
	const struct asker *asker;
	const struct task *task;
	const struct values *values;
	const char *(*secret)(void *ctx, const char *name); /* NULL = not known */
	/* The way to a node, for steps that go through one. Borrowed; NULL and err on failure. */
	struct transport *(*link)(void *ctx, const struct node *node, struct err *err);
	/* As the markers of a script: "value", "reason", "warn", "hint" and their arguments. */
	void (*tell)(void *ctx, const char *kind, const char *const *args, size_t nargs);
	/* One line of log. */
	void (*say)(void *ctx, const char *text);
	/* Once: 0, 7, or anything else = could not tell (err may add why). */
	void (*done)(void *ctx, int code, const struct err *err);
	void *ctx;
};

struct native {
	const char *step; /* "target/probe" */
	/* Starts it; never calls done() before it returns. The call stays valid until done(). */
	void *(*check)(const struct native_call *call);
	/* Gives up what check() returned, without done(). The ways to nodes are closed already. */
	void (*cancel)(void *work);
	bool everywhere; /* it asks no machine: in the simulated world it is the same */
};

#endif
