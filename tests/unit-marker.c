/* What separates the engine's lines from everything else that a node prints. */
#include "tests/unit.h"

#include <stdlib.h>
#include <string.h>
#include "engine/marker.h"

#define NONCE "0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210"

struct heard {
	char text[4096]; /* "<kind|arg|…>" for markers, "log\n" for the rest */
	size_t log_bytes, logs;
};

static void
add(struct heard *h, const char *text, size_t n)
{
	size_t len = strlen(h->text);

	if (len + n < sizeof h->text) {
		memcpy(h->text + len, text, n);
		h->text[len + n] = '\0';
	}
}

static void
on_marker(void *ctx, const struct marker *m)
{
	add(ctx, "<", 1);
	add(ctx, m->kind, strlen(m->kind));
	for (size_t i = 0; i < m->nargs; i++) {
		add(ctx, "|", 1);
		add(ctx, m->args[i], strlen(m->args[i]));
	}
	add(ctx, ">", 1);
}

static void
on_log(void *ctx, const char *text, size_t n)
{
	struct heard *h = ctx;

	h->log_bytes += n;
	h->logs++;
	add(h, text, n);
	add(h, "\n", 1);
}

static void
start(struct marker_reader *r, struct heard *h)
{
	memset(h, 0, sizeof *h);
	marker_init(r, NONCE);
	r->on_marker = on_marker;
	r->on_log = on_log;
	r->ctx = h;
}

static void
assert_heard(const char *in, const char *wanted)
{
	struct marker_reader r;
	struct heard h;

	/* At once, and byte by byte. */
	start(&r, &h);
	marker_feed(&r, in, strlen(in));
	marker_end(&r);
	assert_string_equal(h.text, wanted);
	marker_done(&r);
	start(&r, &h);
	for (const char *c = in; *c; c++)
		marker_feed(&r, c, 1);
	marker_end(&r);
	assert_string_equal(h.text, wanted);
	marker_done(&r);
}

static void
test_markers(void **state)
{
	(void)state;
	assert_heard("@" NONCE " end\t1\t0\n", "<end|1|0>");
	assert_heard("@" NONCE " reboot\n", "<reboot>");
	assert_heard("@" NONCE " value\tlun.wwid\t\n", "<value|lun.wwid|>");
	assert_heard("a\n@" NONCE " end\t1\t0\r\nb", "a\n<end|1|0>b\n");
	assert_heard("\n\n", "\n\n");
	assert_heard("@" NONCE " w\t1\t2\t3\t4\t5\t6\t7\t8\t9\ta\tb\tc\td\te\tf\tg\th\n",
		     "<w|1|2|3|4|5|6|7|8|9|a|b|c|d|e|f|g\th>");
}

static void
test_forged(void **state)
{
	(void)state;
	assert_heard("@" OTHER " end\t1\t0\n", "@" OTHER " end\t1\t0\n");
	assert_heard(" @" NONCE " end\t1\t0\n", " @" NONCE " end\t1\t0\n");
	assert_heard("x@" NONCE " end\n", "x@" NONCE " end\n");
	assert_heard("@" NONCE "\n", "@" NONCE "\n");
	assert_heard("@" NONCE " \n", "@" NONCE " \n");
	assert_heard("@" NONCE "end\t1\n", "@" NONCE "end\t1\n");
	assert_heard("@\n@@\n", "@\n@@\n");
}

static void
test_second_nonce(void **state)
{
	struct marker_reader r;
	struct heard h;
	const char *in = "@" OTHER " a\n@" NONCE " b\n@ c\n";

	(void)state;
	start(&r, &h);
	memcpy(r.nonces[1], OTHER, sizeof OTHER);
	marker_feed(&r, in, strlen(in));
	assert_string_equal(h.text, "<a><b>@ c\n");
	marker_done(&r);
}

/* A second nonce that is not known yet must not open the door for "@ kind". */
static void
test_no_nonce(void **state)
{
	struct marker_reader r;
	struct heard h;

	(void)state;
	memset(&h, 0, sizeof h);
	marker_init(&r, "");
	r.on_marker = on_marker;
	r.on_log = on_log;
	r.ctx = &h;
	marker_feed(&r, "@ end\t0\t0\n", 10);
	assert_string_equal(h.text, "@ end\t0\t0\n");
	marker_done(&r);
}

static void
test_long_line(void **state)
{
	size_t n = 3 * MARKER_LINE_MAX + 17;
	char *line = malloc(n + 1);
	struct marker_reader r;
	struct heard h;

	(void)state;
	memset(line, 'x', n);
	line[n] = '\n';
	start(&r, &h);
	marker_feed(&r, line, n + 1);
	assert_int_equal(h.log_bytes, n);
	assert_int_equal(h.logs, 4);
	marker_done(&r);
	free(line);
}

/* NUL bytes and every other byte are only text. */
static void
test_bytes(void **state)
{
	struct marker_reader r;
	struct heard h;
	size_t fed = 0;

	(void)state;
	start(&r, &h);
	for (int i = 0; i < 200000; i++) {
		char c = (char)(unit_random() & 0xff);

		fed += c != '\n';
		marker_feed(&r, &c, 1);
	}
	marker_end(&r);
	/* At most the '\r' before an end is missing. */
	assert_true(h.log_bytes <= fed && h.log_bytes > fed - 2000);
	marker_done(&r);
}

/* How much of the output was whole lines: where a lost job is followed from. */
static void
test_whole(void **state)
{
	struct marker_reader r;
	struct heard h;

	(void)state;
	start(&r, &h);
	marker_feed(&r, "ab\r\ncd\nef", 9);
	assert_int_equal(r.whole, 7);
	assert_int_equal(r.fed, 9);
	marker_feed(&r, "\n", 1);
	assert_int_equal(r.whole, 10);
	marker_done(&r);
}

static void
test_arg(void **state)
{
	struct marker m = { .kind = "x", .args = { "one" }, .nargs = 1 };

	(void)state;
	assert_string_equal(marker_arg(&m, 0), "one");
	assert_string_equal(marker_arg(&m, 1), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_markers),	     cmocka_unit_test(test_forged),
		cmocka_unit_test(test_second_nonce), cmocka_unit_test(test_no_nonce),
		cmocka_unit_test(test_long_line),    cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_whole),	     cmocka_unit_test(test_arg),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
