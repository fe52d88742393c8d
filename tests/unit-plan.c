/* From steps and a cluster to tasks and their order: facts with open arguments, what nothing
 * gives, circles, selections, undo, objects that leave. */
#include "tests/unit.h"

#include "tests/tiny.h"

static struct model model;
static struct catalog *catalog;
static struct plan *plan;

static void
build(const char *cluster, struct selection sel)
{
	tiny_model(&model, cluster);
	catalog = tiny_catalog(PLATFORM_LINUX);
	assert_string_equal(tiny_notes, "");
	assert_non_null(catalog);
	plan = plan_build(&model, catalog, &sel, tiny_note, NULL);
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

/* "a/one(n1) a/two" in the order of the walk. */
static void
assert_order(const char *wanted)
{
	CLEAN_STR keys = STR_INIT(4096);

	assert_string_equal(tiny_notes, "");
	assert_non_null(plan);
	for (size_t i = 0; i < plan->order.n; i++)
		str_addf(&keys, "%s%s", i ? " " : "", plan->tasks.at[plan->order.at[i]]->key);
	assert_string_equal(str_text(&keys), wanted);
}

static void
assert_after(const char *key, const char *wanted)
{
	CLEAN_STR keys = STR_INIT(4096);
	const struct task *t = plan_task(plan, key);

	assert_non_null(t);
	for (size_t i = 0; i < t->after.n; i++)
		str_addf(&keys, "%s%s", i ? " " : "", plan->tasks.at[t->after.at[i]]->key);
	assert_string_equal(str_text(&keys), wanted);
}

static void
three_steps(void)
{
	tiny_step("10-a/10-one", "[step]\ntitle = One\non = hypervisor\ngives = one(node)\n",
		  "check apply undo");
	tiny_step("10-a/20-two",
		  "[step]\ntitle = Two\non = hypervisor\nfor = lun\nneeds = one(node)\n"
		  "gives = two(node,lun)\n",
		  "check apply undo");
	tiny_step("20-b/10-three",
		  "[step]\ntitle = Three\non = first\nfor = lun\nneeds = two(*,lun)\n"
		  "gives = three(lun)\nguard = one(*)\n",
		  "check apply undo");
}

static void
test_facts(void **state)
{
	(void)state;
	three_steps();
	build(TINY_HEAD TINY_N2, (struct selection){ 0 });
	assert_order("a/one(n1) a/one(n2) a/two(n1,v) a/two(n1,q) a/two(n2,v) a/two(n2,q) "
		     "b/three(v) b/three(q)");
	assert_after("a/two(n2,v)", "a/one(n2)");
	assert_after("b/three(q)", "a/two(n1,q) a/two(n2,q)");
	assert_int_equal(plan_task(plan, "b/three(q)")->guards.n, 2);
	assert_ptr_equal(plan_task(plan, "b/three(q)")->node, model_node(&model, "n1"));
	assert_null(plan_task(plan, "b/three(x)"));
}

static void
test_all(void **state)
{
	(void)state;
	three_steps();
	tiny_step("20-b/20-four", "[step]\ntitle = Four\non = console\nneeds = one@all two@all\n",
		  "check");
	build(TINY_HEAD TINY_N2, (struct selection){ 0 });
	assert_after("b/four",
		     "a/one(n1) a/one(n2) a/two(n1,q) a/two(n1,v) a/two(n2,q) a/two(n2,v)");
}

/* Names that begin alike are other facts. */
static void
test_prefix(void **state)
{
	(void)state;
	tiny_step("10-a/10-x", "[step]\ntitle = X\non = first\ngives = one\n", "check");
	tiny_step("10-a/20-y", "[step]\ntitle = Y\non = first\ngives = one.more(node)\n", "check");
	tiny_step("10-a/30-z", "[step]\ntitle = Z\non = first\nneeds = one@all\n", "check");
	build(TINY_HEAD, (struct selection){ 0 });
	assert_after("a/z", "a/x");
}

static void
test_nothing_gives(void **state)
{
	(void)state;
	three_steps();
	tiny_step("20-b/20-four", "[step]\ntitle = Four\non = first\nneeds = none(node)\n", "check");
	tiny_step("20-b/30-five", "[step]\ntitle = Five\non = first\nneeds = open(*) other@all\n",
		  "check");
	build(TINY_HEAD, (struct selection){ 0 });
	assert_null(plan);
	assert_string_equal(tiny_notes, "b/four needs the fact 'none(n1)', which no step gives\n");
}

static void
test_gives_without_object(void **state)
{
	(void)state;
	tiny_step("10-a/10-x", "[step]\ntitle = X\non = first\ngives = one(lun)\n", "check");
	build(TINY_HEAD, (struct selection){ 0 });
	assert_null(plan);
	assert_string_equal(tiny_notes, "step a/x gives 'one' but has no such object\n");
}

static void
test_circle(void **state)
{
	(void)state;
	tiny_step("10-a/10-x", "[step]\ntitle = X\non = first\ngives = x\nneeds = y\n", "check");
	tiny_step("10-a/20-y", "[step]\ntitle = Y\non = first\ngives = y\nneeds = x\n", "check");
	tiny_step("10-a/30-z", "[step]\ntitle = Z\non = first\ngives = z\n", "check");
	build(TINY_HEAD, (struct selection){ 0 });
	assert_null(plan);
	assert_string_equal(tiny_notes,
			    "these tasks wait for each other in a circle: a/x, a/y\n");
}

static void
test_unknown_parameter(void **state)
{
	(void)state;
	tiny_step("10-a/10-x", "[step]\ntitle = X\non = first\nuses = node.name lun.proven none.such\n",
		  "check");
	tiny_step("10-a/20-y",
		  "[step]\ntitle = Y\non = first\nfor = lun\n[sim]\nvalue.lun.proven = {hash}\n",
		  "check");
	build(TINY_HEAD, (struct selection){ 0 });
	assert_null(plan);
	assert_string_equal(tiny_notes,
			    "step a/x uses 'none.such', which is no setting and no step's value\n");
}

static void
test_through(void **state)
{
	(void)state;
	three_steps();
	build(TINY_HEAD TINY_N2, (struct selection){ .through = "a" });
	assert_order("a/one(n1) a/one(n2) a/two(n1,v) a/two(n1,q) a/two(n2,v) a/two(n2,q)");
}

static void
test_only(void **state)
{
	const char *only[] = { "b/three(v)", NULL };

	(void)state;
	three_steps();
	build(TINY_HEAD TINY_N2, (struct selection){ .only = only });
	assert_order("a/one(n1) a/one(n2) a/two(n1,v) a/two(n2,v) b/three(v)");
	assert_int_equal(plan_task(plan, "b/three(v)")->part, PART_WANTED);
	assert_int_equal(plan_task(plan, "a/two(n1,v)")->part, PART_CONTEXT);
}

static void
test_nodes(void **state)
{
	const char *nodes[] = { "n2", NULL };

	(void)state;
	three_steps();
	build(TINY_HEAD TINY_N2, (struct selection){ .nodes = nodes, .through = "a" });
	assert_order("a/one(n2) a/two(n2,v) a/two(n2,q)");
}

static void
test_unknown_names(void **state)
{
	const char *only[] = { "a/none", NULL }, *nodes[] = { "n9", NULL };

	(void)state;
	three_steps();
	build(TINY_HEAD, (struct selection){ .only = only, .nodes = nodes, .through = "c" });
	assert_null(plan);
	assert_string_equal(tiny_notes, "no chapter is called 'c'\n"
					"no step or chapter is called 'a/none'\n"
					"the cluster file has no node 'n9'\n");
}

static void
test_undo(void **state)
{
	(void)state;
	three_steps();
	build(TINY_HEAD, (struct selection){ .undo = true });
	assert_order("b/three(v) b/three(q) a/two(n1,v) a/two(n1,q) a/one(n1)");
	assert_after("a/one(n1)", "a/two(n1,v) a/two(n1,q)");
	assert_true(plan_task(plan, "a/one(n1)")->undo);
}

/* A step without undo is dropped, and what stood before and after it stays in order. */
static void
test_undo_passes(void **state)
{
	(void)state;
	three_steps();
	tiny_step("10-a/20-two",
		  "[step]\ntitle = Two\non = hypervisor\nfor = lun\nneeds = one(node)\n"
		  "gives = two(node,lun)\n",
		  "check");
	build(TINY_HEAD, (struct selection){ .undo = true });
	assert_order("b/three(v) b/three(q) a/one(n1)");
	assert_after("a/one(n1)", "b/three(v) b/three(q)");
}

static void
test_leaving_node(void **state)
{
	(void)state;
	three_steps();
	build(TINY_HEAD TINY_N2 "state = leaving\n", (struct selection){ 0 });
	assert_order("a/one(n1) a/two(n2,v) a/two(n2,q) a/two(n1,v) a/two(n1,q) a/one(n2) "
		     "b/three(v) b/three(q)");
	assert_true(plan_task(plan, "a/two(n2,q)")->undo);
	assert_true(plan_task(plan, "a/one(n2)")->undo);
	assert_false(plan_task(plan, "a/one(n1)")->undo);
	/* What stays does not wait for what goes. */
	assert_after("b/three(v)", "a/two(n1,v)");
}

/* Who stays counts anew once those who leave have left; what they stood on goes after that. */
static void
test_gone(void **state)
{
	(void)state;
	tiny_step("10-a/10-floor", "[step]\ntitle = F\non = hypervisor\ngives = floor(node)\n"
		  "gone = member(node)\n", "check apply undo");
	tiny_step("10-a/20-member", "[step]\ntitle = M\non = hypervisor\ngives = member(node)\n"
		  "gone = member(*)\n", "check apply undo");
	tiny_step("10-a/30-door", "[step]\ntitle = D\non = first\ngone = member(*)\n", "check apply");
	build(TINY_HEAD TINY_N2 "state = leaving\n", (struct selection){ 0 });
	assert_after("a/floor(n1)", "");
	assert_after("a/floor(n2)", "a/member(n2)");
	assert_after("a/member(n1)", "a/member(n2)");
	assert_after("a/member(n2)", "");
	assert_after("a/door", "a/member(n2)");
	plan = plan_free(plan);
	plan = plan_build(&model, catalog, &(struct selection){ .undo = true }, tiny_note, NULL);
	assert_after("a/member(n1)", "");
	assert_after("a/floor(n1)", "a/member(n1)");
}

static void
test_leaving_lun(void **state)
{
	(void)state;
	three_steps();
	build(TINY_HEAD "[lun w]\ntarget = t\nnumber = 2\nsize = 1 GiB\nuse = data\nstate = leaving\n",
	      (struct selection){ 0 });
	assert_true(plan_task(plan, "b/three(w)")->undo);
	assert_after("a/two(n1,w)", "b/three(w)");
	assert_after("b/three(w)", "");
	assert_false(plan_task(plan, "a/one(n1)")->undo);
}

static void
proof_steps(void)
{
	tiny_step("10-a/10-one", "[step]\ntitle = One\non = hypervisor\ngives = one(node)\n",
		  "check apply");
	tiny_step("10-a/20-proof",
		  "[step]\ntitle = P\non = hypervisor\nkind = proof\nreboots = yes\nneeds = one(node)\n"
		  "gives = proven(node)\n",
		  "check apply");
	tiny_step("10-a/30-proof-too",
		  "[step]\ntitle = Q\non = hypervisor\nkind = proof\nreboots = yes\n"
		  "needs = proven(node)\ngives = twice(node)\n",
		  "check apply");
	tiny_step("20-b/10-last", "[step]\ntitle = L\non = first\nneeds = twice(*)\n", "check apply");
	tiny_step("20-b/20-drill", "[step]\ntitle = D\non = first\nkind = drill\nneeds = one(*)\n",
		  "check apply");
}

static void
test_proofs_later(void **state)
{
	const struct task *last;

	(void)state;
	proof_steps();
	build(TINY_HEAD, (struct selection){ 0 });
	assert_order("a/one(n1) a/proof(n1) a/proof-too(n1) b/last");
	plan = plan_free(plan);
	plan = plan_build(&model, catalog, &(struct selection){ .proofs_later = true }, tiny_note, NULL);
	/* The last proof's restart serves the one before it; what needed them waits for what they need. */
	assert_order("a/one(n1) b/last a/proof-too(n1) a/proof(n1)");
	last = plan_task(plan, "b/last");
	assert_int_equal(last->after.n, 1);
	assert_string_equal(plan->tasks.at[last->after.at[0]]->key, "a/one(n1)");
}

static void
test_drills(void **state)
{
	(void)state;
	proof_steps();
	build(TINY_HEAD, (struct selection){ .drills = true });
	assert_non_null(plan_task(plan, "b/drill"));
}

static void
test_conditions(void **state)
{
	(void)state;
	tiny_step("10-a/10-x",
		  "[step]\ntitle = X\non = first\nfor = lun\nwhen = lun.use != quorum\n", "check");
	tiny_step("10-a/20-y",
		  "[step]\ntitle = Y\non = first\nfor = lun\nwhen = lun.use = quorum and target.kind = lio\n",
		  "check");
	tiny_step("10-a/30-z", "[step]\ntitle = Z\non = storage\nfor = target\n", "check");
	build(TINY_HEAD, (struct selection){ 0 });
	assert_order("a/x(v) a/y(q) a/z(t)");
}

static void
test_secret_names(void **state)
{
	struct node node = { .name = "n1" };
	struct target target = { .name = "nas" };
	struct task t = { .node = &node, .target = &target };
	CLEAN_STR out = STR_INIT(256);

	(void)state;
	task_secret(&t, "chap.{target}.{node}.{lun}.{other}", &out);
	assert_string_equal(str_text(&out), "chap.nas.n1..{other}");
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_facts),	       T(test_all),
		T(test_prefix),	       T(test_nothing_gives),
		T(test_circle),	       T(test_gives_without_object),
		T(test_through),       T(test_unknown_parameter),
		T(test_only),	       T(test_nodes),
		T(test_undo),	       T(test_unknown_names),
		T(test_undo_passes),   T(test_leaving_node),
		T(test_leaving_lun),   T(test_proofs_later), T(test_gone),
		T(test_drills),	       T(test_conditions),
		cmocka_unit_test(test_secret_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
