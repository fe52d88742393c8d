/* The matrix of steps and machines, its counts and its focus. What tasks say: viewtask.c. */
#include "engine/view.h"

#include <string.h>
#include "base/nls.h"
#include "base/text.h"
#include "engine/run.h"
#include "engine/viewpriv.h"

const char *const view_word_ids[VIEW__WORDS + 1] = {
	[VIEW_NONE] = "none",	    [VIEW_OK] = "ok",		[VIEW_UNASKED] = "unasked",
	[VIEW_TODO] = "to-do",	    [VIEW_STOPPED] = "not-done", [VIEW_RUNNING] = "running",
	[VIEW_ASKING] = "question", [VIEW_UNKNOWN] = "unknown", [VIEW_FAILED] = "failed",
};

const char *const view_words[VIEW__WORDS + 1] = {
	[VIEW_NONE] = N_("nothing"),	   [VIEW_OK] = N_("ok"),	 [VIEW_UNASKED] = N_("not asked"),
	[VIEW_TODO] = N_("to do"),	   [VIEW_STOPPED] = N_("not done"), [VIEW_RUNNING] = N_("running"),
	[VIEW_ASKING] = N_("question"),	   [VIEW_UNKNOWN] = N_("not told"), [VIEW_FAILED] = N_("failed"),
};

enum view_word
view_task_word(const struct task *t)
{
	static const enum view_word words[TASK__COUNT] = {
		[TASK_PENDING] = VIEW_UNASKED,	 [TASK_CHECKING] = VIEW_RUNNING,
		[TASK_TODO] = VIEW_TODO,	 [TASK_WAITING] = VIEW_TODO,
		[TASK_ASKING] = VIEW_ASKING,	 [TASK_APPLYING] = VIEW_RUNNING,
		[TASK_REBOOTING] = VIEW_RUNNING, [TASK_VERIFYING] = VIEW_RUNNING,
		[TASK_OK] = VIEW_OK,		 [TASK_CHANGED] = VIEW_OK,
		[TASK_UNDONE] = VIEW_OK,	 [TASK_FAILED] = VIEW_FAILED,
		[TASK_UNKNOWN] = VIEW_UNKNOWN,	 [TASK_SKIPPED] = VIEW_STOPPED,
		[TASK_BLOCKED] = VIEW_STOPPED,	 [TASK_STOPPED] = VIEW_STOPPED,
	};
	return words[t->state];
}

/* ---- building ---- */

static bool
task_is_on(const struct task *t, const struct node *node)
{
	for (size_t i = 0; !t->placed && i < t->candidates.n; i++)
		if (t->candidates.at[i] == node)
			return true;
	return t->node == node && (node || !t->candidates.n);
}

bool
view_is_shared(const struct task *t)
{
	return !t->placed && t->candidates.n > 1;
}

static void
column_add(struct view *v, const struct node *node)
{
	struct task *const *t;
	bool used = false;
	vec_each(t, &v->plan->tasks)
		used |= task_is_on(*t, node);
	if (used) {
		struct view_column *c = vec_add(&v->columns);
		c->node = node;
	}
}

static struct view_row *
row_for(struct view *v, size_t first, const struct task *t)
{
	CLEAN_STR object = STR_INIT(512);
	task_object(t, &object);
	for (size_t i = first; i < v->rows.n; i++)
		if (v->rows.at[i].step == t->step && !strcmp(v->rows.at[i].object, str_text(&object)))
			return &v->rows.at[i];
	struct view_row *row = vec_add(&v->rows);
	row->step = t->step;
	row->object = xstrdup(str_text(&object));
	row->cells = xcalloc(v->columns.n, sizeof *row->cells);
	return row;
}

static void
chapter_add(struct view *v, const struct chapter *chapter)
{
	size_t first = v->rows.n;
	struct task *const *t;
	vec_each(t, &v->plan->tasks) {
		if ((*t)->step->chapter != chapter)
			continue;
		struct view_row *row = row_for(v, first, *t);
		for (size_t c = 0; c < v->columns.n; c++)
			if (task_is_on(*t, v->columns.at[c].node))
				row->cells[c] = *t;
	}
	struct view_chapter *added = vec_add(&v->chapters);
	*added = (struct view_chapter){ chapter, first, v->rows.n - first };
}

struct view *
view_new(struct loop *l, const struct plan *p)
{
	struct view *v = xcalloc(1, sizeof *v);
	v->loop = l;
	v->plan = p;
	v->notes = xcalloc(p->tasks.n + 1, sizeof *v->notes);
	column_add(v, NULL);
	for (size_t i = 0; i < p->model->nodes.n; i++)
		column_add(v, &p->model->nodes.at[i]);
	for (size_t i = 0; i < p->catalog->chapters.n; i++)
		chapter_add(v, p->catalog->chapters.at[i]);
	return v;
}

