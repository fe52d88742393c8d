/* The chapters: the list of them, the matrix of steps and machines of one, and what is known of the
 * task with the focus. From here everything is begun. */
#include "screens/screens.h"

#include <string.h>
#include "base/nls.h"
#include "base/text.h"
#include "engine/wording.h"
#include "screens/drills.h"
#include "screens/taskpane.h"
#include "tui/dialog.h"
#include "tui/glyph.h"
#include "tui/grid.h"
#include "tui/list.h"

enum {
	SIDE_FRAME = 2 + 1, /* around the list, and its column of signs */
	SIDE_GAP = 2,
	SIDE_WORDS = 100,  /* columns of the screen that leave room for words in it */
	SIDE_FROM = 76,    /* columns of the screen that leave room for the list */
	DETAIL_ROWS = 7,
	DETAIL_FROM = 20,  /* rows of the screen that leave room for the task's pane */
	TICK_MS = 1000,
};

struct chapters {
	struct screen screen;
	struct wizard *w;
	struct list list;
	struct grid grid;
	size_t chapter;
	VEC(size_t) columns; /* machines that have a task in this chapter */
	bool in_list, wide;
	bool words; /* in the list of chapters, not their signs */
	enum view_word word_shown; /* of the run's end, told once */
	uint64_t tick;
};

static const enum role word_roles[VIEW__WORDS] = {
	[VIEW_NONE] = ROLE_DIM,	  [VIEW_OK] = ROLE_OK,	      [VIEW_UNASKED] = ROLE_DIM,
	[VIEW_TODO] = ROLE_TEXT,  [VIEW_STOPPED] = ROLE_WARN, [VIEW_RUNNING] = ROLE_BUSY,
	[VIEW_ASKING] = ROLE_WARN, [VIEW_UNKNOWN] = ROLE_WARN, [VIEW_FAILED] = ROLE_FAIL,
};

/* Where there is no room for the words; the one of the chapter with the focus stands above the matrix. */
static const char *const word_marks[VIEW__WORDS] = {
	[VIEW_NONE] = "",     [VIEW_OK] = "ok",    [VIEW_UNASKED] = "",	   [VIEW_TODO] = "-",
	[VIEW_STOPPED] = "--", [VIEW_RUNNING] = ">", [VIEW_ASKING] = "?", [VIEW_UNKNOWN] = "?",
	[VIEW_FAILED] = "!",
};

static const struct view_chapter *
chapter_of(const struct chapters *s)
{
	return &s->w->view->chapters.at[s->chapter];
}

static const struct task *
task_at(const struct chapters *s, size_t row, size_t column)
{
	const struct view_chapter *c = chapter_of(s);
	return row < c->n ? s->w->view->rows.at[c->first + row].cells[s->columns.at[column]] : NULL;
}

/* The task with the focus; with the whole row in focus, or on a machine that has none, the first of
 * the row. */
static const struct task *
task_focused(const struct chapters *s)
{
	const struct task *t = NULL;
	if (s->grid.column != GRID_ALL && (size_t)s->grid.column < s->columns.n)
		t = task_at(s, s->grid.row, (size_t)s->grid.column);
	if (t)
		return t;
	for (size_t i = 0; i < s->columns.n; i++)
		if (task_at(s, s->grid.row, i))
			return task_at(s, s->grid.row, i);
	return NULL;
}

/* Where a shell would be: the machine of the column. */
static const struct node *
node_focused(const struct chapters *s)
{
	size_t column = s->grid.column == GRID_ALL ? 0 : (size_t)s->grid.column;
	return column < s->columns.n ? s->w->view->columns.at[s->columns.at[column]].node : NULL;
}

/* ---- the list of chapters ---- */

static size_t
chapter_count(void *ctx)
{
	return ((struct chapters *)ctx)->w->view->chapters.n;
}

static void
chapter_cell(void *ctx, size_t row, int column, struct str *out, enum role *role)
{
	struct chapters *s = ctx;
	const struct chapter *c = s->w->view->chapters.at[row].chapter;
	struct view_counts n;
	view_count(s->w->view, c, &n);
	if (column == 0) {
		str_add(out, n.word == VIEW_UNASKED || n.word == VIEW_NONE ? "" : s->words ? _(view_words[n.word]) :
			word_marks[n.word]);
		*role = word_roles[n.word];
		return;
	}
	str_addf(out, "%2d %s", c->number, c->title);
}

