/* A run: decides what may start now, and what an answer means. Knows tasks and facts, not
 * how anything travels. */
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <unistd.h>
#include "base/nls.h"
#include "base/text.h"
#include "engine/runpriv.h"

enum { REASON_MAX = 1024 };

static void run_pump(void *ctx);

bool
task_state_is_good(enum task_state s)
{
	return s == TASK_OK || s == TASK_CHANGED || s == TASK_UNDONE;
}

bool
task_state_is_final(enum task_state s)
{
	return task_state_is_good(s) || s == TASK_FAILED || s == TASK_UNKNOWN || s == TASK_SKIPPED ||
	       s == TASK_BLOCKED || s == TASK_STOPPED;
}

struct progress *
run_progress(const struct run *r, const struct task *t)
{
	return &r->progress[t->index];
}

/* ---- telling ---- */

void
run_emit(struct run *r, struct event *e)
{
	e->run = r;
	e->at_ms = loop_now_ms(r->loop);
	for (size_t i = 0; i < r->nsinks; i++)
		r->sinks[i].fn(r->sinks[i].ctx, e);
}

static void lock_release(struct run *r, struct task *t);

void
run_state(struct run *r, struct task *t, enum task_state s)
{
	enum task_state from = t->state;
	int64_t now = loop_now_ms(r->loop);

	if (from == s)
		return;
	if (task_state_is_final(s) || s == TASK_TODO) {
		if (t->step->reboots && run_progress(r, t)->locked)
			link_for(r, t->node)->restart_due = false;
		lock_release(r, t);
	}
	if (from == TASK_APPLYING)
		t->spent_ms = now - t->since_ms;
	t->state = s;
	t->since_ms = now;
	run_emit(r, &(struct event){ .type = EV_TASK, .task = t, .node = t->node, .from = from });
}

void
run_fail(struct run *r, struct task *t, enum task_state s, const struct err *err)
{
	t->err = *err;
	run_state(r, t, s);
}

void
run_reason(struct run *r, struct task *t, enum event_type type, const char *id,
	   const char *const *args, size_t nargs)
{
	CLEAN_STR raw = STR_INIT(REASON_MAX * 4);
	CLEAN_STR text = STR_INIT(REASON_MAX);

	step_message(t->step, id, args, nargs, &raw);
	text_clean(&text, str_text(&raw), raw.len, false);
	if (type == EV_REASON) {
		free(t->reason);
		t->reason = xstrdup(str_text(&text));
	}
	run_emit(r, &(struct event){ .type = type, .task = t, .node = t->node, .name = id,
				     .text = str_text(&text), .len = text.len });
}

void
run_output(struct run *r, struct task *t, int stream, const char *text, size_t n)
{
	run_emit(r, &(struct event){ .type = EV_OUTPUT, .task = t, .node = t->node, .stream = stream,
				     .text = text, .len = n });
}

void
run_error(struct run *r, const struct node *node, const struct err *err)
{
	run_emit(r, &(struct event){ .type = EV_ERROR, .node = node, .err = err });
}

static bool
step_pins(const struct step *s, const char *name)
{
	char **p;

	vec_each(p, &s->pins)
		if (!strcmp(*p, name))
			return true;
	return false;
}

/* A proven identity is written down at once; one that differs from what was proven stops its task. */
void
run_value(struct run *r, struct task *t, const char *name, const char *text)
{
	CLEAN_STR key = STR_INIT(1024);
	struct err err = { 0 };

	values_key(name, t, &key);
	run_emit(r, &(struct event){ .type = EV_VALUE, .task = t, .node = t->node,
				     .name = str_text(&key), .text = text, .len = strlen(text) });
	if (!strcmp(name, "lun.content"))
		run_progress(r, t)->proven_empty = !strcmp(text, "empty");
	if (!step_pins(t->step, name)) {
		values_set(r->values, str_text(&key), text);
		return;
	}
	/* Whoever makes the object may give it another identity; whoever looks at it may not. */
	if (t->state == TASK_APPLYING)
		values_unpin(r->values, str_text(&key));
	bool known = values_is_pinned(r->values, str_text(&key));

	if (values_pin(r->values, str_text(&key), text, &err)) {
		t->err = err;
		run_progress(r, t)->identity_differs = true;
		return;
	}
	if (!known && r->opts.pins_path && values_save_pins(r->values, r->opts.pins_path, &err))
		run_error(r, NULL, &err);
}

