/* The validation report: tests by category, what stands behind each answer, what has changed since an
 * earlier run, and the way into a file. */
#include "screens/screens.h"

#include <string.h>
#include "base/nls.h"
#include "engine/reportout.h"
#include "engine/wording.h"
#include "screens/records.h"
#include "tui/dialog.h"
#include "tui/glyph.h"
#include "tui/list.h"

enum { DETAIL_ROWS = 7, EARLIER_MAX = 30 };

struct row {
	const char *heading;
	const struct report_test *test;
	const struct report_drill *drill;
	const struct report_change *change;
};

struct reportscreen {
	struct screen screen;
	struct wizard *w;
	struct report *report;
	int64_t compared;
	VEC(struct row) rows;
	struct list list;
	bool only_problems, was_running;
	char *since; /* heading of the changes */
};

static const enum role mark_roles[REPORT__MARKS + 1] = {
	ROLE_OK, ROLE_WARN, ROLE_FAIL, ROLE_DIM, ROLE_DIM,
};

/* ---- rows ---- */

static void
row_add(struct reportscreen *s, const struct row *r)
{
	vec_push(&s->rows, *r);
}

static void
changes_make(struct reportscreen *s)
{
	const struct report_change *c;
	if (!s->report->compared)
		return;
	free(s->since);
	s->since = xasprintf(s->report->changes.n
				     ? _("Changed since run %lld")
				     : _("Every answer is the same as after run %lld"),
			     (long long)s->report->compared);
	row_add(s, &(struct row){ .heading = s->since });
	vec_each(c, &s->report->changes)
		row_add(s, &(struct row){ .change = c });
}

static void
tests_make(struct reportscreen *s)
{
	enum step_category category = CATEGORY_NONE;
	const struct report_test *t;
	vec_each(t, &s->report->tests) {
		if (s->only_problems && t->mark == REPORT_PASS)
			continue;
		if (t->step->category != category)
			row_add(s, &(struct row){ .heading = _(report_categories[t->step->category]) });
		category = t->step->category;
		row_add(s, &(struct row){ .test = t });
	}
}

static void
drills_make(struct reportscreen *s)
{
	const struct report_drill *d;
	bool first = true;
	vec_each(d, &s->report->drills) {
		if (s->only_problems && d->mark == REPORT_PASS)
			continue;
		if (first)
			row_add(s, &(struct row){ .heading = _("Drills") });
		first = false;
		row_add(s, &(struct row){ .drill = d });
	}
}

static void
rows_make(struct reportscreen *s)
{
	s->rows.n = 0;
	if (!s->report)
		return;
	changes_make(s);
	tests_make(s);
	drills_make(s);
}

static void
load(void *ctx)
{
	struct reportscreen *s = ctx;
	struct report *r = report_load(s->w, s->compared);
	if (!r)
		return;
	report_free(s->report);
	s->report = r;
	rows_make(s);
	app_refresh(s->w->app);
}

static size_t
row_count(void *ctx)
{
	return ((struct reportscreen *)ctx)->rows.n;
}

static bool
row_is_heading(void *ctx, size_t row)
{
	return ((struct reportscreen *)ctx)->rows.at[row].heading != NULL;
}

static enum report_mark
row_mark(const struct row *r)
{
	return r->test ? r->test->mark : r->drill ? r->drill->mark : r->change->after;
}

/* The first claim that says what the mark says. */
static const struct report_claim *
claim_worst(const struct report_test *t)
{
	const struct report_claim *c;
	vec_each(c, &t->claims)
		if (c->mark == t->mark)
			return c;
	return NULL;
}

static void
drill_figures(const struct report_drill *d, struct str *out)
{
	if (d->outage_ms >= 0) {
		str_add(out, _("silent for "));
		duration_add(out, d->outage_ms);
	}
	if (d->predicted_ms >= 0) {
		str_add(out, _(", predicted "));
		duration_add(out, d->predicted_ms);
	}
}

static void
row_title(const struct reportscreen *s, const struct row *r, struct str *out)
{
	if (r->test)
		str_add(out, r->test->title);
	else if (r->drill)
		str_addf(out, "%s, %s", r->drill->name, r->drill->object);
	else
		report_change_add(s->w, out, r->change);
}

