/* Painting: text with a role into a part of the screen. Everything is cleaned and clipped to
 * its area; coordinates are relative to it. Nothing shows before the frame ends (app.c). */
#ifndef TUI_PAINT_H
#define TUI_PAINT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "tui/theme.h"

/* A part of the screen, in rows and columns of the screen. May be empty (h or w <= 0). */
struct area {
	int y, x, h, w;
};

enum clip {
	CLIP_END,    /* "long na…" */
	CLIP_MIDDLE, /* "lon…ame": for names of machines */
	CLIP_START,  /* "…ng name": for paths */
	CLIP_CUT,    /* "long nam" */
};

/* Parts of an area; always within it. n = -1: up to the end, -2: without the last one, … */
struct area area_in(const struct area *a); /* without a frame around it */
struct area area_rows(const struct area *a, int from, int n);
struct area area_cols(const struct area *a, int from, int n);
struct area area_center(const struct area *a, int h, int w);

/* All return the columns used. x may be negative: then the start is cut off. */
int paint_text(const struct area *a, int y, int x, enum role r, const char *text);
int paint_textf(const struct area *a, int y, int x, enum role r, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/* Takes w columns at most and shortens what is longer. */
int paint_clip(const struct area *a, int y, int x, int w, enum role r, const char *text,
	       enum clip how);
/* The same, and blanks up to w columns. */
int paint_pad(const struct area *a, int y, int x, int w, enum role r, const char *text,
	      enum clip how);
/* Flush right: ends at column x + w. */
int paint_right(const struct area *a, int y, int x, int w, enum role r, const char *text);
/* Wraps at words from row y on. Returns the rows it takes, which may be more than there are. */
int paint_wrap(const struct area *a, int y, enum role r, const char *text);
/* The rows it would take in w columns. */
int paint_wrap_rows(int w, const char *text);

void paint_fill(const struct area *a, enum role r);         /* blanks */
/* A frame with a title, and its inside blank; returns area_in(). title may be NULL. */
struct area paint_box(const struct area *a, enum role frame, const char *title);
void paint_rule(const struct area *a, int y, enum role r, const char *title);
/* done of total as a bar of w columns; total 0 = unknown. */
void paint_gauge(const struct area *a, int y, int x, int w, enum role r, long done, long total);
/* Which part of `total` rows is seen: a column of signs at the right edge of a. */
void paint_scroll(const struct area *a, enum role r, int first, int shown, int total);
/* Changes the role of what is there already. */
void paint_role(const struct area *a, int y, int x, int w, enum role r);

/* The hardware cursor stands on the item that has the focus, for braille displays and screen
 * readers. The last call of a frame wins; without one it is hidden. */
void paint_cursor(const struct area *a, int y, int x);

/* ---- frames: for app.c, shot.c and tests ------------------------------------------- */

void paint_begin(void);            /* a blank screen, no cursor */
struct area paint_screen(void);    /* all of it */
void paint_end(void);              /* hands the frame to curses and shows it */
void paint_forget(void);           /* another terminal: nothing is known of its cursor */
bool paint_cursor_at(int *ret_y, int *ret_x);
enum role paint_role_at(int y, int x);
/* Appends a row of the frame without the blanks at its end. */
void paint_row_text(int y, struct str *out);
/* Raw cell for a terminal within the terminal: of 256 colours or -1, bits of enum paint_look. */
enum paint_look { LOOK_BOLD = 1, LOOK_UNDERLINE = 2, LOOK_REVERSE = 4, LOOK_DIM = 8 };
void paint_cell(const struct area *a, int y, int x, const char *utf8, int fg, int bg,
		unsigned look);

#endif
