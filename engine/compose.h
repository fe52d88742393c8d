/* Composes what is sent to a node: parameters, library, step script and the call of a verb;
 * many checks in one script; an apply or undo as a job that outlives its console. */
#ifndef ENGINE_COMPOSE_H
#define ENGINE_COMPOSE_H

#include <stdbool.h>
#include "base/err.h"
#include "base/str.h"
#include "engine/plan.h"
#include "engine/values.h"

enum { SCRIPT_MAX = 4 * 1024 * 1024, JOB_NAME_SIZE = 40 };

struct compose {
	const struct plan *plan;
	const struct values *values;
	const char *run_nonce; /* task.nonce: the same on all nodes of one run */
	int64_t now_s;         /* the console's clock, seconds since 1970: task.now */
	const char *console;   /* who holds the lease: "host:pid:id" without blanks */
	/* Values that are nobody else's (a drill's "drill.variant"); NULL when it is none. May be NULL. */
	const char *(*extra)(void *ctx, const char *id);
	void *extra_ctx;
};

/* How the lease of the node is treated at the head of a script. */
enum lease { LEASE_NONE, LEASE_TAKE, LEASE_RENEW, LEASE_DROP };

struct compose_head {
	const char *nonce;
	enum lease lease;
	const char *const *taken; /* jobs whose result this console has: their folders go */
	size_t ntaken;
	const char *reboot_from; /* restart the node if this is still its boot id; NULL = no */
	bool list_jobs; /* tell which jobs of this cluster are there */
};

/* All values that the task's parameters need are known? Otherwise `missing` gets the first
 * name: the task waits, and a preview says which step gives it. */
bool compose_ready(const struct compose *c, const struct task *t, const char **missing);
/* Many checks of one node in one script, each in its own subshell with its own deadline.
 * as_guard: which are asked because another task is about to change things; NULL = none. */
int compose_checks(const struct compose *c, const struct compose_head *h,
		   struct task *const *tasks, const bool *as_guard, size_t n, struct str *out,
		   struct err *err);
/* One verb that is asked (confirm, watch, audit) in its subshell with its own deadline, told as it goes. */
int compose_verb(const struct compose *c, const struct compose_head *h, const struct task *t,
		 enum verb verb, struct str *out, struct err *err);
/* An apply or undo as a job, followed to its end, then (verify) the check again. attempt counts from 1. */
int compose_job(const struct compose *c, const struct compose_head *h, const struct task *t,
		enum verb verb, unsigned attempt, bool confirmed, bool verify, struct str *out,
		struct err *err);
/* Follows a job that is already there; output from byte `offset` on. */
int compose_attach(const struct compose *c, const struct compose_head *h, const struct task *t,
		   enum verb verb, uint64_t offset, struct str *out, struct err *err);
/* Only the head: to renew or drop a lease and to clear taken jobs. */
int compose_head_only(const struct compose *c, const struct compose_head *h, struct str *out,
		      struct err *err);
/* What a reader is shown of one task's verb: parameters (with <known after …> for unknown
 * values and <secret …> for secrets), the step's script, the call. No nonce in it. */
int compose_preview(const struct compose *c, const struct task *t, enum verb verb, struct str *out,
		    struct err *err);

/* "bascule-0123456789abcdef": the same for the same cluster, task and verb. */
void compose_job_name(const struct plan *p, const struct task *t, enum verb verb,
		      char out[JOB_NAME_SIZE]);
/* A check or apply of the step gives this value. */
bool step_proves(const struct step *s, const char *id);
/* The step (id) that gives this value, for "known after"; NULL if none says so. */
const char *compose_giver(const struct compose *c, const char *value);

#endif
