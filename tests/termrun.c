/* The program that is played, and the session around it. */
#include "tests/termrun.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "tui/app.h"

enum { ROWS = 24, COLUMNS = 80, LIST_ROWS = 50 };

/* ---- the program ------------------------------------------------------------------- */

struct rows {
	struct screen screen;
	int at, first;
};

/* What the program says beside the terminal. */
static int told_fd = -1;

static void
rows_paint(struct screen *s, const struct area *a)
{
	struct rows *r = (struct rows *)s;
	struct area in = paint_box(a, ROLE_BORDER, "Fifty machines");

	if (r->at >= r->first + in.h)
		r->first = r->at - in.h + 1;
	if (r->at < r->first)
		r->first = r->at;
	for (int y = 0; y < in.h && r->first + y < LIST_ROWS; y++) {
		char text[80];

		(void)snprintf(text, sizeof text, "hv-%02d.cluster.lan  10.10.0.%d  to do",
			       r->first + y, r->first + y);
		paint_pad(&in, y, 0, in.w, r->first + y == r->at ? ROLE_FOCUS : ROLE_TEXT, text,
			  CLIP_END);
	}
	paint_cursor(&in, r->at - r->first, 0);
}

static bool
rows_key(struct screen *s, const struct key *k)
{
	struct rows *r = (struct rows *)s;

	if (k->action == ACTION_DOWN && r->at < LIST_ROWS - 1)
		r->at++;
	else if (k->action == ACTION_UP && r->at > 0)
		r->at--;
	else if (k->action == ACTION_CANCEL)
		app_say(s->app, ROLE_WARN, "escaped");
	else if (k->ch == 'X')
		exit(7);
	else if (k->ch == 'T')
		(void)!write(told_fd, &(int){ TOLD_ALIVE }, sizeof(int));
	else
		return false;
	return true;
}

static void
rows_click(struct screen *s, int y, int x, int wheel)
{
	struct rows *r = (struct rows *)s;

	(void)x;
	if (!wheel && y >= 1 && r->first + y - 1 < LIST_ROWS)
		r->at = r->first + y - 1;
	app_say(s->app, ROLE_HINT, "at %d", r->at);
}

static void
rows_close(struct screen *s)
{
	free(s);
}

static const struct screen_ops rows_ops = { .paint = rows_paint,
					    .key = rows_key,
					    .click = rows_click,
					    .close = rows_close };

int
program(void)
{
	struct app_setup setup = { .chrome = { .program = "bascule" }, .term = { .mouse = true } };
	struct err e = { 0 };
	struct loop *l = loop_new();
	struct app *app = app_new(l, &setup, &e);
	struct rows *r = xcalloc(1, sizeof *r);

	alarm(100); /* a program that does not end must not stay behind */
	if (!app) {
		/* no exit(): curses leaves half a terminal behind, which is not our leak */
		fprintf(stderr, "%s\n", e.what);
		_exit(9);
	}
	r->screen.ops = &rows_ops;
	app_push(app, &r->screen);
	loop_run(l);
	app_free(app);
	loop_free(l);
	return 0;
}

/* ---- around it: a session as a shell makes one ------------------------------------- */

int64_t
real_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
be_program(int slave)
{
	setpgid(0, 0);
	signal(SIGTTOU, SIG_IGN);
	tcsetpgrp(slave, getpid());
	signal(SIGTTOU, SIG_DFL);
	dup2(slave, 0);
	dup2(slave, 1);
	exit(program());
}

/* The leader tells every change of the program's state through the pipe. */
static void
be_leader(int slave, int report)
{
	int status;
	pid_t pid;

	setsid();
	(void)ioctl(slave, TIOCSCTTY, 0);
	signal(SIGHUP, SIG_IGN);
	pid = fork();
	if (pid == 0) {
		told_fd = report;
		signal(SIGHUP, SIG_DFL);
		be_program(slave);
	}
	if (write(report, &pid, sizeof pid) < 0)
		_exit(1);
	do {
		if (waitpid(pid, &status, WUNTRACED) < 0 ||
		    write(report, &status, sizeof status) < 0)
			_exit(1);
	} while (WIFSTOPPED(status));
	_exit(0);
}

