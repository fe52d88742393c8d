/* What a drill sends to the nodes, and what their lines mean to it. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "base/nls.h"
#include "engine/drillpriv.h"
#include "engine/workspace.h"

/* ---- ways ---- */

struct way *
way_for(struct drill *d, const struct node *node, struct err *err)
{
	struct way **p, *w;
	struct transport *t;

	vec_each(p, &d->ways)
		if ((*p)->node == node)
			return *p;
	t = d->sv->connect(d->loop, d->plan->model, d->opts.world, node, &d->asker, err);
	if (!t)
		return NULL;
	w = xcalloc(1, sizeof *w);
	w->node = node;
	w->transport = t;
	vec_push(&d->ways, w);
	return w;
}

struct way *
way_free(struct drill *d, struct way *w)
{
	char **name;

	(void)d;
	w->transport->ops->close(w->transport);
	vec_each(name, &w->taken)
		free(*name);
	vec_free(&w->taken);
	free(w);
	return NULL;
}

/* ---- what comes back ---- */

static const char *
errand_node(const struct errand *e)
{
	return e->way->node ? e->way->node->name : "console";
}

/* "phase NAME [NODE [AGE_MS]]": it happened so long ago on the clock of the node that tells. */
static void
on_phase(struct errand *e, const struct marker *m)
{
	struct drill *d = e->drill;
	int64_t now = loop_now_ms(d->loop);
	uint64_t age = 0;

	if (!m->nargs || !*m->args[0])
		return;
	if (!str_to_u64(marker_arg(m, 2), &age) || age > 3600 * 1000)
		age = 0;
	drill_phase_told(d, m->args[0], marker_arg(m, 1), now - (int64_t)age);
}

static void
on_progress(struct errand *e, const struct marker *m)
{
	struct drill *d = e->drill;
	uint64_t done, total;

	if (!str_to_u64(marker_arg(m, 0), &done) || !str_to_u64(marker_arg(m, 1), &total) || !total ||
	    total > 1000000000)
		return;
	d->progress_done = (int)(done > total ? total : done);
	d->progress_total = (int)total;
	drill_emit(d, &(struct drill_event){ .type = DRILL_EV_PROGRESS, .node = errand_node(e) });
}

static void
errand_sentence(struct errand *e, const struct marker *m, enum drill_event_type type)
{
	struct drill *d = e->drill;
	CLEAN_STR text = STR_INIT(2048);

	if (!m->nargs)
		return;
	step_message(d->task->step, m->args[0], (const char *const *)m->args + 1, m->nargs - 1,
		     &text);
	if (e->verb == VERB_AUDIT && type == DRILL_EV_REASON)
		drill_condition(d, MARK_FAIL, m->args[0], str_text(&text));
	drill_emit(d, &(struct drill_event){ .type = type, .node = errand_node(e),
					     .text = str_text(&text), .len = text.len });
}

static void
on_reason(struct errand *e, const struct marker *m)
{
	errand_sentence(e, m, DRILL_EV_REASON);
}

static void
on_warn(struct errand *e, const struct marker *m)
{
	errand_sentence(e, m, DRILL_EV_WARN);
}

static void
on_hint(struct errand *e, const struct marker *m)
{
	errand_sentence(e, m, DRILL_EV_HINT);
}

/* "passed ID ARG…": one thing that an audit looked at and found in order. */
static void
on_passed(struct errand *e, const struct marker *m)
{
	CLEAN_STR text = STR_INIT(2048);

	if (!m->nargs || e->verb != VERB_AUDIT)
		return;
	step_message(e->drill->task->step, m->args[0], (const char *const *)m->args + 1,
		     m->nargs - 1, &text);
	drill_condition(e->drill, MARK_PASS, m->args[0], str_text(&text));
}

static void
on_value(struct errand *e, const struct marker *m)
{
	if (m->nargs > 1)
		drill_tell(e->drill, m->args[0], m->args[1]);
}

/* As in other checks that are asked of many nodes: who says "no" is no place to begin a drill. */
static void
on_member(struct errand *e, const struct marker *m)
{
	struct err err = { 0 };

	if (e->verb != VERB_CHECK || !strcmp(marker_arg(m, 0), "quorate"))
		return;
	e->drill->refused = true;
	err_set(&err, E_STEP, _("%s is no quorate member"), errand_node(e));
	drill_emit(e->drill, &(struct drill_event){ .type = DRILL_EV_ERROR, .node = errand_node(e),
						    .err = &err });
}

