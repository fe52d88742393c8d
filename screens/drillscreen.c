/* A drill as it goes: the answers of the VM as a chart, what happens on the same time axis, the
 * guest's own numbers; then the verdict beside what was predicted and what was measured before. */
#include "screens/screens.h"

#include <string.h>
#include "base/nls.h"
#include "engine/wording.h"
#include "screens/drills.h"
#include "tui/gauge.h"
#include "tui/glyph.h"

enum { HEAD_ROWS = 3, CHART_MIN = 7, TELL_MIN = 6, TICK_MS = 500 };

struct drillscreen {
	struct screen screen;
	struct wizard *w;
	uint64_t tick;
};

static struct exertion *
exertion_of(struct screen *screen)
{
	return ((struct drillscreen *)screen)->w->exertion;
}

static const char *
drill_title(struct screen *screen)
{
	struct exertion *x = exertion_of(screen);
	return x && x->task ? x->task->step->title : NULL;
}

static const char *
drill_hint(struct screen *screen)
{
	struct exertion *x = exertion_of(screen);
	struct drill_view v;
	if (!x)
		return NULL;
	if (!x->runs)
		return _("Arrows move the chart, + and - change its time; PgUp and PgDn read below.");
	drill_view(x->drill, &v);
	if (v.deed_ms)
		return _("Ctrl-C puts back what was taken away, and ends it.");
	return _("Nothing was done yet; Ctrl-C ends it.");
}

/* ---- the head ---- */

static void
stage_words(const struct exertion *x, const struct drill_view *v, struct str *out)
{
	int64_t now = v->ended_ms ? v->ended_ms : loop_now_ms(x->w->loop);
	str_add(out, v->stage == DRILL_ENDED ? _(drill_verdict_words[v->verdict])
					     : _(drill_stage_words[v->stage]));
	if (v->deed_ms) {
		str_addf(out, " %s ", glyph(GLYPH_DOT));
		duration_add(out, now - v->deed_ms);
	}
	str_addf(out, " %s ", glyph(GLYPH_DOT));
	if (v->deed_ms && v->outage_ms > 0) {
		str_add(out, _("longest silence "));
		duration_add(out, v->outage_ms);
		str_add(out, ", ");
	}
	if (v->predicted.outage_ms >= 0) {
		str_add(out, _("predicted "));
		duration_add(out, v->predicted.outage_ms);
	} else {
		str_add(out, _("nothing predicted"));
	}
}

/* How far: of the migration where it tells, else of what is predicted until the VM answers. */
static void
gauge_show(const struct exertion *x, const struct drill_view *v, const struct area *a, int y)
{
	CLEAN_STR words = STR_INIT(256);
	long done = 0, total = 0;
	if (v->stage == DRILL_DOING && v->progress_total > 0) {
		done = v->progress_done;
		total = v->progress_total;
		/* a machine that stays connected is one whose memory moves while it runs */
		str_addf(&words, strcmp(v->predicted.connection, "kept") ? _("%d %% is done")
									   : _("%d %% of the memory is moved"),
			 (int)(done * 100 / total));
	} else if (v->deed_ms && x->silent && v->predicted.outage_ms > 0) {
		done = (long)gaps_open(v->after);
		total = (long)v->predicted.outage_ms;
		str_add(&words, _("silent for "));
		duration_add(&words, done);
		done = done > total ? total : done;
	}
	if (words.len)
		gauge_paint(a, y, x->silent ? ROLE_FAIL : ROLE_BUSY, done, total, str_text(&words));
}

static void
guest_words(const struct drill_view *v, struct str *out)
{
	const struct promises *p = v->promises;
	if (!p->told) {
		str_add(out, _("Nothing was heard from inside the VM yet."));
		return;
	}
	str_addf(out, P_("Guest: %llu number acknowledged", "Guest: %llu numbers acknowledged", p->told),
		 (unsigned long long)p->told);
	str_addf(out, ", %s, %s, %s", p->lost ? _("some LOST") : _("none lost"),
		 p->nonces > 1 ? _("started anew") : _("never restarted"),
		 p->connections > 1 ? _("connection broken") : _("connection kept"));
}

static void
head_paint(const struct exertion *x, const struct drill_view *v, const struct area *a)
{
	CLEAN_STR stage = STR_INIT(512);
	CLEAN_STR guest = STR_INIT(512);
	enum role role = v->stage != DRILL_ENDED ? ROLE_BUSY : v->verdict == DRILL_PASSED ? ROLE_OK :
			 v->verdict == DRILL_FAILED ? ROLE_FAIL : ROLE_WARN;
	stage_words(x, v, &stage);
	paint_clip(a, 0, 0, a->w, role, str_text(&stage), CLIP_END);
	guest_words(v, &guest);
	paint_clip(a, 1, 0, a->w, v->promises->lost ? ROLE_FAIL : ROLE_TEXT, str_text(&guest), CLIP_END);
	gauge_show(x, v, a, 2);
}

