/* Drills: gaps and promises on streams of samples, phases, verdicts, stopping, the journal; on a
 * virtual clock, in a simulated cluster made of texts. */
#include "tests/unit.h"

#include "backends/sim.h"
#include "base/loop.h"
#include "engine/drill.h"
#include "engine/journaldrill.h"
#include "engine/measure.h"
#include "engine/wording.h"
#include "tests/tiny.h"

/* ---- measures ---- */

static void
sample_add(struct gaps *g, uint64_t seq, bool lost)
{
	struct ping_sample s = { seq, (int64_t)seq * 100, lost ? PING_LOST : 500 };

	gaps_add(g, &s);
}

/* The longest time between two neighbours among the answered, with one lost in between. */
static int64_t
longest_by_hand(const bool *lost, size_t n)
{
	int64_t longest = 0;

	for (size_t i = 0; i < n; i++) {
		size_t k = i + 1;

		if (lost[i] && i)
			continue;
		while (k < n && lost[k])
			k++;
		if (k == n)
			k = n - 1;
		bool between = lost[i];
		for (size_t j = i + 1; j < k; j++)
			between |= lost[j];
		between |= lost[k];
		if (between && (int64_t)(k - i) * 100 > longest)
			longest = (int64_t)(k - i) * 100;
	}
	return longest;
}

static void
test_gaps_any_stream(void **state)
{
	(void)state;
	for (int round = 0; round < 2000; round++) {
		size_t n = 1 + unit_random() % 60;
		unsigned odds = 1 + unit_random() % 9;
		bool lost[64];
		struct gaps g;

		gaps_init(&g);
		for (size_t i = 0; i < n; i++) {
			lost[i] = unit_random() % 10 < odds;
			sample_add(&g, i, lost[i]);
		}
		assert_int_equal(gaps_longest(&g), longest_by_hand(lost, n));
		assert_int_equal(g.sent, n);
	}
}

static void
test_gaps_known(void **state)
{
	struct gaps g;

	(void)state;
	gaps_init(&g);
	assert_int_equal(gaps_longest(&g), 0);
	for (uint64_t i = 0; i < 100; i++)
		sample_add(&g, i, i >= 30 && i < 50);
	assert_int_equal(gaps_longest(&g), 2100);
	assert_int_equal(g.from_ms, 2900);
	assert_int_equal(g.to_ms, 5000);
	assert_int_equal(g.longest_lost, 20);
	assert_int_equal(g.tail, 50);
	assert_int_equal(gaps_open(&g), 0);
	for (uint64_t i = 100; i < 140; i++)
		sample_add(&g, i, true);
	assert_int_equal(gaps_open(&g), 4000);
	assert_int_equal(gaps_longest(&g), 4000);
}

static void
promise(struct promises *p, const char *nonce, uint64_t number, unsigned connection)
{
	struct ping_number n = { .said.number = number, .connection = connection };

	snprintf(n.said.nonce, sizeof n.said.nonce, "%s", nonce);
	promises_add(p, &n);
}

static void
test_promises(void **state)
{
	struct promises p = { 0 };

	(void)state;
	promise(&p, "aa", 1, 1);
	promise(&p, "aa", 2, 1);
	promise(&p, "bb", 5, 2);
	assert_int_equal(p.lost, 0);
	assert_int_equal(p.nonces, 2);
	assert_false(p.returned);
	promise(&p, "cc", 4, 2);
	assert_int_equal(p.lost, 2); /* 4 and 5 had been acknowledged */
	promise(&p, "bb", 6, 2);
	assert_true(p.returned);
	promises_done(&p);
}

static void
test_guest_lines(void **state)
{
	struct guest_number n;

	(void)state;
	assert_true(guest_parse("N 0123abcd 17", &n));
	assert_string_equal(n.nonce, "0123abcd");
	assert_int_equal(n.number, 17);
	assert_false(guest_parse("N 0123abcd ", &n));
	assert_false(guest_parse("N  17", &n));
	assert_false(guest_parse("N 0123ABCD 17", &n));
	assert_false(guest_parse("N 0123456789abcdef0123456789abcdef0 1", &n));
	assert_false(guest_parse("N ab 99999999999999999999", &n));
	assert_false(guest_parse("", &n));
}

static void
test_median(void **state)
{
	int64_t odd[] = { 9, 1, 5 }, even[] = { 4, 1, 9, 2 };

	(void)state;
	assert_int_equal(median_ms(odd, 3), 5);
	assert_int_equal(median_ms(even, 4), 3);
	assert_int_equal(median_ms(NULL, 0), 0);
}

/* ---- a drill ---- */

