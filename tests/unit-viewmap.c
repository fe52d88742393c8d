/* The map of the cluster and the rows of a LUN picker, from simulated runs and made-up values. */
#include "tests/unit.h"

#include <stdio.h>
#include <string.h>

#include "base/nls.h"
#include "engine/viewmap.h"
#include "tests/simrun.h"

static struct workspace ws;
static struct viewmap *map;

static void
opened(void)
{
	CLEANUP(freep) char *path = simrun_example("tutorial.ini");
	simrun_open(&ws, path);
	map = viewmap_new(ws.loop, ws.plan);
}

static void
closed(void)
{
	map = viewmap_free(map);
	simrun_close(&ws);
}

static void
value(const char *node, const char *name, const char *text)
{
	viewmap_event(map, &(struct event){ .type = EV_VALUE, .name = name, .text = text,
					    .node = model_node(&ws.model, node) });
}

/* Before anything was asked nothing is claimed; after the run what the checks have proven. */
static void
test_run(void **state)
{
	(void)state;
	opened();
	const struct sink sink = { viewmap_event, map };
	const struct map_lun *vm = viewmap_lun(map, "vm");
	const struct map_node *hv = viewmap_node(map, "hv-1");
	assert_int_equal(map->nodes.n, 3);
	assert_int_equal(vm->holds.n, 2);
	assert_int_equal(hv->reached, TELL_UNKNOWN);
	assert_int_equal(vm->holds.at[0].logged_in, TELL_UNKNOWN);
	assert_string_equal(vm->wwid, "");
	assert_true(viewmap_lun(map, "quorum")->quorum && !vm->quorum);
	assert_null(viewmap_lun(map, "no-such"));

	/* A check of bare machines: reached, not logged in. */
	simrun_go(&ws, MODE_CHECK, NULL, &sink, 1);
	assert_int_equal(hv->reached, TELL_YES);
	assert_true(hv->boot[0] && hv->boot_ms > 0 && hv->changed_ms > 0);

	assert_int_equal(simrun_go(&ws, MODE_APPLY, NULL, &sink, 1), 0);
	assert_int_equal(vm->holds.at[0].logged_in, TELL_YES);
	assert_int_equal(vm->holds.at[1].logged_in, TELL_YES);
	assert_true(str_starts(vm->wwid, "6001405"));
	assert_string_equal(vm->content, "own");
	assert_true(vm->changed_ms > 0);

	/* The same again changes no picture. */
	int64_t changed = vm->changed_ms;
	char boot[MAP_TEXT];
	str_put(boot, sizeof boot, hv->boot);
	simrun_go(&ws, MODE_CHECK, NULL, &sink, 1);
	assert_string_equal(hv->boot, boot);
	assert_int_equal(vm->changed_ms, changed);
	closed();
}

/* One node cannot log in: the other one's session is told all the same. */
static void
test_one_fails(void **state)
{
	(void)state;
	opened();
	const struct sink sink = { viewmap_event, map };
	simrun_go(&ws, MODE_APPLY, "fail initiator/connect(hv-2,vm) apply 1\n", &sink, 1);
	const struct map_lun *vm = viewmap_lun(map, "vm");
	assert_int_equal(vm->holds.at[0].logged_in, TELL_YES);
	assert_int_equal(vm->holds.at[1].logged_in, TELL_NO);
	closed();
}

static void
test_changes(void **state)
{
	(void)state;
	opened();
	struct map_node *hv = viewmap_node(map, "hv-1");
	loop_timer_add(ws.loop, 5000, (loop_fn)loop_stop, ws.loop);
	loop_run(ws.loop);
	value("hv-1", "node.boot(hv-1)", "aaa");
	int64_t first = hv->boot_ms;
	assert_true(viewmap_is_fresh(map, hv->changed_ms, 1000));
	loop_timer_add(ws.loop, 3000, (loop_fn)loop_stop, ws.loop);
	loop_run(ws.loop);
	value("hv-1", "node.boot(hv-1)", "aaa");
	assert_int_equal(hv->boot_ms, first);
	assert_false(viewmap_is_fresh(map, hv->changed_ms, 1000));
	value("hv-1", "node.boot(hv-1)", "b\x1b[2Jb");
	assert_int_equal(hv->boot_ms, first + 3000);
	assert_string_equal(hv->boot, "b^[[2Jb");

	/* A VM moves, and falls silent. */
	struct map_vm *seven = viewmap_vm(map, "seven");
	assert_null(seven->node);
	value("hv-1", "vm.node(seven)", "hv-1");
	assert_string_equal(seven->node->name, "hv-1");
	value("hv-1", "vm.node(seven)", "hv-2");
	assert_string_equal(seven->node->name, "hv-2");
	value("hv-1", "vm.node(seven)", "");
	assert_null(seven->node);
	viewmap_ping(map, "seven", 400);
	int64_t answered = seven->answered_ms, turned = seven->changed_ms;
	loop_timer_add(ws.loop, 100, (loop_fn)loop_stop, ws.loop);
	loop_run(ws.loop);
	viewmap_ping(map, "seven", 500);
	assert_int_equal(seven->changed_ms, turned);
	assert_true(seven->answered_ms > answered);
	viewmap_ping(map, "seven", -1);
	assert_true(seven->changed_ms > turned);
	assert_int_equal(seven->answered_ms, answered + 100);
	viewmap_event(map, &(struct event){ .type = EV_LINK, .node = hv->node, .link = LINK_LOST });
	assert_int_equal(hv->link, LINK_LOST);
	closed();
}

