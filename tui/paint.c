/* Painting on curses' standard screen. Beside the text it keeps the role of every cell, which
 * curses would forget. */
#include "tui/paint.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/alloc.h"
#include "base/str.h"
#include "base/text.h"
#include "tui/glyph.h"
#include "tui/key.h"
#include "tui/themepriv.h"

enum { TEXT_MAX = 1 << 16, RUN_MAX = 512 };

static struct {
	unsigned char *at; /* enum role, rows * columns */
	int rows, columns;
} plane;

static struct {
	int y, x; /* -1: hidden */
	int shown; /* what the terminal was told last; -1 = nothing */
} cursor = { -1, -1, -1 };

/* ---- areas ------------------------------------------------------------------------- */

static int
between(int low, int n, int high)
{
	return n > high ? high : n < low ? low : n;
}

/* from and n (negative: counted from the end) within size. */
static void
part(int size, int *from, int *n)
{
	*from = between(0, *from, size > 0 ? size : 0);
	*n = between(0, *n < 0 ? size - *from + *n + 1 : *n, size - *from);
}

struct area
area_in(const struct area *a)
{
	return (struct area){ .y = a->y + 1,
			      .x = a->x + 1,
			      .h = a->h > 2 ? a->h - 2 : 0,
			      .w = a->w > 2 ? a->w - 2 : 0 };
}

struct area
area_rows(const struct area *a, int from, int n)
{
	part(a->h, &from, &n);
	return (struct area){ a->y + from, a->x, n, a->w };
}

struct area
area_cols(const struct area *a, int from, int n)
{
	part(a->w, &from, &n);
	return (struct area){ a->y, a->x + from, a->h, n };
}

struct area
area_center(const struct area *a, int h, int w)
{
	h = between(0, h, a->h);
	w = between(0, w, a->w);
	return (struct area){ a->y + (a->h - h) / 2, a->x + (a->w - w) / 2, h, w };
}

/* ---- one run of text --------------------------------------------------------------- */

static void
plane_mark(int y, int x, int n, enum role r)
{
	if (!plane.at || y < 0 || y >= plane.rows)
		return;
	for (int i = x; i < x + n; i++)
		if (i >= 0 && i < plane.columns)
			plane.at[y * plane.columns + i] = (unsigned char)r;
}

/* Cleaned text as what curses takes; characters the terminal cannot show become ASCII. */
static int
to_wide(const char *s, size_t len, wchar_t *out)
{
	bool fold = glyph_is_ascii();
	int n = 0, width;
	unsigned ch;

	for (size_t i = 0, step; i < len && n < RUN_MAX - 2; i += step) {
		step = text_decode(s + i, len - i, &ch);
		if (!step)
			step = 1;
		if (!fold || ch < 0x80) {
			out[n++] = (wchar_t)ch;
			continue;
		}
		CLEAN_STR one = STR_INIT(8);
		str_addn(&one, s + i, step);
		for (width = text_width(str_text(&one)); width > 0; width--)
			out[n++] = (wchar_t)glyph_fold(ch);
	}
	return n;
}

static void
put(const struct area *a, int y, int x, enum role r, const char *s, size_t len)
{
	wchar_t wide[RUN_MAX];
	attr_t attr;
	short pair;
	int n = to_wide(s, len, wide);

	theme_get(r, &attr, &pair);
	attr_set(attr, pair, NULL);
	(void)mvaddnwstr(a->y + y, a->x + x, wide, n);
}

/* Cuts `skip` columns from the start; half a wide character becomes a blank. */
static const char *
skip_columns(const char *s, int skip, int *ret_blanks)
{
	unsigned ch;

	*ret_blanks = 0;
	while (*s && skip > 0) {
		size_t step = text_decode(s, strlen(s), &ch);
		CLEAN_STR one = STR_INIT(8);

		step = step ? step : 1;
		str_addn(&one, s, step);
		skip -= text_width(str_text(&one));
		s += step;
	}
	*ret_blanks = -skip;
	return s;
}

