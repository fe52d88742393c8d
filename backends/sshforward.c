/* Connections carried through a node: forwarded ports and sockets, and the way through a jump
 * host. Each is a pipe between a local descriptor and a channel, with little held in between. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "backends/sshinner.h"
#include "base/alloc.h"
#include "base/log.h"
#include "base/nls.h"
#include "base/paths.h"

enum { HELD_MAX = 128 << 10, READ_BYTES = 32 << 10 };

struct pipe {
	struct chan c; /* first */
	char *host;
	int port, fd;
	bool open, fd_ended, deaf, eof_sent, eof_passed;
	struct str up; /* from the descriptor to the node */
	pipe_open_fn opened;
	void *ctx;
};

struct listener {
	struct bssh *s;
	char *host;
	int port, fd;
	void (*done)(void *ctx, int local_port, const struct err *err);
	void *ctx;
};

/* ---- pipes ----------------------------------------------------------------------------- */

static void on_fd(void *ctx, int fd, short revents);

static void
pipe_watch(struct pipe *p)
{
	short events = 0;

	if (p->fd < 0)
		return;
	if (p->open && !p->fd_ended && p->up.len < HELD_MAX)
		events |= POLLIN;
	if (p->c.in[0].len)
		events |= POLLOUT;
	if (events)
		loop_fd_set(p->c.s->loop, p->fd, events, on_fd, p);
	else
		loop_fd_del(p->c.s->loop, p->fd);
}

static void
pipe_end(struct pipe *p, const struct err *err)
{
	pipe_open_fn opened = p->opened;

	if (p->c.dead)
		return;
	if (p->fd >= 0) {
		loop_fd_del(p->c.s->loop, p->fd);
		close(p->fd);
	}
	p->fd = -1;
	p->opened = NULL;
	chan_drop(&p->c);
	if (opened)
		opened(p->ctx, err);
}

static void
pipe_refused(struct pipe *p)
{
	struct err err = { 0 };

	if (!ssh_is_connected(p->c.s->session))
		return;
	if (*p->host == '/')
		err_set(&err, E_REMOTE, _("'%s' cannot reach '%s'"), p->c.s->login.name, p->host);
	else
		err_set(&err, E_REMOTE, _("'%s' cannot reach %s port %d"), p->c.s->login.name,
			p->host, p->port);
	err_hint(&err, _("See there whether it listens, and whether sshd allows forwarding."));
	pipe_end(p, &err);
}

static void
pipe_connect(struct pipe *p)
{
	pipe_open_fn opened = p->opened;
	int rc;

	if (!p->c.ch && !chan_create(&p->c))
		return pipe_refused(p);
	if (*p->host == '/')
		rc = ssh_channel_open_forward_unix(p->c.ch, p->host, "localhost", 0);
	else
		rc = ssh_channel_open_forward(p->c.ch, p->host, p->port, "127.0.0.1", 0);
	if (rc == SSH_ERROR)
		return pipe_refused(p);
	if (rc != SSH_OK)
		return;
	p->open = true;
	p->opened = NULL;
	if (opened)
		opened(p->ctx, NULL);
}

static void
pipe_up(struct pipe *p)
{
	int n = 0;

	while (p->up.len && (n = chan_write(&p->c, p->up.s, p->up.len)) > 0)
		str_drop(&p->up, (size_t)n);
	if (p->fd_ended && !p->up.len && !p->eof_sent) {
		p->eof_sent = true;
		ssh_channel_send_eof(p->c.ch);
	}
}

