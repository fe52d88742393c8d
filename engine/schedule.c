/* What may start now: needs met, locks free, node there. Checks of one node travel together;
 * whatever may run at once does. */
#include <stdlib.h>
#include <string.h>
#include "base/nls.h"
#include "engine/runpriv.h"
#include "engine/view.h"

enum { REASON_MAX = 1024 };

enum needs
run_needs(const struct run *r, const struct task *t)
{
	enum needs answer = NEEDS_MET;

	for (size_t i = 0; i < t->after.n; i++) {
		enum task_state s = r->plan->tasks.at[t->after.at[i]]->state;

		/* What is skipped is owed: it may be, or it would not be optional. */
		if (task_state_is_good(s) || s == TASK_SKIPPED)
			continue;
		if (task_state_is_final(s) || (s == TASK_TODO && r->opts.mode == MODE_CHECK))
			return NEEDS_LOST;
		answer = NEEDS_OPEN;
	}
	return answer;
}

/* The task that stands in the way: the first one that ended badly, or else has not ended. */
static const struct task *
run_culprit(const struct run *r, const struct task *t)
{
	const struct task *open = NULL;

	for (size_t i = 0; i < t->after.n; i++) {
		const struct task *need = r->plan->tasks.at[t->after.at[i]];

		if (task_state_is_good(need->state) || need->state == TASK_SKIPPED)
			continue;
		if (task_state_is_final(need->state))
			return need;
		open = open ? open : need;
	}
	return open;
}

/* "lun:vm", "pkg:hv-1": what the lock is about. A restart takes the whole node. */
static void
lock_key(const struct task *t, enum lock lock, struct str *out)
{
	const char *node = t->node ? t->node->name : "console";

	if (lock == LOCK_CLUSTER)
		str_add(out, "cluster");
	else if (lock == LOCK_LUN)
		str_addf(out, "lun:%s", t->lun ? t->lun->name : "*");
	else
		str_addf(out, "%s:%s", lock_words[lock], node);
}

static bool
lock_is_held(const struct run *r, const char *key)
{
	char **held;

	vec_each(held, &r->locks)
		if (!strcmp(*held, key))
			return true;
	return false;
}

static bool
lock_take(struct run *r, struct task *t)
{
	struct progress *p = run_progress(r, t);

	if (p->locked)
		return true;
	for (int i = 0; i < LOCK__COUNT; i++) {
		CLEAN_STR key = STR_INIT(512);

		lock_key(t, i, &key);
		if ((t->step->locks & (1u << i)) && lock_is_held(r, str_text(&key)))
			return false;
	}
	for (int i = 0; i < LOCK__COUNT; i++) {
		CLEAN_STR key = STR_INIT(512);

		lock_key(t, i, &key);
		if (t->step->locks & (1u << i))
			vec_push(&r->locks, xstrdup(str_text(&key)));
	}
	p->locked = true;
	return true;
}

void
lock_release(struct run *r, struct task *t)
{
	struct progress *p = run_progress(r, t);

	if (!p->locked)
		return;
	p->locked = false;
	for (int i = 0; i < LOCK__COUNT; i++) {
		CLEAN_STR key = STR_INIT(512);

		lock_key(t, i, &key);
		for (size_t k = 0; (t->step->locks & (1u << i)) && k < r->locks.n; k++)
			if (!strcmp(r->locks.at[k], str_text(&key))) {
				free(r->locks.at[k]);
				vec_remove(&r->locks, k);
				break;
			}
	}
}

/* ---- the schedule ---- */

static bool
task_may_be_checked(const struct run *r, const struct task *t)
{
	struct progress *p = run_progress(r, t);

	if (p->job != JOB_NOT_KEPT)
		return false;
	if (t->state == TASK_VERIFYING)
		return p->again && !p->confirming;
	if (t->state == TASK_WAITING && p->again)
		return run_needs(r, t) == NEEDS_MET;
	if (t->state != TASK_PENDING)
		return false;
	/* A native check is work of its own: it waits for what it needs. */
	if (native_for(r, t))
		return run_needs(r, t) == NEEDS_MET;
	return place_floats(r, t) ? place_ready(r, t) : compose_ready(&r->compose, t, NULL);
}

