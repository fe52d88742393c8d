/* A matrix of words: what is done by row, on which machine by column. The first column stays, the
 * others scroll sideways so that the one with the focus is seen. */
#ifndef TUI_GRID_H
#define TUI_GRID_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "tui/key.h"
#include "tui/paint.h"

enum { GRID_ALL = -1 };

struct grid_ops {
	size_t (*rows)(void *ctx);
	size_t (*columns)(void *ctx);
	/* An end in brackets tells a row from its neighbours: it stays where the rest is cut. */
	void (*row_text)(void *ctx, size_t row, struct str *out, enum role *role);
	void (*column_text)(void *ctx, size_t column, struct str *out);
	/* One word, which says it all without its colour; nothing: not for this machine. */
	void (*cell)(void *ctx, size_t row, size_t column, struct str *out, enum role *role);
	bool (*is_heading)(void *ctx, size_t row); /* over the whole width; NULL = none is */
};

struct grid {
	const struct grid_ops *ops;
	void *ctx;
	const char *corner; /* translated title of the first column; NULL = none */
	/* from here on its own */
	size_t row;
	long column; /* GRID_ALL: the whole row has the focus */
	size_t top, left;
	int page;
};

void grid_init(struct grid *g, const struct grid_ops *ops, void *ctx);
/* True when the key was for the grid: arrows, pages, digits for a machine, 0 for all. */
bool grid_key(struct grid *g, const struct key *k);
void grid_paint(struct grid *g, const struct area *a, bool focused);
/* Takes the focus there, within what there is; never onto a heading. */
void grid_set_focus(struct grid *g, size_t row, long column);

#endif
