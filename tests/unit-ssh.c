/* Commands over SSH, on sshds of our own. */
#include "tests/unit.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "backends/sshinner.h"
#include "base/alloc.h"
#include "tests/sshfixture.h"

static struct transport *
connect_to(const struct sshd *d)
{
	struct bssh_params p = sshd_params(d);

	return bssh_new(l, &p, &asker);
}

static void
exit_codes(void **state)
{
	struct transport *t = connect_to(server);
	static const int codes[] = { 0, 3, 7, 127, 255 };
	struct replies r;
	char script[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof codes / sizeof *codes; i++) {
		snprintf(script, sizeof script, "echo out; echo err >&2; exit %d", codes[i]);
		assert_int_equal(run(t, &r, script), codes[i]);
		assert_int_equal(r.err.code, 0);
		assert_string_equal(str_text(&r.out), "out\n");
		assert_string_equal(str_text(&r.errs), "err\n");
		replies_free(&r);
	}
	assert_int_equal(t->round_trips, 5);
	t->ops->close(t);
}

static void
death_by_signal_is_told(void **state)
{
	struct transport *t = connect_to(server);
	struct replies r;

	(void)state;
	run(t, &r, "kill -KILL $$");
	assert_int_equal(r.err.code, E_REMOTE);
	assert_non_null(strstr(r.err.what, "KILL"));
	replies_free(&r);
	run(t, &r, "kill -SEGV $$");
	assert_non_null(strstr(r.err.what, "SEGV"));
	replies_free(&r);
	t->ops->close(t);
}

/* sshd itself dies in the middle: no exit status will ever come. */
static void
no_exit_status(void **state)
{
	struct transport *t = connect_to(server);
	struct replies r;

	(void)state;
	run(t, &r, "echo half; kill -9 $PPID; sleep 5");
	assert_int_equal(r.err.code, E_LOST);
	assert_true(r.err.hint[0]);
	replies_free(&r);
	/* and the next one connects again */
	assert_int_equal(run(t, &r, "exit 4"), 4);
	replies_free(&r);
	t->ops->close(t);
}

static void
a_daemon_left_behind_does_not_hang_us(void **state)
{
	struct transport *t = connect_to(server);
	struct replies r;
	int64_t start_ms = loop_now_ms(l);

	(void)state;
	assert_int_equal(run(t, &r, "sleep 40 & exit 8"), 8);
	assert_in_range(loop_now_ms(l) - start_ms, 0, 35000);
	replies_free(&r);
	t->ops->close(t);
}

/* sshd tells the exit status first, and is then kept from its work until after the grace. */
static void
a_busy_node_may_be_late_with_the_output(void **state)
{
	struct transport *t = connect_to(server);
	struct replies r;

	(void)state;
	assert_int_equal(run(t, &r, "(while kill -0 $$ 2>/dev/null; do :; done; "
				    "kill -STOP $PPID; echo late; sleep 0.5; "
				    "kill -CONT $PPID; sleep 8) & exit 8"), 8);
	assert_string_equal(str_text(&r.out), "late\n");
	replies_free(&r);
	t->ops->close(t);
}

static void
a_flood_is_bounded(void **state)
{
	struct transport *t = connect_to(server);
	struct replies r;

	(void)state;
	assert_int_equal(run(t, &r, "head -c 50000000 /dev/zero"), 0);
	assert_int_equal(r.out.len, 50000000);
	assert_int_equal(r.errs.len, 0);
	replies_free(&r);
	assert_int_equal(run(t, &r, "head -c 80000000 /dev/zero; exit 6"), 6);
	assert_int_equal(r.out.len, 64 << 20);
	assert_non_null(strstr(str_text(&r.errs), "dropped"));
	replies_free(&r);
	t->ops->close(t);
}

static void
all_bytes_pass(void **state)
{
	struct transport *t = connect_to(server);
	CLEAN_STR script = STR_INIT(1 << 20), want = STR_INIT(1 << 20);
	struct replies r;
	int i, round;

	(void)state;
	for (round = 0; round < 400; round++)
		for (i = 1; i < 256; i++)
			str_addc(&want, (char)(round % 2 ? i : 256 - i));
	str_addc(&want, '\n');
	str_add(&script, "cat <<'the end'\n");
	str_addn(&script, want.s, want.len);
	str_add(&script, "the end\n");
	assert_int_equal(run(t, &r, script.s), 0);
	assert_int_equal(r.out.len, want.len);
	assert_memory_equal(r.out.s, want.s, want.len);
	replies_free(&r);
	t->ops->close(t);
}

