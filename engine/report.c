/* The validation report's model: tests from the plan, answers from the journal or from a view. */
#include "engine/report.h"

#include <string.h>
#include "base/nls.h"
#include "base/sha256.h"
#include "base/text.h"

enum { TEXT_MAX = 4096, TAIL_BYTES = 4096, TAIL_LINES = 8 };

const char *const report_mark_ids[REPORT__MARKS + 1] = { "pass", "warn", "fail", "not-run", NULL };
const char *const report_mark_words[REPORT__MARKS + 1] = {
	N_("pass"), N_("warning"), N_("FAIL"), N_("not run"), NULL,
};
const char *const report_categories[CATEGORY__COUNT + 1] = {
	[CATEGORY_NONE] = "",
	[CATEGORY_INVENTORY] = N_("Inventory"),
	[CATEGORY_NETWORK] = N_("Network"),
	[CATEGORY_STORAGE] = N_("Storage"),
	[CATEGORY_SYSTEM] = N_("System configuration"),
	[CATEGORY_HYPERVISOR] = N_("Hypervisor"),
	[CATEGORY_CLUSTER] = N_("Cluster"),
};

static const char *
kept(struct report *r, const char *text)
{
	CLEAN_STR clean = STR_INIT(TEXT_MAX);
	if (text)
		text_clean(&clean, text, strlen(text), false);
	return arena_strdup(r->arena, str_text(&clean));
}

/* ---- the frame ---- */

static const char *
script_hash(struct report *r, const struct step *s)
{
	struct sha256 hash;
	char hex[SHA256_HEX];
	if (!s->script)
		return "";
	sha256_init(&hash);
	sha256_add(&hash, s->script, strlen(s->script));
	sha256_hex(&hash, hex);
	return arena_strdup(r->arena, hex);
}

/* What a reader types to see the very script: a file of a blank in its name stays one word. */
static const char *
claim_command(struct report *r, const struct task *t)
{
	CLEAN_STR text = STR_INIT(TEXT_MAX);
	const char *path = r->plan->model->path, *name = strrchr(path, '/');
	const char *object = t->vm ? t->vm->name : t->lun ? t->lun->name
				   : t->target ? t->target->name : NULL;
	const char *node = t->node ? t->node->name
				   : t->candidates.n ? t->candidates.at[0]->name : "console";
	if (!t->step->script)
		return t->step->run == RUN_NATIVE ? _("the program itself, from this console")
						  : _("a person, by hand");
	str_add(&text, "bascule script ");
	str_quote_sh(&text, name ? name + 1 : path);
	str_addf(&text, " %s %s", t->step->id, node);
	if (object) {
		str_addc(&text, ' ');
		str_quote_sh(&text, object);
	}
	str_add(&text, " --verb=check");
	return kept(r, str_text(&text));
}

static void
claim_add(struct report *r, struct report_test *test, const struct task *t)
{
	CLEAN_STR where = STR_INIT(1024);
	CLEAN_STR object = STR_INIT(1024);
	struct report_claim *c = vec_add(&test->claims);
	view_where(t, &where);
	task_object(t, &object);
	*c = (struct report_claim){
		.task = kept(r, t->key),
		.node = kept(r, str_text(&where)),
		.object = kept(r, str_text(&object)),
		.command = claim_command(r, t),
		.script = script_hash(r, t->step),
		.output = "",
		.mark = REPORT_NOT_RUN,
		.reason = _("It was not run yet."),
		.fix = "",
		.tail = "",
	};
}

static void
tests_add(struct report *r, enum step_category category)
{
	const struct plan *p = r->plan;
	for (size_t s = 0; s < p->catalog->steps.n; s++) {
		const struct step *step = p->catalog->steps.at[s];
		struct report_test test = { .step = step };
		if (step->category != category)
			continue;
		for (size_t i = 0; i < p->tasks.n; i++)
			if (p->tasks.at[i]->step == step && !p->tasks.at[i]->undo)
				claim_add(r, &test, p->tasks.at[i]);
		if (!test.claims.n)
			continue;
		test.title = kept(r, step->title);
		vec_push(&r->tests, test);
	}
}

