/* Explain: why a step exists, what exactly it would run here, how it is checked and undone, and the
 * same step on the other platform. */
#include "screens/screens.h"

#include <string.h>
#include "base/nls.h"
#include "base/text.h"
#include "engine/explain.h"
#include "engine/wording.h"
#include "tui/glyph.h"
#include "tui/pager.h"

enum page { PAGE_WHY, PAGE_SCRIPT, PAGE_CHECK, PAGE_UNDO, PAGE_OTHER, PAGE__COUNT };

enum { SCRIPT_MAX = 1024 * 1024, PROSE_MAX = 8 * 1024, SIDE_FROM = 120 };

struct explain {
	struct screen screen;
	struct wizard *w;
	struct task task; /* a copy: the plan it came from may go */
	enum page page;
	struct pager pager, beside; /* beside: this platform's, while the other's is shown */
	struct explain_other *other;
};

static const char *const page_titles[PAGE__COUNT] = {
	N_("Why"), N_("Script"), N_("Check"), N_("Undo"), N_("Other platform"),
};

/* ---- pages ---- */

static void
text_add(struct pager *p, enum role role, const char *text)
{
	pager_add(p, text, strlen(text), role, false);
}

/* A file's lines are broken for an editor: what belongs together is one line again. */
static void
prose_add(struct pager *p, const char *text)
{
	CLEAN_STR line = STR_INIT(PROSE_MAX);
	while (*text) {
		size_t n = strcspn(text, "\n");
		bool joins = line.len && n && *text != ' ' && *text != '-';
		if (line.len && !joins)
			text_add(p, ROLE_TEXT, str_text(&line));
		if (joins)
			str_addc(&line, ' ');
		else
			str_clear(&line);
		str_addn(&line, text, n);
		if (!n)
			text_add(p, ROLE_TEXT, "\n");
		text += n + (text[n] == '\n');
	}
	if (line.len)
		text_add(p, ROLE_TEXT, str_text(&line));
}

struct listed {
	struct pager *pager;
	const char *heading;
};

static void
line_listed(void *ctx, const char *text)
{
	struct listed *l = ctx;
	if (l->heading) {
		text_add(l->pager, ROLE_TEXT, "\n");
		text_add(l->pager, ROLE_TITLE, l->heading);
	}
	l->heading = NULL;
	pager_addf(l->pager, ROLE_TEXT, false, "  %s %s", glyph(GLYPH_BULLET), text);
}

static const char *
risk_text(enum risk r)
{
	static const char *const texts[] = {
		[RISK_READ_ONLY] = N_("It only looks."),
		[RISK_REVERSIBLE] = N_("It changes the machine, and can be undone."),
		[RISK_DISRUPTIVE] = N_("It interrupts something while it runs."),
		[RISK_DESTRUCTIVE] = N_("It destroys what is there: the name has to be typed."),
	};
	return _(texts[r]);
}

static void
why_page(struct explain *s)
{
	const struct step *step = s->task.step;
	struct pager *p = &s->pager;
	p->wrap = true;
	if (step->why)
		prose_add(p, step->why);
	text_add(p, ROLE_TEXT, "\n");
	text_add(p, ROLE_TITLE, _("What it means for the machine"));
	pager_addf(p, ROLE_TEXT, false, "  %s", risk_text(step->risk));
	if (step->takes_s) {
		CLEAN_STR took = STR_INIT(64);
		duration_add(&took, (int64_t)step->takes_s * 1000);
		pager_addf(p, ROLE_TEXT, false, _("  It takes about %s."), str_text(&took));
	}
	const struct task *known = plan_task(s->w->ws.plan, s->task.key);
	struct listed needs = { p, _("It builds on") }, gives = { p, _("What builds on it") };
	if (!known)
		return;
	view_needs(s->w->view, known, line_listed, &needs);
	view_gives(s->w->view, known, line_listed, &gives);
}

static void
script_page(struct explain *s, struct pager *p, enum verb verb)
{
	CLEAN_STR script = STR_INIT(SCRIPT_MAX);
	struct err err = { 0 };
	const struct values *values = s->w->run ? run_values(s->w->run) : NULL;
	if (explain_script(s->w->ws.plan, values, &s->task, verb, &script, &err)) {
		text_add(p, ROLE_TEXT, err.what);
		text_add(p, ROLE_HINT, err.hint);
		return;
	}
	text_add(p, ROLE_TEXT, str_text(&script));
}

static void
part_page(struct explain *s, enum verb verb)
{
	CLEAN_STR part = STR_INIT(SCRIPT_MAX);
	explain_part(s->task.step, verb, &part);
	if (part.len)
		text_add(&s->pager, ROLE_TEXT, str_text(&part));
	else if (verb == VERB_UNDO)
		text_add(&s->pager, ROLE_TEXT, _("This step has nothing to undo."));
	else
		script_page(s, &s->pager, verb);
}

