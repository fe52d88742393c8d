/* The simulated cluster as a transport: each exec becomes a few moments on the (virtual) clock,
 * in which the lines that a real node would print are handed to the engine. */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "backends/sim.h"
#include "backends/siminner.h"
#include "base/nls.h"

enum {
	CONNECT_MS = 250,  /* the first exec on a node */
	TRIP_MS = 30,
	CHECK_MS = 15,
	BOOT_MS = 40 * 1000,
	ROLLBACK_MS = 30 * 1000,
	TICKS = 10,        /* progress lines of an apply */
	FLOOD_LINES = 100000,
};

static struct sim_node *
sim_node(struct transport *t)
{
	return (struct sim_node *)t;
}

void
exec_say(struct exec *e, const char *fmt, ...)
{
	CLEAN_STR text = STR_INIT(64 * 1024);
	va_list ap;
	char *line;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&line, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	str_add(&text, line);
	free(line);
	str_addc(&text, '\n');
	e->req.on_out(e->req.ctx, 1, str_text(&text), text.len);
}

void
exec_end(struct exec *e, int status, const struct err *err)
{
	struct sim_node *n = e->on;
	struct exec_req req = e->req;

	for (size_t i = 0; i < n->execs.n; i++)
		if (n->execs.at[i] == e) {
			vec_remove(&n->execs, i);
			break;
		}
	loop_timer_del(n->sim->loop, e->timer);
	if (!err->code)
		n->base.round_trips++;
	free(e);
	req.on_done(req.ctx, status, err);
}

static void
exec_fail(struct exec *e, int code, const char *what)
{
	struct err err = { 0 };

	err_set(&err, code, _("%s: %s"), e->on->name, what);
	err_hint(&err, _("Is the machine on, and does its address answer? (simulated)"));
	exec_end(e, -1, &err);
}

void
exec_after(struct exec *e, int64_t ms, loop_fn fn)
{
	e->timer = loop_timer_add(e->on->sim->loop, e->on->sim->hurried ? 0 : ms, fn, e);
}

/* ---- values ---- */

/* One {word} of a simulated text; false when it is none. */
static bool
sim_word(const struct exec *e, const struct task *t, const char *word, size_t n, struct str *out)
{
	const struct model *m = e->on->sim->model;
	char seed[HOST_SIZE + NAME_SIZE + 2], owner[NAME_SIZE];

	snprintf(seed, sizeof seed, "%s/%s", m->cluster.name, sim_object_name(t));
	if (n == 4 && !memcmp(word, "node", n))
		str_add(out, e->on->name);
	else if (n == 3 && !memcmp(word, "lun", n))
		str_add(out, t->lun ? t->lun->name : "-");
	else if (n == 2 && !memcmp(word, "vm", n))
		str_add(out, t->vm ? t->vm->name : "-");
	else if (n == 6 && !memcmp(word, "target", n))
		str_add(out, t->target ? t->target->name : "-");
	else if (n == 5 && !memcmp(word, "index", n))
		str_addf(out, "%d", t->lun ? t->lun->number : t->node ? (int)(t->node - m->nodes.at) : 0);
	else if (n == 4 && !memcmp(word, "size", n))
		str_addf(out, "%llu", t->lun ? (unsigned long long)t->lun->size : 0ULL);
	else if (n == 4 && !memcmp(word, "hash", n))
		str_addf(out, "%016llx", (unsigned long long)hash64(seed, strlen(seed)));
	else if (n == 5 && !memcmp(word, "owner", n) && t->vm) {
		simdrill_owner(e->on->sim, t->vm->name, owner);
		str_add(out, owner);
	} else
		return false;
	return true;
}

void
sim_expand(const struct exec *e, const struct task *t, const char *text, size_t len, struct str *out)
{
	for (size_t i = 0; i < len; i++) {
		const char *close = text[i] == '{' ? memchr(text + i, '}', len - i) : NULL;

		if (close && sim_word(e, t, text + i + 1, (size_t)(close - text) - i - 1, out))
			i = (size_t)(close - text);
		else
			str_addc(out, text[i]);
	}
}

