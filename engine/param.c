/* What a step's `uses` stand for: settings, what is derived from them, and collections. */
#include "engine/param.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "base/nls.h"
#include "engine/field.h"

/* The objects of one task, and the model they are in. */
struct scope {
	const struct model *m;
	const struct node *node;
	const struct lun *lun;
	const struct target *target;
	const struct vm *vm;
};

/* ---- collections: one line for each object, tabs between, "-" for nothing -------------- */

static void
cell(struct str *out, const char *text)
{
	if (out->len && out->s[out->len - 1] != '\n')
		str_addc(out, '\t');
	str_add(out, text[0] ? text : "-");
}

static void
cell_number(struct str *out, uint64_t n)
{
	str_addf(out, "\t%" PRIu64, n);
}

/* A setting as the cluster file would have it; lists with commas, so that it is one word. */
static void
cell_field(struct str *out, enum section s, const char *key, const void *object)
{
	CLEAN_STR text = STR_INIT(4096);

	field_get(field_in(s, key), object, &text);
	for (size_t i = 0; i < text.len; i++)
		if (text.s[i] == ' ' && strcmp(key, "roles") == 0)
			text.s[i] = ',';
	cell(out, str_text(&text));
}

static void
list_nodes(const struct scope *sc, struct str *out)
{
	char text[HOST_SIZE];
	const struct node *n;

	vec_each(n, &sc->m->nodes) {
		cell(out, n->name);
		cell_field(out, SECTION_NODE, "roles", n);
		model_node_fqdn(sc->m, n, text);
		cell(out, text);
		model_node_iqn(sc->m, n, text);
		cell(out, text);
		model_node_address(n, text);
		cell(out, text);
		cell_field(out, SECTION_NODE, "state", n);
		str_addc(out, '\n');
	}
}

static void
cell_network_use(struct str *out, const struct model *m, const char *name)
{
	const struct network *net = model_network(m, name);

	if (net)
		cell_field(out, SECTION_NETWORK, "use", net);
	else
		cell(out, "");
}

static const char *
nic_role_word(const struct nic *nic)
{
	return nic->role == NIC_MANAGE ? "manage" : nic->role == NIC_SWITCH ? "switch" : "plain";
}

static void
list_addresses(const struct scope *sc, struct str *out)
{
	const struct node *n;

	vec_each(n, &sc->m->nodes) {
		for (size_t i = 0; i < n->nnics; i++) {
			const struct nic *nic = &n->nics[i];

			cell(out, n->name);
			cell(out, nic->network);
			cell_network_use(out, sc->m, nic->network);
			cell(out, nic->name);
			cell(out, nic->address);
			cell(out, nic_role_word(nic));
			str_addc(out, '\n');
		}
	}
}

/* One way out for each network: by the card that is managed, else by the first that is in it. */
static const char *
nic_gateway(const struct scope *sc, const struct nic *nic)
{
	const struct network *net = model_network(sc->m, nic->network);
	const struct nic *by = NULL;

	for (size_t i = 0; net && i < sc->node->nnics; i++) {
		const struct nic *other = &sc->node->nics[i];

		if (strcmp(other->network, nic->network) != 0 || !other->address[0])
			continue;
		if (!by || (other->role == NIC_MANAGE && by->role != NIC_MANAGE))
			by = other;
	}
	return by == nic ? net->gateway : "";
}

static void
list_nics(const struct scope *sc, struct str *out)
{
	for (size_t i = 0; i < sc->node->nnics; i++) {
		const struct nic *nic = &sc->node->nics[i];

		cell(out, nic->name);
		cell(out, nic->network);
		cell_network_use(out, sc->m, nic->network);
		cell(out, nic->address);
		cell(out, nic_role_word(nic));
		cell(out, nic_gateway(sc, nic));
		str_addc(out, '\n');
	}
}

static void
list_networks(const struct scope *sc, struct str *out)
{
	const struct network *net;

	vec_each(net, &sc->m->networks) {
		cell(out, net->name);
		cell_field(out, SECTION_NETWORK, "use", net);
		cell(out, net->subnet);
		str_addc(out, '\n');
	}
}

static const char *
lun_label(const struct lun *l)
{
	return l->label[0] ? l->label : l->name;
}

