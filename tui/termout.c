/* The queue to the terminal. It is written through a descriptor of our own: to make the shell's
 * one non-blocking would be felt by every program that shares it. */
#include "tui/termout.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/str.h"

enum {
	QUEUE_MAX = 16 << 20,
	FINISH_MS = 300,
	/* a terminal that is ready takes so much without waiting */
	READY_BYTES = 128,
};

static struct {
	int fd;
	bool is_ours; /* and so does not block */
	struct str queue;
} out = { .fd = -1 };

void
termout_open(int fd)
{
	const char *name = ttyname(fd);
	int own = name ? open(name, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC) : -1;

	out.queue = STR_INIT(QUEUE_MAX);
	out.is_ours = own >= 0;
	out.fd = out.is_ours ? own : fd;
}

void
termout_close(void)
{
	if (out.is_ours)
		close(out.fd);
	out.fd = -1;
	out.is_ours = false;
	str_done(&out.queue);
}

int
termout_fd(void)
{
	return out.fd;
}

void
termout_add(const char *bytes, size_t n)
{
	if (out.fd >= 0)
		str_addn(&out.queue, bytes, n);
}

static bool
ready(int ms)
{
	struct pollfd p = { .fd = out.fd, .events = POLLOUT };

	return poll(&p, 1, ms) > 0;
}

bool
termout_send(void)
{
	while (out.queue.len) {
		size_t want = out.queue.len;

		if (!out.is_ours && !ready(0))
			return false;
		if (!out.is_ours && want > READY_BYTES)
			want = READY_BYTES;
		ssize_t n = write(out.fd, out.queue.s, want);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return false;
		/* a terminal that is gone is noticed where keys are read */
		str_drop(&out.queue, n > 0 ? (size_t)n : out.queue.len);
	}
	return true;
}

bool
termout_finish(void)
{
	while (!termout_send())
		if (!ready(FINISH_MS)) {
			str_clear(&out.queue);
			return false;
		}
	return true;
}