/* A LUN tells nothing of itself where it is not connected. */
static bool
exec_sees(const struct exec *e, const struct task *t)
{
	CLEAN_STR fact = STR_INIT(512);

	if (!t->lun || !t->node)
		return true;
	str_addf(&fact, "lun.connected(%s,%s)", t->node->name, t->lun->name);
	return sim_world_has(&e->on->sim->world, "fact", str_text(&fact));
}

static void
exec_values(struct exec *e, const struct task *t, bool holds)
{
	bool seen = holds || exec_sees(e, t);
	const struct sim_value *v;

	vec_each(v, &t->step->sim_values) {
		const char *text = holds ? v->text : v->before;
		CLEAN_STR out = STR_INIT(4096);

		if (!text || !seen)
			continue;
		if (!holds && e->fault && e->fault->kind == FAULT_FOREIGN && !strcmp(v->name, "lun.content"))
			str_add(&out, "foreign:ext4 data");
		else
			sim_expand(e, t, text, strlen(text), &out);
		exec_say(e, "@%s value\t%s\t%s", e->req.nonce, v->name, str_text(&out));
	}
}

/* "id argument argument": blanks part the arguments. */
static void
exec_reason(struct exec *e, const struct task *t)
{
	const char *text = t->step->sim_reason ? t->step->sim_reason : "";
	CLEAN_STR out = STR_INIT(4096);

	if (e->fault && e->fault->kind == FAULT_FOREIGN)
		text = "foreign {lun} ext4";
	sim_expand(e, t, text, strlen(text), &out);
	for (char *c = out.s; c && *c; c++)
		if (*c == ' ')
			*c = '\t';
	if (out.len)
		exec_say(e, "@%s reason\t%s", e->req.nonce, str_text(&out));
}

/* ---- checks ---- */

/* Nothing has to be done for a read-only step: it holds as soon as what it looks at is there. */
static bool
task_holds(struct sim *s, const struct task *t)
{
	char **fact;

	if (t->step->risk != RISK_READ_ONLY)
		return sim_world_has(&s->world, "done", t->key);
	if (!sim_world_needs_hold(&s->world, t))
		return false;
	vec_each(fact, &t->gives)
		sim_world_put(&s->world, "fact", *fact, true);
	return true;
}

static void
exec_noise(struct exec *e)
{
	if (!e->fault)
		return;
	if (e->fault->kind == FAULT_FORGE) {
		exec_say(e, "@0123456789abcdef0123456789abcdef end\t0\t0");
		exec_say(e, "\033]0;owned\007\033[2J\xe2\x80\xae" "forged \xff\xfe line");
	}
	for (int i = 0; e->fault->kind == FAULT_FLOOD && i < FLOOD_LINES; i++)
		exec_say(e, "flood %07d %s", i, "................................................................");
}

static void
exec_one_check(struct exec *e, const struct task *t)
{
	struct sim *s = e->on->sim;
	struct task here = *t;
	bool holds;
	int code;
	bool drill = t->step->kind == KIND_DRILL;

	if (task_floats(t))
		here.node = e->on->node;
	holds = drill ? sim_world_needs_hold(&s->world, &here) : task_holds(s, &here);
	code = holds ? 0 : 7;
	e->fault = faults_strike(&s->faults, t, e->on->name, VERB_CHECK);
	if (e->fault && e->fault->kind == FAULT_FAIL)
		code = 1;
	if (e->fault && e->fault->kind == FAULT_UNKNOWN)
		code = 5;
	if (e->fault && e->fault->kind == FAULT_UNREADY)
		code = 7;
	if (e->fault && e->fault->kind == FAULT_CRASH)
		kill(getpid(), SIGKILL);
	exec_say(e, "@%s begin\t%zu", e->req.nonce, t->index);
	if (task_floats(t))
		sim_claims(e, &here);
	exec_noise(e);
	if (drill)
		simdrill_values(e, &here);
	else if (code == 0 || code == 7)
		exec_values(e, &here, holds);
	if (code == 7)
		exec_reason(e, &here);
	exec_say(e, "@%s end\t%zu\t%d", e->req.nonce, t->index, code);
}