void
run_fatal(struct run *r, const struct err *err)
{
	if (r->fatal.code)
		return;
	r->fatal = *err;
	r->stopping = true;
	run_error(r, NULL, err);
	run_pump_later(r);
}

/* ---- facts, locks ---- */

enum needs { NEEDS_MET, NEEDS_OPEN, NEEDS_LOST };

static enum needs
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

/* The task that stands in the way: the first one that did not end well. */
static const struct task *
run_culprit(const struct run *r, const struct task *t)
{
	for (size_t i = 0; i < t->after.n; i++) {
		const struct task *need = r->plan->tasks.at[t->after.at[i]];

		if (!task_state_is_good(need->state))
			return need;
	}
	return NULL;
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

static void
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

/* ---- answers ---- */

static void
run_identity_failed(struct run *r, struct task *t)
{
	run_progress(r, t)->identity_differs = false;
	run_state(r, t, TASK_FAILED);
}

/* What was undone has no identity any more. */
static void
run_forget_pins(struct run *r, struct task *t)
{
	struct err err = { 0 };
	char **name;

	vec_each(name, &t->step->pins) {
		CLEAN_STR key = STR_INIT(1024);

		values_key(*name, t, &key);
		values_unpin(r->values, str_text(&key));
	}
	if (t->step->pins.n && r->opts.pins_path && values_save_pins(r->values, r->opts.pins_path, &err))
		run_error(r, NULL, &err);
}

/* After an apply: 0 is the proof; anything else is a failure that says so. */
static void
run_verified(struct run *r, struct task *t, int code)
{
	bool good = t->undo ? code == 7 : code == 0;
	struct err e = { 0 };

	if (good) {
		if (t->undo)
			run_forget_pins(r, t);
		run_state(r, t, t->undo ? TASK_UNDONE : TASK_CHANGED);
		return;
	}
	err_set(&e, E_STEP, code < 0 ? _("it was done, but whether it holds could not be told")
				     : _("it was done, but does not hold: %s"),
		t->reason ? t->reason : "-");
	err_hint(&e, _("Read the output of the step, then run again: what holds is left alone."));
	run_fail(r, t, code < 0 ? TASK_UNKNOWN : TASK_FAILED, &e);
}

static bool
task_has_open_needs(const struct run *r, const struct task *t)
{
	return r->opts.mode != MODE_CHECK && run_needs(r, t) == NEEDS_OPEN;
}

void
run_checked(struct run *r, struct task *t, int code)
{
	struct progress *p = run_progress(r, t);

	if (task_state_is_final(t->state) || p->job != JOB_NOT_KEPT)
		return;
	if (p->identity_differs) {
		run_identity_failed(r, t);
		return;
	}
	if (t->state == TASK_VERIFYING) {
		p->again = false;
		run_verified(r, t, code);
		return;
	}
	p->checked = true;
	p->code = code;
	if (code == 0 || (code == 7 && t->undo)) {
		/* What is to be undone and does not hold is undone already. */
		bool done = t->undo == (code == 7);

		run_state(r, t, done ? TASK_OK : TASK_TODO);
	} else if (code == 7) {
		run_state(r, t, TASK_TODO);
	} else if (task_has_open_needs(r, t)) {
		/* Perhaps it can be told once what it needs is there. */
		p->checked = false;
		p->again = true;
		run_state(r, t, TASK_WAITING);
	} else {
		run_state(r, t, TASK_UNKNOWN);
	}
	run_pump_later(r);
}

void
run_applied(struct run *r, struct task *t, int code)
{
	struct progress *p = run_progress(r, t);
	bool ours = p->job != JOB_LEFT;
	struct err e = { 0 };

	p->job = JOB_NOT_KEPT;
	if (!ours || code == JOB_GONE) {
		/* Not begun by this run, or gone with a restart: only the check knows. */
		p->checked = p->fresh = false;
		run_state(r, t, TASK_PENDING);
	} else if (code == 0 && (t->step->reboots || p->asked_reboot)) {
		p->asked_reboot = false;
		link_reboot(link_for(r, t->node), t);
	} else if (code == 0) {
		run_state(r, t, TASK_VERIFYING);
	} else {
		if (code == JOB_DIED)
			err_set(&e, E_REMOTE, _("the job was ended from outside, or took longer than %d s"),
				t->step->limit_s);
		else if (t->reason)
			err_set(&e, E_STEP, "%s", t->reason);
		else
			err_set(&e, E_STEP, _("the step ended with code %d"), code);
		err_hint(&e, _("Its last lines stand below; mend the cause and run again."));
		run_fail(r, t, TASK_FAILED, &e);
	}
	run_pump_later(r);
}

/* ---- guards: asked anew, under the lock, right before apply ---- */

void
run_guard_answer(struct run *r, struct task *owner, struct task *t, int code)
{
	struct progress *p = run_progress(r, owner);

	if (t != owner) {
		if (code != 0)
			p->guard_refused = true;
		return;
	}
	p->code = code;
	if (code < 0)
		p->guard_refused = true;
}

void
run_guarded(struct run *r, struct task *owner)
{
	struct progress *p = run_progress(r, owner);
	struct err e = { 0 };

	if (owner->state != TASK_CHECKING)
		return;
	if (p->guard_refused) {
		p->guard_refused = false;
		err_set(&e, E_STEP, _("not everything that must be safe before it could be proven"));
		err_hint(&e, _("A node did not answer, or uses the object. Nothing was changed."));
		run_fail(r, owner, TASK_FAILED, &e);
	} else if (p->code == (owner->undo ? 7 : 0)) {
		run_state(r, owner, TASK_OK);
	} else {
		p->fresh = true;
		run_state(r, owner, TASK_WAITING);
	}
	run_pump_later(r);
}

static bool
task_wants_guard(const struct task *t)
{
	enum risk risk = t->undo ? t->step->undo_risk : t->step->risk;

	return t->guards.n > 0 || risk >= RISK_DISRUPTIVE;
}

/* Own check and guards, one script per node. */
static void
run_guard(struct run *r, struct task *t)
{
	struct progress *p = run_progress(r, t);
	VEC(struct task *) all = { 0 };

	run_state(r, t, TASK_CHECKING);
	p->guards_left = 1; /* until all are sent */
	vec_push(&all, t);
	for (size_t i = 0; i < t->guards.n; i++)
		vec_push(&all, r->plan->tasks.at[t->guards.at[i]]);
	while (all.n) {
		VEC(struct task *) one = { 0 };
		const struct node *node = all.at[0]->node;
		struct link *l = link_for(r, node);

		for (size_t i = all.n; i-- > 0;)
			if (all.at[i]->node == node) {
				vec_push(&one, all.at[i]);
				vec_remove(&all, i);
			}
		if (link_is_ready(l)) {
			p->guards_left++;
			trip_check(l, one.at, one.n, t);
		} else {
			p->guard_refused = true;
		}
		vec_free(&one);
	}
	vec_free(&all);
	if (--p->guards_left == 0)
		run_guarded(r, t);
}

/* ---- questions ---- */

struct question {
	struct run *run;
	struct task *task;
};

static void
run_answer(void *ctx, const char *answer)
{
	struct question *q = ctx;
	struct progress *p = run_progress(q->run, q->task);
	struct err e = { 0 };

	if (!q->run->ended && q->task->state == TASK_ASKING) {
		if (answer) {
			p->allowed = true;
			run_state(q->run, q->task, TASK_WAITING);
		} else if (q->task->step->optional) {
			run_state(q->run, q->task, TASK_SKIPPED);
		} else {
			err_set(&e, E_CANCELLED, _("it was not allowed"));
			err_hint(&e, p->confirmed ? _("Type the object's own name to allow it, or give "
						      "--confirm=NAME.")
						  : _("Answer yes to allow it, or give --yes."));
			run_fail(q->run, q->task, TASK_FAILED, &e);
		}
		if (!answer)
			p->confirmed = false;
		run_pump_later(q->run);
	}
	free(q);
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

static void
run_ask(struct run *r, struct task *t, enum ask_class class)
{
	struct question *q = xcalloc(1, sizeof *q);
	CLEAN_STR id = STR_INIT(512);
	const char *name = t->lun ? t->lun->name : t->vm ? t->vm->name
			   : t->node ? t->node->name : r->plan->model->cluster.name;
	struct ask ask = {
		.type = class == ASK_DESTRUCTIVE ? ASK_NAME : ASK_CONFIRM,
		.class = class,
		.title = t->step->title,
		.text = t->reason,
		.expect = name,
	};

	str_addf(&id, "confirm:%s", t->key);
	ask.id = str_text(&id);
	*q = (struct question){ r, t };
	run_progress(r, t)->confirmed = class == ASK_DESTRUCTIVE;
	run_state(r, t, TASK_ASKING);
	ask_put(&r->asker, &ask, run_answer, q);
}

/* ---- native steps ---- */

struct native_run {
	struct native_call call;
	struct run *run;
	struct task *task;
};

static void
native_tell(void *ctx, const char *kind, const char *const *args, size_t nargs)
{
	struct native_run *n = ctx;

	if (!strcmp(kind, "value") && nargs == 2)
		run_value(n->run, n->task, args[0], args[1]);
	else if (nargs)
		run_reason(n->run, n->task,
			   !strcmp(kind, "warn")   ? EV_WARN
			   : !strcmp(kind, "hint") ? EV_HINT
						   : EV_REASON,
			   args[0], args + 1, nargs - 1);
}

static void
native_say(void *ctx, const char *text)
{
	struct native_run *n = ctx;

	run_output(n->run, n->task, 1, text, strlen(text));
}

static void
native_done(void *ctx, int code, const struct err *err)
{
	struct native_run *n = ctx;
	struct run *r = n->run;

	if (!r->ended) {
		if (err && err->code)
			n->task->err = *err;
		r->natives--;
		run_checked(r, n->task, code == 0 || code == 7 ? code : -1);
		run_pump_later(r);
	}
	free(n);
}

static struct transport *
native_link(void *ctx, const struct node *node, struct err *err)
{
	struct native_run *n = ctx;
	struct link *l = link_for(n->run, node);

	if (l->failed && err)
		*err = l->err;
	return l->failed ? NULL : l->transport;
}

static const struct native *
run_native(const struct run *r, const struct task *t)
{
	if (t->step->run != RUN_NATIVE || r->opts.world == WORLD_SIMULATED)
		return NULL;
	for (const struct native *n = r->sv->natives; n && n->step; n++)
		if (!strcmp(n->step, t->step->id))
			return n;
	return NULL;
}

static void
run_native_check(struct run *r, struct task *t, const struct native *native)
{
	struct native_run *n = xcalloc(1, sizeof *n);

	n->run = r;
	n->task = t;
	n->call = (struct native_call){
		.loop = r->loop, .sv = r->sv, .model = r->plan->model, .world = r->opts.world,
		.asker = &r->asker, .task = t, .values = r->values, .secret = r->opts.secret,
		.link = native_link, .tell = native_tell, .say = native_say, .done = native_done,
		.ctx = n,
	};
	r->natives++;
	run_state(r, t, TASK_CHECKING);
	native->check(&n->call);
}

/* ---- the schedule ---- */

static bool
task_may_be_checked(const struct run *r, const struct task *t)
{
	struct progress *p = run_progress(r, t);

	if (p->job != JOB_NOT_KEPT)
		return false;
	if (t->state == TASK_VERIFYING)
		return p->again;
	if (t->state == TASK_WAITING && p->again)
		return run_needs(r, t) == NEEDS_MET;
	if (t->state != TASK_PENDING)
		return false;
	/* A native check is work of its own: it waits for what it needs. */
	if (run_native(r, t))
		return run_needs(r, t) == NEEDS_MET;
	return compose_ready(&r->compose, t, NULL);
}

/* A task whose check cannot run before something else is done tells so. */
static void
run_tell_waiting(struct run *r, struct task *t)
{
	const char *missing = NULL;
	const struct task *culprit = run_culprit(r, t);
	CLEAN_STR text = STR_INIT(REASON_MAX);
	const char *giver;

	if (!t->reason && !compose_ready(&r->compose, t, &missing)) {
		giver = compose_giver(&r->compose, missing);
		str_addf(&text, _("%s is known after %s"), missing, giver ? giver : "?");
	} else if (culprit) {
		str_addf(&text, _("it needs %s"), culprit->key);
	} else {
		return;
	}
	free(t->reason);
	t->reason = xstrdup(str_text(&text));
}

static void
run_block(struct run *r, struct task *t)
{
	run_tell_waiting(r, t);
	run_state(r, t, TASK_BLOCKED);
}

static bool
task_is_missing_script(const struct run *r, const struct task *t)
{
	return !t->step->script && !run_native(r, t) && r->opts.world != WORLD_SIMULATED;
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
		if ((*t)->node != node || !task_may_be_checked(r, *t))
			continue;
		const struct native *native = run_native(r, *t);

		if (l->failed && !native)
			run_fail(r, *t, TASK_UNKNOWN, &l->err);
		else if (task_is_missing_script(r, *t))
			run_no_script(r, *t);
		else if (native)
			run_native_check(r, *t, native);
		else if (link_is_ready(l))
			vec_push(&batch, *t);
	}
	struct task **verify;

	vec_each(verify, &batch)
		run_progress(r, *verify)->again = false;
	if (batch.n)
		trip_check(l, batch.at, batch.n, NULL);
	vec_free(&batch);
}

static void
pump_apply(struct run *r, struct task *t)
{
	struct progress *p = run_progress(r, t);
	struct link *l = link_for(r, t->node);
	enum ask_class class = task_class(r, t);

	if (l->failed) {
		run_fail(r, t, TASK_UNKNOWN, &l->err);
		return;
	}
	if (!link_is_ready(l) || (t->step->reboots && l->jobs) || l->restart_due ||
	    !compose_ready(&r->compose, t, NULL) || !lock_take(r, t)) {
		run_state(r, t, TASK_WAITING);
		return;
	}
	if (!p->allowed && class >= ASK_DISRUPTIVE) {
		run_ask(r, t, class);
		return;
	}
	if (task_wants_guard(t) && !p->fresh) {
		run_guard(r, t);
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
		} else if (link_is_ready(l) && l->greeted &&
			   (t->state != TASK_APPLYING && t->state != TASK_CHECKING)) {
			run_state(r, t, TASK_APPLYING);
			trip_attach(l, t, t->undo ? VERB_UNDO : VERB_APPLY);
		}
		return;
	}
	if (r->stopping)
		return;
	if (needs == NEEDS_LOST && !task_state_is_final(t->state) &&
	    (t->state == TASK_PENDING || t->state == TASK_WAITING ||
	     (t->state == TASK_TODO && r->opts.mode != MODE_CHECK))) {
		/* In a check, a question whose answer needs a value is only work to do. */
		run_block(r, t);
		return;
	}
	if (r->opts.mode == MODE_CHECK || !task_waits_for_apply(r, t) || needs != NEEDS_MET)
		return;
	if (t->part == PART_CONTEXT) {
		run_block(r, t);
		return;
	}
	pump_apply(r, t);
}

