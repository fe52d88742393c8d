/* The matrix: how wide its columns are, which of them are seen, and where the focus goes. */
#include "tui/grid.h"

#include <string.h>

#include "base/text.h"
#include "tui/glyph.h"

enum {
	CELL_BYTES = 256,
	GAP = 2,
	COLUMN_MIN = 5,  /* of a machine */
	COLUMN_MAX = 16,
	FIRST_MIN = 14,  /* of what is done */
	SIDE = 2,        /* where the signs stand that more columns lie that way */
	MEASURED_ROWS = 200,
	WORD_MIN = 7,    /* words change while it is looked at: "to do", "changed" */
	OWN_WIDTHS = 32, /* so many machines may have widths of their own */
};

void
grid_init(struct grid *g, const struct grid_ops *ops, void *ctx)
{
	*g = (struct grid){ .ops = ops, .ctx = ctx, .column = GRID_ALL };
}

static bool
is_heading(const struct grid *g, size_t row)
{
	return g->ops->is_heading && g->ops->is_heading(g->ctx, row);
}

/* The nearest row that is none of the headings, first in the direction of step. */
static size_t
nearest_row(const struct grid *g, long at, int step)
{
	long n = (long)g->ops->rows(g->ctx);

	at = at >= n ? n - 1 : at < 0 ? 0 : at;
	for (int turn = 0; turn < 2; turn++, step = -step)
		for (long i = at; i >= 0 && i < n; i += step)
			if (!is_heading(g, (size_t)i))
				return (size_t)i;
	return 0;
}

void
grid_set_focus(struct grid *g, size_t row, long column)
{
	long n = (long)g->ops->columns(g->ctx);

	g->row = nearest_row(g, (long)row, 1);
	g->column = column < 0 || !n ? GRID_ALL : column >= n ? n - 1 : column;
}

/* ---- keys ---------------------------------------------------------------------------- */

static void
move_rows(struct grid *g, long by)
{
	g->row = nearest_row(g, (long)g->row + by, by < 0 ? -1 : 1);
}

static bool
focus_node(struct grid *g, int n)
{
	if (n > 0 && (size_t)n > g->ops->columns(g->ctx))
		return false;
	grid_set_focus(g, g->row, n - 1);
	return true;
}

bool
grid_key(struct grid *g, const struct key *k)
{
	long page = g->page > 1 ? g->page - 1 : 1, all = (long)g->ops->rows(g->ctx);

	grid_set_focus(g, g->row, g->column);
	switch (k->action) {
	case ACTION_UP:
		move_rows(g, -1);
		return true;
	case ACTION_DOWN:
		move_rows(g, 1);
		return true;
	case ACTION_PAGE_UP:
		move_rows(g, -page);
		return true;
	case ACTION_PAGE_DOWN:
		move_rows(g, page);
		return true;
	case ACTION_HOME:
		move_rows(g, -all);
		return true;
	case ACTION_END:
		move_rows(g, all);
		return true;
	case ACTION_LEFT:
		grid_set_focus(g, g->row, g->column - 1);
		return true;
	case ACTION_RIGHT:
		grid_set_focus(g, g->row, g->column + 1);
		return true;
	case ACTION_NODE:
		return focus_node(g, k->n);
	case ACTION_NODE_ALL:
		return focus_node(g, 0);
	default:
		return false;
	}
}

/* ---- measures ------------------------------------------------------------------------ */

struct layout {
	int first;  /* columns of the screen of the fixed part */
	int column; /* of one machine, without the gap */
	size_t seen; /* machines */
	bool own;    /* each machine has its own width: */
	int widths[OWN_WIDTHS];
};

static void
clean(struct str *out, const struct str *raw)
{
	str_clear(out);
	text_clean(out, str_text(raw), raw->len, false);
}

static void
row_text(const struct grid *g, size_t row, struct str *out, enum role *role)
{
	CLEAN_STR raw = STR_INIT(CELL_BYTES);

	*role = ROLE_TEXT;
	g->ops->row_text(g->ctx, row, &raw, role);
	clean(out, &raw);
}

static void
cell_text(const struct grid *g, size_t row, size_t column, struct str *out, enum role *role)
{
	CLEAN_STR raw = STR_INIT(CELL_BYTES);

	*role = ROLE_TEXT;
	g->ops->cell(g->ctx, row, column, &raw, role);
	clean(out, &raw);
}

static void
column_text(const struct grid *g, size_t column, struct str *out)
{
	CLEAN_STR raw = STR_INIT(CELL_BYTES);

	g->ops->column_text(g->ctx, column, &raw);
	clean(out, &raw);
}

