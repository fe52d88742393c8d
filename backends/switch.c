/* bascule-switch: the cables of the practice lab, without privileges. Each port speaks to one
 * network card of QEMU by Unix datagrams (-netdev dgram).
 *
 *	bascule-switch FOLDER MACHINE.CARD=NETWORK …
 *
 * In FOLDER, QEMU binds MACHINE.CARD and sends to switch.MACHINE.CARD. The socket "switch" there
 * takes one line a connection: list, quit, cut MACHINE NETWORK 0|1, part A B NETWORK 0|1. It
 * goes to the background once its sockets are there, so that its exit code tells. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "backends/segment.h"
#include "base/alloc.h"
#include "base/err.h"
#include "base/loop.h"
#include "base/nls.h"
#include "base/str.h"
#include "base/vec.h"

/* A Linux datagram socket holds ten frames; what a busy card can't take yet waits here. */
enum { WAITING_MAX = 512, BURST = 64, LINE_MAX_BYTES = 512, ANSWER_MAX = 65536 };

struct frame {
	size_t n;
	uint8_t bytes[];
};

struct port {
	struct wires *wires;
	int in_fd;   /* bound; never connected, or a machine started anew could not send to it */
	int out_fd;  /* connected, so that poll() tells when the card takes more; -1 = not yet */
	char *peer;
	struct frame *waiting[WAITING_MAX]; /* a ring */
	size_t first, count;
	uint64_t in, out, dropped;
};

struct wires {
	struct loop *loop;
	struct segment *segment;
	struct port ports[SEGMENT_PORTS_MAX];
	char *folder;
	int control;
	uint8_t buffer[SEGMENT_FRAME_MAX];
};

static int
address_set(struct sockaddr_un *a, const char *path)
{
	memset(a, 0, sizeof *a);
	a->sun_family = AF_UNIX;
	return str_put(a->sun_path, sizeof a->sun_path, path) ? 0 : -ENAMETOOLONG;
}

