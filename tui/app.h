/* The stack of screens on the loop: keys go to the topmost one, frames are painted once before
 * the loop sleeps: at once after a key, at most 20 a second for anything else. */
#ifndef TUI_APP_H
#define TUI_APP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/loop.h"
#include "tui/action.h"
#include "tui/chrome.h"
#include "tui/key.h"
#include "tui/paint.h"
#include "tui/term.h"

struct app;
struct screen;

/* All but paint may be NULL. None of them draws outside its area or waits for anything. */
struct screen_ops {
	const char *(*title)(struct screen *s); /* translated; right side of the title bar */
	const char *(*hint)(struct screen *s);  /* the line above the key bar */
	void (*paint)(struct screen *s, const struct area *a);
	bool (*key)(struct screen *s, const struct key *k); /* true = it was for me */
	void (*actions)(struct screen *s, struct action_set *set); /* what works now */
	bool (*editing)(struct screen *s); /* the focus is in an input field */
	/* All keys but RELEASE come as they are, without actions (a console pane). */
	bool (*grabs)(struct screen *s);
	/* A dialog: fills in the size it wants of an area at most that large; it is painted in
	 * the middle over the screen below. */
	void (*size)(struct screen *s, int *h, int *w);
	void (*resize)(struct screen *s); /* the terminal has another size now */
	void (*shown)(struct screen *s);  /* it is on top (again) */
	void (*click)(struct screen *s, int y, int x, int wheel); /* with --mouse; in its area */
	void (*close)(struct screen *s);  /* off the stack for good: frees s */
};

/* First member of a screen's own struct. */
struct screen {
	const struct screen_ops *ops;
	struct app *app;   /* set by app_push */
	struct area area;  /* where it was painted last */
};

struct app_setup {
	struct term_setup term;
	struct chrome chrome;
	/* Whether the program may end now; it opens its own dialog and returns false to ask.
	 * NULL = always. */
	bool (*may_quit)(void *ctx);
	/* SIGTERM, SIGHUP or the terminal is gone: stop what runs; app_stop() follows by itself
	 * unless this returns false, and then the owner calls it. */
	bool (*ending)(void *ctx, int signo);
	/* An action that no screen took; false = not mine either. */
	bool (*action)(void *ctx, const struct key *k);
	void *ctx;
};

/* Takes the terminal. NULL with *e filled when it cannot. */
struct app *app_new(struct loop *l, const struct app_setup *setup, struct err *e);
struct app *app_free(struct app *app); /* closes all screens, gives the terminal back; NULL */

void app_push(struct app *app, struct screen *take_s);
/* Closes the topmost one. From inside its own ops as well: it is freed later. */
void app_pop(struct app *app);
void app_close(struct app *app, struct screen *s); /* wherever it is on the stack */
void app_replace(struct app *app, struct screen *take_s); /* the topmost one */
struct screen *app_top(const struct app *app);
int app_depth(const struct app *app);

/* Something to be seen has changed: the next frame shows it. */
void app_refresh(struct app *app);
/* A sentence on the hint line until the next key. Copied. */
void app_say(struct app *app, enum role r, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
struct chrome *app_chrome(struct app *app); /* to be changed, then app_refresh() */
struct loop *app_loop(const struct app *app);

/* As if the key had been pressed. */
void app_key(struct app *app, uint32_t code);
void app_paste(struct app *app, uint32_t ch);
void app_quit(struct app *app); /* asks may_quit, then stops */
void app_stop(struct app *app); /* ends loop_run() */
bool app_stopped(const struct app *app);
/* Paints now if there is something to paint: for shots and tests. */
void app_frame(struct app *app);
/* And sends it: before something that takes a moment. */
void app_show(struct app *app);
void app_resized(struct app *app); /* the size was changed by term_resize() */

#endif
