/* SSH sessions on the loop. A session connects when there is something to do, is pumped whenever
 * its socket, a timer or a user stirs, and fails as a whole. libssh is called from session_pump() alone,
 * so no user's function ever runs below one of its callbacks. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "backends/sshinner.h"
#include "base/alloc.h"
#include "base/log.h"
#include "base/nls.h"

enum { TURNS_MAX = 32, READS_MAX = 16 };

/* ---- the pump ------------------------------------------------------------------------ */

static void
chan_free(struct chan *c)
{
	str_done(&c->in[0]);
	str_done(&c->in[1]);
	c->ops->free(c);
}

static void
session_free(struct bssh *s)
{
	loop_forget(s->loop, s);
	vec_free(&s->chans);
	vec_free(&s->waiters);
	vec_free(&s->listeners);
	secret_free(s->password);
	free(s->lost_with);
	login_done(&s->login);
	free(s);
}

static void
session_enter(struct bssh *s)
{
	s->busy++;
}

/* Frees what died below. False: the session itself is gone. */
static bool
session_leave(struct bssh *s)
{
	size_t i, kept = 0;

	if (--s->busy)
		return true;
	for (i = 0; i < s->chans.n; i++) {
		if (s->chans.at[i]->dead)
			chan_free(s->chans.at[i]);
		else
			s->chans.at[kept++] = s->chans.at[i];
	}
	s->chans.n = kept;
	if (!s->closed)
		return true;
	session_free(s);
	return false;
}

void
chan_step(struct chan *c)
{
	struct bssh *s = c->s;

	session_enter(s);
	if (!c->dead)
		c->ops->step(c);
	session_leave(s);
}

static void
on_due(void *ctx)
{
	struct bssh *s = ctx;

	s->due = false;
	session_enter(s);
	if (!session_leave(s))
		return;
	if (s->link == LINK_DOWN || s->link == LINK_LOST) {
		session_enter(s);
		if (s->chans.n || s->waiters.n)
			connect_start(s);
		session_leave(s);
	} else if (s->session) {
		session_pump(s);
	}
}

void
session_wake(struct bssh *s)
{
	if (s->due || s->closed)
		return;
	s->due = true;
	loop_defer(s->loop, on_due, s);
}

static void
on_ready(void *ctx, int fd, short revents)
{
	(void)fd;
	(void)revents;
	session_pump(ctx);
}

/* True when there was anything. */
static bool
drain(struct bssh *s, struct err *err)
{
	int i;

	for (i = 0; i < READS_MAX; i++) {
		int rc = ssh_event_dopoll(s->event, 0);

		if (rc == SSH_ERROR || !ssh_is_connected(s->session) ||
		    ssh_get_status(s->session) & (SSH_CLOSED | SSH_CLOSED_ERROR)) {
			if (jump_is_lost(s, err))
				return true;
			err_set(err, E_LOST, _("the connection to '%s' was lost: %s"),
				s->login.name, ssh_get_error(s->session));
			err_hint(err, _("Look at the node and the network, then try again."));
			return true;
		}
		if (rc == SSH_AGAIN)
			break;
	}
	return i > 0;
}

static void
step_all(struct bssh *s)
{
	size_t i;

	for (i = 0; i < s->chans.n && s->session && !s->closed; i++)
		if (!s->chans.at[i]->dead)
			s->chans.at[i]->ops->step(s->chans.at[i]);
	if (s->session && !s->closed && ssh_is_connected(s->session))
		spare_step(s);
}

static void
note_life(struct bssh *s)
{
	if (s->counter.in_bytes == s->seen_bytes)
		return;
	s->seen_bytes = s->counter.in_bytes;
	s->heard_ms = loop_now_ms(s->loop);
	if (s->link == LINK_SILENT)
		session_link(s, LINK_UP, NULL);
}

static void
run_waiters(struct bssh *s, const struct err *err)
{
	VEC(struct waiter) now = { s->waiters.at, s->waiters.n, s->waiters.cap };
	size_t i;

	memset(&s->waiters, 0, sizeof s->waiters);
	for (i = 0; i < now.n; i++)
		now.at[i].fn(now.at[i].ctx, err);
	vec_free(&now);
}

