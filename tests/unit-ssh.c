/* Commands over SSH, on sshds of our own. */
#include "tests/unit.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/alloc.h"
#include "tests/sshd.h"

static struct loop *l;
static struct front front;
static const struct asker asker = { front_ask, &front };
static struct sshd *server;

static struct transport *
connect_to(const struct sshd *d)
{
	struct bssh_params p = sshd_params(d);

	return bssh_new(l, &p, &asker);
}

static int
run(struct transport *t, struct replies *r, const char *script)
{
	replies_exec(t, r, script);
	assert_true(replies_wait(l, r, 20000));
	assert_int_equal(r->calls_after_done, 0);
	return r->status;
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

static int
setup(void **state)
{
	(void)state;
	l = loop_new();
	sshd_home();
	server = sshd_start(NULL);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	sshd_stop_all();
	bssh_forget_answers();
	l = loop_free(l);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exit_codes),
	};

	if (!sshd_is_there())
		return 77;
	return cmocka_run_group_tests(tests, setup, teardown);
}
