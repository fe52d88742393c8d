/* The form's values: how they come out of the table, and how they go back. */
#include "tui/form.h"

#include <string.h>

#include "base/nls.h"
#include "tui/formpriv.h"

bool
form_has_editor(const struct form_field *ff)
{
	return ff->type == FORM_TEXT || ff->type == FORM_NUMBER || ff->type == FORM_SECRET ||
	       ff->type == FORM_LIST;
}

bool
form_is_there(const struct form *f, size_t i)
{
	return !f->fields[i].when || f->fields[i].when(&f->fields[i]);
}

int
form_choices(const struct form_field *ff)
{
	int n = 0;

	while (ff->choices && ff->choices[n])
		n++;
	return n;
}

const char *
form_choice_label(const struct form_field *ff, int i)
{
	return ff->choice_labels ? ff->choice_labels[i] : ff->choices[i];
}

int
form_items(const struct form *f, size_t i)
{
	if (f->fields[i].type == FORM_LIST)
		return (int)f->state[i].editors.n;
	return f->fields[i].type == FORM_SET ? form_choices(&f->fields[i]) : 1;
}

bool
form_set_has(const char *set, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = set; (at = strstr(at, word)); at += n)
		if ((at == set || at[-1] == ' ') && (at[n] == '\0' || at[n] == ' '))
			return true;
	return false;
}

void
form_value(const struct form_field *ff, struct str *out)
{
	str_clear(out);
	if (ff->get)
		ff->get(ff, out);
}

/* ---- editors ------------------------------------------------------------------------- */

static bool
is_digit(void *ctx, unsigned c)
{
	(void)ctx;
	return c >= '0' && c <= '9';
}

static void
add_editor(struct form *f, size_t i)
{
	const struct form_field *ff = &f->fields[i];
	struct editor *e = vec_add(&f->state[i].editors);

	editor_init(e, ff->max_bytes ? ff->max_bytes : FORM_TEXT_MAX, ff->type == FORM_SECRET);
	if (ff->type == FORM_NUMBER)
		e->accept = is_digit;
}

static void
drop_editors(struct form_state *s, size_t from)
{
	while (s->editors.n > from)
		editor_done(&s->editors.at[--s->editors.n]);
}

/* Keeps the cursor where it is when the text is the same. */
static void
take_text(struct editor *e, const char *text)
{
	if (strcmp(editor_text(e), text))
		editor_set(e, text);
}

void
form_grow(struct form *f, size_t i)
{
	struct form_state *s = &f->state[i];

	if (f->fields[i].type == FORM_LIST && *editor_text(&s->editors.at[s->editors.n - 1]))
		add_editor(f, i);
}

/* One line each, and an empty one at the end to be filled in. */
static void
load_lines(struct form *f, size_t i, char *text)
{
	struct form_state *s = &f->state[i];
	size_t n = 0;
	char *end;

	for (; text && *text; text = end) {
		end = strchr(text, '\n');
		if (end)
			*end++ = '\0';
		if (!*text)
			continue;
		if (n == s->editors.n)
			add_editor(f, i);
		take_text(&s->editors.at[n++], text);
	}
	drop_editors(s, n + 1);
	if (s->editors.n == n)
		add_editor(f, i);
	take_text(&s->editors.at[n], "");
}

static void
load_field(struct form *f, size_t i)
{
	const struct form_field *ff = &f->fields[i];
	CLEAN_STR text = STR_INIT(FORM_VALUE_MAX);

	if (!form_has_editor(ff) || f->state[i].typed)
		return;
	if (ff->type != FORM_SECRET)
		form_value(ff, &text);
	if (ff->type == FORM_LIST) {
		str_addc(&text, '\n');
		load_lines(f, i, text.s);
		return;
	}
	if (!f->state[i].editors.n)
		add_editor(f, i);
	take_text(&f->state[i].editors.at[0], str_text(&text));
}

void
form_load(struct form *f)
{
	for (size_t i = 0; i < f->nfields; i++)
		load_field(f, i);
	if (f->focus < f->nfields && f->item >= form_items(f, f->focus))
		f->item = form_items(f, f->focus) - 1;
	f->item = f->item < 0 ? 0 : f->item;
}

void
form_reload(struct form *f)
{
	for (size_t i = 0; i < f->nfields; i++) {
		f->state[i].typed = false;
		f->state[i].mistake = (struct err){ 0 };
	}
	form_load(f);
}

