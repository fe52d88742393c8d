/* How a list looks: columns that are as wide as what stands in them, and give way when there is
 * no room for all. */
#include "tui/listpriv.h"

#include "base/nls.h"
#include "base/text.h"
#include "tui/glyph.h"

enum { GAP = 2, MEASURED_ROWS = 100, CELL_BYTES = 1024, MARK_COLUMNS = 2 };

static void
cell_text(const struct list *l, size_t row, int column, struct str *out, enum role *role)
{
	CLEAN_STR raw = STR_INIT(CELL_BYTES);

	*role = ROLE_TEXT;
	l->ops->cell(l->ctx, row, column, &raw, role);
	str_clear(out);
	text_clean(out, str_text(&raw), raw.len, false);
}

/* What the columns would take if there was room for everything, and what their cells alone. */
static void
measure(const struct list *l, int width[], int cells[])
{
	CLEAN_STR text = STR_INIT(CELL_BYTES);
	size_t last = l->top + MEASURED_ROWS < l->shown.n ? l->top + MEASURED_ROWS : l->shown.n;
	enum role role;
	int w;

	for (int i = 0; i < l->ncolumns; i++) {
		cells[i] = 1;
		for (size_t at = l->top; at < last; at++) {
			if (list_is_heading(l, l->shown.at[at]))
				continue;
			cell_text(l, l->shown.at[at], i, &text, &role);
			w = text_width(str_text(&text));
			cells[i] = w > cells[i] ? w : cells[i];
		}
		w = l->columns[i].title ? text_width(l->columns[i].title) : 0;
		width[i] = w > cells[i] ? w : cells[i];
	}
}

static int
total_width(const struct list *l, const int width[])
{
	int total = -GAP;

	for (int i = 0; i < l->ncolumns; i++)
		total += width[i] ? width[i] + GAP : 0;
	return total;
}

/* The column that gives way next: highest `shrink` among those above their floor, or among those
 * that may be left out when there is none; -1 when none can. */
static int
next_to_give(const struct list *l, const int width[], const int floor[])
{
	int best = -1;

	for (int i = 0; i < l->ncolumns; i++) {
		if (!width[i] || (floor ? width[i] <= floor[i] : !l->columns[i].shrink))
			continue;
		if (best < 0 || l->columns[i].shrink > l->columns[best].shrink)
			best = i;
	}
	return best;
}

static void
shorten(const struct list *l, int width[], const int floor[], int w)
{
	int i, over, slack;

	while ((over = total_width(l, width) - w) > 0 && (i = next_to_give(l, width, floor)) >= 0) {
		slack = width[i] - floor[i];
		width[i] -= slack < over ? slack : over;
	}
}

/* Titles give way before what stands below them, then the cells down to their least; then a column
 * is left out (width 0) and the others have its room, until all fit in w. */
static void
fit(const struct list *l, int width[], int w)
{
	int cells[LIST_COLUMNS], least[LIST_COLUMNS], full[LIST_COLUMNS], out;

	measure(l, full, cells);
	for (int i = 0; i < l->ncolumns; i++) {
		least[i] = l->columns[i].min > 1 ? l->columns[i].min : 1;
		least[i] = least[i] < cells[i] ? least[i] : cells[i];
	}
	do {
		for (int i = 0; i < l->ncolumns; i++)
			width[i] = full[i];
		shorten(l, width, cells, w);
		shorten(l, width, least, w);
		out = total_width(l, width) > w ? next_to_give(l, width, NULL) : -1;
		if (out >= 0)
			full[out] = 0;
	} while (out >= 0);
}

static void
paint_cells(const struct list *l, const struct area *a, int y, size_t row, const int width[],
	    enum role over)
{
	CLEAN_STR text = STR_INIT(CELL_BYTES);
	enum role role;
	int x = 0, rest;

	for (int i = 0; i < l->ncolumns; i++) {
		if (!width[i])
			continue;
		cell_text(l, row, i, &text, &role);
		role = over == ROLE_TEXT ? role : over;
		rest = a->w - x < width[i] ? a->w - x : width[i];
		if (l->columns[i].right && text_width(str_text(&text)) <= rest)
			paint_right(a, y, x, rest, role, str_text(&text));
		else
			paint_clip(a, y, x, rest, role, str_text(&text), l->columns[i].clip);
		x += width[i] + GAP;
	}
}

static void
paint_titles(const struct list *l, const struct area *a, const int width[])
{
	int x = l->ops->may_mark ? MARK_COLUMNS : 0, rest;

	for (int i = 0; i < l->ncolumns; i++) {
		rest = a->w - x < width[i] ? a->w - x : width[i];
		if (!width[i] || rest <= 0)
			continue;
		if (l->columns[i].right && text_width(l->columns[i].title) <= rest)
			paint_right(a, 0, x, rest, ROLE_TITLE, l->columns[i].title);
		else
			paint_clip(a, 0, x, rest, ROLE_TITLE, l->columns[i].title, CLIP_END);
		x += width[i] + GAP;
	}
}

