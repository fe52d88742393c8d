/* The LUNs to choose from: what each one is, who holds it, and whether it may be touched. */
#include "screens/screens.h"

#include <string.h>
#include "base/nls.h"
#include "screens/lunlook.h"
#include "tui/glyph.h"
#include "tui/list.h"

enum { DETAIL_ROWS = 7, DETAIL_FROM = 17 };

struct lunpicker {
	struct screen screen;
	struct wizard *w;
	struct lunlook *look;
	const struct lun_rows *rows;
	struct list list;
	void (*chosen)(void *ctx, const char *lun); /* NULL = only to be looked at */
	void *ctx;
};

static const char *const words[] = {
	[ALLOWED_UNKNOWN] = N_("not known"),
	[ALLOWED_YES] = N_("free"),
	[ALLOWED_OWN] = N_("ours"),
	[ALLOWED_NO] = N_("not ours"),
};
static const enum role roles[] = {
	[ALLOWED_UNKNOWN] = ROLE_DIM, [ALLOWED_YES] = ROLE_OK, [ALLOWED_OWN] = ROLE_OK, [ALLOWED_NO] = ROLE_WARN,
};

static const struct lun_row *
row_focused(struct lunpicker *s)
{
	long row = list_focus(&s->list);
	return row == LIST_NONE || (size_t)row >= s->rows->rows.n ? NULL : &s->rows->rows.at[row];
}

static size_t
row_count(void *ctx)
{
	return ((struct lunpicker *)ctx)->rows->rows.n;
}

static void
row_cell(void *ctx, size_t row, int column, struct str *out, enum role *role)
{
	const struct lun_row *r = &((struct lunpicker *)ctx)->rows->rows.at[row];
	switch (column) {
	case 0: lun_row_name(r, out); break;
	case 1: size_print(r->size_bytes, out); break;
	case 2:
		str_addf(out, "%s%s", *r->tail ? glyph(GLYPH_ELLIPSIS) : "", r->tail);
		break;
	case 3: lun_row_content(r, out); break;
	case 4: str_addf(out, "%zu", r->logged_in); break;
	case 5: str_addf(out, "%zu", r->registered); break;
	default:
		*role = roles[r->allowed];
		str_add(out, _(words[r->allowed]));
	}
}

static const struct list_ops row_ops = { .count = row_count, .cell = row_cell };

static const char *
luns_title(struct screen *screen)
{
	(void)screen;
	return _("LUNs");
}

static const char *
luns_hint(struct screen *screen)
{
	struct lunpicker *s = (struct lunpicker *)screen;
	if (lunlook_runs(s->look))
		return _("The targets are being read; nothing is written to them.");
	return s->chosen ? _("Enter takes this LUN; Esc leaves the choice as it was.")
			 : _("What may be touched stands below; F5 looks again and writes nothing.");
}

static void
detail_paint(struct lunpicker *s, const struct area *in)
{
	const struct lun_row *r = row_focused(s);
	const struct err *trouble = lunlook_trouble(s->look);
	CLEAN_STR text = STR_INIT(4096);
	int y = 0, n = 0;
	if (r)
		lun_row_tell(r, &text);
	/* the second sentence is the verdict */
	for (char *line = text.s, *end; line && *line && y < in->h; line = end) {
		struct area rest = area_rows(in, y, -1);
		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = '\0';
		y += paint_wrap(&rest, 0, n++ == 1 ? roles[r->allowed] : ROLE_TEXT, line);
	}
	if (trouble && y < in->h)
		paint_clip(in, y, 0, in->w, ROLE_FAIL, trouble->what, CLIP_END);
}

static void
luns_paint(struct screen *screen, const struct area *a)
{
	struct lunpicker *s = (struct lunpicker *)screen;
	int below = a->h >= DETAIL_FROM ? DETAIL_ROWS : 4;
	struct area top = area_rows(a, 0, a->h - below), detail = area_rows(a, a->h - below, below);
	CLEAN_STR name = STR_INIT(256);
	s->rows = lunlook_rows(s->look);
	struct area in = paint_box(&top, ROLE_TITLE, _("LUNs of the cluster, and what lies beside them"));
	list_paint(&s->list, &in, true);
	if (row_focused(s))
		lun_row_name(row_focused(s), &name);
	in = paint_box(&detail, ROLE_BORDER, str_text(&name));
	detail_paint(s, &in);
}