/* Its check goes to this node now. */
static bool
task_is_due(const struct run *r, const struct task *t, const struct node *node)
{
	const struct answer *a;

	if (!place_floats(r, t))
		return t->node == node && task_may_be_checked(r, t);
	a = place_answer(r, t, node);
	return a && a->due;
}

/* A task whose check cannot run before something else is done tells so. */
static void
run_tell_waiting(struct run *r, struct task *t)
{
	const char *missing = NULL;
	const struct task *culprit = run_culprit(r, t);
	CLEAN_STR text = STR_INIT(REASON_MAX);
	CLEAN_STR call = STR_INIT(REASON_MAX);

	if (!t->reason && !compose_ready(&r->compose, t, &missing) &&
	    !(culprit && task_state_is_final(culprit->state))) {
		const char *giver = compose_giver(&r->compose, missing);
		const struct step *s = giver ? catalog_step(r->plan->catalog, giver) : NULL;

		str_addf(&text, _("it needs what '%s' finds out"), s ? s->title : missing);
	} else if (culprit) {
		view_call(culprit, &call);
		str_addf(&text, _("it needs %s"), str_text(&call));
	} else {
		return;
	}
	free(t->reason);
	t->reason = xstrdup(str_text(&text));
}

void
run_block(struct run *r, struct task *t)
{
	run_tell_waiting(r, t);
	run_state(r, t, TASK_BLOCKED);
}

/* To do, but outside of what was selected: it is left as it is, and what needs it has to wait. */
static void
run_leave(struct run *r, struct task *t)
{
	CLEAN_STR text = STR_INIT(REASON_MAX);

	str_addf(&text, _("not selected, and still to do: %s"), t->reason ? t->reason : "-");
	free(t->reason);
	t->reason = xstrdup(str_text(&text));
	run_state(r, t, TASK_BLOCKED);
}

static bool
task_is_missing_script(const struct run *r, const struct task *t)
{
	return !t->step->script && !native_for(r, t) && r->opts.world != WORLD_SIMULATED;
}

static void
run_no_script(struct run *r, struct task *t)
{
	struct err e = { 0 };

	err_set(&e, E_STEP, t->step->run == RUN_MANUAL
				    ? _("this step is done by hand, and proven by the steps after it")
				    : _("this step has nothing that runs on this platform"));
	err_hint(&e, _("Do what its explanation says, then check the later steps."));
	run_fail(r, t, t->step->run == RUN_MANUAL ? TASK_SKIPPED : TASK_UNKNOWN, &e);
}

/* All checks of one node that may be asked now, in one script. */
static void
pump_checks(struct run *r, const struct node *node)
{
	struct link *l = link_for(r, node);
	VEC(struct task *) batch = { 0 };
	struct task **t;

	vec_each(t, &r->plan->tasks) {
		if (!task_is_due(r, *t, node))
			continue;
		const struct native *native = native_for(r, *t);

		if (l->failed && !native)
			run_fail(r, *t, TASK_UNKNOWN, &l->err);
		else if (task_is_missing_script(r, *t))
			run_no_script(r, *t);
		else if (native && question_secrets(r, *t))
			native_start(r, *t, native);
		else if (native)
			continue;
		else if (link_is_ready(l))
			vec_push(&batch, *t);
	}
	struct task **verify;

	vec_each(verify, &batch) {
		if (place_floats(r, *verify))
			continue;
		run_progress(r, *verify)->again = false;
		run_progress(r, *verify)->asked_met = run_needs(r, *verify) == NEEDS_MET;
	}
	if (batch.n)
		trip_check(l, batch.at, batch.n);
	vec_free(&batch);
}

/* What floats is asked of all its candidates. */
static void
pump_floating(struct run *r)
{
	struct task **t;

	vec_each(t, &r->plan->tasks) {
		if (!place_floats(r, *t) || run_progress(r, *t)->answers_left ||
		    !task_may_be_checked(r, *t))
			continue;
		if (task_is_missing_script(r, *t))
			run_no_script(r, *t);
		else
			place_begin(r, *t);
	}
}

