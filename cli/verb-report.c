/* bascule report: what the tests of this cluster said last, as lines, HTML or JSON. Offline: it
 * reads the journal. */
#include "cli/verb.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include "base/nls.h"
#include "base/paths.h"
#include "base/text.h"
#include "base/wall.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "engine/journaldrill.h"
#include "engine/reportout.h"

static void
wrapped_print(void *indent, const char *text)
{
	printf("%*s%s\n", *(int *)indent, "", text);
}

static void
tail_print(const char *tail, int indent)
{
	for (size_t n; *tail; tail += n + (tail[n] == '\n')) {
		CLEAN_STR line = STR_INIT(16384);
		CLEAN_STR fit = STR_INIT(16384);
		n = strcspn(tail, "\n");
		str_addn(&line, tail, n);
		text_clip(&fit, str_text(&line), terminal_columns() - indent - 2);
		printf("%*s| %s\n", indent, "", str_text(&fit));
	}
}

static void
claim_print(const struct report_claim *c, int width)
{
	CLEAN_STR line = STR_INIT(4096);
	int columns = terminal_columns() - width - 4;
	int indent = width + 4;
	str_add(&line, "  ");
	text_pad(&line, _(report_mark_words[c->mark]), width);
	str_addf(&line, "  %s%s%s", c->node, *c->object ? ", " : "", c->object);
	printf("%s\n", str_text(&line));
	columns = columns > 20 ? columns : 20;
	if (*c->reason)
		text_wrap(c->reason, columns, wrapped_print, &indent);
	if (*c->fix) {
		CLEAN_STR fix = STR_INIT(4096);
		str_addf(&fix, "-> %s", c->fix);
		text_wrap(str_text(&fix), columns, wrapped_print, &indent);
	}
	tail_print(c->tail, indent);
}

static int
mark_width(void)
{
	int width = 0;
	for (int m = 0; m < REPORT__MARKS; m++) {
		int w = text_width(_(report_mark_words[m]));
		width = w > width ? w : width;
	}
	return width;
}

/* What passed is counted; what did not is told machine by machine. */
static void
tests_print(const struct report *r, int width)
{
	enum step_category category = CATEGORY_NONE;
	const struct report_test *test;
	const struct report_claim *c;
	vec_each(test, &r->tests) {
		CLEAN_STR line = STR_INIT(4096);
		if (test->step->category != category) {
			category = test->step->category;
			printf("\n%s\n", _(report_categories[category]));
		}
		text_pad(&line, _(report_mark_words[test->mark]), width);
		str_addf(&line, "  %s (%zu)", test->title, test->claims.n);
		printf("%s\n", str_text(&line));
		vec_each(c, &test->claims)
			if (c->mark != REPORT_PASS)
				claim_print(c, width);
	}
}

/* "silence                       1.4 s" */
static void
figure_print(const char *what, int64_t ms, const char *where, int indent)
{
	CLEAN_STR line = STR_INIT(1024);
	CLEAN_STR text = STR_INIT(64);
	if (ms < 0)
		return;
	duration_add(&text, ms);
	text_pad(&line, what, 30);
	str_addf(&line, "%*s%s", 12 - text_width(str_text(&text)), "", str_text(&text));
	if (*where)
		str_addf(&line, "  %s", where);
	printf("%*s%s\n", indent, "", str_text(&line));
}

static void
figures_print(const struct report_drill *d, int indent)
{
	CLEAN_STR median = STR_INIT(64);
	figure_print(_("silence"), d->outage_ms, "", indent);
	figure_print(_("predicted"), d->predicted_ms, "", indent);
	str_addf(&median, _("median of %zu"), d->nearlier);
	if (d->nearlier)
		figure_print(str_text(&median), d->earlier_ms, "", indent);
	for (size_t i = 0; i < d->nphases; i++)
		figure_print(d->phases[i].title, d->phases[i].at_ms, d->phases[i].node, indent);
	if (!d->sent)
		return;
	printf("%*s", indent, "");
	printf(P_("%llu of %llu probe lost", "%llu of %llu probes lost", d->sent),
	       (unsigned long long)d->lost, (unsigned long long)d->sent);
	printf("\n");
}

