/* One script on its way to one node and back: composed, sent, its lines understood, its end
 * turned into the answers that the run waits for. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/nls.h"
#include "engine/runpriv.h"

enum { GUARD_CUTS_MAX = 5 };

static void trip_marker(void *ctx, const struct marker *m);
static void trip_log(void *ctx, const char *text, size_t n);
static void trip_out(void *ctx, int stream, const char *data, size_t n);
static void trip_done(void *ctx, int status, const struct err *err);

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

static void
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
	for (size_t i = 0; i < t->tasks.n; i++)
		run_fail(t->link->run, t->tasks.at[i], TASK_FAILED, err);
	trip_free(t);
}

void
trip_check(struct link *l, struct task **tasks, size_t n, struct task *owner)
{
	struct trip *t = trip_new(l, owner ? TRIP_GUARD : TRIP_CHECK, VERB_CHECK);
	struct compose_head head = trip_head_for(t, LEASE_NONE);
	int64_t limit_ms = 30 * 1000;
	struct err err = { 0 };

	t->owner = owner;
	head.owner = owner;
	for (size_t i = 0; i < n; i++) {
		vec_push(&t->tasks, tasks[i]);
		limit_ms += tasks[i]->step->check_limit_s * 1000;
		if (!owner && tasks[i]->state != TASK_VERIFYING)
			run_state(l->run, tasks[i], TASK_CHECKING);
	}
	if (compose_checks(&l->run->compose, &head, t->tasks.at, n, &t->script, &err)) {
		trip_refuse(t, &err);
		return;
	}
	trip_exec(t, NULL, 0, limit_ms);
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
	bool verify = !task->step->reboots;
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

/* ---- what comes back ---- */

static struct task *
trip_task(struct trip *t, const char *index)
{
	uint64_t i;

	if (!str_to_u64(index, &i))
		return NULL;
	for (size_t k = 0; k < t->tasks.n; k++)
		if (t->tasks.at[k]->index == i)
			return t->tasks.at[k];
	return NULL;
}

static void
on_begin(struct trip *t, const struct marker *m)
{
	t->current = trip_task(t, marker_arg(m, 0));
	if (!t->current)
		return;
	free(t->current->reason);
	t->current->reason = NULL;
}

/* A code of a check: 0, 7, or -1 for whatever else it was. */
static int
check_code(const char *text)
{
	uint64_t code;

	if (!str_to_u64(text, &code))
		return -1;
	return code == 0 || code == 7 ? (int)code : -1;
}

static void
on_end(struct trip *t, const struct marker *m)
{
	struct task *task = trip_task(t, marker_arg(m, 0));
	int code = check_code(marker_arg(m, 1));

	t->current = NULL;
	if (!task)
		return;
	t->answered++;
	if (t->kind == TRIP_GUARD) {
		run_guard_answer(t->link->run, t->owner, task, code);
		return;
	}
	if (code < 0) {
		struct err *e = &task->err;
		const char *said = marker_arg(m, 1);

		if (task->reason)
			err_set(e, E_STEP, "%s", task->reason);
		else if (!strcmp(said, "timeout"))
			err_set(e, E_TIMEOUT, _("the check did not end within %d s"),
				task->step->check_limit_s);
		else
			err_set(e, E_REMOTE, _("the check ended with code %s"), said);
		err_hint(e, _("Look at its output, mend the cause on the node, and check again."));
	}
	run_checked(t->link->run, task, code);
}

static void
on_value(struct trip *t, const struct marker *m)
{
	if (t->current)
		run_value(t->link->run, t->current, marker_arg(m, 0), marker_arg(m, 1));
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

		if ((*task)->node != t->link->node)
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
	if (strcmp(marker_arg(m, 1), "running") != 0)
		vec_push(&t->link->taken, xstrdup(name));
	else if (p)
		p->job = JOB_LEFT;
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
};

static void
trip_marker(void *ctx, const struct marker *m)
{
	struct trip *t = ctx;

	for (size_t i = 0; i < sizeof trip_markers / sizeof *trip_markers; i++)
		if (!strcmp(trip_markers[i].kind, m->kind)) {
			trip_markers[i].fn(t, m);
			return;
		}
}

static void
trip_log(void *ctx, const char *text, size_t n)
{
	struct trip *t = ctx;

	if (!t->current)
		return;
	CLEAN_STR line = STR_INIT(MARKER_LINE_MAX + 2);
	str_addn(&line, text, n);
	str_addc(&line, '\n');
	run_output(t->link->run, t->current, 1, line.s, line.len);
}

static void
trip_out(void *ctx, int stream, const char *data, size_t n)
{
	struct trip *t = ctx;

	if (stream == 1)
		marker_feed(&t->reader, data, n);
	else if (t->current)
		run_output(t->link->run, t->current, 2, data, n);
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
	for (size_t i = 0; i < t->tasks.n; i++) {
		struct task *task = t->tasks.at[i];
		struct progress *p = run_progress(r, task);

		if (task->state != TASK_CHECKING && task->state != TASK_VERIFYING)
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

/* The answers of a guard decide about its owner: all must have come. */
static void
trip_guard_ended(struct trip *t)
{
	struct run *r = t->link->run;
	struct progress *p = run_progress(r, t->owner);

	if (t->answered < t->tasks.n && link_is_lost(t->link) && p->guard_cuts++ < GUARD_CUTS_MAX)
		p->guard_cut = true;
	else if (t->answered < t->tasks.n)
		p->guard_refused = true;
	if (--p->guards_left == 0)
		run_guarded(r, t->owner);
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

static void
trip_done(void *ctx, int status, const struct err *err)
{
	struct trip *t = ctx;
	struct link *l = t->link;
	struct run *r = l->run;

	/* Half a line comes again, whole, when the job is attached to. */
	if (!err->code || !trip_is_job(t))
		marker_end(&t->reader);
	if (err->code) {
		link_broke(l, err);
	} else {
		trip_clear_taken(t);
		link_answered(l, status);
	}
	if (trip_is_job(t))
		trip_job_ended(t, err);
	else if (t->kind == TRIP_GUARD)
		trip_guard_ended(t);
	else if (t->kind == TRIP_CHECK && t->answered < t->tasks.n)
		trip_unanswered(t, status, err);
	trip_free(t);
	run_pump_later(r);
}
