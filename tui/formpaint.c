/* How the form looks. First every row gets its place, mistakes included; then what is seen is
 * painted; last the choices, over the rest. */
#include "tui/formpriv.h"

#include <string.h>

#include "base/nls.h"
#include "base/text.h"
#include "tui/glyph.h"

enum {
	GAP = 2,
	STACKED = 44,    /* in fewer columns a label stands above its field */
	FIELD_MAX = 44,
	NUMBER_MAX = 12,
	FIELD_MIN = 10,
	SWITCH = 4,      /* "[x] " */
};

/* The place of one row of a field. */
struct spot {
	size_t field;
	int item;
	int y, x, w;      /* of the value */
	int label_y;      /* -1: no label here */
	int wrong_y, wrong_x, wrong_rows; /* of the mistake; rows 0 = none */
};

struct layout {
	VEC(struct spot) spots;
	int label; /* columns of the labels */
	int w, h;  /* h: rows in all */
};

/* ---- places -------------------------------------------------------------------------- */

static int
label_columns(const struct form *f, int w)
{
	int widest = 0, n;

	if (w < STACKED)
		return 0;
	for (size_t i = 0; i < f->nfields; i++) {
		if (!form_is_there(f, i) || f->fields[i].type == FORM_HEADING ||
		    f->fields[i].type == FORM_BUTTON)
			continue;
		n = text_width(f->fields[i].label);
		widest = n > widest ? n : widest;
	}
	return widest > w * 2 / 5 ? w * 2 / 5 : widest;
}

static int
widest_choice(const struct form_field *ff)
{
	int widest = 0, n;

	for (int i = 0; i < form_choices(ff); i++) {
		n = text_width(form_choice_label(ff, i));
		widest = n > widest ? n : widest;
	}
	return widest;
}

static int
value_columns(const struct form_field *ff, int room)
{
	int w = FIELD_MAX;

	if (ff->type == FORM_BOOL)
		w = SWITCH - 1;
	else if (ff->type == FORM_CHOICE)
		w = widest_choice(ff) + 2;
	else if (ff->type == FORM_SET)
		w = widest_choice(ff) + SWITCH;
	else if (ff->type == FORM_NUMBER)
		w = NUMBER_MAX;
	else if (ff->type == FORM_BUTTON)
		w = text_width(ff->label) + 4;
	else if (ff->max_bytes && ff->max_bytes < FIELD_MAX)
		w = (int)ff->max_bytes + 1 > FIELD_MIN ? (int)ff->max_bytes + 1 : FIELD_MIN;
	return w > room ? room : w;
}

/* Beside the field where the whole sentence fits, else below it. */
static void
place_mistake(const struct form *f, struct layout *l, struct spot *s)
{
	const char *what = f->state[s->field].mistake.what;
	int beside = s->x + s->w + GAP;

	if (!f->state[s->field].mistake.code)
		return;
	s->wrong_rows = 1;
	s->wrong_y = s->y;
	s->wrong_x = beside;
	if (form_items(f, s->field) <= 1 && f->fields[s->field].type != FORM_BUTTON &&
	    text_width(what) <= l->w - beside)
		return;
	s->wrong_y = l->h;
	s->wrong_x = s->x;
	s->wrong_rows = paint_wrap_rows(l->w - s->x, what);
	l->h += s->wrong_rows;
}

static void
place_field(const struct form *f, struct layout *l, size_t i)
{
	const struct form_field *ff = &f->fields[i];
	int x = l->label ? l->label + GAP : l->w > 12 ? GAP : 0, items = form_items(f, i);
	int label_y = l->h;

	if (!l->label)
		l->h++;
	for (int item = 0; item < (items ? items : 1); item++) {
		struct spot *s = vec_add(&l->spots);

		*s = (struct spot){ .field = i, .item = item, .y = l->h++, .x = x, .label_y = -1 };
		s->w = value_columns(ff, l->w - x);
		if (!item)
			s->label_y = label_y;
		if (item == items - 1)
			place_mistake(f, l, s);
	}
}

/* Buttons stand side by side as far as there is room. */
static void
place_button(const struct form *f, struct layout *l, size_t i)
{
	struct spot *before = l->spots.n ? &l->spots.at[l->spots.n - 1] : NULL;
	int w = value_columns(&f->fields[i], l->w), x = 0, y;
	struct spot *s;

	if (before && f->fields[before->field].type != FORM_BUTTON) {
		l->h++;
		before = NULL;
	}
	if (before && !before->wrong_rows && before->x + before->w + GAP + w <= l->w) {
		x = before->x + before->w + GAP;
		y = before->y;
	} else {
		y = l->h++;
	}
	s = vec_add(&l->spots);
	*s = (struct spot){ .field = i, .y = y, .x = x, .w = w, .label_y = -1 };
	place_mistake(f, l, s);
}