static struct report *
report_new(const struct plan *p, enum world world, int64_t now)
{
	struct report *r = xcalloc(1, sizeof *r);
	char title[HOST_SIZE];
	r->arena = arena_new();
	r->plan = p;
	r->world = world;
	r->made = now;
	model_title(p->model, title);
	r->title = kept(r, title);
	for (int c = CATEGORY_NONE + 1; c < CATEGORY__COUNT; c++)
		tests_add(r, (enum step_category)c);
	return r;
}

struct report *
report_free(struct report *r)
{
	struct report_test *test;
	if (!r)
		return NULL;
	vec_each(test, &r->tests)
		vec_free(&test->claims);
	vec_free(&r->tests);
	vec_free(&r->drills);
	vec_free(&r->spans);
	vec_free(&r->changes);
	arena_free(r->arena);
	free(r);
	return NULL;
}

static struct report_claim *
claim_find(const struct report *r, const char *task)
{
	struct report_test *test;
	struct report_claim *c;
	vec_each(test, &r->tests)
		vec_each(c, &test->claims)
			if (!strcmp(c->task, task))
				return c;
	return NULL;
}

/* ---- judging ---- */

/* By the words of task_state_ids, which the journal has too. */
static enum report_mark
state_mark(const char *state)
{
	if (!strcmp(state, "ok") || !strcmp(state, "changed"))
		return REPORT_PASS;
	if (!strcmp(state, "failed") || !strcmp(state, "todo"))
		return REPORT_FAIL;
	return REPORT_NOT_RUN;
}

static void
claim_judge(struct report *r, struct report_claim *c, const char *state, const char *reason,
	    const char *fix)
{
	c->mark = state_mark(state);
	c->untold = !strcmp(state, "unknown");
	c->fix = c->mark == REPORT_PASS ? "" : kept(r, fix);
	c->reason = c->mark == REPORT_PASS ? "" : kept(r, reason);
	if (c->mark != REPORT_PASS && !*c->reason)
		c->reason = c->untold ? _("It could not be told.") :
			    c->mark == REPORT_FAIL ? _("It does not hold yet.") :
			    !strcmp(state, "undone") ? _("It was taken back.") :
						       _("What it needs was not there.");
}

static void
claim_warn(struct report *r, struct report_claim *c, const char *text)
{
	if (c->mark == REPORT_PASS)
		c->mark = REPORT_WARN;
	c->reason = *c->reason ? arena_printf(r->arena, "%s; %s", c->reason, kept(r, text))
			       : kept(r, text);
}

static void
report_sum(struct report *r)
{
	static const enum report_mark order[] = { REPORT_FAIL, REPORT_NOT_RUN, REPORT_WARN,
						  REPORT_PASS };
	struct report_test *test;
	struct report_claim *c;
	memset(r->counts, 0, sizeof r->counts);
	r->untold = 0;
	vec_each(test, &r->tests) {
		memset(test->counts, 0, sizeof test->counts);
		vec_each(c, &test->claims) {
			test->counts[c->mark]++;
			r->counts[c->mark]++;
			r->untold += c->untold;
		}
		for (int i = REPORT__MARKS - 1; i >= 0; i--)
			if (test->counts[order[i]])
				test->mark = order[i];
	}
}

int
report_code(const struct report *r)
{
	if (r->counts[REPORT_FAIL])
		return 1;
	if (r->untold)
		return 4;
	return r->counts[REPORT_NOT_RUN] ? 7 : 0;
}

/* ---- from the journal ---- */

struct began {
	int64_t id, at;
};

struct source {
	struct report *r;
	struct journal *j;
	VEC(struct began) runs;
	const struct journal_task *asked; /* whose warnings are read */
	struct report_claim *claim;
	int64_t run;
};

