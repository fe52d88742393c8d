/* What drills have done from outside: orders that are read or refused, the lab's hands in order, a
 * person's typed names; what is put back until it works; and the library that follows a move. Nodes,
 * lab and library are made of texts. */
#include "tests/unit.h"

#include "backends/sim.h"
#include "base/loop.h"
#include "engine/drill.h"
#include "engine/lab.h"
#include "engine/services.h"
#include "engine/virt.h"
#include "tests/tiny.h"

enum { TOOK_MS = 100, LOG_BYTES = 2048, LIMIT_S = 100 };

#define CUT                                                                                      \
	"[step]\ntitle = Cut\nkind = drill\non = hypervisor\nuses = drill.node\nrisk = disruptive\n" \
	"limit = 100\n"

static struct loop *loop;
static struct sim *sim; /* of the probes: this VM always answers */
static struct model model;
static struct catalog *catalog;
static struct plan *plan;
static struct drill *drill;
static int code;
static struct err last;

/* What a test sets before it runs the drill. */
static const char *orders, *back, *by; /* the check's values; NULL = not told */
static const char *follow, *domain;
static const char *lab_refuses;        /* the log's entry that the lab can't do */
static const char *person;             /* "" types the name, NULL declines, else that word */
static int64_t undo_fails_ms;          /* so long after the first undo no link comes about */

/* What has happened. */
static char done_log[LOG_BYTES];
static int undos, labs_open, questions, followers, progress_done, progress_total;
static int64_t first_undo_ms;
static bool restoring;

static void
log_add(const char *text)
{
	size_t n = strlen(done_log);

	snprintf(done_log + n, sizeof done_log - n, "%s%s", n ? ", " : "", text);
}

/* ---- nodes ---- */

struct fake {
	struct transport base;
	struct exec *first;
};

struct exec {
	struct exec *next;
	struct fake *on;
	struct exec_req req;
	uint64_t timer;
};

static void
fake_say(struct exec *e, const char *what)
{
	CLEAN_STR line = STR_INIT(1024);

	str_addf(&line, "@%s %s\n", e->req.nonce, what);
	e->req.on_out(e->req.ctx, 1, str_text(&line), line.len);
}

static void
fake_value(struct exec *e, const char *name, const char *text)
{
	CLEAN_STR line = STR_INIT(4096);

	str_addf(&line, "value\t%s\t%s", name, text ? text : "");
	if (text)
		fake_say(e, str_text(&line));
}

static void
fake_end(struct exec *e, const struct err *err)
{
	struct exec_req req = e->req;
	struct exec **at = &e->on->first;

	while (*at != e)
		at = &(*at)->next;
	*at = e->next;
	loop_timer_del(loop, e->timer);
	free(e);
	req.on_done(req.ctx, 0, err);
}

static void
fake_check(struct exec *e)
{
	fake_value(e, "deed.orders", orders);
	fake_value(e, "deed.back", back);
	fake_value(e, "deed.by", by);
	fake_value(e, "drill.follow", follow);
	fake_value(e, "drill.domain", domain);
}

/* The cluster has settled once the deed is done, and is whole once all was put back. */
static void
fake_watch(void *ctx)
{
	struct exec *e = ctx;
	const struct err none = { 0 };
	struct drill_view v;

	drill_view(drill, &v);
	if (v.stage == DRILL_WATCHING && !restoring) {
		fake_say(e, "phase\tsettled");
	} else if (v.stage == DRILL_WATCHING) {
		fake_say(e, "phase\tredundant");
		fake_say(e, "end\t0\t0");
		fake_end(e, &none);
		return;
	}
	e->timer = loop_timer_add(loop, TOOK_MS, fake_watch, e);
}

/* true: the link did not come about. */
static bool
fake_undo_fails(void)
{
	int64_t now = loop_now_ms(loop);

	if (!undos++)
		first_undo_ms = now;
	return now - first_undo_ms < undo_fails_ms;
}

