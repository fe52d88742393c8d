/* What the three parts of the planner share: plan.c (tasks and selection), planfact.c (facts tie
 * them) and planorder.c (what comes first). */
#ifndef ENGINE_PLANPRIV_H
#define ENGINE_PLANPRIV_H

#include <stdbool.h>
#include "base/vec.h"
#include "engine/plan.h"

/* One fact that one task gives. */
struct given {
	const char *fact; /* "lun.connected(hv-1,vm)" */
	size_t name_len;  /* of "lun.connected" */
	struct task *task;
};

/* All tasks that give what a pattern asks for. */
struct givers {
	const char *pattern; /* "lun.identified(*,vm)", or the name alone with `all` */
	bool all, open;
	VEC(size_t) tasks;
};

struct builder {
	struct plan *plan;
	const struct selection *sel;
	field_note_fn note;
	void *ctx;
	size_t mistakes;
	VEC(struct given) given; /* sorted by fact */
	VEC(struct givers) givers;
};

/* plan.c */
void plan_mistake(struct builder *b, const char *hint, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Drops the tasks that are not kept, and renumbers all that points to one. */
void plan_keep(struct plan *p, const bool *keep);

/* planfact.c */
void plan_index_facts(struct builder *b);
/* Ties a task to every task that gives what it needs; a fact that nothing gives is a mistake. */
void plan_tie_task(struct builder *b, struct task *t);
void givers_free(struct builder *b);

/* planorder.c */
void plan_drop_passing(struct plan *p);
void plan_turn_undos(struct plan *p);
void plan_delay_proofs(struct plan *p);
void plan_sort(struct builder *b);

#endif
