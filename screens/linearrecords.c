/* Report, journal and guide in sentences. */
#include "screens/linearpriv.h"

#include <stdio.h>
#include <string.h>
#include "base/nls.h"
#include "base/text.h"
#include "engine/wording.h"
#include "screens/guide.h"
#include "screens/records.h"

enum { OUTPUT_MAX = 8 * 1024 * 1024, TASKS_MAX = 100000, INDENT = 4 };

static void
claim_say(const struct report_claim *c)
{
	CLEAN_STR line = STR_INIT(4096);
	str_addf(&line, "    %s%s%s: %s", c->node, *c->object ? ", " : "", c->object,
		 *c->reason ? c->reason : _(report_mark_words[c->mark]));
	linear_say(str_text(&line));
	if (*c->fix)
		linear_say(c->fix);
}

void
linear_report(struct linear *l)
{
	struct report *r = report_load(&l->w, 0);
	const struct report_test *t;
	const struct report_claim *c;
	CLEAN_STR sum = STR_INIT(512);
	if (!r)
		return;
	vec_each(t, &r->tests) {
		printf(_("  %s: %s\n"), t->title, _(report_mark_words[t->mark]));
		vec_each(c, &t->claims)
			if (c->mark == REPORT_WARN || c->mark == REPORT_FAIL)
				claim_say(c);
	}
	report_counts_add(&sum, r);
	linear_say(str_text(&sum));
	report_free(r);
}

static int
run_say(void *ctx, const struct journal_run *r)
{
	const struct linear *l = ctx;
	CLEAN_STR line = STR_INIT(1024);
	str_addf(&line, _("Run %lld, "), (long long)r->id);
	moment_add(&line, r->began);
	str_addf(&line, ", %s: ", record_mode(r->mode));
	record_result(&l->w, r, &line);
	linear_say(str_text(&line));
	return 0;
}

/* ---- a task's output, and the tasks of a run ---- */

static void
output_take(void *ctx, const char *bytes, size_t n)
{
	str_addn(ctx, bytes, n);
}

static void
output_line(void *ctx, const char *text)
{
	(void)ctx;
	printf("%*s%s\n", INDENT, "", text);
}

/* All that is kept of it. */
static void
output_say(struct linear *l, const struct journal_task *t)
{
	CLEAN_STR raw = STR_INIT(OUTPUT_MAX), clean = STR_INIT(OUTPUT_MAX);
	record_output(&l->w, l->run, t->key, output_take, &raw);
	text_clean(&clean, str_text(&raw), raw.len, true);
	/* every line is one of its own */
	for (char *line, *rest = clean.s; rest && (line = strsep(&rest, "\n"));)
		if (*line)
			text_wrap(line, LINEAR_COLUMNS - INDENT, output_line, NULL);
	if (!raw.len)
		linear_say(_("It put nothing out."));
}

struct numbered {
	struct linear *l;
	size_t number, wanted; /* wanted = 0: all are said */
};

static int
task_say(void *ctx, const struct journal_task *t)
{
	struct numbered *n = ctx;
	CLEAN_STR line = STR_INIT(4096);
	n->number++;
	if (n->wanted) {
		if (n->wanted == n->number)
			output_say(n->l, t);
		return n->wanted == n->number;
	}
	str_addf(&line, "  %zu  ", n->number);
	record_task(&n->l->w, t->key, &line);
	str_addf(&line, ": %s", record_state(t->state));
	if (*t->reason)
		str_addf(&line, ", %s", t->reason);
	linear_say(str_text(&line));
	if (*t->fix && record_is_trouble(t->state))
		linear_say(t->fix);
	return 0;
}

static void
tasks_walk(struct linear *l, size_t wanted)
{
	struct err err = { 0 };
	struct numbered n = { l, 0, wanted };
	if (journal_tasks(l->w.ws.journal, l->run, task_say, &n, &err))
		wizard_tell(&l->w, &err);
	else if (wanted > n.number)
		linear_say(_("That is none of the choices."));
}

static void
run_show(struct linear *l)
{
	tasks_walk(l, 0);
	linear_say(_("A number tells what the task put out, < goes back."));
	linear_prompt("[<]:");
}

static void
run_answer(struct linear *l, const char *text)
{
	size_t n = linear_number(text, TASKS_MAX);
	if (!*text) {
		page_back(l);
	} else if (!n) {
		linear_refuse(l);
	} else {
		tasks_walk(l, n);
		linear_prompt("[<]:");
	}
}

/* ---- the runs ---- */

static void
journal_show(struct linear *l)
{
	struct err err = { 0 };
	linear_say(_("Runs, newest first"));
	if (journal_runs(l->w.ws.journal, run_say, l, &err))
		wizard_tell(&l->w, &err);
	linear_say(_("The number of a run tells its tasks, < goes back."));
	linear_prompt("[<]:");
}

static void
journal_answer(struct linear *l, const char *text)
{
	static const struct page run_page = { run_show, run_answer };
	struct journal_run r;
	struct err err = { 0 };
	uint64_t id;
	if (!*text) {
		page_back(l);
	} else if (!str_to_u64(text, &id) || !id || id > INT64_MAX) {
		linear_refuse(l);
	} else if (journal_run(l->w.ws.journal, (int64_t)id, &r, &err)) {
		wizard_tell(&l->w, &err);
		linear_prompt("[<]:");
	} else {
		l->run = r.id;
		page_push(l, &run_page);
	}
}

const struct page linear_journal = { journal_show, journal_answer };

static void
entries_say(const struct guide_entry *e)
{
	for (; e->title; e++) {
		printf("%s:\n", _(e->title));
		linear_say(_(e->text));
	}
}

void
linear_guide(void)
{
	entries_say(guide_stuck);
	entries_say(guide_words);
}