static void
list_luns(const struct scope *sc, struct str *out)
{
	const struct lun *l;

	vec_each(l, &sc->m->luns) {
		cell(out, l->name);
		cell(out, l->target);
		cell_number(out, l->number);
		cell_field(out, SECTION_LUN, "use", l);
		cell_number(out, l->size);
		cell(out, l->letter);
		cell(out, lun_label(l));
		cell_field(out, SECTION_LUN, "state", l);
		str_addc(out, '\n');
	}
}

static void
list_targets(const struct scope *sc, struct str *out)
{
	const struct target *t;

	vec_each(t, &sc->m->targets) {
		cell(out, t->name);
		cell(out, t->iqn);
		cell(out, t->portal);
		cell_number(out, t->port);
		cell(out, t->node);
		cell_field(out, SECTION_TARGET, "kind", t);
		str_addc(out, '\n');
	}
}

static void
list_vms(const struct scope *sc, struct str *out)
{
	const struct vm *vm;

	vec_each(vm, &sc->m->vms) {
		cell(out, vm->name);
		cell_number(out, vm->memory);
		cell(out, vm->lun);
		cell(out, vm->address);
		cell_field(out, SECTION_VM, "state", vm);
		str_addc(out, '\n');
	}
}

/* ---- derived from several settings ---------------------------------------------------- */

static void
derive_fqdn(const struct scope *sc, struct str *out)
{
	char text[HOST_SIZE];

	model_node_fqdn(sc->m, sc->node, text);
	str_add(out, text);
}

static void
derive_node_iqn(const struct scope *sc, struct str *out)
{
	char text[IQN_SIZE];

	model_node_iqn(sc->m, sc->node, text);
	str_add(out, text);
}

static void
derive_node_address(const struct scope *sc, struct str *out)
{
	char text[ADDR_SIZE];

	model_node_address(sc->node, text);
	str_add(out, text);
}

static void
derive_roles(const struct scope *sc, struct str *out)
{
	CLEAN_STR text = STR_INIT(256);

	cell_field(&text, SECTION_NODE, "roles", sc->node);
	str_add(out, str_text(&text));
}

static const struct node *
first_dc(const struct model *m)
{
	const struct node *n;

	vec_each(n, &m->nodes)
		if ((n->roles & ROLE_DC) && n->state == PRESENT)
			return n;
	return NULL;
}

static void
derive_domain_dc(const struct scope *sc, struct str *out)
{
	const struct node *dc = first_dc(sc->m);

	str_add(out, dc ? dc->name : "");
}

/* Which of the domain controllers the node is: the first one makes the domain. */
static void
derive_node_dc(const struct scope *sc, struct str *out)
{
	if (sc->node->roles & ROLE_DC)
		str_add(out, sc->node == first_dc(sc->m) ? "first" : "other");
	else
		str_add(out, "none");
}

/* What the node has to do with the third vote: it gives it, or its votes count beside it. */
static void
derive_node_vote(const struct scope *sc, struct str *out)
{
	const struct node *giver = model_node(sc->m, sc->m->quorum.vote);

	if (!giver || sc->m->cluster.platform != PLATFORM_LINUX)
		str_add(out, "none");
	else if (sc->node == giver)
		str_add(out, "gives");
	else
		str_add(out, sc->node->roles & ROLE_HYPERVISOR ? "has" : "none");
}

static void
derive_serial(const struct scope *sc, struct str *out)
{
	char text[NAME_SIZE];

	model_lun_serial(sc->m, sc->lun, text);
	str_add(out, text);
}

static void
derive_console_iqn(const struct scope *sc, struct str *out)
{
	char text[IQN_SIZE];

	model_console_iqn(sc->target, text);
	str_add(out, text);
}

static void
derive_label(const struct scope *sc, struct str *out)
{
	str_add(out, lun_label(sc->lun));
}

static void
derive_lun_size(const struct scope *sc, struct str *out)
{
	str_addf(out, "%" PRIu64, sc->lun->size);
}

static void
derive_vm_memory(const struct scope *sc, struct str *out)
{
	str_addf(out, "%" PRIu64, sc->vm->memory);
}

static void
derive_vm_disk(const struct scope *sc, struct str *out)
{
	str_addf(out, "%" PRIu64, sc->vm->disk);
}

static void
derive_netbios(const struct scope *sc, struct str *out)
{
	const struct domain *d = &sc->m->domain;

	if (d->netbios[0])
		str_add(out, d->netbios);
	else
		for (const char *s = d->name; *s && *s != '.'; s++)
			str_addc(out, (char)toupper((unsigned char)*s));
}