struct view *
view_free(struct view *v)
{
	if (!v)
		return NULL;
	for (size_t i = 0; i < v->rows.n; i++) {
		free(v->rows.at[i].object);
		free(v->rows.at[i].cells);
	}
	for (size_t i = 0; i < v->plan->tasks.n; i++)
		note_done(&v->notes[i]);
	free(v->notes);
	vec_free(&v->rows);
	vec_free(&v->columns);
	vec_free(&v->chapters);
	free(v);
	return NULL;
}

/* ---- counts and cells ---- */

void
view_count(const struct view *v, const struct chapter *chapter, struct view_counts *ret)
{
	struct task *const *t;
	memset(ret, 0, sizeof *ret);
	size_t *const counters[VIEW__WORDS] = {
		[VIEW_OK] = &ret->ok,	      [VIEW_UNASKED] = &ret->unasked,
		[VIEW_TODO] = &ret->todo,     [VIEW_STOPPED] = &ret->rest,
		[VIEW_RUNNING] = &ret->running, [VIEW_ASKING] = &ret->asking,
		[VIEW_UNKNOWN] = &ret->unknown, [VIEW_FAILED] = &ret->failed,
	};
	vec_each(t, &v->plan->tasks) {
		if (chapter && (*t)->step->chapter != chapter)
			continue;
		enum view_word word = view_task_word(*t);
		++*counters[word];
		ret->total++;
		ret->word = word > ret->word ? word : ret->word;
	}
}

static bool
task_runs(enum task_state s)
{
	return s == TASK_CHECKING || s == TASK_APPLYING || s == TASK_REBOOTING ||
	       s == TASK_VERIFYING;
}

void
view_cell(const struct view *v, const struct task *t, struct view_cell *ret)
{
	*ret = (struct view_cell){
		.state = t->state,
		.id = task_state_ids[t->state],
		.word = _(task_state_words[t->state]),
		.percent = -1,
		.shared = view_is_shared(t),
		.context = t->part == PART_CONTEXT,
	};
	if (task_runs(t->state) || t->state == TASK_ASKING)
		ret->elapsed_ms = loop_now_ms(v->loop) - t->since_ms;
	else if (t->state == TASK_CHANGED || t->state == TASK_FAILED || t->state == TASK_UNDONE)
		ret->elapsed_ms = t->spent_ms;
	if (t->state == TASK_APPLYING || t->state == TASK_TODO || t->state == TASK_WAITING)
		ret->expected_ms = (int64_t)t->step->takes_s * 1000;
	if (t->progress_total > 0 && task_runs(t->state)) {
		int64_t percent = (int64_t)t->progress_done * 100 / t->progress_total;
		ret->percent = (int)(percent < 0 ? 0 : percent > 100 ? 100 : percent);
	}
}

/* ---- focus ---- */

const struct task *
view_at(const struct view *v, const struct view_focus *f)
{
	if (f->row >= v->rows.n || f->column >= v->columns.n)
		return NULL;
	return v->rows.at[f->row].cells[f->column];
}

static bool
focus_find(const struct view *v, const struct task *t, size_t chapter, struct view_focus *ret)
{
	const struct view_chapter *c = &v->chapters.at[chapter];
	for (size_t row = c->first; row < c->first + c->n; row++)
		for (size_t column = 0; column < v->columns.n; column++) {
			const struct task *at = v->rows.at[row].cells[column];
			if (at && (!t || at == t)) {
				*ret = (struct view_focus){ chapter, row, column };
				return true;
			}
		}
	return false;
}

bool
view_find(const struct view *v, const struct task *t, struct view_focus *ret)
{
	for (size_t i = 0; t && i < v->chapters.n; i++)
		if (v->chapters.at[i].chapter == t->step->chapter)
			return focus_find(v, t, i, ret);
	return false;
}

bool
view_enter(const struct view *v, size_t chapter, struct view_focus *ret)
{
	*ret = (struct view_focus){ chapter, 0, 0 };
	if (chapter >= v->chapters.n)
		return false;
	ret->row = v->chapters.at[chapter].first;
	return focus_find(v, NULL, chapter, ret);
}

/* The full cell of a row that is nearest to a column; columns.n = the row is empty. */
static size_t
column_near(const struct view *v, size_t row, size_t column)
{
	for (size_t d = 0; d < v->columns.n; d++) {
		if (column >= d && v->rows.at[row].cells[column - d])
			return column - d;
		if (column + d < v->columns.n && v->rows.at[row].cells[column + d])
			return column + d;
	}
	return v->columns.n;
}

