/* A shell on one machine, beside what the step wants there. The keys are the shell's until it ends or
 * is left by Ctrl-]. What the machine sends stays within the pane: libvterm obeys it, the terminal
 * never sees it. */
#include "screens/screens.h"

#include <stdio.h>
#include <string.h>
#include "base/nls.h"
#include "engine/wording.h"
#include "tui/vterm.h"

enum { ROWS = 24, COLUMNS = 80, SIDE_WIDTH = 38, SIDE_FROM = 120, ABOVE_ROWS = 5 };

struct console {
	struct screen screen;
	struct wizard *w;
	struct transport *transport;
	struct shell *shell; /* NULL = it has ended, or never began */
	struct pane *pane;
	struct pager told; /* what the step wants */
	char *heading, *machine;
	int rows, columns;
	bool heard; /* something came from the machine */
};

static void
shell_out(void *ctx, const char *data, size_t n)
{
	struct console *s = ctx;
	s->heard = true;
	pane_feed(s->pane, data, n);
	app_refresh(s->w->app);
}

static void
shell_done(void *ctx, const struct err *err)
{
	struct console *s = ctx;
	s->shell = NULL;
	if (err->code)
		wizard_tell(s->w, err);
	app_refresh(s->w->app);
}

static const struct shell_ops shell_ops = { shell_out, shell_done };

static void
typed(void *ctx, const char *bytes, size_t n)
{
	struct console *s = ctx;
	if (s->shell)
		s->transport->ops->shell_write(s->shell, bytes, n);
}

/* ---- the screen ---- */

static const char *
console_title(struct screen *screen)
{
	(void)screen;
	return _("console");
}

static const char *
console_hint(struct screen *screen)
{
	static char back[256];
	struct console *s = (struct console *)screen;
	int rows = pane_back(s->pane);
	if (rows) {
		snprintf(back, sizeof back, P_("%d row back: PgDn and PgUp read, any other key returns.",
					       "%d rows back: PgDn and PgUp read, any other key returns.",
					       rows), rows);
		return back;
	}
	if (!s->shell)
		return _("The shell has ended. Esc goes back; F5 looks at what was done by hand.");
	return s->heard ? _("All keys go to the machine; Ctrl-] comes back here and ends the shell.")
			: _("Connecting. Ctrl-] gives up.");
}

/* The machine is told once its window has another size. */
static void
size_follow(struct console *s, const struct area *a)
{
	if (a->h == s->rows && a->w == s->columns)
		return;
	s->rows = a->h;
	s->columns = a->w;
	pane_resize(s->pane, a->h, a->w);
	pane_size(s->pane, &s->rows, &s->columns);
	if (s->shell)
		s->transport->ops->shell_resize(s->shell, s->columns, s->rows);
	s->rows = a->h;
	s->columns = a->w;
}

static void
console_paint(struct screen *screen, const struct area *a)
{
	struct console *s = (struct console *)screen;
	bool beside = a->w >= SIDE_FROM;
	struct area told = beside ? area_cols(a, 0, SIDE_WIDTH) : area_rows(a, 0, ABOVE_ROWS);
	struct area right = beside ? area_cols(a, SIDE_WIDTH, -1) : area_rows(a, ABOVE_ROWS, -1);
	struct area in = paint_box(&told, ROLE_BORDER, s->heading);
	pager_paint(&s->told, &in, false);
	in = paint_box(&right, ROLE_TITLE, s->machine);
	size_follow(s, &in);
	pane_paint(s->pane, &in, true);
}

/* What has gone by is read with the page keys, unless a program there wants them. */
static bool
console_read(struct console *s, const struct key *k)
{
	int rows, columns, before = pane_back(s->pane);
	bool up = k->code == KEYC_PAGE_UP;
	if (!up && k->code != KEYC_PAGE_DOWN)
		return false;
	pane_size(s->pane, &rows, &columns);
	return pane_scroll(s->pane, up ? rows - 1 : 1 - rows) || before;
}

static bool
console_key(struct screen *screen, const struct key *k)
{
	struct console *s = (struct console *)screen;
	if (k->action == ACTION_RELEASE) {
		app_close(screen->app, screen);
		return true;
	}
	if (console_read(s, k))
		return true;
	if (!s->shell)
		pane_scroll(s->pane, -pane_back(s->pane));
	return s->shell && pane_key(s->pane, k);
}

static bool
console_grabs(struct screen *screen)
{
	return ((struct console *)screen)->shell != NULL;
}

static void
console_actions(struct screen *screen, struct action_set *set)
{
	if (!console_grabs(screen)) {
		action_add(set, ACTION_BACK);
		return;
	}
	action_remove(set, ACTION_HELP);
	action_remove(set, ACTION_QUIT);
	action_add(set, ACTION_RELEASE);
}

static void
console_close(struct screen *screen)
{
	struct console *s = (struct console *)screen;
	if (s->shell)
		s->transport->ops->shell_close(s->shell);
	s->transport->ops->close(s->transport);
	pane_free(s->pane);
	pager_done(&s->told);
	free(s->heading);
	free(s->machine);
	free(s);
}

static const struct screen_ops console_ops = {
	.title = console_title,
	.hint = console_hint,
	.paint = console_paint,
	.key = console_key,
	.grabs = console_grabs,
	.actions = console_actions,
	.close = console_close,
};

static void
told_add(struct console *s, enum role role, const char *text)
{
	if (text && *text)
		pager_add(&s->told, text, strlen(text), role, false);
}

static void
told_make(struct console *s, const struct task *t)
{
	CLEAN_STR heading = STR_INIT(1024);
	pager_init(&s->told);
	s->told.wrap = true;
	if (t) {
		task_title(&heading, t);
		told_add(s, ROLE_TEXT, view_reason(t));
		told_add(s, ROLE_HINT, view_hint(s->w->view, t));
		told_add(s, ROLE_TEXT, t->step->why);
	}
	pager_home(&s->told);
	s->heading = xstrdup(str_text(&heading));
}

void
screen_console(struct wizard *w, const struct node *node, const struct task *t)
{
	struct err err = { 0 };
	if (w->ws.world == WORLD_SIMULATED || !node) {
		app_say(w->app, ROLE_HINT, "%s",
			node ? _("A simulated machine has no shell; the lab's and real ones have.")
			     : _("This is the console itself: Ctrl-Z leads to its shell, 'fg' back."));
		return;
	}
	struct transport *transport = w->setup.sv->connect(w->loop, &w->ws.model, w->ws.world, node,
							    &w->asker, &err);
	if (!transport || !transport->ops->shell) {
		if (transport)
			transport->ops->close(transport);
		err.code = err.code ? err.code
				    : err_set(&err, -ENOTSUP, _("'%s' gives no terminal"), node->name);
		wizard_tell(w, &err);
		return;
	}
	struct console *s = xcalloc(1, sizeof *s);
	s->screen.ops = &console_ops;
	s->w = w;
	s->transport = transport;
	s->machine = xstrdup(node->name);
	s->pane = pane_new(ROWS, COLUMNS, typed, s);
	told_make(s, t);
	app_push(w->app, &s->screen);
	s->shell = transport->ops->shell(transport, COLUMNS, ROWS, &shell_ops, s);
}
