/* The drill under way: begun, stopped, and told to the chart, the map, the journal and the front. */
#include "screens/drills.h"

#include <string.h>
#include "base/nls.h"
#include "engine/wording.h"
#include "screens/pings.h"

enum { MEDIAN_OF = 5, CHART_COLUMNS = 70, AROUND_MS = 30000, TEXT_BYTES = 8192 };

/* ---- which there are ---- */

static int
last_take(void *ctx, const struct drill_record *r)
{
	struct drill_offer *o = ctx;
	o->last = *r;
	o->had = true;
	return 1;
}

static void
offer_add(struct wizard *w, struct drill_offers *to, const struct step *s, const char *variant)
{
	struct drill_offer *o = vec_add(&to->at);
	struct err err = { 0 };
	o->step = s;
	o->variant = variant;
	if (!w->ws.journal)
		return;
	journal_drills(w->ws.journal, s->id, variant, last_take, o, &err);
	o->median_ms = journal_drill_median(w->ws.journal, s->id, variant, MEDIAN_OF, &o->median_n);
}

void
drill_offers_fill(struct wizard *w, struct drill_offers *ret)
{
	struct step **s;
	ret->at.n = 0;
	vec_each(s, &w->ws.catalog->steps) {
		if ((*s)->kind != KIND_DRILL)
			continue;
		for (size_t i = 0; i < (*s)->variants.n; i++)
			offer_add(w, ret, *s, (*s)->variants.at[i]);
		if (!(*s)->variants.n)
			offer_add(w, ret, *s, "");
	}
}

void
drill_offers_done(struct drill_offers *o)
{
	vec_free(&o->at);
}

void
drill_offer_past(const struct drill_offer *o, struct str *out)
{
	if (!o->had) {
		str_add(out, _("never done"));
		return;
	}
	str_add(out, drill_verdict_word(o->last.verdict));
	if (o->last.outage_ms < 0)
		return;
	str_add(out, _(", silent for "));
	duration_add(out, o->last.outage_ms);
	if (o->median_n < 2)
		return;
	str_addf(out, _(", median of %zu: "), o->median_n);
	duration_add(out, o->median_ms);
}

bool
drill_has_victim(const struct step *s)
{
	return s->on == ON_HYPERVISOR;
}

/* ---- the chart ---- */

static int64_t
chart_ms(const struct exertion *x, int64_t at_ms)
{
	return x->zero_ms && at_ms > x->zero_ms ? at_ms - x->zero_ms : 0;
}

static void
chart_event(struct exertion *x, int64_t at_ms, enum role role, const char *text)
{
	strip_event(&x->strip, chart_ms(x, at_ms), role, text);
}

/* All of what is predicted shall fit, and a little before and after it. */
static void
chart_scale(struct exertion *x, const struct drill_view *v)
{
	static const int scales[] = { 100, 200, 500, 1000, 2000, 5000, 10000 };
	int64_t whole = AROUND_MS + (v->predicted.outage_ms > 0 ? v->predicted.outage_ms : 0);
	size_t i = 0;
	while (i + 1 < sizeof scales / sizeof *scales && scales[i] * (int64_t)CHART_COLUMNS < whole)
		i++;
	x->strip.per_column_ms = scales[i];
}

/* A phase is told at its end: it lasted since the one before it. */
static void
chart_phase(struct exertion *x, const struct drill_event *e, const char *title)
{
	static const enum role roles[] = {
		[PHASE_DETECT] = ROLE_WARN,  [PHASE_FENCE] = ROLE_WARN,	    [PHASE_START] = ROLE_BUSY,
		[PHASE_ANSWER] = ROLE_BUSY,  [PHASE_SETTLED] = ROLE_OK,	    [PHASE_REDUNDANT] = ROLE_OK,
		[PHASE_OTHER] = ROLE_TEXT,
	};
	CLEAN_STR text = STR_INIT(256);
	int64_t at = chart_ms(x, e->phase->at_ms);
	/* that it answers again ends the silence alone */
	if (e->phase->id == PHASE_ANSWER && x->silence_ms > x->phase_ms)
		x->phase_ms = x->silence_ms;
	if (at > x->phase_ms) {
		strip_phase(&x->strip, x->phase_ms, roles[e->phase->id], title);
		strip_phase(&x->strip, at, ROLE_TEXT, NULL);
		x->phase_ms = at;
	}
	str_add(&text, title);
	if (*e->phase->node)
		str_addf(&text, "  %s", e->phase->node);
	strip_event(&x->strip, at, roles[e->phase->id], str_text(&text));
}