static void
fake_answer(void *ctx)
{
	struct exec *e = ctx;
	struct err err = { 0 };

	if (e->req.verb == VERB_UNDO && fake_undo_fails()) {
		err_set(&err, E_LOST, "no link");
		fake_end(e, &err);
		return;
	}
	fake_say(e, "begin\t0");
	if (e->req.verb == VERB_WATCH) {
		fake_watch(e);
		return;
	}
	if (e->req.verb == VERB_CHECK)
		fake_check(e);
	if (e->req.verb == VERB_UNDO)
		log_add("undo");
	fake_say(e, "end\t0\t0");
	fake_end(e, &err);
}

static struct exec *
fake_exec(struct transport *t, const struct exec_req *req)
{
	struct fake *f = (struct fake *)t;
	struct exec *e = xcalloc(1, sizeof *e);

	e->on = f;
	e->req = *req;
	e->next = f->first;
	f->first = e;
	e->timer = loop_timer_add(loop, TOOK_MS, fake_answer, e);
	return e;
}

static void
fake_cancel(struct transport *t, struct exec *e)
{
	struct err err = { 0 };

	(void)t;
	err_set(&err, E_CANCELLED, "cancelled");
	fake_end(e, &err);
}

static void
fake_close(struct transport *t)
{
	struct fake *f = (struct fake *)t;

	while (f->first)
		fake_cancel(t, f->first);
	free(f);
}

static const struct transport_ops fake_ops = { .name = "fake", .exec = fake_exec, .cancel = fake_cancel,
					       .close = fake_close };

static struct transport *
fake_connect(struct loop *l, const struct model *m, enum world w, const struct node *node,
	     const struct asker *asker, struct err *err)
{
	struct fake *f = xcalloc(1, sizeof *f);

	(void)l;
	(void)m;
	(void)w;
	(void)node;
	(void)asker;
	(void)err;
	f->base.ops = &fake_ops;
	return &f->base;
}

static struct ping *
ping_start(struct loop *l, const struct ping_spec *spec, struct err *err)
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

/* ---- the lab ---- */

struct lab {
	lab_done_fn done;
	void *ctx;
	struct err err;
	bool busy;
};

static struct lab *
lab_open(struct loop *l, lab_say_fn say, lab_done_fn done, void *ctx, struct err *err)
{
	struct lab *lab = xcalloc(1, sizeof *lab);

	(void)l;
	(void)say;
	(void)err;
	lab->done = done;
	lab->ctx = ctx;
	labs_open++;
	return lab;
}

static struct lab *
lab_close(struct lab *lab)
{
	loop_forget(loop, lab);
	labs_open--;
	free(lab);
	return NULL;
}

static void
lab_over(void *ctx)
{
	struct lab *lab = ctx;

	lab->busy = false;
	lab->done(lab->ctx, &lab->err);
}

static int
lab_order(struct lab *lab, const struct lab_order *o, struct err *err)
{
	static const char *const powers[] = { [LAB_POWER_OFF] = "off",	     [LAB_POWER_ON] = "on",
					      [LAB_POWER_FREEZE] = "freeze", [LAB_POWER_THAW] = "thaw" };
	CLEAN_STR line = STR_INIT(256);

	(void)err;
	assert_false(lab->busy);
	if (o->action == LAB_POWER)
		str_addf(&line, "%s %s", powers[o->power], o->machine);
	else
		str_addf(&line, "%s %s%s%s from %s", o->cut ? "cut" : "mend", o->machine,
			 o->peer ? " and " : "", o->peer ? o->peer : "", o->network);
	assert_true(o->action == LAB_POWER || o->action == LAB_CUT);
	log_add(str_text(&line));
	lab->busy = true;
	if (lab_refuses && !strcmp(lab_refuses, str_text(&line)))
		err_set(&lab->err, E_REMOTE, "the machine is gone");
	loop_timer_add(loop, TOOK_MS, lab_over, lab);
	return 0;
}

