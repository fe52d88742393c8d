/* The stack of screens, and the way of a key through it. */
#include "tui/apppriv.h"

#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/nls.h"
#include "tui/dump.h"
#include "tui/help.h"

/* ---- the stack --------------------------------------------------------------------- */

struct screen *
app_top(const struct app *app)
{
	return app->stack.n ? app->stack.at[app->stack.n - 1] : NULL;
}

int
app_depth(const struct app *app)
{
	return (int)app->stack.n;
}

static void
top_shown(struct app *app)
{
	struct screen *s = app_top(app);

	if (s && s->ops->shown)
		s->ops->shown(s);
	app_refresh(app);
}

void
app_push(struct app *app, struct screen *take_s)
{
	take_s->app = app;
	vec_push(&app->stack, take_s);
	top_shown(app);
}

static void
free_closed(void *ctx)
{
	struct app *app = ctx;

	for (size_t i = 0; i < app->closed.n; i++)
		if (app->closed.at[i]->ops->close)
			app->closed.at[i]->ops->close(app->closed.at[i]);
	app->closed.n = 0;
}

void
app_close(struct app *app, struct screen *s)
{
	for (size_t i = app->stack.n; i-- > 0;) {
		if (app->stack.at[i] != s)
			continue;
		bool was_top = i + 1 == app->stack.n;
		vec_remove(&app->stack, i);
		if (!app->closed.n)
			loop_defer(app->loop, free_closed, app);
		vec_push(&app->closed, s);
		if (was_top)
			top_shown(app);
		return;
	}
}

void
app_pop(struct app *app)
{
	if (app->stack.n)
		app_close(app, app_top(app));
}

void
app_replace(struct app *app, struct screen *take_s)
{
	struct screen *old = app_top(app);

	app_push(app, take_s);
	if (old)
		app_close(app, old);
}

/* ---- keys -------------------------------------------------------------------------- */

void
app_say(struct app *app, enum role r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(app->said, sizeof app->said, fmt, ap);
	va_end(ap);
	app->said_role = r;
	app_refresh(app);
}

static void
suspend(struct app *app)
{
	if (term_fd() < 0)
		return;
	term_suspend();
	app_resized(app);
}

static void
go_back(struct app *app)
{
	if (app->stack.n > 1)
		app_pop(app);
}

/* The screen as it is, for a report of a mistake. */
static void
save_screen(struct app *app)
{
	struct err e = { 0 };
	CLEANUP(freep) char *path = NULL;

	app_frame(app);
	path = dump_screen(&e);
	if (path)
		app_say(app, ROLE_HINT, _("this screen is in %s"), path);
	else
		app_say(app, ROLE_FAIL, "%s", e.what);
}

/* What works on every screen that does not do it itself. */
static void
default_action(struct app *app, const struct key *k)
{
	switch (k->action) {
	case ACTION_HELP:
		app_push(app, help_new(&app->shown));
		break;
	case ACTION_REDRAW:
		term_redraw();
		break;
	case ACTION_SUSPEND:
		suspend(app);
		break;
	case ACTION_SAVE_SCREEN:
		save_screen(app);
		break;
	case ACTION_BACK:
	case ACTION_CANCEL:
		go_back(app);
		break;
	case ACTION_STOP:
	case ACTION_QUIT:
		app_quit(app);
		break;
	default:
		break;
	}
}

static void
key_event(struct app *app, uint32_t code, bool pasted)
{
	struct screen *s = app_top(app);
	bool editing = s && s->ops->editing && s->ops->editing(s);
	bool grabs = s && s->ops->grabs && s->ops->grabs(s);
	struct key k = key_make(code, editing, pasted);

	app->said[0] = '\0';
	app->dirty = app->urgent = true;
	if (grabs && k.action != ACTION_RELEASE)
		k.action = ACTION_NONE;
	if (s && s->ops->key && s->ops->key(s, &k))
		return;
	if (k.action == ACTION_NONE)
		return;
	if (!app->setup.action || !app->setup.action(app->setup.ctx, &k))
		default_action(app, &k);
}

void
app_key(struct app *app, uint32_t code)
{
	key_event(app, code, false);
}

void
app_paste(struct app *app, uint32_t ch)
{
	key_event(app, ch, true);
}

static void
mouse_event(struct app *app, const struct term_input *in)
{
	struct screen *s = app_top(app);
	struct area all = paint_screen();
	enum action a = ACTION_NONE;

	if (!in->wheel && in->y == all.h - 1)
		a = chrome_key_at(all.w, &app->shown, in->x);
	if (a != ACTION_NONE) {
		app_key(app, key_first(a));
	} else if (s && s->ops->click && in->y >= s->area.y && in->y < s->area.y + s->area.h &&
		   in->x >= s->area.x && in->x < s->area.x + s->area.w) {
		app->dirty = app->urgent = true;
		s->ops->click(s, in->y - s->area.y, in->x - s->area.x, in->wheel);
	} else if (in->wheel) {
		app_key(app, in->wheel < 0 ? KEYC_UP : KEYC_DOWN);
	}
}