/* A socket of ours at folder/name, in place of what a dead switch left there. */
static int
socket_bind(const char *path, int type, struct err *err)
{
	struct sockaddr_un a;
	int fd;

	if (address_set(&a, path))
		return err_set(err, -ENAMETOOLONG, _("the path '%s' is too long for a socket"),
			       path);
	fd = socket(AF_UNIX, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(err, errno, _("cannot make a socket"));
	unlink(path);
	if (!bind(fd, (struct sockaddr *)&a, sizeof a))
		return fd;
	err_sys(err, errno, _("cannot make the socket '%s'"), path);
	close(fd);
	return err->code;
}

/* ---- frames ---- */

/* A machine that was started again has a new socket under the same name. */
static bool
port_join(struct port *p)
{
	struct sockaddr_un a;

	if (p->out_fd >= 0)
		return true;
	if (address_set(&a, p->peer))
		return false;
	p->out_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (p->out_fd >= 0 && connect(p->out_fd, (struct sockaddr *)&a, sizeof a)) {
		close(p->out_fd);
		p->out_fd = -1;
	}
	return p->out_fd >= 0;
}

static void
port_part(struct port *p)
{
	if (p->out_fd < 0)
		return;
	loop_fd_del(p->wires->loop, p->out_fd);
	close(p->out_fd);
	p->out_fd = -1;
}

static void
port_forget(struct port *p)
{
	while (p->count) {
		free(p->waiting[p->first]);
		p->first = (p->first + 1) % WAITING_MAX;
		p->count--;
		p->dropped++;
	}
}

/* 0 = gone (or nobody is there to take it), -EAGAIN = later. */
static int
port_send(struct port *p, const uint8_t *frame, size_t n)
{
	if (port_join(p)) {
		if (send(p->out_fd, frame, n, MSG_NOSIGNAL) == (ssize_t)n) {
			p->out++;
			return 0;
		}
		if (errno == EAGAIN || errno == ENOBUFS)
			return -EAGAIN;
		port_part(p);
	}
	p->dropped++;
	return 0;
}

static void
port_flush(void *ctx, int fd, short revents)
{
	struct port *p = ctx;

	(void)revents;
	while (p->count && p->out_fd >= 0) {
		struct frame *f = p->waiting[p->first];

		if (port_send(p, f->bytes, f->n) == -EAGAIN)
			return;
		free(f);
		p->first = (p->first + 1) % WAITING_MAX;
		p->count--;
	}
	port_forget(p);
	loop_fd_del(p->wires->loop, fd);
}

static void
port_take(struct port *p, const uint8_t *bytes, size_t n)
{
	struct frame *f;

	if (!p->count && port_send(p, bytes, n) == 0)
		return;
	if (p->count == WAITING_MAX) {
		p->dropped++;
		return;
	}
	f = xcalloc(1, sizeof *f + n);
	f->n = n;
	memcpy(f->bytes, bytes, n);
	p->waiting[(p->first + p->count++) % WAITING_MAX] = f;
	loop_fd_set(p->wires->loop, p->out_fd, POLLOUT, port_flush, p);
}

static void
port_read(void *ctx, int fd, short revents)
{
	struct port *p = ctx;
	struct wires *w = p->wires;
	int64_t now_s = loop_now_ms(w->loop) / 1000;

	(void)revents;
	for (int i = 0; i < BURST; i++) {
		ssize_t n = recv(fd, w->buffer, sizeof w->buffer, 0);
		uint64_t to;

		if (n <= 0)
			return;
		p->in++;
		to = segment_route(w->segment, (size_t)(p - w->ports), w->buffer, (size_t)n, now_s);
		for (size_t k = 0; to; k++, to >>= 1)
			if (to & 1)
				port_take(&w->ports[k], w->buffer, (size_t)n);
	}
}

/* ---- control ---- */

static void
answer_list(const struct wires *w, struct str *out)
{
	size_t n = segment_ports(w->segment);

	for (size_t i = 0; i < n; i++) {
		const struct segment_port *p = segment_port(w->segment, i);

		str_addf(out, "port %s %s %s %llu %llu %llu\n", p->name, p->network,
			 p->cut ? "cut" : "on", (unsigned long long)w->ports[i].in,
			 (unsigned long long)w->ports[i].out,
			 (unsigned long long)w->ports[i].dropped);
	}
	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++)
			if (segment_parted(w->segment, i, k))
				str_addf(out, "part %s %s %s\n",
					 segment_port(w->segment, i)->machine,
					 segment_port(w->segment, k)->machine,
					 segment_port(w->segment, i)->network);
}

static size_t
words_split(char *line, char **words, size_t max)
{
	size_t n = 0;
	char *word;

	while (n < max && (word = strsep(&line, " \n")))
		if (*word)
			words[n++] = word;
	return n;
}

static void
answer(struct wires *w, char *line, struct str *out)
{
	char *word[6] = { NULL };
	size_t n = words_split(line, word, 6), meant;

	if (n == 1 && !strcmp(word[0], "list")) {
		answer_list(w, out);
		return;
	}
	if (n == 1 && !strcmp(word[0], "quit")) {
		loop_stop(w->loop);
		str_add(out, "0\n");
		return;
	}
	if (n == 4 && !strcmp(word[0], "cut"))
		meant = segment_cut(w->segment, word[1], word[2], *word[3] == '1');
	else if (n == 5 && !strcmp(word[0], "part"))
		meant = segment_part(w->segment, word[1], word[2], word[3], *word[4] == '1');
	else
		meant = 0;
	str_addf(out, "%zu\n", meant);
}

/* Callers are this user's own programs and write their one line at once. */
static void
control_line(void *ctx, int fd, short revents)
{
	struct wires *w = ctx;
	CLEAN_STR out = STR_INIT(ANSWER_MAX);
	char line[LINE_MAX_BYTES];
	ssize_t n = recv(fd, line, sizeof line - 1, 0);

	(void)revents;
	if (n < 0 && errno == EAGAIN)
		return;
	if (n > 0) {
		line[n] = '\0';
		answer(w, line, &out);
		/* a caller that has left needs no answer */
		(void)!send(fd, str_text(&out), out.len, MSG_NOSIGNAL);
	}
	loop_fd_del(w->loop, fd);
	close(fd);
}

