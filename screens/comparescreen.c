/* Two runs side by side, task by task. */
#include "screens/screens.h"

#include <string.h>
#include "base/nls.h"
#include "engine/wording.h"
#include "screens/records.h"
#include "tui/list.h"

struct pair {
	char *key, *before, *after;
	int64_t before_ms, after_ms;
	bool output_differs;
};

struct comparescreen {
	struct screen screen;
	struct wizard *w;
	int64_t a, b;
	VEC(struct pair) pairs;
	VEC(size_t) shown;
	struct list list;
	struct list_column columns[5];
	char *titles[2];
	bool everything;
};

static int
pair_take(void *ctx, const struct journal_pair *p)
{
	struct comparescreen *s = ctx;
	vec_push(&s->pairs, ((struct pair){ xstrdup(p->key), xstrdup(p->state_a), xstrdup(p->state_b),
					    p->spent_a_ms, p->spent_b_ms, p->output_differs }));
	return 0;
}

static void
rows_make(struct comparescreen *s)
{
	s->shown.n = 0;
	for (size_t i = 0; i < s->pairs.n; i++) {
		const struct pair *p = &s->pairs.at[i];
		if (s->everything || p->output_differs || strcmp(p->before, p->after) != 0)
			vec_push(&s->shown, i);
	}
}

static const struct pair *
pair_at(const struct comparescreen *s, size_t row)
{
	return &s->pairs.at[s->shown.at[row]];
}

static size_t
row_count(void *ctx)
{
	return ((struct comparescreen *)ctx)->shown.n;
}

static void
state_cell(const char *state, int64_t spent_ms, struct str *out, enum role *role)
{
	str_add(out, record_state(state));
	if (spent_ms) {
		str_add(out, " ");
		duration_add(out, spent_ms);
	}
	if (record_is_trouble(state))
		*role = ROLE_FAIL;
	else if (!*state)
		*role = ROLE_DIM;
}

static void
row_cell(void *ctx, size_t row, int column, struct str *out, enum role *role)
{
	const struct comparescreen *s = ctx;
	const struct pair *p = pair_at(s, row);
	switch (column) {
	case 0:
		record_task(s->w, p->key, out);
		break;
	case 1:
		state_cell(p->before, p->before_ms, out, role);
		break;
	case 2:
		state_cell(p->after, p->after_ms, out, role);
		break;
	default:
		*role = ROLE_DIM;
		str_add(out, p->output_differs ? _("output") : "");
	}
}

static const struct list_ops rows = { .count = row_count, .cell = row_cell };

/* ---- both outputs ---- */

static void
output_add(void *ctx, const char *bytes, size_t n)
{
	str_addn(ctx, bytes, n);
}

static void
output_of(struct comparescreen *s, struct pager *p, int64_t run, const char *key, const char *state)
{
	CLEAN_STR output = STR_INIT(8 * 1024 * 1024);
	pager_addf(p, ROLE_TITLE, false, _("Run %lld: %s"), (long long)run, record_state(state));
	record_output(s->w, run, key, output_add, &output);
	if (output.len)
		pager_add(p, output.s, output.len, ROLE_TEXT, false);
	else
		pager_addf(p, ROLE_DIM, false, "%s", _("The task put nothing out."));
	pager_add(p, "", 0, ROLE_TEXT, false);
}

static void
outputs_open(struct comparescreen *s, const struct pair *pair)
{
	CLEAN_STR heading = STR_INIT(1024);
	record_task(s->w, pair->key, &heading);
	struct pager *p = screen_text(s->w, _("output of two runs"), str_text(&heading));
	output_of(s, p, s->a, pair->key, pair->before);
	output_of(s, p, s->b, pair->key, pair->after);
	pager_home(p);
}

/* ---- the screen ---- */

static const char *
compare_title(struct screen *screen)
{
	(void)screen;
	return _("journal: two runs");
}

static const char *
compare_hint(struct screen *screen)
{
	return ((struct comparescreen *)screen)->everything
		       ? _("Enter shows both outputs; o leaves out what is the same.")
		       : _("Only what differs is shown; o shows every task. Enter shows both outputs.");
}

static void
compare_paint(struct screen *screen, const struct area *a)
{
	struct comparescreen *s = (struct comparescreen *)screen;
	CLEAN_STR title = STR_INIT(256);
	str_addf(&title, _("Run %lld and run %lld"), (long long)s->a, (long long)s->b);
	struct area in = paint_box(a, ROLE_TITLE, str_text(&title));
	list_paint(&s->list, &in, true);
}

static bool
compare_key(struct screen *screen, const struct key *k)
{
	struct comparescreen *s = (struct comparescreen *)screen;
	long row;
	if (list_key(&s->list, k))
		return true;
	switch (k->action) {
	case ACTION_ENTER:
		row = list_focus(&s->list);
		if (row != LIST_NONE)
			outputs_open(s, pair_at(s, (size_t)row));
		return true;
	case ACTION_PROBLEMS:
		s->everything = !s->everything;
		rows_make(s);
		return true;
	default: return false;
	}
}

static void
compare_actions(struct screen *screen, struct action_set *set)
{
	(void)screen;
	action_add_as(set, ACTION_ENTER, _("Output"));
	action_add_as(set, ACTION_PROBLEMS, _("All or changed"));
	action_add(set, ACTION_FIND);
	action_add(set, ACTION_BACK);
}

static bool
compare_editing(struct screen *screen)
{
	return list_editing(&((struct comparescreen *)screen)->list);
}

static void
compare_close(struct screen *screen)
{
	struct comparescreen *s = (struct comparescreen *)screen;
	struct pair *p;
	list_done(&s->list);
	vec_each(p, &s->pairs) {
		free(p->key);
		free(p->before);
		free(p->after);
	}
	vec_free(&s->pairs);
	vec_free(&s->shown);
	free(s->titles[0]);
	free(s->titles[1]);
	free(s);
}

static const struct screen_ops compare_ops = {
	.title = compare_title,
	.hint = compare_hint,
	.paint = compare_paint,
	.key = compare_key,
	.actions = compare_actions,
	.editing = compare_editing,
	.close = compare_close,
};

void
screen_compare(struct wizard *w, int64_t a, int64_t b)
{
	struct comparescreen *s = xcalloc(1, sizeof *s);
	struct err err = { 0 };
	s->screen.ops = &compare_ops;
	s->w = w;
	s->a = a;
	s->b = b;
	s->titles[0] = xasprintf(_("Run %lld"), (long long)a);
	s->titles[1] = xasprintf(_("Run %lld"), (long long)b);
	s->columns[0] = (struct list_column){ .title = _("Task"), .min = 30, .clip = CLIP_MIDDLE };
	s->columns[1] = (struct list_column){ .title = s->titles[0], .min = 9, .clip = CLIP_END };
	s->columns[2] = (struct list_column){ .title = s->titles[1], .min = 9, .clip = CLIP_END };
	s->columns[3] = (struct list_column){ .title = _("Differs"), .min = 6, .shrink = 1, .clip = CLIP_END };
	if (journal_compare(w->ws.journal, a, b, pair_take, s, &err))
		wizard_tell(w, &err);
	rows_make(s);
	list_init(&s->list, &rows, s, s->columns, 4);
	s->list.empty = _("Both runs ended alike, with the same output.");
	app_push(w->app, &s->screen);
}
