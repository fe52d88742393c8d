/* One run of the journal: its tasks as they ended, and what each of them put out. */
#include "screens/screens.h"

#include <string.h>
#include "base/nls.h"
#include "engine/wording.h"
#include "screens/records.h"
#include "tui/list.h"

enum { DETAIL_ROWS = 6 };

struct runscreen {
	struct screen screen;
	struct wizard *w;
	struct journal_run run;
	VEC(struct journal_task) all, tasks; /* tasks: those that are shown */
	struct list list;
	char *heading;
	bool only_problems;
};

static int
task_take(void *ctx, const struct journal_task *t)
{
	struct runscreen *s = ctx;
	vec_push(&s->all, *t);
	return 0;
}

static void
rows_make(struct runscreen *s)
{
	const struct journal_task *t;
	s->tasks.n = 0;
	vec_each(t, &s->all)
		if (!s->only_problems || record_is_trouble(t->state))
			vec_push(&s->tasks, *t);
}

static size_t
row_count(void *ctx)
{
	return ((struct runscreen *)ctx)->tasks.n;
}

static enum role
state_role(const char *state)
{
	if (!strcmp(state, task_state_ids[TASK_FAILED]))
		return ROLE_FAIL;
	if (!strcmp(state, task_state_ids[TASK_UNKNOWN]))
		return ROLE_WARN;
	if (!strcmp(state, task_state_ids[TASK_CHANGED]))
		return ROLE_CHANGED;
	return !strcmp(state, task_state_ids[TASK_OK]) ? ROLE_OK : ROLE_TEXT;
}

static void
row_cell(void *ctx, size_t row, int column, struct str *out, enum role *role)
{
	const struct runscreen *s = ctx;
	const struct journal_task *t = &s->tasks.at[row];
	switch (column) {
	case 0:
		*role = state_role(t->state);
		str_add(out, record_state(t->state));
		break;
	case 1:
		record_task(s->w, t->key, out);
		break;
	case 2:
		*role = ROLE_DIM;
		str_add(out, t->reason);
		break;
	default:
		*role = ROLE_DIM;
		if (t->spent_ms)
			duration_add(out, t->spent_ms);
	}
}

static const struct list_ops rows = { .count = row_count, .cell = row_cell };
static const struct list_column columns[] = {
	{ .min = 7, .clip = CLIP_END },
	{ .min = 30, .clip = CLIP_MIDDLE },
	{ .min = 10, .shrink = 2, .clip = CLIP_END },
	{ .min = 5, .shrink = 1, .clip = CLIP_END, .right = true },
};

static const struct journal_task *
task_focused(struct runscreen *s)
{
	long row = list_focus(&s->list);
	return row == LIST_NONE ? NULL : &s->tasks.at[row];
}

/* ---- one task ---- */

static void
output_add(void *ctx, const char *bytes, size_t n)
{
	str_addn(ctx, bytes, n);
}

static void
output_open(struct runscreen *s, const struct journal_task *t)
{
	CLEAN_STR heading = STR_INIT(1024), output = STR_INIT(8 * 1024 * 1024);
	record_task(s->w, t->key, &heading);
	struct pager *p = screen_text(s->w, _("output of a task"), str_text(&heading));
	p->empty = _("The task put nothing out.");
	if (*t->reason)
		pager_add(p, t->reason, strlen(t->reason), state_role(t->state), record_is_trouble(t->state));
	if (*t->fix)
		pager_add(p, t->fix, strlen(t->fix), ROLE_HINT, false);
	if (*t->hash)
		pager_addf(p, ROLE_DIM, false, _("%lld bytes, SHA-256 %s"), (long long)t->output_bytes, t->hash);
	record_output(s->w, s->run.id, t->key, output_add, &output);
	if (p->bytes && output.len)
		pager_add(p, "", 0, ROLE_TEXT, false);
	if (output.len)
		pager_add(p, output.s, output.len, ROLE_TEXT, false);
	pager_home(p);
}

/* ---- the screen ---- */

static const char *
run_title(struct screen *screen)
{
	(void)screen;
	return _("journal: one run");
}

