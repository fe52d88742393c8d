/* For unit tests of tui/: a terminal in memory, and what it would show. */
#ifndef TESTS_SCREEN_H
#define TESTS_SCREEN_H

#include <string.h>

#include "base/str.h"
#include "tui/paint.h"
#include "tui/term.h"
#include "tui/vterm.h"

static struct pane *screen_pane;
static size_t screen_bytes; /* that the last screen_show() sent */

static inline void
screen_open(int rows, int columns, bool ascii)
{
	struct term_setup setup = { .rows = rows, .columns = columns, .ascii = ascii };
	struct err e = { 0 };

	if (term_enter(&setup, &e) < 0)
		fail_msg("%s", e.what);
	screen_pane = pane_new(rows, columns, NULL, NULL);
	paint_begin();
}

static inline void
screen_feed(void *ctx, const char *bytes, size_t n)
{
	(void)ctx;
	screen_bytes += n;
	pane_feed(screen_pane, bytes, n);
}

/* Ends the frame; the terminal shows it. */
static inline void
screen_show(void)
{
	screen_bytes = 0;
	paint_end();
	term_drain(screen_feed, NULL);
}

static inline void
screen_close(void)
{
	term_leave();
	screen_pane = pane_free(screen_pane);
}

/* A row without the blanks at its end. */
static inline const char *
screen_row(int y)
{
	static char rows[4][1024];
	static int turn;
	char *row = rows[turn++ % 4];
	struct pane_cell cell;
	int h, w;
	size_t n = 0, end = 0;

	pane_size(screen_pane, &h, &w);
	for (int x = 0; x < w && n < sizeof rows[0] - 32; x++) {
		pane_cell(screen_pane, y, x, &cell);
		if (!cell.width)
			continue;
		const char *s = *cell.utf8 ? cell.utf8 : " ";
		memcpy(row + n, s, strlen(s));
		n += strlen(s);
		if (strcmp(s, " ") != 0)
			end = n;
	}
	row[end] = '\0';
	return row;
}

#endif
