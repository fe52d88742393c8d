/* For the bench: one command on many sshds, through warm connections, a round for each line of
 * stdin; prints the milliseconds of each. Usage: bench-ssh COMMAND USER KEY KNOWN_HOSTS PORT... */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include "backends/ssh.h"
#include "base/alloc.h"
#include "base/log.h"
#include "base/text.h"

enum { REST_MS = 300 };

struct node {
	struct transport *t;
	struct str clean;
};

static size_t left;
static unsigned failed;

static void
decline(void *front, const struct ask *q, ask_answer_fn answer, void *ctx)
{
	(void)front;
	(void)q;
	answer(ctx, NULL);
}

/* As the engine does with what it shows. */
static void
on_out(void *ctx, int stream, const char *data, size_t n)
{
	struct node *node = ctx;

	(void)stream;
	text_clean(&node->clean, data, n, true);
}

static void
on_done(void *ctx, int status, const struct err *err)
{
	(void)ctx;
	left--;
	if (err->code)
		fprintf(stderr, "%s\n", err->what);
	failed += err->code || status;
}

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double
round_run(struct loop *l, struct node *nodes, size_t n, const char *command)
{
	struct exec_req req = { .script = command, .script_len = strlen(command),
				.on_out = on_out, .on_done = on_done };
	double start_ms = now_ms();
	size_t i;

	left = n;
	for (i = 0; i < n; i++) {
		req.ctx = &nodes[i];
		str_clear(&nodes[i].clean);
		nodes[i].t->ops->exec(nodes[i].t, &req);
	}
	while (left && loop_turn(l, -1))
		;
	return now_ms() - start_ms;
}

static void
on_rested(void *ctx)
{
	*(bool *)ctx = true;
}

/* What is made ready for the next command is made before another tool's turn, not during it. */
static void
rest(struct loop *l)
{
	bool rested = false;

	loop_timer_add(l, REST_MS, on_rested, &rested);
	while (!rested && loop_turn(l, -1))
		;
}

static bool asked, over;

static void
on_stdin(void *ctx, int fd, short revents)
{
	char byte = 0;

	(void)ctx, (void)revents;
	if (read(fd, &byte, 1) <= 0)
		over = true;
	asked |= byte == '\n';
}

int
main(int argc, char **argv)
{
	const struct asker asker = { decline, NULL };
	struct loop *l = loop_new();
	size_t n = argc > 5 ? (size_t)argc - 5 : 0, i;
	struct node *nodes = xcalloc(n + 1, sizeof *nodes);

	if (!n)
		return 2;
	for (i = 0; i < n; i++) {
		struct bssh_params p = { .host = "127.0.0.1", .user = argv[2], .key = argv[3],
					 .known_hosts = argv[4] };
		uint64_t port;

		if (!str_to_u64(argv[5 + i], &port))
			return 2;
		p.port = (int)port;
		nodes[i].t = bssh_new(l, &p, &asker);
		nodes[i].clean = STR_INIT(1 << 20);
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("%.2f\n", round_run(l, nodes, n, argv[1])); /* cold */
	loop_fd_set(l, 0, POLLIN, on_stdin, NULL);
	while (!over) {
		double ms;

		loop_turn(l, -1);
		if (asked && !over) {
			ms = round_run(l, nodes, n, argv[1]);
			rest(l);
			printf("%.2f\n", ms);
		}
		asked = false;
	}
	loop_fd_del(l, 0);
	for (i = 0; i < n; i++) {
		nodes[i].t->ops->close(nodes[i].t);
		str_done(&nodes[i].clean);
	}
	free(nodes);
	loop_free(l);
	return failed != 0;
}
