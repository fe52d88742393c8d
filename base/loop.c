/* The event loop. One turn: what was deferred, then one sleep in ppoll() (which ends at
 * once when there is work), then signals, descriptors and timers that are due. */
#include "base/loop.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/vec.h"

struct watch {
	loop_fd_fn fn; /* NULL = this descriptor is not watched */
	void *ctx;
	uint64_t serial; /* of the loop_fd_set() call: tells a reused descriptor apart */
	short events;
	bool idle;
};

struct timer {
	int64_t due_ms;
	uint64_t id;
	loop_fn fn;
	void *ctx;
};

struct call {
	loop_fn fn; /* NULL = forgotten */
	void *ctx;
};

struct loop {
	VEC(struct watch) watches; /* by descriptor */
	VEC(struct timer) timers;  /* by due time, then id */
	VEC(struct call) deferred;
	VEC(struct pollfd) polled; /* [0] is the eventfd */
	VEC(uint64_t) serials;     /* of polled[i] when the sleep began */
	struct call before_sleep;
	struct call handlers[NSIG];
	sigset_t handled;
	uint64_t last_id;
	size_t watched, awaited; /* descriptors; those of them that are not idle */
	bool stop;

	bool is_virtual;
	unsigned speed;
	int64_t virtual_us; /* the clock, when it is virtual */
	int64_t ahead_us;   /* what the real clock lacks since a virtual one ran faster */

	pthread_mutex_t mutex; /* guards posts and holds */
	VEC(struct call) posts;
	unsigned holds;
	int wake_fd;
};

/* Written by the handler, and so outside any loop. */
static volatile sig_atomic_t signal_pending[NSIG];

static int64_t
clock_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

struct loop *
loop_new(void)
{
	struct loop *l = xcalloc(1, sizeof *l);

	/* a peer that closes is an error of write(), not the end of the program */
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&l->handled);
	pthread_mutex_init(&l->mutex, NULL);
	l->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->wake_fd < 0)
		abort();
	return l;
}

struct loop *
loop_free(struct loop *l)
{
	if (!l)
		return NULL;
	for (int signo = 1; signo < NSIG; signo++)
		if (l->handlers[signo].fn)
			loop_signal(l, signo, NULL, NULL);
	vec_free(&l->watches);
	vec_free(&l->timers);
	vec_free(&l->deferred);
	vec_free(&l->polled);
	vec_free(&l->serials);
	vec_free(&l->posts);
	pthread_mutex_destroy(&l->mutex);
	close(l->wake_fd);
	free(l);
	return NULL;
}

static struct watch *
watch_find(struct loop *l, int fd)
{
	return fd >= 0 && (size_t)fd < l->watches.n && l->watches.at[fd].fn ? &l->watches.at[fd]
									    : NULL;
}

void
loop_fd_set(struct loop *l, int fd, short events, loop_fd_fn fn, void *ctx)
{
	struct watch *w = watch_find(l, fd);

	if (fd < 0)
		return;
	while (l->watches.n <= (size_t)fd)
		vec_add(&l->watches);
	if (!w) {
		w = &l->watches.at[fd];
		w->idle = false;
		l->watched++;
		l->awaited++;
	}
	w->fn = fn;
	w->ctx = ctx;
	w->events = events;
	w->serial = ++l->last_id;
}

void
loop_fd_del(struct loop *l, int fd)
{
	struct watch *w = watch_find(l, fd);

	if (!w)
		return;
	l->watched--;
	l->awaited -= !w->idle;
	memset(w, 0, sizeof *w);
}

void
loop_fd_idle(struct loop *l, int fd)
{
	struct watch *w = watch_find(l, fd);

	if (!w || w->idle)
		return;
	w->idle = true;
	l->awaited--;
}

uint64_t
loop_timer_add(struct loop *l, int64_t delay_ms, loop_fn fn, void *ctx)
{
	struct timer t = { .id = ++l->last_id, .fn = fn, .ctx = ctx };
	size_t i;

	t.due_ms = loop_now_ms(l) + (delay_ms > 0 ? delay_ms : 0);
	vec_push(&l->timers, t);
	for (i = l->timers.n - 1; i && l->timers.at[i - 1].due_ms > t.due_ms; i--)
		l->timers.at[i] = l->timers.at[i - 1];
	l->timers.at[i] = t;
	return t.id;
}

void
loop_timer_del(struct loop *l, uint64_t id)
{
	for (size_t i = 0; id && i < l->timers.n; i++) {
		if (l->timers.at[i].id == id) {
			vec_remove(&l->timers, i);
			return;
		}
	}
}

