/* The stages of a drill, from its entry conditions to its verdict. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/nls.h"
#include "engine/drillpriv.h"

/* ---- small things ---- */

bool
drill_has(const struct drill *d, enum verb v)
{
	return d->task->step->verbs & (1u << v);
}

/* Does it take something away that has to come back? */
bool
drill_takes(const struct drill *d)
{
	return drill_has(d, VERB_UNDO) || hands_wanted(d, "deed.back");
}

bool
drill_answers(const struct drill *d)
{
	return d->ping_failed || d->after.tail >= SETTLED_PROBES;
}

void
drill_error(struct drill *d, const char *node, const struct err *err)
{
	if (!d->err.code)
		d->err = *err;
	drill_emit(d, &(struct drill_event){ .type = DRILL_EV_ERROR, .node = node, .err = err });
}

void
drill_over(struct drill *d, enum drill_verdict verdict)
{
	if (!d->verdict)
		d->verdict = verdict;
	drill_end(d);
}

/* ---- who does what ---- */

bool
drill_asks_node(const struct node *n)
{
	return (n->roles & ROLE_HYPERVISOR) && n->state == PRESENT;
}

/* The node that a value names, else the first hypervisor that is not the victim. */
static const struct node *
drill_place(const struct drill *d, const char *value, bool victim)
{
	const struct model *m = d->plan->model;
	const char *told = drill_told(d, value), *owner = drill_told(d, "drill.owner");
	const char *hit = *d->opts.args.node ? d->opts.args.node : owner ? owner : "";
	const struct node *n;

	if (told && *told)
		return model_node(m, told);
	if (victim && *hit)
		return model_node(m, hit);
	vec_each(n, &m->nodes)
		if (drill_asks_node(n) && strcmp(n->name, hit) != 0)
			return n;
	return NULL;
}

/* What happens to a node is done on that node, unless the check names another one. */
const struct node *
drill_doer(const struct drill *d)
{
	return drill_place(d, "drill.on", d->task->step->on == ON_HYPERVISOR);
}

const struct node *
drill_watcher(const struct drill *d)
{
	return drill_place(d, "drill.watcher", false);
}

struct errand *
drill_send(struct drill *d, const struct node *node, enum verb verb,
	   void (*done)(struct errand *e, const struct err *err))
{
	struct err err = { 0 };
	struct way *w = NULL;
	struct errand *e = NULL;

	if (!node) {
		err_set(&err, E_INPUT, _("no node is left that could do it or look on"));
		err_hint(&err, _("A drill needs a second hypervisor in the cluster file."));
	} else {
		w = way_for(d, node, &err);
	}
	if (w)
		e = errand_send(d, w, verb, done, &err);
	if (!e)
		drill_error(d, node ? node->name : NULL, &err);
	return e;
}

/* ---- probes ---- */

static void
on_sample(void *ctx, const struct ping_sample *s)
{
	struct drill *d = ctx;
	bool since = d->deed_begun && s->sent_ms >= d->deed_ms;

	vec_push(&d->samples, *s);
	gaps_add(since ? &d->after : &d->before, s);
	drill_emit(d, &(struct drill_event){ .type = DRILL_EV_SAMPLE });
	if (!since)
		return;
	if (s->rtt_us == PING_LOST && !d->silent) {
		d->silent = true;
		drill_emit(d, &(struct drill_event){ .type = DRILL_EV_SILENCE });
	} else if (s->rtt_us != PING_LOST && d->silent) {
		d->silent = false;
		if (!drill_phase_told(d, "answer", "", s->sent_ms))
			drill_emit(d, &(struct drill_event){ .type = DRILL_EV_ANSWER });
	}
}

static void
on_number(void *ctx, const struct ping_number *n)
{
	struct drill *d = ctx;

	promises_add(&d->promises, n);
	drill_emit(d, &(struct drill_event){ .type = DRILL_EV_NUMBER, .number = n });
}

