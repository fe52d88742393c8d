/* A row of a pane as text, for whom a moment is enough. */
#ifndef TESTS_PANEROW_H
#define TESTS_PANEROW_H

#include "base/str.h"
#include "tui/vterm.h"

/* Without the blanks at its end; good until the fourth call after it. */
static inline const char *
pane_row_text(const struct pane *p, int y)
{
	static struct str rows[4];
	static int turn;
	struct str *row = &rows[turn++ % 4];

	row->max = 8192;
	str_clear(row);
	pane_row(p, y, row);
	return str_text(row);
}

#endif