/* A step may make libssh read for other channels as well: round again until nothing moves. */
void
session_pump(struct bssh *s)
{
	struct err err = { 0 };
	uint64_t before;
	bool moved;
	int turn;

	if (!s->session)
		return;
	if (s->busy)
		return session_wake(s);
	session_enter(s);
	run_waiters(s, NULL);
	for (turn = 0; turn < TURNS_MAX && s->session && !s->closed; turn++) {
		moved = drain(s, &err);
		note_life(s);
		before = s->counter.in_bytes;
		if (!s->closed)
			step_all(s);
		if (err.code && s->session && !s->closed)
			session_lost(s, &err);
		if (!s->session || s->closed || (!moved && s->counter.in_bytes == before && turn))
			break;
	}
	if (turn == TURNS_MAX)
		session_wake(s);
	if (s->session)
		loop_fd_set(s->loop, s->fd,
			    POLLIN | (ssh_get_status(s->session) & SSH_WRITE_PENDING ? POLLOUT : 0),
			    on_ready, s);
	session_leave(s);
}

/* ---- life and death of the link ------------------------------------------------------ */

void
session_link(struct bssh *s, enum link_state link, const struct err *err)
{
	s->link = link;
	if (s->t.on_link && !s->closed)
		s->t.on_link(s->t.link_ctx, link, err);
}

static void
session_silent(struct bssh *s, int64_t silent_ms)
{
	struct err err = { 0 };

	if (silent_ms >= s->login.lost_ms) {
		err_set(&err, E_LOST, _("nothing was heard from '%s' for %d s"), s->login.name,
			(int)(silent_ms / 1000));
		err_hint(&err, _("The node may be off or cut from the network: look at it."));
		session_lost(s, &err);
	} else if (silent_ms >= s->login.silent_ms && s->link == LINK_UP) {
		err_set(&err, E_TIMEOUT, _("nothing was heard from '%s' for %d s"), s->login.name,
			(int)(silent_ms / 1000));
		session_link(s, LINK_SILENT, &err);
	}
}

void
session_ask(struct bssh *s)
{
	/* the first call may only take the answer to the request before it */
	ssh_send_keepalive(s->session);
	ssh_send_keepalive(s->session);
	note_life(s);
}

static void on_tick(void *ctx);

static void
tick_start(struct bssh *s, int64_t delay_ms)
{
	s->tick_ms = loop_now_ms(s->loop) + delay_ms;
	s->tick = loop_timer_add(s->loop, delay_ms, on_tick, s);
}

/* Asks for a sign of life; judged by bytes received, whatever they are. */
static void
on_tick(void *ctx)
{
	struct bssh *s = ctx;
	int64_t silent_ms, next_ms;

	s->tick = 0;
	session_enter(s);
	/* we were stopped ourselves: the node had no chance to be heard */
	if (loop_now_ms(s->loop) > s->tick_ms + BSSH_TICK_MS)
		s->heard_ms = loop_now_ms(s->loop);
	session_ask(s);
	silent_ms = loop_now_ms(s->loop) - s->heard_ms;
	session_silent(s, silent_ms);
	if (session_leave(s) && s->session) {
		next_ms = s->link == LINK_UP ? s->login.silent_ms - silent_ms
					     : s->login.lost_ms - silent_ms;
		if (next_ms > BSSH_TICK_MS || next_ms < 1)
			next_ms = BSSH_TICK_MS;
		tick_start(s, next_ms);
		session_wake(s);
	}
}

void
session_up(struct bssh *s, ssh_session session)
{
	s->session = session;
	s->fd = ssh_get_fd(session);
	s->active = 0;
	s->login_is_sh = s->login_is_quiet = false;
	s->active_max = BSSH_ACTIVE_MAX;
	s->room = 0;
	memset(&s->counter, 0, sizeof s->counter);
	s->seen_bytes = 0;
	s->heard_ms = loop_now_ms(s->loop);
	free(s->lost_with);
	s->lost_with = NULL;
	ssh_set_blocking(session, 0);
	ssh_set_counters(session, &s->counter, NULL);
	s->event = ssh_event_new();
	ssh_event_add_session(s->event, session);
	tick_start(s, BSSH_TICK_MS);
	session_enter(s);
	session_link(s, LINK_UP, NULL);
	if (session_leave(s))
		session_pump(s);
}