static void
on_owner(struct errand *e, const struct marker *m)
{
	if (e->verb == VERB_CHECK && !strcmp(marker_arg(m, 0), "yes"))
		drill_tell(e->drill, "drill.owner", errand_node(e));
}

static void
on_begin(struct errand *e, const struct marker *m)
{
	(void)m;
	e->begun = true;
	if (e == e->drill->watch)
		drill_watch_begun(e->drill);
}

static void
on_end(struct errand *e, const struct marker *m)
{
	uint64_t code;

	e->code = str_to_u64(marker_arg(m, 1), &code) && code < 256 ? (int)code : -1;
}

static void
on_job(struct errand *e, const struct marker *m)
{
	str_put(e->reader.nonces[1], sizeof e->reader.nonces[1], marker_arg(m, 2));
}

static void
on_jobend(struct errand *e, const struct marker *m)
{
	uint64_t code;

	e->code = str_to_u64(marker_arg(m, 1), &code) && code < 256 ? (int)code : -1;
	vec_push(&e->way->taken, xstrdup(marker_arg(m, 0)));
}

static const struct {
	const char *kind;
	void (*fn)(struct errand *e, const struct marker *m);
} errand_markers[] = {
	{ "phase", on_phase },	 { "value", on_value },	  { "progress", on_progress },
	{ "reason", on_reason }, { "warn", on_warn },	  { "hint", on_hint },
	{ "passed", on_passed }, { "begin", on_begin },	  { "end", on_end },
	{ "job", on_job },	 { "jobend", on_jobend }, { "member", on_member },
	{ "owner", on_owner },
};

static void
errand_marker(void *ctx, const struct marker *m)
{
	for (size_t i = 0; i < sizeof errand_markers / sizeof *errand_markers; i++)
		if (!strcmp(errand_markers[i].kind, m->kind))
			errand_markers[i].fn(ctx, m);
}

static void
errand_log(void *ctx, const char *text, size_t n)
{
	struct errand *e = ctx;

	drill_emit(e->drill, &(struct drill_event){ .type = DRILL_EV_OUTPUT, .node = errand_node(e),
						    .text = text, .len = n });
}

static void
errand_out(void *ctx, int stream, const char *data, size_t n)
{
	struct errand *e = ctx;

	if (stream == 1)
		marker_feed(&e->reader, data, n);
	else
		errand_log(e, data, n);
}

static void
errand_free(struct errand *e)
{
	struct drill *d = e->drill;
	char **name;

	for (size_t i = 0; i < d->errands.n; i++)
		if (d->errands.at[i] == e) {
			vec_remove(&d->errands, i);
			break;
		}
	vec_each(name, &e->taken)
		vec_push(&e->way->taken, *name);
	vec_free(&e->taken);
	marker_done(&e->reader);
	str_wipe(&e->script);
	free(e);
}

/* 75: another console holds the node's lease. */
static void
errand_done(void *ctx, int status, const struct err *err)
{
	struct errand *e = ctx;
	struct err why = *err;
	char **name;

	marker_end(&e->reader);
	if (!why.code && status == 75)
		err_set(&why, E_BUSY, _("another console is working on %s"), errand_node(e));
	if (!why.code) {
		e->way->leased = e->drill->opts.lease;
		vec_each(name, &e->taken)
			free(*name);
		e->taken.n = 0;
	}
	if (e->done && !e->drill->closing)
		e->done(e, &why);
	errand_free(e);
}

/* ---- sending ---- */

static const char *
drill_extra(void *ctx, const char *id)
{
	const struct drill *d = ctx;
	const struct drill_args *a = &d->opts.args;

	if (!strcmp(id, "drill.variant"))
		return a->variant;
	if (!strcmp(id, "drill.vm"))
		return a->vm;
	if (!strcmp(id, "drill.node"))
		return a->node;
	if (!strcmp(id, "drill.to"))
		return a->to;
	if (!strcmp(id, "drill.world"))
		return world_id(d->opts.world);
	return drill_told(d, id);
}

static struct compose
drill_compose(struct drill *d)
{
	return (struct compose){ .plan = d->plan, .values = d->values, .run_nonce = d->run_nonce,
				 .now_s = time(NULL), .console = d->console, .extra = drill_extra,
				 .extra_ctx = d };
}

