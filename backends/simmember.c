/* The simulated cluster: which nodes are quorate members, and who holds a disk or VM. */
#include <string.h>
#include "backends/siminner.h"

const char *
sim_object_name(const struct task *t)
{
	return t->vm ? t->vm->name : t->lun ? t->lun->name : t->target ? t->target->name : "-";
}

/* Restarting, or silent when asked. */
static bool
sim_is_lost(const struct sim *s, const struct node *node)
{
	struct sim_node *const *n;

	vec_each(n, &s->nodes)
		if ((*n)->node == node && (*n)->down_until_ms > loop_now_ms(s->loop))
			return true;
	return faults_silence(&s->faults, node->name);
}

/* More than half of the candidates are there, and so is what the task needs. */
static bool
exec_is_quorate(const struct exec *e, const struct task *here)
{
	const struct sim *s = e->on->sim;
	size_t there = 0;

	for (size_t i = 0; i < here->candidates.n; i++)
		there += !sim_is_lost(s, here->candidates.at[i]);
	return there * 2 > here->candidates.n && sim_world_needs_hold(&s->world, here) &&
	       !(e->fault && e->fault->kind == FAULT_APART);
}

/* The first candidate after `from` that is there; NULL = from the beginning. */
static const struct node *
sim_next_owner(const struct sim *s, const struct task *t, const char *from)
{
	const struct node *first = NULL;
	bool passed = !from;

	for (size_t i = 0; i < t->candidates.n; i++) {
		const struct node *n = t->candidates.at[i];
		bool there = !sim_is_lost(s, n);

		if (there && passed)
			return n;
		first = first || !there ? first : n;
		passed |= from && !strcmp(n->name, from);
	}
	return first;
}

/* An object moves when its node is lost, and where a fault says so. */
static const char *
exec_owner(struct exec *e, const struct task *t)
{
	struct sim *s = e->on->sim;
	const char *object = sim_object_name(t), *owner = sim_world_owner(&s->world, object);
	const struct node *now = owner ? model_node(s->model, owner) : NULL;
	bool moves = e->fault && e->fault->kind == FAULT_MOVE;

	if (!now || moves || sim_is_lost(s, now)) {
		now = sim_next_owner(s, t, owner);
		if (!now)
			return "";
		sim_world_own(&s->world, object, now->name);
	}
	return now->name;
}

void
sim_claims(struct exec *e, const struct task *here)
{
	bool quorate = exec_is_quorate(e, here);
	bool twice = e->fault && e->fault->kind == FAULT_TWICE;

	exec_say(e, "@%s member\t%s", e->req.nonce, quorate ? "quorate" : "no");
	if (here->step->on == ON_OWNER && quorate)
		exec_say(e, "@%s owner\t%s", e->req.nonce,
			 !strcmp(exec_owner(e, here), e->on->name) || twice ? "yes" : "no");
}