static void
exec_check(void *ctx)
{
	struct exec *e = ctx;
	struct err none = { 0 };

	if (e->next >= e->req.ntasks) {
		exec_end(e, 0, &none);
		return;
	}
	exec_one_check(e, e->req.tasks[e->next++]);
	exec_after(e, CHECK_MS, exec_check);
}

/* ---- jobs ---- */

static void
exec_job_told(struct exec *e)
{
	const struct task *t = e->req.tasks[0];
	struct err none = { 0 };
	int code = e->job->code;

	if (code == 0 && t->step->kind != KIND_DRILL)
		exec_values(e, t, !e->job->undo);
	exec_say(e, "@%s jobend\t%s\t%s", e->req.nonce, e->job->name, code < 0 ? "died" : code ? "1" : "0");
	if (code == 0 && e->verifying)
		exec_one_check(e, t);
	exec_end(e, 0, &none);
}

/* What the step prints, a part at each tick. */
static void
exec_job_lines(struct exec *e, const struct task *t, size_t tick)
{
	const char *line = t->step->sim_output ? t->step->sim_output : "";
	size_t count = 1, from, i = 0;

	for (const char *c = line; *c; c++)
		count += *c == '\n';
	from = tick * count / TICKS;
	for (; *line; i++) {
		size_t n = strcspn(line, "\n");
		CLEAN_STR out = STR_INIT(4096);

		sim_expand(e, t, line, n, &out);
		if (i >= from && i < (tick + 1) * count / TICKS)
			exec_say(e, "%s", str_text(&out));
		line += n + (line[n] == '\n');
	}
}

static bool
fault_is(const struct exec *e, enum fault_kind kind)
{
	return e->fault && e->fault->kind == kind;
}

static void
exec_job_over(struct exec *e)
{
	struct sim *s = e->on->sim;
	const struct task *t = e->req.tasks[0];
	int code = fault_is(e, FAULT_FAIL) ? 1 : fault_is(e, FAULT_DIE) ? -1 : 0;

	if (!code && !e->job->undo && !sim_world_needs_hold(&s->world, t)) {
		exec_say(e, "simulated: what %s needs is not there", t->key);
		code = 1;
	}
	if (t->step->kind == KIND_DRILL)
		simdrill_job_over(e, code);
	sim_world_job_end(&s->world, e->job, code);
	e->job->over_ms = loop_now_ms(s->loop);
	exec_job_told(e);
}

static void
job_goes_on(void *ctx)
{
	struct exec *e = ctx;

	e->timer = 0;
	if (e->next == TICKS / 2 && fault_is(e, FAULT_CRASH))
		kill(getpid(), SIGKILL);
	if (e->next == TICKS / 2 && fault_is(e, FAULT_LOST)) {
		/* Nobody watches any more; the deed is done all the same. */
		sim_world_job_end(&e->on->sim->world, e->job, 0);
		e->job->over_ms = loop_now_ms(e->on->sim->loop);
		exec_fail(e, E_LOST, _("the connection was lost"));
		return;
	}
	if (e->next == TICKS) {
		exec_job_over(e);
		return;
	}
	exec_job_lines(e, e->req.tasks[0], e->next);
	e->next++;
	exec_say(e, "@%s progress\t%zu\t%d", e->req.nonce, e->next, TICKS);
	exec_after(e, e->req.tasks[0]->step->sim_takes_ms / TICKS + 1, job_goes_on);
}

/* The word after "\nCALL " in the script, as a node would read it; false when it is not there. */
static bool
script_word(const struct exec *e, const char *call, char *out, size_t size)
{
	char pattern[48];
	const char *at;
	size_t n;

	snprintf(pattern, sizeof pattern, "\n%s ", call);
	for (at = e->req.script; (at = strstr(at, pattern)); at += 1) {
		const char *word = at + strlen(pattern) + (at[strlen(pattern)] == '\'');

		n = strcspn(word, " '\n");
		/* The library defines functions of these names with a blank-free "()" behind. */
		if (n && n < size && word[0] != '(') {
			memcpy(out, word, n);
			out[n] = '\0';
			return true;
		}
	}
	return false;
}