static void
row_check(const struct lun_row *row, enum lun_allowed allowed, const char *content,
	  const char *reason)
{
	CLEAN_STR text = STR_INIT(1024);
	assert_int_equal(row->allowed, allowed);
	lun_row_content(row, &text);
	if (!strstr(str_text(&text), content))
		fail_msg("'%s' lacks '%s'", str_text(&text), content);
	str_clear(&text);
	lun_row_reason(row, &text);
	if (!strstr(str_text(&text), reason))
		fail_msg("'%s' lacks '%s'", str_text(&text), reason);
}

static void
test_rows(void **state)
{
	(void)state;
	opened();
	struct lun_rows rows = { 0 };
	lun_rows_fill(map, NULL, &rows);
	assert_int_equal(rows.rows.n, 2);
	row_check(&rows.rows.at[0], ALLOWED_UNKNOWN, "not known", "not touched");
	value("hv-1", "lun.wwid(vm)", "6001405deadbeef12345678");
	value("hv-1", "lun.seen(vm)", "sdb 4294967296 ext4 old data");
	value("hv-1", "lun.content(vm)", "foreign:ext4 old data");
	value("hv-1", "lun.keys(vm)", "0xabc 0xdef ");
	value("hv-2", "lun.keys(vm)", "0xabc");
	lun_rows_fill(map, NULL, &rows);
	row_check(&rows.rows.at[0], ALLOWED_NO, "ext4 old data", "typed");
	assert_string_equal(rows.rows.at[0].tail, "12345678");
	assert_int_equal(rows.rows.at[0].registered, 2);
	assert_string_equal(viewmap_lun(map, "vm")->holds.at[0].disk, "sdb");
	value("hv-1", "lun.content(vm)", "empty");
	lun_rows_fill(map, NULL, &rows);
	row_check(&rows.rows.at[0], ALLOWED_YES, "nothing", "empty");
	value("hv-1", "lun.content(vm)", "own");
	lun_rows_fill(map, NULL, &rows);
	row_check(&rows.rows.at[0], ALLOWED_OWN, "", "nothing has to be done");
	lun_rows_done(&rows);
	closed();
}

/* What the console's own probe has found, with a LUN that the cluster file does not name. */
static void
test_probed(void **state)
{
	(void)state;
	opened();
	struct lun_rows rows = { 0 };
	struct probe_result *r = probe_result_new();
	struct probe_target *t = vec_add(&r->targets);
	str_put(t->iqn, sizeof t->iqn, "iqn.2026-11.lan.cluster:nas");
	for (unsigned n = 0; n < 3; n++) {
		struct probe_lun *l = vec_add(&t->luns);
		l->number = n;
		l->size_bytes = 1u << 26;
		snprintf(l->wwid, sizeof l->wwid, "naa.600140500000000%u", n);
		l->verdict = n == 1 ? LUN_SIGNED : LUN_EMPTY;
		l->pr.total = n;
	}
	struct probe_signature *s = t->luns.at[1].signs;
	t->luns.at[1].nsigns = 1;
	str_put(s->kind, sizeof s->kind, "ext4");
	viewmap_probed(map, r);
	lun_rows_fill(map, r, &rows);
	assert_int_equal(rows.rows.n, 3);
	assert_int_equal(rows.rows.at[0].allowed, ALLOWED_YES);
	row_check(&rows.rows.at[1], ALLOWED_NO, "ext4", "registered");
	assert_int_equal(rows.rows.at[1].registered, 1);
	assert_string_equal(rows.rows.at[1].tail, "00000001");
	row_check(&rows.rows.at[2], ALLOWED_NO, "", "does not name it");
	CLEAN_STR name = STR_INIT(64);
	lun_row_name(&rows.rows.at[2], &name);
	assert_string_equal(str_text(&name), "number 2");
	/* What a node has seen on it since outweighs an empty probe. */
	value("hv-1", "lun.content(vm)", "foreign:xfs");
	lun_rows_fill(map, r, &rows);
	assert_int_equal(rows.rows.at[0].allowed, ALLOWED_NO);
	viewmap_probed(map, NULL);
	assert_null(viewmap_lun(map, "vm")->probed);
	lun_rows_done(&rows);
	probe_result_free(r);
	closed();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_run),     cmocka_unit_test(test_one_fails),
		cmocka_unit_test(test_changes), cmocka_unit_test(test_rows),
		cmocka_unit_test(test_probed),
	};
	nls_init("en");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