static void
looked(void *ctx)
{
	app_refresh(((struct lunpicker *)ctx)->w->app);
}

/* The simulated world has no portal to read: its machines are asked. */
static void
look_again(struct lunpicker *s)
{
	if (s->w->ws.world == WORLD_SIMULATED) {
		wizard_look(s->w);
		return;
	}
	lunlook_free(s->look);
	s->look = lunlook_new(s->w, looked, s);
	s->rows = lunlook_rows(s->look);
	app_refresh(s->w->app);
}

/* What belongs to somebody else is shown, and cannot be taken. */
static void
row_take(struct lunpicker *s)
{
	const struct lun_row *r = row_focused(s);
	CLEAN_STR why = STR_INIT(512);
	if (!r || !s->chosen)
		return;
	if (!r->lun) {
		lun_row_reason(r, &why);
		app_say(s->w->app, ROLE_WARN, "%s", str_text(&why));
		return;
	}
	s->chosen(s->ctx, r->lun->lun->name);
	app_close(s->w->app, &s->screen);
}

static bool
luns_key(struct screen *screen, const struct key *k)
{
	struct lunpicker *s = (struct lunpicker *)screen;
	if (list_key(&s->list, k))
		return true;
	switch (k->action) {
	case ACTION_ENTER: row_take(s); return true;
	case ACTION_RECHECK: look_again(s); return true;
	case ACTION_LUNS: app_close(screen->app, screen); return true;
	default: return false;
	}
}

static void
luns_actions(struct screen *screen, struct action_set *set)
{
	struct lunpicker *s = (struct lunpicker *)screen;
	if (s->chosen)
		action_add_as(set, ACTION_ENTER, _("Take it"));
	action_add(set, ACTION_RECHECK);
	action_add(set, ACTION_MAP);
	action_add(set, ACTION_FIND);
	action_add(set, ACTION_BACK);
}

static bool
luns_editing(struct screen *screen)
{
	return list_editing(&((struct lunpicker *)screen)->list);
}

static void
luns_close(struct screen *screen)
{
	struct lunpicker *s = (struct lunpicker *)screen;
	lunlook_free(s->look);
	list_done(&s->list);
	free(s);
}

static const struct screen_ops luns_ops = {
	.title = luns_title,
	.hint = luns_hint,
	.paint = luns_paint,
	.key = luns_key,
	.actions = luns_actions,
	.editing = luns_editing,
	.close = luns_close,
};

void
screen_luns(struct wizard *w, void (*chosen)(void *ctx, const char *lun), void *ctx)
{
	static struct list_column columns[7];
	const struct list_column made[7] = {
		{ .title = _("LUN"), .min = 6, .clip = CLIP_MIDDLE },
		{ .title = _("Size"), .min = 6, .clip = CLIP_END, .right = true },
		{ .title = _("Identity"), .min = 9, .shrink = 1, .clip = CLIP_START },
		{ .title = _("On it"), .min = 8, .shrink = 2, .clip = CLIP_END },
		{ .title = _("Logins"), .min = 3, .shrink = 3, .clip = CLIP_END, .right = true },
		{ .title = _("Keys"), .min = 3, .shrink = 4, .clip = CLIP_END, .right = true },
		{ .title = _("Touch it?"), .min = 8, .clip = CLIP_END },
	};
	if (!w->map || (app_top(w->app) && app_top(w->app)->ops == &luns_ops))
		return;
	struct lunpicker *s = xcalloc(1, sizeof *s);
	s->screen.ops = &luns_ops;
	s->w = w;
	s->chosen = chosen;
	s->ctx = ctx;
	s->look = lunlook_new(w, looked, s);
	s->rows = lunlook_rows(s->look);
	memcpy(columns, made, sizeof made);
	list_init(&s->list, &row_ops, s, columns, sizeof columns / sizeof *columns);
	s->list.empty = _("The cluster file names no LUN.");
	app_push(w->app, &s->screen);
}