/* Values that only differ between nodes: told as one warning per value. */
static void
run_compare(struct run *r, const struct step *s)
{
	char **name;

	vec_each(name, &s->same) {
		CLEAN_STR text = STR_INIT(REASON_MAX);
		const char *first = NULL;
		bool differs = false;
		struct task **t, *any = NULL;

		vec_each(t, &r->plan->tasks) {
			CLEAN_STR key = STR_INIT(512);
			const char *value;

			if ((*t)->step != s)
				continue;
			values_key(*name, *t, &key);
			value = values_get(r->values, str_text(&key));
			any = *t;
			differs |= first && value && strcmp(first, value) != 0;
			first = first ? first : value;
			str_addf(&text, "%s%s = %s", text.len ? ", " : "",
				 (*t)->node ? (*t)->node->name : "-", value ? value : "?");
		}
		if (differs)
			run_reason(r, any, EV_WARN, "differs",
				   (const char *[]){ *name, str_text(&text) }, 2);
	}
}

static void
run_compare_all(struct run *r)
{
	struct step **s;

	vec_each(s, &r->plan->catalog->steps)
		if ((*s)->same.n)
			run_compare(r, *s);
}

/* ---- the end ---- */

static void
run_count(const struct run *r, struct run_stats *st)
{
	size_t *const counters[TASK__COUNT] = {
		[TASK_OK] = &st->ok,	       [TASK_CHANGED] = &st->changed,
		[TASK_UNDONE] = &st->changed,  [TASK_FAILED] = &st->failed,
		[TASK_UNKNOWN] = &st->unknown, [TASK_TODO] = &st->todo,
		[TASK_SKIPPED] = &st->skipped, [TASK_BLOCKED] = &st->blocked,
		[TASK_STOPPED] = &st->stopped,
	};
	struct task **t;

	vec_each(t, &r->plan->tasks)
		if (counters[(*t)->state])
			++*counters[(*t)->state];
}

