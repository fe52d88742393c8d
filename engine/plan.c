/* Builds the plan: expands steps into tasks, ties them by facts, keeps what was selected,
 * and walks the result once, symbolically, so that a missing prerequisite is found offline. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "base/nls.h"
#include "base/str.h"
#include "engine/param.h"
#include "engine/planpriv.h"

const char *const task_state_words[] = {
	[TASK_PENDING] = N_("not asked"),   [TASK_CHECKING] = N_("checking"),
	[TASK_TODO] = N_("to do"),          [TASK_WAITING] = N_("waiting"),
	[TASK_ASKING] = N_("asking"),       [TASK_APPLYING] = N_("changing"),
	[TASK_REBOOTING] = N_("rebooting"), [TASK_VERIFYING] = N_("verifying"),
	[TASK_OK] = N_("ok"),               [TASK_CHANGED] = N_("changed"),
	[TASK_UNDONE] = N_("undone"),       [TASK_FAILED] = N_("FAILED"),
	[TASK_UNKNOWN] = N_("not told"),    [TASK_SKIPPED] = N_("skipped"),
	[TASK_BLOCKED] = N_("blocked"),     [TASK_STOPPED] = N_("not begun"),
};

const char *const task_state_ids[] = {
	[TASK_PENDING] = "pending",     [TASK_CHECKING] = "checking", [TASK_TODO] = "todo",
	[TASK_WAITING] = "waiting",     [TASK_ASKING] = "asking",     [TASK_APPLYING] = "applying",
	[TASK_REBOOTING] = "rebooting", [TASK_VERIFYING] = "verifying", [TASK_OK] = "ok",
	[TASK_CHANGED] = "changed",     [TASK_UNDONE] = "undone",     [TASK_FAILED] = "failed",
	[TASK_UNKNOWN] = "unknown",     [TASK_SKIPPED] = "skipped",   [TASK_BLOCKED] = "blocked",
	[TASK_STOPPED] = "stopped",
};

void
plan_mistake(struct builder *b, const char *hint, const char *fmt, ...)
{
	struct err e = { .code = E_STEP };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e.what, sizeof e.what, fmt, ap);
	va_end(ap);
	str_put(e.hint, sizeof e.hint, hint);
	b->note(b->ctx, 0, &e);
	b->mistakes++;
}

/* ---- from steps to tasks ---- */

struct object {
	const struct lun *lun;
	const struct target *target;
	const struct vm *vm;
};

static const char *
object_name(const struct object *o)
{
	return o->vm ? o->vm->name : o->lun ? o->lun->name : o->target ? o->target->name : NULL;
}

static bool
object_is_leaving(const struct object *o)
{
	return (o->lun && o->lun->state == LEAVING) || (o->vm && o->vm->state == LEAVING) ||
	       (o->target && o->target->state == LEAVING);
}

static bool
step_applies(const struct builder *b, const struct step *s, const struct node *node,
	     const struct object *o)
{
	const struct condition *c;

	vec_each(c, &s->when) {
		CLEAN_STR text = STR_INIT(4096);

		if (param_text(b->plan->model, node, o->lun, o->target, o->vm, c->field, &text, NULL))
			return c->negated;
		if (!strcmp(str_text(&text), c->value) == c->negated)
			return false;
	}
	return true;
}

static char *
task_key(struct builder *b, const struct step *s, const struct node *node, const struct object *o)
{
	const char *object = object_name(o);
	bool per_node = node && (s->on == ON_HYPERVISOR || s->on == ON_ALL ||
				 (!object && (s->on == ON_DC || s->on == ON_STORAGE)));
	struct arena *a = b->plan->arena;

	if (per_node && object)
		return arena_printf(a, "%s(%s,%s)", s->id, node->name, object);
	if (per_node || object)
		return arena_printf(a, "%s(%s)", s->id, object ? object : node->name);
	return arena_strdup(a, s->id);
}

static void
task_candidates(struct builder *b, struct task *t)
{
	struct node *n;

	vec_each(n, &b->plan->model->nodes)
		if ((n->roles & ROLE_HYPERVISOR) && n->state == PRESENT)
			vec_push(&t->candidates, n);
}

