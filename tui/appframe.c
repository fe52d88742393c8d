/* What a frame consists of, and when one is painted: before the loop sleeps, not too often, and never
 * while the terminal takes none. */
#include "tui/apppriv.h"

#include <poll.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { FRAME_MS = 50 };

static int64_t
real_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
app_refresh(struct app *app)
{
	app->dirty = true;
}

static void
paint_screen_of(struct screen *s, const struct area *body)
{
	int h = body->h, w = body->w;

	s->area = *body;
	if (s->ops->size) {
		s->ops->size(s, &h, &w);
		s->area = area_center(body, h, w);
	}
	if (s->ops->paint)
		s->ops->paint(s, &s->area);
}

/* The lowest screen that can be seen: all above it are dialogs. */
static size_t
lowest_seen(const struct app *app)
{
	size_t i = app->stack.n;

	while (i-- > 1)
		if (!app->stack.at[i]->ops->size)
			return i;
	return 0;
}

/* The screen whose title is shown: that below the dialogs. */
static const char *
title_now(const struct app *app)
{
	struct screen *s = app->stack.n ? app->stack.at[lowest_seen(app)] : NULL;

	return s && s->ops->title ? s->ops->title(s) : NULL;
}

static void
paint_hint_row(struct app *app, const struct area *row)
{
	struct screen *s = app_top(app);

	if (*app->said)
		chrome_hint(row, app->said, app->said_role);
	else
		chrome_hint(row, s && s->ops->hint ? s->ops->hint(s) : NULL, ROLE_HINT);
}

static void
collect_actions(struct app *app)
{
	struct screen *s = app_top(app);

	memset(&app->shown, 0, sizeof app->shown);
	action_add(&app->shown, ACTION_HELP);
	action_add(&app->shown, ACTION_QUIT);
	if (s && s->ops->actions)
		s->ops->actions(s, &app->shown);
}

static void
paint_all(struct app *app, const struct area *all)
{
	/* a sentence that fits in 80 columns needs two rows in fewer */
	int hints = all->w < CHROME_COLUMNS_FULL ? 2 : 1;
	struct area title = area_rows(all, 0, 1), body = area_rows(all, 1, all->h - 2 - hints);
	struct area hint = area_rows(all, all->h - 1 - hints, hints);
	struct area keys = area_rows(all, all->h - 1, 1);

	chrome_title(&title, &app->setup.chrome, title_now(app));
	paint_hint_row(app, &hint);
	collect_actions(app);
	chrome_keys(&keys, &app->shown);
	for (size_t i = lowest_seen(app); i < app->stack.n; i++)
		paint_screen_of(app->stack.at[i], &body);
}

void
app_frame(struct app *app)
{
	struct area all;

	if (!app->dirty || app->lost)
		return;
	app->dirty = app->urgent = false;
	app->painted_ms = real_ms();
	paint_begin();
	all = paint_screen();
	if (all.h < CHROME_ROWS_MIN || all.w < CHROME_COLUMNS_MIN)
		chrome_too_small(&all);
	else
		paint_all(app, &all);
	paint_end();
}

static void
pace(struct app *app, int64_t ms)
{
	struct itimerspec when = { .it_value = { ms / 1000, ms % 1000 * 1000000 } };

	if (!app->pacing)
		timerfd_settime(app->pace_fd, 0, &when, NULL);
	app->pacing = true;
}

void
app_on_pace(void *ctx, int fd, short revents)
{
	struct app *app = ctx;
	uint64_t count;

	(void)revents;
	app->pacing = read(fd, &count, sizeof count) < 0;
}

static void
on_writable(void *ctx, int fd, short revents)
{
	(void)fd;
	(void)revents;
	app_flush(ctx);
}

void
app_flush(struct app *app)
{
	int fd = app->lost ? -1 : term_flush();

	if (fd >= 0 && app->stuck_fd < 0) {
		loop_fd_set(app->loop, fd, POLLOUT, on_writable, app);
		loop_fd_idle(app->loop, fd);
	} else if (fd < 0 && app->stuck_fd >= 0) {
		loop_fd_del(app->loop, app->stuck_fd);
	}
	app->stuck_fd = fd;
}

void
app_show(struct app *app)
{
	if (app->stuck_fd >= 0)
		return;
	app_frame(app);
	app_flush(app);
}

void
app_before_sleep(void *ctx)
{
	struct app *app = ctx;
	int64_t age_ms = real_ms() - app->painted_ms;

	if (!app->dirty || app->lost || app->stuck_fd >= 0)
		return;
	if (!app->urgent && age_ms < FRAME_MS)
		pace(app, FRAME_MS - age_ms);
	else
		app_frame(app);
	app_flush(app);
}
