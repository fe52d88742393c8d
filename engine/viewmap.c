/* The map's model, kept up to date by the events of a run. LUN rows: viewlun.c. */
#include "engine/viewmap.h"

#include <string.h>
#include "base/text.h"
#include "engine/run.h"
#include "engine/view.h"

enum tristate
viewmap_fact(const struct plan *p, const char *fact)
{
	enum tristate told = TELL_UNKNOWN;
	struct task *const *t;
	char *const *given;
	vec_each(t, &p->tasks)
		vec_each(given, &(*t)->gives) {
			enum view_word word = view_task_word(*t);
			if (strcmp(*given, fact) != 0)
				continue;
			if ((*t)->undo)
				return word == VIEW_OK ? TELL_NO : TELL_UNKNOWN;
			if (word == VIEW_OK)
				return TELL_YES;
			if (word == VIEW_TODO || word == VIEW_FAILED)
				told = TELL_NO;
		}
	return told;
}

/* ---- building ---- */

static void
lun_add(struct viewmap *m, const struct lun *lun)
{
	const struct model *model = m->plan->model;
	struct map_lun *l = vec_add(&m->luns);
	l->lun = lun;
	l->target = model_target(model, lun->target);
	l->quorum = !strcmp(model->quorum.lun, lun->name);
	for (size_t i = 0; i < model->nodes.n; i++) {
		if (!(model->nodes.at[i].roles & ROLE_HYPERVISOR))
			continue;
		struct map_hold *h = vec_add(&l->holds);
		h->node = &model->nodes.at[i];
	}
}

struct viewmap *
viewmap_new(struct loop *l, const struct plan *p)
{
	struct viewmap *m = xcalloc(1, sizeof *m);
	m->plan = p;
	m->loop = l;
	for (size_t i = 0; i < p->model->nodes.n; i++) {
		struct map_node *n = vec_add(&m->nodes);
		n->node = &p->model->nodes.at[i];
	}
	for (size_t i = 0; i < p->model->luns.n; i++)
		lun_add(m, &p->model->luns.at[i]);
	for (size_t i = 0; i < p->model->vms.n; i++) {
		struct map_vm *v = vec_add(&m->vms);
		v->vm = &p->model->vms.at[i];
	}
	return m;
}

struct viewmap *
viewmap_free(struct viewmap *m)
{
	struct map_lun *l;
	if (!m)
		return NULL;
	vec_each(l, &m->luns)
		vec_free(&l->holds);
	vec_free(&m->luns);
	vec_free(&m->nodes);
	vec_free(&m->vms);
	free(m);
	return NULL;
}

/* ---- look-ups ---- */

struct map_node *
viewmap_node(const struct viewmap *m, const char *name)
{
	struct map_node *n;
	vec_each(n, &m->nodes)
		if (!strcmp(n->node->name, name))
			return n;
	return NULL;
}

struct map_lun *
viewmap_lun(const struct viewmap *m, const char *name)
{
	struct map_lun *l;
	vec_each(l, &m->luns)
		if (!strcmp(l->lun->name, name))
			return l;
	return NULL;
}

struct map_vm *
viewmap_vm(const struct viewmap *m, const char *name)
{
	struct map_vm *v;
	vec_each(v, &m->vms)
		if (!strcmp(v->vm->name, name))
			return v;
	return NULL;
}

bool
viewmap_is_fresh(const struct viewmap *m, int64_t changed_ms, int64_t within_ms)
{
	return changed_ms && loop_now_ms(m->loop) - changed_ms <= within_ms;
}

/* ---- changes ---- */

static void
mark(struct viewmap *m, int64_t *changed_ms)
{
	int64_t now = loop_now_ms(m->loop);
	*changed_ms = now ? now : 1;
	m->changes++;
}

/* Marks the part if it is what `given` is about and holds, or no longer holds, now. */
static void
tell(struct viewmap *m, const char *given, enum tristate *was, int64_t *changed_ms,
     const char *name, const char *a, const char *b)
{
	CLEAN_STR fact = STR_INIT(512);
	str_add(&fact, name);
	if (a)
		str_addf(&fact, "(%s%s%s)", a, b ? "," : "", b ? b : "");
	if (strcmp(str_text(&fact), given) != 0)
		return;
	enum tristate is = viewmap_fact(m->plan, given);
	if (is == *was)
		return;
	*was = is;
	mark(m, changed_ms);
}

static void
fact_read(struct viewmap *m, const char *given)
{
	struct map_node *n;
	struct map_lun *l;
	struct map_vm *v;
	struct map_hold *h;
	vec_each(n, &m->nodes) {
		tell(m, given, &n->reached, &n->changed_ms, "reach", n->node->name, NULL);
		tell(m, given, &n->member, &n->changed_ms, "cluster.member", n->node->name, NULL);
		tell(m, given, &n->fenced, &n->changed_ms, "fencing.proven", n->node->name, NULL);
	}
	vec_each(l, &m->luns) {
		tell(m, given, &l->shared, &l->changed_ms, "cluster.storage", l->lun->name, NULL);
		vec_each(h, &l->holds)
			tell(m, given, &h->logged_in, &l->changed_ms, "lun.connected", h->node->name,
			     l->lun->name);
	}
	vec_each(v, &m->vms)
		tell(m, given, &v->started, &v->changed_ms, "ha.started", v->vm->name, NULL);
	tell(m, given, &m->fencing, &m->changed_ms, "cluster.fencing", NULL, NULL);
	tell(m, given, &m->address, &m->changed_ms, "cluster.address", NULL, NULL);
}

