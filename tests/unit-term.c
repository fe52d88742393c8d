/* A program on a real terminal (a pty): whatever ends it, the terminal is as it was before; it
 * costs nothing while nobody types, and few bytes when somebody does. */
#include "tests/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/str.h"
#include "tui/app.h"
#include "tui/vterm.h"

enum { DEADLINE_MS = 10000, ROWS = 24, COLUMNS = 80, LIST_ROWS = 50 };

/* ---- the program ------------------------------------------------------------------- */

struct rows {
	struct screen screen;
	int at, first;
};

/* What the program says beside the terminal. */
static int told_fd = -1;
enum { TOLD_ALIVE = -1 };

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

static int
program(void)
{
	struct app_setup setup = { .chrome = { .program = "bascule" }, .term = { .mouse = true } };
	struct err e = { 0 };
	struct loop *l = loop_new();
	struct app *app = app_new(l, &setup, &e);
	struct rows *r = xcalloc(1, sizeof *r);

	alarm(30); /* a program that does not end must not stay behind */
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

struct run {
	pid_t leader, pid;
	int master, slave, report;
	struct termios before;
	struct pane *pane;
	struct str bytes; /* since the last run_mark() */
};

static int64_t
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

static void
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

/* Takes what the terminal shows for up to ms; false when nothing came. */
static bool
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

static bool
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

static void
run_until(struct run *r, const char *text)
{
	int64_t end_ms = real_ms() + DEADLINE_MS;

	while (!run_shows(r, text)) {
		if (real_ms() > end_ms)
			fail_msg("the screen never shows '%s'", text);
		run_pump(r, 50);
	}
}

static void
run_type(struct run *r, const char *keys)
{
	assert_int_equal(write(r->master, keys, strlen(keys)), strlen(keys));
}

/* The next change of state, while the terminal is read. */
static int
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

static void
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

static void
assert_taken(struct run *r)
{
	struct termios now;

	assert_int_equal(tcgetattr(r->slave, &now), 0);
	assert_int_equal(now.c_lflag & (ICANON | ECHO | ISIG), 0);
}

static void
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

/* ---- a terminal that takes nothing --------------------------------------------------- */

/* Redraws until far more has been drawn than a terminal keeps, while nobody reads it; each time the
 * program answers beside it. */
static void
stall(struct run *r)
{
	for (int i = 0; i < 200; i++) {
		struct pollfd p = { .fd = r->report, .events = POLLIN };
		int told = 0;

		run_type(r, "\fT");
		if (poll(&p, 1, DEADLINE_MS) <= 0)
			fail_msg("after %d frames that nobody reads it stands still", i);
		assert_int_equal(read(r->report, &told, sizeof told), sizeof told);
		assert_int_equal(told, TOLD_ALIVE);
	}
}

static void
test_stalled(void **state)
{
	struct run r;
	int status;

	(void)state;
	run_start(&r, "xterm-256color");
	run_until(&r, "hv-00");
	stall(&r);
	run_type(&r, "\033");
	run_until(&r, "escaped");
	run_type(&r, "q");
	status = run_status(&r);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_restored(&r);
	run_end(&r);
}

static void
test_stalled_end(void **state)
{
	struct run r;
	struct termios now;
	struct pollfd p;
	int status;

	(void)state;
	run_start(&r, "xterm-256color");
	run_until(&r, "hv-00");
	stall(&r);
	run_type(&r, "X");
	p = (struct pollfd){ .fd = r.report, .events = POLLIN };
	assert_int_equal(poll(&p, 1, DEADLINE_MS), 1);
	assert_int_equal(read(r.report, &status, sizeof status), sizeof status);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	assert_int_equal(tcgetattr(r.slave, &now), 0);
	assert_int_equal(now.c_lflag, r.before.c_lflag);
	assert_int_equal(now.c_iflag, r.before.c_iflag);
	run_end(&r);
}

/* ---- ways to end ------------------------------------------------------------------- */

static void
test_quit(void **state)
{
	struct run r;
	int status;

	(void)state;
	run_start(&r, "xterm-256color");
	run_until(&r, "hv-00");
	assert_taken(&r);
	run_type(&r, "q");
	status = run_status(&r);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	assert_restored(&r);
	run_end(&r);
}

static void
test_exit_in_the_middle(void **state)
{
	struct run r;
	int status;

	(void)state;
	run_start(&r, "xterm-256color");
	run_until(&r, "hv-00");
	run_type(&r, "X");
	status = run_status(&r);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	assert_restored(&r);
	run_end(&r);
}

static void
test_signals(void **state)
{
	static const struct {
		int signo;
		bool by_signal; /* it dies of it; else it ends by itself */
	} ways[] = {
		{ SIGTERM, false }, { SIGHUP, false }, { SIGINT, false }, { SIGABRT, true },
		{ SIGSEGV, true }, { SIGQUIT, true }, { SIGBUS, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		struct run r;
		int status;

		run_start(&r, "xterm-256color");
		run_until(&r, "hv-00");
		assert_taken(&r);
		kill(r.pid, ways[i].signo);
		status = run_status(&r);
		if (ways[i].by_signal)
			assert_true(WIFSIGNALED(status) && WTERMSIG(status) == ways[i].signo);
		else
			assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
		assert_restored(&r);
		run_end(&r);
	}
}

/* The terminal's window is closed. */
static void
test_lost_terminal(void **state)
{
	struct pollfd p;
	struct run r;
	int status;

	(void)state;
	run_start(&r, "xterm-256color");
	run_until(&r, "hv-00");
	close(r.slave);
	close(r.master);
	r.slave = r.master = -1;
	p = (struct pollfd){ .fd = r.report, .events = POLLIN };
	assert_int_equal(poll(&p, 1, DEADLINE_MS), 1);
	assert_int_equal(read(r.report, &status, sizeof status), sizeof status);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	run_end(&r);
}

/* The same when no signal tells of it: it must not spin on a terminal that is gone. */
static void
test_lost_terminal_without_signal(void **state)
{
	int master, slave, status = 0;
	struct pollfd p;
	pid_t pid;
	char bytes[4096];

	(void)state;
	assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
	(void)fflush(NULL);
	pid = fork();
	if (pid == 0) {
		close(master);
		dup2(slave, 0);
		dup2(slave, 1);
		exit(program());
	}
	p = (struct pollfd){ .fd = master, .events = POLLIN };
	assert_int_equal(poll(&p, 1, DEADLINE_MS), 1);
	assert_true(read(master, bytes, sizeof bytes) > 0);
	close(slave);
	close(master);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void
test_suspend_and_continue(void **state)
{
	struct run r;
	int status;

	(void)state;
	for (int way = 0; way < 3; way++) {
		run_start(&r, "xterm-256color");
		run_until(&r, "hv-00");
		if (way == 0)
			run_type(&r, "\032");
		else
			kill(r.pid, way == 1 ? SIGTSTP : SIGSTOP);
		status = run_status(&r);
		assert_true(WIFSTOPPED(status));
		if (way < 2)
			assert_restored(&r);
		/* what a shell does meanwhile */
		assert_int_equal(tcsetattr(r.slave, TCSANOW, &r.before), 0);
		pane_feed(r.pane, "\033[2J", 4);
		assert_false(run_shows(&r, "hv-00"));
		kill(r.pid, SIGCONT);
		run_until(&r, "hv-00");
		run_type(&r, "j");
		run_pump(&r, 1000);
		assert_taken(&r);
		run_type(&r, "q");
		status = run_status(&r);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
		assert_restored(&r);
		run_end(&r);
	}
}

/* ---- on the way -------------------------------------------------------------------- */

static void
test_follows_the_size(void **state)
{
	struct winsize small = { .ws_row = 10, .ws_col = 40 };
	struct winsize large = { .ws_row = 40, .ws_col = 100 };
	struct run r;

	(void)state;
	run_start(&r, "xterm-256color");
	run_until(&r, "hv-00");
	pane_resize(r.pane, 10, 40);
	assert_int_equal(ioctl(r.master, TIOCSWINSZ, &small), 0);
	run_until(&r, "this is 40x10");
	pane_resize(r.pane, 40, 100);
	assert_int_equal(ioctl(r.master, TIOCSWINSZ, &large), 0);
	run_until(&r, "hv-34");
	run_type(&r, "q");
	run_status(&r);
	assert_restored(&r);
	run_end(&r);
}

static void
test_escape_alone_is_quick(void **state)
{
	struct run r;
	int64_t start_ms;

	(void)state;
	run_start(&r, "xterm-256color");
	run_until(&r, "hv-00");
	start_ms = real_ms();
	run_type(&r, "\033");
	run_until(&r, "escaped");
	/* 100 ms, and what a busy machine adds */
	assert_in_range(real_ms() - start_ms, 90, 1000);
	run_type(&r, "q");
	run_status(&r);
	run_end(&r);
}

static void
test_function_keys_of_terminals(void **state)
{
	static const struct {
		const char *type, *help;
	} terminals[] = {
		{ "xterm-256color", "\033OP" },
		{ "xterm", "\033OP" },
		{ "linux", "\033[[A" },
		{ "screen", "\033OP" },
		{ "vt100", "\033OP" },
		{ "tmux-256color", "\0331" }, /* Alt-1 where function keys are taken */
	};

	(void)state;
	for (size_t i = 0; i < sizeof terminals / sizeof *terminals; i++) {
		struct run r;
		int status;

		run_start(&r, terminals[i].type);
		run_until(&r, "hv-00");
		run_type(&r, terminals[i].help);
		run_until(&r, "On this screen");
		kill(r.pid, SIGTERM);
		status = run_status(&r);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
		run_end(&r);
	}
}

/* A row, and a word of the key bar, which is as if its key had been pressed. */
static void
test_mouse(void **state)
{
	struct run r;

	(void)state;
	run_start(&r, "xterm-256color");
	run_until(&r, "hv-00");
	assert_non_null(strstr(str_text(&r.bytes), "\033[?1006h"));
	run_type(&r, "\033[<0;10;7M\033[<0;10;7m");
	run_until(&r, "at 4");
	run_type(&r, "\033[<0;3;24M");
	run_until(&r, "On this screen");
	kill(r.pid, SIGTERM);
	run_status(&r);
	assert_restored(&r);
	assert_non_null(strstr(str_text(&r.bytes), "\033[?1000l"));
	run_end(&r);
}

static void
test_unusable_terminal(void **state)
{
	struct run r;
	int status;

	(void)state;
	run_start(&r, "no-such-terminal");
	status = run_status(&r);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 9);
	run_end(&r);
}

/* ---- what it costs ----------------------------------------------------------------- */

static void
pump_all(struct run *r)
{
	while (run_pump(r, 100)) {
		/* until it is quiet */
	}
}

/* A number of /proc/PID/status. */
static long
status_of(pid_t pid, const char *name)
{
	char path[64], line[128];
	long n = -1;
	FILE *in;

	(void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	in = fopen(path, "r");
	assert_non_null(in);
	while (fgets(line, sizeof line, in))
		if (str_starts(line, name))
			n = strtol(strchr(line, ':') + 1, NULL, 10);
	(void)fclose(in);
	return n;
}

static void
test_bytes_of_an_arrow_key(void **state)
{
	struct run r;
	size_t total, most = 0;
	int64_t start_ms = real_ms(), frame_ms;

	(void)state;
	run_start(&r, "xterm-256color");
	run_until(&r, "F10");
	frame_ms = real_ms() - start_ms;
	pump_all(&r);
	printf("# first frame: %zu bytes, %lld ms after fork(), %ld KiB resident\n", r.bytes.len,
	       (long long)frame_ms, status_of(r.pid, "VmRSS:"));
	total = 0;
	for (int i = 0; i < 15; i++) {
		str_clear(&r.bytes);
		run_type(&r, "\033OB");
		assert_true(run_pump(&r, DEADLINE_MS));
		pump_all(&r);
		total += r.bytes.len;
		most = r.bytes.len > most ? r.bytes.len : most;
	}
	printf("# arrow key in a list: %zu bytes, at most %zu\n", total / 15, most);
	assert_in_range(total / 15, 1, 120);
	run_type(&r, "q");
	run_status(&r);
	run_end(&r);
}

/* Nobody types: it sleeps, and is not woken once. */
static void
test_idle_costs_nothing(void **state)
{
	struct run r;
	long before;
	int64_t end_ms;

	(void)state;
	run_start(&r, "xterm-256color");
	run_until(&r, "F10");
	pump_all(&r);
	before = status_of(r.pid, "voluntary_ctxt_switches:");
	assert_true(before > 0);
	for (end_ms = real_ms() + 1000; real_ms() < end_ms;)
		assert_false(run_pump(&r, 1000));
	assert_int_equal(status_of(r.pid, "voluntary_ctxt_switches:"), before);
	run_type(&r, "q");
	run_status(&r);
	run_end(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stalled),
		cmocka_unit_test(test_stalled_end),
		cmocka_unit_test(test_quit),
		cmocka_unit_test(test_exit_in_the_middle),
		cmocka_unit_test(test_signals),
		cmocka_unit_test(test_lost_terminal),
		cmocka_unit_test(test_lost_terminal_without_signal),
		cmocka_unit_test(test_suspend_and_continue),
		cmocka_unit_test(test_follows_the_size),
		cmocka_unit_test(test_escape_alone_is_quick),
		cmocka_unit_test(test_function_keys_of_terminals),
		cmocka_unit_test(test_mouse),
		cmocka_unit_test(test_unusable_terminal),
		cmocka_unit_test(test_bytes_of_an_arrow_key),
		cmocka_unit_test(test_idle_costs_nothing),
	};

	setlocale(LC_ALL, "C.UTF-8");
	unsetenv("NO_COLOR");
	unsetenv("ESCDELAY");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