/* Sampled by another exec while the first one is using its secret. */
static void
secrets_show_in_no_process(void **state)
{
	static const struct secret_value secret = { "chap", "canary-4711-secret" };
	static const char script[] =
		"cut -f2 \"$bascule_secrets\"; touch \"$HOME/using\"; "
		"while [ -e \"$HOME/using\" ]; do read x </dev/null; sleep 0.05; done";
	struct transport *t = connect_to(server);
	struct replies r, look;
	CLEAN_STR looking = STR_INIT(4096);

	(void)state;
	str_add(&looking, "while [ ! -e \"$HOME/using\" ]; do sleep 0.05; done\n"
			  "x=canary-4711; cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null "
			  "| tr '\\0' '\\n' | grep -c \"$x-[s]ecret\"; rm \"$HOME/using\"");
	replies_exec_req(t, &r, (struct exec_req){ .script = script, .script_len = strlen(script),
						   .secrets = &secret, .nsecrets = 1 });
	replies_exec(t, &look, looking.s);
	assert_true(replies_wait(l, &r));
	assert_true(replies_wait(l, &look));
	assert_string_equal(str_text(&r.out), "canary-4711-secret\n");
	assert_string_equal(str_text(&look.out), "0\n");
	replies_free(&r);
	replies_free(&look);
	t->ops->close(t);
}

static void
noise_before_ready_is_dropped(void **state)
{
	struct sshd *d = sshd_start("ForceCommand echo Welcome; echo ready x; "
				    "printf 'no line end'; echo stderr >&2; "
				    "eval \"$SSH_ORIGINAL_COMMAND\"\n");
	struct transport *t = connect_to(d);
	struct replies r;

	(void)state;
	for (int i = 0; i < 3; i++) { /* the later ones know the shell from the first */
		assert_int_equal(run(t, &r, "echo out; exit 3"), 3);
		assert_string_equal(str_text(&r.out), "out\n");
		assert_int_equal(r.errs.len, 0);
		replies_free(&r);
	}
	t->ops->close(t);
	sshd_stop(d);
}

/* What a later command says on either stream is its own, from the first byte. */
static void
a_later_command_keeps_its_streams(void **state)
{
	struct transport *t = connect_to(server);
	struct replies r;

	(void)state;
	for (int i = 0; i < 20; i++) {
		assert_int_equal(run(t, &r, "echo why >&2; echo out; exit 3"), 3);
		assert_string_equal(str_text(&r.out), "out\n");
		assert_string_equal(str_text(&r.errs), "why\n");
		replies_free(&r);
	}
	t->ops->close(t);
}

static void
no_shell_is_told(void **state)
{
	struct sshd *d = sshd_start("ForceCommand echo This account is not available; exit 1\n");
	struct transport *t = connect_to(d);
	struct replies r;

	(void)state;
	run(t, &r, "echo out");
	assert_int_equal(r.err.code, E_REMOTE);
	assert_non_null(strstr(r.err.what, "not available"));
	replies_free(&r);
	t->ops->close(t);
	sshd_stop(d);
}

static void
many_at_once(struct sshd *d, size_t n)
{
	struct transport *t = connect_to(d);
	struct replies *r = xcalloc(n, sizeof *r);
	char scripts[64][64];
	size_t i;

	for (i = 0; i < n; i++) {
		snprintf(scripts[i], sizeof scripts[i], "sleep 0.02; echo %zu; exit %zu", i, i % 256);
		replies_exec(t, &r[i], scripts[i]);
	}
	for (i = 0; i < n; i++) {
		assert_true(replies_wait(l, &r[i]));
		assert_string_equal(r[i].err.what, "");
		assert_int_equal(r[i].err.code, 0);
		assert_int_equal(r[i].status, i % 256);
		replies_free(&r[i]);
	}
	t->ops->close(t);
	free(r);
}

static void
commands_queue_for_channels(void **state)
{
	struct sshd *three = sshd_start("MaxSessions 3\n"), *one = sshd_start("MaxSessions 1\n");

	(void)state;
	many_at_once(server, 40);
	many_at_once(three, 20);
	many_at_once(one, 10);
	sshd_stop(three);
	sshd_stop(one);
}

