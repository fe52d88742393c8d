/* From a name to a session: the name is resolved in a thread, the connection made on the loop, and
 * the login done in a thread again. A thread shares nothing with the loop but its attempt, which
 * belongs to both: forgetting it never waits. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "backends/sshauth.h"
#include "base/alloc.h"
#include "base/nls.h"

struct question {
	enum ask_type type;
	char *id, *title, *text;
	bool again, answered;
	char *answer;
};

struct attempt {
	/* the loop's */
	struct bssh *s;         /* NULL = forgotten */
	struct addrinfo *next;  /* the address tried now */
	uint64_t timer;

	/* whose turn it is */
	struct login *login;
	struct addrinfo *addrs;
	bool numeric;
	int fd;                 /* being connected, then the session's */
	ssh_session session;
	char *password;
	struct err err;
	void (*work)(struct attempt *a);
	loop_fn then;

	/* shared */
	pthread_mutex_t mutex;
	pthread_cond_t answered;
	unsigned refs;
	struct loop *loop;      /* NULL = cancelled */
	int guard_fd;           /* the same socket, to shut it down by */
	struct question *question;
};

static void dial(struct attempt *a);

static void
attempt_ref(struct attempt *a)
{
	pthread_mutex_lock(&a->mutex);
	a->refs++;
	pthread_mutex_unlock(&a->mutex);
}

static void
attempt_unref(struct attempt *a)
{
	unsigned left;

	pthread_mutex_lock(&a->mutex);
	left = --a->refs;
	pthread_mutex_unlock(&a->mutex);
	if (left)
		return;
	login_free(a->login);
	if (a->addrs)
		freeaddrinfo(a->addrs);
	if (a->session) {
		ssh_silent_disconnect(a->session);
		ssh_free(a->session);
	} else if (a->fd >= 0) {
		close(a->fd);
	}
	if (a->guard_fd >= 0)
		close(a->guard_fd);
	secret_free(a->password);
	pthread_cond_destroy(&a->answered);
	pthread_mutex_destroy(&a->mutex);
	free(a);
}

bool
attempt_is_cancelled(struct attempt *a)
{
	bool gone;

	pthread_mutex_lock(&a->mutex);
	gone = !a->loop;
	pthread_mutex_unlock(&a->mutex);
	return gone;
}

/* ---- the thread ------------------------------------------------------------------------ */

/* Hands over to the loop: fn(a) runs there, unless nobody is interested any more. */
static void
attempt_post(struct attempt *a, loop_fn fn)
{
	pthread_mutex_lock(&a->mutex);
	if (a->loop)
		loop_post(a->loop, fn, a);
	pthread_mutex_unlock(&a->mutex);
}

static void *
thread_main(void *ctx)
{
	struct attempt *a = ctx;

	a->work(a);
	attempt_post(a, a->then);
	attempt_unref(a);
	return NULL;
}

/* work(a) in a thread of its own, then then(a) on the loop. Signals stay the loop's. */
static int
thread_start(struct attempt *a, void (*work)(struct attempt *a), loop_fn then)
{
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all, before;
	int code;

	a->work = work;
	a->then = then;
	attempt_ref(a);
	loop_hold(a->loop);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, 512 << 10);
	code = pthread_create(&thread, &attr, thread_main, a);
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (code) {
		a->work = NULL;
		loop_release(a->loop);
		attempt_unref(a);
	}
	return -code;
}

/* ---- questions ------------------------------------------------------------------------- */

static void
question_answer(struct attempt *a, const char *answer)
{
	pthread_mutex_lock(&a->mutex);
	if (a->question) {
		a->question->answer = answer ? xstrdup(answer) : NULL;
		a->question->answered = true;
		pthread_cond_broadcast(&a->answered);
	}
	pthread_mutex_unlock(&a->mutex);
}

static void watchdog_start(struct attempt *a);

static void
on_answer(void *ctx, const char *answer)
{
	struct attempt *a = ctx;
	struct question *q = a->question;

	if (a->s && q) {
		if (answer && q->type == ASK_SECRET)
			answer_keep(q->id, answer);
		question_answer(a, answer);
		watchdog_start(a);
	}
	attempt_unref(a);
}

static void
on_question(void *ctx)
{
	struct attempt *a = ctx;
	struct question *q = a->question;
	struct ask ask = { .type = q->type, .id = q->id, .title = q->title, .text = q->text };
	const char *kept = q->type == ASK_SECRET ? answer_find(q->id) : NULL;

	if (q->again)
		answer_drop(q->id);
	else if (kept)
		return question_answer(a, kept);
	loop_timer_del(a->loop, a->timer);
	a->timer = 0;
	attempt_ref(a);
	ask_put(&a->s->asker, &ask, on_answer, a);
}

