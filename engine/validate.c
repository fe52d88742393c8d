/* Mistakes of a cluster file that only the whole shows: names that lead nowhere, two machines at
 * one address, a cluster that could not work. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/nls.h"
#include "engine/address.h"
#include "engine/field.h"

enum { NETBIOS_MAX = 15, WITNESS_MIN = 512 << 20 };

/* An address and whose it is. */
struct owned {
	struct addr addr;
	char owner[NAME_SIZE * 2 + 4];
	int line;
};

struct validation {
	const struct model *m;
	field_note_fn note;
	void *ctx;
	int mistakes;
	VEC(struct owned) owned;
};

static void mistake(struct validation *v, int line, const char *hint, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

static void
mistake(struct validation *v, int line, const char *hint, const char *fmt, ...)
{
	struct err err = { 0 };
	char what[sizeof err.what];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof what, fmt, ap);
	va_end(ap);
	err_set(&err, E_INPUT, "%s", what);
	err_hint(&err, "%s", hint);
	v->mistakes++;
	if (v->note)
		v->note(v->ctx, line, &err);
}

static bool
is_hyperv(const struct validation *v)
{
	return v->m->cluster.platform == PLATFORM_HYPERV;
}

/* ---- names ---------------------------------------------------------------------------- */

static void
unknown_name(struct validation *v, int line, enum section s, const char *name)
{
	char hint[160];
	const char *near = NULL;
	unsigned best = 3;

	for (size_t i = 0; i < section_count(v->m, s); i++) {
		const char *title = section_title(s, section_at(v->m, s, i));
		unsigned d = str_distance(name, title, 2);

		if (d < best) {
			best = d;
			near = title;
		}
	}
	if (near)
		snprintf(hint, sizeof hint, _("Did you mean '%s'?"), near);
	else
		snprintf(hint, sizeof hint, _("Add a section [%s %s] or mend the name."),
			 section_names[s], name);
	mistake(v, line, hint, _("there is no %s '%s' in this file"), section_names[s], name);
}

/* Every setting that names another object, straight from the field table. */
static void
check_references(struct validation *v)
{
	for (size_t i = 0; i < nfields; i++) {
		const struct field *f = &fields[i];

		for (size_t k = 0; f->refers && k < section_count(v->m, f->section); k++) {
			const char *object = section_at(v->m, f->section, k);
			const char *name = object + f->offset;
			const char *title = section_title(f->section, object);

			if (name[0] && !field_object((struct model *)v->m, f->to, name))
				unknown_name(v, model_line(v->m, f->section, title, f->key), f->to,
					     name);
		}
	}
}

/* Windows and DNS know no difference between small and capital letters. */
static void
check_same_names(struct validation *v, enum section s)
{
	for (size_t i = 1; i < section_count(v->m, s); i++) {
		const char *name = section_title(s, section_at(v->m, s, i));

		for (size_t k = 0; k < i; k++) {
			const char *other = section_title(s, section_at(v->m, s, k));

			if (strcasecmp(name, other) != 0)
				continue;
			mistake(v, model_line(v->m, s, name, ""),
				_("Rename one of them; capital letters make no difference."),
				_("%s '%s' is named like '%s' in line %d"), section_names[s], name,
				other, model_line(v->m, s, other, ""));
			break;
		}
	}
}

/* ---- addresses ------------------------------------------------------------------------ */

static const struct network *
network_of(const struct validation *v, const struct addr *a)
{
	const struct network *net;
	struct addr subnet;

	vec_each(net, &v->m->networks)
		if (addr_parse(net->subnet, &subnet) && addr_within(&subnet, a))
			return net;
	return NULL;
}

