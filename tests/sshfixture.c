/* What the tests of SSH begin with. */
#include "tests/unit.h"
#include "tests/sshfixture.h"

struct loop *l;
struct front front;
const struct asker asker = { front_ask, &front };
struct sshd *server;

void
fixture_start(const char *extra)
{
	l = loop_new();
	sshd_home();
	server = sshd_start(extra);
}

int
fixture_setup(void **state)
{
	(void)state;
	fixture_start(NULL);
	return 0;
}

int
fixture_teardown(void **state)
{
	(void)state;
	sshd_stop_all();
	bssh_forget_answers();
	l = loop_free(l);
	return 0;
}

int
run(struct transport *t, struct replies *r, const char *script)
{
	replies_exec(t, r, script);
	assert_true(replies_wait(l, r));
	assert_int_equal(r->calls_after_done, 0);
	return r->status;
}

int
try_script(const struct bssh_params *p, const char *script, struct replies *r)
{
	struct transport *t = bssh_new(l, p, &asker);

	run(t, r, script);
	t->ops->close(t);
	return r->err.code;
}