static void
place(const struct form *f, struct layout *l, int w)
{
	l->w = w;
	l->label = label_columns(f, w);
	for (size_t i = 0; i < f->nfields; i++) {
		struct spot *s;

		if (!form_is_there(f, i))
			continue;
		if (f->fields[i].type == FORM_BUTTON) {
			place_button(f, l, i);
		} else if (f->fields[i].type == FORM_HEADING) {
			l->h += l->h > 0;
			s = vec_add(&l->spots);
			*s = (struct spot){ .field = i, .y = l->h, .w = w, .label_y = l->h };
			l->h++;
		} else {
			place_field(f, l, i);
		}
	}
}

static const struct spot *
focused_spot(const struct form *f, const struct layout *l)
{
	const struct spot *s;

	vec_each(s, &l->spots)
		if (s->field == f->focus && s->item == f->item &&
		    f->fields[s->field].type != FORM_HEADING)
			return s;
	return NULL;
}

/* The focused row is seen, with its label and its mistake, and the start of the form rather than
 * a blank above its first field. */
static void
scroll(struct form *f, const struct layout *l, int h)
{
	const struct spot *s = focused_spot(f, l);
	int first, last;

	f->page = h;
	if (s) {
		first = s->label_y >= 0 ? s->label_y : s->y;
		last = s->wrong_rows ? s->wrong_y + s->wrong_rows - 1 : s->y;
		if (first < h && last < h && f->top > first)
			f->top = 0;
		f->top = last >= f->top + h ? last - h + 1 : f->top;
		f->top = first < f->top ? first : f->top;
		f->top = s->y >= f->top + h ? s->y - h + 1 : f->top;
	}
	f->top = f->top + h > l->h ? l->h - h : f->top;
	f->top = f->top < 0 ? 0 : f->top;
}

/* ---- values -------------------------------------------------------------------------- */

static enum role
value_role(const struct form *f, const struct spot *s, bool here)
{
	if (f->state[s->field].mistake.code)
		return ROLE_FIELD_BAD;
	if (here)
		return ROLE_FOCUS;
	return f->fields[s->field].read_only ? ROLE_DIM : ROLE_FIELD;
}

/* A stored secret looks like any typed one. */
static void
paint_stored_secret(const struct form_field *ff, const struct area *a, enum role role, bool here)
{
	CLEAN_STR value = STR_INIT(FORM_VALUE_MAX);

	form_value(ff, &value);
	paint_pad(a, 0, 0, a->w, role, "", CLIP_CUT);
	for (int x = 0; value.len && x < 8 && x < a->w - 1; x++)
		paint_text(a, 0, x, role, glyph(GLYPH_SECRET));
	if (here)
		paint_cursor(a, 0, 0);
}

static void
paint_text_value(struct form *f, const struct spot *s, const struct area *a, enum role role,
		 bool here)
{
	const struct form_field *ff = &f->fields[s->field];
	struct editor *e = &f->state[s->field].editors.at[s->item];

	if (ff->type == FORM_SECRET && !e->text.len && !f->state[s->field].typed)
		paint_stored_secret(ff, a, role, here);
	else
		editor_paint(e, a, role, here);
}

static void
paint_choice(const struct form_field *ff, const struct area *a, enum role role)
{
	CLEAN_STR value = STR_INIT(FORM_VALUE_MAX);
	const char *text;

	form_value(ff, &value);
	text = str_text(&value);
	for (int i = 0; i < form_choices(ff); i++)
		if (!strcmp(ff->choices[i], str_text(&value)))
			text = form_choice_label(ff, i);
	paint_pad(a, 0, 0, a->w - 2, role, text, CLIP_END);
	paint_pad(a, 0, a->w - 2, 2, role, " v", CLIP_CUT);
}

static void
paint_switch(const struct area *a, enum role role, bool on, const char *label)
{
	int x = paint_text(a, 0, 0, role, glyph(on ? GLYPH_ON : GLYPH_OFF));

	if (label && a->w > SWITCH)
		paint_clip(a, 0, x + 1, a->w - x - 1, role, label, CLIP_END);
}

static void
paint_button(const struct area *a, const char *label, enum role role)
{
	CLEAN_STR text = STR_INIT(256);

	str_addf(&text, "[ %s ]", label);
	paint_clip(a, 0, 0, a->w, role, str_text(&text), CLIP_END);
}

static void
paint_value(struct form *f, const struct spot *s, const struct area *a, bool here)
{
	const struct form_field *ff = &f->fields[s->field];
	enum role role = value_role(f, s, here);
	CLEAN_STR value = STR_INIT(FORM_VALUE_MAX);

	if (here)
		paint_cursor(a, 0, ff->type == FORM_CHOICE ? 0 : ff->type == FORM_BUTTON ? 2 : 1);
	switch (ff->type) {
	case FORM_HEADING:
		break;
	case FORM_BOOL:
		form_value(ff, &value);
		paint_switch(a, role, !strcmp(str_text(&value), "yes"), NULL);
		break;
	case FORM_SET:
		form_value(ff, &value);
		paint_switch(a, role, form_set_has(str_text(&value), ff->choices[s->item]),
			     form_choice_label(ff, s->item));
		break;
	case FORM_CHOICE:
		paint_choice(ff, a, role);
		break;
	case FORM_BUTTON:
		paint_button(a, ff->label, here ? ROLE_FOCUS : ROLE_BUTTON);
		break;
	default:
		paint_text_value(f, s, a, role, here);
	}
}

