/* A screen in memory for tests of widgets: paint into it, read back cells, roles and the cursor. */
#ifndef TESTS_WIDGET_H
#define TESTS_WIDGET_H

#include "tests/unit.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include <curses.h>

#include "base/text.h"
#include "tui/glyph.h"
#include "tui/key.h"
#include "tui/paint.h"
#include "tui/term.h"

enum { SCREEN_WIDE = 400, SCREEN_BYTES = 2000 };

static inline void
screen_open(int rows, int columns, bool ascii)
{
	struct term_setup setup = { .ascii = ascii, .rows = rows, .columns = columns };
	struct err e = { 0 };

	if (term_enter(&setup, &e))
		fail_msg("%s", e.what);
	/* not by term_enter: this follows the locale of the test */
	glyph_force_ascii(ascii);
}

static inline void
screen_close(void)
{
	term_leave();
}

/* All of the screen but a margin of `n` dots, which no widget may overwrite. */
static inline struct area
screen_area(int n)
{
	struct area all = paint_screen(), in = { n, n, all.h - 2 * n, all.w - 2 * n };

	for (int y = 0; y < all.h; y++)
		for (int x = 0; n && x < all.w; x++)
			if (y < n || x < n || y >= all.h - n || x >= all.w - n)
				paint_text(&all, y, x, ROLE_BORDER, ".");
	in.h = in.h < 0 ? 0 : in.h;
	in.w = in.w < 0 ? 0 : in.w;
	return in;
}

/* A row as UTF-8, without blanks at its end. Good until the next eight calls. */
static inline const char *
screen_row(int y)
{
	static char texts[8][SCREEN_BYTES];
	static int turn;
	wchar_t wide[SCREEN_WIDE] = { 0 };
	char *text = texts[turn++ % 8];
	size_t n = 0;

	if (mvinnwstr(y, 0, wide, paint_screen().w) == ERR)
		return "";
	for (const wchar_t *c = wide; *c && n + 5 < SCREEN_BYTES; c++)
		n += key_utf8((uint32_t)*c, text + n);
	while (n && text[n - 1] == ' ')
		n--;
	text[n] = '\0';
	return text;
}

/* The row where this stands, -1 when it does not. */
static inline int
screen_find(const char *what)
{
	for (int y = 0; y < paint_screen().h; y++)
		if (strstr(screen_row(y), what))
			return y;
	return -1;
}

/* Columns before `what` in its row. */
static inline int
screen_column(const char *what)
{
	int y = screen_find(what);
	CLEAN_STR before = STR_INIT(SCREEN_BYTES);
	const char *row = y < 0 ? "" : screen_row(y);

	if (y < 0)
		return -1;
	str_addn(&before, row, (size_t)(strstr(row, what) - row));
	return text_width(str_text(&before));
}

static inline void
screen_dump(void)
{
	int y, x;

	paint_cursor_at(&y, &x);
	for (int i = 0; i < paint_screen().h; i++)
		(void)fprintf(stderr, "# %2d |%s\n", i, screen_row(i));
	(void)fprintf(stderr, "# cursor %d %d\n", y, x);
}

static inline void
screen_has_row(int y, const char *text)
{
	if (strcmp(screen_row(y), text))
		screen_dump();
	assert_string_equal(screen_row(y), text);
}

static inline void
screen_has(const char *text)
{
	if (screen_find(text) >= 0)
		return;
	screen_dump();
	fail_msg("'%s' is not on the screen", text);
}

static inline void
screen_cursor_is(int y, int x)
{
	int at_y, at_x;

	paint_cursor_at(&at_y, &at_x);
	if (at_y != y || at_x != x)
		screen_dump();
	assert_int_equal(at_y, y);
	assert_int_equal(at_x, x);
}

/* The cursor stands at the start of this text. */
static inline void
screen_cursor_on(const char *text)
{
	screen_cursor_is(screen_find(text), screen_column(text));
}

static inline void
screen_role_is(const char *text, enum role role)
{
	int y = screen_find(text), x = screen_column(text);

	if (y < 0 || paint_role_at(y, x) != role)
		screen_dump();
	assert_true(y >= 0);
	assert_int_equal(paint_role_at(y, x), role);
}

/* The margin that screen_area() painted is whole, the cursor is not in it, and nothing that
 * a terminal would obey came through. */
static inline void
screen_is_sane(int n)
{
	struct area all = paint_screen();
	int at_y, at_x;
	cchar_t cell;
	wchar_t text[CCHARW_MAX + 1];
	attr_t attr;
	short pair;

	for (int y = 0; y < all.h; y++)
		for (int x = 0; x < all.w; x++) {
			if (mvin_wch(y, x, &cell) == ERR ||
			    getcchar(&cell, text, &attr, &pair, NULL) == ERR)
				continue;
			if ((y < n || x < n || y >= all.h - n || x >= all.w - n) && text[0] != L'.') {
				screen_dump();
				fail_msg("the margin is painted over at %d, %d", y, x);
			}
			for (const wchar_t *c = text; *c; c++)
				if (text_columns((unsigned)*c) < 0)
					fail_msg("U+%04X at %d, %d", (unsigned)*c, y, x);
		}
	if (paint_cursor_at(&at_y, &at_x))
		assert_true(at_y >= n && at_x >= n && at_y < all.h - n && at_x < all.w - n);
}

/* The key of that name, as the app makes it. */
static inline struct key
screen_key(const char *name, bool editing)
{
	uint32_t code = key_parse(name);

	if (code == KEYC_NONE)
		fail_msg("there is no key '%s'", name);
	return key_make(code, editing, false);
}

#endif