static void
on_ping_fail(void *ctx, const struct err *err)
{
	struct drill *d = ctx;

	d->ping_failed = true;
	drill_error(d, NULL, err);
	if (!d->deed_begun)
		drill_over(d, DRILL_UNTOLD);
}

/* Never a hypervisor: this machine if the model says it may, else the first node that is none. */
static bool
drill_ping(struct drill *d, struct err *err)
{
	const struct model *m = d->plan->model;
	const struct node *n, *from = NULL;
	struct way *w = NULL;
	struct ping_spec spec = {
		.world = d->opts.world,
		.vm = model_vm(m, d->opts.args.vm),
		.on_sample = on_sample,
		.on_number = on_number,
		.on_fail = on_ping_fail,
		.ctx = d,
	};

	vec_each(n, &m->nodes)
		if (!from && !(n->roles & ROLE_HYPERVISOR) && n->state == PRESENT)
			from = n;
	if (from && !(w = way_for(d, from, err)))
		return false;
	spec.via = w ? w->transport : NULL;
	/* only the demo guest is known to count */
	spec.port = *spec.vm->image ? 0 : GUEST_PORT;
	d->ping = d->sv->ping->start(d->loop, &spec, err);
	return d->ping != NULL;
}

/* ---- probes before, then the deed ---- */

static void drill_look(void *ctx);

static void
drill_look_later(struct drill *d)
{
	loop_timer_del(d->loop, d->look_timer);
	d->look_timer = loop_timer_add(d->loop, LOOK_MS, drill_look, d);
}

void
drill_steady(struct drill *d)
{
	struct err err = { 0 };

	drill_stage_set(d, DRILL_STEADY);
	if (drill_ping(d, &err)) {
		drill_look_later(d);
		return;
	}
	drill_error(d, NULL, &err);
	drill_over(d, DRILL_UNTOLD);
}

static void
watch_again(void *ctx);

static void
watch_done(struct errand *e, const struct err *err)
{
	struct drill *d = e->drill;

	(void)err;
	d->watch = NULL;
	if (d->stage == DRILL_ENDED)
		return;
	/* It came to its end, or it can't: it is asked again until redundancy is back. */
	if (!drill_phase(d, PHASE_REDUNDANT))
		d->watch_timer = loop_timer_add(d->loop, WATCH_AGAIN_MS, watch_again, d);
}

static void
watch_again(void *ctx)
{
	struct drill *d = ctx;

	d->watch_timer = 0;
	d->watch = drill_send(d, drill_watcher(d), VERB_WATCH, watch_done);
}

static void on_attach(void *ctx);

static void
deed_over(struct drill *d)
{
	d->deed_done = true;
	drill_unfollow(d);
	if (d->stage == DRILL_DOING)
		drill_stage_set(d, DRILL_WATCHING);
	if (d->stopping || d->deed_code > 0)
		drill_restore(d);
}

/* What was begun goes on without a link: it is followed again, but on a node that was taken
 * away, where silence is the answer. */
static void
on_deed_done(struct errand *e, const struct err *err)
{
	struct drill *d = e->drill;
	bool victim = e->way->node && !strcmp(e->way->node->name, d->opts.args.node);
	bool followed = err->code == E_LOST || err->code == E_TIMEOUT || d->attach_tries;

	d->deed_code = e->code;
	d->deed_lost = err->code && victim && e->code < 0;
	if (err->code && !d->deed_lost && !d->attach_tries)
		drill_error(d, e->way->node->name, err);
	if (err->code && !d->deed_lost && followed && d->attach_tries++ < ATTACH_MAX)
		d->attach_timer = loop_timer_add(d->loop, WATCH_AGAIN_MS, on_attach, d);
	else
		deed_over(d);
}

static void
on_attach(void *ctx)
{
	struct drill *d = ctx;
	struct err err = { 0 };
	struct way *w = way_for(d, drill_doer(d), &err);

	d->attach_timer = 0;
	if (!w || !errand_attach(d, w, on_deed_done, &err)) {
		drill_error(d, NULL, &err);
		deed_over(d);
	}
}

