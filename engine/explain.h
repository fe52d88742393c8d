/* Why a step exists and what exactly it would run: its script with the values of one task, its
 * parts, and the same step on the other platform. */
#ifndef ENGINE_EXPLAIN_H
#define ENGINE_EXPLAIN_H

#include "base/err.h"
#include "base/str.h"
#include "engine/plan.h"
#include "engine/services.h"
#include "engine/values.h"

/* The exact script of a verb with the task's values: <known after …> where one is not known yet,
 * never a secret or a nonce. values NULL = none. E_INPUT and err where a step runs no script or has
 * no such verb. */
int explain_script(const struct plan *p, const struct values *values, const struct task *t,
		   enum verb verb, struct str *out, struct err *err);
/* Only the function of that verb out of the step's script, with the comment above it; nothing when
 * it has none. */
void explain_part(const struct step *s, enum verb verb, struct str *out);
/* Who carries it out: "a script on hv-1", "the program itself", "a person, by hand": translated. */
void explain_means(const struct task *t, struct str *out);

/* The same cluster as if it were one of the other platform. */
struct explain_other {
	enum platform platform;
	struct model model;
	struct catalog *catalog;
	struct plan *plan; /* NULL when the cluster file lacks what that platform needs */
};

/* NULL when that platform's steps cannot be read. */
struct explain_other *explain_other_new(const struct services *sv, const struct model *m);
struct explain_other *explain_other_free(struct explain_other *o); /* returns NULL */
/* The same step there, NULL when that platform has none; *ret_task is the same task where the
 * plan has it (the same node and object), else NULL. */
const struct step *explain_other_step(const struct explain_other *o, const struct task *t,
				      const struct task **ret_task);
/* Its script with that platform's values; the bare script of the step where there is no such task. */
int explain_other_script(const struct explain_other *o, const struct task *t, enum verb verb,
			 struct str *out, struct err *err);

/* "linux", "hyperv": never translated. */
const char *platform_id(enum platform p);

#endif