void
run_stats(const struct run *r, struct run_stats *ret)
{
	struct link **l;

	memset(ret, 0, sizeof *ret);
	run_count(r, ret);
	vec_each(l, &r->links) {
		ret->nodes += (*l)->node != NULL;
		ret->round_trips += (*l)->transport ? (*l)->transport->round_trips : 0;
	}
	ret->wall_ms = (r->ended ? r->ended_ms : loop_now_ms(r->loop)) - r->began_ms;
}

int
run_code(const struct run *r)
{
	struct run_stats st = { 0 };

	run_count(r, &st);
	if (st.failed || r->fatal.code)
		return 1;
	if (st.unknown)
		return 4;
	if (st.stopped)
		return 3;
	return st.todo || st.blocked ? 7 : 0;
}

static void
run_finish(struct run *r)
{
	if (r->ended)
		return;
	r->ended = true;
	r->ended_ms = loop_now_ms(r->loop);
	loop_timer_del(r->loop, r->lease_timer);
	r->lease_timer = 0;
	run_emit(r, &(struct event){ .type = EV_RUN_END, .code = run_code(r) });
	r->done(r->done_ctx, run_code(r));
}

/* One last word to each node: the lease goes, and the folders of jobs whose result is here. */
static void
run_close(struct run *r)
{
	struct link **l;
	struct task **t;

	r->closing = true;
	vec_each(t, &r->plan->tasks) {
		bool quiet = r->opts.mode == MODE_CHECK && (*t)->state == TASK_TODO;

		if (task_state_is_final((*t)->state) || quiet)
			continue;
		if (r->stopping)
			run_state(r, *t, TASK_STOPPED);
		else
			run_block(r, *t);
	}
	run_compare_all(r);
	vec_each(l, &r->links)
		if (link_is_ready(*l) && (*l)->greeted && ((*l)->leased || (*l)->taken.n))
			trip_head(*l, (*l)->leased ? LEASE_DROP : LEASE_NONE);
}