static void
plan_add(struct builder *b, const struct step *s, const struct node *node, const struct object *o)
{
	struct task *t;
	bool leaving = object_is_leaving(o) || (node && node->state == LEAVING);

	if (!step_applies(b, s, node, o))
		return;
	t = arena_alloc(b->plan->arena, sizeof *t);
	t->step = s;
	t->node = node;
	t->lun = o->lun;
	t->target = o->target;
	t->vm = o->vm;
	t->undo = leaving || b->sel->undo;
	t->pass = t->undo && !(s->verbs & (1u << VERB_UNDO));
	t->key = task_key(b, s, node, o);
	if (s->on == ON_ANY || s->on == ON_OWNER)
		task_candidates(b, t);
	t->index = b->plan->tasks.n;
	vec_push(&b->plan->tasks, t);
}

/* The roles whose nodes carry the step; 0 = none by role. */
static unsigned
step_roles(const struct step *s)
{
	static const unsigned roles[] = {
		[ON_DC] = ROLE_DC,
		[ON_STORAGE] = ROLE_STORAGE,
		[ON_HYPERVISOR] = ROLE_HYPERVISOR,
		[ON_ALL] = ROLE_DC | ROLE_STORAGE | ROLE_HYPERVISOR,
		[ON_FIRST] = ROLE_HYPERVISOR,
		[ON_ANY] = ROLE_HYPERVISOR,
		[ON_OWNER] = ROLE_HYPERVISOR,
		[ON_CONSOLE] = 0,
	};

	return roles[s->on];
}

static bool
step_is_everywhere(const struct step *s)
{
	return s->on == ON_HYPERVISOR || s->on == ON_ALL || s->on == ON_DC || s->on == ON_STORAGE;
}

static void
plan_add_nodes(struct builder *b, const struct step *s, const struct object *o)
{
	const struct model *m = b->plan->model;
	struct node *n;

	if (s->on == ON_CONSOLE) {
		plan_add(b, s, NULL, o);
		return;
	}
	if (s->on == ON_STORAGE && o->target) {
		n = model_node(m, o->target->node);
		if (n)
			plan_add(b, s, n, o);
		return;
	}
	vec_each(n, &m->nodes) {
		if (!(n->roles & step_roles(s)))
			continue;
		if (!step_is_everywhere(s) && n->state == LEAVING)
			continue;
		plan_add(b, s, n, o);
		if (!step_is_everywhere(s))
			return;
	}
}

static void
plan_expand(struct builder *b, const struct step *s)
{
	const struct model *m = b->plan->model;
	struct object o = { 0 };
	struct lun *l;
	struct target *t;
	struct vm *v;

	switch (s->per) {
	case FOR_NONE:
		plan_add_nodes(b, s, &o);
		break;
	case FOR_LUN:
		vec_each(l, &m->luns) {
			o = (struct object){ .lun = l, .target = model_target(m, l->target) };
			plan_add_nodes(b, s, &o);
		}
		break;
	case FOR_TARGET:
		vec_each(t, &m->targets) {
			o = (struct object){ .target = t };
			plan_add_nodes(b, s, &o);
		}
		break;
	case FOR_VM:
		vec_each(v, &m->vms) {
			o = (struct object){ .vm = v, .lun = model_lun(m, v->lun) };
			plan_add_nodes(b, s, &o);
		}
		break;
	}
}

/* ---- selection ---- */

static size_t
indices_renumber(size_t *at, size_t n, const size_t *number)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		size_t new = number[at[i]];

		if (new == SIZE_MAX)
			continue;
		at[kept++] = new;
	}
	return kept;
}

void
plan_keep(struct plan *p, const bool *keep)
{
	size_t *number = xcalloc(p->tasks.n + 1, sizeof *number);
	size_t n = 0;

	for (size_t i = 0; i < p->tasks.n; i++)
		number[i] = keep[i] ? n++ : SIZE_MAX;
	n = 0;
	for (size_t i = 0; i < p->tasks.n; i++) {
		struct task *t = p->tasks.at[i];

		if (!keep[i]) {
			vec_free(&t->after);
			vec_free(&t->guards);
			vec_free(&t->gone);
			vec_free(&t->gives);
			vec_free(&t->candidates);
			continue;
		}
		t->after.n = indices_renumber(t->after.at, t->after.n, number);
		t->guards.n = indices_renumber(t->guards.at, t->guards.n, number);
		t->gone.n = indices_renumber(t->gone.at, t->gone.n, number);
		t->index = n;
		p->tasks.at[n++] = t;
	}
	p->tasks.n = n;
	free(number);
}