/* Where the VM is now: the map moves it. */
static void
map_move(struct exertion *x, const struct drill_phase *p)
{
	CLEAN_STR name = STR_INIT(NAME_SIZE + 16);
	if (p->id != PHASE_START || !*p->node)
		return;
	str_addf(&name, "vm.node(%s)", x->args.vm);
	viewmap_event(x->w->map, &(struct event){ .type = EV_VALUE, .name = str_text(&name),
						  .text = p->node });
}

static void
sample_show(struct exertion *x, const struct drill_view *v)
{
	const struct ping_sample *s = &v->samples[v->nsamples - 1];
	if (!x->zero_ms)
		x->zero_ms = s->sent_ms;
	x->silent = v->deed_ms && s->rtt_us == PING_LOST;
	strip_sample(&x->strip, chart_ms(x, s->sent_ms), s->rtt_us);
	pings_take(x->w, v->args->vm, s->rtt_us);
}

static void
stage_show(struct exertion *x, const struct drill_view *v, int64_t at_ms)
{
	if (v->stage == DRILL_STEADY)
		chart_scale(x, v);
	if (v->stage == DRILL_DOING) {
		x->strip.zero_ms = x->phase_ms = chart_ms(x, v->deed_ms);
		chart_event(x, v->deed_ms, ROLE_ACCENT, _("it begins"));
	}
	if (v->stage == DRILL_RESTORING)
		chart_event(x, at_ms, ROLE_CHANGED, _("what was taken away is put back"));
}

static void
event_show(struct exertion *x, const struct drill_event *e, const struct drill_view *v)
{
	CLEAN_STR text = STR_INIT(256);
	if (e->type == DRILL_EV_SAMPLE) {
		sample_show(x, v);
	} else if (e->type == DRILL_EV_STAGE) {
		stage_show(x, v, e->at_ms);
	} else if (e->type == DRILL_EV_SILENCE) {
		str_addf(&text, _("%s is silent"), v->args->vm);
		x->silence_ms = chart_ms(x, v->samples[v->nsamples - 1].sent_ms);
		chart_event(x, v->samples[v->nsamples - 1].sent_ms, ROLE_FAIL, str_text(&text));
	} else if (e->type == DRILL_EV_PHASE) {
		chart_phase(x, e, drill_phase_title(v->task->step, e->phase->name));
		map_move(x, e->phase);
	}
}

/* What a person shall do stays to be read after the name is typed, until something comes of it. */
static void
order_keep(struct exertion *x, const char *text)
{
	free(x->order);
	x->order = text ? xstrdup(text) : NULL;
}

static void
on_event(void *ctx, const struct drill_event *e)
{
	struct exertion *x = ctx;
	struct drill_view v;
	drill_view(e->drill, &v);
	x->args = *v.args; /* with what was left open */
	if (e->type == DRILL_EV_PHASE || v.stage >= DRILL_AUDITING)
		order_keep(x, NULL);
	event_show(x, e, &v);
	drill_lines(x, e);
	x->w->front->changed(x->w);
}

/* ---- the questions ---- */

/* With what is predicted, so that one knows what one agrees to. */
static void
on_ask(void *front, const struct ask *question, ask_answer_fn answer, void *ctx)
{
	struct exertion *x = front;
	struct ask q = *question;
	struct drill_view v;
	CLEAN_STR text = STR_INIT(TEXT_BYTES);
	drill_view(x->drill, &v);
	if (str_starts(q.id, "hand:")) {
		order_keep(x, q.title);
		q.text = q.title;
		q.title = _("By hand");
	} else if (q.type == ASK_CONFIRM || q.type == ASK_NAME) {
		drill_prediction_add(&text, &v);
		str_add(&text, "\n\n");
		str_add(&text, x->w->ws.world == WORLD_SIMULATED
			? _("SIMULATED: no real machine is touched.")
			: _("Clients of this VM will notice it. What is taken away is put back afterwards."));
		q.text = str_text(&text);
	}
	ask_put(&x->w->asker, &q, answer, ctx);
}

/* ---- from its beginning to its end ---- */

