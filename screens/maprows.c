/* The rows of the map and their words. What is not known is told as such. */
#include "screens/maprows.h"

#include <string.h>
#include "base/nls.h"
#include "engine/field.h"
#include "screens/pings.h"
#include "tui/glyph.h"

enum { FRESH_MS = 5000 };

/* ---- which rows there are ---- */

static void
heading_add(struct map_rows *rows, const char *text)
{
	vec_push(&rows->at, ((struct map_row){ .kind = MAP_HEADING, .heading = text }));
}

static void
rows_add(struct map_rows *rows, enum map_kind kind, size_t n, const char *heading)
{
	if (n)
		heading_add(rows, heading);
	for (size_t i = 0; i < n; i++)
		vec_push(&rows->at, ((struct map_row){ .kind = kind, .index = i }));
}

void
map_rows_fill(const struct viewmap *m, struct map_rows *ret)
{
	ret->at.n = 0;
	rows_add(ret, MAP_CLUSTER, 1, _("Cluster"));
	rows_add(ret, MAP_NODE, m->nodes.n, _("Machines"));
	rows_add(ret, MAP_LUN, m->luns.n, _("LUNs"));
	rows_add(ret, MAP_VM, m->vms.n, _("Virtual machines"));
}

void
map_rows_done(struct map_rows *rows)
{
	vec_free(&rows->at);
}

bool
map_row_is_fresh(const struct wizard *w, const struct map_row *r)
{
	const struct viewmap *m = w->map;
	const int64_t changed[] = {
		[MAP_HEADING] = 0,
		[MAP_CLUSTER] = m->changed_ms,
		[MAP_NODE] = r->kind == MAP_NODE ? m->nodes.at[r->index].changed_ms : 0,
		[MAP_LUN] = r->kind == MAP_LUN ? m->luns.at[r->index].changed_ms : 0,
		[MAP_VM] = r->kind == MAP_VM ? m->vms.at[r->index].changed_ms : 0,
	};
	return viewmap_is_fresh(m, changed[r->kind], FRESH_MS);
}

void
map_row_name(const struct wizard *w, const struct map_row *r, struct str *out)
{
	switch (r->kind) {
	case MAP_HEADING: str_add(out, r->heading); break;
	case MAP_CLUSTER: str_add(out, w->ws.model.cluster.name); break;
	case MAP_NODE: str_add(out, w->map->nodes.at[r->index].node->name); break;
	case MAP_LUN: str_add(out, w->map->luns.at[r->index].lun->name); break;
	case MAP_VM: str_add(out, w->map->vms.at[r->index].vm->name); break;
	}
}

/* ---- states ---- */

struct state {
	const char *word;
	enum role role;
};

static struct state
cluster_state(const struct viewmap *m)
{
	if (m->address == TELL_YES)
		return (struct state){ _("answers"), ROLE_OK };
	if (m->address == TELL_NO)
		return (struct state){ _("not there"), ROLE_TEXT };
	return (struct state){ _("not asked"), ROLE_DIM };
}

static struct state
node_state(const struct map_node *n)
{
	if (n->link == LINK_LOST)
		return (struct state){ _("lost"), ROLE_FAIL };
	if (n->link == LINK_SILENT)
		return (struct state){ _("silent"), ROLE_WARN };
	if (n->link == LINK_CONNECTING)
		return (struct state){ _("connecting"), ROLE_BUSY };
	if (n->reached == TELL_NO)
		return (struct state){ _("no answer"), ROLE_FAIL };
	if (n->member == TELL_YES)
		return (struct state){ _("member"), ROLE_OK };
	if (n->reached == TELL_YES)
		return (struct state){ _("answers"), ROLE_OK };
	return (struct state){ _("not asked"), ROLE_DIM };
}

static size_t
lun_holders(const struct map_lun *l)
{
	const struct map_hold *h;
	size_t n = 0;
	vec_each(h, &l->holds)
		n += h->logged_in == TELL_YES;
	return n;
}

static struct state
lun_state(const struct map_lun *l)
{
	size_t held = lun_holders(l);
	if (l->shared == TELL_YES)
		return (struct state){ _("shared"), ROLE_OK };
	if (held && held == l->holds.n)
		return (struct state){ _("held"), ROLE_OK };
	if (held)
		return (struct state){ _("held by some"), ROLE_WARN };
	for (size_t i = 0; i < l->holds.n; i++)
		if (l->holds.at[i].logged_in == TELL_NO)
			return (struct state){ _("not held"), ROLE_TEXT };
	return (struct state){ _("not asked"), ROLE_DIM };
}

static struct state
vm_state(const struct map_vm *v)
{
	if (v->pinged && v->rtt_us < 0)
		return (struct state){ _("silent"), ROLE_FAIL };
	if (v->started == TELL_YES)
		return (struct state){ v->pinged ? _("answers") : _("runs"), ROLE_OK };
	if (v->started == TELL_NO)
		return (struct state){ _("does not run"), ROLE_TEXT };
	return (struct state){ _("not asked"), ROLE_DIM };
}