static bool
named_in(const char *const *names, const char *name)
{
	for (; names && *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

static bool
task_is_wanted(const struct builder *b, const struct task *t)
{
	const struct selection *sel = b->sel;

	if (t->step->kind == KIND_DRILL && !sel->drills)
		return false;
	if (sel->only && !named_in(sel->only, t->step->id) &&
	    !named_in(sel->only, t->step->chapter->id) && !named_in(sel->only, t->key))
		return false;
	if (sel->nodes && t->node && !named_in(sel->nodes, t->node->name))
		return false;
	return !sel->through || !strcmp(t->step->chapter->id, sel->through);
}

static void
task_mark(struct plan *p, struct task *t, bool *keep, enum task_part part)
{
	keep[t->index] = true;
	for (size_t i = 0; i < t->after.n; i++) {
		struct task *need = p->tasks.at[t->after.at[i]];

		if (!keep[need->index]) {
			need->part = part;
			task_mark(p, need, keep, part);
		}
	}
	for (size_t i = 0; i < t->guards.n; i++) {
		struct task *guard = p->tasks.at[t->guards.at[i]];

		if (!keep[guard->index]) {
			guard->part = part;
			task_mark(p, guard, keep, part);
		}
	}
}

/* What stands on the facts that an undo takes away is asked as well, though it was not selected:
 * while it holds, nothing is taken away under it. */
static void
plan_keep_users(const struct plan *p, bool *keep)
{
	bool more = true;
	struct task **t;

	while (more) {
		more = false;
		vec_each(t, &p->tasks)
			for (size_t i = 0; !keep[(*t)->index] && i < (*t)->after.n; i++) {
				if (!keep[(*t)->after.at[i]] || (*t)->step->kind == KIND_DRILL)
					continue;
				keep[(*t)->index] = more = true;
				(*t)->part = PART_CONTEXT;
			}
	}
}

static void
plan_select(struct builder *b)
{
	struct plan *p = b->plan;
	bool *keep = xcalloc(p->tasks.n + 1, sizeof *keep);
	bool partial = b->sel->only || b->sel->nodes;
	struct task **t;

	/* Wanted ones first, so that a need of one wanted task that is wanted itself stays so. */
	vec_each(t, &p->tasks)
		if (task_is_wanted(b, *t))
			keep[(*t)->index] = true;
	if (!b->sel->undo)
		for (size_t i = 0; i < p->tasks.n; i++)
			if (keep[i] && p->tasks.at[i]->part == PART_WANTED)
				task_mark(p, p->tasks.at[i], keep,
					  partial ? PART_CONTEXT : PART_NEEDED);
	if (b->sel->undo && (partial || b->sel->through))
		plan_keep_users(p, keep);
	plan_keep(p, keep);
	free(keep);
}

/* ---- parameters ---- */

static bool
value_is_given(const struct catalog *c, const char *name)
{
	struct step **s;
	const struct sim_value *v;

	vec_each(s, &c->steps)
		vec_each(v, &(*s)->sim_values)
			if (!strcmp(v->name, name))
				return true;
	return false;
}

/* Every parameter of a step is a setting, something computed, or a value that a step proves. */
static void
plan_check_uses(struct builder *b, const struct task *t)
{
	const struct use *u;

	vec_each(u, &t->step->uses) {
		CLEAN_STR text = STR_INIT(1024 * 1024);

		if (str_starts(u->id, "task.") || str_starts(u->id, "run.") ||
		    (t->step->kind == KIND_DRILL && str_starts(u->id, "drill.")))
			continue;
		if (param_text(b->plan->model, t->node, t->lun, t->target, t->vm, u->id, &text, NULL) !=
		    -ENOENT)
			continue;
		if (!value_is_given(b->plan->catalog, u->id))
			plan_mistake(b, _("Correct 'uses' in its step.ini, or name the value in the [sim] "
					  "section of the step that proves it."),
				     _("step %s uses '%s', which is no setting and no step's value"),
				     t->step->id, u->id);
	}
}

static void
plan_check_steps(struct builder *b)
{
	const struct step *last = NULL;
	struct task **t;

	vec_each(t, &b->plan->tasks) {
		if ((*t)->step != last)
			plan_check_uses(b, *t);
		last = (*t)->step;
	}
}

static void
plan_check_selection(struct builder *b)
{
	const struct catalog *c = b->plan->catalog;

	if (b->sel->through && !catalog_chapter(c, b->sel->through))
		plan_mistake(b, _("`bascule plan` lists the chapters."), _("no chapter is called '%s'"),
			     b->sel->through);
	for (const char *const *o = b->sel->only; o && *o; o++) {
		CLEAN_STR id = STR_INIT(1024);

		str_addn(&id, *o, strcspn(*o, "("));
		if (!catalog_chapter(c, *o) && !catalog_step(c, str_text(&id)))
			plan_mistake(b, _("`bascule plan` lists chapters and steps."),
				     _("no step or chapter is called '%s'"), *o);
	}
	for (const char *const *n = b->sel->nodes; n && *n; n++)
		if (!model_node(b->plan->model, *n))
			plan_mistake(b, _("Node names are those of the cluster file."),
				     _("the cluster file has no node '%s'"), *n);
}

struct plan *
plan_build(const struct model *m, const struct catalog *c, const struct selection *sel,
	   field_note_fn note, void *ctx)
{
	struct builder b = { .sel = sel, .note = note, .ctx = ctx };
	struct step **s;
	struct task **t;

	b.plan = xcalloc(1, sizeof *b.plan);
	b.plan->arena = arena_new();
	b.plan->model = m;
	b.plan->catalog = c;
	plan_check_selection(&b);
	vec_each(s, &c->steps)
		if (sel->simulated || !(*s)->sim_only)
			plan_expand(&b, *s);
	plan_index_facts(&b);
	vec_each(t, &b.plan->tasks)
		plan_tie_task(&b, *t);
	plan_check_steps(&b);
	plan_drop_passing(b.plan);
	plan_select(&b);
	plan_turn_undos(b.plan);
	if (sel->proofs_later)
		plan_delay_proofs(b.plan);
	plan_sort(&b);
	vec_free(&b.given);
	givers_free(&b);
	return b.mistakes ? plan_free(b.plan) : b.plan;
}

struct plan *
plan_free(struct plan *p)
{
	struct task **t;

	if (!p)
		return NULL;
	vec_each(t, &p->tasks) {
		vec_free(&(*t)->after);
		vec_free(&(*t)->guards);
		vec_free(&(*t)->gone);
		vec_free(&(*t)->gives);
		vec_free(&(*t)->candidates);
		free((*t)->reason);
	}
	vec_free(&p->tasks);
	vec_free(&p->order);
	arena_free(p->arena);
	free(p);
	return NULL;
}

struct task *
plan_task(const struct plan *p, const char *key)
{
	struct task **t;

	vec_each(t, &p->tasks)
		if (!strcmp((*t)->key, key))
			return *t;
	return NULL;
}

void
task_secret(const struct task *t, const char *name, struct str *out)
{
	const char *const words[][2] = {
		{ "{target}", t->target ? t->target->name : "" },
		{ "{node}", t->node ? t->node->name : "console" },
		{ "{lun}", t->lun ? t->lun->name : "" },
	};

	while (*name) {
		size_t i;

		for (i = 0; i < sizeof words / sizeof *words; i++)
			if (str_starts(name, words[i][0]))
				break;
		if (i == sizeof words / sizeof *words) {
			str_addc(out, *name++);
			continue;
		}
		str_add(out, words[i][1]);
		name += strlen(words[i][0]);
	}
}

bool
task_floats(const struct task *t)
{
	return t->step->on == ON_ANY || t->step->on == ON_OWNER;
}

bool
task_may_run_on(const struct task *t, const struct node *node)
{
	if (!task_floats(t))
		return t->node == node;
	for (size_t i = 0; i < t->candidates.n; i++)
		if (t->candidates.at[i] == node)
			return true;
	return false;
}

void
task_where(const struct task *t, struct str *out)
{
	if (task_floats(t) && !t->placed)
		str_add(out, t->step->on == ON_OWNER ? _("the owner") : _("any member"));
	else
		str_add(out, t->node ? t->node->name : _("console"));
}

void
task_object(const struct task *t, struct str *out)
{
	if (t->vm)
		str_addf(out, "VM %s", t->vm->name);
	else if (t->lun)
		str_addf(out, "LUN %s", t->lun->name);
	else if (t->target)
		str_add(out, t->target->name);
}
