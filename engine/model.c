/* The cluster as the cluster file describes it: look-ups and what is derived from it. */
#include "engine/model.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "engine/address.h"
#include "engine/field.h"

void
model_init(struct model *m)
{
	memset(m, 0, sizeof *m);
	for (int s = 0; s < SECTION_NETWORK; s++)
		section_defaults(m, (enum section)s, section_at(m, (enum section)s, 0));
}

void
model_done(struct model *m)
{
	vec_free(&m->networks);
	vec_free(&m->nodes);
	vec_free(&m->targets);
	vec_free(&m->luns);
	vec_free(&m->vms);
	vec_free(&m->mentions);
}

#define VEC_COPY(to, from)                                                             \
	do {                                                                           \
		(to)->at = NULL;                                                       \
		(to)->cap = (to)->n = (from)->n;                                       \
		if (!(from)->n)                                                        \
			break;                                                         \
		(to)->at = xcalloc((from)->n, sizeof *(from)->at);                     \
		memcpy((to)->at, (from)->at, (from)->n * sizeof *(from)->at);          \
	} while (0)

void
model_copy(struct model *to, const struct model *from)
{
	*to = *from;
	VEC_COPY(&to->networks, &from->networks);
	VEC_COPY(&to->nodes, &from->nodes);
	VEC_COPY(&to->targets, &from->targets);
	VEC_COPY(&to->luns, &from->luns);
	VEC_COPY(&to->vms, &from->vms);
	VEC_COPY(&to->mentions, &from->mentions);
}

#define MODEL_LOOKUP(type, list)                                       \
	struct type *model_##type(const struct model *m, const char *name) \
	{                                                              \
		struct type *item;                                     \
									\
		vec_each(item, &m->list)                               \
			if (strcmp(item->name, name) == 0)             \
				return item;                           \
		return NULL;                                           \
	}

MODEL_LOOKUP(node, nodes)
MODEL_LOOKUP(network, networks)
MODEL_LOOKUP(target, targets)
MODEL_LOOKUP(lun, luns)
MODEL_LOOKUP(vm, vms)

/* How well a NIC serves to manage the node: the greater, the better. */
static int
nic_manage_rank(const struct nic *nic)
{
	if (!nic->address[0])
		return 0;
	return nic->role == NIC_MANAGE ? 3 : nic->role == NIC_SWITCH ? 2 : 1;
}

void
model_node_address(const struct node *n, char out[ADDR_SIZE])
{
	const struct nic *best = NULL;

	for (size_t i = 0; i < n->nnics; i++)
		if (nic_manage_rank(&n->nics[i]) > (best ? nic_manage_rank(best) : 0))
			best = &n->nics[i];
	out[0] = '\0';
	if (best)
		addr_bare(out, ADDR_SIZE, best->address);
}

void
model_node_fqdn(const struct model *m, const struct node *n, char out[HOST_SIZE])
{
	if (m->domain.name[0])
		snprintf(out, HOST_SIZE, "%s.%.189s", n->name, m->domain.name);
	else
		str_put(out, HOST_SIZE, n->name);
}

void
model_node_iqn(const struct model *m, const struct node *n, char out[IQN_SIZE])
{
	const char *pattern;

	if (n->iqn[0] || !m->targets.n || !m->targets.at[0].iqn[0]) {
		str_put(out, IQN_SIZE, n->iqn);
		return;
	}
	pattern = m->targets.at[0].iqn;
	snprintf(out, IQN_SIZE, "%.*s:%s", (int)strcspn(pattern, ":"), pattern, n->name);
}

void
model_console_iqn(const struct target *t, char out[IQN_SIZE])
{
	if (t->console_iqn[0] || !t->iqn[0])
		str_put(out, IQN_SIZE, t->console_iqn);
	else
		snprintf(out, IQN_SIZE, "%.*s:console", (int)strcspn(t->iqn, ":"), t->iqn);
}

void
model_lun_serial(const struct model *m, const struct lun *l, char out[NAME_SIZE])
{
	CLEAN_STR key = STR_INIT(2 * NAME_SIZE);

	if (l->serial[0]) {
		str_put(out, NAME_SIZE, l->serial);
		return;
	}
	/* A byte that no name holds keeps ("a", "bc") and ("ab", "c") apart. */
	str_addf(&key, "%s\n%s", m->cluster.name, l->name);
	snprintf(out, NAME_SIZE, "%016" PRIx64, hash64(key.s, key.len));
}

void
model_title(const struct model *m, char out[HOST_SIZE])
{
	if (m->domain.name[0])
		snprintf(out, HOST_SIZE, "%s.%.189s", m->cluster.name, m->domain.name);
	else
		str_put(out, HOST_SIZE, m->cluster.name);
}

size_t
model_count_role(const struct model *m, unsigned roles)
{
	const struct node *n;
	size_t count = 0;

	vec_each(n, &m->nodes)
		if (n->roles & roles)
			count++;
	return count;
}
