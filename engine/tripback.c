/* What comes back from a node: lines understood, and the end of a script turned into the answers
 * that the run waits for. */
#include <stdlib.h>
#include <string.h>
#include "base/nls.h"
#include "engine/runpriv.h"

/* ---- what comes back ---- */

/* The position of the task that is asked now: answers come in the order of the questions. */
static size_t
trip_position(const struct trip *t, const char *index)
{
	uint64_t i;

	if (t->begun >= t->tasks.n || !str_to_u64(index, &i) || t->tasks.at[t->begun]->index != i)
		return SIZE_MAX;
	return t->begun;
}

/* What is said of a task that floats is kept, and told on once it is known to count. */
static void
trip_hear(struct trip *t)
{
	struct run *r = t->link->run;

	answer_clear(&t->heard);
	t->hearing = NULL;
	if (!place_floats(r, t->current))
		return;
	if (t->kind == TRIP_CHECK)
		t->hearing = place_answer(r, t->current, t->link->node);
	if (!t->hearing)
		t->hearing = &t->heard;
}

static void
on_begin(struct trip *t, const struct marker *m)
{
	size_t i = trip_position(t, marker_arg(m, 0));

	trip_output_end(t);
	t->current = NULL;
	if (i == SIZE_MAX)
		return;
	t->current = t->tasks.at[i];
	trip_hear(t);
	if (t->hearing)
		return;
	free(t->current->reason);
	t->current->reason = NULL;
}

/* Everybody who waits for this answer. */
static void
guards_told(struct trip *t, struct task *task, bool as_guard, const char *code)
{
	struct run *r = t->link->run;
	struct guard *g;

	t->heard.told = true;
	t->heard.code = check_code(code);
	/* A guard that floats proves nothing on a node that may not be the right one. */
	if (!as_guard && place_floats(r, task) && place_rank(task->step, &t->heard))
		answer_replay(r, task, &t->heard);
	vec_each(g, &t->guards)
		if (g->task == task && (g->task != g->owner) == as_guard && !g->answered)
			guard_told(r, g, t->link->node, &t->heard);
}

/* The check after an apply: if its node is no longer the right one, all are asked. */
static void
verify_told(struct trip *t, struct task *task, const char *code)
{
	struct run *r = t->link->run;
	struct progress *p = run_progress(r, task);

	t->heard.told = true;
	if (!place_floats(r, task)) {
		run_told(r, task, code);
		return;
	}
	if (place_rank(task->step, &t->heard) || p->verify_asked) {
		answer_replay(r, task, &t->heard);
		run_told(r, task, code);
		return;
	}
	p->verify_asked = p->again = true;
	run_pump_later(r);
}

static void
on_end(struct trip *t, const struct marker *m)
{
	size_t i = trip_position(t, marker_arg(m, 0));
	const char *code = marker_arg(m, 1);
	struct answer *a;

	trip_output_end(t);
	t->current = NULL;
	if (i == SIZE_MAX)
		return;
	t->begun = i + 1;
	t->answered++;
	t->hearing = NULL;
	a = place_answer(t->link->run, t->tasks.at[i], t->link->node);
	if (t->kind == TRIP_CONFIRM)
		run_confirmed(t->link->run, t->tasks.at[i], code);
	else if (t->kind == TRIP_GUARD)
		guards_told(t, t->tasks.at[i], t->as_guard.at[i], code);
	else if (t->kind == TRIP_CHECK && a)
		place_told(t->link->run, t->tasks.at[i], a, code);
	else
		verify_told(t, t->tasks.at[i], code);
}

static void
on_value(struct trip *t, const struct marker *m)
{
	if (t->current)
		run_value(t->link->run, t->current, marker_arg(m, 0), marker_arg(m, 1));
}

static void
on_claim(struct trip *t, const struct marker *m)
{
	if (t->current)
		answer_claim(t->hearing ? t->hearing : &t->heard, m->kind, marker_arg(m, 0));
}

static void
on_progress(struct trip *t, const struct marker *m)
{
	uint64_t done, total;

	if (!t->current || !str_to_u64(marker_arg(m, 0), &done) ||
	    !str_to_u64(marker_arg(m, 1), &total) || !total || total > 1000000000)
		return;
	t->current->progress_done = (int)(done > total ? total : done);
	t->current->progress_total = (int)total;
	run_emit(t->link->run, &(struct event){ .type = EV_PROGRESS, .task = t->current });
}

static void
trip_reason(struct trip *t, const struct marker *m, enum event_type type)
{
	if (t->current && m->nargs)
		run_reason(t->link->run, t->current, type, m->args[0],
			   (const char *const *)m->args + 1, m->nargs - 1);
}

static void
on_reason(struct trip *t, const struct marker *m)
{
	trip_reason(t, m, EV_REASON);
}

static void
on_warn(struct trip *t, const struct marker *m)
{
	trip_reason(t, m, EV_WARN);
}

