/* What run.c (the schedule), link.c (the nodes) and trip.c (what travels) share. */
#ifndef ENGINE_RUNPRIV_H
#define ENGINE_RUNPRIV_H

#include "engine/compose.h"
#include "engine/console.h"
#include "engine/marker.h"
#include "engine/native.h"
#include "engine/run.h"
#include "engine/values.h"

enum {
	LEASE_RENEW_MS = 5000,
	RETRY_MS = 2000,       /* between two attempts to reach a node again */
	LOST_PATIENCE_MS = 120 * 1000, /* how long a lost link is tried again */
	REBOOT_PATIENCE_S = 420,
	GUARD_CUTS_MAX = 5,    /* how often guards are asked again after a lost link */
	MOVES_MAX = 8,         /* how often another node may be chosen for one task */
};

/* One question right before an apply: `task` is asked because `owner` is due; they are the same
 * for the owner's own check. */
struct guard {
	struct task *owner, *task;
	bool answered;
};

/* What one candidate said of a task that floats. */
enum claim { CLAIM_QUORATE = 1, CLAIM_APART = 2, CLAIM_OWNER = 4, CLAIM_FREE = 8 };

struct said {
	enum event_type type; /* EV_VALUE, EV_REASON, EV_WARN, EV_HINT, EV_OUTPUT */
	char *args[MARKER_ARGS_MAX];
	size_t nargs;
};

struct answer {
	const struct task *task;
	const struct node *node;
	bool due;         /* to be asked with the node's next script */
	bool told;        /* it has answered */
	int code;         /* 0, 7, or -1 */
	unsigned claims;  /* enum claim */
	char ended[16];   /* its code as it was told */
	VEC(struct said) said; /* told on if this answer is the one that counts */
	size_t said_bytes;
};

/* One node's connection, or the console's. */
struct link {
	struct run *run;
	const struct node *node; /* NULL = console */
	struct transport *transport;
	char boot[64];       /* boot id as last heard */
	char old_boot[64];   /* while rebooting: the one that must change */
	struct task *rebooting;
	int64_t reboot_until_ms;
	bool greeted;        /* the first script (lease, left-over jobs) was answered */
	bool leased;
	bool failed;         /* given up: err tells why */
	bool waiting;        /* a timer will try it again */
	uint64_t retry_timer;
	size_t trips;        /* in flight */
	size_t jobs;         /* tasks applying */
	bool renew_due;      /* the connection is to be made anew */
	bool restart_due;    /* a task that ends in a restart has begun */
	int64_t lost_since_ms; /* 0 = not lost */
	VEC(char *) taken;   /* jobs whose folders may go */
	VEC(struct guard) guards; /* to be asked with the next script of guards */
	bool guarding;       /* such a script is on its way: one at a time */
	struct err err;
};

enum trip_kind {
	TRIP_CHECK, /* many checks */
	TRIP_GUARD, /* own checks and guards of whatever is about to be applied */
	TRIP_JOB,
	TRIP_ATTACH,
	TRIP_CONFIRM, /* over a new connection, after an apply that may have cut the old one */
	TRIP_HEAD,  /* lease and clean-up only */
	TRIP_REBOOT, /* restarts the node, unless it was already */
};

enum job_end { JOB_NONE = -1, JOB_DIED = -2, JOB_GONE = -3 };

/* One script on its way to one node and back. */
struct trip {
	struct link *link;
	enum trip_kind kind;
	enum verb verb;
	VEC(struct task *) tasks;
	VEC(bool) as_guard;   /* by position in tasks: asked for another task's sake */
	VEC(struct guard) guards; /* TRIP_GUARD: who waits for which answer */
	size_t begun;         /* of tasks, which are asked in their order */
	struct task *current; /* whose output this is */
	struct str held[2];   /* by stream: output that may be the beginning of a secret, or of a line */
	struct answer *hearing; /* what is told of it is kept there; NULL = told at once */
	struct answer heard;  /* of a check of a task that floats, when it is not polled */
	size_t answered;
	int job_code;         /* of the job, or enum job_end */
	uint64_t job_from;    /* in all that came: where the job's output begins */
	struct marker_reader reader;
	char nonce[NONCE_SIZE];
	struct str script;
	VEC(char *) taken;    /* jobs whose folders this trip clears; the link's again if it is lost */
	struct trip *next;    /* all trips in flight */
	struct exec *exec;
};

