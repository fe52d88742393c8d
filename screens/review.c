/* The review: everything that would be done, on which machine and at what risk, before anything is.
 * The focus begins on the button that does nothing. */
#include "screens/screens.h"

#include <string.h>
#include "base/nls.h"
#include "base/text.h"
#include "engine/wording.h"
#include "tui/list.h"

enum focus { ON_LIST, ON_BACK, ON_GO, FOCUS__COUNT };

struct row {
	const struct chapter *heading; /* NULL: a task */
	const struct task *task;
};

struct review {
	struct screen screen;
	struct wizard *w;
	enum run_mode mode;
	struct selection sel;
	VEC(char *) words; /* what sel points to, ours */
	VEC(const char *) only;
	struct plan *plan;
	VEC(struct row) rows;
	struct list list;
	struct view_review sum;
	enum focus focus;
};

static const enum role risk_roles[] = {
	[RISK_READ_ONLY] = ROLE_DIM,
	[RISK_REVERSIBLE] = ROLE_TEXT,
	[RISK_DISRUPTIVE] = ROLE_WARN,
	[RISK_DESTRUCTIVE] = ROLE_FAIL,
};

/* What was found of it before, in the plan that is shown everywhere. */
static const struct task *
task_known(const struct review *s, const struct task *t)
{
	return plan_task(s->w->ws.plan, t->key);
}

/* ---- rows ---- */

static size_t
row_count(void *ctx)
{
	return ((struct review *)ctx)->rows.n;
}

static bool
row_is_heading(void *ctx, size_t row)
{
	return ((struct review *)ctx)->rows.at[row].heading != NULL;
}

static void
row_cell(void *ctx, size_t row, int column, struct str *out, enum role *role)
{
	const struct review *s = ctx;
	const struct row *r = &s->rows.at[row];
	if (r->heading) {
		*role = ROLE_TITLE;
		str_addf(out, "%d  %s", r->heading->number, r->heading->title);
		return;
	}
	const struct task *t = r->task, *known = task_known(s, t);
	switch (column) {
	case 0:
		view_where(t, out);
		break;
	case 1:
		task_title(out, t);
		break;
	case 2:
		*role = risk_roles[task_risk(t)];
		str_add(out, _(risk_words[task_risk(t)]));
		break;
	case 3:
		*role = ROLE_DIM;
		if (known && known->state != TASK_PENDING)
			str_add(out, _(task_state_words[known->state]));
		break;
	default:
		*role = ROLE_DIM;
		if (t->step->takes_s)
			duration_add(out, (int64_t)t->step->takes_s * 1000);
	}
}

static const struct list_ops rows = {
	.count = row_count,
	.cell = row_cell,
	.is_heading = row_is_heading,
};

static void
rows_make(struct review *s)
{
	const struct chapter *chapter = NULL;
	struct task **t;
	vec_each(t, &s->plan->tasks) {
		if ((*t)->part == PART_CONTEXT)
			continue;
		if (chapter != (*t)->step->chapter)
			vec_push(&s->rows, ((struct row){ .heading = (*t)->step->chapter }));
		chapter = (*t)->step->chapter;
		vec_push(&s->rows, ((struct row){ .task = *t }));
	}
}

/* ---- painting ---- */

static const char *
review_title(struct screen *screen)
{
	return ((struct review *)screen)->mode == MODE_UNDO ? _("review: take back") : _("review");
}

static const char *const risk_meanings[] = {
	[RISK_READ_ONLY] = N_("read-only: it looks, and changes nothing."),
	[RISK_REVERSIBLE] = N_("reversible: it changes the machine, and u takes it back."),
	[RISK_DISRUPTIVE] = N_("disruptive: something stops for a while; it asks right before that."),
	[RISK_DESTRUCTIVE] = N_("destructive: data is lost unless the disk is proven empty; it asks first."),
};