static int
larger(int a, const struct str *text)
{
	int w = text_width(str_text(text));

	return w > a ? w : a;
}

static void
measure(const struct grid *g, struct layout *l)
{
	size_t rows = g->ops->rows(g->ctx), columns = g->ops->columns(g->ctx);
	size_t from = rows > MEASURED_ROWS ? g->top : 0;
	CLEAN_STR text = STR_INIT(CELL_BYTES);
	enum role role;

	l->first = g->corner ? text_width(g->corner) : 0;
	l->first = l->first > FIRST_MIN ? l->first : FIRST_MIN;
	l->column = COLUMN_MIN;
	for (size_t c = 0; c < columns; c++) {
		column_text(g, c, &text);
		l->column = larger(l->column, &text);
		if (c < OWN_WIDTHS)
			l->widths[c] = larger(WORD_MIN, &text);
	}
	for (size_t r = from; r < rows && r < from + MEASURED_ROWS; r++) {
		if (is_heading(g, r))
			continue;
		row_text(g, r, &text, &role);
		l->first = larger(l->first, &text);
		for (size_t c = 0; c < columns; c++) {
			cell_text(g, r, c, &text, &role);
			l->column = larger(l->column, &text);
			if (c < OWN_WIDTHS)
				l->widths[c] = larger(l->widths[c], &text);
		}
	}
	l->column = l->column > COLUMN_MAX ? COLUMN_MAX : l->column;
}

/* How many machines fit beside a first part of that width. */
static size_t
room_for(int w, int first, int column)
{
	int left = w - first;

	return left > 0 ? (size_t)(left / (column + GAP)) : 0;
}

/* All machines with widths of their own, if the names of what is done keep three eighths. */
static bool
all_fit(struct layout *l, size_t columns, int w)
{
	int least = w * 3 / 8 > FIRST_MIN ? w * 3 / 8 : FIRST_MIN, left = w;

	if (columns > OWN_WIDTHS)
		return false;
	for (size_t c = 0; c < columns; c++)
		left -= (l->widths[c] > COLUMN_MAX ? COLUMN_MAX : l->widths[c]) + GAP;
	if (left < (l->first < least ? l->first : least))
		return false;
	l->first = l->first < left ? l->first : left;
	l->seen = columns;
	return l->own = true;
}

/* The names of what is done give way down to half of the width, so that more machines are seen, and
 * further where that shows all; one machine is seen at any rate. */
static void
arrange(const struct grid *g, struct layout *l, int w)
{
	size_t columns = g->ops->columns(g->ctx), seen;
	int narrow = w / 2 > FIRST_MIN ? w / 2 : FIRST_MIN;

	measure(g, l);
	narrow = l->first < narrow ? l->first : narrow;
	seen = room_for(w, l->first, l->column);
	if (seen >= columns) {
		l->seen = columns;
		return;
	}
	if (all_fit(l, columns, w))
		return;
	seen = room_for(w - SIDE, narrow, l->column);
	l->seen = seen < 1 ? 1 : seen > columns ? columns : seen;
	l->first = w - SIDE - (int)l->seen * (l->column + GAP);
	if (l->first < w / 3) {
		l->first = w / 3;
		l->column = w - SIDE - l->first - GAP;
	}
	l->column = l->column < 1 ? 1 : l->column;
}

static void
scroll(struct grid *g, const struct layout *l, int h)
{
	size_t rows = g->ops->rows(g->ctx), columns = g->ops->columns(g->ctx);
	size_t page = h > 0 ? (size_t)h : 1, from = g->row;

	g->page = h;
	if (page > 1 && from && is_heading(g, from - 1))
		from--;
	if (g->top > from)
		g->top = from;
	if (g->row >= g->top + page)
		g->top = g->row - page + 1;
	if (g->top + page > rows)
		g->top = rows > page ? rows - page : 0;
	if (g->column >= 0 && g->left > (size_t)g->column)
		g->left = (size_t)g->column;
	if (g->column >= 0 && (size_t)g->column >= g->left + l->seen)
		g->left = (size_t)g->column - l->seen + 1;
	if (g->left + l->seen > columns)
		g->left = columns > l->seen ? columns - l->seen : 0;
}

/* ---- painting ------------------------------------------------------------------------ */

