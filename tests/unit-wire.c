/* The wire format against real shells, and the local transport that speaks it. */
#include "tests/unit.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "backends/local.h"
#include "backends/wire.h"
#include "base/alloc.h"
#include "base/loop.h"
#include "base/proc.h"

struct answer {
	int status;
	bool done;
	struct err err;
	struct str out, errs;
};

static void
on_out(void *ctx, int stream, const char *data, size_t n)
{
	struct answer *a = ctx;

	assert_false(a->done);
	str_addn(stream == 1 ? &a->out : &a->errs, data, n);
}

static void
on_done(void *ctx, int status, const struct err *err)
{
	struct answer *a = ctx;

	assert_false(a->done);
	a->done = true;
	a->status = status;
	a->err = *err;
}

static void
answer_reset(struct answer *a)
{
	str_done(&a->out);
	str_done(&a->errs);
	memset(a, 0, sizeof *a);
	a->out = STR_INIT(128 << 20);
	a->errs = STR_INIT(128 << 20);
}

static struct exec *
start(struct transport *t, struct answer *a, struct exec_req req)
{
	answer_reset(a);
	req.on_out = on_out;
	req.on_done = on_done;
	req.ctx = a;
	return t->ops->exec(t, &req);
}

static void
run(struct answer *a, struct exec_req req)
{
	struct loop *l = loop_new();
	struct transport *t = local_new(l);

	start(t, a, req);
	assert_false(a->done);
	loop_run(l);
	assert_true(a->done);
	t->ops->close(t);
	loop_free(l);
}

static void
run_script(struct answer *a, const char *script)
{
	run(a, (struct exec_req){ .script = script, .script_len = strlen(script) });
}

static void
exec_strings_are_short_and_plain(void **state)
{
	static const char hostile[] = "\"%^&|<>$`'\n\r!\\";
	CLEAN_STR sh = STR_INIT(4096), ps = STR_INIT(4096), sudo = STR_INIT(4096);
	const char nonce[] = "0123456789abcdef0123456789abcdef";

	(void)state;
	wire_command(&sh, WIRE_SH, nonce);
	wire_command(&ps, WIRE_POWERSHELL, nonce);
	wire_command_sudo(&sudo, nonce, nonce);
	assert_in_range(sh.len, 100, WIRE_EXEC_MAX - 1);
	assert_in_range(ps.len, 100, WIRE_EXEC_MAX - 1);
	assert_in_range(sudo.len, 100, WIRE_EXEC_MAX - 1);
	/* cmd.exe and powershell.exe must both hand it over unchanged */
	assert_int_equal(strcspn(ps.s, hostile), ps.len);
	/* csh and fish read within single quotes what sh does not */
	assert_null(strpbrk(sh.s, "!\n"));
	assert_null(strstr(sh.s, "\\\\"));
	assert_null(strstr(sh.s, "\\'"));
	assert_ptr_equal(strrchr(sh.s, '\''), sh.s + sh.len - 1);
}

static void
powershell_stdin_is_ascii_lines(void **state)
{
	CLEAN_STR out = STR_INIT(16 << 20), script = STR_INIT(1 << 20);
	struct exec_req req = { 0 };
	size_t i, line = 0;

	(void)state;
	for (i = 0; i < 100000; i++)
		str_addc(&script, (char)(1 + i % 255));
	req.script = script.s;
	req.script_len = script.len;
	assert_int_equal(wire_frames(&out, WIRE_POWERSHELL, &req, NULL), 0);
	for (i = 0; i < out.len; i++) {
		assert_in_range((unsigned char)out.s[i], '\n', '~');
		line = out.s[i] == '\n' ? 0 : line + 1;
		assert_in_range(line, 0, WIRE_LINE_MAX);
	}
	str_drop(&out, strlen("script 100000\n"));
	assert_true(str_ends(out.s, "end\n"));
	str_clear(&script);
	assert_int_equal(str_unbase64(&script, out.s, out.len - 4), 0);
	assert_int_equal(script.len, 100000);
}

