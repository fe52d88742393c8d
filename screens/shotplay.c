/* A script of keys instead of a person: the screens are painted into a memory, the clock stands
 * still but for the script's waits, and every script begins on the same day. */
#include "screens/wizard.h"

#include <stdio.h>
#include <string.h>
#include "base/nls.h"
#include "base/wall.h"
#include "tui/shot.h"

/* 15 January 2026, 9 o'clock. */
enum { FIRST_DAY_S = 1768467600 };

static const char *const conditions[] = { "idle", "running", "asking", NULL };

static bool
holds(void *ctx, const char *condition)
{
	const struct wizard *w = ctx;
	if (!strcmp(condition, "asking"))
		return w->asked.n > 0;
	return w->running == !strcmp(condition, "running");
}

static int
script_told(const struct err *err)
{
	if (err->hint[0])
		fprintf(stderr, _("bascule: %s\n  %s\n"), err->what, err->hint);
	else
		fprintf(stderr, _("bascule: %s\n"), err->what);
	return err->code == E_TIMEOUT ? EXIT_FAILED : EXIT_INPUT;
}

struct shot *
wizard_script(struct wizard *w)
{
	struct err err = { 0 };
	const struct shot_setup setup = {
		.conditions = conditions,
		.holds = holds,
		.ctx = w,
		.out = stdout,
	};
	struct shot *s = shot_read(w->setup.shot, &setup, &err);
	if (!s) {
		script_told(&err);
		return NULL;
	}
	loop_clock_virtual(w->loop, w->setup.speed);
	wall_follow(w->loop, FIRST_DAY_S);
	return s;
}

void
wizard_play(struct wizard *w, struct shot *s)
{
	struct err err = { 0 };
	int code = shot_play(s, w->app, &err) ? script_told(&err) : EXIT_DONE;
	wizard_abort(w);
	w->code = code; /* not that of a run */
	wall_follow(NULL, 0);
}
