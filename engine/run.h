/* A run of a plan: check -> apply -> verify for each task, everything that may run at once
 * does. Truth is what check says; the run only remembers it for the moment. */
#ifndef ENGINE_RUN_H
#define ENGINE_RUN_H

#include "base/loop.h"
#include "engine/ask.h"
#include "engine/event.h"
#include "engine/plan.h"
#include "engine/services.h"

/* Exit codes of runs and verbs (worst wins: 1, then 4, then 7). */
enum {
	EXIT_DONE = 0,
	EXIT_FAILED = 1,
	EXIT_INPUT = 2,
	EXIT_STOPPED = 3,
	EXIT_UNTOLD = 4, /* something could not be told */
	EXIT_TODO = 7,   /* check found work to do */
};

enum run_mode { MODE_CHECK, MODE_APPLY, MODE_UNDO };

struct values; /* engine/values.h */

struct run_opts {
	enum run_mode mode;
	enum world world;
	/* Read once before the start, written at each new proven identity; NULL = none. */
	const char *pins_path;
	/* Takes a lease on every node, so that no other console changes it meanwhile. */
	bool lease;
	bool proofs_later;
};

/* Borrows everything. sinks: array of n. */
struct run *run_new(struct loop *l, struct plan *p, const struct services *sv,
		    const struct asker *asker, const struct run_opts *opts, const struct sink *sinks,
		    size_t nsinks);
struct run *run_free(struct run *r); /* returns NULL; closes all links */
/* done(ctx, exit code) once. */
void run_start(struct run *r, void (*done)(void *ctx, int code), void *ctx);
/* Finish what runs now, start nothing more. */
void run_stop(struct run *r);
/* Leave at once: remote jobs go on and are found again. */
void run_abort(struct run *r);
void run_retry(struct run *r, struct task *t); /* a failed or unknown one, and what waits for it */
void run_skip(struct run *r, struct task *t);  /* optional ones only */

struct run_stats {
	size_t nodes, ok, changed, failed, unknown, todo, skipped, blocked, stopped;
	uint64_t round_trips;
	int64_t wall_ms;
};
void run_stats(const struct run *r, struct run_stats *ret);
const struct values *run_values(const struct run *r);
struct plan *run_plan(const struct run *r);
enum run_mode run_mode(const struct run *r);
enum world run_world(const struct run *r);
/* 0 done, 1 failed, 2 the selection cannot be undone, 3 stopped, 4 could not be told, 7 work to do: worst first 1, 4, 7. */
int run_code(const struct run *r);
/* 16 hex digits, new for each run. */
const char *run_id(const struct run *r);

#endif