static void
pipe_down(struct pipe *p)
{
	struct str *in = &p->c.in[0];
	ssize_t n = (ssize_t)in->len;

	chan_take(&p->c, 1, p->c.in[1].len);
	if (n && !p->deaf)
		n = send(p->fd, in->s, in->len, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		return pipe_end(p, NULL);
	if (n > 0)
		chan_take(&p->c, 0, (size_t)n);
	if (!in->len && (p->c.eof || p->c.closed) && !p->eof_passed) {
		p->eof_passed = true;
		shutdown(p->fd, SHUT_WR);
	}
}

static void
pipe_step(struct chan *c)
{
	struct pipe *p = (struct pipe *)c;

	if (!p->open)
		pipe_connect(p);
	if (!p->open || c->dead)
		return;
	pipe_up(p);
	pipe_down(p);
	if (!c->dead && p->eof_passed && (c->closed || p->eof_sent))
		pipe_end(p, NULL);
	pipe_watch(p);
}

static void
on_fd(void *ctx, int fd, short revents)
{
	struct pipe *p = ctx;
	char data[READ_BYTES];
	ssize_t n = 0;

	if (revents & (POLLIN | POLLHUP | POLLERR) && !p->fd_ended && p->up.len < HELD_MAX) {
		n = recv(fd, data, sizeof data, MSG_DONTWAIT);
		if (n > 0)
			str_addn(&p->up, data, (size_t)n);
		else if (n == 0 || (errno != EAGAIN && errno != EINTR))
			p->fd_ended = true;
	}
	/* nobody reads any more, and poll() would say so for ever */
	if (revents & (POLLHUP | POLLERR) && p->fd_ended)
		p->deaf = true;
	pipe_watch(p);
	session_pump(p->c.s);
}

static void
pipe_lost(struct chan *c, const struct err *err)
{
	pipe_end((struct pipe *)c, err);
}

static void
pipe_closed(struct chan *c)
{
	const struct err err = { .code = E_CANCELLED };

	pipe_end((struct pipe *)c, &err);
}

static void
pipe_free(struct chan *c)
{
	struct pipe *p = (struct pipe *)c;

	str_wipe(&p->up);
	free(p->host);
	free(p);
}

static const struct chan_ops pipe_ops = {
	.step = pipe_step,
	.lost = pipe_lost,
	.end = pipe_closed,
	.free = pipe_free,
};

struct pipe *
pipe_new(struct bssh *s, const char *host, int port, int take_fd, pipe_open_fn opened, void *ctx)
{
	struct pipe *p = xcalloc(1, sizeof *p);

	p->host = xstrdup(host);
	p->port = port;
	p->fd = take_fd;
	p->opened = opened;
	p->ctx = ctx;
	p->up = STR_INIT(2 * HELD_MAX);
	chan_init(&p->c, s, &pipe_ops);
	return p;
}

void
pipe_close(struct pipe *p)
{
	p->opened = NULL;
	pipe_end(p, NULL);
}

/* ---- listeners ------------------------------------------------------------------------- */

/* The user id on the other end of a loopback connection, as the kernel's table has it (the line
 * with the peer's address first); -1 when it is not there. */
static long
peer_uid(const struct sockaddr_in *peer, int local_port)
{
	CLEAN_STR table = STR_INIT(16 << 20);
	CLEANUP(freep) char *want = NULL;
	const char *line;
	long uid = -1;

	want = xasprintf("0100007F:%04X 0100007F:%04X 01 ", ntohs(peer->sin_port), local_port);
	if (file_read("/proc/net/tcp", &table, NULL) < 0)
		return -1;
	line = strstr(str_text(&table), want);
	if (!line || sscanf(line + strlen(want), "%*s %*s %*s %ld", &uid) != 1)
		return -1;
	return uid;
}

/* Other users of this machine must not come to the node by our login. */
static bool
peer_is_allowed(const struct listener *ln, int fd)
{
	struct sockaddr_in peer, local;
	socklen_t n = sizeof peer, m = sizeof local;
	long uid;

	if (getpeername(fd, (struct sockaddr *)&peer, &n) < 0 ||
	    getsockname(fd, (struct sockaddr *)&local, &m) < 0)
		return false;
	uid = peer_uid(&peer, ntohs(local.sin_port));
	if (uid == 0 || uid == (long)geteuid())
		return true;
	log_line(LOG_WARN, "%s: a connection of user %ld to a forwarded port was refused",
		 ln->s->login.name, uid);
	return false;
}

static void
on_accept(void *ctx, int fd, short revents)
{
	struct listener *ln = ctx;
	int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)revents;
	if (peer < 0)
		return;
	if (peer_is_allowed(ln, peer))
		pipe_new(ln->s, ln->host, ln->port, peer, NULL, NULL);
	else
		close(peer);
}

/* Returns the port, or a negative errno. */
static int
listener_open(struct listener *ln)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t n = sizeof addr;

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ln->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (ln->fd < 0 || bind(ln->fd, (struct sockaddr *)&addr, sizeof addr) < 0 ||
	    listen(ln->fd, 16) < 0 || getsockname(ln->fd, (struct sockaddr *)&addr, &n) < 0)
		return -errno;
	return ntohs(addr.sin_port);
}

static void
listener_free(struct listener *ln)
{
	size_t i;

	for (i = 0; i < ln->s->listeners.n; i++)
		if (ln->s->listeners.at[i] == ln)
			break;
	if (i < ln->s->listeners.n)
		vec_remove(&ln->s->listeners, i);
	if (ln->fd >= 0) {
		loop_fd_del(ln->s->loop, ln->fd);
		close(ln->fd);
	}
	free(ln->host);
	free(ln);
}

static void
on_up(void *ctx, const struct err *up)
{
	struct listener *ln = ctx;
	struct err err = { 0 };
	int port = 0;

	if (up)
		err = *up;
	else if ((port = listener_open(ln)) < 0)
		err_sys(&err, -port, _("cannot listen on 127.0.0.1"));
	if (err.code) {
		ln->done(ln->ctx, 0, &err);
		listener_free(ln);
		return;
	}
	loop_fd_set(ln->s->loop, ln->fd, POLLIN, on_accept, ln);
	ln->done(ln->ctx, port, NULL);
}

void
forward_start(struct transport *t, const char *host, int port,
	      void (*done)(void *ctx, int local_port, const struct err *err), void *ctx)
{
	struct listener *ln = xcalloc(1, sizeof *ln);

	ln->s = (struct bssh *)t;
	ln->host = xstrdup(host);
	ln->port = port;
	ln->fd = -1;
	ln->done = done;
	ln->ctx = ctx;
	vec_push(&ln->s->listeners, ln);
	session_when_up(ln->s, on_up, ln);
}

void
forward_end(struct bssh *s)
{
	while (s->listeners.n)
		listener_free(s->listeners.at[0]);
}
