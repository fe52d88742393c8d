/* Dialogs: what they hold, and what their keys do. How they look stands in dialogpaint.c. */
#include "tui/dialogpriv.h"

#include <string.h>

#include "base/nls.h"

enum { TEXT_BYTES = 255 };

bool
dialog_has_field(const struct dialog *d)
{
	return d->kind == DIALOG_NAME || d->kind == DIALOG_INPUT || d->kind == DIALOG_SECRET;
}

bool
dialog_has_back(const struct dialog *d)
{
	return d->kind != DIALOG_MESSAGE;
}

bool
dialog_is_ready(const struct dialog *d)
{
	return d->kind != DIALOG_NAME || !strcmp(editor_text(&d->editor), d->name);
}

/* ---- answers ------------------------------------------------------------------------- */

static void
answer(struct dialog *d, bool yes)
{
	struct dialog_answer a = { .yes = yes };

	d->answered = true;
	if (yes && d->kind == DIALOG_CHOICE)
		a.choice = (size_t)list_focus(&d->list);
	if (dialog_has_field(d))
		a.text = editor_text(&d->editor);
	/* freed only when the loop is back, after the call */
	app_close(d->screen.app, &d->screen);
	if (d->done)
		d->done(d->ctx, &a);
	editor_done(&d->editor);
}

/* The button that does it: not before everything is right. */
static void
go(struct dialog *d)
{
	d->mistake = (struct err){ 0 };
	if (d->kind == DIALOG_CHOICE && list_focus(&d->list) < 0)
		return;
	if (!dialog_is_ready(d)) {
		err_set(&d->mistake, E_INPUT, _("this is not the name '%s'"), d->name);
		d->part = PART_FIELD;
		return;
	}
	if (d->check && dialog_has_field(d) &&
	    d->check(d->ctx, editor_text(&d->editor), &d->mistake)) {
		d->mistake.code = d->mistake.code ? d->mistake.code : E_INPUT;
		d->part = PART_FIELD;
		return;
	}
	answer(d, true);
}

/* Typing a name and doing it are two keys, so that Enter pressed once too often does nothing. */
static void
enter(struct dialog *d)
{
	if (d->part == PART_BACK)
		answer(d, false);
	else if (d->part == PART_FIELD && d->kind == DIALOG_NAME && dialog_is_ready(d))
		d->part = PART_GO;
	else
		go(d);
}

/* ---- keys ---------------------------------------------------------------------------- */

static bool
has_part(const struct dialog *d, enum dialog_part part)
{
	switch (part) {
	case PART_FIELD:
		return dialog_has_field(d);
	case PART_LIST:
		return d->kind == DIALOG_CHOICE;
	case PART_BACK:
		return dialog_has_back(d);
	default:
		return true;
	}
}

static void
step(struct dialog *d, int dir)
{
	do
		d->part = (enum dialog_part)(((int)d->part + dir + PART_GO + 1) % (PART_GO + 1));
	while (!has_part(d, d->part));
}

static void
scroll(struct dialog *d, int by)
{
	int most = d->text_rows - d->text_page;

	d->top += by;
	d->top = d->top > most ? most : d->top;
	d->top = d->top < 0 ? 0 : d->top;
}

static bool
part_key(struct dialog *d, const struct key *k)
{
	if (d->part == PART_LIST)
		return list_key(&d->list, k);
	if (d->part != PART_FIELD || !editor_key(&d->editor, k))
		return false;
	d->mistake = (struct err){ 0 };
	return true;
}

static bool
dialog_key(struct screen *s, const struct key *k)
{
	struct dialog *d = (struct dialog *)s;
	int page = d->text_page > 1 ? d->text_page - 1 : 1;

	if (d->answered || part_key(d, k))
		return true;
	switch (k->action) {
	case ACTION_ENTER:
		enter(d);
		return true;
	case ACTION_MARK: /* a button is pressed by Space as well, a list is not left by it */
		if (d->part != PART_LIST)
			enter(d);
		return true;
	case ACTION_CANCEL:
	case ACTION_BACK:
		answer(d, d->kind == DIALOG_MESSAGE);
		return true;
	case ACTION_TAB:
	case ACTION_RIGHT:
		step(d, 1);
		return true;
	case ACTION_BACKTAB:
	case ACTION_LEFT:
		step(d, -1);
		return true;
	case ACTION_NEXT: /* to the button, never through it */
		d->part = PART_GO;
		return true;
	case ACTION_UP:
	case ACTION_DOWN:
		scroll(d, k->action == ACTION_UP ? -1 : 1);
		return true;
	case ACTION_PAGE_UP:
	case ACTION_PAGE_DOWN:
		scroll(d, k->action == ACTION_PAGE_UP ? -page : page);
		return true;
	default:
		return false;
	}
}