static const struct list_ops chapter_rows = { .count = chapter_count, .cell = chapter_cell };
static const struct list_column chapter_columns[] = {
	{ .min = 2, .clip = CLIP_END },
	{ .min = 10, .clip = CLIP_END },
};

/* So wide that every title is whole, but never more than leaves room for the matrix. */
static int
side_width(struct chapters *s, int w)
{
	const struct view *v = s->w->view;
	int first = 2, second = 0;
	s->words = w >= SIDE_WORDS;
	for (size_t i = 0; i < v->chapters.n; i++) {
		CLEAN_STR word = STR_INIT(64);
		CLEAN_STR title = STR_INIT(256);
		enum role role = ROLE_TEXT;
		chapter_cell(s, i, 0, &word, &role);
		chapter_cell(s, i, 1, &title, &role);
		first = text_width(str_text(&word)) > first ? text_width(str_text(&word)) : first;
		second = text_width(str_text(&title)) > second ? text_width(str_text(&title)) : second;
	}
	int width = SIDE_FRAME + first + SIDE_GAP + second;
	return width > w * 2 / 5 ? w * 2 / 5 : width;
}

/* ---- the matrix ---- */

static void
columns_find(struct chapters *s)
{
	const struct view *v = s->w->view;
	const struct view_chapter *c = chapter_of(s);
	s->columns.n = 0;
	for (size_t i = 0; i < v->columns.n; i++)
		for (size_t row = c->first; row < c->first + c->n; row++)
			if (v->rows.at[row].cells[i]) {
				vec_push(&s->columns, i);
				break;
			}
}

static size_t
step_count(void *ctx)
{
	return chapter_of(ctx)->n;
}

static size_t
machine_count(void *ctx)
{
	return ((struct chapters *)ctx)->columns.n;
}

static void
step_text(void *ctx, size_t row, struct str *out, enum role *role)
{
	const struct chapters *s = ctx;
	const struct view_row *r = &s->w->view->rows.at[chapter_of(s)->first + row];
	(void)role;
	str_add(out, r->step->title);
	if (*r->object)
		str_addf(out, " (%s)", r->object);
}

static void
machine_text(void *ctx, size_t column, struct str *out)
{
	const struct chapters *s = ctx;
	const struct node *n = s->w->view->columns.at[s->columns.at[column]].node;
	str_add(out, n ? n->name : _("console"));
}

static void
task_word(const struct view *v, const struct task *t, struct str *out, enum role *role)
{
	struct view_cell c;
	view_cell(v, t, &c);
	*role = word_roles[view_task_word(t)];
	if (t->state == TASK_CHANGED || t->state == TASK_UNDONE)
		*role = ROLE_CHANGED;
	if (view_task_word(t) != VIEW_RUNNING)
		str_add(out, c.word);
	else if (c.percent >= 0)
		str_addf(out, "%s %d %%", glyph(GLYPH_ELLIPSIS), c.percent);
	else if (c.elapsed_ms >= 1000)
		str_addf(out, "%s %lld s", glyph(GLYPH_ELLIPSIS), (long long)c.elapsed_ms / 1000);
	else
		str_add(out, c.word);
}

static void
cell_text(void *ctx, size_t row, size_t column, struct str *out, enum role *role)
{
	const struct chapters *s = ctx;
	const struct task *t = task_at(s, row, column);
	if (t)
		task_word(s->w->view, t, out, role);
}

static const struct grid_ops grid_ops = {
	.rows = step_count,
	.columns = machine_count,
	.row_text = step_text,
	.column_text = machine_text,
	.cell = cell_text,
};

static void
chapter_go(struct chapters *s, size_t chapter)
{
	if (chapter >= s->w->view->chapters.n)
		return;
	s->chapter = chapter;
	columns_find(s);
	grid_set_focus(&s->grid, 0, 0);
	list_set_focus(&s->list, chapter);
}

