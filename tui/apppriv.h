/* The stack of screens as its own files see it. */
#ifndef TUI_APPPRIV_H
#define TUI_APPPRIV_H

#include "base/vec.h"
#include "tui/app.h"

enum { SAID_MAX = 512 };

struct app {
	struct loop *loop;
	struct app_setup setup;
	VEC(struct screen *) stack;
	VEC(struct screen *) closed; /* freed when no call of theirs is under way */

	bool dirty;  /* something is not on the terminal yet */
	bool urgent; /* and a key caused it */
	bool stopped, ending, lost;
	int stuck_fd; /* the terminal takes no more at the moment; -1 = it does */
	int64_t painted_ms; /* of the real clock */
	int pace_fd;        /* a timer of the real clock: the loop's may be virtual */
	bool pacing;
	uint64_t escape_timer;

	char said[SAID_MAX]; /* on the hint line until the next key */
	enum role said_role;
	struct action_set shown; /* in the key bar of the last frame */
};

/* appframe.c */
/* Of the loop: before it sleeps, and when the terminal may be given a frame again. */
void app_before_sleep(void *app);
void app_on_pace(void *app, int fd, short revents);
/* What a terminal does not take yet waits; and so do the frames after it. */
void app_flush(struct app *app);

#endif
