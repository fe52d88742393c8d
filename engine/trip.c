/* One script on its way to one node: composed and sent. What comes back: tripback.c. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/nls.h"
#include "engine/runpriv.h"

struct trip *
trip_new(struct link *l, enum trip_kind kind, enum verb verb)
{
	struct trip *t = xcalloc(1, sizeof *t);

	t->link = l;
	t->kind = kind;
	t->verb = verb;
	t->job_code = JOB_NONE;
	t->script = STR_INIT(SCRIPT_MAX);
	random_hex(t->nonce, 16);
	l->run->compose.now_s = time(NULL);
	marker_init(&t->reader, t->nonce);
	t->reader.on_marker = trip_marker;
	t->reader.on_log = trip_log;
	t->reader.ctx = t;
	t->next = l->run->trips;
	l->run->trips = t;
	l->trips++;
	return t;
}

void
trip_free(struct trip *t)
{
	struct trip **p;
	char **name;

	/* what it could not clear is the next one's to clear */
	vec_each(name, &t->taken)
		vec_push(&t->link->taken, *name);
	vec_free(&t->taken);
	for (p = &t->link->run->trips; *p; p = &(*p)->next)
		if (*p == t) {
			*p = t->next;
			break;
		}
	t->link->trips--;
	vec_free(&t->tasks);
	vec_free(&t->as_guard);
	str_wipe(&t->held[0]);
	str_wipe(&t->held[1]);
	vec_free(&t->guards);
	answer_clear(&t->heard);
	marker_done(&t->reader);
	str_wipe(&t->script);
	free(t);
}

/* ---- sending ---- */

static struct compose_head
trip_head_for(struct trip *t, enum lease lease)
{
	struct link *l = t->link;
	char **name;

	vec_each(name, &l->taken)
		vec_push(&t->taken, *name);
	l->taken.n = 0;
	return (struct compose_head){
		.nonce = t->nonce,
		.lease = lease != LEASE_NONE		   ? lease
			 : !l->run->opts.lease || !l->node ? LEASE_NONE
			 : l->leased			   ? LEASE_RENEW
							   : LEASE_TAKE,
		.taken = (const char *const *)t->taken.at,
		.ntaken = t->taken.n,
		.list_jobs = !l->greeted && l->trips == 1,
	};
}

static void
trip_exec(struct trip *t, const struct secret_value *secrets, size_t nsecrets, int64_t limit_ms)
{
	struct exec_req req = {
		.verb = t->verb,
		.tasks = t->tasks.at,
		.ntasks = t->tasks.n,
		.nonce = t->nonce,
		.script = str_text(&t->script),
		.script_len = t->script.len,
		.secrets = secrets,
		.nsecrets = nsecrets,
		.deadline_ms = limit_ms,
		.on_out = trip_out,
		.on_done = trip_done,
		.ctx = t,
	};

	t->link->run->round_trips += t->kind != TRIP_HEAD;
	t->exec = t->link->transport->ops->exec(t->link->transport, &req);
}

/* A script that could not be composed fails what it was for, without a journey. */
static void
trip_refuse(struct trip *t, const struct err *err)
{
	struct run *r = t->link->run;
	struct guard *g;

	for (size_t i = 0; i < t->tasks.n && t->kind != TRIP_GUARD; i++) {
		struct task *task = t->tasks.at[i];
		struct answer *a = t->kind == TRIP_CHECK ? place_answer(r, task, t->link->node) : NULL;

		if (a)
			place_silent(r, task, a);
		else
			run_fail(r, task, TASK_FAILED, err);
	}
	if (t->kind == TRIP_GUARD)
		t->link->guarding = false;
	vec_each(g, &t->guards)
		guard_silent(r, g, t->link, err);
	trip_free(t);
}

static void
trip_add(struct trip *t, struct task *task, bool as_guard)
{
	vec_push(&t->tasks, task);
	vec_push(&t->as_guard, as_guard);
}

/* Composes for this node what floats, and sends it. */
static void
trip_checks_send(struct trip *t)
{
	struct link *l = t->link;
	struct compose_head head = trip_head_for(t, LEASE_NONE);
	const struct node **was = xcalloc(t->tasks.n + 1, sizeof *was);
	int64_t limit_ms = 30 * 1000;
	struct err err = { 0 };
	int code;

	for (size_t i = 0; i < t->tasks.n; i++) {
		was[i] = t->tasks.at[i]->node;
		limit_ms += t->tasks.at[i]->step->check_limit_s * 1000;
	}
	for (size_t i = 0; i < t->tasks.n; i++)
		if (place_floats(l->run, t->tasks.at[i]))
			t->tasks.at[i]->node = l->node;
	code = compose_checks(&l->run->compose, &head, t->tasks.at, t->as_guard.at, t->tasks.n,
			      &t->script, &err);
	for (size_t i = 0; i < t->tasks.n; i++)
		t->tasks.at[i]->node = was[i];
	free(was);
	if (code)
		trip_refuse(t, &err);
	else
		trip_exec(t, NULL, 0, limit_ms);
}