enum job_kept {
	JOB_NOT_KEPT,
	JOB_LEFT, /* by an earlier console: followed to its end, then the check tells */
	JOB_LOST, /* by this one, when the link broke */
};

/* What the run knows of one task beyond struct task. */
struct progress {
	bool checked;        /* an answer (0 or 7) was had in this run */
	bool asked_met;      /* its needs were met when it was asked */
	bool again;          /* ask once more when its needs have changed */
	int code;            /* last check's */
	bool fresh;          /* checked right before apply, guards too */
	VEC(struct answer) answers; /* of the candidates, while it is asked of all of them */
	size_t answers_left;
	bool scattered;      /* no candidate counted, but some will be back: they are waited for */
	bool verify_asked;   /* all candidates were asked after its apply */
	unsigned moves;      /* how often its node was no longer the right one */
	VEC(struct answer) floating; /* of its guards that float */
	size_t guards_left;
	struct err guard_err; /* the first guard that did not hold */
	bool guard_refused;
	bool guard_moved;    /* its node is not the one it was, or is lost */
	bool guard_another;  /* somebody sees another object than the one that was meant */
	bool guard_cut;      /* the link broke before all guards had answered */
	unsigned guard_cuts;
	bool allowed;        /* the question about it was answered yes */
	bool confirmed;      /* with the object's own name */
	char *thin;          /* what the cluster would not bear, as a sentence; NULL = it does */
	char *rest;          /* likewise with what it goes on; NULL = not a member, or not weighed */
	bool proven_empty;   /* its check said so in this run */
	bool asked_reboot;
	bool identity_differs; /* a pinned value came back as another one */
	enum job_kept job;   /* a job of this task is on the node, begun by somebody else or lost */
	bool followed;       /* … and a script is on its way to follow it */
	bool confirming;     /* applied; the node must hear so over a new connection */
	bool confirm_sent;
	bool rolled_back;    /* it was not heard in time */
	bool locked;
	bool retried;        /* a lost check is asked once more */
	unsigned attempt;
	uint64_t job_bytes;  /* of the job's output received, in whole lines */
};

struct run {
	struct loop *loop;
	struct plan *plan;
	const struct services *sv;
	struct asker asker;
	struct run_opts opts;
	struct sink *sinks;
	size_t nsinks;
	struct values *values;
	struct compose compose;
	struct progress *progress; /* by task index */
	VEC(struct link *) links;
	VEC(char *) locks; /* held */
	VEC(struct secret_value) secrets; /* owned copies */
	struct trip *trips;
	char id[17];
	char console[CONSOLE_SIZE];
	void (*done)(void *ctx, int code);
	void *done_ctx;
	int64_t began_ms, ended_ms;
	bool started, stopping, closing, ended;
	bool pump_due;
	bool *nodes_used;   /* by index in the model */
	uint64_t round_trips; /* scripts sent, but those that only renew a lease */
	VEC(struct native_run *) natives; /* in flight */
	uint64_t lease_timer;
	struct err fatal; /* what ended the whole run */
};

/* run.c */
void run_emit(struct run *r, struct event *e);
void run_state(struct run *r, struct task *t, enum task_state s);
void run_fail(struct run *r, struct task *t, enum task_state s, const struct err *err);
void run_reason(struct run *r, struct task *t, enum event_type type, const char *id,
		const char *const *args, size_t nargs);
void run_value(struct run *r, struct task *t, const char *name, const char *text);
/* node: whose output it is, since a task that floats may not be placed yet. */
void run_output(struct run *r, struct task *t, const struct node *node, int stream,
		const char *text, size_t n);
void run_error(struct run *r, const struct node *node, const struct err *err);
void run_pump_later(struct run *r);
/* Ends everything because going on would be wrong (another console, a lost lease). */
void run_fatal(struct run *r, const struct err *err);
struct progress *run_progress(const struct run *r, const struct task *t);
/* As if nothing had been asked yet. */
void progress_reset(struct progress *p);
bool task_state_is_final(enum task_state s);
bool task_state_is_good(enum task_state s);

/* schedule.c */
enum needs { NEEDS_MET, NEEDS_OPEN, NEEDS_LOST };
enum needs run_needs(const struct run *r, const struct task *t);
void lock_release(struct run *r, struct task *t);
void run_block(struct run *r, struct task *t); /* tells on what it waits */
/* Starts whatever may start. */
void schedule(struct run *r);

