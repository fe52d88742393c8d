/* A change that cuts its own connection, over a real SSH server: the link breaks or goes silent in the
 * middle of the job, the node is confirmed over a new one, or takes the change back by itself. */
#include "tests/unit.h"

#include <signal.h>
#include "engine/run.h"
#include "tests/sshd.h"
#include "tests/tiny.h"

static struct sshd *server;
static struct model model;
static struct catalog *catalog;
static struct plan *plan;
static struct loop *loop;
static unsigned connections;
static int64_t broken_ms, changed_ms;

static enum how { BREAK_KILL, BREAK_FREEZE, BREAK_AWAY } how;

static struct transport *
connect_ssh(struct loop *l, const struct model *m, enum world w, const struct node *node,
	    const struct asker *asker, struct err *err)
{
	struct bssh_params p = sshd_params(server);

	(void)m;
	(void)w;
	(void)node;
	(void)err;
	p.connect_ms = 1500;
	connections++;
	return bssh_new(l, &p, asker);
}

static void
server_goes_on(void *ctx)
{
	(void)ctx;
	kill(server->pid, SIGCONT);
}

/* The connection of the job is gone; the job itself is not of its session. */
static void
link_break(void *ctx)
{
	pid_t pids[16];
	size_t n = sshd_children(server, pids, 16);

	(void)ctx;
	broken_ms = loop_now_ms(loop);
	for (size_t i = 0; i < n; i++)
		kill(pids[i], how == BREAK_FREEZE ? SIGSTOP : SIGKILL);
	if (how != BREAK_AWAY)
		return;
	/* nobody accepts a connection until the node has taken its change back */
	kill(server->pid, SIGSTOP);
	loop_timer_add(loop, 6000, server_goes_on, NULL);
}

static void
on_event(void *ctx, const struct event *e)
{
	(void)ctx;
	if (e->type == EV_PROGRESS && !broken_ms)
		loop_defer(loop, link_break, NULL);
	if (e->type == EV_TASK && e->task->state == TASK_CHANGED)
		changed_ms = loop_now_ms(loop);
}

static void
nobody_asks(void *front, const struct ask *question, ask_answer_fn answer, void *ctx)
{
	(void)front;
	(void)question;
	answer(ctx, NULL);
}

static void
on_done(void *ctx, int code)
{
	*(int *)ctx = code;
	loop_stop(loop);
}

static void
library(const char *name)
{
	CLEANUP(freep) char *where = xasprintf("steps/%s", name);
	CLEANUP(freep) char *path = paths_data(where);
	CLEAN_STR text = STR_INIT(1 << 20);

	assert_int_equal(file_read(path, &text, NULL), 0);
	tiny_file(name, str_text(&text));
}

/* The exit code of an apply whose connection is broken this way; the rollback waits so long. */
static int
go(enum how broken, int rollback_s)
{
	static const struct services services = { .connect = connect_ssh };
	struct run_opts opts = { .mode = MODE_APPLY, .world = WORLD_REAL };
	struct asker asker = { nobody_asks, NULL };
	struct sink sink = { on_event, NULL };
	struct selection all = { 0 };
	CLEAN_STR script = STR_INIT(4096);
	int code = -1;

	how = broken;
	broken_ms = changed_ms = 0;
	connections = 0;
	str_addf(&script,
		 "check() { [ -e '%s/new' ] || todo old; }\n"
		 "apply() {\n"
		 "rollback_arm %d \"rm '%s/new'\" || return 1\n"
		 ": >'%s/new'\n"
		 "progress 1 2\n"
		 "until_true 1 false\n"
		 "true\n"
		 "}\n"
		 "confirm() { rollback_cancel; }\n",
		 sshd_home(), rollback_s, sshd_home(), sshd_home());
	tiny_file("10-a/10-net/step.ini", "[step]\ntitle = Net\non = first\n");
	tiny_file("10-a/10-net/linux.sh", str_text(&script));
	tiny_model(&model, TINY_HEAD);
	catalog = tiny_catalog(PLATFORM_LINUX);
	assert_non_null(catalog);
	plan = plan_build(&model, catalog, &all, tiny_note, NULL);
	assert_non_null(plan);
	loop = loop_new();
	struct run *r = run_new(loop, plan, &services, &asker, &opts, &sink, 1);
	run_start(r, on_done, &code);
	loop_run(loop);
	run_free(r);
	loop = loop_free(loop);
	assert_true(broken_ms > 0);
	return code;
}

static bool
is_changed(void)
{
	return !sshd_run("test -e new");
}

static int
begin(void **state)
{
	CLEANUP(freep) char *extra = xasprintf("SetEnv bascule_home=%s/node\n", sshd_home());

	(void)state;
	tiny_begin();
	library("lib.sh");
	library("job.sh");
	server = sshd_start(extra);
	return 0;
}

static int
end(void **state)
{
	(void)state;
	sshd_stop(server);
	plan = plan_free(plan);
	catalog = catalog_free(catalog);
	model_done(&model);
	tiny_end();
	sshd_run("rm -rf new node");
	return 0;
}

static void
test_broken(void **state)
{
	(void)state;
	assert_int_equal(go(BREAK_KILL, 30), 0);
	assert_true(is_changed());
	assert_true(connections >= 2);
	assert_int_equal(sshd_run("test -z \"$(ls node/rollback)\""), 0);
}

/* Nothing says that the connection is dead: it is only silent. Long before the rollback's time a new
 * one is there. */
static void
test_silent(void **state)
{
	(void)state;
	assert_int_equal(go(BREAK_FREEZE, 90), 0);
	assert_true(is_changed());
	assert_true(connections >= 2);
	assert_true(changed_ms - broken_ms < 60 * 1000);
}

static void
test_away(void **state)
{
	const struct task *t;

	(void)state;
	assert_int_equal(go(BREAK_AWAY, 3), 1);
	t = plan_task(plan, "a/net");
	assert_non_null(strstr(t->err.what, "rolled back by itself"));
	assert_false(is_changed());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_broken, begin, end),
		cmocka_unit_test_setup_teardown(test_silent, begin, end),
		cmocka_unit_test_setup_teardown(test_away, begin, end),
	};
	int failed;

	if (!sshd_is_there())
		return unit_skip_all("there is no /usr/sbin/sshd");
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	sshd_stop_all();
	return failed;
}
