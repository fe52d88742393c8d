/* Child processes: streams, exit codes, limits, and what a child inherits. */
#include "tests/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/proc.h"
#include "base/str.h"

struct child {
	struct loop *loop;
	struct str out, err;
	int status;
	int done;
};

static void
on_out(void *ctx, int stream, const char *data, size_t n)
{
	struct child *c = ctx;

	str_addn(stream == 1 ? &c->out : &c->err, data, n);
}

static void
on_done(void *ctx, int status)
{
	struct child *c = ctx;

	c->status = status;
	c->done++;
}

static const struct proc_ops ops = { .out = on_out, .done = on_done };

static int
set_up(void **state)
{
	static struct child child;

	child = (struct child){ .loop = loop_new(), .status = -999 };
	child.out = child.err = STR_INIT(32 << 20);
	*state = &child;
	return 0;
}

static int
tear_down(void **state)
{
	struct child *c = *state;

	loop_free(c->loop);
	str_done(&c->out);
	str_done(&c->err);
	return 0;
}

static struct proc *
start(struct child *c, struct proc_spec spec, const char *script)
{
	struct err err = { 0 };
	struct proc *p;

	spec.argv = (const char *[]){ "sh", "-c", script, NULL };
	p = proc_start(c->loop, &spec, &ops, c, &err);
	assert_non_null(p);
	return p;
}

static void
test_streams_and_code(void **state)
{
	struct child *c = *state;

	start(c, (struct proc_spec){ 0 }, "echo out; echo err >&2; cat; exit 7");
	loop_run(c->loop);
	assert_int_equal(c->done, 1);
	assert_int_equal(c->status, 7);
	assert_string_equal(str_text(&c->out), "out\n");
	assert_string_equal(str_text(&c->err), "err\n");
}

static void
test_large_input_comes_back(void **state)
{
	enum { BYTES = 3 << 20 };
	struct child *c = *state;
	CLEAN_STR input = STR_INIT(BYTES);

	while (!input.cut)
		str_addf(&input, "%u\n", unit_random());
	start(c, (struct proc_spec){ .input = input.s, .input_len = input.len }, "cat");
	loop_run(c->loop);
	assert_int_equal(c->status, 0);
	assert_int_equal(c->out.len, BYTES);
	assert_memory_equal(c->out.s, input.s, BYTES);
}

static void
test_child_that_does_not_read(void **state)
{
	enum { BYTES = 1 << 20 };
	struct child *c = *state;
	CLEAN_STR input = STR_INIT(BYTES);

	while (!input.cut)
		str_add(&input, "0123456789abcdef");
	start(c, (struct proc_spec){ .input = input.s, .input_len = input.len }, "exit 3");
	loop_run(c->loop);
	assert_int_equal(c->status, 3);
}

static void
test_conversation(void **state)
{
	struct child *c = *state;
	struct proc *p = start(c, (struct proc_spec){ .keep_stdin = true },
			       "while read x; do echo \"<$x>\"; done; echo end");

	proc_write(p, "one\n", 4);
	while (!c->out.len)
		assert_true(loop_turn(c->loop, -1));
	assert_string_equal(c->out.s, "<one>\n");
	proc_write(p, "two\n", 4);
	proc_close_stdin(p);
	loop_run(c->loop);
	assert_string_equal(c->out.s, "<one>\n<two>\nend\n");
}

static void
test_closed_stdin_of_a_living_child_does_not_spin(void **state)
{
	struct child *c = *state;
	struct proc *p = start(c, (struct proc_spec){ .keep_stdin = true },
			       "exec <&-; echo closed; sleep 0.2");
	int turns = 0;

	while (!c->out.len)
		assert_true(loop_turn(c->loop, -1));
	proc_write(p, "x", 1);
	while (loop_turn(c->loop, -1))
		turns++;
	assert_int_equal(c->status, 0);
	assert_true(turns < 20);
}

static void
test_environment_and_folder(void **state)
{
	struct child *c = *state;
	static const char *const env[] = { "HOME=/somewhere", "BASCULE_NEW=x y", NULL };

	start(c, (struct proc_spec){ .env = env, .dir = "/" },
	      "echo \"$HOME|$BASCULE_NEW|$PATH\" | sed 's/|[^|]*$//'; pwd; env | grep -c ^HOME=");
	loop_run(c->loop);
	assert_string_equal(str_text(&c->out), "/somewhere|x y\n/\n1\n");
}

/* Nothing of ours may reach a child: not a socket, not a blocked or ignored signal (of
 * the first 28: the C library keeps two above 31 for itself). */
