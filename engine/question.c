/* What a person must say before a task goes on: yes, the object's own name, a secret. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/log.h"
#include "base/nls.h"
#include "engine/param.h"
#include "engine/runpriv.h"
#include "engine/whatifcheck.h"
#include "engine/wording.h"

enum { WHY_MAX = 1024, TEXT_MAX = 4096, AT_ONCE_MS = 250 };

struct question {
	struct run *run;
	struct task *task;
	enum task_state back; /* the state to go on from */
	int64_t asked_ms;
	char *secret;         /* its name; NULL = a confirmation */
};

static struct question *
question_new(struct run *r, struct task *t)
{
	struct question *q = xcalloc(1, sizeof *q);

	*q = (struct question){ .run = r, .task = t, .back = t->state, .asked_ms = loop_now_ms(r->loop) };
	run_state(r, t, TASK_ASKING);
	return q;
}

static bool
question_is_stale(const struct question *q)
{
	return q->run->ended || q->task->state != TASK_ASKING;
}

/* What was looked at before a person began to think about it may be otherwise by now. */
static void
question_free(struct question *q)
{
	if (!q->run->ended && loop_now_ms(q->run->loop) - q->asked_ms > AT_ONCE_MS)
		run_progress(q->run, q->task)->fresh = false;
	if (!q->run->ended)
		run_pump_later(q->run);
	free(q->secret);
	free(q);
}

/* ---- confirmations ---- */

static void
question_refused(struct question *q)
{
	struct progress *p = run_progress(q->run, q->task);
	struct err e = { 0 };

	if (q->task->step->optional) {
		run_state(q->run, q->task, TASK_SKIPPED);
		return;
	}
	if (p->thin)
		err_set(&e, E_CANCELLED, _("it was not allowed: %s"), p->thin);
	else
		err_set(&e, E_CANCELLED, _("it was not allowed"));
	err_hint(&e, p->confirmed
			? _("Try it again and type the object's own name; a script gives --confirm=NAME.")
			: _("Try it again and answer yes; a script gives --yes."));
	p->confirmed = false;
	run_fail(q->run, q->task, TASK_FAILED, &e);
}

static void
question_answered(void *ctx, const char *answer)
{
	struct question *q = ctx;

	if (!question_is_stale(q)) {
		if (answer) {
			run_progress(q->run, q->task)->allowed = true;
			run_state(q->run, q->task, TASK_WAITING);
		} else {
			question_refused(q);
		}
	}
	question_free(q);
}

static enum ask_class
task_class(const struct run *r, const struct task *t)
{
	enum risk risk = t->undo ? t->step->undo_risk : t->step->risk;

	/* Nothing is lost on an object that was proven empty a moment ago. */
	if (risk == RISK_DESTRUCTIVE && !t->undo && run_progress(r, t)->proven_empty)
		return ASK_REVERSIBLE;
	return risk == RISK_DESTRUCTIVE	 ? ASK_DESTRUCTIVE
	       : risk == RISK_DISRUPTIVE ? ASK_DISRUPTIVE
					 : ASK_REVERSIBLE;
}

static const char *
task_own_name(const struct run *r, const struct task *t)
{
	return t->vm     ? t->vm->name
	       : t->lun  ? t->lun->name
	       : t->node ? t->node->name
			 : r->plan->model->cluster.name;
}

/* ---- what the cluster bears ---- */

static bool
task_gives(const struct task *t, const char *fact)
{
	const struct fact_ref *f;

	vec_each(f, &t->step->gives)
		if (!strcmp(f->name, fact))
			return true;
	return false;
}

/* The task that tells whether the node is a member now; NULL = nothing of it is in the plan. */
static const struct task *
member_task(const struct run *r, const struct node *n)
{
	struct task **t;

	vec_each(t, &r->plan->tasks)
		if ((*t)->node == n && task_gives(*t, "cluster.member"))
			return *t;
	return NULL;
}

/* What was told of it last: a node that was not heard counts as one that is away. */
static bool
node_is_member(const struct run *r, const struct node *n)
{
	char key[NAME_SIZE + 16];
	const char *told;

	snprintf(key, sizeof key, "node.member(%s)", n->name);
	told = values_get(r->values, key);
	return told && !strcmp(told, "yes");
}

static bool
member_is_open(struct run *r, const struct node *n)
{
	const struct task *t = member_task(r, n);

	return t && (t->state == TASK_PENDING || t->state == TASK_CHECKING) &&
	       !link_for(r, n)->failed;
}

/* Is it known of everybody who would be left? */
static bool
memory_is_known(const struct whatif *w, const struct whatif_loss *loss)
{
	for (size_t i = 0; i < w->n && w->vms.n; i++)
		if (!((w->down | loss->nodes) & (UINT64_C(1) << i)) && !w->memory[i])
			return false;
	return true;
}