static void
row_note(const struct row *r, struct str *out)
{
	const struct report_claim *c = r->test ? claim_worst(r->test) : NULL;
	if (r->drill)
		drill_figures(r->drill, out);
	else if (c && r->test->mark != REPORT_PASS && *c->reason)
		str_addf(out, _("%s: %s"), c->node, c->reason);
	else if (r->test && r->test->counts[r->test->mark] != r->test->claims.n)
		str_addf(out, _("%zu of %zu"), r->test->counts[r->test->mark], r->test->claims.n);
	else if (r->test)
		str_addf(out, P_("%zu answer", "%zu answers", r->test->claims.n), r->test->claims.n);
}

static void
row_cell(void *ctx, size_t row, int column, struct str *out, enum role *role)
{
	const struct reportscreen *s = ctx;
	const struct row *r = &s->rows.at[row];
	if (r->heading) {
		*role = ROLE_TITLE;
		str_add(out, column ? "" : r->heading);
	} else if (column == 0) {
		enum report_mark m = row_mark(r);
		*role = mark_roles[m];
		str_add(out, m == REPORT__MARKS ? _("not there") : _(report_mark_words[m]));
	} else if (column == 1) {
		row_title(s, r, out);
	} else {
		*role = ROLE_DIM;
		row_note(r, out);
	}
}

static const struct list_ops rows = {
	.count = row_count, .cell = row_cell, .is_heading = row_is_heading,
};
static const struct list_column columns[] = {
	{ .min = 8, .clip = CLIP_END },
	{ .min = 30, .clip = CLIP_END },
	{ .min = 10, .shrink = 1, .clip = CLIP_END },
};

/* ---- what stands behind the row with the focus ---- */

static const struct row *
row_focused(struct reportscreen *s)
{
	long row = list_focus(&s->list);
	return row == LIST_NONE ? NULL : &s->rows.at[row];
}

static int
line_wrap(const struct area *a, int y, enum role role, const char *text)
{
	struct area rest = area_rows(a, y, -1);
	return y + (rest.h > 0 && *text ? paint_wrap(&rest, 0, role, text) : 0);
}

static void
claims_paint(const struct report_test *t, const struct area *a)
{
	const struct report_claim *c;
	CLEAN_STR good = STR_INIT(4096);
	int y = 0;
	vec_each(c, &t->claims) {
		CLEAN_STR line = STR_INIT(2048);
		if (c->mark == REPORT_PASS) {
			str_addf(&good, "%s%s%s%s", good.len ? ", " : "", c->node, *c->object ? " " : "",
				 c->object);
			continue;
		}
		str_addf(&line, "%s%s%s: %s", c->node, *c->object ? ", " : "", c->object,
			 *c->reason ? c->reason : _(report_mark_words[c->mark]));
		y = line_wrap(a, y, mark_roles[c->mark], str_text(&line));
		y = line_wrap(a, y, ROLE_HINT, c->fix);
	}
	if (good.len) {
		CLEAN_STR line = STR_INIT(4200);
		str_addf(&line, _("Passed: %s"), str_text(&good));
		line_wrap(a, y, ROLE_DIM, str_text(&line));
	}
}

static void
detail_paint(struct reportscreen *s, const struct area *a)
{
	const struct row *r = row_focused(s);
	CLEAN_STR title = STR_INIT(1024), text = STR_INIT(2048);
	if (r && !r->heading)
		row_title(s, r, &title);
	struct area in = paint_box(a, ROLE_BORDER, title.len ? str_text(&title) : NULL);
	if (!r)
		return;
	if (r->test)
		claims_paint(r->test, &in);
	else if (r->change && r->change->claim)
		line_wrap(&in, 0, ROLE_TEXT, r->change->claim->reason);
	else if (r->drill) {
		drill_figures(r->drill, &text);
		line_wrap(&in, 0, ROLE_TEXT, str_text(&text));
	}
}