static bool
task_wants_guard(const struct task *t)
{
	enum risk risk = t->undo ? t->step->undo_risk : t->step->risk;

	/* What floats may have moved since. */
	return t->guards.n > 0 || risk >= RISK_DISRUPTIVE || task_floats(t);
}

/* A node that is being tried again or restarted may answer its guards soon. */
static bool
task_guards_may_answer(struct run *r, const struct task *t)
{
	for (size_t i = 0; i < t->guards.n; i++) {
		const struct task *guard = r->plan->tasks.at[t->guards.at[i]];
		const struct link *l = link_for(r, guard->node);

		if (place_floats(r, guard))
			continue;
		if (!l->failed && !link_is_ready(l))
			return false;
	}
	return true;
}

static void
pump_apply(struct run *r, struct task *t)
{
	struct progress *p = run_progress(r, t);
	struct link *l = link_for(r, t->node);

	if (place_floats(r, t) && (!t->placed || l->failed || !link_is_ready(l))) {
		place_again(r, t);
		return;
	}
	if (l->failed) {
		run_fail(r, t, TASK_UNKNOWN, &l->err);
		return;
	}
	if (!link_is_ready(l) || (t->step->reboots && l->jobs) || l->restart_due ||
	    !compose_ready(&r->compose, t, NULL) || !lock_take(r, t)) {
		run_state(r, t, TASK_WAITING);
		return;
	}
	/* asked about how it is now: then its check and its guards come before the question */
	if (!question_is_early(r, t) && (!question_allowed(r, t) || !question_secrets(r, t)))
		return;
	if (task_wants_guard(t) && !p->fresh) {
		if (task_guards_may_answer(r, t))
			guard_begin(r, t);
		else
			run_state(r, t, TASK_WAITING);
		return;
	}
	l->restart_due |= t->step->reboots;
	run_state(r, t, TASK_APPLYING);
	trip_job(l, t, t->undo ? VERB_UNDO : VERB_APPLY);
}

static bool
task_waits_for_apply(const struct run *r, const struct task *t)
{
	const struct progress *p = run_progress(r, t);

	return (t->state == TASK_TODO || (t->state == TASK_WAITING && !p->again)) && p->checked &&
	       p->job == JOB_NOT_KEPT;
}

/* To be undone, but its check needs a value whose maker is undone already: nothing that this task
 * did can be left. */
static bool
task_is_moot(const struct run *r, const struct task *t)
{
	const char *missing = NULL;
	bool made = false;
	struct task **giver;

	if (!t->undo || t->state != TASK_PENDING || compose_ready(&r->compose, t, &missing))
		return false;
	vec_each(giver, &r->plan->tasks) {
		if (!(*giver)->undo || (*giver)->lun != t->lun || (*giver)->vm != t->vm ||
		    !step_proves((*giver)->step, missing))
			continue;
		if (!task_state_is_good((*giver)->state))
			return false;
		made = true;
	}
	return made;
}

static bool
text_has_word(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = text; (at = strstr(at, word)); at += n)
		if ((at == text || at[-1] == ',') && (!at[n] || at[n] == ','))
			return true;
	return false;
}

/* The steps, each once, that hold outside of the selection, or with those that were selected:
 * "luns/format,luns/write". */
static void
steps_name(const struct run *r, bool selected, struct str *out)
{
	struct task **t;

	vec_each(t, &r->plan->tasks) {
		if ((*t)->part == PART_CONTEXT ? (*t)->state != TASK_TODO : !selected)
			continue;
		if (!text_has_word(str_text(out), (*t)->step->id))
			str_addf(out, "%s%s", out->len ? "," : "", (*t)->step->id);
	}
}

/* A chapter of which every step that can be undone is named stands for all of them. */
static void
steps_shorten(const struct run *r, const char *all, struct str *out)
{
	const struct catalog *c = r->plan->catalog;
	struct chapter **chapter;
	struct step **s;

	vec_each(chapter, &c->chapters) {
		bool whole = true;

		vec_each(s, &c->steps)
			whole &= (*s)->chapter != *chapter || !((*s)->verbs & (1u << VERB_UNDO)) ||
				 text_has_word(all, (*s)->id);
		vec_each(s, &c->steps) {
			const char *name = whole ? (*chapter)->id : (*s)->id;

			if ((*s)->chapter == *chapter && text_has_word(all, (*s)->id) &&
			    !text_has_word(str_text(out), name))
				str_addf(out, "%s%s", out->len ? "," : "", name);
		}
	}
}