/* Takes the focus to what needs a person. */
static void
task_go(struct chapters *s, const struct task *t)
{
	struct view_focus f;
	if (!t || !view_find(s->w->view, t, &f))
		return;
	chapter_go(s, f.chapter);
	size_t column = 0;
	for (size_t i = 0; i < s->columns.n; i++)
		if (s->columns.at[i] == f.column)
			column = i;
	grid_set_focus(&s->grid, f.row - chapter_of(s)->first, (long)column);
	s->in_list = false;
}

/* ---- painting ---- */

static const char *
chapters_title(struct screen *screen)
{
	static char title[64];
	struct chapters *s = (struct chapters *)screen;
	CLEAN_STR text = STR_INIT(sizeof title);
	str_addf(&text, _("chapter %d/%d"), chapter_of(s)->chapter->number,
		 s->w->view->chapters.at[s->w->view->chapters.n - 1].chapter->number);
	str_put(title, sizeof title, str_text(&text));
	return title;
}

static void
matrix_paint(struct chapters *s, const struct area *a)
{
	const struct chapter *c = chapter_of(s)->chapter;
	struct view_counts n;
	CLEAN_STR title = STR_INIT(256);
	view_count(s->w->view, c, &n);
	str_addf(&title, "%d %s %s", c->number, glyph(GLYPH_DOT), c->title);
	if (n.total)
		str_addf(&title, " %s %s", glyph(GLYPH_DOT), _(view_words[n.word]));
	struct area in = paint_box(a, s->in_list ? ROLE_BORDER : ROLE_TITLE, str_text(&title));
	int used = in.h > 8 ? paint_wrap(&in, 0, ROLE_TEXT, c->summary) : 0;
	struct area grid = area_rows(&in, used ? used + 1 : 0, -1);
	if (!chapter_of(s)->n) {
		paint_wrap(&grid, 0, ROLE_HINT, _("Nothing of this is done by an apply. Enter lists the drills."));
		return;
	}
	grid_paint(&s->grid, &grid, !s->in_list);
}

/* Seconds pass in the cells of what runs. */
static void
tick(void *ctx)
{
	struct chapters *s = ctx;
	s->tick = 0;
	app_refresh(s->w->app);
}

static void
chapters_paint(struct screen *screen, const struct area *a)
{
	struct chapters *s = (struct chapters *)screen;
	if (s->w->running && !s->tick)
		s->tick = loop_timer_add(s->w->loop, TICK_MS, tick, s);
	int below = a->h >= DETAIL_FROM - 3 ? DETAIL_ROWS : 0;
	if (a->h > 30)
		below = a->h / 3;
	struct area top = area_rows(a, 0, a->h - below), right = top;
	s->wide = a->w >= SIDE_FROM;
	if (s->wide) {
		int side = side_width(s, a->w);
		struct area left = area_cols(&top, 0, side);
		struct area in = paint_box(&left, s->in_list ? ROLE_TITLE : ROLE_BORDER, _("Chapters"));
		list_paint(&s->list, &in, s->in_list);
		right = area_cols(&top, side, -1);
	} else if (s->in_list) {
		struct area in = paint_box(&top, ROLE_TITLE, _("Chapters"));
		list_paint(&s->list, &in, true);
	}
	if (s->wide || !s->in_list)
		matrix_paint(s, &right);
	if (below) {
		struct area pane = area_rows(a, a->h - below, below);
		task_pane_paint(s->w->view, task_focused(s), &pane);
	}
}

/* What comes next, in a sentence. */
static const char *
chapters_hint(struct screen *screen)
{
	struct chapters *s = (struct chapters *)screen;
	struct view_counts n;
	if (s->w->running)
		return working_hint(s->w);
	view_count(s->w->view, chapter_of(s)->chapter, &n);
	if (!chapter_of(s)->n)
		return _("Drills: what clients notice is measured while something is moved or broken.");
	if (n.word == VIEW_FAILED)
		return _("Something failed: the reason stands below. r tries again, F4 explains it.");
	if (n.word == VIEW_UNKNOWN)
		return _("Something could not be told; F5 looks again.");
	if (n.todo || n.rest)
		return _("F12 shows what would be done on which machine, before anything is.");
	if (n.word == VIEW_OK)
		return _("All of this chapter holds. F12 goes on to the next one.");
	return _("F5 looks at the machines; that changes nothing.");
}