static struct errand *
errand_new(struct drill *d, struct way *w, enum verb verb)
{
	struct errand *e = xcalloc(1, sizeof *e);

	e->drill = d;
	e->way = w;
	e->verb = verb;
	e->code = -1;
	e->script = STR_INIT(SCRIPT_MAX);
	random_hex(e->nonce, 16);
	marker_init(&e->reader, e->nonce);
	e->reader.on_marker = errand_marker;
	e->reader.on_log = errand_log;
	e->reader.ctx = e;
	vec_push(&d->errands, e);
	return e;
}

static struct compose_head
errand_head(struct errand *e, enum lease lease)
{
	struct way *w = e->way;
	char **name;

	vec_each(name, &w->taken)
		vec_push(&e->taken, *name);
	w->taken.n = 0;
	return (struct compose_head){
		.nonce = e->nonce,
		.lease = lease != LEASE_NONE	    ? lease
			 : !e->drill->opts.lease    ? LEASE_NONE
			 : w->leased		    ? LEASE_RENEW
						    : LEASE_TAKE,
		.taken = (const char *const *)e->taken.at,
		.ntaken = e->taken.n,
	};
}

static int
errand_script(struct errand *e, const struct compose_head *h, struct err *err)
{
	struct drill *d = e->drill;
	struct compose c = drill_compose(d);
	struct task *t = d->task;

	if (e->verb == VERB_CHECK)
		return compose_checks(&c, h, &t, NULL, 1, &e->script, err);
	if (e->verb == VERB_APPLY || e->verb == VERB_UNDO)
		return compose_job(&c, h, t, e->verb, d->attempt, true, false, &e->script, err);
	return compose_verb(&c, h, t, e->verb, &e->script, err);
}

static void
errand_exec(struct errand *e, struct task *const *tasks, size_t ntasks, int64_t limit_ms)
{
	struct exec_req req = {
		.verb = e->verb,
		.tasks = tasks,
		.ntasks = ntasks,
		.drill = &e->drill->opts.args,
		.nonce = e->nonce,
		.script = str_text(&e->script),
		.script_len = e->script.len,
		.deadline_ms = limit_ms,
		.on_out = errand_out,
		.on_done = errand_done,
		.ctx = e,
	};

	e->exec = e->way->transport->ops->exec(e->way->transport, &req);
}

struct errand *
errand_send(struct drill *d, struct way *w, enum verb verb,
	    void (*done)(struct errand *e, const struct err *err), struct err *err)
{
	struct errand *e = errand_new(d, w, verb);
	struct compose_head head = errand_head(e, LEASE_NONE);
	const struct step *s = d->task->step;
	int limit_s = verb == VERB_CHECK || verb == VERB_AUDIT ? s->check_limit_s : s->limit_s;

	if (errand_script(e, &head, err)) {
		errand_free(e);
		return NULL;
	}
	e->done = done;
	errand_exec(e, &d->task, 1, (limit_s + 60) * 1000);
	return e;
}

struct errand *
errand_attach(struct drill *d, struct way *w, void (*done)(struct errand *e, const struct err *err),
	      struct err *err)
{
	struct errand *e = errand_new(d, w, VERB_APPLY);
	struct compose_head head = errand_head(e, LEASE_NONE);
	struct compose c = drill_compose(d);

	if (compose_attach(&c, &head, d->task, VERB_APPLY, 0, &e->script, err)) {
		errand_free(e);
		return NULL;
	}
	e->done = done;
	errand_exec(e, &d->task, 1, (d->task->step->limit_s + 60) * 1000);
	return e;
}

/* Nobody waits for its answer. */
void
errand_lease(struct drill *d, struct way *w, enum lease lease)
{
	struct errand *e = errand_new(d, w, VERB_CHECK);
	struct compose_head head = errand_head(e, lease);
	struct compose c = drill_compose(d);
	struct err err = { 0 };

	if (compose_head_only(&c, &head, &e->script, &err))
		errand_free(e);
	else
		errand_exec(e, NULL, 0, 20 * 1000);
}

void
errand_cancel(struct errand *e)
{
	e->done = NULL;
	e->way->transport->ops->cancel(e->way->transport, e->exec);
}