static bool
dialog_editing(struct screen *s)
{
	struct dialog *d = (struct dialog *)s;

	return d->part == PART_FIELD || (d->part == PART_LIST && list_editing(&d->list));
}

static void
dialog_actions(struct screen *s, struct action_set *set)
{
	struct dialog *d = (struct dialog *)s;

	action_add(set, ACTION_ENTER);
	if (dialog_has_back(d) && d->part != PART_GO)
		action_add_as(set, ACTION_NEXT, _("To the button"));
	if (d->kind == DIALOG_CHOICE)
		action_add(set, ACTION_FIND);
}

static const char *
dialog_hint(struct screen *s)
{
	static const char *const hints[] = {
		[DIALOG_CONFIRM] = N_("Left and right: the buttons. Enter presses one; Esc changes nothing."),
		[DIALOG_CHOICE] = N_("Up and down choose, Enter takes it; Esc changes nothing."),
		[DIALOG_NAME] = N_("Type the name, Enter; once more Enter does it. Esc changes nothing."),
		[DIALOG_SECRET] = N_("What is typed is not shown. Enter gives it; Esc does not."),
	};
	enum dialog_kind kind = ((struct dialog *)s)->kind;

	return kind < sizeof hints / sizeof *hints && hints[kind] ? _(hints[kind]) : NULL;
}

/* ---- making -------------------------------------------------------------------------- */

static void
dialog_close(struct screen *s)
{
	struct dialog *d = (struct dialog *)s;
	char *const texts[] = { d->title, d->text, d->go, d->back, d->name, d->label };

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		free(texts[i]);
	for (size_t i = 0; i < d->nchoices; i++)
		free(d->choices[i]);
	free(d->choices);
	editor_done(&d->editor);
	if (d->kind == DIALOG_CHOICE)
		list_done(&d->list);
	free(d);
}

static size_t
choice_count(void *ctx)
{
	return ((struct dialog *)ctx)->nchoices;
}

static void
choice_cell(void *ctx, size_t row, int column, struct str *out, enum role *role)
{
	(void)column;
	(void)role;
	str_add(out, ((struct dialog *)ctx)->choices[row]);
}

static const struct list_ops choice_ops = { .count = choice_count, .cell = choice_cell };
static const struct list_column choice_column = { .title = NULL, .min = 8 };

static const struct screen_ops dialog_ops = {
	.paint = dialog_paint,
	.key = dialog_key,
	.actions = dialog_actions,
	.hint = dialog_hint,
	.editing = dialog_editing,
	.size = dialog_size,
	.close = dialog_close,
};

static void
take_choices(struct dialog *d, const struct dialog_spec *spec)
{
	d->nchoices = spec->nchoices;
	d->choices = xcalloc(spec->nchoices + 1, sizeof *d->choices);
	for (size_t i = 0; i < spec->nchoices; i++)
		d->choices[i] = xstrdup(spec->choices[i]);
	list_init(&d->list, &choice_ops, d, &choice_column, 1);
	list_set_focus(&d->list, spec->choice);
}

static enum dialog_part
first_part(const struct dialog_spec *spec)
{
	if (spec->kind == DIALOG_CHOICE)
		return PART_LIST;
	if (spec->kind == DIALOG_MESSAGE || (spec->kind == DIALOG_CONFIRM && spec->harmless))
		return PART_GO;
	return spec->kind == DIALOG_CONFIRM ? PART_BACK : PART_FIELD;
}

static char *
copy(const char *text, const char *otherwise)
{
	return xstrdup(text ? text : otherwise);
}

struct screen *
dialog_new(const struct dialog_spec *spec)
{
	struct dialog *d = xcalloc(1, sizeof *d);

	d->screen.ops = &dialog_ops;
	d->kind = spec->kind;
	d->title = copy(spec->title, "");
	d->text = copy(spec->text, "");
	d->go = copy(spec->go, _("OK"));
	d->back = copy(spec->back, _("Cancel"));
	d->name = copy(spec->name, "");
	d->label = copy(spec->label, spec->kind == DIALOG_NAME ? _("Type its name:") : "");
	d->check = spec->check;
	d->done = spec->done;
	d->ctx = spec->ctx;
	d->part = first_part(spec);
	if (spec->kind == DIALOG_CHOICE)
		take_choices(d, spec);
	editor_init(&d->editor, spec->max_bytes ? spec->max_bytes : TEXT_BYTES,
		    spec->kind == DIALOG_SECRET);
	if (spec->kind == DIALOG_INPUT && spec->initial)
		editor_set(&d->editor, spec->initial);
	return &d->screen;
}

void
dialog_open(struct app *app, const struct dialog_spec *spec)
{
	app_push(app, dialog_new(spec));
}