char *
attempt_ask(struct attempt *a, enum ask_type type, const char *id, const char *title,
	    const char *text, bool again)
{
	struct question q = { .type = type, .again = again };

	q.id = xstrdup(id);
	q.title = xstrdup(title);
	q.text = text ? xstrdup(text) : NULL;
	pthread_mutex_lock(&a->mutex);
	a->question = &q;
	if (a->loop)
		loop_post(a->loop, on_question, a);
	while (a->loop && !q.answered)
		pthread_cond_wait(&a->answered, &a->mutex);
	a->question = NULL;
	pthread_mutex_unlock(&a->mutex);
	free(q.id);
	free(q.title);
	free(q.text);
	return q.answer;
}

/* ---- the loop's side ------------------------------------------------------------------- */

/* Ends what the loop has to do with the attempt; a thread may still hold it. */
static void
attempt_forget(struct attempt *a)
{
	struct bssh *s = a->s;
	struct loop *l = a->loop;

	loop_timer_del(l, a->timer);
	if (a->work)
		loop_release(l);
	else if (a->fd >= 0)
		loop_fd_del(l, a->fd);
	pthread_mutex_lock(&a->mutex);
	a->loop = NULL;
	if (a->guard_fd >= 0)
		shutdown(a->guard_fd, SHUT_RDWR);
	pthread_cond_broadcast(&a->answered);
	pthread_mutex_unlock(&a->mutex);
	loop_forget(l, a);
	a->s = NULL;
	s->attempt = NULL;
	attempt_unref(a);
}

void
connect_cancel(struct bssh *s)
{
	if (s->attempt)
		attempt_forget(s->attempt);
}

static void
attempt_fail(struct attempt *a, const struct err *err)
{
	struct bssh *s = a->s;
	struct err copy = *err;

	attempt_forget(a);
	session_lost(s, &copy);
}

/* A thread ended; its result is ours. */
static void
thread_over(struct attempt *a)
{
	loop_release(a->loop);
	a->work = NULL;
}

static void
on_watchdog(void *ctx)
{
	struct attempt *a = ctx;
	struct err err = { 0 };

	a->timer = 0;
	err_set(&err, E_TIMEOUT, _("'%s' stopped answering while logging in"), a->login->name);
	err_hint(&err, _("The node may be overloaded, or cut from the network: look at it."));
	attempt_fail(a, &err);
}

/* Runs while the node is waited for, and not while the user is. Each wait within the thread has
 * its own limit; this one is for a node that trickles. */
static void
watchdog_start(struct attempt *a)
{
	loop_timer_del(a->loop, a->timer);
	a->timer = loop_timer_add(a->loop, 3 * (int64_t)a->login->connect_ms, on_watchdog, a);
}

static void
auth_work(struct attempt *a)
{
	int fd = a->fd;

	a->fd = -1;
	a->session = auth_run(a, a->login, fd, &a->password, &a->err);
}

/* What was answered did not open the door: it must not be tried silently again. */
static void
drop_answers(const struct login *login)
{
	CLEANUP(freep) char *password = xasprintf("secret:login:%s", login->name);
	CLEANUP(freep) char *key = login->key ? xasprintf("secret:key:%s", login->key) : NULL;

	answer_drop(password);
	if (key)
		answer_drop(key);
}

static void
auth_over(void *ctx)
{
	struct attempt *a = ctx;
	struct bssh *s = a->s;
	ssh_session session = a->session;

	thread_over(a);
	if (!session) {
		if (jump_is_lost(s, &a->err))
			a->err.code = -EHOSTUNREACH;
		if (a->err.code == E_AUTH)
			drop_answers(a->login);
		return attempt_fail(a, &a->err);
	}
	a->session = NULL;
	if (a->password) {
		secret_free(s->password);
		s->password = a->password;
		a->password = NULL;
	}
	/* the guard would shut down what is now the session's */
	close(a->guard_fd);
	a->guard_fd = -1;
	attempt_forget(a);
	session_up(s, session);
}

static void
auth_start(struct attempt *a)
{
	struct err err = { 0 };
	int code;

	a->guard_fd = fcntl(a->fd, F_DUPFD_CLOEXEC, 3);
	code = thread_start(a, auth_work, auth_over);
	if (code < 0) {
		err_sys(&err, -code, _("cannot start a thread"));
		return attempt_fail(a, &err);
	}
	watchdog_start(a);
}

/* Small packets at once; a peer that vanished is noticed by the kernel as well. libssh wants a
 * blocking descriptor. */