/* The node counts a channel for a moment longer than we do: for as long as the command runs. */
static void
a_place_that_is_not_yet_free_is_waited_for(void **state)
{
	struct sshd *d = sshd_start("MaxSessions 1\n");
	struct transport *t = connect_to(d);
	struct replies r;
	struct exec *e;

	(void)state;
	assert_int_equal(run(t, &r, "exit 2"), 2);
	replies_free(&r);
	e = replies_exec(t, &r, "trap '' HUP; echo; sleep 1");
	while (!r.out.len)
		loop_turn(l, 100);
	t->ops->cancel(t, e);
	assert_true(replies_wait(l, &r));
	replies_free(&r);
	assert_int_equal(run(t, &r, "exit 4"), 4);
	replies_free(&r);
	t->ops->close(t);
	sshd_stop(d);
}

/* A child of this sshd process, and not that one, which may not be buried yet; 0 = there is none. */
static int
other_child(int sshd_pid, int not_pid)
{
	char path[64], line[256] = "";
	char *at = line, *end;
	int pid;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/task/%d/children", sshd_pid, sshd_pid);
	f = fopen(path, "r");
	if (!f || !fgets(line, sizeof line, f))
		line[0] = '\0';
	if (f)
		fclose(f);
	while ((pid = (int)strtol(at, &end, 10)) == not_pid && end != at)
		at = end;
	return pid;
}

/* Runs a command, and waits until a shell waits for the next one: its pid. */
static int
shell_made_ready(struct transport *t)
{
	const struct bssh *s = (const struct bssh *)t;
	struct replies r;
	int sshd_pid, pid;
	char *rest;

	assert_int_equal(run(t, &r, "echo $PPID $$"), 0);
	sshd_pid = (int)strtol(str_text(&r.out), &rest, 10);
	pid = (int)strtol(rest, NULL, 10);
	replies_free(&r);
	while (s->spare_state != SPARE_STARTED || !other_child(sshd_pid, pid))
		loop_turn(l, 20);
	return other_child(sshd_pid, pid);
}

static void
the_next_command_finds_a_shell(void **state)
{
	struct transport *t = connect_to(server);
	struct replies r;
	int pid;

	(void)state;
	pid = shell_made_ready(t);
	assert_int_equal(run(t, &r, "echo $$; exit 3"), 3);
	assert_int_equal((int)strtol(str_text(&r.out), NULL, 10), pid);
	replies_free(&r);
	t->ops->close(t);
}

static void
a_shell_that_died_while_it_waited_is_not_missed(void **state)
{
	struct transport *t = connect_to(server);
	struct replies r;
	struct bssh *s = (struct bssh *)t;

	(void)state;
	assert_int_equal(kill(shell_made_ready(t), SIGKILL), 0);
	while (s->spare.ch)
		loop_turn(l, 20);
	assert_int_equal(run(t, &r, "echo $$"), 0);
	replies_free(&r);
	t->ops->close(t);
}

static void
no_session_allowed_is_told(void **state)
{
	struct sshd *d = sshd_start("MaxSessions 0\n");
	struct transport *t = connect_to(d);
	struct replies r;

	(void)state;
	run(t, &r, "echo out");
	assert_int_equal(r.err.code, E_REMOTE);
	assert_non_null(strstr(r.err.hint, "MaxSessions"));
	replies_free(&r);
	t->ops->close(t);
	sshd_stop(d);
}

static void
deadline_and_cancel(void **state)
{
	struct transport *t = connect_to(server);
	struct replies late, cancelled, early;
	struct exec *e;
	int64_t start_ms;

	(void)state;
	e = replies_exec(t, &early, "echo never");
	t->ops->cancel(t, e);
	assert_false(early.done);
	assert_true(replies_wait(l, &early));
	assert_int_equal(early.err.code, E_CANCELLED);
	assert_int_equal(run(t, &late, "exit 0"), 0);
	replies_free(&late);
	start_ms = loop_now_ms(l);
	replies_exec_req(t, &late, (struct exec_req){ .script = "sleep 30", .script_len = 8,
						      .deadline_ms = 200 });
	e = replies_exec(t, &cancelled, "sleep 30");
	assert_true(replies_wait(l, &late));
	assert_int_equal(late.err.code, E_TIMEOUT);
	t->ops->cancel(t, e);
	assert_true(replies_wait(l, &cancelled));
	assert_int_equal(cancelled.err.code, E_CANCELLED);
	assert_in_range(loop_now_ms(l) - start_ms, 200, 25000);
	replies_free(&late);
	/* the channels are free again */
	assert_int_equal(run(t, &late, "exit 5"), 5);
	replies_free(&late);
	replies_free(&early);
	replies_free(&cancelled);
	t->ops->close(t);
}

/* The user of a transport closes it from inside each of its callbacks. */
static struct transport *closing;