static void
other_page(struct explain *s)
{
	CLEAN_STR script = STR_INIT(SCRIPT_MAX);
	struct err err = { 0 };
	if (!s->other)
		s->other = explain_other_new(s->w->setup.sv, &s->w->ws.model);
	part_page(s, VERB_APPLY);
	pager_clear(&s->beside);
	if (!s->other || !explain_other_step(s->other, &s->task, NULL))
		text_add(&s->beside, ROLE_TEXT, _("The other platform has no such step: it needs none, or does it elsewhere."));
	else if (explain_other_script(s->other, &s->task, VERB_APPLY, &script, &err))
		text_add(&s->beside, ROLE_TEXT, err.what);
	else
		text_add(&s->beside, ROLE_TEXT, str_text(&script));
	pager_home(&s->beside);
}

static void
page_show(struct explain *s, enum page page)
{
	s->page = page;
	pager_clear(&s->pager);
	s->pager.wrap = false;
	switch (page) {
	case PAGE_WHY: why_page(s); break;
	case PAGE_SCRIPT: script_page(s, &s->pager, s->task.undo ? VERB_UNDO : VERB_APPLY); break;
	case PAGE_CHECK: part_page(s, VERB_CHECK); break;
	case PAGE_UNDO: part_page(s, VERB_UNDO); break;
	default: other_page(s);
	}
	pager_home(&s->pager);
}

/* ---- the screen ---- */

static const char *
explain_title(struct screen *screen)
{
	(void)screen;
	return _("explain");
}

static const char *
explain_hint(struct screen *screen)
{
	(void)screen;
	return _("Left and right turn the page; W breaks long lines; / finds; Esc goes back.");
}

static void
pages_paint(const struct explain *s, const struct area *a)
{
	int x = 1;
	for (enum page p = 0; p < PAGE__COUNT; p++) {
		bool here = p == s->page;
		int used = paint_textf(a, 0, x, here ? ROLE_SELECTED : ROLE_DIM, " %s ", _(page_titles[p]));
		if (here)
			paint_cursor(a, 0, x + 1);
		x += used + 1;
	}
}

static void
explain_paint(struct screen *screen, const struct area *a)
{
	struct explain *s = (struct explain *)screen;
	struct area head = area_rows(a, 0, 1), box = area_rows(a, 1, -1);
	CLEAN_STR title = STR_INIT(1024);
	view_where(&s->task, &title);
	str_addf(&title, " %s ", glyph(GLYPH_DOT));
	task_title(&title, &s->task);
	struct area in = paint_box(&box, ROLE_BORDER, str_text(&title));
	if (s->page == PAGE_OTHER && a->w >= SIDE_FROM) {
		struct area left = area_cols(&in, 0, in.w / 2 - 1), right = area_cols(&in, in.w / 2 + 1, -1);
		pager_paint(&s->pager, &left, true);
		pager_paint(&s->beside, &right, false);
	} else {
		pager_paint(s->page == PAGE_OTHER ? &s->beside : &s->pager, &in, true);
	}
	pages_paint(s, &head);
}

static bool
explain_key(struct screen *screen, const struct key *k)
{
	struct explain *s = (struct explain *)screen;
	struct pager *p = s->page == PAGE_OTHER ? &s->beside : &s->pager;
	if (!pager_editing(p)) {
		if (k->action == ACTION_RIGHT || k->action == ACTION_TAB) {
			page_show(s, (s->page + 1) % PAGE__COUNT);
			return true;
		}
		if (k->action == ACTION_LEFT || k->action == ACTION_BACKTAB) {
			page_show(s, (s->page + PAGE__COUNT - 1) % PAGE__COUNT);
			return true;
		}
	}
	return pager_key(p, k);
}

static void
explain_actions(struct screen *screen, struct action_set *set)
{
	(void)screen;
	action_add_as(set, ACTION_TAB, _("Page"));
	action_add(set, ACTION_FIND);
	action_add(set, ACTION_WRAP);
	action_add(set, ACTION_BACK);
}

static bool
explain_editing(struct screen *screen)
{
	struct explain *s = (struct explain *)screen;
	return pager_editing(s->page == PAGE_OTHER ? &s->beside : &s->pager);
}

static void
explain_close(struct screen *screen)
{
	struct explain *s = (struct explain *)screen;
	pager_done(&s->pager);
	pager_done(&s->beside);
	explain_other_free(s->other);
	free(s);
}

static const struct screen_ops explain_ops = {
	.title = explain_title,
	.hint = explain_hint,
	.paint = explain_paint,
	.key = explain_key,
	.actions = explain_actions,
	.editing = explain_editing,
	.close = explain_close,
};

void
screen_explain(struct wizard *w, const struct task *t)
{
	struct explain *s = xcalloc(1, sizeof *s);
	const struct task *known = plan_task(w->ws.plan, t->key);
	s->screen.ops = &explain_ops;
	s->w = w;
	/* a task of a review's plan goes with the review */
	s->task = known ? *known : *t;
	s->task.undo = t->undo;
	pager_init(&s->pager);
	pager_init(&s->beside);
	page_show(s, PAGE_WHY);
	app_push(w->app, &s->screen);
}
