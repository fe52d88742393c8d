/* Fields to fill in, made from a table: what each one is called, what it holds, how it is read and
 * stored. A value is stored when the focus leaves its field; one that is refused stays as it was
 * typed, with the mistake beside it. */
#ifndef TUI_FORM_H
#define TUI_FORM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/vec.h"
#include "tui/editor.h"
#include "tui/key.h"
#include "tui/paint.h"

enum form_type {
	FORM_HEADING, /* only its label, never focused */
	FORM_TEXT,
	FORM_NUMBER, /* text of digits */
	FORM_SECRET, /* get() appends anything when there is one, never the secret itself */
	FORM_BOOL,   /* "yes" or "no" */
	FORM_CHOICE, /* one of the choices */
	FORM_SET,    /* any of them, a blank between */
	FORM_LIST,   /* texts, one a line: get() and set() see all lines */
	FORM_BUTTON, /* set() is called when it is pressed */
};

struct form_field {
	const char *id;    /* for form_set_mistake() and form_focus_on() */
	const char *label; /* translated */
	const char *help;  /* translated sentence; may be NULL */
	enum form_type type;
	const char *const *choices;       /* words as they are stored, NULL-terminated */
	const char *const *choice_labels; /* translated, as they are shown; NULL = the words */
	size_t max_bytes;  /* of a text; 0 = 255 */
	bool required;
	bool read_only;
	void (*get)(const struct form_field *f, struct str *out);
	/* 0, or an error whose sentence and hint are shown; then nothing is stored. */
	int (*set)(const struct form_field *f, const char *text, struct err *e);
	/* Asked before set(), and by form_check(); NULL = set() knows. Stores nothing. */
	int (*validate)(const struct form_field *f, const char *text, struct err *e);
	bool (*when)(const struct form_field *f); /* false: not there now; NULL = always there */
	void *object;      /* both for get, set and the others */
	const void *data;
};

struct form_state; /* of one field */

struct form {
	const struct form_field *fields;
	size_t nfields;
	struct form_state *state;
	size_t focus; /* field */
	int item;     /* row in a list or a set */
	int top;      /* first row seen */
	int page;
	int pick;     /* choice pointed at while they are open */
	bool open;    /* the choices of the focused field */
	bool unsaved; /* something was stored since form_saved() */
	const char *note; /* stands where a field's help does, instead of it; NULL = the help */
};

/* The table is borrowed and lives as long as the form. */
void form_init(struct form *f, const struct form_field *fields, size_t nfields);
void form_done(struct form *f); /* wipes secrets that were typed */
/* True when the key was for the form. Tab and arrows at its ends are not. */
bool form_key(struct form *f, const struct key *k);
void form_paint(struct form *f, const struct area *a, bool focused);
bool form_editing(const struct form *f); /* keys are text now */

/* Stores what stands in the focused field; false when it is refused. */
bool form_commit(struct form *f);
/* Stores it, asks all fields that are there, and goes to the first mistake. Returns how many. */
size_t form_check(struct form *f);
/* A mistake that somebody else found. what == NULL takes it away. False: no such field. */
bool form_set_mistake(struct form *f, const char *id, const char *what, const char *hint);
bool form_focus_on(struct form *f, const char *id);
void form_focus_end(struct form *f, bool last); /* when Tab comes in from another part */
void form_reload(struct form *f); /* all values anew; what was typed and not stored is gone */
void form_saved(struct form *f);

#endif
