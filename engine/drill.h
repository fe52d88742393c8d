/* A drill: something is done to a VM or a node on purpose, and what its clients notice is
 * measured. check (entry conditions, prediction) -> the question -> steady probes -> apply (the
 * deed) -> watch (phases, told by a node that is not the victim) -> undo (what was taken away
 * comes back) -> redundancy is back -> audit (what is left over) -> verdict. */
#ifndef ENGINE_DRILL_H
#define ENGINE_DRILL_H

#include <stdbool.h>
#include <stdint.h>
#include "base/loop.h"
#include "engine/ask.h"
#include "engine/measure.h"
#include "engine/plan.h"
#include "engine/services.h"

enum drill_stage {
	DRILL_NEW,
	DRILL_CHECKING,  /* entry conditions, on every hypervisor */
	DRILL_ASKING,    /* predicted; the question about it is open */
	DRILL_STEADY,    /* probes before the deed */
	DRILL_DOING,     /* apply runs */
	DRILL_WATCHING,  /* until the VM answers and redundancy is back */
	DRILL_RESTORING, /* undo runs */
	DRILL_AUDITING,
	DRILL_ENDED,
	DRILL_STAGE__COUNT
};

enum drill_phase_id {
	PHASE_DETECT,    /* the cluster has noticed */
	PHASE_FENCE,     /* the lost node is known to have stopped */
	PHASE_START,     /* the VM is being started, or runs, on its new node */
	PHASE_ANSWER,    /* its first answer after the outage: measured here, never told */
	PHASE_SETTLED,   /* the cluster has done what it can: what was taken away may come back */
	PHASE_REDUNDANT, /* every node is back, another failure could be borne */
	PHASE_OTHER,     /* any other word, shown as it is */
};

enum drill_verdict {
	DRILL_NO_VERDICT,
	DRILL_PASSED,
	DRILL_FAILED,
	DRILL_REFUSED, /* an entry condition does not hold: nothing was done */
	DRILL_UNTOLD,  /* something could not be told */
	DRILL_STOPPED, /* by the user; what was begun was put back */
};

enum { DRILL_NAME_SIZE = 64, DRILL_PREDICTED_NONE = -1 };

struct drill_phase {
	enum drill_phase_id id;
	char name[DRILL_NAME_SIZE]; /* "detect"; never translated */
	char node[NAME_SIZE];       /* where, or "" */
	int64_t at_ms;              /* loop clock */
	int64_t took_ms;            /* since the phase before it, or the deed */
};

enum drill_mark { MARK_PASS, MARK_FAIL, MARK_UNTOLD, MARK_NOTE }; /* a note judges nothing */

struct drill_condition {
	char id[DRILL_NAME_SIZE]; /* "answers"; or the id of a step's message */
	char *text;               /* translated sentence */
	enum drill_mark mark;
};

/* What the check says will happen; DRILL_PREDICTED_NONE where it says nothing. */
struct drill_prediction {
	int64_t outage_ms, limit_ms;
	int64_t phase_ms[PHASE_OTHER];    /* how long each lasts */
	char nonce[8];      /* "same", "new", or "" = either */
	char connection[8]; /* "kept", or "" = either */
	bool emulated;      /* the VM has no processor of its own: its silence says nothing of a real one */
};

struct drill_args {
	char variant[DRILL_NAME_SIZE]; /* "" = the step has none */
	char vm[NAME_SIZE];            /* the VM that is measured */
	char node[NAME_SIZE];          /* the node that it happens to, or "" */
	char to[NAME_SIZE];            /* where the VM shall go, or "" = the cluster chooses */
};

/* Everything there is to show; borrowed, valid until drill_free(). */
struct drill_view {
	const struct task *task;
	const struct drill_args *args;
	enum world world;
	enum drill_stage stage;
	struct drill_prediction predicted;
	int64_t began_ms, deed_ms, ended_ms; /* loop clock; 0 = not yet */
	const struct ping_sample *samples;   /* all of them, in order of seq */
	size_t nsamples;
	const struct drill_phase *phases; /* in the order in which they came */
	size_t nphases;
	const struct drill_condition *conditions;
	size_t nconditions;
	const struct gaps *before, *after; /* of probes sent before and since the deed */
	const struct promises *promises;
	int64_t outage_ms; /* the longest gap since the deed; 0 = nothing was lost */
	int progress_done, progress_total; /* of a live migration */
	enum drill_verdict verdict;
	const struct err *err; /* code 0 = none */
};

