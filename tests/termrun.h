/* A small program with a list of fifty rows, on a terminal (a pty) in a session as a shell makes one. */
#ifndef TESTS_TERMRUN_H
#define TESTS_TERMRUN_H

#include "tests/unit.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <termios.h>

#include "base/str.h"
#include "tui/vterm.h"

enum {
	DEADLINE_MS = 60000,
	TOLD_ALIVE = -1, /* what the program tells at the key T, beside the terminal */
};

struct run {
	pid_t leader, pid;
	int master, slave; /* -1 = the test closed it */
	int report;        /* every change of the program's state */
	struct termios before;
	struct pane *pane;
	struct str bytes; /* since the start, or since the test cleared them */
};

/* The program itself: in this process, on its stdin and stdout. */
int program(void);

/* Leaves with q, X (exit code 7) or a signal; says "escaped" at Esc, "at N" at a click. */
void run_start(struct run *r, const char *type);
void run_begin(struct run *r); /* in an xterm, until its rows are there */
/* Ends a program that has ended by now. */
void run_end(struct run *r);
/* By its key; the terminal is as it was. */
void run_quit(struct run *r);

/* Takes what the terminal shows for up to ms; false when nothing came. */
bool run_pump(struct run *r, int ms);
bool run_shows(struct run *r, const char *text);
void run_until(struct run *r, const char *text);
void run_type(struct run *r, const char *keys);
/* The next change of state, while the terminal is read: as waitpid() tells it. */
int run_status(struct run *r);

void assert_restored(struct run *r);
void assert_taken(struct run *r);
int64_t real_ms(void);

#endif