void
drill_deed_mark(struct drill *d)
{
	if (d->deed_begun)
		return;
	d->deed_ms = loop_now_ms(d->loop);
	d->deed_begun = true;
	drill_stage_set(d, DRILL_DOING);
}

/* What hands had to do is done; the script may have its own part, now or after a phase. */
void
drill_hands_done(struct drill *d, const struct err *err)
{
	if (d->stage == DRILL_ENDED)
		return;
	d->deed_code = err->code ? 1 : 0;
	if (err->code)
		drill_error(d, NULL, err);
	if (!d->deed_begun)
		drill_over(d, DRILL_STOPPED);
	else
		deed_over(d);
}

static void
drill_deed(struct drill *d)
{
	if (d->deed_begun || d->hands_begun)
		return;
	loop_timer_del(d->loop, d->watch_timer);
	d->watch_timer = 0;
	if (d->hands) {
		d->hands_begun = true;
		hands_begin(d->hands);
		return;
	}
	drill_deed_mark(d);
	drill_follow(d);
	if (!drill_send(d, drill_doer(d), VERB_APPLY, on_deed_done)) {
		d->deed_begun = false;
		d->deed_ms = 0;
		drill_over(d, DRILL_UNTOLD);
	}
}

/* ---- what only a person may order, once a phase was reached ---- */

static void
on_then_allowed(void *ctx, const char *answer)
{
	struct drill *d = ctx;
	struct err err = { 0 };

	if (d->stage != DRILL_WATCHING)
		return;
	if (answer && drill_send(d, drill_doer(d), VERB_APPLY, on_deed_done))
		return;
	d->deed_code = 1;
	if (!answer) {
		err_set(&err, E_CANCELLED, _("nobody allowed it"));
		drill_error(d, NULL, &err);
	}
	drill_restore(d);
}

void
drill_then(struct drill *d, const char *phase)
{
	const char *then = drill_told(d, "deed.then");
	const struct node *doer = drill_doer(d);
	CLEAN_STR id = STR_INIT(512);
	CLEAN_STR title = STR_INIT(1024);
	struct ask q = { .type = ASK_NAME, .class = ASK_DESTRUCTIVE };

	if (!then || strcmp(then, phase) != 0 || d->then_asked || !doer)
		return;
	d->then_asked = true;
	d->deed_code = -1;
	str_addf(&id, "then:%s", d->task->key);
	str_addf(&title, _("%s is alone. Only whoever knows that the others are off may let it go on without "
			   "them: type its name"), doer->name);
	q.id = str_text(&id);
	q.title = str_text(&title);
	q.expect = doer->name;
	ask_put(&d->asker, &q, on_then_allowed, d);
}

void
drill_watch_begun(struct drill *d)
{
	if (d->stage == DRILL_STEADY)
		drill_deed(d);
}

static void
on_watch_late(void *ctx)
{
	struct drill *d = ctx;
	struct err err = { 0 };

	d->watch_timer = 0;
	err_set(&err, E_TIMEOUT, _("nobody could look on: the watch did not begin"));
	drill_error(d, NULL, &err);
	drill_over(d, DRILL_UNTOLD);
}

/* The VM answers: somebody looks on, then it is done. */
static void
drill_begin(struct drill *d)
{
	if (!drill_has(d, VERB_WATCH)) {
		drill_deed(d);
		return;
	}
	if (d->watch)
		return;
	d->watch = drill_send(d, drill_watcher(d), VERB_WATCH, watch_done);
	if (!d->watch)
		drill_over(d, DRILL_UNTOLD);
	else
		d->watch_timer = loop_timer_add(d->loop, WATCH_BEGINS_MS, on_watch_late, d);
}

