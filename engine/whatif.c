/* Counting what is left: votes, a way to fence, disks, memory. */
#include "engine/whatif.h"

#include <string.h>
#include "base/nls.h"

const char *const whatif_verdict_ids[WHATIF__VERDICTS + 1] = {
	"holds", "no-memory", "no-storage", "no-fencing", "no-votes", "no-node", NULL,
};

/* ---- the cluster as the file has it ---- */

static void
part_add(struct whatif *w, const char *name, enum whatif_kind kind, struct whatif_loss loss)
{
	struct whatif_part *p;

	/* one machine may serve several targets, and have the third vote */
	vec_each(p, &w->parts)
		if (p->kind == kind && !strcmp(p->name, name)) {
			p->loss = whatif_both(&p->loss, &loss);
			return;
		}
	vec_push(&w->parts, ((struct whatif_part){ name, kind, loss }));
}

static bool
target_has_vms(const struct model *m, const struct target *t)
{
	const struct vm *vm;

	vec_each(vm, &m->vms) {
		const struct lun *l = model_lun(m, vm->lun);

		if (l && vm->state == PRESENT && !strcmp(l->target, t->name))
			return true;
	}
	return false;
}

static void
parts_of_storage(struct whatif *w, const struct model *m)
{
	const struct lun *disk = model_lun(m, m->quorum.lun);
	const struct target *t;

	if (disk)
		part_add(w, disk->name, WHATIF_LUN, (struct whatif_loss){ .disk = true });
	vec_each(t, &m->targets) {
		const struct node *machine = model_node(m, t->node);
		struct whatif_loss loss = {
			.disk = disk && !strcmp(disk->target, t->name),
			.storage = target_has_vms(m, t),
		};

		if (machine)
			loss.nodes = whatif_bit(w, machine);
		if (t->state == PRESENT && (loss.disk || loss.storage))
			part_add(w, machine ? machine->name : t->name,
				 machine ? WHATIF_MACHINE : WHATIF_TARGET, loss);
	}
}

static void
vms_add(struct whatif *w, const struct model *m)
{
	const struct vm *vm;

	vec_each(vm, &m->vms) {
		size_t at = w->vms.n;

		if (vm->state != PRESENT)
			continue;
		vec_push(&w->vms, vm->memory);
		for (; at > 0 && w->vms.at[at - 1] < vm->memory; at--)
			w->vms.at[at] = w->vms.at[at - 1];
		w->vms.at[at] = vm->memory;
	}
}

void
whatif_init(struct whatif *w, const struct model *m, bool leaving_too)
{
	const struct node *n, *vote = model_node(m, m->quorum.vote);

	*w = (struct whatif){ .platform = m->cluster.platform };
	vec_each(n, &m->nodes)
		if ((n->roles & ROLE_HYPERVISOR) && (leaving_too || n->state == PRESENT) &&
		    w->n < NODES_MAX)
			w->node[w->n++] = n;
	w->disk = model_lun(m, m->quorum.lun) != NULL;
	w->vote = vote != NULL && w->platform == PLATFORM_LINUX;
	for (size_t i = 0; i < w->n; i++)
		part_add(w, w->node[i]->name, WHATIF_NODE,
			 (struct whatif_loss){ .nodes = UINT64_C(1) << i });
	parts_of_storage(w, m);
	if (w->vote)
		part_add(w, vote->name, WHATIF_MACHINE, (struct whatif_loss){ .vote = true });
	vms_add(w, m);
}

void
whatif_done(struct whatif *w)
{
	vec_free(&w->vms);
	vec_free(&w->parts);
}

uint64_t
whatif_bit(const struct whatif *w, const struct node *n)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->node[i] == n)
			return UINT64_C(1) << i;
	return 0;
}

struct whatif_loss
whatif_both(const struct whatif_loss *a, const struct whatif_loss *b)
{
	return (struct whatif_loss){
		.nodes = a->nodes | b->nodes,
		.orderly = a->orderly && b->orderly,
		.disk = a->disk || b->disk,
		.vote = a->vote || b->vote,
		.storage = a->storage || b->storage,
	};
}