static void
move_rows(const struct view *v, struct view_focus *f, int by)
{
	const struct view_chapter *c = &v->chapters.at[f->chapter];
	size_t last = c->first + c->n - 1;
	size_t far = (size_t)(by < 0 ? -(int64_t)by : by);
	size_t row = by < 0 ? f->row - c->first < far ? c->first : f->row - far
			    : last - f->row < far ? last : f->row + far;
	size_t column = column_near(v, row, f->column);
	if (column == v->columns.n)
		return;
	f->row = row;
	f->column = column;
}

static void
move_columns(const struct view *v, struct view_focus *f, int by)
{
	int step = by < 0 ? -1 : 1;
	for (; by; by -= step) {
		size_t at = f->column + (size_t)step;
		while (at < v->columns.n && !v->rows.at[f->row].cells[at])
			at += (size_t)step;
		if (at >= v->columns.n) /* also below 0 */
			return;
		f->column = at;
	}
}

void
view_move(const struct view *v, struct view_focus *f, int rows, int columns)
{
	if (f->chapter >= v->chapters.n || !v->chapters.at[f->chapter].n || !v->columns.n)
		return;
	if (rows)
		move_rows(v, f, rows);
	if (columns)
		move_columns(v, f, columns);
}

const struct task *
view_trouble(const struct view *v, const struct chapter *chapter)
{
	static const enum view_word order[] = { VIEW_ASKING, VIEW_FAILED, VIEW_UNKNOWN, VIEW_TODO };
	struct task *const *t;
	for (size_t i = 0; i < sizeof order / sizeof *order; i++)
		vec_each(t, &v->plan->tasks)
			if ((!chapter || (*t)->step->chapter == chapter) &&
			    view_task_word(*t) == order[i])
				return *t;
	return NULL;
}

size_t
view_window(size_t n, size_t focused, size_t fit, size_t first)
{
	if (!fit || n <= fit)
		return 0;
	if (focused < first)
		first = focused;
	if (focused >= first + fit)
		first = focused - fit + 1;
	return first > n - fit ? n - fit : first;
}

/* ---- scope ---- */

static void
wanted_needs(const struct plan *p, const struct task *t, bool *wanted)
{
	const size_t *i;
	wanted[t->index] = true;
	vec_each(i, &t->after)
		if (!wanted[*i])
			wanted_needs(p, p->tasks.at[*i], wanted);
	vec_each(i, &t->guards)
		if (!wanted[*i])
			wanted_needs(p, p->tasks.at[*i], wanted);
}

size_t
view_wanted(const struct plan *p, enum view_scope scope, const struct chapter *chapter,
	    bool *wanted)
{
	size_t n = 0;
	memset(wanted, 0, p->tasks.n * sizeof *wanted);
	for (size_t i = 0; i < p->tasks.n; i++) {
		const struct task *t = p->tasks.at[i];
		if (t->step->kind == KIND_DRILL || t->part == PART_CONTEXT ||
		    (scope != SCOPE_ALL && t->step->chapter != chapter))
			continue;
		if (scope == SCOPE_THROUGH)
			wanted_needs(p, t, wanted);
		wanted[i] = true;
	}
	for (size_t i = 0; i < p->tasks.n; i++)
		n += wanted[i];
	return n;
}

void
view_selection(enum view_scope scope, const struct chapter *chapter, const char *only[2],
	       struct selection *ret)
{
	*ret = (struct selection){ 0 };
	only[0] = only[1] = NULL;
	if (scope == SCOPE_THROUGH)
		ret->through = chapter->id;
	if (scope != SCOPE_CHAPTER)
		return;
	only[0] = chapter->id;
	ret->only = only;
}

void
view_review(const struct plan *p, const bool *wanted, struct view_review *ret)
{
	int64_t *end = xcalloc(p->tasks.n + 1, sizeof *end);
	memset(ret, 0, sizeof *ret);
	for (size_t i = 0; i < p->order.n; i++) {
		const struct task *t = p->tasks.at[p->order.at[i]];
		bool done = view_task_word(t) == VIEW_OK;
		const size_t *k;
		vec_each(k, &t->after)
			end[t->index] = end[*k] > end[t->index] ? end[*k] : end[t->index];
		if (!wanted[t->index])
			continue;
		ret->total++;
		ret->done += done;
		ret->risks[task_risk(t)]++;
		end[t->index] += done ? 0 : t->step->takes_s;
		ret->takes_s = end[t->index] > ret->takes_s ? end[t->index] : ret->takes_s;
	}
	free(end);
}