/* What the word of risk means, of the row with the focus or of the worst there is. */
static const char *
risk_meaning(struct review *s)
{
	long row = list_focus(&s->list);
	const struct view_review *r = &s->sum;
	if (s->focus == ON_LIST && row != LIST_NONE && s->rows.at[row].task)
		return _(risk_meanings[task_risk(s->rows.at[row].task)]);
	return r->risks[RISK_DESTRUCTIVE]  ? _(risk_meanings[RISK_DESTRUCTIVE])
	       : r->risks[RISK_DISRUPTIVE] ? _(risk_meanings[RISK_DISRUPTIVE])
					   : NULL;
}

/* How much was chosen. */
static void
scope_text(const struct review *s, struct str *out)
{
	const struct chapter *c = s->sel.through ? catalog_chapter(s->w->ws.catalog, s->sel.through) : NULL;
	if (s->mode == MODE_UNDO)
		str_add(out, _("What would be taken back"));
	else if (c && c->number == 1)
		str_addf(out, _("What would be done: chapter %d"), c->number);
	else if (c)
		str_addf(out, _("What would be done: chapter %d, and what it needs of earlier ones"), c->number);
	else if (!s->sel.only)
		str_add(out, _("What would be done: all chapters"));
	else
		str_add(out, _("What would be done"));
}

static void
sum_text(const struct review *s, struct str *out)
{
	const struct view_review *r = &s->sum;
	str_addf(out, P_("%zu task", "%zu tasks", r->total), r->total);
	if (r->done)
		str_addf(out, _(", %zu done already"), r->done);
	if (r->risks[RISK_DISRUPTIVE])
		str_addf(out, P_(", %zu disruptive", ", %zu disruptive", r->risks[RISK_DISRUPTIVE]), r->risks[RISK_DISRUPTIVE]);
	if (r->risks[RISK_DESTRUCTIVE])
		str_addf(out, P_(", %zu destructive", ", %zu destructive", r->risks[RISK_DESTRUCTIVE]), r->risks[RISK_DESTRUCTIVE]);
	if (!r->takes_s)
		return;
	str_add(out, _("; about "));
	duration_add(out, r->takes_s * 1000);
}

static int
button_paint(const struct area *a, int y, int x, const char *label, bool focused)
{
	int used = paint_textf(a, y, x, focused ? ROLE_FOCUS : ROLE_BUTTON, "[ %s ]", label);
	if (focused)
		paint_cursor(a, y, x + 2);
	return x + used + 2;
}

static void
review_paint(struct screen *screen, const struct area *a)
{
	struct review *s = (struct review *)screen;
	struct area box = area_rows(a, 0, a->h - 3), foot = area_rows(a, a->h - 3, 3);
	CLEAN_STR title = STR_INIT(256);
	CLEAN_STR sum = STR_INIT(512);
	scope_text(s, &title);
	struct area in = paint_box(&box, ROLE_BORDER, str_text(&title));
	list_paint(&s->list, &in, s->focus == ON_LIST);
	sum_text(s, &sum);
	struct area told = area_cols(&foot, 1, foot.w - 2);
	told = area_rows(&told, 0, 2);
	if (paint_wrap(&told, 0, ROLE_ACCENT, str_text(&sum)) == 1 && risk_meaning(s))
		paint_clip(&told, 1, 0, told.w, ROLE_HINT, risk_meaning(s), CLIP_END);
	int x = button_paint(&foot, 2, 1, _("Back"), s->focus == ON_BACK);
	button_paint(&foot, 2, x, s->mode == MODE_UNDO ? _("Take it back") : _("Apply"),
		     s->focus == ON_GO);
}

static const char *
review_hint(struct screen *screen)
{
	struct review *s = (struct review *)screen;
	if (s->focus == ON_GO)
		return _("Enter begins. Each task is checked first: what holds already is left alone.");
	if (s->focus == ON_LIST)
		return _("Enter explains the task and shows its script.");
	return _("Nothing was done yet. Tab moves to the list and the buttons.");
}

/* ---- keys ---- */

static void
review_go(struct review *s)
{
	struct wizard *w = s->w;
	if (wizard_run(w, s->mode, &s->sel))
		app_close(w->app, &s->screen);
}