/* Cleaned text at a place of which only columns 0 to limit-1 are ours. */
static int
put_clipped(const struct area *a, int y, int x, int limit, enum role r, const char *s)
{
	CLEAN_STR run = STR_INIT(TEXT_MAX);
	int blanks = 0, used;

	if (y < 0 || y >= a->h)
		return 0;
	limit = limit < a->w ? limit : a->w;
	if (x < 0) {
		s = skip_columns(s, -x, &blanks);
		x = 0;
	}
	for (int i = 0; i < blanks && i < limit; i++)
		str_addc(&run, ' ');
	used = blanks + text_clip(&run, s, limit - x - blanks);
	if (limit <= x || !run.len)
		return 0;
	put(a, y, x, r, str_text(&run), run.len);
	plane_mark(a->y + y, a->x + x, used, r);
	return used;
}

/* ---- text -------------------------------------------------------------------------- */

static void
clip_start(struct str *out, const char *s, int columns)
{
	int gap = text_width(glyph(GLYPH_ELLIPSIS)), blanks;

	str_add(out, glyph(GLYPH_ELLIPSIS));
	s = skip_columns(s, text_width(s) - columns + gap, &blanks);
	str_add(out, blanks ? " " : "");
	str_add(out, s);
}

static void
clip_end(struct str *out, const char *s, int columns)
{
	text_clip(out, s, columns - 1);
	str_add(out, glyph(GLYPH_ELLIPSIS));
}

/* Text as it is painted in w columns. */
static void
shorten(struct str *out, const char *text, int w, enum clip how)
{
	CLEAN_STR clean = STR_INIT(TEXT_MAX);

	text_clean(&clean, text, strlen(text), false);
	if (how == CLIP_CUT || text_width(str_text(&clean)) <= w || w < 2)
		str_add(out, str_text(&clean));
	else if (how == CLIP_MIDDLE)
		text_clip_middle(out, str_text(&clean), w);
	else if (how == CLIP_START)
		clip_start(out, str_text(&clean), w);
	else
		clip_end(out, str_text(&clean), w);
}

int
paint_clip(const struct area *a, int y, int x, int w, enum role r, const char *text, enum clip how)
{
	CLEAN_STR s = STR_INIT(TEXT_MAX);
	int room = a->w - (x > 0 ? x : 0);

	if (w <= 0 || room <= 0)
		return 0;
	shorten(&s, text, x >= 0 && w > room ? room : w, how);
	return put_clipped(a, y, x, x + w, r, str_text(&s));
}

int
paint_text(const struct area *a, int y, int x, enum role r, const char *text)
{
	return paint_clip(a, y, x, a->w - x, r, text, CLIP_CUT);
}

int
paint_textf(const struct area *a, int y, int x, enum role r, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return paint_text(a, y, x, r, text);
}

int
paint_pad(const struct area *a, int y, int x, int w, enum role r, const char *text, enum clip how)
{
	int used = paint_clip(a, y, x, w, r, text, how), room = a->w - x;

	w = w < room ? w : room;
	if (used < w) {
		struct area rest = { a->y + y, a->x + x + used, y >= 0 && y < a->h, w - used };

		paint_fill(&rest, r);
	}
	return w > 0 ? w : 0;
}

int
paint_right(const struct area *a, int y, int x, int w, enum role r, const char *text)
{
	CLEAN_STR s = STR_INIT(TEXT_MAX);
	int width;

	shorten(&s, text, w, CLIP_END);
	width = text_width(str_text(&s));
	return put_clipped(a, y, x + (width < w ? w - width : 0), x + w, r, str_text(&s));
}

struct wrapping {
	const struct area *a; /* NULL: only count */
	int y, rows;
	enum role r;
};

static void
wrapped_line(void *ctx, const char *text)
{
	struct wrapping *w = ctx;

	if (w->a)
		put_clipped(w->a, w->y + w->rows, 0, w->a->w, w->r, text);
	w->rows++;
}

