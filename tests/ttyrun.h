/* A program on a terminal of its own, played by a test: keys go in, what the screen shows comes out. */
#ifndef TESTS_TTYRUN_H
#define TESTS_TTYRUN_H

#include <stdbool.h>
#include <sys/types.h>
#include <termios.h>
#include "tui/vterm.h"

struct ttyrun {
	pid_t pid;    /* 0 = it was waited for */
	int fd;       /* the terminal's other end */
	bool closed;  /* nobody has the terminal any more */
	struct pane *pane;
	struct termios before;
};

/* argv ends with NULL. The test ends when that can't be done. */
struct ttyrun *ttyrun_start(char *const argv[], int rows, int columns);
struct ttyrun *ttyrun_free(struct ttyrun *r); /* kills what still runs; returns NULL */

void ttyrun_type(struct ttyrun *r, const char *bytes);
void ttyrun_resize(struct ttyrun *r, int rows, int columns);
/* Takes what was put out, and waits at most so long for some. False: there was none. */
bool ttyrun_turn(struct ttyrun *r, int max_ms);
bool ttyrun_shows(const struct ttyrun *r, const char *text);
/* Until it shows the text; what it shows instead is told. */
bool ttyrun_wait(struct ttyrun *r, const char *text, int limit_ms);
void ttyrun_tell(const struct ttyrun *r);
/* Until it has ended by itself: its exit code, 128 + signal; -1 = it has not. */
int ttyrun_end(struct ttyrun *r, int limit_ms);
/* Is the terminal in the modes that it was in before? Before anybody reads it to its end. */
bool ttyrun_is_restored(const struct ttyrun *r);

#endif