static void
review_enter(struct review *s)
{
	long row = list_focus(&s->list);
	if (s->focus == ON_BACK)
		app_close(s->w->app, &s->screen);
	else if (s->focus == ON_GO)
		review_go(s);
	else if (row != LIST_NONE && s->rows.at[row].task)
		screen_explain(s->w, s->rows.at[row].task);
}

static bool
review_key(struct screen *screen, const struct key *k)
{
	struct review *s = (struct review *)screen;
	if (s->focus == ON_LIST && list_key(&s->list, k))
		return true;
	switch (k->action) {
	case ACTION_TAB: case ACTION_RIGHT:
		s->focus = (s->focus + 1) % FOCUS__COUNT;
		return true;
	case ACTION_BACKTAB: case ACTION_LEFT:
		s->focus = (s->focus + FOCUS__COUNT - 1) % FOCUS__COUNT;
		return true;
	case ACTION_UP: case ACTION_DOWN: case ACTION_PAGE_UP: case ACTION_PAGE_DOWN:
		s->focus = ON_LIST;
		return true;
	case ACTION_NEXT: case ACTION_APPLY:
		s->focus = ON_GO;
		return true;
	case ACTION_ENTER:
		review_enter(s);
		return true;
	case ACTION_EXPLAIN:
		s->focus = ON_LIST;
		review_enter(s);
		return true;
	default:
		return false;
	}
}

static void
review_actions(struct screen *screen, struct action_set *set)
{
	(void)screen;
	action_add(set, ACTION_EXPLAIN);
	action_add(set, ACTION_FIND);
	action_add(set, ACTION_BACK);
	action_add_as(set, ACTION_NEXT, _("To [Apply]"));
}

static bool
review_editing(struct screen *screen)
{
	return list_editing(&((struct review *)screen)->list);
}

static void
review_close(struct screen *screen)
{
	struct review *s = (struct review *)screen;
	char **word;
	list_done(&s->list);
	s->plan = plan_free(s->plan);
	vec_each(word, &s->words)
		free(*word);
	vec_free(&s->words);
	vec_free(&s->only);
	vec_free(&s->rows);
	free(s);
}

static const struct screen_ops review_ops = {
	.title = review_title,
	.hint = review_hint,
	.paint = review_paint,
	.key = review_key,
	.actions = review_actions,
	.editing = review_editing,
	.close = review_close,
};

/* The selection is kept until the button is pressed. */
static const char *
keep(struct review *s, const char *word)
{
	vec_push(&s->words, xstrdup(word));
	return s->words.at[s->words.n - 1];
}

static void
selection_keep(struct review *s, const struct selection *sel)
{
	s->sel = *sel;
	s->sel.through = sel->through ? keep(s, sel->through) : NULL;
	for (size_t i = 0; sel->only && sel->only[i]; i++)
		vec_push(&s->only, keep(s, sel->only[i]));
	vec_push(&s->only, NULL);
	s->sel.only = sel->only ? s->only.at : NULL;
}

void
screen_review(struct wizard *w, enum run_mode mode, const struct selection *sel)
{
	static const struct list_column columns[] = {
		{ .min = 9, .shrink = 1, .clip = CLIP_MIDDLE },
		{ .min = 20, .clip = CLIP_END },
		{ .min = 13, .shrink = 2, .clip = CLIP_END },
		{ .min = 8, .shrink = 3, .clip = CLIP_END },
		{ .min = 6, .shrink = 4, .clip = CLIP_END, .right = true },
	};
	if (w->running) {
		app_say(w->app, ROLE_WARN, "%s", _("A run is under way; its end is waited for."));
		return;
	}
	struct plan *plan = wizard_plan(w, sel);
	if (!plan)
		return;
	struct review *s = xcalloc(1, sizeof *s);
	s->screen.ops = &review_ops;
	s->w = w;
	s->mode = mode;
	s->plan = plan;
	s->focus = ON_BACK;
	selection_keep(s, sel);
	rows_make(s);
	wizard_review(w, plan, &s->sum);
	list_init(&s->list, &rows, s, columns, sizeof columns / sizeof *columns);
	app_push(w->app, &s->screen);
}