static void own_address(struct validation *v, const char *text, int line, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Two machines at one address: told at the second one. */
static void
own_address(struct validation *v, const char *text, int line, const char *fmt, ...)
{
	struct owned mine = { .line = line };
	const struct owned *other;
	va_list ap;

	if (!addr_parse(text, &mine.addr))
		return;
	va_start(ap, fmt);
	vsnprintf(mine.owner, sizeof mine.owner, fmt, ap);
	va_end(ap);
	vec_each(other, &v->owned) {
		if (!addr_equal(&other->addr, &mine.addr))
			continue;
		mistake(v, line, _("Give one of them another address."),
			_("%s has the address of %s (line %d)"), mine.owner, other->owner,
			other->line);
		return;
	}
	vec_push(&v->owned, mine);
}

static void
check_networks(struct validation *v)
{
	const struct network *net, *other;
	struct addr a, b;

	vec_each(net, &v->m->networks) {
		if (!addr_parse(net->subnet, &a))
			continue;
		for (other = v->m->networks.at; other < net; other++)
			if (addr_parse(other->subnet, &b) &&
			    (addr_within(&a, &b) || addr_within(&b, &a)))
				mistake(v, model_line(v->m, SECTION_NETWORK, net->name, "subnet"),
					_("Each network needs addresses of its own."),
					_("network '%s' overlaps with '%s' (line %d)"), net->name,
					other->name,
					model_line(v->m, SECTION_NETWORK, other->name, "subnet"));
		if (net->gateway[0] && addr_parse(net->gateway, &b) && !addr_within(&a, &b))
			mistake(v, model_line(v->m, SECTION_NETWORK, net->name, "gateway"),
				_("Mend the gateway or the subnet."),
				_("gateway %s is outside of %s"), net->gateway, net->subnet);
	}
}

static void
check_nic_address(struct validation *v, const struct nic *nic, int line)
{
	const struct network *net = model_network(v->m, nic->network);
	struct addr a, subnet;

	if (!net || !addr_parse(net->subnet, &subnet) || !addr_parse(nic->address, &a))
		return;
	if (!addr_within(&subnet, &a))
		mistake(v, line, _("Mend the address or the network's subnet."),
			_("%s is outside of network '%s', which is %s"), nic->address, net->name,
			net->subnet);
	else if (a.prefix != subnet.prefix)
		mistake(v, line, _("Write the prefix length of the network's subnet."),
			_("%s has another prefix length than network '%s', which is %s"),
			nic->address, net->name, net->subnet);
	else if (a.prefix < 31 && (addr_host_bits(&a, a.prefix, 0) ||
				   (strchr(nic->address, '.') && addr_host_bits(&a, a.prefix, 1))))
		mistake(v, line, _("Choose an address between the first and the last one."),
			_("%s is the address of the network itself"), nic->address);
}

static void
check_nics(struct validation *v, const struct node *n)
{
	size_t count[NIC_SWITCH + 1] = { 0 };

	for (size_t i = 0; i < n->nnics; i++) {
		const struct nic *nic = &n->nics[i];
		char key[NAME_SIZE + 8];
		int line;

		snprintf(key, sizeof key, "nic.%s", nic->name);
		line = model_line(v->m, SECTION_NODE, n->name, key);
		if (!model_network(v->m, nic->network))
			unknown_name(v, line, SECTION_NETWORK, nic->network);
		check_nic_address(v, nic, line);
		own_address(v, nic->address, line, "%s %s", n->name, nic->name);
		if (++count[nic->role] == 2 && nic->role != NIC_PLAIN)
			mistake(v, line, _("Mark one NIC only; leave the word out at the others."),
				nic->role == NIC_MANAGE
					? _("a second NIC of '%s' is marked manage")
					: _("a second NIC of '%s' is marked switch"),
				n->name);
	}
}

static void
check_other_addresses(struct validation *v)
{
	const struct network *net;
	const struct vm *vm;
	struct addr a;
	int line = model_line(v->m, SECTION_CLUSTER, "", "address");

	vec_each(net, &v->m->networks)
		/* A machine of the file may well be the router. */
		if (net->gateway[0] && strcmp(net->gateway, v->m->cluster.address) == 0)
			mistake(v, line, _("Give one of them another address."),
				_("the cluster has the address of the gateway of '%s'"), net->name);
	if (addr_parse(v->m->cluster.address, &a)) {
		net = network_of(v, &a);
		if (!net || net->use != NET_ENTERPRISE)
			mistake(v, line, _("Clients find the cluster there: take a free one."),
				_("%s is not in an enterprise network"), v->m->cluster.address);
		own_address(v, v->m->cluster.address, line, "%s", _("the cluster"));
	}
	vec_each(vm, &v->m->vms) {
		line = model_line(v->m, SECTION_VM, vm->name, "address");
		if (!addr_parse(vm->address, &a))
			continue;
		net = network_of(v, &a);
		if (!net || net->use != NET_ENTERPRISE)
			mistake(v, line, _("Virtual machines are on the enterprise network."),
				_("%s is not in an enterprise network"), vm->address);
		own_address(v, vm->address, line, "vm '%s'", vm->name);
	}
}

/* ---- machines ------------------------------------------------------------------------- */

static void
check_node_name(struct validation *v, const struct node *n)
{
	if (strlen(n->name) > NETBIOS_MAX && (is_hyperv(v) || v->m->domain.name[0]))
		mistake(v, n->line, _("Choose a shorter name."),
			_("'%s' is longer than the %d characters of a computer name"), n->name,
			NETBIOS_MAX);
	if (strcasecmp(n->name, v->m->cluster.name) == 0)
		mistake(v, n->line, _("Choose another name for one of them."),
			_("machine '%s' is named like the cluster"), n->name);
}

static void
check_reachable(struct validation *v, const struct node *n)
{
	char address[ADDR_SIZE];
	const struct node *jump = n;

	model_node_address(n, address);
	if (!address[0] && !n->ssh.host[0])
		mistake(v, n->line, _("Give it a NIC with an address, or ssh.host."),
			_("machine '%s' has no address"), n->name);
	for (size_t hops = 0; jump && jump->ssh.jump[0]; hops++) {
		jump = model_node(v->m, jump->ssh.jump);
		if (hops < v->m->nodes.n)
			continue;
		mistake(v, model_line(v->m, SECTION_NODE, n->name, "ssh.jump"),
			_("One machine of the chain must be reached directly."),
			_("the jump hosts of '%s' lead in a circle"), n->name);
		return;
	}
}

static void
check_nodes(struct validation *v)
{
	const struct node *n, *other;
	size_t hypervisors = 0;
	char iqn[IQN_SIZE], other_iqn[IQN_SIZE];

	vec_each(n, &v->m->nodes) {
		hypervisors += (n->roles & ROLE_HYPERVISOR) && n->state == PRESENT;
		check_node_name(v, n);
		check_nics(v, n);
		check_reachable(v, n);
		model_node_iqn(v->m, n, iqn);
		for (other = v->m->nodes.at; iqn[0] && other < n; other++) {
			model_node_iqn(v->m, other, other_iqn);
			if (strcmp(iqn, other_iqn) == 0)
				mistake(v, model_line(v->m, SECTION_NODE, n->name, "iqn"),
					_("Each initiator needs a name of its own."),
					_("'%s' has the IQN of '%s' (line %d)"), n->name,
					other->name,
					model_line(v->m, SECTION_NODE, other->name, "iqn"));
		}
	}
	if (v->m->nodes.n > NODES_MAX)
		mistake(v, v->m->nodes.at[NODES_MAX].line, _("Split the cluster."),
			_("more than %d machines"), NODES_MAX);
	if (hypervisors == 0)
		mistake(v, 0, _("Write roles = hypervisor in at least two [node] sections."),
			_("no machine has the role hypervisor"));
	else if (hypervisors == 1)
		mistake(v, 0, _("Write roles = hypervisor in at least two [node] sections."),
			_("only one machine has the role hypervisor: that is no cluster"));
}

/* ---- storage and virtual machines ----------------------------------------------------- */

static bool
path_is_absolute(const char *path, bool windows)
{
	if (windows)
		return path[0] && path[1] == ':' && path[2] == '\\';
	return path[0] == '/';
}

static void
check_path(struct validation *v, int line, const char *path, bool windows)
{
	if (path[0] && !path_is_absolute(path, windows))
		mistake(v, line,
			windows ? _("Write it with its drive, as C:\\vm.") : _("Write it as /vm."),
			_("'%s' is not an absolute path"), path);
}

static bool
node_has_address(const struct node *n, const char *text)
{
	struct addr a, b;

	for (size_t i = 0; addr_parse(text, &a) && i < n->nnics; i++)
		if (addr_parse(n->nics[i].address, &b) && addr_equal(&a, &b))
			return true;
	return false;
}

static void
check_target(struct validation *v, const struct target *t)
{
	const struct node *n = model_node(v->m, t->node);
	const struct target *other;

	for (other = v->m->targets.at; other < t; other++)
		if (t->iqn[0] && strcmp(t->iqn, other->iqn) == 0)
			mistake(v, model_line(v->m, SECTION_TARGET, t->name, "iqn"),
				_("Each target needs a name of its own."),
				_("target '%s' has the IQN of '%s' (line %d)"), t->name,
				other->name, model_line(v->m, SECTION_TARGET, other->name, "iqn"));
	if (!t->node[0] && t->kind != TARGET_NAS)
		mistake(v, model_line(v->m, SECTION_TARGET, t->name, "node"),
			_("Write node = NAME, or kind = nas where it is set up by hand."),
			_("target '%s' has no machine that serves it"), t->name);
	/* No role at all is a mistake of its own. */
	if (n && n->roles && !(n->roles & ROLE_STORAGE))
		mistake(v, model_line(v->m, SECTION_TARGET, t->name, "node"),
			_("Add storage to its roles."), _("machine '%s' has not the role storage"),
			n->name);
	if (n && !node_has_address(n, t->portal))
		mistake(v, model_line(v->m, SECTION_TARGET, t->name, "portal"),
			_("Take the machine's address in the storage network."),
			_("portal %s is no address of machine '%s'"), t->portal, n->name);
	if (t->kind != TARGET_NAS)
		check_path(v, model_line(v->m, SECTION_TARGET, t->name, "path"), t->path,
			   t->kind != TARGET_LIO);
}

static void
check_windows_name(struct validation *v, enum section s, const char *name)
{
	if (is_hyperv(v) && strpbrk(name, "<>:\"/\\|?*"))
		mistake(v, model_line(v->m, s, name, ""), _("It becomes the name of a file there."),
			_("'%s' cannot be a name on Windows"), name);
}

static void
check_lun_pair(struct validation *v, const struct lun *l, const struct lun *other)
{
	if (l->number == other->number && l->target[0] && strcmp(l->target, other->target) == 0)
		mistake(v, model_line(v->m, SECTION_LUN, l->name, "number"),
			_("Each LUN of a target needs a number of its own."),
			_("LUN '%s' has the number of '%s' (line %d)"), l->name, other->name,
			model_line(v->m, SECTION_LUN, other->name, "number"));
	if (l->letter[0] && strcmp(l->letter, other->letter) == 0)
		mistake(v, model_line(v->m, SECTION_LUN, l->name, "letter"),
			_("Each LUN needs a letter of its own."),
			_("LUN '%s' has the drive letter of '%s' (line %d)"), l->name, other->name,
			model_line(v->m, SECTION_LUN, other->name, "letter"));
	if (l->serial[0] && strcmp(l->serial, other->serial) == 0)
		mistake(v, model_line(v->m, SECTION_LUN, l->name, "serial"),
			_("LUNs are told apart by it: leave it out, and one is made."),
			_("LUN '%s' has the serial number of '%s' (line %d)"), l->name, other->name,
			model_line(v->m, SECTION_LUN, other->name, "serial"));
}

static void
check_luns(struct validation *v)
{
	const struct lun *l, *other;

	vec_each(l, &v->m->luns) {
		check_windows_name(v, SECTION_LUN, l->name);
		for (other = v->m->luns.at; other < l; other++)
			check_lun_pair(v, l, other);
		if (is_hyperv(v) && !l->letter[0])
			mistake(v, l->line, _("Write letter = V, the same on every node."),
				_("LUN '%s' has no drive letter"), l->name);
	}
}

static void
check_vms(struct validation *v)
{
	const struct vm *vm;

	vec_each(vm, &v->m->vms) {
		const struct lun *l = model_lun(v->m, vm->lun);
		int line = model_line(v->m, SECTION_VM, vm->name, "lun");

		check_windows_name(v, SECTION_VM, vm->name);
		if (l && l->use != LUN_VM)
			mistake(v, line, _("Take a LUN with use = vm."),
				_("LUN '%s' is not for virtual machines"), l->name);
		if (l && l->state == LEAVING && vm->state == PRESENT)
			mistake(v, line, _("Move the virtual machine to another LUN first."),
				_("LUN '%s' is leaving, but vm '%s' lives on it"), l->name,
				vm->name);
	}
}

static void
check_quorum(struct validation *v)
{
	const struct lun *l = model_lun(v->m, v->m->quorum.lun);
	int line = model_line(v->m, SECTION_QUORUM, "", "lun");

	if (!v->m->quorum.lun[0])
		mistake(v, line, _("Write lun = NAME in the section [quorum]."),
			_("no quorum LUN is named"));
	if (!l)
		return;
	if (l->use != LUN_QUORUM)
		mistake(v, line, _("Write use = quorum in its section, or name another LUN."),
			_("LUN '%s' is not for the quorum"), l->name);
	if (l->state == LEAVING)
		mistake(v, line, _("Name the LUN that takes its place."),
			_("LUN '%s' is leaving and cannot be the quorum LUN"), l->name);
	if (is_hyperv(v) && l->size < WITNESS_MIN)
		mistake(v, model_line(v->m, SECTION_LUN, l->name, "size"),
			_("Make it 1 GiB."), _("a disk witness needs at least 512 MiB"));
}

/* The third vote decides between equal halves, and none of the two may have it. */
static void
check_vote(struct validation *v)
{
	const struct node *n = model_node(v->m, v->m->quorum.vote), *other;
	int line = model_line(v->m, SECTION_QUORUM, "", "vote");
	size_t hypervisors = 0;

	if (!n)
		return;
	vec_each(other, &v->m->nodes)
		hypervisors += (other->roles & ROLE_HYPERVISOR) && other->state == PRESENT;
	if (is_hyperv(v))
		mistake(v, line, _("Take the line out: there, the disk witness votes."),
			_("a third vote is for Linux only"));
	else if (n->roles & ROLE_HYPERVISOR)
		mistake(v, line, _("Name a machine that is none of the cluster's nodes."),
			_("hypervisor '%s' has a vote already"), n->name);
	else if (n->state == LEAVING)
		mistake(v, line, _("Name another machine, or take the line out."),
			_("machine '%s' is leaving and cannot give a vote"), n->name);
	else if (hypervisors > 1 && hypervisors % 2)
		mistake(v, line, _("Take the line out: there is a majority without it."),
			_("the third vote is for an even number of hypervisors, not for %zu"),
			hypervisors);
}

static void
check_once(struct validation *v)
{
	const struct cluster *c = &v->m->cluster;
	const struct domain *d = &v->m->domain;

	if (c->msgwait_s < 2 * c->watchdog_s)
		mistake(v, model_line(v->m, SECTION_CLUSTER, "", "msgwait"),
			_("A node must be given the time to restart itself."),
			_("msgwait (%u s) is less than twice the watchdog timeout (%u s)"),
			c->msgwait_s, c->watchdog_s);
	if (d->name[0] && !d->netbios[0] && strcspn(d->name, ".") > NETBIOS_MAX)
		mistake(v, model_line(v->m, SECTION_DOMAIN, "", "name"),
			_("Write netbios = NAME with a shorter one."),
			_("the first part of '%s' is too long for a NetBIOS name"), d->name);
	if (d->production[0] && strcasecmp(d->production, d->name) == 0)
		mistake(v, model_line(v->m, SECTION_DOMAIN, "", "production"),
			_("Leave it out where there is one domain only."),
			_("the production domain is the cluster's own"));
	check_path(v, model_line(v->m, SECTION_HYPERVISOR, "", "path"), v->m->hypervisor.path,
		   is_hyperv(v));
}

int
model_validate(const struct model *m, field_note_fn note, void *ctx)
{
	struct validation v = { .m = m, .note = note, .ctx = ctx };
	const struct target *t;

	check_once(&v);
	check_references(&v);
	for (int s = SECTION_NETWORK; s < SECTION__COUNT; s++)
		check_same_names(&v, (enum section)s);
	check_networks(&v);
	check_nodes(&v);
	check_other_addresses(&v);
	vec_each(t, &m->targets)
		check_target(&v, t);
	check_luns(&v);
	check_vms(&v);
	check_quorum(&v);
	check_vote(&v);
	vec_free(&v.owned);
	return v.mistakes;
}
