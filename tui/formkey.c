/* The form's keys: between fields, and within the one that has the focus. */
#include "tui/formpriv.h"

#include <string.h>

static const struct form_field *
focused_field(const struct form *f)
{
	return &f->fields[f->focus];
}

static bool
can_focus(const struct form *f, size_t i)
{
	return f->fields[i].type != FORM_HEADING && form_is_there(f, i);
}

/* ---- between fields ------------------------------------------------------------------ */

void
form_focus_end(struct form *f, bool last)
{
	f->open = false;
	f->item = 0;
	for (size_t n = 0; n < f->nfields; n++) {
		size_t i = last ? f->nfields - 1 - n : n;

		if (!can_focus(f, i))
			continue;
		f->focus = i;
		return;
	}
}

/* To the next field that can have the focus; false, and what was typed is stored, at the end. */
static bool
step_field(struct form *f, int dir, bool to_its_end)
{
	form_commit(f);
	for (long i = (long)f->focus + dir; i >= 0 && i < (long)f->nfields; i += dir) {
		if (!can_focus(f, (size_t)i))
			continue;
		f->focus = (size_t)i;
		f->item = to_its_end ? form_items(f, f->focus) - 1 : 0;
		f->item = f->item < 0 ? 0 : f->item;
		return true;
	}
	return false;
}

static bool
step_row(struct form *f, int dir)
{
	int to = f->item + dir;

	if (to < 0 || to >= form_items(f, f->focus))
		return step_field(f, dir, dir < 0);
	f->item = to;
	return true;
}

static bool
step_page(struct form *f, int dir)
{
	for (int i = f->page > 2 ? f->page - 1 : 1; i > 0; i--)
		if (!step_row(f, dir))
			break;
	return true;
}

static bool
moving_key(struct form *f, enum action a)
{
	switch (a) {
	case ACTION_TAB:
		return step_field(f, 1, false);
	case ACTION_BACKTAB:
		return step_field(f, -1, false);
	case ACTION_UP:
		return step_row(f, -1);
	case ACTION_DOWN:
		return step_row(f, 1);
	case ACTION_PAGE_UP:
		return step_page(f, -1);
	case ACTION_PAGE_DOWN:
		return step_page(f, 1);
	default:
		return false;
	}
}

/* ---- choices ------------------------------------------------------------------------- */

static int
chosen(const struct form_field *ff)
{
	CLEAN_STR value = STR_INIT(FORM_VALUE_MAX);

	form_value(ff, &value);
	for (int i = 0; i < form_choices(ff); i++)
		if (!strcmp(ff->choices[i], str_text(&value)))
			return i;
	return -1;
}

static bool
step_choice(struct form *f, int dir)
{
	const struct form_field *ff = focused_field(f);
	int to = chosen(ff) + dir;

	if (to >= 0 && to < form_choices(ff))
		form_store(f, f->focus, ff->choices[to]);
	return true;
}

static bool
open_key(struct form *f, enum action a)
{
	const struct form_field *ff = focused_field(f);
	int last = form_choices(ff) - 1;

	switch (a) {
	case ACTION_UP:
		f->pick -= f->pick > 0;
		return true;
	case ACTION_DOWN:
		f->pick += f->pick < last;
		return true;
	case ACTION_HOME:
	case ACTION_PAGE_UP:
		f->pick = 0;
		return true;
	case ACTION_END:
	case ACTION_PAGE_DOWN:
		f->pick = last;
		return true;
	case ACTION_ENTER:
	case ACTION_MARK:
		form_store(f, f->focus, ff->choices[f->pick]);
		f->open = false;
		return true;
	case ACTION_CANCEL:
	case ACTION_TAB:
	case ACTION_BACKTAB:
		f->open = false;
		return true;
	default:
		return false;
	}
}

static bool
choice_key(struct form *f, enum action a)
{
	if (a == ACTION_LEFT || a == ACTION_RIGHT)
		return step_choice(f, a == ACTION_LEFT ? -1 : 1);
	if ((a != ACTION_ENTER && a != ACTION_MARK) || !form_choices(focused_field(f)))
		return false;
	f->pick = chosen(focused_field(f));
	f->pick = f->pick < 0 ? 0 : f->pick;
	f->open = true;
	return true;
}

/* ---- one type each ------------------------------------------------------------------- */

static bool
bool_key(struct form *f, enum action a)
{
	CLEAN_STR value = STR_INIT(FORM_VALUE_MAX);

	if (a != ACTION_ENTER && a != ACTION_MARK)
		return false;
	form_value(focused_field(f), &value);
	form_store(f, f->focus, strcmp(str_text(&value), "yes") ? "yes" : "no");
	return true;
}

/* The words in the order of the choices, whatever order they were stored in. */
static bool
set_key(struct form *f, enum action a)
{
	const struct form_field *ff = focused_field(f);
	CLEAN_STR value = STR_INIT(FORM_VALUE_MAX);
	CLEAN_STR changed = STR_INIT(FORM_VALUE_MAX);

	if ((a != ACTION_ENTER && a != ACTION_MARK) || f->item >= form_choices(ff))
		return false;
	form_value(ff, &value);
	for (int i = 0; i < form_choices(ff); i++)
		if (form_set_has(str_text(&value), ff->choices[i]) != (i == f->item))
			str_addf(&changed, "%s%s", changed.len ? " " : "", ff->choices[i]);
	form_store(f, f->focus, str_text(&changed));
	return true;
}

static bool
button_key(struct form *f, enum action a)
{
	if (a == ACTION_LEFT || a == ACTION_RIGHT)
		return step_field(f, a == ACTION_LEFT ? -1 : 1, false);
	if (a != ACTION_ENTER && a != ACTION_MARK)
		return false;
	form_store(f, f->focus, "");
	return true;
}

/* Esc gives back what is stored; it is not for the form when nothing was typed. */
static bool
text_key(struct form *f, const struct key *k)
{
	struct form_state *s = &f->state[f->focus];
	struct editor *e = &s->editors.at[f->item];

	if (k->action == ACTION_ENTER)
		return step_row(f, 1);
	if (k->action == ACTION_CANCEL) {
		if (!s->typed && !s->mistake.code)
			return false;
		s->typed = false;
		s->mistake = (struct err){ 0 };
		form_load(f);
		return true;
	}
	e->changed = false;
	if (!editor_key(e, k))
		return false;
	if (e->changed) {
		s->typed = true;
		s->mistake = (struct err){ 0 };
		form_grow(f, f->focus);
	}
	return true;
}

static bool
field_key(struct form *f, const struct key *k)
{
	const struct form_field *ff = focused_field(f);

	if (ff->read_only && ff->type != FORM_BUTTON)
		return false;
	switch (ff->type) {
	case FORM_BOOL:
		return bool_key(f, k->action);
	case FORM_CHOICE:
		return choice_key(f, k->action);
	case FORM_SET:
		return set_key(f, k->action);
	case FORM_BUTTON:
		return button_key(f, k->action);
	case FORM_HEADING:
		return false;
	default:
		return text_key(f, k);
	}
}

bool
form_key(struct form *f, const struct key *k)
{
	if (f->focus >= f->nfields)
		return false;
	form_load(f);
	if (!can_focus(f, f->focus))
		form_focus_end(f, false);
	if (!can_focus(f, f->focus))
		return false;
	if (f->open)
		return open_key(f, k->action);
	return field_key(f, k) || moving_key(f, k->action);
}

bool
form_editing(const struct form *f)
{
	const struct form_field *ff = focused_field(f);

	return f->nfields && form_has_editor(ff) && !ff->read_only && !f->open;
}