static void
look_steady(struct drill *d)
{
	const struct gaps *g = &d->before;
	struct err err = { 0 };

	if (loop_now_ms(d->loop) - d->stage_ms < STEADY_MS || !g->sent)
		return;
	if (g->tail >= SETTLED_PROBES / 2) {
		drill_begin(d);
		return;
	}
	if (loop_now_ms(d->loop) - d->stage_ms < STEADY_LIMIT_MS)
		return;
	err_set(&err, E_TIMEOUT, _("%s does not answer steadily: %llu of %llu probes were lost"),
		d->opts.args.vm, (unsigned long long)g->lost, (unsigned long long)g->sent);
	err_hint(&err, _("A drill measures how long it is silent: it must answer before."));
	drill_error(d, NULL, &err);
	drill_over(d, DRILL_REFUSED);
}

/* ---- what is looked at until the end ---- */

static void
drill_look(void *ctx)
{
	struct drill *d = ctx;

	d->look_timer = 0;
	if (d->stage == DRILL_STEADY)
		look_steady(d);
	else if (d->stage == DRILL_WATCHING)
		drill_look_after(d);
	if (d->stage > DRILL_ASKING && d->stage < DRILL_ENDED)
		drill_look_later(d);
}

/* ---- the end ---- */

void
drill_quiet(struct drill *d)
{
	drill_unfollow(d);
	loop_timer_del(d->loop, d->look_timer);
	loop_timer_del(d->loop, d->watch_timer);
	loop_timer_del(d->loop, d->lease_timer);
	loop_timer_del(d->loop, d->attach_timer);
	d->look_timer = d->watch_timer = d->lease_timer = d->attach_timer = 0;
	if (d->ping)
		d->ping = d->sv->ping->stop(d->ping);
}

static void
on_end(void *ctx)
{
	struct drill *d = ctx;
	const struct drill_condition *c;

	vec_each(c, &d->conditions)
		drill_emit(d, &(struct drill_event){ .type = DRILL_EV_CONDITION, .condition = c });
	drill_emit(d, &(struct drill_event){ .type = DRILL_EV_END, .err = &d->err });
	d->done(d->done_ctx, drill_code(d));
}

void
drill_end(struct drill *d)
{
	struct way **w;

	if (d->stage == DRILL_ENDED)
		return;
	drill_quiet(d);
	d->ended_ms = loop_now_ms(d->loop);
	drill_judge(d);
	drill_stage_set(d, DRILL_ENDED);
	vec_each(w, &d->ways)
		if ((*w)->leased)
			errand_lease(d, *w, LEASE_DROP);
	/* from a fresh turn: whoever is told may free the drill */
	loop_defer(d->loop, on_end, d);
}

void
drill_stage_set(struct drill *d, enum drill_stage s)
{
	d->stage = s;
	d->stage_ms = loop_now_ms(d->loop);
	drill_emit(d, &(struct drill_event){ .type = DRILL_EV_STAGE });
}

/* ---- from outside ---- */

static void
lease_renew(void *ctx)
{
	struct drill *d = ctx;
	struct way **w;

	vec_each(w, &d->ways)
		if ((*w)->leased)
			errand_lease(d, *w, LEASE_RENEW);
	d->lease_timer = loop_timer_add(d->loop, DRILL_LEASE_MS, lease_renew, d);
}

void
drill_start(struct drill *d, void (*done)(void *ctx, int code), void *ctx)
{
	struct err err = { 0 };

	d->done = done;
	d->done_ctx = ctx;
	d->began_ms = loop_now_ms(d->loop);
	if (d->pins_path && values_load_pins(d->values, d->pins_path, &err)) {
		drill_error(d, NULL, &err);
		drill_over(d, DRILL_UNTOLD);
		return;
	}
	if (d->opts.lease)
		d->lease_timer = loop_timer_add(d->loop, DRILL_LEASE_MS, lease_renew, d);
	drill_check(d);
}

void
drill_stop(struct drill *d)
{
	if (d->stopping || d->stage == DRILL_ENDED || d->stage == DRILL_NEW)
		return;
	d->stopping = true;
	d->verdict = DRILL_STOPPED;
	if (!d->deed_begun)
		drill_end(d);
	else if (d->stage == DRILL_WATCHING)
		drill_restore(d);
}

void
drill_abort(struct drill *d)
{
	d->verdict = DRILL_STOPPED;
	drill_end(d);
}
