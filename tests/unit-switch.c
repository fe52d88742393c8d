/* The lab's switch: what it learns, what a pulled cable and a partition stop, and that a
 * receiver which is slow loses nothing. */
#include "tests/unit.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "backends/segment.h"
#include "backends/tool.h"
#include "base/alloc.h"
#include "base/str.h"

enum { FRAME = 60, A = 0, B = 1, C = 2, HEARTBEAT = 3 };

static const uint8_t everybody[6] = { 255, 255, 255, 255, 255, 255 };

/* The address of the card behind port i. */
static const uint8_t *
card(int i)
{
	static const uint8_t cards[4][6] = {
		{ 2, 0, 0, 0, 0, 1 }, { 2, 0, 0, 0, 0, 2 }, { 2, 0, 0, 0, 0, 3 }, { 2, 0, 0, 0, 0, 4 },
	};

	return cards[i];
}

static void
frame_make(uint8_t *frame, const uint8_t *to, const uint8_t *from, int number)
{
	memset(frame, 0, FRAME);
	memcpy(frame, to, 6);
	memcpy(frame + 6, from, 6);
	memcpy(frame + 14, &number, sizeof number);
}

static uint64_t
route(struct segment *g, int from, const uint8_t *to, int64_t now_s)
{
	uint8_t frame[FRAME];

	frame_make(frame, to, card(from), 0);
	return segment_route(g, (size_t)from, frame, FRAME, now_s);
}

static struct segment *
three_and_one(void)
{
	struct segment *g = segment_new();

	assert_int_equal(segment_port_add(g, "a.eth1", "lan"), A);
	assert_int_equal(segment_port_add(g, "b.eth1", "lan"), B);
	assert_int_equal(segment_port_add(g, "c.eth1", "lan"), C);
	assert_int_equal(segment_port_add(g, "a.eth2", "heartbeat"), HEARTBEAT);
	return g;
}

static void
test_learns(void **state)
{
	struct segment *g = three_and_one();

	(void)state;
	assert_int_equal(route(g, A, card(B), 0), 1 << B | 1 << C); /* unknown: all, not itself */
	assert_int_equal(route(g, B, card(A), 1), 1 << A);
	assert_int_equal(route(g, A, card(B), 2), 1 << B);
	assert_int_equal(route(g, A, everybody, 2), 1 << B | 1 << C);
	assert_int_equal(route(g, HEARTBEAT, everybody, 2), 0); /* alone in its network */
	assert_int_equal(route(g, C, card(A), 1000), 1 << A | 1 << B); /* forgotten by then */
	segment_free(g);
}

static void
test_follows_a_moved_address(void **state)
{
	struct segment *g = three_and_one();
	uint8_t frame[FRAME];

	(void)state;
	route(g, A, everybody, 0);
	frame_make(frame, everybody, card(A), 0); /* the same address, now behind C */
	segment_route(g, C, frame, FRAME, 1);
	assert_int_equal(route(g, B, card(A), 2), 1 << C);
	segment_free(g);
}

static void
test_cut(void **state)
{
	struct segment *g = three_and_one();

	(void)state;
	assert_int_equal(segment_cut(g, "b", "lan", true), 1);
	assert_int_equal(route(g, A, everybody, 0), 1 << C);
	assert_int_equal(route(g, B, everybody, 0), 0);
	assert_int_equal(segment_cut(g, "b", "eth1", false), 1); /* by card as well */
	assert_int_equal(route(g, A, everybody, 0), 1 << B | 1 << C);
	assert_int_equal(segment_cut(g, "b", "heartbeat", true), 0);
	segment_free(g);
}

static void
test_partition(void **state)
{
	struct segment *g = three_and_one();

	(void)state;
	assert_int_equal(segment_part(g, "a", "b", "lan", true), 1);
	assert_int_equal(route(g, A, everybody, 0), 1 << C);
	assert_int_equal(route(g, B, card(A), 0), 0);
	assert_int_equal(route(g, C, everybody, 0), 1 << A | 1 << B);
	assert_true(segment_parted(g, B, A));
	segment_part(g, "b", "a", "lan", false);
	assert_int_equal(route(g, A, everybody, 0), 1 << B | 1 << C);
	segment_free(g);
}

static void
test_refuses_nonsense(void **state)
{
	struct segment *g = three_and_one();
	uint8_t runt[10] = { 0 };

	(void)state;
	assert_int_equal(segment_port_add(g, "a.eth1", "lan"), -EEXIST);
	assert_int_equal(segment_port_add(g, "nodot", "lan"), -EINVAL);
	assert_int_equal(segment_port_add(g, ".eth1", "lan"), -EINVAL);
	assert_int_equal(segment_port_add(g, "x.eth1", ""), -EINVAL);
	assert_int_equal(segment_route(g, A, runt, sizeof runt, 0), 0);
	segment_free(g);
}

/* ---- the program itself, over real sockets ---- */

struct wires {
	char folder[64];
	int a, b;
};

static void
address(struct sockaddr_un *s, const struct wires *w, const char *name)
{
	memset(s, 0, sizeof *s);
	s->sun_family = AF_UNIX;
	snprintf(s->sun_path, sizeof s->sun_path, "%s/%s", w->folder, name);
}