/* What stands in the editors, as set() wants it. */
static void
typed_text(const struct form *f, size_t i, struct str *out)
{
	const struct form_state *s = &f->state[i];

	if (f->fields[i].type != FORM_LIST) {
		str_add(out, s->editors.n ? editor_text(&s->editors.at[0]) : "");
		return;
	}
	for (size_t line = 0; line < s->editors.n; line++)
		if (*editor_text(&s->editors.at[line]))
			str_addf(out, "%s\n", editor_text(&s->editors.at[line]));
}

/* ---- storing ------------------------------------------------------------------------- */

static int
ask(const struct form_field *ff, const char *text, struct err *e)
{
	if (ff->required && !*text) {
		err_set(e, E_INPUT, "%s", _("a value is missing"));
		return E_INPUT;
	}
	return ff->validate ? ff->validate(ff, text, e) : 0;
}

bool
form_store(struct form *f, size_t i, const char *text)
{
	const struct form_field *ff = &f->fields[i];
	struct err e = { 0 };

	if (ask(ff, text, &e) || (ff->set && ff->set(ff, text, &e))) {
		e.code = e.code ? e.code : E_INPUT;
		f->state[i].mistake = e;
		return false;
	}
	f->state[i].mistake = (struct err){ 0 };
	f->unsaved |= ff->type != FORM_BUTTON;
	return true;
}

/* A secret that was stored is wiped here: only its owner keeps it. */
static bool
commit_field(struct form *f, size_t i)
{
	struct str text = STR_INIT(FORM_VALUE_MAX);
	bool ok;

	if (!f->state[i].typed)
		return f->state[i].mistake.code == 0;
	/* at full size from the start: growing would leave copies of a secret */
	text.cap = FORM_VALUE_MAX + 1;
	text.s = xcalloc(text.cap, 1);
	typed_text(f, i, &text);
	ok = form_store(f, i, str_text(&text));
	str_wipe(&text);
	if (!ok)
		return false;
	f->state[i].typed = false;
	if (f->fields[i].type == FORM_SECRET)
		editor_set(&f->state[i].editors.at[0], "");
	form_load(f);
	return true;
}

bool
form_commit(struct form *f)
{
	return f->focus >= f->nfields || commit_field(f, f->focus);
}

static void
check_field(struct form *f, size_t i)
{
	const struct form_field *ff = &f->fields[i];
	struct err e = { 0 };
	CLEAN_STR text = STR_INIT(FORM_VALUE_MAX);

	if (f->state[i].typed) {
		commit_field(f, i);
		return;
	}
	form_value(ff, &text);
	if (ask(ff, str_text(&text), &e) && !e.code)
		e.code = E_INPUT;
	f->state[i].mistake = e;
}

size_t
form_check(struct form *f)
{
	size_t n = 0;

	f->open = false;
	for (size_t i = 0; i < f->nfields; i++) {
		if (!form_is_there(f, i) || f->fields[i].type == FORM_HEADING ||
		    f->fields[i].type == FORM_BUTTON)
			continue;
		check_field(f, i);
		if (f->state[i].mistake.code && !n++) {
			f->focus = i;
			f->item = 0;
		}
	}
	return n;
}

static long
field_of_id(const struct form *f, const char *id)
{
	for (size_t i = 0; i < f->nfields; i++)
		if (f->fields[i].id && !strcmp(f->fields[i].id, id))
			return (long)i;
	return -1;
}

bool
form_set_mistake(struct form *f, const char *id, const char *what, const char *hint)
{
	long i = field_of_id(f, id);

	if (i < 0)
		return false;
	f->state[i].mistake = (struct err){ 0 };
	if (!what)
		return true;
	err_set(&f->state[i].mistake, E_INPUT, "%s", what);
	if (hint && *hint)
		err_hint(&f->state[i].mistake, "%s", hint);
	return true;
}

bool
form_focus_on(struct form *f, const char *id)
{
	long i = field_of_id(f, id);

	if (i < 0 || !form_is_there(f, (size_t)i) || f->fields[i].type == FORM_HEADING)
		return false;
	form_commit(f);
	f->focus = (size_t)i;
	f->item = 0;
	f->open = false;
	return true;
}

void
form_saved(struct form *f)
{
	f->unsaved = false;
}

void
form_init(struct form *f, const struct form_field *fields, size_t nfields)
{
	*f = (struct form){ .fields = fields, .nfields = nfields };
	f->state = xcalloc(nfields + 1, sizeof *f->state);
	form_load(f);
	form_focus_end(f, false);
}

void
form_done(struct form *f)
{
	for (size_t i = 0; i < f->nfields; i++) {
		drop_editors(&f->state[i], 0);
		vec_free(&f->state[i].editors);
	}
	free(f->state);
	*f = (struct form){ 0 };
}
