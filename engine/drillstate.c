/* What a drill keeps and shows: its phases, values and conditions, from drill_new() to
 * drill_free(). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/nls.h"
#include "engine/drillpriv.h"

const char *const drill_stage_words[] = {
	N_("waiting"),	      N_("entry conditions"), N_("asking"),  N_("steady probes"),
	N_("the deed"),	      N_("watching"),	      N_("putting back"), N_("audit"),
	N_("done"),	      NULL,
};
const char *const drill_stage_ids[] = { "new",	    "checking",	 "asking",   "steady", "doing",
					"watching", "restoring", "auditing", "ended",  NULL };
const char *const drill_verdict_words[] = { "",		      N_("PASSED"),   N_("FAILED"), N_("REFUSED"),
					    N_("NOT TOLD"), N_("STOPPED"), NULL };
const char *const drill_verdict_ids[] = { "", "passed", "failed", "refused", "untold", "stopped", NULL };
const char *const drill_mark_words[] = { N_("ok"), N_("FAILED"), N_("not told"), N_("note"), NULL };
const char *const drill_mark_ids[] = { "pass", "fail", "untold", "note", NULL };
const char *const drill_phase_ids[] = { "detect", "fence", "start", "answer", "settled", "redundant", NULL };

static const char *const phase_titles[] = {
	[PHASE_DETECT] = N_("noticed"),	   [PHASE_FENCE] = N_("fenced"),
	[PHASE_START] = N_("started"),	   [PHASE_ANSWER] = N_("answers again"),
	[PHASE_SETTLED] = N_("settled"),   [PHASE_REDUNDANT] = N_("redundant again"),
};

static enum drill_phase_id
phase_id(const char *name)
{
	int id = 0;

	while (id < PHASE_OTHER && strcmp(drill_phase_ids[id], name) != 0)
		id++;
	return (enum drill_phase_id)id;
}

const char *
drill_phase_title(const struct step *s, const char *name)
{
	enum drill_phase_id id = phase_id(name);
	const struct message *m;

	vec_each(m, &s->messages)
		if (str_starts(m->id, "phase-") && !strcmp(m->id + 6, name))
			return m->text;
	return id < PHASE_OTHER ? _(phase_titles[id]) : name;
}

const char *
drill_variant_text(const struct step *s, const char *variant)
{
	const struct message *m;

	vec_each(m, &s->messages)
		if (*variant && str_starts(m->id, "variant-") && !strcmp(m->id + 8, variant))
			return m->text;
	return "";
}

void
drill_emit(struct drill *d, struct drill_event *e)
{
	e->at_ms = loop_now_ms(d->loop);
	e->drill = d;
	for (size_t i = 0; i < d->nsinks; i++)
		d->sinks[i].fn(d->sinks[i].ctx, e);
}

const char *
drill_told(const struct drill *d, const char *name)
{
	const struct told_value *v;

	vec_each(v, &d->told)
		if (!strcmp(v->name, name))
			return v->text;
	return NULL;
}

void
drill_tell(struct drill *d, const char *name, const char *text)
{
	struct told_value *v;

	vec_each(v, &d->told)
		if (!strcmp(v->name, name)) {
			free(v->text);
			v->text = xstrdup(text);
			return;
		}
	vec_push(&d->told, ((struct told_value){ xstrdup(name), xstrdup(text) }));
}

void
drill_forget(struct drill *d)
{
	struct told_value *v;

	vec_each(v, &d->told) {
		free(v->name);
		free(v->text);
	}
	d->told.n = 0;
}

void
drill_condition(struct drill *d, enum drill_mark mark, const char *id, const char *text)
{
	struct drill_condition c = { .mark = mark, .text = xstrdup(text) };

	str_put(c.id, sizeof c.id, id);
	vec_push(&d->conditions, c);
}

const struct drill_phase *
drill_phase(const struct drill *d, enum drill_phase_id id)
{
	const struct drill_phase *p;

	vec_each(p, &d->phases)
		if (p->id == id)
			return p;
	return NULL;
}

/* A phase is told once; a watch that was begun anew tells the old ones again. false = it was told. */
bool
drill_phase_told(struct drill *d, const char *name, const char *node, int64_t at_ms)
{
	struct drill_phase p = { .id = phase_id(name), .at_ms = at_ms };
	const struct drill_phase *before;
	int64_t from = d->deed_ms;

	if (!d->deed_begun || d->stage == DRILL_ENDED)
		return false;
	str_put(p.name, sizeof p.name, name);
	str_put(p.node, sizeof p.node, node);
	vec_each(before, &d->phases) {
		if (!strcmp(before->name, p.name) && !strcmp(before->node, p.node))
			return false;
		from = before->at_ms > from ? before->at_ms : from;
	}
	/* how long it takes to answer counts from when it fell silent */
	if (p.id == PHASE_ANSWER && d->after.from_ms > from)
		from = d->after.from_ms;
	p.took_ms = at_ms > from ? at_ms - from : 0;
	vec_push(&d->phases, p);
	drill_emit(d, &(struct drill_event){ .type = DRILL_EV_PHASE, .node = p.node, .phase = &p });
	drill_then(d, name);
	return true;
}