/* What QEMU does: binds its own end, sends to the switch's. */
static int
peer_open(const struct wires *w, const char *name)
{
	struct sockaddr_un own;
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	address(&own, w, name);
	unlink(own.sun_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof own), 0);
	return fd;
}

static void
peer_send(const struct wires *w, int fd, const char *port, const uint8_t *to, int from, int number)
{
	struct sockaddr_un other;
	uint8_t frame[FRAME];

	address(&other, w, port);
	frame_make(frame, to, card(from), number);
	assert_int_equal(sendto(fd, frame, FRAME, 0, (struct sockaddr *)&other, sizeof other),
			 FRAME);
}

/* The number in the next frame, or -1 when none comes. */
static int
peer_receive(int fd, int limit_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint8_t frame[FRAME];
	int number;

	if (poll(&p, 1, limit_ms) != 1 || recv(fd, frame, FRAME, 0) != FRAME)
		return -1;
	memcpy(&number, frame + 14, sizeof number);
	return number;
}

static void
ask(const struct wires *w, const char *line, char *answer, size_t size)
{
	struct sockaddr_un s;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	size_t n = 0;
	ssize_t got;

	address(&s, w, "switch");
	assert_int_equal(connect(fd, (struct sockaddr *)&s, sizeof s), 0);
	assert_int_equal(send(fd, line, strlen(line), 0), (ssize_t)strlen(line));
	while (n + 1 < size && (got = recv(fd, answer + n, size - n - 1, 0)) > 0)
		n += (size_t)got;
	answer[n] = '\0';
	close(fd);
}

static int
wires_up(void **state)
{
	struct wires *w = xcalloc(1, sizeof *w);
	const char *build = getenv("top_builddir");
	CLEANUP(freep) char *program = xasprintf("%s/bascule-switch", build ? build : ".");
	struct err err = { 0 };

	str_put(w->folder, sizeof w->folder, "/tmp/bascule-switch.XXXXXX");
	if (!mkdtemp(w->folder))
		return -1;
	const char *argv[] = { program, w->folder, "a.eth1=lan", "b.eth1=lan", NULL };
	if (tool_run(argv, 60000, NULL, NULL, &err))
		return -1;
	w->a = peer_open(w, "a.eth1");
	w->b = peer_open(w, "b.eth1");
	*state = w;
	return 0;
}

static int
wires_down(void **state)
{
	static const char *const names[] = { "a.eth1", "b.eth1" };
	struct wires *w = *state;
	struct sockaddr_un s;
	char answer[64];

	ask(w, "quit\n", answer, sizeof answer);
	for (size_t i = 0; i < 2; i++) {
		address(&s, w, names[i]);
		unlink(s.sun_path);
	}
	rmdir(w->folder);
	close(w->a);
	close(w->b);
	free(w);
	return 0;
}

static void
test_carries_and_cuts(void **state)
{
	struct wires *w = *state;
	char answer[1024];

	peer_send(w, w->a, "switch.a.eth1", everybody, A, 7);
	assert_int_equal(peer_receive(w->b, 60000), 7);
	ask(w, "cut b lan 1\n", answer, sizeof answer);
	assert_string_equal(answer, "1\n");
	ask(w, "list\n", answer, sizeof answer);
	assert_non_null(strstr(answer, "port b.eth1 lan cut"));
	peer_send(w, w->a, "switch.a.eth1", everybody, A, 8);
	assert_int_equal(peer_receive(w->b, 200), -1);
	ask(w, "cut b lan 0\n", answer, sizeof answer);
	peer_send(w, w->a, "switch.a.eth1", everybody, A, 9);
	assert_int_equal(peer_receive(w->b, 60000), 9);
}

/* A datagram socket holds about ten frames: the rest waits in the switch, in order. */
static void
test_slow_receiver_loses_nothing(void **state)
{
	struct wires *w = *state;

	for (int i = 0; i < 300; i++)
		peer_send(w, w->a, "switch.a.eth1", everybody, A, i);
	for (int i = 0; i < 300; i++)
		assert_int_equal(peer_receive(w->b, 60000), i);
}

/* A machine whose power was off comes back with a new socket of the same name. */
static void
test_finds_a_new_peer(void **state)
{
	struct wires *w = *state;

	peer_send(w, w->a, "switch.a.eth1", everybody, A, 1);
	assert_int_equal(peer_receive(w->b, 60000), 1);
	close(w->b);
	peer_send(w, w->a, "switch.a.eth1", everybody, A, 2); /* nobody there: gone */
	w->b = peer_open(w, "b.eth1");
	peer_send(w, w->b, "switch.b.eth1", everybody, B, 3); /* it speaks before it hears */
	assert_int_equal(peer_receive(w->a, 60000), 3);
	peer_send(w, w->a, "switch.a.eth1", card(B), A, 4);
	assert_int_equal(peer_receive(w->b, 60000), 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_learns),
		cmocka_unit_test(test_follows_a_moved_address),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_partition),
		cmocka_unit_test(test_refuses_nonsense),
		cmocka_unit_test_setup_teardown(test_carries_and_cuts, wires_up, wires_down),
		cmocka_unit_test_setup_teardown(test_slow_receiver_loses_nothing, wires_up,
						wires_down),
		cmocka_unit_test_setup_teardown(test_finds_a_new_peer, wires_up, wires_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