static void
on_hint(struct trip *t, const struct marker *m)
{
	trip_reason(t, m, EV_HINT);
}

static void
on_reboot(struct trip *t, const struct marker *m)
{
	(void)m;
	if (t->current)
		run_progress(t->link->run, t->current)->asked_reboot = true;
}

static void
on_boot(struct trip *t, const struct marker *m)
{
	link_boot_heard(t->link, marker_arg(m, 0));
}

static void
on_job(struct trip *t, const struct marker *m)
{
	uint64_t attempt;

	t->job_from = t->reader.whole;
	str_put(t->reader.nonces[1], sizeof t->reader.nonces[1], marker_arg(m, 2));
	if (t->current && str_to_u64(marker_arg(m, 1), &attempt) && attempt < 1000)
		run_progress(t->link->run, t->current)->attempt = (unsigned)attempt;
}

static void
on_jobend(struct trip *t, const struct marker *m)
{
	uint64_t code;

	t->job_code = str_to_u64(marker_arg(m, 1), &code) && code < 256 ? (int)code : JOB_DIED;
	vec_push(&t->link->taken, xstrdup(marker_arg(m, 0)));
	run_applied(t->link->run, t->tasks.at[0], t->job_code);
}

/* Its folder is not there: the node was started anew since. The check will tell. */
static void
on_jobgone(struct trip *t, const struct marker *m)
{
	(void)m;
	t->job_code = JOB_GONE;
	run_applied(t->link->run, t->tasks.at[0], JOB_GONE);
}

/* Whose job this is; NULL = of no task of this node in this plan. */
static struct task *
trip_job_owner(const struct trip *t, const char *name)
{
	struct run *r = t->link->run;
	struct task **task;

	vec_each(task, &r->plan->tasks) {
		char own[JOB_NAME_SIZE];

		if (!task_may_run_on(*task, t->link->node))
			continue;
		compose_job_name(r->plan, *task, (*task)->undo ? VERB_UNDO : VERB_APPLY, own);
		if (!strcmp(name, own))
			return *task;
	}
	return NULL;
}

/* A job that an earlier console began: while it runs it is followed, never begun again. What it
 * has ended with does not matter, since the checks that come next tell what holds. One that this
 * console has begun meanwhile is in good hands. */
static void
on_left(struct trip *t, const struct marker *m)
{
	const char *name = marker_arg(m, 0);
	struct task *task = trip_job_owner(t, name);
	struct progress *p = task ? run_progress(t->link->run, task) : NULL;

	if (p && p->attempt)
		return;
	if (strcmp(marker_arg(m, 1), "running") != 0) {
		vec_push(&t->link->taken, xstrdup(name));
	} else if (p && p->job == JOB_NOT_KEPT) {
		p->job = JOB_LEFT;
		if (place_floats(t->link->run, task))
			place_on(t->link->run, task, t->link->node);
	}
}

static void
on_busy(struct trip *t, const struct marker *m)
{
	struct err e = { 0 };

	err_set(&e, E_BUSY, _("%s: another console is changing this cluster: %s"),
		t->link->node ? t->link->node->name : _("console"), marker_arg(m, 0));
	err_hint(&e, _("Wait for its end. If it died, its lease runs out in %s s."), marker_arg(m, 1));
	run_fatal(t->link->run, &e);
}

static void
on_lost(struct trip *t, const struct marker *m)
{
	struct err e = { 0 };

	err_set(&e, E_BUSY, _("%s: the lease of this console was lost (holder now: %s)"),
		t->link->node ? t->link->node->name : _("console"),
		*marker_arg(m, 0) ? marker_arg(m, 0) : "-");
	err_hint(&e, _("Make sure that no other console works on the cluster, and run again."));
	run_fatal(t->link->run, &e);
}

static const struct {
	const char *kind;
	void (*fn)(struct trip *t, const struct marker *m);
} trip_markers[] = {
	{ "begin", on_begin },	     { "end", on_end },	      { "value", on_value },
	{ "progress", on_progress }, { "reason", on_reason }, { "warn", on_warn },
	{ "hint", on_hint },	     { "reboot", on_reboot }, { "boot", on_boot },
	{ "job", on_job },	     { "jobend", on_jobend }, { "jobgone", on_jobgone },
	{ "left", on_left },	     { "busy", on_busy },     { "lost", on_lost },
	{ "member", on_claim },	     { "owner", on_claim },
};

static const struct {
	const char *kind;
	enum event_type type;
} kept_markers[] = {
	{ "value", EV_VALUE }, { "reason", EV_REASON }, { "warn", EV_WARN }, { "hint", EV_HINT },
};

/* true when the line is kept for later. */
static bool
trip_keep(struct trip *t, const struct marker *m)
{
	for (size_t i = 0; i < sizeof kept_markers / sizeof *kept_markers; i++)
		if (t->hearing && m->nargs && !strcmp(kept_markers[i].kind, m->kind)) {
			answer_hold(t->hearing, kept_markers[i].type, (const char *const *)m->args,
				    m->nargs);
			return true;
		}
	return false;
}