static bool
run_is_idle(const struct run *r)
{
	struct link **l;
	struct task **t;

	if (r->trips || r->natives)
		return false;
	vec_each(l, &r->links)
		if (!(*l)->failed && ((*l)->waiting || (*l)->rebooting))
			return false;
	vec_each(t, &r->plan->tasks)
		if ((*t)->state == TASK_ASKING)
			return false;
	return true;
}

static void
run_pump(void *ctx)
{
	struct run *r = ctx;
	struct task **t;
	struct node *n;

	r->pump_due = false;
	if (r->ended)
		return;
	if (!r->closing) {
		if (!r->stopping) {
			pump_checks(r, NULL);
			vec_each(n, &r->plan->model->nodes)
				if (r->nodes_used[n - r->plan->model->nodes.at])
					pump_checks(r, n);
		}
		for (size_t i = 0; i < r->plan->order.n; i++) {
			t = &r->plan->tasks.at[r->plan->order.at[i]];
			if (!task_state_is_final((*t)->state))
				pump_task(r, *t);
		}
		if (!run_is_idle(r) || r->pump_due)
			return;
		run_close(r);
	}
	if (run_is_idle(r))
		run_finish(r);
}

void
run_pump_later(struct run *r)
{
	if (r->pump_due || r->ended || !r->started)
		return;
	r->pump_due = true;
	loop_defer(r->loop, run_pump, r);
}