void
run_start(struct run *r, const char *type)
{
	struct winsize size = { .ws_row = ROWS, .ws_col = COLUMNS };
	int pipes[2];

	memset(r, 0, sizeof *r);
	r->bytes = STR_INIT(1 << 20);
	setenv("TERM", type, 1);
	assert_int_equal(openpty(&r->master, &r->slave, NULL, NULL, &size), 0);
	assert_int_equal(tcgetattr(r->slave, &r->before), 0);
	assert_int_equal(pipe(pipes), 0);
	(void)fflush(NULL);
	r->leader = fork();
	if (r->leader == 0) {
		close(r->master);
		close(pipes[0]);
		be_leader(r->slave, pipes[1]);
	}
	close(pipes[1]);
	r->report = pipes[0];
	r->pane = pane_new(ROWS, COLUMNS, NULL, NULL);
	assert_int_equal(read(r->report, &r->pid, sizeof r->pid), sizeof r->pid);
}

bool
run_pump(struct run *r, int ms)
{
	struct pollfd p = { .fd = r->master, .events = POLLIN };
	char bytes[4096];
	ssize_t n;

	if (poll(&p, 1, ms) <= 0)
		return false;
	n = read(r->master, bytes, sizeof bytes);
	if (n <= 0)
		return false;
	str_addn(&r->bytes, bytes, (size_t)n);
	pane_feed(r->pane, bytes, (size_t)n);
	return true;
}

bool
run_shows(struct run *r, const char *text)
{
	int rows, columns;

	pane_size(r->pane, &rows, &columns);
	for (int y = 0; y < rows; y++) {
		CLEAN_STR row = STR_INIT(8192);

		pane_row(r->pane, y, &row);
		if (strstr(str_text(&row), text))
			return true;
	}
	return false;
}

void
run_until(struct run *r, const char *text)
{
	int64_t end_ms = real_ms() + DEADLINE_MS;

	while (!run_shows(r, text)) {
		if (real_ms() > end_ms)
			fail_msg("the screen never shows '%s'", text);
		run_pump(r, 50);
	}
}

void
run_type(struct run *r, const char *keys)
{
	assert_int_equal(write(r->master, keys, strlen(keys)), strlen(keys));
}

int
run_status(struct run *r)
{
	struct pollfd p = { .fd = r->report, .events = POLLIN };
	int64_t end_ms = real_ms() + DEADLINE_MS;
	int status;

	while (poll(&p, 1, 0) == 0) {
		if (real_ms() > end_ms)
			fail_msg("it is still running");
		run_pump(r, 20);
	}
	assert_int_equal(read(r->report, &status, sizeof status), sizeof status);
	while (run_pump(r, 0)) {
		/* its last words */
	}
	return status;
}

void
assert_restored(struct run *r)
{
	struct termios now;
	int y, x;

	assert_int_equal(tcgetattr(r->slave, &now), 0);
	assert_int_equal(now.c_iflag, r->before.c_iflag);
	assert_int_equal(now.c_oflag, r->before.c_oflag);
	assert_int_equal(now.c_cflag, r->before.c_cflag);
	assert_int_equal(now.c_lflag, r->before.c_lflag);
	assert_memory_equal(now.c_cc, r->before.c_cc, sizeof now.c_cc);
	assert_true(pane_cursor(r->pane, &y, &x));
	assert_non_null(strstr(str_text(&r->bytes), "\033[?2004l"));
	assert_non_null(strstr(str_text(&r->bytes), "\033[?1049l"));
}

void
assert_taken(struct run *r)
{
	struct termios now;

	assert_int_equal(tcgetattr(r->slave, &now), 0);
	assert_int_equal(now.c_lflag & (ICANON | ECHO | ISIG), 0);
}

void
run_end(struct run *r)
{
	assert_int_equal(waitpid(r->leader, NULL, 0), r->leader);
	if (r->master >= 0)
		close(r->master);
	if (r->slave >= 0)
		close(r->slave);
	close(r->report);
	r->pane = pane_free(r->pane);
	str_done(&r->bytes);
}

void
run_begin(struct run *r)
{
	run_start(r, "xterm-256color");
	run_until(r, "hv-00");
}

void
run_quit(struct run *r)
{
	int status;

	run_type(r, "q");
	status = run_status(r);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_restored(r);
	run_end(r);
}
