/* What a cluster bears, against a plain count of voters, for every set of lost nodes. */
#include "tests/unit.h"

#include <stdio.h>
#include <string.h>
#include "engine/whatif.h"

enum { MANY = 16 };

static struct model model;

static void
model_make(size_t nodes, bool vote)
{
	model_done(&model);
	model_init(&model);
	for (size_t i = 0; i < nodes; i++) {
		struct node n = { .roles = ROLE_HYPERVISOR };

		snprintf(n.name, sizeof n.name, "hv-%zu", i + 1);
		vec_push(&model.nodes, n);
	}
	vec_push(&model.nodes, ((struct node){ .name = "srv", .roles = ROLE_STORAGE }));
	vec_push(&model.targets, ((struct target){ .name = "nas", .node = "srv" }));
	vec_push(&model.luns, ((struct lun){ .name = "vm", .target = "nas" }));
	vec_push(&model.luns, ((struct lun){ .name = "q", .target = "nas", .use = LUN_QUORUM }));
	vec_push(&model.vms, ((struct vm){ .name = "seven", .lun = "vm", .memory = 4 }));
	str_put(model.quorum.lun, sizeof model.quorum.lun, "q");
	if (vote)
		str_put(model.quorum.vote, sizeof model.quorum.vote, "srv");
}

/* Voters one by one, as one would on paper. */
static bool
plain_majority(const struct whatif *w, uint64_t lost, bool third, bool third_lost)
{
	int yes = 0, all = 0;

	for (size_t i = 0; i < w->n; i++) {
		all++;
		yes += !(lost >> i & 1);
	}
	all += third;
	yes += third && !third_lost;
	if (w->platform == PLATFORM_LINUX && all == 2 && !third)
		return yes >= 1;
	return yes * 2 > all;
}

static void
every_set(enum platform platform, size_t nodes, bool vote, bool third_lost)
{
	struct whatif w;
	bool third = platform == PLATFORM_LINUX ? vote : nodes % 2 == 0;

	model_make(nodes, vote);
	model.cluster.platform = platform;
	whatif_init(&w, &model, false);
	assert_int_equal(w.n, nodes);
	for (uint64_t lost = 0; lost < UINT64_C(1) << nodes; lost++) {
		struct whatif_loss l = { .nodes = lost };
		bool all = lost == (UINT64_C(1) << nodes) - 1;
		enum whatif_verdict v;

		*(platform == PLATFORM_LINUX ? &l.vote : &l.disk) = third_lost;
		v = whatif_after(&w, &l, NULL);
		assert_int_equal(v == WHATIF_NO_NODE, all);
		if (!all)
			assert_int_equal(v != WHATIF_NO_VOTES,
					 plain_majority(&w, lost, third, third_lost));
	}
	whatif_done(&w);
}

static void
test_every_set_of_nodes(void **state)
{
	(void)state;
	for (size_t n = 2; n <= MANY; n++)
		for (int i = 0; i < 4; i++) {
			every_set(PLATFORM_LINUX, n, i & 1, (i & 2) && (i & 1));
			every_set(PLATFORM_HYPERV, n, false, i & 2);
		}
}

static enum whatif_verdict
after(const struct whatif *w, struct whatif_loss l)
{
	return whatif_after(w, &l, NULL);
}

static void
test_fencing(void **state)
{
	struct whatif w;

	(void)state;
	model_make(2, false);
	whatif_init(&w, &model, false);
	assert_int_equal(after(&w, (struct whatif_loss){ .nodes = 1 }), WHATIF_HOLDS);
	assert_int_equal(after(&w, (struct whatif_loss){ .disk = true }), WHATIF_HOLDS);
	assert_int_equal(after(&w, (struct whatif_loss){ .nodes = 1, .disk = true }),
			 WHATIF_NO_FENCING);
	assert_int_equal(after(&w, (struct whatif_loss){ .nodes = 1, .disk = true, .orderly = true }),
			 WHATIF_HOLDS);
	assert_int_equal(after(&w, (struct whatif_loss){ .disk = true, .storage = true }),
			 WHATIF_NO_STORAGE);
	/* who is away already needs nobody to fence it */
	w.down = 1;
	assert_int_equal(after(&w, (struct whatif_loss){ .disk = true }), WHATIF_HOLDS);
	assert_int_equal(after(&w, (struct whatif_loss){ .nodes = 2 }), WHATIF_NO_NODE);
	whatif_done(&w);
}

static void
test_one_after_the_other(void **state)
{
	struct whatif w;

	(void)state;
	model_make(4, false);
	whatif_init(&w, &model, false);
	w.down = 1;
	assert_int_equal(after(&w, (struct whatif_loss){ .nodes = 2 }), WHATIF_NO_VOTES);
	/* Windows counts anew once a node is known to be away: three voters are left */
	w.platform = PLATFORM_HYPERV;
	assert_int_equal(after(&w, (struct whatif_loss){ .nodes = 2 }), WHATIF_HOLDS);
	whatif_done(&w);
}

static void
test_memory(void **state)
{
	struct whatif w;

	(void)state;
	model_make(3, false);
	vec_push(&model.vms, ((struct vm){ .name = "eight", .lun = "vm", .memory = 6 }));
	vec_push(&model.vms, ((struct vm){ .name = "gone", .lun = "vm", .memory = 99,
					   .state = LEAVING }));
	whatif_init(&w, &model, false);
	assert_int_equal(w.vms.n, 2);
	assert_int_equal(w.vms.at[0], 6);
	/* not known of all that are left: nothing is said */
	w.memory[0] = w.memory[1] = 5;
	assert_int_equal(after(&w, (struct whatif_loss){ .nodes = 1 }), WHATIF_HOLDS);
	w.memory[2] = 6;
	assert_int_equal(after(&w, (struct whatif_loss){ .nodes = 1 }), WHATIF_HOLDS);
	/* 10 fit into 5 + 5, but no machine has room for 6 */
	assert_int_equal(after(&w, (struct whatif_loss){ .nodes = 4 }), WHATIF_NO_MEMORY);
	whatif_done(&w);
}

static void
test_parts(void **state)
{
	struct whatif w;

	(void)state;
	model_make(3, true);
	model.nodes.at[2].state = LEAVING;
	whatif_init(&w, &model, false);
	assert_int_equal(w.n, 2);
	assert_int_equal(whatif_bit(&w, &model.nodes.at[2]), 0);
	/* two nodes, the LUN, and the one machine that serves it, the VM's disk and the third vote */
	assert_int_equal(w.parts.n, 4);
	assert_string_equal(w.parts.at[3].name, "srv");
	assert_true(w.parts.at[3].loss.vote && w.parts.at[3].loss.disk && w.parts.at[3].loss.storage);
	whatif_done(&w);
	whatif_init(&w, &model, true);
	assert_int_equal(w.n, 3);
	whatif_done(&w);
}

static void
test_sentence(void **state)
{
	struct whatif w;
	CLEAN_STR text = STR_INIT(256);

	(void)state;
	model_make(3, false);
	whatif_init(&w, &model, false);
	whatif_reason(&w, &(struct whatif_loss){ .nodes = 3 }, &text);
	assert_string_equal(str_text(&text), "the rest has 1 of 3 votes, 2 are needed");
	whatif_done(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_set_of_nodes),
		cmocka_unit_test(test_fencing),
		cmocka_unit_test(test_one_after_the_other),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_sentence),
	};
	model_init(&model);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	model_done(&model);
	return failed;
}