/* Something outside of the selection stands on what would be taken back. */
static void
undo_refuse(struct run *r)
{
	CLEAN_STR standing = STR_INIT(REASON_MAX);
	CLEAN_STR all = STR_INIT(REASON_MAX);
	CLEAN_STR select = STR_INIT(REASON_MAX);
	struct err e = { 0 };

	steps_name(r, false, &standing);
	steps_name(r, true, &all);
	steps_shorten(r, str_text(&all), &select);
	err_set(&e, E_INPUT, _("what was selected cannot be taken back while this stands on it: %s"),
		str_text(&standing));
	err_hint(&e, _("Nothing was changed. Take it back as well: --only=%s"),
		 str_text(&select));
	run_fatal(r, &e);
}

/* An undo of a part begins once it is known that nothing else stands on it. */
static bool
undo_may_begin(struct run *r)
{
	bool standing = false, open = false;
	struct task **t;

	if (r->opts.mode != MODE_UNDO)
		return true;
	vec_each(t, &r->plan->tasks) {
		if ((*t)->part != PART_CONTEXT || task_state_is_final((*t)->state))
			continue;
		standing |= (*t)->state == TASK_TODO;
		/* what cannot even be asked yet keeps back only what it stands on */
		open |= (*t)->state != TASK_TODO &&
			((*t)->state != TASK_PENDING || task_may_be_checked(r, *t));
	}
	if (standing && !open)
		undo_refuse(r);
	return !standing && !open;
}

static void
pump_task(struct run *r, struct task *t)
{
	struct progress *p = run_progress(r, t);
	enum needs needs = run_needs(r, t);

	if (p->job != JOB_NOT_KEPT) {
		struct link *l = link_for(r, t->node);

		if (l->failed) {
			p->job = JOB_NOT_KEPT;
			run_fail(r, t, TASK_UNKNOWN, &l->err);
		} else if (link_is_ready(l) && l->greeted && !p->followed &&
			   t->state != TASK_CHECKING) {
			p->followed = true;
			run_state(r, t, TASK_APPLYING);
			trip_attach(l, t, t->undo ? VERB_UNDO : VERB_APPLY);
		}
		return;
	}
	if (p->confirming && t->state == TASK_VERIFYING) {
		struct link *l = link_for(r, t->node);

		if (l->failed) {
			run_fail(r, t, TASK_UNKNOWN, &l->err);
		} else if (link_is_ready(l) && !p->confirm_sent) {
			p->confirm_sent = true;
			trip_confirm(l, t);
		}
		return;
	}
	if (r->stopping)
		return;
	if (task_is_moot(r, t)) {
		run_state(r, t, TASK_OK);
		run_pump_later(r);
		return;
	}
	if (needs == NEEDS_LOST && !task_state_is_final(t->state) &&
	    (t->state == TASK_PENDING || t->state == TASK_WAITING ||
	     (t->state == TASK_TODO && r->opts.mode != MODE_CHECK))) {
		/* In a check, a question whose answer needs a value is only work to do. */
		run_block(r, t);
		return;
	}
	if (r->opts.mode == MODE_CHECK || !task_waits_for_apply(r, t) || needs != NEEDS_MET)
		return;
	if (!undo_may_begin(r))
		return;
	if (t->part == PART_CONTEXT) {
		run_leave(r, t);
		return;
	}
	pump_apply(r, t);
}

void
schedule(struct run *r)
{
	struct node *n;

	if (!r->stopping) {
		pump_floating(r);
		pump_checks(r, NULL);
		vec_each(n, &r->plan->model->nodes)
			if (r->nodes_used[n - r->plan->model->nodes.at])
				pump_checks(r, n);
	}
	for (size_t i = 0; i < r->plan->order.n; i++) {
		struct task *t = r->plan->tasks.at[r->plan->order.at[i]];

		if (!task_state_is_final(t->state))
			pump_task(r, t);
	}
	if (!r->stopping)
		guards_send(r);
}
