/* What the two halves of the dialogs share. */
#ifndef TUI_DIALOGPRIV_H
#define TUI_DIALOGPRIV_H

#include "tui/dialog.h"
#include "tui/editor.h"
#include "tui/list.h"

/* Where the keys go. */
enum dialog_part { PART_FIELD, PART_LIST, PART_BACK, PART_GO };

struct dialog {
	struct screen screen; /* first */
	enum dialog_kind kind;
	char *title, *text, *go, *back, *name, *label;
	char **choices;
	size_t nchoices;
	struct editor editor;
	struct list list;
	enum dialog_part part;
	int top, text_rows, text_page; /* of the text */
	struct err mistake;
	bool answered;
	int (*check)(void *ctx, const char *text, struct err *e);
	dialog_fn done;
	void *ctx;
};

bool dialog_has_field(const struct dialog *d);
bool dialog_has_back(const struct dialog *d);
bool dialog_is_ready(const struct dialog *d); /* the button that does it works */
void dialog_size(struct screen *s, int *h, int *w);
void dialog_paint(struct screen *s, const struct area *a);

#endif