static void
close_on_out(void *ctx, int stream, const char *data, size_t n)
{
	(void)ctx, (void)stream, (void)data, (void)n;
	if (closing)
		closing->ops->close(closing);
	closing = NULL;
}

static void
close_on_done(void *ctx, int status, const struct err *err)
{
	(void)status, (void)err;
	*(bool *)ctx = true;
	if (closing)
		closing->ops->close(closing);
	closing = NULL;
}

static void
close_on_link(void *ctx, enum link_state state, const struct err *err)
{
	(void)err;
	if (state == *(enum link_state *)ctx && closing) {
		struct transport *t = closing;

		closing = NULL;
		t->ops->close(t);
	}
}

static void
closed_from_inside(void **state)
{
	enum link_state when;
	int mode;

	(void)state;
	for (mode = 0; mode < 5; mode++) {
		bool done[3] = { false };
		struct exec_req req = { .script = "echo x; exit 1", .script_len = 14,
					.on_done = close_on_done };
		size_t i;

		closing = connect_to(server);
		when = mode == 2 ? LINK_CONNECTING : LINK_UP;
		if (mode >= 2) {
			closing->on_link = close_on_link;
			closing->link_ctx = &when;
		}
		if (mode == 0)
			req.on_out = close_on_out;
		for (i = 0; i < 3; i++) {
			req.ctx = &done[i];
			closing->ops->exec(closing, &req);
		}
		for (i = 0; i < 200 && !(done[0] && done[1] && done[2]); i++) {
			if (mode == 4 && i == 2 && closing) {
				closing->ops->close(closing);
				closing = NULL;
			}
			loop_turn(l, 50);
		}
		assert_true(done[0] && done[1] && done[2]);
		if (closing)
			closing->ops->close(closing);
		closing = NULL;
	}
}

struct shell_answer {
	struct str out;
	bool done;
	struct err err;
};

static void
shell_out(void *ctx, const char *data, size_t n)
{
	str_addn(&((struct shell_answer *)ctx)->out, data, n);
}

static void
shell_done(void *ctx, const struct err *err)
{
	struct shell_answer *a = ctx;

	a->done = true;
	a->err = *err;
}

static void
shell_on_a_terminal(void **state)
{
	static const struct shell_ops ops = { shell_out, shell_done };
	struct shell_answer a = { .out = STR_INIT(1 << 20) };
	struct transport *t = connect_to(server);
	struct shell *sh = t->ops->shell(t, 91, 23, &ops, &a);
	int i;

	(void)state;
	t->ops->shell_write(sh, "stty size; echo go=$((1+1))\n", 28);
	for (i = 0; i < 200 && !strstr(str_text(&a.out), "go=2"); i++)
		loop_turn(l, 50);
	assert_non_null(strstr(str_text(&a.out), "23 91"));
	t->ops->shell_resize(sh, 120, 40);
	t->ops->shell_write(sh, "stty size; exit\n", 16);
	for (i = 0; i < 200 && !a.done; i++)
		loop_turn(l, 50);
	assert_true(a.done);
	assert_int_equal(a.err.code, 0);
	assert_non_null(strstr(str_text(&a.out), "40 120"));
	str_done(&a.out);
	t->ops->close(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exit_codes),
		cmocka_unit_test(death_by_signal_is_told),
		cmocka_unit_test(no_exit_status),
		cmocka_unit_test(a_daemon_left_behind_does_not_hang_us),
		cmocka_unit_test(a_busy_node_may_be_late_with_the_output),
		cmocka_unit_test(a_flood_is_bounded),
		cmocka_unit_test(all_bytes_pass),
		cmocka_unit_test(secrets_show_in_no_process),
		cmocka_unit_test(noise_before_ready_is_dropped),
		cmocka_unit_test(a_later_command_keeps_its_streams),
		cmocka_unit_test(no_shell_is_told),
		cmocka_unit_test(commands_queue_for_channels),
		cmocka_unit_test(a_place_that_is_not_yet_free_is_waited_for),
		cmocka_unit_test(the_next_command_finds_a_shell),
		cmocka_unit_test(a_shell_that_died_while_it_waited_is_not_missed),
		cmocka_unit_test(no_session_allowed_is_told),
		cmocka_unit_test(deadline_and_cancel),
		cmocka_unit_test(closed_from_inside),
		cmocka_unit_test(shell_on_a_terminal),
	};

	if (!sshd_is_there())
		return unit_skip_all("there is no /usr/sbin/sshd");
	return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