/* ---- the hypervisor's library ---- */

struct virt {
	struct virt_spec spec;
	uint64_t timer;
};

static void
virt_tell(void *ctx)
{
	struct virt *v = ctx;
	const struct virt_job job = { .done = 32 << 20, .total = 64 << 20, .downtime_ms = 250 };

	v->timer = 0;
	v->spec.on_job(v->spec.ctx, &job);
	v->spec.on_state(v->spec.ctx, "absent");
}

static struct virt *
virt_follow(struct loop *l, const struct virt_spec *spec, struct err *err)
{
	struct virt *v = xcalloc(1, sizeof *v);

	(void)err;
	followers++;
	log_add(spec->domain);
	v->spec = *spec;
	v->timer = loop_timer_add(l, TOOK_MS / 2, virt_tell, v);
	return v;
}

static struct virt *
virt_stop(struct virt *v)
{
	followers--;
	loop_timer_del(loop, v->timer);
	free(v);
	return NULL;
}

static const struct virt_ops virts = { virt_follow, virt_stop };
static const struct lab_ops lab_hands = { .open = lab_open, .close = lab_close, .order = lab_order };
static const struct ping_ops pings = { ping_start, ping_stop };
static const struct services services = { .connect = fake_connect, .ping = &pings, .lab = &lab_hands,
					 .virt = &virts };

/* ---- a drill ---- */

/* Whether to begin is allowed at once; what a person shall do is asked by a typed name. */
static void
on_ask(void *front, const struct ask *q, ask_answer_fn fn, void *ctx)
{
	(void)front;
	if (q->type == ASK_CONFIRM) {
		fn(ctx, "yes");
		return;
	}
	questions++;
	assert_int_equal(q->type, ASK_NAME);
	assert_int_equal(q->class, ASK_DISRUPTIVE);
	assert_true(str_starts(q->id, "hand:b/cut"));
	assert_non_null(strstr(q->title, q->expect));
	log_add(strrchr(q->id, '/') + 1);
	log_add(q->expect);
	fn(ctx, person && !*person ? q->expect : person);
}

static void
on_event(void *ctx, const struct drill_event *e)
{
	struct drill_view v;

	(void)ctx;
	drill_view(e->drill, &v);
	if (e->type == DRILL_EV_STAGE && v.stage == DRILL_RESTORING)
		restoring = true;
	if (e->type == DRILL_EV_PROGRESS) {
		progress_done = v.progress_done;
		progress_total = v.progress_total;
	}
	if (e->type == DRILL_EV_OUTPUT && strstr(e->text, "downtime")) {
		assert_string_equal(e->node, "n2");
		log_add("downtime told");
	}
	if (e->type == DRILL_EV_ERROR && e->err->code && !last.code)
		last = *e->err;
}

static void
on_done(void *ctx, int drill_code)
{
	(void)ctx;
	code = drill_code;
	loop_stop(loop);
}

static void
drill_run(enum world world)
{
	struct asker asker = { on_ask, NULL };
	struct drill_opts opts = { .world = world };
	struct drill_sink sink = { on_event, NULL };
	struct err err = { 0 };

	code = -1;
	drill = drill_new(loop, plan, drill_task(plan, "cut", NULL, "n1"), &services, &asker, &opts,
			  &sink, 1, &err);
	assert_non_null(drill);
	drill_start(drill, on_done, NULL);
	loop_run(loop);
}

static int
mark_of(const char *id)
{
	struct drill_view v;

	drill_view(drill, &v);
	for (size_t i = 0; i < v.nconditions; i++)
		if (!strcmp(v.conditions[i].id, id))
			return (int)v.conditions[i].mark;
	return -1;
}

