/* How dialogs look. The buttons and the field are there at any size; the text gets what remains
 * and scrolls. */
#include "tui/dialogpriv.h"

#include "base/nls.h"
#include "base/text.h"

enum { WIDE = 68, NARROW = 36, FIELD_WIDTH = 60, LIST_ROWS = 12, GAP = 2, FRAME = 4 };

static int
button_width(const char *label)
{
	return text_width(label) + 4;
}

static int
buttons_width(const struct dialog *d)
{
	return button_width(d->go) + (dialog_has_back(d) ? button_width(d->back) + GAP : 0);
}

/* Two rows where both do not fit side by side. */
static int
button_rows(const struct dialog *d, int w)
{
	return dialog_has_back(d) && buttons_width(d) > w ? 2 : 1;
}

/* Rows between text and buttons: a list, or a field with its label and its mistake. */
static int
middle_rows(const struct dialog *d, int w)
{
	int rows = 0;

	if (d->kind == DIALOG_CHOICE)
		return d->nchoices > LIST_ROWS ? LIST_ROWS : d->nchoices ? (int)d->nchoices : 1;
	if (!dialog_has_field(d))
		return 0;
	rows = *d->label ? 2 : 1;
	if (d->mistake.code)
		rows += paint_wrap_rows(w, d->mistake.what) + paint_wrap_rows(w, d->mistake.hint);
	return rows;
}

static int
larger(int a, int b)
{
	return a > b ? a : b;
}

static int
natural_width(const struct dialog *d)
{
	int w = larger(larger(text_width(d->title) + 2, buttons_width(d)),
		       dialog_has_field(d) ? FIELD_WIDTH : NARROW);

	for (size_t i = 0; i < d->nchoices; i++)
		w = larger(w, text_width(d->choices[i]) + 1);
	/* a text of one line is not broken; a longer one gets the width that reads best */
	return larger(w, text_width(d->text) < WIDE ? text_width(d->text) : WIDE);
}

void
dialog_size(struct screen *s, int *h, int *w)
{
	const struct dialog *d = (const struct dialog *)s;
	int columns = natural_width(d), rows, middle;

	columns = columns > *w - FRAME ? *w - FRAME : columns;
	columns = columns < 1 ? 1 : columns;
	middle = middle_rows(d, columns);
	rows = paint_wrap_rows(columns, d->text) + 1 + middle + (middle ? 1 : 0) +
	       button_rows(d, columns) + 2;
	*w = columns + FRAME < *w ? columns + FRAME : *w;
	*h = rows < *h ? rows : *h;
}

static void
paint_button(const struct area *a, int y, int x, const char *label, enum role role, bool here)
{
	CLEAN_STR text = STR_INIT(256);

	str_addf(&text, "[ %s ]", label);
	paint_clip(a, y, x, a->w - x, here ? ROLE_FOCUS : role, str_text(&text), CLIP_END);
	if (here)
		paint_cursor(a, y, x + 2);
}

static void
paint_buttons(const struct dialog *d, const struct area *a)
{
	enum role role = dialog_is_ready(d) ? ROLE_BUTTON : ROLE_DIM;
	int x = buttons_width(d) <= a->w ? (a->w - buttons_width(d)) / 2 : 0;

	if (!dialog_has_back(d)) {
		paint_button(a, 0, x, d->go, role, d->part == PART_GO);
	} else if (button_rows(d, a->w) == 1) {
		paint_button(a, 0, x, d->back, ROLE_BUTTON, d->part == PART_BACK);
		paint_button(a, 0, x + button_width(d->back) + GAP, d->go, role,
			     d->part == PART_GO);
	} else if (a->h > 1) {
		paint_button(a, 0, 0, d->back, ROLE_BUTTON, d->part == PART_BACK);
		paint_button(a, 1, 0, d->go, role, d->part == PART_GO);
	} else { /* one row for two: the one that has the focus */
		paint_button(a, 0, 0, d->part == PART_GO ? d->go : d->back, role,
			     d->part == PART_GO || d->part == PART_BACK);
	}
}

static void
paint_field(struct dialog *d, const struct area *a)
{
	int y = *d->label && a->h > 1 ? 1 : 0, rows;
	struct area field = area_rows(a, y, 1);
	bool here = d->part == PART_FIELD;

	if (y)
		paint_clip(a, 0, 0, a->w, ROLE_TEXT, d->label, CLIP_END);
	editor_paint(&d->editor, &field,
		     d->mistake.code ? ROLE_FIELD_BAD : here ? ROLE_FOCUS : ROLE_FIELD, here);
	if (!d->mistake.code)
		return;
	rows = paint_wrap(a, y + 1, ROLE_FAIL, d->mistake.what);
	paint_wrap(a, y + 1 + rows, ROLE_WARN, d->mistake.hint);
}

/* The text from `top` on, and a sign that there is more. */
static void
paint_text_part(struct dialog *d, const struct area *a)
{
	struct area text = *a;
	int rows = paint_wrap_rows(a->w, d->text);

	if (rows > a->h)
		text = area_cols(a, 0, a->w - GAP);
	d->text_rows = paint_wrap_rows(text.w, d->text);
	d->text_page = a->h;
	if (d->top > d->text_rows - a->h)
		d->top = d->text_rows - a->h;
	d->top = d->top < 0 ? 0 : d->top;
	paint_wrap(&text, -d->top, ROLE_TEXT, d->text);
	if (rows > a->h)
		paint_scroll(a, ROLE_DIM, d->top, a->h, d->text_rows);
}

void
dialog_paint(struct screen *s, const struct area *a)
{
	struct dialog *d = (struct dialog *)s;
	bool danger = d->kind == DIALOG_NAME;
	struct area box = paint_box(a, danger ? ROLE_WARN : ROLE_BORDER, d->title);
	struct area in, middle, part;
	int buttons, rows, text, gap;

	if (a->h < 3 || a->w < 6) /* too small for a frame */
		box = *a;
	in = box.w > GAP + 2 ? area_cols(&box, 1, box.w - 2) : box;
	buttons = button_rows(d, in.w);
	buttons = buttons > in.h ? in.h : buttons;
	rows = middle_rows(d, in.w);
	text = paint_wrap_rows(in.w, d->text);
	/* what is not needed for buttons and the middle; the text keeps a row where it can */
	if (rows > in.h - buttons - 1)
		rows = larger(in.h - buttons - (d->kind == DIALOG_CHOICE && in.h > 5), 0);
	gap = in.h - buttons - rows - text;
	part = area_rows(&in, 0, gap >= 1 + (rows > 0) ? text : in.h - buttons - rows);
	paint_text_part(d, &part);
	middle = area_rows(&in, in.h - buttons - rows - (gap >= 1 + (rows > 0) && rows), rows);
	if (d->kind == DIALOG_CHOICE)
		list_paint(&d->list, &middle, d->part == PART_LIST);
	else if (rows)
		paint_field(d, &middle);
	part = area_rows(&in, in.h - buttons, buttons);
	paint_buttons(d, &part);
}
