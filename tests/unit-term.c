/* A program on a real terminal (a pty): whatever ends it, the terminal is as it was before; it
 * costs nothing while nobody types, and few bytes when somebody does. */
#include "tests/termrun.h"

#include <locale.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

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

	(void)state;
	run_begin(&r);
	stall(&r);
	run_type(&r, "\033");
	run_until(&r, "escaped");
	run_quit(&r);
}

static void
test_stalled_end(void **state)
{
	struct run r;
	struct termios now;
	struct pollfd p;
	int status;

	(void)state;
	run_begin(&r);
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

	(void)state;
	run_begin(&r);
	assert_taken(&r);
	run_quit(&r);
}

static void
test_exit_in_the_middle(void **state)
{
	struct run r;
	int status;

	(void)state;
	run_begin(&r);
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

		run_begin(&r);
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
	run_begin(&r);
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
		run_begin(&r);
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
		run_quit(&r);
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
	run_begin(&r);
	pane_resize(r.pane, 10, 40);
	assert_int_equal(ioctl(r.master, TIOCSWINSZ, &small), 0);
	run_until(&r, "this is 40x10");
	pane_resize(r.pane, 40, 100);
	assert_int_equal(ioctl(r.master, TIOCSWINSZ, &large), 0);
	run_until(&r, "hv-34");
	run_quit(&r);
}

static void
test_escape_alone_is_quick(void **state)
{
	int64_t start_ms, best_ms = DEADLINE_MS;
	struct run r;

	(void)state;
	/* 100 ms, and what a busy machine adds, which is not the same each time */
	for (int i = 0; i < 10 && best_ms >= 1000; i++) {
		run_begin(&r);
		start_ms = real_ms();
		run_type(&r, "\033");
		run_until(&r, "escaped");
		if (real_ms() - start_ms < best_ms)
			best_ms = real_ms() - start_ms;
		run_quit(&r);
	}
	assert_in_range(best_ms, 90, 999);
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
	run_begin(&r);
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
	run_quit(&r);
}

/* Nobody types: it sleeps, and is not woken once in a second. On a busy machine what it did
 * before may end in the first one. */
static void
test_idle_costs_nothing(void **state)
{
	struct run r;
	long before, woken = 1;

	(void)state;
	run_start(&r, "xterm-256color");
	run_until(&r, "F10");
	pump_all(&r);
	for (int i = 0; i < 10 && woken; i++) {
		before = status_of(r.pid, "voluntary_ctxt_switches:");
		assert_true(before > 0);
		for (int64_t end_ms = real_ms() + 1000; real_ms() < end_ms;)
			assert_false(run_pump(&r, 1000));
		woken = status_of(r.pid, "voluntary_ctxt_switches:") - before;
	}
	assert_int_equal(woken, 0);
	run_quit(&r);
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
