/* Probes: the lines of ping and fping, samples on the loopback, a guest made of a socket that
 * counts, drops its connection, falls silent and comes back. */
#include "tests/unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "backends/local.h"
#include "backends/pingnet.h"
#include "base/str.h"
#include "base/vec.h"

static void
test_lines(void **state)
{
	static const struct {
		const char *line;
		bool is;
		uint64_t seq;
		int32_t rtt;
	} lines[] = {
		{ "64 bytes from 10.0.0.7: icmp_seq=5 ttl=64 time=0.045 ms", true, 5, 45 },
		{ "64 bytes from 10.0.0.7: icmp_seq=6 ttl=64 time=181 ms", true, 6, 181000 },
		{ "no answer yet for icmp_seq=7", true, 7, PING_LOST },
		{ "From 10.0.0.1 icmp_seq=8 Destination Host Unreachable", false, 0, 0 },
		{ "[1795.1] 10.0.0.7 : [0], 64 bytes, 0.051 ms (0.051 avg, 0% loss)", true, 0, 51 },
		{ "[1795.2] 10.0.0.7 : [12], timed out (0.05 avg, 8% loss)", true, 12, PING_LOST },
		{ "PING 10.0.0.7 (10.0.0.7) 56(84) bytes of data.", false, 0, 0 },
		{ "64 bytes from 10.0.0.7: icmp_seq=9 ttl=64 time=soon", false, 0, 0 },
		{ "", false, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		uint64_t seq = 0;
		int32_t rtt = 0;

		assert_int_equal(ping_line(lines[i].line, &seq, &rtt), lines[i].is);
		if (!lines[i].is)
			continue;
		assert_int_equal(seq, lines[i].seq);
		assert_int_equal(rtt, lines[i].rtt);
	}
}

/* ---- a guest ---- */

static struct loop *loop;
static struct vm vm = { .name = "m", .address = "127.0.0.1" };
static VEC(struct ping_sample) samples;
static VEC(struct ping_number) numbers;
static struct err failure;

static struct {
	int listener;
	int talk; /* who asked last; probes by TCP never ask */
	uint16_t port;
	uint64_t number;
	const char *nonce;
	bool mute; /* listens, but says nothing */
} guest;

static void
on_guest_talk(void *ctx, int fd, short revents)
{
	char data[64], line[96];
	ssize_t n = recv(fd, data, sizeof data, MSG_DONTWAIT);

	(void)ctx;
	(void)revents;
	if (n <= 0) {
		if (n == 0 || errno != EAGAIN) {
			guest.talk = guest.talk == fd ? -1 : guest.talk;
			loop_fd_del(loop, fd);
			close(fd);
		}
		return;
	}
	guest.talk = fd;
	for (ssize_t i = 0; i < n; i++) {
		if (data[i] != '\n' || guest.mute)
			continue;
		snprintf(line, sizeof line, "N %s %llu\n", guest.nonce,
			 (unsigned long long)++guest.number);
		assert_int_equal(send(fd, line, strlen(line), MSG_NOSIGNAL), strlen(line));
	}
}

static void
on_guest_call(void *ctx, int fd, short revents)
{
	(void)ctx;
	(void)revents;
	int talk = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	assert_true(talk >= 0);
	loop_fd_set(loop, talk, POLLIN, on_guest_talk, NULL);
}

static void
guest_boot(const char *nonce)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(guest.port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof at;
	int one = 1;

	guest.nonce = nonce;
	guest.listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	setsockopt(guest.listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	assert_int_equal(bind(guest.listener, (struct sockaddr *)&at, len), 0);
	assert_int_equal(listen(guest.listener, 8), 0);
	assert_int_equal(getsockname(guest.listener, (struct sockaddr *)&at, &len), 0);
	guest.port = ntohs(at.sin_port);
	loop_fd_set(loop, guest.listener, POLLIN, on_guest_call, NULL);
}

static void
guest_dies(void)
{
	loop_fd_del(loop, guest.listener);
	close(guest.listener);
	if (guest.talk >= 0) {
		loop_fd_del(loop, guest.talk);
		close(guest.talk);
	}
	guest.listener = guest.talk = -1;
}

static void
on_sample(void *ctx, const struct ping_sample *s)
{
	(void)ctx;
	vec_push(&samples, *s);
}

static void
on_number(void *ctx, const struct ping_number *n)
{
	(void)ctx;
	vec_push(&numbers, *n);
}

static void
on_fail(void *ctx, const struct err *err)
{
	(void)ctx;
	failure = *err;
}

static struct ping *
ping_begin(uint16_t port, struct transport *via)
{
	struct ping_spec spec = { .world = WORLD_REAL, .via = via, .vm = &vm, .port = port,
				  .on_sample = on_sample, .on_number = on_number,
				  .on_fail = on_fail };
	struct err err = { 0 };
	struct ping *p = ping_net_start(loop, &spec, &err);

	assert_non_null(p);
	return p;
}

static bool late;
enum { PATIENCE_MS = 60000 };

static void
on_late(void *ctx)
{
	(void)ctx;
	late = true;
}

/* Turns the loop until so many are there; a hang fails. */
static void
wait_for(const size_t *n, size_t wanted)
{
	uint64_t timer = loop_timer_add(loop, PATIENCE_MS, on_late, NULL);

	late = false;
	while (*n < wanted && !late)
		loop_turn(loop, -1);
	loop_timer_del(loop, timer);
	assert_false(late);
}

static int
each_setup(void **state)
{
	(void)state;
	loop = loop_new();
	memset(&guest, 0, sizeof guest);
	memset(&failure, 0, sizeof failure);
	guest.listener = guest.talk = -1;
	return 0;
}

static int
each_teardown(void **state)
{
	(void)state;
	if (guest.listener >= 0)
		guest_dies();
	vec_free(&samples);
	vec_free(&numbers);
	loop = loop_free(loop);
	return 0;
}

static void
samples_in_order(void)
{
	for (size_t i = 0; i < samples.n; i++) {
		assert_int_equal(samples.at[i].seq, samples.at[0].seq + i);
		assert_true(!i || samples.at[i].sent_ms > samples.at[i - 1].sent_ms);
	}
}

/* ICMP or, where this user may not, TCP: the loopback answers either way. */
static void
test_loopback(void **state)
{
	struct ping *p = ping_begin(0, NULL);
	size_t answered = 0;

	(void)state;
	wait_for(&samples.n, 10);
	samples_in_order();
	for (size_t i = 0; i < samples.n; i++)
		answered += samples.at[i].rtt_us != PING_LOST;
	/* a machine that stops for a second answers late, but not each time */
	assert_true(answered > 0);
	assert_in_range(samples.at[9].sent_ms - samples.at[0].sent_ms, 850, PATIENCE_MS);
	p->ops->stop(p);
}

/* In a network of its own, in which nothing is up: every probe is lost, and told in time. */
static void
test_nobody(void **state)
{
	pid_t child;
	int status;

	(void)state;
	child = fork();
	if (child == 0) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
			_exit(77);
		loop = loop_new();
		ping_begin(0, NULL);
		for (int i = 0; i < 1000 && samples.n < 3; i++)
			loop_turn(loop, 100);
		for (size_t i = 0; i < samples.n; i++)
			if (samples.at[i].rtt_us != PING_LOST || samples.at[i].seq != i)
				_exit(1);
		_exit(samples.n < 3);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		unit_skip("a user and network namespace may not be made here");
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void
test_numbers(void **state)
{
	struct ping *p;

	(void)state;
	guest_boot("aa");
	p = ping_begin(guest.port, NULL);
	wait_for(&numbers.n, 5);
	for (size_t i = 0; i < numbers.n; i++) {
		assert_true(!i || numbers.at[i].said.number > numbers.at[i - 1].said.number);
		assert_string_equal(numbers.at[i].said.nonce, "aa");
		assert_int_equal(numbers.at[i].connection, 1);
	}
	/* it dies and is started anew: another nonce, another connection, soon */
	guest_dies();
	size_t had = numbers.n;
	guest_boot("bb");
	wait_for(&numbers.n, had + 3);
	assert_string_equal(numbers.at[numbers.n - 1].said.nonce, "bb");
	assert_int_equal(numbers.at[numbers.n - 1].connection, 2);
	p->ops->stop(p);
}

static void
unmute(void *ctx)
{
	int *old = ctx;

	guest.mute = false;
	/* what it was asked while it stood still it answers now, as a VM does that goes on */
	char line[64];
	snprintf(line, sizeof line, "N %s %llu\n", guest.nonce, (unsigned long long)++guest.number);
	assert_true(send(*old, line, strlen(line), MSG_NOSIGNAL) > 0);
}

/* A pause of two seconds, as in a live migration: the old connection lives on and counts. */
static void
test_pause_keeps_connection(void **state)
{
	struct ping *p;
	int old;

	(void)state;
	guest_boot("aa");
	p = ping_begin(guest.port, NULL);
	wait_for(&numbers.n, 3);
	old = guest.talk;
	guest.mute = true;
	loop_timer_add(loop, 2000, unmute, &old);
	size_t had = numbers.n;
	wait_for(&numbers.n, had + 5);
	assert_int_equal(numbers.at[numbers.n - 1].connection, 1);
	for (size_t i = 1; i < numbers.n; i++)
		assert_true(numbers.at[i].said.number > numbers.at[i - 1].said.number);
	p->ops->stop(p);
}

/* Through a machine that has ping: here, this one. */
static void
test_via(void **state)
{
	struct transport *t;
	struct ping *p;
	uint64_t timer;

	(void)state;
	t = local_new(loop);
	p = ping_begin(0, t);
	timer = loop_timer_add(loop, PATIENCE_MS, on_late, NULL);
	late = false;
	while (samples.n < 8 && !failure.code && !late)
		loop_turn(loop, -1);
	loop_timer_del(loop, timer);
	assert_false(late);
	if (!failure.code) {
		samples_in_order();
		assert_in_range(samples.at[7].sent_ms - samples.at[0].sent_ms, 600, PATIENCE_MS);
	}
	p->ops->stop(p);
	t->ops->close(t);
	/* its process is reaped */
	for (int i = 0; i < 50 && loop_turn(loop, 100); i++)
		;
	if (failure.code) {
		assert_int_equal(failure.code, E_REMOTE); /* no ping, or not permitted */
		unit_skip("%s", failure.what);
	}
}

/* ---- a node whose lines come when the test wants it ---- */

static struct {
	struct transport base;
	struct exec_req req;
	char nonce[64];
} node;

static struct exec *
node_exec(struct transport *t, const struct exec_req *req)
{
	assert_ptr_equal(t, &node.base);
	node.req = *req;
	snprintf(node.nonce, sizeof node.nonce, "%s", req->nonce);
	return (struct exec *)&node;
}

static void
node_cancel(struct transport *t, struct exec *e)
{
	struct err err = { .code = E_CANCELLED };

	(void)t;
	(void)e;
	node.req.on_done(node.req.ctx, -1, &err);
}

static const struct transport_ops node_ops = { .name = "test", .exec = node_exec, .cancel = node_cancel };

static void
node_says(const char *up, const char *line)
{
	char text[256];

	snprintf(text, sizeof text, "@%s ping\t%s\t%s\n", node.nonce, up, line);
	node.req.on_out(node.req.ctx, 1, text, strlen(text));
}

/* Lines that are late on their way, and together, say nothing of the answers they tell of. */
static void
test_late_lines(void **state)
{
	struct ping *p;

	(void)state;
	node.base.ops = &node_ops;
	p = ping_begin(0, &node.base);
	node_says("100.00", "64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=5.0 ms");
	assert_int_equal(samples.n, 1);
	loop_timer_add(loop, 1300, on_late, NULL);
	for (late = false; !late;)
		loop_turn(loop, -1);
	node_says("100.20", "no answer yet for icmp_seq=2");
	for (int i = 0; i < 3; i++)
		loop_turn(loop, 150);
	node_says("100.25", "64 bytes from 127.0.0.1: icmp_seq=2 ttl=64 time=150 ms");
	assert_int_equal(samples.n, 2);
	assert_int_equal(samples.at[1].rtt_us, 150000);
	node_says("100.30", "no answer yet for icmp_seq=3");
	node_says("101.10", "64 bytes from 127.0.0.1: icmp_seq=4 ttl=64 time=1.0 ms");
	assert_int_equal(samples.n, 2);
	node_says("101.40", "64 bytes from 127.0.0.1: icmp_seq=5 ttl=64 time=1.0 ms");
	assert_int_equal(samples.n, 5);
	assert_int_equal(samples.at[2].rtt_us, PING_LOST);
	assert_int_equal(samples.at[3].rtt_us, 1000);
	p->ops->stop(p);
}

static void
test_no_address(void **state)
{
	struct vm nowhere = { .name = "x" };
	struct ping_spec spec = { .vm = &nowhere };
	struct err err = { 0 };

	(void)state;
	assert_null(ping_net_start(loop, &spec, &err));
	assert_int_equal(err.code, E_INPUT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test_setup_teardown(test_loopback, each_setup, each_teardown),
		cmocka_unit_test_setup_teardown(test_nobody, each_setup, each_teardown),
		cmocka_unit_test_setup_teardown(test_numbers, each_setup, each_teardown),
		cmocka_unit_test_setup_teardown(test_pause_keeps_connection, each_setup, each_teardown),
		cmocka_unit_test_setup_teardown(test_via, each_setup, each_teardown),
		cmocka_unit_test_setup_teardown(test_late_lines, each_setup, each_teardown),
		cmocka_unit_test_setup_teardown(test_no_address, each_setup, each_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
