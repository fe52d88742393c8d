/* What every front end shows, from plans and simulated runs of the tutorial's cluster and of one
 * with sixteen hypervisors. */
#include "tests/unit.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/nls.h"
#include "base/proc.h"
#include "engine/explain.h"
#include "engine/report.h"
#include "engine/view.h"
#include "tests/simrun.h"

static struct workspace ws;
static struct view *view;

static void
opened(void)
{
	CLEANUP(freep) char *path = simrun_example("tutorial.ini");
	simrun_open(&ws, path);
	view = view_new(ws.loop, ws.plan);
}

static void
closed(void)
{
	view = view_free(view);
	simrun_close(&ws);
}

static void
line_keep(void *ctx, const char *text)
{
	str_addf(ctx, "%s\n", text);
}

/* Every task stands in the matrix, in its node's column and under its chapter. */
static void
matrix_check(const struct view *v)
{
	size_t cells = 0;
	for (size_t i = 0; i < v->plan->tasks.n; i++) {
		const struct task *t = v->plan->tasks.at[i];
		struct view_focus f;
		assert_true(view_find(v, t, &f));
		assert_ptr_equal(view_at(v, &f), t);
		assert_ptr_equal(v->rows.at[f.row].step, t->step);
		assert_ptr_equal(v->chapters.at[f.chapter].chapter, t->step->chapter);
		if (t->placed || !t->candidates.n)
			assert_ptr_equal(v->columns.at[f.column].node, t->node);
	}
	for (size_t r = 0; r < v->rows.n; r++)
		for (size_t c = 0; c < v->columns.n; c++)
			cells += v->rows.at[r].cells[c] && !view_is_shared(v->rows.at[r].cells[c]);
	for (size_t i = 0; i < v->plan->tasks.n; i++)
		cells += view_is_shared(v->plan->tasks.at[i]);
	assert_int_equal(cells, v->plan->tasks.n);
}

static void
test_matrix(void **state)
{
	(void)state;
	opened();
	assert_null(view->columns.at[0].node);
	assert_string_equal(view->columns.at[1].node->name, "srv-clust");
	assert_int_equal(view->columns.n, 4);
	assert_int_equal(view->chapters.n, ws.catalog->chapters.n);
	matrix_check(view);
	struct view_counts all, sum = { 0 };
	view_count(view, NULL, &all);
	assert_int_equal(all.total, ws.plan->tasks.n);
	assert_int_equal(all.unasked, all.total);
	assert_int_equal(all.word, VIEW_UNASKED);
	for (size_t i = 0; i < view->chapters.n; i++) {
		struct view_counts c;
		view_count(view, view->chapters.at[i].chapter, &c);
		sum.total += c.total;
		assert_true(c.total ? c.word == VIEW_UNASKED : c.word == VIEW_NONE);
	}
	assert_int_equal(sum.total, all.total);
	closed();
}

static void
test_sixteen(void **state)
{
	(void)state;
	CLEANUP(freep) char *path = simrun_sixteen();
	simrun_open(&ws, path);
	view = view_new(ws.loop, ws.plan);
	assert_int_equal(view->columns.n, 18);
	matrix_check(view);
	/* To the right through all columns, with eight of them on the screen. */
	struct view_focus f;
	size_t first = 0, steps = 0;
	assert_true(view_enter(view, 0, &f));
	for (size_t before = SIZE_MAX; before != f.column; steps++) {
		before = f.column;
		first = view_window(view->columns.n, f.column, 8, first);
		assert_true(f.column >= first && f.column < first + 8 && first + 8 <= 18);
		view_move(view, &f, 0, 1);
		assert_non_null(view_at(view, &f));
	}
	assert_int_equal(f.column, 17);
	assert_int_equal(steps, 17); /* the console has nothing to do in that row */
	unlink(path);
	closed();
}

static void
test_focus(void **state)
{
	(void)state;
	opened();
	struct view_focus f;
	for (size_t c = 0; c < view->chapters.n; c++) {
		if (!view_enter(view, c, &f))
			continue;
		for (int i = 0; i < 500; i++) {
			view_move(view, &f, (int)(unit_random() % 7) - 3,
				  (int)(unit_random() % 5) - 2);
			assert_non_null(view_at(view, &f));
			assert_true(f.row >= view->chapters.at[c].first &&
				    f.row < view->chapters.at[c].first + view->chapters.at[c].n);
		}
	}
	assert_false(view_enter(view, 99, &f));
	closed();
}