/* ---- what can be done ---- */

struct scope_asked {
	struct chapters *s;
	const char *only[2];
};

static void
review_scope(struct chapters *s, enum view_scope scope)
{
	const char *only[2];
	struct selection sel;
	view_selection(scope, chapter_of(s)->chapter, only, &sel);
	screen_review(s->w, MODE_APPLY, &sel);
}

static void
review_step(struct chapters *s, enum run_mode mode)
{
	const struct task *t = task_focused(s);
	const char *only[2] = { t ? t->step->id : NULL, NULL };
	struct selection sel = { .only = only, .undo = mode == MODE_UNDO };
	if (t)
		screen_review(s->w, mode, &sel);
}

static void
scope_chosen(void *ctx, const struct dialog_answer *answer)
{
	struct chapters *s = ctx;
	if (!answer->yes)
		return;
	if (answer->choice == 0)
		review_step(s, MODE_APPLY);
	else
		review_scope(s, (enum view_scope)(answer->choice - 1));
}

static void
apply_ask(struct chapters *s)
{
	const char *const scopes[] = {
		_("Only the step with the focus, on all its machines"),
		_("This chapter"),
		_("This chapter, and what it needs of earlier ones"),
		_("All chapters"),
	};
	dialog_open(s->w->app, &(struct dialog_spec){
		.kind = DIALOG_CHOICE,
		.title = _("What shall be done?"),
		.text = _("The next screen shows every task of it first."),
		.go = _("Show"),
		.choices = scopes,
		.nchoices = sizeof scopes / sizeof *scopes,
		.choice = SCOPE_THROUGH + 1,
		.done = scope_chosen,
		.ctx = s,
	});
}

static void
next(struct chapters *s)
{
	struct view_counts n;
	if (!chapter_of(s)->n) {
		screen_drills(s->w, NULL);
		return;
	}
	view_count(s->w->view, chapter_of(s)->chapter, &n);
	if (s->w->running)
		app_say(s->w->app, ROLE_HINT, "%s", _("A run is under way; its end is waited for."));
	else if (n.todo || n.failed || n.rest)
		review_scope(s, SCOPE_THROUGH);
	else if (n.word == VIEW_OK)
		chapter_go(s, s->chapter + 1);
	else
		wizard_look(s->w);
}

static void
retry(struct chapters *s)
{
	const struct task *t = task_focused(s);
	if (!t || (t->state != TASK_FAILED && t->state != TASK_UNKNOWN && t->state != TASK_BLOCKED))
		app_say(s->w->app, ROLE_HINT, "%s", _("There is nothing to try again here."));
	else if (!wizard_retry(s->w, t))
		review_step(s, MODE_APPLY);
}

static bool
list_side_key(struct chapters *s, const struct key *k)
{
	if (list_key(&s->list, k)) {
		long row = list_focus(&s->list);
		if (row >= 0 && (size_t)row != s->chapter)
			chapter_go(s, (size_t)row);
		return true;
	}
	if (k->action != ACTION_ENTER && k->action != ACTION_TAB && k->action != ACTION_RIGHT)
		return false;
	if (chapter_of(s)->n)
		s->in_list = false;
	else if (k->action == ACTION_ENTER)
		screen_drills(s->w, NULL);
	return true;
}

static bool
grid_side_key(struct chapters *s, const struct key *k)
{
	const struct task *t = task_focused(s);
	if (grid_key(&s->grid, k))
		return true;
	switch (k->action) {
	case ACTION_TAB: case ACTION_BACKTAB: case ACTION_LEFT:
		s->in_list = true;
		return true;
	case ACTION_ENTER:
		if (t)
			screen_explain(s->w, t);
		return true;
	default:
		return false;
	}
}

/* Who only wants to be rid of something does not want to be rid of the cluster. */
static void
cancel(struct chapters *s)
{
	if (s->in_list)
		app_say(s->w->app, ROLE_HINT, "%s", _("F8 goes back to the first screen, F10 leaves the program."));
	s->in_list = true;
}