static void
codes_and_streams(void **state)
{
	struct answer a = { 0 };

	(void)state;
	run_script(&a, "echo out; echo err >&2; exit 7");
	assert_int_equal(a.status, 7);
	assert_string_equal(str_text(&a.out), "out\n");
	assert_string_equal(str_text(&a.errs), "err\n");
	run_script(&a, "false");
	assert_int_equal(a.status, 1);
	run_script(&a, "");
	assert_int_equal(a.status, 0);
	run_script(&a, "if then");
	assert_int_not_equal(a.status, 0);
	run_script(&a, "cat; echo end of input");
	assert_string_equal(str_text(&a.out), "end of input\n");
	run_script(&a, "echo ${d-unset} ${k-unset} ${s-unset} ${a-unset} ${l-unset}");
	assert_string_equal(str_text(&a.out), "unset unset unset unset unset\n");
	run_script(&a, "kill -9 $$");
	assert_int_equal(a.err.code, E_REMOTE);
	answer_reset(&a);
}

/* Every byte but NUL, in a here document, comes back as it went. */
static void
all_bytes_pass(void **state)
{
	CLEAN_STR script = STR_INIT(1 << 20), want = STR_INIT(1 << 20);
	struct answer a = { 0 };
	int i, round;

	(void)state;
	for (round = 0; round < 40; round++)
		for (i = 1; i < 256; i++)
			str_addc(&want, (char)(round % 2 ? i : 256 - i));
	str_addc(&want, '\n');
	str_add(&script, "cat <<'the end'\n");
	str_addn(&script, want.s, want.len);
	str_add(&script, "the end\nexit 9\n\n\n");
	run(&a, (struct exec_req){ .script = script.s, .script_len = script.len });
	assert_int_equal(a.err.code, 0);
	assert_int_equal(a.status, 9);
	assert_int_equal(a.out.len, want.len);
	assert_memory_equal(a.out.s, want.s, want.len);
	run(&a, (struct exec_req){ .script = "a\0b", .script_len = 3 });
	assert_int_equal(a.err.code, -EINVAL);
	answer_reset(&a);
}

static void
big_scripts_pass(void **state)
{
	CLEAN_STR script = STR_INIT(8 << 20);
	struct answer a = { 0 };
	int i;

	(void)state;
	for (i = 0; i < 100000; i++)
		str_addf(&script, ": comment number %d\n", i);
	str_add(&script, "echo the end\n");
	run(&a, (struct exec_req){ .script = script.s, .script_len = script.len });
	assert_string_equal(str_text(&a.out), "the end\n");
	answer_reset(&a);
}

static void
secrets_come_in_a_private_file(void **state)
{
	static const struct secret_value secrets[] = {
		{ "chap.target", "pass' \"word\\ $(id) 1" },
		{ "empty", "" },
		{ "utf8", "\xc3\xa9t\xc3\xa9\t!" },
	};
	static const char script[] =
		"stat -c '%a %F' \"$bascule_secrets\" \"${bascule_secrets%/*}\"\n"
		"cat \"$bascule_secrets\"; echo \"$bascule_secrets\" >&2\n"
		"tr '\\0' ' ' </proc/$$/cmdline | grep -c 'pass.*word'\n"
		"tr '\\0' ' ' </proc/$$/environ | grep -c 'pass.*word'\n"
		"trap 'echo mine' EXIT; exec sh -c 'exit 5'";
	struct exec_req req = { .script = script, .script_len = strlen(script),
				.secrets = secrets, .nsecrets = 3 };
	struct answer a = { 0 };

	(void)state;
	run(&a, req);
	assert_int_equal(a.status, 5);
	assert_string_equal(str_text(&a.out), "600 regular file\n700 directory\n"
					      "chap.target\tpass' \"word\\ $(id) 1\n"
					      "empty\t\n"
					      "utf8\t\xc3\xa9t\xc3\xa9\t!\n"
					      "0\n0\n");
	a.errs.s[a.errs.len - 1] = '\0';
	assert_int_equal(access(a.errs.s, F_OK), -1);
	*strrchr(a.errs.s, '/') = '\0';
	assert_int_equal(access(a.errs.s, F_OK), -1);
	answer_reset(&a);
}