void
loop_defer(struct loop *l, loop_fn fn, void *ctx)
{
	vec_push(&l->deferred, ((struct call){ fn, ctx }));
}

void
loop_forget(struct loop *l, const void *ctx)
{
	for (size_t i = 0; i < l->deferred.n; i++)
		if (l->deferred.at[i].ctx == ctx)
			l->deferred.at[i].fn = NULL;
	pthread_mutex_lock(&l->mutex);
	for (size_t i = 0; i < l->posts.n; i++)
		if (l->posts.at[i].ctx == ctx)
			l->posts.at[i].fn = NULL;
	pthread_mutex_unlock(&l->mutex);
}

void
loop_before_sleep(struct loop *l, loop_fn fn, void *ctx)
{
	l->before_sleep = (struct call){ fn, ctx };
}

static void
loop_wake(struct loop *l)
{
	const uint64_t one = 1;

	while (write(l->wake_fd, &one, sizeof one) < 0 && errno == EINTR) {
		/* EAGAIN would mean that it is awake a hundredfold already */
	}
}

void
loop_post(struct loop *l, loop_fn fn, void *ctx)
{
	pthread_mutex_lock(&l->mutex);
	vec_push(&l->posts, ((struct call){ fn, ctx }));
	/* under the lock: once it is free the loop may take the post, end, and be freed */
	loop_wake(l);
	pthread_mutex_unlock(&l->mutex);
}

void
loop_hold(struct loop *l)
{
	pthread_mutex_lock(&l->mutex);
	l->holds++;
	pthread_mutex_unlock(&l->mutex);
}

void
loop_release(struct loop *l)
{
	pthread_mutex_lock(&l->mutex);
	if (l->holds)
		l->holds--;
	loop_wake(l);
	pthread_mutex_unlock(&l->mutex);
}

static void
on_signal(int signo)
{
	signal_pending[signo] = 1;
}

void
loop_signal(struct loop *l, int signo, loop_fn fn, void *ctx)
{
	struct sigaction sa = { .sa_handler = fn ? on_signal : SIG_DFL };
	sigset_t one;

	sigemptyset(&one);
	sigaddset(&one, signo);
	l->handlers[signo] = (struct call){ fn, ctx };
	if (fn) {
		sigaddset(&l->handled, signo);
		pthread_sigmask(SIG_BLOCK, &one, NULL);
		sigaction(signo, &sa, NULL);
	} else {
		sigdelset(&l->handled, signo);
		sigaction(signo, &sa, NULL);
		pthread_sigmask(SIG_UNBLOCK, &one, NULL);
	}
}

int64_t
loop_now_ms(const struct loop *l)
{
	return (l->is_virtual ? l->virtual_us : clock_us() + l->ahead_us) / 1000;
}

void
loop_clock_virtual(struct loop *l, unsigned speed)
{
	if (!l->is_virtual)
		l->virtual_us = clock_us() + l->ahead_us;
	l->is_virtual = true;
	l->speed = speed;
}

void
loop_clock_real(struct loop *l)
{
	if (l->is_virtual)
		l->ahead_us = l->virtual_us - clock_us();
	l->is_virtual = false;
}

/* Virtual milliseconds that pass in a real one; 0 = time jumps to the next timer. What
 * is real must not see its deadline run faster than itself. */
static int64_t
loop_rate(const struct loop *l, bool held)
{
	return !l->is_virtual || held || l->awaited ? 1 : l->speed;
}

/* How long to sleep, in real milliseconds: 0 = there is work, -1 = without end. */
static int64_t
loop_sleep_ms(const struct loop *l, int max_ms, int64_t rate)
{
	int64_t ms = -1;

	if (l->deferred.n || l->stop)
		return 0;
	if (l->timers.n) {
		ms = l->timers.at[0].due_ms - loop_now_ms(l);
		ms = ms <= 0 || !rate ? 0 : (ms + rate - 1) / rate;
	}
	if (max_ms >= 0 && (ms < 0 || ms > max_ms))
		ms = max_ms;
	return ms;
}

static void
loop_collect(struct loop *l)
{
	l->polled.n = l->serials.n = 0;
	vec_push(&l->polled, ((struct pollfd){ .fd = l->wake_fd, .events = POLLIN }));
	vec_push(&l->serials, 0);
	for (size_t fd = 0; fd < l->watches.n; fd++) {
		struct watch *w = &l->watches.at[fd];

		if (!w->fn)
			continue;
		vec_push(&l->polled, ((struct pollfd){ .fd = (int)fd, .events = w->events }));
		vec_push(&l->serials, w->serial);
	}
}

