/* Runs of small plans in the simulated world, with what goes wrong on the way: tasks whose node is
 * found at run time, guards, scripts that cannot be composed. */
#include "tests/unit.h"

#include "backends/world.h"
#include "base/log.h"
#include "engine/run.h"
#include "tests/tiny.h"

#define TINY_N3                                                                                  \
	"[node n3]\nroles = hypervisor\nnic.a = e 10.0.0.4/24 switch\nnic.b = h 10.1.0.4/24\n"   \
	"nic.c = s 10.2.0.4/24\n"
#define TINY_VM "[vm seven]\nlun = v\nsource = /seven.qcow2\nmemory = 1 GiB\n"

static struct model model;
static struct catalog *catalog;
static struct plan *plan;
static struct loop *loop;
static struct run_stats stats;

/* "place a/one n1" lines and the like. */
static char heard[1 << 18];

static void __attribute__((format(printf, 1, 2)))
hear(const char *fmt, ...)
{
	size_t n = strlen(heard);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(heard + n, sizeof heard - n, fmt, ap);
	va_end(ap);
}

/* Programs print a secret, in pieces that the network cut. */
static bool leaking;

/* The task during whose apply the console is ended. */
static const char *leave_at, *quit_at;
static struct run *running;

static void
leave(void *run)
{
	run_abort(run);
}

static void
on_event(void *ctx, const struct event *e)
{
	const char *node = e->node ? e->node->name : "-";

	(void)ctx;
	if (e->type == EV_PLACE)
		hear("place %s %s\n", e->task->key, node);
	else if (e->type == EV_INTENT)
		hear("intent %s %s\n", e->task->key, node);
	else if (e->type == EV_ERROR)
		hear("error %s (%s)\n", e->err->what, e->err->hint);
	else if (e->type == EV_OUTPUT && leaking)
		hear("out %d %.*s", e->stream, (int)e->len, e->text);
	else if (e->type == EV_PROGRESS && leave_at && !strcmp(leave_at, e->task->key))
		loop_defer(loop, leave, running);
	else if (e->type == EV_VALUE)
		hear("value %s %s\n", e->name, e->text);
	else if (e->type == EV_TASK && e->task->state == TASK_CHECKING)
		hear("asked %s\n", e->task->key);
	if (quit_at && e->type == EV_TASK && e->task->state == TASK_CHECKING &&
	    !strcmp(quit_at, e->task->key))
		loop_stop(loop);
}

static void
answer_yes(void *front, const struct ask *question, ask_answer_fn answer, void *ctx)
{
	(void)front;
	answer(ctx, question->type == ASK_NAME ? question->expect : "yes");
}

static void
on_done(void *ctx, int code)
{
	*(int *)ctx = code;
	loop_stop(loop);
}

static int
begin(void **state)
{
	(void)state;
	tiny_begin();
	return 0;
}

static int
end(void **state)
{
	(void)state;
	plan = plan_free(plan);
	catalog = catalog_free(catalog);
	model_done(&model);
	tiny_end();
	return 0;
}

static struct selection selection;

/* The plan of all steps that were written, for three hypervisors. */
static void
make_plan(void)
{

	plan = plan_free(plan);
	catalog = catalog_free(catalog);
	model_done(&model);
	tiny_model(&model, TINY_HEAD TINY_N2 TINY_N3 TINY_VM);
	catalog = tiny_catalog(PLATFORM_LINUX);
	assert_non_null(catalog);
	plan = plan_build(&model, catalog, &selection, tiny_note, NULL);
	if (!plan)
		print_error("%s", tiny_notes);
	assert_non_null(plan);
}

/* How often n1 was connected to, and over which of these its confirm went. */
static int connections;
static struct exec *(*real_exec)(struct transport *t, const struct exec_req *req);
static struct transport_ops counted;

static void
leak(void *ctx)
{
	static const char *const pieces[] = { "by mis", "take hun", "ter2000 and hu", "nter2", "000\n",
					      "the end hunter" };
	const struct exec_req *req = ctx;
	CLEAN_STR long_line = STR_INIT(100000);

	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
		req->on_out(req->ctx, 2, pieces[i], strlen(pieces[i]));
	while (long_line.len < 65532)
		str_addc(&long_line, 'x');
	str_add(&long_line, "hunter2000 long\n");
	req->on_out(req->ctx, 1, str_text(&long_line), long_line.len);
}