/* ---- the end ----------------------------------------------------------------------- */

void
app_stop(struct app *app)
{
	app->stopped = true;
	loop_stop(app->loop);
}

bool
app_stopped(const struct app *app)
{
	return app->stopped;
}

void
app_quit(struct app *app)
{
	if (!app->setup.may_quit || app->setup.may_quit(app->setup.ctx))
		app_stop(app);
}

static void
end(struct app *app, int signo)
{
	if (app->ending)
		return;
	app->ending = true;
	if (!app->setup.ending || app->setup.ending(app->setup.ctx, signo))
		app_stop(app);
}

/* ---- events of the loop ------------------------------------------------------------ */

static void read_keys(struct app *app, bool final);

static void
on_escape(void *ctx)
{
	struct app *app = ctx;

	app->escape_timer = 0;
	read_keys(app, true);
}

static void
lose(struct app *app)
{
	app->lost = true;
	app_flush(app);
	loop_fd_del(app->loop, term_fd());
	end(app, SIGHUP);
}

static void
read_keys(struct app *app, bool final)
{
	struct term_input in;
	enum term_event event;

	loop_timer_del(app->loop, app->escape_timer);
	app->escape_timer = 0;
	while ((event = term_read(final, &in)) == TERM_KEY || event == TERM_MOUSE) {
		if (event == TERM_MOUSE)
			mouse_event(app, &in);
		else if (in.pasted)
			app_paste(app, in.code);
		else
			app_key(app, in.code);
	}
	if (event == TERM_PARTIAL)
		app->escape_timer =
			loop_timer_add(app->loop, term_escape_ms(), on_escape, app);
	if (event == TERM_LOST)
		lose(app);
}

static void
on_tty(void *ctx, int fd, short revents)
{
	struct app *app = ctx;

	(void)fd;
	if (revents & POLLIN)
		read_keys(app, false);
	else if (revents & (POLLHUP | POLLERR | POLLNVAL))
		lose(app);
}

void
app_resized(struct app *app)
{
	app->dirty = app->urgent = true;
	for (size_t i = 0; i < app->stack.n; i++)
		if (app->stack.at[i]->ops->resize)
			app->stack.at[i]->ops->resize(app->stack.at[i]);
}

static void
on_winch(void *ctx)
{
	if (term_follow_size())
		app_resized(ctx);
}

static void
on_continue(void *ctx)
{
	term_retake();
	app_resized(ctx);
}

static void
on_stop_signal(void *ctx)
{
	suspend(ctx);
}

static void
on_term(void *ctx)
{
	end(ctx, SIGTERM);
}

static void
on_hup(void *ctx)
{
	end(ctx, SIGHUP);
}

static void
on_int(void *ctx)
{
	app_key(ctx, 3);
}

static const struct {
	int signo;
	loop_fn fn;
} signals[] = {
	{ SIGWINCH, on_winch }, { SIGCONT, on_continue }, { SIGTSTP, on_stop_signal },
	{ SIGTERM, on_term },	{ SIGHUP, on_hup },	  { SIGINT, on_int },
};

/* ---- life -------------------------------------------------------------------------- */

static void
watch_terminal(struct app *app)
{
	loop_fd_set(app->loop, term_fd(), POLLIN, on_tty, app);
	loop_fd_idle(app->loop, term_fd());
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		loop_signal(app->loop, signals[i].signo, signals[i].fn, app);
}

struct app *
app_new(struct loop *l, const struct app_setup *setup, struct err *e)
{
	struct app *app;

	if (term_enter(&setup->term, e) < 0) {
		term_leave();
		return NULL;
	}
	app = xcalloc(1, sizeof *app);
	app->loop = l;
	app->setup = *setup;
	app->dirty = app->urgent = true;
	app->stuck_fd = -1;
	app->pace_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	loop_fd_set(l, app->pace_fd, POLLIN, app_on_pace, app);
	loop_fd_idle(l, app->pace_fd);
	loop_before_sleep(l, app_before_sleep, app);
	if (term_fd() >= 0)
		watch_terminal(app);
	return app;
}

struct app *
app_free(struct app *app)
{
	if (!app)
		return NULL;
	while (app->stack.n)
		app_pop(app);
	free_closed(app);
	loop_forget(app->loop, app);
	loop_before_sleep(app->loop, NULL, NULL);
	loop_timer_del(app->loop, app->escape_timer);
	loop_fd_del(app->loop, app->pace_fd);
	if (app->stuck_fd >= 0)
		loop_fd_del(app->loop, app->stuck_fd);
	if (term_fd() >= 0) {
		loop_fd_del(app->loop, term_fd());
		for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
			loop_signal(app->loop, signals[i].signo, NULL, NULL);
	}
	term_leave();
	close(app->pace_fd);
	vec_free(&app->stack);
	vec_free(&app->closed);
	free(app);
	return NULL;
}

struct chrome *
app_chrome(struct app *app)
{
	return &app->setup.chrome;
}

struct loop *
app_loop(const struct app *app)
{
	return app->loop;
}