static bool
chapters_key(struct screen *screen, const struct key *k)
{
	struct chapters *s = (struct chapters *)screen;
	if (s->in_list ? list_side_key(s, k) : grid_side_key(s, k))
		return true;
	const struct task *t = task_focused(s);
	switch (k->action) {
	case ACTION_CHAPTERS: s->in_list = true; return true;
	case ACTION_CANCEL: cancel(s); return true;
	case ACTION_EXPLAIN: if (t) screen_explain(s->w, t); return true;
	case ACTION_RECHECK: wizard_look(s->w); return true;
	case ACTION_APPLY: apply_ask(s); return true;
	case ACTION_NEXT: next(s); return true;
	case ACTION_RETRY: retry(s); return true;
	case ACTION_SKIP: wizard_skip(s->w, t); return true;
	case ACTION_UNDO: review_step(s, MODE_UNDO); return true;
	case ACTION_LUNS: screen_luns(s->w, NULL, NULL); return true;
	case ACTION_CONSOLE: screen_console(s->w, node_focused(s), t); return true;
	case ACTION_EDIT: screen_settings(s->w, s->w->ws.path, s->w->ws.world); return true;
	case ACTION_PROBLEMS: task_go(s, view_trouble(s->w->view, NULL)); return true;
	default: return false;
	}
}

static void
chapters_actions(struct screen *screen, struct action_set *set)
{
	struct chapters *s = (struct chapters *)screen;
	const struct task *t = task_focused(s);
	action_add(set, ACTION_CHAPTERS);
	action_add(set, ACTION_EXPLAIN);
	action_add(set, ACTION_MAP);
	action_add(set, ACTION_LOG);
	action_add(set, ACTION_REPORT);
	action_add(set, ACTION_JOURNAL);
	action_add(set, ACTION_CONSOLE);
	action_add(set, ACTION_GUIDE);
	if (t && t->lun)
		action_add(set, ACTION_LUNS);
	action_add(set, ACTION_BACK);
	if (s->w->running) {
		action_add(set, ACTION_STOP);
		return;
	}
	action_add(set, ACTION_RECHECK);
	action_add(set, ACTION_APPLY);
	action_add(set, ACTION_NEXT);
	action_add_as(set, ACTION_PROBLEMS, _("To the problem"));
	action_add(set, ACTION_DRILLS);
	action_add_as(set, ACTION_EDIT, _("Settings"));
	if (t && (t->state == TASK_FAILED || t->state == TASK_UNKNOWN))
		action_add(set, ACTION_RETRY);
	if (t && t->step->optional && t->state == TASK_FAILED)
		action_add(set, ACTION_SKIP);
	if (t && (t->state == TASK_OK || t->state == TASK_CHANGED))
		action_add(set, ACTION_UNDO);
}


static bool
chapters_editing(struct screen *screen)
{
	return list_editing(&((struct chapters *)screen)->list);
}

static void
chapters_close(struct screen *screen)
{
	struct chapters *s = (struct chapters *)screen;
	s->w->chapters = NULL;
	loop_timer_del(s->w->loop, s->tick);
	list_done(&s->list);
	vec_free(&s->columns);
	free(s);
}

static const struct screen_ops chapters_ops = {
	.title = chapters_title,
	.hint = chapters_hint,
	.paint = chapters_paint,
	.key = chapters_key,
	.actions = chapters_actions,
	.editing = chapters_editing,
	.close = chapters_close,
};

void
screen_chapters(struct wizard *w)
{
	struct chapters *s = xcalloc(1, sizeof *s);
	s->screen.ops = &chapters_ops;
	s->w = w;
	list_init(&s->list, &chapter_rows, s, chapter_columns, 2);
	grid_init(&s->grid, &grid_ops, s);
	s->grid.corner = _("Step");
	s->in_list = true;
	chapter_go(s, 0);
	w->chapters = &s->screen;
	app_push(w->app, &s->screen);
}

void
chapters_show_last(struct wizard *w)
{
	struct chapters *s = (struct chapters *)w->chapters;
	if (!s)
		return;
	chapter_go(s, w->view->chapters.n - 1);
	s->in_list = true;
}

void
chapters_show(struct wizard *w, const struct task *t)
{
	if (w->chapters)
		task_go((struct chapters *)w->chapters, t);
}