static struct exec *
counted_exec(struct transport *t, const struct exec_req *req)
{
	static struct exec_req kept;

	if (leaking && req->verb == VERB_APPLY) {
		kept = *req;
		loop_defer(loop, leak, &kept);
	}
	if (req->verb == VERB_CONFIRM)
		hear("confirm over connection %d\n", connections);
	return real_exec(t, req);
}

static struct transport *
counted_connect(struct loop *l, const struct model *m, enum world w, const struct node *node,
		const struct asker *asker, struct err *err)
{
	struct transport *t = world_connect(l, m, w, node, asker, err);

	connections += node && !strcmp(node->name, "n1");
	real_exec = t->ops->exec;
	counted = *t->ops;
	counted.exec = counted_exec;
	t->ops = &counted;
	return t;
}

/* Runs it once with these faults; the exit code. The world is kept in the folder of the steps. */
static int
go(enum run_mode mode, const char *faults)
{
	static const struct services services = { .connect = counted_connect };
	CLEANUP(freep) char *path = xasprintf("%s/faults", tiny_dir);
	struct world_way way = { .world = WORLD_SIMULATED, .folder = tiny_dir, .faults = path };
	struct run_opts opts = { .mode = mode, .world = WORLD_SIMULATED };
	struct asker asker = { answer_yes, NULL };
	struct sink sink = { on_event, NULL };
	struct err err = { 0 };
	int code = -1;

	heard[0] = '\0';
	connections = 0;
	assert_int_equal(file_write(path, faults, strlen(faults), 0600, NULL), 0);
	loop = loop_new();
	loop_clock_virtual(loop, 0);
	assert_int_equal(world_open(loop, &model, &way, &err), 0);
	struct run *r = run_new(loop, plan, &services, &asker, &opts, &sink, 1);
	running = r;
	run_start(r, on_done, &code);
	loop_run(loop);
	run_stats(r, &stats);
	run_free(r);
	world_close();
	loop = loop_free(loop);
	return code;
}

static const struct task *
task(const char *key)
{
	const struct task *t = plan_task(plan, key);

	assert_non_null(t);
	return t;
}

static void
says(const char *what)
{
	if (!strstr(heard, what))
		print_error("no '%s' in:\n%s", what, heard);
	assert_non_null(strstr(heard, what));
}

static void
says_not(const char *what)
{
	if (strstr(heard, what))
		print_error("'%s' in:\n%s", what, heard);
	assert_null(strstr(heard, what));
}

/* ---- any quorate member ---- */

static void
any_step(const char *more)
{
	CLEAN_STR ini = STR_INIT(4096);

	tiny_step("10-a/10-join", "[step]\ntitle = Join\non = hypervisor\ngives = joined(node)\n",
		  "check apply");
	str_addf(&ini, "[step]\ntitle = Any\non = any\nneeds = joined(*) joined(node)\ngives = set\n%s\n"
		 "[sim]\nvalue.node.seen = {node}\n", more);
	tiny_step("10-a/20-any", str_text(&ini), "check apply undo");
	make_plan();
}

static void
test_any_is_applied_on_a_member(void **state)
{
	(void)state;
	any_step("");
	assert_int_equal(go(MODE_APPLY, ""), 0);
	says("place a/any n1\n");
	says("intent a/any n1\n");
	says("value node.seen(n1) n1\n");
	says_not("value node.seen(n2)");
	assert_int_equal(task("a/any")->state, TASK_CHANGED);
	assert_true(task("a/any")->placed);
}

/* What is given up then is given up while all machines can still be told of. */
static void
test_left_while_many_are_asked(void **state)
{
	(void)state;
	any_step("");
	quit_at = "a/any";
	assert_int_equal(go(MODE_CHECK, ""), -1);
	quit_at = NULL;
	says("asked a/any\n");
	make_plan();
	assert_int_equal(go(MODE_CHECK, ""), 7);
}

static void
test_any_before_there_is_a_cluster(void **state)
{
	(void)state;
	any_step("");
	assert_int_equal(go(MODE_CHECK, ""), 7);
	assert_int_equal(task("a/any")->state, TASK_TODO);
	says_not("place");
}

static void
test_any_first_candidate_down(void **state)
{
	(void)state;
	any_step("");
	assert_int_equal(go(MODE_APPLY, ""), 0);
	any_step("");
	go(MODE_CHECK, "refuse n1");
	says("place a/any n2\n");
	assert_int_equal(task("a/any")->state, TASK_OK);
	assert_string_equal(task("a/any")->node->name, "n2");
}