static int
wrap(struct wrapping *w, int columns, const char *text)
{
	CLEAN_STR clean = STR_INIT(TEXT_MAX);

	text_clean(&clean, text, strlen(text), true);
	text_wrap(str_text(&clean), columns, wrapped_line, w);
	return w->rows;
}

int
paint_wrap(const struct area *a, int y, enum role r, const char *text)
{
	struct wrapping w = { .a = a, .y = y, .r = r };

	return wrap(&w, a->w, text);
}

int
paint_wrap_rows(int columns, const char *text)
{
	struct wrapping w = { .a = NULL };

	return wrap(&w, columns, text);
}

/* ---- shapes ------------------------------------------------------------------------ */

void
paint_fill(const struct area *a, enum role r)
{
	attr_t attr;
	short pair;
	cchar_t blank;

	theme_get(r, &attr, &pair);
	setcchar(&blank, L" ", attr, pair, NULL);
	for (int y = a->y < 0 ? -a->y : 0; y < a->h; y++) {
		if (a->w > 0)
			(void)mvhline_set(a->y + y, a->x, &blank, a->w);
		plane_mark(a->y + y, a->x, a->w, r);
	}
}

static void
line_across(const struct area *a, int y, enum role r, enum glyph left, enum glyph right)
{
	for (int x = 0; x < a->w; x++)
		put_clipped(a, y, x, a->w, r,
			    glyph(x == 0 ? left : x == a->w - 1 ? right : GLYPH_H));
}

struct area
paint_box(const struct area *a, enum role frame, const char *title)
{
	struct area head = area_rows(a, 0, 1);

	paint_fill(a, ROLE_TEXT);
	if (a->h < 2 || a->w < 2)
		return area_in(a);
	line_across(a, 0, frame, GLYPH_TOP_LEFT, GLYPH_TOP_RIGHT);
	line_across(a, a->h - 1, frame, GLYPH_BOTTOM_LEFT, GLYPH_BOTTOM_RIGHT);
	for (int y = 1; y < a->h - 1; y++) {
		put_clipped(a, y, 0, a->w, frame, glyph(GLYPH_V));
		put_clipped(a, y, a->w - 1, a->w, frame, glyph(GLYPH_V));
	}
	if (title && *title && a->w >= 6) {
		int used = paint_clip(&head, 0, 2, a->w - 4, ROLE_TITLE, title, CLIP_END);

		put_clipped(a, 0, 1, a->w, frame, " ");
		put_clipped(a, 0, 2 + used, a->w, frame, " ");
	}
	return area_in(a);
}

void
paint_rule(const struct area *a, int y, enum role r, const char *title)
{
	line_across(a, y, r, GLYPH_H, GLYPH_H);
	if (title && *title && a->w >= 6) {
		int used = paint_clip(a, y, 2, a->w - 4, ROLE_TITLE, title, CLIP_END);

		put_clipped(a, y, 1, a->w, r, " ");
		put_clipped(a, y, 2 + used, a->w, r, " ");
	}
}

void
paint_gauge(const struct area *a, int y, int x, int w, enum role r, long done, long total)
{
	long full = total > 0 ? between(0, (int)(done * w / total), w) : 0;

	for (int i = 0; i < w; i++)
		put_clipped(a, y, x + i, x + w, i < full ? r : ROLE_DIM,
			    glyph(i < full ? GLYPH_FULL : GLYPH_EMPTY));
}

void
paint_scroll(const struct area *a, enum role r, int first, int shown, int total)
{
	int size, from;

	if (total <= shown || a->h < 2 || shown < 1)
		return;
	size = between(1, a->h * shown / total, a->h - 1);
	from = (int)((long)(a->h - size) * first / (total - shown));
	for (int y = 0; y < a->h; y++)
		put_clipped(a, y, a->w - 1, a->w, r,
			    glyph(y >= from && y < from + size ? GLYPH_FULL : GLYPH_V));
}