static int
world_setup(void **state)
{
	struct selection sel = { .drills = true };
	struct err err = { 0 };

	(void)state;
	tiny_begin();
	tiny_step("20-b/10-cut", CUT, "check apply undo watch audit");
	catalog = tiny_catalog(PLATFORM_LINUX);
	assert_non_null(catalog);
	tiny_model(&model, TINY_HEAD TINY_N2 "[vm m]\nlun = v\naddress = 10.0.0.7\nmemory = 64 MiB\n");
	plan = plan_build(&model, catalog, &sel, tiny_note, NULL);
	assert_non_null(plan);
	loop = loop_new();
	loop_clock_virtual(loop, 0);
	sim = sim_new(loop, &model, NULL, NULL, &err);
	orders = "off n1";
	back = "on n1";
	by = lab_refuses = follow = domain = NULL;
	followers = progress_done = progress_total = 0;
	person = "";
	undo_fails_ms = 0;
	done_log[0] = '\0';
	undos = questions = 0;
	restoring = false;
	last = (struct err){ 0 };
	return 0;
}

static int
world_teardown(void **state)
{
	(void)state;
	drill = drill_free(drill);
	assert_int_equal(labs_open, 0);
	assert_int_equal(followers, 0);
	sim = sim_free(sim);
	loop = loop_free(loop);
	plan = plan_free(plan);
	catalog = catalog_free(catalog);
	model_done(&model);
	tiny_end();
	return 0;
}

/* ---- the lab's hands ---- */

static void
test_lab_in_order(void **state)
{
	(void)state;
	orders = "freeze n1, pull n2 h,part n1 n2 s, off n2";
	back = "on n2, join n1 n2 s, plug n2 h, thaw n1";
	drill_run(WORLD_LAB);
	assert_int_equal(code, 0);
	assert_string_equal(done_log, "freeze n1, cut n2 from h, cut n1 and n2 from s, off n2, "
				      "on n2, mend n1 and n2 from s, mend n2 from h, thaw n1, undo");
	assert_int_equal(questions, 0);
	assert_int_equal(mark_of("restored"), MARK_PASS);
	assert_false(drill_at_risk(drill));
}

/* What comes after an order that failed is not done; what was done is put back. */
static void
test_lab_cannot(void **state)
{
	(void)state;
	orders = "off n2, off n1, freeze n2";
	back = "on n2, on n1";
	lab_refuses = "off n1";
	drill_run(WORLD_LAB);
	assert_int_equal(code, 1);
	assert_string_equal(done_log, "off n2, off n1, on n2, on n1, undo");
	assert_int_equal(mark_of("deed"), MARK_FAIL);
	assert_int_equal(mark_of("restored"), MARK_PASS);
}

static void
test_lab_cannot_put_back(void **state)
{
	(void)state;
	lab_refuses = "on n1";
	drill_run(WORLD_LAB);
	assert_int_equal(code, 1);
	assert_string_equal(done_log, "off n1, on n1");
	assert_int_equal(mark_of("restored"), MARK_FAIL);
	assert_true(drill_at_risk(drill));
}

/* ---- what is no order ---- */

static void
test_bad_orders(void **state)
{
	static const char *const bad[] = {
		"explode n1", "off", "off n9", "off n1 h", "off n1, explode n1", "pull n1", "part n1 h",
		"part n1 n9 h", "part n1 n2 h s", "off n1 n1 n1 n1", "off n1, ", "Off n1",
	};
	CLEAN_STR many = STR_INIT(4096);

	(void)state;
	for (int i = 0; i < 33; i++)
		str_addf(&many, "%soff n1", i ? "," : "");
	for (size_t i = 0; i <= sizeof bad / sizeof *bad; i++) {
		last = (struct err){ 0 };
		orders = i < sizeof bad / sizeof *bad ? bad[i] : str_text(&many);
		drill_run(i % 2 ? WORLD_LAB : WORLD_REAL);
		assert_int_equal(code, 7);
		assert_int_equal(last.code, E_STEP);
		assert_string_equal(done_log, "");
		assert_false(drill_at_risk(drill));
		drill = drill_free(drill);
	}
}

