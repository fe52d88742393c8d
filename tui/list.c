/* Lists: which rows are shown, where the focus is, what is marked. How they are painted stands in
 * listpaint.c. */
#include "tui/list.h"

#include "base/text.h"
#include "tui/listpriv.h"

enum { FILTER_BYTES = 128, CELL_BYTES = 1024 };

void
list_init(struct list *l, const struct list_ops *ops, void *ctx,
	  const struct list_column *columns, int ncolumns)
{
	*l = (struct list){ .ops = ops, .ctx = ctx, .columns = columns, .ncolumns = ncolumns };
	editor_init(&l->filter, FILTER_BYTES, false);
}

void
list_done(struct list *l)
{
	vec_free(&l->shown);
	vec_free(&l->marks);
	editor_done(&l->filter);
}

static uint64_t
row_id(const struct list *l, size_t row)
{
	return l->ops->id ? l->ops->id(l->ctx, row) : row;
}

bool
list_is_heading(const struct list *l, size_t row)
{
	return l->ops->is_heading && l->ops->is_heading(l->ctx, row);
}

static bool
row_matches(const struct list *l, size_t row)
{
	CLEAN_STR text = STR_INIT(CELL_BYTES);
	CLEAN_STR clean = STR_INIT(CELL_BYTES);
	enum role role;
	size_t n;

	for (int i = 0; i < l->ncolumns; i++) {
		str_clear(&text);
		str_clear(&clean);
		l->ops->cell(l->ctx, row, i, &text, &role);
		text_clean(&clean, str_text(&text), text.len, false);
		if (text_find(str_text(&clean), editor_text(&l->filter), &n))
			return true;
	}
	return false;
}

/* A heading is shown when a row below it is. */
static void
collect(struct list *l)
{
	size_t n = l->ops->count(l->ctx);
	long heading = LIST_NONE;
	bool all = !*editor_text(&l->filter);

	l->shown.n = 0;
	for (size_t row = 0; row < n; row++) {
		if (list_is_heading(l, row)) {
			heading = (long)row;
			if (all)
				vec_push(&l->shown, row);
			continue;
		}
		if (!all && !row_matches(l, row))
			continue;
		if (!all && heading != LIST_NONE)
			vec_push(&l->shown, (size_t)heading);
		heading = LIST_NONE;
		vec_push(&l->shown, row);
	}
}

/* Takes the focus to the nearest row that can have it, first in the direction of `step`. */
static void
settle(struct list *l, int step)
{
	long n = (long)l->shown.n, at = (long)l->focus;

	at = at >= n ? n - 1 : at;
	for (int turn = 0; turn < 2 && n; turn++, step = -step)
		for (long i = at; i >= 0 && i < n; i += step)
			if (!list_is_heading(l, l->shown.at[i])) {
				l->focus = (size_t)i;
				l->focus_id = row_id(l, l->shown.at[i]);
				l->has_focus_id = true;
				return;
			}
	l->focus = 0;
}

void
list_update(struct list *l)
{
	collect(l);
	for (size_t i = 0; l->has_focus_id && i < l->shown.n; i++)
		if (!list_is_heading(l, l->shown.at[i]) &&
		    row_id(l, l->shown.at[i]) == l->focus_id) {
			l->focus = i;
			break;
		}
	settle(l, 1);
}

long
list_focus(struct list *l)
{
	list_update(l);
	if (l->focus >= l->shown.n || list_is_heading(l, l->shown.at[l->focus]))
		return LIST_NONE;
	return (long)l->shown.at[l->focus];
}

void
list_set_focus(struct list *l, size_t row)
{
	if (row >= l->ops->count(l->ctx))
		return;
	l->focus_id = row_id(l, row);
	l->has_focus_id = true;
	list_update(l);
}

static void
move(struct list *l, long by)
{
	long to = (long)l->focus + by, n = (long)l->shown.n;

	if (!n)
		return;
	l->focus = (size_t)(to < 0 ? 0 : to >= n ? n - 1 : to);
	settle(l, by < 0 ? -1 : 1);
}