/* "Through here" is exactly what the planner would plan; "this chapter" is that chapter. */
static void
test_scope(void **state)
{
	(void)state;
	opened();
	bool *wanted = xcalloc(ws.plan->tasks.n, sizeof *wanted);
	for (size_t i = 0; i < view->chapters.n; i++) {
		const struct chapter *c = view->chapters.at[i].chapter;
		const char *only[2];
		struct selection sel;
		view_selection(SCOPE_THROUGH, c, only, &sel);
		struct plan *p = plan_build(&ws.model, ws.catalog, &sel, simrun_note, NULL);
		size_t n = view_wanted(ws.plan, SCOPE_THROUGH, c, wanted), other = 0;
		assert_int_equal(n, p->tasks.n);
		for (size_t k = 0; k < ws.plan->tasks.n; k++)
			assert_int_equal(wanted[k], plan_task(p, ws.plan->tasks.at[k]->key) != NULL);
		plan_free(p);
		view_selection(SCOPE_CHAPTER, c, only, &sel);
		p = plan_build(&ws.model, ws.catalog, &sel, simrun_note, NULL);
		n = view_wanted(ws.plan, SCOPE_CHAPTER, c, wanted);
		for (size_t k = 0; k < p->tasks.n; k++)
			other += p->tasks.at[k]->part == PART_WANTED;
		assert_int_equal(n, other);
		plan_free(p);
	}
	struct view_review r;
	size_t n = view_wanted(ws.plan, SCOPE_ALL, NULL, wanted), risks = 0;
	view_review(ws.plan, wanted, &r);
	for (int i = 0; i <= RISK_DESTRUCTIVE; i++)
		risks += r.risks[i];
	assert_int_equal(r.total, n);
	assert_int_equal(risks, n);
	assert_true(r.risks[RISK_DESTRUCTIVE] > 0 && r.takes_s > 60);
	free(wanted);
	closed();
}

static const struct task *
task_called(const char *key)
{
	const struct task *t = plan_task(ws.plan, key);
	if (!t)
		fail_msg("there is no task %s", key);
	return t;
}

/* A run goes wrong on one node: its chapter says so, what comes after tells on what it waits. */
static void
test_failure(void **state)
{
	(void)state;
	opened();
	const struct sink sink = { view_event, view };
	const struct task *t = task_called("initiator/service(hv-2)");
	int code = simrun_go(&ws, MODE_APPLY, "fail initiator/service(hv-2) apply 1\n", &sink, 1);
	assert_int_equal(code, 1);
	assert_null(view->run);
	assert_int_equal(view->code, 1);
	struct view_counts c;
	view_count(view, t->step->chapter, &c);
	assert_int_equal(c.word, VIEW_FAILED);
	assert_int_equal(c.failed, 1);
	assert_ptr_equal(view_trouble(view, t->step->chapter), t);
	assert_true(view_reason(t)[0]);
	struct view_cell cell;
	view_cell(view, t, &cell);
	assert_string_equal(cell.id, "failed");
	CLEAN_STR waits = STR_INIT(4096);
	view_waits(view, task_called("initiator/connect(hv-2,vm)"), line_keep, &waits);
	assert_non_null(strstr(str_text(&waits), t->step->title));
	assert_non_null(strstr(str_text(&waits), "hv-2"));
	assert_non_null(strstr(str_text(&waits), "FAILED"));
	CLEAN_STR needs = STR_INIT(4096);
	CLEAN_STR gives = STR_INIT(4096);
	view_needs(view, task_called("initiator/connect(hv-2,vm)"), line_keep, &needs);
	view_gives(view, t, line_keep, &gives);
	assert_non_null(strstr(str_text(&needs), t->step->title));
	assert_non_null(strstr(str_text(&gives), task_called("initiator/connect(hv-2,vm)")->step->title));
	/* Mended and run again: all of it holds. */
	assert_int_equal(simrun_go(&ws, MODE_APPLY, NULL, &sink, 1), 0);
	view_count(view, NULL, &c);
	assert_int_equal(c.word, VIEW_OK);
	assert_int_equal(c.ok, c.total);
	closed();
}

/* A run that no journal keeps gives a report as well; drills stand in it with their figures. */
static void
test_report(void **state)
{
	(void)state;
	opened();
	const struct sink sink = { view_event, view };
	struct report *r = report_view(view, WORLD_SIMULATED, 1000000);
	size_t claims = r->counts[REPORT_NOT_RUN];
	assert_true(r->tests.n > 5 && claims > 10);
	assert_int_equal(report_code(r), 7);
	report_free(r);
	simrun_go(&ws, MODE_APPLY, "fail initiator/service(hv-2) apply 1\n", &sink, 1);
	struct report *broken = report_view(view, WORLD_SIMULATED, 1000000);
	assert_true(broken->counts[REPORT_NOT_RUN] > 0 && broken->counts[REPORT_PASS] > 0);
	assert_int_equal(simrun_go(&ws, MODE_APPLY, NULL, &sink, 1), 0);
	r = report_view(view, WORLD_SIMULATED, 1000000);
	assert_int_equal(r->counts[REPORT_PASS] + r->counts[REPORT_WARN], claims);
	assert_int_equal(report_code(r), 0);
	report_diff(r, broken);
	assert_int_equal(r->changes.n, broken->counts[REPORT_NOT_RUN] + broken->counts[REPORT_FAIL]);
	report_add_drill(r, &(struct report_drill){ .name = "Live \x1b[2J", .object = "VM seven",
						    .verdict = "passed", .outage_ms = 300,
						    .predicted_ms = -1, .redundant_ms = -1 });
	assert_string_equal(r->drills.at[0].name, "Live ^[[2J");
	assert_int_equal(r->drills.at[0].outage_ms, 300);
	report_free(broken);
	report_free(r);
	closed();
}