static void
secrets_can_be_moved_away(void **state)
{
	static const struct secret_value secret = { "a", "moved" };
	static const char script[] = "d=$(mktemp -d); mv \"$bascule_secrets\" \"$d/s\"; echo $d";
	struct exec_req req = { .script = script, .script_len = strlen(script),
				.secrets = &secret, .nsecrets = 1 };
	struct answer a = { 0 };
	char path[256];

	(void)state;
	run(&a, req);
	a.out.s[a.out.len - 1] = '\0';
	snprintf(path, sizeof path, "%s/s", a.out.s);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(a.out.s), 0);
	answer_reset(&a);
}

static void
secrets_that_cannot_be_told_are_refused(void **state)
{
	struct secret_value bad[] = { { "a b", "x" }, { "", "x" }, { "a", "x\ny" } };
	struct answer a = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		run(&a, (struct exec_req){ .script = "echo ran", .script_len = 8,
					   .secrets = &bad[i], .nsecrets = 1 });
		assert_int_equal(a.err.code, -EINVAL);
		assert_int_equal(a.out.len, 0);
	}
	answer_reset(&a);
}

/* Small plain scripts go as lines, others as bytes: no difference may show. */
static void
lines_and_bytes_are_one(void **state)
{
	static const char *const scripts[] = {
		"echo a\\\\b; printf '%s|' '  two  blanks  ' \"$1\"\n\n\techo tab\n",
		"cat <<X\n  leading and trailing  \n\n\\$x -n -e 'quoted' \"more\" * ?\nX",
		"echo one \\\n two; exit 3",
		"\n\n\nexit 4\n\n",
		"echo unfinished '",
	};
	struct answer plain = { 0 }, bytes = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof scripts / sizeof *scripts; i++) {
		CLEANUP(freep) char *other = xasprintf("%s\n# \xe2\x82\xac", scripts[i]);

		run_script(&plain, scripts[i]);
		run_script(&bytes, other);
		assert_int_equal(plain.status, bytes.status);
		assert_string_equal(str_text(&plain.out), str_text(&bytes.out));
	}
	answer_reset(&plain);
	answer_reset(&bytes);
}

/* Whatever the length at which the frames break off, nothing of the script runs. */
static void
cut_frames_of(const char *script)
{
	static const struct secret_value secret = { "s", "value" };
	struct exec_req req = { .script = script, .script_len = strlen(script),
				.secrets = &secret, .nsecrets = 1 };
	CLEAN_STR frames = STR_INIT(4096), command = STR_INIT(4096);
	size_t n;

	wire_command(&command, WIRE_SH, "x");
	assert_int_equal(wire_frames(&frames, WIRE_SH, &req, NULL), 0);
	for (n = 0; n + 1 < frames.len; n++) {
		const char *argv[] = { "sh", "-c", command.s, NULL };
		CLEANUP(freep) char *part = xstrndup(frames.s, n);
		CLEAN_STR out = STR_INIT(4096);

		assert_int_equal(proc_run(argv, part, &out, 5000, NULL), 125);
		assert_true(str_starts(str_text(&out), "ready x"));
		assert_ptr_equal(strchr(out.s, '\n'), out.s + out.len - 1);
	}
}

static void
cut_frames_run_nothing(void **state)
{
	(void)state;
	cut_frames_of("echo ran\necho ran\n");
	cut_frames_of("echo ran # \xe2\x82\xac\necho ran");
}

/* The exec string through the login shells that are installed here. */
static void
any_login_shell_will_do(void **state)
{
	static const char *const shells[] = { "/bin/sh", "/bin/bash", "/bin/dash", "/bin/csh",
					      "/bin/tcsh", "/usr/bin/fish", "/bin/zsh",
					      "/bin/busybox" };
	const struct exec_req req = { .script = "echo $((40 + 2))", .script_len = 16 };
	CLEAN_STR frames = STR_INIT(4096), command = STR_INIT(4096);
	size_t i;

	(void)state;
	wire_command(&command, WIRE_SH, "x");
	assert_int_equal(wire_frames(&frames, WIRE_SH, &req, NULL), 0);
	for (i = 0; i < sizeof shells / sizeof *shells; i++) {
		const char *argv[] = { shells[i], "-c", command.s, NULL, NULL };
		CLEAN_STR out = STR_INIT(4096);

		if (strstr(shells[i], "busybox"))
			argv[1] = "sh", argv[2] = "-c", argv[3] = command.s;
		if (access(shells[i], X_OK) < 0)
			continue;
		assert_int_equal(proc_run(argv, frames.s, &out, 5000, NULL), 0);
		assert_true(str_starts(str_text(&out), "ready x"));
		assert_true(str_ends(str_text(&out), "\n42\n"));
	}
}