static void
control_ready(void *ctx, int fd, short revents)
{
	struct wires *w = ctx;
	int one = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	(void)revents;
	if (one >= 0)
		loop_fd_set(w->loop, one, POLLIN, control_line, w);
}

/* ---- start and end ---- */

static char *
wires_path(const struct wires *w, const char *prefix, const char *name)
{
	return xasprintf("%s/%s%s", w->folder, prefix, name);
}

/* "hv-1.eth3=heartbeat" */
static int
port_open(struct wires *w, const char *spec, struct err *err)
{
	const char *equals = strchr(spec, '=');
	CLEANUP(freep) char *name = equals ? xstrndup(spec, (size_t)(equals - spec)) : NULL;
	CLEANUP(freep) char *path = NULL;
	int i = name ? segment_port_add(w->segment, name, equals + 1) : -EINVAL;

	if (i < 0)
		return err_set(err, -EINVAL, _("'%s' is no port"), spec);
	path = wires_path(w, "switch.", name);
	w->ports[i] = (struct port){ .wires = w, .out_fd = -1, .peer = wires_path(w, "", name) };
	w->ports[i].in_fd = socket_bind(path, SOCK_DGRAM, err);
	return w->ports[i].in_fd < 0 ? w->ports[i].in_fd : 0;
}

static int
control_open(struct wires *w, struct err *err)
{
	CLEANUP(freep) char *path = wires_path(w, "switch", "");

	w->control = socket_bind(path, SOCK_STREAM, err);
	if (w->control < 0)
		return w->control;
	return listen(w->control, 16) ? err_sys(err, errno, _("cannot listen")) : 0;
}

static void
sockets_remove(struct wires *w)
{
	CLEANUP(freep) char *control = wires_path(w, "switch", "");

	for (size_t i = 0; i < segment_ports(w->segment); i++) {
		CLEANUP(freep) char *path =
			wires_path(w, "switch.", segment_port(w->segment, i)->name);

		unlink(path);
	}
	unlink(control);
}

/* The parent leaves once the child is on its own. */
static int
background(struct err *err)
{
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	pid_t child = fork();

	if (child < 0 || null_fd < 0)
		return err_sys(err, errno, _("cannot go to the background"));
	if (child)
		_exit(0);
	setsid();
	for (int fd = 0; fd < 3; fd++)
		dup2(null_fd, fd);
	return chdir("/") ? err_sys(err, errno, _("cannot go to the background")) : 0;
}

/* Its sockets close with it. */
static void
wires_free(struct wires *w)
{
	for (size_t i = 0; i < segment_ports(w->segment); i++) {
		port_forget(&w->ports[i]);
		free(w->ports[i].peer);
	}
	loop_free(w->loop);
	segment_free(w->segment);
	free(w);
}

static void
on_term(void *ctx)
{
	struct wires *w = ctx;

	loop_stop(w->loop);
}

static int
wires_open(struct wires *w, int argc, char **argv, struct err *err)
{
	w->folder = argv[1];
	for (int i = 2; i < argc; i++)
		if (port_open(w, argv[i], err))
			return err->code;
	return control_open(w, err) ? err->code : background(err);
}

int
main(int argc, char **argv)
{
	struct wires *w = xcalloc(1, sizeof *w);
	struct err err = { 0 };

	nls_init(NULL);
	umask(077);
	w->segment = segment_new();
	if (argc < 3)
		err_set(&err, -EINVAL, _("usage: bascule-switch FOLDER MACHINE.CARD=NETWORK…"));
	else
		wires_open(w, argc, argv, &err);
	if (err.code) {
		fprintf(stderr, "bascule-switch: %s\n", err.what);
		wires_free(w);
		return 1;
	}
	w->loop = loop_new();
	loop_signal(w->loop, SIGTERM, on_term, w);
	for (size_t i = 0; i < segment_ports(w->segment); i++)
		loop_fd_set(w->loop, w->ports[i].in_fd, POLLIN, port_read, &w->ports[i]);
	loop_fd_set(w->loop, w->control, POLLIN, control_ready, w);
	loop_run(w->loop);
	sockets_remove(w);
	wires_free(w);
	return 0;
}