static int
began_take(void *ctx, const struct journal_run *run)
{
	struct source *s = ctx;
	vec_push(&s->runs, ((struct began){ run->id, run->began }));
	return 0;
}

static int64_t
began_at(const struct source *s, int64_t run)
{
	const struct began *b;
	vec_each(b, &s->runs)
		if (b->id == run)
			return b->at;
	return 0;
}

static int
latest_take(void *ctx, const struct journal_task *t)
{
	struct source *s = ctx;
	struct report_claim *c = claim_find(s->r, t->key);
	if (!c)
		return 0;
	claim_judge(s->r, c, t->state, t->reason, t->fix);
	c->run = t->run;
	c->at = began_at(s, t->run) + t->at_ms / 1000;
	c->output = arena_strdup(s->r->arena, t->hash);
	c->output_bytes = t->output_bytes;
	if (*t->node)
		c->node = kept(s->r, t->node);
	return 0;
}

static int
warn_take(void *ctx, const struct journal_event_row *e)
{
	struct source *s = ctx;
	struct report_claim *c = claim_find(s->r, e->task);
	if (c && c->run == s->run)
		claim_warn(s->r, c, e->text);
	return 0;
}

static enum report_mark
span_mark(const char *state)
{
	return state_mark(!strcmp(state, "undone") ? "ok" : state);
}

/* Where a task's apply began is its end without what it took: the check after it counts as well. */
static int
span_take(void *ctx, const struct journal_task *t)
{
	struct source *s = ctx;
	if (!t->spent_ms)
		return 0;
	CLEAN_STR title = STR_INIT(1024);
	const struct task *task = plan_task(s->r->plan, t->key);
	if (task)
		task_title(&title, task);
	struct report_span *span = vec_add(&s->r->spans);
	*span = (struct report_span){
		.task = kept(s->r, t->key),
		.title = kept(s->r, title.len ? str_text(&title) : t->key),
		.node = *t->node ? kept(s->r, t->node) : _("console"),
		.from_ms = t->at_ms > t->spent_ms ? t->at_ms - t->spent_ms : 0,
		.to_ms = t->at_ms,
		.mark = span_mark(t->state),
	};
	return 0;
}

static int
tail_take(void *ctx, int stream, const char *data, size_t n, uint64_t gap)
{
	struct str *tail = ctx;
	size_t last = n < TAIL_BYTES ? n : TAIL_BYTES;
	(void)stream;
	(void)gap;
	if (tail->len + last > TAIL_BYTES)
		str_drop(tail, tail->len + last - TAIL_BYTES);
	str_addn(tail, data + n - last, last);
	return 0;
}

/* The last lines of what failed. */
static int
tail_read(struct source *s, struct report_claim *c, struct err *err)
{
	CLEAN_STR raw = STR_INIT(TAIL_BYTES);
	CLEAN_STR clean = STR_INIT(TAIL_BYTES * 8);
	int code = journal_output(s->j, c->run, c->task, tail_take, &raw, err);
	const char *text = str_text(&raw), *end = text + raw.len, *at;
	size_t lines = 0;
	while (end > text && end[-1] == '\n')
		end--;
	for (at = end; at > text; at--)
		if (at[-1] == '\n' && ++lines == TAIL_LINES)
			break;
	text_clean(&clean, at, (size_t)(end - at), true);
	c->tail = arena_strdup(s->r->arena, str_text(&clean));
	return code;
}

static int
tails_read(struct source *s, struct err *err)
{
	struct report_test *test;
	struct report_claim *c;
	int code = 0;
	vec_each(test, &s->r->tests)
		vec_each(c, &test->claims)
			if (!code && c->run && (c->mark == REPORT_FAIL || c->untold))
				code = tail_read(s, c, err);
	return code;
}

