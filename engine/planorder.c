/* Order: undos turned round, rebooting proofs put last, everything sorted by what it needs. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "base/nls.h"
#include "base/str.h"
#include "engine/planpriv.h"

/* ---- tasks that only pass others on ---- */

struct closure {
	const struct plan *plan;
	bool *seen;
	VEC(size_t) found;
};

static void
closure_add(struct closure *c, const struct task *t)
{
	for (size_t i = 0; i < t->after.n; i++) {
		size_t need = t->after.at[i];

		if (c->seen[need])
			continue;
		c->seen[need] = true;
		if (c->plan->tasks.at[need]->pass)
			closure_add(c, c->plan->tasks.at[need]);
		else
			vec_push(&c->found, need);
	}
}

/* A step without undo has nothing to take back, but what it needed may only go after what needed
 * it: its neighbours are tied to each other, and it is dropped. */
void
plan_drop_passing(struct plan *p)
{
	bool *keep = xcalloc(p->tasks.n + 1, sizeof *keep);
	struct closure c = { .plan = p, .seen = xcalloc(p->tasks.n + 1, sizeof *c.seen) };
	struct task **t;

	vec_each(t, &p->tasks) {
		keep[(*t)->index] = !(*t)->pass;
		if (!(*t)->undo || (*t)->pass)
			continue;
		memset(c.seen, 0, p->tasks.n * sizeof *c.seen);
		c.found.n = 0;
		closure_add(&c, *t);
		(*t)->after.n = 0;
		for (size_t i = 0; i < c.found.n; i++)
			vec_push(&(*t)->after, c.found.at[i]);
	}
	plan_keep(p, keep);
	vec_free(&c.found);
	free(c.seen);
	free(keep);
}

/* ---- order ---- */

/* Who stays counts with those who leave until they have left, and what others still stand on is taken
 * back after they have gone. */
static void
task_await_gone(const struct plan *p, struct task *t)
{
	for (size_t i = 0; i < t->gone.n; i++) {
		const struct task *leaver = p->tasks.at[t->gone.at[i]];

		if (leaver->undo && (!t->undo || leaver->step != t->step))
			vec_push(&t->after, leaver->index);
	}
}

/* An undo waits for the undo of everything that uses what it takes away: its edges turn round. */
void
plan_turn_undos(struct plan *p)
{
	VEC(size_t) from = { 0 }, to = { 0 };
	struct task **t;

	vec_each(t, &p->tasks) {
		size_t kept = 0;

		for (size_t i = 0; i < (*t)->after.n; i++) {
			size_t need = (*t)->after.at[i];

			if ((*t)->undo && p->tasks.at[need]->undo) {
				vec_push(&from, need);
				vec_push(&to, (*t)->index);
			} else if (!(*t)->undo && !p->tasks.at[need]->undo) {
				(*t)->after.at[kept++] = need;
			}
		}
		(*t)->after.n = kept;
	}
	for (size_t i = 0; i < from.n; i++)
		vec_push(&p->tasks.at[from.at[i]]->after, to.at[i]);
	vec_each(t, &p->tasks)
		task_await_gone(p, *t);
	vec_free(&from);
	vec_free(&to);
}

/* What a task waits for once proofs are late. */
struct late {
	VEC(size_t) after;
};

static bool
task_is_late_proof(const struct task *t)
{
	return t->step->kind == KIND_PROOF && t->step->reboots && !t->undo;
}

/* Where a late proof stood among what a task waits for stands what the proof itself waits for, or
 * the task would begin before what both build on is there. */
static void
proof_pass(const struct plan *p, const struct task *t, bool *seen, struct late *l)
{
	for (size_t i = 0; i < t->after.n; i++) {
		const struct task *need = p->tasks.at[t->after.at[i]];

		if (seen[need->index])
			continue;
		seen[need->index] = true;
		if (task_is_late_proof(need))
			proof_pass(p, need, seen, l);
		else
			vec_push(&l->after, need->index);
	}
}

/* The proof of a later step knows how to restart a machine on which that step's work runs already,
 * and its restart is evidence for the earlier ones: it goes first. */
static void
proof_queue(const struct plan *p, const struct task *t, struct late *l)
{
	struct task **other;

	l->after.n = 0;
	vec_each(other, &p->tasks)
		if (!task_is_late_proof(*other) ||
		    ((*other)->index > t->index && (*other)->node == t->node))
			vec_push(&l->after, (*other)->index);
}

/* --proofs=later: rebooting proofs come after everything else, and nobody waits for them. */
void
plan_delay_proofs(struct plan *p)
{
	size_t n = p->tasks.n;
	struct late *late = xcalloc(n + 1, sizeof *late);
	bool *seen = xcalloc(n + 1, sizeof *seen);

	for (size_t i = 0; i < n; i++) {
		memset(seen, 0, n * sizeof *seen);
		if (task_is_late_proof(p->tasks.at[i]))
			proof_queue(p, p->tasks.at[i], &late[i]);
		else
			proof_pass(p, p->tasks.at[i], seen, &late[i]);
	}
	for (size_t i = 0; i < n; i++) {
		struct task *t = p->tasks.at[i];

		t->after.n = 0;
		for (size_t k = 0; k < late[i].after.n; k++)
			vec_push(&t->after, late[i].after.at[k]);
		vec_free(&late[i].after);
	}
	free(seen);
	free(late);
}

static void
plan_tell_cycle(struct builder *b, const size_t *left)
{
	CLEAN_STR names = STR_INIT(240);
	struct task **t;

	vec_each(t, &b->plan->tasks)
		if (left[(*t)->index])
			str_addf(&names, "%s%s", names.len ? ", " : "", (*t)->key);
	plan_mistake(b, _("Take one 'needs' out of the circle."),
		     _("these tasks wait for each other in a circle: %s"), str_text(&names));
}

/* Kahn's walk: the lowest ready index first, so that the flow's order breaks ties. */
void
plan_sort(struct builder *b)
{
	struct plan *p = b->plan;
	size_t n = p->tasks.n, *left = xcalloc(n + 1, sizeof *left);
	VEC(size_t) *users = xcalloc(n + 1, sizeof *users);
	VEC(size_t) ready = { 0 };

	for (size_t i = 0; i < n; i++) {
		const struct task *t = p->tasks.at[i];

		left[i] = t->after.n;
		for (size_t k = 0; k < t->after.n; k++)
			vec_push(&users[t->after.at[k]], i);
		if (!left[i])
			vec_push(&ready, i);
	}
	for (size_t i = 0; i < ready.n; i++) {
		size_t done = ready.at[i];

		vec_push(&p->order, done);
		for (size_t k = 0; k < users[done].n; k++)
			if (!--left[users[done].at[k]])
				vec_push(&ready, users[done].at[k]);
	}
	if (p->order.n < n)
		plan_tell_cycle(b, left);
	for (size_t i = 0; i < n; i++)
		vec_free(&users[i]);
	free(users);
	vec_free(&ready);
	free(left);
}