static void
test_any_no_member_that_is_not_quorate(void **state)
{
	(void)state;
	any_step("");
	assert_int_equal(go(MODE_APPLY, "apart n1"), 0);
	says("intent a/any n2\n");
	says_not("place a/any n1");
}

static void
test_any_no_quorum(void **state)
{
	(void)state;
	any_step("");
	assert_int_equal(go(MODE_APPLY, ""), 0);
	any_step("");
	go(MODE_CHECK, "refuse n2\nsilent n3");
	assert_int_equal(task("a/any")->state, TASK_UNKNOWN);
	assert_non_null(strstr(task("a/any")->err.what, "n1 is no quorate member"));
	assert_non_null(strstr(task("a/any")->err.what, "n3 gave no answer"));
	says_not("intent");
}

/* Asked first, it is a member; asked again right before the apply, it is not any more. */
static void
test_any_member_lost_before_apply(void **state)
{
	(void)state;
	any_step("");
	/* n1's checks: with its own join, after it, before the apply, and when all are asked again */
	assert_int_equal(go(MODE_APPLY, "apart n1 check 8\napart n1 check 9"), 0);
	says("place a/any n1\n");
	says("place a/any n2\n");
	says("intent a/any n2\n");
	says_not("intent a/any n1\n");
}

static void
test_any_link_lost_before_apply(void **state)
{
	(void)state;
	any_step("");
	assert_int_equal(go(MODE_APPLY, "refuse n1 check 7"), 0);
	says("place a/any n1\n");
	says("intent a/any n2\n");
	says_not("intent a/any n1\n");
}

/* Whichever node it was begun on: it is found and followed there, not begun again. */
static void
test_any_left_job_is_found(void **state)
{
	(void)state;
	any_step("");
	leave_at = "a/any";
	assert_int_equal(go(MODE_APPLY, "apart n1"), 3);
	leave_at = NULL;
	says("intent a/any n2\n");
	any_step("");
	assert_int_equal(go(MODE_APPLY, ""), 0);
	says("place a/any n2\n");
	says_not("intent a/any");
	assert_int_equal(task("a/any")->state, TASK_OK);
}

/* ---- the owner ---- */

static void
owner_step(const char *more)
{
	CLEAN_STR ini = STR_INIT(4096);

	str_addf(&ini, "[step]\ntitle = Own\non = owner\nfor = vm\ngives = own(vm)\npins = vm.id\n%s\n"
		 "[sim]\nvalue.vm.id = {hash}\nbefore.vm.id = {hash}\nvalue.vm.at = {node}\n", more);
	tiny_step("10-a/20-own", str_text(&ini), "check apply undo");
	make_plan();
}

static void
test_owner_is_asked(void **state)
{
	(void)state;
	owner_step("");
	assert_int_equal(go(MODE_APPLY, ""), 0);
	says("intent a/own(seven) n1\n");
	says("value vm.at(seven) n1\n");
	says_not("value vm.at(seven) n2");
}

/* The machine moves away between the check and the apply. */
static void
test_owner_changes_before_apply(void **state)
{
	(void)state;
	owner_step("");
	/* asked on three nodes first: the fourth is the one before the apply */
	assert_int_equal(go(MODE_APPLY, "move a/own(seven) check 4"), 0);
	says("place a/own(seven) n1\n");
	says("place a/own(seven) n2\n");
	says("intent a/own(seven) n2\n");
	says_not("intent a/own(seven) n1\n");
}

/* It moves by its own apply: the check after it is asked where it is now. */
static void
test_owner_changes_by_apply(void **state)
{
	(void)state;
	owner_step("");
	assert_int_equal(go(MODE_APPLY, "move a/own(seven) check 5"), 0);
	says("intent a/own(seven) n1\n");
	assert_string_equal(task("a/own(seven)")->node->name, "n2");
	assert_int_equal(task("a/own(seven)")->state, TASK_CHANGED);
}

static void
test_owner_lost(void **state)
{
	(void)state;
	owner_step("");
	assert_int_equal(go(MODE_APPLY, ""), 0);
	owner_step("");
	go(MODE_CHECK, "silent n1");
	says("place a/own(seven) n2\n");
	assert_int_equal(task("a/own(seven)")->state, TASK_OK);
}

static void
test_two_owners(void **state)
{
	(void)state;
	owner_step("");
	assert_int_equal(go(MODE_APPLY, "twice a/own(seven) check 3"), 4);
	assert_int_equal(task("a/own(seven)")->state, TASK_UNKNOWN);
	assert_non_null(strstr(task("a/own(seven)")->err.what, "n1 and n3 both"));
	says_not("intent");
}

