/* Help in one column that scrolls: first what this screen offers, then all else by groups. */
#include "tui/help.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/nls.h"
#include "base/vec.h"
#include "tui/app.h"

enum { KEYS_COLUMN = 2, TEXT_COLUMN = 16, HELP_WIDTH = 76, ROWS_MOST = 10000 };

struct help_row {
	enum action action;  /* ACTION_NONE: a heading, or a blank row */
	const char *heading;
	bool here;           /* among what this screen offers */
};

struct help {
	struct screen screen;
	struct action_set here;
	VEC(struct help_row) rows;
	int first, shown;
};

static void
add_heading(struct help *h, const char *text)
{
	if (h->rows.n)
		vec_push(&h->rows, ((struct help_row){ .action = ACTION_NONE }));
	vec_push(&h->rows, ((struct help_row){ .heading = text }));
}

static void
add_here(struct help *h)
{
	add_heading(h, _("On this screen"));
	for (int a = 1; a < ACTION__COUNT; a++)
		if (h->here.has[a])
			vec_push(&h->rows, ((struct help_row){ .action = (enum action)a, .here = true }));
}

static void
add_group(struct help *h, int where)
{
	add_heading(h, _(action_groups[where]));
	for (int a = 1; a < ACTION__COUNT; a++)
		if ((int)actions[a].where == where)
			vec_push(&h->rows, ((struct help_row){ .action = (enum action)a }));
}

/* What a key does on this screen goes before what it does elsewhere. */
static const char *
row_text(const struct help *h, const struct help_row *row)
{
	const char *label = row->here ? h->here.label[row->action] : NULL;

	return label ? label : _(actions[row->action].text);
}

static int
row_height(const struct help *h, int w, const struct help_row *row)
{
	if (row->action == ACTION_NONE)
		return 1;
	return paint_wrap_rows(w - TEXT_COLUMN - 1, row_text(h, row));
}

static int
all_height(const struct help *h, int w)
{
	int rows = 0;

	for (size_t i = 0; i < h->rows.n; i++)
		rows += row_height(h, w, &h->rows.at[i]);
	return rows;
}

static void
help_size(struct screen *s, int *h, int *w)
{
	struct help *help = (struct help *)s;
	int want;

	*w = *w < HELP_WIDTH ? *w : HELP_WIDTH;
	want = all_height(help, *w - 2) + 2;
	*h = *h < want ? *h : want;
}

/* y may lie above the area: then only what hangs into it is seen. */
static void
paint_row(const struct help *h, const struct area *a, int y, const struct help_row *row)
{
	int hidden = y < 0 ? -y : 0;

	if (row->heading && !hidden)
		paint_text(a, y, 1, ROLE_TITLE, row->heading);
	if (row->action == ACTION_NONE)
		return;
	const struct action_info *info = &actions[row->action];
	struct area text = area_cols(a, TEXT_COLUMN, a->w - TEXT_COLUMN - 1);
	CLEAN_STR keys = STR_INIT(128);
	key_translate(info->keys, &keys);
	/* the nine keys of the nodes have a shorter name */
	if (!hidden)
		paint_clip(a, y, KEYS_COLUMN, TEXT_COLUMN - KEYS_COLUMN - 1, ROLE_KEY,
			   row->action == ACTION_NODE ? "1-9" : str_text(&keys), CLIP_END);
	paint_wrap(&text, y, ROLE_TEXT, row_text(h, row));
}

static void
help_paint(struct screen *s, const struct area *a)
{
	struct help *h = (struct help *)s;
	struct area in = paint_box(a, ROLE_BORDER, _("Help"));
	int all = all_height(h, in.w), last = all - in.h, y;

	h->shown = in.h;
	h->first = h->first > last ? last : h->first;
	h->first = h->first < 0 ? 0 : h->first;
	y = -h->first;
	for (size_t i = 0; i < h->rows.n && y < in.h; i++) {
		int height = row_height(h, in.w, &h->rows.at[i]);

		if (y + height > 0)
			paint_row(h, &in, y, &h->rows.at[i]);
		y += height;
	}
	paint_scroll(&in, ROLE_BORDER, h->first, in.h, all);
	paint_cursor(&in, 0, 1);
}

static bool
help_key(struct screen *s, const struct key *k)
{
	struct help *h = (struct help *)s;

	switch (k->action) {
	case ACTION_UP: h->first--; return true;
	case ACTION_DOWN: h->first++; return true;
	case ACTION_PAGE_UP: h->first -= h->shown; return true;
	case ACTION_PAGE_DOWN:
	case ACTION_MARK: h->first += h->shown; return true;
	case ACTION_HOME: h->first = 0; return true;
	case ACTION_END: h->first = ROWS_MOST; return true; /* painting knows better */
	case ACTION_STOP:
	case ACTION_SUSPEND:
	case ACTION_REDRAW:
	case ACTION_SAVE_SCREEN: return false;
	default: app_pop(s->app); return true;
	}
}

static void
help_actions(struct screen *s, struct action_set *set)
{
	(void)s;
	action_remove(set, ACTION_HELP);
	action_remove(set, ACTION_QUIT);
	action_add_as(set, ACTION_BACK, _("Close"));
}

static void
help_close(struct screen *s)
{
	struct help *h = (struct help *)s;

	vec_free(&h->rows);
	free(h);
}

static const struct screen_ops help_ops = {
	.size = help_size,
	.paint = help_paint,
	.key = help_key,
	.actions = help_actions,
	.close = help_close,
};

struct screen *
help_new(const struct action_set *here)
{
	struct help *h = xcalloc(1, sizeof *h);

	h->screen.ops = &help_ops;
	h->here = *here;
	add_here(h);
	for (int where = 0; where < WHERE__COUNT; where++)
		add_group(h, where);
	return &h->screen;
}
