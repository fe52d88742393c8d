/* All tasks (steps x nodes, LUNs, VMs), tied by facts. A pure function of the model and the
 * catalogue: a prerequisite that nothing gives is found here, offline. */
#ifndef ENGINE_PLAN_H
#define ENGINE_PLAN_H

#include "base/err.h"
#include "engine/field.h"
#include "engine/model.h"
#include "engine/step.h"

enum task_state {
	TASK_PENDING,   /* nothing asked yet */
	TASK_CHECKING,
	TASK_TODO,      /* check said 7 */
	TASK_WAITING,   /* to do, but its needs or locks are not free */
	TASK_ASKING,    /* a question about it is open */
	TASK_APPLYING,
	TASK_REBOOTING, /* applied; the node's new boot id is awaited */
	TASK_VERIFYING,
	TASK_OK,        /* held already */
	TASK_CHANGED,   /* applied and verified */
	TASK_UNDONE,
	TASK_FAILED,
	TASK_UNKNOWN,   /* could not be told */
	TASK_SKIPPED,
	TASK_BLOCKED,   /* a need of it failed or was not told */
	TASK_STOPPED,   /* the run ended before it began */
	TASK__COUNT
};

enum task_part {
	PART_WANTED,  /* asked for */
	PART_NEEDED,  /* its facts are needed by a wanted one */
	PART_CONTEXT, /* checked only: outside --only, never applied */
};

struct task {
	size_t index;
	const struct step *step;
	/* Where it runs; NULL = the console. One that floats: one of its candidates, and which one is
	 * only true once it is placed. */
	const struct node *node;
	const struct lun *lun;
	const struct target *target;
	const struct vm *vm;
	char *key; /* "initiator/connect(hv-1,vm)" unique in the plan; names are quoted as they are */
	enum task_part part;
	bool placed; /* it floats, and the run has chosen its node */
	bool undo; /* the object is leaving (or `undo` was asked): what runs is undo */
	bool pass; /* to be undone, but its step has no undo: only ties others; not in a finished plan */
	VEC(size_t) after;       /* tasks that give what it needs (undo: that use what it gives) */
	VEC(size_t) guards;      /* tasks checked anew right before its apply */
	VEC(size_t) gone;        /* tasks that go first if they are to be undone */
	VEC(const struct node *) candidates; /* ON_ANY, ON_OWNER */
	VEC(char *) gives;       /* "lun.connected(hv-1,vm)" */

	/* The run's part, kept here so that views need one structure. */
	enum task_state state;
	int64_t since_ms;   /* of the state, loop clock */
	int64_t spent_ms;   /* of apply, once done */
	int progress_done, progress_total; /* 0,0 = none */
	char *reason;       /* last reason, translated; owned by the run */
	struct err err;     /* of TASK_FAILED and TASK_UNKNOWN */
};

struct selection {
	const char *through;       /* chapter id, or NULL = everything */
	const char *const *only;   /* step or chapter ids, NULL-terminated; NULL = all */
	const char *const *nodes;  /* node names to keep, NULL-terminated; NULL = all */
	bool undo;                 /* plan the undo of the selected tasks, in reverse fact order */
	bool proofs_later;
	bool drills;               /* drills are left out unless asked for */
	bool simulated;            /* steps that only the simulated world carries out as well */
};

struct plan {
	struct arena *arena;
	const struct model *model;
	const struct catalog *catalog;
	VEC(struct task *) tasks; /* in display order; a topological order is in `order` */
	VEC(size_t) order;
};

/* NULL when something is wrong; every mistake goes to note(). model and catalogue must outlive it. */
struct plan *plan_build(const struct model *m, const struct catalog *c, const struct selection *sel,
			field_note_fn note, void *ctx);
struct plan *plan_free(struct plan *p); /* returns NULL */
struct task *plan_task(const struct plan *p, const char *key);
/* "lun.connected(hv-1,vm)" for this task, in the arena; NULL when the task has no such object.
 * Open arguments stay "*". */
char *task_fact(struct arena *a, const struct fact_ref *f, const struct task *t);
/* "chap.{target}" -> "chap.nas": the secret's name for this task. */
void task_secret(const struct task *t, const char *name, struct str *out);
/* The node of this task is found at run time, among its candidates. */
bool task_floats(const struct task *t);
bool task_may_run_on(const struct task *t, const struct node *node);
/* "hv-1", "console", or "any member" and "the owner" until the run has chosen. */
void task_where(const struct task *t, struct str *out);
/* "LUN vm" or "" for steps without an object. */
void task_object(const struct task *t, struct str *out);

extern const char *const task_state_words[]; /* N_(): "ok", "to do", … in the order of the enum */
extern const char *const task_state_ids[];   /* "ok", "todo": for JSON, never translated */

#endif