static void
report_paint(struct screen *screen, const struct area *a)
{
	struct reportscreen *s = (struct reportscreen *)screen;
	int below = a->h > 30 ? a->h / 3 : DETAIL_ROWS;
	struct area top = area_rows(a, 0, a->h - below), pane = area_rows(a, a->h - below, below);
	CLEAN_STR sum = STR_INIT(512);
	if (s->was_running && !s->w->running)
		loop_defer(s->w->loop, load, s);
	s->was_running = s->w->running;
	struct area in = paint_box(&top, ROLE_TITLE, _("Validation report"));
	struct area list = area_rows(&in, 1, -1);
	if (s->report)
		report_counts_add(&sum, s->report);
	if (s->only_problems)
		str_add(&sum, _("; what passed is not shown"));
	paint_clip(&in, 0, 0, in.w, ROLE_ACCENT, str_text(&sum), CLIP_END);
	list_paint(&s->list, &list, true);
	detail_paint(s, &pane);
}

/* ---- one test, with all that can be checked about it ---- */

static void
line_add(struct pager *p, enum role role, const char *what, const char *text)
{
	if (*text)
		pager_addf(p, role, false, "  %s%s", what, text);
}

static void
claim_text(struct pager *p, const struct report_claim *c)
{
	CLEAN_STR when = STR_INIT(128);
	pager_addf(p, mark_roles[c->mark], c->mark != REPORT_PASS, "%s  %s%s%s",
		   _(report_mark_words[c->mark]), c->node, *c->object ? ", " : "", c->object);
	line_add(p, ROLE_TEXT, "", c->reason);
	line_add(p, ROLE_HINT, "-> ", c->fix);
	moment_add(&when, c->at);
	if (c->run)
		pager_addf(p, ROLE_DIM, false, _("  Run %lld, %s"), (long long)c->run, str_text(&when));
	else
		pager_addf(p, ROLE_DIM, false, "  %s", _("It was never asked."));
	line_add(p, ROLE_DIM, _("What ran: "), c->command);
	line_add(p, ROLE_DIM, _("Script, SHA-256: "), c->script);
	if (*c->output)
		pager_addf(p, ROLE_DIM, false, _("  Output, %lld bytes, SHA-256: %s"),
			   (long long)c->output_bytes, c->output);
	if (*c->tail)
		pager_add(p, c->tail, strlen(c->tail), ROLE_TEXT, true);
	pager_add(p, "", 0, ROLE_TEXT, false);
}

static void
test_open(struct reportscreen *s, const struct report_test *t)
{
	const struct report_claim *c;
	struct pager *p = screen_text(s->w, _("one test"), t->title);
	p->wrap = true;
	vec_each(c, &t->claims)
		claim_text(p, c);
	pager_home(p);
}

/* ---- compared, and written to a file ---- */

struct earlier {
	struct reportscreen *s;
	VEC(int64_t) ids;
	VEC(char *) texts;
};

static int
earlier_take(void *ctx, const struct journal_run *r)
{
	struct earlier *e = ctx;
	CLEAN_STR text = STR_INIT(1024);
	if (r->id == e->s->report->run)
		return 0;
	str_addf(&text, _("Run %lld, "), (long long)r->id);
	moment_add(&text, r->began);
	str_addf(&text, ", %s: ", record_mode(r->mode));
	record_result(e->s->w, r, &text);
	vec_push(&e->ids, r->id);
	vec_push(&e->texts, xstrdup(str_text(&text)));
	return e->ids.n >= EARLIER_MAX;
}

static void
earlier_free(struct earlier *e)
{
	char **text;
	vec_each(text, &e->texts)
		free(*text);
	vec_free(&e->texts);
	vec_free(&e->ids);
	free(e);
}

static void
earlier_chosen(void *ctx, const struct dialog_answer *answer)
{
	struct earlier *e = ctx;
	if (answer->yes) {
		e->s->compared = e->ids.at[answer->choice];
		load(e->s);
		list_set_focus(&e->s->list, 0);
	}
	earlier_free(e);
}

static void
compare_ask(struct reportscreen *s)
{
	struct earlier *e = xcalloc(1, sizeof *e);
	struct err err = { 0 };
	e->s = s;
	if (journal_runs(s->w->ws.journal, earlier_take, e, &err)) {
		wizard_tell(s->w, &err);
		earlier_free(e);
		return;
	}
	if (!e->ids.n) {
		app_say(s->w->app, ROLE_HINT, "%s", _("The journal has no earlier run yet."));
		earlier_free(e);
		return;
	}
	dialog_open(s->w->app, &(struct dialog_spec){
		.kind = DIALOG_CHOICE,
		.title = _("Compare with what was known after which run?"),
		.go = _("Compare"),
		.choices = (const char *const *)e->texts.at,
		.nchoices = e->texts.n,
		.done = earlier_chosen,
		.ctx = e,
	});
}