bool
exertion_runs(const struct wizard *w)
{
	return w->exertion && w->exertion->runs;
}

void
exertion_drop(struct wizard *w)
{
	struct exertion *x = w->exertion;
	if (!x)
		return;
	if (x->runs)
		w->running = w->stopping = false;
	x->drill = drill_free(x->drill);
	x->kept = drill_journal_free(x->kept);
	x->plan = plan_free(x->plan);
	strip_done(&x->strip);
	pager_done(&x->told);
	free(x->order);
	free(x);
	w->exertion = NULL;
}

static void
on_over(void *ctx, int code)
{
	struct exertion *x = ctx;
	struct wizard *w = x->w;
	x->runs = false;
	w->running = w->stopping = false;
	pings_pause(w, false);
	if (w->ws.world == WORLD_SIMULATED)
		loop_clock_virtual(w->loop, w->setup.speed);
	w->code = code;
	w->front->drill_over(w, code);
	w->front->changed(w);
}

static bool
exertion_prepare(struct exertion *x, const struct step *s, struct err *err)
{
	struct wizard *w = x->w;
	const struct selection sel = { .drills = true };
	struct drill_sink sinks[2] = { { on_event, x } };
	size_t n = 1;
	x->plan = wizard_plan(w, &sel);
	if (!x->plan)
		return false;
	x->task = drill_task(x->plan, s->name, *x->args.vm ? x->args.vm : NULL,
			     drill_has_victim(s) && *x->args.node ? x->args.node : NULL);
	if (!x->task) {
		err_set(err, E_INPUT, _("the drill '%s' is not for this VM or node"), s->title);
		err_hint(err, _("Choose another VM or another node."));
		return false;
	}
	/* last, so that what is compared with is what was before */
	if (w->ws.journal) {
		x->kept = drill_journal_new(w->ws.journal);
		sinks[n++] = (struct drill_sink){ drill_journal_event, x->kept };
	}
	const struct drill_opts opts = {
		.world = w->ws.world,
		.args = x->args,
		.pins_path = w->ws.pins,
		.lease = w->ws.world != WORLD_SIMULATED,
	};
	x->drill = drill_new(w->loop, x->plan, x->task, w->setup.sv, &x->asker, &opts, sinks, n, err);
	return x->drill != NULL;
}

bool
exertion_begin(struct wizard *w, const struct step *s, const struct drill_args *args)
{
	struct err err = { 0 };
	if (w->running) {
		w->front->note(w, _("A run is under way; its end is waited for."));
		return false;
	}
	exertion_drop(w);
	struct exertion *x = xcalloc(1, sizeof *x);
	w->exertion = x;
	*x = (struct exertion){ .w = w, .args = *args, .asker = { on_ask, x } };
	strip_init(&x->strip, 0);
	pager_init(&x->told);
	x->told.follow = x->told.wrap = true;
	if (!exertion_prepare(x, s, &err)) {
		if (err.code)
			wizard_tell(w, &err);
		exertion_drop(w);
		return false;
	}
	pings_pause(w, true);
	x->runs = w->running = true;
	drill_start(x->drill, on_over, x);
	return true;
}

void
exertion_abort(struct wizard *w)
{
	if (exertion_runs(w))
		drill_abort(w->exertion->drill);
}

void
exertion_stop(struct wizard *w)
{
	struct exertion *x = w->exertion;
	struct drill_view v;
	if (!exertion_runs(w))
		return;
	if (x->stopping) {
		w->front->note(w, drill_at_risk(x->drill)
			       ? _("Leaving at once; what was taken away is NOT put back.")
			       : _("Leaving at once."));
		drill_abort(x->drill);
		return;
	}
	x->stopping = w->stopping = true;
	drill_view(x->drill, &v);
	w->front->unask(w);
	w->front->note(w, v.deed_ms ? _("Stopping: what was taken away is put back first. Ctrl-C again "
					"leaves at once.")
				    : _("Stopping: nothing was done yet."));
	drill_stop(x->drill);
}

void
exertion_hurry(struct wizard *w)
{
	if (!exertion_runs(w))
		return;
	if (w->ws.world == WORLD_SIMULATED)
		loop_clock_virtual(w->loop, 0);
	else
		w->front->note(w, _("Real time can't be hurried: that is for the simulated world."));
}