static void
output(const struct task *t, const char *text)
{
	view_event(view, &(struct event){ .type = EV_OUTPUT, .task = t, .stream = 1, .text = text,
					  .len = strlen(text) });
}

/* Output is cleaned, without secrets, and bounded whatever comes. */
static void
test_output(void **state)
{
	(void)state;
	opened();
	const struct task *t = ws.plan->tasks.at[0];
	CLEAN_STR seen = STR_INIT(1 << 20);
	view_output(view, t, 0, line_keep, &seen);
	assert_string_equal(str_text(&seen), "");
	log_secret("hunter22");
	output(t, "one\n\n\x1b[2Jtwo hunter22\n");
	view_output(view, t, 0, line_keep, &seen);
	assert_string_equal(str_text(&seen), "one\n\n^[[2Jtwo ***\n");
	str_clear(&seen);
	view_output(view, t, 1, line_keep, &seen);
	assert_string_equal(str_text(&seen), "^[[2Jtwo ***\n");
	for (int i = 0; i < 10000; i++) {
		char line[64];
		snprintf(line, sizeof line, "line %d of many that come\n", i);
		output(t, line);
	}
	str_clear(&seen);
	view_output(view, t, 2, line_keep, &seen);
	assert_string_equal(str_text(&seen), "line 9998 of many that come\nline 9999 of many that "
					     "come\n");
	str_clear(&seen);
	view_output(view, t, 0, line_keep, &seen);
	assert_true(str_starts(str_text(&seen), "line 98"));
	assert_true(view_output_bytes(view, t) > 200000);
	log_forget_secrets();
	closed();
}

static void
test_explain(void **state)
{
	(void)state;
	opened();
	const struct task *t = task_called("initiator/connect(hv-1,vm)");
	CLEAN_STR script = STR_INIT(1 << 20);
	CLEAN_STR check = STR_INIT(1 << 20);
	CLEAN_STR undo = STR_INIT(1 << 20);
	struct err err = { 0 };
	assert_int_equal(explain_script(ws.plan, NULL, t, VERB_APPLY, &script, &err), 0);
	assert_non_null(strstr(str_text(&script), "10.10.20.100"));
	assert_non_null(strstr(str_text(&script), "bascule_run apply"));
	explain_part(t->step, VERB_CHECK, &check);
	explain_part(t->step, VERB_UNDO, &undo);
	assert_true(str_starts(str_text(&check), "check()\n{\n"));
	assert_true(str_ends(str_text(&check), "\n}\n"));
	assert_null(strstr(str_text(&check), "undo()"));
	assert_non_null(strstr(str_text(&undo), "undo()"));
	assert_true(t->step->why && t->step->why[0]);
	closed();
}

static void
test_other_platform(void **state)
{
	(void)state;
	opened();
	struct explain_other *o = explain_other_new(&simrun_services, &ws.model);
	struct err err = { 0 };
	assert_non_null(o);
	assert_int_equal(o->platform, PLATFORM_HYPERV);
	const struct task *t = task_called("initiator/connect(hv-1,vm)"), *other;
	const struct step *s = explain_other_step(o, t, &other);
	assert_non_null(s);
	assert_non_null(other);
	assert_string_equal(other->key, t->key);
	CLEAN_STR script = STR_INIT(1 << 20);
	CLEAN_STR check = STR_INIT(1 << 20);
	assert_int_equal(explain_other_script(o, t, VERB_CHECK, &script, &err), 0);
	assert_non_null(strstr(str_text(&script), "Get-IscsiSession"));
	explain_part(s, VERB_CHECK, &check);
	assert_true(str_starts(str_text(&check), "function Check {"));
	assert_true(str_ends(str_text(&check), "\n}\n"));
	explain_other_free(o);
	closed();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matrix),
		cmocka_unit_test(test_sixteen),
		cmocka_unit_test(test_focus),
		cmocka_unit_test(test_scope),
		cmocka_unit_test(test_failure),
		cmocka_unit_test(test_report),
		cmocka_unit_test(test_output),
		cmocka_unit_test(test_explain),
		cmocka_unit_test(test_other_platform),
	};
	nls_init("en");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