void
map_row_state(const struct wizard *w, const struct map_row *r, struct str *out, enum role *role)
{
	struct state s = { "", ROLE_TEXT };
	if (r->kind == MAP_CLUSTER)
		s = cluster_state(w->map);
	else if (r->kind == MAP_NODE)
		s = node_state(&w->map->nodes.at[r->index]);
	else if (r->kind == MAP_LUN)
		s = lun_state(&w->map->luns.at[r->index]);
	else if (r->kind == MAP_VM)
		s = vm_state(&w->map->vms.at[r->index]);
	str_add(out, s.word);
	*role = s.role;
}

/* ---- one line ---- */

static void
list_add(struct str *out, const char *text)
{
	str_addf(out, "%s%s", out->len ? ", " : "", text);
}

void
map_roles_add(const struct model *m, const struct node *n, struct str *out)
{
	CLEAN_STR roles = STR_INIT(256);
	if (n->roles & ROLE_DC)
		list_add(&roles, _("domain controller"));
	if (n->roles & ROLE_STORAGE)
		list_add(&roles, _("storage"));
	if (n->roles & ROLE_HYPERVISOR)
		list_add(&roles, _("hypervisor"));
	if (!strcmp(m->quorum.vote, n->name))
		list_add(&roles, _("third vote"));
	str_add(out, str_text(&roles));
}

/* The networks it is in, each once. */
static void
networks_add(const struct node *n, struct str *out)
{
	for (size_t i = 0; i < n->nnics; i++) {
		bool again = false;
		for (size_t k = 0; k < i; k++)
			again |= !strcmp(n->nics[k].network, n->nics[i].network);
		if (!again)
			str_addf(out, " %s", n->nics[i].network);
	}
}

static void
holders_add(const struct map_lun *l, struct str *out)
{
	const struct map_hold *h;
	bool any = false;
	vec_each(h, &l->holds) {
		if (h->logged_in != TELL_YES)
			continue;
		str_addf(out, any ? " %s" : "%s", h->node->name);
		any = true;
	}
	if (!any)
		str_add(out, _("nobody"));
}

static void
rtt_add(int32_t rtt_us, struct str *out)
{
	if (rtt_us < 1000)
		str_add(out, _("under 1 ms"));
	else
		str_addf(out, _("%d ms"), (int)(rtt_us / 1000));
}

static void
vm_text(const struct wizard *w, const struct map_vm *v, struct str *out)
{
	if (v->node)
		str_addf(out, _("on %s  "), v->node->name);
	str_addf(out, "%s  ", v->vm->address);
	if (!v->pinged)
		return;
	pings_bars(w, v->vm->name, PINGS_KEPT, out);
	str_add(out, " ");
	if (v->rtt_us >= 0)
		rtt_add(v->rtt_us, out);
}

static void
lun_text(const struct map_lun *l, struct str *out)
{
	size_print(l->lun->size, out);
	if (*l->wwid) {
		size_t n = strlen(l->wwid);
		str_addf(out, "  %s%s", glyph(GLYPH_ELLIPSIS), l->wwid + (n > WWID_TAIL ? n - WWID_TAIL : 0));
	}
	str_add(out, "  ");
	holders_add(l, out);
	if (l->quorum)
		str_addf(out, "  (%s)", _("fencing and quorum"));
}

void
map_row_text(const struct wizard *w, const struct map_row *r, struct str *out)
{
	const struct viewmap *m = w->map;
	CLEAN_STR part = STR_INIT(512);
	switch (r->kind) {
	case MAP_HEADING:
		break;
	case MAP_CLUSTER:
		str_addf(out, "%s  ", w->ws.model.cluster.address);
		str_add(out, m->fencing == TELL_YES ? _("fencing is set up")
			     : m->fencing == TELL_NO ? _("no fencing yet") : "");
		break;
	case MAP_NODE:
		map_roles_add(m->plan->model, m->nodes.at[r->index].node, &part);
		str_addf(out, "%s ", str_text(&part));
		networks_add(m->nodes.at[r->index].node, out);
		break;
	case MAP_LUN:
		lun_text(&m->luns.at[r->index], out);
		break;
	case MAP_VM:
		vm_text(w, &m->vms.at[r->index], out);
		break;
	}
}

/* ---- in sentences ---- */

/* Which chapter makes what is not there yet. */
static void
maker_tell(const struct wizard *w, const char *fact, struct str *out)
{
	struct task *const *t;
	vec_each(t, &w->ws.plan->tasks) {
		const struct fact_ref *f;
		vec_each(f, &(*t)->step->gives) {
			if (strcmp(f->name, fact) != 0)
				continue;
			str_addf(out, _("Chapter %d (%s) sees to that.\n"), (*t)->step->chapter->number,
				 (*t)->step->chapter->title);
			return;
		}
	}
}

