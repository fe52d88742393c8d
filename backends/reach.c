/* Name resolution and a trial connection, without ever blocking the loop. */
#include "backends/reach.h"

#include <netdb.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/alloc.h"
#include "base/nls.h"
#include "base/str.h"

enum { TRY_MS = 3000 }; /* per address, while another one is left to try */

/* What the resolving thread and the loop share. The thread owns it once the reach is gone. */
struct lookup {
	pthread_mutex_t mutex;
	struct loop *loop; /* NULL: nobody waits for the answer any more */
	struct reach *reach;
	char host[256], port[8];
	int answer; /* of getaddrinfo() */
	struct addrinfo *list;
};

struct reach {
	struct loop *loop;
	struct lookup *lookup; /* NULL once the thread has answered */
	struct addrinfo *list, *next;
	char host[256];
	int port;
	int fd;
	uint64_t timer;
	struct err err; /* of the last address tried */
	reach_fn done;
	void *ctx;
};

static void try_next(void *ctx);

static struct lookup *
lookup_free(struct lookup *k)
{
	if (k->list)
		freeaddrinfo(k->list);
	pthread_mutex_destroy(&k->mutex);
	free(k);
	return NULL;
}

static void
try_end(struct reach *r)
{
	loop_timer_del(r->loop, r->timer);
	r->timer = 0;
	if (r->fd < 0)
		return;
	loop_fd_del(r->loop, r->fd);
	close(r->fd);
	r->fd = -1;
}

static void
reach_free(struct reach *r)
{
	try_end(r);
	loop_forget(r->loop, r);
	if (r->list)
		freeaddrinfo(r->list);
	free(r);
}

struct reach *
reach_cancel(struct reach *r)
{
	struct lookup *k = r ? r->lookup : NULL;

	if (!r)
		return NULL;
	if (k) {
		pthread_mutex_lock(&k->mutex);
		k->loop = NULL;
		pthread_mutex_unlock(&k->mutex);
		loop_release(r->loop);
	}
	reach_free(r);
	return NULL;
}

static void
reach_end(struct reach *r, const char *address)
{
	reach_fn done = r->done;
	void *ctx = r->ctx;
	struct err err = r->err;

	reach_free(r);
	done(ctx, address, &err);
}

static void
reach_fail(struct reach *r)
{
	reach_end(r, NULL);
}

static void
reach_ok(struct reach *r, const struct addrinfo *ai)
{
	char host[NI_MAXHOST], port[NI_MAXSERV], address[NI_MAXHOST + NI_MAXSERV + 4];

	getnameinfo(ai->ai_addr, ai->ai_addrlen, host, sizeof host, port, sizeof port,
		    NI_NUMERICHOST | NI_NUMERICSERV);
	snprintf(address, sizeof address, ai->ai_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host,
		 port);
	memset(&r->err, 0, sizeof r->err);
	reach_end(r, address);
}

static void
connect_error(struct reach *r, int errnum)
{
	err_sys(&r->err, errnum, _("cannot reach %s port %d"), r->host, r->port);
	if (errnum == ECONNREFUSED)
		err_hint(&r->err, _("Nothing listens there: is the iSCSI target running, on this port?"));
	else
		err_hint(&r->err, _("Check the address, and this machine's way into the storage network."));
}

static void
on_connected(void *ctx, int fd, short revents)
{
	struct reach *r = ctx;
	const struct addrinfo *ai = r->next;
	int errnum = 0;
	socklen_t n = sizeof errnum;

	(void)revents;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &errnum, &n) < 0)
		errnum = errno;
	try_end(r);
	if (!errnum) {
		reach_ok(r, ai);
		return;
	}
	connect_error(r, errnum);
	r->next = ai->ai_next;
	try_next(r);
}

static void
on_try_late(void *ctx)
{
	struct reach *r = ctx;

	r->timer = 0;
	try_end(r);
	connect_error(r, ETIMEDOUT);
	r->next = r->next->ai_next;
	try_next(r);
}

static void
try_next(void *ctx)
{
	struct reach *r = ctx;
	const struct addrinfo *ai;

	for (; r->next; r->next = r->next->ai_next) {
		ai = r->next;
		r->fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (r->fd >= 0 && (connect(r->fd, ai->ai_addr, ai->ai_addrlen) == 0 ||
				   errno == EINPROGRESS)) {
			loop_fd_set(r->loop, r->fd, POLLOUT, on_connected, r);
			if (ai->ai_next)
				r->timer = loop_timer_add(r->loop, TRY_MS, on_try_late, r);
			return;
		}
		connect_error(r, errno);
		try_end(r);
	}
	reach_fail(r);
}

static void
take_list(struct reach *r, int answer, struct addrinfo *list)
{
	r->list = r->next = list;
	if (answer == 0) {
		try_next(r);
		return;
	}
	err_set(&r->err, -EHOSTUNREACH, _("cannot find an address for '%s': %s"), r->host,
		gai_strerror(answer));
	err_hint(&r->err, _("Write the portal's IP address, or check this machine's DNS."));
	reach_fail(r);
}

static void
on_looked_up(void *ctx)
{
	struct reach *r = ctx;
	struct lookup *k = r->lookup;
	struct addrinfo *list;
	int answer;

	/* the thread unlocks as its last act; once the lock is had, k is ours alone */
	pthread_mutex_lock(&k->mutex);
	list = k->list;
	answer = k->answer;
	k->list = NULL;
	pthread_mutex_unlock(&k->mutex);
	r->lookup = lookup_free(k);
	loop_release(r->loop);
	take_list(r, answer, list);
}

static void *
lookup_thread(void *arg)
{
	struct lookup *k = arg;
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	bool orphan;

	k->answer = getaddrinfo(k->host, k->port, &hints, &k->list);
	pthread_mutex_lock(&k->mutex);
	orphan = !k->loop;
	if (!orphan)
		loop_post(k->loop, on_looked_up, k->reach);
	pthread_mutex_unlock(&k->mutex);
	if (orphan)
		lookup_free(k);
	return NULL;
}

static void
on_no_thread(void *ctx)
{
	take_list(ctx, EAI_AGAIN, NULL);
}

static void
lookup_start(struct reach *r)
{
	struct lookup *k = xcalloc(1, sizeof *k);
	pthread_attr_t attr;
	pthread_t thread;

	pthread_mutex_init(&k->mutex, NULL);
	k->loop = r->loop;
	k->reach = r;
	str_put(k->host, sizeof k->host, r->host);
	snprintf(k->port, sizeof k->port, "%d", r->port);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	loop_hold(r->loop);
	if (pthread_create(&thread, &attr, lookup_thread, k) == 0) {
		r->lookup = k;
	} else {
		loop_release(r->loop);
		lookup_free(k);
		loop_defer(r->loop, on_no_thread, r);
	}
	pthread_attr_destroy(&attr);
}

struct reach *
reach_start(struct loop *l, const char *host, int port, reach_fn done, void *ctx)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
				  .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	struct reach *r = xcalloc(1, sizeof *r);
	char service[8];

	r->loop = l;
	r->fd = -1;
	r->port = port;
	r->done = done;
	r->ctx = ctx;
	str_put(r->host, sizeof r->host, host);
	snprintf(service, sizeof service, "%d", port);
	if (getaddrinfo(host, service, &hints, &r->list) == 0) {
		r->next = r->list;
		loop_defer(l, try_next, r);
	} else {
		r->list = NULL;
		lookup_start(r);
	}
	return r;
}
