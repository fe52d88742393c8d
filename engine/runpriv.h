/* What run.c (the schedule), link.c (the nodes) and trip.c (what travels) share. */
#ifndef ENGINE_RUNPRIV_H
#define ENGINE_RUNPRIV_H

#include "engine/compose.h"
#include "engine/marker.h"
#include "engine/native.h"
#include "engine/run.h"
#include "engine/values.h"

enum {
	LEASE_RENEW_MS = 5000,
	RETRY_MS = 2000,       /* between two attempts to reach a node again */
	LOST_PATIENCE_MS = 120 * 1000, /* how long a lost link is tried again */
	REBOOT_PATIENCE_S = 420,
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
	bool restart_due;    /* a task that ends in a restart has begun */
	int64_t lost_since_ms; /* 0 = not lost */
	VEC(char *) taken;   /* jobs whose folders may go */
	struct err err;
};

enum trip_kind {
	TRIP_CHECK, /* many checks */
	TRIP_GUARD, /* own check and guards, right before an apply */
	TRIP_JOB,
	TRIP_ATTACH,
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
	struct task *owner;   /* TRIP_GUARD: the task that waits for it */
	struct task *current; /* whose output this is */
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
	size_t guards_left;
	struct err guard_err; /* the first guard that did not hold */
	bool guard_refused;
	bool guard_cut;      /* the link broke before all guards had answered */
	unsigned guard_cuts;
	bool allowed;        /* the question about it was answered yes */
	bool confirmed;      /* with the object's own name */
	bool proven_empty;   /* its check said so in this run */
	bool asked_reboot;
	bool identity_differs; /* a pinned value came back as another one */
	enum job_kept job;   /* a job of this task is on the node, begun by somebody else or lost */
	bool followed;       /* … and a script is on its way to follow it */
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
	char console[160];
	void (*done)(void *ctx, int code);
	void *done_ctx;
	int64_t began_ms, ended_ms;
	bool started, stopping, closing, ended;
	bool pump_due;
	bool *nodes_used;   /* by index in the model */
	uint64_t round_trips; /* scripts sent, but those that only renew a lease */
	size_t natives;     /* native checks in flight */
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
void run_output(struct run *r, struct task *t, int stream, const char *text, size_t n);
void run_error(struct run *r, const struct node *node, const struct err *err);
void run_pump_later(struct run *r);
/* Ends everything because going on would be wrong (another console, a lost lease). */
void run_fatal(struct run *r, const struct err *err);
struct progress *run_progress(const struct run *r, const struct task *t);
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
void run_applied(struct run *r, struct task *t, int code);
void run_guard(struct run *r, struct task *t);
void run_guard_answer(struct run *r, struct task *owner, struct task *t, int code);
void run_guarded(struct run *r, struct task *owner);

/* question.c */
/* true: there is nothing (more) to ask; false: a question stands, the task waits for its answer. */
bool question_allowed(struct run *r, struct task *t);
bool question_secrets(struct run *r, struct task *t);
/* The secret as it was answered; NULL = not (yet). */
const char *question_secret(const struct run *r, const char *name);
void question_forget(struct run *r);

/* nativerun.c */
const struct native *native_for(const struct run *r, const struct task *t);
void native_start(struct run *r, struct task *t, const struct native *native);

/* link.c */
struct link *link_for(struct run *r, const struct node *node);
struct link *link_free(struct link *l);
bool link_is_ready(const struct link *l); /* something may be sent now */
bool link_is_lost(const struct link *l);  /* it will be tried again */
void link_answered(struct link *l, int status);
void link_broke(struct link *l, const struct err *err);
void link_boot_heard(struct link *l, const char *boot);
void link_reboot(struct link *l, struct task *t);

/* trip.c */
struct trip *trip_new(struct link *l, enum trip_kind kind, enum verb verb);
void trip_send(struct trip *t);
void trip_check(struct link *l, struct task **tasks, size_t n, struct task *owner);
void trip_job(struct link *l, struct task *t, enum verb verb);
void trip_attach(struct link *l, struct task *t, enum verb verb);
void trip_head(struct link *l, enum lease lease);
void trip_reboot(struct link *l);

#endif
