/* Jump hosts, in this process: the way to a node is a channel of another session, and the node's
 * own session runs over a socket pair. Nodes behind the same host share one session with it. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "backends/sshinner.h"
#include "base/alloc.h"
#include "base/nls.h"

static VEC(struct bssh *) hosts;

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool
same_login(const struct login *a, const struct login *b)
{
	if (!a || !b)
		return a == b;
	return strcmp(a->host, b->host) == 0 && a->port == b->port &&
	       strcmp(a->user, b->user) == 0 && same_text(a->key, b->key) &&
	       same_text(a->known_hosts, b->known_hosts) && a->family == b->family &&
	       same_login(a->jump, b->jump);
}

static struct bssh *
host_get(struct bssh *user)
{
	struct bssh *s;
	size_t i;

	for (i = 0; i < hosts.n; i++) {
		s = hosts.at[i];
		if (s->loop != user->loop || !same_login(&s->login, user->login.jump))
			continue;
		s->refs++;
		return s;
	}
	s = session_new(user->loop, user->login.jump, &user->asker);
	vec_push(&hosts, s);
	return s;
}

static void
host_put(struct bssh *s)
{
	size_t i;

	if (--s->refs)
		return;
	for (i = 0; i < hosts.n; i++)
		if (hosts.at[i] == s)
			break;
	if (i < hosts.n)
		vec_remove(&hosts, i);
	if (!hosts.n)
		vec_free(&hosts);
	session_close(s);
}

static void
on_open(void *ctx, const struct err *err)
{
	struct bssh *s = ctx;
	struct err copy;
	int fd = s->way_fd;

	s->way = NULL;
	s->way_fd = -1;
	if (!err) {
		connect_with_fd(s, fd);
		return;
	}
	close(fd);
	copy = *err;
	if (copy.code == E_LOST)
		copy.code = -EHOSTUNREACH;
	err_prefix(&copy, _("on the way to '%s'"), s->login.name);
	session_lost(s, &copy);
}

void
jump_start(struct bssh *s)
{
	struct err err = { 0 };
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
		err_sys(&err, errno, _("cannot make a socket pair"));
		session_lost(s, &err);
		return;
	}
	s->via = host_get(s);
	s->way_fd = ends[0];
	s->way = pipe_new(s->via, s->login.host, s->login.port, ends[1], on_open, s);
}

bool
jump_is_lost(struct bssh *s, struct err *err)
{
	if (!s->via || s->via->session)
		return false;
	/* of several hosts in a row, the one that went first */
	free(s->lost_with);
	s->lost_with = xstrdup(s->via->lost_with ? s->via->lost_with : s->via->login.name);
	err_set(err, E_LOST, _("the connection to '%s' was lost with the jump host '%s'"),
		s->login.name, s->lost_with);
	err_hint(err, _("Look at the jump host and the network, then try again."));
	return true;
}

void
jump_release(struct bssh *s)
{
	struct bssh *via = s->via;

	if (!via)
		return;
	s->via = NULL;
	if (s->way) {
		pipe_close(s->way);
		close(s->way_fd);
	}
	s->way = NULL;
	s->way_fd = -1;
	host_put(via);
}
