/* The map: the cluster as it is known now. Boxes and lines where there is room, else rows; what has
 * just changed carries a sign. */
#include "screens/screens.h"

#include <string.h>
#include "base/nls.h"
#include "screens/mapdraw.h"
#include "screens/maprows.h"
#include "screens/pings.h"
#include "tui/glyph.h"
#include "tui/list.h"

enum { DETAIL_ROWS = 7, DETAIL_FROM = 17, TICK_MS = 1000 };

struct mapscreen {
	struct screen screen;
	struct wizard *w;
	struct map_rows rows;
	struct list list;
	struct mapdraw draw;
	bool as_rows; /* a person wants rows although there is room */
	uint64_t tick;
};

static const struct map_row *
row_focused(struct mapscreen *s)
{
	long row = list_focus(&s->list);
	return row < 0 ? NULL : &s->rows.at.at[row];
}

static size_t
row_count(void *ctx)
{
	return ((struct mapscreen *)ctx)->rows.at.n;
}

static bool
row_is_heading(void *ctx, size_t row)
{
	return ((struct mapscreen *)ctx)->rows.at.at[row].kind == MAP_HEADING;
}

static void
row_cell(void *ctx, size_t row, int column, struct str *out, enum role *role)
{
	struct mapscreen *s = ctx;
	const struct map_row *r = &s->rows.at.at[row];
	if (r->kind == MAP_HEADING) {
		*role = ROLE_TITLE;
		if (!column)
			map_row_name(s->w, r, out);
		return;
	}
	switch (column) {
	case 0:
		map_row_name(s->w, r, out);
		break;
	case 1:
		map_row_state(s->w, r, out, role);
		break;
	case 2:
		*role = ROLE_CHANGED;
		str_add(out, map_row_is_fresh(s->w, r) ? glyph(GLYPH_MARK) : "");
		break;
	default:
		map_row_text(s->w, r, out);
	}
}

static const struct list_ops rows = {
	.count = row_count,
	.cell = row_cell,
	.is_heading = row_is_heading,
};
static const struct list_column columns[] = {
	{ .min = 10, .clip = CLIP_MIDDLE },
	{ .min = 12, .clip = CLIP_END },
	{ .min = 1, .clip = CLIP_END },
	{ .min = 20, .shrink = 1, .clip = CLIP_END },
};

static const char *
map_title(struct screen *screen)
{
	(void)screen;
	return _("map");
}

static const char *
map_hint(struct screen *screen)
{
	struct mapscreen *s = (struct mapscreen *)screen;
	const struct map_row *r = row_focused(s);
	if (r && r->kind == MAP_VM && s->w->map->vms.at[r->index].started == TELL_YES)
		return _("Enter: a drill with this VM.");
	if (r && r->kind == MAP_VM)
		return _("Drills begin once this VM runs; F5 asks the machines.");
	return _("What has just changed carries a *; F5 asks the machines.");
}

static void
detail_paint(struct mapscreen *s, const struct area *a)
{
	const struct map_row *r = row_focused(s);
	CLEAN_STR title = STR_INIT(256);
	CLEAN_STR text = STR_INIT(16 * 1024);
	if (r) {
		map_row_name(s->w, r, &title);
		map_row_tell(s->w, r, &text);
	}
	struct area in = paint_box(a, ROLE_BORDER, str_text(&title));
	int y = 0;
	for (char *line = text.s, *end; line && *line && y < in.h; line = end) {
		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = '\0';
		struct area rest = area_rows(&in, y, -1);
		y += paint_wrap(&rest, 0, ROLE_TEXT, line);
	}
}

static bool
map_is_drawn(const struct mapscreen *s, const struct area *a)
{
	return !s->as_rows && mapdraw_fits(s->w, a);
}

/* Signs of change fade: what is painted now is seen once more without them. */
static void
tick(void *ctx)
{
	struct mapscreen *s = ctx;
	s->tick = 0;
	app_refresh(s->w->app);
}