/* ---- guards ---- */

static void
test_guards_travel_together(void **state)
{
	(void)state;
	tiny_step("10-a/10-idle", "[step]\ntitle = Idle\non = hypervisor\nrisk = read-only\n"
		  "gives = idle(node)\n", "check");
	tiny_step("10-a/20-do", "[step]\ntitle = Do\non = hypervisor\nneeds = idle(*)\n"
		  "guard = idle(*)\n[sim]\ntakes = 0\n", "check apply");
	make_plan();
	assert_int_equal(go(MODE_APPLY, ""), 0);
	/* one script of checks, one of guards, one job on each node */
	assert_int_equal(stats.round_trips, 9);
}

static void
test_guard_that_floats(void **state)
{
	(void)state;
	any_step("risk = read-only");
	tiny_step("10-a/30-do", "[step]\ntitle = Do\non = first\nneeds = set\nguard = set\n",
		  "check apply");
	make_plan();
	assert_int_equal(go(MODE_APPLY, "apart n1"), 0);
	says("intent a/do n1\n");
}

static void
test_guard_silent_refuses(void **state)
{
	(void)state;
	tiny_step("10-a/10-idle", "[step]\ntitle = Idle\non = hypervisor\nrisk = read-only\n"
		  "gives = idle(node)\n", "check");
	tiny_step("10-a/20-do", "[step]\ntitle = Do\non = first\nneeds = idle(*)\n"
		  "guard = idle(*)\n", "check apply");
	make_plan();
	assert_int_equal(go(MODE_APPLY, "unknown a/idle(n3) check 2"), 1);
	assert_int_equal(task("a/do")->state, TASK_FAILED);
	assert_non_null(strstr(task("a/do")->err.what, "not proven safe"));
	says_not("intent");
}

/* ---- a change that must be confirmed ---- */

static void
confirm_step(void)
{
	tiny_step("10-a/10-net", "[step]\ntitle = Net\non = first\ngives = net\n",
		  "check apply confirm");
	make_plan();
}

static void
test_confirm_comes_over_a_new_connection(void **state)
{
	(void)state;
	confirm_step();
	assert_int_equal(go(MODE_APPLY, ""), 0);
	assert_int_equal(task("a/net")->state, TASK_CHANGED);
	says("confirm over connection 2\n");
}

static void
test_confirm_when_the_link_breaks(void **state)
{
	(void)state;
	confirm_step();
	assert_int_equal(go(MODE_APPLY, "lost a/net apply"), 0);
	assert_int_equal(task("a/net")->state, TASK_CHANGED);
}

static void
test_confirm_reached_at_the_second_try(void **state)
{
	(void)state;
	confirm_step();
	assert_int_equal(go(MODE_APPLY, "refuse n1 confirm 1"), 0);
	assert_non_null(strstr(strstr(heard, "confirm over") + 1, "confirm over"));
	assert_int_equal(task("a/net")->state, TASK_CHANGED);
}

static void
test_confirm_too_late(void **state)
{
	(void)state;
	CLEAN_STR faults = STR_INIT(4096);

	/* tried again every two seconds: not reached for longer than the node waits */
	for (int i = 1; i <= 20; i++)
		str_add(&faults, "refuse n1 confirm 1\n");
	confirm_step();
	assert_int_equal(go(MODE_APPLY, str_text(&faults)), 1);
	assert_int_equal(task("a/net")->state, TASK_FAILED);
	assert_non_null(strstr(task("a/net")->err.what, "rolled back by itself"));
	confirm_step();
	assert_int_equal(go(MODE_CHECK, ""), 7);
}

/* ---- a part is taken back ---- */

static void
three_steps(const char *const *only)
{
	tiny_step("10-a/10-one", "[step]\ntitle = One\non = first\ngives = one\n", "check apply undo");
	tiny_step("10-a/20-two", "[step]\ntitle = Two\non = any\nneeds = one\ngives = two\n",
		  "check apply undo");
	tiny_step("10-a/30-three", "[step]\ntitle = Three\non = hypervisor\nneeds = two\n",
		  "check apply undo");
	selection = (struct selection){ .only = only, .undo = only != NULL };
	make_plan();
	selection = (struct selection){ 0 };
}

