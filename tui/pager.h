/* Lines that only ever grow at the end: a log, a script, a report. Follows the end or stays where
 * one reads; finds; shows only problems; wraps long lines or scrolls sideways. What is older
 * than its ceiling is dropped, and it says so. */
#ifndef TUI_PAGER_H
#define TUI_PAGER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/vec.h"
#include "tui/editor.h"
#include "tui/key.h"
#include "tui/paint.h"

struct pager_line {
	char *text; /* clean */
	enum role role;
	bool problem;
};

struct pager {
	size_t max_lines, max_bytes; /* ceilings; set by pager_init, may be changed */
	const char *empty;           /* translated, for a pager without lines; NULL = none */
	/* from here on its own */
	VEC(struct pager_line) lines; /* those before `first` are gone already */
	size_t first, bytes;
	size_t dropped;   /* lines that are gone */
	size_t top;       /* line at the top, counted from `first` */
	int top_row;      /* which of its rows, when it is wrapped */
	int left;         /* columns scrolled sideways */
	int page, width;  /* of the last frame */
	bool follow, wrap, only_problems;
	bool finding;     /* what to find is being typed */
	bool not_found;
	bool has_hit;
	size_t hit;       /* line found last */
	struct editor find;
};

void pager_init(struct pager *p);
void pager_done(struct pager *p);
/* Adds what may be many lines; ended or not, the last one is whole. Cleaned here. */
void pager_add(struct pager *p, const char *text, size_t n, enum role role, bool problem);
void pager_addf(struct pager *p, enum role role, bool problem, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void pager_clear(struct pager *p);
size_t pager_count(const struct pager *p); /* lines there are, filtered or not */
void pager_home(struct pager *p);          /* to the start, which ends following */

/* True when the key was for the pager: moving, FOLLOW, PROBLEMS, FIND, WRAP. */
bool pager_key(struct pager *p, const struct key *k);
void pager_paint(struct pager *p, const struct area *a, bool focused);
bool pager_editing(const struct pager *p); /* keys are text now */

#endif