/* Memory counts where the node goes for good; who cannot tell says no. */
static enum whatif_verdict
whatif_verdict_for(struct run *r, const struct task *t, struct whatif *w, struct str *why)
{
	struct whatif_loss loss = { .nodes = whatif_bit(w, t->node), .orderly = t->undo };
	bool leaves = t->undo && task_gives(t, "cluster.member");
	const char *told = values_get(r->values, "cluster.vote");
	enum whatif_verdict v;

	/* what the file wishes for does not count before the cluster has it; "lost": it is missed */
	w->vote = w->vote && told && strcmp(told, "no") != 0;
	loss.vote = w->vote && strcmp(told, "yes") != 0;
	for (size_t i = 0; i < w->n; i++)
		if (!node_is_member(r, w->node[i]))
			w->down |= UINT64_C(1) << i;
	if (leaves)
		whatif_memory(w, r->values);
	v = whatif_after(w, &loss, NULL);
	if (v != WHATIF_HOLDS) {
		whatif_reason(w, &loss, why);
	} else if (leaves && !memory_is_known(w, &loss)) {
		str_add(why, _("whether the rest has memory enough is not known"));
		v = WHATIF_NO_MEMORY;
	}
	return v;
}

/* Is something disruptive about to happen to a member? Then what is left has to go on without it,
 * or a person has to say its name. false = not all that are asked have answered. */
static bool
question_weigh(struct run *r, struct task *t)
{
	struct progress *p = run_progress(r, t);
	CLEAN_STR why = STR_INIT(WHY_MAX);
	CLEAN_STR text = STR_INIT(WHY_MAX);
	struct whatif w;
	bool open = false;

	if (!t->node || task_floats(t) || r->opts.mode == MODE_UNDO || !node_is_member(r, t->node))
		return true;
	whatif_init(&w, r->plan->model, true);
	for (size_t i = 0; i < w.n; i++)
		open |= w.node[i] != t->node && member_is_open(r, w.node[i]);
	if (!open) {
		struct whatif_loss loss = { .nodes = whatif_bit(&w, t->node), .orderly = t->undo };
		bool holds = whatif_verdict_for(r, t, &w, &why) == WHATIF_HOLDS;
		char **kept = holds ? &p->rest : &p->thin;

		if (holds)
			whatif_reason(&w, &loss, &text);
		else
			str_addf(&text, _("without %s: %s"), t->node->name, str_text(&why));
		free(*kept);
		*kept = xstrdup(str_text(&text));
	}
	whatif_done(&w);
	return !open;
}

/* ---- what a person is told of it ---- */

/* A paragraph of its own. */
static struct str *
paragraph(struct str *out)
{
	if (out->len)
		str_add(out, "\n\n");
	return out;
}

/* One more sentence. */
static struct str *
more(struct str *out)
{
	str_add(out, " ");
	return out;
}

static bool
step_says(const struct step *s, const char *id)
{
	const struct message *m;

	vec_each(m, &s->messages)
		if (!strcmp(m->id, id))
			return true;
	return false;
}

/* What happens after a yes: in the step's own words where it has them. */
static void
deed_tell(const struct task *t, struct str *out)
{
	const char *name = t->node ? t->node->name : "";
	CLEAN_STR takes = STR_INIT(64);

	duration_add(&takes, (int64_t)t->step->takes_s * 1000);
	if (!t->undo && step_says(t->step, "ask"))
		step_message(t->step, "ask", &name, 1, paragraph(out));
	else if (!t->undo && t->step->risk == RISK_DESTRUCTIVE)
		str_add(paragraph(out), _("What is on it is lost."));
	else if (t->undo && t->node)
		str_addf(paragraph(out), _("What this step has made on %s is taken away, and what uses it stops."),
			 name);
	else
		str_add(paragraph(out), _("What uses it may stop for a moment."));
	if (t->step->takes_s)
		str_addf(more(out), _("It takes about %s."), str_text(&takes));
}

/* Which virtual machines it concerns, as far as their places were told in this run; and whether the
 * others go on. */
static void
member_tell(const struct run *r, const struct task *t, struct str *out)
{
	const struct progress *p = run_progress(r, t);
	CLEAN_STR names = STR_INIT(WHY_MAX);
	const struct vm *vm;
	char key[NAME_SIZE + 16];

	vec_each(vm, &r->plan->model->vms) {
		snprintf(key, sizeof key, "vm.node(%s)", vm->name);
		const char *told = values_get(r->values, key);
		if (told && !strcmp(told, t->node->name))
			str_addf(&names, "%s%s", names.len ? ", " : "", vm->name);
	}
	if (names.len)
		str_addf(paragraph(out), _("Virtual machines run on %s now: %s."), t->node->name,
			 str_text(&names));
	if (p->rest)
		str_addf(names.len ? more(out) : paragraph(out), _("Without %s %s."), t->node->name, p->rest);
}

static void
question_tell(const struct run *r, const struct task *t, struct str *out)
{
	const struct progress *p = run_progress(r, t);

	str_add(out, p->thin ? p->thin : t->reason ? t->reason : "");
	deed_tell(t, out);
	if (t->node && node_is_member(r, t->node))
		member_tell(r, t, out);
	str_add(paragraph(out), t->step->optional
					? _("A no leaves this step out.")
					: _("A no leaves it as it is; what needs this step waits."));
}

