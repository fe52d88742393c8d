/* The journal: the runs of this cluster in this world, newest first. */
#include "screens/screens.h"

#include "base/nls.h"
#include "engine/wording.h"
#include "screens/records.h"
#include "tui/list.h"

enum { MINUTE = 16 }; /* of "2026-11-23 09:14:05 UTC" */

struct journalscreen {
	struct screen screen;
	struct wizard *w;
	VEC(struct journal_run) runs;
	struct list list;
	bool was_running;
};

static int
run_take(void *ctx, const struct journal_run *r)
{
	struct journalscreen *s = ctx;
	vec_push(&s->runs, *r);
	return 0;
}

static void
load(void *ctx)
{
	struct journalscreen *s = ctx;
	struct err err = { 0 };
	s->runs.n = 0;
	if (journal_runs(s->w->ws.journal, run_take, s, &err))
		wizard_tell(s->w, &err);
	app_refresh(s->w->app);
}

/* ---- rows ---- */

static size_t
row_count(void *ctx)
{
	return ((struct journalscreen *)ctx)->runs.n;
}

static uint64_t
row_id(void *ctx, size_t row)
{
	return (uint64_t)((struct journalscreen *)ctx)->runs.at[row].id;
}

static bool
row_may_mark(void *ctx, size_t row)
{
	(void)ctx;
	(void)row;
	return true;
}

static enum role
result_role(const struct journal_run *r)
{
	if (r->failed)
		return ROLE_FAIL;
	if (!r->ended || r->unknown)
		return ROLE_WARN;
	return r->changed ? ROLE_CHANGED : r->todo ? ROLE_TEXT : ROLE_OK;
}

/* To the minute: the run itself tells the second. */
static void
began_add(struct str *out, int64_t at)
{
	CLEAN_STR moment = STR_INIT(64);
	moment_add(&moment, at);
	str_addn(out, str_text(&moment), moment.len < MINUTE ? moment.len : MINUTE);
}

static void
row_cell(void *ctx, size_t row, int column, struct str *out, enum role *role)
{
	const struct journalscreen *s = ctx;
	const struct journal_run *r = &s->runs.at[row];
	switch (column) {
	case 0: str_addf(out, "%lld", (long long)r->id); break;
	case 1: began_add(out, r->began); break;
	case 2: str_add(out, record_mode(r->mode)); break;
	case 3:
		*role = result_role(r);
		record_result(s->w, r, out);
		break;
	case 4:
		*role = ROLE_DIM;
		str_add(out, record_selection(r));
		break;
	default:
		*role = ROLE_DIM;
		if (r->ended)
			duration_add(out, r->wall_ms);
	}
}

static const struct list_ops rows = {
	.count = row_count, .cell = row_cell, .id = row_id, .may_mark = row_may_mark,
};

/* ---- the screen ---- */

static const char *
journal_title(struct screen *screen)
{
	(void)screen;
	return _("journal");
}

static const char *
journal_hint(struct screen *screen)
{
	struct journalscreen *s = (struct journalscreen *)screen;
	return list_marked(&s->list) ? _("= compares the two runs that are marked.")
				     : _("Enter opens a run; = compares it with the one before; Space marks two.");
}

static void
journal_paint(struct screen *screen, const struct area *a)
{
	struct journalscreen *s = (struct journalscreen *)screen;
	struct area in = paint_box(a, ROLE_TITLE, _("Runs, newest first"));
	if (s->was_running != s->w->running)
		loop_defer(s->w->loop, load, s);
	s->was_running = s->w->running;
	list_paint(&s->list, &in, true);
}

struct pair {
	const struct journalscreen *s;
	size_t n;
	int64_t ids[2];
};

static void
pair_take(void *ctx, size_t row)
{
	struct pair *p = ctx;
	if (p->n < 2)
		p->ids[p->n] = p->s->runs.at[row].id;
	p->n++;
}

/* The marked ones, else the one with the focus and the one before it. The older one comes first. */
static void
compare(struct journalscreen *s)
{
	struct pair p = { .s = s };
	long row = list_focus(&s->list);
	list_each_chosen(&s->list, pair_take, &p);
	if (!list_marked(&s->list) && row != LIST_NONE && (size_t)row + 1 < s->runs.n)
		pair_take(&p, (size_t)row + 1);
	if (p.n == 2)
		screen_compare(s->w, p.ids[1], p.ids[0]);
	else
		app_say(s->w->app, ROLE_HINT, "%s",
			list_marked(&s->list) ? _("Two runs have to be marked.")
					      : _("There is no run before this one."));
}

static bool
journal_key(struct screen *screen, const struct key *k)
{
	struct journalscreen *s = (struct journalscreen *)screen;
	if (list_key(&s->list, k))
		return true;
	long row = list_focus(&s->list);
	switch (k->action) {
	case ACTION_ENTER:
		if (row != LIST_NONE)
			screen_journal_run(s->w, s->runs.at[row].id);
		return true;
	case ACTION_COMPARE: compare(s); return true;
	case ACTION_JOURNAL: app_close(screen->app, screen); return true;
	default: return false;
	}
}

static void
journal_actions(struct screen *screen, struct action_set *set)
{
	(void)screen;
	action_add(set, ACTION_ENTER);
	action_add(set, ACTION_COMPARE);
	action_add(set, ACTION_MARK);
	action_add(set, ACTION_FIND);
	action_add(set, ACTION_BACK);
}

static bool
journal_editing(struct screen *screen)
{
	return list_editing(&((struct journalscreen *)screen)->list);
}

static void
journal_close_screen(struct screen *screen)
{
	struct journalscreen *s = (struct journalscreen *)screen;
	loop_forget(s->w->loop, s);
	list_done(&s->list);
	vec_free(&s->runs);
	free(s);
}

static const struct screen_ops journal_ops = {
	.title = journal_title,
	.hint = journal_hint,
	.paint = journal_paint,
	.key = journal_key,
	.actions = journal_actions,
	.editing = journal_editing,
	.close = journal_close_screen,
};

void
screen_journal(struct wizard *w)
{
	static struct list_column columns[] = {
		{ .min = 3, .clip = CLIP_END, .right = true },
		{ .min = 11, .shrink = 2, .clip = CLIP_END },
		{ .min = 6, .shrink = 1, .clip = CLIP_END },
		{ .min = 12, .clip = CLIP_END },
		{ .min = 8, .shrink = 4, .clip = CLIP_END },
		{ .min = 10, .shrink = 3, .clip = CLIP_END, .right = true },
	};
	if (!w->view)
		return;
	struct journalscreen *s = xcalloc(1, sizeof *s);
	columns[0].title = _("Run");
	columns[1].title = _("Began (UTC)");
	columns[2].title = _("What");
	columns[3].title = _("Result");
	columns[4].title = _("Selected");
	columns[5].title = _("Took");
	s->screen.ops = &journal_ops;
	s->w = w;
	s->was_running = w->running;
	list_init(&s->list, &rows, s, columns, sizeof columns / sizeof *columns);
	s->list.empty = _("No run is in the journal yet.");
	load(s);
	app_push(w->app, &s->screen);
}