#define DRILL                                                                                     \
	"[step]\ntitle = Cut\nkind = drill\non = hypervisor\nvariants = quick slow nested\n"           \
	"uses = drill.variant drill.node\nrisk = disruptive\nlimit = 100\n"                       \
	"[sim]\nverbs = check apply undo watch audit\ntakes = 1\n"                                \
	"value.predict.outage = {token} + 2 * 1000\nvalue.predict.limit = 20000\n"                \
	"value.predict.limit@slow = 2000\nvalue.expect.nonce = new\n"                             \
	"value.predict.limit@nested = 2000\nvalue.emulated = no\n"                                \
	"value.emulated@nested = yes\n"                                                           \
	"phase.detect = 3000\nphase.start = 5000 @ {dest}\nphase.settled = 6000\n"                \
	"phase.redundant = {undo} + 7000\nsilence.from = 1000\nsilence.until = 9000\n"            \
	"guest.nonce = new\nguest.connection = lost\nguest.moves = yes\n"

static struct loop *loop;
static struct sim *sim;
static struct model model;
static struct catalog *catalog;
static struct plan *plan;
static struct drill *drill;
static int code, samples, stages;
static bool stop_once_silent, abort_once_silent, stop_at_once;

static struct transport *
connect_sim(struct loop *l, const struct model *m, enum world w, const struct node *node,
	    const struct asker *asker, struct err *err)
{
	(void)l;
	(void)m;
	(void)w;
	(void)asker;
	(void)err;
	return sim_connect(sim, node);
}

static struct ping *
ping_sim(struct loop *l, const struct ping_spec *spec, struct err *err)
{
	(void)l;
	(void)err;
	return sim_ping_start(sim, spec);
}

static struct ping *
ping_stop(struct ping *p)
{
	return p->ops->stop(p);
}

static const struct ping_ops pings = { ping_sim, ping_stop };
static const struct services services = { .connect = connect_sim, .ping = &pings };
static const char *answer = "yes";

static void
on_ask(void *front, const struct ask *q, ask_answer_fn fn, void *ctx)
{
	(void)front;
	assert_int_equal(q->class, ASK_DISRUPTIVE);
	fn(ctx, answer);
}

static void
on_event(void *ctx, const struct drill_event *e)
{
	(void)ctx;
	samples += e->type == DRILL_EV_SAMPLE;
	stages += e->type == DRILL_EV_STAGE;
	if (stop_at_once && e->type == DRILL_EV_SAMPLE)
		drill_stop(drill);
	if (e->type == DRILL_EV_SILENCE && stop_once_silent)
		drill_stop(drill);
	if (e->type == DRILL_EV_SILENCE && abort_once_silent)
		drill_abort(drill);
}

static void
on_done(void *ctx, int drill_code)
{
	(void)ctx;
	code = drill_code;
	loop_stop(loop);
}

static void
drill_run(const char *variant, const char *node, struct journal *journal)
{
	struct asker asker = { on_ask, NULL };
	struct drill_opts opts = { .world = WORLD_SIMULATED };
	struct drill_journal *kept = journal ? drill_journal_new(journal) : NULL;
	struct drill_sink sinks[] = { { on_event, NULL }, { drill_journal_event, kept } };
	struct err err = { 0 };

	code = -1;
	samples = stages = 0;
	snprintf(opts.args.variant, sizeof opts.args.variant, "%s", variant);
	snprintf(opts.args.node, sizeof opts.args.node, "%s", node ? node : "");
	drill = drill_new(loop, plan, drill_task(plan, "cut", NULL, node), &services, &asker, &opts,
			  sinks, journal ? 2 : 1, &err);
	assert_non_null(drill);
	drill_start(drill, on_done, NULL);
	loop_run(loop);
	drill_journal_free(kept);
}

/* -1 = nothing was said of it. */
static int
mark_of(const struct drill_view *v, const char *id)
{
	for (size_t i = 0; i < v->nconditions; i++)
		if (!strcmp(v->conditions[i].id, id))
			return (int)v->conditions[i].mark;
	return -1;
}

static int
world_setup(void **state)
{
	struct selection sel = { .drills = true };
	struct err err = { 0 };

	(void)state;
	tiny_begin();
	tiny_file("20-b/10-cut/step.ini", DRILL);
	catalog = tiny_catalog(PLATFORM_LINUX);
	assert_non_null(catalog);
	tiny_model(&model, TINY_HEAD TINY_N2 "[vm m]\nlun = v\naddress = 10.0.0.7\nmemory = 64 MiB\n");
	plan = plan_build(&model, catalog, &sel, tiny_note, NULL);
	assert_non_null(plan);
	loop = loop_new();
	loop_clock_virtual(loop, 0);
	sim = sim_new(loop, &model, NULL, NULL, &err);
	stop_once_silent = abort_once_silent = stop_at_once = false;
	answer = "yes";
	return 0;
}