/* ---- the whole ----------------------------------------------------------------------- */

static void
paint_spot(struct form *f, const struct layout *l, const struct spot *s, const struct area *a,
	   bool focused)
{
	const struct form_field *ff = &f->fields[s->field];
	struct area row = area_rows(a, s->y - f->top, 1), value = area_cols(&row, s->x, s->w);
	struct area wrong = area_cols(a, s->wrong_x, -1);
	bool here = focused && s->field == f->focus && s->item == f->item;
	int y = s->label_y - f->top;

	if (ff->type == FORM_HEADING) {
		paint_clip(a, y, 0, a->w, ROLE_TITLE, ff->label, CLIP_END);
		return;
	}
	if (s->label_y >= 0)
		paint_clip(a, y, 0, l->label ? l->label : a->w,
			   s->field == f->focus && focused ? ROLE_ACCENT : ROLE_TEXT, ff->label,
			   CLIP_END);
	if (s->y >= f->top && s->y < f->top + a->h)
		paint_value(f, s, &value, here);
	if (s->wrong_rows)
		paint_wrap(&wrong, s->wrong_y - f->top, ROLE_FAIL, f->state[s->field].mistake.what);
}

/* The choices, in a box below the field or above it, whichever has more room. */
static void
paint_open(struct form *f, const struct layout *l, const struct area *a, bool focused)
{
	const struct spot *s = focused_spot(f, l);
	const struct form_field *ff = &f->fields[f->focus];
	int n = form_choices(ff), y, h, above, below, first;
	struct area box, in;

	if (!s)
		return;
	y = s->y - f->top;
	above = y;
	below = a->h - y - 1;
	h = n + 2 < (below > above ? below : above) ? n + 2 : below > above ? below : above;
	if (h < 3) { /* no room for a frame: the choice itself says which it is */
		struct area row = area_rows(a, y, 1), value = area_cols(&row, s->x, s->w);

		paint_pad(&value, 0, 0, value.w, ROLE_FOCUS, form_choice_label(ff, f->pick),
			  CLIP_END);
		return;
	}
	box = area_rows(a, below >= h ? y + 1 : below > above ? y + 1 : y - h, h);
	box = area_cols(&box, s->x, widest_choice(ff) + 4);
	in = paint_box(&box, ROLE_BORDER, NULL);
	first = f->pick >= in.h ? f->pick - in.h + 1 : 0;
	for (int i = 0; i < in.h && first + i < n; i++)
		paint_pad(&in, i, 0, in.w, first + i == f->pick ? ROLE_FOCUS : ROLE_TEXT,
			  form_choice_label(ff, first + i), CLIP_END);
	if (focused)
		paint_cursor(&in, f->pick - first, 0);
}

static int
help_rows(int h)
{
	return h >= 14 ? 3 : h >= 9 ? 2 : h >= 5 ? 1 : 0;
}

/* What to do about a mistake says more than what the field is for. */
static void
paint_help(const struct form *f, const struct area *a)
{
	const struct err *mistake = &f->state[f->focus].mistake;
	const char *help = f->note ? f->note : f->fields[f->focus].help;

	if (!f->note && mistake->code && mistake->hint[0])
		paint_wrap(a, 0, ROLE_WARN, mistake->hint);
	else if (help)
		paint_wrap(a, 0, ROLE_HINT, help);
}

void
form_paint(struct form *f, const struct area *a, bool focused)
{
	int help = help_rows(a->h);
	struct area rows = area_rows(a, 0, a->h - help - (help > 1)), in = rows;
	struct area foot = area_rows(a, a->h - help, help);
	struct layout l = { .label = 0 };
	const struct spot *s;

	form_load(f);
	if (!f->nfields || a->h < 1 || a->w < 2)
		return;
	if (!form_is_there(f, f->focus))
		form_focus_end(f, false);
	in = area_cols(&rows, 0, rows.w - 1);
	place(f, &l, in.w);
	scroll(f, &l, rows.h);
	vec_each(s, &l.spots)
		paint_spot(f, &l, s, &in, focused);
	if (l.h > rows.h)
		paint_scroll(&rows, ROLE_DIM, f->top, rows.h, l.h);
	if (help)
		paint_help(f, &foot);
	if (f->open)
		paint_open(f, &l, &in, focused);
	vec_free(&l.spots);
}