static void
cluster_tell(const struct wizard *w, struct str *out)
{
	const struct model *m = &w->ws.model;
	char title[HOST_SIZE];
	model_title(m, title);
	str_addf(out, w->map->address == TELL_YES ? _("The cluster %s answers at %s.\n")
						  : _("The cluster %s will answer at %s.\n"),
		 title, m->cluster.address);
	if (w->map->address != TELL_YES)
		maker_tell(w, "cluster.address", out);
	str_add(out, w->map->fencing == TELL_YES
		? _("A node that is lost is made to stop before its VMs start elsewhere.\n")
		: _("Whether a lost node can be made to stop is not proven.\n"));
	for (size_t i = 0; i < m->networks.n; i++)
		str_addf(out, _("Network %s: %s.\n"), m->networks.at[i].name, m->networks.at[i].subnet);
}

static void
nics_tell(const struct node *n, struct str *out)
{
	for (size_t i = 0; i < n->nnics; i++) {
		const struct nic *nic = &n->nics[i];
		str_addf(out, "%s%s %s %s", i ? "; " : "", nic->name, nic->network, nic->address);
		if (nic->role == NIC_MANAGE)
			str_addf(out, " (%s)", _("managed here"));
		if (nic->role == NIC_SWITCH)
			str_addf(out, " (%s)", _("the virtual switch"));
	}
	str_add(out, "\n");
}

static void
node_tell(const struct model *m, const struct map_node *n, struct str *out)
{
	CLEAN_STR roles = STR_INIT(256);
	map_roles_add(m, n->node, &roles);
	str_addf(out, _("%s (%s): %s.\n"), n->node->name, str_text(&roles), node_state(n).word);
	if (n->fenced == TELL_YES)
		str_addf(out, _("%s was made to stop once: fencing of it is proven.\n"), n->node->name);
	if (n->node->state == LEAVING)
		str_addf(out, _("%s is leaving the cluster.\n"), n->node->name);
	nics_tell(n->node, out);
}

static void
holds_tell(const struct map_lun *l, struct str *out)
{
	const struct map_hold *h;
	vec_each(h, &l->holds) {
		if (h->logged_in == TELL_YES && *h->disk)
			str_addf(out, _("%s is logged in and sees it as %s.\n"), h->node->name, h->disk);
		else if (h->logged_in == TELL_YES)
			str_addf(out, _("%s is logged in.\n"), h->node->name);
		else if (h->logged_in == TELL_NO)
			str_addf(out, _("%s is not logged in.\n"), h->node->name);
	}
}

static bool
any_holds(const struct map_lun *l)
{
	const struct map_hold *h;
	vec_each(h, &l->holds)
		if (h->logged_in == TELL_YES)
			return true;
	return false;
}

static void
lun_tell(const struct wizard *w, size_t index, struct str *out)
{
	const struct map_lun *l = &w->map->luns.at[index];
	struct lun_rows rows = { 0 };
	CLEAN_STR size = STR_INIT(64);
	CLEAN_STR content = STR_INIT(512);
	size_print(l->lun->size, &size);
	str_addf(out, _("LUN %s: number %u of the target %s (%s), %s.\n"), l->lun->name,
		 (unsigned)l->lun->number, l->lun->target, l->target ? l->target->portal : "?",
		 str_text(&size));
	if (*l->wwid)
		str_addf(out, _("Its identity is %s.\n"), l->wwid);
	lun_rows_fill(w->map, NULL, &rows);
	lun_row_content(&rows.rows.at[index], &content);
	str_addf(out, _("On it: %s.\n"), str_text(&content));
	lun_rows_done(&rows);
	holds_tell(l, out);
	if (!any_holds(l))
		maker_tell(w, "lun.connected", out);
}

static void
vm_tell(const struct wizard *w, const struct map_vm *v, struct str *out)
{
	CLEAN_STR text = STR_INIT(64);
	if (v->node)
		str_addf(out, _("The VM %s runs on %s.\n"), v->vm->name, v->node->name);
	else if (v->started == TELL_YES)
		str_addf(out, _("The VM %s runs.\n"), v->vm->name);
	else
		str_addf(out, v->started == TELL_NO ? _("The VM %s does not run.\n")
						    : _("Nobody has asked for the VM %s yet.\n"),
			 v->vm->name);
	if (v->started == TELL_NO)
		maker_tell(w, "vm.started", out);
	if (v->pinged && v->rtt_us < 0) {
		str_addf(out, _("Its address %s does not answer.\n"), v->vm->address);
	} else if (v->pinged) {
		rtt_add(v->rtt_us, &text);
		str_addf(out, _("Its address %s answers: %s.\n"), v->vm->address, str_text(&text));
	} else if (*v->vm->address) {
		str_addf(out, _("Its address is %s.\n"), v->vm->address);
	}
	str_clear(&text);
	size_print(v->vm->memory, &text);
	str_addf(out, _("It has %s of memory, and its disk on the LUN %s.\n"), str_text(&text), v->vm->lun);
}

void
map_row_tell(const struct wizard *w, const struct map_row *r, struct str *out)
{
	if (r->kind == MAP_CLUSTER)
		cluster_tell(w, out);
	else if (r->kind == MAP_NODE)
		node_tell(&w->ws.model, &w->map->nodes.at[r->index], out);
	else if (r->kind == MAP_LUN)
		lun_tell(w, r->index, out);
	else if (r->kind == MAP_VM)
		vm_tell(w, &w->map->vms.at[r->index], out);
}
