/* A program on a terminal of its own. */
#include "tests/ttyrun.h"
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
#include <utmp.h>
#include "base/alloc.h"
#include "tests/panerow.h"

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
on_output(void *ctx, const char *bytes, size_t n)
{
	struct ttyrun *r = ctx;

	if (write(r->fd, bytes, n) < 0)
		r->closed = true;
}

struct ttyrun *
ttyrun_start(char *const argv[], int rows, int columns)
{
	struct winsize size = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns };
	struct ttyrun *r = xcalloc(1, sizeof *r);
	int slave;

	if (openpty(&r->fd, &slave, NULL, NULL, &size) < 0 || tcgetattr(slave, &r->before) < 0) {
		perror("openpty");
		exit(99);
	}
	fcntl(r->fd, F_SETFD, FD_CLOEXEC);
	r->pid = fork();
	if (r->pid == 0) {
		login_tty(slave);
		execv(argv[0], argv);
		_exit(127);
	}
	close(slave);
	r->pane = pane_new(rows, columns, on_output, r);
	return r;
}

struct ttyrun *
ttyrun_free(struct ttyrun *r)
{
	if (!r)
		return NULL;
	if (r->pid > 0) {
		kill(r->pid, SIGKILL);
		waitpid(r->pid, NULL, 0);
	}
	close(r->fd);
	pane_free(r->pane);
	free(r);
	return NULL;
}

void
ttyrun_type(struct ttyrun *r, const char *bytes)
{
	on_output(r, bytes, strlen(bytes));
}

void
ttyrun_resize(struct ttyrun *r, int rows, int columns)
{
	struct winsize size = { .ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns };

	pane_resize(r->pane, rows, columns);
	ioctl(r->fd, TIOCSWINSZ, &size);
}

bool
ttyrun_turn(struct ttyrun *r, int max_ms)
{
	struct pollfd p = { .fd = r->fd, .events = POLLIN };
	char bytes[65536];
	ssize_t n;

	if (r->closed || poll(&p, 1, max_ms) <= 0)
		return false;
	n = read(r->fd, bytes, sizeof bytes);
	r->closed = n <= 0;
	if (n > 0)
		pane_feed(r->pane, bytes, (size_t)n);
	return n > 0;
}

bool
ttyrun_shows(const struct ttyrun *r, const char *text)
{
	int h, w;

	pane_size(r->pane, &h, &w);
	for (int y = 0; y < h; y++)
		if (strstr(pane_row_text(r->pane, y), text))
			return true;
	return false;
}

void
ttyrun_tell(const struct ttyrun *r)
{
	int h, w;

	pane_size(r->pane, &h, &w);
	for (int y = 0; y < h; y++)
		fprintf(stderr, "# |%s\n", pane_row_text(r->pane, y));
}

bool
ttyrun_wait(struct ttyrun *r, const char *text, int limit_ms)
{
	int64_t end_ms = now_ms() + limit_ms;

	while (!ttyrun_shows(r, text)) {
		if (r->closed || now_ms() > end_ms) {
			fprintf(stderr, "# not on the screen: %s\n", text);
			ttyrun_tell(r);
			return false;
		}
		ttyrun_turn(r, 100);
	}
	return true;
}

int
ttyrun_end(struct ttyrun *r, int limit_ms)
{
	int64_t end_ms = now_ms() + limit_ms;
	int status;

	while (waitpid(r->pid, &status, WNOHANG) == 0) {
		if (now_ms() > end_ms)
			return -1;
		if (!ttyrun_turn(r, 20) && r->closed)
			poll(NULL, 0, 20);
	}
	r->pid = 0;
	while (ttyrun_turn(r, 0)) {
		/* its last words */
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool
ttyrun_is_restored(const struct ttyrun *r)
{
	struct termios now;

	return tcgetattr(r->fd, &now) == 0 && now.c_iflag == r->before.c_iflag &&
	       now.c_oflag == r->before.c_oflag && now.c_lflag == r->before.c_lflag &&
	       memcmp(now.c_cc, r->before.c_cc, sizeof now.c_cc) == 0;
}