static void
exec_job(void *ctx)
{
	struct exec *e = ctx;
	struct sim *s = e->on->sim;
	char name[64];

	e->verifying = strstr(e->req.script, "\nbascule_verify ") != NULL;
	if (script_word(e, "bascule_job", name, sizeof name)) {
		struct sim_job *old = sim_world_job(&s->world, name);

		if (old)
			sim_world_job_drop(&s->world, old);
		e->job = sim_world_job_add(&s->world, name, e->on->name, e->req.tasks[0],
					   e->req.verb == VERB_UNDO);
		e->fault = faults_strike(&s->faults, e->req.tasks[0], e->on->name, e->req.verb);
		exec_say(e, "@%s job\t%s\t1\t%s", e->req.nonce, name, e->req.nonce);
		exec_noise(e);
		if (e->req.tasks[0]->step->kind == KIND_DRILL)
			simdrill_job_begun(e);
		job_goes_on(e);
		return;
	}
	e->job = script_word(e, "bascule_follow", name, sizeof name) ? sim_world_job(&s->world, name)
								       : NULL;
	if (!e->job) {
		struct err none = { 0 };

		exec_say(e, "@%s jobgone\t%s", e->req.nonce, name);
		exec_end(e, 0, &none);
		return;
	}
	if (e->job->over) {
		exec_job_told(e);
		return;
	}
	e->next = TICKS - 1;
	job_goes_on(e);
}

/* A change that is not confirmed in time is taken back by the node itself. */
static void
exec_confirm(struct exec *e)
{
	struct sim *s = e->on->sim;
	const struct task *t = e->req.tasks[0];
	struct err none = { 0 };
	struct sim_job **j;
	bool late = false;

	e->fault = faults_strike(&s->faults, t, e->on->name, VERB_CONFIRM);
	vec_each(j, &s->world.jobs)
		late |= !strcmp((*j)->key, t->key) && (*j)->over && !s->hurried &&
			loop_now_ms(s->loop) - (*j)->over_ms > ROLLBACK_MS;
	if (late || fault_is(e, FAULT_FAIL)) {
		late = true;
		sim_world_put(&s->world, "done", t->key, t->undo);
	}
	exec_say(e, "@%s begin\t%zu", e->req.nonce, t->index);
	exec_say(e, "@%s end\t%zu\t%d", e->req.nonce, t->index, late ? 7 : 0);
	exec_end(e, 0, &none);
}

/* ---- restarts, leases, left-over jobs ---- */

static void
exec_restart(struct exec *e)
{
	struct sim *s = e->on->sim;
	struct err none = { 0 };
	char boot[128], own[128];

	snprintf(own, sizeof own, "sim-%s-%u", e->on->name, sim_world_boots(&s->world, e->on->name));
	if (script_word(e, "bascule_reboot", boot, sizeof boot) && !strcmp(boot, own)) {
		sim_world_boot(&s->world, e->on->name);
		e->on->down_until_ms = s->hurried ? 0 : loop_now_ms(s->loop) + BOOT_MS;
		e->on->connected = false;
	}
	exec_end(e, 0, &none);
}

static void
exec_head(struct exec *e)
{
	struct sim *s = e->on->sim;
	struct sim_job **j;
	char word[64];

	exec_say(e, "@%s boot\tsim-%s-%u", e->req.nonce, e->on->name,
		 sim_world_boots(&s->world, e->on->name));
	if (!script_word(e, "bascule_list", word, sizeof word))
		return;
	vec_each(j, &s->world.jobs)
		if (!strcmp((*j)->node, e->on->name))
			exec_say(e, "@%s left\t%s\t%s", e->req.nonce, (*j)->name,
				 (*j)->over ? "0" : "running");
}

