/* The guest's numbers. One connection is held as long as it lives: whether it survives is part
 * of what is measured. While it is silent a second one tries with a short deadline; only when that is
 * answered and the first still is not, the first one is given up. What the second one hears
 * before counts for nothing, so that numbers never come out of their order. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "backends/pingpriv.h"
#include "base/str.h"

enum {
	STALLED_MS = 1000, /* without an answer: the second one tries */
	TRY_MS = 1000,     /* each of its attempts */
	GRACE_MS = 3000,   /* once it was answered, for the first one to come to itself */
};

struct talk {
	int fd; /* -1 = closed */
	bool connected, asked;
	int64_t since_ms;  /* opened, or the last answer */
	int64_t heard_ms;  /* the first answer; 0 = none */
	struct str in;
};

/* Outlives the numbers when they are stopped before the node has answered. */
struct passage {
	struct numbers *numbers;
};

struct numbers {
	struct loop *loop;
	struct ping_spec spec;
	struct sockaddr_storage to;
	socklen_t len;
	struct passage *passage; /* the node's port is not there yet */
	bool shut;               /* and never will be */
	struct talk main, spare;
	unsigned connection;
	uint64_t timer;
};

static void on_talk(void *ctx, int fd, short revents);

static void
talk_close(struct numbers *n, struct talk *t)
{
	if (t->fd >= 0) {
		loop_fd_del(n->loop, t->fd);
		close(t->fd);
	}
	str_done(&t->in);
	*t = (struct talk){ .fd = -1, .in = STR_INIT(GUEST_LINE_MAX) };
}

static void
talk_open(struct numbers *n, struct talk *t)
{
	int fd = socket(n->to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;

	if (fd < 0)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (connect(fd, (struct sockaddr *)&n->to, n->len) && errno != EINPROGRESS) {
		close(fd);
		return;
	}
	t->fd = fd;
	t->since_ms = loop_now_ms(n->loop);
	loop_fd_set(n->loop, fd, POLLOUT, on_talk, n);
}

static void
talk_ask(struct numbers *n, struct talk *t)
{
	if (t->fd < 0 || !t->connected || t->asked)
		return;
	if (send(t->fd, GUEST_ASK, strlen(GUEST_ASK), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		talk_close(n, t);
	else
		t->asked = true;
}

static void
talk_heard(struct numbers *n, struct talk *t, const char *line)
{
	struct ping_number number = { .at_ms = loop_now_ms(n->loop) };

	if (!guest_parse(line, &number.said))
		return;
	t->asked = false;
	t->since_ms = number.at_ms;
	if (!t->heard_ms)
		t->heard_ms = number.at_ms;
	if (t != &n->main)
		return;
	if (!n->connection)
		n->connection = 1;
	number.connection = n->connection;
	n->spec.on_number(n->spec.ctx, &number);
}

static void
talk_read(struct numbers *n, struct talk *t)
{
	char data[256];
	ssize_t got = recv(t->fd, data, sizeof data, MSG_DONTWAIT);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		talk_close(n, t);
		return;
	}
	for (ssize_t i = 0; i < got && t->fd >= 0; i++) {
		if (data[i] != '\n') {
			str_addc(&t->in, data[i]);
			continue;
		}
		talk_heard(n, t, str_text(&t->in));
		str_clear(&t->in);
	}
}

static void
on_talk(void *ctx, int fd, short revents)
{
	struct numbers *n = ctx;
	struct talk *t = n->main.fd == fd ? &n->main : &n->spare;
	int error = 0;
	socklen_t size = sizeof error;

	if (t->connected) {
		talk_read(n, t);
		return;
	}
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
	if (error || !(revents & POLLOUT)) {
		talk_close(n, t);
		return;
	}
	t->connected = true;
	loop_fd_set(n->loop, fd, POLLIN, on_talk, n);
	talk_ask(n, t);
}

/* The second one becomes the first: a connection was lost. */
static void
numbers_switch(struct numbers *n)
{
	talk_close(n, &n->main);
	if (n->connection)
		n->connection++;
	n->main = n->spare;
	n->spare = (struct talk){ .fd = -1, .in = STR_INIT(GUEST_LINE_MAX) };
}

static void
numbers_look(struct numbers *n, int64_t now)
{
	bool dead = n->main.fd < 0, silent = dead || now - n->main.since_ms > STALLED_MS;
	struct talk *s = &n->spare;

	if (!silent) {
		if (s->fd >= 0)
			talk_close(n, s);
		return;
	}
	if (s->fd >= 0 && s->heard_ms && (dead || now - s->heard_ms > GRACE_MS)) {
		numbers_switch(n);
		return;
	}
	if (s->fd >= 0 && now - s->since_ms > TRY_MS)
		talk_close(n, s);
	if (s->fd < 0)
		talk_open(n, s);
}

static void
numbers_tick(void *ctx)
{
	struct numbers *n = ctx;

	n->timer = loop_timer_add(n->loop, PING_INTERVAL_MS, numbers_tick, n);
	if (n->passage || n->shut)
		return;
	numbers_look(n, loop_now_ms(n->loop));
	talk_ask(n, &n->main);
	talk_ask(n, &n->spare);
}

/* Without a way to the guest there are no numbers; the verdict says so. */
static void
on_forward(void *ctx, int local_port, const struct err *err)
{
	struct passage *p = ctx;
	struct numbers *n = p->numbers;

	free(p);
	if (!n)
		return;
	n->passage = NULL;
	n->shut = err && err->code;
	*(struct sockaddr_in *)&n->to = (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)local_port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	n->len = sizeof(struct sockaddr_in);
}

struct numbers *
numbers_start(struct loop *l, const struct ping_spec *spec, const struct sockaddr *to,
	      socklen_t len)
{
	struct numbers *n = xcalloc(1, sizeof *n);

	n->loop = l;
	n->spec = *spec;
	memcpy(&n->to, to, len);
	n->len = len;
	n->main.fd = n->spare.fd = -1;
	n->main.in = n->spare.in = STR_INIT(GUEST_LINE_MAX);
	n->timer = loop_timer_add(l, 0, numbers_tick, n);
	n->shut = spec->via && !spec->via->ops->forward;
	if (spec->via && !n->shut) {
		n->passage = xcalloc(1, sizeof *n->passage);
		n->passage->numbers = n;
		spec->via->ops->forward(spec->via, spec->vm->address, spec->port, on_forward,
					n->passage);
	}
	return n;
}

struct numbers *
numbers_stop(struct numbers *n)
{
	if (!n)
		return NULL;
	if (n->passage)
		n->passage->numbers = NULL;
	talk_close(n, &n->main);
	talk_close(n, &n->spare);
	loop_timer_del(n->loop, n->timer);
	loop_forget(n->loop, n);
	free(n);
	return NULL;
}