static const char *
run_hint(struct screen *screen)
{
	(void)screen;
	return _("Enter shows what the task put out; o shows only what went wrong; / filters.");
}

static void
run_paint(struct screen *screen, const struct area *a)
{
	struct runscreen *s = (struct runscreen *)screen;
	struct area top = area_rows(a, 0, a->h - DETAIL_ROWS), below = area_rows(a, a->h - DETAIL_ROWS, -1);
	const struct journal_task *t = task_focused(s);
	CLEAN_STR title = STR_INIT(1024);
	struct area in = paint_box(&top, ROLE_TITLE, s->heading);
	list_paint(&s->list, &in, true);
	if (t)
		record_task(s->w, t->key, &title);
	in = paint_box(&below, ROLE_BORDER, t ? str_text(&title) : NULL);
	if (!t)
		return;
	int y = *t->reason ? paint_wrap(&in, 0, state_role(t->state), t->reason) : 0;
	struct area rest = area_rows(&in, y, -1);
	if (*t->fix)
		paint_wrap(&rest, 0, ROLE_HINT, t->fix);
	else if (!y && !t->output_bytes)
		paint_text(&rest, 0, 0, ROLE_DIM, _("The task put nothing out."));
	else if (!y)
		paint_textf(&rest, 0, 0, ROLE_DIM, P_("%lld byte was put out.", "%lld bytes were put out.",
						    (unsigned long)t->output_bytes), (long long)t->output_bytes);
}

static bool
run_key(struct screen *screen, const struct key *k)
{
	struct runscreen *s = (struct runscreen *)screen;
	if (list_key(&s->list, k))
		return true;
	const struct journal_task *t = task_focused(s);
	switch (k->action) {
	case ACTION_ENTER:
		if (t)
			output_open(s, t);
		return true;
	case ACTION_EXPLAIN:
		if (t && plan_task(s->w->ws.plan, t->key))
			screen_explain(s->w, plan_task(s->w->ws.plan, t->key));
		return true;
	case ACTION_PROBLEMS:
		s->only_problems = !s->only_problems;
		rows_make(s);
		return true;
	default: return false;
	}
}

static void
run_actions(struct screen *screen, struct action_set *set)
{
	(void)screen;
	action_add_as(set, ACTION_ENTER, _("Output"));
	action_add(set, ACTION_EXPLAIN);
	action_add(set, ACTION_PROBLEMS);
	action_add(set, ACTION_FIND);
	action_add(set, ACTION_BACK);
}

static bool
run_editing(struct screen *screen)
{
	return list_editing(&((struct runscreen *)screen)->list);
}

static void
run_close(struct screen *screen)
{
	struct runscreen *s = (struct runscreen *)screen;
	list_done(&s->list);
	vec_free(&s->all);
	vec_free(&s->tasks);
	free(s->heading);
	free(s);
}

static const struct screen_ops run_ops = {
	.title = run_title,
	.hint = run_hint,
	.paint = run_paint,
	.key = run_key,
	.actions = run_actions,
	.editing = run_editing,
	.close = run_close,
};

void
screen_journal_run(struct wizard *w, int64_t run)
{
	struct runscreen *s = xcalloc(1, sizeof *s);
	struct err err = { 0 };
	CLEAN_STR heading = STR_INIT(1024);
	s->screen.ops = &run_ops;
	s->w = w;
	if (journal_run(w->ws.journal, run, &s->run, &err) ||
	    journal_tasks(w->ws.journal, run, task_take, s, &err)) {
		wizard_tell(w, &err);
		vec_free(&s->all);
		free(s);
		return;
	}
	str_addf(&heading, _("Run %lld, "), (long long)run);
	moment_add(&heading, s->run.began);
	str_addf(&heading, ", %s: ", record_mode(s->run.mode));
	record_result(w, &s->run, &heading);
	s->heading = xstrdup(str_text(&heading));
	rows_make(s);
	list_init(&s->list, &rows, s, columns, sizeof columns / sizeof *columns);
	s->list.empty = _("Nothing went wrong in this run.");
	app_push(w->app, &s->screen);
}