enum drill_event_type {
	DRILL_EV_STAGE,     /* view->stage is another one */
	DRILL_EV_SAMPLE,    /* the last of view->samples */
	DRILL_EV_SILENCE,   /* the VM has stopped answering */
	DRILL_EV_ANSWER,    /* … and answers, not for the first time: that is a phase */
	DRILL_EV_NUMBER,    /* number */
	DRILL_EV_PHASE,     /* phase */
	DRILL_EV_PROGRESS,
	DRILL_EV_OUTPUT,    /* node, text (not NUL-terminated), len: raw */
	DRILL_EV_REASON,    /* node, text: why the check or audit says what it says */
	DRILL_EV_WARN,
	DRILL_EV_HINT,
	DRILL_EV_CONDITION, /* condition */
	DRILL_EV_ERROR,     /* node, err */
	DRILL_EV_END,       /* verdict and all conditions are there */
};

struct drill_event {
	enum drill_event_type type;
	int64_t at_ms;
	const struct drill *drill;
	const char *node; /* or NULL */
	const struct drill_phase *phase;
	const struct drill_condition *condition;
	const struct ping_number *number;
	const struct err *err;
	const char *text;
	size_t len;
};

/* Everything in the event is borrowed for the call. */
typedef void (*drill_event_fn)(void *ctx, const struct drill_event *e);

struct drill_sink {
	drill_event_fn fn;
	void *ctx;
};

struct drill_opts {
	enum world world;
	struct drill_args args;
	const char *pins_path; /* proven identities the scripts may need; NULL = none */
	bool lease;            /* no other console changes the nodes meanwhile */
};

struct drill;

/* The plan's task of a drill (selection.drills), the object chosen. Fills in what the arguments
 * leave open (first variant, first VM; a node that is left open becomes the one that runs the VM, once
 * the check has told it); E_INPUT when they name what is not there or the drill
 * has no script for this platform and the world is not simulated. Borrows everything but opts. */
struct drill *drill_new(struct loop *l, struct plan *p, const struct task *t,
			const struct services *sv, const struct asker *asker,
			const struct drill_opts *opts, const struct drill_sink *sinks, size_t nsinks,
			struct err *err);
struct drill *drill_free(struct drill *d); /* returns NULL; closes all links */
/* done(ctx, exit code) once: 0 passed, 1 failed, 3 stopped, 4 could not be told, 7 an entry
 * condition does not hold. */
void drill_start(struct drill *d, void (*done)(void *ctx, int code), void *ctx);
/* Before the deed: nothing is done. After it: what it took away is put back, the audit is made, the
 * verdict is "stopped". */
void drill_stop(struct drill *d);
/* Leave at once; what the deed took away stays away. drill_at_risk() tells. */
void drill_abort(struct drill *d);
/* The deed was begun and what it took away is not back: something must be put right by hand. */
bool drill_at_risk(const struct drill *d);

void drill_view(const struct drill *d, struct drill_view *ret);
/* 16 hex digits, new for each. */
const char *drill_id(const struct drill *d);
/* What the step says of one of its variants ("variant-NAME"), translated; "" = nothing. */
const char *drill_variant_text(const struct step *s, const char *variant);
/* The phase's name for a person, translated; `step` may have its own as message "phase-NAME". */
const char *drill_phase_title(const struct step *s, const char *name);
/* The task of `name` ("live", "power") in a plan that has drills; node and VM may be NULL = the
 * first. NULL when there is none. */
struct task *drill_task(const struct plan *p, const char *name, const char *vm, const char *node);

extern const char *const drill_stage_words[];   /* N_() */
extern const char *const drill_stage_ids[];
extern const char *const drill_verdict_words[]; /* N_(): "passed" … */
extern const char *const drill_verdict_ids[];   /* "passed": for JSON, never translated */
extern const char *const drill_mark_words[];    /* N_(): "ok", "FAILED", "not told" */
extern const char *const drill_mark_ids[];
extern const char *const drill_phase_ids[];     /* "detect" … */

#endif