/* What was told before all that it needs was there describes something else: a LUN that was not yet
 * connected was not seen empty. */
bool
question_is_early(const struct run *r, const struct task *t)
{
	const struct progress *p = run_progress(r, t);

	return !p->allowed && !p->fresh && !p->asked_met && !t->undo && task_class(r, t) >= ASK_DISRUPTIVE;
}

bool
question_allowed(struct run *r, struct task *t)
{
	struct progress *p = run_progress(r, t);
	enum ask_class class = task_class(r, t);
	CLEAN_STR id = STR_INIT(512);
	CLEAN_STR title = STR_INIT(1536);
	CLEAN_STR text = STR_INIT(TEXT_MAX);

	if (p->allowed || class < ASK_DISRUPTIVE)
		return true;
	if (!question_weigh(r, t)) {
		run_state(r, t, TASK_WAITING);
		return false;
	}
	if (p->thin)
		class = ASK_DESTRUCTIVE;
	str_addf(&id, "confirm:%s", t->key);
	/* the same step asks once for each machine */
	if (t->node)
		str_addf(&title, "%s · ", t->node->name);
	task_title(&title, t);
	p->confirmed = class == ASK_DESTRUCTIVE;
	question_tell(r, t, &text);
	struct ask ask = {
		.type = class == ASK_DESTRUCTIVE ? ASK_NAME : ASK_CONFIRM,
		.class = class,
		.id = str_text(&id),
		.title = str_text(&title),
		.text = str_text(&text),
		.expect = task_own_name(r, t),
	};
	ask_put(&r->asker, &ask, question_answered, question_new(r, t));
	return false;
}

/* ---- secrets ---- */

const char *
question_secret(const struct run *r, const char *name)
{
	const struct secret_value *s;

	vec_each(s, &r->secrets)
		if (!strcmp(s->name, name))
			return s->value;
	return NULL;
}

static void
secret_answered(void *ctx, const char *answer)
{
	struct question *q = ctx;
	struct err e = { 0 };

	if (question_is_stale(q)) {
		question_free(q);
		return;
	}
	if (answer) {
		log_secret(answer);
		vec_push(&q->run->secrets,
			 ((struct secret_value){ xstrdup(q->secret), xstrdup(answer) }));
		run_state(q->run, q->task, q->back);
	} else {
		err_set(&e, E_INPUT, _("the secret '%s' was not given"), q->secret);
		err_hint(&e, _("Give it by --secrets=FILE with a line '%s = …'."), q->secret);
		run_fail(q->run, q->task, q->back == TASK_PENDING ? TASK_UNKNOWN : TASK_FAILED, &e);
	}
	question_free(q);
}

/* Whose password it is, and what becomes of it. */
static void
secret_tell(const struct run *r, const char *name, struct str *out)
{
	if (!strcmp(name, "domain.admin"))
		str_addf(out, _("The password of the domain's Administrator (%s). A new domain gets it now, "
				"one that is there is entered with it."), name);
	else if (str_starts(name, "chap."))
		str_addf(out, _("The password by which nodes log in to the iSCSI target %s (%s). A new target "
				"gets it now."), name + 5, name);
	else
		str_addf(out, _("The password '%s'."), name);
	str_add(paragraph(out), _("It is written into no file and no log."));
	if (r->opts.world == WORLD_SIMULATED)
		str_addf(out, " %s", _("SIMULATED: any will do."));
}

static void
secret_ask(struct run *r, struct task *t, const char *name)
{
	struct question *q = question_new(r, t);
	CLEAN_STR id = STR_INIT(300);
	CLEAN_STR text = STR_INIT(TEXT_MAX);

	q->secret = xstrdup(name);
	str_addf(&id, "secret:%s", name);
	secret_tell(r, name, &text);
	struct ask ask = {
		.type = ASK_SECRET,
		.id = str_text(&id),
		.title = t->step->title,
		.text = str_text(&text),
	};
	ask_put(&r->asker, &ask, secret_answered, q);
}

/* "chap.{target}:target.chap_user" is only wanted where that setting is not empty. */
static bool
secret_is_wanted(const struct run *r, const struct task *t, const struct secret_ref *s)
{
	CLEAN_STR text = STR_INIT(1024);

	return !s->field || (!param_text(r->plan->model, t->node, t->lun, t->target, t->vm, s->field,
					 &text, NULL) &&
			     text.len > 0);
}

bool
question_secrets(struct run *r, struct task *t)
{
	const struct secret_ref *s;

	vec_each(s, &t->step->secrets) {
		CLEAN_STR name = STR_INIT(256);

		task_secret(t, s->name, &name);
		if (!secret_is_wanted(r, t, s) || question_secret(r, str_text(&name)))
			continue;
		secret_ask(r, t, str_text(&name));
		return false;
	}
	return true;
}

void
question_forget(struct run *r)
{
	struct secret_value *s;

	vec_each(s, &r->secrets) {
		explicit_bzero((char *)s->value, strlen(s->value));
		free((char *)s->value);
		free((char *)s->name);
	}
	vec_free(&r->secrets);
}
