/* For unit tests of tui/: a terminal in memory, and what it would show. */
#ifndef TESTS_SCREEN_H
#define TESTS_SCREEN_H

#include "tests/panerow.h"
#include "tui/paint.h"
#include "tui/term.h"

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
	return pane_row_text(screen_pane, y);
}

#endif