void
paint_role(const struct area *a, int y, int x, int w, enum role r)
{
	attr_t attr;
	short pair;

	if (y < 0 || y >= a->h)
		return;
	part(a->w, &x, &w);
	theme_get(r, &attr, &pair);
	if (w > 0)
		(void)mvchgat(a->y + y, a->x + x, w, attr, pair, NULL);
	plane_mark(a->y + y, a->x + x, w, r);
}

void
paint_cell(const struct area *a, int y, int x, const char *utf8, int fg, int bg, unsigned look)
{
	wchar_t wide[RUN_MAX];
	attr_t attr = A_NORMAL;
	CLEAN_STR clean = STR_INIT(64);

	if (y < 0 || y >= a->h || x < 0 || x >= a->w)
		return;
	text_clean(&clean, *utf8 ? utf8 : " ", strlen(*utf8 ? utf8 : " "), false);
	if (x + text_width(str_text(&clean)) > a->w)
		return;
	attr |= look & LOOK_BOLD ? A_BOLD : 0;
	attr |= look & LOOK_UNDERLINE ? A_UNDERLINE : 0;
	attr |= look & LOOK_REVERSE ? A_REVERSE : 0;
	attr |= look & LOOK_DIM ? A_DIM : 0;
	attr_set(attr, theme_pair(fg, bg), NULL);
	(void)mvaddnwstr(a->y + y, a->x + x, wide, to_wide(str_text(&clean), clean.len, wide));
}

/* ---- frames ------------------------------------------------------------------------ */

void
paint_cursor(const struct area *a, int y, int x)
{
	if (y < 0 || y >= a->h || a->w <= 0)
		return;
	cursor.y = a->y + y;
	cursor.x = a->x + between(0, x, a->w - 1);
}

void
paint_begin(void)
{
	struct area all = paint_screen();

	if (plane.rows != all.h || plane.columns != all.w) {
		free(plane.at);
		plane.rows = all.h;
		plane.columns = all.w;
		plane.at = xcalloc((size_t)(all.h * all.w) + 1, 1);
	}
	memset(plane.at, ROLE_TEXT, (size_t)(all.h * all.w));
	attr_set(A_NORMAL, 0, NULL);
	erase();
	cursor.y = cursor.x = -1;
}

struct area
paint_screen(void)
{
	struct area all = { 0 };

	getmaxyx(stdscr, all.h, all.w);
	return all;
}

void
paint_end(void)
{
	int shown = cursor.y >= 0;

	if (shown != cursor.shown)
		(void)curs_set(shown);
	cursor.shown = shown;
	if (shown)
		(void)move(cursor.y, cursor.x);
	leaveok(stdscr, !shown);
	(void)wnoutrefresh(stdscr);
	(void)doupdate();
}

void
paint_forget(void)
{
	cursor.shown = -1;
}

bool
paint_cursor_at(int *ret_y, int *ret_x)
{
	*ret_y = cursor.y;
	*ret_x = cursor.x;
	return cursor.y >= 0;
}

enum role
paint_role_at(int y, int x)
{
	if (!plane.at || y < 0 || x < 0 || y >= plane.rows || x >= plane.columns)
		return ROLE_TEXT;
	return (enum role)plane.at[y * plane.columns + x];
}

void
paint_row_text(int y, struct str *out)
{
	wchar_t wide[CCHARW_MAX + 1];
	size_t end = out->len;
	cchar_t cell;
	attr_t attr;
	short pair;
	char utf8[5];

	for (int x = 0; x < COLS; x++) {
		if (mvin_wch(y, x, &cell) == ERR ||
		    getcchar(&cell, wide, &attr, &pair, NULL) == ERR)
			continue;
		/* the second half of a wide character stands at the cell of its first */
		int width = wcwidth(wide[0]);
		for (int i = 0; wide[i]; i++)
			str_addn(out, utf8, key_utf8((uint32_t)wide[i], utf8));
		if (wide[0] != L' ')
			end = out->len;
		x += width > 1 ? width - 1 : 0;
	}
	if (out->s)
		out->s[out->len = end] = '\0';
}
