/* The log: everything that runs have told since the cluster was opened. */
#include "screens/screens.h"

#include <string.h>
#include "base/nls.h"

struct logscreen {
	struct screen screen;
	struct wizard *w;
};

static struct pager *
pager_of(struct screen *screen)
{
	return &((struct logscreen *)screen)->w->log;
}

static const char *
log_title(struct screen *screen)
{
	(void)screen;
	return _("log");
}

static void
log_paint(struct screen *screen, const struct area *a)
{
	struct area in = paint_box(a, ROLE_BORDER, _("Log"));
	pager_paint(pager_of(screen), &in, true);
}

static bool
log_key(struct screen *screen, const struct key *k)
{
	if (pager_key(pager_of(screen), k))
		return true;
	if (k->action != ACTION_LOG)
		return false;
	app_close(screen->app, screen);
	return true;
}

static void
log_actions(struct screen *screen, struct action_set *set)
{
	(void)screen;
	action_add(set, ACTION_FOLLOW);
	action_add(set, ACTION_PROBLEMS);
	action_add(set, ACTION_FIND);
	action_add(set, ACTION_BACK);
}

static const char *
log_hint(struct screen *screen)
{
	return pager_of(screen)->follow ? _("The newest line stays in sight; f ends that.")
					: _("f follows what comes; o shows only what is wrong; / finds.");
}

static bool
log_editing(struct screen *screen)
{
	return pager_editing(pager_of(screen));
}

static void
log_close(struct screen *screen)
{
	free(screen);
}

static const struct screen_ops log_ops = {
	.title = log_title,
	.hint = log_hint,
	.paint = log_paint,
	.key = log_key,
	.actions = log_actions,
	.editing = log_editing,
	.close = log_close,
};

void
screen_log(struct wizard *w)
{
	struct logscreen *s = xcalloc(1, sizeof *s);
	s->screen.ops = &log_ops;
	s->w = w;
	app_push(w->app, &s->screen);
}