/* ---- counting ---- */

/* Corosync: one vote each and one of the third; the majority of all that there are. Of two nodes
 * without a third each is enough, since fencing decides between them. */
static void
count_corosync(const struct whatif *w, const struct whatif_loss *lost, struct whatif_rest *rest)
{
	rest->needed = w->n == 2 && !w->vote ? 1 : (w->n + w->vote) / 2 + 1;
	rest->votes = rest->nodes + (w->vote && !lost->vote);
}

/* Windows takes the votes of those that are away out of the count, and gives the witness its own
 * where the nodes that are there are even. */
static void
count_windows(const struct whatif *w, const struct whatif_loss *lost, struct whatif_rest *rest)
{
	size_t there = w->n - (size_t)__builtin_popcountll(w->down);
	bool witness = w->disk && there % 2 == 0;

	rest->needed = (there + witness) / 2 + 1;
	rest->votes = rest->nodes + (witness && !lost->disk);
}

/* The largest first, each where most is left: who stands here on paper stands there as well. */
static bool
vms_have_room(const struct whatif *w, uint64_t away)
{
	uint64_t room[NODES_MAX] = { 0 };
	const uint64_t *need;

	for (size_t i = 0; i < w->n; i++) {
		if (away & (UINT64_C(1) << i))
			continue;
		if (!w->memory[i])
			return true;
		room[i] = w->memory[i];
	}
	vec_each(need, &w->vms) {
		size_t best = 0;

		for (size_t i = 1; i < w->n; i++)
			if (room[i] > room[best])
				best = i;
		if (room[best] < *need)
			return false;
		room[best] -= *need;
	}
	return true;
}

enum whatif_verdict
whatif_after(const struct whatif *w, const struct whatif_loss *lost, struct whatif_rest *ret)
{
	uint64_t away = w->down | lost->nodes;
	bool crashed = (lost->nodes & ~w->down) && !lost->orderly;
	struct whatif_rest rest = { .nodes = w->n - (size_t)__builtin_popcountll(away) };

	if (w->platform == PLATFORM_HYPERV)
		count_windows(w, lost, &rest);
	else
		count_corosync(w, lost, &rest);
	if (ret)
		*ret = rest;
	if (!rest.nodes)
		return WHATIF_NO_NODE;
	if (rest.votes < rest.needed)
		return WHATIF_NO_VOTES;
	if (w->platform == PLATFORM_LINUX && crashed && (lost->disk || !w->disk))
		return WHATIF_NO_FENCING;
	if (lost->storage)
		return WHATIF_NO_STORAGE;
	return vms_have_room(w, away) ? WHATIF_HOLDS : WHATIF_NO_MEMORY;
}

void
whatif_reason(const struct whatif *w, const struct whatif_loss *lost, struct str *out)
{
	struct whatif_rest rest;
	enum whatif_verdict v = whatif_after(w, lost, &rest);
	size_t all = w->n + (w->platform == PLATFORM_LINUX ? w->vote : w->disk);

	switch (v) {
	case WHATIF_NO_NODE:
		str_add(out, _("no node is left"));
		break;
	case WHATIF_NO_VOTES:
		str_addf(out, _("the rest has %zu of %zu votes, %zu are needed"), rest.votes, all,
			 rest.needed);
		break;
	case WHATIF_NO_FENCING:
		str_add(out, _("nobody can fence what was lost, so nothing is started elsewhere"));
		break;
	case WHATIF_NO_STORAGE:
		str_add(out, _("the disks of the virtual machines are gone"));
		break;
	case WHATIF_NO_MEMORY:
		str_add(out, _("the rest has not enough memory for all virtual machines"));
		break;
	default:
		str_addf(out, _("the rest goes on with %zu of %zu votes"), rest.votes, all);
	}
}
