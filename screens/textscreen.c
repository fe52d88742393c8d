/* A text on a screen of its own: the answers to one test, the output of one task. */
#include "screens/screens.h"

#include "base/nls.h"

struct textscreen {
	struct screen screen;
	const char *title;
	char *heading;
	struct pager pager;
};

static const char *
text_title(struct screen *screen)
{
	return ((struct textscreen *)screen)->title;
}

static const char *
text_hint(struct screen *screen)
{
	(void)screen;
	return _("/ finds, n goes to the next hit, W breaks long lines; Esc goes back.");
}

static void
text_paint(struct screen *screen, const struct area *a)
{
	struct textscreen *s = (struct textscreen *)screen;
	struct area in = paint_box(a, ROLE_BORDER, s->heading);
	pager_paint(&s->pager, &in, true);
}

static bool
text_key(struct screen *screen, const struct key *k)
{
	return pager_key(&((struct textscreen *)screen)->pager, k);
}

static void
text_actions(struct screen *screen, struct action_set *set)
{
	(void)screen;
	action_add(set, ACTION_FIND);
	action_add(set, ACTION_WRAP);
	action_add(set, ACTION_BACK);
}

static bool
text_editing(struct screen *screen)
{
	return pager_editing(&((struct textscreen *)screen)->pager);
}

static void
text_close(struct screen *screen)
{
	struct textscreen *s = (struct textscreen *)screen;
	pager_done(&s->pager);
	free(s->heading);
	free(s);
}

static const struct screen_ops text_ops = {
	.title = text_title,
	.hint = text_hint,
	.paint = text_paint,
	.key = text_key,
	.actions = text_actions,
	.editing = text_editing,
	.close = text_close,
};

struct pager *
screen_text(struct wizard *w, const char *title, const char *heading)
{
	struct textscreen *s = xcalloc(1, sizeof *s);
	s->screen.ops = &text_ops;
	s->title = title;
	s->heading = xstrdup(heading);
	pager_init(&s->pager);
	app_push(w->app, &s->screen);
	return &s->pager;
}