static void
set_options(const struct login *login, int fd)
{
	const int on = 1, idle_s = 5, interval_s = 5;
	const unsigned limit_ms = (unsigned)login->lost_ms;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit_ms, sizeof limit_ms);
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
}

static void
dial_failed(struct attempt *a, int errnum)
{
	struct login *l = a->login;

	loop_timer_del(a->loop, a->timer);
	a->timer = 0;
	if (a->fd >= 0) {
		loop_fd_del(a->loop, a->fd);
		close(a->fd);
	}
	a->fd = -1;
	err_sys(&a->err, errnum, _("cannot connect to '%s' (%s port %d)"), l->name, l->host,
		l->port);
	if (errnum == ECONNREFUSED)
		err_hint(&a->err, _("The machine is there, but no sshd listens on that port."));
	else
		err_hint(&a->err, _("See whether the machine is on, and address, route and "
				    "firewall."));
	a->next = a->next->ai_next;
	dial(a);
}

static void
on_connected(void *ctx, int fd, short revents)
{
	struct attempt *a = ctx;
	socklen_t n = sizeof(int);
	int errnum = 0;

	(void)revents;
	getsockopt(fd, SOL_SOCKET, SO_ERROR, &errnum, &n);
	if (errnum)
		return dial_failed(a, errnum);
	loop_fd_del(a->loop, fd);
	loop_timer_del(a->loop, a->timer);
	a->timer = 0;
	set_options(a->login, fd);
	auth_start(a);
}

static void
on_dial_limit(void *ctx)
{
	struct attempt *a = ctx;

	a->timer = 0;
	dial_failed(a, ETIMEDOUT);
}

/* Tries the address at a->next, and so one after the other. */
static void
dial(struct attempt *a)
{
	struct addrinfo *ai = a->next;

	if (!ai)
		return attempt_fail(a, &a->err);
	a->fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (a->fd < 0)
		return dial_failed(a, errno);
	if (connect(a->fd, ai->ai_addr, ai->ai_addrlen) < 0 && errno != EINPROGRESS)
		return dial_failed(a, errno);
	loop_fd_set(a->loop, a->fd, POLLOUT, on_connected, a);
	a->timer = loop_timer_add(a->loop, a->login->connect_ms, on_dial_limit, a);
}

/* With `numeric` it never blocks, and fails for names. */
static void
resolve(struct attempt *a)
{
	struct addrinfo want = { .ai_family = a->login->family, .ai_socktype = SOCK_STREAM };
	char port[16];
	int code;

	snprintf(port, sizeof port, "%d", a->login->port);
	want.ai_flags = AI_NUMERICSERV | (a->numeric ? AI_NUMERICHOST : 0);
	code = getaddrinfo(a->login->host, port, &want, &a->addrs);
	if (code == 0)
		return;
	err_set(&a->err, -EHOSTUNREACH, _("cannot find the address of '%s' (%s): %s"),
		a->login->name, a->login->host,
		code == EAI_SYSTEM ? strerror(errno) : gai_strerror(code));
	err_hint(&a->err, _("See the spelling, name resolution, or write the address itself."));
}

static void
resolved(void *ctx)
{
	struct attempt *a = ctx;

	thread_over(a);
	loop_timer_del(a->loop, a->timer);
	a->timer = 0;
	if (!a->addrs)
		return attempt_fail(a, &a->err);
	a->next = a->addrs;
	dial(a);
}

static struct attempt *
attempt_new(struct bssh *s)
{
	struct attempt *a = xcalloc(1, sizeof *a);

	a->s = s;
	a->loop = s->loop;
	a->login = login_dup(&s->login);
	a->fd = a->guard_fd = -1;
	a->refs = 1;
	pthread_mutex_init(&a->mutex, NULL);
	pthread_cond_init(&a->answered, NULL);
	s->attempt = a;
	return a;
}

void
connect_with_fd(struct bssh *s, int take_fd)
{
	struct attempt *a = attempt_new(s);

	a->fd = take_fd;
	auth_start(a);
}

void
connect_start(struct bssh *s)
{
	struct attempt *a;
	struct err err = { 0 };
	int code;

	session_link(s, LINK_CONNECTING, NULL);
	if (s->closed)
		return;
	if (s->login.jump)
		return jump_start(s);
	a = attempt_new(s);
	a->numeric = true;
	resolve(a);
	if (a->addrs) {
		a->next = a->addrs;
		return dial(a);
	}
	a->numeric = false;
	code = thread_start(a, resolve, resolved);
	if (code < 0) {
		err_sys(&err, -code, _("cannot start a thread"));
		return attempt_fail(a, &err);
	}
	watchdog_start(a);
}