static int
world_teardown(void **state)
{
	(void)state;
	drill = drill_free(drill);
	sim = sim_free(sim);
	loop = loop_free(loop);
	plan = plan_free(plan);
	catalog = catalog_free(catalog);
	model_done(&model);
	tiny_end();
	return 0;
}

static void
test_drill_passes(void **state)
{
	static const char *const order[] = { "detect", "start", "settled", "answer", "redundant" };
	struct drill_view v;
	int64_t sum = 0;

	(void)state;
	drill_run("", "n1", NULL);
	drill_view(drill, &v);
	assert_int_equal(code, 0);
	assert_int_equal(v.verdict, DRILL_PASSED);
	assert_string_equal(v.args->variant, "quick");
	assert_int_equal(v.predicted.outage_ms, model.cluster.token_ms + 2000);
	/* 8 s, give or take what makes one drill another, and one probe at each end */
	assert_in_range(v.outage_ms, 8000 * 95 / 100, 8000 * 105 / 100 + 200);
	assert_int_equal(v.nphases, 5);
	for (size_t i = 0; i < v.nphases; i++)
		assert_string_equal(v.phases[i].name, order[i]);
	assert_string_equal(v.phases[1].node, "n2");
	for (size_t i = 0; i < 3; i++)
		sum += v.phases[i].took_ms;
	assert_int_equal(sum, v.phases[2].at_ms - v.deed_ms);
	assert_int_equal(v.nsamples, samples);
	assert_true(v.promises->told > 0);
	assert_int_equal(v.promises->nonces, 2);
	assert_false(drill_at_risk(drill));
}

static void
test_drill_too_long(void **state)
{
	struct drill_view v;

	(void)state;
	drill_run("slow", "n1", NULL);
	drill_view(drill, &v);
	assert_int_equal(code, 1);
	assert_int_equal(v.verdict, DRILL_FAILED);
	assert_int_equal(mark_of(&v, "outage"), MARK_FAIL);
	assert_int_equal(mark_of(&v, "answers"), MARK_PASS);
}

/* The same silence of a VM that is emulated is told and not judged. */
static void
test_drill_emulated(void **state)
{
	CLEAN_STR text = STR_INIT(512);
	struct drill_view v;

	(void)state;
	drill_run("nested", "n1", NULL);
	drill_view(drill, &v);
	assert_int_equal(code, 0);
	assert_int_equal(mark_of(&v, "outage"), MARK_NOTE);
	drill_prediction_add(&text, &v);
	assert_non_null(strstr(str_text(&text), "emulated"));
}

/* Nobody said which node: it happens to the one that runs the VM, which has moved before. */
static void
test_drill_follows_the_vm(void **state)
{
	struct drill_view v;

	(void)state;
	drill_run("", NULL, NULL);
	drill_view(drill, &v);
	assert_string_equal(v.args->node, "n1");
	drill = drill_free(drill);
	drill_run("", NULL, NULL);
	drill_view(drill, &v);
	assert_string_equal(v.args->node, "n2");
	assert_string_equal(v.task->node->name, "n2");
	assert_int_equal(v.verdict, DRILL_PASSED);
	assert_in_range(v.outage_ms, 7000, 9000);
	assert_int_equal(v.promises->nonces, 2);
}

/* The VM runs elsewhere: it must notice nothing. */
static void
test_drill_other_node(void **state)
{
	struct drill_view v;

	(void)state;
	drill_run("", "n2", NULL);
	drill_view(drill, &v);
	assert_int_equal(v.outage_ms, 0);
	assert_int_equal(v.after->lost, 0);
	assert_int_equal(mark_of(&v, "nonce"), MARK_PASS);
	assert_int_equal(code, 0);
}

static void
test_drill_stopped_midway(void **state)
{
	struct drill_view v;

	(void)state;
	stop_once_silent = true;
	drill_run("", "n1", NULL);
	drill_view(drill, &v);
	assert_int_equal(code, 3);
	assert_int_equal(v.verdict, DRILL_STOPPED);
	assert_int_equal(mark_of(&v, "restored"), MARK_PASS);
	assert_int_equal(mark_of(&v, "audit"), MARK_PASS);
	assert_false(drill_at_risk(drill));
}

static void
test_drill_left_at_once(void **state)
{
	(void)state;
	abort_once_silent = true;
	drill_run("", "n1", NULL);
	assert_int_equal(code, 3);
	assert_true(drill_at_risk(drill));
}

