/* Screen shots: a script of keys goes in, the text of the screen comes out, as a terminal
 * would show it. For tests, bug reports and pictures. One command a line:
 *   key NAME…         keys by their names: F4 x ^C Enter Space PgDn
 *   type TEXT         the rest of the line, character by character
 *   paste TEXT        the same as pasted text
 *   size 132x43       columns and rows; before the first key it is the size to begin with
 *   wait text TEXT    until the screen shows TEXT
 *   wait gone TEXT    until it does not
 *   wait N s          so many seconds of the loop's clock
 *   wait NAME         until the program says that this condition holds
 *   shot [NAME]       prints the screen
 *   roles [NAME]      prints the screen, and the role of every cell by a letter
 *   svg FILE          writes the screen as a picture
 * Blank lines and lines that begin with # mean nothing. */
#ifndef TUI_SHOT_H
#define TUI_SHOT_H

#include <stdio.h>

#include "base/err.h"
#include "tui/app.h"

struct shot;

struct shot_setup {
	const char *const *conditions; /* names that 'wait' knows, up to NULL; may be NULL */
	bool (*holds)(void *ctx, const char *condition);
	void *ctx;
	FILE *out;
	int wait_ms; /* of real time that a wait lasts at most; 0 = 60000 */
};

/* Reads the script. NULL and *e = "FILE:LINE: …" when anything in it is wrong: then nothing
 * has happened. */
struct shot *shot_read(const char *path, const struct shot_setup *setup, struct err *e);
struct shot *shot_parse(const char *name, const char *text, const struct shot_setup *setup,
			struct err *e);
struct shot *shot_free(struct shot *s); /* returns NULL */

/* The memory that app_new() shall take for its terminal. */
void shot_size(const struct shot *s, struct term_setup *ret_setup);
/* Runs the script on an app with that terminal, and the app's loop with it. E_TIMEOUT: a wait
 * was in vain. */
int shot_play(struct shot *s, struct app *app, struct err *e);

#endif