/* ---- its making ---- */

struct task *
drill_task(const struct plan *p, const char *name, const char *vm, const char *node)
{
	struct task **t;

	vec_each(t, &p->tasks) {
		const struct step *s = (*t)->step;

		if (s->kind != KIND_DRILL || strcmp(s->name, name) != 0)
			continue;
		if (vm && (*t)->vm && strcmp((*t)->vm->name, vm) != 0)
			continue;
		if (node && s->on == ON_HYPERVISOR && strcmp((*t)->node->name, node) != 0)
			continue;
		return *t;
	}
	return NULL;
}

static int
args_variant(struct drill_args *a, const struct step *s, struct err *err)
{
	CLEAN_STR list = STR_INIT(1024);

	if (!*a->variant && s->variants.n)
		str_put(a->variant, sizeof a->variant, s->variants.at[0]);
	for (size_t i = 0; i < s->variants.n; i++) {
		if (!strcmp(s->variants.at[i], a->variant))
			return 0;
		str_addf(&list, "%s%s", i ? ", " : "", s->variants.at[i]);
	}
	if (!*a->variant)
		return 0;
	if (!s->variants.n)
		err_set(err, E_INPUT, _("the drill '%s' has no variants"), s->name);
	else
		err_set(err, E_INPUT, _("the drill '%s' has no variant '%s'; it has: %s"), s->name,
			a->variant, str_text(&list));
	return E_INPUT;
}

static int
args_node(const struct model *m, const char *name, const char *option, struct err *err)
{
	const struct node *n = *name ? model_node(m, name) : NULL;

	if (!*name || (n && (n->roles & ROLE_HYPERVISOR) && n->state == PRESENT))
		return 0;
	err_set(err, E_INPUT, _("%s: '%s' is no hypervisor of this cluster"), option, name);
	return E_INPUT;
}

/* What the command line left open. */
static int
args_complete(struct drill *d, struct err *err)
{
	struct drill_args *a = &d->opts.args;
	const struct task *t = d->task;
	const struct model *m = d->plan->model;
	size_t hypervisors = model_count_role(m, ROLE_HYPERVISOR);

	if (t->vm)
		str_put(a->vm, sizeof a->vm, t->vm->name);
	if (!*a->vm && m->vms.n)
		str_put(a->vm, sizeof a->vm, m->vms.at[0].name);
	if (!*a->vm || !model_vm(m, a->vm)) {
		if (*a->vm)
			err_set(err, E_INPUT, _("there is no VM '%s'"), a->vm);
		else
			err_set(err, E_INPUT, _("the cluster file has no VM"));
		err_hint(err, _("A drill measures what a VM's clients notice: add a [vm NAME] section."));
		return E_INPUT;
	}
	d->node_open = !*a->node;
	if (t->step->on == ON_HYPERVISOR)
		str_put(a->node, sizeof a->node, t->node->name);
	if (hypervisors < 2)
		return err_set(err, E_INPUT, _("a drill needs two hypervisors, the cluster file has %zu"),
			       hypervisors);
	if (args_variant(a, t->step, err) || args_node(m, a->node, "--node", err) ||
	    args_node(m, a->to, "--to", err))
		return err->code;
	return 0;
}

