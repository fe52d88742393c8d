/* A terminal within the terminal: bytes go in, cells come out, keys become bytes. For the
 * console pane, and to see what a terminal would show of our own output. */
#ifndef TUI_VTERM_H
#define TUI_VTERM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "tui/key.h"
#include "tui/paint.h"

struct pane;

struct pane_cell {
	char utf8[32]; /* "" = blank */
	int width;     /* 2 = takes the next column as well, whose width is 0 */
	int fg, bg;    /* of 256 colours, -1 = the terminal's own */
	unsigned look; /* enum paint_look */
};

/* output: called with what the terminal sends: keys, and answers to questions. NULL = nowhere. */
struct pane *pane_new(int rows, int columns,
		      void (*output)(void *ctx, const char *bytes, size_t n), void *ctx);
struct pane *pane_free(struct pane *p); /* returns NULL */

void pane_feed(struct pane *p, const char *bytes, size_t n);
/* The caller tells the other side. Never less than 2 rows and 2 columns. */
void pane_resize(struct pane *p, int rows, int columns);
void pane_size(const struct pane *p, int *ret_rows, int *ret_columns);
void pane_paint(struct pane *p, const struct area *a, bool focused);
/* true: bytes of the key went to output(). */
bool pane_key(struct pane *p, const struct key *k);

/* Rows that have left the pane at its top are kept, up to some number: further back by so many rows, or
 * forth (< 0), as far as there are. Returns by how many rows it is back now; 0 = what is there now. What
 * is looked at stays in place while more comes; a key that goes to output() ends it. */
int pane_scroll(struct pane *p, int rows);
int pane_back(const struct pane *p);
/* A program has all of the pane: there is nothing to go back to. */
bool pane_is_full_screen(const struct pane *p);

/* As it is now, whatever is looked at. */
void pane_cell(const struct pane *p, int y, int x, struct pane_cell *ret_cell);
/* Adds the text of a row without the blanks at its end, as it is now. */
void pane_row(const struct pane *p, int y, struct str *out);
bool pane_cursor(const struct pane *p, int *ret_y, int *ret_x); /* false = hidden */

#endif