/* libssh's side of the session, without a word to the node: it may not hear, and libssh's polite way
 * leaves a descriptor open that it was given. */
static void
session_unplug(struct bssh *s)
{
	size_t i;

	connect_cancel(s);
	loop_timer_del(s->loop, s->tick);
	s->tick = 0;
	for (i = 0; i < s->chans.n; i++)
		chan_release(s->chans.at[i]);
	spare_free(s);
	if (s->session) {
		loop_fd_del(s->loop, s->fd);
		ssh_event_remove_session(s->event, s->session);
		ssh_event_free(s->event);
		ssh_silent_disconnect(s->session);
		ssh_free(s->session);
	}
	s->session = NULL;
	s->event = NULL;
	s->fd = -1;
	jump_release(s);
}

void
session_lost(struct bssh *s, const struct err *err)
{
	struct err copy = *err;
	size_t i, n = s->chans.n;
	bool was_up = s->session;

	session_enter(s);
	session_unplug(s);
	session_link(s, was_up ? LINK_LOST : LINK_DOWN, &copy);
	for (i = 0; i < n && !s->closed; i++)
		if (!s->chans.at[i]->dead)
			s->chans.at[i]->ops->lost(s->chans.at[i], &copy);
	if (!s->closed)
		run_waiters(s, &copy);
	session_leave(s);
}

void
session_close(struct bssh *s)
{
	const struct err err = { .code = E_CANCELLED };
	size_t i;

	if (s->closed)
		return;
	session_enter(s);
	s->closed = true;
	for (i = 0; i < s->chans.n; i++)
		if (!s->chans.at[i]->dead)
			s->chans.at[i]->ops->end(s->chans.at[i]);
	run_waiters(s, &err);
	forward_end(s);
	sudo_forget(s);
	session_unplug(s);
	session_leave(s);
}

void
session_when_up(struct bssh *s, void (*fn)(void *ctx, const struct err *err), void *ctx)
{
	struct waiter w = { fn, ctx };

	vec_push(&s->waiters, w);
	session_wake(s);
}

void
session_forget_waiter(struct bssh *s, const void *ctx)
{
	size_t i;

	for (i = s->waiters.n; i > 0; i--)
		if (s->waiters.at[i - 1].ctx == ctx)
			vec_remove(&s->waiters, i - 1);
}

/* ---- making one ---------------------------------------------------------------------- */

static void
close_transport(struct transport *t)
{
	session_close((struct bssh *)t);
}

static const struct transport_ops ops = {
	.name = "ssh",
	.exec = exec_start,
	.cancel = exec_cancel,
	.forward = forward_start,
	.shell = shell_start,
	.shell_write = shell_write,
	.shell_resize = shell_resize,
	.shell_close = shell_close,
	.close = close_transport,
};

struct bssh *
session_new(struct loop *l, const struct login *login, const struct asker *asker)
{
	struct bssh *s = xcalloc(1, sizeof *s);
	struct login *copy = login_dup(login);

	s->t.ops = &ops;
	s->loop = l;
	s->login = *copy;
	free(copy);
	s->asker = *asker;
	s->fd = s->way_fd = -1;
	s->refs = 1;
	return s;
}

struct transport *
bssh_new(struct loop *l, const struct bssh_params *params, const struct asker *asker)
{
	struct login login;
	struct bssh *s;

	login_copy(&login, params);
	s = session_new(l, &login, asker);
	login_done(&login);
	return &s->t;
}

const char *
bssh_version(void)
{
	static char number[32];
	const char *text = ssh_version(0); /* "0.10.6/openssl/zlib" */

	str_put(number, sizeof number, text);
	number[strcspn(number, "/")] = '\0';
	return number;
}