/* "lab" is refused where there is none, before anything is asked or done. */
static void
test_no_lab_there(void **state)
{
	(void)state;
	by = "lab";
	drill_run(WORLD_REAL);
	assert_int_equal(code, 7);
	assert_int_equal(last.code, E_INPUT);
	assert_string_equal(done_log, "");
}

/* ---- a person's hands ---- */

static void
test_person_types_names(void **state)
{
	(void)state;
	orders = "off n1, pull n2 h";
	back = "plug n2 h, on n1";
	drill_run(WORLD_REAL);
	assert_int_equal(code, 0);
	assert_string_equal(done_log, "off, n1, pull, n2, plug, n2, on, n1, undo");
	assert_int_equal(questions, 4);
	assert_int_equal(mark_of("restored"), MARK_PASS);
}

/* Also in the lab, where the drill is about what a person does. */
static void
test_person_in_lab(void **state)
{
	(void)state;
	by = "hand";
	drill_run(WORLD_LAB);
	assert_int_equal(code, 0);
	assert_string_equal(done_log, "off, n1, on, n1, undo");
	assert_int_equal(questions, 2);
}

static void
test_person_declines(void **state)
{
	struct drill_view v;

	(void)state;
	person = NULL;
	drill_run(WORLD_REAL);
	drill_view(drill, &v);
	assert_int_equal(code, 3);
	assert_int_equal(v.verdict, DRILL_STOPPED);
	assert_int_equal(v.deed_ms, 0);
	assert_int_equal(last.code, E_CANCELLED);
	assert_string_equal(done_log, "off, n1");
	assert_false(drill_at_risk(drill));
}

/* ---- undo, again and again ---- */

static void
test_undo_comes_late(void **state)
{
	(void)state;
	undo_fails_ms = (LIMIT_S - 10) * 1000;
	drill_run(WORLD_LAB);
	assert_int_equal(code, 0);
	assert_true(undos > 30);
	assert_string_equal(done_log, "off n1, on n1, undo");
	assert_int_equal(mark_of("restored"), MARK_PASS);
}

static void
test_undo_never_comes(void **state)
{
	struct drill_view v;

	(void)state;
	undo_fails_ms = INT64_MAX;
	drill_run(WORLD_LAB);
	drill_view(drill, &v);
	assert_int_equal(code, 1);
	/* it was not given up early, and it was given up */
	assert_in_range(v.ended_ms - first_undo_ms, LIMIT_S * 1000, 2 * LIMIT_S * 1000 + 10 * 1000);
	assert_int_equal(mark_of("restored"), MARK_FAIL);
	assert_true(drill_at_risk(drill));
}

/* ---- a move that is followed ---- */

static void
test_move_is_followed(void **state)
{
	(void)state;
	orders = back = NULL;
	follow = "n2";
	drill_run(WORLD_REAL);
	assert_int_equal(code, 0);
	assert_string_equal(done_log, "m, downtime told, undo");
	assert_int_equal(progress_done, 32);
	assert_int_equal(progress_total, 64);
}

/* libvirt need not know the VM by its name in the cluster file. */
static void
test_move_by_other_name(void **state)
{
	(void)state;
	orders = back = NULL;
	follow = "n2";
	domain = "x123";
	drill_run(WORLD_REAL);
	assert_string_equal(done_log, "x123, downtime told, undo");
}

static void
test_nobody_follows(void **state)
{
	(void)state;
	orders = back = NULL;
	follow = "n9";
	drill_run(WORLD_REAL);
	assert_int_equal(code, 0);
	assert_string_equal(done_log, "undo");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_lab_in_order, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_lab_cannot, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_lab_cannot_put_back, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_bad_orders, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_no_lab_there, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_person_types_names, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_person_in_lab, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_person_declines, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_undo_comes_late, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_undo_never_comes, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_move_is_followed, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_move_by_other_name, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(test_nobody_follows, world_setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