static void
test_inherits_nothing(void **state)
{
	struct child *c = *state;
	int fd = open("/dev/null", O_RDONLY);
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	start(c, (struct proc_spec){ 0 }, "exec ls /proc/self/fd");
	start(c, (struct proc_spec){ 0 },
	      "exec sed -nE 's/^Sig(Blk|Ign):.*(.{7})$/\\2/p' /proc/self/status >&2");
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	loop_run(c->loop);
	/* 3 is the folder that ls reads */
	assert_string_equal(str_text(&c->out), "0\n1\n2\n3\n");
	assert_string_equal(str_text(&c->err), "0000000\n0000000\n");
	close(fd);
}

static void
test_session(void **state)
{
	struct child *c = *state;

	start(c, (struct proc_spec){ .new_session = true },
	      "read -r pid comm st ppid pgrp sid rest </proc/$$/stat; test $sid = $$");
	loop_run(c->loop);
	assert_int_equal(c->status, 0);
}

static void
test_signal_is_negative(void **state)
{
	struct child *c = *state;
	struct proc *p = start(c, (struct proc_spec){ 0 }, "exec sleep 100");

	assert_true(proc_pid(p) > 0);
	proc_kill(p, SIGKILL);
	loop_run(c->loop);
	assert_int_equal(c->status, -SIGKILL);
}

static void
test_limit(void **state)
{
	struct child *c = *state;

	start(c, (struct proc_spec){ .limit_ms = 50 }, "exec sleep 100");
	loop_run(c->loop);
	assert_int_equal(c->status, -SIGTERM);
}

static void
test_limit_of_a_stubborn_child(void **state)
{
	struct child *c = *state;

	start(c, (struct proc_spec){ .limit_ms = 50 },
	      "trap '' TERM; exec 1>&- 2>&-; while :; do read x </dev/zero; done");
	loop_run(c->loop);
	assert_int_equal(c->status, -SIGKILL);
}

static void
test_grandchild_that_keeps_the_streams(void **state)
{
	struct child *c = *state;

	start(c, (struct proc_spec){ 0 }, "sleep 60 & echo $!; exit 4");
	loop_run(c->loop);
	assert_int_equal(c->status, 4);
	assert_true(c->out.len > 0);
	proc_run((const char *[]){ "sh", "-c", "read pid; kill $pid", NULL }, c->out.s, &c->err,
		 60000, NULL);
}

static void
test_abandon(void **state)
{
	struct child *c = *state;
	struct proc *p = start(c, (struct proc_spec){ 0 }, "exec sleep 100");
	pid_t pid = proc_pid(p);

	proc_abandon(p);
	loop_run(c->loop);
	assert_int_equal(c->done, 0);
	assert_int_equal(kill(pid, 0), -1);
	assert_int_equal(errno, ESRCH);
	proc_abandon(NULL);
}

static void
test_cannot_start(void **state)
{
	struct child *c = *state;
	struct err err = { 0 };
	struct proc_spec spec = { .argv = (const char *[]){ "bascule-no-such-tool", NULL } };

	assert_null(proc_start(c->loop, &spec, &ops, c, &err));
	assert_int_equal(err.code, -ENOENT);
	assert_string_equal(err.what,
			    "cannot start 'bascule-no-such-tool': no such file or folder");
	loop_run(c->loop);
	assert_int_equal(c->done, 0);
}

static void
test_run(void **state)
{
	CLEAN_STR out = STR_INIT(100);
	struct err err = { 0 };

	(void)state;
	assert_int_equal(proc_run((const char *[]){ "tr", "a", "b", NULL }, "banana", &out, 60000,
				  &err), 0);
	assert_string_equal(out.s, "bbnbnb");
	assert_int_equal(proc_run((const char *[]){ "false", NULL }, NULL, &out, 0, &err), 1);
	assert_int_equal(err.code, 0);
	assert_int_equal(proc_run((const char *[]){ "sleep", "100", NULL }, NULL, &out, 50, &err),
			 E_TIMEOUT);
	assert_int_equal(err.code, E_TIMEOUT);
	assert_int_equal(proc_run((const char *[]){ "/nonexistent", NULL }, NULL, &out, 0, &err),
			 -ENOENT);
	assert_int_equal(proc_run((const char *[]){ "sh", "-c", "kill -9 $$", NULL }, NULL, &out, 0,
				  &err), -EINTR);
}

#define PROC_TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		PROC_TEST(test_streams_and_code),
		PROC_TEST(test_large_input_comes_back),
		PROC_TEST(test_child_that_does_not_read),
		PROC_TEST(test_conversation),
		PROC_TEST(test_closed_stdin_of_a_living_child_does_not_spin),
		PROC_TEST(test_environment_and_folder),
		PROC_TEST(test_inherits_nothing),
		PROC_TEST(test_session),
		PROC_TEST(test_signal_is_negative),
		PROC_TEST(test_limit),
		PROC_TEST(test_limit_of_a_stubborn_child),
		PROC_TEST(test_grandchild_that_keeps_the_streams),
		PROC_TEST(test_abandon),
		PROC_TEST(test_cannot_start),
		PROC_TEST(test_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