static void
run_renew_leases(void *ctx)
{
	struct run *r = ctx;
	struct link **l;

	vec_each(l, &r->links)
		if ((*l)->leased && link_is_ready(*l) && !r->closing)
			trip_head(*l, LEASE_RENEW);
	r->lease_timer = loop_timer_add(r->loop, LEASE_RENEW_MS, run_renew_leases, r);
}

/* ---- public ---- */

static void
run_name_console(struct run *r)
{
	char host[64] = "";

	/* The machine's own id, since two consoles may carry one host name. */
	if (gethostname(host, sizeof host - 1) || !*host)
		str_put(host, sizeof host, "console");
	snprintf(r->console, sizeof r->console, "%s-%08x:%d:%s", host, (unsigned)gethostid(),
		 (int)getpid(), r->id);
}

struct run *
run_new(struct loop *l, struct plan *p, const struct services *sv, const struct asker *asker,
	const struct run_opts *opts, const struct sink *sinks, size_t nsinks)
{
	struct run *r = xcalloc(1, sizeof *r);
	struct task **t;

	r->loop = l;
	r->plan = p;
	r->sv = sv;
	r->asker = *asker;
	r->opts = *opts;
	r->sinks = xcalloc(nsinks + 1, sizeof *sinks);
	if (nsinks)
		memcpy(r->sinks, sinks, nsinks * sizeof *sinks);
	r->nsinks = nsinks;
	r->values = values_new();
	r->progress = xcalloc(p->tasks.n + 1, sizeof *r->progress);
	r->nodes_used = xcalloc(p->model->nodes.n + 1, sizeof *r->nodes_used);
	vec_each(t, &p->tasks)
		if ((*t)->node)
			r->nodes_used[(*t)->node - p->model->nodes.at] = true;
	random_hex(r->id, 8);
	run_name_console(r);
	r->compose = (struct compose){ .plan = p, .values = r->values, .run_nonce = r->id,
				       .console = r->console };
	return r;
}

