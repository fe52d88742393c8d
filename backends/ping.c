/* Probes: a queue of those under way, filled by ICMP or TCP of our own, or by the lines of a ping
 * that runs on a node; given out in order once each is answered or late. */
#include "backends/pingnet.h"

#include <arpa/inet.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include "backends/pingpriv.h"
#include "base/nls.h"
#include "engine/marker.h"

enum { PAYLOAD = 16, SSH_PORT = 22, RTT_PENDING = -2, DATAGRAM_MAX = 256, WRAP = 65536 };

struct probe {
	uint64_t seq;
	int64_t sent_ms;
	int64_t sent_us; /* CLOCK_MONOTONIC; 0 = not ours */
	int32_t rtt_us;  /* PING_LOST, RTT_PENDING */
	int fd;          /* of a TCP probe; -1 = none */
};

struct ping_net {
	struct ping base;
	struct loop *loop;
	struct ping_spec spec;
	struct sockaddr_storage to;
	socklen_t to_len;
	int icmp; /* -1 = by TCP */
	uint64_t next, tick_timer;
	VEC(struct probe) queue; /* by seq, without a gap */
	struct numbers *numbers;
	/* what a node tells */
	struct exec *exec;
	struct marker_reader reader;
	char nonce[NONCE_SIZE];
	struct str script;
	int64_t offset_ms; /* loop clock minus the node's; the smallest seen */
	int64_t node_ms;   /* its newest line, in loop time */
	bool offset_known, stopped;
	uint64_t wrapped, last_said; /* of the ping's own 16-bit numbers */
};

static int64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* ---- the queue ---- */

static void
probe_close(struct ping_net *p, struct probe *pr)
{
	if (pr->fd < 0)
		return;
	loop_fd_del(p->loop, pr->fd);
	close(pr->fd);
	pr->fd = -1;
}

static struct probe *
probe_find(struct ping_net *p, uint64_t seq)
{
	uint64_t first = p->queue.n ? p->queue.at[0].seq : 0;

	return p->queue.n && seq >= first && seq - first < p->queue.n ? &p->queue.at[seq - first]
								      : NULL;
}

/* Gives out what is settled, in order. What a node sends is late by the node's own clock: its lines
 * may be delayed on their way here, together, and no answer is lost by that. */
static void
queue_flush(struct ping_net *p)
{
	int64_t now = p->spec.via ? p->node_ms : loop_now_ms(p->loop);

	while (p->queue.n) {
		struct probe *pr = &p->queue.at[0];
		struct ping_sample s = { pr->seq, pr->sent_ms, pr->rtt_us };

		if (pr->rtt_us == RTT_PENDING && now - pr->sent_ms < PING_LATE_MS)
			return;
		if (pr->rtt_us == RTT_PENDING || pr->rtt_us > PING_LATE_MS * 1000)
			s.rtt_us = PING_LOST;
		probe_close(p, pr);
		vec_remove(&p->queue, 0);
		p->spec.on_sample(p->spec.ctx, &s);
	}
}

static struct probe *
probe_add(struct ping_net *p, int64_t sent_ms)
{
	vec_push(&p->queue, ((struct probe){ .seq = p->next++, .sent_ms = sent_ms,
					     .rtt_us = RTT_PENDING, .fd = -1 }));
	return &p->queue.at[p->queue.n - 1];
}

static void
probe_answered(struct probe *pr)
{
	int64_t rtt = now_us() - pr->sent_us;

	if (pr->rtt_us == RTT_PENDING)
		pr->rtt_us = rtt > PING_LATE_MS * 1000 ? PING_LOST : (int32_t)rtt;
}

/* ---- ICMP of our own ---- */

static void
on_icmp(void *ctx, int fd, short revents)
{
	struct ping_net *p = ctx;
	unsigned char data[DATAGRAM_MAX];
	ssize_t n;

	(void)revents;
	while ((n = recv(fd, data, sizeof data, MSG_DONTWAIT)) > 0) {
		bool six = p->to.ss_family == AF_INET6;
		uint64_t seq;
		struct probe *pr;

		if (n < 8 + (ssize_t)sizeof seq ||
		    data[0] != (six ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY))
			continue;
		memcpy(&seq, data + 8, sizeof seq);
		pr = probe_find(p, seq);
		if (pr)
			probe_answered(pr);
	}
	queue_flush(p);
}