/* ---- marks --------------------------------------------------------------------------- */

static size_t
mark_place(const struct list *l, size_t row)
{
	uint64_t id = row_id(l, row);
	size_t i = 0;

	while (i < l->marks.n && l->marks.at[i] != id)
		i++;
	return i;
}

bool
list_is_marked(const struct list *l, size_t row)
{
	return mark_place(l, row) < l->marks.n;
}

bool
list_may_mark(const struct list *l, size_t row)
{
	return l->ops->may_mark && !list_is_heading(l, row) && l->ops->may_mark(l->ctx, row);
}

void
list_mark(struct list *l, size_t row, bool on)
{
	size_t i = mark_place(l, row);

	if (on && i == l->marks.n && list_may_mark(l, row))
		vec_push(&l->marks, row_id(l, row));
	if (!on && i < l->marks.n)
		vec_remove(&l->marks, i);
}

size_t
list_marked(const struct list *l)
{
	size_t n = 0;

	for (size_t row = 0, count = l->ops->count(l->ctx); row < count; row++)
		n += list_is_marked(l, row) && list_may_mark(l, row);
	return n;
}

void
list_each_chosen(struct list *l, void (*fn)(void *ctx, size_t row), void *ctx)
{
	long focus = list_focus(l);
	bool marked = list_marked(l) > 0;

	for (size_t row = 0, count = l->ops->count(l->ctx); row < count; row++)
		if (marked ? list_is_marked(l, row) && list_may_mark(l, row) : (long)row == focus)
			fn(ctx, row);
}

static void
mark_focused(struct list *l)
{
	size_t row;

	if (!l->shown.n)
		return;
	row = l->shown.at[l->focus];
	list_mark(l, row, !list_is_marked(l, row));
	move(l, 1);
}

/* What a filter hides is not marked by "all": nobody sees it. */
static void
mark_shown(struct list *l)
{
	for (size_t i = 0; i < l->shown.n; i++)
		list_mark(l, l->shown.at[i], true);
}

/* ---- keys ---------------------------------------------------------------------------- */

static void
filter_clear(struct list *l)
{
	editor_set(&l->filter, "");
	l->filtering = false;
	list_update(l);
}

static bool
filter_key(struct list *l, const struct key *k)
{
	if (k->action == ACTION_CANCEL) {
		filter_clear(l);
		return true;
	}
	if (k->action == ACTION_ENTER) {
		l->filtering = false;
		return true;
	}
	if (!editor_key(&l->filter, k))
		return false;
	list_update(l);
	return true;
}

static bool
mark_key(struct list *l, enum action a)
{
	if (!l->ops->may_mark)
		return false;
	switch (a) {
	case ACTION_MARK:
		mark_focused(l);
		return true;
	case ACTION_MARK_ALL:
		mark_shown(l);
		return true;
	case ACTION_MARK_NONE:
		l->marks.n = 0;
		return true;
	default:
		return false;
	}
}

bool
list_key(struct list *l, const struct key *k)
{
	list_update(l);
	if (l->filtering && filter_key(l, k))
		return true;
	switch (k->action) {
	case ACTION_UP:
		move(l, -1);
		return true;
	case ACTION_DOWN:
		move(l, 1);
		return true;
	case ACTION_PAGE_UP:
		move(l, -(l->page > 1 ? l->page - 1 : 1));
		return true;
	case ACTION_PAGE_DOWN:
		move(l, l->page > 1 ? l->page - 1 : 1);
		return true;
	case ACTION_HOME:
		move(l, -(long)l->shown.n);
		return true;
	case ACTION_END:
		move(l, (long)l->shown.n);
		return true;
	case ACTION_FIND:
		l->filtering = true;
		return true;
	case ACTION_CANCEL:
		if (!*editor_text(&l->filter))
			return false;
		filter_clear(l);
		return true;
	default:
		return mark_key(l, k->action);
	}
}

bool
list_editing(const struct list *l)
{
	return l->filtering;
}
