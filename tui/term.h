/* The terminal: taken over, given back on every way out, resized, suspended. There is one. */
#ifndef TUI_TERM_H
#define TUI_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "tui/theme.h"

struct term_setup {
	enum theme_color color;
	bool ascii; /* nothing but ASCII, whatever the locale says */
	bool mouse;
	/* rows > 0: no terminal but a memory that term_drain() reads, of this size */
	int rows, columns;
	const char *type; /* of the memory's terminal; NULL = xterm-256color */
};

/* Takes the terminal on descriptors 0 and 1. From here on every exit restores it: return,
 * exit(), abort(), signals. */
int term_enter(const struct term_setup *setup, struct err *e);
void term_leave(void); /* harmless when not entered */
/* Gives the terminal back, stops the program as Ctrl-Z does, and takes it again. */
void term_suspend(void);
void term_retake(void); /* after SIGCONT: modes and screen anew */
void term_redraw(void); /* the next frame draws everything */

int term_fd(void); /* to wait for keys; -1: a memory */
/* After SIGWINCH; true when the size is another one now. */
bool term_follow_size(void);
void term_resize(int rows, int columns); /* of a memory */
void term_size(int *ret_rows, int *ret_columns);
bool term_has_color(void);
/* Sends what was drawn as far as the terminal takes it. -1: that was all; else the descriptor to
 * wait for until it takes more, and nothing new should be drawn meanwhile. */
int term_flush(void);

/* A key, a click, or that there is nothing more to read at the moment. */
enum term_event { TERM_NOTHING, TERM_PARTIAL, TERM_KEY, TERM_MOUSE, TERM_LOST };
struct term_input {
	uint32_t code; /* key.h */
	bool pasted;
	int y, x;   /* mouse */
	int wheel;  /* -1 up, 1 down, 0 a click */
};
/* TERM_PARTIAL: a sequence has begun; if it does not go on within term_escape_ms(), ask with
 * final = true. */
enum term_event term_read(bool final, struct term_input *ret_input);
int term_escape_ms(void);

/* Calls sink with what was written to the memory since the last call. */
void term_drain(void (*sink)(void *ctx, const char *bytes, size_t n), void *ctx);

#endif