static int
source_read(struct source *s, int64_t run, struct err *err)
{
	struct journal_run last;
	int code = journal_runs(s->j, began_take, s, err);
	if (code || (!run && !s->runs.n))
		return code;
	if ((code = journal_run(s->j, run, &last, err)))
		return code;
	s->r->run = last.id;
	s->r->wall_ms = last.wall_ms;
	code = journal_latest(s->j, last.id, latest_take, s, err);
	for (size_t i = 0; !code && i < s->runs.n; i++) {
		s->run = s->runs.at[i].id;
		if (s->run <= last.id)
			code = journal_events(s->j, s->run, "warn", warn_take, s, err);
	}
	code = code ? code : tails_read(s, err);
	return code ? code : journal_tasks(s->j, last.id, span_take, s, err);
}

struct report *
report_read(const struct plan *p, enum world world, struct journal *j, int64_t run, int64_t now,
	    struct err *err)
{
	struct report *r = report_new(p, world, now);
	struct source s = { .r = r, .j = j };
	int code = source_read(&s, run, err);
	vec_free(&s.runs);
	if (code || report_read_drills(r, j, err))
		return report_free(r);
	report_sum(r);
	return r;
}

/* ---- from a view ---- */

struct report *
report_view(const struct view *v, enum world world, int64_t now)
{
	struct report *r = report_new(v->plan, world, now);
	for (size_t i = 0; i < v->plan->tasks.n; i++) {
		const struct task *t = v->plan->tasks.at[i];
		struct report_claim *c = claim_find(r, t->key);
		enum view_word word = view_task_word(t);
		if (!c || word == VIEW_UNASKED || word == VIEW_RUNNING || word == VIEW_ASKING ||
		    t->state == TASK_STOPPED)
			continue;
		claim_judge(r, c, task_state_ids[t->state], view_reason(t), view_hint(v, t));
		c->at = now - (loop_now_ms(v->loop) - t->since_ms) / 1000;
		for (size_t w = 0; w < view_warns(v, t); w++)
			claim_warn(r, c, view_warn(v, t, w));
	}
	report_sum(r);
	return r;
}

/* ---- drills and differences ---- */

void
report_add_drill(struct report *r, const struct report_drill *d)
{
	struct report_drill *added = vec_add(&r->drills);
	struct report_phase *phases = arena_alloc(r->arena, (d->nphases + 1) * sizeof *phases);
	struct report_silence *silences = arena_alloc(r->arena, (d->nsilences + 1) * sizeof *silences);
	*added = *d;
	added->step = kept(r, d->step);
	added->variant = kept(r, d->variant);
	added->name = kept(r, d->name);
	added->object = kept(r, d->object);
	added->verdict = kept(r, d->verdict);
	for (size_t i = 0; i < d->nphases; i++)
		phases[i] = (struct report_phase){ kept(r, d->phases[i].name), kept(r, d->phases[i].title),
						   kept(r, d->phases[i].node), d->phases[i].at_ms };
	added->phases = phases;
	if (d->nsilences)
		memcpy(silences, d->silences, d->nsilences * sizeof *silences);
	added->silences = silences;
}

static void
change_add(struct report *r, const struct report_test *test, const struct report_claim *now,
	   const struct report_claim *before)
{
	struct report_change *c = vec_add(&r->changes);
	*c = (struct report_change){
		.test = test,
		.claim = now,
		.task = kept(r, now ? now->task : before->task),
		.before = before ? before->mark : REPORT__MARKS,
		.after = now ? now->mark : REPORT__MARKS,
	};
}

void
report_diff(struct report *r, const struct report *before)
{
	const struct report_test *test;
	const struct report_claim *c;
	r->compared = before->run;
	r->changes.n = 0;
	vec_each(test, &r->tests)
		vec_each(c, &test->claims) {
			const struct report_claim *old = claim_find(before, c->task);
			if (!old || old->mark != c->mark)
				change_add(r, test, c, old);
		}
	vec_each(test, &before->tests)
		vec_each(c, &test->claims)
			if (!claim_find(r, c->task))
				change_add(r, NULL, NULL, c);
}