static int
path_check(void *ctx, const char *text, struct err *err)
{
	(void)ctx;
	return report_name_check(text, err);
}

static void
path_given(void *ctx, const struct dialog_answer *answer)
{
	struct reportscreen *s = ctx;
	struct err err = { 0 };
	if (!answer->yes)
		return;
	if (report_save(s->report, answer->text, &err))
		wizard_tell(s->w, &err);
	else
		app_say(s->w->app, ROLE_OK, _("The report is in %s"), answer->text);
}

static void
export_ask(struct reportscreen *s)
{
	CLEANUP(freep) char *path = report_path(s->w);
	dialog_open(s->w->app, &(struct dialog_spec){
		.kind = DIALOG_INPUT,
		.title = _("Write the report to a file"),
		.text = _("A name that ends in .html gives a page for reading and printing, one in .json the "
			  "same for programs. A file that is there is replaced."),
		.label = _("File"),
		.go = _("Write"),
		.initial = path,
		.max_bytes = 1024,
		.check = path_check,
		.done = path_given,
		.ctx = s,
	});
}

/* ---- the screen ---- */

static const char *
report_title(struct screen *screen)
{
	(void)screen;
	return _("validation report");
}

static const char *
report_hint(struct screen *screen)
{
	struct reportscreen *s = (struct reportscreen *)screen;
	if (s->w->running)
		return _("A run is under way; the report is made anew when it ends.");
	if (s->report && !s->report->run)
		return _("Nothing was asked yet: F5 looks at the machines and changes nothing.");
	return _("Enter: what ran and what came back; = compares; w writes a file.");
}

static bool
report_key(struct screen *screen, const struct key *k)
{
	struct reportscreen *s = (struct reportscreen *)screen;
	const struct row *r;
	if (list_key(&s->list, k))
		return true;
	switch (k->action) {
	case ACTION_ENTER:
		r = row_focused(s);
		if (r && (r->test || (r->change && r->change->test)))
			test_open(s, r->test ? r->test : r->change->test);
		return true;
	case ACTION_PROBLEMS:
		s->only_problems = !s->only_problems;
		rows_make(s);
		return true;
	case ACTION_COMPARE: compare_ask(s); return true;
	case ACTION_EXPORT: export_ask(s); return true;
	case ACTION_RECHECK: wizard_look(s->w); return true;
	case ACTION_REPORT: app_close(screen->app, screen); return true;
	default: return false;
	}
}

static void
report_actions(struct screen *screen, struct action_set *set)
{
	(void)screen;
	action_add(set, ACTION_ENTER);
	action_add(set, ACTION_RECHECK);
	action_add(set, ACTION_PROBLEMS);
	action_add(set, ACTION_COMPARE);
	action_add(set, ACTION_EXPORT);
	action_add(set, ACTION_FIND);
	action_add(set, ACTION_BACK);
}

static bool
report_editing(struct screen *screen)
{
	return list_editing(&((struct reportscreen *)screen)->list);
}

static void
report_close(struct screen *screen)
{
	struct reportscreen *s = (struct reportscreen *)screen;
	loop_forget(s->w->loop, s);
	list_done(&s->list);
	vec_free(&s->rows);
	report_free(s->report);
	free(s->since);
	free(s);
}

static const struct screen_ops report_ops = {
	.title = report_title,
	.hint = report_hint,
	.paint = report_paint,
	.key = report_key,
	.actions = report_actions,
	.editing = report_editing,
	.close = report_close,
};

void
screen_report(struct wizard *w)
{
	if (!w->view)
		return;
	struct reportscreen *s = xcalloc(1, sizeof *s);
	s->screen.ops = &report_ops;
	s->w = w;
	list_init(&s->list, &rows, s, columns, sizeof columns / sizeof *columns);
	s->list.empty = _("No test is left by this filter.");
	app_push(w->app, &s->screen);
	load(s);
}