/* The kernel puts in identifier and checksum. */
static void
icmp_send(struct ping_net *p)
{
	unsigned char data[8 + PAYLOAD] = { 0 };
	struct probe *pr = probe_add(p, loop_now_ms(p->loop));

	data[0] = p->to.ss_family == AF_INET6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO;
	data[6] = (unsigned char)(pr->seq >> 8);
	data[7] = (unsigned char)pr->seq;
	memcpy(data + 8, &pr->seq, sizeof pr->seq);
	pr->sent_us = now_us();
	/* One that cannot be sent is one that is not answered. */
	(void)!send(p->icmp, data, sizeof data, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* ---- TCP where ICMP is not permitted ---- */

static bool
errno_is_answer(int error)
{
	return error == 0 || error == ECONNREFUSED;
}

/* Accepted or refused: it is there. */
static void
on_tcp(void *ctx, int fd, short revents)
{
	struct ping_net *p = ctx;
	struct probe *pr;
	int error = 0;
	socklen_t n = sizeof error;

	(void)revents;
	vec_each(pr, &p->queue) {
		if (pr->fd != fd)
			continue;
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n);
		if (errno_is_answer(error))
			probe_answered(pr);
		probe_close(p, pr);
		break;
	}
	queue_flush(p);
}

static void
tcp_send(struct ping_net *p)
{
	struct probe *pr = probe_add(p, loop_now_ms(p->loop));
	int fd = socket(p->to.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	pr->sent_us = now_us();
	if (fd < 0)
		return;
	if (connect(fd, (struct sockaddr *)&p->to, p->to_len) && errno == EINPROGRESS) {
		pr->fd = fd;
		loop_fd_set(p->loop, fd, POLLOUT, on_tcp, p);
		return;
	}
	if (errno_is_answer(errno))
		probe_answered(pr);
	close(fd);
}

static void
on_tick(void *ctx)
{
	struct ping_net *p = ctx;

	p->tick_timer = loop_timer_add(p->loop, PING_INTERVAL_MS, on_tick, p);
	if (!p->spec.via && p->icmp >= 0)
		icmp_send(p);
	else if (!p->spec.via)
		tcp_send(p);
	if (!p->spec.via)
		queue_flush(p);
}

/* ---- a ping that runs on a node ---- */

bool
ping_line(const char *line, uint64_t *seq, int32_t *rtt_us)
{
	const char *at = strstr(line, "icmp_seq="), *time;
	char *end;
	double ms;

	if (at) {
		*seq = strtoull(at + 9, &end, 10);
		time = strstr(end, " time=");
		if (str_starts(line, "no answer yet")) {
			*rtt_us = PING_LOST;
			return true;
		}
		if (!time)
			return false;
		ms = strtod(time + 6, &end);
	} else {
		at = strstr(line, " : [");
		if (!at)
			return false;
		*seq = strtoull(at + 4, &end, 10);
		if (strstr(end, "timed out")) {
			*rtt_us = PING_LOST;
			return true;
		}
		time = strstr(end, " bytes, ");
		if (!time)
			return false;
		ms = strtod(time + 8, &end);
	}
	if (!str_starts(end, " ms") || ms < 0 || ms > 1e6)
		return false;
	*rtt_us = (int32_t)(ms * 1000);
	return true;
}

/* ping counts from 1 and in 16 bits. */
static uint64_t
seq_unwrap(struct ping_net *p, uint64_t said)
{
	if (p->last_said > said && p->last_said - said > WRAP / 2)
		p->wrapped += WRAP;
	if (said <= p->last_said || said - p->last_said < WRAP / 2)
		p->last_said = said;
	return p->wrapped + said;
}

/* The node's clock, as far as a line took no time to come here. */
static int64_t
node_time(struct ping_net *p, int64_t up_ms)
{
	int64_t offset = loop_now_ms(p->loop) - up_ms;

	if (!p->offset_known || offset < p->offset_ms)
		p->offset_ms = offset;
	p->offset_known = true;
	p->node_ms = up_ms + p->offset_ms;
	return p->node_ms;
}

/* Those that no line told of before were sent at their turn. */
static struct probe *
probe_known(struct ping_net *p, uint64_t seq, int64_t sent_ms)
{
	if (!p->queue.n && seq > p->next + 600)
		p->next = seq; /* the ping was begun anew */
	while (p->next <= seq && p->next + 600 > seq)
		probe_add(p, sent_ms - (int64_t)(seq - p->next) * PING_INTERVAL_MS);
	return probe_find(p, seq);
}

/* "ping UPTIME LINE" */
static void
on_node_line(void *ctx, const struct marker *m)
{
	struct ping_net *p = ctx;
	int64_t at_ms;
	uint64_t seq;
	int32_t rtt;
	struct probe *pr;

	if (p->stopped || strcmp(m->kind, "ping") != 0 || m->nargs < 2 || !ping_line(m->args[1], &seq, &rtt))
		return;
	at_ms = node_time(p, (int64_t)(strtod(m->args[0], NULL) * 1000));
	seq = seq_unwrap(p, seq);
	if (!p->next)
		p->next = seq;
	pr = probe_known(p, seq, at_ms - (rtt == PING_LOST ? PING_INTERVAL_MS : rtt / 1000));
	if (pr && rtt != PING_LOST && pr->rtt_us == RTT_PENDING)
		pr->rtt_us = rtt;
	queue_flush(p);
}

static void
on_node_log(void *ctx, const char *text, size_t n)
{
	(void)ctx;
	(void)text;
	(void)n;
}

static void
on_node_out(void *ctx, int stream, const char *data, size_t n)
{
	struct ping_net *p = ctx;

	if (stream == 1)
		marker_feed(&p->reader, data, n);
}

static void
ping_net_free(struct ping_net *p)
{
	if (p->spec.via)
		marker_done(&p->reader);
	str_done(&p->script);
	free(p);
}

static void
ping_fail(struct ping_net *p, int status, const struct err *err)
{
	struct err why = *err;

	if (!why.code) {
		err_set(&why, E_REMOTE, _("the probes ended with code %d"), status);
		err_hint(&why, _("The machine that sends them needs ping or fping."));
	}
	p->spec.on_fail(p->spec.ctx, &why);
}

/* After a stop this is the end of it: the node's answer to being cancelled may take a turn. */
static void
on_node_done(void *ctx, int status, const struct err *err)
{
	struct ping_net *p = ctx;

	p->exec = NULL;
	if (p->stopped)
		ping_net_free(p);
	else
		ping_fail(p, status, err);
}

/* Each line gets the time of the node's own clock, without a fork. */
static void
node_start(struct ping_net *p)
{
	struct exec_req req = { .verb = VERB_WATCH, .nonce = p->nonce, .on_out = on_node_out,
				.on_done = on_node_done, .ctx = p };

	random_hex(p->nonce, 16);
	marker_init(&p->reader, p->nonce);
	p->reader.on_marker = on_node_line;
	p->reader.on_log = on_node_log;
	p->reader.ctx = p;
	p->script = STR_INIT(4096);
	str_add(&p->script, "LC_ALL=C; export LC_ALL; to=");
	str_quote_sh(&p->script, p->spec.vm->address);
	str_addf(&p->script,
		 "\nif command -v ping >/dev/null 2>&1; then\n"
		 "\tset -- ping -n -O -i 0.1 \"$to\"\nelse\n"
		 "\tset -- fping -D -l -p 100 -t 1000 \"$to\"\nfi\n"
		 "command -v \"$1\" >/dev/null 2>&1 || exit 127\n"
		 "\"$@\" 2>&1 | while IFS= read -r line; do\n"
		 "\tread -r up _ </proc/uptime\n"
		 "\tprintf '@%s ping\\t%%s\\t%%s\\n' \"$up\" \"$line\" || break\ndone\n", p->nonce);
	req.script = str_text(&p->script);
	req.script_len = p->script.len;
	p->exec = p->spec.via->ops->exec(p->spec.via, &req);
}

/* ---- start and stop ---- */

static int
address_read(struct ping_net *p, struct err *err)
{
	struct sockaddr_in *four = (struct sockaddr_in *)&p->to;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&p->to;
	uint16_t port = htons(p->spec.port ? p->spec.port : SSH_PORT);

	if (inet_pton(AF_INET, p->spec.vm->address, &four->sin_addr) == 1) {
		four->sin_family = AF_INET;
		four->sin_port = port;
		p->to_len = sizeof *four;
		return 0;
	}
	if (inet_pton(AF_INET6, p->spec.vm->address, &six->sin6_addr) == 1) {
		six->sin6_family = AF_INET6;
		six->sin6_port = port;
		p->to_len = sizeof *six;
		return 0;
	}
	err_set(err, E_INPUT, _("the VM %s has no address to probe"), p->spec.vm->name);
	err_hint(err, _("Give it one in the cluster file: address = …"));
	return E_INPUT;
}

/* -1 where this user may not: the group range of the kernel, or no such kernel. */
static int
icmp_open(const struct ping_net *p)
{
	bool six = p->to.ss_family == AF_INET6;
	int fd = socket(p->to.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
			six ? IPPROTO_ICMPV6 : IPPROTO_ICMP);

	if (fd >= 0 && connect(fd, (const struct sockaddr *)&p->to, p->to_len)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static struct ping *
ping_net_stop(struct ping *ping)
{
	struct ping_net *p = (struct ping_net *)ping;
	struct probe *pr;

	p->stopped = true; /* nobody is told any more */
	p->numbers = numbers_stop(p->numbers);
	vec_each(pr, &p->queue)
		probe_close(p, pr);
	vec_free(&p->queue);
	if (p->icmp >= 0) {
		loop_fd_del(p->loop, p->icmp);
		close(p->icmp);
	}
	loop_timer_del(p->loop, p->tick_timer);
	loop_forget(p->loop, p);
	if (p->exec)
		p->spec.via->ops->cancel(p->spec.via, p->exec);
	else
		ping_net_free(p);
	return NULL;
}

static const struct ping_ops ping_net_ops = { .stop = ping_net_stop };

struct ping *
ping_net_start(struct loop *l, const struct ping_spec *spec, struct err *err)
{
	struct ping_net *p = xcalloc(1, sizeof *p);

	p->base.ops = &ping_net_ops;
	p->loop = l;
	p->spec = *spec;
	p->icmp = -1;
	if (address_read(p, err)) {
		free(p);
		return NULL;
	}
	if (spec->via) {
		node_start(p);
	} else {
		p->icmp = icmp_open(p);
		if (p->icmp >= 0)
			loop_fd_set(l, p->icmp, POLLIN, on_icmp, p);
	}
	if (spec->port)
		p->numbers = numbers_start(l, spec, (struct sockaddr *)&p->to, p->to_len);
	p->tick_timer = loop_timer_add(l, 0, on_tick, p);
	return &p->base;
}