static void
test_drill_stopped_before(void **state)
{
	struct drill_view v;

	(void)state;
	stop_at_once = true;
	drill_run("", "n1", NULL);
	drill_view(drill, &v);
	assert_int_equal(code, 3);
	assert_int_equal(v.deed_ms, 0);
	assert_int_equal(v.nconditions, 0);
	assert_false(drill_at_risk(drill));
}

static void
test_drill_declined(void **state)
{
	struct drill_view v;

	(void)state;
	answer = NULL;
	drill_run("", "n1", NULL);
	drill_view(drill, &v);
	assert_int_equal(code, 3);
	assert_int_equal(v.nsamples, 0);
}

static void
test_drill_bad_input(void **state)
{
	struct asker asker = { on_ask, NULL };
	struct drill_opts opts = { .world = WORLD_REAL };
	struct task *t = drill_task(plan, "cut", NULL, NULL);
	struct err err = { 0 };

	(void)state;
	assert_null(drill_new(loop, plan, t, &services, &asker, &opts, NULL, 0, &err));
	assert_int_equal(err.code, E_STEP);
	opts.world = WORLD_SIMULATED;
	snprintf(opts.args.variant, sizeof opts.args.variant, "none");
	assert_null(drill_new(loop, plan, t, &services, &asker, &opts, NULL, 0, &err));
	assert_int_equal(err.code, E_INPUT);
	assert_null(drill_task(plan, "cot", NULL, NULL));
	assert_null(drill_task(plan, "cut", NULL, "srv"));
}

/* ---- the journal ---- */

struct found {
	struct drill_record r[4];
	size_t n;
};

static int
found_add(void *ctx, const struct drill_record *r)
{
	struct found *f = ctx;

	f->r[f->n++] = *r;
	return f->n == 4;
}

struct stream {
	struct gaps g;
	uint64_t next;
	int64_t first_ms;
};

static int
stream_add(void *ctx, const struct ping_sample *s)
{
	struct stream *st = ctx;

	assert_int_equal(s->seq, st->next++);
	if (!s->seq)
		st->first_ms = s->sent_ms;
	if (s->sent_ms >= 0)
		gaps_add(&st->g, s);
	return 0;
}

static void
test_drill_journal(void **state)
{
	CLEANUP(freep) char *path = xasprintf("%s/journal.db", tiny_dir);
	struct err err = { 0 };
	struct journal *j = journal_open(loop, path, &err);
	struct found f = { 0 };
	struct stream st = { 0 };
	struct drill_view v;
	size_t n;

	(void)state;
	assert_non_null(j);
	assert_int_equal(journal_drills(j, NULL, NULL, found_add, &f, &err), 0);
	assert_int_equal(f.n, 0);
	drill_run("", "n1", j);
	drill_free(drill);
	drill_run("slow", "n2", j);
	drill_free(drill);
	drill_run("", "n2", j);
	drill_view(drill, &v);
	assert_int_equal(journal_drills(j, "b/cut", "quick", found_add, &f, &err), 0);
	assert_int_equal(f.n, 2);
	assert_string_equal(f.r[0].drill_id, drill_id(drill));
	assert_string_equal(f.r[0].verdict, "passed");
	assert_string_equal(f.r[0].node, "n2");
	assert_int_equal(f.r[0].outage_ms, v.outage_ms);
	assert_true(f.r[1].id < f.r[0].id);
	assert_int_equal(journal_drill_median(j, "b/cut", "quick", 5, &n),
			 (f.r[0].outage_ms + f.r[1].outage_ms) / 2);
	assert_int_equal(n, 2);
	gaps_init(&st.g);
	assert_int_equal(journal_drill_samples(j, f.r[0].id, stream_add, &st, &err), 0);
	assert_int_equal(st.next, v.nsamples);
	assert_int_equal(st.g.lost, v.after->lost);
	assert_int_equal(gaps_longest(&st.g), v.outage_ms);
	assert_true(st.first_ms < 0);
	assert_int_equal(journal_error(j, &err), 0);
	journal_close(j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gaps_any_stream),
		cmocka_unit_test(test_gaps_known),
		cmocka_unit_test(test_promises),
		cmocka_unit_test(test_guest_lines),
		cmocka_unit_test(test_median),
		cmocka_unit_test_setup_teardown(test_drill_passes, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_drill_too_long, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_drill_emulated, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_drill_follows_the_vm, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_drill_other_node, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_drill_stopped_midway, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_drill_left_at_once, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_drill_stopped_before, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_drill_declined, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_drill_bad_input, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_drill_journal, world_setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