/* "A long title (object)" becomes "A lon… (object)" within w columns. */
static void
fit_title(struct str *title, int w)
{
	const char *text = str_text(title), *end = strrchr(text, '(');
	CLEAN_STR tail = STR_INIT(CELL_BYTES), head = STR_INIT(CELL_BYTES);

	if (!end || end < text + 2 || end[-1] != ' ' || text[title->len - 1] != ')' ||
	    text_width(text) <= w || text_width(end) + 1 > w * 2 / 3)
		return;
	str_add(&tail, glyph(GLYPH_ELLIPSIS));
	str_add(&tail, end - 1);
	text_clip(&head, text, w - text_width(str_text(&tail)));
	str_clear(title);
	str_add(title, str_text(&head));
	str_add(title, str_text(&tail));
}

static int
column_width(const struct layout *l, size_t column)
{
	if (!l->own)
		return l->column;
	return l->widths[column] > COLUMN_MAX ? COLUMN_MAX : l->widths[column];
}

static int
column_x(const struct grid *g, const struct layout *l, size_t column)
{
	int x = l->first + GAP;

	for (size_t c = g->left; c < column; c++)
		x += column_width(l, c) + GAP;
	return x;
}

static void
paint_head(const struct grid *g, const struct layout *l, const struct area *a)
{
	CLEAN_STR text = STR_INIT(CELL_BYTES);
	size_t columns = g->ops->columns(g->ctx);
	enum role role;

	if (g->corner)
		paint_clip(a, 0, 0, l->first, ROLE_TITLE, g->corner, CLIP_END);
	if (g->left)
		paint_text(a, 0, l->first, ROLE_ACCENT, "<");
	for (size_t c = g->left; c < columns && c < g->left + l->seen; c++) {
		role = (long)c == g->column ? ROLE_ACCENT : ROLE_TITLE;
		column_text(g, c, &text);
		paint_clip(a, 0, column_x(g, l, c), column_width(l, c), role, str_text(&text), CLIP_MIDDLE);
	}
	if (g->left + l->seen < columns)
		paint_text(a, 0, a->w - 1, ROLE_ACCENT, ">");
}

static void
paint_row(const struct grid *g, const struct layout *l, const struct area *a, int y, size_t row,
	  bool focused)
{
	CLEAN_STR text = STR_INIT(CELL_BYTES);
	size_t columns = g->ops->columns(g->ctx);
	enum role role, here = focused ? ROLE_FOCUS : ROLE_SELECTED;
	bool all = row == g->row && g->column == GRID_ALL;
	int x;

	row_text(g, row, &text, &role);
	if (is_heading(g, row)) {
		paint_clip(a, y, 0, a->w, role == ROLE_TEXT ? ROLE_TITLE : role, str_text(&text),
			   CLIP_END);
		return;
	}
	fit_title(&text, l->first);
	if (all)
		paint_pad(a, y, 0, l->first, here, str_text(&text), CLIP_END);
	else
		paint_clip(a, y, 0, l->first, row == g->row ? ROLE_ACCENT : role, str_text(&text),
			   CLIP_END);
	for (size_t c = g->left; c < columns && c < g->left + l->seen; c++) {
		x = column_x(g, l, c);
		cell_text(g, row, c, &text, &role);
		if (row == g->row && (long)c == g->column)
			paint_pad(a, y, x, column_width(l, c), here, str_text(&text), CLIP_END);
		else
			paint_clip(a, y, x, column_width(l, c), role, str_text(&text), CLIP_END);
	}
}

void
grid_paint(struct grid *g, const struct area *a, bool focused)
{
	struct area head = area_rows(a, 0, 1), rows = area_rows(a, 1, -1), in;
	size_t n = g->ops->rows(g->ctx);
	struct layout l = { 0 };
	int y;

	grid_set_focus(g, g->row, g->column);
	if (a->h < 2) /* the row that matters, without names above */
		rows = *a;
	in = area_cols(&rows, 0, rows.w - 1);
	head = area_cols(&head, 0, rows.w - 1);
	arrange(g, &l, in.w);
	scroll(g, &l, rows.h);
	if (a->h >= 2)
		paint_head(g, &l, &head);
	for (y = 0; y < rows.h && g->top + (size_t)y < n; y++)
		paint_row(g, &l, &in, y, g->top + (size_t)y, focused);
	if ((size_t)rows.h < n)
		paint_scroll(&rows, ROLE_DIM, (int)g->top, rows.h, (int)n);
	if (focused)
		paint_cursor(&in, (int)(g->row - g->top),
			     g->column < 0 ? 0 : column_x(g, &l, (size_t)g->column));
}