struct drill *
drill_new(struct loop *l, struct plan *p, const struct task *t, const struct services *sv,
	  const struct asker *asker, const struct drill_opts *opts, const struct drill_sink *sinks,
	  size_t nsinks, struct err *err)
{
	struct drill *d = xcalloc(1, sizeof *d);
	char number[9];

	d->loop = l;
	d->plan = p;
	d->task = p->tasks.at[t->index];
	d->sv = sv;
	d->asker = *asker;
	d->opts = *opts;
	d->pins_path = opts->pins_path ? xstrdup(opts->pins_path) : NULL;
	d->sinks = xcalloc(nsinks + 1, sizeof *sinks);
	for (size_t i = 0; i < nsinks; i++)
		d->sinks[i] = sinks[i];
	d->nsinks = nsinks;
	d->values = values_new();
	d->undo_code = d->audit_code = d->deed_code = -1;
	gaps_init(&d->before);
	gaps_init(&d->after);
	random_hex(d->id, 8);
	random_hex(d->run_nonce, 8);
	/* A job of an earlier drill is another attempt. */
	random_hex(number, 3);
	d->attempt = (unsigned)strtoul(number, NULL, 16) + 1;
	console_name(d->console, d->id);
	if (!d->task->step->script && opts->world != WORLD_SIMULATED) {
		err_set(err, E_STEP, _("the drill '%s' has no script for this platform"),
			d->task->step->name);
		err_hint(err, _("It can be looked at in the simulated world: --world=simulated."));
		return drill_free(d);
	}
	return args_complete(d, err) ? drill_free(d) : d;
}

bool
drill_at_risk(const struct drill *d)
{
	return d->deed_begun && drill_takes(d) && !d->restored;
}

void
drill_view(const struct drill *d, struct drill_view *ret)
{
	*ret = (struct drill_view){
		.task = d->task,
		.args = &d->opts.args,
		.world = d->opts.world,
		.stage = d->stage,
		.predicted = d->predicted,
		.began_ms = d->began_ms,
		.deed_ms = d->deed_ms,
		.ended_ms = d->ended_ms,
		.samples = d->samples.at,
		.nsamples = d->samples.n,
		.phases = d->phases.at,
		.nphases = d->phases.n,
		.conditions = d->conditions.at,
		.nconditions = d->conditions.n,
		.before = &d->before,
		.after = &d->after,
		.promises = &d->promises,
		.outage_ms = gaps_longest(&d->after),
		.progress_done = d->progress_done,
		.progress_total = d->progress_total,
		.verdict = d->stage == DRILL_ENDED ? d->verdict : DRILL_NO_VERDICT,
		.err = &d->err,
	};
}

const char *
drill_id(const struct drill *d)
{
	return d->id;
}

struct drill *
drill_free(struct drill *d)
{
	struct way **w;
	struct drill_condition *c;

	if (!d)
		return NULL;
	d->closing = true;
	drill_quiet(d);
	hands_free(d->hands);
	hands_free(d->hands_back);
	vec_each(w, &d->ways)
		way_free(d, *w);
	vec_free(&d->ways);
	loop_forget(d->loop, d);
	drill_forget(d);
	vec_free(&d->told);
	vec_each(c, &d->conditions)
		free(c->text);
	vec_free(&d->conditions);
	vec_free(&d->errands);
	vec_free(&d->phases);
	vec_free(&d->samples);
	promises_done(&d->promises);
	values_free(d->values);
	free(d->pins_path);
	free(d->sinks);
	free(d);
	return NULL;
}