/* Sleeps; afterwards the virtual clock has moved on. True when a descriptor is ready. */
static bool
loop_sleep(struct loop *l, int64_t ms, int64_t rate, bool may_jump)
{
	struct timespec limit = { ms / 1000, ms % 1000 * 1000000 };
	const struct timespec now = { 0 };
	int64_t start_us = clock_us();
	sigset_t mask;
	int n, signo;

	loop_collect(l);
	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	for (signo = 1; signo < NSIG; signo++)
		if (l->handlers[signo].fn)
			sigdelset(&mask, signo);
	n = ppoll(l->polled.at, l->polled.n, ms < 0 ? NULL : &limit, &mask);
	/* ppoll() lets no signal in while a descriptor is ready */
	while ((signo = sigtimedwait(&l->handled, NULL, &now)) > 0)
		signal_pending[signo] = 1;
	if (!l->is_virtual)
		return n > 0;
	if (rate)
		l->virtual_us += (clock_us() - start_us) * rate;
	else if (may_jump && n == 0 && !l->deferred.n && l->timers.n && !l->stop &&
		 l->timers.at[0].due_ms > loop_now_ms(l))
		l->virtual_us = l->timers.at[0].due_ms * 1000;
	return n > 0;
}

static void
run_deferred(struct loop *l)
{
	size_t n = l->deferred.n;

	for (size_t i = 0; i < n; i++) {
		struct call c = l->deferred.at[i];

		l->deferred.at[i].fn = NULL;
		if (c.fn)
			c.fn(c.ctx);
	}
	if (n)
		memmove(l->deferred.at, l->deferred.at + n,
			(l->deferred.n - n) * sizeof *l->deferred.at);
	l->deferred.n -= n;
}

static void
run_signals(struct loop *l)
{
	for (int signo = 1; signo < NSIG; signo++) {
		if (!l->handlers[signo].fn || !signal_pending[signo])
			continue;
		signal_pending[signo] = 0;
		l->handlers[signo].fn(l->handlers[signo].ctx);
	}
}

static void
take_posts(struct loop *l)
{
	uint64_t count;

	if (read(l->wake_fd, &count, sizeof count) < 0)
		return;
	pthread_mutex_lock(&l->mutex);
	for (size_t i = 0; i < l->posts.n; i++)
		vec_push(&l->deferred, l->posts.at[i]);
	l->posts.n = 0;
	pthread_mutex_unlock(&l->mutex);
}

static void
run_ready(struct loop *l)
{
	if (l->polled.at[0].revents)
		take_posts(l);
	for (size_t i = 1; i < l->polled.n; i++) {
		struct pollfd p = l->polled.at[i];
		struct watch *w = watch_find(l, p.fd), now;

		if (!p.revents || !w || w->serial != l->serials.at[i])
			continue;
		now = *w;
		if (p.revents & POLLNVAL) /* closed under us: it would be ready forever */
			loop_fd_del(l, p.fd);
		now.fn(now.ctx, p.fd, p.revents);
	}
}

/* Timers that are due and were set before this round: one that sets itself anew with no
 * delay must let descriptors have their turn. */
static void
run_timers(struct loop *l)
{
	int64_t now_ms = loop_now_ms(l);
	uint64_t last_id = l->last_id;

	for (size_t i = 0; i < l->timers.n && l->timers.at[i].due_ms <= now_ms;) {
		struct timer t = l->timers.at[i];

		if (t.id > last_id) {
			i++;
			continue;
		}
		vec_remove(&l->timers, i);
		t.fn(t.ctx);
		i = 0;
	}
}

bool
loop_turn(struct loop *l, int max_ms)
{
	/* what was deferred is seen by whoever looks between two turns, however they are cut */
	bool held, posted, ready, may_jump = max_ms != 0 && !l->deferred.n;
	int64_t rate;

	run_deferred(l);
	if (l->before_sleep.fn)
		l->before_sleep.fn(l->before_sleep.ctx);
	pthread_mutex_lock(&l->mutex);
	held = l->holds > 0;
	posted = l->posts.n > 0;
	pthread_mutex_unlock(&l->mutex);
	if (!held && !posted && !l->watched && !l->timers.n && !l->deferred.n)
		return false;
	rate = loop_rate(l, held || posted);
	ready = loop_sleep(l, loop_sleep_ms(l, max_ms, rate), rate, may_jump);
	run_signals(l);
	if (ready)
		run_ready(l);
	run_timers(l);
	return true;
}

void
loop_run(struct loop *l)
{
	l->stop = false;
	while (!l->stop && loop_turn(l, -1)) {
		/* everything happens in the turns */
	}
	l->stop = false;
}

void
loop_stop(struct loop *l)
{
	l->stop = true;
}