/* answer.c */
void run_checked(struct run *r, struct task *t, int code);
/* The same with the code as the node told it; makes the error of a check that could not tell. */
void run_told(struct run *r, struct task *t, const char *code);
int check_code(const char *text); /* 0, 7, or -1 for whatever else it was */
void run_applied(struct run *r, struct task *t, int code);

/* A confirm has answered. */
void run_confirmed(struct run *r, struct task *t, const char *code);
bool task_is_confirmed(const struct task *t); /* its change must be confirmed */

/* guard.c */
/* Asks the task's own check and its guards anew: they go out with guards_send(). */
void guard_begin(struct run *r, struct task *t);
void guards_send(struct run *r);
void guard_told(struct run *r, struct guard *g, const struct node *node, const struct answer *a);
/* No answer came. err: it could not even be asked; NULL = the link's fault. */
void guard_silent(struct run *r, struct guard *g, const struct link *l, const struct err *err);

/* place.c: tasks whose node is found at run time */
bool place_floats(const struct run *r, const struct task *t);
/* All values that its check needs on any candidate are known? */
bool place_ready(const struct run *r, const struct task *t);
/* Asks all candidates that can be asked: their answers are `due` with the next script. */
void place_begin(struct run *r, struct task *t);
/* The answer of this candidate, while the task is asked of all of them. */
struct answer *place_answer(const struct run *r, const struct task *t, const struct node *node);
void place_told(struct run *r, struct task *t, struct answer *a, const char *code);
void place_silent(struct run *r, struct task *t, struct answer *a);
void place_on(struct run *r, struct task *t, const struct node *node);
/* The node is no longer the right one, or is lost: all candidates are asked again. */
void place_again(struct run *r, struct task *t);
/* May this answer count? 2 = it does, 1 = if nobody else's does. */
int place_rank(const struct step *s, const struct answer *a);
/* The one that counts, of this task's among n answers; NULL = none. *other gets a second owner. */
const struct answer *place_pick(const struct task *t, const struct answer *all, size_t n,
				const struct answer **other);
void answer_hold(struct answer *a, enum event_type type, const char *const *args, size_t nargs);
void answer_claim(struct answer *a, const char *kind, const char *word);
/* Tells on what was kept. */
void answer_replay(struct run *r, struct task *t, const struct answer *a);
void answer_clear(struct answer *a);

/* question.c */
/* true: there is nothing (more) to ask; false: a question stands, the task waits for its answer. */
bool question_allowed(struct run *r, struct task *t);
bool question_is_early(const struct run *r, const struct task *t);
bool question_secrets(struct run *r, struct task *t);
/* The secret as it was answered; NULL = not (yet). */
const char *question_secret(const struct run *r, const char *name);
void question_forget(struct run *r);

/* nativerun.c */
const struct native *native_for(const struct run *r, const struct task *t);
void native_start(struct run *r, struct task *t, const struct native *native);
void natives_cancel(struct run *r); /* once the links are closed */

/* link.c */
struct link *link_for(struct run *r, const struct node *node);
void links_free(struct run *r); /* closes all of them first */
bool link_is_ready(const struct link *l); /* something may be sent now */
bool link_is_lost(const struct link *l);  /* it will be tried again */
void link_answered(struct link *l, int status);
void link_broke(struct link *l, const struct err *err);
void link_boot_heard(struct link *l, const char *boot);
void link_reboot(struct link *l, struct task *t);
/* Closes the connection and makes a new one; jobs in flight are followed again. */
void link_renew(struct link *l);

/* tripback.c */
void trip_marker(void *ctx, const struct marker *m);
void trip_log(void *ctx, const char *text, size_t n);
void trip_out(void *ctx, int stream, const char *data, size_t n);
void trip_done(void *ctx, int status, const struct err *err);

/* tripout.c */
/* Output on its way to the sinks: no secret leaves here, however it was cut on the way. */
void trip_output(struct trip *t, int stream, const char *text, size_t n);
void trip_output_end(struct trip *t); /* of this task: what was kept back goes out */

/* trip.c */
void trip_free(struct trip *t);
struct trip *trip_new(struct link *l, enum trip_kind kind, enum verb verb);
void trip_send(struct trip *t);
void trip_check(struct link *l, struct task **tasks, size_t n);
/* Takes the guards of the link's queue along. */
void trip_guards(struct link *l);
void trip_job(struct link *l, struct task *t, enum verb verb);
void trip_attach(struct link *l, struct task *t, enum verb verb);
void trip_confirm(struct link *l, struct task *t);
void trip_head(struct link *l, enum lease lease);
void trip_reboot(struct link *l);

#endif