/* ---- the screen ---- */

static void
box_title(const struct drill_view *v, struct str *out)
{
	str_add(out, v->task->step->title);
	if (*v->args->variant)
		str_addf(out, " (%s)", v->args->variant);
	str_addf(out, " %s %s", glyph(GLYPH_DOT), v->args->vm);
	if (*v->args->node)
		str_addf(out, " %s %s", glyph(GLYPH_DOT), v->args->node);
	if (v->world == WORLD_SIMULATED)
		str_addf(out, " %s %s", glyph(GLYPH_DOT), _("SIMULATED"));
}

/* While it goes the chart has the room, afterwards what is told. */
static int
chart_rows(const struct exertion *x, int h)
{
	int rows = x->runs ? h - TELL_MIN : h / 2;
	return !x->strip.samples.n ? 0 : rows < CHART_MIN ? CHART_MIN : rows > 18 ? 18 : rows;
}

/* Time goes on while nothing happens. */
static void
tick(void *ctx)
{
	struct drillscreen *s = ctx;
	s->tick = 0;
	app_refresh(s->w->app);
}

static void
drill_paint(struct screen *screen, const struct area *a)
{
	struct drillscreen *s = (struct drillscreen *)screen;
	struct exertion *x = exertion_of(screen);
	struct drill_view v;
	CLEAN_STR title = STR_INIT(512);
	if (!x)
		return;
	if (x->runs && !s->tick)
		s->tick = loop_timer_add(s->w->loop, TICK_MS, tick, s);
	drill_view(x->drill, &v);
	box_title(&v, &title);
	struct area in = paint_box(a, ROLE_TITLE, str_text(&title));
	struct area head = area_rows(&in, 0, HEAD_ROWS), rest = area_rows(&in, HEAD_ROWS, -1);
	head_paint(x, &v, &head);
	if (x->order) {
		int used = paint_wrap(&rest, 0, ROLE_WARN, x->order);
		rest = area_rows(&rest, used, -1);
	}
	int rows = chart_rows(x, rest.h);
	struct area chart = area_rows(&rest, 0, rows), told = area_rows(&rest, rows + (rows > 0), -1);
	if (rows) {
		strip_paint(&x->strip, &chart, true);
		paint_rule(&rest, rows, ROLE_BORDER, NULL);
	}
	pager_paint(&x->told, &told, !rows);
}

static bool
drill_key(struct screen *screen, const struct key *k)
{
	struct drillscreen *s = (struct drillscreen *)screen;
	struct exertion *x = s->w->exertion;
	bool reads = k->action == ACTION_UP || k->action == ACTION_DOWN || k->action == ACTION_PAGE_UP ||
		     k->action == ACTION_PAGE_DOWN;
	if (!x)
		return false;
	if (reads ? pager_key(&x->told, k) : strip_key(&x->strip, k))
		return true;
	switch (k->action) {
	case ACTION_SKIP:
		exertion_hurry(s->w);
		return true;
	case ACTION_RETRY: {
		const struct step *step = x->task->step;
		struct drill_args args = x->args;
		if (!x->runs && !exertion_begin(s->w, step, &args))
			app_close(screen->app, screen);
		return true;
	}
	case ACTION_DRILLS:
		app_close(screen->app, screen);
		return true;
	default:
		return false;
	}
}

static void
drill_actions(struct screen *screen, struct action_set *set)
{
	struct exertion *x = exertion_of(screen);
	action_add(set, ACTION_ZOOM_IN);
	action_add(set, ACTION_ZOOM_OUT);
	action_add(set, ACTION_FOLLOW);
	action_add(set, ACTION_MAP);
	action_add(set, ACTION_BACK);
	if (x && x->runs) {
		action_add(set, ACTION_STOP);
		if (x->w->ws.world == WORLD_SIMULATED)
			action_add_as(set, ACTION_SKIP, _("To the end"));
	} else {
		action_add_as(set, ACTION_RETRY, _("Again"));
	}
}

static void
drill_close(struct screen *screen)
{
	struct drillscreen *s = (struct drillscreen *)screen;
	loop_timer_del(s->w->loop, s->tick);
	free(s);
}

static const struct screen_ops drill_ops = {
	.title = drill_title,
	.hint = drill_hint,
	.paint = drill_paint,
	.key = drill_key,
	.actions = drill_actions,
	.close = drill_close,
};

void
screen_drill(struct wizard *w)
{
	if (!w->exertion || (app_top(w->app) && app_top(w->app)->ops == &drill_ops))
		return;
	struct drillscreen *s = xcalloc(1, sizeof *s);
	s->screen.ops = &drill_ops;
	s->w = w;
	app_push(w->app, &s->screen);
}
