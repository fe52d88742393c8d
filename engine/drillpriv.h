/* What the parts of the drill engine share. */
#ifndef ENGINE_DRILLPRIV_H
#define ENGINE_DRILLPRIV_H

#include "engine/compose.h"
#include "engine/console.h"
#include "engine/drill.h"
#include "engine/marker.h"
#include "engine/values.h"

enum {
	STEADY_MS = 2000,    /* probes before the deed */
	STEADY_LIMIT_MS = 15000, /* for ten answers in a row before the deed */
	SETTLED_PROBES = 20, /* answered in a row: it answers again */
	WATCH_AGAIN_MS = 2000,
	WATCH_BEGINS_MS = 10 * 1000,
	LOOK_MS = 200,
	DRILL_LEASE_MS = 5000,
	ATTACH_MAX = 30,
};

/* The way to one node. */
struct way {
	const struct node *node;
	struct transport *transport;
	bool leased;
	VEC(char *) taken; /* jobs whose folders may go */
};

/* One script on its way to one node and back. */
struct errand {
	struct drill *drill;
	struct way *way;
	enum verb verb;
	struct exec *exec;
	struct marker_reader reader;
	char nonce[NONCE_SIZE];
	struct str script;
	bool begun; /* its verb runs on the node */
	int code;   /* the verb's; -1 = not told */
	VEC(char *) taken; /* by this errand; the way's again if it is lost */
	/* Once; err->code 0 = the node answered, the errand's code tells the rest. */
	void (*done)(struct errand *e, const struct err *err);
};

struct told_value {
	char *name, *text;
};

struct drill {
	struct loop *loop;
	struct plan *plan;
	struct task *task;
	const struct services *sv;
	struct asker asker;
	struct drill_opts opts;
	char *pins_path;
	struct drill_sink *sinks;
	size_t nsinks;
	void (*done)(void *ctx, int code);
	void *done_ctx;
	char id[17], run_nonce[17], console[CONSOLE_SIZE];
	struct values *values;
	VEC(struct told_value) told; /* by the drill's own check and audit */
	VEC(struct way *) ways;
	VEC(struct errand *) errands;

	enum drill_stage stage;
	enum drill_verdict verdict;
	struct drill_prediction predicted;
	int64_t began_ms, stage_ms, deed_ms, ended_ms;
	struct err err;
	bool node_open; /* nobody chose the node: it is the one that runs the VM */
	bool refused, stopping, deed_begun, deed_done, deed_lost, restored, closing, late;
	int deed_code, undo_code, audit_code; /* of the scripts; -1 = not told */
	struct errand *watch;
	struct hands *hands, *hands_back;
	bool hands_begun, then_asked;
	uint64_t promised; /* acknowledged before the audit */
	size_t checks_left;
	unsigned attempt, attach_tries;

	struct ping *ping;
	bool ping_failed;
	VEC(struct ping_sample) samples;
	struct gaps before, after;
	struct promises promises;
	bool silent;
	VEC(struct drill_phase) phases;
	VEC(struct drill_condition) conditions;
	int progress_done, progress_total;
	struct virt *virt; /* follows the VM while it is moved; NULL = nobody does */
	int64_t virt_downtime_ms;
	uint64_t look_timer, watch_timer, lease_timer, attach_timer;
};

/* drill.c */
bool drill_has(const struct drill *d, enum verb v);
bool drill_takes(const struct drill *d);
bool drill_answers(const struct drill *d); /* the VM, and steadily; or nobody can tell */
/* The deed begins now, if it has not. */
void drill_deed_mark(struct drill *d);
/* The phase that the rest of the deed waits for (deed.then) may have come. */
void drill_then(struct drill *d, const char *phase);
/* No timer and no probe any more. */
void drill_quiet(struct drill *d);
void drill_watch_begun(struct drill *d);
void drill_stage_set(struct drill *d, enum drill_stage s);
void drill_error(struct drill *d, const char *node, const struct err *err);
void drill_over(struct drill *d, enum drill_verdict verdict); /* unless there is a verdict already */
void drill_end(struct drill *d);
bool drill_asks_node(const struct node *n);
const struct node *drill_doer(const struct drill *d);
const struct node *drill_watcher(const struct drill *d);
/* NULL when it could not be sent, which has been told. */
struct errand *drill_send(struct drill *d, const struct node *node, enum verb verb,
			  void (*done)(struct errand *e, const struct err *err));
void drill_steady(struct drill *d); /* the probes begin, then the deed */
void drill_hands_done(struct drill *d, const struct err *err);

/* drillafter.c */
void drill_restore(struct drill *d); /* puts back what the deed took away, once */
void drill_look_after(struct drill *d); /* from time to time: is it to be put back, is all well again? */

/* drillentry.c */
void drill_check(struct drill *d);

/* drillstate.c */
void drill_emit(struct drill *d, struct drill_event *e);
const struct drill_phase *drill_phase(const struct drill *d, enum drill_phase_id id); /* NULL = not yet */
bool drill_phase_told(struct drill *d, const char *name, const char *node, int64_t at_ms);
const char *drill_told(const struct drill *d, const char *name); /* NULL = not */
void drill_tell(struct drill *d, const char *name, const char *text);
void drill_forget(struct drill *d); /* all that was told so far */
/* A script's own condition: "passed" and, in an audit, "reason". */
void drill_condition(struct drill *d, enum drill_mark mark, const char *id, const char *text);

/* drilltrip.c */
struct way *way_for(struct drill *d, const struct node *node, struct err *err);
struct way *way_free(struct drill *d, struct way *w);
/* NULL and err when it cannot be composed. Never calls done() before it returns. */
struct errand *errand_send(struct drill *d, struct way *w, enum verb verb,
			   void (*done)(struct errand *e, const struct err *err), struct err *err);
/* Follows the apply that a lost link left behind. */
struct errand *errand_attach(struct drill *d, struct way *w,
			     void (*done)(struct errand *e, const struct err *err), struct err *err);
void errand_lease(struct drill *d, struct way *w, enum lease lease);
void errand_cancel(struct errand *e);

/* drillhands.c: what the check's values deed.orders and deed.back want done from outside */
bool hands_wanted(const struct drill *d, const char *which);
/* NULL and err when they are no orders, or this world has not the hands that they want. */
struct hands *hands_new(struct drill *d, const char *which,
			void (*done)(struct drill *d, const struct err *err), struct err *err);
void hands_begin(struct hands *h); /* done() once, possibly before it returns */
struct hands *hands_free(struct hands *h); /* returns NULL */

/* drillvirt.c */
void drill_follow(struct drill *d);   /* from the deed on, where the check named a node for it */
void drill_unfollow(struct drill *d); /* at the latest before its ways are closed */

/* drillverdict.c */
void drill_judge(struct drill *d);
void drill_predict(struct drill *d);
int drill_code(const struct drill *d);

#endif