static void
the_gate_drops_noise(void **state)
{
	static const char stream[] = "Welcome!\r\nready othernonce\nno line end: ready n0nce\r\nout";
	size_t part, at;

	(void)state;
	for (part = 1; part < sizeof stream; part++) {
		struct wire_gate g;

		wire_gate_init(&g, "n0nce");
		for (at = 0; !g.open && at < sizeof stream - 1;) {
			size_t n = sizeof stream - 1 - at < part ? sizeof stream - 1 - at : part;

			at += wire_gate_feed(&g, stream + at, n);
		}
		assert_true(g.open);
		assert_string_equal(stream + at, "out");
		assert_true(str_starts(str_text(&g.noise), "Welcome!"));
		assert_false(g.login_is_sh);
		wire_gate_done(&g);
	}
}

static void
the_gate_is_bounded(void **state)
{
	struct wire_gate g;
	char noise[5000];
	int i;

	(void)state;
	memset(noise, 'x', sizeof noise);
	wire_gate_init(&g, "n0nce");
	for (i = 0; i < 1000; i++)
		assert_int_equal(wire_gate_feed(&g, noise, sizeof noise), sizeof noise);
	assert_in_range(g.noise.len + g.tail.len, 0, 4 * WIRE_NOISE_MAX);
	assert_int_equal(wire_gate_feed(&g, "ready n0nce /bin/sh\nrest", 24), 20);
	assert_true(g.open);
	assert_true(g.login_is_sh);
	wire_gate_done(&g);
}

static void
output_is_bounded(void **state)
{
	struct answer a = { 0 };

	(void)state;
	run_script(&a, "head -c 70000000 /dev/zero; exit 4");
	assert_int_equal(a.status, 4);
	assert_int_equal(a.out.len, 64 << 20);
	assert_non_null(strstr(str_text(&a.errs), "dropped"));
	answer_reset(&a);
}

static void
deadline_cancel_close(void **state)
{
	struct loop *l = loop_new();
	struct transport *t = local_new(l);
	struct answer late = { 0 }, cancelled = { 0 }, closed = { 0 };
	struct exec *e;

	(void)state;
	start(t, &late, (struct exec_req){ .script = "read x <&1", .script_len = 10,
					   .deadline_ms = 50 });
	e = start(t, &cancelled, (struct exec_req){ .script = "sleep 60", .script_len = 8 });
	start(t, &closed, (struct exec_req){ .script = "sleep 60", .script_len = 8 });
	t->ops->cancel(t, e);
	assert_false(cancelled.done);
	while (!late.done || !cancelled.done)
		loop_turn(l, 1000);
	assert_true(late.err.code == E_TIMEOUT || late.err.code == 0);
	assert_int_equal(cancelled.err.code, E_CANCELLED);
	t->ops->close(t);
	assert_int_equal(closed.err.code, E_CANCELLED);
	answer_reset(&late);
	answer_reset(&cancelled);
	answer_reset(&closed);
	loop_run(l); /* children that were given up */
	loop_free(l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exec_strings_are_short_and_plain),
		cmocka_unit_test(powershell_stdin_is_ascii_lines),
		cmocka_unit_test(codes_and_streams),
		cmocka_unit_test(all_bytes_pass),
		cmocka_unit_test(big_scripts_pass),
		cmocka_unit_test(secrets_come_in_a_private_file),
		cmocka_unit_test(secrets_can_be_moved_away),
		cmocka_unit_test(secrets_that_cannot_be_told_are_refused),
		cmocka_unit_test(lines_and_bytes_are_one),
		cmocka_unit_test(cut_frames_run_nothing),
		cmocka_unit_test(any_login_shell_will_do),
		cmocka_unit_test(the_gate_drops_noise),
		cmocka_unit_test(the_gate_is_bounded),
		cmocka_unit_test(output_is_bounded),
		cmocka_unit_test(deadline_cancel_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