static void
drills_print(const struct report *r, int width)
{
	const struct report_drill *d;
	if (r->drills.n)
		printf("\n%s\n", _("Drills"));
	vec_each(d, &r->drills) {
		CLEAN_STR line = STR_INIT(1024);
		text_pad(&line, drill_verdict_word(d->verdict), width);
		str_addf(&line, "  %s, %s  ", d->name, d->object);
		moment_add(&line, d->at);
		printf("%s\n", str_text(&line));
		figures_print(d, width + 2);
	}
	if (r->drills_more) {
		printf("  ");
		printf(_("and %zu more"), r->drills_more);
		printf("\n");
	}
}

static void
changes_print(const struct report *r)
{
	const struct report_change *c;
	if (!r->compared)
		return;
	printf("\n");
	printf(_("Compared with run %lld"), (long long)r->compared);
	printf("\n");
	if (!r->changes.n)
		printf("  %s\n", _("Every answer is the same."));
	vec_each(c, &r->changes)
		printf("  %s: %s -> %s\n", c->task,
		       c->before == REPORT__MARKS ? _("not there") : _(report_mark_words[c->before]),
		       c->after == REPORT__MARKS ? _("not there") : _(report_mark_words[c->after]));
}

static void
report_print(const struct report *r)
{
	CLEAN_STR line = STR_INIT(1024);
	int width = mark_width();
	cluster_title(&line, r->plan->model, r->world);
	printf("%s\n", str_text(&line));
	tests_print(r, width);
	drills_print(r, width);
	changes_print(r);
	printf("\n");
	for (int m = 0; m < REPORT__MARKS; m++)
		printf("%s%s %zu", m ? ", " : "", _(report_mark_words[m]), r->counts[m]);
	printf("\n");
}

/* Another console may write the journal meanwhile: reading needs no lock. */
static int
journal_read(struct session *s, struct err *err)
{
	int code = workspace_record(&s->ws, err);
	if (code != E_BUSY)
		return code;
	CLEANUP(freep) char *path = xasprintf("%s/journal.db", s->ws.folder);
	*err = (struct err){ 0 };
	s->ws.journal = journal_open(s->ws.loop, path, err);
	return s->ws.journal ? 0 : err->code;
}

static int
report_write(const struct options *o, const struct report *r, struct err *err)
{
	CLEAN_STR text = STR_INIT(REPORT_BYTES);
	if (o->html) {
		reporthtml_write(&text, r);
		if (text.cut)
			return err_set(err, -EFBIG, _("the report is too large for one file"));
		if (file_write(o->html, str_text(&text), text.len, 0644, err))
			return err->code;
		str_clear(&text);
	}
	if (o->json) {
		reportjson_write(&text, r);
		fputs(str_text(&text), stdout);
	} else if (!o->html) {
		report_print(r);
	}
	return 0;
}

static struct report *
report_make(struct session *s, const struct options *o, struct err *err)
{
	const enum world world = (enum world)o->world;
	int64_t now = wall_now();
	struct report *before, *r = report_read(s->ws.plan, world, s->ws.journal, 0, now, err);
	if (!r || !o->diff)
		return r;
	before = report_read(s->ws.plan, world, s->ws.journal, o->diff, now, err);
	if (!before)
		return report_free(r);
	report_diff(r, before);
	report_free(before);
	return r;
}

static int
report_run(struct session *s, const struct services *sv, const struct options *o)
{
	struct err err = { 0 };
	int code = session_read(s, sv, o);
	if (code || (code = session_plan(s, false)))
		return code;
	if (journal_read(s, &err)) {
		err_print(&err);
		return EXIT_FAILED;
	}
	struct report *r = report_make(s, o, &err);
	if (!r || report_write(o, r, &err)) {
		err_print(&err);
		report_free(r);
		return err.code == -ENOENT && !r ? EXIT_INPUT : EXIT_FAILED;
	}
	code = report_code(r);
	report_free(r);
	return code;
}

int
verb_report(const struct services *sv, int argc, char **argv)
{
	struct options o;
	struct session s = { .ws.lock = -1 };
	int code = EXIT_INPUT;
	if (options_parse(&o, argc, argv))
		code = report_run(&s, sv, &o);
	session_done(&s);
	options_done(&o);
	return code;
}