void
trip_check(struct link *l, struct task **tasks, size_t n)
{
	struct trip *t = trip_new(l, TRIP_CHECK, VERB_CHECK);

	for (size_t i = 0; i < n; i++) {
		struct answer *a = place_answer(l->run, tasks[i], l->node);

		trip_add(t, tasks[i], false);
		if (a)
			a->due = false;
		else if (tasks[i]->state != TASK_VERIFYING)
			run_state(l->run, tasks[i], TASK_CHECKING);
	}
	trip_checks_send(t);
}

static bool
trip_asks(const struct trip *t, const struct task *task, bool as_guard)
{
	for (size_t i = 0; i < t->tasks.n; i++)
		if (t->tasks.at[i] == task && t->as_guard.at[i] == as_guard)
			return true;
	return false;
}

void
trip_guards(struct link *l)
{
	struct trip *t = trip_new(l, TRIP_GUARD, VERB_CHECK);
	struct guard *g;

	l->guarding = true;
	vec_each(g, &l->guards) {
		bool as_guard = g->task != g->owner;

		vec_push(&t->guards, *g);
		if (!trip_asks(t, g->task, as_guard))
			trip_add(t, g->task, as_guard);
	}
	l->guards.n = 0;
	trip_checks_send(t);
}

/* The secrets that the step names, as they were answered; the transport copies and wipes them. */
static size_t
trip_secrets(struct run *r, const struct task *t, struct secret_value *out)
{
	const struct secret_ref *s;
	size_t n = 0;

	vec_each(s, &t->step->secrets) {
		CLEAN_STR name = STR_INIT(256);
		const struct secret_value *known;

		task_secret(t, s->name, &name);
		vec_each(known, &r->secrets)
			if (!strcmp(known->name, str_text(&name)))
				out[n++] = *known;
	}
	return n;
}

void
trip_job(struct link *l, struct task *task, enum verb verb)
{
	struct run *r = l->run;
	struct progress *p = run_progress(r, task);
	struct trip *t = trip_new(l, TRIP_JOB, verb);
	struct compose_head head = trip_head_for(t, LEASE_NONE);
	struct secret_value *secrets = xcalloc(task->step->secrets.n + 1, sizeof *secrets);
	struct err err = { 0 };
	/* What stops a reboot's verify is that the machine must come back first. */
	bool verify = !task->step->reboots && !task_is_confirmed(task);
	size_t nsecrets;

	vec_push(&t->tasks, task);
	t->current = task;
	p->job_bytes = 0;
	/* Why it was to do is no reason for how it ends. */
	free(task->reason);
	task->reason = NULL;
	p->attempt++;
	nsecrets = trip_secrets(r, task, secrets);
	if (compose_job(&r->compose, &head, task, verb, p->attempt, p->confirmed, verify, &t->script,
			&err)) {
		trip_refuse(t, &err);
	} else {
		l->jobs++;
		run_emit(r, &(struct event){ .type = EV_INTENT, .task = task, .node = l->node });
		trip_exec(t, secrets, nsecrets, (task->step->limit_s + 60) * 1000);
	}
	free(secrets);
}

void
trip_attach(struct link *l, struct task *task, enum verb verb)
{
	struct run *r = l->run;
	struct trip *t = trip_new(l, TRIP_ATTACH, verb);
	struct compose_head head = trip_head_for(t, LEASE_NONE);
	struct err err = { 0 };

	vec_push(&t->tasks, task);
	t->current = task;
	if (compose_attach(&r->compose, &head, task, verb, run_progress(r, task)->job_bytes,
			   &t->script, &err)) {
		trip_refuse(t, &err);
		return;
	}
	l->jobs++;
	trip_exec(t, NULL, 0, (task->step->limit_s + 60) * 1000);
}

void
trip_confirm(struct link *l, struct task *task)
{
	struct trip *t = trip_new(l, TRIP_CONFIRM, VERB_CONFIRM);
	struct compose_head head = trip_head_for(t, LEASE_NONE);
	struct err err = { 0 };

	trip_add(t, task, false);
	if (compose_verb(&l->run->compose, &head, task, VERB_CONFIRM, &t->script, &err))
		trip_refuse(t, &err);
	else
		trip_exec(t, NULL, 0, (task->step->check_limit_s + 10) * 1000);
}

void
trip_head(struct link *l, enum lease lease)
{
	struct trip *t = trip_new(l, TRIP_HEAD, VERB_CHECK);
	struct compose_head head = trip_head_for(t, lease);
	struct err err = { 0 };

	if (compose_head_only(&l->run->compose, &head, &t->script, &err))
		trip_refuse(t, &err);
	else
		trip_exec(t, NULL, 0, 20 * 1000);
}

/* Restarts the node unless its boot id has changed already; the answer carries the boot id. */
void
trip_reboot(struct link *l)
{
	struct trip *t = trip_new(l, TRIP_REBOOT, VERB_APPLY);
	struct compose_head head = trip_head_for(t, LEASE_NONE);
	struct err err = { 0 };

	head.reboot_from = l->old_boot;
	if (compose_head_only(&l->run->compose, &head, &t->script, &err)) {
		run_fail(l->run, l->rebooting, TASK_FAILED, &err);
		trip_free(t);
	} else {
		trip_exec(t, NULL, 0, 20 * 1000);
	}
}

