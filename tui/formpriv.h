/* What the parts of the form share. */
#ifndef TUI_FORMPRIV_H
#define TUI_FORMPRIV_H

#include "tui/form.h"

enum { FORM_TEXT_MAX = 255, FORM_VALUE_MAX = 8192 };

struct form_state {
	VEC(struct editor) editors; /* one of a text, one a line of a list */
	struct err mistake;         /* code 0 = none */
	bool typed;                 /* differs from what is stored */
};

bool form_is_there(const struct form *f, size_t i); /* by its `when` */
bool form_has_editor(const struct form_field *ff);
/* Rows a field takes, without its mistake. */
int form_items(const struct form *f, size_t i);
int form_choices(const struct form_field *ff);
const char *form_choice_label(const struct form_field *ff, int i);
bool form_set_has(const char *set, const char *word);
/* Takes the stored values into the editors, but where something was typed. */
void form_load(struct form *f);
/* A list has an empty line at its end. */
void form_grow(struct form *f, size_t i);
/* Calls f->set() and keeps its mistake; true when it was stored. */
bool form_store(struct form *f, size_t i, const char *text);
/* The value as it is stored. */
void form_value(const struct form_field *ff, struct str *out);

#endif