void
trip_marker(void *ctx, const struct marker *m)
{
	struct trip *t = ctx;

	if (trip_keep(t, m))
		return;
	for (size_t i = 0; i < sizeof trip_markers / sizeof *trip_markers; i++)
		if (!strcmp(trip_markers[i].kind, m->kind)) {
			trip_markers[i].fn(t, m);
			return;
		}
}

void
trip_log(void *ctx, const char *text, size_t n)
{
	struct trip *t = ctx;

	CLEAN_STR line = STR_INIT(MARKER_LINE_MAX + 2);
	str_addn(&line, text, n);
	/* a line that is longer comes in pieces, and goes on as one */
	if (n < MARKER_LINE_MAX)
		str_addc(&line, '\n');
	trip_output(t, 1, str_text(&line), line.len);
}

void
trip_out(void *ctx, int stream, const char *data, size_t n)
{
	struct trip *t = ctx;

	if (stream == 1)
		marker_feed(&t->reader, data, n);
	else
		trip_output(t, 2, data, n);
}

/* ---- its end ---- */

static void
trip_clear_taken(struct trip *t)
{
	char **name;

	vec_each(name, &t->taken)
		free(*name);
	t->taken.n = 0;
}

/* Checks that were sent but not answered: once more after a loss, else could not tell. */
static void
trip_unanswered(struct trip *t, int status, const struct err *err)
{
	struct run *r = t->link->run;
	struct err e = *err;

	if (!e.code) {
		err_set(&e, E_REMOTE, _("the node ended the script with code %d before the answer"),
			status);
		err_hint(&e, _("Look at the output; a shell start-up file on the node may interfere."));
	}
	for (size_t i = t->begun; i < t->tasks.n; i++) {
		struct task *task = t->tasks.at[i];
		struct progress *p = run_progress(r, task);
		struct answer *a = place_answer(r, task, t->link->node);

		if (a && t->kind == TRIP_CHECK) {
			place_silent(r, task, a);
			continue;
		}
		if (place_floats(r, task) ||
		    (task->state != TASK_CHECKING && task->state != TASK_VERIFYING))
			continue;
		if (link_is_lost(t->link) && !p->retried) {
			p->retried = true;
			p->again = task->state == TASK_VERIFYING;
			if (!p->again)
				run_state(r, task, TASK_PENDING);
		} else {
			run_fail(r, task, TASK_UNKNOWN, &e);
		}
	}
}

static void
trip_guards_ended(struct trip *t)
{
	struct guard *g;

	t->link->guarding = false;
	vec_each(g, &t->guards)
		if (!g->answered)
			guard_silent(t->link->run, g, t->link, NULL);
}

static void
trip_job_ended(struct trip *t, const struct err *err)
{
	struct run *r = t->link->run;
	struct task *task = t->tasks.at[0];
	struct progress *p = run_progress(r, task);
	struct err e = *err;

	t->link->jobs--;
	p->followed = false;
	if (t->job_code != JOB_NONE) {
		/* The verify that travelled along was cut off: it is simply asked again. */
		p->again |= task->state == TASK_VERIFYING;
		return;
	}
	if (link_is_lost(t->link)) {
		p->job = p->job == JOB_LEFT ? JOB_LEFT : JOB_LOST;
		p->job_bytes += t->job_from ? t->reader.whole - t->job_from : 0;
		return;
	}
	if (!e.code) {
		err_set(&e, E_REMOTE, _("the job could not be started on the node"));
		err_hint(&e, _("/run of the node may be full or read-only."));
	}
	run_fail(r, task, TASK_FAILED, &e);
}

static bool
trip_is_job(const struct trip *t)
{
	return t->kind == TRIP_JOB || t->kind == TRIP_ATTACH;
}

void
trip_done(void *ctx, int status, const struct err *err)
{
	struct trip *t = ctx;
	struct link *l = t->link;
	struct run *r = l->run;

	/* Half a line comes again, whole, when the job is attached to. */
	if (!err->code || !trip_is_job(t))
		marker_end(&t->reader);
	trip_output_end(t);
	if (err->code) {
		link_broke(l, err);
	} else {
		trip_clear_taken(t);
		link_answered(l, status);
	}
	if (trip_is_job(t))
		trip_job_ended(t, err);
	else if (t->kind == TRIP_GUARD)
		trip_guards_ended(t);
	else if (t->kind == TRIP_CONFIRM && !t->answered)
		run_progress(r, t->tasks.at[0])->confirm_sent = false;
	else if (t->kind == TRIP_CHECK && t->answered < t->tasks.n)
		trip_unanswered(t, status, err);
	trip_free(t);
	run_pump_later(r);
}