static void
exec_timeout(void *ctx)
{
	exec_fail(ctx, E_TIMEOUT, _("no answer within the deadline"));
}

static void
exec_arrive(void *ctx)
{
	struct exec *e = ctx;
	struct sim_node *n = e->on;
	const struct fault *f = faults_strike(&n->sim->faults, NULL, n->name, e->req.verb);

	e->timer = 0;
	if ((f && f->kind == FAULT_REFUSE) || n->down_until_ms > loop_now_ms(n->sim->loop)) {
		exec_fail(e, -ECONNREFUSED, _("cannot connect: connection refused"));
		return;
	}
	if (f && f->kind == FAULT_SILENT) {
		exec_after(e, e->req.deadline_ms ? e->req.deadline_ms : 60 * 1000, exec_timeout);
		return;
	}
	n->connected = true;
	if (n->base.on_link)
		n->base.on_link(n->base.link_ctx, LINK_UP, NULL);
	exec_head(e);
	if (e->req.verb == VERB_CHECK)
		exec_check(e);
	else if (e->req.verb == VERB_WATCH)
		simdrill_watch(e);
	else if (e->req.verb == VERB_AUDIT)
		simdrill_audit(e);
	else if (!e->req.ntasks)
		exec_restart(e);
	else if (e->req.verb == VERB_CONFIRM)
		exec_confirm(e);
	else
		exec_job(e);
}

/* ---- the ops ---- */

static struct exec *
sim_exec(struct transport *t, const struct exec_req *req)
{
	struct sim_node *n = sim_node(t);
	struct exec *e = xcalloc(1, sizeof *e);

	e->on = n;
	e->req = *req;
	vec_push(&n->execs, e);
	exec_after(e, n->connected ? TRIP_MS : CONNECT_MS, exec_arrive);
	return e;
}

static void
sim_cancel(struct transport *t, struct exec *e)
{
	(void)t;
	exec_fail(e, E_CANCELLED, _("given up"));
}

static void
sim_close(struct transport *t)
{
	struct sim_node *n = sim_node(t);

	while (n->execs.n)
		sim_cancel(t, n->execs.at[0]);
	vec_free(&n->execs);
	for (size_t i = 0; i < n->sim->nodes.n; i++)
		if (n->sim->nodes.at[i] == n) {
			vec_remove(&n->sim->nodes, i);
			break;
		}
	free(n);
}

static const struct transport_ops sim_ops = {
	.name = "sim",
	.exec = sim_exec,
	.cancel = sim_cancel,
	.close = sim_close,
};

struct transport *
sim_connect(struct sim *s, const struct node *node)
{
	struct sim_node *n = xcalloc(1, sizeof *n);

	n->base.ops = &sim_ops;
	n->sim = s;
	n->node = node;
	str_put(n->name, sizeof n->name, node ? node->name : "console");
	vec_push(&s->nodes, n);
	return &n->base;
}

struct sim *
sim_new(struct loop *l, const struct model *m, const char *state_path, const char *faults_path,
	struct err *err)
{
	struct sim *s = xcalloc(1, sizeof *s);

	s->loop = l;
	s->model = m;
	s->state_path = state_path ? xstrdup(state_path) : NULL;
	s->world.path = s->state_path;
	if (sim_world_load(&s->world, err) || (faults_path && faults_read(&s->faults, faults_path, err)))
		return sim_free(s);
	return s;
}

void
sim_learn(struct sim *s, const struct task *t)
{
	char **fact;

	sim_world_put(&s->world, "done", t->key, true);
	vec_each(fact, &t->gives)
		sim_world_put(&s->world, "fact", *fact, true);
}

void
sim_hurry(struct sim *s)
{
	s->hurried = true;
}

struct sim *
sim_free(struct sim *s)
{
	if (!s)
		return NULL;
	sim_world_save(&s->world);
	sim_world_done(&s->world);
	faults_done(&s->faults);
	vec_free(&s->nodes);
	free(s->state_path);
	free(s);
	return NULL;
}
