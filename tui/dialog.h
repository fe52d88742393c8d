/* Dialogs: a message, a question, a name to be typed, a choice, a text. Each is a screen on the
 * stack and goes on by calling back: nothing waits, and what runs below goes on. */
#ifndef TUI_DIALOG_H
#define TUI_DIALOG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "tui/app.h"

enum dialog_kind {
	DIALOG_MESSAGE, /* one button */
	DIALOG_CONFIRM, /* two; the focus is on the one that does nothing */
	DIALOG_NAME,    /* for what destroys: the object's own name has to be typed */
	DIALOG_CHOICE,  /* one out of a list */
	DIALOG_INPUT,
	DIALOG_SECRET,
};

struct dialog_answer {
	bool yes;         /* false: cancelled, and the rest means nothing */
	size_t choice;    /* DIALOG_CHOICE */
	const char *text; /* DIALOG_INPUT, DIALOG_SECRET: borrowed for the call, wiped after it */
};
typedef void (*dialog_fn)(void *ctx, const struct dialog_answer *answer);

/* All texts are translated, and copied. */
struct dialog_spec {
	enum dialog_kind kind;
	const char *title;
	const char *text;  /* paragraphs */
	const char *go;    /* what the button does: "Restart"; NULL = OK */
	const char *back;  /* the other one; NULL = Cancel */
	bool harmless;     /* DIALOG_CONFIRM: the focus may start on `go` */
	const char *name;  /* DIALOG_NAME */
	const char *label; /* DIALOG_INPUT, DIALOG_SECRET: of the field; may be NULL */
	const char *const *choices;
	size_t nchoices, choice; /* the one the focus starts on */
	const char *initial; /* DIALOG_INPUT */
	size_t max_bytes;    /* 0 = 255 */
	/* Whether the text will do; its sentence and hint are shown else. May be NULL. */
	int (*check)(void *ctx, const char *text, struct err *e);
	/* Called once, after the dialog is off the stack; not when the program closes it. */
	dialog_fn done;
	void *ctx;
};

/* The screen, to be given to app_push(). */
struct screen *dialog_new(const struct dialog_spec *spec);
/* Both at once. */
void dialog_open(struct app *app, const struct dialog_spec *spec);

#endif
