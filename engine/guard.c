/* Right before an apply, under its locks, its own check and its guards are asked anew. Whatever
 * is due on a node then goes out as one script, and a question that several wait for is asked
 * once: with many nodes the guards would be most of all that travels. */
#include <stdlib.h>
#include <string.h>
#include "base/nls.h"
#include "engine/runpriv.h"

static void
guard_put(struct run *r, struct task *owner, struct task *task, const struct node *node)
{
	struct link *l = link_for(r, node);

	run_progress(r, owner)->guards_left++;
	vec_push(&l->guards, ((struct guard){ .owner = owner, .task = task }));
}

/* It floats: all candidates are asked, and the one that counts decides. */
static void
guard_put_floating(struct run *r, struct task *owner, struct task *task)
{
	for (size_t i = 0; i < task->candidates.n; i++)
		if (link_is_ready(link_for(r, task->candidates.at[i])))
			guard_put(r, owner, task, task->candidates.at[i]);
}

static void guards_decide(struct run *r, struct task *owner);

static void
guard_done(struct run *r, struct task *owner)
{
	if (--run_progress(r, owner)->guards_left == 0)
		guards_decide(r, owner);
}

void
guard_begin(struct run *r, struct task *t)
{
	struct progress *p = run_progress(r, t);
	struct answer *a;

	run_state(r, t, TASK_CHECKING);
	p->guard_refused = p->guard_cut = p->guard_moved = p->guard_another = false;
	p->guard_err.code = 0;
	vec_each(a, &p->floating)
		answer_clear(a);
	p->floating.n = 0;
	p->guards_left = 1; /* until all are put */
	guard_put(r, t, t, t->node);
	for (size_t i = 0; i < t->guards.n; i++) {
		struct task *g = r->plan->tasks.at[t->guards.at[i]];

		if (place_floats(r, g))
			guard_put_floating(r, t, g);
		else
			guard_put(r, t, g, g->node);
	}
	guard_done(r, t);
}

void
guards_send(struct run *r)
{
	struct link **l;

	vec_each(l, &r->links) {
		VEC(struct guard) lost = { 0 };
		struct guard *g;

		if (!(*l)->guards.n || (*l)->guarding)
			continue;
		if (link_is_ready(*l)) {
			trip_guards(*l);
			continue;
		}
		vec_each(g, &(*l)->guards)
			vec_push(&lost, *g);
		(*l)->guards.n = 0;
		vec_each(g, &lost)
			guard_silent(r, g, *l, NULL);
		vec_free(&lost);
	}
}

/* ---- answers ---- */

static void
guard_refuse(struct run *r, const struct guard *g)
{
	struct progress *p = run_progress(r, g->owner);

	p->guard_refused = true;
	if (!p->guard_err.code)
		err_set(&p->guard_err, E_STEP, _("%s: %s"), g->task->key,
			g->task->reason ? g->task->reason : _("could not be told"));
}

void
guard_told(struct run *r, struct guard *g, const struct node *node, const struct answer *a)
{
	struct progress *p = run_progress(r, g->owner);
	bool own = g->task == g->owner;
	bool another = run_progress(r, g->task)->identity_differs;

	g->answered = true;
	if (own && place_floats(r, g->task) && !place_rank(g->task->step, a))
		p->guard_moved = true;
	else if (own)
		p->code = a->code;
	else if (place_floats(r, g->task))
		vec_push(&p->floating, ((struct answer){ .task = g->task, .node = node, .told = true,
							 .code = a->code, .claims = a->claims }));
	p->guard_another |= another;
	if (another && !p->guard_err.code)
		p->guard_err = g->task->err;
	if (another || (own ? a->code < 0 && !p->guard_moved : !place_floats(r, g->task) && a->code != 0))
		guard_refuse(r, g);
	guard_done(r, g->owner);
}

void
guard_silent(struct run *r, struct guard *g, const struct link *l, const struct err *err)
{
	struct progress *p = run_progress(r, g->owner);
	bool floats = place_floats(r, g->task);

	if (err && !p->guard_err.code)
		p->guard_err = *err;
	if (err)
		p->guard_refused = true;
	else if (floats && g->task == g->owner)
		p->guard_moved = true;
	else if (!floats && !l->failed && !link_is_ready(l) && p->guard_cuts++ < GUARD_CUTS_MAX)
		p->guard_cut = true;
	else if (!floats)
		p->guard_refused = true;
	guard_done(r, g->owner);
}

/* Of each guard that floats, one answer must count and be yes. */
static void
guards_weigh_floating(struct run *r, struct task *owner)
{
	struct progress *p = run_progress(r, owner);

	for (size_t i = 0; i < owner->guards.n; i++) {
		struct guard g = { owner, r->plan->tasks.at[owner->guards.at[i]], false };
		const struct answer *other, *a;

		if (!place_floats(r, g.task))
			continue;
		a = place_pick(g.task, p->floating.at, p->floating.n, &other);
		if (!a || other || a->code != 0)
			guard_refuse(r, &g);
	}
}

static bool
guard_may_skip(const struct task *owner)
{
	return owner->step->optional && !owner->undo;
}

static void
guards_decide(struct run *r, struct task *owner)
{
	struct progress *p = run_progress(r, owner);
	struct err e = { 0 };

	if (owner->state != TASK_CHECKING)
		return;
	guards_weigh_floating(r, owner);
	if (p->code == (owner->undo ? 7 : 0) && !p->guard_another && !p->guard_moved) {
		/* it holds by now: nothing is to be done that somebody could mind */
		p->guard_err.code = 0;
		run_state(r, owner, TASK_OK);
	} else if (p->guard_refused) {
		e = p->guard_err;
		p->guard_err.code = 0;
		if (!e.code)
			err_set(&e, E_STEP, _("a node that must be asked before did not answer"));
		err_prefix(&e, _("not proven safe"));
		err_hint(&e, _("Nothing was changed. Mend it on that node, then run again."));
		/* what may be left out is left out; it was not tried, so it has not failed */
		run_fail(r, owner, guard_may_skip(owner) ? TASK_SKIPPED : TASK_FAILED, &e);
	} else if (p->guard_moved) {
		place_again(r, owner);
	} else if (p->guard_cut) {
		run_state(r, owner, TASK_WAITING);
	} else {
		p->fresh = true;
		run_state(r, owner, TASK_WAITING);
	}
	run_pump_later(r);
}