static void
fade_later(struct mapscreen *s)
{
	const struct map_row *r;
	if (s->tick)
		return;
	vec_each(r, &s->rows.at)
		if (map_row_is_fresh(s->w, r)) {
			s->tick = loop_timer_add(s->w->loop, TICK_MS, tick, s);
			return;
		}
}

static void
map_paint(struct screen *screen, const struct area *a)
{
	struct mapscreen *s = (struct mapscreen *)screen;
	int below = a->h >= DETAIL_FROM ? DETAIL_ROWS : 0;
	struct area top = area_rows(a, 0, a->h - below), detail = area_rows(a, a->h - below, below);
	if (map_is_drawn(s, &top)) {
		const struct map_row *r = row_focused(s);
		struct area in = paint_box(&top, ROLE_TITLE, _("Map"));
		mapdraw_paint(&s->draw, s->w, &in, r);
	} else {
		struct area in = paint_box(&top, ROLE_TITLE, _("Map"));
		list_paint(&s->list, &in, true);
	}
	if (below)
		detail_paint(s, &detail);
	fade_later(s);
}

static void
map_enter(struct mapscreen *s)
{
	const struct map_row *r = row_focused(s);
	if (r && r->kind == MAP_VM)
		screen_drills(s->w, s->w->map->vms.at[r->index].vm->name);
}

static bool
map_key(struct screen *screen, const struct key *k)
{
	struct mapscreen *s = (struct mapscreen *)screen;
	struct key moved = *k;
	/* boxes stand side by side */
	if (k->action == ACTION_RIGHT)
		moved.action = ACTION_DOWN;
	if (k->action == ACTION_LEFT)
		moved.action = ACTION_UP;
	if (list_key(&s->list, &moved))
		return true;
	switch (k->action) {
	case ACTION_ENTER: map_enter(s); return true;
	case ACTION_RECHECK: wizard_look(s->w); return true;
	case ACTION_TAB: case ACTION_BACKTAB: s->as_rows = !s->as_rows; return true;
	case ACTION_MAP: app_close(screen->app, screen); return true;
	default: return false;
	}
}

static void
map_actions(struct screen *screen, struct action_set *set)
{
	struct mapscreen *s = (struct mapscreen *)screen;
	struct area top = area_rows(&screen->area, 0, -DETAIL_ROWS);
	if (mapdraw_fits(s->w, &top))
		action_add_as(set, ACTION_TAB, s->as_rows ? _("Picture") : _("Rows"));
	action_add(set, ACTION_DRILLS);
	action_add(set, ACTION_RECHECK);
	action_add(set, ACTION_LOG);
	action_add(set, ACTION_BACK);
}

static bool
map_editing(struct screen *screen)
{
	return list_editing(&((struct mapscreen *)screen)->list);
}

static void
map_close(struct screen *screen)
{
	struct mapscreen *s = (struct mapscreen *)screen;
	pings_stop(s->w);
	loop_timer_del(s->w->loop, s->tick);
	list_done(&s->list);
	map_rows_done(&s->rows);
	free(s);
}

static const struct screen_ops map_ops = {
	.title = map_title,
	.hint = map_hint,
	.paint = map_paint,
	.key = map_key,
	.actions = map_actions,
	.editing = map_editing,
	.close = map_close,
};

void
screen_map(struct wizard *w)
{
	if (!w->map || (app_top(w->app) && app_top(w->app)->ops == &map_ops))
		return;
	struct mapscreen *s = xcalloc(1, sizeof *s);
	s->screen.ops = &map_ops;
	s->w = w;
	map_rows_fill(w->map, &s->rows);
	list_init(&s->list, &rows, s, columns, sizeof columns / sizeof *columns);
	list_set_focus(&s->list, 1);
	app_push(w->app, &s->screen);
	pings_start(w);
}