static void
text_take(struct viewmap *m, char *dst, size_t size, const char *text, int64_t *changed_ms)
{
	CLEAN_STR clean = STR_INIT(4096);
	text_clean(&clean, text, strlen(text), false);
	char before[PROBE_ID];
	str_put(before, sizeof before, dst);
	str_put(dst, size, str_text(&clean));
	if (strcmp(before, dst) != 0)
		mark(m, changed_ms);
}

static struct map_hold *
hold_of(struct map_lun *l, const struct node *node)
{
	struct map_hold *h;
	vec_each(h, &l->holds)
		if (h->node == node)
			return h;
	return NULL;
}

/* "sdb 4294967296 gfs2 …": disk, bytes, what is on it. */
static void
seen_take(struct viewmap *m, struct map_lun *l, struct map_hold *h, const char *text)
{
	CLEAN_STR disk = STR_INIT(MAP_TEXT);
	const char *rest = text + strcspn(text, " ");
	str_addn(&disk, text, (size_t)(rest - text));
	rest += strspn(rest, " ");
	rest += strcspn(rest, " ");
	rest += strspn(rest, " ");
	text_take(m, h->disk, sizeof h->disk, str_text(&disk), &l->changed_ms);
	text_take(m, h->content, sizeof h->content, rest, &l->changed_ms);
}

static void
lun_value(struct viewmap *m, struct map_lun *l, const struct event *e, const char *name)
{
	struct map_hold *h = hold_of(l, e->node);
	if (!strcmp(name, "lun.wwid"))
		text_take(m, l->wwid, sizeof l->wwid, e->text, &l->changed_ms);
	else if (!strcmp(name, "lun.content"))
		text_take(m, l->content, sizeof l->content, e->text, &l->changed_ms);
	else if (!strcmp(name, "lun.keys") && h)
		text_take(m, h->keys, sizeof h->keys, e->text, &l->changed_ms);
	else if (!strcmp(name, "lun.seen") && h)
		seen_take(m, l, h, e->text);
}

static void
node_value(struct viewmap *m, struct map_node *n, const struct event *e, const char *name)
{
	int64_t before = n->changed_ms;
	if (strcmp(name, "node.boot") != 0)
		return;
	n->changed_ms = 0;
	text_take(m, n->boot, sizeof n->boot, e->text, &n->changed_ms);
	n->boot_ms = n->changed_ms ? n->changed_ms : n->boot_ms;
	n->changed_ms = n->changed_ms ? n->changed_ms : before;
}

static void
vm_value(struct viewmap *m, struct map_vm *v, const struct event *e, const char *name)
{
	const struct node *node = model_node(m->plan->model, e->text);
	if (strcmp(name, "vm.node") != 0 || v->node == node)
		return;
	v->node = node;
	mark(m, &v->changed_ms);
}

/* "lun.wwid(vm)": the value's name, and whose it is. */
static void
value_read(struct viewmap *m, const struct event *e)
{
	size_t n = strcspn(e->name, "(");
	CLEANUP(freep) char *name = xstrndup(e->name, n);
	CLEANUP(freep) char *whose = xstrdup(e->name[n] ? e->name + n + 1 : "");
	struct map_lun *l;
	struct map_node *node;
	struct map_vm *v;
	if (*whose)
		whose[strlen(whose) - 1] = '\0';
	if (str_starts(name, "lun.") && (l = viewmap_lun(m, whose)))
		lun_value(m, l, e, name);
	else if (str_starts(name, "node.") && (node = viewmap_node(m, whose)))
		node_value(m, node, e, name);
	else if (str_starts(name, "vm.") && (v = viewmap_vm(m, whose)))
		vm_value(m, v, e, name);
}

void
viewmap_event(void *viewmap, const struct event *e)
{
	struct viewmap *m = viewmap;
	struct map_node *n = e->node ? viewmap_node(m, e->node->name) : NULL;
	if (e->type == EV_VALUE) {
		value_read(m, e);
	} else if (e->type == EV_TASK) {
		char *const *given;
		enum view_word word = view_task_word(e->task);
		/* While it is asked or changed, what was known of it stays. */
		bool news = word != VIEW_UNASKED && word != VIEW_RUNNING && word != VIEW_ASKING &&
			    e->task->state != TASK_STOPPED;
		vec_each(given, &e->task->gives)
			if (news)
				fact_read(m, *given);
	} else if (e->type == EV_LINK && n && n->link != e->link) {
		n->link = e->link;
		mark(m, &n->changed_ms);
	}
}

void
viewmap_ping(struct viewmap *m, const char *vm, int32_t rtt_us)
{
	struct map_vm *v = viewmap_vm(m, vm);
	if (!v)
		return;
	bool turned = !v->pinged || (v->rtt_us < 0) != (rtt_us < 0);
	v->pinged = true;
	v->rtt_us = rtt_us;
	if (rtt_us >= 0)
		v->answered_ms = loop_now_ms(m->loop);
	if (turned)
		mark(m, &v->changed_ms);
	m->changes++;
}

void
viewmap_probed(struct viewmap *m, const struct probe_result *r)
{
	const struct probe_target *t;
	const struct probe_lun *found;
	struct map_lun *l;
	vec_each(l, &m->luns) {
		const struct probe_lun *before = l->probed;
		l->probed = NULL;
		if (r && l->target)
			vec_each(t, &r->targets)
				vec_each(found, &t->luns)
					if (!strcmp(t->iqn, l->target->iqn) &&
					    found->number == l->lun->number)
						l->probed = found;
		if (!l->probed != !before)
			mark(m, &l->changed_ms);
	}
}