struct run *
run_free(struct run *r)
{
	struct link **l;
	char **lock;

	if (!r)
		return NULL;
	r->ended = r->closing = true;
	loop_timer_del(r->loop, r->lease_timer);
	loop_forget(r->loop, r);
	vec_each(l, &r->links)
		link_free(*l);
	vec_free(&r->links);
	vec_each(lock, &r->locks)
		free(*lock);
	vec_free(&r->locks);
	vec_each(lock, &r->secret_names)
		free(*lock);
	vec_free(&r->secret_names);
	values_free(r->values);
	free(r->progress);
	free(r->nodes_used);
	free(r->sinks);
	free(r);
	return NULL;
}

void
run_start(struct run *r, void (*done)(void *ctx, int code), void *ctx)
{
	struct err err = { 0 };

	r->done = done;
	r->done_ctx = ctx;
	r->started = true;
	r->began_ms = loop_now_ms(r->loop);
	run_emit(r, &(struct event){ .type = EV_RUN_START });
	if (r->opts.pins_path && values_load_pins(r->values, r->opts.pins_path, &err))
		run_fatal(r, &err);
	if (r->opts.lease)
		r->lease_timer = loop_timer_add(r->loop, LEASE_RENEW_MS, run_renew_leases, r);
	run_pump_later(r);
}

void
run_stop(struct run *r)
{
	r->stopping = true;
	run_pump_later(r);
}

void
run_abort(struct run *r)
{
	struct task **t;

	r->stopping = r->closing = true;
	vec_each(t, &r->plan->tasks)
		if (!task_state_is_final((*t)->state) &&
		    !(r->opts.mode == MODE_CHECK && (*t)->state == TASK_TODO))
			run_state(r, *t, TASK_STOPPED);
	run_finish(r);
}

static void
run_revive(struct run *r, struct task *t)
{
	struct progress *p = run_progress(r, t);

	*p = (struct progress){ .attempt = p->attempt };
	memset(&t->err, 0, sizeof t->err);
	run_state(r, t, TASK_PENDING);
	for (size_t i = 0; i < r->plan->tasks.n; i++) {
		struct task *user = r->plan->tasks.at[i];

		for (size_t k = 0; k < user->after.n; k++)
			if (user->after.at[k] == t->index && user->state == TASK_BLOCKED) {
				run_revive(r, user);
				break;
			}
	}
}

void
run_retry(struct run *r, struct task *t)
{
	struct link *l = link_for(r, t->node);

	if (r->ended || (t->state != TASK_FAILED && t->state != TASK_UNKNOWN))
		return;
	l->failed = l->transport == NULL;
	run_revive(r, t);
	run_pump_later(r);
}

void
run_skip(struct run *r, struct task *t)
{
	if (!t->step->optional || task_state_is_good(t->state) || t->state == TASK_APPLYING)
		return;
	run_state(r, t, TASK_SKIPPED);
	run_pump_later(r);
}

const struct values *
run_values(const struct run *r)
{
	return r->values;
}

struct plan *
run_plan(const struct run *r)
{
	return r->plan;
}

enum run_mode
run_mode(const struct run *r)
{
	return r->opts.mode;
}

enum world
run_world(const struct run *r)
{
	return r->opts.world;
}

const char *
run_id(const struct run *r)
{
	return r->id;
}