/* GFS2 needs a journal for each node that mounts, and one that leaves mounts until it has left. */
static void
derive_journals(const struct scope *sc, struct str *out)
{
	size_t n = model_count_role(sc->m, ROLE_HYPERVISOR);

	str_addf(out, "%zu", n < 2 ? 2 : n);
}

/* ---- the parameters ------------------------------------------------------------------- */

static const struct param {
	const char *id;
	enum section of; /* the object it needs; SECTION_CLUSTER = none */
	void (*text)(const struct scope *sc, struct str *out);
} params[] = {
	{ "nodes", SECTION_CLUSTER, list_nodes },
	{ "addresses", SECTION_CLUSTER, list_addresses },
	{ "nics", SECTION_NODE, list_nics },
	{ "networks", SECTION_CLUSTER, list_networks },
	{ "luns", SECTION_CLUSTER, list_luns },
	{ "targets", SECTION_CLUSTER, list_targets },
	{ "vms", SECTION_CLUSTER, list_vms },
	{ "cluster.journals", SECTION_CLUSTER, derive_journals },
	{ "domain.dc", SECTION_CLUSTER, derive_domain_dc },
	{ "domain.netbios", SECTION_CLUSTER, derive_netbios },
	{ "node.dc", SECTION_NODE, derive_node_dc },
	{ "node.fqdn", SECTION_NODE, derive_fqdn },
	{ "node.iqn", SECTION_NODE, derive_node_iqn },
	{ "node.address", SECTION_NODE, derive_node_address },
	{ "node.roles", SECTION_NODE, derive_roles },
	{ "node.vote", SECTION_NODE, derive_node_vote },
	{ "target.console_iqn", SECTION_TARGET, derive_console_iqn },
	{ "lun.serial", SECTION_LUN, derive_serial },
	{ "lun.label", SECTION_LUN, derive_label },
	{ "lun.size", SECTION_LUN, derive_lun_size },
	{ "vm.memory", SECTION_VM, derive_vm_memory },
	{ "vm.disk", SECTION_VM, derive_vm_disk },
};

static const struct param *
param_find(const char *id)
{
	for (size_t i = 0; i < sizeof params / sizeof params[0]; i++)
		if (strcmp(params[i].id, id) == 0)
			return &params[i];
	return NULL;
}

/* How to log in is no business of a script, and a network is no object of a task. */
static const struct field *
param_field(const char *id)
{
	const struct field *f = field_find(id);

	if (!f || f->section == SECTION_NETWORK || f->type == FIELD_NICS ||
	    str_starts(f->key, "ssh."))
		return NULL;
	return f;
}

bool
param_is_known(const char *id)
{
	return param_find(id) || param_field(id);
}

static const struct target *
scope_target(const struct scope *sc)
{
	const struct target *t;

	if (sc->lun)
		return model_target(sc->m, sc->lun->target);
	vec_each(t, &sc->m->targets)
		if (sc->node && strcmp(t->node, sc->node->name) == 0)
			return t;
	return sc->m->targets.n == 1 ? sc->m->targets.at : NULL;
}

static const void *
scope_object(const struct scope *sc, enum section s)
{
	switch (s) {
	case SECTION_NODE: return sc->node;
	case SECTION_TARGET: return sc->target;
	case SECTION_LUN: return sc->lun;
	case SECTION_VM: return sc->vm;
	default: return section_at(sc->m, s, 0);
	}
}

int
param_text(const struct model *m, const struct node *node, const struct lun *lun,
	   const struct target *target, const struct vm *vm, const char *id, struct str *out,
	   struct err *err)
{
	const struct param *p = param_find(id);
	const struct field *f = param_field(id);
	struct scope sc = { m, node, lun, target, vm };
	enum section of = p ? p->of : f ? f->section : SECTION_CLUSTER;
	CLEAN_STR text = STR_INIT(out->max);

	if (!p && !f)
		return -ENOENT;
	if (!sc.lun && vm)
		sc.lun = model_lun(m, vm->lun);
	if (!sc.target)
		sc.target = scope_target(&sc);
	if (!scope_object(&sc, of)) {
		err_set(err, E_STEP, _("'%s' has no meaning here: the task has no %s"), id,
			section_names[of]);
		err_hint(err, _("Mend `uses`, `on` or `for` of the step."));
		return E_STEP;
	}
	/* Lines begin in a text of their own: `out` may hold something already. */
	if (p)
		p->text(&sc, &text);
	else
		field_get(f, scope_object(&sc, of), &text);
	str_addn(out, str_text(&text), text.len);
	return 0;
}
