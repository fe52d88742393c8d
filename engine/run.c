/* A run from its start to its end: what it tells, how it is steered, how it closes. */
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include "base/nls.h"
#include "base/text.h"
#include "engine/runpriv.h"

enum { REASON_MAX = 1024 };

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

void
progress_reset(struct progress *p)
{
	struct answer *a;

	vec_each(a, &p->answers)
		answer_clear(a);
	vec_free(&p->answers);
	vec_each(a, &p->floating)
		answer_clear(a);
	vec_free(&p->floating);
	free(p->thin);
	free(p->rest);
	*p = (struct progress){ 0 };
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
run_output(struct run *r, struct task *t, const struct node *node, int stream, const char *text,
	   size_t n)
{
	run_emit(r, &(struct event){ .type = EV_OUTPUT, .task = t, .node = node, .stream = stream,
				     .text = text, .len = n });
}

void
run_error(struct run *r, const struct node *node, const struct err *err)
{
	run_emit(r, &(struct event){ .type = EV_ERROR, .node = node, .err = err });
}

/* A check that was made with another value than the one known now is no answer any more. */
static void
run_outdate(struct run *r, const struct task *by, const char *name, const char *key)
{
	struct task **t;
	const struct use *u;

	vec_each(t, &r->plan->tasks) {
		CLEAN_STR own = STR_INIT(1024);

		values_key(name, *t, &own);
		if (*t == by || (*t)->state != TASK_OK)
			continue;
		vec_each(u, &(*t)->step->uses)
			if (!strcmp(u->id, name) && (u->all || !strcmp(str_text(&own), key))) {
				progress_reset(run_progress(r, *t));
				run_state(r, *t, TASK_PENDING);
				break;
			}
	}
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
	const char *before = values_get(r->values, str_text(&key));
	bool changed = before && strcmp(before, text) != 0;

	if (!strcmp(name, "lun.content"))
		run_progress(r, t)->proven_empty = !strcmp(text, "empty");
	if (!step_pins(t->step, name)) {
		values_set(r->values, str_text(&key), text);
		if (changed)
			run_outdate(r, t, name, str_text(&key));
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
	if (changed)
		run_outdate(r, t, name, str_text(&key));
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

/* ---- what only shows side by side ---- */

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
	vec_each(l, &r->links)
		ret->nodes += (*l)->node != NULL;
	ret->round_trips = r->round_trips;
	ret->wall_ms = (r->ended ? r->ended_ms : loop_now_ms(r->loop)) - r->began_ms;
}

int
run_code(const struct run *r)
{
	struct run_stats st = { 0 };

	run_count(r, &st);
	if (st.failed || r->fatal.code)
		return r->fatal.code == E_INPUT ? 2 : 1;
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

	if (r->trips || r->natives.n)
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

	r->pump_due = false;
	if (r->ended)
		return;
	if (!r->closing) {
		schedule(r);
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

/* A machine may take longer for a renewal than is between two: one at a time, or they would never
 * end. */
static bool
run_is_renewing(const struct run *r, const struct link *l)
{
	const struct trip *t;

	for (t = r->trips; t; t = t->next)
		if (t->link == l && t->kind == TRIP_HEAD)
			return true;
	return false;
}

static void
run_renew_leases(void *ctx)
{
	struct run *r = ctx;
	struct link **l;

	vec_each(l, &r->links)
		if ((*l)->leased && link_is_ready(*l) && !r->closing && !run_is_renewing(r, *l))
			trip_head(*l, LEASE_RENEW);
	r->lease_timer = loop_timer_add(r->loop, LEASE_RENEW_MS, run_renew_leases, r);
}

/* ---- public ---- */

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
	vec_each(t, &p->tasks) {
		if ((*t)->node)
			r->nodes_used[(*t)->node - p->model->nodes.at] = true;
		for (size_t i = 0; i < (*t)->candidates.n; i++)
			r->nodes_used[(*t)->candidates.at[i] - p->model->nodes.at] = true;
	}
	random_hex(r->id, 8);
	console_name(r->console, r->id);
	r->compose = (struct compose){ .plan = p, .values = r->values, .run_nonce = r->id,
				       .console = r->console };
	return r;
}

struct run *
run_free(struct run *r)
{
	char **lock;

	if (!r)
		return NULL;
	r->ended = r->closing = true;
	loop_timer_del(r->loop, r->lease_timer);
	loop_forget(r->loop, r);
	links_free(r);
	natives_cancel(r);
	vec_each(lock, &r->locks)
		free(*lock);
	vec_free(&r->locks);
	question_forget(r);
	values_free(r->values);
	for (size_t i = 0; i < r->plan->tasks.n; i++)
		progress_reset(&r->progress[i]);
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

	unsigned attempt = p->attempt;

	progress_reset(p);
	p->attempt = attempt;
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
	for (size_t i = 0; i < t->candidates.n; i++)
		if (link_for(r, t->candidates.at[i])->transport)
			link_for(r, t->candidates.at[i])->failed = false;
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