static void
test_undo_of_what_others_stand_on(void **state)
{
	static const char *const one[] = { "a/one", NULL };

	(void)state;
	three_steps(NULL);
	assert_int_equal(go(MODE_APPLY, ""), 0);
	three_steps(one);
	assert_int_equal(go(MODE_UNDO, ""), 2);
	says("while this stands on it: a/two,a/three (");
	says("--only=a)");
	says_not("intent");
	three_steps(NULL);
	assert_int_equal(go(MODE_CHECK, ""), 0);
}

static void
test_undo_of_what_nothing_stands_on(void **state)
{
	static const char *const later[] = { "a/two", "a/three", NULL };
	static const char *const one[] = { "a/one", NULL };

	(void)state;
	three_steps(NULL);
	assert_int_equal(go(MODE_APPLY, ""), 0);
	three_steps(later);
	assert_int_equal(go(MODE_UNDO, ""), 0);
	three_steps(one);
	assert_int_equal(go(MODE_UNDO, ""), 0);
	assert_int_equal(task("a/one")->state, TASK_UNDONE);
	says_not("intent a/two");
}

/* Whether something stands on it cannot be told: then it stays. */
static void
test_undo_unless_it_is_known(void **state)
{
	static const char *const later[] = { "a/two", "a/three", NULL };
	static const char *const one[] = { "a/one", NULL };

	(void)state;
	three_steps(NULL);
	assert_int_equal(go(MODE_APPLY, ""), 0);
	three_steps(later);
	assert_int_equal(go(MODE_UNDO, ""), 0);
	three_steps(one);
	assert_int_equal(go(MODE_UNDO, "unknown a/two"), 4);
	says_not("intent");
	assert_int_equal(task("a/one")->state, TASK_BLOCKED);
}

/* ---- what programs print ---- */

static void
test_secret_in_pieces(void **state)
{
	(void)state;
	tiny_step("10-a/10-one", "[step]\ntitle = One\non = first\n", "check apply");
	make_plan();
	log_secret("hunter2000");
	leaking = true;
	assert_int_equal(go(MODE_APPLY, ""), 0);
	leaking = false;
	log_forget_secrets();
	says("out 2 by mistake *** and ***\n");
	says("out 2 the end hunter");
	says("*** long\n");
	says_not("hun*");
	says_not("ter2");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_any_is_applied_on_a_member, begin, end),
		cmocka_unit_test_setup_teardown(test_left_while_many_are_asked, begin, end),
		cmocka_unit_test_setup_teardown(test_any_before_there_is_a_cluster, begin, end),
		cmocka_unit_test_setup_teardown(test_any_first_candidate_down, begin, end),
		cmocka_unit_test_setup_teardown(test_any_no_member_that_is_not_quorate, begin, end),
		cmocka_unit_test_setup_teardown(test_any_no_quorum, begin, end),
		cmocka_unit_test_setup_teardown(test_any_member_lost_before_apply, begin, end),
		cmocka_unit_test_setup_teardown(test_any_link_lost_before_apply, begin, end),
		cmocka_unit_test_setup_teardown(test_any_left_job_is_found, begin, end),
		cmocka_unit_test_setup_teardown(test_owner_is_asked, begin, end),
		cmocka_unit_test_setup_teardown(test_owner_changes_before_apply, begin, end),
		cmocka_unit_test_setup_teardown(test_owner_changes_by_apply, begin, end),
		cmocka_unit_test_setup_teardown(test_owner_lost, begin, end),
		cmocka_unit_test_setup_teardown(test_two_owners, begin, end),
		cmocka_unit_test_setup_teardown(test_guards_travel_together, begin, end),
		cmocka_unit_test_setup_teardown(test_confirm_comes_over_a_new_connection, begin, end),
		cmocka_unit_test_setup_teardown(test_confirm_when_the_link_breaks, begin, end),
		cmocka_unit_test_setup_teardown(test_confirm_reached_at_the_second_try, begin, end),
		cmocka_unit_test_setup_teardown(test_confirm_too_late, begin, end),
		cmocka_unit_test_setup_teardown(test_undo_of_what_others_stand_on, begin, end),
		cmocka_unit_test_setup_teardown(test_undo_of_what_nothing_stands_on, begin, end),
		cmocka_unit_test_setup_teardown(test_undo_unless_it_is_known, begin, end),
		cmocka_unit_test_setup_teardown(test_secret_in_pieces, begin, end),
		cmocka_unit_test_setup_teardown(test_guard_that_floats, begin, end),
		cmocka_unit_test_setup_teardown(test_guard_silent_refuses, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
