/* A list of rows: focus, marks, a filter, columns that give way when it is narrow. The rows stay
 * with their owner and are asked for when they are painted; focus and marks follow a row's id
 * when rows come, go or change places. */
#ifndef TUI_LIST_H
#define TUI_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"
#include "tui/editor.h"
#include "tui/key.h"
#include "tui/paint.h"

enum { LIST_COLUMNS = 8, LIST_NONE = -1 };

struct list_column {
	const char *title; /* translated; NULL in all columns: no line of titles */
	int min;           /* columns of the screen it keeps while it is there at all */
	int shrink;        /* the highest is shortened and left out first; 0 = never left out */
	enum clip clip;
	bool right;        /* numbers */
};

/* Rows count from 0 to count-1; all but count and cell may be NULL. */
struct list_ops {
	size_t (*count)(void *ctx);
	/* Appends the text; *role is ROLE_TEXT unless changed. */
	void (*cell)(void *ctx, size_t row, int column, struct str *out, enum role *role);
	uint64_t (*id)(void *ctx, size_t row);    /* NULL: the row's number */
	bool (*is_heading)(void *ctx, size_t row); /* cell 0 over the whole width, never focused */
	bool (*may_mark)(void *ctx, size_t row);  /* NULL: no row can be marked */
};

struct list {
	const struct list_ops *ops;
	void *ctx;
	const struct list_column *columns;
	int ncolumns;
	const char *empty; /* translated sentence for a list without rows; NULL = none */
	/* from here on its own */
	VEC(size_t) shown; /* rows the filter lets through */
	VEC(uint64_t) marks;
	uint64_t focus_id;
	size_t focus, top; /* places in `shown` */
	int page;          /* rows that were to be seen last */
	struct editor filter;
	bool filtering;    /* the filter is being typed */
	bool has_focus_id;
};

void list_init(struct list *l, const struct list_ops *ops, void *ctx,
	       const struct list_column *columns, int ncolumns);
void list_done(struct list *l);
/* True when the key was for the list. Enter is not, but while the filter is typed. */
bool list_key(struct list *l, const struct key *k);
void list_paint(struct list *l, const struct area *a, bool focused);
bool list_editing(const struct list *l); /* keys are text now */

/* The row the focus is on, or LIST_NONE. */
long list_focus(struct list *l);
void list_set_focus(struct list *l, size_t row);
bool list_is_marked(const struct list *l, size_t row);
void list_mark(struct list *l, size_t row, bool on);
size_t list_marked(const struct list *l); /* how many of the rows there are now */
/* The rows that are marked, else the one with the focus; calls fn() for each, in order. */
void list_each_chosen(struct list *l, void (*fn)(void *ctx, size_t row), void *ctx);

#endif