static void
paint_row(const struct list *l, const struct area *a, int y, size_t at, const int width[],
	  bool focused)
{
	size_t row = l->shown.at[at];
	bool here = at == l->focus && !list_is_heading(l, row);
	enum role over = !here ? ROLE_TEXT : focused ? ROLE_FOCUS : ROLE_SELECTED, role;
	int indent = l->ops->may_mark ? MARK_COLUMNS : 0;
	struct area cells = area_cols(a, indent, -1);
	CLEAN_STR text = STR_INIT(CELL_BYTES);

	if (list_is_heading(l, row)) {
		cell_text(l, row, 0, &text, &role);
		paint_clip(a, y, 0, a->w, role == ROLE_TEXT ? ROLE_TITLE : role, str_text(&text),
			   CLIP_END);
		return;
	}
	if (here)
		paint_pad(a, y, 0, a->w, over, "", CLIP_CUT);
	if (list_is_marked(l, row) && list_may_mark(l, row))
		paint_text(a, y, 0, here ? over : ROLE_ACCENT, glyph(GLYPH_MARK));
	paint_cells(l, &cells, y, row, width, over);
	if (here && focused)
		paint_cursor(a, y, indent);
}

/* The focus is seen, and the heading above it where that is the row before. */
static void
scroll(struct list *l, int h)
{
	size_t n = l->shown.n, from = l->focus, page = h > 0 ? (size_t)h : 0;

	l->page = h;
	if (!page)
		return;
	if (page > 1 && from && list_is_heading(l, l->shown.at[from - 1]))
		from--;
	if (l->top > from)
		l->top = from;
	if (l->focus >= l->top + page)
		l->top = l->focus - page + 1;
	if (l->top + page > n)
		l->top = n > page ? n - page : 0;
}

static bool
has_titles(const struct list *l)
{
	for (int i = 0; i < l->ncolumns; i++)
		if (l->columns[i].title)
			return true;
	return false;
}

/* The last row: what is typed, or what hides some of the rows. */
static void
paint_filter(struct list *l, const struct area *a, bool focused)
{
	struct area field;
	CLEAN_STR count = STR_INIT(64);
	int x, w;

	/* TRANSLATORS: rows that a filter lets through, of how many there are */
	str_addf(&count, _("%lu of %lu"), (unsigned long)l->shown.n,
		 (unsigned long)l->ops->count(l->ctx));
	x = paint_text(a, 0, 0, ROLE_ACCENT, "/ ");
	w = a->w - x - text_width(str_text(&count)) - GAP;
	if (w < 8)
		w = a->w - x;
	else
		paint_right(a, 0, 0, a->w, ROLE_DIM, str_text(&count));
	field = area_cols(a, x, w);
	editor_paint(&l->filter, &field, l->filtering ? ROLE_FIELD : ROLE_ACCENT,
		     focused && l->filtering);
}

static void
paint_empty(struct list *l, const struct area *a, bool focused)
{
	CLEAN_STR text = STR_INIT(512);

	if (*editor_text(&l->filter))
		str_addf(&text, _("Nothing here contains '%s'."), editor_text(&l->filter));
	else if (l->empty)
		str_add(&text, l->empty);
	paint_wrap(a, 0, ROLE_DIM, str_text(&text));
	if (focused)
		paint_cursor(a, 0, 0);
}

void
list_paint(struct list *l, const struct area *a, bool focused)
{
	struct area rows = *a, line;
	int width[LIST_COLUMNS] = { 0 };
	int indent = l->ops->may_mark ? MARK_COLUMNS : 0;
	bool filter = a->h > 1 && (l->filtering || *editor_text(&l->filter)), titles;

	list_update(l);
	if (filter) {
		line = area_rows(a, a->h - 1, 1);
		paint_filter(l, &line, focused);
		rows = area_rows(&rows, 0, rows.h - 1);
	}
	focused = focused && !(filter && l->filtering);
	if (!l->shown.n) {
		paint_empty(l, &rows, focused);
		return;
	}
	titles = has_titles(l) && rows.h > 2;
	line = area_rows(&rows, 0, 1);
	if (titles)
		rows = area_rows(&rows, 1, -1);
	scroll(l, rows.h);
	fit(l, width, a->w - 1 - indent);
	if (titles)
		paint_titles(l, &line, width);
	line = area_cols(&rows, 0, rows.w - 1);
	for (int y = 0; y < rows.h && l->top + (size_t)y < l->shown.n; y++)
		paint_row(l, &line, y, l->top + (size_t)y, width, focused);
	if ((size_t)rows.h < l->shown.n)
		paint_scroll(&rows, ROLE_DIM, (int)l->top, rows.h, (int)l->shown.n);
}
