/* One line of text being typed: UTF-8, moved through character by character with the marks that
 * stand on it, scrolled sideways when it is longer than its place. A secret shows neither its
 * characters nor how many they are, and its memory is wiped. */
#ifndef TUI_EDITOR_H
#define TUI_EDITOR_H

#include <stdbool.h>
#include <stddef.h>
#include "base/str.h"
#include "tui/key.h"
#include "tui/paint.h"

struct editor {
	struct str text;  /* always clean UTF-8; never moved in memory: nothing stays behind */
	size_t at;        /* byte the cursor stands on, never inside a character */
	size_t from;      /* first byte shown */
	bool secret;
	bool changed;     /* something was typed or erased since its owner set this to false */
	bool held;        /* a pasted line end, a blank if anything more is pasted */
	bool refused;     /* the last key or paste had something that cannot stand here */
	/* Which characters may be typed; NULL = all that are shown as themselves. */
	bool (*accept)(void *ctx, unsigned c);
	void *ctx;
};

/* max_bytes: ceiling of the text. */
void editor_init(struct editor *e, size_t max_bytes, bool secret);
void editor_done(struct editor *e); /* wipes */
void editor_set(struct editor *e, const char *text); /* replaces all, cursor at the end */
const char *editor_text(const struct editor *e);
/* What was pasted, at the cursor. Line ends within become blanks, the last one is dropped, what
 * cannot stand here is left out. False when something was left out or did not fit. */
bool editor_paste(struct editor *e, const char *bytes, size_t n);
/* True when the key was for the editor; Enter, Esc, Tab, up and down never are. */
bool editor_key(struct editor *e, const struct key *k);
/* Row 0 of the area, its whole width; the cursor when focused. */
void editor_paint(struct editor *e, const struct area *a, enum role role, bool focused);

#endif
