/* Welcome: what can be begun with, the recent cluster files among it. */
#include "screens/screens.h"

#include <string.h>
#include "base/nls.h"
#include "base/paths.h"
#include "engine/recent.h"
#include "tui/list.h"

enum { WELCOME_BOX = 76 };

struct welcome {
	struct screen screen;
	struct wizard *w;
	struct recents recents;
	struct list list;
};

struct choice {
	const char *title, *text;
	void (*go)(struct wizard *w);
};

static void
simulated_open(struct wizard *w)
{
	CLEANUP(freep) char *path = paths_data("etc/tutorial.ini");
	screen_cluster(w, path, WORLD_SIMULATED);
}

static const struct choice choices[] = {
	{ N_("Look around a simulated cluster"),
	  N_("Works at once and touches no machine: the way to get to know the program."),
	  simulated_open },
	{ N_("Practice lab: real machines in QEMU"),
	  N_("Three Debian machines on this computer, bare, to be made a cluster for real."),
	  screen_lab },
	{ N_("Open a cluster file"),
	  N_("A file that describes your machines; mistakes are shown with their lines."),
	  screen_file_open },
	{ N_("New cluster file"),
	  N_("Answer questions about your machines; nothing is touched by that."),
	  screen_file_new },
};
static const char *const worlds[WORLD__COUNT] = { N_("real machines"), N_("LAB"), N_("SIMULATED") };
enum { NCHOICES = sizeof choices / sizeof *choices };

static size_t
row_count(void *ctx)
{
	const struct welcome *s = ctx;
	return NCHOICES + (s->recents.list.n ? s->recents.list.n + 1 : 0);
}

static bool
row_is_heading(void *ctx, size_t row)
{
	(void)ctx;
	return row == NCHOICES;
}

static void
row_cell(void *ctx, size_t row, int column, struct str *out, enum role *role)
{
	const struct welcome *s = ctx;
	if (row < NCHOICES) {
		str_add(out, column ? "" : _(choices[row].title));
		return;
	}
	if (row == NCHOICES) {
		*role = ROLE_TITLE;
		str_add(out, column ? "" : _("Opened before"));
		return;
	}
	const struct recent *r = &s->recents.list.at[row - NCHOICES - 1];
	str_add(out, column ? _(worlds[r->world]) : r->path);
	*role = column ? ROLE_DIM : ROLE_TEXT;
}

static const struct list_ops rows = {
	.count = row_count,
	.cell = row_cell,
	.is_heading = row_is_heading,
};
static const struct list_column columns[] = {
	{ .min = 30, .clip = CLIP_START },
	{ .min = 10, .shrink = 1, .clip = CLIP_END },
};

static const char *
welcome_hint(struct screen *screen)
{
	struct welcome *s = (struct welcome *)screen;
	long row = list_focus(&s->list);
	if (row >= 0 && row < NCHOICES)
		return _(choices[row].text);
	return row > NCHOICES ? _("Open this cluster file again, in the same world.") : NULL;
}

static void
welcome_paint(struct screen *screen, const struct area *a)
{
	struct welcome *s = (struct welcome *)screen;
	const char *text = _("From bare machines to a cluster that is proven to be highly available, one "
			     "explained step at a time.");
	int width = a->w < WELCOME_BOX ? a->w : WELCOME_BOX, around = 4; /* frame, blank, filter */
	int rows_wanted = paint_wrap_rows(width - 2, text) + around + (int)row_count(s);
	struct area box = area_center(a, rows_wanted, WELCOME_BOX);
	struct area in = paint_box(&box, ROLE_BORDER, _("Welcome"));
	int used = paint_wrap(&in, 0, ROLE_TEXT, text);
	struct area rest = area_rows(&in, used + 1, -1);
	list_paint(&s->list, &rest, true);
}

static void
welcome_enter(struct welcome *s)
{
	long row = list_focus(&s->list);
	if (row >= 0 && row < NCHOICES)
		choices[row].go(s->w);
	else if (row > NCHOICES)
		screen_cluster(s->w, s->recents.list.at[row - NCHOICES - 1].path,
			       s->recents.list.at[row - NCHOICES - 1].world);
}

static bool
welcome_key(struct screen *screen, const struct key *k)
{
	struct welcome *s = (struct welcome *)screen;
	if (list_key(&s->list, k))
		return true;
	if (k->action != ACTION_ENTER && k->action != ACTION_NEXT)
		return false;
	welcome_enter(s);
	return true;
}

static void
welcome_actions(struct screen *screen, struct action_set *set)
{
	(void)screen;
	action_add_as(set, ACTION_ENTER, _("Open"));
	action_add(set, ACTION_GUIDE);
}

/* A cluster file may have been opened meanwhile. */
static void
welcome_shown(struct screen *screen)
{
	struct welcome *s = (struct welcome *)screen;
	recents_done(&s->recents);
	recents_read(&s->recents);
}

static void
welcome_close(struct screen *screen)
{
	struct welcome *s = (struct welcome *)screen;
	list_done(&s->list);
	recents_done(&s->recents);
	free(s);
}

static bool
welcome_editing(struct screen *screen)
{
	return list_editing(&((struct welcome *)screen)->list);
}

static const struct screen_ops welcome_ops = {
	.hint = welcome_hint,
	.paint = welcome_paint,
	.key = welcome_key,
	.actions = welcome_actions,
	.editing = welcome_editing,
	.shown = welcome_shown,
	.close = welcome_close,
};

void
screen_welcome(struct wizard *w)
{
	struct welcome *s = xcalloc(1, sizeof *s);
	s->screen.ops = &welcome_ops;
	s->w = w;
	recents_read(&s->recents);
	list_init(&s->list, &rows, s, columns, sizeof columns / sizeof *columns);
	app_push(w->app, &s->screen);
}
